"""Three engines that look for many byte expressions in one pass and tell which kinds matched, and where the first did.

hyperscan (2 GB/s on 100 KB of mail text), else google-re2 (0.5 GB/s), else ``re`` (30 MB/s). Same expressions, same
answers. For the first texts :mod:`pansentry.pan.literals` (4 MB/s), which is there at once.
"""

from __future__ import annotations

import contextlib
import functools
import re
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

Expressions = tuple[tuple[int, bytes], ...]
Apart = tuple[tuple[int, ...], ...]
"""Kinds that are looked for in passes of their own, because they slow down each other and the rest."""


class Engine(Protocol):
    """Return the kinds that match in ``data``, each with the end of a match (the first, with hyperscan and re)."""

    def __call__(self, data: bytes) -> dict[int, int]: ...


SLOW_START_BYTES = 1 << 20
"""hyperscan compiles the vocabulary in a quarter of a second; the engine to begin with reads so much text in that."""
FAST_START_BYTES = 1 << 20
"""Bytes after which compiling a few dozen expressions (0.1 s) pays; see :class:`Fast`."""


class Started:
    """An engine that starts at once and is exchanged for the fastest one when there is more to look at."""

    __slots__ = ("_apart", "_engine", "_expressions", "_is_fastest", "_left", "_lock")

    def __init__(self, expressions: Expressions, apart: Apart = ()) -> None:
        self._expressions = expressions
        self._apart = apart
        self._engine: Engine | None = None  # made when it is first needed: a gateway never needs the first one
        self._left = SLOW_START_BYTES
        self._is_fastest = False
        self._lock = threading.Lock()

    def __call__(self, data: bytes) -> dict[int, int]:
        if self._left > 0:
            self._left -= len(data)
            if self._left <= 0:
                self.hurry()
        engine = self._engine
        return engine(data) if engine is not None else self._begin()(data)

    def _begin(self) -> Engine:
        with self._lock:
            engine = self._engine
            if engine is None:
                engine = self._engine = _literal(self._expressions)
        return engine

    def hurry(self) -> None:
        """Compile the fastest engine now; a gateway does so before it opens its port."""
        with self._lock:  # whoever comes second waits for the first
            self._left = 0
            if not self._is_fastest:
                fastest = functools.partial(_hyperscan, apart=self._apart)
                self._engine = _first_of(self._expressions, fastest, _re2, _plain)
                self._is_fastest = True


class Fast:
    """An engine for what may as well not be looked for: hyperscan, or None as long as it is not there.

    For expressions that ``re`` could only try one after the other, and where a caller without an answer does all the
    work. Expressions mean case. Compiled when told to, or when so much was asked for that it pays.
    """

    __slots__ = ("_engine", "_expressions", "_left", "_lock")

    def __init__(self, expressions: Expressions) -> None:
        self._expressions = expressions
        self._engine: Engine | None = None
        self._left = FAST_START_BYTES
        self._lock = threading.Lock()

    def __call__(self, data: bytes) -> dict[int, int] | None:
        if self._engine is not None:
            return self._engine(data)
        if self._left > 0:
            self._left -= len(data)
            if self._left <= 0:
                self.hurry()
        return None

    def hurry(self) -> None:
        """Compile now, if hyperscan is there; a gateway does so before it opens its port."""
        with self._lock:
            self._left = 0
            if self._engine is None:
                with contextlib.suppress(ImportError):
                    self._engine = _hyperscan(self._expressions, caseless=False)


@functools.cache
def compiled(expressions: Expressions, apart: Apart = ()) -> Started:
    """Return the engine for these expressions: kind → end of its first match.

    Those of the kinds ``apart`` are looked for in passes of their own.
    """
    return Started(expressions, apart)


def _first_of(expressions: Expressions, *builders: Callable[[Expressions], Engine]) -> Engine:
    for build in builders[:-1]:
        try:
            return build(expressions)
        except ImportError:
            continue
    return builders[-1](expressions)


def _hyperscan(expressions: Expressions, *, caseless: bool = True, apart: Apart = ()) -> Engine:
    """Build the engine on hyperscan.

    Compiling 6,500 expressions took 15 s. Two things make it 0.13: every expression has a number of its own (those that
    share one are merged, at a cost that grows with their square), and of a phrase only its longest word is looked for,
    the rest of it where that stands (:class:`_Phrase`); "3 digits", too, is looked at only where it stands.

    One database for each of ``apart`` and one for the rest, asked in turn: digits and words take 1.19 and 1.14 µs
    for 2 KB of mail, 50 and 40 for 100 KB; both in one database 2.83 and 120.
    """
    import hyperscan

    single, phrases = _apart(expressions)
    keys = list(phrases)
    mode = hyperscan.HS_FLAG_DOTALL | (hyperscan.HS_FLAG_CASELESS if caseless else 0)
    once = mode | hyperscan.HS_FLAG_SINGLEMATCH
    wanted = [(number, expression, once) for number, (_, expression) in enumerate(single)]
    wanted += [(number, key, mode) for number, key in enumerate(keys, len(single))]
    kinds = [seen for seen, _ in single]
    parts: dict[tuple[int, ...], list[tuple[int, bytes, int]]] = {}
    for row in wanted:
        kind = kinds[row[0]] if row[0] < len(kinds) else 0
        parts.setdefault(next((kinds for kinds in apart if kind in kinds), ()), []).append(row)
    databases = []
    for part in parts.values():
        numbers, patterns, flags = zip(*part, strict=True)
        databases.append(hyperscan.Database())
        databases[-1].compile(expressions=patterns, ids=numbers, elements=len(part), flags=flags)
    around = [_around(phrases[key]) for key in keys]
    local = threading.local()  # a scratch space serves one scan at a time

    def scan(data: bytes) -> dict[int, int]:
        hits: list[tuple[int, int]] = []
        if data:
            try:
                passes = local.passes
            except AttributeError:
                passes = local.passes = [(database.scan, hyperscan.Scratch(database)) for database in databases]
            for look, scratch in passes:
                look(data, _matched, 0, hits, scratch)  # by place: by name it takes 4,000 instructions more
        if not hits:
            return {}
        found: dict[int, int] = {}
        words: dict[int, list[int]] = {}
        for number, to in hits:
            if number >= len(kinds):
                words.setdefault(number - len(kinds), []).append(to)
            elif kinds[number] not in found or to < found[kinds[number]]:
                found[kinds[number]] = to
        for key, ends in words.items():
            _look_around(data, ends, around[key], found)
        return found

    return scan


def _matched(number: int, _from: int, to: int, _flags: int, hits: object) -> None:
    hits.append((number, to))  # type: ignore[attr-defined]  # the context of the scan


@dataclass(frozen=True, slots=True)
class _Phrase:
    """A phrase that is looked for around its longest word: cheaply by its other words, then exactly."""

    seen: int
    others: tuple[bytes, ...]
    reach: int
    expression: bytes


@dataclass(frozen=True, slots=True)
class _Around:
    """The phrases that share a word, by the longest of their other words (``b""`` for what is counted); their reach."""

    reach: int
    by_word: tuple[tuple[bytes, tuple[_Phrase, ...]], ...]


def _around(phrases: Sequence[_Phrase]) -> _Around:
    by_word: dict[bytes, list[_Phrase]] = {}
    for phrase in phrases:
        by_word.setdefault(max(phrase.others, key=len, default=b""), []).append(phrase)
    reach = max(phrase.reach for phrase in phrases)
    return _Around(reach, tuple((word, tuple(listed)) for word, listed in by_word.items()))


def _look_around(data: bytes, ends: list[int], around: _Around, found: dict[int, int]) -> None:
    """Note which phrases stand where one word of theirs ends; most of the time their other words stand nowhere near.

    Only what is near is looked at: 38 KB with 40 hits of "eight" ("line-height") take 0.8 million instructions instead
    of 1.3, in which all of it was looked through for each other word. Each other word is looked for once, by ``find``,
    which takes half of what ``in`` takes: 2 KB with a "code" that is a voucher's took 200 thousand more than without.
    """
    reach = around.reach
    if len(ends) * 2 * reach < len(data):
        near = b"\n".join([data[max(0, to - reach) : to + reach] for to in ends]).lower()
    else:
        near = data.lower()
    for word, phrases in around.by_word:
        if near.find(word) >= 0:
            for phrase in phrases:
                if phrase.seen not in found and all(other in near for other in phrase.others):
                    _look_closely(data, ends, phrase, found)


def _look_closely(data: bytes, ends: list[int], phrase: _Phrase, found: dict[int, int]) -> None:
    """Note whether a phrase stands where one word of it ends."""
    for to in ends:
        start, stop = max(0, to - phrase.reach), to + phrase.reach
        here = data[start:stop].lower()
        if all(other in here for other in phrase.others):
            match = _exact(phrase.expression).search(data, start, stop)
            if match is not None:
                found[phrase.seen] = match.end()
                return


@functools.cache
def _exact(expression: bytes) -> re.Pattern[bytes]:
    return re.compile(expression, re.IGNORECASE | re.DOTALL)


def _apart(expressions: Expressions) -> tuple[list[tuple[int, bytes]], dict[bytes, list[_Phrase]]]:
    """Part expressions into those that are looked for as they are, and phrases by what is looked for of them."""
    single: list[tuple[int, bytes]] = []
    phrases: dict[bytes, list[_Phrase]] = {}
    for seen, expression in expressions:
        if expression.startswith(COUNTED):
            word = _unescaped(expression.removeprefix(COUNTED)).lower()
            for key in (b"3" + word, b"3 " + word, b"3-" + word):
                phrases.setdefault(re.escape(key), []).append(_Phrase(seen, (), len(key) + 1, expression))
            continue
        words = [_unescaped(word).lower() for word in expression.split(WORD_GAP)]
        key = max(words, key=_worth_as_key)
        is_key = len(key) >= _SHORTEST_KEY and key not in _IN_MARKUP
        keys = [re.escape(key)] if is_key else _beside_markup(words) or _beside_the(words)
        if len(words) == 1 or not keys or expression.startswith(b"("):  # "c v" standing alone
            single.append((seen, expression))
            continue
        reach = sum(map(len, words)) + 4 * len(words)
        if is_key:
            words.remove(key)
        for listed in keys:
            phrases.setdefault(listed, []).append(_Phrase(seen, tuple(words), reach, expression))
    return single, phrases


def _worth_as_key(word: bytes) -> int:
    """Return how good it is to look for a word: long ones are rare, but for what stands in tags again and again.

    "line-height" in each paragraph of 10 KB of HTML made "last eight" cost more than all other phrases: 0.3 million
    instructions.
    """
    return 0 if word in _IN_MARKUP else len(word)


_IN_EVERY_LINE = (b"eight", b"weight", b"height")
_IN_MARKUP = (*_IN_EVERY_LINE, b"atta")
"""The last one is Swedish for eight, and begins "attachment", which stands in the header of every file."""


def _beside_markup(words: Sequence[bytes]) -> list[bytes]:
    """Return what to look for of two words, one of them "eight" and neither rare, for each width of the gap.

    So hyperscan takes the other word for the one to look for. Called back for each "line-height" 20 KB of HTML took a
    million instructions more, with both words and any gap as one expression 60 thousand more. "atta" is left whole: the
    other word is "ett", which stands in "letter" and "settimana", and took a third of the look at Italian text.
    """
    if len(words) != 2 or not any(word in _IN_MARKUP for word in words):
        return []
    left, right = words
    if left in _IN_EVERY_LINE and right not in _IN_MARKUP:
        left = left[-2:]
    elif right in _IN_EVERY_LINE and left not in _IN_MARKUP:
        right = right[:2]
    left, right = re.escape(left), re.escape(right)
    return [left + _NOT_WORD * width + right for width in range(_MAX_WIDTH + 1)]


def _beside_the(words: Sequence[bytes]) -> list[bytes]:
    """Return what to look for of a phrase of short words if one is "the", for each width of the gap beside it.

    It is Vietnamese for card, and stands four times in a line of English: 50 ns each time that hyperscan, which takes
    the longest word as the one to look for, has to look what follows. With two octets of it, it takes the other word.
    """
    if _THE not in words:
        return []
    at = words.index(_THE)
    left, right = (words[at - 1], _THE[:2]) if at else (_THE[-2:], words[1])
    return [re.escape(left) + _NOT_WORD * width + re.escape(right) for width in range(_MAX_WIDTH + 1)]


_THE = b"the"
_NOT_WORD = rb"[^0-9A-Za-z]"
_MAX_WIDTH = 3


def _unescaped(word: bytes) -> bytes:
    """Return the literal that an escaped one stands for."""
    return _ESCAPED.sub(rb"\1", word)


WORD_GAP = rb"%b{0,%d}" % (_NOT_WORD, _MAX_WIDTH)
"""What stands between the words of a phrase in an expression; the words themselves are literals."""
COUNTED = rb"\b3[ \-]?"
"""What stands before a word that says what is counted."""
_SHORTEST_KEY = 4
_ESCAPED = re.compile(rb"\\(.)", re.DOTALL)


def _re2(expressions: Expressions) -> Engine:
    import re2

    options = re2.Options()
    options.encoding = re2.Options.Encoding.LATIN1
    options.case_sensitive = False
    options.dot_nl = True
    options.max_mem = 256 << 20
    return _searching([(seen, re2.compile(expression, options)) for seen, expression in _by_kind(expressions)])


def _plain(expressions: Expressions) -> Engine:
    flags = re.IGNORECASE | re.DOTALL
    return _searching([(seen, re.compile(expression, flags)) for seen, expression in _by_kind(expressions)])


def _literal(expressions: Expressions) -> Engine:
    from pansentry.pan.literals import literal

    return literal(expressions, _plain)


def _searching(patterns: Sequence[tuple[int, re.Pattern[bytes]]]) -> Engine:
    def scan(data: bytes) -> dict[int, int]:
        found = {}
        for seen, pattern in patterns:
            match = pattern.search(data)
            if match is not None:
                found[seen] = match.end()
        return found

    return scan


def _by_kind(expressions: Expressions) -> list[tuple[int, bytes]]:
    """Return the expressions with all of one kind joined into one."""
    joined: dict[int, list[bytes]] = {}
    for seen, expression in expressions:
        joined.setdefault(seen, []).append(expression)
    return [(seen, b"(?:" + b"|".join(parts) + b")") for seen, parts in joined.items()]
