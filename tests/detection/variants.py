"""The same mails as they look after a journey: wrapped, quoted, with other line ends and blanks.

In: a :class:`Case`. Out: the same case with another text and the expected spans moved along, so that one hand-written
mail measures the detector several times. Nothing a reader understands differently is changed, so findings must stay.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from tests.detection.score import Case

WRAP_COLUMN = 72  # RFC 3676 §4.2 and RFC 5322 §2.1.1: what most mail programs wrap at


def _each(case: Case, name: str, write: Callable[[int, str], str]) -> Case:
    """Rewrite a text character by character; ``write`` is given column and character."""
    new: list[str] = []
    starts: list[int] = []
    length = column = 0
    for character in case.text:
        written = write(column, character)
        starts.append(length)
        new.append(written)
        length += len(written)
        column = 0 if character == "\n" else column + 1
    starts.append(length)
    expect = tuple(
        replace(e, spans=tuple((starts[start], starts[end - 1] + len(new[end - 1])) for start, end in e.spans))
        for e in case.expect
    )
    return replace(case, id=f"{case.id}+{name}", text="".join(new), expect=expect)


def wrapped(case: Case) -> Case:
    """Break lines at the last blank before column 72, numbers included, as a mail program does."""
    breaks: set[int] = set()
    line = blank = -1  # where this line began, where its last blank stands
    for position, character in enumerate(case.text):
        if character == "\n":
            line = blank = position
        elif character == " ":
            blank = position
        elif position - line > WRAP_COLUMN and blank > line:
            breaks.add(blank)
            line = blank
    positions = iter(range(len(case.text)))
    return _each(case, "wrapped", lambda _, c: "\n" if next(positions) in breaks else c)


def quoted(case: Case) -> Case:
    """Put ``> `` in front of every line, as a reply does (RFC 3676 §4.5)."""
    return _each(case, "quoted", lambda column, c: ("> " if column == 0 else "") + c)


def with_crlf(case: Case) -> Case:
    """End lines the way they travel (RFC 5322 §2.1)."""
    return _each(case, "crlf", lambda _, c: "\r\n" if c == "\n" else c)


def with_no_break_spaces(case: Case) -> Case:
    """Write every blank as U+00A0, as mail that was HTML once does."""
    return _each(case, "nbsp", lambda _, c: "\u00a0" if c == " " else c)


VARIANTS = {"wrapped": wrapped, "quoted": quoted, "crlf": with_crlf, "nbsp": with_no_break_spaces}
