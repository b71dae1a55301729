"""One file that was packed: gzip (RFC 1952), bzip2, xz. What is common to the three.

In: the packed bytes and a machine that unpacks one stream. Out: all streams one after the other, as every tool shows
them, and what stands behind the last. Bytes are counted while they come out.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from pansentry.errors import DamagedError
from pansentry.formats.container import Budget

_CHUNK = 1 << 20


class Machine(Protocol):
    """A decompressor of the standard library (bz2, lzma)."""

    @property
    def eof(self) -> bool: ...
    @property
    def needs_input(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int = -1) -> bytes: ...


def unpack(
    data: bytes, new: Callable[[], Machine], is_start: Callable[[bytes], bool], budget: Budget
) -> tuple[bytes, bytes]:
    """Return what all streams hold, and what stands behind them. Raises DamagedError, LimitExceededError."""
    pieces: list[bytes] = []
    rest, total = data, 0
    while is_start(rest):
        machine = new()
        budget.member()
        feed = rest
        while not machine.eof:
            try:
                piece = machine.decompress(feed, _CHUNK)
            except MemoryError:
                raise
            except Exception:  # OSError, EOFError, lzma.LZMAError: whatever the library says of damage
                raise DamagedError("damaged") from None
            feed = b""
            total += len(piece)
            budget.unpacked(len(piece), total, len(data), len(data))
            pieces.append(piece)
            if not piece and machine.needs_input and not machine.eof:
                return b"".join(pieces), b""  # cut off: what came out is what a reader gets
        rest = machine.unused_data
    return b"".join(pieces), rest
