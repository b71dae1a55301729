"""Codes and expiry dates that stand beside a card number, and those whose shape tells where a card is known.

Beside means nothing but separators between, fields of the same row, lines of the same group, or a few unknown words
before a date. Amounts, counts and words behind three digits make them no code.
"""

from __future__ import annotations

import bisect
import re
from typing import TYPE_CHECKING

from pansentry.pan.dates import date_at, starts_inside
from pansentry.pan.finding import Kind
from pansentry.pan.neighbours import code_at, skip_separators
from pansentry.pan.periods import begins, end_of_period
from pansentry.pan.turns import turn_at
from pansentry.pan.value import DATE_BEFORE, UNITS, Value
from pansentry.pan.vocabulary import TOKEN, Role

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pansentry.pan.pans import Candidate
    from pansentry.pan.scene import Scene

_CODE_LABELS = Role.CODE | Role.CODE_WEAK | Role.PIN

_MAX_FIELDS = 8


def beside(scene: Scene, pan: Candidate, stop: int) -> Iterator[Value]:
    """Yield what stands beside a card number with nothing but separators between, in either order, or line by line."""
    text, months = scene.text, scene.vocabulary.months
    position = _past_remark(scene, pan.end)
    dated = False
    stop = min(stop, len(text))
    if _glued_on(pan, text):
        yield from _glued_values(pan, text)
        return
    for _ in range(3):
        at = _past_labels(scene, skip_separators(text, position, 12))
        if at >= stop or at == pan.end:
            break
        found = None if _code_column(scene, at) else date_at(text, at, months, fields=True)
        if found is not None and not dated:
            dated = True
            date = end_of_period(scene, at, found[0]) or (at, *found)
            yield Value(Kind.EXPIRY, *date, ["place-expiry"])
            position = date[1]
            if text[at - 1] == "(" and (closing := _TO_BRACKET.match(text, position)) is not None:
                position = closing.end()  # "(12/26, so be quick), 026"
            continue
        slashes = _BETWEEN_SLASHES.match(text, at)
        if (
            slashes is not None
            and text[at - 1] in ("/", ":", ";", " ")
            and (slashes["mark"] is None or text[at - 1] in (slashes["mark"], " "))
            and len(slashes["code"]) == pan.brand.code_digits
        ):
            date = (slashes.start("date"), slashes.end("date"), f"{int(slashes['month']):02d}/{slashes['year']}")
            yield Value(Kind.EXPIRY, *date, ["place-expiry"])
            yield Value(Kind.CVV, slashes.start("code"), slashes.end("code"), slashes["code"], ["place-row"])
            break
        code = _place_code(scene, at, pan.brand.code_digits, dated) or (
            _abbreviated_code(scene, at, pan.brand.code_digits) if dated else None
        )
        if code is None:
            break
        yield code
        position = code.end
    if not dated and (worded := _date_after_words(scene, pan)) is not None:
        yield worded
        at = _past_labels(scene, skip_separators(text, worded.end, 12))
        length = pan.brand.code_digits
        code = _place_code(scene, at, length, dated=True) or _abbreviated_code(scene, at, length)
        if code is not None and at < stop:
            yield code
    yield from _behind_last_four(scene, pan, stop)
    before = _date_right_before(text, pan.start, scene)
    if before is not None:
        yield before
    yield from _following_fields(scene, pan, stop)


def _past_remark(scene: Scene, position: int) -> int:
    """Skip words in brackets right behind a number that say what it is: "4111… (that's the card number), 09/28"."""
    match = _REMARK.match(scene.text, position)
    if match is None:
        return position
    strange = Role.OTHER | Role.MENTION | Role.NOT_CARD | Role.SUBJECT | Role.AMOUNT
    card = Role.CARD | Role.CARD_WEAK | Role.NUMBER | Role.FILLER
    hits = scene.between(position, match.end()) if scene.labelled else ()
    return position if any(hit.roles & strange and not hit.roles & card for hit in hits) else match.end()


_REMARK = re.compile(r"[ ]?[(\[][^()\[\]\r\n0-9]{1,40}[)\]]")


def _behind_last_four(scene: Scene, pan: Candidate, stop: int) -> Iterator[Value]:
    """Read the code behind the last four digits said again, as signature strips print them: "1111 and then 737"."""
    length, text = pan.brand.code_digits, scene.text
    at = text.find(pan.digits[-4:], pan.end, min(stop, pan.end + _REACH)) if length else -1
    match = _GAP.match(text, at + 4) if at > 0 and not text[at - 1].isdigit() else None
    if match is None or not code_at(text, match.end(), length) or UNITS.match(text, match.end() + length):
        return
    strange = Role.OTHER | Role.MENTION | Role.NOT_CARD | Role.SUBJECT | Role.AMOUNT | Role.EXPIRY
    if not any(hit.roles & strange for hit in scene.between(at + 4, match.end())):
        yield Value(
            Kind.CVV, match.end(), match.end() + length, text[match.end() : match.end() + length], ["place-code"]
        )


_REACH = 300
_GAP = re.compile(r"[ ]?[,/|-]?[ ]?(?:[^\W\d_]{1,9}[ ,:]{1,2}){0,3}(?<=[ ,:/|-])(?=[0-9])")


def _glued_values(pan: Candidate, text: str) -> Iterator[Value]:
    """Read MMYY and code that are glued to a card number."""
    match = _GLUED.match(text, pan.end)
    if match is None or len(match["code"]) not in (0, pan.brand.code_digits):
        return
    date = f"{match['date'][:2]}/{match['date'][2:]}"
    yield Value(Kind.EXPIRY, match.start("date"), match.end("date"), date, ["place-expiry"])
    if match["code"]:
        yield Value(Kind.CVV, match.start("code"), match.end("code"), match["code"], ["place-row"])


_GLUED = re.compile(r"(?P<date>(?:0[1-9]|1[0-2])[1-5][0-9])(?P<code>[0-9]{0,4})(?![0-9])")


def _past_labels(scene: Scene, position: int) -> int:
    """Skip a label of an expiry date or code and the marks behind it: "… / exp 9/27 / 662"."""
    hit = scene.at(position) if scene.labelled else None
    if hit is None or not hit.roles & (Role.EXPIRY | _CODE_LABELS) or hit.roles & Role.CARD:
        return position
    return skip_separators(scene.text, hit.end)


_MAX_WORDS = 5


def _date_after_words(scene: Scene, pan: Candidate) -> Value | None:
    """Read a date as the first number after a card number with a few unknown words between ("jusqu'en 09/29")."""
    text, position = scene.text, pan.end
    other, below = Role.OTHER | Role.MENTION | Role.NOT_CARD | Role.SUBJECT, False
    for _ in range(_MAX_WORDS):
        at = skip_separators(text, position, 5)
        if at >= len(text) or any(c in "\r\n.;!?" for c in text[position:at]):
            if position > pan.end or _LINE_BREAK.fullmatch(text, position, at) is None:
                return None
            below = True  # "4111…\nbelow it says 09/28, on the back 737"
        found = date_at(text, at, scene.vocabulary.months)
        if found is not None and below and not _code_behind(scene, found[0]):
            return None
        if found is not None and scene.labelled and begins(scene, at):
            position = found[0]  # "start 03/23 finish 03/28"
            continue
        if found is not None:
            start, end, value = end_of_period(scene, at, found[0]) or (at, *found)
            plain = (end - start > 4 or _with_code(text, end, pan.brand.code_digits)) and "20" <= value[-2:] <= "49"
            return Value(Kind.EXPIRY, start, end, value, ["place-words"]) if plain and position > pan.end else None
        match = TOKEN.match(text, at)
        if match is None or (scene.labelled and any(hit.roles & other for hit in scene.between(at, match.end()))):
            return None
        position = match.end()
    return None


def _code_behind(scene: Scene, end: int) -> bool:
    """Tell whether a code is labelled behind a date on its line, nothing else between."""
    hits = scene.between(end, min(scene.line_end(end), end + _BEHIND)) if scene.labelled else ()
    return bool(hits) and any(hit.roles & (Role.CODE | Role.PLACE) for hit in hits[:3])


_BEHIND = 40
_LINE_BREAK = re.compile(r"[ \t]{0,2}(?:\r?\n)[> \t]{0,4}")


def _with_code(text: str, end: int, length: int) -> bool:
    """Tell whether a code stands right behind a date, and nothing more: "ends 7/28, 388." is no 28 July."""
    match = _CODE_BEHIND.match(text, end)
    return match is not None and len(match["code"]) == length


_CODE_BEHIND = re.compile(r"[ ]?[,;/|][ ]?(?P<code>[0-9]{3,4})[ \t]{0,3}(?=[.;\r\n]|\Z)(?![.][0-9])")
_BETWEEN_SLASHES = re.compile(
    r"(?P<date>(?P<month>0?[1-9]|1[0-2])(?:(?P<mark>[/:;])|[.\-])(?:20)?(?P<year>[1-5][0-9]))(?(mark)(?P=mark)|[/:;])"
    r"(?P<code>[0-9]{3,4})(?![0-9])"
)


def _glued_on(pan: Candidate, text: str) -> bool:
    return pan.end < len(text) and text[pan.end].isdigit()


_SHORT = re.compile(r"[^\W\d_]{1,4}[.:]{0,2}[ \t]{0,2}(?=[0-9])")
"""A word of a letter or few between an expiry date and a code: "12/27 v 991", "KPZ: 482"."""


def _abbreviated_code(scene: Scene, at: int, length: int) -> Value | None:
    """Read the code behind an unknown abbreviation after number and date, at the end of a line or before a mark."""
    match = _SHORT.match(scene.text, at)
    strange = Role.OTHER | Role.MENTION | Role.NOT_CARD | Role.SUBJECT | Role.AMOUNT | Role.NUMBER | Role.EXPIRY
    hits = scene.between(at, match.end()) if match is not None else ()
    if match is None or any(hit.roles & strange and hit.end - hit.start > 1 for hit in hits):
        return None
    code = _place_code(scene, match.end(), length, dated=False)
    return None if code is None else Value(code.kind, code.start, code.end, code.value, ["place-row"])


def _place_code(scene: Scene, at: int, length: int, dated: bool) -> Value | None:
    """Read a code beside a number: after an expiry date, or alone before a mark, a line's end or the text's."""
    text = scene.text
    if not length or not code_at(text, at, length) or UNITS.match(text, at + length) or _headed_otherwise(scene, at):
        return None
    if dated:
        return Value(Kind.CVV, at, at + length, text[at : at + length], ["place-row"])
    rest = text[at + length : at + length + 2].lstrip(" \t")
    if rest and rest[0].isalnum():
        return None
    return Value(Kind.CVV, at, at + length, text[at : at + length], ["place-code"])


def _date_right_before(text: str, start: int, scene: Scene) -> Value | None:
    match = DATE_BEFORE.search(text, max(scene.start, start - 14), start)
    if match is None or starts_inside(text, match.start()):
        return None
    found = date_at(text, match.start(), scene.vocabulary.months)
    if found is None or text[found[0] : start].strip(" \t,;|/-"):
        return None
    return Value(Kind.EXPIRY, match.start(), found[0], found[1], ["place-expiry"])


_FIELD = re.compile(r"[^\r\n\t|;,]*")


def _following_fields(scene: Scene, pan: Candidate, stop: int) -> Iterator[Value]:
    """Yield expiry date and code that fill a field or line of their own, a few fields or lines behind the number.

    Names may stand in between ("4111…, Anna Keller, 09/28, 737"); a longer text or another number ends the search.
    """
    text, months = scene.text, scene.vocabulary.months
    match = _FIELD.match(text, pan.end, stop)
    if match is None or match[0].strip(" \t\"')]"):
        return
    position, dated = match.end(), False
    for _ in range(_MAX_FIELDS):
        while position < stop and text[position] in "\r\n\t|;, >":
            position += 1
        turn = turn_at(text, position, stop)
        if turn is not None and turn["stamp"]:
            position = turn.end()
        marker = _MARKER.match(text, position, stop)
        if marker is not None:
            position = marker.end()
        match = _FIELD.match(text, position, stop)
        if match is None or not match[0].strip():
            return
        written = match[0].strip(" \"'>")
        at = match.start() + match[0].index(written) if written else match.start()
        position = match.end()
        found = None if _code_column(scene, at) else date_at(text, at, months)
        rest = text[found[0] : position].strip(" \"'") if found is not None else ""
        if _BRACKETED.fullmatch(rest):
            rest = ""  # "11/27 (not the deadline)"
        if found is not None and not dated and (not rest or rest.isdigit()):
            dated = True
            yield Value(Kind.EXPIRY, at, found[0], found[1], ["place-expiry"])
            if rest:
                start = text.index(rest, found[0])
                code = _place_code(scene, start, pan.brand.code_digits, dated)
                if code is not None and len(rest) == code.end - code.start:
                    yield code
        elif written.isdigit() and len(written) in (3, 4) and _code_column(scene, at):
            yield Value(Kind.CVV, at, at + len(written), written, ["column-code"])
            if dated:
                return  # what follows in the row is another column's
        elif written.isdigit() and len(written) == pan.brand.code_digits and dated and not _headed_otherwise(scene, at):
            yield Value(Kind.CVV, at, at + len(written), written, ["place-row"])
            return
        elif dated and (code := _abbreviated_code(scene, at, pan.brand.code_digits)) is not None:
            yield code
            return
        elif any(c.isdigit() for c in written) or len(written) > 40 or not written:
            return


_OTHER_COLUMNS = Role.AMOUNT | Role.OTHER | Role.SUBJECT | Role.NOT_CARD
_SHORT_FIELD = r"[ ]?+(?>(?:[^\s|;,]++(?>(?:[ ][^\s|;,]++){0,2}))?)[ ]?+"
_SHORT_FIELDS = re.compile(rf"{_SHORT_FIELD}(?>(?:[\t|;,]{_SHORT_FIELD})*)\r?")
"""A line whose fields have three words at most: headings, not a sentence with commas."""


_BRACKETED = re.compile(r"\([^()\r\n0-9]{1,40}\)")
_TO_BRACKET = re.compile(r"[^()\r\n0-9]{1,40}\)(?=[,;:]?[ ][0-9]{3,4}[ \t]{0,2}(?:[.;,\r\n]|\Z))")
_MARKER = re.compile(r"(?:[a-h]|[0-9]{1,2})[.)][ ]{1,3}")
"""What numbers the lines of a list."""


def _headed_otherwise(scene: Scene, position: int) -> bool:
    """Tell whether a place is in a table with another column for codes, or under a heading like "Qty" or "Price"."""
    text, head = scene.text, scene.table_head(position)
    if head is not None and _SHORT_FIELDS.fullmatch(text, *head):
        roles = [hit.roles for hit in scene.column_hits(position)]
        codes = Role.CODE | Role.CODE_WEAK
        if any(role & _OTHER_COLUMNS for role in roles) and not any(role & codes for role in roles):
            return True
    if head is None or not any(hit.roles & Role.CODE for hit in scene.between(*head)):
        return False
    return any(c.isalpha() for c in text[slice(*head)]) and not _code_column(scene, position)


def _code_column(scene: Scene, position: int) -> bool:
    return any(hit.roles & (Role.CODE | Role.CODE_WEAK) for hit in scene.column_hits(position))


# --- by shape ---------------------------------------------------------------------------------------------------


def _right_behind_card_word(scene: Scene, position: int) -> bool:
    """Tell whether the last words before ``position`` on its line speak of a payment card ("rest of the card: …")."""
    floor = max(scene.line_start(position), position - 30)
    if any(c.isdigit() for c in scene.text[floor:position]):
        return False
    wanted = Role.CARD | Role.CARD_WEAK
    hits = scene.between(floor, position)
    other = Role.NOT_CARD | Role.OTHER | Role.SUBJECT
    return any(hit.roles & wanted for hit in hits) and not any(hit.roles & other for hit in hits)


_PAIR = re.compile(
    r"(?<![0-9./\-:,])(?P<date>(?:0?[1-9]|1[0-2]) ?[/.\-] ?(?:20)?[1-5][0-9]|(?:0[1-9]|1[0-2])[1-5][0-9])"
    r"(?P<gap>[ \t,;|/&+\-]{1,4}|(?:\r?\n){1,2}|[ ,]{1,2}(?:and|und|et|y|e|og|och|i|ja|и)[ ])"
    r"(?P<code>[0-9]{3,4})(?![0-9]|[.,:/\-][0-9])"
)
_PAIR_TURNED = re.compile(
    r"(?<![0-9./\-:,])(?P<code>[0-9]{3,4})[ \t,;|&+]{1,4}"
    r"(?P<date>(?:0?[1-9]|1[0-2]) ?[/.\-] ?(?:20)?[1-5][0-9])(?![0-9]|[.,:/\-][0-9])"
)
_MONTH_OR_DATE, _CODE_SIZES = frozenset((1, 2, 4)), frozenset((3, 4))
"""Digits of the group that each of the two begins with."""
_DIALLED = re.compile(r"[ \t./\-]{0,3}[0-9]{2}")


_BEHIND_DATE = frozenset(" /.-\t,;|&+\r\n")
_BEHIND_CODE = frozenset(" \t,;|&+")


def _at_digits(
    scene: Scene, pattern: re.Pattern[str], sizes: frozenset[int], behind: frozenset[str]
) -> Iterator[re.Match[str]]:
    """Yield the matches of a pattern that begins with a group of so many digits and one of the marks behind it."""
    text, end, position = scene.text, scene.end, scene.start
    for at, to in scene.groups:
        if to - at in sizes and text[to : to + 1] in behind and at >= position:
            match = pattern.match(text, at, end)
            if match is not None:
                position = match.end()
                yield match


_NEAR_PAIR = 60


def _beside_card(match: re.Match[str], pans: Sequence[Candidate]) -> bool:
    """Tell whether a card number begins a few words behind a pair, or ends a few before it (``pans`` are in order)."""
    if "/" not in match["date"] or not any(c.isalpha() for c in match[0]):
        return False  # "09/28 and 737": without the word it may be anything
    index = bisect.bisect_left(pans, match.start(), key=lambda pan: pan.start)
    behind = index < len(pans) and pans[index].start - match.end() < _NEAR_PAIR
    return behind or (index > 0 and match.start() - pans[index - 1].end < _NEAR_PAIR)


def follow_up(scene: Scene, pans: Sequence[Candidate], *, known: bool) -> Iterator[Value]:
    """Yield an expiry date and a code that stand alone where a card is known: "09/28 737"."""
    text, months = scene.text, scene.vocabulary.months
    for look in ((_PAIR, _MONTH_OR_DATE, _BEHIND_DATE), (_PAIR_TURNED, _CODE_SIZES, _BEHIND_CODE)):
        for match in _at_digits(scene, *look):
            date = date_at(text, match.start("date"), months)
            if date is None or date[0] != match.end("date") or UNITS.match(text, match.end("code")):
                continue
            if match["date"].isdigit() and _DIALLED.match(text, match.end("code")):
                continue  # "0711 / 685 12 34" is an area code and a telephone number
            if not known and not (_beside_card(match, pans) or _right_behind_card_word(scene, match.start())):
                continue
            evidence = "shape-follow-up" if known else "shape-near-card"
            yield Value(Kind.EXPIRY, match.start("date"), match.end("date"), date[1], [evidence])
            yield Value(Kind.CVV, match.start("code"), match.end("code"), match["code"], [evidence])
