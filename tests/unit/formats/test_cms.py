"""CMS structures: what is signed or compressed comes out whole and goes back with every length right."""

from __future__ import annotations

import zlib

import pytest

from pansentry.errors import DamagedError, LimitExceededError
from pansentry.formats import cms, recognise
from pansentry.limits import DocumentLimits
from pansentry.views.document import kind_of

LIMITS = DocumentLimits()
TEXT = b"Content-Type: text/plain\r\n\r\nthe number is 4111 1111 1111 1111\r\n" * 20
SIGNED = b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02"
COMPRESSED = b"\x06\x0b\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x01\x09"
DATA = b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x01"
CERTIFICATE = bytes.fromhex("300c060355040a0c05") + b"Hotel"
END = b"\0\0"


def value(tag: int, content: bytes) -> bytes:
    """One value with a definite length."""
    return cms._value(tag, content)


def signed(content: bytes, *, behind: bytes = b"") -> bytes:
    """Signed data in DER, with something that stands for certificates."""
    inner = value(0x30, DATA + value(0xA0, value(0x04, content)))
    body = b"\x02\x01\x01" + value(0x31, b"") + inner + value(0xA0, CERTIFICATE) + value(0x31, b"")
    return value(0x30, SIGNED + value(0xA0, value(0x30, body))) + behind


def streamed(oid: bytes, content: bytes) -> bytes:
    """The same in indefinite lengths and pieces of 40 octets, one of them constructed itself."""
    pieces = [value(0x04, content[i : i + 40]) for i in range(0, len(content), 40)]
    pieces[0] = b"\x24\x80" + pieces[0] + END
    inner = b"\x30\x80" + DATA + b"\xa0\x80\x24\x80" + b"".join(pieces) + END * 3
    return b"\x30\x80" + oid + b"\xa0\x80\x30\x80\x02\x01\x01" + value(0x31, b"") + inner + END * 3


MADE = {
    "der": signed(TEXT),
    "streamed": streamed(SIGNED, TEXT),
    "compressed": streamed(COMPRESSED, zlib.compress(TEXT)),
}


@pytest.mark.parametrize("name", MADE)
def test_the_content_comes_out_and_goes_back(name: str) -> None:
    """The content is what was signed or packed; another one takes its place, longer or shorter, and comes out again."""
    data = MADE[name]
    assert recognise.kinds(data) == ("cms",)
    assert kind_of(data) == "cms"
    extract = cms.extract(data, LIMITS)
    assert [one.data for one in extract.embedded] == [TEXT]
    assert extract.signed == (name != "compressed")
    for new in (b"", b"short", TEXT * 9):
        written = cms.rewrite(data, {}, {0: new}, LIMITS)
        assert [one.data for one in cms.extract(written, LIMITS).embedded] == [new]
        assert b"1111 1111" not in written or new
    assert cms.rewrite(data, {}, {}, LIMITS) is data


def test_what_stands_around_stays() -> None:
    """Certificates are the same octets behind a new content."""
    assert cms.rewrite(signed(TEXT), {}, {0: b"new"}, LIMITS) == signed(b"new")


def test_a_content_that_is_taken_out_leaves_a_mail() -> None:
    """Where a MIME entity was signed, the notice in its place is one too."""
    written = cms.rewrite(signed(TEXT), {}, {0: None}, LIMITS)
    assert cms.extract(written, LIMITS).embedded[0].data.startswith(b"Content-Type: text/plain")
    written = cms.rewrite(signed(b"%PDF-"), {}, {0: None}, LIMITS)
    assert not cms.extract(written, LIMITS).embedded[0].data.startswith(b"Content-Type")


def test_what_stands_behind_is_read_and_goes_with_a_finding() -> None:
    """Octets behind the structure are a document of their own."""
    data = signed(TEXT, behind=b"4111 1111 1111 1111")
    assert cms.extract(data, LIMITS).embedded[1].data == b"4111 1111 1111 1111"
    assert cms.rewrite(data, {}, {1: None}, LIMITS) == signed(TEXT)
    assert cms.rewrite(data, {}, {0: b"x"}, LIMITS) == signed(b"x", behind=b"4111 1111 1111 1111")


def test_a_certificate_is_not_written() -> None:
    """A finding in the strings of certificates cannot be taken out."""
    with pytest.raises(DamagedError, match="cannot-rewrite"):
        cms.rewrite(signed(TEXT), {0: ()}, {}, LIMITS)


def test_a_signature_beside_its_text_is_none() -> None:
    """A detached signature has certificates where a content would be, and is nothing to open."""
    inner = value(0x30, DATA) + value(0xA0, value(0x30, CERTIFICATE))
    data = value(0x30, SIGNED + value(0xA0, value(0x30, b"\x02\x01\x01" + value(0x31, b"") + inner)))
    assert kind_of(data) == ""
    assert not cms.is_cms(data)


@pytest.mark.parametrize("name", MADE)
def test_cut_off_is_damaged_everywhere(name: str) -> None:
    """Cut at any octet, a structure is damaged, or what was read is a part of the content; nothing else is raised."""
    data = MADE[name]
    for cut in range(len(data)):
        try:
            content = cms.extract(data[:cut], LIMITS).embedded[0].data
        except DamagedError:
            continue
        assert TEXT.startswith(content)


def test_what_is_signed_does_not_make_the_structure_what_it_is() -> None:
    """The marks of a PDF at its start, and of a ZIP at its end, are those of the content."""
    archive = b"PK\5\6" + bytes(18)
    assert recognise.kinds(signed(b"%PDF-1.7 " + archive)) == ("cms",)


def test_nesting_without_end_is_damaged() -> None:
    """A tower of indefinite lengths is refused at a depth, not followed."""
    tower = b"\x30\x80" + SIGNED + b"\xa0\x80" + b"\x30\x80" * 2000 + DATA + b"\xa0\x80\x24\x80\x04\x01x" + END * 2003
    with pytest.raises(DamagedError):
        cms.extract(tower, LIMITS)


def test_a_bomb_is_a_limit() -> None:
    """Compressed content is counted while it is inflated."""
    with pytest.raises(LimitExceededError):
        cms.extract(MADE["compressed"], DocumentLimits(max_total_bytes=len(TEXT) - 1))
    cms.extract(MADE["compressed"], DocumentLimits(max_total_bytes=len(TEXT)))
    broken = streamed(COMPRESSED, zlib.compress(TEXT)[:-9] + b"\xff" * 9)
    with pytest.raises(DamagedError):
        cms.extract(broken, LIMITS)
