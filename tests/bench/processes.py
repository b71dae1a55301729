"""What one may read about running processes in ``/proc``: CPU seconds and resident memory of a tree."""

from __future__ import annotations

import os
from pathlib import Path

_TICK_S = 1 / os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")


def cpu_s(pid: int) -> float:
    """CPU seconds, user and system, of a process, its living descendants and the children it has reaped."""
    ticks = sum(sum(map(int, fields[11:15])) for fields in _tree(pid).values())
    return ticks * _TICK_S


def resident_mb(pid: int, *, alone: bool = False) -> float:
    """Resident memory of a process (``alone``), or of it and its descendants, where pages that they share count once.

    The latter takes the rights to look into them (``smaps_rollup``); without these, shared pages count for each.
    """
    if alone:
        return int((Path("/proc") / str(pid) / "statm").read_text().split()[1]) * _PAGE / 1e6
    return sum(_share(one, fields) for one, fields in _tree(pid).items()) / 1e6


def _share(pid: int, fields: list[str]) -> int:
    """Return the proportional set size of a process in bytes."""
    try:
        lines = (Path("/proc") / str(pid) / "smaps_rollup").read_text().splitlines()
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:"))
    except (OSError, StopIteration):
        return int(fields[21]) * _PAGE


def _tree(pid: int) -> dict[int, list[str]]:
    """Return ``/proc/PID/stat`` (from the state on) of a process and its descendants."""
    known: dict[int, list[str]] = {}
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            fields = (entry / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        known[int(entry.name)] = fields
        children.setdefault(int(fields[1]), []).append(int(entry.name))
    found, ahead = {}, [pid]
    while ahead:
        one = ahead.pop()
        if one in known:
            found[one] = known[one]
            ahead += children.get(one, [])
    return found
