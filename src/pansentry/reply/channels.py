"""Ways to pay that a letter offers, in the business's order, from what the business gave.

A way without its fact (no pay page, no phone) is left out; that at least two remain, one of them the phone, is the
linter's business at load.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pansentry.configuration import Business

KINDS = ("pay_page", "phone", "website", "callback", "in_person", "post", "sms", "whatsapp", "bank_transfer")


@dataclass(frozen=True, slots=True)
class Way:
    """One way to pay: ``kind`` of :data:`KINDS`; ``value`` a URL, a number as printed on invoices, an address, or
    ``""`` for a call-back; ``note`` stands in brackets behind it (opening hours)."""

    kind: str
    value: str
    note: str = ""


def ways(business: Business) -> tuple[Way, ...]:
    """Return the ways that ``business`` offers."""
    return tuple(
        Way(kind, str(value), (business.hours or "") if kind == "phone" else "")
        for kind in business.channels
        if (value := getattr(business, kind))
    )
