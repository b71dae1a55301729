"""What stands near a labelled code or expiry date: card numbers, each other, words about cards, what is known.

Nothing further away than :data:`~pansentry.pan.scene.CONTEXT` counts, so text far away changes no weight; places are
kept sorted and looked up by bisection, so the cost is linear in the values found.
"""

from __future__ import annotations

import bisect
import itertools
import re
from typing import TYPE_CHECKING

from pansentry.pan.corrections import denied
from pansentry.pan.finding import Kind
from pansentry.pan.scene import CONTEXT
from pansentry.pan.subjects import has_number
from pansentry.pan.vocabulary import TOKEN, Role, is_solid

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pansentry.pan.labels import Hit
    from pansentry.pan.options import Known
    from pansentry.pan.pans import Candidate
    from pansentry.pan.scene import Scene
    from pansentry.pan.value import Value

NEAR = 120
_NEAR_WORD = 90


def weigh_values(scene: Scene, found: Sequence[Value], pans: Sequence[Candidate], known: Known) -> None:
    """Add to labelled values what stands near: card numbers, each other, words about cards, what is known."""
    card_known = known.card_in_message or known.card_in_conversation
    amex = any(pan.brand.code_digits == 4 for pan in pans)
    numbers = sorted(pan.start for pan in pans)
    dates = sorted(v.start for v in found if v.kind is Kind.EXPIRY and "other-subject" not in v.evidence)
    codes = sorted(v.start for v in found if v.kind is Kind.CVV and _credible(v))
    strong_dates = sorted(v.start for v in found if v.kind is Kind.EXPIRY and _certain(v, "label-expiry"))
    strong_codes = sorted(v.start for v in found if v.kind is Kind.CVV and _certain(v, "label-code:", "label-asked"))
    listed = sorted((value.start, value.value) for value in found if value.kind is Kind.CVV)
    ends = sorted(pan.end for pan in pans)
    own = sorted(v.start for v in found if v.kind is Kind.CVV and names_code(scene, v.start)) if scene.others else []
    for value in found:
        if not card_known and _of_other_number(scene, value.start, own, numbers):
            value.evidence.append("other-subject")
        near = _any_within(numbers, value.start, CONTEXT + 25)
        if near or card_known:
            value.evidence.append("near-card")
        elif not (value.kind is Kind.EXPIRY and _asked_of_any(scene.text, value.start)) and _card_word_near(
            scene, value, _NEAR_WORD if value.kind is Kind.EXPIRY else NEAR
        ):
            value.evidence.append("near-card-word")
        if value.kind is Kind.EXPIRY:
            until = value.evidence[0].startswith("label-until") and not near
            if (
                near
                and "replaces" not in value.evidence
                and (
                    _belongs_to_another(scene, value, pans, dates)
                    or _too_late(value, numbers, strong_dates)
                    or _is_day(scene.text, value, strong_dates)
                )
            ):
                value.evidence.append("another-date")
            elif _any_within(strong_codes if until else codes, value.start, NEAR):
                value.evidence.append("near-code")
            continue
        worded = value.evidence[0].startswith("label-code-word")
        if worded and near and _has_another_code(value, ends, strong_codes):
            value.evidence.append("other-subject")
        word = worded and not near
        if not value.evidence[0].startswith("label-pin") and _any_within(
            strong_dates if word else dates, value.start, NEAR
        ):
            value.evidence.append("near-expiry")
        if not near and _one_of_many(listed, value.start):
            value.evidence.append("many-codes")
        if len(value.value) == 4 and not amex and not _AMEX.search(scene.text, max(0, value.start - NEAR), value.end):
            value.evidence.append("four-digits")
            if value.value[:2] in ("19", "20"):
                value.evidence.append("year-like")


_ACRONYM = re.compile(r"(?<![^\W\d_])(?:cvv2?|cvc2?|cvn2?|cvd|cid|csc|cav2?|kpn|kpz)(?![^\W\d_])")


def names_code(scene: Scene, start: int) -> bool:
    """Tell whether the label before a code is the name that only codes of payment cards have: "CVV", not "code"."""
    return _ACRONYM.search(scene.text, max(scene.line_start(start), start - _NEAR_WORD), start) is not None


def _of_other_number(scene: Scene, start: int, codes: Sequence[int], numbers: Sequence[int]) -> bool:
    """Tell whether a date or code stands with a number that is another thing's, and with no card nor word about one.

    Whoever owns the number owns what stands below it; only cards have a CVV. Behind a card's number, too ("Ref: …"
    between the two), the card owns them.
    """
    index = bisect.bisect_right(numbers, start)
    if index and start - numbers[index - 1] < CONTEXT + 25:
        return False
    index = bisect.bisect_right(scene.others, start)
    if not index or start - scene.others[index - 1] > NEAR or _any_within(codes, start, NEAR):
        return False
    return not any(
        hit.roles & (Role.CARD | Role.CARD_WEAK)
        and not (hit.roles & Role.NOT_CARD or denied(scene.text, hit.start) or refers_to_another(scene, hit))
        for hit in scene.between(scene.others[index - 1], start)
    )


def _has_another_code(value: Value, ends: Sequence[int], codes: Sequence[int]) -> bool:
    """Tell whether the only card near a mere "code" has a code under its own name, right behind its number."""
    first, last = bisect.bisect_left(ends, value.start - CONTEXT), bisect.bisect_right(ends, value.start + CONTEXT)
    if last - first != 1:
        return False
    index = bisect.bisect_left(codes, ends[first])
    apart = codes[index] - ends[first] if index < len(codes) else CONTEXT
    return codes[index : index + 1] != [value.start] and apart < min(_OWN, abs(value.start - ends[first]))


def _certain(value: Value, *labels: str) -> bool:
    return "other-subject" not in value.evidence and value.evidence[0].startswith(labels)


def _card_word_near(scene: Scene, value: Value, distance: int) -> bool:
    """Tell whether a word for a payment card speaks of a value: in its sentence, or beyond doubt before it.

    "Visa" beside words about passports and permits is a stamp in one of them.
    """
    text, worded = scene.text, value.evidence[0].startswith("label-code-word")
    for hit in scene.between(value.start - distance, value.end + distance):
        before = hit.end <= value.start
        strong = Role.CARD | (Role.CODE if worded and not before else 0)
        if hit.roles & Role.NOT_CARD or not hit.roles & (strong | Role.CARD_WEAK) or denied(scene.text, hit.start):
            continue  # "not as a payment card" speaks of another thing
        between = (hit.end, value.start) if before else (value.end, hit.start)
        apart = (_SENTENCE if before else _SENTENCE_OR_LINE).search(text, *between) is not None
        if apart and not (hit.roles & strong and (before or value.kind is Kind.CVV)):
            continue
        if not is_stamp(scene, hit) and not refers_to_another(scene, hit):
            return True
    return False


def refers_to_another(scene: Scene, hit: Hit) -> bool:
    """Tell whether a mere "card" or "card number" takes up a card spoken of before that is none of payment."""
    if names_another(scene, hit):
        return True
    if not _is_mere(scene, hit):
        return False
    if is_disclaimed(scene, hit) or _has_own_number(scene, hit):
        return True
    if _INDUSTRY.search(scene.text, max(scene.start, hit.start - NEAR), min(scene.end, hit.end + NEAR)) is not None:
        return True
    return _takes_up_another(scene, hit)


def names_things_number(scene: Scene, hit: Hit) -> bool:
    """Tell whether "the long number" is one on another thing that its sentence names before it: "on the badge".

    Not where the sentence speaks of a card as well: "pay the membership by Visa, the long number is".
    """
    words = TOKEN.findall(scene.text, hit.start, hit.end)
    if len(words) < _PHRASE or not any(map(_LONG_NUMBER.match, words)):
        return False
    start = max(scene.line_start(hit.start), hit.start - _NEAR_WORD)
    start = max((match.end() for match in _SENTENCE.finditer(scene.text, start, hit.start)), default=start)
    ended = _SENTENCE_OR_LINE.search(scene.text, hit.end, min(scene.end, hit.end + _NEAR_WORD))
    stop = ended.start() if ended is not None else hit.end + _NEAR_WORD
    said = (*scene.between(start, hit.start), *scene.between(hit.end, stop))
    if any(other.roles & Role.CARD and not other.roles & Role.NOT_CARD for other in said):
        return False
    before = [other for other in scene.between(start, hit.start) if other.roles & (_ANOTHER | _CARDS)]
    return bool(before) and bool(before[-1].roles & (Role.SUBJECT | Role.NOT_CARD)) and not before[-1].roles & _A_CARD


_PHRASE = 2
_CARDS = Role.CARD | Role.CARD_WEAK
_A_CARD = _CARDS | Role.FILLER


def _takes_up_another(scene: Scene, hit: Hit) -> bool:
    """Tell whether the last card named before is none of payment."""
    for other in reversed(scene.between(hit.start - CONTEXT, hit.start)):
        if other.roles & Role.NOT_CARD:
            return True
        if other.roles & (Role.CARD | Role.CODE) and not _is_mere(scene, other):
            return False
    return False


def is_disclaimed(scene: Scene, hit: Hit) -> bool:
    """Tell whether a mere "card" is said near to be none for paying: "This is not a payment card"."""
    near = (max(scene.start, hit.start - _SAID_OF_IT), min(scene.end, hit.end + _SAID_OF_IT))
    return _is_mere(scene, hit) and _NO_PAYMENT.search(scene.text, *near) is not None


def names_another(scene: Scene, hit: Hit) -> bool:
    """Tell whether a mere "card" is the beginning of another thing's name: "CC-Tag", "karta gwar. nr"."""
    if hit.roles & Role.CARD or not hit.roles & Role.CARD_WEAK:
        return False
    text, following = scene.text, scene.at(hit.end + 1)
    if text[hit.end : hit.end + 1] == "-" and following is not None:
        return bool(following.roles & _ANOTHER) and not following.roles & (Role.NUMBER | Role.FILLER | Role.CARD)
    match = _SHORTENED.match(text, hit.end)
    number = scene.at(match.end()) if match is not None else None
    return number is not None and bool(number.roles & Role.NUMBER)


_ANOTHER = Role.OTHER | Role.SUBJECT | Role.NOT_CARD | Role.MENTION
_SHORTENED = re.compile(
    r"[ ](?!kre|cre|d[ei]b|ban|pay|pag|pla[ct]|zahl|bet|no|nr|num|fi[rn]|prof|biz|co[rm]|azi|emp|zak|gesch)"
    r"[^\W\d_]{3,6}[.][ ](?=[^\W\d_])"
)
"""A shortened word between "card" and "number": what kind of card it is."""
_SAID_OF_IT = 600
_NO_PAYMENT = re.compile(
    r"(?<![^\W\d_])(?:(?:is|are|ist|er|ar|on|je)[ ](?:not|keine?|geen|ikke|inte)|isn't|n'est pas|no es|non e|nao e"
    r"|ei ole|nie jest|neni|nem|nu este?|не(?: является)?)[ ]"
    r"(?:[^\W\d_]{1,4}[ ]){0,2}(?:payment card|bank card|zahlungskarte|zahlkarte|bankkarte|carte de paiement"
    r"|carte bancaire|tarjeta de pago|tarjeta bancaria|carta di pagamento|carta bancaria|cartao de pagamento"
    r"|cartao bancario|betaalkaart|betaalpas|bankpas|betalingskort|bankkort|betalkort|maksukortti|pankkikortti"
    r"|karta platnicza|karty platnicz|platebni karta|bankkartya|card de plata|card bancar|платежн|банковск)"
)


def of_another_kind(scene: Scene, start: int) -> bool:
    """Tell whether the word for card before a number says of an unknown thing that it is one: "karta pracy 6759…".

    Or takes up a card spoken of before that is none of payment: "your loyalty card … card no. 6104…".
    """
    hits = scene.between(scene.line_start(start), start)
    hit = next((hit for hit in reversed(hits) if hit.roles & (Role.CARD | Role.CARD_WEAK)), None)
    if hit is None or not _is_mere(scene, hit):
        return False
    kind = _KIND.match(scene.text, hit.end, start)
    if kind is not None and hit.roles & Role.CARD_WEAK and scene.at(kind.start("kind")) is None:
        return not scene.vocabulary.spoken(kind["kind"])
    return _takes_up_another(scene, hit)


_KIND = re.compile(r"[ ](?:d[eoai]|del|della|of|von|der|des|du|voor|for)?[ ]?(?P<kind>[^\W\d_]{4,20})(?=[ (])")


def _has_own_number(scene: Scene, hit: Hit) -> bool:
    """Tell whether a card's number stands right behind "card", too short for one that pays: "Karte Nr. 00812345"."""
    match = _SHORT_NUMBER.match(scene.text, hit.end)
    strange = Role.OTHER | Role.EXPIRY | Role.UNTIL | Role.CODE
    return match is not None and not any(
        other.roles & strange and not other.roles & Role.NUMBER for other in scene.between(hit.end, match.end())
    )


_INDUSTRY = re.compile(r"(?<![0-9])8[09](?:[ ]?[0-9]){16,18}(?![ ]?[0-9])")
"""A number of health (80) or telecommunications (89), longer than most cards' (ISO/IEC 7812-1: 8 is their industry)."""
_SHORT_NUMBER = re.compile(r"[ ]?(?:[^\W\d_]{1,8}[.]?[ ]?)?[:#=]?[ \t]{0,3}[0-9]{7,11}(?![0-9]|[ ./\-][0-9])")


def _is_mere(scene: Scene, hit: Hit) -> bool:
    """Tell whether a word for card says no more than that it is one: "Karte", "Kartennummer", not "Kreditkarte"."""
    words = TOKEN.findall(scene.text, hit.start, hit.end)
    if len(words) > 1 and any(map(_LONG_NUMBER.match, words)) and not hit.roles & Role.CARD_WEAK:
        return True  # "the long number" is a card's because a card was spoken of
    return (
        bool(words)
        and not any(map(_MONEY.match, words))
        and any(_is_weak(scene, word[:length]) for word in (words[0], words[-1]) for length in _lengths(word))
    )


def _lengths(word: str) -> range:
    return range(1 if is_solid(word) else _NOUN, len(word) + 1)


def _is_weak(scene: Scene, word: str) -> bool:
    if is_solid(word):
        labels = scene.vocabulary.solid.get(word[0], ())
        return any(label.tokens[0] == word and label.roles & Role.CARD_WEAK for label in labels)
    entry = scene.vocabulary.words[word]
    return entry is not None and entry.alone is not None and bool(entry.alone.roles & Role.CARD_WEAK)


_LONG_NUMBER = re.compile(r"(?:long|lang|lung|larg|dlug|dlouh)[^\W\d_]{0,3}\Z")
_MONEY = re.compile(r"[ck]redi|d[ei]b|ban[ckq]|pay|zahl|pag")


def is_stamp(scene: Scene, hit: Hit) -> bool:
    """Tell whether a word for a card is "visa" beside words about passports and permits."""
    if scene.text[hit.start : hit.end] not in _STAMPS:
        return False
    return any(other.roles & _PAPERS for other in scene.between(hit.start - NEAR, hit.end + NEAR))


_DAY_MONTH = re.compile(r"(?:1[3-9]|2[0-9]|3[01]) ?[/.\-] ?(?:0[1-9]|1[0-2])(?![0-9])")
"""Year and month if a card is near, else rather a day: "due 30/11"."""


def _asked_of_any(text: str, start: int) -> bool:
    """Tell whether a date is a day, or what a card has to last until by somebody's rules: no card's own date."""
    return (
        _DAY_MONTH.match(text, start) is not None or _MUST.search(text, max(0, start - _NEAR_WORD), start) is not None
    )


_MUST = re.compile(
    r"(?<![^\W\d_])(?:must|should|has to|have to|needs to|muss|mussen|sollte|sollten|doit|doivent|devra|debe|deben"
    r"|debera|tiene que|deve|devono|devem|dovra|moet|moeten|dient|musi|musza|maste|skal|skall|taytyy|pitaa|burde"
    r"|должна|должен|должны|повинна|має|trebuie|πρεπει|kell|mora|трябва|harus|phai)(?![^\W\d_])[^\r\n.!?;,]{0,60}\Z"
)
_STAMPS = frozenset(("visa", "the visa"))
_PAPERS = Role.SUBJECT | Role.NOT_CARD
_SENTENCE = re.compile(r"(?:[!?]|(?<=[^\W\d_]{4})[.])[ \r\n]+(?=[^\W\d_])")
_FULL_STOP = re.compile(r"(?:[!?]|(?<=[^\W\d_]{4})[.]|(?<=[0-9]{2})[.])[ \r\n]+(?=[^\W\d_]{2})")
_SENTENCE_OR_LINE = re.compile(r"(?:[!?]|(?<=[^\W\d_]{4})[.])[ \r\n]+(?=[^\W\d_])|[\r\n]")


def _belongs_to_another(scene: Scene, value: Value, pans: Sequence[Candidate], dates: Sequence[int]) -> bool:
    """Tell whether an unknown thing expires then, and the card near has a date of its own that is nearer to it."""
    text = scene.text
    if not value.evidence[0].startswith("label-expiry"):
        return False
    index = bisect.bisect_right(pans, value.start, key=lambda pan: pan.start)
    for pan in pans[max(0, index - 1) : index + 1]:
        apart = pan.start - value.end if pan.start > value.start else value.start - pan.end
        first = bisect.bisect_left(dates, pan.end)
        own = "beside-expiry" in pan.evidence or (first < len(dates) and dates[first] - pan.end < min(apart, _OWN))
        if apart < CONTEXT + 25 and not own:
            return False
    line = scene.line_start(value.start)
    sentence = max((m.end() for m in _FULL_STOP.finditer(text, line, value.start)), default=line)
    hits = scene.between(sentence, value.start)
    label = next((hit.start for hit in hits if hit.roles & (Role.EXPIRY | Role.UNTIL)), sentence)
    if has_number(text, line, label, pans[max(0, index - 1) : index + 1]):
        return True
    if any(hit.roles & (Role.CARD | Role.CARD_WEAK | Role.CODE) and not hit.roles & Role.NOT_CARD for hit in hits):
        return False
    listed = {hit.start for hit in hits}
    return any(len(word[0]) >= _NOUN and word.start() not in listed for word in TOKEN.finditer(text, sentence, label))


def _too_late(value: Value, numbers: Sequence[int], dates: Sequence[int]) -> bool:
    """Tell whether the card before a date that a label vouches for loosely has another date right behind its label."""
    if not value.evidence[0].startswith("label-expiry-loose"):
        return False
    index = bisect.bisect_right(numbers, value.start)
    if not index:
        return False
    first = bisect.bisect_right(dates, numbers[index - 1])
    return first < len(dates) and dates[first] < value.start


def _is_day(text: str, value: Value, dates: Sequence[int]) -> bool:
    """Tell whether a date may be a day ("27/11", "01-12-2026"), where another one near has a label and is none."""
    if _FULL_DAY.match(text, value.start) is not None:
        shape = _FULL_DAY
    elif _DAY_MONTH.match(text, value.start) is not None:
        shape = _DAY_MONTH
    else:
        return False
    first, last = bisect.bisect_left(dates, value.start - CONTEXT), bisect.bisect_right(dates, value.start + CONTEXT)
    return any(shape.match(text, other) is None for other in dates[first:last])


_FULL_DAY = re.compile(r"[0-9]{1,2} ?[./\-] ?[0-9]{1,2} ?[./\-] ?(?:20)?[0-9]{2}(?![0-9])")
_OWN = 80  # characters from a card number to the date that is its own
_NOUN = 4  # letters


_AMEX = re.compile(r"(?<![^\W\d_])(?:amex|american express|американ экспресс|амекс|アメックス|运通|運通|아멕스)")


_MANY = 2


def _one_of_many(listed: Sequence[tuple[int, str]], place: int) -> bool:
    """Tell whether more than two different values stand under labels of codes around a place (``listed`` is sorted)."""
    first = bisect.bisect_left(listed, (place - CONTEXT, ""))
    around = itertools.takewhile(lambda item: item[0] <= place + CONTEXT, listed[first : first + 4 * _MANY])
    return len({value for _, value in around}) > _MANY


def _credible(code: Value) -> bool:
    """Tell whether a code says that a date near it is a card's."""
    return not code.evidence[0].startswith("label-pin") and "other-subject" not in code.evidence


def _any_within(places: Sequence[int], place: int, distance: int) -> bool:
    """Tell whether any of the sorted ``places`` is less than ``distance`` away."""
    index = bisect.bisect_left(places, place - distance + 1)
    return index < len(places) and places[index] < place + distance
