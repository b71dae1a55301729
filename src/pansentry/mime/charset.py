"""Charsets: bytes of a text part to text, in every way a reader may take, and edits of the text back to bytes.

In: bytes and the label of the part. Out: the names of the codecs in which the bytes are to be read (the likeliest
first), the text under one of them, and :func:`lower`.

A label is a claim. Readers follow it, or a byte order mark, or sniff; so a text whose readings differ is read in
each of them (RFC 2045 §5.1, RFC 2046 §4.1.2, WHATWG Encoding §4.2 for labels, facts: UTF-16 is told by its NULs).
Labels that name something else than a charset (``idna``, ``rot13``, ``unicode_escape``) are unknown labels.

:func:`lower` gives None where the new text cannot be written into the old bytes (stateful encodings between shifts):
the part then has to be written anew.

Limits: linear. Resists: charset labels that are Python codecs; NUL-parted digits; UTF-7 in a part labelled so.
"""

from __future__ import annotations

import codecs
import functools
import re
from typing import TYPE_CHECKING

from pansentry import native
from pansentry.edits import Edit, apply

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_NOT_CHARSETS = frozenset({"idna", "punycode", "unicode_escape", "raw_unicode_escape", "undefined", "mbcs", "oem"})
_SUPERSETS = {  # what readers decode in place of the label (WHATWG Encoding): the bytes 80…9F and more have a meaning
    "ascii": "utf-8",
    "iso8859-1": "cp1252",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
    "big5": "big5hkscs",
    "iso8859-9": "cp1254",
    "tis-620": "cp874",
    "iso8859-11": "cp874",
    "utf_8_sig": "utf-8",
    "utf-16": "utf-16-le",
    "utf-32": "utf-32-le",
}
_ALIASES = {
    "unicode-1-1-utf-7": "utf-7",
    "x-unicode-2-0-utf-7": "utf-7",
    "unicode-1-1-utf-8": "utf-8",
    "utf8mb4": "utf-8",
    "x-sjis": "cp932",
    "x-gbk": "gb18030",
    "x-euc-jp": "euc_jp",
    "x-euc-kr": "cp949",
    "ks_c_5601-1987": "cp949",
    "ansi_x3.110-1983": "cp1252",
    "ebcdic-us": "cp037",
    "ebcdic-cp-us": "cp037",
    "iso-8859-8-i": "iso8859-8",
    "iso-8859-8-e": "iso8859-8",
    "iso-8859-6-i": "iso8859-6",
    "iso-2022-cn": "iso2022_jp_2",
    "ansi": "cp1252",
    "unknown-8bit": "utf-8",
    "x-unknown": "utf-8",
    "binary": "utf-8",
    "default": "utf-8",
    "ucs-2": "utf-16",
    "ucs2": "utf-16",
    "unicode": "utf-16",
    "csunicode": "utf-16",
    "iso-10646-ucs-2": "utf-16",
    "unicodefeff": "utf-16-le",
    "unicodefffe": "utf-16-be",
    "ucs-4": "utf-32",
    "ucs4": "utf-32",
    "csucs4": "utf-32",
    "iso-10646-ucs-4": "utf-32",
    "iso-2022-jp-ms": "iso2022_jp_2",
    "cp50220": "iso2022_jp_2",
    "cp50221": "iso2022_jp_2",
    "cp50222": "iso2022_jp_2",
}
# pages of EBCDIC that Python lacks (IBM CCSID registry): letters and digits stand where they do in page 500
_EBCDIC = re.compile(
    r"x?-?(?:cs)?(?:ibm|cp|ccsid)[-_]?0*(?:256|27[45789]|28[01457]|290|297|361|382|383|38[5-9]|39[0-5]|420|423|8[378]\d"
    r"|905|918|924|93[035679]|1002|1025|1027|1047|1069|1079|1081|1084|1097|1112|112[23]|1130|113[27]|114[0-9]|115[3-8]"
    r"|116[04]|1165|1364|1371|1388|1390|1399|16804|12712)(?:[-_].*)?\Z|.*ebcdic"
)
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_FIRST_OF_MARKS = frozenset(mark[:1] for mark, _ in _MARKS)
_ONLY_UTF8 = ("utf-8",)
_MARKED = frozenset({"utf-16", "utf16", "utf_16", "utf-32", "utf32", "utf_32"})
_WIDE = frozenset({"utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"})
_SHIFTS = (  # RFC 1557, 1468, 1843: in 7 bits
    (re.compile(rb"\x1b\$\)C"), "iso2022_kr"),
    (re.compile(rb"\x1b[$(][@AB(J]"), "iso2022_jp_2"),
    (re.compile(rb"~\{[!-~]"), "hz"),
)
_WIDE_DIGITS = (  # full-width digits of Shift_JIS, of EUC and GB, of Big5, digits of EBCDIC: none of them is UTF-8
    (re.compile(rb"(?:\x82[\x4f-\x58][^\x82]{0,3}){4}"), "cp932"),
    (re.compile(rb"(?:\xa3[\xb0-\xb9][^\xa3]{0,3}){4}"), "gb18030"),
    (re.compile(rb"(?:\xa2[\xaf-\xb8][^\xa2]{0,3}){4}"), "big5hkscs"),
    # EBCDIC: digits F0 to F9, between them its blank, hyphen, slash or full stop; the same in all its pages
    (re.compile(rb"(?:[\xf0-\xf9][\x40\x4b\x60\x61]{0,2}){12}"), "cp500"),
)
_SURROGATES = re.compile("[\ud800-\udfff]")
_SAMPLE = 4096
_LONGEST_LABEL = 40
_SHORT_LABEL = 12
"""Up to here a label is remembered (``windows-1252``): it holds no card number."""


def codec_of(label: str) -> str | None:
    """Return the codec that a charset label names, or None for an unknown label (or none at all)."""
    name = label.strip(" \t\"'")
    if len(name) <= _SHORT_LABEL:
        return _known_codec(name)
    return _known_codec.__wrapped__(name) if len(name) <= _LONGEST_LABEL else None


@functools.lru_cache(maxsize=128)
def _known_codec(label: str) -> str | None:
    name = label.lower()
    name = _ALIASES.get(name, name)
    if not name or not name.isascii() or "\0" in name:
        return None
    try:
        info = codecs.lookup(name)
    except (LookupError, ValueError):
        return "cp500" if _EBCDIC.match(name) else None
    if not info._is_text_encoding or info.name.replace("-", "_") in _NOT_CHARSETS:
        return None
    return _SUPERSETS.get(info.name, info.name)


@functools.lru_cache(maxsize=128)
def is_plain(codec: str) -> bool:
    """Say whether bytes below 80 always are ASCII in this codec, whatever stands before them."""
    return codec == "utf-8" or codec.startswith(("cp125", "iso8859", "koi8", "mac", "cp874", "latin"))


def readings(data: bytes, label: str) -> tuple[str, ...]:
    """Return the codecs in which ``data`` is to be read, the likeliest first, each giving another text."""
    codec = codec_of(label)
    if (codec is None or is_plain(codec)) and data.isascii() and 0 not in data:
        return ("utf-8", *_by_signs(data, is_utf8=True))
    marked = [name for mark, name in _MARKS if data.startswith(mark)] if data[:1] in _FIRST_OF_MARKS else []
    has_shifts = 0x1B in data or (0x7E in data and b"~{" in data)
    if codec == "utf-8" and not (marked or has_shifts or 0 in data) and is_well_formed(data):
        return _ONLY_UTF8  # what all the rest would come to, as it does for most mail; 24,000 instructions sooner
    names = marked[:1]
    surely, maybe = _by_nulls(data)
    names += surely
    if codec is not None:
        name = label.strip(" \t\"'").lower()
        if _ALIASES.get(name, name) in _MARKED and not surely:
            names.append(codec.replace("-le", "-be"))  # RFC 2781 §4.3: big-endian without a mark; Windows differs
        names.append(codec)
    is_utf8 = is_well_formed(data)
    if codec != "utf-8":
        names.append("utf-8" if is_utf8 else "cp1252")
    names += maybe
    names += _by_signs(data, is_utf8=is_utf8)
    return tuple(dict.fromkeys(filter(None, names)))


def _by_signs(data: bytes, *, is_utf8: bool) -> list[str]:
    """Tell what a helpful reader may guess from shifts and from full-width digits, whatever the label says."""
    names = []
    if 0x1B in data or (0x7E in data and b"~{" in data):  # one octet is looked for at ten times the speed of two
        names += [name for sign, name in _SHIFTS if sign.search(data)]
    if not is_utf8:
        names += [name for sign, name in _WIDE_DIGITS if sign.search(data)]
    return names


def is_well_formed_slowly(data: bytes) -> bool:
    """Say whether octets are well-formed UTF-8 (RFC 3629 §4): 8 KB take 32,000 instructions, compiled 4,000."""
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


is_well_formed: Callable[[bytes], bool] = native.function("is_utf8") or is_well_formed_slowly


def _by_nulls(data: bytes) -> tuple[list[str], list[str]]:
    """Tell UTF-16 and UTF-32 by where the NULs of ASCII characters stand: what is sure, and what may be."""
    if 0 not in data or len(data) < 4:
        return [], []
    sample = data[:_SAMPLE]
    if b"\0" not in sample:
        first = data.index(b"\0")
        sample = data[first - first % 4 : first - first % 4 + _SAMPLE]
    quarter = [sample[i::4].count(0) * 4 / len(sample) for i in range(4)]
    if min(quarter[1:]) > 0.5:
        return ["utf-32-le"], []
    if min(quarter[:3]) > 0.5:
        return ["utf-32-be"], []
    shares = {
        "utf-16-be": sample[0::2].count(0) * 2 / len(sample),
        "utf-16-le": sample[1::2].count(0) * 2 / len(sample),
    }
    name = max(shares, key=lambda n: shares[n])
    if min(shares.values()) > shares[name] / 2 or shares[name] < 0.1:
        return [], []
    return ([name], []) if shares[name] > 0.75 else ([], [name])


def decode(data: bytes, codec: str) -> str:
    """Return the text; bytes that mean nothing become lone surrogates (or U+FFFD in the wide codecs). Never raises."""
    errors = "replace" if codec in _WIDE or codec.startswith(("utf-7", "hz", "iso2022")) else "surrogateescape"
    try:
        return _decoded(data, codec, errors)
    except (UnicodeError, ValueError, RuntimeError):  # a codec that does not know the handler, or breaks in itself
        return data.decode("latin-1")


def _decoded(data: bytes, codec: str, errors: str) -> str:
    """Decode; six octets (``ESC . J ESC N d``) break CPython's codecs of ISO 2022, so the single shift is left out."""
    try:
        return data.decode(codec, errors)
    except RuntimeError:
        return data.replace(b"\x1bN", b"\0\0").decode(codec, errors)


def printable(text: str) -> str:
    """Return ``text`` with U+FFFD for each lone surrogate: as long as before, and it can be encoded."""
    return text if text.isascii() else _SURROGATES.sub("\ufffd", text)


def lower(data: bytes, codec: str, text: str, edits: Sequence[Edit[str]]) -> tuple[Edit[bytes], ...] | None:
    """Turn edits of ``text == decode(data, codec)`` into edits of ``data``, or None if the codec does not allow it."""
    if not edits:
        return ()
    try:
        news = [edit.new.encode(codec) for edit in edits]
    except UnicodeError:
        return None
    wanted = apply(text, edits)
    for offsets in (_offsets_by_encoding, _offsets_by_feeding):
        spans = offsets(data, codec, text, edits)
        if spans is None:
            continue
        lowered = tuple(Edit(start, end, new) for (start, end), new in zip(spans, news, strict=True))
        if decode(apply(data, lowered), codec) == wanted:
            return lowered
    return None


def _offsets_by_encoding(
    data: bytes, codec: str, text: str, edits: Sequence[Edit[str]]
) -> list[tuple[int, int]] | None:
    """Find the bytes of each edit by the length of what stands before it; only if the text encodes to the data."""
    if len(data) == len(text):  # one byte for each character
        return [(edit.start, edit.end) for edit in edits]
    errors = "surrogatepass" if codec in _WIDE else "surrogateescape"
    spans = []
    offset = position = 0
    try:
        for edit in edits:
            start = offset + len(text[position : edit.start].encode(codec, errors))
            offset = start + len(text[edit.start : edit.end].encode(codec, errors))
            position = edit.end
            spans.append((start, offset))
        total = offset + len(text[position:].encode(codec, errors))
    except UnicodeError:
        return None
    return spans if total == len(data) else None


def _offsets_by_feeding(data: bytes, codec: str, text: str, edits: Sequence[Edit[str]]) -> list[tuple[int, int]] | None:
    """Find the bytes of each edit by decoding byte after byte: also right for codecs with a state."""
    decoder = codecs.getincrementaldecoder(codec)("replace")
    starts: list[int] = []
    ends: list[int] = []
    begun = 0
    for position in range(len(data)):
        try:
            shown = decoder.decode(data[position : position + 1])
        except (RuntimeError, UnicodeError):  # see :func:`_decoded`; or an escape sequence that never ends
            return None
        if shown:
            starts += [begun] * len(shown)
            ends += [position + 1] * len(shown)
            begun = position + 1
        elif data[begun : begun + 1] in (b"\x1b", b"~", b"\x0e", b"\x0f") and _is_shift(data[begun : position + 1]):
            begun = position + 1  # a finished escape sequence belongs to no character
    if len(starts) != len(text):
        return None
    return (
        [(starts[edit.start], ends[edit.end - 1]) for edit in edits if edit.end > edit.start]
        if all(edit.end > edit.start for edit in edits)
        else None
    )


_SHIFT = re.compile(rb"\x1b[$(][$()@A-Z]{0,2}[@-Z]|\x1b[NO]|~[{}]|[\x0e\x0f]")


def _is_shift(piece: bytes) -> bool:
    match = _SHIFT.fullmatch(piece)
    return match is not None and not piece.endswith((b"$(", b"$)"))
