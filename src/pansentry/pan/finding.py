"""A finding: where in a text card data stands, how sure we are and why.

The value itself is radioactive: it is behind :meth:`Finding.reveal` and nowhere else. ``repr``, ``str``, formatting,
pickling, copying to a dict and comparing never show it.
"""

from __future__ import annotations

import enum
from typing import NoReturn


class Kind(enum.StrEnum):
    """What kind of card data was found (PCI DSS 4.0.1: PAN is cardholder data, the rest sensitive or beside it)."""

    PAN = "pan"
    CVV = "cvv"
    EXPIRY = "expiry"
    TRACK = "track"


class Finding:
    """``text[start:end]`` is exactly what a mask replaces.

    ``kind`` is a :class:`Kind`; ``brand`` a key of the brand table or None; ``confidence`` 0.0 … 1.0; ``reasons``
    stable short codes, strongest first, such as ``"luhn"``, ``"iin:visa"``, ``"label:cvv"``.
    """

    __slots__ = ("__value", "brand", "confidence", "end", "kind", "reasons", "start")

    kind: Kind
    start: int
    end: int
    brand: str | None
    confidence: float
    reasons: tuple[str, ...]

    def __init__(
        self,
        kind: Kind,
        start: int,
        end: int,
        value: str,
        *,
        brand: str | None = None,
        confidence: float,
        reasons: tuple[str, ...],
    ) -> None:
        assert 0 <= start < end
        for name, item in (
            ("kind", kind),
            ("start", start),
            ("end", end),
            ("brand", brand),
            ("confidence", confidence),
            ("reasons", reasons),
            ("_Finding__value", value),
        ):
            object.__setattr__(self, name, item)

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError(f"a finding does not change: {name}")

    def __delattr__(self, name: str) -> NoReturn:
        raise AttributeError(f"a finding does not change: {name}")

    def reveal(self) -> str:
        """Return the normalised value: PAN digits, code digits, expiry as ``MM/YY``, track as read.

        The one door through which digits come out; callers are counted by a test.
        """
        value: str = self.__value  # type: ignore[attr-defined]
        return value

    @property
    def last4(self) -> str:
        """The last four digits of a PAN, ``""`` for every other kind (PCI DSS 3.3.1: a code is never kept in part)."""
        return self.reveal()[-4:] if self.kind is Kind.PAN else ""

    @property
    def masked(self) -> str:
        """A form that may be shown and logged: ``visa …1111``, ``cvv``, ``expiry``, ``track``."""
        return f"{self.brand or 'card'} …{self.last4}" if self.kind is Kind.PAN else str(self.kind)

    def __repr__(self) -> str:
        return (
            f"<Finding {self.masked} at {self.start}:{self.end} "
            f"confidence {self.confidence:.2f} {' '.join(self.reasons)}>"
        )

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return format(repr(self), spec)

    def __reduce__(self) -> NoReturn:
        raise TypeError("a finding is not pickled: it holds card data")

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Finding):
            return NotImplemented
        return (self.kind, self.start, self.end, self.reveal()) == (other.kind, other.start, other.end, other.reveal())

    def __hash__(self) -> int:
        return hash((self.kind, self.start, self.end))
