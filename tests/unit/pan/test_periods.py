"""Dates: which of two is the expiry date, and how months are written."""

from __future__ import annotations

import pytest

from pansentry.pan import find

NUMBER = "4111 1111 1111 1111"


def dates(text: str) -> list[str]:
    return [finding.reveal() for finding in find(text) if finding.kind == "expiry"]


@pytest.mark.parametrize(
    "words",
    [
        "valid from 03/23 to 09/28", "03/23-09/28", "start 03/23 finish 09/28", "issued 03/23, exp 09/28",
        "gültig 03/23 bis 09/28", "valable du 03/23 au 09/28", "válida desde 03/23 hasta 09/28",
        "ważna od 03/23 do 09/28", "с 03/23 по 09/28",
    ],
)  # fmt: skip
def test_the_end_of_a_period(words: str) -> None:
    """Of two dates the one that ends the validity is the expiry date; the other stays."""
    assert dates(f"card {NUMBER} {words}.") == ["09/28"]


def test_a_stay_is_no_period_of_the_card() -> None:
    """A date in the next sentence ends nothing that the card's date began."""
    assert dates(f"card {NUMBER} exp 09/28. We stay until 11/30.") == ["09/28"]


@pytest.mark.parametrize(
    "written",
    [
        "09·28", "09~2028", "09'28", "09:2028", "IX/28", "IX 2028", "9 of 2028", "Sept (09) 2028", "|0|9| |2|8|",
        "[0][9] [2][8]", "09,28", "30.09.28", "2028/9", "September of the year 2028", "9. mjeseca 2028",
        "9-го месяца 2028", "2028. szeptemberében", "syyskuuhun 2028", "Septemeber 2028",
    ],
)  # fmt: skip
def test_ways_to_write_a_month(written: str) -> None:
    """Any mark, boxes of a form, Roman figures, words and endings make a date under its label."""
    assert dates(f"card {NUMBER}, expiry date: {written}, thanks") == ["09/28"]


def test_month_and_year_in_words_of_their_own() -> None:
    """Figures behind the words for month and year are two fields with one value."""
    assert dates(f"Karte {NUMBER}, gültig bis Monat 09 Jahr 2028") == ["09/28", "09/28"]


@pytest.mark.parametrize("words", ["09/28まで", "2028年9月まで", "09/28까지"])
def test_until_behind_its_date(words: str) -> None:
    """Where the word for "until" stands behind the date, it labels what is before it."""
    assert dates(f"カード {NUMBER} です。よろしくお願いします。\n\n{words}。") == ["09/28"]


@pytest.mark.parametrize(
    "text",
    [
        "The parking permit card on the dashboard is valid until 09/26.",
        "Die Deutschlandticket-Karte ist gültig bis 09/26.",
        "My residence permit is at the embassy. The visa in it is valid until 12/26.",
        "Your hosting plan is valid until 12/2027. We will bill the card we have on file.",
        "Route card attached, code 207 on the map. Path closed until 10/27.",
    ],
)
def test_what_else_expires(text: str) -> None:
    """Permits, plans and paths expire, too, though a word for card stands near."""
    assert dates(text) == []


def test_one_date_a_card() -> None:
    """What a strange noun's date is near a card with a date of its own, that stays."""
    text = f"Het Zonnepaneel loopt af per 06/27.\nDe creditcard: {NUMBER}\ngeldig t/m 09-28\n"
    assert dates(text) == ["09/28"]
