"""``pansentry redact -o``: a whole file, or none."""

from __future__ import annotations

import resource
from typing import TYPE_CHECKING

from click.testing import CliRunner

from pansentry.cli.redact import command

if TYPE_CHECKING:
    from pathlib import Path


def test_a_full_disk_leaves_no_half_message(tmp_path: Path) -> None:
    """Where not all of it can be written, one sentence says so, and no file stays that looks like the clean mail."""
    mail, clean = tmp_path / "mail.eml", tmp_path / "clean.eml"
    mail.write_bytes(b"From: anna@example.org\r\nSubject: hello\r\n\r\n" + b"See you on Monday.\r\n" * 5000)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, limits[1]))
    try:
        done = CliRunner().invoke(command, [str(mail), "-o", str(clean)])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert f"{clean} cannot be written: " in done.output
    assert not clean.exists()
