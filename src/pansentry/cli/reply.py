"""``pansentry reply``: check and preview the letters to customers."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pansentry.sentence import counted

if TYPE_CHECKING:
    from pansentry.configuration import Business
    from pansentry.reply import Letters

config_option = click.option(
    "-c", "--config", "path", type=click.Path(dir_okay=False, path_type=Path), help="Configuration with `business:`."
)


@click.group()
def command() -> None:
    """Check and preview the letters to customers."""


@command.command()
@config_option
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path), required=False)
@click.option("--json", "as_json", is_flag=True, help="One JSON object per letter: every rule with its reason.")
def check(path: Path | None, folder: Path | None, as_json: bool) -> None:
    """Try out every letter in FOLDER (default: the configured ones) with the facts of the business, and lint it.

    Exit code 0: full marks. 78: a mistake, with file and fix. With --json 1: a letter breaks a rule.
    """
    if as_json:
        raise SystemExit(_print_scores(_letters(path, folder, linted=False)))
    letters = _letters(path, folder)
    for name in letters.names():
        languages = letters.languages(name)
        click.echo(f"{name}: full marks in {len(languages)} languages ({', '.join(languages)})")


def _print_scores(letters: Letters) -> int:
    """Print the score of every letter, rule by rule; returns the exit code."""
    import json

    from pansentry.reply.gallery import variants
    from pansentry.reply.lint import RULES, lint, score

    broken = 0
    for name in letters.names():
        for language, kind, words in variants(letters, name):
            faults = lint(letters.write(name, language, words), letters.business, language, words)
            found = score(faults)
            reasons = {fault.rule: f"{fault.wrong} {fault.fix}" for fault in reversed(faults)}
            rules = {rule: reasons.get(rule, "kept") for rule in RULES}
            about = {"letter": name, "language": language, "kind": kind, "points": found.points, "best": found.best}
            click.echo(json.dumps({**about, "rules": rules}, ensure_ascii=False))
            broken += bool(faults)
    return 1 if broken else 0


@command.command()
@config_option
@click.option("--lang", "language", default="en", show_default=True, help="Language of the letter.")
@click.option("--name", default="guidance", show_default=True, help="Folder of the letter.")
@click.option("--html", "as_html", is_flag=True, help="Print the HTML form.")
@click.option("--kind", default="first", show_default=True, help="first, again, code, enquiry, unreadable or held.")
@click.option("--browser", is_flag=True, help="Write every language and kind as pages, and open them in a browser.")
@click.option("-o", "--output", type=click.Path(file_okay=False, path_type=Path), help="Folder for these pages.")
def preview(
    path: Path | None, language: str, name: str, as_html: bool, kind: str, browser: bool, output: Path | None
) -> None:
    """Print a letter as a customer gets it, or look at all of them in a browser.

    \b
    Examples:
      pansentry reply preview --lang de --kind held
      pansentry reply preview --browser -o letters
    """
    from pansentry.reply.letters import SAMPLES

    letters = _letters(path, None)
    if browser or output is not None:
        _show_all(letters, name, output, open_it=browser)
        return
    if language not in letters.languages(name):
        raise click.ClickException(f"There is no letter {name!r} in {language!r}; see `pansentry reply check`.")
    samples = {str(words.kind): words for words in reversed(SAMPLES)}
    if kind not in samples:
        raise click.ClickException(f"There is no kind of letter {kind!r}. The kinds are: {', '.join(samples)}.")
    written = letters.write(name, language, samples[kind])
    click.echo(written.html if as_html else f"Subject: {written.subject}\n\n{written.text}")


def _show_all(letters: Letters, name: str, output: Path | None, *, open_it: bool) -> None:
    """Write all variants and a page that shows them side by side."""
    import tempfile
    import webbrowser

    from pansentry.reply.gallery import write_gallery

    folder = output if output is not None else Path(tempfile.mkdtemp(prefix="pansentry-letters-"))
    index = write_gallery(letters, name, folder)
    click.echo(f"{index}: {counted(len(list(folder.glob('*-*.html'))), 'letter')}")
    if open_it and not webbrowser.open(index.as_uri()):
        click.echo("No browser could be opened; open the page yourself.", err=True)


@command.command()
@config_option
@click.argument("url")
def verify(path: Path | None, url: str) -> None:
    """Check a signed payment link, as your shop's page has to, and print what it is for.

    Exit code 0: it is ours, unchanged, and still holds. 1: it is not, and it is said why.
    """
    import asyncio
    import datetime

    from pansentry.channels import InvalidReferenceError, pay_key, verify_url

    secret = pay_key(asyncio.run(_key(path)))
    try:
        found = verify_url(url, secret, today=datetime.datetime.now(datetime.UTC).date())
    except InvalidReferenceError as wrong:
        click.echo(str(wrong))
        raise SystemExit(1) from None
    for name in ("order", "amount", "currency", "part", "until"):
        if value := getattr(found, name):
            click.echo(f"{name:<9} {value}")


@command.command("pay-key")
@config_option
def pay_key_command(path: Path | None) -> None:
    """Print the key with which your shop's page checks signed payment links, in hexadecimal. Keep it secret."""
    import asyncio

    from pansentry.channels import pay_key

    click.echo(pay_key(asyncio.run(_key(path))).hex())


async def _key(path: Path | None) -> bytes:
    """Return the installation's key."""
    from pansentry.configuration import load
    from pansentry.store import open_configured
    from pansentry.wiring import token_key

    configuration = load(path, os.environ)
    store = await open_configured(configuration)
    try:
        return token_key(configuration, store)
    finally:
        await store.close()


def _letters(path: Path | None, folder: Path | None, *, linted: bool = True) -> Letters:
    """Return the letters of a configuration; without one, the shipped letters with the demo's business."""
    from pansentry import shipped
    from pansentry.channels.file import load_channels
    from pansentry.configuration import load
    from pansentry.configuration.load import DEFAULT_FILES
    from pansentry.reply import load_letters

    if path is None and "PANSENTRY_CONFIG" not in os.environ and not any(file.is_file() for file in DEFAULT_FILES):
        path = shipped.examples() / "demo/pansentry.yaml"
    configuration = load(path, os.environ)
    business: Business | None = configuration.business
    channels = load_channels(configuration.policies or shipped.policies())
    return load_letters(
        folder or configuration.replies or shipped.replies(), business, channels=channels, linted=linted
    )
