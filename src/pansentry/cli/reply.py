"""``pansentry reply``: check and preview the letters to customers."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

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
def check(path: Path | None, folder: Path | None) -> None:
    """Try out every letter in FOLDER (default: the configured ones) with the facts of the business, and lint it.

    Exit code 0: full marks. 78: a mistake, with file and fix.
    """
    letters = _letters(path, folder)
    for name in letters.names():
        languages = letters.languages(name)
        click.echo(f"{name}: full marks in {len(languages)} languages ({', '.join(languages)})")


@command.command()
@config_option
@click.option("--lang", "language", default="en", show_default=True, help="Language of the letter.")
@click.option("--name", default="guidance", show_default=True, help="Folder of the letter.")
@click.option("--html", "as_html", is_flag=True, help="Print the HTML form.")
@click.option("--kind", default="first", show_default=True, help="first, again, code, enquiry, unreadable or held.")
def preview(path: Path | None, language: str, name: str, as_html: bool, kind: str) -> None:
    """Print a letter as a customer gets it."""
    from pansentry.reply.letters import SAMPLES

    letters = _letters(path, None)
    if language not in letters.languages(name):
        raise click.ClickException(f"There is no letter {name!r} in {language!r}; see `pansentry reply check`.")
    samples = {str(words.kind): words for words in reversed(SAMPLES)}
    if kind not in samples:
        raise click.ClickException(f"There is no kind of letter {kind!r}. The kinds are: {', '.join(samples)}.")
    written = letters.write(name, language, samples[kind])
    click.echo(written.html if as_html else f"Subject: {written.subject}\n\n{written.text}")


def _letters(path: Path | None, folder: Path | None) -> Letters:
    """Return the letters of a configuration; without one, the shipped letters with the demo's business."""
    from pansentry import shipped
    from pansentry.configuration import load
    from pansentry.configuration.load import DEFAULT_FILES
    from pansentry.reply import load_letters

    if path is None and "PANSENTRY_CONFIG" not in os.environ and not any(file.is_file() for file in DEFAULT_FILES):
        path = shipped.examples() / "demo/pansentry.yaml"
    configuration = load(path, os.environ)
    business: Business | None = configuration.business
    return load_letters(folder or configuration.replies or shipped.replies(), business)
