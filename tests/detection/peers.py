"""Run other published card detectors on the same mails and print the table for the docs.

In: cases of :mod:`tests.detection.score` and a Python in which the peers are installed (they bring heavy
dependencies, so they live in an environment of their own)::

    python -m venv peers && peers/bin/pip install presidio-analyzer scrubadub panhunt
    python -m tests.detection.peers --python peers/bin/python

Out: for each peer how many card numbers, codes and expiry dates it finds and in how many harmless mails it sees a
card number, by the same ruler as ours. A peer that is not installed is reported as such, never left out.

Each peer answers in its own process: one JSON text a line in, one JSON list of ``[kind, start, end, value]`` a line
out. That side (``--serve NAME``) uses the standard library and the peer alone.

Known gap: none of the peers has a detector for codes or expiry dates; their zeros are honest but not a fault of theirs.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.detection.score import Case, Detect, Found, Score

INSTALL = {
    "presidio": "pip install presidio-analyzer",
    "scrubadub": "pip install scrubadub",
    "panhunt": "pip install panhunt",
}
DEADLINE_S = 300


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table; ``score`` is None for a peer that is not installed (``note`` says how to)."""

    name: str
    score: Score | None
    touched: int = 0
    note: str = ""


def run(cards: Sequence[Case], lookalikes: Sequence[Case], python: str, ours: Detect | None = None) -> tuple[Row, ...]:
    """Measure ours (if given), the naive baseline and every peer on mails with and without card data."""
    detectors: list[tuple[str, Detect | None]] = [("PanSentry", ours)] if ours else []
    detectors.append(("regex + Luhn", naive))
    texts = [case.text for case in (*cards, *lookalikes)]
    detectors += [(name, _ask(name, texts, python)) for name in INSTALL]
    return tuple(_measure(name, detect, cards, lookalikes) for name, detect in detectors)


def table(rows: Iterable[Row]) -> str:
    """Return the rows as a Markdown table."""
    lines = [
        "| detector | card numbers found | wrong ones | harmless mails touched | codes found | expiry dates found |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for row in rows:
        if row.score is None:
            lines.append(f"| {row.name} | not installed: `{row.note}` | | | | |")
            continue
        pan, cvv, expiry = (row.score.by_kind[kind] for kind in ("pan", "cvv", "expiry"))
        found = [f"{tally.right} of {tally.right + tally.missed}" for tally in (pan, cvv, expiry)]
        lines.append(f"| {row.name} | {found[0]} | {pan.mistaken} | {row.touched} | {found[1]} | {found[2]} |")
    return "\n".join(lines)


def naive(text: str) -> Iterator[Found]:
    """Detect the way a first script does: thirteen to nineteen digits with spaces or hyphens, Luhn, nothing else."""
    for match in re.finditer(r"(?<![0-9])[0-9](?:[ -]?[0-9]){12,18}(?![0-9])", text):
        digits = re.sub(r"[ -]", "", match[0])
        doubled = sum(sum(divmod(int(digit) * (1 + odd % 2), 10)) for odd, digit in enumerate(reversed(digits)))
        if doubled % 10 == 0:
            yield "pan", match.start(), match.end(), digits


def _measure(name: str, detect: Detect | None, cards: Sequence[Case], lookalikes: Sequence[Case]) -> Row:
    from tests.detection.score import score

    if detect is None:
        return Row(name, None, note=INSTALL[name])
    result = score((*cards, *lookalikes), detect)
    harmless = {case.id for case in lookalikes}
    touched = {fault.case for fault in result.faults if fault.kind == "pan" and fault.case in harmless}
    return Row(name, result, len(touched))


def _ask(name: str, texts: Sequence[str], python: str) -> Detect | None:
    """Have the peer answer for all texts at once; None if it is not installed there."""
    done = subprocess.run(
        [python, str(Path(__file__).resolve()), "--serve", name],
        input="".join(json.dumps(text) + "\n" for text in texts),
        capture_output=True,
        encoding="utf-8",
        timeout=DEADLINE_S,
        check=False,
    )
    if done.returncode == _NOT_INSTALLED:
        return None
    done.check_returncode()
    answers = dict(zip(texts, map(json.loads, done.stdout.splitlines()), strict=True))
    return lambda text: (tuple(found) for found in answers[text])  # type: ignore[misc]


# ── the peer's side: runs in the other environment ──

_NOT_INSTALLED = 3


def _presidio() -> Callable[[str], Iterator[Found]]:
    from presidio_analyzer.predefined_recognizers import CreditCardRecognizer

    recogniser = CreditCardRecognizer()

    def detect(text: str) -> Iterator[Found]:
        for found in recogniser.analyze(text, ["CREDIT_CARD"], None):
            yield _found(text, found.start, found.end)

    return detect


def _scrubadub() -> Callable[[str], Iterator[Found]]:
    from scrubadub.detectors.credit_card import CreditCardDetector

    detector = CreditCardDetector()
    return lambda text: (_found(text, filth.beg, filth.end) for filth in detector.iter_filth(text))


def _panhunt() -> Callable[[str], Iterator[Found]]:
    from panhunt.pan import PAN
    from panhunt.patterns import CardPatterns

    def detect(text: str) -> Iterator[Found]:
        for _, pattern in CardPatterns().brands():
            for match in pattern.finditer(text):
                if PAN.is_valid_luhn_checksum(pan=match[1]):
                    yield _found(text, *match.span(1))

    return detect


_SERVED = {"presidio": _presidio, "scrubadub": _scrubadub, "panhunt": _panhunt}


def _found(text: str, start: int, end: int) -> Found:
    digits = "".join(str(int(c)) for c in text[start:end] if c.isdecimal())
    return "pan", start, end, digits


def _serve(name: str) -> int:
    try:
        detect = _SERVED[name]()
    except ImportError:
        return _NOT_INSTALLED
    for line in sys.stdin:
        sys.stdout.write(json.dumps(list(detect(json.loads(line)))) + "\n")
    return 0


def main() -> int:
    """Print the table over the hand-written corpora."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--python", default=sys.executable, help="a Python in which the peers are installed")
    parser.add_argument("--serve", choices=sorted(_SERVED), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        return _serve(options.serve)
    from tests.detection.score import batches, from_findings, load

    from pansentry.pan import find

    here = Path(__file__).parent
    cards, lookalikes = load(*batches(here / "customers")), load(*batches(here / "lookalikes"))
    print(f"{len(cards)} mails with card data, {len(lookalikes)} harmless mails\n")
    print(table(run(cards, lookalikes, options.python, from_findings(find))))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
