"""Take back the line breaks that mail programs put into paragraphs, so that a label and its value stand on one line.

In: a folded text. Out: a text of the same length, where such a break, and the reply marks behind it, are blanks.
A break was made by a program if the next word would not have fitted: lines of a paragraph end as late as they can
(RFC 3676 section 4.1 and RFC 5322 section 2.1.1: 72 to 78 columns), or if the line ends in a blank (``format=flowed``).
Short lines, lists, tables, headers and lines of forms keep theirs. Linear: each line is looked at twice.

Known gap: lines cut in the middle of a word by programs that count characters.
"""

from __future__ import annotations

import re

from pansentry.pan.turns import turn_at

_MIN = 58  # columns: nobody wraps earlier
_MAX = 81
_PREFIX = re.compile(r"(?:[ ]?[>|]){0,8}[ ]?")
_KEEPS = re.compile(r"[ ]{0,4}(?:[-*•–—+#=~_]|[0-9]{1,2}[.)] |[^\W\d_]{1,24}(?: [^\W\d_]{1,24}){0,2} ?[:：]|--|[ \t])")
"""What begins a line of its own: a list, a form ("Name:"), an indented line."""
_WORD = re.compile(r"[^ \t\r\n]+")


def unwrapped(text: str) -> str:
    """Return ``text`` with the line breaks of wrapped paragraphs as blanks."""
    if "\n" not in text or len(text) < _MIN:
        return text
    lines = text.split("\n")
    if max(map(len, lines)) < _MIN:
        return text
    joins = [index for index, line in enumerate(lines[:-1]) if len(line) >= _MIN and _may_be_full(line)]
    if not joins:
        return text
    written = list(lines)
    widest = 0
    last = -2
    changed = False
    for index in joins:
        line, following = lines[index], lines[index + 1]
        if index != last + 1:
            widest = _widest(lines, index)
        last = index
        mark = _prefix(line)
        if _prefix(following) != mark or len(following) == len(mark):
            continue
        rest = following[len(mark) :]
        word = _WORD.match(rest)
        flowed = line.endswith((" ", " \r")) and not line.rstrip("\r").endswith("-- ")
        full = _columns(line) + 1 + (len(word[0]) if word is not None else 0) > widest
        if word is None or not (full or flowed) or _begins_line(rest) or _table(line, following):
            continue
        bare = written[index].rstrip("\r")
        written[index] = bare + " " * (len(written[index]) - len(bare)) + _JOINED
        written[index + 1] = " " * len(mark) + rest
        changed = True
    return "\n".join(written).replace(_JOINED + "\n", " ") if changed else text


_JOINED = "\0"  # folded texts hold none


def _begins_line(rest: str) -> bool:
    turn = turn_at(rest, 0)
    return _KEEPS.match(rest) is not None or (turn is not None and turn["stamp"] is not None)


def _columns(line: str) -> int:
    return len(line.rstrip("\r "))


def _may_be_full(line: str) -> bool:
    return _MIN <= _columns(line) <= _MAX and any(map(str.isalpha, line))


def _widest(lines: list[str], index: int) -> int:
    """Return the width of the widest line of the lines that follow each other and may be full."""
    widest = 0
    while index < len(lines) and _may_be_full(lines[index]):
        widest = max(widest, _columns(lines[index]))
        index += 1
    return widest


def _prefix(line: str) -> str:
    match = _PREFIX.match(line)
    return match[0] if match is not None and match[0].strip() else ""


def _table(line: str, following: str) -> bool:
    """Tell whether two lines are rows of one table."""
    return any(len(mark.findall(line)) == len(mark.findall(following)) > 1 for mark in _DELIMITERS) or "\t" in line


_DELIMITERS = (re.compile(r"\|"), re.compile(r";"), re.compile(r",(?! )"))
