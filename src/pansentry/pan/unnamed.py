"""What an unknown word right before a number says: papers, devices and coupons that no file lists have numbers, too.

In: a :class:`Scene` and where a candidate stands that no label speaks of, with no word about cards within
:data:`~pansentry.pan.scene.CONTEXT`. Out: whether the word before it names it, so that it counts as a mention of
another thing. That takes a sentence that has such a word as its subject ("the scooter 4111… is broken"), or one that
speaks of such things: a label of one on the same line (cells of a table and paragraphs of a document are lines of
their own, and who is named there is a guest or a customer). Who gives a card number without any word for it writes it
on a line of its own, or behind a little word, a word of paying, or the word for card misspelt; none of these is a name.
Looks at three words and a line; linear.

Known gap: the word for card of a language that no file is for is such a name, too, unless an expiry date stands beside.
"""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING

from pansentry.pan.bridges import COPULAS
from pansentry.pan.combining import NOT_NOUNS
from pansentry.pan.lacking import nearly
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
_OWN_NUMBER = re.compile(r"[ ]?(?:[^\W\d_]{1,3}[.]? )?[:#№]?[ ]?[0-9]")
"""Behind a thing that has its number already, "booking 7714": what follows is another one's, and its name a guest's."""
_SENTENCE = re.compile(r"[.!?;]\s")


SIZE_BEFORE = re.compile(r"[ ]?[(\[]1[0-9][ -]?[^\W\d_]{3,14}[)\]](?=[ ]?:?[ ]{0,2}\Z)")
"""How many digits a number has, between its name and it: "Codice bollettino (16 cifre): …"."""


def named(scene: Scene, start: int, end: int) -> bool:
    """Tell whether the word right before ``start``, or the one before its "number", is the unknown name of a thing."""
    text, line = scene.text, scene.line_start(start)
    size = SIZE_BEFORE.search(text, max(line, start - _REACH), start)
    start = size.start() if size is not None else start
    floor = max(line, start - _REACH)
    if _is_counted(scene, floor, start):
        return True
    words = list(TOKEN.finditer(text, floor, start))
    marks = _MARKS.match(text, words[-1].end(), start) if words else None
    if marks is None:
        return False
    hits = scene.between(floor, start)
    if text[words[-1].end() : start] == "=" and _is_key(words[-1], hits) and not _is_parameter(text, words[-1].start()):
        return True
    if not _numbers_a_thing(words, hits) and not _speaks_of_things(scene, start):
        return not marks["colon"] and _is_subject(scene, line, start, end)
    if is_solid(words[-1][0]):
        return _solid(words[-1], hits)
    phrase = [word for word in words if not _SENTENCE.search(text, word.end(), start)]
    if marks["colon"] and len(phrase) > _PHRASE:
        return False
    if any(hit.roles & Role.PAYING for hit in scene.between(line, start)):
        return False
    return _is_name(scene.vocabulary, phrase[-_PHRASE:], hits)


def _is_counted(scene: Scene, floor: int, start: int) -> bool:
    """Tell whether an unknown noun and a figure name a number, and the same noun the next one: "Titolo 1: …"."""
    match = _COUNTED.search(scene.text, floor, start)
    if match is None or scene.at(match.start("noun")) is not None or _nearly_card(match["noun"], scene.vocabulary):
        return False
    near = scene.text[max(scene.start, match.start() - _APART) : start + _APART]
    return len({figure for noun, figure in _COUNTED_ANY.findall(near) if noun == match["noun"]}) > 1


_APART = 120
_COUNTED_ANY = re.compile(r"(?<![^\W_])([^\W\d_]{4,16}) ([1-9]): ?(?=[0-9])")
_COUNTED = re.compile(r"(?<![^\W_])(?P<noun>[^\W\d_]{4,16}) [1-9]: ?\Z")


def _is_key(word: re.Match[str], hits: Sequence[Hit]) -> bool:
    """Tell whether a word is the key of a field in data that says something: "txid=4111…", not "value=4111…"."""
    return len(word[0]) >= _SHORTEST and word[0] not in _ANY_FIELD and not any(hit.end > word.start() for hit in hits)


def _is_parameter(text: str, start: int) -> bool:
    """Tell whether a key is a header field's parameter or an attribute in a tag: they hold what anybody puts there."""
    before = text[max(0, start - _TAG) : start]
    return before.rstrip(" \t\r\n").endswith(";") or before.rfind("<") > before.rfind(">")


_TAG = 200
_FIELDS = (
    "account answer billing body comment comments content data details field info input instrument message note notes "
    "param payment query reply secure string text value"
)
_ANY_FIELD = frozenset(_FIELDS.split())


def _numbers_a_thing(words: Sequence[re.Match[str]], hits: Sequence[Hit]) -> bool:
    """Tell whether "number" is said of an unknown thing: glued to its name, or before it without an article.

    The former in Chinese, Japanese and Korean (two characters at least, no adjective's ending), the latter in Arabic
    and Hebrew; elsewhere what stands beside "number" may be an adjective or who has it.
    """
    last = words[-1][0]
    number = next((hit for hit in reversed(hits) if hit.roles & Role.NUMBER), None)
    if number is None:
        return False
    if is_solid(last):
        return _COMPOUND.search(last, 0, max(0, number.start - words[-1].start())) is not None
    construct = "\u0590" <= last[0] <= "\u06ff" and len(words) > 1 and not words[-2][0].startswith(("ال", "ה"))
    return construct and number.end == words[-2].end() and words[-1].start() - number.end == 1


_COMPOUND = re.compile(r"(?:[\u30a0-\u30ff\u3400-\u9fff](?<!的)|[\uac00-\ud7a3]){2}\Z")


def _is_subject(scene: Scene, line: int, start: int, end: int) -> bool:
    """Tell whether a number is an unknown thing's of which a sentence says something: "the scooter 4111… is broken".

    Article and noun, an adjective between at most, begin a clause ("for the cottage 4111…" says what is paid), and
    words go on behind the number; none on the line is about dates, codes or paying.
    """
    text = scene.text
    match = _GOES_ON.match(text, end)
    if match is None or match["word"] in scene.vocabulary.months or _OF_USE.match(text, end):
        return False
    if any(hit.roles & _SAYS and not hit.roles & Role.FILLER for hit in scene.between(line, scene.line_end(end))):
        return False
    before = _ARTICLE_AND_NOUN.search(text, max(line, start - _REACH), start)
    if before is None:
        return False
    noun = before["noun"]
    hit = scene.at(before.start("noun"))
    if hit is not None or noun in NOT_NOUNS or noun in _KINDS_OF_CARDS:
        return False
    if noun in scene.vocabulary.months or scene.vocabulary.spoken(noun):
        return False
    return len(set(noun)) > 1 and not _nearly_card(noun, scene.vocabulary)


_KINDS_OF_CARDS = frozenset(("details", "company", "corporate", "business", "platinum"))
_OF_USE = re.compile(
    r",? (?:(?:is|are|can|may|should|will|would|must|ist|kann|soll|es|e|est|puede|peut|puo|kan) (?:be |still |also )?"
    r"(?:used|fine|valid|ok|okay|good|current|active|charged|gultig|belastet|valid[ao]|attiv[ao]|activ[ao])"
    r"|works?\b|should work|ha(?:s|ve) not changed|funciona|va bene|fonctionne|geht|werkt|dziala)"
)
"""What is said of a way to pay: names of banks and their cards are many, "the Starling 4111… is fine"."""
_GOES_ON = re.compile(r",? (?P<word>[^\W\d_]{2,16}) [^\W\d_]{2}")
_ARTICLE_AND_NOUN = re.compile(
    r"(?:(?<![^\r\n])|[.!?;:,>]\s?|\b(?:and|und|et|y|e|en|och|og|but|aber|mais|pero|ma|mas|maar) )"
    r"(?:the|an?|this|that|d(?:er|ie|as|en|em|ies\w{0,2})|eine?|l[eao]s?|une?|cett?e?|el|est[ea]|una|il|gli|quest[oa]"
    r"|[oa]s?|uma?|de|het|een|deze|dit|en|ett?|den|det|denne|dette|ten|ta|to|az|ez)[ ]"
    r"(?:[^\W\d_]{3,14}[ ])?(?P<noun>[^\W\d_]{5,24})[ ](?:(?:no|nr|num)[.]? )?\Z"
)


def keyed(scene: Scene, start: int) -> bool:
    """Tell whether the field of a form has a name for its number that says nothing of a card: "Codice avviso Rossi"."""
    line = scene.line_start(start)
    key = _KEY.match(scene.text, line, start)
    if key is None or key.end() != start:
        return False
    words, hits = key["words"].split(), scene.between(line, start)
    numbers = any(hit.roles & (Role.NUMBER | Role.CODE_WEAK) for hit in hits)
    return numbers and len(words) > sum(len(scene.text[hit.start : hit.end].split()) for hit in hits)


_KEY = re.compile(r"[ \t>]{0,8}(?P<words>[^\W\d_]{2,20}(?:[ .][^\W\d_]{2,20}){1,3})(?:[ ]?:[ \t]*|[ ]{2,}|\t+)")


def told(scene: Scene, start: int, end: int) -> bool:
    """Tell whether a clause of its own stands between a word for another number and a number: it labels it no more."""
    if ":" in scene.text[start:end] or "=" in scene.text[start:end]:
        return False
    listed = {hit.start for hit in scene.between(start, end)}
    words = [word.start() for word in TOKEN.finditer(scene.text, start, end)]
    return len(words) > _CLAUSE_WORDS and sum(word not in listed for word in words) > 1


_CLAUSE_WORDS = 5


def _speaks_of_things(scene: Scene, start: int) -> bool:
    near = scene.between(scene.line_start(start), scene.line_end(start))
    return any(
        hit.roles & _THING and not hit.roles & _LITTLE and not _OWN_NUMBER.match(scene.text, hit.end, start)
        for hit in near
    )


def _is_name(vocabulary: Vocabulary, words: list[re.Match[str]], hits: Sequence[Hit]) -> bool:
    """Tell whether the last of ``words`` that does not say "number" names something, and none is nearly "card"."""
    rest = list(words)
    while rest:
        word = rest.pop()
        hit = next((hit for hit in hits if hit.start <= word.start() < hit.end), None)
        if hit is None:
            break
        if hit.roles & _SAYS or not hit.roles & Role.NUMBER:
            return False
    else:
        return False
    little = word[0] in NOT_NOUNS or word[0] in COPULAS
    known = little or word[0] in vocabulary.months or vocabulary.spoken(word[0])
    if known or len(word[0]) < _SHORTEST or len(set(word[0])) == 1:
        return False
    return not any(_nearly_card(word[0], vocabulary) for word in words)


def _nearly_card(word: str, vocabulary: Vocabulary) -> bool:
    """Tell whether a word is one for card with a slip in it: "kretitkarte", "crad"."""
    letters = frozenset(word)
    close = [
        listed
        for listed, its_letters in _listed(vocabulary).get(word[0], ())
        if abs(len(listed) - len(word)) <= _SLIPS and len(its_letters ^ letters) <= 2 * _SLIPS
    ]
    swapped = any(len(word) == len(listed) and sorted(word) == sorted(listed) for listed in close)
    return swapped or nearly(word, {word[0]: tuple(close)})


_SLIPS = 2
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
def _listed(vocabulary: Vocabulary) -> Mapping[str, tuple[tuple[str, frozenset[str]], ...]]:
    """Return the words for cards and their letters, by first letter: most words share too few to be compared."""
    index: dict[str, list[tuple[str, frozenset[str]]]] = {}
    for label in vocabulary.labels:
        word = label.tokens[0]
        if len(label.tokens) == 1 and label.roles & (Role.CARD | Role.CARD_WEAK) and not is_solid(word):
            index.setdefault(word[0], []).append((word, frozenset(word)))
    return {first: tuple(words) for first, words in index.items()}
