"""Files of banks: accounts of cards by name, fields that break in the middle of a number."""

from __future__ import annotations

import random

import pytest
from tests.documents import third_texts
from tests.unit.views.masking import masked, named

from pansentry.examination import examine
from pansentry.views import signs, statements
from pansentry.views.signs import Sign

NUMBER = "4929381332664295"
OF_TWO_ISSUERS = "3056930009020004"
"""Sixteen digits in a range that many other numbers share: nothing without a word for a card."""


@pytest.mark.parametrize(
    "source",
    [
        f"<OFX><CCSTMTRS><CURDEF>EUR<CCACCTFROM><ACCTID>{OF_TWO_ISSUERS}</CCACCTFROM></CCSTMTRS></OFX>",
        f'<?xml version="1.0"?><OFX><CCACCTTO>\n  <ACCTID>{OF_TWO_ISSUERS}</ACCTID></CCACCTTO></OFX>',
        f"!Account\nN{OF_TWO_ISSUERS}\nDMine\nTCCard\n^\n!Type:CCard\nD11/22/26\nT-5.00\n^\n",
    ],
)
def test_the_account_of_a_card_is_named_as_what_it_is(source: str) -> None:
    """The names of OFX and QIF that say account mean a card there; the file keeps its names when the number goes."""
    examined = examine(source.encode())
    assert "pan" in {sight.kind for sight in examined.sightings}
    assert examined.rewritten is not None
    assert len(examined.rewritten) == len(source)
    assert examined.rewritten.count(b"<") == source.count("<")


@pytest.mark.parametrize(
    "source",
    [
        f"<OFX><STMTRS><BANKACCTFROM><BANKID>10020030<ACCTID>{OF_TWO_ISSUERS}</BANKACCTFROM></STMTRS></OFX>",
        f"!Account\nN{OF_TWO_ISSUERS}\nTBank\n^\n!Type:Bank\n^\n",
    ],
)
def test_the_account_of_a_bank_stays_one(source: str) -> None:
    """The same names in the account of a bank mean what they say."""
    assert statements.read(source) == ()
    assert examine(source.encode()).rewritten == source.encode()


@pytest.mark.parametrize("end", ["\r\n", "\n"])
def test_a_broken_field_is_read_on(end: str) -> None:
    """Lines and subfields of a field are joined, those of other fields are not."""
    source = f":20:A{end}:86:106?20VISA {NUMBER[:10]}{end}?21{NUMBER[10:]}?32ANNA{end}:62F:C261122EUR1,00{end}-"
    reading = named(statements.read(source), "unbroken")
    assert f"VISA {NUMBER}?32ANNA{end}:62F:" in reading.text
    assert masked(source, reading, NUMBER).count("X") == len(NUMBER)
    plain = f":20:A{end}:86:KARTE {NUMBER[:3]}{end}{NUMBER[3:]} X{end}:62F:C1{end}"
    assert f":86:KARTE {NUMBER} X{end}:62F:C1{end}" in named(statements.read(plain), "unbroken").text


def test_what_a_bank_has_broken_is_found_and_masked() -> None:
    """The line break stays where it is."""
    data = third_texts.bank_statement(NUMBER, random.Random(1))
    examined = examine(data)
    assert examined.rewritten is not None
    assert examined.rewritten.count(b"\r\n?21") == 1
    assert NUMBER[:10].encode() not in examined.rewritten


def test_fields_of_a_statement_are_a_sign() -> None:
    """A mail with such a field is never in plain sight: no prefilter sees a number that is broken."""
    engine = signs._engine()
    engine.hurry()
    found = engine(b":20:A\n:86:x\n")
    assert found is None or sum(found) & Sign.PROPERTIES


def test_text_that_is_no_statement_has_no_reading() -> None:
    """Nothing is made of what only looks like one."""
    assert statements.read("at :86: percent\n4929") == ()
    assert not statements.is_statement("Order 12345 of Monday stays.")
