"""``pansentry audit``: who changed what, and the proof that nobody changed that; and who has which role."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pansentry.cli.stored import config_option, with_store
from pansentry.sentence import counted

if TYPE_CHECKING:
    from pansentry.configuration import Configuration
    from pansentry.permissions import Role
    from pansentry.store import Store
    from pansentry.store.audit import AuditEntry, Verified

ROLES = click.Choice(["viewer", "operator", "admin"])


@click.group()
def command() -> None:
    """See and verify the audit log; give people roles, and passwords for the console."""


@command.command("list")
@config_option
@click.option("-n", "limit", type=click.IntRange(1, 100_000), default=50, show_default=True, help="At most so many.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object per entry.")
def list_(config: Path | None, limit: int, as_json: bool) -> None:
    """List the newest entries, the newest first."""
    from pansentry.permissions import Task
    from pansentry.quarantine import day

    async def job(store: Store, _: Configuration, __: str) -> tuple[AuditEntry, ...]:
        return await store.audit.list(limit)

    for entry in with_store(config, Task.SEE_AUDIT, job):
        if as_json:
            fields = {"number": entry.number, "at": entry.at, "who": entry.who, "did": entry.did, "what": entry.what}
            click.echo(json.dumps(fields))
        else:
            click.echo(f"{entry.number:>6}  {day(entry.at)}  {entry.who:<20}  {entry.did:<16}  {entry.what}")


@command.command()
@config_option
@click.option("--at-least", type=click.IntRange(0), default=0, help="The last number, as noted elsewhere.")
def verify(config: Path | None, at_least: int) -> None:
    """Check the chain over all entries.

    An entry that was changed, moved or taken out breaks it. That entries were cut off at the end shows only against a
    number that was noted elsewhere: give it with --at-least. Exit code 0: whole. 1: broken, and from which entry on.
    """
    from pansentry.permissions import Task

    async def job(store: Store, _: Configuration, __: str) -> Verified:
        return await store.audit.verify()

    found = with_store(config, Task.SEE_AUDIT, job)
    if found.first_bad:
        click.echo(f"broken: entry {found.first_bad} is not what was written")
        raise SystemExit(1)
    if found.last < at_least:
        first = found.last + 1
        gone = f"entry {first} is" if first == at_least else f"entries {first} to {at_least} are"
        click.echo(f"broken: {gone} gone")
        raise SystemExit(1)
    click.echo(f"whole: {counted(found.last, 'entry', 'entries')}")


@command.command()
@config_option
def people(config: Path | None) -> None:
    """List who has which role. As long as nobody has one, whoever may open the store is an admin."""
    from pansentry.permissions import Task

    async def job(store: Store, _: Configuration, __: str) -> tuple[tuple[str, Role], ...]:
        return await store.people.list()

    named = with_store(config, Task.SEE_AUDIT, job)
    for name, role in named:
        click.echo(f"{name:<30}  {role}")
    if not named:
        click.echo("nobody is named; whoever may open the store is an admin")


@command.command()
@click.argument("name")
@click.argument("role", type=ROLES)
@config_option
def grant(name: str, role: str, config: Path | None) -> None:
    """Give NAME (a system user) a role: viewer, operator or admin. For admins, and for root."""
    from pansentry.permissions import Role, Task

    async def job(store: Store, _: Configuration, who: str) -> None:
        await store.people.grant(name, Role(role), who=who)

    with_store(config, Task.CHANGE_PEOPLE, job, root_may=True)
    click.echo(f"{name}: {role}")


@command.command()
@click.argument("name")
@click.password_option(help="The new password; asked for if it is not given here.")
@config_option
def password(name: str, password: str, config: Path | None) -> None:
    """Give the account NAME of the console a new password, and take its one-time codes away.

    The way back in when a password or a telephone is lost. Its sessions end, and so do the tokens of its programs. For
    admins, and for root.
    """
    from pansentry.permissions import Task
    from pansentry.store.accounts import PasswordError, check_password

    try:
        password.encode()  # bytes that are no text arrive as halves of surrogate pairs (PEP 383)
        check_password(password)
    except UnicodeEncodeError:
        raise click.ClickException("The password is not UTF-8 text; set the terminal to UTF-8.") from None
    except PasswordError as error:
        raise click.ClickException(str(error)) from None

    async def job(store: Store, _: Configuration, who: str) -> bool:
        return await store.accounts.reset(name, password, who=who)

    if not with_store(config, Task.CHANGE_PEOPLE, job, root_may=True):
        raise click.ClickException(f"There is no account {name}. The page People of the console makes accounts.")
    click.echo(f"{name}: has a new password and no one-time codes; sessions and tokens of programs are ended")


@command.command()
@click.argument("name")
@config_option
def revoke(name: str, config: Path | None) -> None:
    """Take the role of NAME away."""
    from pansentry.permissions import Task

    async def job(store: Store, _: Configuration, who: str) -> bool:
        return await store.people.revoke(name, who=who)

    gone = with_store(config, Task.CHANGE_PEOPLE, job)
    click.echo(f"{name}: has no role now" if gone else f"{name}: had no role")
