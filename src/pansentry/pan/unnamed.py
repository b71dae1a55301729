"""What an unknown word right before a number says: papers, devices and coupons that no file lists have numbers, too.

In: a :class:`Scene` and where a candidate stands that no label speaks of, with no word about cards within
:data:`~pansentry.pan.scene.CONTEXT`. Out: whether the word before it names it, so that it counts as a mention of
another thing. That takes a text that speaks of such things: a label of one within the same distance. Who gives a
card number without any word for it writes it on a line of its own, or behind a little word, a word of paying, or the
word for card misspelt; none of these is a name. Looks at three words, a line and the labels near; linear.

Known gap: the word for card of a language that no file is for is such a name, too, unless an expiry date stands beside.
"""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING

from pansentry.pan.labels import NOT_NOUNS
from pansentry.pan.lacking import nearly
from pansentry.pan.scene import CONTEXT
from pansentry.pan.vocabulary import TOKEN, Role, is_solid

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pansentry.pan.labels import Hit
    from pansentry.pan.scene import Scene
    from pansentry.pan.vocabulary import Vocabulary

_REACH = 40
_SHORTEST = 4  # letters: shorter ones are "my", "pro", "sur"
_PHRASE = 3  # words before a colon that name what stands behind it; more are a sentence
_THING = Role.OTHER | Role.MENTION | Role.SUBJECT | Role.NOT_CARD | Role.AMOUNT
_LITTLE = Role.FILLER | Role.NUMBER | Role.CODE_WEAK  # words that are things in one language and say little in another
_SAYS = Role.CARD | Role.CARD_WEAK | Role.CODE | Role.EXPIRY | Role.SPLIT | Role.UNTIL | Role.PAYING
_MARKS = re.compile(r"[ ]?(?P<colon>:)?[#№°=.]?[ ]{0,2}\Z")  # a tab parts columns
_SENTENCE = re.compile(r"[.!?;]\s")


def named(scene: Scene, start: int) -> bool:
    """Tell whether the word right before ``start``, or the one before its "number", is the unknown name of a thing."""
    text, line = scene.text, scene.line_start(start)
    floor = max(line, start - _REACH)
    words = list(TOKEN.finditer(text, floor, start))
    marks = _MARKS.match(text, words[-1].end(), start) if words else None
    if marks is None or not _speaks_of_things(scene, start):
        return False
    hits = scene.between(floor, start)
    if is_solid(words[-1][0]):
        return _solid(words[-1], hits)
    phrase = [word for word in words if not _SENTENCE.search(text, word.end(), start)]
    if marks["colon"] and len(phrase) > _PHRASE:
        return False
    if any(hit.roles & Role.PAYING for hit in scene.between(line, start)):
        return False
    return _is_name(scene.vocabulary, phrase[-_PHRASE:], hits)


def _speaks_of_things(scene: Scene, start: int) -> bool:
    near = scene.between(start - CONTEXT, start + CONTEXT)
    return any(hit.roles & _THING and not hit.roles & _LITTLE for hit in near)


def _is_name(vocabulary: Vocabulary, words: list[re.Match[str]], hits: Sequence[Hit]) -> bool:
    """Tell whether the last of ``words`` that does not say "number" names something, and none is nearly "card"."""
    listed = _listed(vocabulary)
    if any(nearly(word[0], listed) or _swapped(word[0], listed) for word in words):
        return False
    while words:
        word = words.pop()
        hit = next((hit for hit in hits if hit.start <= word.start() < hit.end), None)
        if hit is None:
            break
        if hit.roles & _SAYS or not hit.roles & Role.NUMBER:
            return False
    else:
        return False
    known = word[0] in NOT_NOUNS or word[0] in vocabulary.months or vocabulary.spoken(word[0])
    return not known and len(word[0]) >= _SHORTEST and len(set(word[0])) > 1


def _swapped(word: str, listed: Mapping[str, tuple[str, ...]]) -> bool:
    """Tell whether a short word has the letters of a listed one in another order: "crad"."""
    return any(len(word) == len(wanted) and sorted(word) == sorted(wanted) for wanted in listed.get(word[0], ()))


_NEAR = 12  # characters


def _solid(run: re.Match[str], hits: Sequence[Hit]) -> bool:
    """Tell whether a run of a script without blanks ends in "number" behind or in front of something unknown."""
    number = next((hit for hit in reversed(hits) if hit.start >= run.start() and hit.roles & Role.NUMBER), None)
    if number is None or number.roles & _SAYS or run.end() - number.end > _NEAR:
        return False
    if number.end < run.end():
        return not any(hit.start >= number.end for hit in hits)
    return number.start > run.start() and not any(hit.end == number.start for hit in hits)


@functools.cache
def _listed(vocabulary: Vocabulary) -> Mapping[str, tuple[str, ...]]:
    """Return the words for cards, by first letter."""
    index: dict[str, list[str]] = {}
    for label in vocabulary.labels:
        if len(label.tokens) == 1 and label.roles & (Role.CARD | Role.CARD_WEAK) and not is_solid(label.tokens[0]):
            index.setdefault(label.tokens[0][0], []).append(label.tokens[0])
    return {first: tuple(words) for first, words in index.items()}
