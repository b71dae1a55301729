"""The tree of parts: received bytes to spans (RFC 2045, RFC 2046, RFC 5322 §2.1), strictly and in one reading.

In: the octets of a message. Out: :class:`Message`, whose :class:`Part` are offsets into the buffer they stand in; an
encoded message or multipart is a child buffer. What another reader may take differently is told as codes in
``Message.ambiguities`` (the table is in ``lint.py``): they never change what is read here, they decide how a message
with findings leaves.

One reading means: lines end with LF (a CR before it belongs to the line end); the header ends at the first blank line
or before the first line that is no field; the first Content-Type, Content-Transfer-Encoding and boundary count; a
delimiter is a whole line. Paths are numbered as in RFC 3501 §6.4.5: ``1``, ``1.2``; a message without parts is ``1``.

Limits: ``max_depth``, ``max_parts``, ``max_header_bytes``, ``max_header_fields``; what is beyond is not parsed
further and named in ``Message.unreadable``. Linear: each level searches its own range once.
"""

from __future__ import annotations

import re
import sys

from pansentry import native
from pansentry.envelope import PlainLines
from pansentry.limits import DEFAULT_LIMITS, Limits
from pansentry.mime import delimiters, lint, transfer
from pansentry.mime import fields as header
from pansentry.mime.parts import Message, Part
from pansentry.mime.regular import BLOCK, DISPOSITION, NOWHERE, RARE, TRANSFER_ENCODING, TYPE, Spans, regular
from pansentry.mime.source import Leaf, Received, Source, Unfolded
from pansentry.outcome import Unreadable

_EMBEDDED = frozenset({"message/rfc822", "message/global", "message/news"})
_LEADING_BLANKS = re.compile(rb"(?:[ \t]*\r?\n)*")
_BLANK_LINE = re.compile(rb"\n\r*\n")
_LONE_CR = re.compile(rb"\r(?![\r\n])")
_SHORT = sys.maxsize if native.IS_THERE else 64 * 1024
"""Of a longer message most is base64, whose lines are looked at by a stride when it is decoded, if not all at once."""
_MIN_GUESSED = 24  # octets of base64 without a label that are no word
_DECODERS = {"quoted-printable": transfer.decode_strictly, "base64": transfer.decode_even_lines}
"""Those that give None for what is not of the strict form."""
_TELLING_FIELD = re.compile(rb"(?i)(?:content-|mime-version|subject|from|to|date|message-id|received|x-)[^:\s]*[ \t]*:")


class _Reader:
    """The state of one reading: what is found on the way, and how much may still be read."""

    __slots__ = ("codes", "even", "headers_left", "is_clean", "leaves", "limits", "parts_left", "plain", "unreadable")

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.parts_left = limits.max_parts
        self.headers_left = limits.max_header_bytes
        self.codes: dict[str, None] = {}
        self.unreadable: dict[Unreadable, None] = {}
        self.leaves: dict[int, Leaf] = {}
        self.even: list[tuple[int, int]] = []
        self.is_clean = False
        """The header block that was read last is of the strict form."""
        self.plain: bytes | None = None
        """The message, if its lines are known to end in CRLF and it holds no NUL: headers in it may be regular."""

    def note(self, *codes: str) -> None:
        for code in codes:
            self.codes[code] = None

    def beyond(self, limit: str, path: str) -> None:
        self.unreadable[Unreadable(f"limit:{limit}", f"body:{path or '1'}")] = None


def read(raw: bytes, limits: Limits = DEFAULT_LIMITS) -> Message:
    """Parse a message; any bytes give a :class:`Message`, nothing is raised."""
    reader = _Reader(limits)
    is_plain = isinstance(raw, PlainLines) or (len(raw) <= _SHORT and lint.has_plain_lines(raw))
    source = Received(raw if is_plain else _with_line_ends(raw))
    if len(raw) > limits.max_message_bytes:
        reader.beyond("max_message_bytes", "")
    if is_plain and 0 not in raw:
        reader.plain = raw
    root = _entity(reader, source, 0, len(raw), "", 0, "text/plain")
    octets: tuple[str, ...] = ()
    if root.regular is None:  # of one that is, lines are plain, there is no NUL, and a name comes first
        octets = lint.octets(raw if is_plain else _without_even_bodies(raw, reader.even), is_plain=is_plain)
    codes = tuple(dict.fromkeys((*octets, *reader.codes))) if octets or reader.codes else ()
    return Message(raw, source, root, codes, tuple(reader.unreadable), reader.leaves)


def _without_even_bodies(raw: bytes, even: list[tuple[int, int]]) -> bytes:
    """Leave out bodies whose line ends are known to be CRLF: looking for single octets in 5 MB takes 3 ms."""
    if not even:
        return raw
    edges = [0, *(edge for span in even for edge in span), len(raw)]
    return b"".join([*(raw[start:end] for start, end in zip(edges[::2], edges[1::2], strict=True)), b"\r\n"])


def _with_line_ends(raw: bytes) -> bytes:
    """Read a lone CR as a line end where it parts lines: in the header, and everywhere if there is no LF at all.

    The result is as long as ``raw``, so that offsets are the same.
    """
    if b"\r" not in raw:
        return raw
    if b"\n" not in raw:
        return raw.replace(b"\r", b"\n")
    blank = _BLANK_LINE.search(raw)
    head = raw[: blank.end() if blank else len(raw)]
    if head.count(b"\r") == head.count(b"\r\n"):
        return raw
    return _LONE_CR.sub(b"\n", head) + raw[len(head) :]


def _header_end(reader: _Reader, data: bytes, start: int, end: int, *, is_root: bool) -> tuple[int, int, int]:
    """Return (start of the fields, end of the fields, start of the body) of the entity in ``data[start:end]``."""
    if data.startswith((b"\r\n", b"\n"), start) or start == end:
        if not is_root:
            return start, start, min(end, start + (2 if data[start : start + 1] == b"\r" else 1))
        if start < end:
            reader.note("header:leading-blank")
            match = _LEADING_BLANKS.match(data, start, end)
            start = match.end() if match else start
    crlf, lf = data.find(b"\r\n\r\n", start, end), -1
    lf = data.find(b"\n\n", start, end if crlf < 0 else crlf)
    mixed = data.find(b"\n\r\n", start, end if crlf < 0 else crlf) if lf >= 0 or crlf < 0 else -1
    if mixed >= 0 and (lf < 0 or mixed < lf):
        fields_end, body_start = mixed + 1, mixed + 3
    elif lf >= 0:
        fields_end, body_start = lf + 1, lf + 2
    elif crlf >= 0:
        fields_end, body_start = crlf + 2, crlf + 4
    else:
        fields_end = body_start = end
    if fields_end - start > reader.limits.max_header_bytes:  # cut at a line: what is behind is read as text
        cut = data.rfind(b"\n", start, start + reader.limits.max_header_bytes) + 1
        reader.headers_left = -1
        fields_end = body_start = cut or start + reader.limits.max_header_bytes
    reader.is_clean = header.is_clean(data, start, fields_end)
    if reader.is_clean:
        return start, fields_end, body_start
    return _odd_header(reader, data, start, fields_end, body_start)


def _odd_header(reader: _Reader, data: bytes, start: int, fields_end: int, body_start: int) -> tuple[int, int, int]:
    """Look at a header block line by line."""
    if data.startswith(b"From ", start) or data.startswith(b">From ", start):
        line = data.find(b"\n", start, fields_end)
        reader.note("header:mbox-line")
        if line >= 0 and header.is_clean(data, line + 1, fields_end):
            return line + 1, fields_end, body_start
    lines = header.split(data, start, fields_end, reader.limits.max_header_fields)
    telling = [one.start for one in lines if _TELLING_FIELD.match(data, one.start, one.end)]
    for one in lines:
        piece = data[one.start : one.end]
        codes = lint.field_line(piece, one.name)
        reader.note(*codes)
        # a line that is no field ends the header (RFC 7103 §7.2), unless it goes on behind it all the same
        ends = "header:no-colon" in codes and not piece.startswith((b"From ", b">From "))
        if ends and (not telling or telling[-1] < one.start):
            return start, one.start, one.start
    return start, fields_end, body_start


def _content_fields(reader: _Reader, data: bytes, start: int, end: int) -> dict[str, list[tuple[int, int]]]:
    """Find the Content-… fields without splitting the block: the spans of the values under each name."""
    found = header.all_content_fields(data, start, end)
    for name in lint.STEERING:
        if len(found.get(name, ())) > 1:
            reader.note(f"content-{name}:duplicate")
    return found


def _entity(reader: _Reader, source: Source, start: int, end: int, path: str, depth: int, default: str) -> Part:
    """Read one entity of ``source.data[start:end]``."""
    data = source.data
    limits = reader.limits
    spans = None
    if data is reader.plain:
        most = start + limits.max_header_bytes
        spans = regular(data, start, most if most < end else end)
    if spans is not None:
        begin, fields_end = spans[BLOCK]
        body_start = fields_end + 2
    else:
        begin, fields_end, body_start = _header_end(reader, data, start, end, is_root=not path and not depth)
    reader.parts_left -= 1
    reader.headers_left -= fields_end - begin
    part = Part(source, path, begin, fields_end, body_start, end, default, max_fields=limits.max_header_fields)
    part.regular = spans
    if reader.headers_left < 0:
        reader.beyond("max_header_bytes", path)
    if (
        fields_end - begin > limits.max_header_fields
        and data.count(b"\n", begin, fields_end) > limits.max_header_fields
        and len(part.fields) >= limits.max_header_fields
    ):
        reader.beyond("max_header_fields", path)
    if spans is None:
        _read_content_fields(reader, part)
    else:
        _read_regular_fields(reader, part, spans)
    if part.media_type.startswith(("multipart/", "message/")):
        if depth >= limits.max_depth:
            reader.beyond("max_depth", path)
        elif reader.parts_left <= 0:
            reader.beyond("max_parts", path)
        elif part.is_multipart:
            _read_multipart(reader, part, depth)
        elif part.media_type in _EMBEDDED:
            _read_embedded(reader, part, depth)
    elif not path:
        part.path = "1"
    if part.is_leaf and part.encoding not in transfer.IDENTITY:
        leaf = reader.leaves[id(part)] = Leaf(source, part, f"body:{part.path or '1'}")
        content = _DECODERS[part.encoding](data, body_start, end)
        if content is None:
            reader.note(*transfer.flaws(data[body_start:end], part.encoding, leaf.data))
        else:
            leaf.hold(content)
            if part.encoding == "base64" and source.parent is None:
                reader.even.append((body_start, end))
    return part


def _read_regular_fields(reader: _Reader, part: Part, spans: Spans) -> None:
    """Do what :func:`_read_content_fields` does where each field stands once, in the usual letters."""
    data = part.source.data
    content = part.content
    start, end = spans[TYPE]
    if start != NOWHERE:
        content["type"] = spans[TYPE]
        part.is_labelled = True
        media_type, part.parameters, codes = header.media_type(data, start, end)
        part.media_type = media_type or "text/plain"
        if codes:
            reader.note(*codes)
    start, end = spans[TRANSFER_ENCODING]
    if start != NOWHERE:
        content["transfer-encoding"] = spans[TRANSFER_ENCODING]
        names, odd = lint.transfer_encoding(data[start:end])
        part.encoding = names[0] if len(names) == 1 else _likeliest_encoding(part, list(names))
        if odd:
            reader.note(*odd)
    start, end = spans[DISPOSITION]
    if start != NOWHERE:
        content["disposition"] = spans[DISPOSITION]
        part.disposition, part.disposition_parameters, codes = header.disposition(data, start, end)
        if codes:
            reader.note(*codes)
    for number, name in RARE:
        if spans[number][0] != NOWHERE:
            content[name] = spans[number]


def _read_content_fields(reader: _Reader, part: Part) -> None:
    data = part.source.data
    found = _content_fields(reader, data, part.start, part.fields_end)
    part.content = {name: spans[0] for name, spans in found.items()}
    if "type" in found:
        part.is_labelled = True
        spans = found["type"]
        part.content["type"] = span = spans[0] if len(spans) == 1 else _likeliest_type(part, spans)
        media_type, part.parameters, codes = header.media_type(data, *span)
        part.media_type = media_type or "text/plain"
        if codes:
            reader.note(*codes)
    if "transfer-encoding" in found:
        values = [lint.transfer_encoding(data[start:end]) for start, end in found["transfer-encoding"]]
        names = [name for names, _ in values for name in names]
        part.encoding = _likeliest_encoding(part, names) if len(names) != 1 else names[0]
        for _, odd in values:
            if odd:
                reader.note(*odd)
    if "disposition" in found:
        part.disposition, part.disposition_parameters, codes = header.disposition(data, *part.content["disposition"])
        if codes:
            reader.note(*codes)


def _likeliest_type(part: Part, spans: list[tuple[int, int]]) -> tuple[int, int]:
    """Of several Content-Type fields take the first whose boundary is used, or else the first."""
    data = part.source.data
    for span in spans:
        name, parameters, _ = header.media_type(data, *span)
        boundary = header.resolve(parameters, "boundary")
        if name.startswith("multipart/") and boundary and data.find(b"--" + boundary, part.body_start) >= 0:
            return span
    return spans[0]


def _likeliest_encoding(part: Part, names: list[str]) -> str:
    """Of several encodings take the first that the body has no flaws in, the telling ones first.

    Without a name that is known, a body that is base64 and nothing else is read so.
    """
    body = part.source.data[part.body_start : part.body_end]
    for name in ("base64", "quoted-printable"):
        if name in names and body.strip() and not transfer.flaws(body, name):
            return name
    if not names and len(body) >= _MIN_GUESSED and not transfer.flaws(body, "base64"):
        return "base64"
    return names[0] if names else "7bit"


def _inner(reader: _Reader, part: Part) -> Source | None:
    """Return the decoded body of a composite part that has a transfer encoding (RFC 2045 §6.4 forbids it)."""
    if part.encoding in transfer.IDENTITY:
        return None
    if part.media_type != "message/global":  # RFC 6532 §3.7 allows it there
        reader.note("content-transfer-encoding:on-composite")
    leaf = reader.leaves[id(part)] = Leaf(part.source, part, f"body:{part.path or '1'}")
    return leaf


def _read_embedded(reader: _Reader, part: Part, depth: int) -> None:
    inner = _inner(reader, part)
    source, start, end = (part.source, part.body_start, part.body_end) if inner is None else (inner, 0, len(inner.data))
    path = part.path or "1"
    part.children = (_entity(reader, source, start, end, path + ".1", depth + 1, "text/plain"),)


def _read_multipart(reader: _Reader, part: Part, depth: int) -> None:
    source, start, end = part.source, part.body_start, part.body_end
    if part.encoding not in transfer.IDENTITY:
        inner = _inner(reader, part)
        stated = header.resolve(part.parameters, "boundary")
        if inner is not None and not (stated and source.data.find(b"--" + stated, start, end) >= 0):
            source, start, end = inner, 0, len(inner.data)
    boundary, codes = delimiters.boundary(part.parameters, source.data, start, end)
    if codes:
        reader.note(*codes)
    if not boundary:
        return
    found = delimiters.split(source.data, boundary, start, end, reader.parts_left)
    if found.codes:
        reader.note(*found.codes)
    if not found.parts:
        return
    part.preamble, part.epilogue = found.preamble, found.epilogue
    default = "message/rfc822" if part.media_type == "multipart/digest" else "text/plain"
    prefix = f"{part.path}." if part.path else ""
    children = []
    for number, (first, last) in enumerate(found.parts, 1):
        if reader.parts_left <= 0:
            reader.beyond("max_parts", part.path)
            break
        children.append(_entity(reader, source, first, last, f"{prefix}{number}", depth + 1, default))
    part.children = tuple(children)


def unfolded(part: Part, one: header.Field, place: str) -> Unfolded:
    """Return the value of a header field as a source of its own."""
    return Unfolded(part.source, one.value if one.name else one.start, one.end, place)
