"""A code and a date that stand together: what the one says of the other.

A date right beside a labelled code is the card's. Turned round, where no card is near, a date that is said to be
another thing's makes what stands on that thing's back no card's code ("my membership runs until 09/28, on the back
418"): every thing has a back, only cards have a CVV. In: a scene and the values that labels introduce. Linear in both.
"""

from __future__ import annotations

import bisect
import functools
import re
from typing import TYPE_CHECKING

from pansentry.pan.bridges import COPULAS
from pansentry.pan.combining import NOT_NOUNS
from pansentry.pan.dates import date_at
from pansentry.pan.finding import Kind
from pansentry.pan.value import Value
from pansentry.pan.vocabulary import TOKEN, Role
from pansentry.pan.weighing import NEAR, names_code, refers_to_another

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pansentry.pan.scene import Scene
    from pansentry.pan.vocabulary import Vocabulary


def dates_beside(scene: Scene, found: Sequence[Value]) -> Iterator[Value]:
    """Yield what has a date's shape right before the label of a code, or right behind the code: "09/28, CVV 737"."""
    text = scene.text
    others = {value.start for value in found if value.kind is Kind.EXPIRY and "other-subject" in value.evidence}
    codes = [code for code in found if code.kind is Kind.CVV and code.evidence[0].startswith("label-code:")]
    starts = [hit.start for hit in scene.hits if hit.roles & Role.CODE] if codes else []
    for code in codes:
        if len(code.evidence) > 1:
            continue
        index = bisect.bisect_left(starts, code.start)
        label = starts[index - 1] if index else None
        before = _PAIRED_BEFORE.search(text, max(scene.start, label - 24), label) if label is not None else None
        behind = _PAIRED_BEHIND.match(text, code.end)
        for match in (before, behind):
            if match is None or match.start("date") in others or _named_otherwise(scene, match.start("date")):
                continue
            date = date_at(text, match.start("date"), scene.vocabulary.months)
            if date is not None and date[0] == match.end("date") and date[1][-2:] >= "20":
                yield Value(Kind.EXPIRY, match.start("date"), *date, ["place-label"])


def _named_otherwise(scene: Scene, start: int) -> bool:
    """Tell whether the word right before a date says whose it is: "best before 09/27"."""
    hits = scene.between(start - _WORDS, start)
    if not hits or any(map(str.isalnum, scene.text[hits[-1].end : start])):
        return False
    known = Role.CARD | Role.CARD_WEAK | Role.EXPIRY | Role.UNTIL | Role.FILLER
    return bool(hits[-1].roles & (Role.SUBJECT | Role.NOT_CARD)) and not hits[-1].roles & known


_WORDS = 24
_PAIRED = r"(?P<date>(?:0[1-9]|1[0-2]|[1-9]) ?/ ?(?:20)?[2-4][0-9]|(?:0[1-9]|1[0-2])[.\-](?:20)?[2-4][0-9])"
_PAIRED_BEFORE = re.compile(
    rf"(?<![0-9./,:\-]){_PAIRED}[ \t]{{0,2}}[,;|/&+\-]?(?:[ \t]|\r?\n){{0,3}}(?:[^\W\d_]{{1,5}}[ ]){{0,2}}\Z"
)
_PAIRED_BEHIND = re.compile(rf"[ \t]{{0,2}}[,;|/&+\-]?(?:[ \t]|\r?\n){{0,3}}{_PAIRED}(?![0-9]|[./:\-][0-9])")


def disown(scene: Scene, found: Sequence[Value]) -> None:
    """Give codes on the back of something to the thing whose date stands near, if that is no card."""
    dates = [value for value in found if value.kind is Kind.EXPIRY]
    _claim(scene, found, dates)
    for code in found:
        loose = (
            code.kind is Kind.CVV and code.evidence[0].startswith("label-code") and not names_code(scene, code.start)
        )
        if loose and (_on_a_thing(scene, code) or (not dates and _SECRET.search(scene.text, *_around(scene, code)))):
            code.evidence.append("other-subject")
    others = sorted(value.start for value in dates if "other-subject" in value.evidence)
    own = sorted(value.start for value in dates if "other-subject" not in value.evidence)
    if not others:
        return
    labels = [hit for hit in scene.hits if hit.roles & Role.CODE]
    starts = [hit.start for hit in labels]
    for code in found:
        if code.kind is not Kind.CVV or not code.evidence[0].startswith("label-code") or len(code.evidence) > 1:
            continue
        index = bisect.bisect_left(starts, code.start)
        if not index or not _within(others, code.start) or _within(own, code.start):
            continue
        label = labels[index - 1]
        if _names_card(scene, label.start, code.start):
            continue
        acronym = label.end - label.start == _ACRONYM
        if not acronym and any(0 < label.start - d.end <= _ABUT for d in dates if "other-subject" in d.evidence):
            code.evidence.append("other-subject")  # "Prüfsiegel bis 05/28, Kontrollziffer 318"
            continue
        said = not places(scene.vocabulary).isdisjoint(TOKEN.findall(scene.text, label.start, label.end))
        if said or any(hit.roles & Role.PLACE for hit in scene.between(label.end, code.start)):
            code.evidence.append("other-subject")


def _around(scene: Scene, code: Value) -> tuple[int, int]:
    return max(scene.start, code.start - _FAR), min(scene.end, code.end + _FAR)


_FAR = 200
_SECRET = re.compile(
    r"(?:(?:do not|don't|never)[ ](?:ever )?(?:share|tell|give|disclose|forward|reveal)"
    r"|(?:niemals|nicht|nie)[ ](?:an dritte )?(?:weiter|teilen|preis)|gib[ ][^\r\n.]{1,40}(?:nie|nicht)[ ]"
    r"|ne (?:le |la |les )?(?:communiquez|partagez|transmettez|divulguez)|no (?:lo |la )?comparta"
    r"|non (?:condivider|comunicar)|nao (?:o |a )?(?:partilhe|compartilhe)|deel[ ][^\r\n.]{0,40}(?:nooit|niet)[ ]"
    r"|nie udostepniaj|никому не)"
)
"""Who sends a code to its reader bids not to pass it on: whoever sends his card's does not."""


def _on_a_thing(scene: Scene, code: Value) -> bool:
    """Tell whether a code is said to stand on a thing that no file lists: "on the back of the meter", "auf dem Gerät".

    Only where no card is spoken of within :data:`NEAR`.
    """
    near = (max(scene.line_start(code.start), code.start - _SAID_BEHIND), min(scene.end, code.end + _SAID_BEHIND))
    for match in _ON.finditer(scene.text, *near):
        noun = match.end("noun")
        listed = any(hit.end >= noun for hit in scene.between(match.start() - _WORDS, noun))
        if not listed and not _is_card(scene.vocabulary, match["noun"]):
            return not _speaks_of_card_itself(scene, code.start)
    return False


def _speaks_of_card_itself(scene: Scene, place: int) -> bool:
    backs = places(scene.vocabulary)
    return any(
        hit.roles & (Role.CARD | Role.CARD_WEAK)
        and not hit.roles & Role.NOT_CARD
        and backs.isdisjoint(TOKEN.findall(scene.text, hit.start, hit.end))
        and not hit.roles & (Role.FIGURES | Role.NUMBER | Role.FILLER)
        for hit in scene.between(place - NEAR, place + NEAR)
    )


_SAID_BEHIND = 60
_ON = re.compile(
    r"(?<![^\W\d_])(?:(?:back|rear|reverse|bottom|side) of (?:the|your|our|my)"
    r"|auf (?:dem|der)(?! ruckseite| unterseite)"
    r"|(?:ruckseite|unterseite) (?:des|der|vom|von)"
    r"|retro del(?:la|lo|l)?|dos d[ue](?: la)?|(?:dorso|reverso) de(?:l| la)|verso d[aoe]"
    r"|achterkant van (?:de|het)|baksiden av|bagsiden af|odwrocie)[ '’](?P<noun>[^\W\d_]{4,20})(?![^\W\d_])"
)


def _claim(scene: Scene, found: Sequence[Value], dates: Sequence[Value]) -> None:
    """Give a date to the thing of which the sentence says that it expires; code and date to the one of a heading.

    Only where nothing near speaks of a card: "toner expires 08/27", "Parking pass / Code: 884 / Valid until: 05/28".
    """
    for date in dates:
        if len(date.evidence) == 1 and not _speaks_of_card(scene, date.start) and _things(scene, date.start):
            date.evidence.append("other-subject")
    for code in found:
        if not code.evidence[0].startswith("label-code-word") or len(code.evidence) > 1:
            continue
        if _headed(scene, code.start) and not _speaks_of_card(scene, code.start):
            code.evidence.append("other-subject")
            for date in dates:
                if len(date.evidence) == 1 and abs(date.start - code.start) < NEAR:
                    date.evidence.append("other-subject")


def _speaks_of_card(scene: Scene, place: int) -> bool:
    """Tell whether a word for a card, or a code's own name, stands near: not where on a thing a code would stand."""
    backs = places(scene.vocabulary)
    return any(
        hit.roles & (Role.CARD | Role.CARD_WEAK | Role.CODE)
        and not hit.roles & Role.NOT_CARD
        and backs.isdisjoint(TOKEN.findall(scene.text, hit.start, hit.end))
        and not (hit.roles & Role.FIGURES or hit.roles & Role.NUMBER)
        and not refers_to_another(scene, hit)
        for hit in scene.between(place - NEAR, place + NEAR)
    )


def _headed(scene: Scene, place: int) -> bool:
    """Tell whether another thing is named in the lines above a place."""
    line = scene.line_start(place)
    little = Role.FILLER | Role.CARD | Role.CARD_WEAK | Role.CODE | Role.EXPIRY | Role.UNTIL
    hits = scene.between(line - NEAR, line)
    return any(hit.roles & (Role.SUBJECT | Role.NOT_CARD) and not hit.roles & little for hit in hits)


def _things(scene: Scene, place: int) -> bool:
    """Tell whether a noun that no file lists, behind an article or alone, is the subject of "expires" before a date.

    Two such words without an article are somebody's name, and what is somebody's may be a card: "my Revolut".
    """
    text = scene.text
    line = scene.line_start(place)
    hits = scene.between(line, place)
    label = next((hit for hit in reversed(hits) if hit.roles & (Role.EXPIRY | Role.UNTIL)), None)
    if label is None or text[label.start - 1 : label.start] != " ":
        return False
    begin = max((match.end() for match in _SENTENCE.finditer(text, line, label.start)), default=line)
    words = list(TOKEN.finditer(text, begin, label.start))
    listed = {at for hit in hits for at in range(hit.start, hit.end)}
    unknown = 0
    for word in reversed(words):
        if _ARTICLE.fullmatch(word[0]):
            return unknown > 0
        known = word.start() in listed or word[0] in COPULAS or word[0] in NOT_NOUNS
        if known or len(word[0]) < _NOUN or word[0] in scene.vocabulary.months or scene.vocabulary.spoken(word[0]):
            return False
        if any(map(str.isdigit, text[word.end() : label.start])):
            return False
        if any(
            _is_card(scene.vocabulary, word[0][:length])
            for length in range(max(_NOUN, len(word[0]) - _ENDING), len(word[0]))
        ):
            return False  # "kortets udløbsdato"
        unknown += 1
    return unknown == 1


def _is_card(vocabulary: Vocabulary, word: str) -> bool:
    entry = vocabulary.words[word]
    return entry is not None and entry.alone is not None and bool(entry.alone.roles & (Role.CARD | Role.CARD_WEAK))


_ABUT = 3  # characters: a comma, a blank, a line break
_ACRONYM = 3  # letters: "CVV"
_NOUN = 4  # letters
_ENDING = 3
_SENTENCE = re.compile(r"[.!?;:][ ]")
_ARTICLE = re.compile(
    r"the|an?|d(?:er|ie|as|en|et)|eine?|l(?:e|a|es|os|as|o)?|une?|el|una|il|gli|[oa]s?|uma?|de|het|een|en|ett?"
)


def _names_card(scene: Scene, start: int, end: int) -> bool:
    """Tell whether the back is said to be a card's: "the code on the back of my Visa is"."""
    return any(
        hit.roles & (Role.CARD | Role.CARD_WEAK) and not hit.roles & Role.NOT_CARD for hit in scene.between(start, end)
    )


def _within(places: Sequence[int], place: int) -> bool:
    index = bisect.bisect_left(places, place - NEAR)
    return index < len(places) and places[index] < place + NEAR


@functools.cache
def places(vocabulary: Vocabulary) -> frozenset[str]:
    """Return the words that the places of a card end with: "back", "signature"."""
    return frozenset(label.tokens[-1] for label in vocabulary.labels if label.roles & Role.PLACE)
