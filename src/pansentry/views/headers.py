"""The views of a header: every field a reader shows or a mailer copies, raw and decoded, and attachment names.

In: a part. Out: a view of each field's unfolded value (with its name, if that is full of digits), and where the value
holds encoded words (RFC 2047), RFC 2231 parameters or percent escapes of digits, views with those decoded. Of fields
that only machines write and check (signatures, keys, faces) the opaque stretches are left out, and nothing else.
"""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING

from pansentry import native
from pansentry.mime import charset
from pansentry.mime.fields import split
from pansentry.mime.regular import NOWHERE, SUBJECT
from pansentry.mime.source import Text, Unfolded
from pansentry.mime.tree import unfolded
from pansentry.views import bidi, mended, parameters, plain_words, readers, structured
from pansentry.views.joined import Piece
from pansentry.views.reading import Reading, Weaver, compose
from pansentry.views.view import View, of_reading, of_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pansentry.mime.fields import Field
    from pansentry.mime.parts import Part
    from pansentry.views.worth import Predicate

MACHINE_FIELDS = frozenset(
    {
        "dkim-signature",
        "domainkey-signature",
        "x-google-dkim-signature",
        "arc-seal",
        "arc-message-signature",
        "arc-authentication-results",
        "autocrypt",
        "face",
        "x-face",
    }
)
# what fills a trace with digits and is no number: a date-time (RFC 5322 §3.3), an address literal (RFC 5321 §4.1.3)
_TIME = re.compile(rb" 20[0-9]{2} [0-9]{2}:[0-9]{2}(?::[0-9]{2})? [+-][0-9]{4}")
# a field named in the list that a signature gives of them (RFC 6376 §3.5): short for a credit card elsewhere
_LISTED = re.compile(rb":[Cc][Cc]:(?=[A-Za-z]{2})")
_LITERAL = re.compile(rb"\[[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}\]")
# the header of a text in most multiparts: 9 thousand instructions to see that it says nothing, where asking takes 55
_BARE_HEAD = re.compile(
    rb"(?:Content-Type: text/(?:plain|html); charset=\"?(?:utf-8|us-ascii|iso-8859-1|windows-1252)\"?\r\n"
    rb"|Content-Transfer-Encoding: (?:7bit|8bit|quoted-printable|base64)\r\n){0,2}",
    re.IGNORECASE,
)
_NAMED = frozenset({"content-type", "content-disposition"})
_NAMED_FIELD = re.compile(
    rb"(?:\A|(?<=\n))content-(?:type|disposition)[ \t\0]*:[^\n]*(?:\n[ \t][^\n]*)*", re.IGNORECASE
)
_OPAQUE = re.compile(r"[A-Za-z0-9+/]{20,}+={0,2}")  # a signature, hash or key; longer than any number
# a boundary that Python draws by lot (email.generator): nineteen digits in this frame, valid card numbers among them
_DRAWN = re.compile(r"={15}[0-9]{19}==")
_ESCAPED_DIGIT = re.compile(rb"%3[0-9]")
_MANY_DIGITS = 8


def views(part: Part, worth_reading: Predicate) -> Iterator[View]:
    """Yield the views of the header of ``part``; a harmless one is not even split into its fields."""
    head = part.source.data[part.start : part.fields_end]
    if _BARE_HEAD.fullmatch(head):
        return
    if needs_a_look(head) or not _says_nothing(head, worth_reading, has_words=b"=?" in head):
        yield from views_of_fields(part, worth_reading)


def needs_a_look(head: bytes) -> bool:
    """Say whether fields of a header have to be read to know what they say: RFC 2231, percent escapes of digits as
    browsers write them, octets that are no UTF-8. Stars of a spam filter and escapes in addresses of pages are none."""
    if 0x25 in head and _ESCAPED_DIGIT.search(head) is not None:
        return True
    if (0x2A in head or 0x25 in head) and any(b"*" in one or b"%3" in one for one in _NAMED_FIELD.findall(head)):
        return True
    return not (head.isascii() or charset.is_well_formed(head))


def views_of_fields(part: Part, worth_reading: Predicate) -> Iterator[View]:
    """Yield the views of every field that is worth reading, or holds what nothing cheap can tell."""
    data = part.source.data
    prefix = "" if part.path in ("", "1") and not part.start else f"part:{part.path}/"
    for one in part.fields:
        value = data[_start(one) : one.end]
        words = b"=?" in value
        sections = one.name in _NAMED and (b"*" in value or b"%3" in value)
        escapes = not sections and _ESCAPED_DIGIT.search(value) is not None
        codecs = _codecs(value)
        if not (words or sections or escapes or codecs[1:] or worth_reading(without_traces(value))) and not (
            mended.may_need(value) and worth_reading(mended.mend(value))
        ):
            continue
        place = f"name:{part.path}" if one.name in _NAMED else f"{prefix}header:{one.name or 'junk'}"
        raw = Unfolded(part.source, _start(one), one.end, place)
        yield from (of_text(Text(raw, codec), "header") for codec in codecs[1:])
        source = Text(raw, codecs[0])
        if one.name in MACHINE_FIELDS:
            yield of_reading(source, _without(_OPAQUE, source.text), "header")
            yield from (of_reading(source, read, "header") for read in readers.read_words(source.text) if words)
            continue
        if one.name == "content-type" and _DRAWN.search(source.text):
            yield of_reading(source, _without(_DRAWN, source.text), "header")
        else:
            yield of_text(source, "header")
        reads = (readers.read_words,) * words + (parameters.read,) * sections + (bidi.read, mended.read)
        for read in (*reads, structured.read_percent) if escapes else reads:
            for reading in read(source.text):
                yield of_reading(source, reading, "header")
                if read is readers.read_words:
                    yield from (of_reading(source, compose(r, reading), "header") for r in mended.read(reading.text))


def without_traces_slowly(head: bytes) -> bytes:
    """Return a header, or the value of a field, with ``~`` for what fills a trace with digits and is no number, and
    for a "cc" among names of fields.

    Of a date the day and the month stay, so that the expression begins with three octets that are rare together: from
    the day on it took 137,000 instructions for 600 octets, from a colon on 32,000, so it takes 9,000.
    """
    head = _LISTED.sub(b":~:", _TIME.sub(b"~", head))
    return _LITERAL.sub(b"~", head) if 0x5B in head else head


without_traces: Callable[[bytes], bytes] = native.function("without_traces") or without_traces_slowly


def _start(one: Field) -> int:
    """Return where the view of a field begins: at its value, or at its name if that may be a number."""
    return one.value if one.name and sum(map(str.isdigit, one.name)) < _MANY_DIGITS else one.start


def _without(opaque: re.Pattern[str], text: str) -> Reading:
    """Return a field without what only machines read."""
    weaver = Weaver("legible", text)
    position = 0
    for match in opaque.finditer(text):
        weaver.keep(position, match.start())
        weaver.put("~", match.start(), match.start())
        position = match.end()
    weaver.keep(position, len(text))
    return weaver.reading()


def _says_nothing(head: bytes, worth_reading: Predicate, *, has_words: bool) -> bool:
    """Prove that no field of a header is worth reading, decoded or not, without splitting it.

    Sound: every value, and every value with its words decoded, stands whole in what the predicate is given. Two passes
    over a kilobyte, 12 µs, where splitting, decoding and asking field by field takes 65.
    """
    shown = all_shown(head, has_words=has_words)
    if shown is None:
        return False
    asked = Shown(shown)
    asked.head = head
    return not (worth_reading(asked) and a_field_is_worth_reading(head, worth_reading))


class Shown(bytes):
    """What ``head`` is shown as. No field of it is read with another."""

    head: bytes = b""


def a_field_is_worth_reading(head: bytes, worth_reading: Predicate) -> bool:
    """Say whether any field of a header, all of which together are, is worth reading by itself, as a close look asks.

    The digits of one (``X-Received: … id …``) and a word of another (``h=to:cc:subject`` of a signature) are nothing,
    and stand in most mail that comes from large providers.
    """
    fields = _NEXT_FIELD.split(head)
    if len(fields) > MOST_FIELDS:
        return True
    for one in fields:
        shown = all_shown(one, has_words=b"=?" in one)
        if shown is None or worth_reading(shown):
            return True
    return False


MOST_FIELDS = 250
"""Of more fields none is asked about by itself: it takes 5 µs each."""
_NEXT_FIELD = re.compile(rb"(?<=\n)(?![ \t])")


def all_shown(head: bytes, *, has_words: bool) -> bytes | None:
    """Return what a header is shown as, with its words decoded and without; None if it needs a look."""
    shown = without_traces(head)
    if has_words:
        decoded = plain_words.decoded(shown)
        if decoded is None:
            return None
        shown += decoded
    return shown + mended.mend(shown) if mended.may_need(shown) else shown


def find(part: Part, name: bytes) -> Field | None:
    """Return the first field of a name without splitting the whole header."""
    data, start = part.source.data, part.start
    if data[start : start + len(name)].lower() != name or data[start + len(name) : start + len(name) + 1] != b":":
        match = _line_of(name).search(data, start, part.fields_end)
        if match is None:
            return None
        start = match.start() + 1
    return next(iter(split(data, start, part.fields_end, 1)), None)


def value_of_subject(part: Part) -> tuple[int, int]:
    """Return where the value of the first Subject stands, nothing from 0 to 0 if there is none.

    In a header of the regular form that is known: 2,000 instructions, to look for it takes 32,000.
    """
    if part.regular is not None:
        span = part.regular[SUBJECT]
        return span if span[0] != NOWHERE else (0, 0)
    subject = find(part, b"subject")
    return (0, 0) if subject is None else (subject.value, subject.end)


@functools.cache
def _line_of(name: bytes) -> re.Pattern[bytes]:
    return re.compile(rb"\n(?i:%b):" % re.escape(name))


def piece(part: Part, one: Field) -> Piece:
    """Return a field as a reader shows it in a row with the text."""
    value = part.source.data[one.value : one.end]
    source = Text(unfolded(part, one, f"header:{one.name}"), _codecs(value)[0])
    reading = next(iter(readers.read_words(source.text)), None) if b"=?" in value else None
    return Piece(source, reading)


def _codecs(value: bytes) -> tuple[str, ...]:
    """Raw 8-bit in a header is UTF-8 (RFC 6532) or else what old mailers sent: full-width digits tell which."""
    return ("utf-8",) if value.isascii() else charset.readings(value, "")
