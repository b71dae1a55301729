"""A glance: what it says is what a thorough look says, and it says nothing where it would take its time."""

from __future__ import annotations

import base64
import random
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from tests.bench import mails
from tests.specimens import PUBLISHED

from pansentry import mime, pan, pipeline
from pansentry.envelope import Client, Envelope, PlainLines
from pansentry.judging import glance
from pansentry.judging.glance import MOST_BYTES, MOST_DEPTH, MOST_PARTS, MOST_TEXT_BYTES
from pansentry.limits import DEFAULT_LIMITS
from pansentry.outcome import EnqueueLetter
from pansentry.pipeline import Desk
from pansentry.policy import default_policy
from pansentry.views import headers
from pansentry.views.look import look_closely

if TYPE_CHECKING:
    from collections.abc import Callable

ENVELOPE = Envelope("customer@example.org", ("orders@example.net",), Client("192.0.2.1"), id="bcdfgh")
DESK = Desk(default_policy(), key=b"k" * 32)
CARD = PUBLISHED["visa"][0]


def mail(size: str, shape: str, *, card: bool = False) -> bytes:
    """Return a mail of the benchmark as the reader of DATA hands it on."""
    return PlainLines(mails.on_the_wire(mails.mail(size, shape, card=card)))


def text(body: str, more: str = "") -> bytes:
    """Return a message of one text."""
    return PlainLines(f"Subject: order\r\nFrom: c@example.org\r\n{more}\r\n{body}\r\n".encode())


def attached(data: bytes, kind: str = "application/pdf", rest: str = "") -> bytes:
    """Return a message with a file."""
    encoded = base64.encodebytes(data).replace(b"\n", b"\r\n")
    return PlainLines(
        b"Subject: order\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
        b"--b\r\n\r\n" + (rest or "see there").encode() + b"\r\n--b\r\nContent-Type: " + kind.encode() + b"\r\n"
        b"Content-Transfer-Encoding: base64\r\n\r\n" + encoded + b"--b--\r\n"
    )


def nested(depth: int) -> bytes:
    """Return a message in a message in a message …"""
    heads = "".join(f"Content-Type: multipart/mixed; boundary=b{n}\r\n\r\n--b{n}\r\n" for n in range(depth))
    ends = "".join(f"\r\n--b{n}--" for n in reversed(range(depth)))
    return PlainLines(f"Subject: deep\r\nMIME-Version: 1.0\r\n{heads}\r\nhello{ends}\r\n".encode())


PDF = b"%PDF-1.7\n" + random.Random(7).randbytes(300_000)


@pytest.mark.parametrize(
    "raw",
    [mail("2k", "plain"), mail("20k", "alternative"), mail("200k", "attachments"), attached(PDF)],
    ids=["plain", "alternative", "attachments", "file"],
)
def test_a_glance_at_clean_mail_says_all(raw: bytes) -> None:
    """Ordinary clean mail is known by a glance, with its documents, as a thorough look knows it."""
    seen, thorough = glance(raw, ENVELOPE, DESK), pipeline.inspect(raw, ENVELOPE, DESK)
    assert seen is not None
    assert replace(seen, message=None, enclosed=()) == replace(thorough, message=None, enclosed=())  # type: ignore[arg-type]
    assert [one.document.data for one in seen.enclosed] == [one.document.data for one in thorough.enclosed]
    assert seen.message.raw is raw


@pytest.mark.parametrize(
    "raw",
    [
        mail("2k", "plain", card=True),
        mail("20k", "alternative", card=True),
        mail("200k", "attachments", card=True),
        text(f"My Visa {CARD}"),
        text("My card is four one one one one one one one one one one one one one one one"),
        text("The code on the back of my card is 123"),
        text("hello", f"X-Order: {CARD}\r\n"),
        attached(PDF, rest=f"My Visa {CARD}"),
        bytes(text("bare\nline ends")),
        text("x", "Content-Type: multipart/mixed; boundary=a; boundary=b\r\n"),
        b"no header at all",
        b"",
    ],
)
def test_a_glance_does_not_decide_on_anything_else(raw: bytes) -> None:
    """Whatever may hold card data, or may be read in two ways, is for a thorough look."""
    assert glance(raw, ENVELOPE, DESK) is None


@pytest.mark.parametrize(
    ("make", "most"),
    [
        (lambda size: text("w" * (size - 42)), MOST_TEXT_BYTES),
        (lambda size: attached(PDF, rest="w" * size), MOST_TEXT_BYTES - 400),
        (lambda number: attached(PDF, rest="\r\n--b\r\n\r\nx" * (number - 3)), MOST_PARTS),
        (nested, MOST_DEPTH - 1),
        (lambda size: attached(PDF * 2 + b"x" * ((size - len(attached(PDF * 2))) // 78 * 57)), MOST_BYTES),
    ],
    ids=["text", "text beside a file", "parts", "depth", "size"],
)
def test_a_glance_is_short(make: Callable[[int], bytes], most: int) -> None:
    """A little text, few delimiters and a megabyte of files are looked at; above that a judge is asked."""
    assert glance(make(most), ENVELOPE, DESK) is not None
    assert glance(make(most + 500), ENVELOPE, DESK) is None


@pytest.mark.parametrize("kind", ["text/plain", "text/csv", "application/octet-stream"])
def test_text_in_base64_is_text(kind: str) -> None:
    """What is hidden in base64 and no document is read as text, and counts as such."""
    assert glance(attached(b"words in lines\n" * 5000, kind), ENVELOPE, DESK) is None


def test_what_a_conversation_had_is_looked_at_thoroughly() -> None:
    """A bare code counts where the conversation had a card; elsewhere the memory is asked and the glance holds."""

    class Memory:
        is_empty = False
        had = True

        def had_card(self, tokens: tuple[str, ...]) -> bool:
            return self.had

    memory = Memory()
    desk = replace(DESK, memory=memory)
    assert glance(mail("2k", "plain"), ENVELOPE, desk) is None
    memory.had = False
    assert glance(mail("2k", "plain"), ENVELOPE, desk) is not None


def test_a_question_whether_a_card_may_be_mailed_is_looked_at_thoroughly() -> None:
    """A mail without a number may want an answer all the same."""
    desk = replace(DESK, write_letter=lambda *_: (EnqueueLetter("c@example.org", b""), ""))
    raw = text("Can I send you my credit card number by e-mail?")
    assert pipeline.inspect(raw, ENVELOPE, desk).enquires
    assert glance(raw, ENVELOPE, desk) is None


def test_a_reader_that_breaks_in_a_glance_is_not_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    """What could not be read is in the answer of a glance as in any other."""
    from pansentry.views import leaf

    def broken(*_: object, **__: object) -> None:
        raise ValueError

    monkeypatch.setattr(leaf, "views", broken)
    seen = glance(mail("20k", "alternative"), ENVELOPE, DESK)
    assert seen is not None
    assert {why.reason for why in seen.unreadable} == {"crash"}


def test_the_prefilter_is_asked_as_in_a_thorough_look(monkeypatch: pytest.MonkeyPatch) -> None:
    """One piece of text that may hold something ends a glance, whatever it is: all pieces stand in its one question."""
    raw = mail("20k", "alternative")
    pieces: list[bytes] = []

    def noted(octets: bytes) -> bool:
        # of a header, each field counts for itself
        pieces.extend(octets.head.split(b"\r\n")[:1] if isinstance(octets, headers.Shown) else [octets])
        return False

    look_closely(mime.read(raw), DEFAULT_LIMITS, noted)
    assert len(pieces) > 4
    for piece in pieces:
        monkeypatch.setattr(pan, "may_hold_card_data_bytes", lambda octets, piece=piece: piece in octets)
        assert glance(raw, ENVELOPE, DESK) is None
    monkeypatch.setattr(pan, "may_hold_card_data_bytes", lambda octets: False)
    assert glance(raw, ENVELOPE, DESK) is not None
