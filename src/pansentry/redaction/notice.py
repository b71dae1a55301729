"""Notices: what the mailbox owner is told in the message itself, and what stands in place of a part that was taken out.

In: a redacted message and a :class:`Receipt` (never a finding). Out: the message with

- ``header``: one ``X-PanSentry`` field on top: what was removed, whether a letter went out, the reference code;
- ``banner``: that field, and one sentence on top of the first text part and of the first HTML part;
- ``off`` or ``none``: the same bytes.

The sentences are in ``wording.py``. A banner that does not fit into the charset of a text makes that part UTF-8; in a
page it is written with character references. Standards: RFC 5322 §2.1.1 (line length), RFC 2046 §5.1.4 (both
branches of an alternative say the same).
"""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING

from pansentry.edits import Edit, apply, merge
from pansentry.limits import DEFAULT_LIMITS, Limits
from pansentry.mime import charset
from pansentry.mime.parts import Message, Part
from pansentry.mime.source import Source, Text
from pansentry.mime.tree import read
from pansentry.redaction import rewrite, wording
from pansentry.redaction.splice import sink

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pansentry.outcome import Receipt

FIELD = "X-PanSentry"
_KINDS = ("pan", "cvv", "expiry", "track")
_BODY = re.compile(r"<body\b[^<>]*>", re.IGNORECASE)
_SAFE = re.compile(r"[^A-Za-z0-9._-]")

_NOBODY_WAITS = frozenset(
    {"", "no-letter", "policy", "observe", "null-sender", "no-address", "own-letter", "auto-submitted", "list",
     "precedence", "robot-header", "report", "list-robot", "nobody-reads", "own-sender", "spam", "exempt",
     "quoted-only", "loop", "window", "answered"}
)  # fmt: skip
"""Silence towards programs, ourselves, whom the policy leaves out, who had a letter: no customer waits for a word."""


def in_place_of_part(language: str) -> str:
    """Return the text that stands in place of a part that could not be edited."""
    return wording.of(language).attachment


def in_place_of_unread(language: str) -> str:
    """Return the text that stands in place of a part that nobody could read."""
    return wording.of(language).unread


def add(
    raw: bytes,
    receipt: Receipt,
    notice: str = "header",
    *,
    letter_sent: bool = False,
    reference: str = "",
    code: str = "",
    silence: str = "",
    language: str = "en",
    limits: Limits = DEFAULT_LIMITS,
) -> bytes:
    """Return ``raw`` with the notice; the same object for ``off`` and where nothing was removed.

    ``code`` is the reference code that the letter names; ``silence`` says why there is no letter, and where a customer
    waits for one, the mailbox's owner is asked to write.
    """
    if notice in ("off", "none") or not receipt.removed:
        return raw
    message = read(raw, limits)
    root = message.root
    ending = b"\r\n" if raw.find(b"\r\n") >= 0 else b"\n"
    asks = not letter_sent and silence not in _NOBODY_WAITS
    items = _about_letter(letter_sent=letter_sent, code=code, silence=silence, asks=asks)
    field = _field(receipt, items, reference=reference).replace("\n", ending.decode())
    edits = [Edit(root.start, root.start, field.encode("ascii") + ending)]
    if notice == "banner":
        words = wording.of(language)
        sentences = [words.removed, *([words.told] if letter_sent else []), *([words.please_write] if asks else [])]
        if letter_sent and code:
            sentences.append(f"{words.code} {code}")
        edits += _banner(message, language, " ".join(sentences), spare_signed=not receipt.signed_part_edited)
    return apply(raw, merge(edits))


def _about_letter(*, letter_sent: bool, code: str, silence: str, asks: bool) -> list[str]:
    items = [f"letter={'sent' if letter_sent else 'none'}"]
    if letter_sent and code:
        items.append(f"code={_SAFE.sub('', code)[:16]}")
    if not letter_sent and silence:
        items.append(f"why={_SAFE.sub('', silence)[:40]}")
    return [*items, *(["please-contact-this-customer-yourself"] if asks else [])]


def _field(receipt: Receipt, about_letter: list[str], *, reference: str) -> str:
    removed = [f"{kind}={receipt.count(kind)}" for kind in _KINDS if receipt.count(kind)]
    items = [f"removed {' '.join(removed)}", *about_letter]
    if receipt.signed_part_edited:
        items.append("signed-part-edited")
    if reference:
        items.append(f"reference={_SAFE.sub('', reference)[:64]}")
    return f"{FIELD}: " + ";\n ".join(items)


def _banner(message: Message, language: str, sentence: str, *, spare_signed: bool) -> list[Edit[bytes]]:
    """Return edits of the raw message that put the sentence on top of the first text and the first HTML part.

    What is attached as a message is somebody else's letter; what is signed and was not edited keeps its signature.
    """
    done: set[str] = set()
    edits: list[Edit[bytes]] = []
    for part in _walk(message.root, spare_signed=spare_signed):
        if part.media_type not in ("text/plain", "text/html") or part.media_type in done:
            continue
        if part.disposition == "attachment":
            continue
        done.add(part.media_type)
        edits += _on_top(message, part, language, sentence)
    return edits


def _walk(part: Part, *, spare_signed: bool) -> Iterator[Part]:
    if part.media_type.startswith("message/") or (spare_signed and part.media_type == "multipart/signed"):
        return
    yield part
    for child in part.children:
        yield from _walk(child, spare_signed=spare_signed)


def _on_top(message: Message, part: Part, language: str, sentence: str) -> tuple[Edit[bytes], ...]:
    leaf = message.leaf(part)
    text = Text(leaf, charset.readings(leaf.data, part.charset)[0])
    line = "\r\n" if "\r\n" in text.text or b"\r\n" in message.raw else "\n"
    if part.media_type == "text/html":
        body = _BODY.search(text.text)
        place = body.end() if body else 0
        style = "border:1px solid #888;padding:8px;margin:0 0 12px;font:14px sans-serif"
        banner = f'<div{_speech(language)} style="{style}">{_in_ascii(sentence)}</div>{line}'
    else:
        place, banner = (1 if text.text.startswith("\ufeff") else 0), f"[{sentence}]{line}{line}"
    edits = text.raise_edits([Edit(place, place, banner)])
    pending: list[tuple[Source, Edit[bytes]]] = [(text, edit) for edit in edits]
    sunk = sink(pending)
    if sunk.refused and leaf.parent is not None:
        whole = rewrite.as_utf8(leaf, apply(text.data, edits))
        sunk = sink((leaf.parent, edit) for edit in whole)
    return sunk.edits


def _speech(language: str) -> str:
    """Return the attributes that say in which language and direction a banner is written."""
    tag = wording.primary(language)
    if tag not in wording.WORDINGS:
        return ' lang="en"'
    return f' lang="{tag}"' + (' dir="rtl"' if tag in wording.RIGHT_TO_LEFT else "")


def _in_ascii(sentence: str) -> str:
    """Spell a sentence with character references, so that no charset of a page is too small for it."""
    return html.escape(sentence).encode("ascii", "xmlcharrefreplace").decode()
