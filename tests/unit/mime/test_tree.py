"""The tree of parts: spans, paths, ambiguities and limits."""

from __future__ import annotations

import base64
from dataclasses import replace

import pytest

from pansentry.limits import DEFAULT_LIMITS
from pansentry.mime import read

NESTED = b"""\
From: a@example.com\r
Subject: nested\r
Content-Type: multipart/mixed; boundary=outer\r
\r
preamble\r
--outer\r
Content-Type: multipart/alternative;\r
\tboundary="in ner"\r
\r
--in ner\r
\r
one\r
--in ner\r
Content-Type: text/html; charset=utf-8\r
\r
<p>two</p>\r
--in ner--\r
--outer\r
Content-Type: message/rfc822\r
\r
Subject: inside\r
\r
three\r
--outer--\r
epilogue\r
"""


def test_parts_are_spans_of_the_received_bytes() -> None:
    """Each leaf is found at its place, under its path, with preamble and epilogue beside."""
    message = read(NESTED)
    leaves = {part.path: message.leaf(part).data for part in message.walk() if part.is_leaf}
    assert leaves == {"1.1": b"one", "1.2": b"<p>two</p>", "2.1": b"three"}
    root = message.root
    assert NESTED[slice(*root.preamble)] == b"preamble"
    assert NESTED[slice(*root.epilogue)] == b"epilogue\r\n"
    assert message.ambiguities == ()
    assert message.raw is NESTED


def test_line_ends_do_not_matter() -> None:
    """The same message with LF has the same parts and is not ambiguous."""
    message = read(NESTED.replace(b"\r\n", b"\n"))
    assert [part.path for part in message.walk()] == ["", "1", "1.1", "1.2", "2", "2.1"]
    assert message.ambiguities == ()


def test_an_encoded_message_is_a_buffer_of_its_own() -> None:
    """A message/rfc822 in base64 is decoded, parsed, and said to be ambiguous."""
    raw = b"Content-Type: message/rfc822\r\nContent-Transfer-Encoding: base64\r\n\r\nU3ViamVjdDogeA0KDQpib2R5\r\n"
    message = read(raw)
    (child,) = message.root.children
    assert message.leaf(child).data == b"body"
    assert message.ambiguities == ("content-transfer-encoding:on-composite",)


def test_an_encoded_multipart_is_read_in_the_way_that_has_parts() -> None:
    """A multipart in base64 is decoded; one that only says so is read as it stands."""
    body = b"--b\r\n\r\nx\r\n--b--\r\n"
    head = b"Content-Type: multipart/mixed; boundary=b\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    for raw in (head + body, head + base64.b64encode(body)):
        message = read(raw)
        assert [message.leaf(part).data for part in message.root.children] == [b"x"]
        assert message.ambiguities == ("content-transfer-encoding:on-composite",)


_TYPE = b"Content-Type: text/plain\r\n"
_MULTI = b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nx\r\n--b--\r\n"


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (_TYPE + b"\r\nx\0y\r\n", "octets:nul"),
        (_TYPE + b"\r\nx\ry\r\n", "octets:bare-cr"),
        (_TYPE + b"\r\nx\ny\r\n", "octets:mixed-line-ends"),
        (b"\xef\xbb\xbf" + _TYPE + b"\r\nx", "octets:bom"),
        (b"\r\n" + _TYPE + b"\r\nx", "header:leading-blank"),
        (b"From x\r\n" + _TYPE + b"\r\nx", "header:mbox-line"),
        (b"junk\r\n" + _TYPE + b"\r\nx", "header:no-colon"),
        (b"Content-Type : text/plain\r\n\r\nx", "header:space-before-colon"),
        (b"A: b\r\n \r\n" + _TYPE + b"\r\nx", "header:blank-fold"),
        (b": b\r\n" + _TYPE + b"\r\nx", "header:odd-name"),
        (_TYPE + _TYPE + b"\r\nx", "content-type:duplicate"),
        (b"Content-Type: text/plain, text/html\r\n\r\nx", "content-type:odd"),
        (b"Content-Type: text\r\n\r\nx", "content-type:odd"),
        (b"Content-Type: text/plain (hello)\r\n\r\nx", "content-type:odd"),
        (b'Content-Type: text/plain; name="x\r\n\r\nx', "content-type:odd"),
        (b"Content-Type: text/plain; charset=a; charset=b\r\n\r\nx", "parameter:duplicate"),
        (b"Content-Type: text/plain; charset*=utf-8''utf-8\r\n\r\nx", "parameter:extended"),
        (b"Content-Disposition: inline\r\nContent-Disposition: inline\r\n\r\nx", "content-disposition:duplicate"),
        (b"Content-Disposition: inline (x)\r\n\r\nx", "content-disposition:odd"),
        (
            b"Content-Transfer-Encoding: 7bit\r\nContent-Transfer-Encoding: base64\r\n\r\nx",
            "content-transfer-encoding:duplicate",
        ),
        (b"Content-Transfer-Encoding: base64, 7bit\r\n\r\nQUJD", "content-transfer-encoding:odd"),
        (b"Content-Transfer-Encoding: x-magic\r\n\r\nx", "content-transfer-encoding:unknown"),
        (b"Content-Transfer-Encoding: base64\r\n" + _MULTI, "content-transfer-encoding:on-composite"),
        (b"Content-Type: multipart/mixed\r\n\r\nx", "boundary:missing"),
        (b'Content-Type: multipart/mixed; boundary=""\r\n\r\nx', "boundary:odd"),
        (b"Content-Type: multipart/mixed; boundary=c\r\n\r\nx", "boundary:unused"),
        (_MULTI.replace(b"--b--", b""), "boundary:no-close"),
        (_MULTI.replace(b"--b--", b"--bb\r\n--b--"), "delimiter:suffix"),
        (_MULTI + b"--b\r\n\r\ny\r\n", "delimiter:after-close"),
    ],
)
def test_an_ambiguity_has_a_code(raw: bytes, code: str) -> None:
    """Each class of the table gets its code."""
    assert code in read(raw).ambiguities


@pytest.mark.parametrize(
    "raw",
    [
        _TYPE + b"\r\nx",
        b"content-type:TEXT/Plain;charset=UTF-8;\r\n\r\nx",
        b'Content-Type: text/plain;\r\n\tcharset="utf-8";\r\n format=flowed\r\n\r\nx',
        b"Content-Transfer-Encoding:\r\n 8bit\r\n\r\nx",
        b"Content-Disposition: attachment; filename*0*=utf-8''a%20; filename*1=b.txt\r\n\r\nx",
        b"Content-Transfer-Encoding: BASE64  \r\n\r\nQUJD\r\n",
        _MULTI.replace(b"--b\r\n", b"--b  \r\n"),
        b"",
        b"Subject: only a header\r\n",
    ],
)
def test_legal_forms_are_not_ambiguous(raw: bytes) -> None:
    """Case, folding, blanks and RFC 2231 names are legal and get no code."""
    assert read(raw).ambiguities == ()


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        (b"multipart/mixed; boundary=no; boundary=b", "b"),
        (b"multipart/mixed; boundary='b'", "b"),
        (b"multipart/mixed; boundary*=us-ascii''b", "b"),
        (b"multipart/mixed; boundary*0=; boundary*1=b", "b"),
        (b"multipart/mixed", "b"),
    ],
)
def test_the_boundary_that_is_used_is_taken(field: bytes, expected: str) -> None:
    """Of several spellings of the boundary the one that delimits something makes the tree."""
    message = read(b"Content-Type: " + field + b"\r\n\r\n--b\r\n\r\nx\r\n--b--\r\n")
    assert [message.leaf(part).data for part in message.root.children] == [b"x"]
    assert message.ambiguities


def _many(parts: int) -> bytes:
    body = b"".join(b"--b\r\n\r\nx\r\n" for _ in range(parts))
    return b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + body + b"--b--\r\n"


def _deep(levels: int) -> bytes:
    heads = b"".join(b"Content-Type: multipart/mixed; boundary=b%d.\r\n\r\n--b%d.\r\n" % (n, n) for n in range(levels))
    return heads + b"\r\nx\r\n" + b"".join(b"--b%d.--\r\n" % n for n in reversed(range(levels)))


@pytest.mark.parametrize(
    ("limit", "value", "within", "beyond"),
    [
        ("max_parts", 5, _many(4), _many(5)),
        ("max_depth", 3, _deep(3), _deep(4)),
        ("max_header_bytes", 6, b"a: bc\n\nx", b"a: bcd\n\nx"),
        ("max_header_fields", 2, b"a: b\nc: d\n\nx", b"a: b\nc: d\ne: f\n\nx"),
        ("max_message_bytes", 4, b"a: b", b"a: bc"),
    ],
)
def test_a_limit_is_a_value(limit: str, value: int, within: bytes, beyond: bytes) -> None:
    """At the limit a message is read; beyond it the limit is named, and nothing is raised."""
    limits = replace(DEFAULT_LIMITS, **{limit: value})
    assert read(within, limits).unreadable == ()
    assert f"limit:{limit}" in {item.reason for item in read(beyond, limits).unreadable}


def test_lone_carriage_returns_part_lines_of_a_header() -> None:
    """Fields parted by CR alone are fields; offsets stay those of the received bytes."""
    raw = b"Subject: x\rContent-Transfer-Encoding: base64\r\n\r\nQUJD"
    message = read(raw)
    assert message.leaf(message.root).data == b"ABC"
    assert read(b"Subject: x\r\rbody").root.body_start == 12


@pytest.mark.parametrize(
    ("value", "encoding"),
    [
        (b"7bit, base64", "base64"),
        (b"base 64", "base64"),
        (b"base\\64", "base64"),
        (b"(base64) 7bit", "base64"),
        (b"something", "base64"),
        (b"quoted-printable, 8bit", "quoted-printable"),
    ],
)
def test_an_odd_encoding_is_settled_by_the_body(value: bytes, encoding: str) -> None:
    """Of all encodings that an odd label may name the one is taken that the body is written in."""
    body = {"base64": b"aGVsbG8gd29ybGQsIGhlbGxvIHdvcmxkIQ==\r\n", "quoted-printable": b"caf=E9\r\n"}[encoding]
    message = read(b"Content-Transfer-Encoding: " + value + b"\r\n\r\n" + body)
    assert message.root.encoding == encoding
    assert any(code.startswith("content-transfer-encoding:") for code in message.ambiguities)


def test_a_delimiter_in_mid_line_has_a_code() -> None:
    """Some readers split there (ripmime, mshow), so the message is ambiguous; a quoted boundary value is not."""
    head = b"Content-Type: multipart/mixed; boundary=abc\r\n\r\n--abc\r\n\r\n"
    assert "delimiter:mid-line" in read(head + b"hello --abc\r\n--abc--\r\n").ambiguities
    assert read(head + b"hello abc\r\n--abc--\r\n").ambiguities == ()
