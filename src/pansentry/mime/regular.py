"""A header of the regular form, found, told and read by one expression: nearly every header there is.

In: a message of which it is known that all its lines end in CRLF and that it holds no NUL, and the range of an entity
in it. Out: the spans of its header block, of the Content-… values and of the Subject, or None if
anything in the block is not of the strict form (RFC 5322 §2.2, folding §2.2.3), or is spelled in a way of its own:
another Content-… field, one in other letters, one of them twice. Then :mod:`pansentry.mime.fields` looks at it closely,
and says the same of what is regular (``tests/laws/test_shortcuts.py``).

Where no CR and no LF stands alone, a line is of the strict form if it begins with a name and a colon, or with a blank
and holds more than blanks. 18,000 instructions for 600 octets, where looking for the end, for the form, for the fields
and for the Subject took 90,000; compiled 4,000. Linear: whatever was taken is not given back.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from pansentry import native

if TYPE_CHECKING:
    from collections.abc import Callable

Span = tuple[int, int]
Spans = tuple[Span, ...]

BLOCK: Final = 0
"""The header block, without the blank line behind it; the values stand as they are, from behind the colon."""
TYPE: Final = 1
TRANSFER_ENCODING: Final = 2
DISPOSITION: Final = 3
SUBJECT: Final = 6
RARE: Final = ((4, "id"), (5, "language"))
"""Where the other Content-… values are, and what stands behind ``Content-`` in their names."""
NOWHERE: Final = -1
"""Start (and end) of a value that is not there."""

_VALUE: Final = rb"([^\r]*+(?>(?:\r\n[ \t]++[^ \t\r][^\r]*+)*))"
_BLOCK: Final = re.compile(
    rb"(?![ \t])(?>(?:(?:[ABD-RT-Zabd-rt-z0-9][!-9;-~]*+:"
    # each group marks a value, and a second field of its name ends the match
    rb"|Content-(?:Type:(?(1)(?!))V|Transfer-Encoding:(?(2)(?!))V|Disposition:(?(3)(?!))V|ID:(?(4)(?!))V"
    rb"|Language:(?(5)(?!))V)"
    rb"|Subject:(?(6)(?!))V"
    rb"|[ \t]++[^ \t\r]"
    rb"|(?![Cc][Oo][Nn][Tt][Ee][Nn][Tt]-|[Ss][Uu][Bb][Jj][Ee][Cc][Tt]:)[!-9;-~]++:)[^\r]*+\r\n)+)"
    rb"(?=\r\n)".replace(b"V", _VALUE)
)


def regular_slowly(data: bytes, start: int, end: int) -> Spans | None:
    """Return the spans of the header at the start of ``data[start:end]`` if it is regular; see the contract above."""
    match = _BLOCK.match(data, start, end)
    return None if match is None else match.regs


regular: Callable[[bytes, int, int], Spans | None] = native.function("regular") or regular_slowly
