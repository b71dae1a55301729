"""``pansentry dkim``: the key that signs our letters."""

from __future__ import annotations

import os
from pathlib import Path

import click


@click.group()
def command() -> None:
    """Make the key that proves our letters."""


@command.command()
@click.argument("domain")
@click.option("--selector", default="pansentry", show_default=True, help="Name of the key in DNS.")
@click.option("--bits", type=click.Choice(["2048", "3072", "4096"]), default="2048", show_default=True)
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    default="dkim.pem",
    show_default=True,
    help="PEM file for the key.",
)
def keygen(domain: str, selector: str, bits: str, output: Path) -> None:
    """Make a key for DOMAIN, and print the DNS record that publishes it and the lines for pansentry.yaml.

    \b
    Example:
      pansentry dkim keygen shop.example -o /etc/pansentry/dkim.pem

    A file that is there is never overwritten: another key under the same name would make letters fail.
    """
    from pansentry.authentication import keygen as make
    from pansentry.configuration.fields import a_labels, is_domain

    if not is_domain(domain):
        raise click.BadParameter(f"{domain} is no domain; write for example shop.example.", param_hint="DOMAIN")
    key = make(a_labels(domain), selector, int(bits))
    try:
        descriptor = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    except FileExistsError:
        raise click.ClickException(f"{output} is there already; name another file, or move it away.") from None
    except OSError as error:
        raise click.ClickException(f"{output} cannot be written: {error.strerror}.") from None
    with os.fdopen(descriptor, "wb") as file:
        file.write(key.pem)
    parts = [key.record_value[i : i + 250] for i in range(0, len(key.record_value), 250)]
    click.echo(f"The key is in {output}, readable by you only.\n\nPublish this TXT record:\n")
    click.echo(f"{key.record_name}. IN TXT ( " + " ".join(f'"{part}"' for part in parts) + " )")
    click.echo(f"\nMany providers want it as two fields:\n  name   {key.record_name}\n  value  {key.record_value}")
    click.echo("\nAnd write into pansentry.yaml:\n")
    click.echo(f"dkim:\n  domain: {a_labels(domain)}\n  selector: {selector}\n  key: {output}")
