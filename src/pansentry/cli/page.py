"""``pansentry page``: the page for the shop's own website that tells how to know a letter of ours."""

from __future__ import annotations

import os
from pathlib import Path

import click


@click.group()
def command() -> None:
    """Build the page that tells customers how to know a letter of yours."""


@command.command()
@click.option("-c", "--config", "path", type=click.Path(dir_okay=False, path_type=Path), help="Configuration file.")
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), required=True, help="HTML file.")
@click.option("--from", "address", help="Address that letters come from (default: the configured one).")
@click.option("--status", default="", help="A note of your own, such as a warning of forged letters going round.")
def build(path: Path | None, output: Path, address: str | None, status: str) -> None:
    """Write the page to a file; put it on your website under the title that `business.authenticity_page` names.

    \b
    Example:
      pansentry page build -o payments-by-e-mail.html
    """
    from pansentry import shipped
    from pansentry.channels.file import load_channels
    from pansentry.configuration import load
    from pansentry.errors import ConfigurationError, Flaw
    from pansentry.page import build_page, read_sentences
    from pansentry.reply.lint import hosts_of
    from pansentry.reply.offering import with_channels

    configuration = load(path, os.environ)
    if configuration.business is None:
        wrong = "The page cannot be written without the facts of the business."
        raise ConfigurationError(Flaw("pansentry.yaml", 0, 0, wrong, "Add `business:` with `name` and `phone`."))
    business = with_channels(configuration.business, load_channels(configuration.policies or shipped.policies()))
    folder = (configuration.replies or shipped.replies()) / "page"
    sentences = read_sentences(folder if folder.is_dir() else shipped.replies() / "page", business.languages)
    domain = next((name for name in configuration.domains if "@" not in name), "")
    sender = address or business.letters_from or next((n for n in configuration.domains if "@" in n), f"@{domain}")
    page = build_page(sentences, business, address=sender, hosts=hosts_of(business), status=status)
    output.write_text(page, encoding="utf-8")
    click.echo(f"{output}: {len(sentences)} languages")
