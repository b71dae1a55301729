"""``pansentry explain``: every finding, and everything that looked like one, with its evidence."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pansentry.cli.inputs import is_document, policy_option, read_input, read_policy

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pansentry.examination import Sight
    from pansentry.pan import DetectOptions, Examined, Known
    from pansentry.policy import Policy


@click.command()
@click.argument("source", metavar="FILE")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@click.option("--text", "as_text", is_flag=True, help="Read FILE as plain text, not as a message.")
@policy_option
def command(source: str, as_json: bool, as_text: bool, policy: Path | None) -> None:
    """Show what was found in FILE and why, what looked like a card number and why it is none, and the verdict.

    FILE is a message or a document; of documents only what was found is shown.

    Digits are masked. FILE may be - for standard input.
    """
    from pansentry.policy import default_policy

    raw = read_input(source)
    terms = read_policy(policy) or default_policy()
    if as_text:
        report = _text_report(raw, terms)
    elif is_document(Path(source).suffix.lower(), raw):
        report = _document_report(raw, terms)
    else:
        report = _message_report(raw, terms)
    if as_json:
        click.echo(json.dumps(report, indent=2))
    else:
        _print(report)


def _text_report(raw: bytes, terms: Policy) -> dict[str, Any]:
    from pansentry import pan

    text = raw.decode("utf-8", "replace")
    places = [{"place": "text", "candidates": _candidates(text, terms.detect_options(), pan.NOTHING_KNOWN)}]
    return {"places": places, "unreadable": [], "ambiguities": [], "verdict": None}


def _document_report(raw: bytes, terms: Policy) -> dict[str, Any]:
    from pansentry.cli import documents
    from pansentry.workers import Workers

    with Workers() as workers:
        examined = workers.examine(raw, "", documents.how(terms))
    return {
        "places": _in_documents(examined.sightings),
        "unreadable": [{"reason": item.reason, "place": item.place} for item in examined.unreadable],
        "ambiguities": [],
        "verdict": None,
    }


def _in_documents(sightings: Sequence[Sight]) -> list[dict[str, Any]]:
    """Return what was found in documents, by place. The evidence comes from another process, as codes only."""
    from pansentry.pan.evidence import EVIDENCE

    places: dict[str, list[dict[str, Any]]] = {}
    for sight in sightings:
        rows = [EVIDENCE.get(code.partition(":")[0]) for code in sight.reasons]
        evidence = [
            {"code": code, "weight": row.weight, "meaning": row.meaning}
            for code, row in zip(sight.reasons, rows, strict=True)
            if row is not None
        ]
        found = {
            "kind": sight.kind,
            "start": sight.start,
            "end": sight.end,
            "masked": sight.masked,
            "brand": sight.brand,
            "confidence": sight.confidence,
            "evidence": evidence,
            "taken": True,
            "why_not": "",
        }
        places.setdefault(sight.place, []).append(found)
    return [{"place": place, "kind": "document", "candidates": found} for place, found in places.items()]


def _message_report(raw: bytes, terms: Policy) -> dict[str, Any]:
    from pansentry import enclosures, mime, pan, views
    from pansentry.api import redact_message
    from pansentry.envelope import Envelope
    from pansentry.pipeline import Desk, inspect_fully
    from pansentry.workers import Workers

    with Workers() as workers:
        desk = Desk(terms, examine=workers.examine)
        inspection = inspect_fully(raw, Envelope(), desk)
    seen = views.look(mime.read(raw, desk.limits), desk.limits, pan.may_hold_card_data_bytes)
    options = terms.detect_options()
    places = []
    for view in seen.views:
        candidates = _candidates(view.text, options, inspection.known)
        if candidates:
            places.append({"place": view.place, "kind": view.kind, "candidates": candidates})
    places += _in_documents(enclosures.sightings(inspection.enclosed))
    outcome = redact_message(raw, policy=terms)
    verdict = outcome.verdict
    return {
        "places": places,
        "unreadable": [{"reason": item.reason, "place": item.place} for item in inspection.unreadable],
        "ambiguities": list(inspection.message.ambiguities),
        "verdict": {
            "action": str(verdict.action),
            "rule": verdict.rule,
            "reasons": list(verdict.reasons),
            "changed": outcome.changed,
        },
    }


def _candidates(text: str, options: DetectOptions, known: Known) -> list[dict[str, Any]]:
    from pansentry import pan

    return [_as_dict(item) for item in pan.examine(text, options, known)]


def _as_dict(item: Examined) -> dict[str, Any]:
    evidence = [{"code": code, "weight": weight, "meaning": meaning} for code, weight, meaning in item.evidence]
    return {**asdict(item), "kind": str(item.kind), "evidence": evidence}


def _print(report: dict[str, Any]) -> None:
    for line in _lines(report):
        click.echo(line)


def _once(places: Sequence[dict[str, Any]]) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Yield each place with what is found there, once however many readings of it show the same.

    What is alike in one reading (four security codes, all masked) is as many lines. The parts of a message are read
    together, too; of that only what no part shows by itself is worth a line.
    """
    from pansentry.places import JOINED
    from pansentry.report.words import place_of

    readings: dict[str, list[str]] = {}
    found: dict[str, dict[tuple[Any, ...], dict[str, Any]]] = {}
    for place in places:
        name = place["place"]
        readings.setdefault(name, []).append(place.get("kind", "text"))
        alike = Counter[tuple[Any, ...]]()
        for item in place["candidates"]:
            known = _sameness(item)
            if name == JOINED and any((known, 0) in others for part, others in found.items() if part != JOINED):
                continue
            found.setdefault(name, {}).setdefault((known, alike[known]), item)
            alike[known] += 1
    for name, items in found.items():
        kinds = ", ".join(dict.fromkeys(readings[name]))
        called = {JOINED: "parts read together", "text": "text"}.get(name) or f"{place_of(name)}, {name}"
        yield called if kinds == name else f"{called} (read as {kinds})", list(items.values())


def _sameness(item: dict[str, Any]) -> tuple[Any, ...]:
    return item["kind"], item["masked"], item["taken"], tuple(proof["code"] for proof in item["evidence"])


def _lines(report: dict[str, Any]) -> Iterator[str]:
    from pansentry.report.words import unread

    for heading, candidates in _once(report["places"]):
        yield click.style(heading, bold=True)
        for item in candidates:
            mark, colour = ("taken", "red") if item["taken"] else ("left", "green")
            where = f"{item['start']}:{item['end']}"
            head = f"  {click.style(f'{mark:<6}', fg=colour)}{item['kind']:<7}{item['masked']:<22}"
            yield f"{head} at {where:<12} confidence {item['confidence']:.2f}"
            for proof in item["evidence"]:
                yield f"      {proof['weight']:>+4}  {proof['code']:<24} {proof['meaning']}"
            if item["why_not"]:
                yield f"            {item['why_not']}"
    for item in report["unreadable"]:
        yield f"not read: {unread(item['reason'])} ({item['reason']}) in {item['place']}"
    if report["ambiguities"]:
        yield f"can be read in more than one way: {', '.join(report['ambiguities'])}"
    verdict = report["verdict"]
    if verdict is not None:
        reasons = f" ({', '.join(verdict['reasons'])})" if verdict["reasons"] else ""
        yield click.style(f"verdict: {verdict['action']} by {verdict['rule']}{reasons}", bold=True)
    elif not any(place["candidates"] for place in report["places"]) and not report["unreadable"]:
        yield "nothing here looks like card data"
