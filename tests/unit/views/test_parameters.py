"""RFC 2231 and its relatives: every form of a name is read, and can be masked."""

from __future__ import annotations

import email.message

import pytest
from tests.unit.views.masking import masked

from pansentry.views import parameters

CASES = [
    ("plain", "attachment; filename=4111.txt", "4111.txt"),
    ("quoted", 'attachment; filename="a 4111.txt"', "a 4111.txt"),
    ("quoted pair", 'attachment; filename="4\\111"', "4111"),
    ("quote without end", 'attachment; filename="4111', "4111"),
    ("folded", 'attachment;\r\n\tfilename="4111"', "4111"),
    ("extended", "attachment; filename*=utf-8''%34%31%31%31", "4111"),
    ("extended without charset", "attachment; filename*=%34111", "4111"),
    ("extended with language", "attachment; filename*=us-ascii'en'4%3111", "4111"),
    ("continued", "attachment; filename*0=41; filename*1=11", "4111"),
    ("continued and extended", "attachment; filename*0*=utf-8''4%31; filename*1*=%31; filename*2=1", "4111"),
    ("out of order", 'attachment; filename*1="11"; filename*0="41"', "4111"),
    ("duplicate numbers", "a; filename*0=99; filename*0=41; filename*1=11", "4111"),
    ("missing number", "a; filename*0=41; filename*2=11", "4111"),
    ("encoded word in quotes", 'a; filename="=?us-ascii?B?NDExMQ==?="', "4111"),
    ("percent in a plain name", 'a; filename="%34%31%31%31"', "4111"),
    ("wide charset", "a; filename*=gb18030''%A3%B4%A3%B1", "４１"),
    ("UTF-8 over pieces", "a; filename*0*=utf-8''%EF%BC%94; filename*1*=%EF%BC%91", "４１"),
    ("blanks around the sign", "a; filename = 4111 ; x=y", "4111"),
    ("upper case", "a; FILENAME=4111", "4111"),
]


@pytest.mark.parametrize(("why", "source", "expected"), CASES, ids=[case[0] for case in CASES])
def test_every_form_is_read_and_masked(why: str, source: str, expected: str) -> None:
    """The joined value is in a reading, and a mask on it leaves nothing of it in any reading."""
    (reading, *_) = (r for r in reversed(parameters.read(source)) if expected in r.text.split("\n;\n"))
    written = masked(source, reading)
    digits = [c for r in parameters.read(written) for c in r.text if c.isdigit()]
    assert not digits, why


def test_both_forms_at_once_are_both_read() -> None:
    """A harmless plain name does not hide what the extended form says."""
    source = "attachment; filename=harmless.txt; filename*=utf-8''%34111.txt"
    values = parameters.read(source)[0].text.split("\n;\n")
    assert "harmless.txt" in values
    assert "4111.txt" in values


def test_a_mask_keeps_the_field_well_formed() -> None:
    """The standard library still reads the same parameters, with the digits masked."""
    source = "attachment; filename*0*=utf-8''4%31; filename*1*=%311; filename*2=\".txt\""
    message = email.message.Message()
    message["Content-Disposition"] = masked(source, parameters.read(source)[0])
    assert message.get_filename() == "XXXX.txt"


def test_a_field_without_parameters_gives_no_reading() -> None:
    """There is nothing to join or decode."""
    assert parameters.read("inline") == ()
