"""Canonical form: an ambiguous message is written anew so that only one reading remains (facts: treatment C).

In: a message, already redacted by byte ranges. Out: bytes with the same content and

- one Content-Type, one Content-Transfer-Encoding, one Content-Disposition for each part, in their strict form, with
  every parameter once (RFC 2045 §5.1, RFC 2231 for what is not ASCII);
- boundaries that occur nowhere in the old message; no preamble, no epilogue (what stood there becomes a text part);
- every leaf in base64, text as UTF-8, in 76 columns; composite parts as 7bit or 8bit;
- header fields that are well formed as they stand, others without their oddity, lines that are no field as the
  encoded words of ``X-Unparsed``; one kind of line end.

Delivery reports and their kin keep their type and stand in 7 bits (RFC 3464 §2.1.1), where they are ASCII in short
lines. The order of fields and parts stays. Known gap: a signature in an ambiguous message is kept as an attachment and
no longer verifies.
"""

from __future__ import annotations

import hashlib
import re
from base64 import b64encode
from typing import TYPE_CHECKING

from pansentry.mime import charset, transfer
from pansentry.mime import fields as header
from pansentry.views import uu

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pansentry.mime.parts import Message, Part
    from pansentry.mime.source import Leaf

_STEERING = frozenset({"content-type", "content-transfer-encoding", "content-disposition", "content-md5"})
_DROPPED = _STEERING | {"mime-version", "content-length", "lines"}
_KEPT_SUBTYPES = frozenset({"mixed", "alternative", "related", "report", "appledouble", "form-data"})
_REPORTS = frozenset(
    {
        "message/delivery-status",
        "message/disposition-notification",
        "message/feedback-report",
        "message/tracking-status",
        "message/global-delivery-status",
        "message/global-disposition-notification",
    }
)
_BOILERPLATE = re.compile(
    rb"(?i)\A\s*(?:this is (?:a|an|the) [^\r\n]{0,40}mime[^\r\n]*\s*|[^\r\n]{0,80}mime[^\r\n]{0,80}\s*)?\Z"
)
_TOKEN = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`{|}~-]+\Z")
_PLAIN = re.compile(r"[ !#-\[\]-~]*\Z")
_NAME = re.compile(rb"[!-9;-~]+\Z")
_LETTERS = str.maketrans("0123456789", "ghijklmnop")
_CONTROL = re.compile("[\x00-\x08\x0e-\x1f]")
_MAX_LINE = 900
_ONE_ALPHABET = bytes.maketrans(b"-_", b"+/")


def rebuild(message: Message) -> bytes:
    """Return the message in canonical form."""
    writer = _Writer(message)
    return writer.entity(message.root, is_top=True)


class _Writer:
    """Writes one message: knows its line end, its leaves and the boundaries used."""

    def __init__(self, message: Message) -> None:
        self._message = message
        self._ending = b"\r\n" if b"\r\n" in message.raw or b"\n" not in message.raw else b"\n"
        self._seed = hashlib.sha256(message.raw).hexdigest()[:24].translate(_LETTERS)
        self._count = 0

    def entity(self, part: Part, *, is_top: bool) -> bytes:
        """Write a part with its header."""
        asides = [piece for piece in self._asides(part) if not _BOILERPLATE.match(piece)]
        if not asides:
            content, body = self._content(part)
            return self._lines(self._kept(part), _mime(is_top), content) + body
        content, body = self._content(part)
        inner = [self._lines(content) + body, *(self._text_part(piece) for piece in asides)]
        outer, body = self._multipart("mixed", (), inner)
        return self._lines(self._kept(part), _mime(is_top), outer) + body

    def _content(self, part: Part) -> tuple[list[bytes], bytes]:
        """Return the Content-… lines and the body of a part."""
        if part.children and part.is_multipart:
            subtype = part.media_type.split("/", 1)[1]
            kept = subtype if subtype in _KEPT_SUBTYPES else "mixed"
            parameters = [(n, v) for n, v in _resolved(part.parameters) if n in ("type", "start", "report-type")]
            return self._multipart(kept, parameters, [self.entity(child, is_top=False) for child in part.children])
        if part.children:
            body = self.entity(part.children[0], is_top=False)
            encoding = b"7bit" if body.isascii() else b"8bit"
            lines = [b"Content-Type: message/rfc822", b"Content-Transfer-Encoding: " + encoding]
            return [*lines, *self._disposition(part)], body
        return self._leaf(part)

    def _leaf(self, part: Part) -> tuple[list[bytes], bytes]:
        data = _sensible(self._message.leaf(part))
        media_type = part.media_type
        if media_type in _REPORTS and (lines := _in_short_lines(data)):
            fields = [b"Content-Type: " + media_type.encode("ascii"), b"Content-Transfer-Encoding: 7bit"]
            return [*fields, *self._disposition(part)], self._ending.join(lines) + self._ending
        if media_type.startswith(("multipart/", "message/")):
            media_type = "text/plain"
        parameters = [
            (name, value) for name, value in _resolved(part.parameters) if name not in ("charset", "boundary")
        ]
        if media_type.startswith("text/"):
            codec = charset.readings(data, part.charset)[0]
            data = charset.printable(charset.decode(data, codec)).encode("utf-8")
            parameters.insert(0, ("charset", "utf-8"))
        lines = [
            self._structured(b"Content-Type: " + media_type.encode("ascii"), parameters),
            b"Content-Transfer-Encoding: base64",
        ]
        return [*lines, *self._disposition(part)], transfer.encode_base64(data, self._ending)

    def _disposition(self, part: Part) -> list[bytes]:
        if not part.disposition:
            return []
        token = part.disposition if part.disposition in ("inline", "attachment") else "attachment"
        return [self._structured(b"Content-Disposition: " + token.encode(), _resolved(part.disposition_parameters))]

    def _structured(self, start: bytes, parameters: Iterable[tuple[str, str]]) -> bytes:
        return start + b"".join(b";" + self._ending + b" " + _parameter(name, value) for name, value in parameters)

    def _multipart(
        self, subtype: str, parameters: Iterable[tuple[str, str]], parts: list[bytes]
    ) -> tuple[list[bytes], bytes]:
        boundary = self._boundary()
        body = b"".join(b"--" + boundary + self._ending + part + self._ending for part in parts)
        field = self._structured(
            b"Content-Type: multipart/" + subtype.encode(), [*parameters, ("boundary", boundary.decode())]
        )
        return [field], body + b"--" + boundary + b"--" + self._ending

    def _boundary(self) -> bytes:
        while True:
            self._count += 1
            boundary = f"=_{self._seed}_{self._count}".encode()
            if boundary not in self._message.raw:
                return boundary

    def _text_part(self, data: bytes) -> bytes:
        text = charset.printable(charset.decode(data, charset.readings(data, "")[0])).encode("utf-8")
        lines = [b"Content-Type: text/plain; charset=utf-8", b"Content-Transfer-Encoding: base64"]
        return self._lines(lines) + transfer.encode_base64(text, self._ending)

    def _asides(self, part: Part) -> list[bytes]:
        if not part.children or not part.is_multipart:
            return []
        data = part.children[0].source.data
        return [data[start:end] for start, end in (part.preamble, part.epilogue)]

    def _kept(self, part: Part) -> list[bytes]:
        data = part.source.data
        lines = []
        for one in part.fields:
            if one.name not in _DROPPED:
                lines += self._field(data[one.start : one.end], data[one.start : one.value], data[one.value : one.end])
        return lines

    def _field(self, whole: bytes, before: bytes, value: bytes) -> list[bytes]:
        """Return a field in strict form: as it stands, without its oddity, or as X-Unparsed."""
        lines = whole.replace(b"\r\n", b"\n").split(b"\n")
        if header.CLEAN_BLOCK.fullmatch(whole) and all(len(line) <= _MAX_LINE for line in lines):
            return [self._ending.join(line.rstrip(b"\r") for line in lines)]
        name = before.rstrip(b": \t\0")
        text = b" ".join(re.sub(rb"[\0\r\n]", b" ", value if before else whole).split())
        if not before or not _NAME.match(name):
            return self._unparsed(whole) if text else []
        return [self._folded(name + b": " + text)]

    def _folded(self, line: bytes) -> bytes:
        """Fold a line at blanks; a word that is too long for a line is left whole (RFC 5322 §2.1.1 asks for less)."""
        lines = [b""]
        for word in line.split(b" "):
            if len(lines[-1]) + len(word) > 76 and lines[-1]:
                lines.append(b"")
            lines[-1] += (b" " if lines[-1] or len(lines) > 1 else b"") + word
        return self._ending.join(lines)

    def _unparsed(self, whole: bytes) -> list[bytes]:
        words = [
            b"=?utf-8?B?" + b64encode(piece) + b"?="
            for piece in _pieces(charset.printable(charset.decode(whole, "utf-8")))
        ]
        return [b"X-Unparsed: " + (self._ending + b" ").join(words)]

    def _lines(self, *groups: list[bytes]) -> bytes:
        return b"".join(line + self._ending for group in groups for line in group) + self._ending


def _sensible(leaf: Leaf) -> bytes:
    """Return the content; of a text with a broken encoding the first way of reading it that gives a text."""
    body = leaf.body
    if b"uu" in leaf.part.value("transfer-encoding").lower():
        return _uudecoded(body)
    if transfer.flaws(body, leaf.part.encoding) and not _is_text(leaf.data):
        either = transfer.decode(body.translate(_ONE_ALPHABET), leaf.part.encoding)
        return next((data for data in (either, body) if _is_text(data)), leaf.data)
    return leaf.data


def _in_short_lines(data: bytes) -> list[bytes]:
    """Return the lines of an ASCII text; none if it is not ASCII, is empty or has long lines."""
    lines = data.replace(b"\0", b" ").replace(b"\r\n", b"\n").replace(b"\r", b"\n").rstrip(b"\n").split(b"\n")
    return lines if data.isascii() and data.strip() and all(len(line) <= _MAX_LINE for line in lines) else []


def _uudecoded(body: bytes) -> bytes:
    """Return the file that is all there is of a body; the body itself if there is more, or none."""
    files = uu.read(body)
    around = body[: files[0].start] + body[files[0].end :] if len(files) == 1 else body
    lines = [line.strip().lower() for line in around.split(b"\n")]
    alone = all(line in (b"", b"`", b"end") or line.startswith(b"begin ") for line in lines)
    return files[0].data if len(files) == 1 and alone else body


def _is_text(data: bytes) -> bool:
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return not _CONTROL.search(text)


def _mime(is_top: bool) -> list[bytes]:
    return [b"MIME-Version: 1.0"] if is_top else []


def _pieces(text: str) -> list[bytes]:
    """Cut text into UTF-8 pieces of at most 45 bytes without cutting a character (RFC 2047 §5)."""
    pieces = [b""]
    for character in text:
        encoded = character.encode("utf-8")
        if len(pieces[-1]) + len(encoded) > 45:
            pieces.append(b"")
        pieces[-1] += encoded
    return pieces


def _resolved(found: tuple[header.Parameter, ...]) -> list[tuple[str, str]]:
    """Return every parameter once, RFC 2231 sections joined and decoded."""
    stems = dict.fromkeys(parameter.name.split("*", 1)[0] for parameter in found)
    resolved = []
    for stem in stems:
        value = header.resolve(found, stem)
        if value is not None and _TOKEN.match(stem):
            label = next(
                (p.value.split(b"'", 1)[0] for p in found if p.name in (stem + "*", stem + "*0*") and b"'" in p.value),
                b"",
            )
            codec = charset.codec_of(label.decode("latin-1")) or charset.readings(value, "")[0]
            resolved.append((stem, charset.printable(charset.decode(value, codec))))
    return resolved


def _parameter(name: str, value: str) -> bytes:
    if _TOKEN.match(value):
        return f"{name}={value}".encode("ascii")
    if _PLAIN.match(value):
        return f'{name}="{value}"'.encode("ascii")
    quoted = "".join(
        chr(byte) if chr(byte).isascii() and (chr(byte).isalnum() or byte in b"-._~") else f"%{byte:02X}"
        for byte in value.encode("utf-8")
    )
    return f"{name}*=utf-8''{quoted}".encode("ascii")
