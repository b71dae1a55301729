"""Codes of the event log in words: what was done, found and where, why it was not read, why no letter was sent.

In: the stable codes that events and sums hold. Out: a sentence of the console's catalogues, in English here, or what
says it in the reader's language. A code that is not here (a language, one of a later version) is shown as it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from pansentry.page import LANGUAGE_NAMES
from pansentry.pan.brands import BRANDS
from pansentry.places import coarse, real
from pansentry.policy.unread import FAMILIES, REASONS
from pansentry.sentence import Sentence, sentence

if TYPE_CHECKING:
    from collections.abc import Iterable

Say = Callable[..., str]

ACTIONS = {
    "deliver": "delivered",
    "redact": "redacted",
    "replace-part": "part replaced",
    "hold": "held",
    "refuse": "refused",
    "tempfail": "deferred",
}
KINDS = {"pan": "card number", "cvv": "security code", "expiry": "expiry date", "track": "magnetic stripe"}
SILENCE = {
    "policy": "the policy wants none",
    "no-letter": "the policy wants none",
    "observe": "the policy only observes",
    "nothing-removed": "nothing was taken out",
    "null-sender": "the mail has no sender (a bounce)",
    "no-address": "the sender's address is none",
    "own-letter": "it is a letter of PanSentry",
    "auto-submitted": "a program sent it",
    "list": "it comes from a mailing list",
    "precedence": "it is bulk mail",
    "suppressed": "the sender wants no automatic answers",
    "robot-header": "a program sent it",
    "report": "it is a report or an invitation",
    "list-robot": "it comes from a mailing list",
    "nobody-reads": "nobody reads the sender's mailbox",
    "own-sender": "it comes from one of our own addresses",
    "not-addressed": "the mail is not addressed to us by name",
    "loop": "the mail goes round in circles",
    "spam": "it was marked as spam",
    "no-author": "nobody is named as its author",
    "unaligned": "sender and author are not the same",
    "unproven": "it is not proven that the sender wrote it",
    "exempt": "the policy excepts this sender",
    "opted-out": "the customer wants no more letters",
    "quoted-only": "the card was only in quoted text",
    "unsure": "what was found is not sure enough",
    "unsigned": "letters cannot be signed",
    "no-words": "there is no letter for it",
    "letter-not-clean": "the letter itself read as card data",
    "window": "the sender had one lately",
    "budget": "there were too many letters lately",
}
"""Reasons of :data:`pansentry.reply.silence.RULES`, of the pipeline and of the outbox."""
FOLLOWED = {
    "letter sent": "the letter was sent",
    "letter later": "the letter waits",
    "alert letters-off": "letters are off, because too many went out",
    "task open": "something is to be done",
    "task asked": "the customer asks to be called",
    "report not-a-card": "somebody said that it was no card",
}
"""Kind and action of an event that follows a mail."""
SAME_MAIL = "the same mail: {action}"
MARKED = {"paid": "paid", "reached": "reached", "verified": "verified"}
"""What staff note of a reference code."""
BRAND_NAMES = {brand.key: brand.name for brand in BRANDS}
"""Names that are the same in every language."""
TEXT, SUBJECT, FIELD, NAME = "text of the mail", "subject line", "header of the mail", "name of an attachment"
DOCUMENTS = {
    "pdf": "PDF",
    "text-document": "text document",
    "spreadsheet": "spreadsheet",
    "presentation": "presentation",
    "picture": "picture",
    "archive": "archive",
    "attached-mail": "attached mail",
    "attachment": "attachment",
}
"""What the families of :data:`pansentry.places.FAMILIES` are called."""
_PLACES = {"body": TEXT, "header:subject": SUBJECT, "header": FIELD, "name": NAME}
_PAGE = re.compile(r"page ([0-9]{1,5})")
_REASONS = {"ambiguous": "it can be read in more than one way", "signed": "it is signed"}
_VALUES = re.compile(r"([0-9]+) ([a-z]+)")


def place_of(code: str) -> Sentence:
    """Return where something stood: ``header:subject``, ``body:1``, ``name:2``, ``document:zip/pdf:page 3``."""
    called = without_page(code)
    page = _PAGE.match(code.split(":", 2)[-1]) if code.startswith("document:") else None
    return sentence("{document}, page {n}", document=called, n=page[1]) if page else called


def without_page(code: str) -> Sentence:
    """Return where something stood, for a sum over many mails."""
    name = coarse(code)
    return sentence(_PLACES.get(name) or DOCUMENTS.get(name.removeprefix("document:"), code))


def unread(code: str) -> str:
    """Return why something could not be read, the code itself if it is none of ours."""
    family = next((words for begins, words in FAMILIES.items() if code.startswith(begins)), code)
    return REASONS.get(code, family)


def places(codes: Iterable[str], say: Say) -> str:
    """Return places in words, each once; ``–`` stands for none."""
    return ", ".join(dict.fromkeys(say(place_of(code)) for code in real(codes) if code != "–")) or "–"


def found(listed: str, say: Say) -> str:
    """Return ``2 pan, 1 cvv (visa)`` in words."""
    values, _, brands = listed.partition(" (")
    said = [_times(say(KINDS.get(kind, kind)), int(number)) for number, kind in _VALUES.findall(values)]
    named = ", ".join(BRAND_NAMES.get(brand, brand) for brand in brands.removesuffix(")").split(", "))
    return ", ".join(said) + (f" ({named})" if brands else "") if said else listed


def _times(words: str, number: int) -> str:
    return f"{words} × {number}" if number > 1 else words


def reasons(codes: Iterable[str], say: Say) -> str:
    """Return why a rule was tried, without what was found: ``unreadable:encrypted``, ``ambiguous:…``, ``signed``."""
    said = []
    for code in codes:
        what, _, which = code.partition(":")
        if what == "unreadable":
            said.append(f"{say('Not read')}: {say(unread(which))}")
        elif what in _REASONS:
            said.append(say(_REASONS[what]))
        elif what != "found":
            said.append(code)
    return ", ".join(dict.fromkeys(said))


def followed(kind: str, action: str) -> str:
    """Return what followed a mail, in the codes of its event if there are no words for it.

    A mail whose recipients have different policies is noted once for each decision.
    """
    if kind == "message" and action in ACTIONS:
        return sentence(SAME_MAIL, action=sentence(ACTIONS[action]))
    return FOLLOWED.get(f"{kind} {action}", f"{kind} {action}")


def told(code: str, say: Say) -> str:
    """Return what the customer was told: ``letter guidance``, or the reason for silence."""
    if code.startswith("letter "):
        return say("the letter “{name}”", name=code.removeprefix("letter "))
    return say(SILENCE.get(code, code))


CHAPTERS: Mapping[str, Mapping[str, str]] = {
    "actions": ACTIONS,
    "found": KINDS,
    "silence": SILENCE,
    "marked": MARKED,
    "brands": BRAND_NAMES,
    "languages": LANGUAGE_NAMES,
}
"""Words for the names of a sum in a report."""
_BY_RULE: Mapping[str, Callable[[str], str]] = {"places": without_page, "unreadable": unread}


def in_words(chapter: str, numbers: Mapping[str, int], say: Say) -> dict[str, int]:
    """Return a sum of a report with its names in words, the largest first; what is called alike is added up."""
    words, rule, summed = CHAPTERS.get(chapter, {}), _BY_RULE.get(chapter), dict[str, int]()
    for name, number in numbers.items():
        called = say(rule(name) if rule is not None else words.get(name, name))
        summed[called] = summed.get(called, 0) + number
    return dict(sorted(summed.items(), key=lambda row: -row[1]))
