"""The lines that a next hop answers with, read into replies.

In: octets of a server that we do not trust. Out: :class:`~pansentry.smtp_reply.Reply` values, printable ASCII. RFCs:
5321 §4.2, 3463. Whoever calls has bounded the lines (:mod:`pansentry.delivery.wire`). Both functions remember
some answers, since a next hop says the same few things all day.
"""

from __future__ import annotations

import functools
import re

from pansentry.smtp_reply import Reply

_ENHANCED = re.compile(rb"([245])\.(\d{1,3})\.(\d{1,3})(?: |\Z)")
_ONE_LINE = re.compile(rb"[2-5][0-9][0-9](?: [^\r\n]{0,1024})?\Z")
_UNKNOWN: tuple[tuple[Reply, ...], tuple[bytes, ...]] = (), ()


@functools.lru_cache(maxsize=64)
def whole_replies(data: bytes) -> tuple[tuple[Reply, ...], tuple[bytes, ...]]:
    """Return replies of one line each, and the last line; nothing if there is anything else in ``data``."""
    lines = data.split(b"\r\n")
    if lines.pop() or not lines or not all(_ONE_LINE.match(line) for line in lines):
        return _UNKNOWN
    return tuple(reply_of_lines((line,)) for line in lines), (lines[-1],)


@functools.lru_cache(maxsize=64)
def reply_of_lines(lines: tuple[bytes, ...]) -> Reply:
    """Join the lines of one reply into a value: printable ASCII, cut to size when it is written.

    Remembered, since a next hop says the same few things all day (4 µs each, six times a mail).
    """
    code = int(lines[0][:3])
    enhanced = ""
    texts: list[str] = []
    for line in lines:
        text = line[4:]
        if (match := _ENHANCED.match(text)) and match[1] == line[:1]:
            enhanced = enhanced or b".".join(match.groups()).decode()
            text = text[match.end() :]
        if text:
            texts.append(text.decode("ascii", "replace").replace("\ufffd", "?"))
    return Reply(code, enhanced, " ".join(texts))
