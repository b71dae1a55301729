"""Questions and answers: a code or date that answers what another line asked for.

In replies ("> the three digits on the back?" … "048", or the answer above the mail that asked) and chats
("[18:05] Me: 562", "Anna 18:05: 562", "CALLER: five six two") the label stands on one line, the value on another,
behind the header of a chat turn at most, a few words and a mark. The asking line must be a question, quoted, or
another turn than the answering one. Every look is bounded.
"""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING

from pansentry.pan.numerals import spoken_at
from pansentry.pan.vocabulary import TOKEN, Role

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pansentry.pan.labels import Hit
    from pansentry.pan.scene import Scene

_CLOCK = r"[0-9]{1,2}[:h][0-9]{2}(?::[0-9]{2})?(?: ?[ap]\.?m\.?)?"
_STAMP = (
    r"(?:\[[^\]\r\n]{3,30}\]|\([0-9:.,/ apm]{3,20}\)"
    r"|[0-9]{1,4}[./\-][0-9]{1,2}[./\-][0-9]{2,4},? [0-9]{1,2}[:.][0-9]{2}(?::[0-9]{2})?(?: ?[ap]m)?"
    rf"|{_CLOCK})"
)
TURN = re.compile(
    rf"(?P<stamp>[>| \t]{{0,8}}{_STAMP}[ \t]{{0,3}}[\-–—]?[ \t]{{0,3}}"
    rf"|[>| \t]{{0,8}}<?[^\W\d_][^:\r\n0-9,\[(<>]{{0,24}}>?,?[ ]{{1,2}}{_STAMP}[ ]{{0,2}}(?=:)(?::[ ]?))?"
    r"(?P<name>(?:[^\W\d_][^:\r\n]{0,24}?[ ]?:|<[^\W\d_][^<>\r\n]{0,24}>)[ ]?)?"
)
"""Who writes when, in front of a line of a chat: "18:05 Anna: ", "[18:05] Anna: ", "Anna, 18:05: ", "Anna: "."""


def turn_at(text: str, start: int, end: int = sys.maxsize) -> re.Match[str] | None:
    """Return what :data:`TURN` matches at the beginning of a line; mostly nothing, told by its first characters.

    36 thousand instructions for a line of prose with the expression alone.
    """
    head = text[start : min(start + _LONGEST_TURN, end)].lstrip("> |\t")
    if head[:1] not in _STAMP_BEGINS and not (head[:1].isalnum() and ":" in head):
        return None
    return TURN.match(text, start, end)


_LONGEST_TURN = 120
_STAMP_BEGINS = frozenset("[(<0123456789")
_MAX_LINES = 4
_MAX_BLANK = 3
_MAX_LEAD = 40
_MAX_LEAD_WORDS = 4
_QUOTE = re.compile(r"(?:[ \t]{0,3}[>|]){0,12}")
_STRANGE = Role.OTHER | Role.NOT_CARD | Role.SUBJECT | Role.AMOUNT


_HEADER = re.compile(
    rf"[>| \t]{{0,8}}(?:<?[^\W\d_][^:\r\n0-9\[(<>]{{0,24}}>?,?[ ]{{0,3}})?{_STAMP}[ \t]{{0,3}}:?[ \t]{{0,3}}"
)
"""The header of a turn on a line of its own."""


_DIGIT = re.compile(r"[0-9]")
_FAR = 1500  # characters of the lines that may follow
_SAID = 300


_DIGIT = re.compile(r"[0-9]")


def reply_at(scene: Scene, hit: Hit) -> int | None:
    """Return where the digits begin that answer the line of ``hit``, or None."""
    text = scene.text
    asked_to = scene.line_end(hit.end)
    below = _next_line(text, asked_to)
    if below is None:
        return None
    if _DIGIT.search(text, hit.end, asked_to) is not None and not _answers_alone(scene, hit, below):
        return None
    asked = (scene.line_start(hit.start), asked_to)
    if asked not in scene.replies:  # many labels stand on one line
        scene.replies[asked] = _reply(scene, *asked)
    return scene.replies[asked]


def _answers_alone(scene: Scene, hit: Hit, below: int) -> bool:
    """Tell whether what is below a quoted line answers it whatever numbers it speaks of.

    It is figures alone, or those numbers stand in the next sentence.
    """
    text = scene.text
    if _depth(text, scene.line_start(hit.start)) <= _depth(text, below):
        return False
    if _FIGURES_ALONE.match(text, below) is not None:
        return True
    end = _FULL_STOP.search(text, hit.end, scene.line_end(hit.end))
    return end is not None and _DIGIT.search(text, hit.end, end.start()) is None


_FULL_STOP = re.compile(r"(?<=[^\W\d_]{3})[.?!][ ]")
_FIGURES_ALONE = re.compile(r"[>| \t]{0,8}[0-9][0-9 /.\-]{2,9}[ \t]{0,3}(?![^\r\n])")


def _reply(scene: Scene, asked_from: int, asked_to: int) -> int | None:
    """Return where the digits begin that answer the line ``asked_from:asked_to``."""
    text = scene.text
    if _DIGIT.search(text, asked_to, asked_to + _FAR) is None and _said(scene, asked_to, asked_to + _SAID) is None:
        return None
    asks = _asks(text[asked_from:asked_to])
    if not asks and _MAY_BE_STAMP.search(text, asked_to, asked_to + _FAR) is None:
        return None  # only behind the header of a turn would it be answered
    line, blank, headed = asked_to, 0, False
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
        if len(written) <= _LONGEST_TURN and _HEADER.fullmatch(written):
            headed = True
            continue
        if not asks and not headed and _DIGIT.search(written, _header(written)) is not None:
            return None
        at = _answer(scene, start, line)
        if at is not None:
            return at if headed or _answers(scene, asked_from, asked_to, start) else None
        if _DIGIT.search(written, _header(written)) is not None:
            return None
    return None


def _asks(line: str) -> bool:
    """Tell whether a line may be answered by the next one: a question, a quoted line, a turn of a chat."""
    if line.rstrip(_CLOSING).endswith(_ASKING) or line.lstrip(" \t").startswith((">", "|")):
        return True
    turn = turn_at(line, 0)
    return turn is not None and bool(turn["stamp"] or turn["name"])


_CLOSING = " \t\"'”»)"
_ASKING = ("?", "？", "؟")
_MAY_BE_STAMP = re.compile(r"[\[(]|[0-9][:h./\-][0-9]")


def _next_line(text: str, end: int) -> int | None:
    if end >= len(text) or text[end] not in "\r\n":
        return None
    return end + (2 if text.startswith("\r\n", end) else 1)


def _header(written: str) -> int:
    match = turn_at(written, 0)
    return match.end() if match is not None else 0


def _answer(scene: Scene, start: int, end: int) -> int | None:
    """Return where the first digits of a line begin, if little stands before them and nothing strange."""
    text = scene.text
    match = turn_at(text, start, end)
    begin = match.end() if match is not None else start
    if (
        match is not None
        and match["name"]
        and any(h.roles & _STRANGE for h in scene.between(match.start("name"), begin))
    ):
        return None
    first = _DIGIT.search(text, begin, min(end, begin + _MAX_LEAD))
    at = first.start() if first is not None else None
    if at is None:
        at = _said(scene, begin, min(end, begin + _MAX_LEAD))
    if at is None or len(TOKEN.findall(text, begin, at)) > _MAX_LEAD_WORDS:
        return None
    strange = _STRANGE | Role.MENTION | Role.EXPIRY | Role.CODE | Role.CARD
    hits = scene.between(begin, at)
    return None if any(hit.roles & strange and not hit.roles & Role.FILLER for hit in hits) else at


def _said(scene: Scene, start: int, end: int) -> int | None:
    """Return where a month's name or three number words begin in ``start:end``."""
    words = scene.vocabulary
    for token in TOKEN.finditer(scene.text, start, end):
        said = words.spoken(token[0]) and spoken_at(scene.text, token.start(), words, 4)
        if token[0] in words.months or (said and len(said[1]) >= _LEAST):
            return token.start()
    return None


_LEAST = 3  # digits of a code


def _answers(scene: Scene, asked_from: int, asked_to: int, start: int) -> bool:
    """Tell whether the line at ``start`` answers the line ``asked_from:asked_to``."""
    text = scene.text
    asked = text[asked_from:asked_to]
    if asked.rstrip(_CLOSING).endswith(_ASKING):
        return True
    if _depth(text, asked_from) > _depth(text, start):
        return True
    asking, answering = turn_at(asked, 0), turn_at(text, start)
    if not asking or not answering:
        return False
    if asking["stamp"] and answering["stamp"]:
        return True
    return bool(asking["name"] and answering["name"]) and _speaks_again(scene, asked_from, start, answering["name"])


def _speaks_again(scene: Scene, asked_from: int, start: int, name: str) -> bool:
    """Tell whether a line's first word names who speaks: another line begins with it, too."""
    text = scene.text
    if text.startswith(name, asked_from) or any(h.roles & _NOT_NAMES for h in scene.between(start, start + len(name))):
        return False
    around = text[max(0, start - _TALK) : start] + text[start + 1 : start + _TALK]
    return "\n" + name in around or around.startswith(name)


_TALK = 600
_NOT_NAMES = _STRANGE | Role.CODE | Role.CODE_WEAK | Role.EXPIRY | Role.CARD | Role.CARD_WEAK | Role.NUMBER


# --- the answer above the mail that asked --------------------------------------------------------------------------

_WROTE = (
    r"(?:wrote|schrieb|a ecrit|escribio|ha scritto|escreveu|schreef|skrev|napisal|napsal|kirjoitti|irta"
    r"|a scris|εγραψε|yazdi|писал|написа|כתב|كتب|写道|寫道|のメール|작성|menulis|da viet|rakstija|kirjutas)"
)
_BOUNDARY = re.compile(
    rf"[ \t>|]{{0,6}}(?:-{{3,}}[^\r\n]{{0,60}}|_{{8,}}[ ]{{0,3}}|[^\r\n]{{0,120}}{_WROTE}[^\r\n]{{0,80}}:[ ]{{0,3}}"
    r"|(?:from|von|de|da|van|od|fra|fran|lahettaja|felado|от|від|απο|kimden|差出人|发件人|보낸사람|من|מאת) ?[:：]"
    r"[^\r\n]{0,120})"
)
"""What stands between an answer and the mail it answers (RFC 3676 section 4.5 has only the marks ``>``)."""
_MAX_UP = 24
_MAX_ANSWER = 4
_NUMBERS = re.compile(r"(?<![0-9])[0-9]{2,}")
_MAX_NUMBERS = 4


def answer_above(scene: Scene, hit: Hit) -> tuple[int, int] | None:
    """Return the few lines above the mail in which ``hit`` stands: what was written to answer it."""
    text = scene.text
    line = scene.line_start(hit.start)
    quoted, bottom = _depth(text, line), None
    for _ in range(_MAX_UP):
        is_boundary, depth, above = _line(scene, line)
        if is_boundary or depth < quoted:
            bottom = line
            break
        if above is None:
            return None
        line = above
    if bottom is None:
        return None
    lines: list[tuple[int, int]] = []
    at: int | None = bottom
    for _ in range(_MAX_ANSWER + _MAX_BLANK):
        if at is None:
            break
        end = scene.line_end(at)
        written = text[at:end].strip(" \t>|")
        if _BOUNDARY.fullmatch(text, at, end) is None and written and _depth(text, at) <= max(quoted - 1, 0):
            lines.append((at, end))
        if len(lines) >= _MAX_ANSWER:
            break
        at = _line_above(scene, at)
    if not lines or len(_NUMBERS.findall(text, lines[-1][0], lines[0][1])) > _MAX_NUMBERS:
        return None
    return lines[-1][0], lines[0][1]


def _line(scene: Scene, line: int) -> tuple[bool, int, int | None]:
    """Return whether a line is a boundary, how often it is quoted, and where the line above it begins; asked once."""
    known = scene.lines.get(line)
    if known is None:
        is_boundary = _BOUNDARY.fullmatch(scene.text, line, scene.line_end(line)) is not None
        known = scene.lines[line] = (is_boundary, _depth(scene.text, line), _line_above(scene, line))
    return known


def _depth(text: str, line: int) -> int:
    """Return how often a line is quoted."""
    match = _QUOTE.match(text, line)
    return sum(mark in ">|" for mark in match[0]) if match is not None else 0


def _line_above(scene: Scene, line: int) -> int | None:
    if line <= scene.start or scene.text[line - 1] not in "\r\n":
        return None
    end = line - 1
    if end > scene.start and scene.text[end] == "\n" and scene.text[end - 1] == "\r":
        end -= 1
    return scene.line_start(end)


_CODE = re.compile(r"(?<![0-9./,\-:#])[0-9]{3,4}(?![0-9])")


def answers_with_code(scene: Scene, start: int, end: int) -> Iterator[int]:
    """Yield where numbers of a code's length stand in an answer, with next to nothing before them in their sentence."""
    for match in _CODE.finditer(scene.text, start, end):
        if little_before(scene, start, match.start()):
            yield match.start()


def little_before(scene: Scene, floor: int, position: int, most: int = 1) -> bool:
    """Tell whether a sentence or line begins at ``position`` but for small words and ``most`` unknown ones."""
    text = scene.text
    lead = max(floor, position - _MAX_LEAD - 6 * most)
    for at in range(position - 1, lead - 1, -1):
        if text[at] in ".!?;:\r\n":
            lead = at + 1
            break
    words = list(TOKEN.finditer(text, lead, position))
    strange = _STRANGE | Role.MENTION | Role.EXPIRY | Role.START
    if len(words) > _MAX_LEAD_WORDS + most or any(
        hit.roles & strange and not hit.roles & Role.FILLER for hit in scene.between(lead, position)
    ):
        return False
    unknown = [word for word in words if len(word[0]) > 2 and scene.at(word.start()) is None]
    if most > 1:
        return len(unknown) <= most
    return len(unknown) <= 1 and not (unknown and unknown[-1].start() == words[-1].start() and len(words) > 1)
