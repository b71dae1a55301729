"""Cards that were renewed, in mails that need not say the number again, and other things that were."""

from __future__ import annotations

import pytest

from pansentry.pan import find


def found(text: str) -> list[str]:
    return [text[f.start : f.end] for f in find(text)]


RENEWED = [
    (
        "My bank sent me a new card. Same number as you have, the one ending 8103, but the date is now "
        "07/30 instead of 07/26 and the three digits on the back have changed to 829. "
        "My membership (no. 10552) runs to 12/27.",
        "07/30 07/26 829",
    ),
    (
        "La tarjeta sigue igual, solo cambió la fecha: antes 11/26, ahora 11/31; termina en 8431, el CVV es 508.",
        "11/26 11/31 508",
    ),
    ("De kaart (**** 7101) is verlopen: de datum is nu 05/31, nummer bleef gelijk.", "05/31"),
    (
        "Meine Kreditkarte (Vertrag 88 014) ist von der Bank verlängert worden: statt 12/26 steht jetzt 12/30 drauf, "
        "und hinten ist die neue Zahl 507.",
        "12/26 12/30 507",
    ),
    ("Data była zła, nie 06/27 tylko 08/27 na tej karcie. Kod CVV to 935.", "06/27 08/27 935"),
]


@pytest.mark.parametrize(("text", "values"), RENEWED)
def test_what_is_new_of_a_card_is_read(text: str, values: str) -> None:
    """The old date, the new one and the code behind them are the card's, whatever label is missing."""
    assert found(text) == values.split()


OTHERS = [
    "I paid by card. Your locker was renewed: the date is now 07/30 instead of 07/26.",
    "My passport is new, the date is now 07/30 instead of 07/26.",
    "I will pay by credit card. The course starts now 07/30.",
    "Your library card was renewed, the date is now 07/30 instead of 07/26, number on the back 829.",
]


NO_NEWS = [
    "The promotion with your credit card was extended, now 08/28 instead of 07/28.",
    "Your new card was charged for 04/28 instead of 05/28.",
    "Ihre neue Kreditkarte wurde belastet, Beitrag 04/28 statt 05/28.",
    "Votre nouvelle carte bancaire a été débitée pour 04/28 au lieu de 05/28.",
    "С вашей новой банковской карты списано за 04/28 вместо 05/28.",
    "Er is een nieuwe kaartlezer voor de creditcard: versie 05/28 in plaats van 04/28.",
]


@pytest.mark.parametrize("text", NO_NEWS)
def test_a_card_in_a_paragraph_without_code_or_expiry_owns_no_date(text: str) -> None:
    """Charges, offers and readers have months, too; a word elsewhere that lets the mail be read changes nothing."""
    assert found(f"{text}\n\nValid until further notice, expiry date to follow.") == []


@pytest.mark.parametrize("text", OTHERS)
def test_what_is_new_of_other_things_stays(text: str) -> None:
    """The nearest thing that has dates owns them."""
    assert found(text) == []


def test_who_owns_the_number_owns_what_stands_below_it() -> None:
    """Date and mere code below a permit's number are the permit's, though they are labelled as a card's may be."""
    assert found("zezwolenie nr 4264 0027 6515 8836\nważne do 12/27\nkod 240") == []
    assert found("Serial no. 4011 2080 4021 9220\nCover valid until 01/31\nCode 371") == []
    assert found("gift certificate 4264 0027 6515 8836\nexp 12/27\nCVV 240") == ["4264 0027 6515 8836", "12/27", "240"]


def test_how_long_a_number_is_uses_up_no_label() -> None:
    """The label before "(16 digits)" still names what follows."""
    assert found("Referencia de pago (16 dígitos): 4170 0043 2062 8512") == []
