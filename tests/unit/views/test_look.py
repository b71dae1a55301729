"""Which views a message has, that each leads back to the bytes, and what is not read."""

from __future__ import annotations

import base64
import binascii
import random
from dataclasses import replace

import pytest

from pansentry import mime
from pansentry.edits import Edit, apply
from pansentry.limits import DEFAULT_LIMITS
from pansentry.redaction.splice import sink
from pansentry.views import Seen, View, leaf, look

NUMBER = "4111111111111111"


def _seen(raw: bytes) -> Seen:
    return look(mime.read(raw))


def _showing(raw: bytes, text: str = NUMBER) -> list[View]:
    return [view for view in _seen(raw).views if text in view.text]


def _b64(text: str) -> bytes:
    return base64.b64encode(text.encode())


_MIXED = b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n'
_LONG = "a text that goes on for a while before the number "

PLACES = [
    (f"Subject: {NUMBER}\r\n\r\n".encode(), "header:subject"),
    (f"From: {NUMBER} <a@example.com>\r\n\r\n".encode(), "header:from"),
    (f'Reply-To: "{NUMBER}" <a@example.com>\r\n\r\n'.encode(), "header:reply-to"),
    (f"Thread-Topic: {NUMBER}\r\n\r\n".encode(), "header:thread-topic"),
    (f"X-Anything: {NUMBER}\r\n\r\n".encode(), "header:x-anything"),
    (f"List-Id: {NUMBER}\r\n\r\n".encode(), "header:list-id"),
    (f"Subject: a\r\n {NUMBER}\r\n\r\n".encode(), "header:subject"),
    (b"Subject: =?utf-8?B?" + _b64(NUMBER) + b"?=\r\n\r\n", "header:subject"),
    (b"Subject: =?utf-8?Q?41111111?= =?utf-8?Q?11111111?=\r\n\r\n", "header:subject"),
    (f'Content-Type: text/plain; name="{NUMBER}.txt"\r\n\r\n'.encode(), "name:1"),
    (b"Content-Disposition: attachment; filename*0=41111111; filename*1=11111111\r\n\r\n", "name:1"),
    (b"Content-Disposition: attachment; filename*=utf-8''41%31%3111111111111 1\r\n\r\n".replace(b" ", b""), "name:1"),
    (f"Content-Description: {NUMBER}\r\n\r\n".encode(), "header:content-description"),
    (b"\r\n".join((b"", NUMBER.encode())), "body:1"),
    (_MIXED + NUMBER.encode() + b"\r\n--b\r\n\r\nx\r\n--b--\r\n", "preamble"),
    (_MIXED + b"--b\r\n\r\nx\r\n--b--\r\n" + NUMBER.encode(), "epilogue"),
    (_MIXED + b"--b\r\n\r\nx\r\n--b\r\n\r\n" + NUMBER.encode() + b"\r\n--b--\r\n", "body:2"),
    (_MIXED + b"--b\r\n\r\n41111111\r\n--b\r\n\r\n11111111\r\n--b--\r\n", "joined"),
    (b"Content-Type: text/html\r\n\r\n4111<b>1111</b>&#49;111<!-- x -->1111", "body:1"),
    (b"Content-Type: text/x-unknown\r\n\r\n" + NUMBER.encode(), "body:1"),
    (b"Content-Type: application/octet-stream\r\n\r\n" + NUMBER.encode(), "body:1"),
    (b"Content-Type: text/plain; charset=utf-16\r\n\r\n" + NUMBER.encode("utf-16"), "body:1"),
    (b"Content-Type: text/plain; charset=nonsense\r\n\r\n" + NUMBER.encode("utf-16-le"), "body:1"),
    (b"Content-Type: text/plain; charset=ibm037\r\n\r\n" + NUMBER.encode("cp037"), "body:1"),
    (b"Content-Type: text/plain\r\n\r\n" + _b64(_LONG + NUMBER), "body:1"),
    (b"\nbegin 644 a\n" + binascii.b2a_uu(NUMBER.encode()) + b"`\nend\n", "body:1"),
    (b'Content-Type: text/json\r\n\r\n{"a": "\\u0034111111111111111"}', "body:1"),
    (b"Content-Type: application/rtf\r\n\r\n{\\rtf1 4111{\\b 1111}11111\\'3111}", "body:1"),
    (b"Content-Transfer-Encoding: base64\r\n\r\nY2-" + _b64("card " + NUMBER)[2:], "body:1"),
    (b"Content-Type: text/rfc822-headers\r\n\r\nSubject: =?utf-8?B?" + _b64(NUMBER) + b"?=\r\n", "body:1"),
    (b"Content-Type: text/plain\r\n\r\n> 41111111\r\n> 11111111\r\n", "flowed"),
]


@pytest.mark.parametrize(("raw", "place"), PLACES)
def test_every_place_has_a_view(raw: bytes, place: str) -> None:
    """Whatever a reader may show is in a view, under a stable place."""
    if place == "flowed":
        assert any("41111111\r\n11111111" in view.text for view in _seen(raw).views)
    elif place == "joined":
        assert any("41111111\n11111111" in view.text for view in _seen(raw).views if view.place == place)
    else:
        assert place in {view.place for view in _showing(raw)}


@pytest.mark.parametrize(("raw", "place"), [case for case in PLACES if case[1] not in ("joined", "flowed")])
def test_every_view_leads_back(raw: bytes, place: str) -> None:
    """Masking the number in any one view takes it out of that view of the edited message."""
    message = mime.read(raw)
    for view in _showing(raw):
        if view.kind == "witness":
            continue
        start = view.text.index(NUMBER)
        sunk = sink(view.lower([Edit(start, start + len(NUMBER), "X" * len(NUMBER))]))
        assert sunk.edits
        assert sunk.refused == ()
        new = apply(message.raw, sunk.edits)
        assert not [again for again in _showing(new) if (again.place, again.kind) == (view.place, view.kind)]


def test_a_clean_message_is_spared_its_views() -> None:
    """If nothing is worth reading no text is built."""
    raw = b"Subject: hello\r\nContent-Type: text/html\r\n\r\n<p>hello</p>"
    assert look(mime.read(raw), worth_reading=lambda data: False).views == ()


def test_html_is_worth_reading_without_its_tags() -> None:
    """The predicate is asked about what HTML shows, not only about its source."""
    asked: list[bytes] = []

    def worth(data: bytes) -> bool:
        asked.append(data)
        return NUMBER.encode() in data

    raw = b"Content-Type: text/html\r\n\r\n4111<b>1111</b>1111<i>1111</i>"
    assert any(NUMBER in view.text for view in look(mime.read(raw), worth_reading=worth).views)
    assert asked


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"Content-Type: message/partial; id=a; number=1; total=2\r\n\r\nx", "partial"),
        (b"Content-Type: multipart/encrypted; boundary=b\r\n\r\n--b\r\n\r\nx\r\n--b--\r\n", "encrypted"),
        (b"Content-Type: application/pkcs7-mime; smime-type=enveloped-data\r\n\r\nx", "encrypted"),
        (
            b"Content-Type: application/x-pkcs7-mime\r\n\r\n0\x80\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x03\xa0\x80",
            "encrypted",
        ),
        (b"\r\n-----BEGIN PGP MESSAGE-----\r\n\r\nx\r\n-----END PGP MESSAGE-----\r\n", "encrypted"),
    ],
)
def test_what_cannot_be_read_is_said(raw: bytes, reason: str) -> None:
    """Fragments and encrypted content are unreadable, never clean."""
    assert reason in {item.reason for item in _seen(raw).unreadable}


def test_signed_content_is_a_document() -> None:
    """Opaque signed data is opened as a document, under whatever label; the content may be in pieces."""
    oid = b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07"
    content = (
        b"\x30\x80" + oid + b"\x02\xa0\x80\x30\x80\x02\x01\x01\x31\x00\x30\x80" + oid + b"\x01\xa0\x80\x24\x80\x04\x01x"
    )
    for label in (b"application/pkcs7-mime", b"application/octet-stream"):
        raw = b"Content-Type: " + label + b"\r\nContent-Transfer-Encoding: base64\r\n\r\n" + base64.b64encode(content)
        (document,) = look(mime.read(raw)).documents
        assert (document.kind, document.data) == ("cms", content)


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"%PDF-1.7", "pdf"),
        (b"PK\x03\x04", "zip"),
        (b"\x89PNG\r\n\x1a\n", "image"),
        (b"\xff\xd8\xff\xe0", "image"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "ole"),
        (b"\x78\x9f\x3e\x22", "tnef"),
    ],
)
def test_a_document_is_told_by_its_first_bytes(content: bytes, kind: str) -> None:
    """Documents are handed on with their content, whatever the label says."""
    raw = b"Content-Type: application/x-lie\r\nContent-Transfer-Encoding: base64\r\n\r\n" + base64.b64encode(content)
    (document,) = _seen(raw).documents
    assert (document.kind, document.data, document.place) == (kind, content, "body:1")


def test_the_length_of_views_is_limited() -> None:
    """Views beyond the limit are not made, and the limit is named."""
    raw = b"Subject: a\r\n\r\n" + b"x" * 100
    size = sum(len(view.text) for view in _seen(raw).views)
    within = replace(DEFAULT_LIMITS, max_view_characters=size)
    beyond = replace(DEFAULT_LIMITS, max_view_characters=size - 1)
    assert look(mime.read(raw), within).unreadable == ()
    assert look(mime.read(raw), beyond).unreadable[0].reason == "limit:max_view_characters"


def test_a_flood_of_encoded_words_is_a_value() -> None:
    """A header that is full of encoded words is named as over the limit, and costs no more."""
    most = DEFAULT_LIMITS.max_encoded_words
    for words, reasons in ((most, set()), (most + 1, {"limit:max_encoded_words"})):
        raw = b"Subject:" + b" =?a?Q?b?=" * words + b"\r\n\r\nx"
        assert {item.reason for item in _seen(raw).unreadable} == reasons


def test_a_reader_that_fails_is_a_value(monkeypatch: pytest.MonkeyPatch) -> None:
    """A crash of a reader makes the part unreadable; the other parts are read."""
    monkeypatch.setattr("pansentry.views.leaf.of_content", lambda *args, **kwargs: 1 // 0)
    seen = look(mime.read(b"Subject: x\r\n\r\ny"))
    assert [item.reason for item in seen.unreadable] == ["crash"]
    assert "header:subject" in {view.place for view in seen.views}


def test_views_are_bounded_by_the_length_of_the_message() -> None:
    """All views together may be so many times as long as the message; one character more is a named limit."""
    raw = b"Subject: x\r\nContent-Type: text/html\r\n\r\n<p>one <b>two</b></p>\r\n"
    size = sum(len(view.text) for view in look(mime.read(raw)).views)
    tight = replace(DEFAULT_LIMITS, max_view_growth=0, min_view_share=size)
    assert look(mime.read(raw), tight).unreadable == ()
    tight = replace(tight, min_view_share=size - 1)
    assert look(mime.read(raw), tight).unreadable[0].reason == "limit:max_view_growth"
    growth = -(-size // len(raw))
    assert look(mime.read(raw), replace(tight, min_view_share=0, max_view_growth=growth)).unreadable == ()


@pytest.mark.parametrize("size", [40_000, 160_000])
def test_letters_that_may_be_anything_cost_a_bounded_number_of_readings(size: int) -> None:
    """Ambiguous base64 is not read more often the longer it is."""
    rng = random.Random(5)
    body = b"\r\n".join(
        bytes(rng.choice(b"MNODTjzACDEHILMOPQ0123456789= ") for _ in range(70)) for _ in range(size // 72)
    )
    raw = b"Subject: x\r\nContent-Type: text/plain\r\nContent-Transfer-Encoding: base64\r\n\r\n" + body + b"\r\n"
    seen = look(mime.read(raw))
    assert sum(len(view.text) for view in seen.views) <= max(12 * len(raw), DEFAULT_LIMITS.min_view_share)
    assert len(seen.views) <= 40


def test_padded_chunks_of_base64_are_read_as_they_come() -> None:
    """A long file sent as one padded chunk after another is no attack: nothing about it is called unreadable."""
    rows = "".join(f"{n};item {n};{n * 7919 % 100_003};{n % 28 + 1:02d}.10.2025\r\n" for n in range(6000)).encode()
    code = b"\r\n".join(base64.b64encode(rows[n : n + 1000]) for n in range(0, len(rows), 1000))
    raw = b"Subject: x\r\nContent-Type: text/csv\r\nContent-Transfer-Encoding: base64\r\n\r\n" + code + b"\r\n"
    seen = look(mime.read(raw))
    assert seen.unreadable == ()
    assert any("item 5999" in view.text for view in seen.views)


def test_a_sheet_that_never_ends_hides_no_end_of_a_text() -> None:
    """What stands in front of a sheet that is not closed is the end of what is shown."""
    page = b"<p>" + b"word " * 2000 + b"4111 1111</p><style>" + b"p{}" * 500
    assert b"4111 1111" in leaf.shown_ends(page, 320)[-1]
