"""Charsets: which readings a text has, and edits of the text back to bytes."""

from __future__ import annotations

import codecs

import pytest

from pansentry.edits import Edit, apply
from pansentry.mime import charset


@pytest.mark.parametrize(
    ("data", "label", "first"),
    [
        (b"plain", "us-ascii", "utf-8"),
        (b"plain", "", "utf-8"),
        ("Grüße".encode(), "utf-8", "utf-8"),
        ("Grüße".encode("latin-1"), "iso-8859-1", "cp1252"),
        ("Grüße".encode("latin-1"), "", "cp1252"),
        ("4111".encode("utf-16"), "utf-16", "utf-16-le"),
        ("4111".encode("utf-16-le"), "", "utf-16-le"),
        ("4111".encode("utf-16-be"), "us-ascii", "utf-16-be"),
        ("4111".encode("utf-32-le"), "", "utf-32-le"),
        ("4111".encode("utf-32-be"), "", "utf-32-be"),
        (codecs.BOM_UTF8 + b"x\xc3\xbc", "iso-8859-1", "utf-8"),
        ("4111".encode("cp037"), "ibm037", "cp037"),
        ("カード".encode("iso2022_jp"), "iso-2022-jp", "iso2022_jp"),
        (b"caf\xe9", "x-nonsense", "cp1252"),
        (b"41\x0011", "", "utf-8"),
    ],
)
def test_the_likeliest_reading_comes_first(data: bytes, label: str, first: str) -> None:
    """A mark or a NUL pattern beats the label, the label beats the guess."""
    assert charset.readings(data, label)[0] == first


@pytest.mark.parametrize(
    ("data", "label", "also"),
    [
        (b"x +ADQAMQ- y", "utf-7", "utf-7"),
        ("４１".encode(), "iso-8859-1", "utf-8"),
        ("41".encode("cp037"), "ibm037", "cp1252"),
        ("4111".encode("utf-16-le"), "us-ascii", "utf-8"),
        ("番号４１１１".encode("shift_jis"), "", "cp932"),
        ("番号４１１１".encode("iso2022_jp"), "utf-8", "iso2022_jp_2"),
        ("号４１１１".encode("gb2312"), "iso-8859-1", "gb18030"),
        ("号４１１１".encode("hz"), "", "hz"),
    ],
)
def test_a_label_is_not_the_only_reading(data: bytes, label: str, also: str) -> None:
    """Where label and content may disagree the other reading is read as well."""
    assert also in charset.readings(data, label)


@pytest.mark.parametrize(
    "label", ["rot13", "idna", "unicode_escape", "punycode", "base64", "hex", "zlib", "x" * 99, "a\0b"]
)
def test_a_label_that_is_no_charset_is_unknown(label: str) -> None:
    """Python's codecs that are not charsets are not reached by a label."""
    assert charset.codec_of(label) is None


@pytest.mark.parametrize(
    ("codec", "text"),
    [
        ("utf-8", "Grüße 4111 漢字 😀"),
        ("cp1252", "Grüße 4111 €"),
        ("utf-16-le", "\ufeffGrüße 4111 😀"),
        ("utf-32-be", "Grüße 4111 😀"),
        ("cp037", "card 4111"),
        ("gb18030", "您好 4111 ４"),
        ("big5hkscs", "您好 4111"),
        ("cp932", "注文 4111"),
        ("iso2022_jp", "注文 4111 注文"),
        ("iso2022_kr", "안녕 4111"),
        ("hz", "您好 4111"),
        ("utf-7", "Grüße 4111 漢字"),
    ],
)
def test_digits_are_masked_in_place(codec: str, text: str) -> None:
    """In every charset an edit of digits changes these bytes and leaves all other text."""
    data = text.encode(codec)
    decoded = charset.decode(data, codec)
    place = decoded.index("4111")
    lowered = charset.lower(data, codec, decoded, [Edit(place, place + 4, "XXXX")])
    assert lowered is not None
    assert charset.decode(apply(data, lowered), codec) == decoded.replace("4111", "XXXX")


def test_invalid_bytes_survive_an_edit() -> None:
    """Bytes that mean nothing in the charset stand where they stood."""
    data = b"\xff\xfe4111\xc3 \x80"
    decoded = charset.decode(data, "utf-8")
    lowered = charset.lower(data, "utf-8", decoded, [Edit(2, 6, "XXXX")])
    assert lowered is not None
    assert apply(data, lowered) == b"\xff\xfeXXXX\xc3 \x80"


def test_what_cannot_be_written_is_said() -> None:
    """Full-width digits between shifts cannot become ASCII in place."""
    data = "４１".encode("iso2022_jp")
    decoded = charset.decode(data, "iso2022_jp")
    assert charset.lower(data, "iso2022_jp", decoded, [Edit(0, 1, "X")]) is None


@pytest.mark.parametrize("label", ["IBM1047", "cp1047", "ibm-1141", "ccsid01148", "ebcdic-de-273+euro", "x-ebcdic-us"])
def test_pages_of_ebcdic_are_known_by_number(label: str) -> None:
    """A page that Python lacks is read as page 500: digits and letters stand in the same places."""
    assert (
        charset.decode("card 4111".encode("cp500"), charset.readings("card 4111".encode("cp500"), label)[0])
        == "card 4111"
    )


@pytest.mark.parametrize("label", ["ucs-2", "ISO-10646-UCS-2", "unicode"])
@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be"])
def test_ucs_2_is_read_in_both_orders(label: str, codec: str) -> None:
    """Without a mark nobody knows the order of UCS-2, so full-width digits are read in both."""
    wide = "４１１１".encode(codec)
    assert codec in charset.readings(wide, label)


def test_octets_that_break_a_codec_hide_nothing() -> None:
    """Six octets on which CPython's codec fails with RuntimeError: what stands around them is read all the same."""
    data = b"\x1b.J\x1bNd " + "番号４１１１".encode("iso2022_jp_2")
    with pytest.raises(RuntimeError):
        data.decode("iso2022_jp_2", "replace")
    text = charset.decode(data, "iso2022_jp_2")
    assert text.endswith("番号４１１１")
    at = text.index("４")
    assert charset.lower(data, "iso2022_jp_2", text, [Edit(at, at + 4, "XXXX")]) is None


def test_an_escape_sequence_that_never_ends_stops_no_edit() -> None:
    """Fed octet by octet, a decoder gives up on a long sequence that is none (UnicodeError); the edit says None."""
    data = "番号４１１１".encode("iso2022_jp") + b" \x1b$.\x0e\xff\xffd\n~"
    text = charset.decode(data, "iso2022_jp")
    at = text.index("４")
    assert charset.lower(data, "iso2022_jp", text, [Edit(at, at + 1, "X")]) is None


@pytest.mark.parametrize(
    ("data", "readings"),
    [
        ("déjà vu 4111".encode(), ("utf-8",)),
        ("\ufeffdéjà vu".encode(), ("utf-8",)),
        ("déjà vu ~".encode(), ("utf-8",)),
        ("déjà vu ~{#4#1~}".encode(), ("utf-8", "hz")),
        ("déjà vu \x1b$B#4#1\x1b(B".encode(), ("utf-8", "iso2022_jp_2")),
        (b"d\xe9j\xe0 vu", ("utf-8",)),
        ("4\u00e91".encode("utf-16-le") * 40, ("utf-16-le", "utf-8")),
        (b"\xff\xfe4\x001\x00", ("utf-16-le", "utf-8")),
    ],
)
def test_text_that_says_utf_8_is_read_otherwise_only_where_something_tells_so(
    data: bytes, readings: tuple[str, ...]
) -> None:
    """A mark, NULs, shifts and octets that are no UTF-8 are looked at all the same; a mark of UTF-8 adds nothing."""
    assert charset.readings(data, "utf-8") == readings
