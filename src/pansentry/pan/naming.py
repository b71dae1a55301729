"""What the labels around a card number's candidate say of it: that it is a card's, or another thing's.

In: a scene and where a candidate stands. Out: evidence codes. The nearest label before a number on its line decides; a
label is spent once a number follows it; the line above counts where the number's own line has no words, then the head
of its column, then what stands right behind. Every look is bounded.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pansentry.pan.neighbours import headline
from pansentry.pan.unnamed import told
from pansentry.pan.vocabulary import Role
from pansentry.pan.weighing import is_disclaimed, is_stamp, names_another, names_things_number, refers_to_another

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pansentry.pan.scene import Scene

_PAID = 10  # characters from a word of paying to its card number: "to", "my"
_BREAK = " \t\r\n>|"  # blanks, and the marks of a quoted line
_ADJACENT = 15  # a mention further away does not label the number
BEHIND = 25
_TYPICAL = 4  # the size of one printed group
_LABELS = Role.CARD | Role.CARD_WEAK | Role.OTHER | Role.MENTION | Role.NOT_CARD | Role.SUBJECT


def label_evidence(scene: Scene, start: int, end: int) -> Iterator[str]:
    """Yield what the nearest label says: before it on its line, on the line above, in its column, right after it."""
    text = scene.text
    if _NO_BANKS.match(text, end) is not None:
        yield "other-label"
        return
    verdict = _before(scene, start) or _of_list(scene, start, end)
    if verdict == "other-label" and _said_behind(scene, end):
        verdict = "label-near"
    if verdict:
        yield verdict
        return
    column = scene.column_hits(start)
    for hit in column:
        if hit.roles & (Role.CARD | Role.CARD_WEAK) and not hit.roles & Role.NOT_CARD:
            yield "label-near"
            return
    if column and any(hit.roles & (Role.OTHER | Role.MENTION | Role.NOT_CARD) or hit.word == "id" for hit in column):
        yield "other-label"
        return
    for hit in scene.between(end, end + BEHIND):
        between = text[end : hit.start]
        if _END.search(between) is not None:
            break
        if hit.roles & (Role.CARD | Role.CARD_WEAK) and not hit.roles & Role.NOT_CARD:
            if not refers_to_another(scene, hit):
                yield "label-near"
            return
        if hit.roles & (Role.OTHER | Role.NOT_CARD) and between.strip(" \t") in ("", "(", "[", "-", "=", "is", "is my"):
            yield "other-label"
            return


def _said_behind(scene: Scene, end: int) -> bool:
    """Tell whether a number is said to be a card's right behind it: "the number 4111… is my Visa"."""
    match = _IS.match(scene.text, end)
    hit = scene.at(match.end()) if match is not None else None
    named = hit is not None and bool(hit.roles & Role.CARD) and not hit.roles & (Role.NOT_CARD | Role.NUMBER)
    return named and hit is not None and not refers_to_another(scene, hit)


_IS = re.compile(
    r" (?:is|ist|est|es|e|is|ar|er|on|jest|to|je|este) (?:(?:of|from|the|a|my|our|his|her|mi|mia|ma|mon|minha|meu"
    r"|von|die|der|de|la|le|il|el|en|min|mijn|min)"
    r" ){0,2}(?:meine[r]? )?"
)


def _before(scene: Scene, start: int) -> str | None:
    """Return what the nearest label before a number says, on its line or above it."""
    line = scene.line_start(start)
    verdict = _nearest(scene, line, start)
    if verdict or any(map(str.isalpha, scene.text[line:start])):
        return verdict
    above = scene.previous_line(start)
    if above is not None and (not _holds_long_number(scene.text[above[0] : above[1]]) or _ends_in_card(scene, *above)):
        verdict = _nearest(scene, *above)
    elif (headed := headline(scene, start)) is not None:
        verdict = _nearest(scene, *headed)
    return "label-near" if verdict is not None and verdict.startswith("label") else verdict


def _of_list(scene: Scene, start: int, end: int) -> str | None:
    """Return "other-label" if a label says so of a number that stands right before this one in a list."""
    for _ in range(_LISTED):
        place = _listed_before(scene, start, end)
        if place is None:
            return None
        start, end = place
        verdict = _before(scene, start)
        if verdict is not None:
            return verdict if verdict == "other-label" else None
    return None


_LISTED = 4  # numbers of a list before one of them


def _listed_before(scene: Scene, start: int, end: int) -> tuple[int, int] | None:
    """Return where the number stands that this one follows in a list of such: "4716… (Ben), 4716… (Eve)"."""
    text, size = scene.text, end - start
    match = _AND.search(text, max(scene.start, start - _AND_REACH), start)
    if match is None or match.start() - size < scene.start:
        return None
    before = text[match.start() - size : match.start()]
    if _DIGIT.sub("0", before) != _DIGIT.sub("0", text[start:end]) or text[match.start() - size - 1 :][:1].isalnum():
        return None
    return match.start() - size, match.start()


_AND_REACH = 32
_AND = re.compile(
    r"(?<=[0-9])(?:[ ]\([^()\r\n0-9]{1,20}\))?(?:,|,?(?:[ ]|\r?\n[>| ]{0,4})(?:and|und|et|y|e|en|i|og|och|и))[ ]\Z"
)
_END = re.compile(r"[\n0-9]")
_NO_BANKS = re.compile(
    r"[ ]?[(\[] ?(?:it is |it's |das ist |c'est |es |e |to )?(?:not|no|keine?|pas|non|nao|geen|ikke|inte|nie|neni|ei|nu"
    r"|не|δεν)[ ](?:(?:es|est|e|je|jest|ist|is|una?|une|an?|de|eine?|et|card|carte|carta|cartao|tarjeta|karta|karte"
    r"|карта|kort|kaart)[ ]){0,3}(?:(?:bank|payment|zahlungs|betal\w{0,6})[ ]?(?:card|kart|kort|kaart)\w{0,3}"
    r"|banc(?:ari[ao]|aire)s?|bankow[aey]\w?|bankovn\w{1,2}|p[łl]atnicz\w{1,2}|(?:de |di )?(?:pagamento|paiement|pago)"
    r"|банк(?:овск|івськ)\w{1,3}|платежн\w{1,3}|τραπεζικ\w{1,2})(?= ?[,;)\]])"
)
"""What is said in brackets to be no bank's card; "not a credit card" may be a debit card, "no bank transfer" says how
something is paid."""


def _ends_in_card(scene: Scene, start: int, end: int) -> bool:
    """Tell whether a label of cards is all that stands at the end of a line: what it labels was wrapped."""
    hits = [hit for hit in scene.between(start, end) if hit.roles & _LABELS and hit.end <= end]
    if not hits or not hits[-1].roles & (Role.CARD | Role.CARD_WEAK) or hits[-1].roles & Role.NOT_CARD:
        return False
    return not any(map(str.isalnum, scene.text[hits[-1].end : end]))


def _holds_long_number(line: str) -> bool:
    """Tell whether a line has its own number, so that its label is spent."""
    return len(_DIGIT.findall(line)) > 4


_DIGIT = re.compile(r"[0-9]")


def _nearest(scene: Scene, start: int, end: int) -> str | None:
    """Return what the nearest label in ``start:end``, a stretch that ends before the number, says of it.

    A label of another number is spent once digits follow it; one that merely names a thing counts right before the
    number only, and yields to a card label before it.
    """
    text = scene.text
    mentioned = False
    for hit in reversed(scene.between(start, end)):
        roles = hit.roles
        if roles & Role.PAYING and len(text[hit.end : end].rstrip(_BREAK)) <= _PAID:
            return None  # "for my visa application please charge 4111…"
        if not roles & _LABELS or hit.end > end:
            continue
        if roles & Role.NOT_CARD:
            if len(_DIGIT.findall(text, hit.end, end)) <= _TYPICAL:  # "BahnCard 25 Nr.": part of its name
                return "other-label"
        elif roles & (Role.CARD | Role.CARD_WEAK):
            if mentioned and (
                _spent(text, hit.end, end) or _SENTENCE_END.search(text, hit.end, end) or is_stamp(scene, hit)
            ):
                break  # "Maestro …, 12 March, order 5018…", "visa grant number 4012…": the nearer word labels it
            if _LONG.search(text, hit.end, end):
                return None  # another number has had this label
            if is_disclaimed(scene, hit) or names_things_number(scene, hit):
                return "other-label"
            if names_another(scene, hit):
                return "other-mention"
            return "label-card" if roles & Role.CARD else "label-word"
        elif _spent(text, hit.end, end):
            continue
        elif roles & Role.OTHER:
            if told(scene, hit.end, end):
                continue  # "the phone gets it wrong, I will type it 5105…"
            return "other-label"
        elif end - hit.end <= _ADJACENT and text[hit.start - 1 : hit.start] != "@":  # the domain of an address is none
            mentioned = True
    return "other-mention" if mentioned else None


_SENTENCE_END = re.compile(r"(?:[!?]|(?<=[^\W\d_]{4})[.])[ \r\n]+(?=[^\W\d_])")
_LONG = re.compile(r"[0-9](?:[ \-.]?[0-9]){13,}[^0-9]{0,12}[^\W\d_]{3,}[^0-9]*\Z")
"""A long number, and then words, between a label and a place."""
_DATES = re.compile(r"(?<![0-9])(?:[0-3]?[0-9][./\-]){1,2}(?:20)?[0-9]{2}(?![0-9])")
_SIZE = re.compile(r"[(\[]1[0-9][ -]?[^\W\d_]{3,14}[)\]]")
"""How many digits a number has: "Referencia (16 dígitos): …"."""


def _spent(text: str, start: int, end: int) -> bool:
    """Tell whether a label has had its number: digits that are no date stand behind it."""
    between = _SIZE.sub("", text[start:end])
    return _DIGIT.search(between) is not None and _DIGIT.search(_DATES.sub("", between)) is not None
