"""Signs against the readers they stand for: where a reader gives something, its sign is seen."""

from __future__ import annotations

import base64
import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.specimens import PUBLISHED

from pansentry import native
from pansentry.views import blind, data_uris, flowed, leaf, signs, uu
from pansentry.views.signs import Sign

GOLDEN = Path(__file__).resolve().parents[2] / "golden"
NUMBER = PUBLISHED["visa"][0].encode()
_PIECES = (
    b"\n", b"\r\n", b" ", b"\t", b">", b"|", b"begin 644 x\n", b"BEGIN 1 ",
    b"=ybegin line=128 size=3 name=x\r\nabc\r\n=yend ", b"(This file must be converted with BinHex 4.0)\r\n\r\n:",
    b"data:", b"DATA:text/plain,", b"<a href='", b"=?utf-8?q?x?=", b"=34", b"=\r\n", b"= \n", b"+ADQ-", b"+/xT",
    b"77yU", b"7 7y", b"+8", b"vvJ", b"content-type: x\n", b"MIME-Version:", b"M,C0Q", b"-----------------", b"A" * 17,
    b"word ", b"Tel. 030 12", b"T", b"j", b"z", b"Mb", b"{\\rtf1 ", b"\xe2\x80\xae", b"\xff", b"caf\xc3\xa9",
    base64.b64encode(NUMBER), base64.b64encode(b"card " + NUMBER + b" x"),
    b'M5&AI<R!I<R!A(\'1E<W0@;V8@=75E;F-O9&EN9RP@=VET:"!E;F]U9V@@;&5N\n',
)  # fmt: skip


def texts() -> Iterator[bytes]:
    """Yield texts made of what the readers look for, and every golden message as it stands."""
    rng = random.Random(3)
    for _ in range(4000):
        yield b"".join(rng.choice(_PIECES) for _ in range(rng.randint(1, 14)))
    for path in sorted(GOLDEN.glob("*/*/in.eml")):
        yield path.read_bytes()


@pytest.fixture(autouse=True)
def _engine() -> None:
    if not native.IS_THERE:
        pytest.importorskip("hyperscan")
    signs.warm_up()


def test_no_reader_gives_what_has_no_sign() -> None:
    """Where a sign is not seen, its reader gives nothing: to skip the reader misses nothing."""
    for text in texts():
        seen = signs.of(text)
        if not seen & Sign.FILE:
            assert not uu.read(text)
        if not seen & Sign.ENCODED:
            assert not blind.read(text)
        if not seen & Sign.DATA_URI:
            assert not data_uris.read(text)
        if not seen & Sign.MAIL:
            assert not leaf._looks_like_mail(text)
        if not seen & Sign.QUOTED:
            assert flowed.strip_quotes(text) == text
        if not seen & Sign.WORDS:
            assert b"=?" not in text


def test_plain_prose_has_no_sign() -> None:
    """A business mail in prose is known to be plain in one pass."""
    assert signs.of("Guten Tag,\r\n\r\nunsere Bestellung 4711 vom 3.5.2026 fehlt. Grüße\r\n".encode()) == 0


def test_without_an_engine_the_costly_signs_are_taken_to_be_there() -> None:
    """Without hyperscan nothing is skipped that only it can tell."""
    assert signs._by_hand(b"") == Sign.FILE | Sign.ENCODED | Sign.DATA_URI | Sign.MAIL | Sign.PROPERTIES
    assert signs._by_hand(b"> =?\xe2\x80\xae") == Sign.ALL
