"""``pansentry redact``: message in, deliverable message out."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from pansentry.cli import EXIT_HELD
from pansentry.cli.inputs import policy_option, read_input


@click.command()
@click.argument("source", metavar="[IN|-]", default="-")
@click.option(
    "-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="Write here, not to standard output."
)
@policy_option
def command(source: str, output: Path | None, policy: Path | None) -> None:
    """Take card data out of the message IN (default: standard input).

    Exit code 0: the message on standard output may be delivered, changed or not. 3: the policy holds, refuses or
    defers it; nothing is written. 2: the input cannot be read.
    """
    from pansentry.api import redact_message
    from pansentry.cli.inputs import read_policy

    outcome = redact_message(read_input(source), policy=read_policy(policy))
    if outcome.message is None:
        verdict = outcome.verdict
        click.echo(f"pansentry: {verdict.action} by {verdict.rule} ({', '.join(verdict.reasons)})", err=True)
        raise SystemExit(EXIT_HELD)
    if output is None:
        sys.stdout.buffer.write(outcome.message)
        sys.stdout.buffer.flush()
    else:
        try:
            output.write_bytes(outcome.message)
        except OSError as error:
            raise click.ClickException(f"{output} cannot be written: {error.strerror}.") from None
