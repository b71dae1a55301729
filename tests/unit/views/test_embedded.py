"""What is embedded in a text: what of it is worth reading, and that large garbage is read where it has numbers only."""

from __future__ import annotations

import base64
import random
from collections.abc import Sequence

import pytest
from tests.specimens import PUBLISHED

from pansentry import pipeline
from pansentry.edits import Edit, apply
from pansentry.envelope import Envelope
from pansentry.mime.source import Span
from pansentry.pipeline import Desk
from pansentry.policy import default_policy
from pansentry.redaction.splice import sink
from pansentry.views import embedded

NUMBER = PUBLISHED["visa"][0]
SPACED = " ".join(NUMBER[at : at + 4] for at in range(0, 16, 4))
NOISE = random.Random(7).randbytes(200_000).translate(None, b"0123456789")
HEAD = b"From: a@customer.example\r\nContent-Type: text/plain\r\n\r\n"
JAPANESE = "ご注文ありがとうございます。" * 300


def hidden(data: bytes) -> Span:
    """The octets of a text that holds ``data`` in base64."""
    text = b"see below\r\n\r\n" + base64.encodebytes(data).replace(b"\n", b"\r\n")
    return Span(Whole(text), 0, len(text), "")


class Whole:
    """A message of its own."""

    parent = None
    place = "message"

    def __init__(self, data: bytes) -> None:
        self.data = data

    def lower(self, edits: Sequence[Edit[bytes]]) -> tuple[Edit[bytes], ...]:
        """What is on top is not lowered."""
        return tuple(edits)


def test_of_large_garbage_what_stands_around_a_number_is_read() -> None:
    """Megabytes that are illegible are not read as text because some digits stand together in them."""
    around = b"card " + SPACED[:-1].encode() + b"2 cvv 737"  # its check digit is wrong
    found = next(embedded.sources(hidden(NOISE[:100_000] + around + NOISE[100_000:])))
    assert around in found.data
    assert len(found.data) < 4 * embedded._AROUND


def test_what_is_masked_in_garbage_is_masked_in_its_place() -> None:
    """An edit finds its way back from the stretch that was read."""
    text = hidden(NOISE[:100_001] + SPACED.encode() + NOISE[100_001:])
    found = next(embedded.sources(text))
    at = found.data.index(SPACED.encode())
    edits = sink([(found, Edit(at, at + 19, b"XXXX XXXX XXXX 1111"))]).edits
    changed = base64.b64decode(apply(text.data, edits).partition(b"\r\n\r\n")[2])
    assert changed == NOISE[:100_001] + b"XXXX XXXX XXXX 1111" + NOISE[100_001:]


def test_short_garbage_and_legible_text_are_read_as_a_whole() -> None:
    """Only what is large and illegible is cut."""
    for data in (NOISE[:30_000] + SPACED.encode() + NOISE[:30_000], b"Thank you. " * 10_000 + SPACED.encode()):
        assert [len(found.data) for found in embedded.sources(hidden(data))][:1] == [len(data)]


@pytest.mark.parametrize("codec", ["utf-16-le", "cp1251", "koi8-r"])
def test_date_and_code_far_behind_a_card_in_a_large_foreign_text_are_found(codec: str) -> None:
    """Where a number is a card's, all of the source is read: what else is said of it may stand thousands behind."""
    fill = "Просто длинный русский текст без чисел, чтобы занять место. " * 20
    text = fill * 55 + f"Card number {SPACED} thanks. " + fill * 5 + "Expiry 05/29, CVV 318. " + fill
    raw = HEAD + hidden(text.encode(codec)).data
    envelope, desk = Envelope("a@customer.example", ("b@shop.example",), id="0f"), Desk(default_policy(), key=b"k" * 32)
    kinds = {str(hit.finding.kind) for hit in pipeline.inspect(raw, envelope, desk).hits}
    assert kinds == {"cvv", "expiry", "pan"}


@pytest.mark.parametrize("codec", ["utf-8", "utf-16-le", "utf-16-be", "utf-32-le", "shift_jis"])
def test_a_card_in_a_large_foreign_text_that_is_hidden_is_found(codec: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Texts that are illegible to who counts ASCII are read around their numbers, wide characters in their places."""
    monkeypatch.setattr(embedded, "_LARGE", 4096)
    monkeypatch.setattr(embedded, "_AROUND", 1022)
    text = JAPANESE + f"xカード番号 {SPACED} です。" + JAPANESE
    raw = HEAD + hidden(text.encode(codec)).data
    envelope, desk = Envelope("a@customer.example", ("b@shop.example",), id="0f"), Desk(default_policy(), key=b"k" * 32)
    assert NUMBER in {hit.finding.reveal() for hit in pipeline.inspect(raw, envelope, desk).hits}
