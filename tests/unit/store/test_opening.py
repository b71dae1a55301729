"""A store that cannot be opened says why, where, and what to do."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from types import SimpleNamespace

import pytest
from sqlalchemy.exc import OperationalError
from tests.unit.configuration.test_load import HEAD, read

from pansentry.errors import UnavailableError
from pansentry.store import store as module
from pansentry.store.store import open_configured


def disk(
    *, free_bytes: int = 1 << 40, files: int = 1000, free_files: int = 1000, blocks: int = 1 << 30
) -> SimpleNamespace:
    """What statvfs(3) says of a disk; some file systems count no files, and some are no disk."""
    return SimpleNamespace(
        f_blocks=blocks, f_bavail=free_bytes // 4096, f_frsize=4096, f_files=files, f_favail=free_files
    )


async def refusal(
    monkeypatch: pytest.MonkeyPatch,
    error: Exception,
    there: SimpleNamespace | None,
    store: str = "sqlite:////none/such/s.db",
) -> str:
    """Open a store that fails with this error on such a disk; what is said."""

    def look(_folder: object) -> SimpleNamespace:
        if there is None:
            raise PermissionError
        return there

    async def fail(*_arguments: object, **_more: object) -> None:
        raise error

    monkeypatch.setattr(module, "open_store", fail)
    monkeypatch.setattr(os, "statvfs", look)
    with pytest.raises(UnavailableError) as refused:
        await open_configured(read(HEAD)[0].model_copy(update={"store": store}))
    return str(refused.value).partition("cannot be opened: ")[2]


FULL = "the disk that holds / is full. Make room there, and start again."
BROKEN = OperationalError("x", {}, ValueError("disk I/O error"))


@pytest.mark.parametrize(
    ("error", "there", "said"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), disk(), FULL),
        (OSError(errno.EDQUOT, "Disk quota exceeded"), disk(), FULL),
        (BROKEN, disk(free_bytes=100 * 1024), FULL),
        (BROKEN, disk(free_files=2), FULL),
        (BROKEN, disk(free_files=0, files=0), "disk I/O error"),
        (BROKEN, disk(free_bytes=0, blocks=0), "disk I/O error"),
        (BROKEN, disk(free_bytes=128 * 1024, free_files=3), "disk I/O error"),
        (OSError(errno.EACCES, "Permission denied", "/none/such"), disk(), "Permission denied (/none/such)"),
        (OSError(errno.EACCES, "Permission denied"), None, "Permission denied"),
        (OSError("no number"), disk(), "no number"),
    ],
)
async def test_why(monkeypatch: pytest.MonkeyPatch, error: Exception, there: SimpleNamespace | None, said: str) -> None:
    """A full disk is said to be one, whatever SQLite calls it; other reasons are said as they are."""
    assert await refusal(monkeypatch, error, there) == said


@pytest.mark.parametrize("store", ["sqlite:///:memory:", "postgresql://127.0.0.1/x"])
async def test_a_store_without_a_file_has_no_disk(monkeypatch: pytest.MonkeyPatch, store: str) -> None:
    """What is no file here is not said to be on a full disk."""
    assert await refusal(monkeypatch, BROKEN, disk(free_bytes=0), store) == "disk I/O error"


async def test_the_folder_that_is_there_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of folders that are still to be made the one above is named, which the disk is known by."""
    said = await refusal(monkeypatch, BROKEN, disk(free_bytes=0), f"sqlite:///{tmp_path}/state/deep/s.db")
    assert f"holds {tmp_path} is full" in said
