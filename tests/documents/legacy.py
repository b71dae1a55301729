"""Legacy Office files, Outlook messages and winmail.dat: one function a trick, each with the number somewhere in it.

``TRICKS`` maps a name to a maker ``(number, rng) -> bytes``. Nothing of this can be written: what is found in it means
that the file is replaced or held. Workbooks are written by xlwt, the rest byte by byte.
"""

from __future__ import annotations

import io
import random
import struct
import zlib
from collections.abc import Callable

import xlwt
from tests.documents import workbooks
from tests.documents.compound_files import compound, packager
from tests.documents.packages import spaced

Maker = Callable[[str, random.Random], bytes]


def word(
    text: str, *, wide: bool = False, stories: tuple[int, ...] = (), pieces: int = 1, old: str = "", flags: int = 0
) -> bytes:
    """Return a document with this text in ``pieces`` pieces; ``old`` stays in the stream and is in no piece."""
    main = bytearray(b"\0" * 0x400)
    struct.pack_into("<H8xH", main, 0, 0xA5EC, 0x0200 | flags)
    counts = stories or (len(text),)
    struct.pack_into(f"<{len(counts)}l", main, 0x4C, *counts)
    main += old.encode("cp1252")
    step = (len(text) + pieces - 1) // pieces
    starts = list(range(0, len(text), step))
    positions = [*starts, len(text)]
    places = [0] * len(starts)
    for index in reversed(range(len(starts))):  # the last piece stands first in the stream
        part = text[starts[index] : starts[index] + step]
        places[index] = len(main) if wide else len(main) * 2 | 0x40000000
        main += part.encode("utf-16-le" if wide else "cp1252")
    plc = struct.pack(f"<{len(positions)}L", *positions) + b"".join(struct.pack("<HLH", 0, at, 0) for at in places)
    table = b"\1\2\0ab\2" + struct.pack("<L", len(plc)) + plc
    struct.pack_into("<LL", main, 0x01A2, 0, len(table))
    return compound({("WordDocument",): bytes(main), ("1Table",): table, ("Data",): b""})


def doc_narrow(n: str, rng: random.Random) -> bytes:
    return word(f"Dear shop\rmy card is {spaced(n)}\r")


def doc_wide(n: str, rng: random.Random) -> bytes:
    return word(f"Zażółć\rkarta {spaced(n)}\r", wide=True)


def doc_pieces(n: str, rng: random.Random) -> bytes:
    return word(f"my card is {spaced(n)} thanks\r", pieces=9)


def doc_wide_pieces(n: str, rng: random.Random) -> bytes:
    return word(f"my card is {n} thanks\r", wide=True, pieces=7)


def doc_table(n: str, rng: random.Random) -> bytes:
    return word(f"Card no.\x07CVV\x07\x07{spaced(n)}\x07321\x07\x07")


def doc_header(n: str, rng: random.Random) -> bytes:
    body, head = "Hello\r", f"card {n}\r"
    return word(body + head, stories=(len(body), 0, len(head)))


def doc_comment(n: str, rng: random.Random) -> bytes:
    body, note = "Hello\r", f"\x05card {spaced(n)}\r"
    return word(body + note, stories=(len(body), 0, 0, 0, len(note)))


def doc_field(n: str, rng: random.Random) -> bytes:
    return word(f'see \x13 HYPERLINK "https://pay.example/?card={n}" \x14here\x15\r')


def doc_field_inside(n: str, rng: random.Random) -> bytes:
    return word(f"card {n[:8]}\x13 PAGE \x14\x15{n[8:]}\r")


def doc_fast_saved(n: str, rng: random.Random) -> bytes:
    return word("nothing here\r", old=f"my card {spaced(n)} ")


def doc_properties(n: str, rng: random.Random) -> bytes:
    streams = {("\x05SummaryInformation",): b"\xfe\xff\0\0" + f"card {spaced(n)}\0".encode()}
    return compound({("WordDocument",): word_stream(), ("1Table",): b"", **streams})


def word_stream() -> bytes:
    """Return a main stream that is marked as Word 6, with no text."""
    main = bytearray(0x400)
    struct.pack_into("<H", main, 0, 0xA5DC)
    return bytes(main)


def doc_package(n: str, rng: random.Random) -> bytes:
    inner = workbooks.shared_string(n, rng)
    return compound({("WordDocument",): word_stream(), ("ObjectPool", "_1", "Package"): inner})


def doc_packed_file(n: str, rng: random.Random) -> bytes:
    inner = packager("a.csv", f"Card;CVV\r\n{n};321\r\n".encode())
    return compound({("WordDocument",): word_stream(), ("ObjectPool", "_1", "\x01Ole10Native"): inner})


def _book(fill: Callable[[xlwt.Worksheet], None]) -> bytes:
    book = xlwt.Workbook()
    fill(book.add_sheet("S1"))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def xls_text(n: str, rng: random.Random) -> bytes:
    return _book(lambda sheet: sheet.write(3, 2, f"card {spaced(n)}"))


def xls_table(n: str, rng: random.Random) -> bytes:
    def fill(sheet: xlwt.Worksheet) -> None:
        for column, (head, value) in enumerate((("Card no.", float(n[:15] + "0")), ("CVV", 321), ("Exp", "10/28"))):
            sheet.write(0, column, head)
            sheet.write(1, column, value)

    return _book(fill)


def xls_four_cells(n: str, rng: random.Random) -> bytes:
    def fill(sheet: xlwt.Worksheet) -> None:
        for column, value in enumerate(("Credit card", *map(int, spaced(n).split(" ")))):
            sheet.write(2, column, value)

    return _book(fill)


def xls_many_strings(n: str, rng: random.Random) -> bytes:
    def fill(sheet: xlwt.Worksheet) -> None:
        for row in range(900):
            sheet.write(row, 0, f"remark {row} é {'x' * rng.randint(1, 40)}")
        sheet.write(900, 0, "card")
        sheet.write(900, 1, "日本 " + n)

    return _book(fill)


def xls_hidden(n: str, rng: random.Random) -> bytes:
    def fill(sheet: xlwt.Worksheet) -> None:
        sheet.write(0, 0, f"Visa {n}")
        sheet.visibility = 2
        sheet.parent.add_sheet("S2")
        sheet.parent.active_sheet = 1

    return _book(fill)


def xls_rich(n: str, rng: random.Random) -> bytes:
    bold = xlwt.easyfont("bold on")
    return _book(lambda sheet: sheet.write_rich_text(0, 0, ("card ", (n[:7], bold), n[7:])))


def _atom(kind: int, content: bytes) -> bytes:
    return struct.pack("<HHL", 0, kind, len(content)) + content


def _nest(kind: int, *inside: bytes) -> bytes:
    whole = b"".join(inside)
    return struct.pack("<HHL", 0xF, kind, len(whole)) + whole


def _slides(*atoms: bytes) -> bytes:
    return compound({("PowerPoint Document",): _nest(0x03E8, _nest(0x0FF0, *atoms)), ("Current User",): b"x"})


def ppt_wide(n: str, rng: random.Random) -> bytes:
    return _slides(_atom(0x0FA0, f"Pay with card\r{spaced(n)}".encode("utf-16-le")))


def ppt_narrow(n: str, rng: random.Random) -> bytes:
    return _slides(_atom(0x0FA8, f"card {n}".encode("latin-1")))


def ppt_comment(n: str, rng: random.Random) -> bytes:
    return _slides(_nest(0x2EE0, _atom(0x0FBA, f"card {n}".encode("utf-16-le"))))


def ppt_object(n: str, rng: random.Random) -> bytes:
    inner = xls_text(n, rng)
    packed = struct.pack("<L", len(inner)) + zlib.compress(inner)
    return _slides(struct.pack("<HHL", 0x10, 0x1011, len(packed)) + packed)


def _mail(*more: tuple[tuple[str, ...], bytes], body: str = "see below", subject: str = "order") -> bytes:
    streams: dict[tuple[str, ...], bytes] = {
        ("__properties_version1.0",): bytes(32),
        ("__substg1.0_001A001F",): "IPM.Note".encode("utf-16-le"),
        ("__substg1.0_0037001F",): subject.encode("utf-16-le"),
        ("__substg1.0_1000001F",): body.encode("utf-16-le"),
        **dict(more),
    }
    return compound(streams)


def msg_body(n: str, rng: random.Random) -> bytes:
    return _mail(body=f"Dear shop,\r\nmy card {spaced(n)} cvv 321\r\n")


def msg_subject(n: str, rng: random.Random) -> bytes:
    return _mail(subject=f"card {n}")


def msg_html(n: str, rng: random.Random) -> bytes:
    page = f"<html><body>card <b>{n[:5]}</b>{n[5:]}</body></html>"
    return _mail((("__substg1.0_10130102",), page.encode()))


def packed_rtf(text: bytes) -> bytes:
    """Return RTF packed by literals only ([MS-OXRTFCP] 2.1.3)."""
    packed = b"".join(b"\0" + text[i : i + 8] for i in range(0, len(text), 8))
    return struct.pack("<LL4sL", len(packed) + 12, len(text), b"LZFu", 0) + packed


def msg_rtf(n: str, rng: random.Random) -> bytes:
    text = b"{\\rtf1\\ansi card " + n[:4].encode() + b"{\\b " + n[4:].encode() + b"}}"
    return _mail((("__substg1.0_10090102",), packed_rtf(text)))


def msg_attachment(n: str, rng: random.Random) -> bytes:
    storage = "__attach_version1.0_#00000000"
    data = ((storage, "__substg1.0_37010102"), f"Card;CVV\r\n{n};321\r\n".encode())
    return _mail(data, ((storage, "__substg1.0_3707001F"), "orders.csv".encode("utf-16-le")))


def msg_inside(n: str, rng: random.Random) -> bytes:
    storage = ("__attach_version1.0_#00000000", "__substg1.0_3701000D")
    return _mail(((*storage, "__substg1.0_1000001F"), f"card {spaced(n)}".encode("utf-16-le")))


def msg_eight_bit(n: str, rng: random.Random) -> bytes:
    return _mail((("__substg1.0_007D001E",), f"X-Note: card {n}\r\n".encode()))


def _attribute(number: int, value: bytes, level: int = 1) -> bytes:
    return struct.pack("<BLL", level, number, len(value)) + value + struct.pack("<H", sum(value) & 0xFFFF)


def _tnef(*attributes: bytes) -> bytes:
    return struct.pack("<LH", 0x223E9F78, 1) + b"".join(attributes)


def _property(number: int, kind: int, value: bytes) -> bytes:
    return struct.pack("<HHLL", kind, number, 1, len(value)) + value + bytes(-len(value) % 4)


def _properties(*rows: bytes) -> bytes:
    return struct.pack("<L", len(rows)) + b"".join(rows)


def tnef_body(n: str, rng: random.Random) -> bytes:
    return _tnef(_attribute(0x0002800C, f"card {spaced(n)}\0".encode()))


def tnef_property(n: str, rng: random.Random) -> bytes:
    fixed = struct.pack("<HHLHH2xH", 3, 0x0017, 1, 0x0B, 0x0E1F, 0)[:12] + bytes(4)
    rows = (fixed[:8], _property(0x1000, 0x1F, f"card {spaced(n)}\0".encode("utf-16-le")))
    return _tnef(_attribute(0x00069003, _properties(*rows)))


def tnef_rtf(n: str, rng: random.Random) -> bytes:
    return _tnef(
        _attribute(0x00069003, _properties(_property(0x1009, 0x102, packed_rtf(b"{\\rtf1 card " + n.encode() + b"}"))))
    )


def tnef_attachment(n: str, rng: random.Random) -> bytes:
    inner = workbooks.shared_string(n, rng)
    return _tnef(_attribute(0x00069002, bytes(14), 2), _attribute(0x0006800F, inner, 2))


def tnef_inside(n: str, rng: random.Random) -> bytes:
    inner = bytes(16) + tnef_body(n, rng)
    return _tnef(_attribute(0x00069005, _properties(_property(0x3701, 0x0D, inner)), 2))


TRICKS: dict[str, Maker] = {
    make.__name__: make
    for make in (
        *(doc_narrow, doc_wide, doc_pieces, doc_wide_pieces, doc_table, doc_header, doc_comment, doc_field),
        *(doc_field_inside, doc_fast_saved, doc_properties, doc_package, doc_packed_file, xls_text, xls_table),
        *(xls_four_cells, xls_many_strings, xls_hidden, xls_rich, ppt_wide, ppt_narrow, ppt_comment, ppt_object),
        *(msg_body, msg_subject, msg_html, msg_rtf, msg_attachment, msg_inside, msg_eight_bit, tnef_body),
        *(tnef_property, tnef_rtf, tnef_attachment, tnef_inside),
    )
}
