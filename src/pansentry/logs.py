"""Logs: one structured line per event on standard error, and nothing in it that could be a card number.

In: a stable event name and fields (:class:`pansentry.smtp.session.Log`). Out: JSON, logfmt or console lines.

The last thing that happens to anything written, our own and that of libraries, is that runs of twelve digits and more
are struck out. There are three doors, and each is scrubbed behind the last one who writes:

* our own events: every field by itself, then the finished line;
* :mod:`logging`: the factory of records, so that a library's own handlers, formatters and levels get records that are
  scrubbed already; what an exception says is replaced by its type and place (``LookupError: unknown encoding: <what
  they wrote>`` quotes its input);
* what nobody catches: hooks of the interpreter, its threads and the event loop, and warnings.

No level shows mail content. Known gaps: a code or an expiry date is not to be told from other short numbers in a line;
no field of ours ever holds mail content, and libraries are kept above the levels on which they write it. What a library
in C writes to file descriptor 2 by itself is not seen here. A line that cannot be written (nobody reads, the disk is
full) is lost, and mail goes on; a reader that takes no more and does not close holds up whoever writes.
"""

from __future__ import annotations

import contextlib
import functools
import json
import logging
import re
import sys
import threading
import time
import traceback
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable, Mapping, MutableMapping
    from types import TracebackType

    from pansentry.smtp.session import Log

_DIGIT_RUN = re.compile(r"\d(?:[^\w\n]{0,4}\d){11,}")
"""In a text: digits with up to four signs between two of them, commas and quotes included."""
_DIGITS_IN_LINE = re.compile(r"\d(?:[^\w\n\"',{}:]{0,3}\d){11,}")
"""In a finished line, where several numbers may stand beside each other in a list or with a time stamp."""
_FEWEST_DIGITS = 12
"""What both look for has no fewer, and so no fewer characters."""
_DIGITS_OF_SECOND = 14
_OCTET = r"(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"
_PEER = re.compile(rf"{_OCTET}(?:\.{_OCTET}){{3}}(?::[0-9]{{1,5}})?")
"""An IPv4 address, with or without a port: twelve digits and more, and no PAN is grouped like this."""
STRUCK_OUT = "[digits]"
MAX_TEXT = 500
_LOUD_LIBRARIES = ("mail.log", "asyncio", "sqlalchemy", "aiosmtplib", "dns", "dkim", "spf")


def scrub(text: str) -> str:
    """Strike out every run of twelve or more digits (a PAN has twelve to nineteen, ISO/IEC 7812-1)."""
    return _DIGIT_RUN.sub(_struck_out, text)


def _struck_out(found: re.Match[str]) -> str:
    return found[0] if _PEER.fullmatch(found[0]) else STRUCK_OUT


def configure(level: str = "info", style: str = "json") -> Log:
    """Set up logging for this process and return the log. ``style`` is ``json``, ``logfmt`` or ``console``."""
    structlog = _structlog()
    renderers: dict[str, Any] = {
        "json": structlog.processors.JSONRenderer(serializer=_to_json),
        "logfmt": structlog.processors.LogfmtRenderer(key_order=["timestamp", "level", "event"], bool_as_flag=False),
        "console": structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), pad_event_to=20),
    }
    structlog.configure(
        processors=[structlog.processors.add_log_level, _scrub_fields, _stamp, renderers[style], _scrub_line],
        wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, level.upper())),
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=True,
    )
    logger = structlog.get_logger()
    handler = _LibraryHandler(logger)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger("pansentry").setLevel(getattr(logging, level.upper()))
    for name in _LOUD_LIBRARIES:
        logging.getLogger(name).setLevel(logging.WARNING)
    logging.setLogRecordFactory(scrubbed_record)
    logging.captureWarnings(True)
    sys.excepthook = _on_exception
    sys.unraisablehook = lambda broken: _say("unraisable", broken.exc_value)
    threading.excepthook = lambda broken: _say("thread", broken.exc_value)

    def log(event: str, /, **fields: str | float) -> None:
        with contextlib.suppress(OSError, ValueError):  # nobody reads stderr, or it is full: mail goes on
            logger.info(event, **fields)

    log.is_heard = getattr(logging, level.upper()) <= logging.INFO  # type: ignore[attr-defined]  # or nobody need speak
    return log


def _structlog() -> Any:
    """Import structlog without rich, which it loads where it is installed, for coloured tracebacks that we never print.

    52 modules: 60 ms of the start and 6 MB.
    """
    is_needed = "rich" in sys.modules
    if not is_needed:
        sys.modules["rich"] = None  # type: ignore[assignment]  # how an import is told that there is no such module
    try:
        import structlog
    finally:
        if not is_needed:
            del sys.modules["rich"]
    return structlog


def where(error: BaseException) -> str:
    """Return type and place of an exception (``ValueError at pipeline.py:120``), never its message."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f" at {frames[-1].filename.rpartition('/')[2]}:{frames[-1].lineno}" if frames else ""
    return f"{type(error).__name__}{place}"


def scrubbed_record(*arguments: Any, **more: Any) -> logging.LogRecord:
    """Make the record of a library's log call: formatted, scrubbed, its exception as type and place."""
    record = logging.LogRecord(*arguments, **more)
    try:
        text = scrub(record.getMessage())[:MAX_TEXT]  # in this order: a cut number is no run any more
    except Exception:  # a log line that cannot be written must not stop mail
        text = "unwritable"
    error = record.exc_info[1] if record.exc_info else None
    record.msg, record.args = text if error is None else f"{text} ({where(error)})", ()
    record.exc_info = record.exc_text = record.stack_info = None
    return record


def loop_exceptions(log: Log) -> Callable[[asyncio.AbstractEventLoop, dict[str, Any]], None]:
    """Return what an event loop calls for exceptions nobody awaits: their context quotes tasks, and so their input."""

    def handle(_loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        error = context.get("exception")
        log("loop.exception", error=where(error) if isinstance(error, BaseException) else "", why=context["message"])

    return handle


class _LibraryHandler(logging.Handler):
    """Passes what libraries log on to our own log."""

    def __init__(self, logger: Any) -> None:
        super().__init__()
        self._logger = logger

    def emit(self, record: logging.LogRecord) -> None:
        with contextlib.suppress(OSError, ValueError):
            self._logger.log(record.levelno, str(record.msg), logger=scrub(record.name))


def _scrub_fields(_logger: object, _method: str, event: MutableMapping[str, Any]) -> Mapping[str, Any]:
    for name, value in event.items():
        kind = type(value)
        if kind is str and len(value) < _FEWEST_DIGITS:
            continue
        if kind is str or not isinstance(value, int | float):
            event[name] = scrub(str(value))
    return event


def _stamp(_logger: object, _method: str, event: MutableMapping[str, Any]) -> Mapping[str, Any]:
    now_us = time.time_ns() // 1000
    event["timestamp"] = f"{_second(now_us // 1_000_000)}.{now_us % 1_000_000:06d}Z"
    return event


@functools.lru_cache(maxsize=2)
def _second(since: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(since))


def _scrub_line(_logger: object, _method: str, line: Any) -> str:
    """Strike out runs of digits in a finished line; none if it has too few of them beside those of this second.

    Of 209,000 instructions for the line that a mail leaves 66,000 were this search. The digits of one date and time are
    taken off, and no more: what else looks like one is counted.
    """
    text = str(line)
    if text.isascii():
        digits = sum(map(text.count, "0123456789"))
        if digits - (_DIGITS_OF_SECOND if _second(int(time.time())) in text else 0) < _FEWEST_DIGITS:
            return text
    return _DIGITS_IN_LINE.sub(_struck_out, text)


_encoder = json.JSONEncoder(ensure_ascii=True, default=str)


def _to_json(value: object, **_options: object) -> str:
    return _encoder.encode(value)


def _on_exception(kind: type[BaseException], error: BaseException, _trace: TracebackType | None) -> None:
    if not issubclass(kind, KeyboardInterrupt):
        _say("internal error", error)


def _say(what: str, error: BaseException | None) -> None:
    with contextlib.suppress(OSError, ValueError):
        sys.stderr.write(f"pansentry: {what}: {where(error) if error is not None else 'unknown'}\n")
