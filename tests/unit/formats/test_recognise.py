"""Documents are told by their content: never by a name, never by a label."""

from __future__ import annotations

import random
import tarfile

import pytest
from tests.documents import archives, pdfs

from pansentry.formats.recognise import kinds, recognise
from pansentry.views.document import kind_of

RNG = random.Random(1)


def office(folder: str) -> bytes:
    return archives.zipped(("[Content_Types].xml", b"<Types/>"), (f"{folder}/document.xml", b"<x/>"))


def old_tar() -> bytes:
    """A header without a magic, as version 7 wrote it."""
    info = tarfile.TarInfo("a.txt")
    header = bytearray(info.tobuf(tarfile.USTAR_FORMAT))
    header[257:265] = bytes(8)
    header[148:156] = b" " * 8
    header[148:156] = b"%06o\0 " % sum(header)
    return bytes(header) + bytes(1024)


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (pdfs.plain("1", RNG), "pdf"),
        (b"\r\njunk " * 20 + pdfs.plain("1", RNG), "pdf"),
        (archives.zip_deflated("1", RNG), "zip"),
        (archives.zip_prefix("1", RNG), "zip"),
        (office("word"), "docx"),
        (office("xl"), "xlsx"),
        (office("ppt"), "pptx"),
        (archives.zipped(("mimetype", b"application/vnd.oasis.opendocument.spreadsheet"), method=0), "ods"),
        (archives.zipped(("mimetype", b"application/epub+zip"), method=0), "epub"),
        (archives.gz("1", RNG), "gz"),
        (archives.bzip2("1", RNG), "bz2"),
        (archives.xz("1", RNG), "xz"),
        (archives.tar_ustar("1", RNG), "tar"),
        (old_tar(), "tar"),
        (b"\x89PNG\r\n\x1a\n" + bytes(20), "png"),
        (b"\xff\xd8\xff\xe0" + bytes(20), "jpg"),
        (b"GIF89a" + bytes(20), "gif"),
        (b"RIFF\0\0\0\0WEBPVP8 ", "webp"),
        (b"II*\0" + bytes(20), "tiff"),
        (b"BM" + bytes(30), "bmp"),
        (b"\0\0\0\x0cjP  \r\n\x87\n" + bytes(20), "jp2"),
        (b"\xff\x4f\xff\x51" + bytes(20), "jp2"),
        (b"\0\0\1\0\2\0" + bytes(20), "ico"),
        (b"\0\0\1\0\0\0" + bytes(20), None),  # no picture in it
        (b"\0\0\0\x18ftypheic" + bytes(20), "heic"),
        (b"7z\xbc\xaf\x27\x1c" + bytes(20), "7z"),
        (b"\x78\x9f\x3e\x22" + bytes(20), "tnef"),
        (rb"{\rtf1\ansi hello}", "rtf"),
        (b"<!DOCTYPE html><p>x", "html"),
        (b"<table border=1><tr><td>x", "html"),
        (b"<tables/>", "xml"),
        (b'\xef\xbb\xbf<?xml version="1.0"?><a/>', "xml"),
        (b'{"a": 1}', "json"),
        (b"BEGIN:VCALENDAR\r\n", "ics"),
        (b"From: a@b.example\r\nTo: c@d.example\r\nSubject: x\r\n\r\n", "eml"),
        (b"From anna@b.example Mon Mar  2 10:00:00 2026\nFrom: a@b.example\n\nhi\n", "mbox"),
        (b"Dear shop, thank you.", "text"),
        ("Grüße".encode("utf-16"), "text"),
        ("Hello there, how are you".encode("utf-16-le"), "text"),
        (bytes(range(256)), None),
        (b"", "text"),
    ],
)
def test_the_content_says_what_it_is(data: bytes, kind: str | None) -> None:
    """Magic numbers, the directory of a ZIP, check sums and the first words decide."""
    assert recognise(data) == kind


@pytest.mark.parametrize(
    ("stream", "kind"),
    [
        ("WordDocument", "doc"),
        ("Workbook", "xls"),
        ("PowerPoint Document", "ppt"),
        ("EncryptedPackage", "ole-encrypted"),
    ],
)
def test_compound_files_are_told_by_their_streams(stream: str, kind: str) -> None:
    """An OLE file is what its streams are called."""
    assert recognise(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(100) + stream.encode("utf-16-le")) == kind


def test_a_file_can_be_two_things() -> None:
    """A PDF with a ZIP behind it is both, and both are read."""
    assert kinds(pdfs.plain("1", RNG) + archives.zip_deflated("1", RNG)) == ("pdf", "zip")


def test_any_bytes_are_something_or_nothing() -> None:
    """No bytes break it."""
    rng = random.Random(5)
    for size in (0, 1, 3, 22, 46, 513, 4000):
        for start in (b"", b"PK\3\4", b"PK\5\6", b"%PDF-", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
            found = kinds(start + rng.randbytes(size))
            assert all(isinstance(kind, str) for kind in found)


@pytest.mark.parametrize(
    ("start", "whole"),
    [
        (b"RIFF\x24\0\0\0WAVEfmt ", b"RIFF\x24\0\0\0WEBPVP8 "),
        (b"MZ\x90\0\3", b"MZ\x90\0\3Rar!\x1a\x07\0"),
        (b"\x7fELF\2\1", b"\x7fELF\2\1" + b"7z\xbc\xaf\x27\x1c"),
        (b"\1\0\0\0more", b"\1\0\0\0".ljust(40, b"\0") + b" EMF"),
        (b"GIF8 is a word", b"GIF89a\1\0"),
        (b"]\0\0 no lzma at all", b"\x5d\0\0\x80\0" + b"\xff" * 8 + b"\0more"),
        (b"bplist 00", b"bplist00\xd0"),
    ],
)
def test_what_mail_hands_on_is_what_documents_know(start: bytes, whole: bytes) -> None:
    """Bytes that the mail side takes for a document are one for the document side; else nobody would read them."""
    assert kind_of(start) == ""
    assert kind_of(whole) != ""
    assert recognise(whole) not in (None, "text")
