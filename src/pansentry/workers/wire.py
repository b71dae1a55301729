"""What goes through the pipe to a worker and back: a length, JSON, a length, bytes. Never pickle.

The worker's side is not trusted: it has opened hostile bytes. So its answer is bounded and every field is checked;
:class:`WireError` means that what came is no answer.
"""

from __future__ import annotations

import json
import struct
from dataclasses import asdict
from typing import Any

from pansentry.examination.model import Examination, Examined, Sight
from pansentry.limits import DocumentLimits
from pansentry.outcome import Unreadable
from pansentry.pan.finding import Kind
from pansentry.pan.options import DetectOptions, Known
from pansentry.truncation import Style

HEAD = struct.Struct("!LQ")
MAX_JSON_BYTES = 16 * 1024 * 1024
_KINDS = frozenset(Kind)


class WireError(Exception):
    """What a worker sent is no answer; quotes nothing of it."""


def frame(said: dict[str, Any], data: bytes = b"") -> tuple[bytes, bytes]:
    """Return what goes over the pipe: head with JSON, and the bytes."""
    text = json.dumps(said, separators=(",", ":")).encode("ascii")
    return HEAD.pack(len(text), len(data)) + text, data


def job(name: str, options: Examination, cpu_s: float) -> dict[str, Any]:
    """Return the JSON of a job. ``cpu_s`` is what the worker may use of the processor for it."""
    detect, known = options.detect, options.known
    return {
        "name": name,
        "cpu_s": cpu_s,
        "thresholds": {str(kind): value for kind, value in detect.thresholds.items()},
        "brands": sorted(detect.brands),
        "own_numbers": list(detect.own_numbers),
        "ignore_test_numbers": detect.ignore_test_numbers,
        "languages": sorted(detect.languages),
        "known": [known.card_in_message, known.card_in_conversation],
        "style": asdict(options.style),
        "limits": asdict(options.limits),
        "key": options.key.hex(),
        "pictures": options.pictures,
    }


def options_of(said: dict[str, Any]) -> Examination:
    """Return the options that a job states; it comes from our own parent."""
    return Examination(
        DetectOptions(
            {Kind(kind): value for kind, value in said["thresholds"].items()},
            frozenset(said["brands"]),
            tuple(said["own_numbers"]),
            said["ignore_test_numbers"],
            frozenset(said["languages"]),
        ),
        Known(*said["known"]),
        Style(**said["style"]),
        DocumentLimits(**said["limits"]),
        bytes.fromhex(said["key"]),
        said["pictures"],
    )


def answer(examined: Examined, data: bytes, peak_bytes: int) -> tuple[dict[str, Any], bytes]:
    """Return JSON and bytes of an answer; a document that is as it was does not go back through the pipe."""
    new = examined.rewritten
    state = "none" if new is None else "same" if new is data else "new"
    said = {
        "kind": examined.kind,
        "state": state,
        "signed": examined.signed,
        "peak_bytes": peak_bytes,
        "unreadable": [[why.reason, why.place] for why in examined.unreadable],
        "sightings": [
            [s.kind, s.brand, s.confidence, s.place, s.fingerprint.hex(), s.masked, s.start, s.end, list(s.reasons)]
            for s in examined.sightings
        ],
    }
    return said, new if new is not None and state == "new" else b""


def examined_of(said: Any, new: bytes, data: bytes) -> tuple[Examined, int]:
    """Return what a worker answered, and the most memory that it has used. Raises WireError."""
    try:
        sights = tuple(_sight(row) for row in said["sightings"])
        unreadable = tuple(Unreadable(_word(reason), _word(place)) for reason, place in said["unreadable"])
        rewritten = {"none": None, "same": data, "new": new}[said["state"]]
        if said["state"] == "same" and sights:
            raise WireError
        signed = said["signed"] is True
        return Examined(_word(said["kind"]), sights, rewritten, unreadable, signed), int(said["peak_bytes"])
    except (KeyError, TypeError, ValueError):
        raise WireError from None


def _sight(row: Any) -> Sight:
    kind, brand, confidence, place, fingerprint, masked, start, end, reasons = row
    if kind not in _KINDS or not 0 <= float(confidence) <= 1:
        raise WireError
    return Sight(
        str(Kind(kind)),
        None if brand is None else _word(brand),
        float(confidence),
        _word(place),
        bytes.fromhex(fingerprint),
        _word(masked),
        int(start),
        int(end),
        tuple(_word(reason) for reason in reasons),
    )


def _word(value: Any) -> str:
    """Return a short text; places and reasons hold no run of digits that could be a number."""
    if not isinstance(value, str) or len(value) > 200 or sum(map(str.isdigit, value)) > 11:
        raise WireError
    return value
