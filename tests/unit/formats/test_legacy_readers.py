"""Compound files, old workbooks, macros, Outlook's formats, mailboxes, metafiles: beside independent readers."""

from __future__ import annotations

import io
import random
import struct

import olefile
import pytest
import xlrd
import xlwt
from tests.documents import compound_files, legacy, others

from pansentry.edits import Edit
from pansentry.errors import DamagedError, LimitExceededError
from pansentry.formats import compound, mapi, mbox, metafile, msg, ole, strings, tnef, vba
from pansentry.limits import DEFAULT_DOCUMENT_LIMITS as LIMITS
from pansentry.limits import DocumentLimits

STREAMS = {
    ("a",): b"x" * 10,
    ("b",): b"y" * 5000,
    ("S", "c"): b"z" * 100,
    ("S", "T", "d"): bytes(range(256)) * 300,
    ("e",): b"",
}


def test_streams_are_those_that_olefile_sees() -> None:
    """Small and large streams, storages in storages, empty ones."""
    data = compound_files.compound(STREAMS)
    with olefile.OleFileIO(io.BytesIO(data)) as other:
        seen = {tuple(path): other.openstream(path).read() for path in other.listdir()}
    assert compound.read(data, LIMITS).streams == seen == STREAMS


def test_a_loop_of_sectors_ends() -> None:
    """A chain that leads back to itself gives no more than the table has sectors."""
    data = bytearray(compound_files.compound({("b",): b"y" * 5000}))
    table = 512 + 512 * struct.unpack_from("<L", data, 76)[0]
    struct.pack_into("<10L", data, table, *([0] * 10))
    assert len(compound.read(bytes(data), LIMITS).streams.get(("b",), b"")) <= 5000


def test_streams_that_no_storage_names_are_read_all_the_same() -> None:
    """An entry that is in the directory and in no tree is found."""
    data = bytearray(compound_files.compound({("a",): b"visible", ("b",): b"card 4111111111111111"}))
    directory = 512 + 512 * struct.unpack_from("<L", data, 48)[0]
    struct.pack_into("<L", data, directory + 128 + 72, 0xFFFFFFFF)  # the sibling of "a"
    assert b"card 4111111111111111" in compound.read(bytes(data), LIMITS).streams.values()


@pytest.mark.parametrize("data", [b"", compound.MAGIC, compound.MAGIC + bytes(3000), b"PK" + bytes(2000)])
def test_what_is_no_compound_file_is_damaged(data: bytes) -> None:
    """Nothing but DamagedError gets out."""
    with pytest.raises(DamagedError):
        ole.extract(data, LIMITS)


def test_limits_hold_for_compound_files() -> None:
    """Bytes and entries are counted."""
    data = compound_files.compound(STREAMS)
    with pytest.raises(LimitExceededError):
        compound.read(data, DocumentLimits(max_total_bytes=5000))
    with pytest.raises(LimitExceededError):
        compound.read(data, DocumentLimits(max_members=3))


def test_an_encrypted_package_is_unreadable() -> None:
    """Office keeps encrypted documents in a compound file."""
    data = compound_files.compound({("EncryptedPackage",): b"x" * 100, ("EncryptionInfo",): b"y"})
    with pytest.raises(DamagedError, match="encrypted"):
        ole.extract(data, LIMITS)


def test_an_encrypted_word_file_is_said_to_be_so() -> None:
    """The flag in its header is enough."""
    extract = ole.extract(legacy.word("x" * 100, flags=0x0100), LIMITS)
    assert [why.reason for why in extract.unreadable] == ["encrypted"]


def test_cells_are_those_that_xlrd_sees() -> None:
    """Texts, numbers of all kinds and long lists of strings, row by row."""
    rng = random.Random(7)
    book = xlwt.Workbook()
    sheet = book.add_sheet("S1")
    for row in range(300):
        sheet.write(row, 0, f"text {row} {'é日'[rng.randint(0, 1)] * rng.randint(0, 60)}")
        sheet.write(row, 1, rng.randint(1, 10**15))
        sheet.write(row, 2, rng.randint(0, 500) / 100)
        sheet.write(row, 3, rng.random() * 1000)
    out = io.BytesIO()
    book.save(out)
    seen = xlrd.open_workbook(file_contents=out.getvalue()).sheet_by_index(0)
    expected = [seen.row_values(i) for i in range(seen.nrows)]
    table = next(p.text for p in ole.extract(out.getvalue(), LIMITS).passages if p.place == "sheet 1")
    found = [line.split("\t") for line in table.split("\n")]
    assert [line[0] for line in found] == [row[0] for row in expected]
    assert [[float(v) for v in line[1:]] for line in found] == [row[1:] for row in expected]


def test_what_no_cell_shows_is_read_as_strings() -> None:
    """Text that a fast save left behind is read, and text that is shown is not read a second time without its table."""
    data = legacy.TRICKS["doc_fast_saved"]("4111111111111111", random.Random(1))
    assert any("4111 1111 1111 1111" in p.text for p in ole.extract(data, LIMITS).passages if p.place == "stream")
    shown = legacy.TRICKS["doc_narrow"]("4111111111111111", random.Random(1))
    assert not any("4111" in p.text for p in ole.extract(shown, LIMITS).passages if p.place == "stream")


@pytest.mark.parametrize("name", ["doc_narrow", "xls_text", "ppt_wide", "msg_body", "tnef_body"])
def test_nothing_is_written(name: str) -> None:
    """Without cuts the very same object comes back; with one, or a replacement, the format says that it cannot."""
    data = legacy.TRICKS[name]("4111111111111111", random.Random(1))
    module = msg if name.startswith("msg") else tnef if name.startswith("tnef") else ole
    assert module.rewrite(data, {}, {}, LIMITS) is data
    for cuts, replaced in (({0: [Edit(0, 1, "X")]}, {}), ({}, {0: None})):
        with pytest.raises(DamagedError, match="cannot-rewrite"):
            module.rewrite(data, cuts, replaced, LIMITS)


def test_macros_are_unpacked() -> None:
    """The published examples of compressed containers ([MS-OVBA] 3.2.2, 3.2.3), and a module in its storage."""
    packed = "012fb00023616161626364658266007061676869 6a013808616b6c00306d6e6f7006710270041072737475761077 78797a003c"
    text = b"#aaabcdefaaaaghijaaaaaklaaamnopqaaaaaaaaaaaarstuvwxyzaaa"
    assert vba.unpack(bytes.fromhex(packed)) == text
    assert vba.unpack(bytes.fromhex("0103b002614500")) == b"a" * 73
    source = b"Attribut" + b"e VB_Name"
    chunk = b"\0Attribut\0e VB_Nam\0e"
    module = b"junk" + b"\1" + struct.pack("<H", 0x8000 | 0x3000 | (len(chunk) - 1)) + chunk
    data = compound_files.compound({("VBA", "dir"): b"x", ("VBA", "Module1"): module})
    assert source.decode() in [p.text for p in ole.extract(data, LIMITS).passages if p.place == "macro"]


def test_packed_rtf_is_unpacked() -> None:
    """The published examples of compressed RTF ([MS-OXRTFCP] 3.1): plain, and with a copy that overlaps itself."""
    plain = bytes.fromhex(
        "2d0000002b0000004c5a4675f1c5c7a703000a007263706731323542320af32068656c090020627705b06c647d0a800fa0"
    )
    assert mapi.rtf(plain, 1000) == b"{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n"
    crossing = bytes.fromhex("1a0000001c0000004c5a4675e2d44b51410004205758595a0d6e7d010eb0")
    assert mapi.rtf(crossing, 1000) == b"{\\rtf1 WXYZWXYZWXYZWXYZWXYZ}"


def test_packed_rtf_is_bounded() -> None:
    """What it says of its size is not believed beyond the limit; other marks are damage."""
    huge = struct.pack("<LL4sL", 20, 1 << 31, b"LZFu", 0) + b"\0" * 20
    with pytest.raises(LimitExceededError):
        mapi.rtf(huge, 1000)
    with pytest.raises(DamagedError):
        mapi.rtf(b"\0" * 40, 1000)


def test_a_mailbox_is_taken_apart_at_its_separators() -> None:
    """A line "From " inside a message that is quoted, or has no blank line in front, parts nothing."""
    data = b"From a Mon\nSubject: 1\n\nx\nFrom here\n>From there\n\nFrom b Tue\nSubject: 2\n\ny\n"
    found = mbox.extract(data, LIMITS).embedded
    assert [one.data for one in found] == [b"Subject: 1\n\nx\nFrom here\n>From there\n\n", b"Subject: 2\n\ny\n"]
    assert mbox.rewrite(data, {}, {1: b"Subject: 3\n\n"}, LIMITS) == data.replace(
        b"Subject: 2\n\ny\n", b"Subject: 3\n\n"
    )
    assert b"took this file out" in mbox.rewrite(data, {}, {0: None}, LIMITS)


def test_a_separator_is_cut_where_it_stands() -> None:
    """A number in a "From " line is masked, other lines stay."""
    data = b"From 4111111111111111 Mon\nSubject: 1\n\nx\n\nFrom b\n\ny\n"
    new = mbox.rewrite(data, {0: [Edit(5, 17, "X" * 12)]}, {}, LIMITS)
    assert new == data.replace(b"411111111111", b"X" * 12)


def test_a_replacement_that_would_part_a_message_is_refused() -> None:
    """What is put into a mailbox must not bring a separator."""
    data = b"From a\nSubject: 1\n\nx\n"
    with pytest.raises(DamagedError):
        mbox.rewrite(data, {}, {0: b"Subject: 1\n\n\nFrom b\n\n"}, LIMITS)


def test_metafiles_show_what_they_draw() -> None:
    """Pieces on one line are joined, with and without a gap."""
    for data in (others.enhanced("4111 ", "1111"), others.windows("4111 ", "1111")):
        assert [p.text for p in metafile.extract(data, LIMITS).passages] == ["4111 1111", "4111  1111"]


def test_bitmaps_in_metafiles_are_pictures() -> None:
    """A bitmap comes out as a BMP file that Pillow reads."""
    image = pytest.importorskip("PIL.Image")
    out = io.BytesIO()
    image.new("RGB", (8, 4), "red").save(out, "BMP")
    raw = out.getvalue()[14:]
    head, bits = raw[:40], raw[40:]
    body = bytes(40) + struct.pack("<LLLL", 80, 40, 120, len(bits)) + bytes(16) + head + bits
    data = (
        others.enhanced()[:-20] + struct.pack("<LL", 81, 8 + len(body)) + body + struct.pack("<5L", 14, 20, 0, 16, 20)
    )
    (found,) = metafile.extract(data, LIMITS).embedded
    assert image.open(io.BytesIO(found.data)).size == (8, 4)


def _records(*records: bytes) -> bytes:
    return others.enhanced()[:-20] + b"".join(records) + struct.pack("<5L", 14, 20, 0, 16, 20)


def test_small_and_plus_records_of_metafiles_draw_text() -> None:
    """EMR_SMALLTEXTOUT with and without bounds, 8-bit and 16-bit, and DrawString of EMF+ in a comment."""
    narrow = struct.pack("<llLLLff", 0, 5, 4, 0x300, 1, 1, 1) + b"4111"
    wide = struct.pack("<llLLLff", 0, 5, 4, 0, 1, 1, 1) + bytes(16) + "2222".encode("utf-16-le")
    body = struct.pack("<LLL4f", 0, 0, 4, 0, 9, 0, 0) + "3333".encode("utf-16-le")
    plus = b"EMF+" + struct.pack("<HHLL", 0x401C, 0, 12 + len(body), len(body)) + body
    comment = struct.pack("<L", len(plus)) + plus
    records = [struct.pack("<LL", kind, 8 + len(c)) + c for kind, c in ((108, narrow), (108, wide), (70, comment))]
    assert metafile.extract(_records(*records), LIMITS).passages[1].text == "4111 2222\n3333"


def test_old_metafiles_draw_text_and_bitmaps() -> None:
    """META_TEXTOUT, and a bitmap with a palette."""
    text = struct.pack("<H", 4) + b"4111" + struct.pack("<hh", 7, 7)
    head = struct.pack("<LllHHLLllLL", 40, 8, 4, 1, 1, 0, 16, 0, 0, 0, 0)
    picture = bytes(20) + head + b"\0\0\0\0\xff\xff\xff\0" + bytes(16)
    records = [struct.pack("<LH", 3 + len(c) // 2, kind) + c for kind, c in ((0x0521, text), (0x0B41, picture))]
    data = others.windows()[:-6] + b"".join(records) + struct.pack("<LH", 3, 0)
    found = metafile.extract(data, LIMITS)
    assert [p.text for p in found.passages] == ["4111", "4111"]
    assert [one.data[:2] + one.data[14:] for one in found.embedded] == [b"BM" + picture[20:]]


def test_pictures_in_streams_are_carved_out() -> None:
    """PNG and JPEG files, one with a thumbnail in it, each up to its own end."""
    png = b"\x89PNG\r\n\x1a\n" + bytes(10) + b"IEND\xae\x42\x60\x82"
    jpeg = b"\xff\xd8\xff\xe1 \xff\xd8\xff small \xff\xd9 large \xff\xd9"
    assert list(strings.pictures(b"xx" + png + b"yy" + jpeg + b"zz")) == [png, jpeg]


def test_sheets_of_excel_95_are_read() -> None:
    """Records of the older format: 8-bit strings with a short count, a number, a formula's result."""

    def record(kind: int, content: bytes) -> bytes:
        return struct.pack("<HH", kind, len(content)) + content

    begin = record(0x0809, struct.pack("<HH4x", 0x0500, 0x10))
    label = record(0x0204, struct.pack("<HHHH", 0, 0, 0, 4) + b"card")
    number = record(0x0203, struct.pack("<HHHd", 0, 1, 0, 4012888888881881.0))
    result = record(0x0006, struct.pack("<HHHd", 1, 1, 0, 321.0) + bytes(6))
    text = record(0x0006, struct.pack("<HHH", 2, 1, 0) + b"\0" * 6 + b"\xff\xff" + bytes(6))
    book = compound_files.compound(
        {("Book",): begin + label + number + result + text + record(0x0207, b"\2\0ok") + record(10, b"")}
    )
    extract = ole.extract(book, LIMITS)
    assert next(p.text for p in extract.passages if p.place == "sheet 1") == "card\t4012888888881881\n\t321\n\tok"


def test_an_encrypted_workbook_is_said_to_be_so() -> None:
    """The record FilePass is enough."""
    stream = struct.pack("<HH", 0x0809, 4) + b"\0\6\5\0" + struct.pack("<HH", 0x002F, 2) + b"\1\0"
    extract = ole.extract(compound_files.compound({("Workbook",): stream}), LIMITS)
    assert [why.reason for why in extract.unreadable] == ["encrypted"]
