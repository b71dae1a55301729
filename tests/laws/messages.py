"""Random legal messages with a card number at a random place, for the laws.

Out: :class:`Sample`: the message, the number, and its innocent pieces: runs of bytes (header fields, whole parts with
their delimiters) that hold no card data, in the order in which they stand in the message. The writer
shares nothing with PanSentry.
"""

from __future__ import annotations

import base64
import html
import quopri
from dataclasses import dataclass, field

from hypothesis import strategies as st
from tests.golden.kit import cards

CHARSETS = {
    "us-ascii": "boat kettle green quiet river window paper morning",
    "utf-8": "Grüße naïve Übung žluťoučký 漢字 привет 😀 señor",
    "iso-8859-1": "Grüße façade señor Ænima über crème",
    "windows-1252": "café “quoted” – dash übrigens",
    "koi8-r": "привет дорогой магазин спасибо",
    "iso-2022-jp": "注文 ありがとう 東京 よろしく",
    "shift_jis": "注文 ありがとう 東京",
    "gb18030": "您好 谢谢 订单 北京",
    "utf-16": "Grüße 漢字 привет",
    "utf-16le": "wide Grüße",
    "utf-7": "boat Grüße kettle",
}
SEPARATORS = ("", " ", "-", "\u00a0", " - ", ".")
LABELS = ("card number: ", "my credit card is ", "Visa ", "credit card no. ")


@dataclass(slots=True)
class Sample:
    """A message with a number in it (or none), and the pieces that must stay as they are."""

    raw: bytes = field(repr=False)
    number: str = field(repr=False)
    innocent: list[bytes] = field(repr=False)
    place: str


@dataclass(slots=True)
class _Writer:
    """Collects bytes; each piece is innocent or not."""

    pieces: list[tuple[bytes, bool]]

    def add(self, data: bytes, *, innocent: bool = True) -> None:
        self.pieces.append((data, innocent))


def _words(draw: st.DrawFn, charset: str) -> str:
    words = CHARSETS[charset].split()
    return " ".join(draw(st.lists(st.sampled_from(words), min_size=1, max_size=12)))


def _secret(draw: st.DrawFn, number: str, charset: str) -> str:
    card = next(card for card in cards().values() if card.number == number)
    separator = draw(st.sampled_from(SEPARATORS))
    try:
        separator.encode(charset)
    except UnicodeEncodeError:
        separator = " "
    return draw(st.sampled_from(LABELS)) + separator.join(card.groups)


def _fold_base64(data: bytes, width: int) -> bytes:
    code = base64.b64encode(data)
    return b"".join(code[n : n + width] + b"\r\n" for n in range(0, len(code), width))


def _soft(data: bytes, width: int) -> bytes:
    """Return quoted-printable with soft breaks as often as ``width`` says, never inside an escape."""
    out, line = [], b""
    for byte in data:
        piece = bytes([byte]) if 33 <= byte <= 126 and byte != 61 else b"=%02X" % byte
        if len(line) + len(piece) > width:
            out.append(line + b"=\r\n")
            line = b""
        line += piece
    return b"".join(out) + line + b"\r\n"


def _body(draw: st.DrawFn, text: str, charset: str) -> tuple[str, bytes]:
    data = text.replace("\n", "\r\n").encode(charset)
    wide = charset.startswith("utf-16")
    encodings = ["base64", "quoted-printable"] + ([] if wide else ["qp-soft"])
    if not wide:
        encodings.append("8bit")
    encoding = draw(st.sampled_from(encodings))
    if encoding == "base64":
        return encoding, _fold_base64(data, draw(st.sampled_from((4, 60, 64, 76))))
    if encoding == "8bit":
        return encoding, data + b"\r\n"
    if encoding == "quoted-printable" and not wide:
        return encoding, quopri.encodestring(data.replace(b"\r\n", b"\n")).replace(b"\n", b"\r\n") + b"\r\n"
    return "quoted-printable", _soft(data, draw(st.integers(12, 76)))


def _leaf(draw: st.DrawFn, writer: _Writer, number: str) -> None:
    charset = draw(st.sampled_from(sorted(CHARSETS)))
    kind = draw(st.sampled_from(("plain", "html")))
    before, after = _words(draw, charset), _words(draw, charset)
    secret = _secret(draw, number, charset) if number else ""
    if kind == "html":
        shown = f"<b>{html.escape(secret)}</b>" if draw(st.booleans()) else "<i></i>".join(secret.partition(" "))
        text = f"<html><body><p>{html.escape(before)}</p><p>{shown}</p><div>{html.escape(after)}</div></body></html>"
    else:
        text = f"{before}\n{secret}\n{after}"
    encoding, body = _body(draw, text, charset)
    head = f"Content-Type: text/{kind}; charset={charset}\r\nContent-Transfer-Encoding: {encoding}\r\n"
    writer.add(head.encode())
    writer.add(b"\r\n" + body, innocent=not number)


def _attachment(draw: st.DrawFn, writer: _Writer, number: str) -> None:
    content = draw(st.binary(min_size=3, max_size=120))
    card = next((card for card in cards().values() if card.number == number), None)
    name = f"credit card {'-'.join(card.groups)}" if card else "résumé"
    form = draw(st.sampled_from(("plain", "rfc2231", "word")))
    if form == "plain":
        parameter = f'filename="{name if card else "resume"}.bin"'
    elif form == "word":
        parameter = f'filename="=?utf-8?B?{base64.b64encode(name.encode()).decode()}?="'
    else:
        parameter = "filename*=utf-8''" + "".join(
            c if c.isalnum() and c.isascii() else "".join(f"%{b:02X}" for b in c.encode()) for c in name
        )
    writer.add(b"Content-Type: application/octet-stream\r\nContent-Transfer-Encoding: base64\r\n")
    writer.add(f"Content-Disposition: attachment; {parameter}\r\n".encode(), innocent=not number)
    writer.add(b"\r\n" + _fold_base64(b"\x89BIN" + content, 76))


def _entity(draw: st.DrawFn, writer: _Writer, depth: int, number: str, where: str) -> None:
    """Write one entity; the number goes into the first leaf reached if it is to be in a body."""
    shape = "leaf" if depth >= 3 else draw(st.sampled_from(("leaf", "multipart", "multipart", "message")))
    if where in ("preamble", "epilogue", "filename") and depth == 0:
        shape = "multipart"
    if shape == "leaf":
        _leaf(draw, writer, number if where == "body" else "")
    elif shape == "message":
        writer.add(b"Content-Type: message/rfc822\r\n\r\n")
        inner = where == "body" and bool(number)
        writer.add(b"From: inner@example.org\r\nSubject: inner letter\r\nMIME-Version: 1.0\r\n")
        _entity(draw, writer, depth + 1, number if inner else "", where)
    else:
        subtype = draw(st.sampled_from(("mixed", "alternative", "related", "x-odd")))
        boundary = f"b{depth}{draw(st.text('abcdefXYZ_.+=', min_size=1, max_size=30))}x"
        count = draw(st.integers(1, 3))
        chosen = draw(st.integers(0, count - 1))
        here = depth == 0
        writer.add(f'Content-Type: multipart/{subtype}; boundary="{boundary}"\r\n\r\n'.encode())
        if here and where == "preamble" and number:
            writer.add(f"{_secret(draw, number, 'us-ascii')}\r\n".encode(), innocent=False)
        for n in range(count):
            writer.add(f"--{boundary}\r\n".encode())
            _entity(draw, writer, depth + 1, number if n == chosen else "", where if where == "body" else "body-free")
            writer.add(b"\r\n")
        if here and where == "filename":
            writer.add(f"--{boundary}\r\n".encode())
            _attachment(draw, writer, number)
        writer.add(f"--{boundary}--\r\n".encode())
        if here and where == "epilogue" and number:
            writer.add(f"{_secret(draw, number, 'us-ascii')}\r\n".encode(), innocent=False)


def _subject(draw: st.DrawFn, number: str) -> str:
    secret = _secret(draw, number, "us-ascii") if number else "the green kettle"
    form = draw(st.sampled_from(("plain", "B", "Q", "split", "folded")))
    if form == "plain":
        return secret
    if form == "folded":
        return secret.replace(" ", "\r\n ", 1)
    if form == "Q":
        return "=?utf-8?Q?" + "".join(c if c.isalnum() else f"={ord(c):02X}" for c in secret) + "?="
    cut = draw(st.integers(1, len(secret) - 1)) if form == "split" else len(secret)
    words = [piece for piece in (secret[:cut], secret[cut:]) if piece]
    return "\r\n ".join(f"=?utf-8?B?{base64.b64encode(piece.encode()).decode()}?=" for piece in words)


PLACES = ("body", "subject", "from", "x-header", "preamble", "epilogue", "filename")


@st.composite
def samples(draw: st.DrawFn, *, clean: bool = False) -> Sample:
    """Draw a legal message; ``clean`` ones hold no number."""
    number = "" if clean else draw(st.sampled_from(sorted(card.number for card in cards().values())))
    where = draw(st.sampled_from(PLACES))
    writer = _Writer([])
    writer.add(b"Received: from a.example by b.example; Tue, 14 Oct 2025 09:12:44 +0200\r\n")
    name = _secret(draw, number, "us-ascii") if where == "from" and number else "Tom Neill"
    writer.add(f'From: "{name}" <tom@example.com>\r\n'.encode(), innocent=where != "from" or not number)
    writer.add(b"To: orders@shop.example\r\nDate: Tue, 14 Oct 2025 09:12:44 +0200\r\n")
    subject = _subject(draw, number if where == "subject" else "")
    writer.add(f"Subject: {subject}\r\n".encode(), innocent=where != "subject" or not number)
    if where == "x-header" and number:
        writer.add(f"X-Note: {_secret(draw, number, 'us-ascii')}\r\n".encode(), innocent=False)
    writer.add(b"Message-ID: <law.1@example.com>\r\nMIME-Version: 1.0\r\n")
    _entity(draw, writer, 0, number if where not in ("subject", "from", "x-header") else "", where)
    raw = b"".join(piece for piece, _ in writer.pieces)
    return Sample(raw, number, [piece for piece, innocent in writer.pieces if innocent], where)
