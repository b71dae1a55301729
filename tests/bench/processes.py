"""What one may read about running processes in ``/proc``: CPU seconds and resident memory of a tree."""

from __future__ import annotations

import os
from pathlib import Path

_TICK_S = 1 / os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")


def cpu_s(pid: int) -> float:
    """CPU seconds, user and system, of a process, its living descendants and the children it has reaped."""
    ticks = sum(sum(map(int, fields[11:15])) for fields in _tree(pid))
    return ticks * _TICK_S


def resident_mb(pid: int, *, alone: bool = False) -> float:
    """Resident memory of a process and its descendants (``alone``: without them); pages they share count for each."""
    if alone:
        return int((Path("/proc") / str(pid) / "statm").read_text().split()[1]) * _PAGE / 1e6
    return sum(int(fields[21]) for fields in _tree(pid)) * _PAGE / 1e6


def _tree(pid: int) -> list[list[str]]:
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
    found, ahead = [], [pid]
    while ahead:
        one = ahead.pop()
        if one in known:
            found.append(known[one])
            ahead += children.get(one, [])
    return found
