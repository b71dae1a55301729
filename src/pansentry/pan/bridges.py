"""From a label to its value: what may stand between the two, in front of the label and behind it.

Tight bridges are marks, remarks in brackets and words that may stand there ("is", "number", "on the back"), over at
most two line breaks; or a question that the next line answers. Loose bridges also let a few unknown words pass, within
one sentence, unless one of them names another thing or an amount; they are weaker evidence. Every look is bounded.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pansentry.pan.corrections import DENIAL
from pansentry.pan.dates import names_month
from pansentry.pan.numerals import spoken_at
from pansentry.pan.old_and_new import RENEWED, SOLID
from pansentry.pan.vocabulary import TOKEN, Role, is_solid

if TYPE_CHECKING:
    from pansentry.pan.labels import Hit
    from pansentry.pan.scene import Scene

_MAX_BRIDGE = 60
_MAX_BRIDGE_WORDS = 8
_MAX_LOOSE = 90
_MAX_LOOSE_WORDS = 9
_BRIDGE_ROLES = (
    Role.FILLER
    | Role.CODE
    | Role.CODE_WEAK
    | Role.NUMBER
    | Role.CARD
    | Role.CARD_WEAK
    | Role.EXPIRY
    | Role.UNTIL
    | Role.MONTH
    | Role.YEAR
)
_STRANGE = Role.OTHER | Role.MENTION | Role.NOT_CARD | Role.SUBJECT | Role.AMOUNT


def bridge(scene: Scene, position: int) -> int | None:
    """Return where the digits begin that ``position`` is joined to by marks and filler words only.

    A remark in brackets is skipped, and so is a clause that ends in a colon right before the digits
    ("the CVV you asked for: 883").
    """
    text = scene.text
    attribute = _ATTRIBUTE.match(text, position)
    position = attribute.end() if attribute is not None else position
    start, limit = position, min(len(text), position + _MAX_BRIDGE)
    breaks = 0
    for _ in range(_MAX_BRIDGE_WORDS):
        remark = _REMARK.match(text, position)
        if remark is not None:
            position, limit = remark.end(), min(len(text), limit + remark.end() - position)
        while position < limit and not text[position].isalnum():
            breaks += text[position] == "\n"
            if breaks > 2 or text[position] in "?!":
                return None
            remark = _REMARK.match(text, position) if text[position] == "<" else None
            position = remark.end() if remark is not None else position + 1
        if position >= limit:
            return None
        if text[position].isdigit():
            counted = counts(text, position)
            if not counted and position - start < _SECOND_AT and (second := _SECOND.match(text, position)) is not None:
                counted = second.end() - position
            if not counted:
                return position
            position += counted
            continue
        match = TOKEN.match(text, position)
        if match is None:
            return None
        if (is_solid(match[0]) or scene.vocabulary.spoken(match[0])) and spoken_at(
            text, position, scene.vocabulary, 4
        ) is not None:
            return position
        hit = scene.at(position)
        ending = _ENDING.match(text, hit.end) if hit is not None and _announces_end(hit) else None
        if ending is not None:  # "the card ending in 1111": its last four are no code
            position = ending.end()
            continue
        if hit is None or not hit.roles & _BRIDGE_ROLES:
            if names_month(text, position, match[0], scene.vocabulary.months):
                return position
            if (old := SOLID.match(text, position)) is not None:
                position = old.end()
                continue
            if match[0] in RENEWED:  # "the expiry date has changed from 03/27"
                position = match.end()
                continue
            denied = DENIAL.match(text, position)
            if denied is not None:
                position = denied.end()
                continue
            behind = _clause(scene, start)
            if behind is None or behind <= position:
                return None
            position = start = behind
            continue
        position = hit.end
        if hit.word in _SEATS and text[position : position + 1].isdigit():
            return None  # "A12"
    return None


def loose_bridge(scene: Scene, position: int) -> int | None:
    """Return where the next number begins on this line and in this sentence, past a few unknown words."""
    text = scene.text
    match = _LOOSE.match(text, position)
    if match is None or len(TOKEN.findall(text, position, match.end())) > _MAX_LOOSE_WORDS:
        return None
    end = match.end()
    colon = _COLON.match(text, position, end)
    if colon is not None and colon.end() < end:
        return None  # "CVV: I will call": the label has words for a value
    if any(hit.roles & _STRANGE and not hit.roles & _BRIDGE_ROLES for hit in scene.between(position, end)):
        return None
    return end


def _announces_end(hit: Hit) -> bool:
    """Tell whether a word announces a card's last four; "son" does in one language and says "are" in another."""
    return bool(hit.roles & (Role.SPLIT | Role.LAST)) and not (hit.roles & Role.FILLER and hit.language == "many")


_SEATS = frozenset("abcdefgh")
"""Letters that are little words in some language; with a number glued on they name a seat or a cell."""


def said(text: str, position: int) -> bool:
    """Tell whether a word that says what something is, or a colon, stands right before a value."""
    return _SAID.search(text, max(0, position - _COPULA), position) is not None


_COPULA = 14
_SAID = re.compile(
    r"(?:[:=]|(?<![^\W\d_])(?:is|are|reads?|ist|sind|lautet|lauten|est|sont|es|son|e|sono|sao|zijn|luidt|ar|er|jest|to|brzmi"
    r"|je|jsou|su|este|sunt|это|це|ειναι|olan|on|adalah|la|ni|هو|هي|הוא|הם))[ ]\Z"
)
_ENDING = re.compile(r"[ ]?(?:[^\W\d_]{1,4}[ ])?(?:[x*•]{2,4}[ ]?)?[0-9]{4}(?![0-9])(?=[^0-9]{1,20}[0-9])")
_COLON = re.compile(r"[^:=]{0,20}[:=][ \t]*")
_LOOSE = re.compile(
    r"(?:[^\r\n.;?!0-9]|[.](?=[ ]?[0-9a-z])(?<![a-z]{6}.)|(?<=[ (])[34](?=[ \-]?[^\W\d_])){1,90}?(?=[0-9])"
)


def answer(scene: Scene, position: int) -> int | None:
    """Return where the answer to a question for a code or date begins: "CVV? 737", "the CVV?\\n> 737"."""
    match = _ANSWER.match(scene.text, position)
    if match is not None:
        return match.end()
    asked = _ASKED.match(scene.text, position)  # "CVV? It is 737"
    at = bridge(scene, asked.end()) if asked is not None else None
    return at if at is not None and scene.text[at].isdigit() else None


_ASKED = re.compile(r"[^\r\n0-9?.!]{0,24}\?[ ](?=[^\W\d_])")


_ANSWER = re.compile(
    r"[^\r\n0-9?]{0,40}\?[ \t\"'”»)]{0,3}"
    r"(?:(?:(?:\r\n?|\n)[>| \t]{0,8}){1,3}(?:[^\W\d_]{1,14} ?: ?|[-–—*•] ?)?|[ \t]{0,3}[-–—=>:]{0,2}[ \t]{0,2})"
    r"(?=[0-9])"
)


def _clause(scene: Scene, position: int) -> int | None:
    match = _CLAUSE.match(scene.text, position)
    if match is None:
        return None
    return None if any(hit.roles & _STRANGE for hit in scene.between(position, match.end())) else match.end()


_ATTRIBUTE = re.compile(r"[\"'](?=[ \t])[^<>\r\n]{0,120}?[ \t]value=[\"']?(?=[0-9])")
"""From a field's name to its value in one tag: ``name="cvc" maxlength="4" value=``."""
_REMARK = re.compile(
    r"[ \t]{0,2}(?:[(\[（](?![0-9][)\]][ ]?[(\[][0-9]|[0-9]{3,4}[)\]])[^()\[\]\r\n（）]{0,60}"
    r"(?:\r?\n[^()\[\]\r\n（）]{0,40})?[)\]）]"
    r"|(?:</?[a-z][^<>\r\n]{0,60}>\s{0,2}){1,4})"
)
"""Words in brackets; digits in a row of brackets are the boxes of a form."""
_CLAUSE = re.compile(
    r"[^\r\n.;!?:=0-9]{1,40}[:=][ \t]{0,3}(?=[0-9]|[^\W\d_]{1,9}(?:['’][^\W\d_]{1,4})? (?:[^\W\d_]{1,9} )?[0-9])"
)


def counts(text: str, position: int) -> int:
    """Return how many characters count digits or name a name at ``position``: "3 digits", "3桁"; 0 for a value."""
    after = text[position + 1 : position + 14]
    counted = text[position] in "34" and bool(after) and not after[0].isdigit() and _COUNTED.match(after) is not None
    return 1 if counted else 0


_SECOND_AT = 3
_SECOND = re.compile(r"2(?:[ ]?[:=)][ ]{0,2}|[ ]{1,2})(?=[0-9]{3,4}(?![0-9]))")
"""The end of a label's name: "CVC-2: 737"."""

_COUNTED = re.compile(
    r"[ \-]?(?:digit|number|chiffre|cifr|numer|ziffer|zahl|stell|stjern|cijfer|siffr|siffer|sifr|ciffr|ciffer|cislic"
    r"|figure|digito|dijit|angka|number|szam|jegy|numero|tal\b|ultim|last|letzt|dernier|laatst|sista|siste|sidste"
    r"|ostatn|posledn|ultimo|桁|位|码|碼|자리|hane|rakam"
    r"|цифр|числ|знак|ψηφι|אות|ספרות|أرقام|ارقام|رقم|หลัก|ตัว|अंक|so\b|chu so)"
)


def back(scene: Scene, position: int, floor: int) -> int | None:
    """Return where the number ends that the label at ``position`` speaks of: "737 is the CVV", "737 (CVV)".

    Nothing but marks and filler words may stand between, on the same line.
    """
    text = scene.text
    at, worded, comma = position, False, False
    for _ in range(_MAX_BACK_WORDS):
        while at > floor and not text[at - 1].isalnum():
            if text[at - 1] in "\r\n;!?" or (text[at - 1] in ".:" and worded):
                return None
            comma = comma or text[at - 1] in ",.:"
            at -= 1
        if at <= floor:
            return None
        if text[at - 1].isdigit():
            return None if comma and not worded else at
        worded = True
        end = at
        while at > floor and text[at - 1].isalpha():
            at -= 1
        if text[at - 1 : at].isdigit():
            return None
        if text[at:end] in COPULAS:
            continue
        if text[at:end] in scene.vocabulary.months:
            return end
        hits = scene.between(at - 30, at + 1)
        hit = hits[-1] if hits else None
        if hit is None or hit.end < end or not hit.roles & _BACK_ROLES:
            return None
        at = min(at, hit.start)
    return None


_MAX_BACK_WORDS = 7
_BACK_ROLES = Role.FILLER | Role.NUMBER | Role.CARD | Role.CARD_WEAK | Role.UNTIL | Role.CODE_WEAK | Role.FIGURES
COPULAS = frozenset(
    {
        "is",
        "one",
        "ones",
        "on",
        "that",
        "which",
        "auf",
        "jene",
        "celui",
        "ceux",
        "sur",
        "quello",
        "quelli",
        "sul",
        "sulla",
        "que",
        "en",
        "op",
        "wat",
        "when",
        "quand",
        "wann",
        "cuando",
        "quando",
        "wanneer",
        "kiedy",
        "nar",
        "когда",
        "are",
        "being",
        "was",
        "my",
        "the",
        "your",
        "our",
        "thats",
        "its",
        "s",
        "these",
        "those",
        "der",
        "die",
        "das",
        "den",
        "dem",
        "mein",
        "meine",
        "meiner",
        "ist",
        "sind",
        "lautet",
        "est",
        "sont",
        "c",
        "ce",
        "cest",
        "le",
        "la",
        "les",
        "l",
        "mon",
        "ma",
        "votre",
        "es",
        "son",
        "el",
        "los",
        "mi",
        "su",
        "il",
        "lo",
        "mio",
        "mia",
        "e",
        "ed",
        "i",
        "o",
        "a",
        "os",
        "as",
        "meu",
        "minha",
        "sao",
        "de",
        "het",
        "mijn",
        "zijn",
        "min",
        "mitt",
        "mit",
        "det",
        "ar",
        "er",
        "to",
        "jest",
        "sa",
        "jsou",
        "je",
        "este",
        "sunt",
        "moj",
        "moja",
        "moje",
        "az",
        "ez",
        "et",
        "och",
        "og",
        "und",
        "y",
        "and",
        "d",
        "del",
        "della",
        "do",
        "da",
        "это",
        "мой",
        "моя",
        "код",
        "ειναι",
        "ο",
        "η",
        "το",
        "olan",
        "dir",
        "ini",
        "adalah",
    }
)
"""Small words between a value and the label behind it."""
