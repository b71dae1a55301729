r"""A message as it goes between ``DATA`` and the final dot: dots doubled, and no CR or LF that stands alone.

In: a finished message. Out: its octets on the wire, or None. Standards: RFC 5321 §4.5.2 (transparency), §2.3.8.
Attack: a lone CR or LF could end the data early at the next hop (SMTP smuggling): such a message is not sent at all.
"""

from __future__ import annotations

import asyncio
import re

from pansentry.envelope import DottedLines, PlainLines
from pansentry.mime.lint import has_plain_lines

_DOT = re.compile(rb"\r\n\.")
TURN_BYTES = 240 * 1000
"""What is done of one message before others have their turn."""


def on_the_wire(message: bytes) -> bytes | None:
    """Double each dot that begins a line (RFC 5321 §4.5.2); None if a CR or LF stands alone anywhere.

    The very same object if there is no such dot, without a look if that is known (``PlainLines``).
    """
    if isinstance(message, DottedLines):
        return _stuffed(message)
    if isinstance(message, PlainLines):
        return message
    return _stuffed(message) if has_plain_lines(message) else None


def _stuffed(octets: bytes) -> bytes:
    """Double each dot that begins a line; ``bytes.replace`` takes three times as long where there are few."""
    stuffed = octets if octets.find(b"\r\n.") < 0 else b"\r\n..".join(_DOT.split(octets))
    return b"." + stuffed if stuffed[:1] == b"." else stuffed


async def on_the_wire_in_turns(message: bytes) -> bytes | None:
    """Do the same; of a long message a piece at a time, with others' turns between: 7 ms for 5 MB with dots in it."""
    is_dotted = isinstance(message, DottedLines)
    if len(message) <= TURN_BYTES or (isinstance(message, PlainLines) and not is_dotted):
        return on_the_wire(message)
    pieces, begin = [], 0
    while begin < len(message):
        end = begin + TURN_BYTES
        end += message[end - 1 : end] == b"\r"  # what follows it is in the same piece, or it stands alone
        piece = message[begin:end]
        stuffed = _stuffed(piece) if is_dotted else on_the_wire(piece)
        if stuffed is None:
            return None
        begins_line = not begin or message[begin - 2 : begin] == b"\r\n"
        pieces.append(stuffed if begins_line or piece[:1] != b"." else stuffed[1:])
        begin = end
        await asyncio.sleep(0)
    return b"".join(pieces)
