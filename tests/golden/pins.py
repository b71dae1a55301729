"""Pinned outputs: ``python -m tests.golden.pins`` writes what comes out of every case as ``out.diff`` beside it.

In: the cases with findings (CRLF). Out: the SHA-256 of the output and what differs from the input, line by line, so
that a changed output shows in review as a changed diff. To accept is to run this and to read ``git diff``. Where a
message is written anew (more than :data:`MAX_LINES` lines differ) only the hash and the number of lines is kept; a case
whose documents were opened is not pinned, since archives and PDFs are written by libraries.
"""

from __future__ import annotations

import difflib
import hashlib
import sys

from tests.golden.corpus import Golden, goldens

from pansentry import redact_message
from pansentry.outcome import Outcome

MAX_LINES = 40


def pin(case: Golden, outcome: Outcome) -> str:
    """Return the content of ``out.diff``; ``""`` for a case that is not pinned."""
    places = [place for item in outcome.receipt.removed for place in (item.place, *item.places)]
    if outcome.message is None or case.known_gap or any(place.startswith("document") for place in places):
        return ""
    before, after = (_lines(message) for message in (case.raw, outcome.message))
    changed = list(difflib.unified_diff(before, after, n=0, lineterm=""))[2:]
    if len(changed) > MAX_LINES:
        changed = [f"written anew: {len(changed)} lines differ"]
    digest = hashlib.sha256(outcome.message).hexdigest()
    return "\n".join([f"sha256 {digest}", *changed]) + "\n"


def _lines(message: bytes) -> list[str]:
    return [line.decode("latin-1").encode("unicode_escape").decode() for line in message.split(b"\r\n")]


def main() -> None:
    for case in goldens():
        if case.clean or case.line_end != "crlf":
            continue
        path = case.folder / "out.diff"
        outcome = redact_message(case.raw)
        if outcome.message is None and not case.allow_hold:  # a tree that does not import reads nothing
            sys.exit(f"{case.name} is not delivered ({outcome.verdict.rule}); its pin was left as it is")
        text = pin(case, outcome)
        if text:
            path.write_text(text)
        else:
            path.unlink(missing_ok=True)
    sys.stdout.write("written; review them with git diff\n")


if __name__ == "__main__":
    main()
