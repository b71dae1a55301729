"""Codes said with hundreds, in the languages where those are words of their own."""

from __future__ import annotations

import pytest

from pansentry.pan import find

VISA = "4111 1111 1111 1111"
SAID = [
    ("my visa {} and the security code is three hundred and forty-two thanks", "342"),
    ("carte {}, cryptogramme sept cent deux", "702"),
    ("carte {}, cryptogramme cent vingt-trois", "123"),
    ("carte {}, cryptogramme deux cent soixante-douze", "272"),
    ("carte {}, cryptogramme six cent quatre-vingt-dix-sept", "697"),
    ("tarjeta {}, el código de seguridad es trescientos cuarenta y dos", "342"),
    ("cartão {}, código de segurança trezentos e quarenta e dois", "342"),
    ("carta {}, codice cvv duecento quaranta", "240"),
    ("карта {}, код безопасности пятьсот три", "503"),
    ("karta {}, kod cvv trzysta czterdzieści dwa", "342"),
]


@pytest.mark.parametrize(("text", "code"), SAID, ids=[text for text, _ in SAID])
def test_hundreds_are_part_of_a_code(text: str, code: str) -> None:
    """A code said as a number of hundreds, tens and units is read whole."""
    assert [finding.reveal() for finding in find(text.format(VISA))] == ["4111111111111111", code]


def test_an_amount_in_words_is_no_code() -> None:
    """Hundreds of a currency behind a label of codes are an amount."""
    assert [finding.kind for finding in find(f"visa {VISA}, cvv later, three hundred forty euros")] == ["pan"]


FUSED = [
    ("Karte {}, Prüfnummer dreihundertzwei", "302"),
    ("Karte {}, Prüfnummer siebenhundertsechsunddreißig", "736"),
    ("kaart {}, beveiligingscode tweehonderdvijfenveertig", "245"),
    ("kort {}, säkerhetskod fyrahundrasextiotvå", "462"),
    ("carta {}, codice di sicurezza trecentoquarantadue", "342"),
]


@pytest.mark.parametrize(("text", "code"), FUSED, ids=[text for text, _ in FUSED])
def test_hundreds_in_one_word(text: str, code: str) -> None:
    """Languages that write the whole number as one word are read so."""
    assert [finding.reveal() for finding in find(text.format(VISA))] == ["4111111111111111", code]


THOUSANDS = [
    "ma carte c'est cinq mille cinq cent cinquante-cinq, cinq mille cinq cent cinquante-cinq, cinq mille cinq cent "
    "cinquante-cinq, quatre mille quatre cent quarante-quatre voilà",
    "mi tarjeta es cinco mil quinientos cincuenta y cinco, cinco mil quinientos cincuenta y cinco, cinco mil "
    "quinientos cincuenta y cinco, cuatro mil cuatrocientos cuarenta y cuatro gracias",
]


@pytest.mark.parametrize("text", THOUSANDS)
def test_a_number_said_in_thousands(text: str) -> None:
    """Each group of four may be said as thousands, hundreds, tens and units."""
    assert [finding.reveal() for finding in find(text)] == ["5555555555554444"]


def test_a_year_in_one_word() -> None:
    """The year of a date may be one word."""
    text = f"kortet {VISA} går ut mars tjugohundratjugoåtta och"
    assert [finding.reveal() for finding in find(text)] == ["4111111111111111", "03/28"]
