"""OpenPGP messages that need no key are read, and written anew as what anybody can open."""

from __future__ import annotations

import bz2
import zlib

import pytest
from tests.golden.recipes.ninth import _armoured, _packet, _signed

from pansentry import mime
from pansentry.edits import Edit, apply
from pansentry.views import look, openpgp

HEAD = b"From: a@example.org\r\nContent-Type: text/plain\r\n\r\n"
TEXT = b"the number is 4111 1111 1111 1111\r\n"
LITERAL = _packet(11, b"b\4note\0\0\0\0" + TEXT)


def _leaf(body: bytes) -> mime.Leaf:
    message = mime.read(HEAD + body)
    return message.leaf(message.root)


def _raw_deflate(data: bytes) -> bytes:
    machine = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    return machine.compress(data) + machine.flush()


@pytest.mark.parametrize(
    "packets",
    [
        LITERAL,
        _signed(TEXT),
        _packet(8, b"\0" + LITERAL),
        _packet(8, b"\1" + _raw_deflate(LITERAL)),
        _packet(8, b"\2" + zlib.compress(LITERAL)),
        _packet(8, b"\3" + bz2.compress(LITERAL)),
        b"\xa3\2" + zlib.compress(LITERAL),  # an old header, its length left open (§4.2.2)
        b"\xac" + bytes((len(TEXT) + 6,)) + b"b\0\0\0\0\0" + TEXT,
        b"\xcb\xe4b\0\0\0\0\0" + TEXT[:10] + bytes((len(TEXT) - 10,)) + TEXT[10:],  # two partial lengths (§4.2.1.4)
    ],
    ids=["literal", "signed", "stored", "zip", "zlib", "bzip2", "old", "old-length", "partial"],
)
def test_a_message_without_a_key_is_read_and_written(packets: bytes) -> None:
    """However it is packed, its text is there, and an edit leaves a message of the edited text."""
    for body in (_armoured(packets).replace("\n", "\r\n").encode(), packets):
        leaf = _leaf(body)
        (message,), is_all = openpgp.messages(leaf)
        assert (message.data, is_all) == (TEXT, True)
        lowered = message.lower((Edit(14, 33, b"XXXX XXXX XXXX 1111"),))
        assert lowered is not None
        (again,), _ = openpgp.messages(_leaf(apply(leaf.data, lowered)))
        assert again.data == TEXT.replace(b"4111 1111 1111 ", b"XXXX XXXX XXXX ")


@pytest.mark.parametrize(
    "packets",
    [
        _packet(1, bytes(12)) + _packet(18, b"\1" + bytes(60)),
        _packet(8, b"\2" + b"no zlib"),
        _packet(8, b"\7" + LITERAL),
        _packet(11, b"b\xff"),
        b"\xff",
    ],
    ids=["encrypted", "broken", "unknown-method", "short", "lone-octet"],
)
def test_what_needs_a_key_or_is_broken_stays_encrypted(packets: bytes) -> None:
    """What cannot be opened is said to be encrypted, as before."""
    message = mime.read(HEAD + _armoured(packets).encode())
    assert [why.reason for why in look(message).unreadable] == ["encrypted"]


def test_one_that_opens_does_not_vouch_for_another() -> None:
    """A readable message beside an encrypted one leaves the part unreadable; the readable one is read."""
    body = _armoured(LITERAL) + "\n" + _armoured(_packet(18, b"\1" + bytes(60)))
    seen = look(mime.read(HEAD + body.encode()))
    assert [why.reason for why in seen.unreadable] == ["encrypted"]
    assert any(TEXT.decode().strip() in view.text for view in seen.views)


def test_what_unpacks_to_too_much_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """The limit holds for all messages of a text together, at n and at n + 1."""
    armoured = _armoured(_packet(8, b"\2" + zlib.compress(LITERAL))).encode()
    monkeypatch.setattr(openpgp, "MAX_INFLATED_BYTES", 2 * len(LITERAL))
    assert len(openpgp.messages(_leaf(armoured + b"\r\n" + armoured))[0]) == 2
    monkeypatch.setattr(openpgp, "MAX_INFLATED_BYTES", 2 * len(LITERAL) - 1)
    assert len(openpgp.messages(_leaf(armoured + b"\r\n" + armoured))[0]) == 1


def test_a_signed_document_is_handed_on() -> None:
    """A file that was signed is a document, not a text."""
    packed = b"\x1f\x8b\x08" + bytes(20)
    body = _armoured(_packet(11, b"b\0\0\0\0\0" + packed)).encode()
    assert packed in [document.data for document in look(mime.read(HEAD + body)).documents]


def test_what_unpacks_to_nothing_is_paid_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """A packet that unpacks to something that is no message takes from what later ones may unpack to."""
    empty = _armoured(_packet(8, b"\2" + zlib.compress(bytes(len(LITERAL))))).encode()
    armoured = _armoured(_packet(8, b"\2" + zlib.compress(LITERAL))).encode()
    monkeypatch.setattr(openpgp, "MAX_INFLATED_BYTES", 2 * len(LITERAL) - 1)
    assert openpgp.messages(_leaf(empty + b"\r\n" + armoured)) == ((), False)


def test_what_breaks_off_is_paid_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """A packet that is broken behind much that it unpacks to cannot be unpacked again and again for nothing."""
    broken = _armoured(_packet(8, b"\2" + zlib.compress(LITERAL)[:-4] + bytes(4))).encode()
    armoured = _armoured(_packet(8, b"\2" + zlib.compress(LITERAL))).encode()
    monkeypatch.setattr(openpgp, "MAX_INFLATED_BYTES", len(LITERAL) + openpgp._PIECE_BYTES)
    assert len(openpgp.messages(_leaf(broken + b"\r\n" + armoured))[0]) == 1
    assert openpgp.messages(_leaf((broken + b"\r\n") * 2 + armoured)) == ((), False)


def test_headers_that_look_like_the_next_message_are_not_walked_again_and_again() -> None:
    """What claims to be a message in the header of another one ends that header: each line is walked once."""
    line = b"x:-----BEGIN PGP MESSAGE-----\n"
    found = openpgp._BLOCK.finditer(line * 3 + b"\n" + _armoured(LITERAL).encode())
    assert [match[2].split() for match in found] == [_armoured(LITERAL).encode().split(b"-----")[2].split()]
    assert openpgp._BLOCK.match(line[2:] + line) is None


@pytest.mark.parametrize("size", [openpgp._PIECE_BYTES - 20, openpgp._PIECE_BYTES, 3 * openpgp._PIECE_BYTES + 1])
def test_what_is_unpacked_in_pieces_is_whole(size: int) -> None:
    """A text of less than one piece, of about one, and of several is read to its end, however it is packed."""
    text = TEXT + bytes(size)
    literal = bytes((0xCB, 0xFF)) + (len(text) + 6).to_bytes(4, "big") + b"b\0\0\0\0\0" + text
    for packed in (b"\1" + _raw_deflate(literal), b"\2" + zlib.compress(literal), b"\3" + bz2.compress(literal)):
        (message,), is_all = openpgp.messages(_leaf(_armoured(_packet(8, packed)).encode()))
        assert message.data == text
        assert is_all
