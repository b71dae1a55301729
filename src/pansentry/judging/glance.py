"""A glance: is this message plainly clean, and quick to prove so? Then it is not worth a journey to a judge.

In: a message, its envelope, the desk. Out: its :class:`Inspection`, or None: somebody else has to look. It is what
``pipeline.inspect`` would give, since it is the same reading with one more rule: where any piece of text may hold card
data nothing of it counts.

A large message may be looked at here if next to all of it is documents in base64, of which a megabyte is decoded and
searched in less than one millisecond: an ordinary mail with attachments. What takes its time for each byte goes to a
judge: long texts (numbers, RTF, UTF-16, HTML, escapes: 10 to 260 ms a megabyte), many parts, a long header.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING

from pansentry import mime, pan, views
from pansentry.conversation import tokens
from pansentry.enclosures import Enclosure
from pansentry.heading import incoming
from pansentry.limits import DEFAULT_LIMITS
from pansentry.pipeline import Inspection, enquires
from pansentry.views.document import kind_of

if TYPE_CHECKING:
    from pansentry.envelope import Envelope
    from pansentry.limits import Limits
    from pansentry.mime import Message
    from pansentry.pipeline import Desk

MOST_BYTES = 1 << 20
MOST_TEXT_BYTES = 32 * 1024
"""Header, and whatever is no document in base64, all together: 8 ms at the worst."""
MOST_PARTS, MOST_DEPTH = 64, 10


def glance(raw: bytes, envelope: Envelope, desk: Desk) -> Inspection | None:
    """Return what is in a message if it is quick to see that it is no card data; None if it is not."""
    if len(raw) > MOST_TEXT_BYTES and (len(raw) > MOST_BYTES or raw.find(b"\r\n\r\n", 0, MOST_TEXT_BYTES) < 0):
        return None
    message = mime.read(raw, _narrowed(desk.limits))  # where these end the reading, it is said to be unreadable
    if message.ambiguities or message.unreadable or (message.root.regular is None and b"\r\n\r\n" not in raw):
        return None
    if len(raw) > MOST_TEXT_BYTES and _text_bytes(message) > MOST_TEXT_BYTES:
        return None
    if not desk.memory.is_empty:
        names = tokens(incoming(message), envelope.reverse_path, envelope.forward_paths, desk.key)
        if desk.memory.had_card(names):
            return None
    seen = views.look_at_once(message, desk.limits, pan.may_hold_card_data_bytes)
    if seen is None or seen.views or (desk.policy.reply.enquiries and enquires(message)):
        return None
    return Inspection(message, (), seen.unreadable, enclosed=tuple(map(Enclosure, seen.documents)))


def _narrowed(limits: Limits) -> Limits:
    """Return narrower limits; those of every gateway without looking at their twenty values (4,000 instructions)."""
    return _OF_DEFAULT if limits is DEFAULT_LIMITS else _narrow(limits)


@lru_cache(maxsize=4)
def _narrow(limits: Limits) -> Limits:
    return replace(limits, max_parts=min(limits.max_parts, MOST_PARTS), max_depth=min(limits.max_depth, MOST_DEPTH))


_OF_DEFAULT = _narrow(DEFAULT_LIMITS)


def _text_bytes(message: Message) -> int:
    """Count what is read as text: all but documents that stand in the message itself, in base64."""
    return len(message.raw) - sum(
        part.body_end - part.body_start
        for part in message.walk()
        if part.is_leaf
        and part.source is message.source
        and part.encoding == "base64"
        and not part.media_type.startswith("text/")
        and kind_of(message.leaf(part).data)
    )
