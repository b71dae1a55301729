"""How the words about cards look in bytes: expressions for :mod:`pansentry.pan.expressions`, made from the languages.

Without regard to ASCII case. What may part the words of a phrase is :data:`pansentry.pan.engines.WORD_GAP`; it is
``_`` in what is prepared.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from typing import TYPE_CHECKING

from pansentry.pan.engines import COUNTED, WORD_GAP
from pansentry.pan.fold import fold_text
from pansentry.pan.prepared import prepared
from pansentry.pan.vocabulary import Role

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from pansentry.pan.lexicon import Spelled

KINDS: Mapping[str, int] = {
    "card": Role.CARD | Role.CARD_WEAK,
    "code": Role.CODE,
    "code-weak": Role.CODE_WEAK | Role.PIN,
    "counted": Role.FIGURES,
    "expiry": Role.EXPIRY | Role.MONTH,
    "reversed": Role.REVERSED,
    "split": Role.SPLIT,
    "said": 0,
}
"""What is looked for, and the roles of its words. Counted: "3 digits", "3-stellig", a code without a word for it. Said:
two figures in words, one after the other."""


ALONE = ("(?:^|[^A-Za-z])", "(?:[^A-Za-z]|$)")
"""What stands around a short word: no letter."""


def words(kind: str) -> list[bytes]:
    """Return the expressions for a kind of :data:`KINDS`, sorted."""
    written = prepared(f"words-{kind}", functools.partial(written_words, kind))
    return "\n".join(written).encode("utf-8").replace(b"_", WORD_GAP).split(b"\n")


def written_words(kind: str) -> list[str]:
    """Work out the expressions for a kind, with ``_`` for each gap of a phrase."""
    from pansentry.pan.lexicon import counted, spelled

    if kind == "said":
        return sorted({form for numerals in counted() for form in _said(*numerals)})
    labels = [label for label in spelled() if label.roles & KINDS[kind]]
    return sorted(_counted(labels) if kind == "counted" else _worded(labels))


def _counted(figures: Iterable[Spelled]) -> set[str]:
    written = {form for label in figures if len(label.tokens) == 1 for one in label.spellings for form in _forms(one)}
    return {COUNTED.decode() + re.escape(word) for word in _shortest(written)}


_EVERY = 3
_LEAST = 7  # characters of two words


def _said(units: Sequence[str], tens: Sequence[str]) -> Iterator[str]:
    """Yield pairs of number words of one language: a third of "four one", "one one", and half of "neuf soixante".

    A number of sixteen figures has fifteen of the former if they are said one by one, and in seven places one of the
    latter if they are said two by two: of two hundred numbers one has none of these.
    """
    pairs = [f"{first} {second}" for first in units for second in units]
    joints = [f"{first} {second}" for first in units[1:] for second in tens]
    for pair in (*pairs[::_EVERY], *pairs[:: len(units) + 1], *joints[::2]):
        if len(pair) >= _LEAST:
            yield from (_phrase(form) for form in {pair, fold_text(pair)})


def _worded(labels: list[Spelled]) -> set[str]:
    """Return expressions for labels; a phrase is left out where one of its words is listed alone."""
    single = {label.tokens[0] for label in labels if len(label.tokens) == 1}
    phrases = [label for label in labels if len(label.tokens) > 1 and single.isdisjoint(label.tokens)]
    glued = {"".join(label.tokens) for label in phrases}
    written: set[str] = set()
    for label in labels:
        if label.tokens[0] in glued if len(label.tokens) == 1 else not single.isdisjoint(label.tokens):
            continue  # the phrase finds its words run together, too; the single word finds every phrase with it
        for one in label.spellings:
            written |= _forms(one)
    return {_phrase(form) for form in _shortest(written)}


_BOUNDED = 5  # ASCII words up to this length must end where they end: "card", not "cardiac"


def _shortest(listed: Iterable[str]) -> list[str]:
    """Drop the words that another one begins: what finds the short one finds them too."""
    kept: dict[str, None] = {}
    for word in sorted(listed, key=lambda w: (len(w), w)):
        if not any(word[:length] in kept for length in range(_BOUNDED + 1 if word.isascii() else 2, len(word))):
            kept[word] = None
    return list(kept)


def _forms(written: str) -> set[str]:
    """Return the ways a word is typed: as listed, without accents, and both in capitals; ASCII case is ignored anyway.

    Decomposed accents and full-width letters are :data:`pansentry.pan.expressions.Seen.FOREIGN` and are folded instead.
    """
    composed = unicodedata.normalize("NFC", written.lower())
    forms = {composed, fold_text(composed)}
    return forms | {cased for form in forms if not form.isascii() for cased in (form.upper(), form.title())}


def _phrase(written: str) -> str:
    """Return an expression for a word or phrase; short ASCII words stand alone (digits may touch them)."""
    found = re.findall(r"[^\W_]+|#|№|n°", written)
    body = "_".join(re.escape(word) for word in found)
    is_short = len(written) <= _BOUNDED or max(map(len, found)) == 1  # "c.v.c."
    if not is_short or not written.isascii() or not written[:1].isalpha():
        return body
    return ALONE[0] + body + ALONE[1]  # "4455exp0729": digits do not end a word here
