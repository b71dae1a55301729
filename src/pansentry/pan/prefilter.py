"""Tell in one pass whether a text can hold card data at all. Sound: never "no" where the detector finds something.

In: text, or bytes in UTF-8 or any superset of ASCII. Three things are looked for in the bytes: many digits close to each
other, words about cards, and characters that must be folded before the first two can be judged (digits of other scripts,
invisible characters between letters or digits); the last sends the text through folding and a second look.

Engines: hyperscan (2 GB/s on 100 KB of mail text), else google-re2 (0.5 GB/s), else ``re`` (30 MB/s). All three run the
same byte expressions, so they answer alike; a test holds them equal.
"""

from __future__ import annotations

import functools
import re
import threading
import unicodedata
from typing import TYPE_CHECKING, Final, Protocol

from pansentry.pan.fold import fold
from pansentry.pan.options import NOTHING_KNOWN, Known

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator


class Seen:
    """What a pass over the bytes can see."""

    DIGITS: Final = 1  # twelve digits close to each other
    CARD: Final = 2
    CODE: Final = 4
    CODE_WEAK: Final = 8
    EXPIRY: Final = 16
    FOREIGN: Final = 32  # must be folded first


_LABELS = Seen.CARD | Seen.CODE | Seen.CODE_WEAK | Seen.EXPIRY
_CHUNK = 4096
_OVERLAP = 200
_MARGIN = 700
_SPOKEN = 8  # number words or digits that a number needs at the least

# Bytes that may part two digits of one number: no ASCII letter or digit, no lead byte of a script that has letters.
_GAP = rb"[^0-9A-Za-z\xc3-\xdf\xe0\xe1\xe4-\xee\xf0-\xff]"
_MANY_DIGITS = rb"(?:[0-9](?:" + _GAP + rb"{0,14}|%[0-9a-fA-F]{2}|&[#a-z0-9]{2,5};)){11}[0-9]"


class _Engine(Protocol):
    def __call__(self, data: bytes) -> int: ...


def may_hold_card_data(text: str, known: Known = NOTHING_KNOWN) -> bool:
    """Tell whether :func:`pansentry.pan.find` can find anything in ``text``; False is certain."""
    data = text.encode("utf-8", "surrogatepass")
    return _may_hold(data, lambda: text, known)


def may_hold_card_data_bytes(data: bytes, known: Known = NOTHING_KNOWN) -> bool:
    """Tell the same of bytes in UTF-8 or another superset of ASCII, before they are decoded."""
    return _may_hold(data, lambda: data.decode("utf-8", "replace"), known)


def _may_hold(data: bytes, text: Callable[[], str], known: Known) -> bool:
    seen = _engine()(data)
    if seen & (Seen.DIGITS | Seen.CODE):
        return True
    if known.card_in_message or known.card_in_conversation:
        return any(digit in data for digit in _ASCII_DIGITS) or bool(seen & Seen.FOREIGN)
    if seen & Seen.FOREIGN:
        data = fold(text()).text.encode("utf-8", "surrogatepass")
        seen = _engine()(data)
        if seen & (Seen.DIGITS | Seen.CODE):
            return True
    if not seen & _LABELS:
        return False
    digits = len(data) - len(data.translate(None, b"0123456789"))
    if seen & Seen.CARD and (digits >= _SPOKEN or _counts_spoken(text())):
        return True
    pairs = (Seen.CARD | Seen.CODE_WEAK, Seen.CARD | Seen.EXPIRY, Seen.EXPIRY | Seen.CODE_WEAK)
    return digits >= 3 and any(seen & pair == pair for pair in pairs)


def _counts_spoken(text: str) -> bool:
    return len(_spoken().findall(fold(text).text.encode("utf-8", "surrogatepass"))) >= _SPOKEN


_ASCII_DIGITS = tuple(bytes([digit]) for digit in b"0123456789")


def stretches(text: str, known: Known) -> Iterator[tuple[int, int, bool]]:
    """Yield ``(start, end, labelled)`` of the stretches of a folded text that are worth reading.

    Short texts are one stretch; long ones are looked at in chunks, and chunks that can hold something are joined with
    a margin on both sides. ``labelled`` tells whether words about cards stand there.
    """
    anything = known.card_in_message or known.card_in_conversation
    engine = _engine()
    current: tuple[int, int, int] | None = None
    for at in range(0, max(len(text), 1), _CHUNK):
        low, high = max(0, at - _OVERLAP), min(len(text), at + _CHUNK + _OVERLAP)
        seen = engine(text[low:high].encode("utf-8", "surrogatepass"))
        if not seen and not anything:
            continue
        start, end = max(0, at - _MARGIN), min(len(text), at + _CHUNK + _MARGIN)
        if current is not None and start <= current[1]:
            current = (current[0], end, current[2] | seen)
        else:
            if current is not None:
                yield current[0], current[1], bool(current[2] & _LABELS)
            current = (start, end, seen)
    if current is not None:
        yield current[0], current[1], bool(current[2] & _LABELS)


# --- expressions ------------------------------------------------------------------------------------------------


@functools.cache
def _expressions() -> tuple[tuple[int, bytes], ...]:
    """Return the byte expressions and what a match of each means; all are matched without regard to ASCII case."""
    from pansentry.pan.vocabulary import Role, vocabulary

    meaning = (
        (Role.CARD | Role.CARD_WEAK, Seen.CARD),
        (Role.CODE, Seen.CODE),
        (Role.CODE_WEAK | Role.PIN, Seen.CODE_WEAK),
        (Role.EXPIRY, Seen.EXPIRY),
    )
    expressions = {(Seen.DIGITS, _MANY_DIGITS), (Seen.FOREIGN, _foreign())}
    for role, seen in meaning:
        labels = [label for label in vocabulary().labels if label.roles & role]
        single = {label.tokens[0] for label in labels if len(label.tokens) == 1}
        phrases = [label for label in labels if len(label.tokens) > 1]
        glued = {"".join(label.tokens) for label in phrases}
        written: set[str] = set()
        for label in labels:
            if label.tokens[0] in glued if len(label.tokens) == 1 else not single.isdisjoint(label.tokens):
                continue  # the phrase finds its words run together, too; the single word finds every phrase with it
            for spelled in label.spellings:
                written |= _spellings(spelled)
        expressions |= {(seen, _phrase(form)) for form in _shortest(written)}
    return tuple(sorted(expressions))


def _shortest(words: Iterable[str]) -> list[str]:
    """Drop the words that another one begins: what finds the short one finds them too."""
    kept: dict[str, None] = {}
    for word in sorted(words, key=lambda w: (len(w), w)):
        if not any(word[:length] in kept for length in range(5 if word.isascii() else 2, len(word))):
            kept[word] = None
    return list(kept)


def _spellings(written: str) -> set[str]:
    """Return the ways a word is typed: as listed, without accents, and both in capitals; ASCII case is ignored anyway.

    Decomposed accents and full-width letters are :data:`Seen.FOREIGN` and go through folding instead.
    """
    composed = unicodedata.normalize("NFC", written.lower())
    forms = {composed, fold(composed).text}
    return forms | {cased for form in forms if not form.isascii() for cased in (form.upper(), form.title())}


def _phrase(written: str) -> bytes:
    """Return an expression for a word or phrase in bytes; short ASCII words must stand alone ("exp", not "expect")."""
    words = re.findall(r"[^\W_]+|#|№|n°", written)
    body = rb"[^0-9A-Za-z]{0,3}".join(re.escape(word.encode("utf-8")) for word in words)
    if len(written) <= 4 and written.isascii():
        return rb"(?:^|[^A-Za-z])" + body + rb"(?:[^A-Za-z]|$)"
    return body


@functools.cache
def _foreign() -> bytes:
    """Return the expression for what must be folded first: digits beyond ASCII, and invisible or compatibility
    characters (full-width, mathematical) beside which a plain look at the bytes sees nothing."""
    digits = [chr(code) for code in (*range(0x80, 0x3400), *range(0xA620, 0xFFFF), *range(0x10000, 0x20000))]
    forms = {c.encode("utf-8", "surrogatepass") for c in digits if unicodedata.digit(c, None) is not None or c == "〇"}
    prefixes: dict[bytes, list[int]] = {}
    for form in forms:
        prefixes.setdefault(form[:-1], []).append(form[-1])
    parts = [re.escape(prefix) + _byte_class(last) for prefix, last in sorted(prefixes.items())]
    invisible = rb"(?:\xc2\xad|\xe2\x80[\x8b-\x8f\xaa-\xae]|\xe2\x81[\xa0-\xaf]|\xef\xbb\xbf|\xcd\x8f|\xd8\x9c|\xe1\xa0[\x8b-\x8f]|\xef\xb8[\x80-\x8f]|\xf3\xa0[\x80-\x87][\x80-\xbf]|\x00)"
    parts.append(rb"[0-9A-Za-z\x80-\xff]" + invisible + rb"{1,8}[0-9A-Za-z\xc3-\xf0]")
    parts.append(rb"\xef(?:\xbc[\xa1-\xba]|\xbd[\x81-\x9f]|\xbe[\x80-\x9f])")  # full-width letters, half-width kana
    parts.append(rb"\xf0\x9d[\x90-\x9f][\x80-\xbf]")  # mathematical letters
    parts.append(rb"[A-Za-z\x80-\xbf](?:\xcc[\x80-\xbf]|\xcd[\x80-\xaf])")  # combining accents
    parts.append(rb"\xe1[\xb8-\xbb][\x80-\xbf]")  # Latin letters with two accents (Vietnamese)
    parts.append(rb"(?:\xd6[\x91-\xbf]|\xd7[\x80-\x87]|\xd9[\x8b-\x9f])")  # Hebrew points, Arabic vowel signs
    return b"|".join(parts)


def _byte_class(values: list[int]) -> bytes:
    return b"[" + b"".join(rb"\x%02x" % value for value in sorted(values)) + b"]"


@functools.cache
def _spoken() -> re.Pattern[bytes]:
    """Return an expression that finds number words of any language, in folded bytes."""
    from pansentry.pan.vocabulary import vocabulary

    words = {word for numerals in vocabulary().numerals.values() for word in numerals}
    return re.compile(b"|".join(re.escape(word.encode()) for word in sorted(words, reverse=True)))


# --- engines ----------------------------------------------------------------------------------------------------


@functools.cache
def _engine() -> _Engine:
    """Return the fastest engine that is installed."""
    for build in (_hyperscan, _re2):
        try:
            return build()
        except ImportError:
            continue
    return _plain()


def _hyperscan() -> _Engine:
    import hyperscan

    expressions = _expressions()
    flags = hyperscan.HS_FLAG_SINGLEMATCH | hyperscan.HS_FLAG_DOTALL | hyperscan.HS_FLAG_CASELESS
    database = hyperscan.Database()
    database.compile(
        expressions=[expression for _, expression in expressions],
        ids=[seen for seen, _ in expressions],
        elements=len(expressions),
        flags=[flags] * len(expressions),
    )
    local = threading.local()

    def seen_in(data: bytes) -> int:
        scratch = getattr(local, "scratch", None)
        if scratch is None:
            scratch = local.scratch = hyperscan.Scratch(database)
        found = [0]

        def matched(seen: int, _from: int, _to: int, _flags: int, _context: object) -> None:
            found[0] |= seen

        if data:
            database.scan(data, match_event_handler=matched, scratch=scratch)
        return found[0]

    return seen_in


def _re2() -> _Engine:
    import re2  # type: ignore[import-untyped]  # ships no types

    options = re2.Options()
    options.encoding = re2.Options.Encoding.LATIN1
    options.case_sensitive = False
    options.dot_nl = True
    options.max_mem = 64 << 20
    compiled = [(seen, re2.compile(expression, options)) for seen, expression in _joined()]

    def seen_in(data: bytes) -> int:
        return sum(seen for seen, pattern in compiled if pattern.search(data) is not None)

    return seen_in


def _plain() -> _Engine:
    compiled = [(seen, re.compile(expression, re.IGNORECASE | re.DOTALL)) for seen, expression in _joined()]

    def seen_in(data: bytes) -> int:
        return sum(seen for seen, pattern in compiled if pattern.search(data) is not None)

    return seen_in


def _joined() -> list[tuple[int, bytes]]:
    """Return the expressions with all of one meaning joined into one."""
    joined: dict[int, list[bytes]] = {}
    for seen, expression in _expressions():
        joined.setdefault(seen, []).append(expression)
    return [(seen, b"(?:" + b"|".join(parts) + b")") for seen, parts in joined.items()]
