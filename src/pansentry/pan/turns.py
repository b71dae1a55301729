"""Questions and answers: a code or date that answers what another line asked for.

In replies ("> the three digits on the back?" … "048") and chats ("[18:05] Me: 562") the label stands on one line, the
value on one below, after the header of a chat turn at most, a few words and a mark. The asking line must be a question,
quoted, or another turn than the answering one.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pansentry.pan.vocabulary import TOKEN, Role

if TYPE_CHECKING:
    from pansentry.pan.labels import Hit
    from pansentry.pan.scene import Scene

_STAMP = (
    r"(?:\[[^\]\r\n]{3,30}\]|\([0-9:.,/ apm]{3,20}\)"
    r"|[0-9]{1,4}[./\-][0-9]{1,2}[./\-][0-9]{2,4},? [0-9]{1,2}[:.][0-9]{2}(?::[0-9]{2})?(?: ?[ap]m)?"
    r"|[0-9]{1,2}[:h][0-9]{2}(?: ?[ap]m)?)"
)
TURN = re.compile(
    rf"(?P<stamp>[>| \t]{{0,8}}{_STAMP}[ \t]{{0,3}}[\-–—]?[ \t]{{0,3}})?(?P<name>[^\W\d_][^:\r\n]{{0,24}}?[ ]?: ?)?"
)
"""Who writes when, in front of a line of a chat."""
_MAX_LINES = 4
_MAX_BLANK = 3
_MAX_LEAD = 40
_MAX_LEAD_WORDS = 4
_QUOTE = re.compile(r"[ \t]{0,3}[>|]")
_STRANGE = Role.OTHER | Role.NOT_CARD | Role.SUBJECT | Role.AMOUNT


def reply_at(scene: Scene, hit: Hit) -> int | None:
    """Return where the digits begin that answer the line of ``hit``, or None."""
    text = scene.text
    asked_from, asked_to = scene.line_start(hit.start), scene.line_end(hit.end)
    if any(c.isdigit() for c in text[hit.end : asked_to]):
        return None
    line, blank = asked_to, 0
    for _ in range(_MAX_LINES + _MAX_BLANK):
        start = _next_line(text, line)
        if start is None or start >= scene.end + _MAX_LEAD:
            return None
        line = scene.line_end(start)
        written = text[start:line]
        if not written.strip(" \t>|"):
            blank += 1
            if blank > _MAX_BLANK:
                return None
            continue
        at = _answer(scene, start, line)
        if at is not None:
            return at if _answers(text, asked_from, asked_to, start) else None
        if any(c.isdigit() for c in written[_header(written) :]):
            return None
    return None


def _next_line(text: str, end: int) -> int | None:
    if end >= len(text) or text[end] not in "\r\n":
        return None
    return end + (2 if text.startswith("\r\n", end) else 1)


def _header(written: str) -> int:
    match = TURN.match(written)
    return match.end() if match is not None else 0


def _answer(scene: Scene, start: int, end: int) -> int | None:
    """Return where the first digits of a line begin, if little stands before them and nothing strange."""
    text = scene.text
    match = TURN.match(text, start, end)
    begin = match.end() if match is not None else start
    if (
        match is not None
        and match["name"]
        and any(h.roles & _STRANGE for h in scene.between(match.start("name"), begin))
    ):
        return None
    at = next((i for i in range(begin, min(end, begin + _MAX_LEAD)) if text[i].isdigit()), None)
    if at is None or len(TOKEN.findall(text, begin, at)) > _MAX_LEAD_WORDS:
        return None
    strange = _STRANGE | Role.MENTION | Role.EXPIRY | Role.CODE | Role.CARD
    return None if any(hit.roles & strange for hit in scene.between(begin, at)) else at


def _answers(text: str, asked_from: int, asked_to: int, start: int) -> bool:
    """Tell whether the line at ``start`` answers the line ``asked_from:asked_to``."""
    asked = text[asked_from:asked_to]
    if asked.rstrip(" \t\"'”»)").endswith(("?", "？", "؟")):
        return True
    if _QUOTE.match(asked) and not _QUOTE.match(text, start):
        return True
    asking, answering = TURN.match(asked), TURN.match(text, start)
    return bool(asking and asking["stamp"] and answering and answering["stamp"])
