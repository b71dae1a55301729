"""Logs strike out digits, whoever logs, and show of an exception only type and place."""

from __future__ import annotations

import json
import logging

import pytest
from tests.specimens import PUBLISHED

from pansentry import logs

NUMBER = PUBLISHED["visa"][0]


@pytest.fixture(autouse=True)
def restore_logging() -> object:
    """Leave logging as it was."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.mark.parametrize("separator", ["", " ", "-", ".", " - "])
def test_runs_of_digits_are_struck_out(separator: str) -> None:
    """A number in any separator form becomes a word; short numbers stay."""
    spelled = separator.join(NUMBER[i : i + 4] for i in range(0, 16, 4))
    assert logs.scrub(f"a {spelled} b 2026-11") == f"a {logs.STRUCK_OUT} b 2026-11"


@pytest.mark.parametrize("style", ["json", "logfmt", "console"])
def test_our_own_lines_are_scrubbed(capsys: pytest.CaptureFixture[str], style: str) -> None:
    """No style writes a number that got into a field."""
    logs.configure("debug", style)("event", field=f"x{NUMBER}", count=3)
    written = capsys.readouterr().err
    assert "event" in written
    assert NUMBER not in written


def test_library_lines_are_scrubbed(capsys: pytest.CaptureFixture[str]) -> None:
    """A library's warning, its arguments and its exception lose their digits."""
    logs.configure("debug", "json")
    try:
        raise LookupError(NUMBER)
    except LookupError:
        logging.getLogger("some.library").exception("cannot read %s", NUMBER)
    (line,) = capsys.readouterr().err.splitlines()
    assert NUMBER not in line
    assert json.loads(line)["error"].startswith("LookupError at test_logs.py:")


def test_message_lines_of_the_smtp_library_never_appear(capsys: pytest.CaptureFixture[str]) -> None:
    """aiosmtpd logs message lines at DEBUG; its logger stays above, whatever our level is."""
    logs.configure("debug", "json")
    logging.getLogger("mail.log").debug("%r readline: %r", "peer", f"card {NUMBER}")
    assert capsys.readouterr().err == ""
