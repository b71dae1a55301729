"""What a spreadsheet shows of a number: digits in groups, leading zeros, dates as month and year.

In: the stored text of a numeric cell and its format code. Out: the text on the screen as far as it matters for reading
card data: whole numbers in full (never ``4.11E+15``), with the leading zeros and the groups that the format gives
them, and dates in the order in which the format writes day, month and year. Other numbers stay as stored.
Standards: ECMA-376-1 §18.8.30 (format codes, built-in ones), §18.17.4.1 (serial dates, both date systems).
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from typing import Final

BUILT_IN: Final = {
    1: "0", 2: "0.00", 3: "#,##0", 14: "mm-dd-yy", 15: "d-mmm-yy", 16: "d-mmm", 17: "mmm-yy", 22: "m/d/yy h:mm",
    27: "yyyy/m", 30: "m-d-yy", 36: "yyyy/m", 49: "@", 50: "yyyy/m", 57: "yyyy/m",
}  # fmt: skip
_MONTHS: Final = (
    *("January", "February", "March", "April", "May", "June", "July", "August", "September"),
    *("October", "November", "December"),
)
_DAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_TOKEN: Final = re.compile(r"\"([^\"]*)\"|\\(.)|_.|\*.|\[([^\]]*)\]|(y+|m+|d+|h+|s+|AM/PM|A/P)|(.)", re.DOTALL | re.I)
_WHOLE: Final = re.compile(r"[0-9]{1,40}\Z")
_EPOCH: Final = datetime.date(1899, 12, 30)
_EPOCH_1904: Final = datetime.date(1904, 1, 1)
_MAX_DIGITS: Final = 40
_MAX_CODE: Final = 200
_PRECISION: Final = 15

Tokens = Sequence[tuple[str, str]]


def shown(stored: str, code: str = "", *, from_1904: bool = False) -> str:
    """Return what is shown of a number that is stored as ``stored`` and formatted by ``code`` ("" is General)."""
    if not code and stored.isascii() and stored.isdigit():
        return stored
    text = stored.strip()
    section = code.partition(";")[0][:_MAX_CODE]
    pieces = _tokens(section) if section else ()
    if any(kind == "date" and value[0] in "yd" for kind, value in pieces) or any(v == "mmm" for _, v in pieces):
        date = _date(text, from_1904=from_1904)
        return _written(date, pieces) if date else text
    whole = _whole(text)
    if whole is None:
        return text
    if not whole[_PRECISION:].strip("0") and len(whole) > _PRECISION:
        return whole  # digits behind the fifteenth were lost: groups would hide that from who reads it
    return _grouped(whole, pieces) if any(kind == "digit" for kind, _ in pieces) else whole


def _whole(text: str) -> str | None:
    """Return the digits of a whole number, None for others; a fraction beyond fifteen digits is none."""
    if _WHOLE.match(text):
        return text
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    if not number.is_finite() or number < 0 or number.adjusted() > _MAX_DIGITS or number.adjusted() < 0:
        return None
    whole = number.to_integral_value()
    if number != whole and number.adjusted() < 14:
        return None
    return f"{whole:.0f}"


def _tokens(section: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for match in _TOKEN.finditer(section):
        quoted, escaped, _bracket, date, single = match.groups()
        if quoted is not None or escaped is not None:
            found.append(("literal", quoted if quoted is not None else escaped))
        elif date:
            found.append(("date", date.lower()))
        elif single in ("0", "#", "?"):
            found.append(("digit", single))
        elif single and single in " -/()+:":
            found.append(("literal", single))
        elif single:
            found.append(("other", single))
    return found


def _grouped(digits: str, pieces: Tokens) -> str:
    """Fill the digits into the places of a format, from the right; a format with a point, comma or % groups nothing."""
    if any(kind in ("other", "date") for kind, _ in pieces):
        return digits
    out: list[str] = []
    rest = list(digits)
    places = [i for i, (kind, _) in enumerate(pieces) if kind == "digit"]
    for index in range(len(pieces) - 1, -1, -1):
        kind, value = pieces[index]
        if kind == "literal":
            out.append(value)
        elif rest:
            out.append(rest.pop())
        elif value == "0":
            out.append("0")
        if index == places[0] and rest:
            out.append("".join(rest))
            rest = []
    return "".join(reversed(out)).strip()


def _date(text: str, *, from_1904: bool) -> datetime.date | None:
    try:
        days = int(Decimal(text))
        return (_EPOCH_1904 if from_1904 else _EPOCH) + datetime.timedelta(days=days) if days > 0 else None
    except (InvalidOperation, ValueError, OverflowError):
        return None


def _written(date: datetime.date, pieces: Tokens) -> str:
    """Write a date as the format does; times are left out."""
    spelt = {
        "yyyy": f"{date.year:04d}", "yy": f"{date.year % 100:02d}", "y": f"{date.year % 100:02d}",
        "mmmmm": _MONTHS[date.month - 1][0], "mmmm": _MONTHS[date.month - 1], "mmm": _MONTHS[date.month - 1][:3],
        "mm": f"{date.month:02d}", "m": str(date.month), "dddd": _DAYS[date.weekday()],
        "ddd": _DAYS[date.weekday()][:3], "dd": f"{date.day:02d}", "d": str(date.day),
    }  # fmt: skip
    out: list[str] = []
    timed = False
    for kind, value in pieces:
        if kind == "date":
            timed = timed or value[0] in "hsa"
            out.append("" if timed else spelt.get(value, spelt["yyyy"] if value[0] == "y" else ""))
        elif not timed:
            out.append(value)
    return "".join(out).strip()
