"""The heading of a message: the decoded header facts that conversation memory and letters depend on.

In: a parsed message. Out: :class:`pansentry.reply.incoming.Incoming`. Limits: values are cut at 4,096 characters and
fields at 500, so that no library that parses addresses sees more (python issue 136063). Who wrote the message is known
only if exactly one From field names exactly one address (RFC 5322 §3.6.2); anything else is nobody.
"""

from __future__ import annotations

import re
from email.utils import getaddresses
from typing import TYPE_CHECKING

from pansentry.mime.charset import codec_of, is_plain
from pansentry.mime.fields import unfold
from pansentry.mime.source import Received, Text
from pansentry.mime.transfer import IDENTITY
from pansentry.reply.incoming import Incoming
from pansentry.views import encoded_words

if TYPE_CHECKING:
    from pansentry.mime import Message
    from pansentry.mime.parts import Part

_MAX_VALUE = 4096
_MAX_FIELDS = 500
_MAX_TEXT = 8192
_TAG = re.compile(r"<[^<>]*>")


def incoming(message: Message) -> Incoming:
    """Return the facts of the outermost header."""
    data = message.root.source.data
    fields = tuple(
        (one.name, _decoded(unfold(data, one.value, min(one.end, one.value + _MAX_VALUE))))
        for one in message.root.fields[:_MAX_FIELDS]
        if one.name
    )
    first = dict(reversed(fields))
    name, address = _author([value for known, value in fields if known == "from"])
    return Incoming(
        fields=fields,
        message_id=first.get("message-id", ""),
        references=first.get("references", ""),
        in_reply_to=first.get("in-reply-to", ""),
        from_name=name,
        from_address=address,
    )


def written_text(message: Message) -> str:
    """Return the start of the first text part, for telling its language. Meant for redacted messages."""
    part = _first_text(message)
    if part is None:
        return ""
    raw = message.leaf(part).data[:_MAX_TEXT]
    text = Text(Received(raw), codec_of(part.charset) or "utf-8").text
    return _TAG.sub(" ", text) if part.media_type == "text/html" else text


def written_octets(message: Message) -> bytes:
    """Return octets that hold every word of :func:`written_text` in UTF-8, and maybe more: quicker to be had.

    Of a short message of one part all of it: 3,000 instructions where making a text takes 22,000, and asking it more.
    """
    part = _first_text(message)
    if part is None:
        return b""
    if part is message.root and part.encoding in IDENTITY and len(message.raw) <= _MAX_TEXT:
        octets = message.raw
    else:
        octets = message.leaf(part).data[:_MAX_TEXT]
    codec = codec_of(part.charset) or "utf-8"
    if codec == "utf-8" or (is_plain(codec) and octets.isascii()):
        return octets
    return written_text(message).encode("utf-8", "surrogatepass")


def _first_text(message: Message) -> Part | None:
    """Return the first part that is a text to be read."""
    for part in message.walk() if message.root.children else (message.root,):
        if part.is_leaf and part.media_type in _TEXTS and part.disposition != "attachment":
            return part
    return None


_TEXTS = frozenset({"text/plain", "text/html"})


def _decoded(value: bytes) -> str:
    text = value.decode("utf-8", "replace").strip(" \t")
    if "=?" not in text:
        return text
    readings = encoded_words.read(text)
    return readings[0].text if readings else text


def _author(values: list[str]) -> tuple[str, str]:
    found = getaddresses(values)
    if len(values) != 1 or len(found) != 1 or found[0][1].count("@") != 1:
        return "", ""
    return found[0]
