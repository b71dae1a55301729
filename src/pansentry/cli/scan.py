"""``pansentry scan``: look for card data in mails, mailboxes and text."""

from __future__ import annotations

import gc
import json
from typing import TYPE_CHECKING, Any

import click

from pansentry.cli import EXIT_FINDINGS, EXIT_USAGE
from pansentry.cli.inputs import Input, inputs, policy_option, read_input, read_policy

if TYPE_CHECKING:
    from pathlib import Path

    from pansentry.pan import Finding
    from pansentry.policy import Policy
    from pansentry.views import View
    from pansentry.workers import Workers

_COLLECT_SELDOM = (100_000, 20, 20)
"""What is loaded at the start stays: to look it through for garbage a dozen times takes 40 ms."""


@click.command()
@click.argument("paths", metavar="[PATH…|-]", nargs=-1)
@click.option("--json", "as_json", is_flag=True, help="One JSON object per input.")
@click.option("--text", "as_text", is_flag=True, help="Read standard input as plain text.")
@policy_option
def command(paths: tuple[str, ...], as_json: bool, as_text: bool, policy: Path | None) -> None:
    """Look for card data in PATH: .eml files, mbox, Maildir, folders of them; documents; text files as text.

    Exit code 0: nothing found. 1: findings. 2: an input cannot be read.

    \b
    Examples:
      pansentry scan --json inbox.mbox
      echo "my card is …" | pansentry scan --text
    """
    from pansentry.workers import Workers

    gc.set_threshold(*_COLLECT_SELDOM)
    terms = read_policy(policy)
    things = [Input("-", "text", read_input("-"))] if as_text else inputs(paths)
    any_found = any_closed = False
    with Workers() as workers:
        for thing in things:
            found, unreadable = _look(thing, terms, workers)
            any_found = any_found or bool(found)
            any_closed = any_closed or (thing.kind == "document" and bool(unreadable))
            if as_json:
                click.echo(json.dumps({"input": thing.name, "findings": found, "unreadable": unreadable}))
            else:
                _print(thing.name, found, unreadable)
    if any_found:
        raise SystemExit(EXIT_FINDINGS)
    if any_closed:
        raise SystemExit(EXIT_USAGE)


def _look(thing: Input, policy: Policy | None, workers: Workers) -> tuple[list[dict[str, Any]], list[dict[str, str]]]:
    from pansentry.cli import documents

    if thing.kind == "text":
        from pansentry.api import detect

        text = thing.data.decode("utf-8", "replace")
        return [_as_json(finding, "text") for finding in detect(text, policy=policy)], []
    if thing.kind == "document":
        return documents.as_report(workers.examine(thing.data, "", documents.how(policy)))
    from pansentry import enclosures
    from pansentry.envelope import Envelope
    from pansentry.pipeline import Desk, inspect_fully
    from pansentry.policy import default_policy

    desk = Desk(policy or default_policy(), examine=workers.examine)
    inspection = inspect_fully(thing.data, Envelope(), desk)
    unreadable = [{"reason": item.reason, "location": item.place} for item in inspection.unreadable]
    seen: dict[tuple[str, str, str], dict[str, Any]] = {}
    in_parts = {(hit.finding.kind, hit.finding.reveal()) for hit in inspection.hits if not _reads_again(hit.view)}
    for hit in inspection.hits:
        if _reads_again(hit.view) and (hit.finding.kind, hit.finding.reveal()) in in_parts:
            continue
        key = (hit.view.place, str(hit.finding.kind), hit.finding.reveal())
        seen.setdefault(key, _as_json(hit.finding, hit.view.place))
    in_documents = [documents.as_json(sight) for sight in enclosures.sightings(inspection.enclosed)]
    return [*seen.values(), *in_documents], unreadable


def _reads_again(view: View) -> bool:
    """Tell the readings of what is read part by part anyway: parts in a row, the source as it is, a second reader."""
    return view.kind == "joined" or view.place == "message" or view.place.startswith("witness:")


def _as_json(finding: Finding, location: str) -> dict[str, Any]:
    return {
        "kind": str(finding.kind),
        "brand": finding.brand,
        "masked": finding.masked,
        "confidence": round(finding.confidence, 3),
        "location": location,
        "start": finding.start,
        "end": finding.end,
        "reasons": list(finding.reasons),
    }


def _print(name: str, found: list[dict[str, Any]], unreadable: list[dict[str, str]]) -> None:
    """Print what was found in one input; nothing for a clean one."""
    for item in found:
        place = f"{item['location']}:{item['start']}"
        click.echo(f"{name}: {item['kind']:<6} {item['masked']:<22} {item['confidence']:.2f}  {place}")
    for thing in unreadable:
        click.echo(f"{name}: unread {thing['reason']:<22}       {thing['location']}")
