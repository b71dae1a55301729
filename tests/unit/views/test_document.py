"""Documents inside texts are handed on, and a text that gives too much is a limit."""

from __future__ import annotations

import base64
import binascii
import gzip
import random

import pytest

from pansentry import mime
from pansentry.edits import Edit, apply
from pansentry.errors import LimitExceededError
from pansentry.mime.source import Source, Span
from pansentry.redaction.splice import sink
from pansentry.views import document, embedded, leaf, look

HEAD = b"From: a@example.org\r\nContent-Type: text/plain\r\n\r\n"
PACKED = gzip.compress(b"the number is 4111 1111 1111 1111\n", mtime=0)


def _uu(data: bytes) -> bytes:
    lines = (binascii.b2a_uu(data[i : i + 45]).rstrip(b"\n") + b"\r\n" for i in range(0, len(data), 45))
    return b"begin 644 a.gz\r\n" + b"".join(lines) + b"`\r\nend\r\n"


@pytest.mark.parametrize("inside", [_uu(PACKED), b"see:\r\n\r\n" + base64.encodebytes(PACKED)], ids=["uu", "base64"])
def test_a_document_inside_a_text_is_handed_on(inside: bytes) -> None:
    """A file that stands uuencoded or in base64 in a text is a document, and takes a new content back to its place."""
    message = mime.read(HEAD + b"hello\r\n\r\n" + inside + b"\r\nbye\r\n")
    (found,) = look(message).documents
    assert (found.kind, found.data) == ("gzip", PACKED)
    other = gzip.compress(b"nothing\n", mtime=0)
    new = apply(message.raw, sink([(found.source, Edit(0, len(found.data), other))]).edits)
    (again,) = look(mime.read(new)).documents
    assert gzip.decompress(again.data) == b"nothing\n"
    assert new.startswith(HEAD + b"hello\r\n")
    assert new.endswith(b"bye\r\n")


def test_what_is_decoded_from_a_text_is_bounded_by_its_length() -> None:
    """The last octet of the share may be spent, one more is a limit."""
    course = document.Course.over(b"x" * document.MIN_SHARE)
    course.spend(document.MAX_GROWTH * document.MIN_SHARE)
    with pytest.raises(LimitExceededError):
        course.spend(1)


def test_a_text_made_to_be_decoded_again_and_again_is_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """Letters that give digits from wherever they are decoded end in a named limit, not in hours of work."""
    monkeypatch.setattr(document, "MAX_GROWTH", 2)
    rng = random.Random(1)
    letters = bytes(rng.choice(b"MNODTjzACDEHILabc89+/ ") for _ in range(document.MIN_SHARE))
    seen = look(mime.read(HEAD + letters))
    assert "limit:max_decoded_growth" in {item.reason for item in seen.unreadable}


@pytest.mark.parametrize(
    ("kind", "at", "mark"),
    [
        ("tar", 257, b"ustar"),
        ("database", 0, b"\x03\x7c\x0c" + b"a" * 25 + b"\0\0\0\0"),
        ("lha", 2, b"-lh5-"),
        ("xz", 0, b"\x5d\0\0" + b"a" * 10 + b"\0"),
        ("iso", 32769, b"CD001"),
        ("image", 4, b"ftypheic"),
        ("image", 4, b"ftypavif"),
        ("pdf", 1019, b"%PDF-"),
        ("zip", 1, b"PK\x05\x06" + b"a" * (65535 + 18)),
        ("drawing", 0, b"<" + b"a" * 1016 + b"<mxfile"),
    ],
)
def test_a_mark_counts_at_its_place_only(kind: str, at: int, mark: bytes) -> None:
    """Marks that stand apart from the start are told there, cut short nowhere, and not one octet further on."""
    data = b"a" * at + mark
    assert document.kind_of(data) == kind
    assert document.kind_of(data + b"a" if kind != "zip" else data) == kind
    assert document.kind_of(data[:-1] if kind != "zip" else data + b"a") == ""
    assert document.kind_of(b"a" + data if kind != "zip" else data + b"aa") == ""


def test_a_file_that_another_reading_breaks_off_is_no_other_file(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of two files in one text of which one is the beginning of the other, the first that was found counts."""

    def sources(source: Source, _seen: int) -> list[Span]:
        return [Span(source, 1, end, "") for end in (31, 21, 41)]

    monkeypatch.setattr(embedded, "sources", sources)
    (found,) = look(mime.read(HEAD + b"x" + PACKED[:4] + b"a" * 40)).documents
    assert found.data == PACKED[:4] + b"a" * 26


def test_the_same_file_at_another_place_is_another_file() -> None:
    """A form that is sent twice, or once empty and once filled in, is opened each time: each would be delivered."""
    filled = PACKED + bytes(100)
    uris = b" ".join(b"data:application/zip;base64," + base64.b64encode(one) for one in (PACKED, filled, filled))
    found = look(mime.read(HEAD + uris)).documents
    assert [one.data for one in found] == [PACKED, filled, filled]


def test_thousands_of_files_in_a_text_are_not_compared_with_each_other(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where each file begins is told once: ten times as many files in one page are ten times the work."""
    told: list[int] = []
    begin = leaf._begin

    def noted(source: Source) -> int | None:
        told.append(1)
        return begin(source)

    monkeypatch.setattr(leaf, "_begin", noted)
    for files in (20, 200):
        told.clear()
        uris = b" ".join(b"data:application/pdf;base64," + base64.b64encode(b"%%PDF-1.%d" % n) for n in range(files))
        assert len(look(mime.read(HEAD + uris)).documents) == files
        assert files <= len(told) <= 4 * files
