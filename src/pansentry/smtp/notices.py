"""What strangers make us write to the log, held to a few lines a minute.

In: events that any peer can cause as often as it likes (a refused connection, garbage, a failed handshake). Out: the
first :data:`LINES` of each event in an interval as they are, and at its end one line ``smtp.repeated`` that says how
many more there were, and from how many clients (counted up to :data:`MOST_CLIENTS`). What needs a connection that was
let in, or a fault of ours, is not held back.

The attack: a flood of connections that are refused cheaply, but fill the disk, or drown the line somebody looks for.
"""

from __future__ import annotations

from pansentry.smtp.session import Log

LINES = 20
"""Of one event, in one interval."""
INTERVAL_S = 60.0
MOST_CLIENTS = 1000
PROVOKED = frozenset(
    {
        "smtp.connection_refused",
        "smtp.early_talker",
        "smtp.proxy_malformed",
        "smtp.proxy_untrusted",
        "smtp.starttls_injection",
        "smtp.tls_failed",
        "smtp.too_many_errors",
        "smtp.too_much_ahead",
        "smtp.too_slow",
    }
)


class _Tally:
    __slots__ = ("clients", "lines", "more")

    def __init__(self) -> None:
        self.lines = 0
        self.more = 0
        self.clients: set[str] = set()


class Notices:
    """A log in front of a log. Pure but for the log it was given: the clock is an argument of :meth:`flush`."""

    def __init__(self, log: Log, now: float) -> None:
        self._log = log
        self._begun = now
        self._tallies: dict[str, _Tally] = {}

    def __call__(self, event: str, /, **fields: str | int | float) -> None:
        """Write the line, or only count it."""
        if event in PROVOKED:
            tally = self._tallies.setdefault(event, _Tally())
            if tally.lines >= LINES:
                tally.more += 1
                if len(tally.clients) < MOST_CLIENTS:
                    tally.clients.add(str(fields.get("peer", "")))
                return
            tally.lines += 1
        self._log(event, **fields)

    def flush(self, now: float, *, at_once: bool = False) -> None:
        """Say what was only counted, once the interval is over, and begin another; ``at_once``: when it stops."""
        if now - self._begun < INTERVAL_S and not at_once:
            return
        begun, self._begun = self._begun, now
        tallies, self._tallies = self._tallies, {}
        for event, tally in tallies.items():
            if tally.more:
                self._log(
                    "smtp.repeated",
                    what=event,
                    times=tally.more,
                    clients=len(tally.clients),
                    seconds=round(now - begun),
                )
