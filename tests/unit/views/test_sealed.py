"""Sealed content: CMS compressed data is inflated and written anew; what does not inflate is named."""

from __future__ import annotations

import pytest

from pansentry import mime
from pansentry.edits import Edit, apply
from pansentry.views import sealed

HEADER = b"Content-Type: application/pkcs7-mime; smime-type=compressed-data\r\n\r\n"
TEXT = b"Content-Type: text/plain\r\n\r\nthe number is 4111 1111 1111 1111\r\n" * 20


def _leaf(content: bytes) -> mime.Leaf:
    message = mime.read(HEADER + content)
    return message.leaf(message.root)


def test_compressed_data_is_inflated_and_written_anew() -> None:
    """An edit of the content gives a structure that inflates to the edited content (RFC 3274)."""
    leaf = _leaf(sealed._compressed(TEXT))
    inner = sealed.signed_content(leaf)
    assert inner is not None
    assert inner.data == TEXT
    edit = Edit(TEXT.index(b"4111"), TEXT.index(b"4111") + 4, b"XXXXXX")
    lowered = inner.lower((edit,))
    assert lowered is not None
    assert sealed._inflate(apply(leaf.data, lowered)) == apply(TEXT, (edit,))
    assert sealed.reason(leaf.part, leaf.data) == ""


def test_pieces_and_indefinite_lengths_are_read() -> None:
    """A constructed octet string of indefinite length, as streaming programs write it, is inflated as well."""
    import zlib

    packed = zlib.compress(TEXT)
    pieces = b"".join(sealed._value(0x04, packed[i : i + 40]) for i in range(0, len(packed), 40))
    inner = b"\x30\x80" + sealed._DATA + b"\xa0\x80\x24\x80" + pieces + b"\0\0\0\0\0\0"
    data = b"\x30\x80" + sealed._COMPRESSED + b"\xa0\x80\x30\x80\x02\x01\0"
    data += sealed._value(0x30, sealed._ZLIB) + inner + b"\0\0\0\0\0\0"
    content = sealed.signed_content(_leaf(data))
    assert content is not None
    assert content.data == TEXT


@pytest.mark.parametrize("cut", [30, 60, -9])
def test_what_does_not_inflate_is_unreadable(cut: int) -> None:
    """Compressed data that is cut or broken is named as compressed, never as clean."""
    data = sealed._compressed(TEXT)
    broken = data[:cut] if cut > 0 else data[:60] + b"\xff" * 9 + data[69:]
    leaf = _leaf(broken)
    assert sealed.reason(leaf.part, leaf.data) == "compressed"


def test_a_bomb_is_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """Content beyond the limit is not inflated further, and the limit is named; one octet less is read."""
    leaf = _leaf(sealed._compressed(TEXT))
    monkeypatch.setattr(sealed, "MAX_INFLATED_BYTES", len(TEXT))
    assert sealed.reason(leaf.part, leaf.data) == ""
    monkeypatch.setattr(sealed, "MAX_INFLATED_BYTES", len(TEXT) - 1)
    assert sealed.reason(leaf.part, leaf.data) == "limit:max_decoded_bytes"
