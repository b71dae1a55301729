"""Bytes of a message: a tree of parts as offsets, transfer encodings, charsets, and edits back to the bytes.

In: the octets as received. Out: :class:`~pansentry.mime.parts.Message`. Nothing in here knows what a card is.
"""

from pansentry.mime.escapes import warm_up
from pansentry.mime.fields import Field, Parameter
from pansentry.mime.parts import Message, Part
from pansentry.mime.source import Leaf, Received, Source, Span, Text, Unfolded
from pansentry.mime.tree import read

__all__ = [
    "Field",
    "Leaf",
    "Message",
    "Parameter",
    "Part",
    "Received",
    "Source",
    "Span",
    "Text",
    "Unfolded",
    "read",
    "warm_up",
]
