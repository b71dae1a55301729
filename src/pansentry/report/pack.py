"""The PCI pack of a month: for each mail with card data the four points of requirement 12.10.7, and what holds for all.

In: the events of the month. Out: :class:`Pack`, plain values for a page, a PDF or CSV. No digit, no address: domains,
our reference of the mail, brands, counts.
Sources: PCI DSS 4.0.1 requirements 12.10.7 (what to do when stored PAN is found where not expected: retrieve or delete
it, is sensitive authentication data with it, where from and how, mend the gap), 12.5.2 (scope), 3.2.1 and 3.3.1
(retention); FAQ 1157. What the pack says supports these; it does not make anybody compliant, and says so.
Limits: :data:`MAX_INCIDENTS` are listed; ``total`` counts all.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pansentry.places import real
from pansentry.store.tallies import DAY_S, by_which

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pansentry.report.month import Month
    from pansentry.store import Store

MAX_INCIDENTS = 1000
KEPT_DAYS = 400
DONE = {
    "redact": "taken out before delivery",
    "replace-part": "part taken out before delivery",
    "hold": "redacted copy on hold",
    "refuse": "refused, never taken",
    "tempfail": "not taken",
    "deliver": "delivered as it was",
}
"""Point 1 in words, by the action of the policy."""
STATEMENTS = (
    (
        "12.10.7",
        "Card data that came by mail, where it is not expected, is listed below: what was done with it, whether a "
        "security code or magnetic stripe was with it, where it came from and how, and what was done about the cause.",
    ),
    (
        "3.2.1, 3.3.1",
        "PanSentry keeps no card number, no security code and no magnetic stripe: not in its database, logs or "
        "letters. Unredacted mail is in memory only; an original that a policy seals is encrypted to a key that is "
        "not on the machine, codes cut out first. What is noted of a mail is deleted after 400 days.",
    ),
    (
        "12.5.2",
        "The machine that runs PanSentry handles card numbers in memory, so it is in scope, and so is what is "
        "connected to it. It shrinks the scope behind it: mailboxes, their backups, the people who read them.",
    ),
    (
        "Limits",
        "This list shows what was found. Mail that could not be read (encrypted, damaged) and mail that did not come "
        "through the gateway is not in it. It supports a self-assessment and does not replace one.",
    ),
)
"""What the pack says beside the list: requirement, sentence of the catalogue."""


@dataclass(frozen=True, slots=True)
class Incident:
    """One mail with card data: when, our reference, and the four points of 12.10.7."""

    at: float
    reference: str
    done: str
    """Point 1: a sentence of :data:`DONE`."""
    found: str
    """What it was: ``2 pan, 1 cvv (visa)``."""
    has_sad: bool
    """Point 2: whether sensitive authentication data (security code, magnetic stripe) was with it."""
    origin: str
    """Point 3, where from: the sender's domain."""
    places: str
    """Point 3, how: where in the mail it stood."""
    mended: str
    """Point 4: the letter that told the customer, or why there was none."""


@dataclass(frozen=True, slots=True)
class Pack:
    """The pack. ``total`` counts all of the month; ``repeaters`` are how many senders of those listed sent card data so
    many times (2, 3 …)."""

    month: str
    total: int
    incidents: tuple[Incident, ...]
    repeaters: Mapping[int, int]


async def pack_of(store: Store, month: Month, *, limit: int = MAX_INCIDENTS) -> Pack:
    """Return the pack of a month, the newest incident first; at most ``limit`` are listed."""
    first, last = month.days
    events = await store.history.found_between(first * DAY_S, (last + 1) * DAY_S, limit)
    total = sum(by_which(await store.tallies.between(first, last), "to").values())
    senders = Counter(str(keys[0]) for event in events if (keys := event.get("sender_keys")))
    often = Counter(number for number in senders.values() if number > 1)
    incidents = tuple(_incident(event) for event in events)
    return Pack(str(month), max(total, len(events)), incidents, dict(sorted(often.items())))


def _incident(event: Mapping[str, Any]) -> Incident:
    kinds = [f"{event[kind]} {kind}" for kind in ("pan", "cvv", "expiry", "track") if event.get(kind)]
    brands = ", ".join(event.get("brands") or ())
    return Incident(
        at=float(event["at"]),
        reference=str(event.get("message_ref") or event["id"]),
        done="only noted" if event.get("observe_only") else DONE.get(str(event["action"]), str(event["action"])),
        found=", ".join(kinds) + (f" ({brands})" if brands else ""),
        has_sad=bool(event.get("cvv") or event.get("track")),
        origin=str(event.get("sender_domain") or "–"),
        places=", ".join(real(event.get("places") or ())) or "–",
        mended=f"letter {event['letter']}"
        if event.get("letter") and not event.get("silence")
        else str(event.get("silence") or "–"),
    )
