"""What a word for digits, or "card", means beside another word: digits on the back, three digits, a permit card.

In: the labels found in a text, in order, and one of them. A word for digits or code beside a place of the card ("back",
"beside my signature") labels a code whatever the order and the little words between; "card" right behind the name of
another thing is that thing's. Looks at a few neighbours only.
"""

from __future__ import annotations

import bisect
import re
from typing import TYPE_CHECKING

from pansentry.pan.vocabulary import TOKEN, Role

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pansentry.pan.labels import Hit
    from pansentry.pan.vocabulary import Vocabulary
    from pansentry.pan.words import Words

_COUNT = re.compile(r"(?<![0-9])(?P<count>[34])[ \-]?(?:[^\W\d_]{2,9} ){0,2}\Z")
_WORDS = re.compile(r"(?:[^\W\d_]{1,14}[ \-]){1,3}\Z")
_APART = 24
_LITTLE = (
    Role.FILLER | Role.CARD | Role.CARD_WEAK | Role.NUMBER | Role.CODE_WEAK | Role.CODE | Role.SPLIT | Role.FIGURES
)


def counts_a_code(text: str, hits: Sequence[Hit], position: int, vocabulary: Vocabulary) -> bool:
    """Tell whether a word for digits counts those of a code: "3 digits", "three last digits"; four say less."""
    hit = hits[position]
    match = _COUNT.search(text, max(0, hit.start - 24), hit.start)
    count = match["count"] if match is not None else _said(text, hit.start, vocabulary)
    if count == "3":
        return True
    return count == "4" and not any(other.roles & Role.SPLIT for other in hits[max(0, position - 3) : position + 3])


def _said(text: str, position: int, vocabulary: Vocabulary) -> str:
    """Return what one of the three words before ``position`` counts, if it is a number word: "three little digits"."""
    match = _WORDS.search(text, max(0, position - 36), position)
    for word in reversed(TOKEN.findall(match[0])) if match is not None else ():
        if vocabulary.spoken(word):
            said = {numerals[word] for numerals in vocabulary.numerals.values() if word in numerals}
            return "3" if "3" in said else "4" if "4" in said else ""
    return ""


def on_the_back(text: str, hits: Sequence[Hit], position: int) -> bool:
    """Tell whether a place of the card stands beside a word for digits, but for small words: "digits on the back"."""
    hit = hits[position]
    end = hit.end
    for other in hits[position + 1 : position + 4]:
        if not _near(text, end, other.start):
            break
        if other.roles & Role.PLACE:
            return True
        if not other.roles & _LITTLE:
            break
        end = other.end
    start = hit.start
    for other in reversed(hits[max(0, position - 3) : position]):
        if not _near(text, other.end, start):
            break
        if other.roles & Role.PLACE:
            return True
        if not other.roles & _LITTLE:
            break
        start = other.start
    return False


def _near(text: str, start: int, end: int) -> bool:
    between = text[start:end]
    return len(between) <= _APART and not any(c.isdigit() or c in "\r\n.;:!?" for c in between)


def things_card(text: str, left: Hit | None, right: Hit, vocabulary: Vocabulary) -> bool:
    """Tell whether "card" stands right behind the name of a thing that is none: "parking permit card"."""
    if left is None or not left.roles & (Role.NOT_CARD | Role.SUBJECT):
        return False
    word = vocabulary.words[right.word]
    if word is None or word.alone is None or not word.alone.roles & Role.CARD_WEAK:
        return False
    if left.roles & (Role.CARD | Role.CODE | Role.PLACE | Role.FILLER):
        return False
    return text[left.end : right.start] in (" ", "-", "")


NOT_NOUNS = frozenset(
    [
        "the",
        "my",
        "your",
        "our",
        "his",
        "her",
        "their",
        "this",
        "that",
        "a",
        "an",
        "is",
        "new",
        "whole",
        "full",
        "long",
        "right",
        "correct",
        "following",
        "first",
        "last",
        "second",
        "meine",
        "die",
        "der",
        "das",
        "ihre",
        "unsere",
        "le",
        "la",
        "les",
        "mon",
        "ma",
        "votre",
        "el",
        "mi",
        "su",
        "il",
        "mio",
        "mia",
        "o",
        "meu",
        "minha",
        "het",
        "mijn",
        "moj",
        "moja",
        "min",
        "mitt",
        "mit",
        "and",
        "und",
        "et",
        "y",
        "e",
        "i",
        "og",
        "och",
        "at",
        "by",
        "on",
        "to",
        "use",
        "with",
        "for",
        "from",
        "of",
        "same",
        "next",
        "here",
        "note",
        "please",
        "charge",
    ]
)


_OF_MONEY = re.compile(r"(?:[ck]redit|d[ei]bit|debet)[^\W\d_]{0,2}\Z")


def names_a_thing(text: str, words: Words, start: int) -> bool:
    """Tell whether a word follows a noun directly (one blank or mark between); "c.credito num" numbers a card."""
    index = bisect.bisect_left(words.starts, start)
    if not index:
        return False
    word, end = words.written[index - 1], words.end(index - 1)
    if _OF_MONEY.match(word) is not None:
        return False
    return 0 < start - end <= 1 and len(word) > 2 and word not in NOT_NOUNS and text[end] not in "\r\n"
