"""Fonts that lie: what an eye sees in their glyphs is not what a copy says.

In: a document opened by pikepdf. Out: the document without the tables that lie, for a second reading of its pages.
A font says twice which characters its codes are: by the names of its glyphs (encoding and differences, PDF 32000-1
§9.6.6), which decide what is drawn, and by its ToUnicode table (§9.10.3), which decides what is copied and searched.
For digits the two are compared; everything else may differ (ligatures, private characters) without harm to us.

Known gap: composite fonts (§9.7) have no names; a table of theirs that lies is believed.
"""

from __future__ import annotations

import io
import re
import unicodedata
from typing import Any

from pansentry.formats.pdf_objects import name_of

_DIGIT_NAMES = {name: str(digit) for digit, name in enumerate(
    ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
)}  # fmt: skip
_BASE_ENCODINGS = ("/WinAnsiEncoding", "/MacRomanEncoding", "/StandardEncoding")
"""Of simple fonts; in each of them digits have the codes of ASCII (annex D)."""
_SIMPLE = ("/Type1", "/TrueType", "/MMType1", "/Type3")
_OTHER_GLYPHS = ("/Symbol", "/ZapfDingbats")
_EMBEDDED = ("/FontFile", "/FontFile2", "/FontFile3")
_MAX_TABLE_BYTES = 1 << 18
_HEX = re.compile(rb"<([0-9A-Fa-f\s]{0,64})>|(\[)|(\])")


def without_lies(pdf: Any) -> bytes | None:
    """Return the document without ToUnicode tables that call a digit something else; None if there is no such table."""
    import pikepdf

    tables: dict[tuple[int, int], dict[int, str]] = {}
    liars = [thing for thing in pdf.objects if isinstance(thing, pikepdf.Dictionary) and _lies(thing, tables)]
    if not liars:
        return None
    kept = [(font, font["/ToUnicode"]) for font in liars]
    out = io.BytesIO()
    try:
        for font in liars:
            del font["/ToUnicode"]
        pdf.save(out, encryption=False, preserve_pdfa=False, fix_metadata_version=False)
    finally:
        for font, table in kept:
            font["/ToUnicode"] = table
    return out.getvalue()


def _lies(font: Any, tables: dict[tuple[int, int], dict[int, str]]) -> bool:
    """Say whether a font's table calls a digit something else; ``tables`` are those that were read before."""
    import pikepdf

    if "/ToUnicode" not in font or name_of(font.get("/Subtype", "")) not in _SIMPLE:
        return False
    table = font["/ToUnicode"]
    if not isinstance(table, pikepdf.Stream):
        return False
    drawn = _digits_drawn(font)
    if not drawn:
        return False
    said = tables.get(table.objgen)
    if said is None:
        try:
            said = tables[table.objgen] = _said(table.read_bytes()[:_MAX_TABLE_BYTES])
        except pikepdf.PdfError:
            return False
    return any(code in said and unicodedata.normalize("NFKC", said[code]) != digit for code, digit in drawn.items())


def _digits_drawn(font: Any) -> dict[int, str]:
    """Return the codes that draw digits, by the names of their glyphs; none where the font alone knows."""
    import pikepdf

    encoding = font.get("/Encoding")
    base, differences = encoding, None
    if isinstance(encoding, pikepdf.Dictionary):
        base, differences = encoding.get("/BaseEncoding"), encoding.get("/Differences")
    drawn: dict[int, str] = {}
    if (isinstance(base, pikepdf.Name) and name_of(base) in _BASE_ENCODINGS) or (base is None and _is_viewers(font)):
        drawn = {ord(digit): digit for digit in "0123456789"}
    if isinstance(differences, pikepdf.Array):
        code = 0
        for item in differences:
            if isinstance(item, int):
                code = item
            elif isinstance(item, pikepdf.Name):
                drawn.pop(code, None)
                name = name_of(item)[1:].partition(".")[0]
                if name in _DIGIT_NAMES:
                    drawn[code] = _DIGIT_NAMES[name]
                code += 1
    return drawn


def _is_viewers(font: Any) -> bool:
    """Say whether the viewer draws with a font of its own: without an encoding StandardEncoding holds (§9.6.6.1)."""
    import pikepdf

    if name_of(font.get("/Subtype", "")) == "/Type3" or name_of(font.get("/BaseFont", "")) in _OTHER_GLYPHS:
        return False
    stated = font.get("/FontDescriptor")
    return not isinstance(stated, pikepdf.Dictionary) or not any(key in stated for key in _EMBEDDED)


def _said(table: bytes) -> dict[int, str]:
    """Return what a table says of codes of one byte."""
    said: dict[int, str] = {}
    for section in table.split(b"beginbf")[1:]:
        kind, listed = section[:5], section.partition(b"endbf")[0]
        items = [match[1] if match[1] is not None else match[0] for match in _HEX.finditer(listed)]
        if kind.startswith(b"char"):
            for code, text in zip(items[::2], items[1::2], strict=False):
                said[_code(code)] = _text(text)
        else:
            _ranges(items, said)
    said.pop(-1, None)
    return said


def _ranges(items: list[bytes], said: dict[int, str]) -> None:
    at = 0
    while at + 2 < len(items):
        low, high = _code(items[at]), _code(items[at + 1])
        codes = range(low, min(high, 0xFF) + 1) if low >= 0 else range(0)
        if items[at + 2] == b"[":
            end = next((i for i in range(at + 3, len(items)) if items[i] == b"]"), len(items))
            said.update(zip(codes, map(_text, items[at + 3 : end]), strict=False))
            at = end + 1
        else:
            first = _text(items[at + 2])
            if first:
                said.update({code: first[:-1] + chr(min(ord(first[-1]) + code - low, 0x10FFFF)) for code in codes})
            at += 3


def _code(raw: bytes) -> int:
    """Return a code of one byte, -1 for anything else."""
    digits = b"".join(raw.split())
    return int(digits, 16) if len(digits) == 2 and digits.isalnum() else -1


def _text(raw: bytes) -> str:
    digits = b"".join(raw.split())
    if len(digits) % 2 or not digits.isalnum():
        return ""
    return bytes.fromhex(digits.decode("ascii")).decode("utf-16-be", "replace")
