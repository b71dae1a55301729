"""Logs: one structured line per event on standard error, and nothing in it that could be a card number.

In: a stable event name and fields (:class:`pansentry.smtp.session.Log`). Out: JSON, logfmt or console lines. The last
step of every line, our own and those of libraries (through :mod:`logging`), strikes out runs of twelve digits and more,
whatever separates them. Exceptions are logged as type and place: a message or a traceback quotes its input
(``LookupError: unknown encoding: <what they wrote>``). No level shows mail content.

Known gap: a code or an expiry date is not to be told from other short numbers in a line; no field of ours ever holds
mail content, and libraries are kept above the levels on which they write it.
"""

from __future__ import annotations

import json
import logging
import re
import sys
import traceback
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, MutableMapping
    from types import TracebackType

    from pansentry.smtp.session import Log

_DIGIT_RUN = re.compile(r"\d(?:[^\w\n\"',{}]{0,3}\d){11,}")
STRUCK_OUT = "[digits]"
_LOUD_LIBRARIES = ("mail.log", "asyncio", "sqlalchemy", "aiosmtplib", "dns", "dkim", "spf")


def scrub(text: str) -> str:
    """Strike out every run of twelve or more digits (a PAN has twelve to nineteen, ISO/IEC 7812-1)."""
    return _DIGIT_RUN.sub(STRUCK_OUT, text)


def configure(level: str = "info", style: str = "json") -> Log:
    """Set up logging for this process and return the log. ``style`` is ``json``, ``logfmt`` or ``console``."""
    import structlog

    renderers: dict[str, Any] = {
        "json": structlog.processors.JSONRenderer(serializer=_to_json),
        "logfmt": structlog.processors.LogfmtRenderer(key_order=["timestamp", "level", "event"], bool_as_flag=False),
        "console": structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), pad_event_to=20),
    }
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _scrub_fields,
            renderers[style],
        ],
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
    sys.excepthook = _on_exception

    def log(event: str, /, **fields: str | float) -> None:
        logger.info(event, **fields)

    return log


def where(error: BaseException) -> str:
    """Return type and place of an exception (``ValueError at pipeline.py:120``), never its message."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f" at {frames[-1].filename.rpartition('/')[2]}:{frames[-1].lineno}" if frames else ""
    return f"{type(error).__name__}{place}"


class _LibraryHandler(logging.Handler):
    """Passes what libraries log on to our own log; an exception only as type and place."""

    def __init__(self, logger: Any) -> None:
        super().__init__()
        self._logger = logger

    def emit(self, record: logging.LogRecord) -> None:
        try:
            fields: dict[str, str] = {"logger": record.name}
            if record.exc_info and record.exc_info[1] is not None:
                fields["error"] = where(record.exc_info[1])
            self._logger.log(record.levelno, record.getMessage()[:500], **fields)
        except Exception:  # a log line that cannot be written must not stop mail
            self._logger.log(record.levelno, "unwritable", logger=record.name)


def _scrub_fields(_logger: object, _method: str, event: MutableMapping[str, Any]) -> Mapping[str, Any]:
    for name, value in event.items():
        if isinstance(value, str) and name != "timestamp":
            event[name] = scrub(value)
    return event


def _to_json(value: object, **_options: object) -> str:
    return json.dumps(value, ensure_ascii=True, default=str)


def _on_exception(kind: type[BaseException], error: BaseException, _trace: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        return
    sys.stderr.write(f"pansentry: internal error: {where(error)}\n")
