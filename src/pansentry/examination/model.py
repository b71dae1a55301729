"""What an examination is asked and what it answers. No digit of a card is in it, but for what ``rewritten`` keeps."""

from __future__ import annotations

from dataclasses import dataclass, field

from pansentry.limits import DEFAULT_DOCUMENT_LIMITS, DocumentLimits
from pansentry.outcome import Unreadable
from pansentry.pan.options import DEFAULT_OPTIONS, NOTHING_KNOWN, DetectOptions, Known
from pansentry.truncation import Style

DEFAULT_STYLE = Style()


@dataclass(frozen=True, slots=True)
class Examination:
    """How to examine. ``key`` is that of fingerprints; ``pictures`` says whether pictures are read here (OCR)."""

    detect: DetectOptions = DEFAULT_OPTIONS
    known: Known = NOTHING_KNOWN
    style: Style = DEFAULT_STYLE
    limits: DocumentLimits = DEFAULT_DOCUMENT_LIMITS
    key: bytes = field(default=b"", repr=False)
    pictures: bool = True


DEFAULT_EXAMINATION = Examination()


@dataclass(frozen=True, slots=True)
class Sight:
    """One value that was seen at one place. ``fingerprint`` is keyed: equal for equal values, of no other use."""

    kind: str
    brand: str | None
    confidence: float
    place: str
    fingerprint: bytes = field(repr=False)
    masked: str = ""
    """Brand and last four (``Finding.masked``), for the command line; the gateway records nothing of it."""
    start: int = 0
    end: int = 0
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Examined:
    """What was seen in a document.

    ``rewritten`` is the document without it, proved; the very same bytes if nothing was seen; None if it cannot be
    written, or the proof failed. ``kind`` is what the document is (:mod:`pansentry.formats.recognise`).
    """

    kind: str
    sightings: tuple[Sight, ...] = ()
    rewritten: bytes | None = field(default=None, repr=False)
    unreadable: tuple[Unreadable, ...] = ()
    signed: bool = False
    """A signature inside the document does not hold for ``rewritten`` any more."""
