"""Numbers for Prometheus, in its text format: made from the store and the gateway's own counts when asked.

Sums over the event log rather than counters in the process, so that several workers and a restart say the same.
Source: the text-based exposition format 0.0.4. :data:`NAMES` are all there are; the dashboard and the alert rules in
``deploy/`` may use no other (a test compares them).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pansentry.store.counted import histograms
from pansentry.store.tallies import by_which, day_of
from pansentry.version import __version__

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from pansentry.console.office import Office

CENSUS = ("connections", "running", "bytes_in_flight")
"""What the gateway counts of itself; gauges."""
_SUMS = (
    # metric, what it says, its label, the name of the sums
    ("messages_total", "Messages judged.", "action", "message"),
    ("findings_total", "Values found.", "kind", "found"),
    ("brand_messages_total", "Messages with a card of a brand.", "brand", "brand"),
    ("place_messages_total", "Messages with card data at a place.", "place", "place"),
    ("unreadable_messages_total", "Messages with something that could not be read.", "reason", "unreadable"),
    ("letters_total", "Letters, by what became of them.", "outcome", "letter"),
    ("silence_total", "Messages without a letter, by the reason.", "reason", "silence"),
    ("marked_total", "Reference codes, by what the customer did.", "mark", "marked"),
    ("reported_total", "Decisions that somebody called wrong.", "what", "report"),
    ("happened_total", "What was logged and matters.", "event", "log"),
)
_GAUGES = (
    ("info", "What runs.", "version"),
    ("up", "Whether what the gateway needs answers.", "what"),
    ("outbox_waiting", "Letters and mails that wait to be sent.", ""),
    ("outbox_oldest_seconds", "How long the oldest of them has waited.", ""),
    ("nodes", "Processes that take mail, by whether they are heard of.", "heard"),
    ("held", "Mails on hold.", ""),
    ("policy_refused", "Whether what lies in the folder of policies is not in use.", ""),
    ("certificate_days", "Days until a certificate ends.", "file"),
    *((name, f"{name.replace('_', ' ')} now.", "") for name in CENSUS),
)
_TOOK = "stage_seconds"
NAMES = frozenset(
    f"pansentry_{name}"
    for name in (
        *(row[0] for row in _SUMS),
        *(row[0] for row in _GAUGES),
        *(f"{_TOOK}_{part}" for part in ("bucket", "sum", "count")),
    )
)


@dataclass(frozen=True, slots=True)
class Sample:
    """One line: a name's suffix, labels in their order, a value."""

    value: float
    labels: tuple[tuple[str, str], ...] = ()
    suffix: str = ""


async def exposition(office: Office) -> str:
    """Return the page for a scraper."""
    sums = await office.store.tallies.between(0, day_of(office.clock()))
    health, census = await office.health(), office.census()
    certificates = health.get("certificates")
    nodes, oldest = await office.store.nodes.list(), await office.store.outbox.oldest()
    values: dict[str, Mapping[str, float]] = {
        "info": {__version__: 1},
        "up": {name: int(health.get(name) == "ok") for name in ("store", "next_hop")},
        "outbox_waiting": {"": await office.store.outbox.waiting()},
        "outbox_oldest_seconds": {"": max(0.0, office.clock() - oldest) if oldest is not None else 0},
        "nodes": {said: sum(node.is_here is here for node in nodes) for said, here in (("yes", True), ("no", False))},
        "held": {"": await office.store.held.count()},
        "policy_refused": {"": int(await office.store.versions.refused() is not None)},
        "certificate_days": certificates if isinstance(certificates, dict) else {},
        **{name: {"": census[name]} for name in CENSUS if name in census},
    }
    lines: list[str] = []
    for name, what, label, sum_name in _SUMS:
        lines += _metric(name, "counter", what, _labelled(label, by_which(sums, sum_name)))
    for name, what, label in _GAUGES:
        lines += _metric(name, "gauge", what, _labelled(label, values.get(name, {})))
    lines += _metric(_TOOK, "histogram", "How long a stage of a mail took.", list(_histogram(sums)))
    return "".join(f"{line}\n" for line in lines)


def _labelled(label: str, values: Mapping[str, float]) -> list[Sample]:
    return [Sample(value, ((label, which),) if label else ()) for which, value in values.items()]


def _histogram(sums: Mapping[str, int]) -> Iterator[Sample]:
    for stage, (buckets, seconds) in histograms(sums).items():
        for bound, number in buckets:
            yield Sample(number, (("stage", stage), ("le", bound)), "_bucket")
        yield Sample(seconds, (("stage", stage),), "_sum")
        yield Sample(buckets[-1][1], (("stage", stage),), "_count")


def _metric(name: str, kind: str, what: str, samples: Sequence[Sample]) -> Iterator[str]:
    """Yield one metric, a line for each sample."""
    yield f"# HELP pansentry_{name} {what}"
    yield f"# TYPE pansentry_{name} {kind}"
    for sample in samples:
        inside = ",".join(f'{label}="{_escaped(value)}"' for label, value in sample.labels)
        value = f"{sample.value:.3f}" if isinstance(sample.value, float) else str(sample.value)
        yield f"pansentry_{name}{sample.suffix}{f'{{{inside}}}' if inside else ''} {value}"


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
