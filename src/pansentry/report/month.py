"""One month in numbers: what was taken out where, what customers were told, what it says for PCI DSS.

In: the store's sums (:mod:`pansentry.store.tallies`). Out: :class:`Report`, plain values for a page, JSON or CSV. No
message and no person is in it. Sources: PCI DSS 4.0.1 requirements 3.2.1, 3.3.1, 12.5.2, 12.10.7.
"""

from __future__ import annotations

import calendar
import re
from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from pansentry.places import JOINED, coarse
from pansentry.store.tallies import DAY_S, by_which

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pansentry.store import Store

MINUTES_SAVED = 6
"""For each message with card data: finding it, deleting it everywhere, and asking the customer for another way."""
_EPOCH = date(1970, 1, 1)


@dataclass(frozen=True, slots=True, order=True)
class Month:
    """A month of the calendar, in UTC."""

    year: int
    number: int

    @classmethod
    def parse(cls, text: str) -> Month:
        """Read ``2026-11``. Raises ValueError."""
        match = re.fullmatch(r"([12][0-9]{3})-(0[1-9]|1[0-2])", text)
        if match is None:
            raise ValueError("Write the month as 2026-11.")
        return cls(int(match[1]), int(match[2]))

    def before(self) -> Month:
        """Return the month before."""
        return Month(self.year - 1, 12) if self.number == 1 else Month(self.year, self.number - 1)

    @property
    def days(self) -> tuple[int, int]:
        """The first and the last day, in days since the epoch."""
        first = (date(self.year, self.number, 1) - _EPOCH).days
        return first, first + calendar.monthrange(self.year, self.number)[1] - 1

    def __str__(self) -> str:
        return f"{self.year:04d}-{self.number:02d}"


@dataclass(frozen=True, slots=True)
class Report:
    """A month. All numbers count messages, but ``found``, which counts values."""

    month: str
    messages: int
    with_card_data: int
    actions: Mapping[str, int]
    found: Mapping[str, int]
    brands: Mapping[str, int]
    places: Mapping[str, int]
    mailboxes: Mapping[str, int]
    languages: Mapping[str, int]
    marked: Mapping[str, int]
    unreadable: Mapping[str, int]
    silence: Mapping[str, int]
    """Mails with card data whose sender got no letter, by the reason."""
    letters: int
    held: int
    released: int
    reported: int
    """Decisions that somebody called wrong (“this was not a card”)."""
    minutes_saved: int
    trend: tuple[int, ...] = field(default=())
    """Messages with card data, day by day."""


async def month_of(store: Store, month: Month) -> Report:
    """Return the report of a month."""
    first, last = month.days
    sums = await store.tallies.between(first, last)
    actions = by_which(sums, "message")
    by_day = [0] * (last - first + 1)
    for action in ("redact", "replace-part", "hold", "refuse"):
        for day, number in (await store.tallies.by_day(first, last, f"message:{action}")).items():
            by_day[day - first] += number
    mailboxes = by_which(sums, "to")
    with_card_data = sum(mailboxes.values())
    return Report(
        month=str(month),
        messages=sum(actions.values()),
        with_card_data=with_card_data,
        actions=actions,
        found=by_which(sums, "found"),
        brands=by_which(sums, "brand"),
        places=_by_place(by_which(sums, "place")),
        mailboxes=mailboxes,
        languages=by_which(sums, "language"),
        marked=await store.codes.marked_between(first * DAY_S, (last + 1) * DAY_S),
        unreadable=by_which(sums, "unreadable"),
        silence=by_which(sums, "silence"),
        letters=by_which(sums, "letter").get("sent", 0),
        held=actions.get("hold", 0),
        released=(await store.audit.count_between(first * DAY_S, (last + 1) * DAY_S)).get("held.release", 0),
        reported=by_which(sums, "report").get("not-a-card", 0),
        minutes_saved=with_card_data * MINUTES_SAVED,
        trend=tuple(by_day),
    )


def _by_place(sums: Mapping[str, int]) -> Mapping[str, int]:
    """Return sums of places by the names of today; days on which each part and page was counted are among them."""
    summed = Counter[str]()
    for place, number in sums.items():
        if place != JOINED:  # it was counted beside the real place
            summed[coarse(place)] += number
    return dict(sorted(summed.items(), key=lambda row: (-row[1], row[0])))
