"""Logs strike out digits, whoever logs, and show of an exception only type and place."""

from __future__ import annotations

import asyncio
import io
import json
import logging
import re
import subprocess
import sys
import threading
import warnings
from pathlib import Path

import pytest
from tests.specimens import PUBLISHED

from pansentry import logs

NUMBER = PUBLISHED["visa"][0]


@pytest.fixture(autouse=True)
def restore_logging() -> object:
    """Leave logging as it was."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    hooks = sys.excepthook, sys.unraisablehook, threading.excepthook
    yield
    sys.excepthook, sys.unraisablehook, threading.excepthook = hooks
    logging.setLogRecordFactory(logging.LogRecord)
    logging.captureWarnings(False)
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
    assert "(LookupError at test_logs.py:" in json.loads(line)["event"]


def test_message_lines_of_the_smtp_library_never_appear(capsys: pytest.CaptureFixture[str]) -> None:
    """aiosmtpd logs message lines at DEBUG; its logger stays above, whatever our level is."""
    logs.configure("debug", "json")
    logging.getLogger("mail.log").debug("%r readline: %r", "peer", f"card {NUMBER}")
    assert capsys.readouterr().err == ""


def test_a_librarys_own_handler_gets_scrubbed_records(capsys: pytest.CaptureFixture[str]) -> None:
    """A library with a handler, a formatter and a level of its own writes no number either, nor what its errors say."""
    logs.configure("debug", "json")
    own = io.StringIO()
    handler = logging.StreamHandler(own)
    handler.setFormatter(logging.Formatter("%(name)s %(message)s %(args)s %(exc_text)s"))
    library = logging.getLogger("library.of.its.own")
    library.propagate = False
    library.setLevel(logging.DEBUG)
    library.addHandler(handler)
    try:
        library.debug("read %r", {"line": f"card {NUMBER}"})
        try:
            raise LookupError(f"unknown code 737 near {NUMBER}")
        except LookupError:
            library.exception("broken")
    finally:
        library.removeHandler(handler)
        library.propagate = True
    written = own.getvalue()
    assert written.count("library.of.its.own") == 2
    assert NUMBER not in written
    assert "737" not in written
    assert capsys.readouterr().err == ""


def test_a_number_is_struck_out_before_a_text_is_cut(capsys: pytest.CaptureFixture[str]) -> None:
    """What stands across the end of the longest text leaves no eleven digits behind."""
    logs.configure("debug", "json")
    logging.getLogger("some.library").error("%s%s", "x" * (logs.MAX_TEXT - 11), NUMBER)
    assert NUMBER[:6] not in capsys.readouterr().err


@pytest.mark.parametrize("style", ["json", "logfmt", "console"])
@pytest.mark.parametrize("value", [int(NUMBER), [NUMBER], {"deep": (NUMBER,)}, NUMBER.encode(), Path(NUMBER)])
def test_fields_of_any_kind_are_scrubbed(capsys: pytest.CaptureFixture[str], style: str, value: object) -> None:
    """A number that is an integer, or lies in a list, a mapping, octets or a path, is struck out as well."""
    logs.configure("debug", style)("event", field=value)  # type: ignore[arg-type]
    assert NUMBER not in capsys.readouterr().err


@pytest.mark.parametrize("separator", [",", "', '", ", ", "/", "·", "\u00a0"])
def test_other_separators_in_a_text(separator: str) -> None:
    """Commas and quotes between groups of four hide no number."""
    assert "1111" not in logs.scrub("x " + separator.join(NUMBER[i : i + 4] for i in range(0, 16, 4)))


@pytest.mark.parametrize("style", ["json", "logfmt", "console"])
@pytest.mark.parametrize("peer", ["192.168.100.200", "203.113.115.129:55123"])
def test_addresses_of_peers_and_times_stay_readable(capsys: pytest.CaptureFixture[str], style: str, peer: str) -> None:
    """An IPv4 address has as many digits as a short card number and is needed."""
    logs.configure("debug", style)("event", peer=peer)
    written = capsys.readouterr().err
    assert peer in written
    assert logs.STRUCK_OUT not in written


def test_what_nobody_catches_shows_type_and_place(capsys: pytest.CaptureFixture[str]) -> None:
    """Threads, warnings, the event loop and finalisers quote no text of an exception."""
    log = logs.configure("debug", "json")

    def broken() -> None:
        raise ValueError(f"code 737 of {NUMBER}")

    thread = threading.Thread(target=broken)
    thread.start()
    thread.join()

    async def forgotten() -> None:
        asyncio.get_running_loop().set_exception_handler(logs.loop_exceptions(log))
        asyncio.get_running_loop().call_soon(broken)
        await asyncio.sleep(0)

    asyncio.run(forgotten())

    class Finaliser:
        def __del__(self) -> None:
            broken()

    Finaliser()
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.warn(f"odd value {NUMBER}", stacklevel=1)
    written = re.sub(r'"timestamp": "[^"]+"', "", capsys.readouterr().err)  # microseconds can be 737
    assert written.count("ValueError at test_logs.py") == 3
    assert "odd value" in written
    assert NUMBER not in written
    assert "737" not in written


def test_logging_loads_no_colours() -> None:
    """structlog's optional companion is not loaded for it, and can be by others afterwards."""
    code = "import sys; from pansentry import logs; logs.configure(); print('rich' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


@pytest.mark.parametrize(("level", "is_heard"), [("info", True), ("warning", False)])
def test_a_log_says_whether_what_happened_is_heard(level: str, is_heard: bool) -> None:
    """Whoever has something to say of every mail can know that nobody hears it."""
    assert logs.configure(level).is_heard is is_heard  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("field", "is_struck"),
    [
        (NUMBER, True),
        (f"2026-11-22T15:36:23.123456Z {NUMBER}", True),
        ("41111111111 2026-11-22T15:36:23.123456Z", True),
        ("2026-11-22T15:36:23.123456Z", False),
        ("12345678901", False),
        ("\u0664" * 12, True),
        ("order 4711 of 2026", False),
    ],
)
def test_a_line_with_few_digits_is_written_as_it_is(
    field: str, is_struck: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Digits beside those of the line's own time decide whether it is looked through, whatever looks like a time."""
    monkeypatch.setattr("time.time", lambda: 1_795_361_783.0)
    assert logs._second(1_795_361_783) == "2026-11-22T15:36:23"
    line = json.dumps({"x": field, "timestamp": "2026-11-22T15:36:23.123456Z"}, ensure_ascii=False)
    said = logs._scrub_line(None, "", line)
    assert said == logs._DIGITS_IN_LINE.sub(logs._struck_out, line)
    assert (logs.STRUCK_OUT in said) is is_struck
    assert logs._scrub_fields(None, "", {"x": field})["x"] == logs.scrub(field)


def test_a_line_says_when(monkeypatch: pytest.MonkeyPatch) -> None:
    """The time of a line is UTC, to the microsecond."""
    monkeypatch.setattr("time.time_ns", lambda: 1_800_000_000_000_042_999)
    assert logs._stamp(None, "", {})["timestamp"] == "2027-01-15T08:00:00.000042Z"


class Broken(io.StringIO):
    """A standard error that takes nothing."""

    def __init__(self, error: Exception) -> None:
        super().__init__()
        self._error = error

    def write(self, _text: str) -> int:
        raise self._error


@pytest.mark.parametrize(
    "error",
    [BrokenPipeError(), OSError(28, "No space left on device"), BlockingIOError(), ValueError("I/O on closed file")],
    ids=lambda error: type(error).__name__,
)
def test_a_line_that_cannot_be_written_stops_nobody(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    """Whoever logs goes on: our own events, libraries, hooks; or a 250 would become a 451."""
    monkeypatch.setattr(sys, "stderr", Broken(error))
    log = logs.configure("info", "json")
    log("message", id="x")
    logging.getLogger("pansentry.delivery").warning("next hop fault: %s", "dropped")
    logging.getLogger("some.library").error("broken")
    sys.excepthook(ValueError, ValueError(), None)


async def test_mail_goes_on_without_a_standard_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """A message that was delivered is answered 250 although nothing can be logged."""
    from tests.e2e.next_hops.scripted import ScriptedHop

    from pansentry.delivery.hop import Sender, open_hop
    from pansentry.delivery.next_hop import parse_next_hop

    monkeypatch.setattr(sys, "stderr", Broken(BrokenPipeError()))
    log = logs.configure("info", "json")
    async with ScriptedHop({"dot": b"250 2.0.0 A\r\n250 2.0.0 odd\r\n"}, {}) as server:
        hop = open_hop(parse_next_hop(f"{server.url}?tls=none"))
        for _ in range(2):
            delivery = hop.begin(Sender("a@example.org"))
            assert (await delivery.rcpt("b@example.com")).code == 250
            log("between", of="two")
            assert (await delivery.send(b"Subject: x\r\n\r\nhello\r\n"))[0].code == 250
        await hop.close()
