"""Is quoted-printable without a flaw (RFC 2045 §6.7)? One look at each escape, or none.

In: an encoded body. Out: whether every ``=`` in it begins an escape in capitals or a soft line break. Then all readers
decode it alike. ``re`` needs 290 instructions an escape: of text in Cyrillic or Japanese, two thirds escapes, 88 µs for
20 KB, where decoding takes 9. hyperscan, if it is there, runs over the octets in 17; of text in German in 4.5 µs for
9 KB, where ``re`` takes 7. It is compiled when a gateway warms up (2 ms); whoever reads one mail goes without. Where
``native/`` is there, decoding tells by itself, and nobody asks here.
"""

from __future__ import annotations

import contextlib
import functools
import re
from typing import TYPE_CHECKING, Final

from pansentry import native
from pansentry.mime.swift import matcher

if TYPE_CHECKING:
    from collections.abc import Callable

_FLAW: Final = re.compile(rb"=(?![0-9A-F][0-9A-F])(?!\r?\n)")
_FLAW_INSIDE: Final = rb"(?:[^=]|^)=(?:[^0-9A-F\r\n]|[0-9A-F][^0-9A-F]|\r[^\n])"
"""The same but for what is cut off by the end, which stands in the last two octets. What stands before the first ``=``
of a row keeps hyperscan from stopping at each (10,000 instructions a call)."""
_EQUALS: Final = 0x3D


def are_strict(body: bytes) -> bool:
    """Say whether all escapes of a quoted-printable body are of the strict form."""
    has_flaw = _engine().has_flaw
    if has_flaw is None:
        return _FLAW.search(body) is None
    return not has_flaw(body) and (_EQUALS not in body[-2:] or _FLAW.search(body, max(0, len(body) - 2)) is None)


def warm_up() -> None:
    """Compile the engine now, if hyperscan is there and it will be asked."""
    if native.IS_THERE:
        return
    with contextlib.suppress(ImportError):
        _engine().has_flaw = matcher(_FLAW_INSIDE)


class _Engine:
    __slots__ = ("has_flaw",)

    def __init__(self) -> None:
        self.has_flaw: Callable[[bytes], bool] | None = None


@functools.cache
def _engine() -> _Engine:
    return _Engine()
