"""The processes of a running gateway, found by the port they listen on; Linux's /proc, see proc(5).

Needs to be root or the gateway's own user; what may not be looked at is said, not guessed.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_LISTEN = "0A"


@dataclass(frozen=True, slots=True)
class Instance:
    """The gateway's processes. ``opened`` is False if no process could be looked into; ``listening``: anybody does."""

    processes: tuple[int, ...]
    opened: bool
    listening: bool


def find(port: int) -> Instance:
    """Return the processes that listen on ``port``, and their children."""
    wanted = {f"socket:[{inode}]" for inode in _listening(port)}
    found: set[int] = set()
    opened = False
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            links = set(_links(folder / "fd"))
        except OSError:
            continue
        opened = opened or int(folder.name) != os.getpid()
        if links & wanted:
            found.add(int(folder.name))
    return Instance(tuple(sorted(found | _children_of(found))), opened, bool(wanted))


def _links(folder: Path) -> Iterator[str]:
    """Yield what descriptors lead to; one that is closed meanwhile is none. Raises OSError if none may be seen."""
    for link in folder.iterdir():
        with contextlib.suppress(FileNotFoundError):
            yield os.readlink(link)


def _listening(port: int) -> set[str]:
    inodes: set[str] = set()
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        try:
            lines = Path(table).read_text("ascii").splitlines()[1:]
        except OSError:
            continue
        for line in lines:
            words = line.split()
            if words[3] == _LISTEN and int(words[1].rpartition(":")[2], 16) == port:
                inodes.add(words[9])
    return inodes


def _children_of(parents: set[int]) -> set[int]:
    by_parent: dict[int, set[int]] = {}
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = status.read_text("ascii", "replace").rpartition(")")[2].split()
        except OSError:
            continue
        by_parent.setdefault(int(fields[1]), set()).add(int(status.parent.name))
    found: set[int] = set()
    left = set(parents)
    while left:
        left = {child for parent in left for child in by_parent.get(parent, ())} - found
        found |= left
    return found


def core_limit(process: int) -> str:
    """Return the hard limit of core files (``0`` is what it should be). Raises OSError."""
    for line in Path(f"/proc/{process}/limits").read_text("ascii").splitlines():
        if line.startswith("Max core file size"):
            return line.split()[-2]
    return "unknown"


def environment(process: int) -> dict[str, bytes]:
    """Return the environment a process was started with. Raises OSError."""
    pairs = (item.partition(b"=") for item in Path(f"/proc/{process}/environ").read_bytes().split(b"\0") if item)
    return {name.decode("ascii", "replace"): value for name, _, value in pairs}


def open_files(process: int) -> list[tuple[Path, str]]:
    """Return regular files on file systems that a process has open, deleted ones too, with what they are called."""
    found: list[tuple[Path, str]] = []
    for link in Path(f"/proc/{process}/fd").iterdir():
        try:
            target = os.readlink(link)
        except OSError:
            continue
        if target.startswith("/") and not target.startswith(("/memfd:", "/dev/", "/proc/", "/sys/")) and link.is_file():
            found.append((link, target))
    return found
