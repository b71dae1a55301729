"""Anywhere: does one of a short list of words stand in a text, whatever the case of ASCII letters?

In: words in octets. Out: a predicate on octets, if what is compiled is there, else None: whoever asks has a way of its
own. For lists of a few dozen words that nearly no text holds, asked of every text: 2 KB take 5,000 instructions, where
hyperscan takes 20,000. Linear.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Final

from pansentry import native

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_BUCKETS: Final = 8
_COMPARED: Final = 3
_ANY: Final = bytes(range(256))
LONGEST: Final = 255


def predicate(words: Sequence[bytes]) -> Callable[[bytes], bool] | None:
    """Return what says whether one of ``words`` (two octets or more each) stands in a text; None if not compiled."""
    holds_any = native.function("holds_any")
    return None if holds_any is None else functools.partial(holds_any, table(words))


def table(words: Sequence[bytes]) -> bytes:
    """Return words as the compiled search takes them: filters for the first three octets by halves, then each word.

    Words that begin alike share a bucket, a bit of the filters. Raises ValueError for words that it cannot hold.
    """
    lowered = sorted({word.lower() for word in words})
    if not all(2 <= len(word) <= LONGEST for word in lowered):
        raise ValueError("words of 2 to 255 octets are looked for")
    filters = [bytearray(16) for _ in range(2 * _COMPARED)]
    listed = b""
    beginnings = list(dict.fromkeys(word[:2] for word in lowered))
    for word in lowered:
        bucket = 1 << beginnings.index(word[:2]) * _BUCKETS // len(beginnings)
        for at in range(_COMPARED):
            here = word[at : at + 1]
            for octet in here + here.upper() or _ANY:  # behind a word of two octets stands whatever it be
                filters[2 * at][octet & 15] |= bucket
                filters[2 * at + 1][octet >> 4] |= bucket
        listed += bytes((bucket, len(word))) + word
    return b"".join(filters) + listed
