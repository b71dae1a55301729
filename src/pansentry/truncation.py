"""How much of a number may stay readable: the truncation limits of PCI DSS, in one table.

PCI DSS 4.0.1 requirement 3.5.1 and FAQ 1091: at most the first six and the last four digits; of 16 digits at least four
are removed, of 15 at least five. Code and track data always go in full (3.3.1). One truncation format in the whole
installation, because two formats of one number can be put together (3.5.1); ``policy/loading.py`` enforces that.

Departure, on the safe side: numbers of 13 and 14 digits keep only their last four under ``first6last4``, since six and
four of fourteen would leave four unknown digits, one of which is the check digit.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

PAN_FORMATS: Mapping[str, tuple[int, int]] = MappingProxyType({"last4": (0, 4), "first6last4": (6, 4), "full": (0, 0)})
"""Digits kept at the head and at the tail, by the name of the format."""

EXPIRY_FORMATS = ("full", "keep")
SHORTEST_PAN = 12
"""ISO/IEC 7812-1: fewer digits are a part of a number, and two parts could be put together."""
MIN_REMOVED = 5
"""Digits that are removed at least for lengths other than 16, for which FAQ 1091 allows four."""


@dataclass(frozen=True, slots=True)
class Style:
    """What stays of each kind: ``pan`` a key of :data:`PAN_FORMATS`, ``expiry`` one of :data:`EXPIRY_FORMATS`."""

    pan: str = "last4"
    expiry: str = "full"

    def kept(self, length: int) -> tuple[int, int]:
        """Return how many leading and trailing digits of a PAN of ``length`` digits stay; of a half, none."""
        if length < SHORTEST_PAN:
            return 0, 0
        head, tail = PAN_FORMATS[self.pan]
        if length - head - tail < MIN_REMOVED and length != 16:
            head = 0
        return (head, tail) if length - tail >= MIN_REMOVED else (0, 0)
