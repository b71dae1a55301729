"""Base64 in even lines: what is proved by a stride is what every octet says."""

from __future__ import annotations

import base64
import binascii
import random
from functools import partial

import pytest

from pansentry import mime
from pansentry.mime import lint, transfer


def lines(data: bytes, width: int, ending: bytes = b"\r\n") -> bytes:
    """Encode in lines of ``width``, without a line end behind the last."""
    packed = base64.b64encode(data)
    return ending.join(packed[at : at + width] for at in range(0, len(packed), width))


@pytest.mark.parametrize("octets", [1, 2, 3, 56, 57, 58, 114, 500, 1000])
@pytest.mark.parametrize("width", [4, 60, 64, 76])
@pytest.mark.parametrize("tail", [b"", b"\r\n"])
def test_even_lines_are_known(octets: int, width: int, tail: bytes) -> None:
    """What mailers write is proved, whatever the last line is like."""
    data = bytes(range(256)) * 4
    body = lines(data[:octets], width) + tail
    if b"\r\n" in body:
        assert transfer.decode_even_lines(body, 0, len(body)) == data[:octets] == transfer.decode(body, "base64")


@pytest.mark.parametrize("decoder", ["pybase64", "binascii"])
def test_nothing_broken_is_taken_for_even(decoder: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever single octets are changed, dropped or put in: where it is proved, the octets say the same."""
    if decoder == "binascii":
        monkeypatch.setattr(transfer, "_decode_letters", partial(binascii.a2b_base64, strict_mode=True))
    rng = random.Random(4)
    proved = 0
    for _ in range(6000):
        body = bytearray(
            lines(rng.randbytes(rng.randint(1, 120)), rng.choice([8, 16, 76])) + rng.choice([b"", b"\r\n"])
        )
        for _ in range(rng.randint(0, 3)):
            at = rng.randrange(len(body))
            new = rng.choice([b"", b"=", b"-", b"\r", b"\n", b"\r\n", b"!", b" ", b"A", b"\0"])
            body[at : at + rng.randint(0, 2)] = new
        whole = bytes(body)
        content = transfer.decode(whole, "base64")
        known = transfer.decode_even_lines(whole, 0, len(whole))
        if known is not None:
            proved += 1
            assert known == content
            assert not transfer.flaws(whole, "base64", content)
            assert not lint.octets(whole)
    assert proved > 500


@pytest.mark.parametrize(
    ("ending", "code"), [(b"\r\n", None), (b"\n", "octets:mixed-line-ends"), (b"\r", "octets:bare-cr")]
)
def test_line_ends_around_an_even_body_count(ending: bytes, code: str | None) -> None:
    """A body that is left out of the look at single octets still has its line ends compared with all others."""
    head = b"MIME-Version: 1.0\r\nContent-Transfer-Encoding: base64\r\nX-Odd: a" + ending + b"X-More: b\r\n\r\n"
    codes = mime.read(head + lines(b"some words " * 60, 76) + b"\r\n").ambiguities
    assert [one for one in codes if one.startswith("octets")] == ([code] if code else [])
