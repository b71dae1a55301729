"""Pivot caches as tables: the copy of the source rows that a pivot table carries with it (ECMA-376-1 §18.10).

In: the definition and the records of a cache. Out: the records as lines of tab-separated fields under the names of the
fields, values that records only point to included, and the values of each field under its name. A text value is cut in
place; a number becomes 0 and a date 1900-01-01, since the schema wants a number and a date there.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from pansentry.formats import markup, number_formats, package
from pansentry.formats.markup import Kind, Markup
from pansentry.formats.sheet_strings import ESCAPES, character
from pansentry.formats.woven import Woven

_VALUES: Final = {"s": "", "n": "0", "d": "1900-01-01T00:00:00", "e": ""}
_NUMBERED: Final = re.compile(r"([0-9]{1,6})\.xml\Z")


@dataclass(slots=True)
class Value:
    """A value; ``part.text[start:end]`` is its attribute, ``whole`` what stands in place of it as a whole."""

    part: Markup
    start: int
    end: int
    whole: str

    def write(self, start: int, end: int, new: str) -> None:
        """Take an edit of what is shown: the value goes as a whole."""
        self.part.write_raw(self.start, self.end, self.whole)

    def weave(self, woven: Woven) -> None:
        """Add the value to a passage."""
        raw = self.part.text[self.start : self.end]
        if not self.whole:
            woven.decoded(raw, self.part, self.start, ESCAPES, character)
        elif self.whole == "0":
            woven.keep(number_formats.shown(raw), self, 0)
        else:
            woven.keep(raw.partition("T")[0], self, 0)


@dataclass(slots=True)
class Field:
    """A field of a cache: its name, the values that records point to, its least and greatest value."""

    name: str
    values: list[Value] = field(default_factory=list)
    extremes: list[Value] = field(default_factory=list)


def fields(opened: package.Package) -> dict[str, list[Field]]:
    """Return the fields of each cache by the number in the name of its part."""
    return {_number(part.name): _fields(part.markup) for part in opened.rooted("pivotCacheDefinition")}


def read(part: package.Part, caches: dict[str, list[Field]]) -> list[Woven]:
    """Return the passages of a definition (values under their field's name) or of records (a table)."""
    found = caches.get(_number(part.name)) or next(iter(caches.values()), [])
    woven = Woven()
    if part.root == "pivotCacheDefinition":
        for each in found:
            woven.make_up(f"{each.name}\n")
            for value in (*each.values, *each.extremes):
                value.weave(woven)
                woven.make_up("\n")
            woven.make_up("\n")
        return [woven]
    woven.make_up("\t".join(each.name for each in found) + "\n")
    _records(part.markup, found, woven)
    return [woven]


def _number(name: str) -> str:
    match = _NUMBERED.search(name)
    return match[1] if match else ""


def _value(part: Markup, token: markup.Token) -> Value | None:
    for found in markup.attributes(part.text, token):
        if found.name == "v":
            return Value(part, found.start, found.end, _VALUES[token.name])
    return None


def _fields(part: Markup) -> list[Field]:
    found: list[Field] = []
    inside = False
    for token in markup.tokens(part.text):
        if token.kind is not Kind.START:
            inside = inside and not (token.kind is Kind.END and token.name == "sharedItems")
        elif token.name == "cacheField":
            found.append(Field(markup.attribute(part.text, token, "name") or ""))
        elif token.name == "sharedItems":
            inside = True
            if found:
                extremes = [a for a in markup.attributes(part.text, token) if a.name in ("minValue", "maxValue")]
                found[-1].extremes = [Value(part, a.start, a.end, "0") for a in extremes]
        elif inside and found and token.name in (*_VALUES, "b", "m"):
            value = _value(part, token) if token.name in _VALUES else None
            found[-1].values.append(value or Value(part, token.start, token.start, ""))
    return found


def _records(part: Markup, found: Sequence[Field], woven: Woven) -> None:
    column = 0
    for token in markup.tokens(part.text):
        if token.kind is Kind.END and token.name == "r":
            woven.make_up("\n")
            column = 0
        if token.kind is not Kind.START or token.name not in (*_VALUES, "x", "b", "m"):
            continue
        if column:
            woven.make_up("\t")
        value = None
        if token.name == "x":
            index = markup.attribute(part.text, token, "v") or ""
            values = found[column].values if column < len(found) else []
            if index.isdecimal() and len(index) < 9 and int(index) < len(values):
                value = values[int(index)]
        elif token.name in _VALUES:
            value = _value(part, token)
        if value is not None:
            value.weave(woven)
        column += 1
