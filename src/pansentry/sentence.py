"""Sentences that are said to people, and can be said again in another language.

In: a pattern in English with names in braces, and what stands for them. Out: an ordinary string, filled in, for the
command line, the log and JSON; it also remembers pattern and values, and whoever has the pattern in another language
(:mod:`pansentry.console.texts`) fills that in. A value may be such a sentence itself.
"""

from __future__ import annotations


class Sentence(str):
    """A sentence in English that knows how it was made."""

    __slots__ = ("pattern", "values")
    pattern: str
    values: dict[str, object]

    def __new__(cls, pattern: str, values: dict[str, object] | None = None) -> Sentence:
        made = super().__new__(cls, pattern.format_map(values) if values else pattern)
        made.pattern, made.values = pattern, dict(values or {})
        return made

    def __getnewargs__(self) -> tuple[str, dict[str, object]]:  # type: ignore[override]
        return self.pattern, self.values


def sentence(pattern: str, /, **values: object) -> Sentence:
    """Return a sentence: ``sentence("{n} mails wait.", n=3)``."""
    return Sentence(pattern, values)


def counted(number: int, one: str, many: str = "") -> str:
    """Return a number with its noun in English: ``counted(1, "entry", "entries")`` is ``1 entry``."""
    return f"{number} {one if number == 1 else many or f'{one}s'}"
