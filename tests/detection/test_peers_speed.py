"""Measuring programs: what is not there is said, what fails is not taken for fast."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.detection import peers_speed


def test_a_program_that_is_not_installed_gives_no_figure(tmp_path: Path) -> None:
    """No seconds, so that the report says that it is not installed."""
    assert peers_speed.of_program(("no-such-program-here",), tmp_path, tmp_path, tmp_path) is None


def test_a_program_that_fails_is_an_error(tmp_path: Path) -> None:
    """A scanner that refuses its database read nothing: its time says nothing."""
    with pytest.raises(RuntimeError, match="sh failed: broken database"):
        peers_speed.of_program(("sh", "-c", "echo broken database >&2; exit 2", "sh"), tmp_path, tmp_path, tmp_path)


def test_a_program_is_given_its_database_and_the_file(tmp_path: Path) -> None:
    """The place of the database is filled in, the file comes last, the seconds are positive."""
    command = ("sh", "-c", f'test "$1" = --database={tmp_path} && test -n "$2"', "sh", "--database={database}")
    assert peers_speed.of_program(command, tmp_path / "text", tmp_path / "empty", tmp_path) > 0
