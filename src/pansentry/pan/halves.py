"""A card number that comes in two mails: a half, or the rest, announced as such.

In: one stretch of folded text. Out: values of kind PAN for runs of 6 to 13 digits that stand right behind words such as
"first half", "last eight digits", "the rest of the number". In a mail by itself such words must stand near a word for
card; in a conversation that had a card they need not. Six digits and fewer of "card ending in …" are what receipts
print, and stay. A half is masked whole: two truncated halves would show eight digits of the number.

Words per language are a table of folded phrases (lower case, accents away), those with letters in ``replies``. Linear:
each phrase is found once, and what follows is looked at for :data:`_REACH` characters.
"""

from __future__ import annotations

import bisect
import itertools
import re
from typing import TYPE_CHECKING

from pansentry.pan.finding import Kind
from pansentry.pan.value import UNITS, Value

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pansentry.pan.options import Known
    from pansentry.pan.pans import Candidate
    from pansentry.pan.scene import Scene

_COUNT = (
    r"(?:[0-9]{1,2}|six|seven|eight|nine|ten|sechs|sieben|acht|huit|sept|seis|siete|ocho|sei|sette|otto|oito|zes|"
    r"zeven)"
)
_PHRASES = (
    # English
    rf"(?:first|second|last|other|remaining|final|1st|2nd|missing) (?:half|part|portion|(?:{_COUNT} )?(?:digits|"
    rf"numbers|figures))",
    r"rest of (?:the|my) (?:card )?(?:number|digits)",
    # German
    rf"(?:erste|zweite|letzte|andere|restliche|fehlende)[nrs]? (?:halfte|teil|(?:{_COUNT} )?(?:ziffern|stellen|"
    rf"zahlen))",
    r"rest der (?:karten)?nummer",
    # French
    rf"(?:premiere|seconde|deuxieme|autre|derniere) (?:moitie|partie)|(?:premiers|derniers) (?:{_COUNT} )?chiffres",
    rf"{_COUNT} (?:premiers|derniers) chiffres|reste du numero|chiffres restants",
    # Spanish, Portuguese, Italian
    rf"(?:primera|segunda|otra|ultima) (?:mitad|parte)|(?:primeros|ultimos) (?:{_COUNT} )?(?:digitos|numeros)",
    rf"(?:primeira|segunda|outra|ultima) (?:metade|parte)|(?:primeiros|ultimos) (?:{_COUNT} )?(?:digitos|numeros)",
    rf"(?:prima|seconda|altra|ultima) (?:meta|parte)|(?:prime|ultime) (?:{_COUNT} )?cifre",
    r"resto (?:del|do) numero",
    # Dutch
    rf"(?:eerste|tweede|andere|laatste) (?:helft|deel|(?:{_COUNT} )?cijfers)|rest van het nummer",
    # Polish, Czech
    r"(?:pierwsz|drug|ostatni)\w{1,3} (?:poł|pol)\w{2,4}|(?:pierwsz|drug|ostatni)\w{1,3} (?:czesc|część|cyfr)|"
    r"reszt\w{1,1} numeru",
    r"(?:prvni|druh|posledni)\w{0,2} (?:polovin\w{1,1}|cast|čast)|zbytek cisla",
    # Swedish, Danish
    r"(?:forsta|andra|sista) (?:halvan|halften|delen|siffrorna)|resten av (?:kort)?num\w{1,9}",
    r"(?:første|forste|anden|sidste) (?:halvdel|del|cifre)|resten af (?:kort)?num\w{1,9}",
    # Turkish, Greek
    r"(?:ilk|ikinci|son|diger) (?:yarısı|yarisi|bolumu|hanesi|haneleri)|kalan haneler",
    r"(?:πρωτο|δευτερο|αλλο) (?:μισο|μερος)|(?:πρωτα|τελευταια|υπολοιπα) ψηφια",
    # Japanese, Arabic, Hebrew
    r"前半|後半|残りの(?:番号|桁)",
    r"(?:النصف|الجزء) (?:الاول|الأول|الثاني)|باقي الارقام|باقي الأرقام|بقية الرقم",
    r"(?:החצי|המחצית|החלק) (?:הראשון|הראשונה|השני|השנייה|השניה)|שאר הספרות",
)
_PHRASE = re.compile("|".join(_PHRASES))
_CARD = re.compile(
    r"card|kart|kaart|kort|carte|tarjeta|cartao|carta\b|visa|mastercard|amex|κ[αά]ρτ|カード|カート|بطاق|כרטיס|אשראי"
)
_RUN = re.compile(r"(?<![0-9+])[0-9](?:[ .\-]?[0-9]){5,12}(?![0-9])(?!,[0-9])")
_OTHER = re.compile(
    r"order|invoice|phone|tel\b|tel\.|fax|iban|account|konto|bestell|rechnung|telefon|commande|facture|pedido|"
    r"factura|"
    r"ordine|fattura|encomenda|bestelling|factuur|zamowien|faktur|objednav|siparis|fatura|παραγγελ|注文|電話|طلب|هاتف|"
    r"הזמנה|טלפון|tracking|reference|referenz|zip|postcode|plz"
)
_DIALLED = re.compile(r"\+[0-9 ().\-]{0,15}$")
_CODE = re.compile(r"(?<![0-9x])(?:[0-9]{3,4}|x{3,4})(?![0-9x])")
"""A code or its mask: the phrase spoke of that, "the three last digits are 583. Tax no. …"."""
_REACH = 48
_NEAR = 120
_LONGEST = 60  # characters of a phrase


def announcing() -> tuple[bytes, ...]:
    """Return expressions in UTF-8 for the phrases, for the prefilter: no phrase without one of them."""
    return tuple(_WORDED.sub(_in_bytes, phrase).encode() for phrase in _PHRASES)


_WORDED = re.compile(r"\\w\{([0-9]),([0-9])\}")


def _in_bytes(match: re.Match[str]) -> str:
    """Return what in bytes matches so many letters: one to four bytes each."""
    return rf"[^\x00-\x20]{{{match[1]},{4 * int(match[2])}}}"


def holds_run(data: bytes) -> bool:
    """Tell whether digits that can be a half stand in ``data``."""
    return _SIX_BYTES.search(data) is not None


_SIX = re.compile(r"[0-9](?:[ .\-]?[0-9]){5}")
_SIX_BYTES = re.compile(_SIX.pattern.encode())


def _announced(text: str, start: int, end: int) -> Iterator[re.Match[str]]:
    """Yield the phrases in front of digits: 20 µs for 2 KB, where looking for them everywhere takes 400."""
    looked = start
    for digits in _SIX.finditer(text, start, end):
        for phrase in _PHRASE.finditer(text, max(looked, digits.start() - _REACH - _LONGEST), digits.end()):
            looked = phrase.end()
            yield phrase
        looked = max(looked, digits.start() - _LONGEST)


def halves(scene: Scene, pans: Sequence[Candidate], known: Known) -> Iterator[Value]:
    """Yield announced halves that no whole number covers."""
    text = scene.text
    starts = [pan.start for pan in pans]
    ends = list(itertools.accumulate((pan.end for pan in pans), max, initial=0))
    for phrase in _announced(text, scene.start, scene.end):
        run = _RUN.search(text, phrase.end(), min(scene.end, phrase.end() + _REACH))
        if run is None or _OTHER.search(text, max(scene.start, phrase.start() - _REACH), run.start()):
            continue
        if _DIALLED.search(text, max(phrase.end(), run.start() - 16), run.start()) or UNITS.match(text, run.end()):
            continue
        if ends[bisect.bisect_left(starts, run.end())] > run.start() or _CODE.search(text, phrase.end(), run.start()):
            continue
        if not known.card_in_conversation and not _CARD.search(
            text, max(scene.start, phrase.start() - _NEAR), min(scene.end, run.end() + _NEAR)
        ):
            continue
        digits = "".join(c for c in run[0] if c.isdigit())
        yield Value(Kind.PAN, run.start(), run.end(), digits, ["half"])
