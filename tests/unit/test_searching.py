"""Searching the texts of one message: each once, with its policy and what is known, and no further than the limit."""

from __future__ import annotations

import dataclasses

import pytest
from tests.specimens import PUBLISHED

from pansentry import pan, pipeline, receipts
from pansentry.envelope import Envelope
from pansentry.outcome import Action
from pansentry.pan.options import DEFAULT_OPTIONS, NOTHING_KNOWN
from pansentry.pipeline import Desk
from pansentry.policy import default_policy
from pansentry.reply.quoting import Quoted
from pansentry.searching import Search
from pansentry.views import View

NUMBER = PUBLISHED["visa"][0]
ENVELOPE = Envelope("anna@customer.example", ("orders@shop.example",), id="0f")
DESK = Desk(default_policy(), key=b"k" * 32)
HEADER = "From: anna@customer.example\r\nDate: Mon, 02 Nov 2026 10:24:50 +0000\r\n\r\n"
MAIL = f"{HEADER}Visa {NUMBER} exp 09/28\r\nThank you.\r\n".encode()


@pytest.fixture
def searched(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, pan.Known]]:
    """What the detector was asked, in order."""
    asked: list[tuple[str, pan.Known]] = []
    search = pan.search

    def noted(text: str, options: pan.DetectOptions, known: pan.Known, most: int) -> pan.Searched:
        asked.append((text, known))
        return search(text, options, known, most)

    monkeypatch.setattr(pan, "search", noted)
    return asked


def view(text: str) -> View:
    """A view that nothing can be written to."""
    return View(text, "body:1", "text", lambda _edits: ())


def test_views_with_one_text_are_searched_once(searched: list[tuple[str, pan.Known]]) -> None:
    """A text that several views show is searched once, and each of them has its findings."""
    search = Search(DEFAULT_OPTIONS, NOTHING_KNOWN, 100)
    assert search.take(view(f"Visa {NUMBER}"))
    assert search.take(view(f"Visa {NUMBER}"))
    assert not search.take(view("Thank you"))
    assert len(search.hits) == 2
    assert [one.reveal() for one in search.find(f"Visa {NUMBER}")] == [NUMBER]
    assert len(searched) == 2


def test_what_was_cut_short_is_searched_again(searched: list[tuple[str, pan.Known]]) -> None:
    """A text of which only a part was read, because there was too much before it, is read anew where there is room."""
    search = Search(DEFAULT_OPTIONS, NOTHING_KNOWN, 1)
    search.take(view(f"Visa {NUMBER}"))
    assert not search.is_cut_short
    search.take(view(f"My Visa is {NUMBER}"))
    assert search.is_cut_short
    assert not search.take(view(f"Your Visa is {NUMBER}"))
    assert len(searched) == 2
    assert len(search.find(f"My Visa is {NUMBER}")) == 1
    assert len(searched) == 3


def test_no_text_of_a_message_is_searched_twice(searched: list[tuple[str, pan.Known]]) -> None:
    """From the first view to the proof of what was redacted, each text is searched once with the same knowledge."""
    assert pipeline.process(MAIL, ENVELOPE, DESK).verdict.action is Action.REDACT
    assert len(searched) == len(set(searched)) > 2


def test_another_policy_finds_for_itself(searched: list[tuple[str, pan.Known]]) -> None:
    """A message that was inspected by another policy is proved by the one that decides."""
    policy = dataclasses.replace(DESK.policy, brands=frozenset({"visa"}))
    inspection = pipeline.inspect(MAIL, ENVELOPE, DESK)
    before = set(searched)
    for desk, is_again in ((DESK, False), (dataclasses.replace(DESK, policy=policy), True)):
        searched.clear()
        pipeline.conclude(inspection, ENVELOPE, desk)
        assert searched
        assert is_again == (not before.isdisjoint(searched))


def test_a_text_is_looked_through_for_quotes_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A mail of many cards in quoted lines is not looked through for each of them."""
    read: list[str] = []

    class Noted(Quoted):
        def __init__(self, text: str) -> None:
            read.append(text)
            super().__init__(text)

    monkeypatch.setattr(receipts, "Quoted", Noted)
    lines = "".join(f"> Visa {number}\r\n" for number in PUBLISHED["visa"] * 5)
    inspection = pipeline.inspect(f"{HEADER}{lines}".encode(), ENVELOPE, DESK)
    assert receipts.receipt_of(inspection, DESK.key).removed
    assert len(inspection.hits) > len(read) == len(set(read))


def test_a_search_that_knew_less_or_allowed_less_is_not_like_another() -> None:
    """The proof may use what was searched before only if it would find the same."""
    one = Search(DEFAULT_OPTIONS, NOTHING_KNOWN, 10)
    assert one.is_like(Search(DEFAULT_OPTIONS, NOTHING_KNOWN, 10))
    assert not one.is_like(Search(DEFAULT_OPTIONS, pan.Known(card_in_message=True), 10))
    assert not one.is_like(Search(DEFAULT_OPTIONS, NOTHING_KNOWN, 11))
