"""Numbers that are not cards: the evidence against a candidate, from what touches it and from their own check rules.

Each check looks at a bounded stretch around the candidate. Check rules of national and commercial numbers are those of
python-stdnum, loaded when first needed. A right check digit alone proves little (one in ten is right by chance), so
only rules that say more (dates, two check digits) weigh much.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_TOKEN_REACH = 120
_URL_HINT = re.compile(
    r"(?:[a-z][a-z0-9+.\-]{1,12}://|www\.|[a-z0-9\-]\.(?:com|net|org|io|de|fr|it|es|co|uk|eu|info|me)/)"
)
_CARD_KEY = re.compile(
    r"[?&;#](?:[a-z0-9_.\-\[\]]{0,20})(?:card|cc|pan|ccn|tarjeta|carte|karte|carta|kaart|cartao|kart)"
    r"(?:[_\-.]?(?:number|num|no|nr|numero|n))?[\]\"]{0,2}=$"
)
_CARD_WORD = (
    r"(?:(?:credit|debit|bank|payment|kredit|bank|carte-de|tarjeta-de)[_\-.]?)?"
    r"(?:card|cc|pan|ccn|tarjeta|carte|karte|carta|kaart|cartao|kart)(?:[_\-.]?(?:number|num|no|nr|numero|n))?"
)
_CARD_PATH = re.compile(rf"/{_CARD_WORD}/$")
_CARD_MAILBOX = re.compile(rf"(?:^|[:,;(]){_CARD_WORD}[_\-.+]$")
_FOUR_DIGITS = re.compile(r"[0-9]{4}")
_ADDRESSED = re.compile(r"@[^:=|;]*\Z")
"""Still inside an address: none that the border of a column ends, and none whose label lost the line break before it
("anna@shop.examplecard:")."""
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_IBAN = re.compile(r"(?<![a-z])[a-z]{2}[0-9]{2}(?:[ \-]?[a-z0-9]){11,30}")
_PHONE_FRONT = re.compile(r"(?:\+[ (]{0,2}[0-9 ().\-/]{0,6}|(?<![0-9])00 ?[1-9][0-9]{0,2} ?|(?<![0-9])00)$")
_PAIRS_PHONE = re.compile(r"(?<![0-9])(?<![0-9][ .])0[1-9](?:[ .][0-9]{2}){4}(?![0-9])")
"""Five pairs that begin with a nought, as France writes its numbers; a number in pairs has others before it."""
_PHONE_REACH = 14
_NOT_IN_TOKEN = frozenset(" \t\r\n\"'<>")


def touching(text: str, start: int, end: int, known_words: Callable[[int, int], bool]) -> Iterator[str]:
    """Yield what the characters and the token around ``text[start:end]`` say against a card number.

    ``known_words(start, end)`` tells whether a stretch of letters is a label ("visa4111…" is none of a hash).
    """
    before, after = text[start - 1 : start], text[end : end + 1]
    token_start, token_end = _token(text, start, end)
    token = text[token_start:token_end]
    left, right = text[token_start:start], text[end:token_end]
    in_url = bool(_URL_HINT.search(left[:40])) if len(left) > 3 else False
    if in_url:
        if not _CARD_KEY.search(left[-40:]) and not _CARD_PATH.search(left[-40:]):
            yield "url"
    elif left.endswith(("cid:", "mid:")) or _ADDRESSED.search(left) or ("@" in right and not right.startswith("@ ")):
        yield from _addressed(left, right, text[start:end])
    if _UUID.search(text, max(0, start - 36), end + 36) and _inside(_UUID, text, start, end, 36):
        yield "hex"
        return
    letters_left = _letters_before(text, start)
    letters_right = _letters_after(text, end)
    if letters_left == start - 1 and text[start - 2 : start] == "%b":
        letters_left = start  # the start sentinel of track 1
    glued = text[letters_left - 1 : letters_left].isdigit()  # 1Z4818…
    if (
        (letters_left < start and (glued or not known_words(letters_left, start)))
        or (letters_right > end and not known_words(end, letters_right) and not _suffix_word(text, end, letters_right))
        or (before in ("-", "_") and _single_group(text[start:end]) and _in_identifier(left[-_SLUG_REACH:]))
    ):
        yield "touching"
    dialled = before == "+" and not (in_url or "+" in token[: start - token_start - 1])
    if dialled or _PHONE_FRONT.search(text, max(0, start - 12), start) or _in_pairs(text, start, end):
        yield "phone"
    if before in (".", ",") and start > 1 and text[start - 2].isdigit() and before != "":
        if _single_group(text[start:end]):
            yield "decimal"
    elif after in (".", ",") and text[end + 1 : end + 2].isdigit() and _single_group(text[start:end]):
        fraction = _digits_after(text, end + 1)
        if (after == "." and fraction != 4) or (len(text) > end + 1 + fraction and text[end + 1 + fraction] in "°%"):
            yield "decimal"
    if _inside(_IBAN, text, start, end, 40, _iban_valid):
        yield "iban"


def _in_pairs(text: str, start: int, end: int) -> bool:
    """Tell whether a number takes up a part of a French telephone number."""
    return text[start + 2 : start + 3] in (" ", ".") and _inside(_PAIRS_PHONE, text, start, end, _PHONE_REACH)


_SLUG_REACH = 80
_SLUG = re.compile(r"(?:[a-z][a-z0-9]{0,24}[\-_]){3}\Z")
_CARDS_NAME = re.compile(r"card|kart|carte|carta|kaart|kort|tarjeta|cartao|pan|visa|master|amex|maestro|number|nummer")


def _in_identifier(left: str) -> bool:
    """Tell whether words joined by hyphens name the number, none of them a card: "case-minimized-fuzzer-5390…"."""
    return _SLUG.search(left) is not None and _CARDS_NAME.search(left) is None


def _addressed(left: str, right: str, written: str) -> Iterator[str]:
    """Yield what it means that a number stands in a mail address or message id."""
    if _CARD_MAILBOX.search(left[-40:]):
        return
    if left.endswith("@[") and _FOUR_DIGITS.search(written):  # no address literal has such octets (RFC 5321 §4.1.3)
        return
    yield "address-whole" if left in ("", "mailto:") and right.startswith("@") else "address"


def _token(text: str, start: int, end: int) -> tuple[int, int]:
    floor, ceiling = max(0, start - _TOKEN_REACH), min(len(text), end + _TOKEN_REACH)
    while start > floor and text[start - 1] not in _NOT_IN_TOKEN:
        start -= 1
    while end < ceiling and text[end] not in _NOT_IN_TOKEN:
        end += 1
    return start, end


def _letters_before(text: str, start: int) -> int:
    position = start
    while position > 0 and start - position < 30 and text[position - 1].isalpha() and text[position - 1] < "\u3000":
        position -= 1
    return position


def _letters_after(text: str, end: int) -> int:
    position = end
    while position < len(text) and position - end < 30 and text[position].isalpha() and text[position] < "\u3000":
        position += 1
    return position


_SUFFIXES = frozenset(("exp", "cvv", "cvc", "and", "und", "et", "y", "e", "x"))


def _suffix_word(text: str, start: int, end: int) -> bool:
    """Tell whether a word that is glued behind a number is a word and not the rest of an identifier."""
    return text[start:end] in _SUFFIXES or (end - start >= 4 and not text[end : end + 1].isdigit())


def _digits_after(text: str, position: int) -> int:
    count = 0
    while count < 20 and text[position + count : position + count + 1].isdigit():
        count += 1
    return count


def _single_group(written: str) -> bool:
    return written.isdigit()


def _inside(
    pattern: re.Pattern[str],
    text: str,
    start: int,
    end: int,
    reach: int,
    valid: Callable[[str], bool] | None = None,
) -> bool:
    """Tell whether ``start:end`` overlaps a match of ``pattern`` that begins at most ``reach`` before it."""
    for match in pattern.finditer(text, max(0, start - reach), min(len(text), end + reach)):
        if match.start() < end and match.end() > start and (valid is None or valid(match[0])):
            return True
    return False


def _iban_valid(written: str) -> bool:
    """Check ISO 13616 on every plausible length: what follows an IBAN may look like more of it."""
    compact = "".join(c for c in written if c.isalnum())
    for length in range(min(len(compact), 34), 14, -1):
        turned = compact[4:length] + compact[:4]
        if int("".join(str(int(c, 36)) for c in turned)) % 97 == 1:
            return True
    return False


def own_rules(digits: str, brand: str) -> Iterator[str]:
    """Yield the other kinds of numbers whose own rules ``digits`` also obey."""
    length = len(digits)
    if length == 13:
        from stdnum import ean
        from stdnum.za import idnr

        if idnr.is_valid(digits):
            yield "za-id"
        if ean.is_valid(digits):
            yield "ean"
    elif length == 14:
        from stdnum.br import cnpj
        from stdnum.fr import siret

        if siret.is_valid(digits):
            yield "siret"
        if cnpj.is_valid(digits):
            yield "cnpj"
    elif length == 15:
        from stdnum.ru import ogrn

        if digits[0] in "135" and digits[1:3] < "34" and ogrn.is_valid(digits):
            yield "ogrn"
    elif length == 18:
        if _cn_id(digits):
            yield "cn-id"
        if _clabe(digits):
            yield "clabe"
    if length == 16 and brand == "mastercard" and digits[0] == "2" and _yymmdd(digits):
        yield "date-prefix"
    if length in (14, 17, 18) and _stamp(digits):
        yield "timestamp"


def _cn_id(digits: str) -> bool:
    """Check a Chinese identity number (GB 11643): birth date, ISO 7064 mod 11-2; stdnum's raises on some places."""
    if not ("19" <= digits[6:8] <= "20" and "01" <= digits[10:12] <= "12" and "01" <= digits[12:14] <= "31"):
        return False
    total = sum(int(digit) * pow(2, 17 - place, 11) for place, digit in enumerate(digits))
    return total % 11 == 1


def _clabe(digits: str) -> bool:
    """Check a Mexican CLABE: weights 3, 7, 1 modulo ten (python-stdnum has none)."""
    total = sum(int(digit) * weight % 10 for digit, weight in zip(digits[:17], (3, 7, 1) * 6, strict=False))
    return str(-total % 10) == digits[17]


def _yymmdd(digits: str) -> bool:
    return "01" <= digits[2:4] <= "12" and "01" <= digits[4:6] <= "31"


def _stamp(digits: str) -> bool:
    return (
        digits[:2] in ("19", "20")
        and "01" <= digits[4:6] <= "12"
        and "01" <= digits[6:8] <= "31"
        and digits[8:10] <= "23"
        and digits[10:12] <= "59"
    )


def own_number(digits: str, formats: tuple[str, ...]) -> bool:
    """Tell whether ``digits`` have one of the business's own formats (``#`` any digit, digits themselves)."""
    for written in formats:
        form = [c for c in written if c == "#" or c.isdigit()]
        if len(form) == len(digits) and all(want in ("#", digit) for want, digit in zip(form, digits, strict=True)):
            return True
    return False


TEST_NUMBERS = frozenset(
    [
        "4111111111111111",
        "4012888888881881",
        "4242424242424242",
        "4000056655665556",
        "4222222222222",
        "4000000000000002",
        "4917610000000000",
        "4444333322221111",
        "4005519200000004",
        "4009348888881881",
        "4012000033330026",
        "4500600000000061",
        "5555555555554444",
        "5105105105105100",
        "5200828282828210",
        "5454545454545454",
        "2223003122003222",
        "2223000048400011",
        "2222420000001113",
        "5431111111111111",
        "378282246310005",
        "371449635398431",
        "378734493671000",
        "341111111111111",
        "6011111111111117",
        "6011000990139424",
        "6011000400000000",
        "30569309025904",
        "38520000023237",
        "36227206271667",
        "3056930009020004",
        "3530111333300000",
        "3566002020360505",
        "3566111111111113",
        "6200000000000005",
        "6240008631401148",
        "6759649826438453",
        "6799990100000000019",
        "6304000000000000",
        "5019717010103742",
        "2204290000000015",
        "4571736000000075",
        "5066991111111118",
        "6062826786276634",
    ]
)
"""Numbers that payment providers publish for tests (Stripe, Adyen, PayPal, Worldpay, Braintree)."""
