"""The tenth batch: what a second red team wrote blind (369) and the first run had missed, one case for each class."""

from __future__ import annotations

import json
from collections.abc import Callable

from tests.golden.kit import Case, b64, part, simple
from tests.golden.recipes.fifth import MILL, NOTE, SHORT, _body, _case
from tests.golden.recipes.seventh import _about_an_order, _file

Write = Callable[[str], str]
_PKCS7 = bytes.fromhex("06092a864886f70d0107")
_KEY = bytes((n * 73 + 41) % 256 for n in range(600))
"""What stands for the keys and signatures of certificates: octets of every kind."""


def _value(tag: int, content: bytes) -> bytes:
    size = len(content)
    length = bytes((size,)) if size < 0x80 else b"\x82" + size.to_bytes(2, "big")
    return bytes((tag,)) + length + content


def _signed(content: bytes) -> bytes:
    """Opaque signed data as programs write it: in DER, with certificates, most of it no text (RFC 5652 §5)."""
    inner = _value(0x30, _PKCS7 + b"\x01" + _value(0xA0, _value(0x04, content)))
    body = b"\x02\x01\x01" + _value(0x31, b"") + inner + _value(0xA0, _value(0x30, _KEY)) + _value(0x31, _KEY)
    return _value(0x30, _PKCS7 + b"\x02" + _value(0xA0, _value(0x30, body)))


def _workbook(*rows: tuple[str, ...]) -> bytes:
    """A workbook as programs write it without a library: SpreadsheetML of Excel 2003, under the name of an old one."""
    cells = ("".join(f'<Cell><Data ss:Type="String">{cell}</Data></Cell>' for cell in row) for row in rows)
    table = "".join(f"<Row>{row}</Row>" for row in cells)
    names = (
        'xmlns="urn:schemas-microsoft-com:office:spreadsheet" xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet"'
    )
    return f'<?xml version="1.0"?><Workbook {names}><Worksheet><Table>{table}</Table></Worksheet></Workbook>'.encode()


def _nested(w: Write, depth: int) -> str:
    text = w("my credit card is «g1»\u00a0«g2»\u00a0«g3»\u00a0«g4», regards from the windmill")
    for _ in range(depth):
        text = json.dumps({"payload": text})
    return text


_ROWS: tuple[tuple[str, str, Callable[[Write], bytes]], ...] = (
    (
        "smime-opaque-certificates",
        "Opaque signed mail with its certificates, the text in base64",
        lambda w: _body(
            'Content-Type: application/pkcs7-mime; smime-type=signed-data; name="smime.p7m"\n'
            "Content-Transfer-Encoding: base64\n",
            b64(_signed(part(w(NOTE), encoding="base64"))),
        ),
    ),
    (
        "smime-file-signed",
        "A file that is signed (name.txt.p7m), as agencies and notaries send them",
        lambda w: _file(w, "order.txt.p7m", "application/pkcs7-mime", _signed(w(SHORT).encode())),
    ),
    (
        "workbook-2003",
        "A workbook in XML of Excel 2003 without any white space",
        lambda w: _file(
            w,
            "order.xls",
            "application/vnd.ms-excel",
            _workbook(("name", w("credit card"), "city"), ("windmill", w("«raw»"), "regards")),
        ),
    ),
    (
        "json-three-deep",
        "JSON in a string of JSON in a string of JSON, blanks escaped each time",
        lambda w: simple("hello", _nested(w, 3) + "\n", 2, kind="application/json"),
    ),
)
_UNSEEN = frozenset({"json-three-deep", "smime-file-signed", "smime-opaque-certificates"})
_NO_READER = frozenset({"smime-opaque-certificates"})  # of the tests opens it, so none sees the words that stay
CASES: tuple[Case, ...] = tuple(
    _case(number + 3, slug, what, make, unseen=slug in _UNSEEN, survive=() if slug in _NO_READER else MILL)
    for number, (slug, what, make) in enumerate(_ROWS)
)
TWINS = tuple((slug, make(_about_an_order)) for slug, _, make in _ROWS)
"""The same messages without card data, by slug."""
