"""Opening hours: is somebody there at a moment, holidays and time zone included. The clock comes from the caller."""

from __future__ import annotations

import datetime
import zoneinfo
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pansentry.channels.channel import Opening


def is_open(opening: Opening | None, now: float) -> bool:
    """Tell whether the shop is open at ``now`` (seconds since the epoch); a shop that names no hours always is."""
    if opening is None:
        return True
    moment = datetime.datetime.fromtimestamp(now, zoneinfo.ZoneInfo(opening.zone))
    if not opening.closed.isdisjoint({moment.strftime("%Y-%m-%d"), moment.strftime("%m-%d")}):
        return False
    minute, day = moment.hour * 60 + moment.minute, moment.weekday()
    return any(on == day and start <= minute < end for on, start, end in opening.spans)
