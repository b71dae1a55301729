"""The ninth batch: what a red team wrote blind (485 pairs) and the first run had missed, one case for each class."""

from __future__ import annotations

import base64
import plistlib
import struct
import zlib
from collections.abc import Callable

from tests.golden.kit import Case, b64, simple
from tests.golden.recipes.fifth import SHORT, _case, _page
from tests.golden.recipes.seventh import _about_an_order, _file

Write = Callable[[str], str]


def _text(w: Write, text: str, n: int = 2, **more: str) -> bytes:
    return simple("hello", w(text), n, **more)


def _says(w: Write, digits: Callable[[str], str]) -> bytes:
    """A text in which each digit of the number is written by ``digits``."""
    return _text(w, f"my credit card is {''.join(map(digits, w('«raw»')))}, regards from the windmill\n")


def _pairs(number: str) -> str:
    """Two digits in one circled number, where there is one (10 to 50)."""
    pairs = [number[n : n + 2] for n in range(0, len(number), 2)]
    return "".join(_circled(int(pair)) if "10" <= pair <= "50" else pair for pair in pairs)


def _circled(number: int) -> str:
    return chr(number + (0x245F if number < 21 else 0x323C if number < 36 else 0x328D))


def _packet(tag: int, body: bytes) -> bytes:
    return bytes((0xC0 | tag, 0xFF)) + struct.pack(">L", len(body)) + body


def _signed(text: bytes) -> bytes:
    """A message as ``gpg --sign`` makes it, with a signature of zeros: compressed, one-pass, literal, signature."""
    once = _packet(4, b"\3\0\x0a\x16" + bytes(8) + b"\1")
    packets = once + _packet(11, b"b\0\0\0\0\0" + text) + _packet(2, b"\4\0\x16\x0a" + bytes(60))
    return _packet(8, b"\1" + _stored(packets))


def _stored(data: bytes) -> bytes:
    """Deflate that packs nothing (RFC 1951 §3.2.4), the same with every library."""
    return b"\1" + struct.pack("<2H", len(data), 0xFFFF ^ len(data)) + data


def _gzip(data: bytes) -> bytes:
    return bytes.fromhex("1f8b0800000000000003") + _stored(data) + struct.pack("<2L", zlib.crc32(data), len(data))


def _armoured(packets: bytes) -> str:
    lines = b64(packets, 64, b"\n").decode()
    return f"-----BEGIN PGP MESSAGE-----\n\n{lines}-----END PGP MESSAGE-----\n"


def _riff(text: str) -> bytes:
    title = text.encode() + b"\0" * (1 + len(text) % 2)
    listed = b"INFOINAM" + struct.pack("<L", len(title)) + title
    sound = b"fmt " + struct.pack("<LHHLLHH", 16, 1, 1, 8000, 8000, 1, 8) + b"data" + struct.pack("<L", 64) + bytes(64)
    body = b"WAVE" + sound + b"LIST" + struct.pack("<L", len(listed)) + listed
    return b"RIFF" + struct.pack("<L", len(body)) + body


def _id3(text: str) -> bytes:
    frame = b"\1eng\xff\xfe\0\0\xff\xfe" + text.encode("utf-16-le")
    body = b"COMM" + struct.pack(">L", len(frame)) + b"\0\0" + frame
    return b"ID3\3\0\0" + bytes((0, 0, len(body) >> 7, len(body) & 0x7F)) + body + b"\xff\xfb\x90\0" + bytes(400)


def _iso(text: str) -> bytes:
    """An image whose descriptors name nothing; its sectors are there for every viewer."""
    return bytes(32768) + b"\1CD001\1".ljust(2048, b"\0") + b"\xffCD001\1".ljust(2048, b"\0") + text.encode()


def _plist(text: str) -> bytes:
    return plistlib.dumps({"note": text, "page": b"<p>nothing</p>"}, fmt=plistlib.FMT_BINARY)


def _wrapped(number: str) -> bytes:
    """A page in RTF as Outlook sends it: its digits in the markup, others only for readers of RTF."""
    digits = "".join(f"{{\\*\\htmltag84 &#{ord(digit)};}}\\htmlrtf 9\\htmlrtf0 " for digit in number)
    text = f"{{\\*\\htmltag64 <p>}}my credit card is {digits} regards{{\\*\\htmltag72 </p>}}"
    return f"{{\\rtf1\\ansi\\fromhtml1 {text}}}".encode()


_LINE = SHORT.strip()
_ROWS: tuple[tuple[str, str, Callable[[Write], bytes]], ...] = (
    (
        "openpgp-signed",
        "An armoured message that is signed, not encrypted: the text stands in a compressed packet",
        lambda w: _text(w, f"regards from the windmill\n\n{_armoured(_signed(w(SHORT).encode()))}"),
    ),
    (
        "openpgp-signed-file",
        "The same in octets, as a file",
        lambda w: _file(w, "note.txt.gpg", "application/octet-stream", _signed(w(SHORT).encode())),
    ),
    (
        "vcard-group-label",
        "A vCard telephone number whose group has a label of its own",
        lambda w: _text(
            w,
            "BEGIN:VCARD\nVERSION:3.0\nFN:The windmill\nitem1.TEL:«raw»\nitem1.X-ABLabel:credit card\nEND:VCARD\n",
            kind="text/vcard",
        ),
    ),
    ("digits-outlined", "Outlined digits of Unicode 16", lambda w: _says(w, lambda d: chr(0x1CCF0 + int(d)))),
    ("digits-garay", "Digits of Garay, Unicode 16", lambda w: _says(w, lambda d: chr(0x10D40 + int(d)))),
    ("digits-tags", "Invisible TAG digits", lambda w: _says(w, lambda d: chr(0xE0030 + int(d)))),
    (
        "digits-circled-pairs",
        "Pairs of digits as circled numbers from 10 to 50",
        lambda w: _text(w, f"my credit card is {_pairs(w('«raw»'))}, regards from the windmill\n"),
    ),
    ("overstruck", "Digits struck twice, bold as manual pages have it", lambda w: _says(w, lambda d: f"{d}\b{d}")),
    ("overstruck-decoys", "Every digit struck over a nought", lambda w: _says(w, lambda d: f"0\b{d}")),
    ("octal-escapes", "Digits as octal escapes", lambda w: _says(w, lambda d: f"\\{ord(d):03o}")),
    (
        "script-atob",
        "A page whose script decodes a base64 string in quotes",
        lambda w: _page(w, f'<script>document.write(atob("{base64.b64encode(w(_LINE).encode()).decode()}"))</script>'),
    ),
    (
        "data-link-in-text",
        "A data: link in base64 in a vCard, where no markup is",
        lambda w: _text(
            w,
            "BEGIN:VCARD\nVERSION:4.0\nFN:The windmill\nKEY:data:text/plain;base64,"
            + base64.b64encode(w("my credit card is «raw»").encode()).decode()
            + "\nEND:VCARD\n",
            kind="text/vcard",
        ),
    ),
    (
        "gzip-word",
        "A gzip file as a word of base64 in the middle of a line",
        lambda w: _text(
            w, f"regards from the windmill: {base64.b64encode(_gzip(w(_LINE).encode())).decode()} is the file\n"
        ),
    ),
    (
        "ebcdic-file",
        "A file in EBCDIC that nothing says so of",
        lambda w: _file(w, "host.dat", "application/octet-stream", w(SHORT).encode("cp037")),
    ),
    (
        "charset-ibm01140",
        "A text in EBCDIC with the euro sign, by its IANA name",
        lambda w: simple("windmill", w(SHORT), 2, charset="IBM01140", codec="cp1140", encoding="base64"),
    ),
    ("riff-title", "The title of a sound", lambda w: _file(w, "a.wav", "audio/wav", _riff(w(_LINE)))),
    ("id3-wide-comment", "An ID3 comment in UTF-16", lambda w: _file(w, "a.mp3", "audio/mpeg", _id3(w(_LINE)))),
    (
        "iso-broken",
        "An image of a disc that names nothing",
        lambda w: _file(w, "a.iso", "application/x-iso9660-image", _iso(w(SHORT))),
    ),
    ("property-list", "A binary property list", lambda w: _file(w, "a.plist", "application/x-plist", _plist(w(_LINE)))),
    ("rtf-from-html", "HTML wrapped in RTF", lambda w: _file(w, "a.rtf", "application/rtf", _wrapped(w("«raw»")))),
)
_UNSEEN = frozenset(
    "openpgp-signed openpgp-signed-file digits-outlined digits-garay digits-tags overstruck overstruck-decoys"
    " octal-escapes script-atob data-link-in-text gzip-word property-list rtf-from-html ebcdic-file".split()
)
CASES: tuple[Case, ...] = tuple(
    _case(number + 7, slug, what, make, unseen=slug in _UNSEEN) for number, (slug, what, make) in enumerate(_ROWS)
)
TWINS = tuple((slug, make(_about_an_order)) for slug, _, make in _ROWS)
"""The same messages without card data, by slug."""
