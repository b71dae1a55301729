"""``pansentry subject``: what is stored about one customer, and erasing it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pansentry.cli.stored import config_option, with_store

if TYPE_CHECKING:
    from pansentry.configuration import Configuration
    from pansentry.store import Store
    from pansentry.subject import Subject

mailbox_option = click.option(
    "--mailbox", "mailboxes", multiple=True, help="A mailbox of ours that was written to (can be given more than once)."
)


@click.group()
def command() -> None:
    """Show, erase, or silence what concerns one customer's address.

    Some notes are kept under a key made of the address and our mailbox: name the mailboxes with --mailbox, so that they
    are found too.
    """


@command.command()
@click.argument("address")
@config_option
@mailbox_option
def export(address: str, config: Path | None, mailboxes: tuple[str, ...]) -> None:
    """Print everything that is stored about ADDRESS, as JSON, times in UTC. No card data is among it."""
    from pansentry.permissions import Task
    from pansentry.subject import export as export_all

    async def job(store: Store, configuration: Configuration, who: str) -> dict[str, Any]:
        await store.audit.append(who, "subject.export")
        return await export_all(store, _subject(address, mailboxes, configuration, store))

    click.echo(json.dumps(with_store(config, Task.SEE_AUDIT, job), indent=2, ensure_ascii=False))


@command.command()
@click.argument("address")
@config_option
@mailbox_option
@click.confirmation_option(prompt="Erase everything that is stored about this address?")
def erase(address: str, config: Path | None, mailboxes: tuple[str, ...]) -> None:
    """Erase what is stored about ADDRESS; counters and kinds in events stay, nothing in them leads to the person."""
    from pansentry.permissions import Task
    from pansentry.subject import erase as erase_all

    async def job(store: Store, configuration: Configuration, who: str) -> dict[str, int]:
        return await erase_all(store, _subject(address, mailboxes, configuration, store), who=who)

    for name, number in with_store(config, Task.CHANGE_PEOPLE, job).items():
        click.echo(f"{name.replace('_', ' '):<20} {number}")


@command.command()
@click.argument("address")
@config_option
@click.option("--again", is_flag=True, help="Letters are wanted again.")
def silence(address: str, config: Path | None, again: bool) -> None:
    """Note that the customer at ADDRESS wants no letters; mail is delivered without card data all the same.

    A gateway that is running knows within five minutes.
    """
    from pansentry.conversation import customer_token
    from pansentry.permissions import Task
    from pansentry.wiring import token_key

    async def job(store: Store, configuration: Configuration, who: str) -> None:
        token = customer_token(token_key(configuration, store), address)
        await store.customers.set_silent(token, silent=not again)
        await store.audit.append(who, "subject.letters-wanted" if again else "subject.no-letters")

    with_store(config, Task.RELEASE_HELD, job)
    click.echo("letters are wanted again" if again else "no more letters to this address")


def _subject(address: str, mailboxes: tuple[str, ...], configuration: Configuration, store: Store) -> Subject:
    from pansentry.subject import Subject
    from pansentry.wiring import token_key

    ours = (*mailboxes, *(name for name in configuration.domains if "@" in name))
    return Subject(address, tuple(dict.fromkeys(ours)), token_key(configuration, store))
