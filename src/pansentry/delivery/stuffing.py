r"""A message as it goes between ``DATA`` and the final dot: dots doubled, and no CR or LF that stands alone.

In: a finished message. Out: its octets on the wire, or None. Standards: RFC 5321 §4.5.2 (transparency), §2.3.8.
Attack: a lone CR or LF could end the data early at the next hop (SMTP smuggling): such a message is not sent at all.
"""

from __future__ import annotations

import asyncio
import re

from pansentry.envelope import DottedLines, PlainLines

_BARE_LF = re.compile(rb"\n(?<!\r\n)")
_BARE_CR = re.compile(rb"\r(?!\n)")
_DOT_OR_BARE_CR = re.compile(rb"\r(?:\n\.|(?!\n))")
_DOT = re.compile(rb"\r\n\.")
TURN_BYTES = 240 * 1000
"""What is done of one message before others have their turn."""


def on_the_wire(message: bytes) -> bytes | None:
    """Double each dot that begins a line (RFC 5321 §4.5.2); None if a CR or LF stands alone anywhere.

    The very same object if there is no such dot, without a look if that is known (``PlainLines``). Two passes that skip
    with memchr: 5 MB take 4 ms; counting the three kinds of line ends and looking for dots took 15 ms.
    """
    if isinstance(message, DottedLines):
        return _stuffed(message)
    if isinstance(message, PlainLines):
        return message
    if _BARE_LF.search(message) is not None:
        return None
    if _DOT_OR_BARE_CR.search(message) is None:
        return b"." + message if message[:1] == b"." else message
    return None if _BARE_CR.search(message) is not None else _stuffed(message)


def _stuffed(octets: bytes) -> bytes:
    """Double each dot that begins a line; ``bytes.replace`` takes three times as long where there are few."""
    pieces = _DOT.split(octets)
    stuffed = octets if len(pieces) == 1 else b"\r\n..".join(pieces)
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
