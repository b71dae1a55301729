"""What the caller of the detector wants: thresholds per kind, brands, own formats, and what is known already."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING

from pansentry.pan.finding import Kind

if TYPE_CHECKING:
    from collections.abc import Mapping

DEFAULT_THRESHOLDS: Mapping[Kind, float] = MappingProxyType(
    {Kind.PAN: 0.6, Kind.CVV: 0.6, Kind.EXPIRY: 0.6, Kind.TRACK: 0.6}
)


@dataclass(frozen=True, slots=True)
class DetectOptions:
    """Options of one detection; the policy builds it.

    ``brands`` limits detection to these brand keys (empty: all). ``own_numbers`` are formats of numbers that are not
    cards here: ``#`` is any digit, digits stand for themselves, everything else is ignored ("48##############").
    ``ignore_test_numbers`` leaves the payment providers' published test numbers alone. ``languages`` limits the label
    files that are used (empty: all).
    """

    thresholds: Mapping[Kind, float] = field(default_factory=lambda: DEFAULT_THRESHOLDS)
    brands: frozenset[str] = frozenset()
    own_numbers: tuple[str, ...] = ()
    ignore_test_numbers: bool = False
    languages: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Known:
    """What is known before a text is read.

    ``card_in_message``: another part of the same message holds a PAN. ``card_in_conversation``: this conversation
    had a card lately (memory). Both let a bare code and expiry ("09/28 737") be read as such.
    """

    card_in_message: bool = False
    card_in_conversation: bool = False


NOTHING_KNOWN = Known()
DEFAULT_OPTIONS = DetectOptions()
