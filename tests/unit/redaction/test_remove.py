"""Redaction of whole messages: surgery, rewriting, canonical form, the proof and its last resort."""

from __future__ import annotations

import base64
import hashlib

import pytest

from pansentry import mime, pan
from pansentry.redaction import Hit, Removal, read_back, redact, remove
from pansentry.views import look

CARD = "4111 1111 1111 1111"
TEXT = f"My card number is {CARD} please"
PLAIN = b"Subject: order\r\nContent-Type: text/plain; charset=utf-8\r\n"


def _find(text: str) -> tuple[pan.Finding, ...]:
    return pan.find(text)


def _hits(message: mime.Message) -> list[Hit]:
    return [Hit(view, finding) for view in look(message).views for finding in _find(view.text)]


def _remove(raw: bytes) -> Removal:
    message = mime.read(raw)
    return remove(message, _hits(message), _find)


def test_without_hits_the_same_object_comes_back() -> None:
    """No finding, no changed byte: not even a copy."""
    raw = PLAIN + b"\r\nhello\r\n"
    assert redact(mime.read(raw), ()).raw is raw
    assert _remove(raw).raw is raw


@pytest.mark.parametrize(
    ("header", "body"),
    [
        (b"", TEXT.encode()),
        (b"Content-Transfer-Encoding: 8bit\r\n", f"Grüße, {TEXT}".encode()),
        (b"Content-Transfer-Encoding: base64\r\n", base64.encodebytes(TEXT.encode()).replace(b"\n", b"\r\n")),
        (b"Content-Transfer-Encoding: quoted-printable\r\n", TEXT.replace("11 1", "11=\r\n=201").encode()),
    ],
)
def test_surgery_leaves_everything_else(header: bytes, body: bytes) -> None:
    """In each transfer encoding the digits go, the header stays byte for byte and the text around stays."""
    raw = PLAIN + header + b"\r\n" + body + b"\r\n"
    removal = _remove(raw)
    assert (removal.way, removal.residue) == ("surgery", ())
    assert removal.raw.startswith(PLAIN + header + b"\r\n")
    message = mime.read(removal.raw)
    content = message.leaf(message.root).data.decode()
    assert TEXT.replace(CARD, "XXXX XXXX XXXX 1111") in content
    assert removal.raw.count(b"\r\n") == raw.count(b"\r\n")


def test_a_text_that_cannot_hold_the_mask_becomes_utf8() -> None:
    """Full-width digits between shifts of ISO-2022-JP: the part is written anew, its words stay."""
    text = "カード番号は４１１１１１１１１１１１１１１１です"
    raw = b"Content-Type: text/plain; charset=iso-2022-jp\r\n\r\n" + text.encode("iso2022_jp") + b"\r\n"
    removal = _remove(raw)
    assert (removal.way, removal.residue) == ("rewrite", ())
    message = mime.read(removal.raw)
    assert message.root.charset == "utf-8"
    assert message.leaf(message.root).data.decode().startswith("カード番号はXXXXXXXXXXXX")


@pytest.mark.parametrize(
    "raw",
    [
        PLAIN + b"Content-Type: text/html\r\n\r\n" + TEXT.encode(),
        PLAIN
        + b"Content-Transfer-Encoding: base64\r\nContent-Transfer-Encoding: 7bit\r\n\r\n"
        + base64.b64encode(TEXT.encode()),
        PLAIN + b"odd line\r\n\r\n" + TEXT.encode(),
        PLAIN + b"\r\n\0" + TEXT.encode() + b"\r\n",
        b'Content-Type: multipart/mixed; boundary="a"; boundary="b"\r\n\r\n--a\r\n\r\nx\r\n--a--\r\n'
        b"--b\r\n\r\n" + TEXT.encode() + b"\r\n--b--\r\n",
        b"Subject: x\r" + PLAIN.replace(b"\r\n", b"\r") + b"\r" + TEXT.encode(),
    ],
)
def test_an_ambiguous_message_leaves_with_one_reading(raw: bytes) -> None:
    """Canonical form has no ambiguity, no residue, and the words of every reading."""
    removal = _remove(raw)
    assert (removal.way, removal.residue) == ("canonical", ())
    message = mime.read(removal.raw)
    assert message.ambiguities == ()
    shown = "\n".join(view.text for view in look(message).views)
    assert "My card number is" in shown
    assert read_back(removal.raw, _find) == ()


def test_a_boundary_that_is_a_number_is_replaced() -> None:
    """A card number as boundary is found in the field; structure survives, the number does not."""
    number = CARD.replace(" ", "").encode()
    raw = b"Content-Type: multipart/mixed; boundary=%b\r\n\r\n--%b\r\n\r\nhello card\r\n--%b--\r\n" % ((number,) * 3)
    removal = _remove(raw)
    assert removal.residue == ()
    assert number not in removal.raw
    message = mime.read(removal.raw)
    assert [message.leaf(part).data for part in message.root.children] == [b"hello card"]


def test_derived_fields_are_set_right() -> None:
    """Content-MD5, Content-Length and Lines say what is true of the new body."""
    body = "Grüße, card ４１１１ 1111 1111 1111\r\n".encode()
    raw = b"Content-Length: 1\r\nLines: 9\r\nContent-MD5: AAAA\r\n" + PLAIN + b"\r\n" + body
    removal = _remove(raw)
    head, _, new = removal.raw.partition(b"\r\n\r\n")
    digest = base64.b64encode(hashlib.md5(new, usedforsecurity=False).digest())
    assert new != body
    assert b"Content-Length: %d\r\nLines: 1\r\nContent-MD5: %b\r\n" % (len(new), digest) in head


def test_an_edited_signed_part_is_named() -> None:
    """Redaction inside multipart/signed is said, so that the owner and the event know."""
    signed = (
        b"Content-Type: multipart/signed; boundary=s; protocol=x/y; micalg=z\r\n\r\n--s\r\n\r\n"
        + TEXT.encode()
        + b"\r\n--s\r\nContent-Type: x/y\r\n\r\nsig\r\n--s--\r\n"
    )
    assert _remove(signed).signed_part_edited
    assert not _remove(PLAIN + b"\r\n" + TEXT.encode()).signed_part_edited


def test_two_views_of_one_quantum_are_written_once() -> None:
    """A code and a number that share base64 quanta both go."""
    text = f"card {CARD} cvv 737 exp 09/28"
    raw = PLAIN + b"Content-Transfer-Encoding: base64\r\n\r\n" + base64.b64encode(text.encode()) + b"\r\n"
    removal = _remove(raw)
    message = mime.read(removal.raw)
    assert message.leaf(message.root).data == b"card XXXX XXXX XXXX 1111 cvv XXX exp XX/XX"


def test_what_is_left_after_all_is_replaced_by_a_notice() -> None:
    """A part whose findings come back whatever is written becomes a notice in the recipient's language."""
    raw = PLAIN + b"\r\n" + TEXT.encode() + b"\r\n"

    def find(text: str) -> tuple[pan.Finding, ...]:
        place = text.find("please")  # a word that a mask of digits does not take away
        if place < 0:
            return ()
        return (pan.Finding(pan.Kind.PAN, place, place + 6, CARD, confidence=1.0, reasons=()),)

    message = mime.read(raw.replace(b"please", b"please, please, please, please, please"))
    hits = [Hit(view, finding) for view in look(message).views for finding in find(view.text)]
    removal = remove(message, hits, find, language="de")
    assert removal.replaced == ("body:1",)
    assert removal.residue == ()
    rest = mime.read(removal.raw)
    assert "Ein Anhang wurde" in rest.leaf(rest.root).data.decode()


def test_a_number_found_once_is_masked_everywhere() -> None:
    """In an identifier nothing says card, but another view of the message has said what the digits are."""
    number = CARD.replace(" ", "").encode()
    raw = b"From: me.%b@example.com\r\n" % number + PLAIN + b"\r\n" + TEXT.encode()
    assert not pan.find(f" me.{number.decode()}@example.com")
    removal = _remove(raw)
    assert removal.residue == ()
    assert removal.raw.startswith(b"From: me.XXXXXXXXXXXX1111@example.com\r\n")


def test_an_ambiguous_delivery_report_keeps_its_type() -> None:
    """Canonical form leaves message/delivery-status to the programs that read it (RFC 3464 §2.1.1: 7bit)."""
    raw = (
        b"From: a@example.org\r\nMIME-Version: 1.0\r\nSubject : x\r\n"
        b"Content-Type: multipart/report; report-type=delivery-status; boundary=r\r\n\r\n"
        b"--r\r\n\r\ncard 4111 1111 1111 1111\r\n--r\r\nContent-Type: message/delivery-status\r\n\r\n"
        b"Reporting-MTA: dns; mx.example.org\r\n\r\nAction: failed\r\n--r--\r\n"
    )
    removal = _remove(raw)
    assert removal.way == "canonical"
    report = next(p for p in mime.read(removal.raw).walk() if p.media_type == "message/delivery-status")
    assert report.encoding == "7bit"
    assert report.source.data[report.body_start : report.body_end].startswith(b"Reporting-MTA: dns; mx.example.org\r\n")
