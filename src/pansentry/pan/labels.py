"""Find labels in a span of a folded text: where they stand, what they say, in which language.

The scan goes token by token through an index, so its cost is linear in the span; the longest label at a place wins.
Then neighbours are combined: "card" + "number" is a card label, "order" + "number" and any unknown noun + "number" are
labels of other numbers, "SIM card" takes the card out of "card".
"""

from __future__ import annotations

import functools
import itertools
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from pansentry.pan.combining import counts_a_code, names_a_thing, on_the_back, things_card
from pansentry.pan.vocabulary import Label, Role, Vocabulary, is_solid
from pansentry.pan.words import Words, words_of

if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Sequence

_PREFIXES = ("وال", "و", "ال", "ب", "ל", "וה", "ו", "ה", "ב", "ש")  # "and", "the", "in", "that" glued in front
_MAX_GAP = 3  # characters between two words of one label: "security - code"
_MAX_SOLID = 400  # a longer run without a break is read in pieces of this size
_SHORT = 4  # letters: too few for a word and something glued to it
_LONG = 40  # letters: a word that is met again has fewer
_MANY = 1 << 15
_ORDINAL = 2  # letters: "1st", "2nd", "3rd" are no words
_ANY_CARD = Role.CARD | Role.CARD_WEAK
_COMBINING = Role.NUMBER | Role.CARD | Role.CARD_WEAK | Role.FIGURES
_THING = Role.MENTION | Role.OTHER | Role.SUBJECT
_KNOWN = Role.CARD | Role.CARD_WEAK | Role.CODE | Role.EXPIRY | Role.PIN | Role.OTHER | Role.NOT_CARD | Role.MENTION
_NAMES = _KNOWN | Role.SUBJECT


class Hit(NamedTuple):
    """A label at ``start:end`` of the folded text; a tuple, because a mail has hundreds."""

    start: int
    end: int
    roles: int
    language: str
    word: str


_hit = functools.partial(tuple.__new__, Hit)
"""Make a :class:`Hit` of its fields without a call of Python's: a third of the time."""


def find_labels(text: str, start: int, end: int, vocabulary: Vocabulary) -> tuple[Hit, ...]:
    """Return the labels in ``text[start:end]``, in order, not overlapping."""
    return labels_of(text, words_of(text, start, end), vocabulary)


def labels_of(text: str, words: Words, vocabulary: Vocabulary) -> tuple[Hit, ...]:
    """Return the labels among the words of a text, in order, not overlapping.

    Most words are a label by themselves or none, whatever stands beside them: for those no function is called. 1.5
    million instructions for the 400 words of 2 KB, where a look at one after the other takes 2.1.
    """
    begun = [*map(_beginnings(vocabulary).__getitem__, words.written)]
    labels = [begins.label if begins is not None else None for begins in begun]
    beside: list[Hit] = []
    glued = _glued(text, words)
    for index, used, hits in _beside_others(text, words, begun, glued, vocabulary):
        labels[index : index + used] = [None] * used
        beside += hits
    found = [
        _hit((at, at + len(word), label.roles, label.language, word))
        for at, word, label in itertools.compress(zip(words.starts, words.written, labels, strict=True), labels)
        if label is not None and (at not in glued or len(word) != _ORDINAL) and not _elided(text, at, word)
    ]
    return tuple(_combined(text, sorted(found + beside) if beside else found, words, vocabulary))


def _beside_others(
    text: str, words: Words, begun: Sequence[Begins | None], glued: Container[int], vocabulary: Vocabulary
) -> Iterator[tuple[int, int, list[Hit]]]:
    """Yield the words that what is beside them decides on: which, how many of them, and their labels, if any."""
    following = 0
    beside = zip(itertools.count(), begun, (*words.written[1:], ""), strict=False)
    for index, begins, second in itertools.compress(beside, begun):
        if begins is None or begins.is_alone or index < following:
            continue
        if not (begins.always or second in begins.seconds or second.startswith(begins.open_seconds)):
            continue
        word, at = words.written[index], words.starts[index]
        if word[0] >= "\u0e00" and is_solid(word):
            yield index, 1, _solid_hits(text, at, word, vocabulary)
            continue
        label, used = _match(text, words, index, vocabulary)
        if label is None or _elided(text, at, word) or (used == 1 and at in glued and len(word) == _ORDINAL):
            yield index, 1, []
            continue
        if used > 1 and label.roles & _ANY_CARD:  # "numéro de carte" + "carte de fidélité"
            other, more = _match(text, words, index + used - 1, vocabulary)
            if other is not None and more > 1 and other.roles & Role.NOT_CARD:
                label, used = other, used + more - 1
        following = index + used
        yield index, used, [Hit(at, words.end(following - 1), label.roles, label.language, word)]


def _glued(text: str, words: Words) -> frozenset[int]:
    """Return where words stand right behind a digit."""
    if not words.starts:
        return frozenset()
    first, last = words.starts[0], words.starts[-1]
    return frozenset(match.end() for match in _DIGIT_BEFORE.finditer(text, max(0, first - 1), last + 1))


_DIGIT_BEFORE = re.compile(r"[0-9](?=[^\W\d_])")


def _elided(text: str, at: int, word: str) -> bool:
    """Tell whether "n" is no number's and "pas" no passport's but French "not": "n'a pas"."""
    if word == "pas":
        return _NOT.search(text, max(0, at - _VERB), at) is not None
    return word == "n" and text[at + 1 : at + 2] in ("'", "’") and text[at + 2 : at + 3].isalpha()


_VERB = 24
_NOT = re.compile(r"(?<![^\W_])(?:n['’]|ne )[^\W\d_]{1,14} \Z")


def _is_name_in_id(token: str, vocabulary: Vocabulary) -> bool:
    """Tell whether an unknown word merely ends like "bookingid": "Astrid", "Madrid", "kapatid"."""
    bare = token[: -len(_ID)]
    return token.endswith(_ID) and vocabulary.words[bare] is None and _stem(bare, vocabulary) is None


_ID = "id"


@dataclass(frozen=True, slots=True)
class Begins:
    """What begins with a word: its label if it stands alone, and which second words may make a longer one."""

    label: Label | None
    seconds: frozenset[str] = frozenset()
    open_seconds: tuple[str, ...] = ()
    always: bool = False
    """Whether the word has to be looked up wherever it stands."""
    is_alone: bool = True
    """Whether what stands behind it does not matter."""


class _Beginnings(dict[str, "Begins | None"]):
    """For each word what begins with it, None if nothing does; worked out when first met.

    Few words make most of a mail, and half of those begin no label; of the others most have no second word behind them
    that matters. Holds letters only, no digit, and begins anew when it has become large.
    """

    def __init__(self, vocabulary: Vocabulary) -> None:
        super().__init__()
        self._vocabulary = vocabulary

    def __missing__(self, word: str) -> Begins | None:
        if len(word) > _LONG:
            return _LOOK_UP  # not worth remembering
        if len(self) >= _MANY:
            self.clear()
        begins = self[word] = _beginning(word, self._vocabulary)
        return begins


_LOOK_UP = Begins(None, always=True, is_alone=False)


@functools.cache
def _beginnings(vocabulary: Vocabulary) -> _Beginnings:
    return _Beginnings(vocabulary)


def _beginning(word: str, vocabulary: Vocabulary) -> Begins | None:
    """Return what begins with ``word``: Hebrew and Arabic words, which have others glued in front, are looked up."""
    if is_solid(word):
        return _LOOK_UP
    entry = vocabulary.words[word]
    label = _match_alone(word, vocabulary)
    if "\u0590" <= word[0] <= "\u06ff":
        glued = any(_beginning(bare, vocabulary) is not None for bare in _bare(word))
        return _LOOK_UP if glued or entry is not None or label is not None else None
    if entry is not None:
        opened = tuple(label.tokens[1] for label in entry.open_seconds)
        return Begins(label, frozenset(entry.seconds), opened, is_alone=not entry.seconds and not opened)
    return Begins(label) if label is not None else None


def _bare(token: str) -> Iterator[str]:
    """Yield a Hebrew or Arabic word without what is glued in front of it."""
    for prefix in _PREFIXES:
        if token.startswith(prefix) and len(token) > len(prefix) + 1:
            yield token[len(prefix) :]


def _match(text: str, words: Words, index: int, vocabulary: Vocabulary, bare: str = "") -> tuple[Label | None, int]:
    """Return the longest label that begins at the word ``index`` and how many words it takes.

    ``bare`` is that word without what is glued in front of it.
    """
    token = bare or words.written[index]
    entry = vocabulary.words[token]
    if entry is not None and index + 1 < len(words.written):
        following = words.written[index + 1]
        for label in entry.seconds.get(following, ()):
            if _follows(text, words, index, label):
                return label, len(label.tokens)
        for label in entry.open_seconds:
            if following.startswith(label.tokens[1]) and _follows(text, words, index, label):
                return label, len(label.tokens)
    if "\u0590" <= token[0] <= "\u06ff" and (entry is None or entry.alone is None) and not _stem(token, vocabulary):
        for rest in _bare(token):
            inner = _match(text, words, index, vocabulary, rest)
            if inner[0] is not None:
                return inner
    alone = _match_alone(token, vocabulary)
    return alone, 1 if alone is not None else 0


def _match_alone(token: str, vocabulary: Vocabulary) -> Label | None:
    """Return the label that a word is whatever stands behind it."""
    entry = vocabulary.words[token]
    if entry is not None and entry.alone is not None:
        return entry.alone
    label = _stem(token, vocabulary)
    if label is not None:
        if label.roles & Role.MENTION and token.endswith(vocabulary.ending_forms):  # kund* + *nummer
            roles = label.roles | Role.OTHER | Role.NUMBER
            return label._replace(open_end=True, roles=roles)
        return label
    if len(token) > _SHORT and token.endswith(vocabulary.ending_forms) and not _is_name_in_id(token, vocabulary):
        label = next(label for ending, label in vocabulary.endings.items() if token.endswith(ending))
        return Label((token,), True, label.roles | Role.OTHER, label.language)
    return None


def _stem(token: str, vocabulary: Vocabulary) -> Label | None:
    """Return the open-ended label that a word begins with."""
    stems = vocabulary.stems.get(token[:3], ())
    return next((label for label in stems if token.startswith(label.tokens[0])), None)


def _follows(text: str, words: Words, index: int, label: Label) -> bool:
    """Tell whether the words from ``index`` on are those of ``label``."""
    wanted = label.tokens
    last = len(wanted) - 1
    if index + last >= len(words.written):
        return False
    for offset in range(1, last + 1):
        token, want = words.written[index + offset], wanted[offset]
        if token != want and not (offset == last and (label.open_end or is_solid(want)) and token.startswith(want)):
            return False
    for left in range(index, index + last):
        gap = text[words.end(left) : words.starts[left + 1]]
        if len(gap) > _MAX_GAP or "." in gap[1:] or any(c.isdigit() for c in gap) or _PARTING.search(gap) is not None:
            return False
    return True


_PARTING = re.compile(r"(?:[:;,|][ \t]?|\r?\n[ \t]?|\r)[\r\n]")
"""A mark at a line's end, or an empty line: the words on its sides are two labels."""


def _solid_hits(text: str, at: int, run: str, vocabulary: Vocabulary) -> list[Hit]:
    """Find labels inside a run of a script without spaces; a label may go on past the run ("裏面の3桁")."""
    hits: list[Hit] = []
    position, end = at, at + len(run)
    while position < end:
        for label in vocabulary.solid.get(text[position], ()):
            word = label.tokens[0]
            if text.startswith(word, position):
                hits.append(_hit((position, position + len(word), label.roles, label.language, word)))
                position += len(word)
                break
        else:
            position += 1
    return hits


def _combined(text: str, hits: list[Hit], words: Words, vocabulary: Vocabulary) -> list[Hit]:
    """Let neighbouring labels decide what "card" and "number" mean here."""
    combined = hits.copy()
    for position in [at for at, hit in enumerate(hits) if hit.roles & _COMBINING]:
        hit = hits[position]
        roles = hit.roles
        if hit.word == "no" and not _NO_NUMBER.match(text, hit.end):
            roles &= ~Role.NUMBER  # "no" is a word of its own in many languages
        previous = combined[position - 1] if position else None
        following = hits[position + 1] if position + 1 < len(hits) else None
        if roles & Role.NUMBER and not roles & (_KNOWN & ~Role.MENTION):
            beside = _beside(text, previous, hit)
            after = _beside_of(text, hits, position)
            if beside is not None and beside.roles & Role.NOT_CARD:
                roles |= Role.OTHER
            elif beside is not None and beside.roles & _ANY_CARD:
                roles |= Role.CARD
            elif (beside is not None and beside.roles & _THING) or (
                after is not None and after.roles & (_THING | Role.NOT_CARD)
            ):
                roles |= Role.OTHER
            elif after is not None and after.roles & _ANY_CARD:
                roles |= Role.CARD
            elif beside is None and not is_solid(hit.word) and names_a_thing(text, words, hit.start):
                roles |= Role.MENTION  # an unknown noun's number
        elif things_card(text, previous, hit, vocabulary):
            roles |= Role.NOT_CARD
        elif roles & Role.CARD_WEAK and following is not None and following.roles & Role.NUMBER:
            roles |= Role.CARD if _beside(text, hit, following) is not None else 0
        if roles & Role.FIGURES and not roles & Role.CODE:
            counted = counts_a_code(text, hits, position, vocabulary)
            placed = on_the_back(text, hits, position)
            roles |= Role.CODE if placed and counted else Role.CODE_WEAK if placed or counted else 0
        if roles != hit.roles:
            combined[position] = Hit(hit.start, hit.end, roles, hit.language, hit.word)
    return combined


def _beside(text: str, left: Hit | None, right: Hit) -> Hit | None:
    """Return ``left`` if nothing but a blank or a mark stands between the two."""
    return (
        left
        if left is not None and 0 <= right.start - left.end <= 2 and "\n" not in text[left.end : right.start]
        else None
    )


def _beside_of(text: str, hits: list[Hit], position: int) -> Hit | None:
    """Return the noun of "numéro de la carte", "número de pedido": the next label past short words."""
    at = hits[position].end
    for hit in hits[position + 1 : position + 4]:
        between = text[at : hit.start]
        if len(between) > 4 or any(c in ":=\n0123456789" for c in between) or between in _NEGATED:
            return None
        if hit.roles & _NAMES:
            return hit
        at = hit.end
    return None


_NEGATED = (" n'", " n’")  # "le numéro n'a pas bougé"
_NO_NUMBER = re.compile(r"[.:#°º]|[ ]?[:#.]?[ ]?[0-9]|[ ]?(?:is|ist|est|es)\b")
