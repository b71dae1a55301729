"""What is remembered of a customer for the sake of letters: how many, in which language, and whether any are wanted.

Known by a keyed token of the address, never by the address; the store keeps it as long as the letter says.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Customer:
    """``letters`` counts those sent so far; ``language`` is ``""`` until it was plain; ``silent`` wants no letters."""

    letters: int = 0
    language: str = ""
    silent: bool = False


STRANGER = Customer()


class Customers(Protocol):
    """Looks a customer up by token; answers at once (:class:`pansentry.store.customers.Customers`)."""

    def get(self, token: str) -> Customer: ...


class Strangers:
    """Knows nobody."""

    def get(self, token: str) -> Customer:
        return STRANGER
