"""``pansentry code``: reference codes that the shop and a customer read to each other on the phone."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pansentry.cli.stored import config_option, with_store

if TYPE_CHECKING:
    from pansentry.configuration import Configuration
    from pansentry.store import Store
    from pansentry.store.codes import Check

_SAID = {
    "right": "right",
    "wrong": "wrong: the second half does not fit; {left} of three tries left",
    "closed": "closed: three wrong second halves were read; write to the customer instead",
    "expired": "expired: ask the customer to write once more",
    "unknown": "unknown: no letter of ours has a code that begins so, or it has expired",
}


@click.group()
def command() -> None:
    """Check reference codes, and note what came of them.

    On the phone, read the first half of the code to the customer, and let the customer read you the second: then both
    know who is speaking. Three wrong second halves close a code.
    """


@command.command()
@click.argument("code")
@config_option
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def check(code: str, config: Path | None, as_json: bool) -> None:
    """Tell whether CODE is right.

    Exit code 0: it is. 1: it is not, or not any more, and it is said why.
    """
    from pansentry.permissions import Task

    first, second = _halves(code)

    async def job(store: Store, _: Configuration, __: str) -> Check:
        return await store.codes.check(first, second)

    _tell(with_store(config, Task.SEE_LETTERS, job), as_json)


@command.command()
@click.argument("code")
@click.argument("what", type=click.Choice(["paid", "reached", "verified"]))
@click.option("--by", required=True, type=click.Choice(["phone", "store", "letter", "sms"]), help="How.")
@config_option
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def mark(code: str, what: str, by: str, config: Path | None, as_json: bool) -> None:
    """Note that the customer with CODE has paid, was reached, or is verified; the event of the mail shows it.

    \b
    Example:
      pansentry code mark CFHJ-KMPR paid --by phone
    """
    from pansentry.permissions import Task

    first, second = _halves(code)

    async def job(store: Store, _: Configuration, who: str) -> Check:
        found = await store.codes.mark(first, second, what, by)
        if found.mark:
            await store.audit.append(who, f"code.{what}", f"{found.message_ref} by {by}")
        return found

    _tell(with_store(config, Task.SEE_LETTERS, job), as_json)


@command.command()
@click.argument("code")
@config_option
@click.option("--lang", "language", default="en", show_default=True, help="Language of the letter.")
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), required=True, help="PDF file.")
def letter(code: str, config: Path | None, language: str, output: Path) -> None:
    """Write a letter with CODE to be sent by post, as a PDF of one page."""
    import os

    from pansentry import shipped
    from pansentry.configuration import load
    from pansentry.letter_post import post_letter
    from pansentry.reply import load_letters

    first, second = _halves(code)
    configuration = load(config, os.environ)
    letters = load_letters(configuration.replies or shipped.replies(), configuration.business)
    output.write_bytes(post_letter(letters, language, f"{first}-{second}"))
    click.echo(f"{output}: one page")


def _halves(code: str) -> tuple[str, str]:
    from pansentry.reply.reference import halves

    try:
        return halves(code)
    except ValueError as wrong:
        raise click.BadParameter(str(wrong)) from None


def _tell(found: Check, as_json: bool) -> None:
    if as_json:
        values = {"state": str(found.state), "message": found.message_ref, "tries_left": found.tries_left}
        click.echo(json.dumps({**values, "marked": found.mark, "by": found.by}))
    else:
        said = _SAID[str(found.state)].format(left=found.tries_left)
        marked = f"; {found.mark} by {found.by}" if found.mark else ""
        click.echo(f"{said}{f' (message {found.message_ref})' if found.message_ref else ''}{marked}")
    if str(found.state) != "right":
        raise SystemExit(1)
