# ruff: noqa: E501  # tables of sentences read better in one line each

"""Make texts with and without card data from the brand and label tables, seeded, with the exact answer of each.

Positives: every scheme, length, separator, script, language and way of writing in turn. Negatives: numbers that look
like cards (half of them with a right check digit and issuer range) where they belong: orders, parcels, phones, IBANs,
ids, time stamps, links; and words about codes and dates that introduce none. Each text names its category.

Independent of the detector: it shares the brand table (issuer ranges are facts) and writes its own sentences.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from stdnum import luhn as reference_luhn
from tests.specimens import every_brand, generated, grouped

from pansentry.pan.brands import Brand, brands_of


@dataclass(frozen=True, slots=True)
class Sample:
    """A text and what stands in it: ``(kind, value, start, end)``; a number in pieces has one entry per piece."""

    category: str
    text: str = field(repr=False)
    expect: tuple[tuple[str, str, int, int], ...] = ()


@dataclass(slots=True)
class Writer:
    """Builds a text and notes where each value stands."""

    text: str = ""
    expect: list[tuple[str, str, int, int]] = field(default_factory=list)

    def say(self, words: str) -> Writer:
        """Append words."""
        self.text += words
        return self

    def put(self, kind: str, value: str, written: str) -> Writer:
        """Append a value as it is written."""
        self.expect.append((kind, value, len(self.text), len(self.text) + len(written)))
        self.text += written
        return self

    def sample(self, category: str) -> Sample:
        """Return the finished sample."""
        return Sample(category, self.text, tuple(self.expect))


# Per language: (lead to the number, lead to the expiry date, lead to the code, closing)
SENTENCES: dict[str, tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...], str]] = {
    "en": (("My card number is ", "Please charge my Visa/Mastercard: ", "Credit card no. "), (", exp ", ", valid until "), (", CVV ", ", security code "), ". Kind regards, Anna"),
    "de": (("Meine Kreditkartennummer lautet ", "Karten-Nr.: ", "Bitte belasten Sie meine Karte "), (", gültig bis ", ", Ablaufdatum "), (", Prüfziffer ", ", CVC "), ". Viele Grüße, Jan"),
    "fr": (("Mon numéro de carte bancaire est le ", "CB : ", "Carte de crédit n° "), (", expire le ", ", date d'expiration "), (", cryptogramme ", ", code de sécurité "), ". Cordialement, Luc"),
    "it": (("Il numero della mia carta di credito è ", "Numero carta: "), (", scadenza ", ", valida fino al "), (", codice di sicurezza ", ", CVV "), ". Grazie, Paolo"),
    "es": (("Mi número de tarjeta es ", "Tarjeta de crédito: "), (", caduca ", ", fecha de vencimiento "), (", código de seguridad ", ", CVV "), ". Gracias, Marta"),
    "pt": (("O número do meu cartão é ", "Cartão de crédito: "), (", validade ", ", vence em "), (", código de segurança ", ", CVV "), ". Obrigado, João"),
    "nl": (("Mijn creditcardnummer is ", "Kaartnummer: "), (", vervaldatum ", ", geldig tot "), (", beveiligingscode ", ", CVC "), ". Groeten, Piet"),
    "pl": (("Numer mojej karty to ", "Karta kredytowa: "), (", ważna do ", ", data ważności "), (", kod CVV ", ", kod CVC "), ". Pozdrawiam, Ewa"),
    "sv": (("Mitt kortnummer är ", "Kreditkort: "), (", giltigt till ", ", utgångsdatum "), (", säkerhetskod ", ", CVC "), ". Hälsningar, Ola"),
    "da": (("Mit kortnummer er ", "Kreditkort: "), (", udløbsdato ", ", gyldig til "), (", kontrolcifre ", ", CVC "), ". Hilsen Mette"),
    "no": (("Kortnummeret mitt er ", "Kredittkort: "), (", utløpsdato ", ", gyldig til "), (", sikkerhetskode ", ", CVC "), ". Hilsen Kari"),
    "fi": (("Luottokorttini numero on ", "Kortin numero: "), (", voimassa ", ", viimeinen voimassaolopäivä "), (", turvakoodi ", ", CVC "), ". Terveisin Aino"),
    "cs": (("Číslo mé karty je ", "Kreditní karta: "), (", platnost do ", ", platná do "), (", bezpečnostní kód ", ", kód CVV "), ". Děkuji, Petr"),
    "sk": (("Číslo mojej karty je ", "Platobná karta: "), (", platnosť do ", ", platná do "), (", bezpečnostný kód ", ", kód CVV "), ". Ďakujem, Ján"),
    "ro": (("Numărul cardului meu este ", "Card de credit: "), (", expiră în ", ", valabil până la "), (", cod de securitate ", ", codul CVV "), ". Mulțumesc, Ion"),
    "hu": (("A bankkártyám száma ", "Kártyaszám: "), (", lejárat ", ", érvényes "), (", biztonsági kód ", ", CVC kód "), ". Üdv, Kata"),
    "el": (("Ο αριθμός της κάρτας μου είναι ", "Αριθμός κάρτας: "), (", λήξη ", ", ισχύει έως "), (", κωδικός ασφαλείας ", ", CVV "), ". Ευχαριστώ, Νίκος"),
    "tr": (("Kredi kartı numaram ", "Kart numarası: "), (", son kullanma tarihi ", ", SKT "), (", güvenlik kodu ", ", CVV "), ". Teşekkürler, Ali"),
    "ru": (("Номер моей карты ", "Кредитная карта: "), (", срок действия ", ", действительна до "), (", код безопасности ", ", CVV "), ". Спасибо, Олег"),
    "uk": (("Номер моєї картки ", "Кредитна картка: "), (", термін дії ", ", дійсна до "), (", код безпеки ", ", CVV "), ". Дякую, Оля"),
    "ja": (("カード番号は", "クレジットカード："), ("、有効期限", "、有効期限は"), ("、セキュリティコード", "、セキュリティコードは"), "です。よろしくお願いします。"),
    "zh": (("我的信用卡号是", "卡号："), ("，有效期", "，有效期至"), ("，安全码", "，CVV "), "。谢谢！"),
    "ko": (("제 카드번호는 ", "신용카드: "), (", 유효기간 ", ", 유효기간은 "), (", 보안코드 ", ", CVC "), " 입니다."),
    "ar": (("رقم بطاقتي هو ", "بطاقة الائتمان: "), ("، تاريخ الانتهاء ", "، صالحة حتى "), ("، رمز الأمان ", "، CVV "), ". شكرا"),
    "he": (("מספר כרטיס האשראי שלי הוא ", "כרטיס אשראי: "), (", תוקף ", ", בתוקף עד "), (", קוד אבטחה ", ", CVV "), ". תודה"),
    "fa": (("شماره کارت من ", "کارت اعتباری: "), ("، تاریخ انقضا ", "، انقضا "), ("، کد امنیتی ", "، CVV2 "), ". ممنون"),
    "hi": (("मेरा कार्ड नंबर ", "क्रेडिट कार्ड: "), (", समाप्ति तिथि ", ", वैधता "), (", सुरक्षा कोड ", ", CVV "), " है"),
    "vi": (("Số thẻ của tôi là ", "Thẻ tín dụng: "), (", ngày hết hạn ", ", hết hạn "), (", mã bảo mật ", ", CVV "), ". Cảm ơn"),
    "id": (("Nomor kartu saya ", "Kartu kredit: "), (", berlaku hingga ", ", masa berlaku "), (", kode keamanan ", ", CVV "), ". Terima kasih"),
    "th": (("หมายเลขบัตรเครดิต ", "เลขบัตร "), (" วันหมดอายุ ", " หมดอายุ "), (" รหัสหลังบัตร ", " CVV "), " ขอบคุณ"),
}  # fmt: skip

SEPARATORS = (" ", "-", ".", "_", "·", "•", "*", "\u00a0", "\u2009", "\u202f", "\u3000", "  ", "\t", " - ", "–", "—", "‑", "−", "\u200b", "\u00ad", "\u200e", "\u2060", ", ", "/", " / ", "\n", "\r\n", "\r\n> ", "\n> > ", "\n| ", ",")  # fmt: skip
TIGHT = SEPARATORS[:13]
ZEROS = (0x660, 0x6F0, 0x966, 0x9E6, 0xE50, 0xFF10, 0x1D7CE, 0x1D7D8, 0x1D7F6, 0xAE6, 0xBE6, 0x17E0)
NUMERALS = {
    "en": "zero one two three four five six seven eight nine", "de": "null eins zwei drei vier fünf sechs sieben acht neun",
    "fr": "zéro un deux trois quatre cinq six sept huit neuf", "it": "zero uno due tre quattro cinque sei sette otto nove",
    "es": "cero uno dos tres cuatro cinco seis siete ocho nueve", "pt": "zero um dois três quatro cinco seis sete oito nove",
    "nl": "nul een twee drie vier vijf zes zeven acht negen", "pl": "zero jeden dwa trzy cztery pięć sześć siedem osiem dziewięć",
}  # fmt: skip
LIKE = {"0": "Oo", "1": "lI", "5": "S", "8": "B"}


def positives(count: int, seed: int = 1) -> Iterator[Sample]:
    """Yield ``count`` texts with card data; schemes and categories take turns."""
    rng = random.Random(seed)
    brands = every_brand()
    makers = list(POSITIVE.items())
    for index in range(count):
        brand, length = brands[(index // len(makers)) % len(brands)]
        name, make = makers[index % len(makers)]
        yield make(f"{name}", generated(brand, length, rng), rng)


def negatives(count: int, seed: int = 2) -> Iterator[Sample]:
    """Yield ``count`` texts without card data; categories take turns."""
    rng = random.Random(seed)
    makers = list(NEGATIVE.items())
    for index in range(count):
        name, make = makers[index % len(makers)]
        yield Sample(name, make(rng))


# --- with card data ---------------------------------------------------------------------------------------------


def _date(rng: random.Random) -> tuple[str, str]:
    month, year = rng.randint(1, 12), rng.randint(26, 38)
    forms = (f"{month:02d}/{year}", f"{month}/{year}", f"{month:02d}/20{year}", f"{month:02d}-{year}", f"{month:02d}.20{year}", f"{month:02d} / {year}", f"20{year}-{month:02d}")  # fmt: skip
    return f"{month:02d}/{year}", rng.choice(forms)


def _code(number: str, rng: random.Random) -> str:
    brand = brands_of(number)[0]
    return "".join(rng.choices("0123456789", k=brand.code_digits or 3))


def _printed(number: str, separator: str) -> str:
    brand: Brand = brands_of(number)[0]
    for length, forms in brand.groupings:
        if length == len(number):
            return grouped(number, forms[0], separator)
    return grouped(number, (4,) * (len(number) // 4) + ((len(number) % 4,) if len(number) % 4 else ()), separator)


def _language(category: str, number: str, rng: random.Random) -> Sample:
    """The full set in one sentence, in each language."""
    lead, expiry, code, close = SENTENCES[language := rng.choice(sorted(SENTENCES))]
    value, date = _date(rng)
    verification = _code(number, rng)
    writer = Writer().say(rng.choice(lead)).put("pan", number, _printed(number, rng.choice((" ", "-", ""))))
    writer.say(rng.choice(expiry)).put("expiry", value, date)
    writer.say(rng.choice(code)).put("cvv", verification, verification).say(close)
    return writer.sample(f"{category}:{language}")


def _separated(category: str, number: str, rng: random.Random) -> Sample:
    """Any separator between the printed groups, a label before."""
    separator = rng.choice(SEPARATORS)
    lead = SENTENCES[rng.choice(sorted(SENTENCES))][0][0]
    return (
        Writer()
        .say(lead)
        .put("pan", number, _printed(number, separator))
        .say(" thanks")
        .sample(f"{category}:{separator!r}")
    )


def _any_grouping(category: str, number: str, rng: random.Random) -> Sample:
    """Groups of any size."""
    sizes, left = [], len(number)
    size = rng.choice((1, 2, 3, 5, 6, 8, 0))
    while left:
        step = min(left, size or rng.randint(1, 6))
        sizes.append(step)
        left -= step
    writer = (
        Writer()
        .say("My credit card number: ")
        .put("pan", number, grouped(number, tuple(sizes), rng.choice((" ", "-", "."))))
    )
    return writer.say("\nThank you").sample(f"{category}:{size}")


def _script(category: str, number: str, rng: random.Random) -> Sample:
    """Digits of another script."""
    zero = rng.choice(ZEROS)
    written = "".join(
        chr(zero + int(c)) if c.isdigit() else c for c in _printed(number, rng.choice((" ", "-", "", "\u3000")))
    )
    return Writer().say("Card number: ").put("pan", number, written).say(" .").sample(f"{category}:{zero:x}")


def _bare(category: str, number: str, rng: random.Random) -> Sample:
    """No label at all: only what is a card by itself can be asked for."""
    brand = brands_of(number)[0]
    if len(number) not in brand.alone:
        return _separated(category, number, rng)
    written = _printed(number, rng.choice(("", " ", "-")))
    if number[0] == "2" and brand.key == "mastercard":
        written = _printed(number, " ")
    return (
        Writer()
        .say(rng.choice(("", "Hello,\n", "here you go: ")))
        .put("pan", number, written)
        .say("\n")
        .sample(category)
    )


def _spoken(category: str, number: str, rng: random.Random) -> Sample:
    """Number words."""
    language = rng.choice(sorted(NUMERALS))
    words = NUMERALS[language].split()
    written = rng.choice((" ", ", ", "-")).join(words[int(c)] for c in number)
    return (
        Writer().say(SENTENCES[language][0][0]).put("pan", number, written).say(". ok").sample(f"{category}:{language}")
    )


def _letters(category: str, number: str, rng: random.Random) -> Sample:
    """Letters for some digits."""
    changed, written = 0, []
    for c in number:
        if c in LIKE and changed < 6 and rng.random() < 0.6:
            written.append(rng.choice(LIKE[c]))
            changed += 1
        else:
            written.append(c)
    sizes = (4,) * (len(number) // 4) + ((len(number) % 4,) if len(number) % 4 else ())
    return (
        Writer()
        .say("Credit card number: ")
        .put("pan", number, grouped("".join(written), sizes, " "))
        .say("\n")
        .sample(category)
    )


def _halves(category: str, number: str, rng: random.Random) -> Sample:
    """Two announced halves."""
    at = 8
    joint = rng.choice(
        (
            " and the rest is ",
            ", then ",
            ". The last digits are ",
            "; the second half: ",
            " ... and the remaining ones ",
        )
    )
    writer = Writer().say("The first digits of my card are ").put("pan", number, number[:at])
    return writer.say(joint).put("pan", number, number[at:]).say(". Thanks").sample(category)


def _reversed(category: str, number: str, rng: random.Random) -> Sample:
    """Backwards, and saying so."""
    said = rng.choice(
        (
            "My card number, backwards: ",
            "Kartennummer rückwärts: ",
            "Numéro de carte à l'envers : ",
            "Tarjeta al revés: ",
        )
    )
    return Writer().say(said).put("pan", number, number[::-1]).say(" ok").sample(category)


def _row(category: str, number: str, rng: random.Random) -> Sample:
    """Number, date and code with nothing but separators."""
    value, date = _date(rng)
    code = _code(number, rng)
    separator = rng.choice((" ", ", ", " / ", "\n", "; ", "\t", " | "))
    writer = Writer().say("visa card:\n").put("pan", number, _printed(number, rng.choice((" ", "")))).say(separator)
    writer.put("expiry", value, date.replace(" / ", "/"))
    if brands_of(number)[0].code_digits:
        writer.say(separator).put("cvv", code, code)
    return writer.say("\n").sample(f"{category}:{separator!r}")


def _glued(category: str, number: str, rng: random.Random) -> Sample:
    """PAN MMYY CVV without a blank."""
    if len(number) not in (14, 15, 16) or not (digits := brands_of(number)[0].code_digits):
        return _row(category, number, rng)
    month, year = rng.randint(1, 12), rng.randint(26, 38)
    code = "".join(rng.choices("0123456789", k=digits))
    writer = Writer().say("card ").put("pan", number, number).put("expiry", f"{month:02d}/{year}", f"{month:02d}{year}")
    return writer.put("cvv", code, code).say(" thanks").sample(category)


def _structured(category: str, number: str, rng: random.Random) -> Sample:
    """JSON, XML, form, URL."""
    value, date = _date(rng)
    code = _code(number, rng)
    form = rng.choice(("json", "xml", "form", "url", "html"))
    parts = {
        "json": ('{"name": "A. Smith", "card_number": "', '", "expiry": "', '", "cvv": "', '"}'),
        "xml": ("<order><cardNumber>", "</cardNumber><expiryDate>", "</expiryDate><cvv>", "</cvv></order>"),
        "form": ("Name: A. Smith\nCard number: ", "\nExpiry date: ", "\nSecurity code: ", "\nPhone: 555 0100\n"),
        "url": ("https://shop.example/pay?id=7&card=", "&exp=", "&cvv=", "&x=1"),
        "html": ("<td>Card</td><td>", "</td>\n<td>Expiry</td><td>", "</td>\n<td>CVC</td><td>", "</td>"),
    }[form]
    written = number if form in ("url", "json") else _printed(number, " ")
    if form in ("url", "json", "xml"):
        date = value
    writer = Writer().say(parts[0]).put("pan", number, written).say(parts[1]).put("expiry", value, date)
    return writer.say(parts[2]).put("cvv", code, code).say(parts[3]).sample(f"{category}:{form}")


def _table(category: str, number: str, rng: random.Random) -> Sample:
    """A CSV with a head."""
    delimiter = rng.choice((",", ";", "\t", "|"))
    value, _ = _date(rng)
    code = _code(number, rng)
    head = delimiter.join(("Name", "Card number", "Expiry", "CVV", "Amount"))
    writer = Writer().say(f"{head}\nAnna Smith{delimiter}").put("pan", number, number).say(delimiter)
    writer.put("expiry", value, value).say(delimiter).put("cvv", code, code).say(f"{delimiter}12.50\n")
    return writer.sample(f"{category}:{delimiter!r}")


def _year_in_front(category: str, number: str, rng: random.Random) -> Sample:
    """A year, a list number or a word that eats a naive match."""
    front = rng.choice(("2026 ", "1. ", "3) ", "#2 ", "Visa", "No 7: "))
    return (
        Writer()
        .say("My credit card\n" + front)
        .put("pan", number, _printed(number, " "))
        .say("\n")
        .sample(f"{category}:{front!r}")
    )


def _several(category: str, number: str, rng: random.Random) -> Sample:
    """Several cards on one line."""
    other = generated(*rng.choice(every_brand()), rng)
    joint = rng.choice((", ", " or ", " / ", "; ", " and "))
    writer = Writer().say("Cards: ").put("pan", number, _printed(number, " ")).say(joint)
    return writer.put("pan", other, _printed(other, " ")).say(".").sample(f"{category}:{joint!r}")


def _rest(category: str, number: str, rng: random.Random) -> Sample:
    """Only code and expiry."""
    _, expiry, code, close = SENTENCES[language := rng.choice(sorted(SENTENCES))]
    value, date = _date(rng)
    digits = "".join(rng.choices("0123456789", k=3))
    writer = Writer().say(rng.choice(expiry).lstrip(",，、، ")).put("expiry", value, date)
    cvv = next(c for c in reversed(code))
    return writer.say(cvv).put("cvv", digits, digits).say(close).sample(f"{category}:{language}")


def _track(category: str, number: str, rng: random.Random) -> Sample:
    """Stripe data."""
    stamp = f"{rng.randint(26, 38)}{rng.randint(1, 12):02d}"
    tracks = (
        f"%B{number}^SMITH/ANNA^{stamp}1010000000000?",
        f";{number}={stamp}10100000000?",
        f"{number}={stamp}1010000",
    )
    written = rng.choice(tracks)
    return Writer().say("swipe: ").put("track", "", written).say("\n").sample(category)


POSITIVE: dict[str, Callable[[str, str, random.Random], Sample]] = {
    "language": _language, "separator": _separated, "grouping": _any_grouping, "script": _script, "bare": _bare,
    "words": _spoken, "letters": _letters, "halves": _halves, "reversed": _reversed, "row": _row, "glued": _glued,
    "structured": _structured, "table": _table, "front": _year_in_front, "several": _several, "rest": _rest, "track": _track,
}  # fmt: skip


# --- without ----------------------------------------------------------------------------------------------------


def _lookalike(rng: random.Random, lengths: tuple[int, ...] = (13, 14, 15, 16, 16, 16, 18, 19)) -> str:
    """A number that, every other time, has issuer range and check digit of a card."""
    if rng.random() < 0.5:
        length = rng.choice(lengths)
        brand = rng.choice([b for b, n in every_brand() if n == length] or [every_brand()[0][0]])
        return generated(brand, length if length in brand.lengths else brand.lengths[0], rng)
    return str(rng.randint(1, 9)) + "".join(rng.choices("0123456789", k=rng.choice(lengths) - 1))


OTHER_LABELS = (
    "Order number: ", "Invoice no. ", "Tracking number ", "Booking reference: ", "Customer number: ", "Account number ", "Ticket ID: ",
    "Bestellnummer: ", "Rechnungsnummer ", "Sendungsnummer: ", "Kundennummer ", "Vorgangsnummer: ", "Numéro de commande : ", "Numéro de suivi : ",
    "N° de facture ", "Numéro de client ", "Numero ordine: ", "Numero di tracking: ", "Codice cliente: ", "Número de pedido: ", "Número de seguimiento: ",
    "Nº de factura: ", "Número do pedido: ", "Código de rastreio: ", "Bestelnummer: ", "Factuurnummer ", "Klantnummer: ", "Numer zamówienia: ",
    "Numer przesyłki: ", "Nr faktury: ", "Ordernummer: ", "Fakturanummer: ", "Kollinummer: ", "Ordrenummer: ", "Tilausnumero: ", "Viitenumero: ",
    "Číslo objednávky: ", "Variabilní symbol: ", "Numărul comenzii: ", "Rendelésszám: ", "Αριθμός παραγγελίας: ", "Sipariş numarası: ", "Takip numarası: ",
    "Номер заказа: ", "Трек-номер: ", "Номер замовлення: ", "注文番号：", "追跡番号：", "订单号：", "运单号：", "주문번호: ", "송장번호: ", "رقم الطلب: ", "رقم التتبع: ",
    "מספר הזמנה: ", "IMEI: ", "SIM card number: ", "Library card no. ", "Gift card number: ", "Serial number: ", "Phone: +", "EAN: ", "SIRET ",
)  # fmt: skip


def _labelled_other(rng: random.Random) -> str:
    return f"Hello,\n{rng.choice(OTHER_LABELS)}{_lookalike(rng)}\nThanks"


def _grouped_other(rng: random.Random) -> str:
    number = _lookalike(rng, (16,))
    return f"{rng.choice(OTHER_LABELS[:60])}{grouped(number, (4, 4, 4, 4), rng.choice((' ', '-')))} please check"


def _parcel(rng: random.Random) -> str:
    digits = lambda n: "".join(rng.choices("0123456789", k=n))  # noqa: E731  # a local shorthand
    return rng.choice(
        (
            f"USPS {grouped('94' + digits(20), (4, 4, 4, 4, 4, 2), ' ')} is on its way",
            f"UPS 1Z{digits(16)} delivered",
            f"Your FedEx parcel {digits(12)} arrives on Monday",
            f"SSCC 00{digits(18)}",
            f"DHL JD{digits(18)}",
            f"Licence key {grouped(digits(24), (4,) * 6, '-')}",
            f"recovery key {grouped(digits(48), (6,) * 8, '-')}",
        )
    )


def _iban(rng: random.Random) -> str:
    country, length = rng.choice((("DE", 18), ("FR", 23), ("ES", 20), ("NL", 10), ("PL", 24), ("IT", 22)))
    bban = rng.choice(("5", "3", "4", "6")) + "".join(rng.choices("0123456789", k=length - 1))
    check = 98 - int(bban + str(int(country[0], 36)) + str(int(country[1], 36)) + "00") % 97
    iban = f"{country}{check:02d}{bban}"
    return f"Please transfer to {' '.join(iban[i : i + 4] for i in range(0, len(iban), 4))}, thank you"


def _phone(rng: random.Random) -> str:
    digits = "".join(rng.choices("0123456789", k=11))
    return rng.choice(
        (
            f"Call +49 {digits[:3]} {digits[3:]} or +44{digits[1:]}",
            f"Tel. 00{rng.choice(('49', '43', '41'))}{digits}",
            f"WhatsApp: +62{digits}",
        )
    )


def _identifier(rng: random.Random) -> str:
    number = _lookalike(rng, (16,))
    hexa = "".join(rng.choices("0123456789abcdef", k=16))
    return rng.choice(
        (
            f"Message-ID: <{number}.{rng.randint(1, 99)}@mail.example>",
            f"https://x.example/status/{number}?s=20",
            f"https://shop.example/track?order={number}&utm_id=7",
            f"commit {hexa}{number}{hexa}",
            f"id {number[:8]}-{number[8:12]}-{number[:4]}-{number[12:]}-{number[:12]}",
            f"token a{number}f9",
            f"{rng.randint(0, 90)}.{number} degrees",
            f"session{number}x was closed",
        )
    )


def _stamps(rng: random.Random) -> str:
    return rng.choice(
        (
            f"at_millis: 17{rng.randint(10**10, 10**11 - 1)}",
            f"created 2026{rng.randint(10, 12)}{rng.randint(10, 28)}{rng.randint(10, 23)}{rng.randint(10, 59)}{rng.randint(10, 59)}",
            f"log 17{rng.randint(10**16, 10**17 - 1)} ok",
            f"2026-11-{rng.randint(10, 28)} 10:{rng.randint(10, 59)}:{rng.randint(10, 59)} done",
        )
    )


def _bad_check_digit(rng: random.Random) -> str:
    number = generated(*rng.choice(every_brand()), rng)
    wrong = number[:-1] + str((int(number[-1]) + rng.randint(1, 9)) % 10)
    assert not reference_luhn.is_valid(wrong)
    if wrong[-1] == "0":
        wrong = wrong[:-1] + next(d for d in "123456789" if not reference_luhn.is_valid(wrong[:-1] + d))
    return f"{rng.choice(('My card ', 'number ', ''))}{wrong}\n"


def _code_words(rng: random.Random) -> str:
    n = rng.randint(100, 999)
    return rng.choice(
        (
            f"We never ask for your CVV. Room {n} is ready.",
            f"Use discount code {n} at the till",
            f"Your one-time code is {n}{n}",
            f"Dial {n} for the reception, postal code {n}00",
            f"The security code has three digits; see page {n}",
            f"error code {n}: try again",
            f"Article {n}-{n}, {n} pieces, EUR {n}.00",
            f"Der Gutscheincode {n} gilt bis 12/26",
            f"The door code is {n}{rng.randint(1, 9)}",
        )
    )


def _date_words(rng: random.Random) -> str:
    month, year = rng.randint(1, 12), rng.randint(26, 33)
    return rng.choice(
        (
            f"My passport expires {month:02d}/{year}",
            f"The offer is valid until {month:02d}/20{year}",
            f"Lieferung {rng.randint(10, 28)}.{month:02d}.20{year}",
            f"Your gift card is valid until {month:02d}/{year}",
            f"Meeting on {rng.randint(1, 12)}/{rng.randint(13, 28)}",
            f"best before {month:02d}/{year}, lot 2231",
            f"Le contrat expire le {month:02d}/{year}",
            f"{rng.randint(1, 12)}/{rng.randint(13, 24)} of the parts arrived",
            f"Invoice {month:02d}-{year} from {month:02d}.20{year}",
        )
    )


def _masked(rng: random.Random) -> str:
    last = rng.randint(1000, 9999)
    return rng.choice(
        (f"card XXXX XXXX XXXX {last}", f"Visa ************{last}", f"411111******{last}", f"Karte **** {last}, 12 EUR")
    )


def _amounts(rng: random.Random) -> str:
    rows = "\n".join(
        f"{rng.randint(1, 99)}\t{rng.randint(100, 999)}\t{rng.randint(1000, 9999)}.{rng.randint(10, 99)}"
        for _ in range(8)
    )
    return f"qty\tsku\tamount\n{rows}\nTotal 1,234,567,890.12 and 4 556 737 EUR"


NEGATIVE: dict[str, Callable[[random.Random], str]] = {
    "other label": _labelled_other, "other label, grouped": _grouped_other, "parcel": _parcel, "iban": _iban, "phone": _phone,
    "identifier": _identifier, "time stamp": _stamps, "check digit": _bad_check_digit, "code words": _code_words,
    "date words": _date_words, "masked": _masked, "amounts": _amounts,
}  # fmt: skip
