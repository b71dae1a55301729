"""`pansentry sweep`: the report for people says in words what was found and what became of it."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.specimens import PUBLISHED

from pansentry.cli import main


def test_the_report_is_in_words(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Brands, kinds and states; one message is one message."""
    mail = f"From: a@b.example\nDate: Sun, 22 Nov 2026 10:00:00 +0000\n\nvisa {PUBLISHED['visa'][0]}, cvv 737\n"
    (tmp_path / "one.eml").write_text(mail)
    with pytest.raises(SystemExit) as left:
        main(["sweep", "--processes", "1", str(tmp_path / "one.eml")])
    assert left.value.code == 1
    said = capsys.readouterr().out
    assert "1 message looked at, 1 with card data." in said
    assert "found: card number Visa 1, security code 1" in said
    assert "done:  1 with card data, left as found" in said
