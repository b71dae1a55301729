"""A folder of policies on a disk: read as one piece, watched cheaply, written as one piece.

In: a folder with ``*.yaml``, ``groups.yaml``, ``tests/`` and ``mails/``. Out: a :class:`Snapshot` of everything that a
decision or a test depends on. An editor that saves two files, or a copy that is under way, must not become half a
policy: a snapshot is taken only if nothing changed while it was read, and nobody says that they are writing
(:data:`WRITING`).

Limits: :data:`MAX_FILES`, :data:`MAX_BYTES` of all files together; proposals and hidden files do not count.
"""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pansentry.errors import ConfigurationError, Flaw

MAX_FILES = 2000
MAX_BYTES = 64 * 1024 * 1024
WRITING = ".writing"
"""A file of this name in the folder says that several files are being written; after a minute it is forgotten."""
_WRITING_S = 60.0
_TRIES = 25
_WAIT_S = 0.2
_PARTS = (("", (".yaml",)), ("tests", ()), ("mails", (".txt",)))
"""Folders below, and the endings that count in them (none: every file)."""

Fingerprint = tuple[tuple[str, int, int, int], ...]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The files by their names below ``folder``, as they were at one moment."""

    folder: Path
    files: Mapping[str, bytes] = field(repr=False)
    fingerprint: Fingerprint = field(repr=False)

    @property
    def digest(self) -> str:
        """A digest over names and contents, ten characters."""
        whole = hashlib.sha256()
        for name, content in sorted(self.files.items()):
            whole.update(f"{len(name)}:{name}{len(content)}:".encode())
            whole.update(content)
        return whole.hexdigest()[:10]

    @property
    def policies(self) -> Mapping[str, bytes]:
        """The policy files, by their paths as an admin would name them."""
        return {str(self.folder / name): content for name, content in self.files.items() if "/" not in name}

    @property
    def tests(self) -> Mapping[str, bytes]:
        """Everything below ``tests``, by path."""
        named = self.files.items()
        return {str(self.folder / name): content for name, content in named if name.startswith("tests/")}


def fingerprint(folder: Path) -> Fingerprint:
    """Return what changes when a file changes: names, times, sizes, inodes. Reads no content."""
    found = []
    for part, endings in _PARTS:
        try:
            entries = list(os.scandir(folder / part))
        except OSError:
            continue
        for entry in entries:
            if entry.name.startswith(".") or (endings and not entry.name.endswith(endings)):
                continue
            try:
                if entry.is_file():
                    state = entry.stat()
                    name = f"{part}/{entry.name}" if part else entry.name
                    found.append((name, state.st_mtime_ns, state.st_size, state.st_ino))
            except OSError:  # gone in this moment: the next look tells
                continue
    return tuple(sorted(found))


def owner(folder: Path) -> str:
    """Return the name of the system user who owns the file that changed last, ``""`` if nobody knows."""
    import pwd

    names = fingerprint(folder)
    if not names:
        return ""
    newest = max(names, key=lambda one: one[1])[0]
    try:
        return pwd.getpwuid((folder / newest).stat().st_uid).pw_name
    except (OSError, KeyError):
        return ""


def is_being_written(folder: Path) -> bool:
    """Tell whether somebody says that they are writing several files."""
    try:
        return time.time() - (folder / WRITING).stat().st_mtime < _WRITING_S
    except OSError:
        return False


def snapshot(folder: Path) -> Snapshot:
    """Read the folder as one piece; waits up to five seconds for somebody who is writing.

    Raises :class:`ConfigurationError` if there is no policy, it is too large, cannot be read or does not come to rest.
    """
    for _ in range(_TRIES):
        before = fingerprint(folder)
        if not is_being_written(folder):
            files = _read(folder, before)
            if files is not None and fingerprint(folder) == before:
                return Snapshot(folder, files, before)
        time.sleep(_WAIT_S)
    raise ConfigurationError(
        Flaw(str(folder), 0, 0, "The files change all the time.", "Reload when they are complete.")
    )


def replace_files(folder: Path, files: Mapping[str, bytes]) -> None:
    """Make ``files`` the policies, tests and mails of ``folder``: what is not among them is deleted.

    Each file is replaced by renaming, and :data:`WRITING` keeps a gateway from reading in between.
    """
    marker = folder / WRITING
    marker.touch()
    try:
        for name, content in files.items():
            target = folder / name
            target.parent.mkdir(exist_ok=True)
            if not target.exists() or target.read_bytes() != content:
                write_file(target, content)
        for name, *_ in fingerprint(folder):
            if name not in files:
                (folder / name).unlink()
    finally:
        marker.unlink(missing_ok=True)


def write_file(target: Path, content: bytes) -> None:
    """Write a file so that it is there whole or not at all; an existing one keeps its mode."""
    temporary = target.with_name(f".{target.name}.{os.getpid()}")
    temporary.write_bytes(content)
    if target.exists():
        temporary.chmod(target.stat().st_mode & 0o777)
    temporary.replace(target)


def _read(folder: Path, names: Fingerprint) -> dict[str, bytes] | None:
    """Return the content of the files; None if one went away meanwhile."""
    if not any("/" not in name for name, *_ in names):
        raise ConfigurationError(
            Flaw(str(folder), 0, 0, "There is no policy in this folder.", "Run `pansentry policy init FOLDER`.")
        )
    if len(names) > MAX_FILES or sum(size for _, _, size, _ in names) > MAX_BYTES:
        wrong = f"There are more than {MAX_FILES} files or {MAX_BYTES} bytes in this folder."
        raise ConfigurationError(Flaw(str(folder), 0, 0, wrong, "Keep policies and their tests only in it."))
    files = {}
    for name, *_ in names:
        try:
            files[name] = (folder / name).read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            wrong = f"This file cannot be read: {error.strerror}."
            raise ConfigurationError(Flaw(str(folder / name), 0, 0, wrong, "Check its permissions.")) from None
    return files
