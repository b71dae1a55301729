"""Numbers that are said, in pieces, in words and figures at once; what is written into boxes; whose date it is."""

from __future__ import annotations

import pytest

from pansentry.pan import find

VISA = "4111 1111 1111 1111"
PIECES = [
    ("the card is four nine two nine um then 3817 0264 and then five five one zero", "4929381702645510", 3),
    ("la tarjeta es cuarenta y nueve veintinueve después 3817 0264 y termina en 5510", "4929381702645510", 3),
    ("la carta è quarantanove ventinove poi 3817 0264 e infine 5510", "4929381702645510", 3),
    ("карта сорок девять двадцать девять потом 3817 0264 и в конце 5510", "4929381702645510", 3),
    ("karta to czterdzieści dziewięć i dalej 29 3817 0264 5510", "4929381702645510", 2),
]


def found(text: str) -> list[tuple[str, str]]:
    return [(str(f.kind), f.reveal()) for f in find(text)]


@pytest.mark.parametrize(("text", "digits", "pieces"), PIECES)
def test_pieces_in_words_and_figures_are_one_number(text: str, digits: str, pieces: int) -> None:
    """Words that announce the next piece may stand between number words and figures, and stay readable."""
    assert found(text) == [("pan", digits)] * pieces


def test_other_words_part_a_number_that_is_said() -> None:
    """What nobody says between two pieces makes them two numbers."""
    assert not found("the card is four nine two nine apples 3817 0264 pears five five one zero")


def test_a_number_in_words_beside_its_date_and_code_needs_no_word_for_card() -> None:
    """Where an expiry date and a code are spoken of, a number of a card's range and check digit is one."""
    number = "quarante et un onze onze onze onze onze onze onze"
    assert ("pan", VISA.replace(" ", "")) in found(f"le numéro est {number} et ça expire le 07/27 code 212")
    assert not found(f"le numéro est {number} merci")


YEARS = [
    ("карта {}, действует до ноября двадцать девятого", "11/29"),
    ("картка {}, дійсна до листопада двадцять восьмого", "11/28"),
]


@pytest.mark.parametrize(("text", "date"), YEARS)
def test_a_year_is_said_as_the_which_one_it_is(text: str, date: str) -> None:
    """Russian and Ukrainian say years as ordinals."""
    assert ("expiry", date) in found(text.format(VISA))


def test_the_last_figure_of_a_date_is_no_kind_of_code() -> None:
    """A number word in front of "code" does not make it another code, as "discount" does."""
    assert ("cvv", "212") in found(f"ma carte {VISA} expire en juillet vingt-sept code deux cent douze")


FINANCIAL = [
    ("卡号 肆壹壹壹 壹壹壹壹 壹壹壹壹 壹壹壹壹", "4111111111111111"),
    ("信用卡號 伍伍伍伍 伍伍伍伍 伍伍伍伍 肆肆肆肆", "5555555555554444"),
    ("カード番号は伍壱零伍壱零伍壱零伍壱零伍壱零零です", "5105105105105100"),
]


@pytest.mark.parametrize(("text", "digits"), FINANCIAL)
def test_figures_of_cheques_are_figures(text: str, digits: str) -> None:
    """Chinese and Japanese have figures that cannot be altered, as cheques and contracts have them."""
    assert ("pan", digits) in found(text)


def test_one_figure_to_a_box() -> None:
    """Boxes of a form, drawn in brackets, hold a number, a date and a code."""
    boxed = " ".join(f"[{figure}]" for figure in "5176220188403316")
    text = f"C.C. n. {boxed}\nScad. [0] [4] / [2] [9]\nCVC [7] [1] [3]"
    assert found(text) == [("pan", "5176220188403316"), ("expiry", "04/29"), ("cvv", "713")]


def test_a_remark_in_brackets_is_still_skipped() -> None:
    """Words in brackets, and one figure in them, are remarks."""
    assert ("cvv", "713") in found(f"Visa {VISA}, CVC (on the back): 713")
    assert ("cvv", "713") in found(f"Visa {VISA}, CVC [1]: 713")


RESTS = [
    "the rest is 95787636 expiry 09/28, CVV 737",
    "95787636 expiry 09/28, CVV 737",
    "957876 expires 09/28 and CVC 737",
    "CVV 737, 95787636 expiry 09/28",
    "957876361234 gültig bis 09/28, CVC 737",
    "der Rest ist 95787636 gültig bis 09/28, Prüfnummer 737",
    "le reste est 9578763612 expire 09/28, CVC 737",
]


@pytest.mark.parametrize("text", RESTS)
def test_a_date_beside_a_code_belongs_to_no_number_before_it(text: str) -> None:
    """A number that may be a half of a card's does not take the date from a labelled code."""
    assert ("expiry", "09/28") in found(text)


@pytest.mark.parametrize("text", ["passport 518822094, expires 09/28", "permit 518822094 expiry 09/28, ring bell 737"])
def test_a_numbered_thing_keeps_its_date(text: str) -> None:
    """Without a labelled code the number that stands before a date has it."""
    assert not found(text)


def test_a_number_of_a_visa_is_no_card() -> None:
    """Beside words about passports "visa … number" is the number of a stamp."""
    text = "Passport 518822094. Visa grant number 4012 7718 0093 2265, visa subclass 600, valid until 04/27."
    assert not found(text)
    assert ("pan", "4012771800932265") in found("My passport is 518822094. Please charge my Visa 4012 7718 0093 2265")


MONTH_YEAR = ["карта: {}\nдо: 0431\nцвц: 507", "carta {}, il cvc che è 507 e la data, 0431"]


@pytest.mark.parametrize("text", MONTH_YEAR)
def test_four_figures_behind_a_word_for_date(text: str) -> None:
    """MMYY is a date behind a word for it, or behind "until:" on a line of its own."""
    assert ("expiry", "04/31") in found(text.format(VISA))


def test_four_figures_behind_until_are_a_time() -> None:
    """In a sentence they are rather a time of day."""
    assert not [kind for kind, _ in found(f"Visa {VISA}. We are at home until 1130") if kind == "expiry"]


def test_words_in_brackets_say_what_stands_before_them() -> None:
    """A remark behind the number does not hide the date behind it."""
    text = f"{VISA} (that's the card nr), 02/30 (when it ends), 955 (from the back)"
    assert found(text)[1:] == [("expiry", "02/30"), ("cvv", "955")]


ALONE = [
    "hi its four one one one one one one one one one one one one one one one thanks",
    "hallo vier eins eins eins eins eins eins eins eins eins eins eins eins eins eins eins bis bald",
    "le numéro cest quarante-deux quarante-deux quarante-deux quarante-deux quarante-deux quarante-deux quarante-deux"
    " quarante-deux, merci",
    "четыре один один один один один один один один один один один один один один один, спасибо",
]


@pytest.mark.parametrize("text", ALONE)
def test_a_number_in_words_needs_no_word_for_a_card(text: str) -> None:
    """Who dictates all figures of a card need not say what they are: range, length and check digit do."""
    assert [f.reveal() for f in find(text)] in (["4111111111111111"], ["4242424242424242"])


def test_other_numbers_in_words() -> None:
    """A wrong check digit, or a label of another number, makes it none."""
    assert find(ALONE[0].replace("four one", "four two")) == ()
    assert find("tracking number " + ALONE[0].removeprefix("hi its ")) == ()
