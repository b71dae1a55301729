"""``pansentry redact``: message in, deliverable message out; or document in, document out."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pansentry.cli import EXIT_HELD
from pansentry.cli.inputs import policy_option, read_input

if TYPE_CHECKING:
    from pansentry.policy import Policy


@click.command()
@click.argument("source", metavar="[IN|-]", default="-")
@click.option(
    "-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="Write here, not to standard output."
)
@policy_option
def command(source: str, output: Path | None, policy: Path | None) -> None:
    """Take card data out of the message IN (default: standard input), or out of the document IN.

    Exit code 0: the message on standard output may be delivered, changed or not. 3: the policy holds, refuses or
    defers it, or a document cannot be rewritten; nothing is written. 2: the input cannot be read.
    """
    from pansentry.api import redact_message
    from pansentry.cli.inputs import is_document, read_policy

    data, terms = read_input(source), read_policy(policy)
    if is_document(Path(source).suffix.lower(), data):
        clean = _document(data, terms)
    else:
        outcome = redact_message(data, policy=terms)
        if outcome.message is None:
            verdict = outcome.verdict
            click.echo(f"pansentry: {verdict.action} by {verdict.rule} ({', '.join(verdict.reasons)})", err=True)
            raise SystemExit(EXIT_HELD)
        clean = outcome.message
    if output is None:
        sys.stdout.buffer.write(clean)
        sys.stdout.buffer.flush()
    else:
        try:
            _write(output, clean)
        except OSError as error:
            raise click.ClickException(f"{output} cannot be written: {error.strerror}.") from None


def _write(output: Path, clean: bytes) -> None:
    """Write all of it, or leave no file: half a message looks like a whole one. Raises OSError."""
    with output.open("wb") as file:
        try:
            file.write(clean)
            file.flush()
        except OSError:
            if output.is_file():
                output.unlink()
            raise


def _document(data: bytes, terms: Policy | None) -> bytes:
    """Return a document without card data, as far as the policy lets it pass."""
    from pansentry import policy
    from pansentry.cli import documents
    from pansentry.outcome import Action
    from pansentry.workers import Workers

    with Workers() as workers:
        examined = workers.examine(data, "", documents.how(terms))
    facts = policy.Facts(
        tuple(policy.Sighting(sight.kind, sight.confidence, sight.place, sight.brand) for sight in examined.sightings),
        examined.unreadable,
    )
    verdict = policy.decide(facts, terms or policy.default_policy())
    for why in examined.unreadable:
        click.echo(f"pansentry: not read: {why.reason} in {why.place}", err=True)
    if verdict.action is Action.DELIVER:
        return data
    if verdict.action in (Action.REDACT, Action.REPLACE_PART) and examined.rewritten is not None:
        return examined.rewritten
    click.echo(f"pansentry: {verdict.action} by {verdict.rule} ({', '.join(verdict.reasons)})", err=True)
    raise SystemExit(EXIT_HELD)
