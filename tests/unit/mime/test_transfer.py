"""Transfer encodings: lenient decoding, what is broken, and edits back to the body."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pansentry.edits import Edit, apply
from pansentry.mime import transfer


@pytest.mark.parametrize(
    ("body", "content"),
    [
        (b"QUJD\r\nREVG\r\n", b"ABCDEF"),
        (b"QUJDRA==", b"ABCD"),
        (b"QUJDRA", b"ABCD"),
        (b"QUJDRA==QUJD", b"ABCDABC"),
        (b"QQ==\r\nQUJD", b"AABC"),
        (b"QU!JD\0REVG", b"ABCDEF"),
        (b"QUJDR", b"ABC"),
        (b"-_-_", b"\xfb\xff\xbf"),
        (b"QU-JD~REVG", b"ABCDEF"),
        (b"", b""),
        (b"====", b""),
    ],
)
def test_base64_is_read_leniently(body: bytes, content: bytes) -> None:
    """Junk is skipped, padding may be missing or in the middle, and the URL alphabet is read."""
    assert transfer.decode(body, "base64") == content


def test_dashes_are_letters_or_junk() -> None:
    """Where dashes may be letters of the URL alphabet both readings can be had."""
    assert transfer.is_url_safe(b"QU-JDREVG\r\n")
    assert transfer.decode(b"QU-JDREVG", "base64-skipping") == b"ABCDEF"
    assert transfer.decode(b"QU-JDREVG", "base64") != b"ABCDEF"


@pytest.mark.parametrize(
    ("body", "content"),
    [
        (b"a=41=\r\nb", b"aAb"),
        (b"=3d=3D", b"=="),
        (b"4111=\n1111", b"41111111"),
        (b"a= \t\r\nb", b"ab"),
        (b"=G1 =4", b"=G1 =4"),
        (b"end=", b"end"),
        (b"plain", b"plain"),
    ],
)
def test_quoted_printable_is_read_leniently(body: bytes, content: bytes) -> None:
    """Lower-case hex, blanks behind a soft break and a lone = at the end are read; an invalid escape stays."""
    assert transfer.decode(body, "quoted-printable") == content


@pytest.mark.parametrize(
    ("encoding", "body", "codes"),
    [
        ("base64", b"QUJD\r\nREVG\r\n", ()),
        ("base64", b"QUJDRA==\r\n", ()),
        ("base64", b"QUJD  \r\n\tREVG\r\n", ()),
        ("base64", b"", ()),
        ("base64", b"QUJDRA\r\n", ("base64:padding",)),
        ("base64", b"QUJD====\r\n", ("base64:padding",)),
        ("base64", b"QUJD REVG\r\n", ("base64:junk",)),
        ("base64", b"QU!D\r\n", ("base64:junk",)),
        ("base64", b"QU-_\r\n", ("base64:junk",)),
        ("base64", b"QQ==QUJD\r\n", ("base64:inner",)),
        ("quoted-printable", b"=3D=\r\nx", ()),
        ("quoted-printable", b"=3d", ("quoted-printable:escape",)),
        ("quoted-printable", b"=G1", ("quoted-printable:escape",)),
        ("7bit", b"=G1", ()),
    ],
)
def test_what_is_broken_is_named(encoding: str, body: bytes, codes: tuple[str, ...]) -> None:
    """A body that two readers may decode differently gets a code, a legal one gets none."""
    assert transfer.flaws(body, encoding) == codes


def test_an_edit_touches_its_quanta_only() -> None:
    """Base64 outside the quanta of an edit stays as it is, line ends included."""
    body = base64.encodebytes(b"My card is 4111 1111 1111 1111, thank you very much and have a nice day!" * 2)
    content = transfer.decode(body, "base64")
    place = content.index(b"4111")
    (edit,) = transfer.lower(body, "base64", [Edit(place, place + 4, b"XXXX")])
    assert edit.end - edit.start == len(edit.new) == 8
    assert transfer.decode(apply(body, [edit]), "base64") == content.replace(b"4111", b"XXXX", 1)


def test_a_longer_text_keeps_the_line_width() -> None:
    """Base64 that has to move is written anew in lines of the width found, with the same line ends."""
    body = b"".join(base64.b64encode(b"0123456789" * 9)[i : i + 60] + b"\n" for i in range(0, 120, 60))
    new = apply(body, transfer.lower(body, "base64", [Edit(5, 6, b"five")]))
    assert transfer.decode(new, "base64") == (b"0123456789" * 9).replace(b"5", b"five", 1)
    assert [len(line) for line in new.splitlines()][:-1] == [60, 60]
    assert b"\r" not in new


@st.composite
def _body_and_edits(draw: st.DrawFn) -> tuple[bytes, str, list[Edit[bytes]]]:
    body = draw(st.binary(max_size=60) | st.text("ABab019+/-_= \r\n=", max_size=60).map(str.encode))
    encoding = draw(st.sampled_from(["base64", "base64-skipping", "quoted-printable", "8bit"]))
    size = len(transfer.decode(body, encoding))
    cuts = sorted(draw(st.lists(st.integers(0, size), max_size=6).map(lambda c: c[: len(c) // 2 * 2])))
    edits = []
    for start, end in zip(cuts[::2], cuts[1::2], strict=True):
        if not edits or start > edits[-1].end:
            new = draw(st.sampled_from([b"X" * (end - start), b"", b"XX", b"=\r\n\xff"]))
            edits.append(Edit(start, end, new))
    return body, encoding, [edit for edit in edits if edit.start < edit.end]


@given(_body_and_edits())
def test_edits_sink_exactly(case: tuple[bytes, str, list[Edit[bytes]]]) -> None:
    """For any body and any edits: what the edited body decodes to is the edited content."""
    body, encoding, edits = case
    content = transfer.decode(body, encoding)
    lowered = transfer.lower(body, encoding, edits)
    assert transfer.decode(apply(body, lowered), encoding) == apply(content, edits)
