"""Encoded words of header fields (RFC 2047, language tags of RFC 2231 §5) to text, and back as encoded words.

In: the text of a header value, folded or not. Out: up to two readings: charsets as labelled, and, where a label is
unknown or broken, as UTF-8 or windows-1252. Lenient like mail readers are: words in quotes, comments and parameters,
glued to other text or to each other, blanks and ``?`` inside, bad padding, a character or a number split over words.
White space between two words is not shown (RFC 2047 §6.2).

An edit rewrites the words it falls on (as many as share a character) as new words in the same charset, or in UTF-8;
what is plain and what other words say stays as it is. Linear: a word ends at the next ``?=`` or ``=?``.
Resists: ``=?utf-8?Q?4111=20?= =?utf-8?B?MTExMQ==?=`` and words whose charset no reader knows.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Callable
from typing import Final, NamedTuple

from pansentry.mime import charset
from pansentry.mime.transfer import decode_base64
from pansentry.views.reading import Reading, Weaver, compose

MAX_WORD: Final = 75  # RFC 2047 §2
_START: Final = re.compile(r"=\?(?:[^?\s=]{1,60}\?)??([^?\s=]{1,60})\?([bBqQ])\?")
_INSIDE: Final = re.compile(r"((?>(?:[^?=]++|=(?!\?(?!=))|\?(?!=))*))\?=")  # up to the next word or the end
_GAP: Final = re.compile(r"[ \t\r\n]*+")
_HEX: Final = re.compile(rb"=([0-9a-fA-F]{2})")
_SAFE: Final = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!*+-/")


class _Word(NamedTuple):
    """``text[start:end]`` is an encoded word that holds ``octets``."""

    start: int
    end: int
    label: str
    octets: bytes


def read(text: str) -> tuple[Reading, ...]:
    """Return the text with its encoded words decoded, and once more what that gives; nothing if there are none."""
    once = _read(text)
    nested = [reading for reading in once if any("=?" in reading.text[b.start : b.end] for b in reading.blocks)]
    return (*once, *(compose(twice, reading) for reading in nested for twice in _read(reading.text)))


def _read(text: str) -> tuple[Reading, ...]:
    groups = _groups(text)
    if not groups:
        return ()
    labelled = _weave(text, groups, 0)
    readings = [labelled, _weave(text, groups, 1)]
    if any(_is_glued(text, group) for group in groups):
        readings.append(_weave(text, groups, 0, apart=True))
    return tuple({reading.text: reading for reading in reversed(readings)}.values())[::-1]


def _is_glued(text: str, group: list[_Word]) -> bool:
    """Say whether a letter stands right before a group or behind it, against RFC 2047 §5 (1); most readers do."""
    return text[group[0].start - 1 : group[0].start].isalpha() or text[group[-1].end : group[-1].end + 1].isalpha()


def _groups(text: str) -> list[list[_Word]]:
    """Return the words, those together that nothing or only white space stands between."""
    groups: list[list[_Word]] = []
    position = 0
    while start := _START.search(text, position):
        inside = _INSIDE.match(text, start.end())
        if inside is None:
            position = start.start() + 2
            continue
        position = inside.end()
        octets = _base64(inside[1]) if start[2] in "bB" else _q(inside[1])
        word = _Word(start.start(), position, start[1].partition("*")[0], octets)
        previous = groups[-1][-1].end if groups else None
        if previous is not None and (gap := _GAP.match(text, previous)) and gap.end() == word.start:
            groups[-1].append(word)
        else:
            groups.append([word])
    return groups


def _q(inside: str) -> bytes:
    return _HEX.sub(lambda match: binascii.unhexlify(match[1]), octets_of(inside.replace("_", " "), "utf-8"))


def _base64(inside: str) -> bytes:
    return decode_base64(octets_of(inside, "utf-8"))


def _weave(text: str, groups: list[list[_Word]], choice: int, *, apart: bool = False) -> Reading:
    """Weave the readings of all words; ``apart`` from what is glued to them, so that it is no word with theirs."""
    weaver = Weaver("encoded-words" if choice == 0 else "encoded-words-unlabelled", text)
    position = 0
    for group in groups:
        weaver.keep(position, group[0].start)
        if apart:
            weaver.make_up(" ", group[0].start)
        for words in _units(group, choice):
            octets = b"".join(word.octets for word in words)
            codec = _codec(octets, words[0].label, choice)
            encode = _encoder(words[0].label if choice == 0 and charset.codec_of(words[0].label) == codec else "utf-8")
            weaver.block(charset.decode(octets, codec), words[0].start, words[-1].end, encode)
        if apart:
            weaver.make_up(" ", group[-1].end)
        position = group[-1].end
    weaver.keep(position, len(text))
    return weaver.reading()


def _codec(octets: bytes, label: str, choice: int) -> str:
    candidates = charset.readings(octets, label)
    return candidates[min(choice, len(candidates) - 1)]


def _units(group: list[_Word], choice: int) -> list[list[_Word]]:
    """Part a group into runs of words that decode by themselves; a character that is split joins its words."""
    units: list[list[_Word]] = []
    pending: list[_Word] = []
    for word in group:
        if pending and word.label.lower() != pending[0].label.lower():
            units.append(pending)
            pending = []
        pending.append(word)
        if len(pending) > _MAX_JOINED or _is_whole(b"".join(w.octets for w in pending), word.label, choice):
            units.append(pending)
            pending = []
    return [*units, pending] if pending else units


_MAX_JOINED: Final = 32  # so that broken words cannot make one another be decoded again and again


def _is_whole(octets: bytes, label: str, choice: int) -> bool:
    try:
        octets.decode(_codec(octets, label, choice))
    except (UnicodeError, ValueError):
        return False
    return True


def _encoder(label: str) -> Callable[[str], str]:
    return lambda text: encode(text, label)


def encode(text: str, label: str = "utf-8") -> str:
    """Spell ``text`` as encoded words of at most 75 characters, in ``label`` if it can say it, else in UTF-8."""
    if not text:
        return ""
    codec = charset.codec_of(label)
    try:
        text.encode(codec or "utf-8", "surrogateescape")
    except UnicodeError:
        codec = None
    if codec is None:
        label, codec = "utf-8", "utf-8"
    room = MAX_WORD - len(f"=?{label}?Q??=")
    words: list[str] = []
    current, used = "", 0
    for character in text:
        spelt = _q_spelling(character, codec)
        if used + len(spelt) > room:
            words.append(current)
            current, used = "", 0
        current += spelt
        used += len(spelt)
    return " ".join(f"=?{label}?Q?{word}?=" for word in [*words, current])


def _q_spelling(character: str, codec: str) -> str:
    if character in _SAFE and _is_ascii_codec(codec):
        return character
    if character == " " and _is_ascii_codec(codec):
        return "_"
    return "".join(f"={octet:02X}" for octet in octets_of(character, codec))


def octets_of(text: str, codec: str) -> bytes:
    """Encode; bytes that meant nothing when they were decoded (lone surrogates) are given back as they were."""
    try:
        return text.encode(codec, "surrogateescape")
    except UnicodeError:
        return text.encode(codec, "replace")


def _is_ascii_codec(codec: str) -> bool:
    return charset.is_plain(codec) or codec == "ascii"
