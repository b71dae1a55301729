"""Files inside text: uuencode, yEnc, BinHex, data URIs."""

from __future__ import annotations

import base64
import binascii
import zlib

import pytest
from tests.unit.views.masking import masked_bytes

from pansentry.edits import Edit, apply
from pansentry.views import binhex, data_uris, uu
from pansentry.views.bytes_reading import lower_bytes

PAN = b"4111111111111111"
TEXT = b"This file holds more than a line: " + PAN + b" is the number, and it goes on for a while after that.\n"


def _uu(data: bytes, *, backtick: bool = False, ending: bytes = b"\r\n") -> bytes:
    lines = [binascii.b2a_uu(data[i : i + 45], backtick=backtick)[:-1] for i in range(0, len(data), 45)]
    return b"".join(line + ending for line in lines)


UUENCODED = {
    "whole": b"Hello\r\nbegin 644 a.txt\r\n" + _uu(TEXT) + b"`\r\nend\r\nBye\r\n",
    "backquotes": b"begin 644 a.txt\r\n" + _uu(TEXT, backtick=True) + b"`\r\nend\r\n",
    "LF": b"begin 600 a b c.txt\n" + _uu(TEXT, ending=b"\n") + b" \nend\n",
    "no end": b"begin 644 a.txt\r\n" + _uu(TEXT),
    "no begin": b"Hello\r\n\r\n" + _uu(TEXT) + b"`\r\nend\r\n",
    "no begin, one short line": b"Hello\r\n\r\n" + _uu(PAN + b"xx"),
    "trailing blanks lost": b"begin 644 a\r\n" + _uu(TEXT + b"\0\0\0").replace(b" \r\n", b"\r\n") + b"`\r\nend\r\n",
    "checksum character": b"begin 644 a\r\n" + _uu(TEXT).replace(b"\r\n", b"#\r\n") + b"`\r\nend\r\n",
    "upper case": b"BEGIN 644 a\r\n" + _uu(TEXT) + b"`\r\nEND\r\n",
    "first line of the data": _uu(TEXT),
}


@pytest.mark.parametrize("why", UUENCODED)
def test_uuencoded_files_are_found_and_masked(why: str) -> None:
    """A file is read with or without its begin and end lines, and masked line by line."""
    data = UUENCODED[why]
    reading = next(reading for reading in uu.read(data) if PAN in reading.data)
    written = masked_bytes(data, reading)
    (again,) = uu.read(written)
    assert PAN not in again.data
    assert b"XXXXXXXXXXXXXXXX" in again.data
    assert again.data.replace(b"X", b"") == reading.data.replace(PAN, b"")


def test_a_replacement_of_another_length_is_written_line_by_line() -> None:
    """Lines that grow past 45 bytes are parted, lines that are emptied go."""
    data = b"begin 644 a\n" + _uu(TEXT, ending=b"\n") + b"`\nend\n"
    (reading,) = uu.read(data)
    at = reading.data.index(PAN)
    written = apply(data, lower_bytes(reading, [Edit(at, at + 16, b"[a card number was removed here]")]))
    assert uu.read(written)[0].data == TEXT.replace(PAN, b"[a card number was removed here]")


def test_prose_is_not_uuencoded() -> None:
    """Shouting and tables do not look like uuencode."""
    assert uu.read(b"HELLO WORLD\r\nTHIS IS A LINE IN CAPITAL LETTERS\r\n| 1234 | 5678 |\r\nend\r\n") == ()


def _yenc(data: bytes, line: int = 128) -> bytes:
    out = bytearray()
    for octet in data:
        value = (octet + 42) & 255
        out += bytes((0x3D, (value + 64) & 255)) if value in (0, 10, 13, 61) else bytes((value,))
    lines = b"\r\n".join(bytes(out[i : i + line]) for i in range(0, len(out), line))
    head = b"=ybegin line=%d size=%d name=a.txt\r\n" % (line, len(data))
    return head + lines + b"\r\n=yend size=%d crc32=%08x\r\n" % (len(data), zlib.crc32(data))


@pytest.mark.parametrize("content", [TEXT, TEXT + bytes(range(256)).translate(None, b"0123456789"), PAN])
def test_yenc_files_are_found_and_masked(content: bytes) -> None:
    """The file is decoded, and written with the right checksum."""
    data = b"hi\r\n" + _yenc(content) + b"bye\r\n"
    (reading,) = uu.read(data)
    assert reading.data == content
    written = masked_bytes(data, reading)
    (again,) = uu.read(written)
    assert again.data == content.replace(PAN, b"X" * 16)
    assert b"crc32=%08x" % zlib.crc32(again.data) in written
    assert written.endswith(b"bye\r\n")


def test_yenc_without_end_is_read_to_the_end() -> None:
    """A missing trailer hides nothing."""
    assert uu.read(_yenc(TEXT).partition(b"\r\n=yend")[0])[0].data == TEXT


def _binhex(content: bytes) -> bytes:
    file = binhex._File(b"\x05a.txt\0TEXTttxt\0\0", b"", b"resource")
    return b"(This file must be converted with BinHex 4.0)\r\n\r\n:" + binhex._write(file, content) + b":\r\nbye"


@pytest.mark.parametrize("content", [TEXT, TEXT + b"\x90" * 9, b"aaaaaaaaaaaaaaaaaaaa" + PAN])
def test_binhex_files_are_found_and_masked(content: bytes) -> None:
    """The data fork is decoded and written anew."""
    data = _binhex(content)
    (reading,) = uu.read(data)
    assert reading.data == content
    written = masked_bytes(data, reading)
    assert uu.read(written)[0].data == content.replace(PAN, b"X" * 16)
    assert written.endswith(b":\r\nbye")


def test_binhex_of_another_program_is_read() -> None:
    """Run-length coding, as other programs write it, is undone (``\\x90`` and a count)."""
    packed = b"x\x90\x05y\x90\x00z"
    assert binhex._expand(packed) == b"xxxxxy\x90z"
    assert binhex._expand(b"\x90\x05" * 9) == b""


def test_a_broken_binhex_file_is_read_as_it_decodes() -> None:
    """Without a header that makes sense the bytes are still looked at."""
    whole = _binhex(TEXT)
    assert uu.read(whole[:60] + b":")[0].data


@pytest.mark.parametrize(
    "uri",
    [
        b"data:text/html;base64," + base64.b64encode(TEXT),
        b"DATA:;BASE64," + base64.b64encode(TEXT),
        b"data:text/html;base64," + base64.b64encode(TEXT).replace(b"T", b"%54").replace(b"=", b"&#61;"),
        b"data:text/plain," + TEXT.replace(b" ", b"%20").replace(b"\n", b"%0A").replace(b"4", b"%34"),
        b"data:," + PAN,
    ],
)
def test_data_uris_are_opened_and_masked(uri: bytes) -> None:
    """What a URI holds is read, and goes back in its own encoding."""
    data = b"<iframe src='" + uri + b"'></iframe>"
    (reading,) = data_uris.read(data)
    assert PAN in reading.data
    written = masked_bytes(data, reading)
    assert written.endswith(b"'></iframe>")
    assert PAN not in data_uris.read(written)[0].data


def test_pictures_in_data_uris_are_left_to_others() -> None:
    """An inline picture is no text."""
    assert data_uris.read(b"<img src=data:image/png;base64,iVBORw0KGgo>") == ()


_XX = b"+-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def _xx(data: bytes) -> bytes:
    lines = [binascii.b2a_uu(data[i : i + 45], backtick=True)[:-1] for i in range(0, len(data), 45)]
    return b"".join(bytes(_XX[(octet - 0x20) & 63] for octet in line) + b"\r\n" for line in lines)


def test_xxencoded_files_are_found_and_masked() -> None:
    """The same file in the other alphabet is found, and stays a file in that alphabet."""
    data = b"begin 644 a.txt\r\n" + _xx(TEXT) + b"+\r\nend\r\n"
    (reading,) = uu.read(data)
    assert reading.data == TEXT
    at = TEXT.index(PAN)
    new = apply(data, lower_bytes(reading, (Edit(at, at + 16, b"X" * 16),)))
    assert uu.read(new)[0].data == TEXT.replace(PAN, b"X" * 16)
    assert new == data[:17] + _xx(TEXT.replace(PAN, b"X" * 16)) + b"+\r\nend\r\n"


def test_a_uuencoded_file_in_a_page_is_read_through_its_references() -> None:
    """Lines with ``&lt;`` and ``&amp;`` are read as a browser shows them, and are written so again."""
    import html

    page = b"<pre>\nbegin 644 a.txt\n" + html.escape(_uu(TEXT, ending=b"\n").decode()).encode() + b"`\nend\n</pre>"
    (reading,) = [one for one in uu.read(page) if PAN in one.data]
    at = reading.data.index(PAN)
    new = apply(page, lower_bytes(reading, (Edit(at, at + 16, b"X" * 16),)))
    assert b"<" not in new.removeprefix(b"<pre>").removesuffix(b"</pre>")
    assert b"X" * 16 in b"".join(one.data for one in uu.read(new))
