"""A card number in two mails: each half is found where it is announced, and other numbers are left alone."""

from __future__ import annotations

import pytest

from pansentry import pan
from pansentry.pan.finding import Kind
from pansentry.redaction.mask import mask

FIRST = (
    "First half of my card number: 4012 8888",
    "here are the first 8 digits of my Visa card: 40128888, the rest follows in another mail",
    "Erste Hälfte meiner Kartennummer: 4012 8888",
    "Voici la première moitié de mon numéro de carte : 4012 8888",
    "La primera mitad del número de mi tarjeta: 4012 8888",
    "Prima metà del numero della carta: 4012 8888",
    "A primeira metade do número do cartão: 4012 8888",
    "De eerste helft van mijn kaartnummer: 4012 8888",
    "Pierwsza połowa numeru karty: 4012 8888",
    "Första halvan av mitt kortnummer: 4012 8888",
    "Første halvdel af mit kortnummer: 4012 8888",
    "První polovina čísla karty: 4012 8888",
    "Kart numaramın ilk yarısı: 4012 8888",
    "Το πρώτο μισό του αριθμού της κάρτας: 4012 8888",
    "カード番号の前半は 4012 8888 です",
    "النصف الأول من رقم البطاقة: 4012 8888",
    "החצי הראשון של מספר הכרטיס: 4012 8888",
)
SECOND = (
    "Second half: 8888 1881",
    "and the last eight digits are 88881881",
    "the remaining digits: 8888-1881",
    "Hier die zweite Hälfte: 8888 1881",
    "la seconde moitié : 8888 1881",
    "後半は 8888 1881 です",
)
NOT_A_HALF = (
    "My card ends in 1881",
    "The card ending with the last four digits 1881 was declined",
    "First part of the order: 40128888, I will pay by card",
    "The second half of the invoice 40128888 is paid by card",
    "I pay the second half of 12000000 EUR by card",
    "The first half of the film was better. Call me: +49 30 1234567",
    "the last part of the tracking number is 40128888; card payment is fine",
    "order 40128888",
)


@pytest.mark.parametrize("text", FIRST)
def test_a_half_is_found_near_a_word_for_card(text: str) -> None:
    """Announced in any language, alone in its mail; it is masked whole."""
    (finding,) = pan.find(text)
    assert (finding.kind, finding.reveal()) == (Kind.PAN, "40128888")
    (edit,) = mask(text, finding)
    assert not any(c.isdigit() for c in edit.new)


@pytest.mark.parametrize("text", SECOND)
def test_the_other_half_needs_the_conversation(text: str) -> None:
    """Without a word for card it counts where the conversation had a card, and only there."""
    assert not pan.find(text)
    (finding,) = pan.find(text, known=pan.Known(card_in_conversation=True))
    assert (finding.kind, finding.reveal()) == (Kind.PAN, "88881881")


@pytest.mark.parametrize("text", NOT_A_HALF)
@pytest.mark.parametrize("known", [False, True])
def test_other_parts_are_left_alone(text: str, known: bool) -> None:
    """The last four digits of a receipt, parts of orders, invoices and payments, phone numbers."""
    found = pan.find(text, known=pan.Known(card_in_conversation=known))
    assert not [finding for finding in found if finding.kind is Kind.PAN]


def test_a_whole_number_is_no_half() -> None:
    """A number that stands in one piece, or in announced pieces of one mail, is one finding of its own."""
    for text in (
        "the first part of my card number is 4012 8888 8888 1881",
        "Visa 4012 8888 8888 1881, first half paid",
    ):
        assert {finding.reveal() for finding in pan.find(text)} == {"4012888888881881"}
