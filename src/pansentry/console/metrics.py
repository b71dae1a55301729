"""Numbers for Prometheus, in its text format: made from the store and the gateway's own counts when asked.

Sums over the event log rather than counters in the process, so that several workers and a restart say the same.
Source: the text-based exposition format 0.0.4.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pansentry.store.tallies import by_which, day_of
from pansentry.version import __version__

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pansentry.console.office import Office


async def exposition(office: Office) -> str:
    """Return the page for a scraper."""
    sums = await office.store.tallies.between(0, day_of(office.clock()))
    health = await office.health()
    waiting, held = await office.store.outbox.waiting(), await office.store.held.count()
    up = {name: int(health.get(name) == "ok") for name in ("store", "next_hop")}
    rows = (
        ("info", "gauge", "What runs.", "version", {__version__: 1}),
        ("messages_total", "counter", "Messages judged.", "action", by_which(sums, "message")),
        ("findings_total", "counter", "Values found.", "kind", by_which(sums, "found")),
        ("brand_messages_total", "counter", "Messages with a card of a brand.", "brand", by_which(sums, "brand")),
        ("place_messages_total", "counter", "Messages with card data at a place.", "place", by_which(sums, "place")),
        ("letters_total", "counter", "Letters, by what became of them.", "outcome", by_which(sums, "letter")),
        ("up", "gauge", "Whether what the gateway needs answers.", "what", up),
        ("outbox_waiting", "gauge", "Letters and mails that wait to be sent.", "", {"": waiting}),
        ("held", "gauge", "Mails on hold.", "", {"": held}),
        *((name, "gauge", f"{name.replace('_', ' ')} now.", "", {"": n}) for name, n in office.census().items()),
    )
    return "".join(f"{line}\n" for row in rows for line in _metric(*row))


def _metric(name: str, kind: str, what: str, label: str, values: Mapping[str, int]) -> Iterator[str]:
    """Yield one metric, a line for each value of its label."""
    yield f"# HELP pansentry_{name} {what}"
    yield f"# TYPE pansentry_{name} {kind}"
    for which, value in values.items():
        labels = f'{{{label}="{_escaped(which)}"}}' if label else ""
        yield f"pansentry_{name}{labels} {value}"


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
