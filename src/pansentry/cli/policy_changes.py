"""``pansentry policy versions``, ``rollback``, ``propose`` and ``accept``: changes, and the way back."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pansentry.cli.stored import config_option, with_store

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pansentry.configuration import Configuration
    from pansentry.store import Store
    from pansentry.store.versions import PolicyVersion


@click.command()
@config_option
@click.option("-n", "limit", type=click.IntRange(1, 1000), default=20, show_default=True, help="At most so many.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object per version.")
def versions(config: Path | None, limit: int, as_json: bool) -> None:
    """List the policies that were in use, the newest first; and say if what is in the folder is not in use."""
    from pansentry.permissions import Task
    from pansentry.quarantine import day

    async def job(store: Store, _: Configuration, __: str) -> tuple[tuple[PolicyVersion, ...], Any]:
        return await store.versions.list(limit), await store.versions.refused()

    found, refused = with_store(config, Task.SEE_POLICY, job)
    for index, one in enumerate(found):
        if as_json:
            fields = {"hash": one.digest, "at": one.at, "who": one.who, "in_use": index == 0}
            click.echo(json.dumps(fields))
        else:
            click.echo(f"{one.digest}  {day(one.at)}  {one.who:<24}  {'in use' if index == 0 else ''}".rstrip())
    if not found and not as_json:
        click.echo("no version is kept yet; the gateway keeps one when it starts with policies of your own")
    if refused is not None:
        click.echo(f"NOT in use, since {day(refused.at)}: what is in the folder now. {refused.reason}", err=True)


@click.command()
@click.argument("digest", metavar="[HASH]", required=False)
@config_option
def rollback(digest: str | None, config: Path | None) -> None:
    """Put an earlier version of the policies back: HASH, or the one before what is in use.

    If what is in the folder now was never in use (it has a mistake), the newest version that was comes back. The files
    that are replaced are kept in a hidden folder beside. A running gateway takes the change up by itself.
    """
    from pansentry.permissions import Task

    async def job(store: Store, configuration: Configuration, who: str) -> tuple[PolicyVersion, Path | None]:
        from pansentry.policy.folder import Snapshot, fingerprint, replace_files
        from pansentry.policy_activation import prove

        folder = own_folder(configuration)
        now = read_anyhow(folder)
        newest = next(iter(await store.versions.list(1)), None)
        current = Snapshot(folder, now, ()).digest
        if digest:
            wanted = await store.versions.get(digest)
        elif newest is not None and newest.digest != current:
            wanted = await store.versions.get(newest.digest)
        else:
            wanted = await store.versions.before(current)
        if wanted is None:
            raise click.ClickException("There is no such version. `pansentry policy versions` lists them.")
        prove(Snapshot(folder, wanted.files, fingerprint(folder)), letters_of(configuration))
        kept = None
        if await store.versions.get(current) is None:
            kept = folder / f".before-rollback-{current}"
            for name, content in now.items():
                (kept / name).parent.mkdir(parents=True, exist_ok=True)
                (kept / name).write_bytes(content)
        replace_files(folder, wanted.files)
        await store.versions.accept(wanted.digest, wanted.files, who)
        await store.audit.append(who, "policy.rollback", wanted.digest)
        return wanted, kept

    wanted, kept = with_store(config, Task.CHANGE_POLICY, job)
    click.echo(f"the policies are those of version {wanted.digest} again")
    if kept is not None:
        click.echo(f"what was there before is in {kept}")


@click.command()
@click.argument("event", metavar="REFERENCE")
@config_option
@click.option("--mail", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="The mail as it was sent.")
@click.option("--policies", type=click.Path(exists=True, file_okay=False, path_type=Path), help="Folder of policies.")
def propose(event: str, config: Path | None, mail: Path | None, policies: Path | None) -> None:
    """“This was not a card”: write a proposal that would have treated the mail REFERENCE otherwise.

    REFERENCE stands in the mail's X-PanSentry field and in the log. With --mail the form of the number is proposed as
    one of your own; the number itself is not written. Without, a rule for the sender. Nothing is changed yet: read the
    file, then `pansentry policy accept FILE`.
    """
    from pansentry.permissions import Task

    raw = mail.read_bytes() if mail is not None else None

    async def job(store: Store, configuration: Configuration, who: str) -> Path:
        from pansentry.policy.folder import snapshot, write_file
        from pansentry.policy.loading import parse_policies
        from pansentry.proposals import FOLDER, from_event, from_mail

        folder = policies or own_folder(configuration)
        found = await _event(store, event)
        name = str(found["message_ref"])[:14]
        given = parse_policies(snapshot(folder).policies)
        by_name = {policy.name: policy for policy in given.policies}
        policy = by_name.get(str(found["rule"]).partition("/")[0])
        if policy is None:
            raise click.ClickException(f"The policy that decided ({found['rule']}) is not in {folder} any more.")
        if raw is not None:
            proposal = from_mail(raw, policy, name=name, who=who, seed=event)
        else:
            proposal = from_event(found, policy, name=name, who=who)
        target = folder / FOLDER / f"{name}.yaml"
        target.parent.mkdir(exist_ok=True)
        write_file(target, proposal.text().encode())
        await store.audit.append(who, "policy.propose", name)
        return target

    target = with_store(config, Task.PROPOSE_POLICY, job)
    click.echo(target.read_text("utf-8"))
    click.echo(f"proposed in {target}; when you have read it: pansentry policy accept {target}", err=True)


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@config_option
def accept(file: Path, config: Path | None) -> None:
    """Put a proposal into its policy, and its test beside it; refused if any test fails then.

    FILE is deleted. A running gateway takes the change up by itself.
    """
    from pansentry.permissions import Task

    raw, beside = file.read_bytes(), file.resolve().parent

    async def job(store: Store, configuration: Configuration, who: str) -> str:
        from pansentry.policy.folder import Snapshot, replace_files, snapshot
        from pansentry.policy_activation import prove
        from pansentry.proposals import FOLDER, applied

        folder = beside.parent if beside.name == FOLDER else own_folder(configuration)
        now = snapshot(folder)
        new = applied(now.files, raw, str(file), file.stem)
        source = Snapshot(folder, new, now.fingerprint)
        prove(source, letters_of(configuration))
        replace_files(folder, new)
        await store.audit.append(who, "policy.accept-proposal", file.stem)
        return source.digest

    digest = with_store(config, Task.CHANGE_POLICY, job)
    file.unlink()
    click.echo(f"accepted; the policies are version {digest} now")


async def _event(store: Store, reference: str) -> Mapping[str, Any]:
    for found in await store.events.recent(100_000, kind="message"):
        if reference in (found.get("message_ref"), str(found["id"])):
            return found
    raise click.ClickException(f"No mail {reference} is recorded. The reference is in the mail's X-PanSentry field.")


def own_folder(configuration: Configuration) -> Path:
    """Return the folder of policies of an installation; the shipped ones are nobody's to change."""
    if configuration.policies is None:
        raise click.ClickException(
            "This installation uses the shipped policies. Run `pansentry policy init FOLDER`, and name the folder in "
            "pansentry.yaml, under `policies:`."
        )
    return configuration.policies


def letters_of(configuration: Configuration) -> frozenset[str]:
    """Return the names of the letters that the gateway of an installation would look for."""
    from pansentry import shipped
    from pansentry.reply.letters import letter_names

    return letter_names(configuration.replies or shipped.replies())


def read_anyhow(folder: Path) -> dict[str, bytes]:
    """Return the files of a folder, whatever is wrong with them."""
    from pansentry.policy.folder import fingerprint

    return {name: (folder / name).read_bytes() for name, *_ in fingerprint(folder)}


COMMANDS = (versions, rollback, propose, accept)
