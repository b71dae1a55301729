"""What may stand between a label and its value, one behaviour a test."""

from __future__ import annotations

import pytest
from tests.specimens import PUBLISHED

from pansentry.pan import Known, find

VISA = PUBLISHED["visa"][0]
AMEX = PUBLISHED["amex"][0]


def found(text: str, known: Known | None = None) -> list[tuple[str, str]]:
    return [(str(f.kind), text[f.start : f.end]) for f in find(text, known=known or Known()) if f.kind != "pan"]


FORWARD = [
    "CVV (3 digits on the back): 737",
    "CVV number is 737",
    "the CVV you asked for: 737",
    "the security code is needed, so: 737",
    "Security code\n737",
    "CVC-2: 737",
    "cvv? 737",
    "CVV?\n> 737",
    "cvv seven three seven",
    "I forgot the security code, it is 737",
    "the security code remains 737",
    "Sorry, I forgot the security code earlier: it's 737",
    "le code de sécurité que j'ai oublié est le 737",
    "güvenlik kodunu unuttum, 737",
    "セキュリティコードを書き忘れました。737です。",
    "安全码忘了写,是737",
    "<td>CVC</td><td>737</td>",
]


@pytest.mark.parametrize("text", FORWARD)
def test_a_label_reaches_its_code(text: str) -> None:
    """Marks, remarks, small words, a question mark and tags may stand between a label and its code."""
    assert len(found(text)) == 1


BACKWARD = ["737 is the CVV", "737 (CVV)", "737 = security code", "737 sind die drei Ziffern auf der Rückseite"]


@pytest.mark.parametrize("text", BACKWARD)
def test_a_label_reaches_back(text: str) -> None:
    """A code may stand before its label, with small words between."""
    assert found(text) == [("cvv", "737")]


def test_unknown_words_need_a_card() -> None:
    """Words that nobody listed may stand between only where a card is near."""
    words = "the cvv hopefully legible says 737"
    assert found(words) == []
    assert found(f"{VISA}, {words}") == [("cvv", "737")]


UNJOINED = [
    "We never ask for your CVV. Room 314 is ready.",
    "CVV: I will call you, extension 4471",
    "The security code has three digits; see page 737",
    "your CVV, total 737 EUR",
    "Sicherheitscode für den Aufzug: 737",
    "discount code 737, door code 4471",
]


@pytest.mark.parametrize("text", UNJOINED)
def test_other_numbers_are_not_joined(text: str) -> None:
    """Sentences about codes, amounts, rooms and doors give no code."""
    assert found(text) == []


ANSWERS = [
    "> Please send the three digits from the back of the card.\n\nSure, 737.\n",
    "> Uns fehlt noch die Prüfnummer von der Rückseite.\n\nAch so: 737\n",
    "> カード裏面の3桁のセキュリティコードをお知らせください。\n\n737です。\n",
    "[18:05] Shop: and the CVV?\n[18:06] Me: 737\n",
]


@pytest.mark.parametrize("text", ANSWERS)
def test_a_line_answers_the_one_that_asks(text: str) -> None:
    """A code alone answers the quoted line, question or chat turn that asks for it."""
    assert found(text) == [("cvv", "737")]


def test_an_answer_with_something_else_is_none() -> None:
    """A line about something else answers no question for a code."""
    assert found("> Please send the CVV.\n\nRoom 737 is fine.\n") == []
    assert found("We do not store the CVV.\n\n737 people came.\n") == []


def test_a_corrected_code_and_the_wrong_one() -> None:
    """Both the right code and the one it replaces are codes."""
    assert found("I gave you the wrong CVV. It should be 518, not 581.") == [("cvv", "518"), ("cvv", "581")]


LACKING = [
    (f"{VISA} exp 09/28 secuirty cod 737", [("expiry", "09/28"), ("cvv", "737")]),
    (f"{VISA} expyri 09/28", [("expiry", "09/28")]),
    (f"{VISA}\nuntil 09/28", [("expiry", "09/28")]),
    (f"[10:42] A: {VISA}\n[10:43] A: 3/31\n[10:43] A: 417\n", [("expiry", "3/31"), ("cvv", "417")]),
    (f"{VISA} x 12/27 v 991", [("expiry", "12/27"), ("cvv", "991")]),
    (f"{VISA}|08|2029|482", [("expiry", "08|2029"), ("cvv", "482")]),
]


@pytest.mark.parametrize(("text", "wanted"), LACKING, ids=[text[-24:] for text, _ in LACKING])
def test_what_a_card_lacks_is_looked_for(text: str, wanted: list[tuple[str, str]]) -> None:
    """Near a card without a date or code of its own, misspelt labels, "until" and lines of their own count."""
    assert found(text) == wanted


def test_until_yields_to_an_expiry_date() -> None:
    """ "until" says nothing where the card has another date."""
    assert found(f"{VISA} exp 09/28. We stay until 11/30.") == [("expiry", "09/28")]


def test_a_column_of_codes_is_the_only_one() -> None:
    """Three digits in another column of a table with a column for codes are none."""
    text = f"Card\tExp\tCVV\tRoom\n{VISA}\t02/28\t441\t118\n"
    assert found(text) == [("expiry", "02/28"), ("cvv", "441")]


DATES = [
    "October twenty twenty-eight",
    "October two thousand twenty-eight",
    "10 of 28",
    "10_28",
    "Oct. '28",
    "2028. 10",
    "28/10",
    "31.10.2028",
    "1O/28",
    "l0/2O28",
    "10\n28\n",
]


@pytest.mark.parametrize("date", DATES)
def test_dates_that_a_label_vouches_for(date: str) -> None:
    """Under a label a date is read in any usual form."""
    expiry = [
        f
        for f in find(f"{VISA} valid until {date}{'' if date.endswith(chr(10)) else ','} thanks")
        if f.kind == "expiry"
    ]
    assert [f.reveal() for f in expiry] == ["10/28"]


SUBJECTS = [
    "passport BH1234567 expires 09/28",
    "The rabies tag 5518 is valid until 09/28",
    "Die Karte fürs Museum gilt bis 08/29",
    "season ticket valid until 09/28",
]


@pytest.mark.parametrize("subject", SUBJECTS)
def test_other_things_expire(subject: str) -> None:
    """What a numbered or named other thing has for a date is none of a card."""
    assert found(f"{subject}.\nCard {VISA} exp 11/30") == [("expiry", "11/30")]


def test_four_digits_under_a_word_for_american_express() -> None:
    """Four digits are a code where American Express is named."""
    assert found("the 4 digits above the number on my Amex are 6621") == [("cvv", "6621")]


def test_date_and_code_of_one_card_say_nothing_of_the_next_number() -> None:
    """An order number behind a full set of card data is not made a card by it."""
    text = f"Card {VISA} exp 09/28 cvv 737\nOrder 5555555555554444\n"
    assert [f.reveal() for f in find(text) if f.kind == "pan"] == [VISA]


OTHER_THINGS = [
    "the code on the back of the coupon: 737",
    "coupon: on the back there is the code 737 of the promotion",
    "Il codice sul retro del tagliando: 737",
    "房卡背面写着 735 房",
]


@pytest.mark.parametrize("text", OTHER_THINGS)
def test_a_code_on_the_back_of_another_thing(text: str) -> None:
    """What is said to be another thing's, before its label or behind it, is no code of a card."""
    assert found(text) == []


def test_a_day_is_no_year_unless_a_card_is_near() -> None:
    """ "due 30/11" is a day of November, though a word for card follows."""
    assert found("Invoice 1207, due 30/11. You may take it from the company card") == []
    assert found(f"{VISA} exp 30/11") == [("expiry", "30/11")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("846 is the one on the signature strip of 4111 1111 1111 1111", ("cvv", "846")),
        ("carta 4111 1111 1111 1111 fino al mese 12 del 2027", ("expiry", "12/27")),
        ("kort 4111 1111 1111 1111 går ut november tjuesju", ("expiry", "11/27")),
        ("kort 4111 1111 1111 1111 udløber november syvogtyve", ("expiry", "11/27")),
        ("kortti 4111 1111 1111 1111 voimassa marraskuu kaksikymmentäseitsemän", ("expiry", "11/27")),
        ("Kortnummer: 4111111111111111\nUdløbsmåned: 12\nUdløbsår: 2029", ("expiry", "12/29")),
        ('karta 4111 1111 1111 1111, a pod spodem "ważna od 02/25 do 02/30"', ("expiry", "02/30")),
    ],
)
def test_ways_of_saying_it(text: str, expected: tuple[str, str]) -> None:
    """Codes and dates behind little words, in words, in fields of their own, at the end of a period."""
    assert expected in [(str(found.kind), found.reveal()) for found in find(text)]


@pytest.mark.parametrize("text", ["tarjeta {} (no es bancaria, es de vales)", "Karte {} (keine Bankkarte)"])
def test_what_is_said_to_be_no_banks(text: str) -> None:
    """A remark that denies it outweighs the word for card; no debit card may be a credit card."""
    assert find(text.format("4111 1111 1111 1111")) == ()
    assert len(find("card 4111 1111 1111 1111 (not debit, credit)")) == 1


def test_columns_of_a_table_are_no_groups() -> None:
    """Cells with many blanks between them, of all sizes, are no groups of one number."""
    assert find("2    5100-3377-12       5100337712043      3    18.90      56.70\n\nTotal 56.70\nPaid by card") == ()


@pytest.mark.parametrize(
    "text",
    [
        "trekk det fra kortet mitt {} utløper mars 2028 og bak står det 418",
        "изтеглете от картата ми {} важи до март 2028 а отзад пише 418",
        "спишите с моей карты {} действует до марта 2028 а сзади написано 418",
        "proszę obciążyć moją visę {} ważna do marca 2028 a z tyłu pisze 418",
    ],
)
def test_what_is_written_on_the_back(text: str) -> None:
    """What "stands", or "is written", on the back is a code in every language."""
    assert [str(found.kind) for found in find(text.format("4111 1111 1111 1111"))] == ["pan", "expiry", "cvv"]
