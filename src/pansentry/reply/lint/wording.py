"""What a letter says: ways to pay, authenticity, tone, length, truth."""

from __future__ import annotations

import html as entities
import re
from collections import Counter
from types import MappingProxyType
from typing import TYPE_CHECKING

from pansentry.reply.blocks import telephone_link
from pansentry.reply.kinds import Kind
from pansentry.reply.lint import phrases
from pansentry.reply.lint.case import UNSPACED, URL

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pansentry.reply.lint.case import Case, Check, Faults

MAX_WORDS = 185
"""Words of the text without the facts of the business (links, numbers, hours, names); with a reference code and the
longest list of what was removed. Without these two a shipped letter has 100 to 155."""
MAX_CHARACTERS = {"ja": 560}
"""For the languages of :data:`.case.UNSPACED`."""
MAX_SENTENCE_WORDS = 30

_LONG_DIGITS = re.compile(r"(?<![0-9])(?:[0-9][ .-]?){12,}(?![0-9])")
_SENTENCE = re.compile(r"[.!?。！？:：]\s|\n\n")


def _telephone(case: Case) -> Faults:
    phone = case.business.phone
    if not phone:
        yield "There is no phone number.", 'Set `phone: "…"` under `business:` in pansentry.yaml.', "body.txt"
        return
    if phone not in case.text or phone not in case.page.text:
        yield "The phone number is not in the letter.", "Offer the phone in text and HTML.", "body.txt"
    digits = "".join(c for c in phone if c.isdigit() or c == "+")
    dialled = [href for href, _ in case.page.links if href.startswith("tel:")]
    known = {f"tel:{digits}", *(telephone_link(way.value) for way in case.ways if way.kind in {"sms", "whatsapp"})}
    if not known.issuperset(dialled):
        yield "A phone link dials another number.", "Let it dial the business's number.", "body.html"
    elif f"tel:{digits}" not in dialled:
        yield "The phone number cannot be tapped.", "Let body.html extend layout.html.", "body.html"


def _two_ways(case: Case) -> Faults:
    offered = [way for way in case.ways if way.value in case.text]
    if len(offered) < 2:
        fix = "Set two of `pay_page`, `phone` and `website` under `business:`, and name them in `channels`."
        yield "The letter offers fewer than two ways to pay.", fix, "body.txt"


def _authenticity(case: Case) -> Faults:
    words = phrases.NEVER.get(case.language)
    if words and not any(word in f"{case.text.casefold()} " for word in words):
        yield (
            "The letter does not say what we never ask for.",
            "Keep the sentence that begins “We never ask”.",
            "body.txt",
        )
    page = case.business.authenticity_page
    if case.business.website and page and "".join(page.split()) not in "".join(case.text.split()):
        fix = "Name the page: {{ business.authenticity_page }}."
        yield "The letter does not say how to check that it is genuine.", fix, "body.txt"


def _business_name(case: Case) -> Faults:
    if case.business.name not in case.text:
        yield "Nobody signs the letter.", "End it with {{ business.name }}.", "body.txt"


def _says(table: Mapping[str, tuple[str, ...]], wrong: str, fix: str) -> Check:
    def check(case: Case) -> Faults:
        if word := case.says(table, case.text) or case.says(table, case.page.text):
            yield wrong.format(word=word), fix, "body.txt"

    return check


def _shouting(case: Case) -> Faults:
    said = f"{case.letter.subject}\n{case.text}"
    loud = [w for w in re.findall(r"[^\W\d_]{5,}", said) if w.isupper() and w not in case.business.name]
    if "!" in said or "！" in said or len(loud) > 1:
        yield "The letter shouts.", "Leave out exclamation marks and words in capitals.", "body.txt"


def _subject(case: Case) -> Faults:
    subject = case.letter.subject
    if not 5 <= len(subject) <= 120 or re.match(r"(?i)(re|fwd?|aw|wg)\s*:", subject):
        yield "The subject is empty, long, or looks like an answer.", "Write a short subject of its own.", "subject.txt"
    if any(c.isdigit() for c in subject):
        yield "The subject holds digits.", "Leave numbers out of the subject.", "subject.txt"


def _wording(case: Case) -> str:
    """Return the text without the facts of the business."""
    business, text = case.business, case.text
    facts = [way.value for way in case.ways] + [f"({way.note})" for way in case.ways]
    facts += [business.authenticity_page, business.name, business.signature.person if business.signature else ""]
    for fact in sorted(filter(None, facts), key=len, reverse=True):
        text = text.replace(fact, " ")
    return URL.sub(" ", text)


def _length(case: Case) -> Faults:
    wording = _wording(case).split()
    words = sum(any(c.isalnum() for c in word) for word in wording)
    cap = MAX_CHARACTERS.get(case.language)
    if cap is None and words > MAX_WORDS:
        yield f"The letter has {words} words.", f"Shorten it to fewer than {MAX_WORDS}.", "body.txt"
    if cap is not None and len("".join(wording)) > cap:
        yield "The letter is long.", f"Shorten it to {cap} characters.", "body.txt"
    sentences = [len(s.split()) for s in _SENTENCE.split(case.text)]
    if max(sentences, default=0) > MAX_SENTENCE_WORDS:
        yield f"A sentence has {max(sentences)} words.", f"Split it; {MAX_SENTENCE_WORDS} are enough.", "body.txt"


def _digits(case: Case) -> Faults:
    text = case.text
    for known in (case.business.phone or "", *(way.value for way in case.ways)):
        text = text.replace(known, "") if known else text
    if _LONG_DIGITS.search(URL.sub("", text)):
        yield "The letter holds a long number.", "Show no digits but the phone number.", "body.txt"


def _tokens(text: str, language: str) -> list[str]:
    """Return the words of a text; characters where words are not apart, so that a line may end anywhere."""
    return re.findall(r"\w" if language in UNSPACED else r"\w+", entities.unescape(text).casefold())


def _equal(case: Case) -> Faults:
    text, shown = _tokens(case.text, case.language), _tokens(case.page.text, case.language)
    if text != shown:
        one, other = Counter(text), Counter(shown)
        differing = ", ".join(sorted((one - other) + (other - one))[:5]) or "the order of words"
        yield f"Text and HTML do not say the same: {differing}.", "Let body.html extend layout.html.", "body.html"


def _truth(case: Case) -> Faults:
    if case.kind is Kind.HELD and (word := case.says(phrases.ARRIVED, case.text)):
        fix = 'Say that it is waiting, inside {% if kind == "held" %}.'
        yield f"“{word}” is said of a message that has not been delivered.", fix, "body.txt"


WORDING: Mapping[str, Check] = MappingProxyType(
    {
        "phone": _telephone,
        "two-ways": _two_ways,
        "authenticity": _authenticity,
        "signature": _business_name,
        "urgency": _says(phrases.URGENCY, "“{word}” hurries people, as phishing does.", "Leave it out."),
        "blame": _says(phrases.BLAME, "“{word}” blames the customer.", "Thank them instead."),
        "greeting": _says(phrases.IMPERSONAL, "“{word}” is how phishing greets.", "Greet by name, or just “Hello”."),
        "card-request": _says(
            phrases.CARD_REQUESTS, "“{word}” asks for card data.", "Offer the phone or the pay page."
        ),
        "shouting": _shouting,
        "subject": _subject,
        "length": _length,
        "digits": _digits,
        "same-words": _equal,
        "truth": _truth,
    }
)
"""Rules of wording by their stable codes."""
