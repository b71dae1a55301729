"""Metrics: every name has a value, the dashboard and the alerts use no other, and histograms add up."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from tests.unit.console.desk import desk
from tests.unit.console.test_console import FINDING

from pansentry.console.metrics import NAMES
from pansentry.store import open_store
from pansentry.store.counted import BOUNDS_S, Counted, histograms

DEPLOY = Path(__file__).parents[3] / "deploy/grafana"
NAME = re.compile(r"pansentry_[a-z_]+")


async def test_every_metric_has_help_type_and_lines_that_parse(tmp_path: Path) -> None:
    """The page has a HELP and a TYPE for each name, and each line is a name, labels and a number."""
    async with desk(tmp_path) as console:
        console.store.events.record(FINDING)
        console.store.counted.took("judge", 0.004)
        console.store.counted.happened("worker.started")
        await console.store.events.flush()
        await console.store.counted.flush()
        text = (await (await console.signed_in()).get("/metrics")).text
    lines = text.splitlines()
    families = {line.split()[2] for line in lines if line.startswith("# TYPE")}
    assert families == {line.split()[2] for line in lines if line.startswith("# HELP")}
    assert {name.removesuffix("_bucket").removesuffix("_sum").removesuffix("_count") for name in NAMES} == families
    sample = re.compile(r'pansentry_[a-z_]+(\{[a-z]+="[^"\n]*"(,[a-z]+="[^"\n]*")*\})? -?[0-9.]+\Z')
    assert all(sample.match(line) for line in lines if not line.startswith("#"))
    for said in (
        'pansentry_findings_total{kind="pan"} 1',
        'pansentry_happened_total{event="worker.started"} 1',
        'pansentry_stage_seconds_bucket{stage="judge",le="0.0025"} 0',
        'pansentry_stage_seconds_bucket{stage="judge",le="0.005"} 1',
        'pansentry_stage_seconds_bucket{stage="judge",le="+Inf"} 1',
        'pansentry_stage_seconds_count{stage="judge"} 1',
        "pansentry_held 0",
    ):
        assert said in lines, said


def test_the_dashboard_and_the_alerts_name_metrics_that_exist() -> None:
    """Each expression uses names of ours that the page has; each alert says what is so and what to do."""
    dashboard = json.loads((DEPLOY / "dashboard.json").read_text("utf-8"))
    shown = [target["expr"] for panel in dashboard["panels"] for target in panel["targets"]]
    groups = YAML(typ="safe").load((DEPLOY / "alerts.yaml").read_text("utf-8"))["groups"]
    rules = [rule for group in groups for rule in group["rules"]]
    used = [set(NAME.findall(expression)) for expression in (*shown, *(rule["expr"] for rule in rules))]
    assert all(used)
    assert set().union(*used) <= NAMES
    assert all(rule["annotations"]["summary"] and rule["annotations"]["runbook"] for rule in rules)
    assert len({rule["alert"] for rule in rules}) == len(rules)
    assert len({panel["id"] for panel in dashboard["panels"]}) == len(dashboard["panels"])


async def test_counts_are_added_up_across_processes(tmp_path: Path) -> None:
    """Two processes count into one database; buckets are cumulative, sums are in seconds, unknown names are dropped."""
    url = f"sqlite:///{tmp_path}/x.db"
    for seconds in (0.0005, 0.3, 99.0):
        store = await open_store(url, lambda: 1_000_000.0)
        store.counted.took("relay", seconds)
        store.counted.happened("reload.done")
        store.counted.happened("message")
        await store.close()
    store = await open_store(url, lambda: 1_000_000.0)
    sums = await store.tallies.between(0, 10**6)
    await store.close()
    assert {name: number for name, number in sums.items() if name.startswith("log:")} == {"log:reload.done": 3}
    buckets, seconds = histograms(sums)["relay"]
    assert len(buckets) == len(BOUNDS_S) + 1
    assert (buckets[0], dict(buckets)["0.5"], buckets[-1]) == (("0.001", 1), 2, ("+Inf", 3))
    assert 99.2 < seconds < 99.4


class Away:
    """A database that cannot write once, and then is what it stands for."""

    def __init__(self, database: Any) -> None:
        self.database, self.fails = database, True

    def __getattr__(self, name: str) -> Any:
        return getattr(self.database, name)

    async def write(self, job: Any) -> Any:
        if self.fails:
            self.fails = False
            raise OSError("disk")
        return await self.database.write(job)


async def test_what_could_not_be_written_is_kept(tmp_path: Path) -> None:
    """A store that fails loses no count: it is written with the next ones."""
    store = await open_store(f"sqlite:///{tmp_path}/x.db", lambda: 1_000_000.0)
    counted = Counted(Away(store.database))
    counted.took("total", 2.0)
    counted.happened("scan.failed")
    await counted.flush()
    assert await store.tallies.between(0, 10**6) == {}
    await counted.close()
    sums = await store.tallies.between(0, 10**6)
    await store.close()
    assert sums == {"log:scan.failed": 1, "took:total:2.5": 1, "took_ms:total": 2000}
