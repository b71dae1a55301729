"""The check at the end of a run finds what it looks for, wherever a gateway writes."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest
from tests.e2e.running import RunningGateway
from tests.e2e.written import _FOLDERS, SAMPLES, leaked, leaks, numbers
from tests.specimens import PUBLISHED

NUMBER = PUBLISHED["visa"][0]
GROUPED = " ".join(NUMBER[at : at + 4] for at in range(0, 16, 4))


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("gateway.log", f'{{"text": "{GROUPED}"}}'),
        ("state/pansentry.db", f"\0\1{NUMBER}\0"),
        ("state/pansentry.db-wal", NUMBER.encode().hex()),
        ("database.sql", f"INSERT INTO outbox VALUES ('\\\\x{GROUPED.encode().hex()}');"),
        ("tmp/work", "</b><b>".join(NUMBER)),
        ("letters/new/1", f"Content-Transfer-Encoding: base64\n\n{base64.b64encode(NUMBER.encode()).decode()}\n"),
    ],
)
def test_a_number_is_found_wherever_it_was_written(tmp_path: Path, name: str, content: str) -> None:
    """In a log, a database or its journal, a temporary file, an encoded letter; with tags between its digits."""
    (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / name).write_text(content)
    assert leaks([tmp_path]) == {str(tmp_path / name): ["1111"]}


def test_other_numbers_and_the_mailbox_are_no_leak(tmp_path: Path) -> None:
    """Masked digits, another number, one in the mailbox, where a policy may leave it; entries of an index."""
    (tmp_path / "gateway.log").write_text("XXXX XXXX XXXX 1111, order 1234567890123456")
    (tmp_path / "mailbox/new").mkdir(parents=True)
    (tmp_path / "mailbox/new/1").write_text(NUMBER)
    (tmp_path / "state").mkdir()
    (tmp_path / "state/pansentry.db").write_text("".join(f"{digit}\x08\x16J\0\r\3\7\2A\xda" for digit in NUMBER))
    assert leaks([tmp_path]) == {}


def test_the_numbers_of_the_shipped_mails_are_looked_for() -> None:
    """A sample, as it is mailed to the gateways of a run, holds some of them."""
    assert leaked((SAMPLES / "01-plain-card.eml").read_bytes())
    assert len(numbers()) > 15


def test_every_gateway_of_a_run_is_noted(tmp_path: Path) -> None:
    """Starting one is enough: nobody has to remember the check."""
    gateway = RunningGateway.start(tmp_path)
    gateway.stop()
    assert tmp_path in _FOLDERS
