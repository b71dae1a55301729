"""The witness: an independent reader of the whole message (mail-parser, which reads as the standard library does).

In: a parsed message. Out: views that cannot be written to: what the witness shows and we do not is proof that our
reading is not everybody's, and the message has to leave in canonical form or not at all. Asked only where a message
is ambiguous or has findings: it costs a hundred times our own reading, and more for hostile mail (python issue 136063),
which is therefore kept from it: what it would see is seen by the blind scan.
"""

from __future__ import annotations

import logging
import re
from typing import TYPE_CHECKING

from pansentry.views.view import View

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pansentry.edits import Edit
    from pansentry.mime.parts import Message
    from pansentry.mime.source import Source
    from pansentry.views.worth import Predicate


MAX_BYTES = 4 * 1024 * 1024
MAX_FIELDS = 1000
MAX_VALUE_BYTES = 64 * 1024
MAX_STEPS = 8_000_000
"""Octets that its expression for encoded words may look at in vain: 60 ms."""
APART = "\n" * 4
"""Between values of fields: nobody reads the end of one with the beginning of the next, as a date and a code."""


def testimony(message: Message, worth_reading: Predicate) -> tuple[View, ...]:
    """Return what the witness reads; a witness that fails says so by one view less, never by an exception."""
    if not _is_for_witness(message):
        return ()
    return tuple(
        View(text, place, "witness", _nowhere)
        for place, text in _texts(message.raw)
        if text and worth_reading(text.encode("utf-8", "replace"))
    )


def _is_for_witness(message: Message) -> bool:
    """Keep from the library what it is quadratic in: size, long values, many fields, depth."""
    if len(message.raw) > MAX_BYTES or any("limit:" in item.reason for item in message.unreadable):
        return False
    fields = message.root.fields
    if len(fields) > MAX_FIELDS or any(one.end - one.start > MAX_VALUE_BYTES for one in fields):
        return False
    return _steps_to_decode(message) <= MAX_STEPS


def _steps_to_decode(message: Message) -> int:
    """Return, at the most, how many octets the library's expression for encoded words looks at in vain.

    From each start of a word (``=?utf-8?q?``) without an end it reads to the end of the value: of ``=?utf-8?q?4``
    repeated, 16 KB took 0.4 s and 50 KB 2.3 s. File names in pieces or percent escapes (RFC 2231), in which a start
    need not look like one, count as if they were made of starts.
    """
    raw, steps, at = message.raw, 0, 0
    for start in _WORD.finditer(raw):
        if at < start.end():
            end = raw.find(b"?=", start.end())
            at = end + 2 if end >= 0 else len(raw)
        steps += min(at - start.end(), MAX_VALUE_BYTES)
        if steps > MAX_STEPS:
            break
    return steps + sum(len(value[0]) ** 2 // 12 for value in _IN_PIECES.finditer(raw))


_WORD = re.compile(rb"=\?[^?]*+\?[qQbB]\?")
_IN_PIECES = re.compile(rb"name\*(?:[0-9]{1,4}\*?)?=[^\r\n]*+(?>(?:\r?\n[ \t][^\r\n]*+)*)", re.IGNORECASE)


def _nowhere(edits: Sequence[Edit[str]]) -> Sequence[tuple[Source, Edit[bytes]]]:
    return ()


def _texts(raw: bytes) -> Iterator[tuple[str, str]]:
    import mailparser

    logging.getLogger("mailparser").setLevel(logging.CRITICAL + 1)  # it logs what it does not understand, verbatim
    try:
        mail = mailparser.parse_from_bytes(raw)
        texts = [("witness:text", part) for part in (*mail.text_plain, *mail.text_html, *mail.text_not_managed)]
        texts.append(("witness:header", APART.join(f"{value}" for value in mail.headers.values())))
        for attachment in mail.attachments:
            texts.append(("witness:name", str(attachment.get("filename") or "")))
            if not attachment.get("binary"):
                texts.append(("witness:text", str(attachment.get("payload") or "")))
    except Exception:  # a library on hostile bytes: whatever it raises, it has nothing to say
        return
    yield from texts
