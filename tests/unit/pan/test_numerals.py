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
