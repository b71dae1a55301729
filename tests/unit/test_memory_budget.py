"""What is promised to mail fits into what there is: 452 comes before the kernel does."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.unit.delivery.test_presenting import configured

from pansentry.process import memory_at_hand
from pansentry.wiring import smtp_limits

MIB = 1024 * 1024


def machine(root: Path, *, total_mib: int = 4096, group: str = "", limits: dict[str, str] | None = None) -> Path:
    """Lay out what a kernel shows of its memory and of control groups."""
    (root / "proc/self").mkdir(parents=True)
    (root / "proc/meminfo").write_text(f"MemTotal:        {total_mib * 1024} kB\nMemFree: 1 kB\n")
    (root / "proc/self/cgroup").write_text(f"0::/{group}\n")
    for folder, limit in (limits or {}).items():
        (root / "sys/fs/cgroup" / folder).mkdir(parents=True, exist_ok=True)
        (root / "sys/fs/cgroup" / folder / "memory.max").write_text(limit + "\n")
    return root


@pytest.mark.parametrize(
    ("group", "limits", "mib"),
    [
        ("", {}, 4096),
        ("", {"": str(512 * MIB)}, 512),
        ("", {"": "max"}, 4096),
        ("system.slice/pansentry.service", {"system.slice/pansentry.service": str(1024 * MIB)}, 1024),
        ("a.slice/b.service", {"a.slice": str(2048 * MIB), "a.slice/b.service": "max"}, 2048),
        ("a.slice/b.service", {"a.slice/b.service": str(9000 * MIB)}, 4096),
    ],
)
def test_the_least_of_all_bounds_counts(tmp_path: Path, group: str, limits: dict[str, str], mib: int) -> None:
    """The machine, a container, a unit and the slice above it: the smallest is what there is."""
    assert memory_at_hand(machine(tmp_path, group=group, limits=limits)) == mib * MIB


def test_a_kernel_that_says_nothing(tmp_path: Path) -> None:
    """Without /proc and control groups the configured limits stand."""
    assert memory_at_hand(tmp_path) > 1 << 50


@pytest.mark.parametrize(
    ("mib", "in_flight_mib", "message_mib"),
    [(1 << 20, 512, 50), (2816, 512, 50), (1256, 200, 50), (756, 100, 50), (656, 80, 40), (64, 51.2, 25.6)],
)
def test_limits_fit_into_memory(mib: int, in_flight_mib: float, message_mib: float) -> None:
    """Five octets for each octet of mail and 256 MiB apart; what could never fit is refused for good, not deferred."""
    limits = smtp_limits(configured(""), mib * MIB)
    assert limits.max_bytes_in_flight == int(in_flight_mib * MIB)
    assert limits.max_message_bytes == int(message_mib * MIB)
