"""The detector: from a text to findings, each with its reasons; the whole order of reading on one screen.

prefilter → fold → stretches around what the prefilter saw → tracks, card numbers, codes, expiry dates → thresholds →
offsets of the original text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pansentry.pan.evidence import EVIDENCE, by_strength
from pansentry.pan.expressions import Seen
from pansentry.pan.finding import Finding, Kind
from pansentry.pan.fold import Folded, fold
from pansentry.pan.options import DEFAULT_OPTIONS, NOTHING_KNOWN, DetectOptions, Known
from pansentry.pan.prefilter import ANNOUNCES, LABELS, may_hold_card_data, stretches

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pansentry.pan.pans import Candidate
    from pansentry.pan.scene import Scene
    from pansentry.pan.value import Value


@dataclass(frozen=True, slots=True)
class Examined:
    """A candidate and what became of it, for ``explain``: no digit but the last four.

    ``evidence`` are (code, weight, meaning); ``taken`` tells whether it is a finding; ``why_not`` the sentence
    "not a card because …" otherwise.
    """

    kind: Kind
    start: int
    end: int
    masked: str
    brand: str | None
    confidence: float
    evidence: tuple[tuple[str, int, str], ...]
    taken: bool
    why_not: str


@dataclass(slots=True)
class _Reading:
    """What one stretch of text gave."""

    numbers: int = 0
    candidates: list[Candidate] = field(default_factory=list)
    taken: list[Candidate] = field(default_factory=list)
    values: list[Value] = field(default_factory=list)


def find(text: str, options: DetectOptions = DEFAULT_OPTIONS, known: Known = NOTHING_KNOWN) -> tuple[Finding, ...]:
    """Return the card data in ``text``: sorted, not overlapping, ``text[start:end]`` exactly what a mask replaces.

    A number in pieces with words between gives one finding per piece, all with the whole number as their value.
    """
    return search(text, options, known).findings


@dataclass(frozen=True, slots=True)
class Searched:
    """What :func:`search` found, and whether it read the text to its end."""

    findings: tuple[Finding, ...]
    is_cut_short: bool = False


_NOTHING = Searched(())
MAX_WEIGHED = 20_000
"""Numbers of a scheme's range and check digit that a search looks at: half a million identifiers of sixteen digits have
as many, or a few hundred kilobytes of single digits."""


def search(
    text: str, options: DetectOptions = DEFAULT_OPTIONS, known: Known = NOTHING_KNOWN, most: int | None = None
) -> Searched:
    """Find as :func:`find` does, but stop after ``most`` findings or :data:`MAX_WEIGHED` numbers that may be none.

    What is behind that has not been looked at: the caller must not call such a text read.
    """
    if not may_hold_card_data(text, known):
        return _NOTHING
    folded = fold(text)
    findings: list[Finding] = []
    weighed = 0
    for reading in _readings(folded, options, known, enough=options.thresholds[Kind.PAN]):
        if most is not None and (len(findings) > most or weighed > MAX_WEIGHED):
            return Searched(_disjoint(findings), is_cut_short=True)
        weighed += reading.numbers
        for candidate in reading.taken:
            kind = _kind(candidate)
            if candidate.confidence >= options.thresholds[kind]:
                findings += _pan_findings(candidate, kind, folded)
        for value in reading.values:
            if value.confidence >= options.thresholds[value.kind]:
                start, end = folded.span(value.start, value.end)
                findings.append(
                    Finding(
                        value.kind,
                        start,
                        end,
                        value.value,
                        confidence=value.confidence,
                        reasons=by_strength(value.evidence),
                    )
                )
    return Searched(_disjoint(findings), is_cut_short=most is not None and len(findings) > most)


def examine(text: str, options: DetectOptions = DEFAULT_OPTIONS, known: Known = NOTHING_KNOWN) -> tuple[Examined, ...]:
    """Return every candidate in ``text``, those not taken included, with the evidence for and against."""
    if not may_hold_card_data(text, known):
        return ()
    folded = fold(text)
    examined: list[Examined] = []
    for reading in _readings(folded, options, known):
        chosen = {id(candidate) for candidate in reading.taken}
        for candidate in reading.candidates:
            kind = _kind(candidate)
            enough = candidate.confidence >= options.thresholds[kind]
            reason = "" if enough else _why_not(candidate.evidence)
            if enough and id(candidate) not in chosen:
                reason = "a better reading of the same digits was taken"
            start, end = folded.span(candidate.start, candidate.end)
            masked = f"{candidate.brand.key} …{candidate.digits[-4:]}" if kind is Kind.PAN else str(kind)
            examined.append(
                Examined(
                    kind,
                    start,
                    end,
                    masked,
                    candidate.brand.key,
                    candidate.confidence,
                    _explained(candidate.evidence),
                    enough and id(candidate) in chosen,
                    reason,
                )
            )
        for value in reading.values:
            enough = value.confidence >= options.thresholds[value.kind]
            start, end = folded.span(value.start, value.end)
            examined.append(
                Examined(
                    value.kind,
                    start,
                    end,
                    str(value.kind),
                    None,
                    value.confidence,
                    _explained(value.evidence),
                    enough,
                    "" if enough else _why_not(value.evidence),
                )
            )
    return tuple(sorted(examined, key=lambda item: (item.start, item.end)))


def _readings(folded: Folded, options: DetectOptions, known: Known, enough: float | None = None) -> Iterator[_Reading]:
    from pansentry.pan.scene import Scene
    from pansentry.pan.vocabulary import vocabulary
    from pansentry.pan.wrapping import unwrapped

    words = vocabulary(options.languages) if options.languages else vocabulary()
    text = unwrapped(_without_escapes(folded.text))
    for stretch in stretches(text, known, enough):
        is_cut = (stretch.first, stretch.last) != (stretch.start, stretch.end)
        start, end = (
            (_out_of_word(text, stretch.start, -1), _out_of_word(text, stretch.end, 1))
            if is_cut
            else (stretch.start, stretch.end)
        )
        scene = Scene(text, start, end, words, bool(stretch.seen & LABELS))
        reading = _read(scene, stretch.seen, options, known, enough)
        if is_cut:  # the next one reads the margin better
            counts = range(stretch.first, stretch.last)
            reading.candidates = [candidate for candidate in reading.candidates if candidate.start in counts]
            reading.taken = [candidate for candidate in reading.taken if candidate.start in counts]
            reading.values = [value for value in reading.values if value.start in counts]
        yield reading


def _out_of_word(text: str, position: int, step: int) -> int:
    """Move a cut out of a word: a piece of one may be another ("un" of "until" is a number)."""
    for _ in range(_LONG_WORD):
        if not (text[position - 1 : position].isalpha() and text[position : position + 1].isalpha()):
            break
        position += step
    return position


_LONG_WORD = 40

_ESCAPES = re.compile(r"&(?:nbsp|zwnj|zwj|shy|ensp|emsp|thinsp|#160|#xa0|#32|#x20|#8199|#8239);|%(?:20|a0|c2%a0|09)")


def _without_escapes(text: str) -> str:
    """Blank out written-out blanks ("&nbsp;", "%20"), keeping the length."""
    return _ESCAPES.sub(lambda match: " " * len(match[0]), text) if "&" in text or "%" in text else text


_LETTERED = Seen.LETTERS | Seen.CODE | Seen.DIGITS | Seen.PAIR
_TRACK = re.compile(r"[0-9](?:[=^]| ?d ?[0-9])")
"""What every track has right behind its number."""


def _read(scene: Scene, seen: int, options: DetectOptions, known: Known, enough: float | None) -> _Reading:
    """Read one stretch: tracks first, then numbers outside them, then what stands beside and under labels.

    With ``enough``, candidates that can not come up to it are left out.
    """
    from pansentry.pan.disguised import disguised
    from pansentry.pan.pans import candidates, resolve
    from pansentry.pan.tracks import tracks
    from pansentry.pan.values import find_values

    reading = _Reading()
    if _TRACK.search(scene.text, scene.start, scene.end) is not None:
        reading.candidates += tracks(scene.text, scene.start, scene.end, options)
    reading.candidates += candidates(scene, options, known, enough=enough)
    reading.numbers = scene.numbers
    threshold = options.thresholds[Kind.PAN]
    plain = [candidate for candidate in reading.candidates if candidate.confidence >= threshold]
    letters, turned = bool(seen & _LETTERED), bool(seen & Seen.REVERSED)
    reading.candidates += disguised(scene, options, known, plain, letters=letters, turned=turned, enough=enough)
    reading.taken = resolve([c for c in reading.candidates if c.confidence >= threshold])
    cards = {end for candidate in reading.taken for span in candidate.spans for end in span}
    scene.others = sorted(set(scene.others) - cards)
    scene.labelled = scene.labelled or bool(reading.taken)  # words that the prefilter does not ask for matter now
    announced = bool(seen & ANNOUNCES or reading.taken) or _card_known(known)
    reading.values = find_values(scene, reading.taken, known, announced=announced, halved=bool(seen & Seen.HALF))
    return reading


def _card_known(known: Known) -> bool:
    """Tell whether the prefilter has let everything with a digit pass, so that what it saw says nothing."""
    return known.card_in_message or known.card_in_conversation


def _kind(candidate: Candidate) -> Kind:
    return Kind.TRACK if "track" in candidate.evidence else Kind.PAN


def _pan_findings(candidate: Candidate, kind: Kind, folded: Folded) -> list[Finding]:
    findings = []
    for piece in candidate.spans:
        start, end = folded.span(*piece)
        value = candidate.digits if kind is Kind.PAN else folded.original[start:end]
        findings.append(
            Finding(
                kind,
                start,
                end,
                value,
                brand=candidate.brand.key,
                confidence=candidate.confidence,
                reasons=by_strength(candidate.evidence),
            )
        )
    return findings


def _disjoint(findings: list[Finding]) -> tuple[Finding, ...]:
    """Return findings in order, without what overlaps an earlier one."""
    kept: list[Finding] = []
    for finding in sorted(findings, key=lambda finding: (finding.start, finding.end)):
        if not kept or finding.start >= kept[-1].end:
            kept.append(finding)
    return tuple(kept)


def _explained(codes: list[str]) -> tuple[tuple[str, int, str], ...]:
    return tuple(
        (code, EVIDENCE[code.partition(":")[0]].weight, EVIDENCE[code.partition(":")[0]].meaning)
        for code in by_strength(codes)
    )


def _why_not(codes: list[str]) -> str:
    """Return the sentence for a candidate that was not taken: the heaviest evidence against it, or what is missing."""
    against = [item for item in _explained(codes) if item[1] < 0]
    return "not card data because " + (against[0][2] if against else "nothing around it speaks of a card")
