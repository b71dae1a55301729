"""The witness: an independent reader of the whole message (mail-parser, which reads as the standard library does).

In: a parsed message. Out: views that cannot be written to: what the witness shows and we do not is proof that our
reading is not everybody's, and the message has to leave in canonical form or not at all. Asked only where a message
is ambiguous or has findings: it costs a hundred times our own reading, and more for hostile mail (python issue 136063),
which is therefore kept from it: what it would see is seen by the blind scan.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from pansentry.views.view import View

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pansentry.edits import Edit
    from pansentry.mime.source import Source
    from pansentry.mime.tree import Message
    from pansentry.views.worth import Predicate


MAX_BYTES = 4 * 1024 * 1024
MAX_FIELDS = 1000
MAX_VALUE_BYTES = 64 * 1024
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
    return len(fields) <= MAX_FIELDS and all(one.end - one.start <= MAX_VALUE_BYTES for one in fields)


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
