"""``pansentry quarantine``: mail that a policy holds, and mail that could not be delivered."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pansentry.cli.stored import config_option, with_store
from pansentry.sentence import counted

if TYPE_CHECKING:
    from pansentry.configuration import Configuration
    from pansentry.store import Store
    from pansentry.store.held import HeldMail


@click.group()
def command() -> None:
    """See held mail, deliver it or delete it.

    Held mail is kept without card data; the original only if the policy seals it, and nobody here can open that.
    """


@command.command("list")
@config_option
@click.option("-n", "limit", type=click.IntRange(1, 10_000), default=100, show_default=True, help="At most so many.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object per mail.")
def list_(config: Path | None, limit: int, as_json: bool) -> None:
    """List held mail, the newest first."""
    from pansentry.permissions import Task
    from pansentry.quarantine import day, printable

    async def job(store: Store, _: Configuration, __: str) -> tuple[HeldMail, ...]:
        return await store.held.list(limit)

    found = with_store(config, Task.SEE_HELD, job)
    for held in found:
        if as_json:
            click.echo(json.dumps(_as_dict(held)))
        else:
            sealed = "sealed" if held.more.sealed_to else ""
            paths = ", ".join(held.forward_paths)
            way = printable(f"{held.reverse_path} → {paths}")
            click.echo(f"{held.id}  {day(held.at)}  {held.reason:<28}  {way}  {sealed}".rstrip())
    if not found and not as_json:
        click.echo("nothing is held")


@command.command()
@click.argument("identifier", metavar="ID")
@config_option
@click.option("--message", is_flag=True, help="Print the held copy, without card data.")
@click.option("--original", is_flag=True, help="Print the sealed original, an age file for whoever has the key.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def show(identifier: str, config: Path | None, message: bool, original: bool, as_json: bool) -> None:
    """Show one held mail.

    \b
    To open a sealed original, on the machine that has the private key:
      pansentry quarantine show ID --original | age --decrypt -i key.txt
    """
    from pansentry.permissions import Task
    from pansentry.quarantine import describe, printable

    async def job(store: Store, _: Configuration, who: str) -> HeldMail | None:
        held = await store.held.get(identifier)
        if held is not None and (message or original):
            await store.audit.append(who, "held.original" if original else "held.show", identifier)
        return held

    held = with_store(config, Task.RELEASE_HELD if original else Task.SEE_HELD, job)
    if held is None:
        raise click.ClickException(f"There is no held mail {identifier}; it was released, deleted, or has expired.")
    if original and not held.more.original:
        raise click.ClickException(f"No original of {identifier} was kept; the policy does not seal any.")
    if message and sys.stdout.isatty():
        text = held.message.decode("utf-8", "replace")
        click.echo("\n".join(printable(line) for line in text.split("\r\n")))
    elif original or message:
        sys.stdout.buffer.write(held.more.original if original else held.message)
    elif as_json:
        click.echo(json.dumps(_as_dict(held)))
    else:
        click.echo("\n".join(describe(held)).rstrip())


@command.command()
@click.argument("identifiers", metavar="ID...", nargs=-1, required=True)
@config_option
@click.option("--to", multiple=True, help="Deliver to this address instead (can be given more than once).")
def release(identifiers: tuple[str, ...], config: Path | None, to: tuple[str, ...]) -> None:
    """Deliver held mail, without card data.

    It is scanned again under the policy that holds now, and goes out by the running gateway within seconds, once,
    however often this is asked. Exit code 0: all are on their way. 2: one is not, and it is said why.
    """
    from pansentry import shipped
    from pansentry.errors import ConfigurationError, Flaw, PanSentryError
    from pansentry.permissions import Task
    from pansentry.policy.loading import load_policies
    from pansentry.quarantine import release as release_one
    from pansentry.reception import is_ours
    from pansentry.wiring import token_key

    async def job(store: Store, configuration: Configuration, who: str) -> int:
        failed = 0
        policies = load_policies(configuration.policies or shipped.policies())
        key = token_key(configuration, store)
        for path in to:
            if not is_ours(path, frozenset(configuration.domains)):
                wrong = f"{path} is none of the addresses in `domains`, and nothing else is delivered to."
                raise ConfigurationError(Flaw("--to", 0, 0, wrong, "Name one of your own mailboxes."))
        for identifier in identifiers:
            try:
                paths = await release_one(store, identifier, policies, who=who, to=to, key=key)
                click.echo(f"{identifier}: on its way to {', '.join(paths)}")
            except PanSentryError as error:
                failed += 1
                click.echo(f"pansentry: {error}", err=True)
        return failed

    if with_store(config, Task.RELEASE_HELD, job):
        raise SystemExit(2)


@command.command()
@click.argument("identifiers", metavar="ID...", nargs=-1, required=True)
@config_option
@click.option("--yes", is_flag=True, help="Do not ask.")
def purge(identifiers: tuple[str, ...], config: Path | None, yes: bool) -> None:
    """Delete held mail and its sealed original for good."""
    from pansentry.permissions import Task

    if not yes:
        click.confirm(f"Delete {counted(len(identifiers), 'mail')} for good?", abort=True)

    async def job(store: Store, _: Configuration, who: str) -> list[str]:
        return [one for one in identifiers if not await store.held.purge(one, who=who)]

    missing = with_store(config, Task.PURGE_HELD, job)
    for identifier in identifiers:
        click.echo(f"{identifier}: {'there is no such held mail' if identifier in missing else 'deleted'}")
    if missing:
        raise SystemExit(2)


@command.command()
@click.argument("to", metavar="ADDRESS...", nargs=-1, required=True)
@config_option
def digest(to: tuple[str, ...], config: Path | None) -> None:
    """Send the list of held mail to ADDRESS now. `hold.digest_to` in a policy has it sent every day."""
    from pansentry.permissions import Task
    from pansentry.quarantine import digest as write
    from pansentry.wiring import notifier, token_key

    async def job(store: Store, configuration: Configuration, who: str) -> int:
        writer, filed = notifier(configuration, token_key(configuration, store)), 0
        for address in to:
            letter = await write(store, writer, address)
            if letter is not None:
                filed += await store.outbox.file_letter(letter) == "granted"
        await store.audit.append(who, "held.digest", ", ".join(to))
        return filed

    filed = with_store(config, Task.SEND_DIGEST, job)
    click.echo(f"{counted(filed, 'list')} on the way" if filed else "nothing is held, so nothing is sent")


def _as_dict(held: HeldMail) -> dict[str, Any]:
    return {
        "id": held.id,
        "at": held.at,
        "until": held.until,
        "reason": held.reason,
        "from": held.reverse_path,
        "to": list(held.forward_paths),
        "size_bytes": held.size_bytes,
        "policy": held.more.policy,
        "reference": held.more.message_ref,
        "sealed": bool(held.more.sealed_to),
    }
