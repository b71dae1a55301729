"""Trial: torture, soak and self-audit in this order, on one state folder; then the self-audit of a gateway that leaks.

``scripts/trial --messages 100000 --soak 600`` prints what came of each. The self-audit must find nothing after all that
went before, and must find what is planted afterwards, on the same state. Needs root: the process hides from others.
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
from pathlib import Path

from tests.e2e.next_hops.soak import report, soak
from tests.e2e.next_hops.torture import summary, torture
from tests.e2e.running import RunningGateway
from tests.e2e.test_self_audit import LeakyGateway, audit


def audited(folder: Path, kind: type[RunningGateway]) -> tuple[int, set[str], int]:
    """Start a gateway on ``folder`` and audit it: exit code, places where it failed, places looked at."""
    gateway = kind.start(folder)
    try:
        code, answers, _ = audit(folder)
    finally:
        gateway.stop()
    return code, {name for name, answer in answers.items() if answer["state"] == "fail"}, len(answers)


def main() -> int:
    """Run from the command line; the exit code is 1 if a promise was broken or a leak was missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--messages", type=int, default=100_000)
    parser.add_argument("--seconds", type=float, default=1e9, help="torture for so long at most")
    parser.add_argument("--kills", type=int, default=60)
    parser.add_argument("--soak", type=float, default=600.0, help="seconds")
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        books = asyncio.run(
            torture(
                folder,
                messages=wanted.messages,
                faults=0.1,
                kills=wanted.kills,
                seed=20261122,
                seconds=wanted.seconds,
            )
        )
        print(summary(books), flush=True)
        findings = asyncio.run(soak(folder, seconds=wanted.soak))
        print(report(findings), flush=True)
        code, failed, places = audited(folder, RunningGateway)
        print(f"self-audit: {places} places, exit code {code}, found in {sorted(failed) or 'none of them'}", flush=True)
        LeakyGateway.leak = "deleted-row"
        leaky_code, leaky, _ = audited(folder, LeakyGateway)
        print(f"self-audit of a planted leak (a deleted row): exit code {leaky_code}, found in {sorted(leaky)}")
    return int(books.broken or bool(findings.leaks) or code != 0 or "database" not in leaky)


if __name__ == "__main__":
    raise SystemExit(main())
