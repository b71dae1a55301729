"""Papers and devices whose names no file lists, and the ways of giving a card that must not look like them."""

from __future__ import annotations

import pytest

from pansentry.pan import Known, find

VISA = "4111 1111 1111 1111"
OTHER_THINGS = "The invoice 2026-118 and the parcel came, the fee was 12 euros."

PAPERS = [
    f"Zertifiziertes Fischereidings {VISA}, Rechnung 12, Paket 14",
    f"The gizmotron no. {VISA} shows an error. {OTHER_THINGS}",
    f"The gizmotron: {VISA}. {OTHER_THINGS}",
    f"顧客様の謎物番号{VISA}、注文と請求書",
    f"เครื่องซักผ้าหมายเลขกล่อง {VISA} สัญญา ใบเสร็จ",
]


@pytest.mark.parametrize("text", PAPERS)
def test_an_unknown_thing_has_its_number(text: str) -> None:
    """Where a text speaks of things with numbers and never of a card, an unknown word before a number names it."""
    assert find(text) == ()


CARDS = [
    f"Gizmotron {VISA}",
    f"Anna Petersen: {VISA}",
    f"{OTHER_THINGS} Please charge {VISA}",
    f"{OTHER_THINGS} Please charge the gizmotron {VISA}",
    f"{OTHER_THINGS} My eyes are bad, so in groups: {VISA}",
    f"{OTHER_THINGS}\n{VISA}",
    f"{OTHER_THINGS} Here's my number again, for {VISA}",
    f"{OTHER_THINGS} The gizmotron {VISA} 09/28",
    f"{OTHER_THINGS} kretitkarte {VISA}",
    f"{OTHER_THINGS} xxxxxx {VISA}",
    f"{OTHER_THINGS} crad {VISA}",
    f"{OTHER_THINGS}\nPetersen\t{VISA}",
]


@pytest.mark.parametrize("text", CARDS)
def test_what_is_no_name_leaves_a_number_a_card(text: str) -> None:
    """A little word, one of paying, a slip in "card", a sentence, a line of its own, a date say nothing against it."""
    assert [finding.kind for finding in find(text) if finding.kind == "pan"] == ["pan"]


def test_a_conversation_about_a_card_counts() -> None:
    """Where another part of the message has a card, the unknown word is not asked."""
    text = f"The gizmotron {VISA}. {OTHER_THINGS}"
    assert find(text) == ()
    assert len(find(text, known=Known(card_in_message=True))) == 1


@pytest.mark.parametrize("apart", ["\n", "\n\n", " and so on" * 40])
def test_things_far_away_say_nothing(apart: str) -> None:
    """What stands on another line, as the heads and cells of a table do, or far away on this one is not asked."""
    assert len(find(f"The gizmotron {VISA}.{apart}{OTHER_THINGS}")) == 1
    assert len(find(f"Name  Order no.  Number{apart}Petersen {VISA}")) == 1


@pytest.mark.parametrize(
    "text",
    ["For booking 7714 Revolut {}", "Invoice 8831 from Miller: {}", "Rechnung 8831 bitte mit Sparkasse {}"],
)
def test_a_thing_with_a_number_of_its_own_names_no_other(text: str) -> None:
    """Behind "booking 7714" stands a guest or a bank, not the name of one more paper."""
    assert [str(found.kind) for found in find(text.format(VISA))] == ["pan"]


@pytest.mark.parametrize(
    "text",
    [
        "The scooter {} is broken again.",
        "Der Fahrradpass {} wurde gestohlen, bitte sperren.",
        "Guten Tag, die Hebebühne {} steht seit gestern.",
        "El patinete {} no arranca desde ayer.",
        "O comprovativo {} ficou em casa.",
    ],
)
def test_what_a_sentence_says_something_of(text: str) -> None:
    """An unknown thing that is the subject of a sentence has the number behind it."""
    assert find(text.format(VISA)) == ()


@pytest.mark.parametrize(
    "text",
    [
        "Here for the cottage {} see you on Friday",
        "The scooter {}",
        "The scooter can be charged on {} as we said",
        "The number {} is the one I gave you",
        "The kard {} should do this time",
        "Take the Barclays {} this time please",
    ],
)
def test_a_number_of_which_nothing_is_said(text: str) -> None:
    """What is paid for, a number that ends the line, and a word nearly "card" take no number away."""
    assert [str(found.kind) for found in find(text.format(VISA))] == ["pan"]


@pytest.mark.parametrize(
    "text",
    ["고객님 전자접속번호 {} 입니다", "送水番号 {} をご確認ください", "رقم السدادة {} جاهز", "מספר הגיזמוטרון {} תקין"],
)
def test_the_number_of_an_unknown_thing(text: str) -> None:
    """ "Number" glued to a thing's name, or before it where a language says it so, needs no other thing near."""
    assert find(text.format(VISA)) == ()


@pytest.mark.parametrize(
    "text",
    [
        "番号は {} です",
        "新しい番号 {}",
        "我的新号码 {}",
        "새번호 {}",
        "Mi número nuevo {}",
        "my number anna {}",
        "Mon numéro perso {} merci",
    ],
)
def test_the_number_of_nobody_else(text: str) -> None:
    """An adjective, or who has it, beside "number" names nothing."""
    assert [str(found.kind) for found in find(text.format(VISA))] == ["pan"]


def test_keys_of_data() -> None:
    """A key in data that says something names its value; "value" and what a card's key is called do not."""
    assert find("03:14:22Z txid=371449635398431 state=RETRY") == ()
    assert find("03:14:22Z transref=4111111111111111 state=RETRY") == ()
    for key in ("value", "cc_number", "pan", "data"):
        assert len(find(f"03:14:22Z {key}=371449635398431 state=RETRY")) == 1


@pytest.mark.parametrize(
    "text",
    [
        "Content-Type: multipart/mixed; boundary=4111111111111111\r\n\r\nhello card",
        "Content-Type: application/pdf;\r\n filename=4111111111111111\r\n\r\nhello card",
        "my card <input title=4111111111111111 size=30>",
    ],
)
def test_parameters_and_attributes_hold_what_anybody_puts_there(text: str) -> None:
    """The name of a field's parameter, or of an attribute, says nothing of its value."""
    assert [str(finding.kind) for finding in find(text)] == ["pan"]


@pytest.mark.parametrize(
    "text",
    [
        "My card 4111 1111 1111 1111 (no bank transfer please), exp 12/28, code 737",
        "My card number is 4111 1111 1111 1111 (not my bank account number). Expires 12/28.",
        "Bitte buchen Sie von meiner Karte ab: 4111 1111 1111 1111 (keine Banküberweisung), gültig 12/28",
        "la mia carta 4111 1111 1111 1111 (non bancomat), scade 12/28",
        "tarjeta: 4111 1111 1111 1111 (no cuenta bancaria) 12/28",
        "The Starling 4111 1111 1111 1111 is fine",
        "El Santander 4111 1111 1111 1111 funciona bien",
        "The corporate 4111 1111 1111 1111 will be used",
        "The details 4111 1111 1111 1111 have not changed",
        "comments=4111111111111111",
        "payment=4111111111111111",
    ],
)
def test_ways_to_pay_are_no_unknown_things(text: str) -> None:
    """What is said of paying in brackets, of use or validity, or in a field for anything, takes no number away."""
    assert "pan" in [str(finding.kind) for finding in find(text)]
