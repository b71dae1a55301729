"""Every piece of evidence, its weight and what it means: the whole of what confidence is made of.

Confidence is the sum of the weights, in hundredths, cut to 0 … 100. It is monotone: a further piece in favour never
lowers it, a further piece against never raises it. ``docs/detection.md`` prints this table; a test holds them equal.
A code may carry a detail after a colon (``iin:visa``); the part before it is looked up.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True, slots=True)
class Evidence:
    """One kind of evidence: a stable code, its weight in hundredths, and the sentence ``explain`` prints."""

    code: str
    weight: int
    meaning: str


_TABLE: tuple[Evidence, ...] = (
    # a card number
    Evidence("luhn", 20, "the check digit is right (ISO/IEC 7812-1 Annex B)"),
    Evidence("iin", 42, "issuer range and length of a scheme whose numbers chance rarely makes"),
    Evidence("iin-weak", 15, "issuer range and length that other numbers often share; needs context"),
    Evidence("spreadsheet", 8, "fifteen digits and a zero: a spreadsheet rounded the check digit away"),
    Evidence("grouping-printed", 25, "grouped as this scheme prints it on its cards, with one kind of separator"),
    Evidence("grouping-sizes", 10, "groups of the printed sizes, separators mixed or unusual"),
    Evidence("grouping-odd", -15, "grouped as no card is"),
    Evidence("separators-wide", -20, "commas, slashes, colons or line breaks between the groups, no card label before"),
    Evidence("pieces", -20, "put together from pieces with words in between"),
    Evidence("announced", 35, "the pieces are announced (first …, then …, the rest …)"),
    Evidence("swapped", -8, "the second piece read before the first"),
    Evidence("reversed", 40, "read backwards, as announced"),
    Evidence("letters", -20, "letters read as the digits they look like"),
    Evidence("spoken", 0, "digits written as words"),
    Evidence("track", 80, "laid out as a magnetic stripe track (ISO/IEC 7813) or EMV tag 57"),
    Evidence("label-card", 45, "a card label stands right before it"),
    Evidence("label-word", 38, "a word for card stands right before it"),
    Evidence("label-near", 38, "a card label on the line above, the column's head, or right after it"),
    Evidence("context-card", 25, "words about a card within 300 characters"),
    Evidence("beside-expiry", 25, "an expiry date stands beside it"),
    Evidence("beside-code", 15, "digits of a code's length stand beside it"),
    Evidence("beside-labelled", 35, "an expiry date and a code stand close to it, both under their labels"),
    Evidence("known-card", 10, "another part of the message or conversation holds a card"),
    Evidence("half", 65, "announced as a half, or as the rest, of a card number that comes in two mails"),
    # against a card number
    Evidence("other-label", -60, "the nearest label names another kind of number"),
    Evidence("other-mention", -35, "the words right before it name another thing"),
    Evidence("longer", -50, "part of a longer row of groups"),
    Evidence("masked-part", -60, "begins with the digits that a mask has left of another number"),
    Evidence("touching", -45, "letters touch it: part of an identifier"),
    Evidence("hex", -80, "part of a UUID, hash or other hexadecimal string"),
    Evidence("url", -50, "inside a web address, not under a card's key"),
    Evidence("address", -70, "inside a mail address or message id"),
    Evidence("address-whole", -45, "all of a mail address in front of the @"),
    Evidence("decimal", -70, "a decimal fraction, amount or coordinate"),
    Evidence("iban", -90, "part of an IBAN (ISO 13616, check digits right)"),
    Evidence("phone", -60, "written as a telephone number"),
    Evidence("date-prefix", -12, "begins like a date, as many reference numbers of these years do"),
    Evidence("timestamp", -40, "reads as date and time"),
    Evidence("ean", -10, "also a right EAN-13 / GTIN"),
    Evidence("siret", -30, "also a right SIRET (France)"),
    Evidence("za-id", -30, "also a right South African identity number"),
    Evidence("cn-id", -50, "also a right Chinese identity number"),
    Evidence("clabe", -25, "also a right CLABE (Mexico)"),
    Evidence("cnpj", -25, "also a right CNPJ (Brazil)"),
    Evidence("ogrn", -25, "also a right OGRN (Russia)"),
    Evidence("own-number", -100, "a format the business declared as its own"),
    Evidence("test-number", -100, "a published test number, and the policy ignores those"),
    # a verification code
    Evidence("label-code", 72, "a label of card verification codes stands right before it"),
    Evidence("label-code-word", 45, "a word for code stands right before it"),
    Evidence("label-code-loose", 37, "a label of verification codes stands before it, unknown words between"),
    Evidence("label-code-said", 45, 'a label of verification codes and, past unknown words, "is" stand before it'),
    Evidence("label-asked", 62, "answers the line that asks for a verification code"),
    Evidence("label-misspelt", 62, "a label that is misspelt stands right before it, near a card number"),
    Evidence("label-pin", 45, "a label of personal identification numbers stands right before it"),
    Evidence("place-code", 62, "digits of the code's length right beside a card number"),
    Evidence("place-words", 62, "shape of an expiry date, the first number after a card number, few words between"),
    Evidence("place-row", 75, "digits of the code's length after card number and expiry date"),
    Evidence("column-code", 80, "in a column headed as verification code"),
    Evidence("shape-follow-up", 65, "expiry date and code alone, where a card is known"),
    Evidence("many-codes", -25, "one of several numbers under the same label, no card near: product names"),
    Evidence("shape-near-card", 62, "expiry date and code alone, right behind words about a card"),
    Evidence("four-digits", -14, "four digits, though only one scheme's codes have four"),
    Evidence("year-like", -10, "reads as a year"),
    Evidence("near-card", 40, "a card number within 300 characters"),
    Evidence("near-expiry", 25, "an expiry date is labelled close by"),
    Evidence("near-card-word", 20, "words about a card close by"),
    # an expiry date
    Evidence("label-expiry", 40, "a label of expiry dates stands right before it"),
    Evidence("label-expiry-loose", 25, "a label of expiry dates stands before it, unknown words between"),
    Evidence("label-until", 25, "a word like until stands right before it, and no other date expires"),
    Evidence("place-expiry", 68, "shape of an expiry date right beside a card number"),
    Evidence("place-line", 62, "shape of an expiry date on a line of its own behind a card number"),
    Evidence("label-expiry-renewed", 62, "said to be the date of a card that was renewed, or to have been it"),
    Evidence("label-code-renewed", 62, "said to stand on the back of a card that was renewed"),
    Evidence("replaces", 10, "said to take another's place, or to have had the place that another takes"),
    Evidence("place-label", 62, "shape of an expiry date right beside a labelled code"),
    Evidence("column-expiry", 70, "in a column headed as expiry date"),
    Evidence("another-date", -25, "another thing expires, and the card near has a date of its own that is nearer"),
    Evidence("near-code", 35, "a verification code is labelled close by"),
    Evidence("other-subject", -60, "the label speaks of something else (offer, passport, gift card)"),
)

EVIDENCE: dict[str, Evidence] = {evidence.code: evidence for evidence in _TABLE}


def total(codes: Iterable[str]) -> int:
    """Return the sum of the weights, in hundredths, uncut: what readings of the same digits are ranked by."""
    return sum(map(_weight, codes))


@functools.lru_cache(maxsize=1024)
def _weight(code: str) -> int:
    return EVIDENCE[code.partition(":")[0]].weight


def score(codes: Iterable[str]) -> float:
    """Return the confidence, 0.0 … 1.0, that a set of evidence codes adds up to."""
    return min(max(total(codes), 0), 100) / 100


def by_strength(codes: Iterable[str]) -> tuple[str, ...]:
    """Order codes as a finding reports them: the heaviest first."""
    return tuple(sorted(codes, key=lambda code: -abs(_weight(code))))
