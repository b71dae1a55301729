"""Numbers written as words: "four double one", "vier fünf zwo", "forty-one eleven".

Read language by language, because the same word means different digits ("sei" is six in Italian, "um" one in
Portuguese). A reading is a row of number words and digit groups with nothing but blanks, marks and short hesitations
between.
"""

from __future__ import annotations

import functools
import itertools
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pansentry.pan.vocabulary import TOKEN, Role, is_solid

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from pansentry.pan.vocabulary import Vocabulary
    from pansentry.pan.words import Words

_ATOM = re.compile(rf"[0-9]+|{TOKEN.pattern}")
_MAX_GAP = 4
_STOPS = frozenset(".;:!?")
_LIST_NUMBER = re.compile(r"[0-9]{1,2}[.)][ \t]")
"""What numbers the lines of a list."""
_HESITATIONS = frozenset(
    [
        "um",
        "uh",
        "er",
        "and",
        "then",
        "und",
        "dann",
        "et",
        "puis",
        "y",
        "luego",
        "e",
        "poi",
        "en",
        "dan",
        "i",
        "og",
        "och",
        "а",
        "и",
        "slash",
        "stroke",
        "dash",
        "space",
        "comma",
    ]
)


@dataclass(frozen=True, slots=True)
class Spoken:
    """Digits at ``start:end``; ``word`` tells whether they were written as a word."""

    start: int
    end: int
    digits: str
    word: bool


def spoken_rows(
    text: str, start: int, end: int, vocabulary: Vocabulary, least: int, *, between: frozenset[str] = frozenset()
) -> Iterator[tuple[str, list[Spoken]]]:
    """Yield ``(language, row)`` for each stretch of at least ``least`` number words and digit groups in a row.

    ``between`` are words that may stand between two of them, besides hesitations.
    """
    for chain in _chains(text, start, end, vocabulary, least, between):
        present = {word for _, _, word in chain}
        has_solid = any(map(is_solid, present))
        for language, numerals in vocabulary.numerals.items():
            solid = _solid_numerals(vocabulary).get(language) if has_solid else None
            if solid is not None or not numerals.keys().isdisjoint(present):
                for row in _rows(chain, numerals, vocabulary.repeats.get(language, {}), solid, between):
                    if sum(_words(text, atom) for atom in row) >= least:
                        yield language, row


@functools.cache
def announcements(vocabulary: Vocabulary) -> frozenset[str]:
    """Return the words that announce the next piece of a number: "then", "e infine", "и в конце"."""
    phrases = (label.tokens for label in vocabulary.labels if label.roles & Role.SPLIT)
    words = frozenset(itertools.chain.from_iterable(phrases))
    return words - vocabulary.number_words - vocabulary.months.keys()


def words_between(text: str, start: int, end: int) -> list[str]:
    """Return the words between two atoms that are no part of a number as "double" is."""
    return [word for word in TOKEN.findall(text, start, end) if word not in _REPEATS]


def _words(text: str, atom: Spoken) -> int:
    """Return how many number words an atom is made of: "forty-one" of two."""
    return 0 if not atom.word else 1 if text[atom.start : atom.end].isalpha() else 2


def _chains(
    text: str, start: int, end: int, vocabulary: Vocabulary, least: int, between: frozenset[str]
) -> Iterator[list[tuple[int, int, str]]]:
    """Yield what can be a row in some language: number words, digits and hesitations with little between."""
    wanted = vocabulary.number_words
    part = text[start:end]
    if part.isascii():
        if not row_of_words(part.translate(_LETTERS_ONLY).split(), wanted, least):
            return
    elif not may_be_said(_ATOM.findall(part), wanted, least):
        return
    starts = _solid_starts(wanted)
    chain: list[tuple[int, int, str]] = []
    words, last = 0, start
    for match in _ATOM.finditer(text, start, end):
        at, stop = match.span()
        word = match[0]
        solid = is_solid(word)
        spoken = solid or word in wanted
        known = spoken or word[0].isdigit() or word in _HESITATIONS or word in _REPEATS or word in between
        apart = text[last:at]
        listed = "\n" in apart and _LIST_NUMBER.match(text, at, end) is not None
        if not known or len(apart) > _MAX_GAP or not _STOPS.isdisjoint(apart[1:-1]) or listed:
            if words >= least:
                yield chain
            chain, words = [], 0
        begun = sum(map(starts.__contains__, word)) if solid else spoken
        if known and (begun or not solid):  # a run without number words neither gives nor parts any
            chain.append((at, stop, word))
            words += begun
        last = stop
    if words >= least:
        yield chain


def may_be_said(listed: Sequence[str], wanted: frozenset[str], least: int) -> bool:
    """Tell whether the words of a text can hold ``least`` number words in a row."""
    return row_of_words(listed, wanted, least) or (
        max(listed, default="") >= _FIRST_SOLID and any(map(is_solid, listed))
    )


_FIRST_SOLID = "\u0e00"


def row_of_words(listed: Sequence[str], wanted: frozenset[str], least: int, strange: int = 0) -> bool:
    """Tell whether ``least`` number words stand in a row among the atoms of a text; looks only where they are.

    Between two of them may stand digits, hesitations, "double", and ``strange`` other words.
    """
    places = itertools.compress(range(len(listed)), map(wanted.__contains__, listed))
    row = 1
    for left, right in itertools.pairwise(places):
        others = 0
        for word in listed[left + 1 : right]:
            others += not (word.isdigit() or word in _HESITATIONS or word in _REPEATS)
            if others > strange:
                row = 0
                break
        row += 1
        if row >= least:
            return True
    return False


def said_places(words: Words, vocabulary: Vocabulary) -> list[int]:
    """Return where words begin that may begin a value: months, scripts without blanks, two number words in a row."""
    written, starts = words.written, words.starts
    wanted, unique = vocabulary.number_words, set(words.written)
    alone = {word for word in unique if word in vocabulary.months or is_solid(word)}
    spoken = unique & wanted
    if not alone and not spoken:
        return []
    goes_on = alone | spoken | unique & _HESITATIONS | unique & _REPEATS
    places = itertools.compress(range(len(written)), map((alone | spoken).__contains__, written))
    return [
        starts[at] for at in places if written[at] in alone or (at + 1 < len(written) and written[at + 1] in goes_on)
    ]


@functools.cache
def _solid_starts(number_words: frozenset[str]) -> frozenset[str]:
    """Return the characters that the number words of scripts without blanks begin with."""
    return frozenset(word[0] for word in number_words if is_solid(word))


_LETTERS_ONLY = {code: " " for code in range(0x80) if not chr(code).isalpha()}
_REPEATS = frozenset(
    [
        "double",
        "triple",
        "doppel",
        "dreifach",
        "doppio",
        "triplo",
        "doble",
        "duplo",
        "dubbel",
        "driedubbel",
        "dubbelt",
        "trippel",
        "tupla",
    ]
)


def _rows(
    chain: list[tuple[int, int, str]],
    numerals: Mapping[str, str],
    repeats: Mapping[str, int],
    solid: re.Pattern[str] | None,
    between: frozenset[str],
) -> Iterator[list[Spoken]]:
    """Read a chain in one language; ``solid`` finds its number words in scripts without blanks, if it has any."""
    row: list[Spoken] = []
    repeat = 1
    for at, stop, word in chain:
        if word in repeats:
            repeat = repeats[word]
            continue
        read = _digits(word, numerals)
        if read is not None:
            if not (word in _SCORE and read == "20" and _four_before(row)):
                _append(row, at, stop, read * repeat, not word[0].isdigit(), "vingt" in numerals)
            else:
                hundreds = row[-1].digits[:-2] and row[-1].digits[:-2] + "80"
                row[-1] = Spoken(row[-1].start, stop, hundreds or "80", True)  # (six cent) quatre-vingts
            repeat = 1
        elif is_solid(word):
            row += _solid(at, word, numerals, solid) if solid is not None else ()
        elif word not in _HESITATIONS and word not in between:
            yield row
            row, repeat = [], 1
    yield row


def _digits(word: str, numerals: Mapping[str, str]) -> str | None:
    if word[0].isdigit():
        return word
    return numerals.get(word)


_SCORE = frozenset(("vingt", "vingts"))


def _four_before(row: Sequence[Spoken]) -> bool:
    return bool(row) and row[-1].word and (row[-1].digits == "4" or row[-1].digits[1:] == "04")


def _append(row: list[Spoken], start: int, end: int, digits: str, word: bool, vigesimal: bool) -> None:
    """Add digits to a row; a unit right after a ten makes one number ("forty-one")."""
    last = row[-1] if row else None
    if word and last is not None and last.word and (whole := _with_hundreds(last.digits, digits)) is not None:
        row[-1] = Spoken(last.start, end, whole, True)
        return
    ten = last is not None and last.word and len(last.digits) == 2 and last.digits[1] == "0" and last.digits >= "20"
    if word and last is not None and ten and len(digits) == 1 and digits != "0":
        row[-1] = Spoken(last.start, end, last.digits[0] + digits, True)
        return
    if vigesimal and word and last is not None and last.word and last.digits in ("60", "80") and "10" <= digits <= "16":
        row[-1] = Spoken(last.start, end, str(int(last.digits) + int(digits)), True)  # soixante-douze
        return
    hundreds = last is not None and last.word and len(last.digits) == _HUNDREDS and last.digits[1:] == "10"
    if vigesimal and word and last is not None and hundreds and digits in ("7", "8", "9"):
        row[-1] = Spoken(last.start, end, last.digits[:2] + digits, True)  # trois cent dix-huit
        return
    if vigesimal and word and last is not None and last.digits in ("70", "90") and digits in ("7", "8", "9"):
        row[-1] = Spoken(last.start, end, last.digits[0] + digits, True)  # quatre-vingt-dix-sept
        return
    row.append(Spoken(start, end, digits, word))


def _with_hundreds(before: str, digits: str) -> str | None:
    """Return the number that goes on with ``digits``: 3 and 100, 300 and 40, 340 and 2, 360 and 12; None if none."""
    if len(before) == 1 and digits == "1000" and before > "1":
        return before + "000"
    if len(before) == _HUNDREDS + 1 and before[0] != "0":  # 5000 and 5, which 100 turns to 5500
        return _with_thousands(before, digits)
    if len(before) == 1:
        return before + "00" if digits == "100" and before > "1" else None
    if len(before) != _HUNDREDS or before[0] == "0" or len(digits) >= _HUNDREDS or digits in ("0", "00"):
        return None
    if before[1:] == "00":
        return str(int(before) + int(digits))
    if (before[2] == "0" and before[1] > "1" and len(digits) == 1) or (before[1:] in ("60", "80") and digits < "20"):
        return str(int(before) + int(digits))
    return None


def _with_thousands(before: str, digits: str) -> str | None:
    if digits == "100" and before[1:3] == "00":
        return before[0] + (before[3] if before[3] > "0" else "1") + "00"
    goes_on = _with_hundreds(before[1:], digits) if before[1] != "0" else None
    if before[1:] == "000" and len(digits) <= _HUNDREDS and digits.strip("0"):
        goes_on = digits.zfill(_HUNDREDS)
    return before[0] + goes_on if goes_on is not None else None


_HUNDREDS = 3  # digits


def _solid(at: int, run: str, known: Mapping[str, str], words: re.Pattern[str]) -> list[Spoken]:
    """Read a run of a script without blanks: the number words that it ends with, or the first twelve in a row."""
    row: list[Spoken] = []
    end = 0
    for match in words.finditer(run):
        if match.start() != end and row:
            if len(row) >= _WHOLE:
                return row
            row = []
        end = match.end()
        row.append(Spoken(at + match.start(), at + end, known[match[0]], True))
    return row if end == len(run) or len(row) >= _WHOLE else []


_WHOLE = 12  # number words in a row that are a whole number, whatever follows


@functools.cache
def _solid_numerals(vocabulary: Vocabulary) -> dict[str, re.Pattern[str]]:
    """Return for each language of a script without blanks what finds its number words, the shortest first."""
    found = {}
    for language, numerals in vocabulary.numerals.items():
        listed = sorted((word for word in numerals if is_solid(word)), key=len)
        if listed:
            found[language] = re.compile("|".join(map(re.escape, listed)))
    return found


def spoken_at(text: str, position: int, vocabulary: Vocabulary, most: int) -> tuple[int, str] | None:
    """Return end and digits of the number words that begin right at ``position``, at most ``most`` digits of them.

    Of two languages that share the first words ("vier acht nul"), the one that reads on.
    """
    longest: tuple[int, str] | None = None
    first = text[position : position + 1]
    if first and is_solid(first) and first not in _solid_starts(vocabulary.number_words):
        return None  # 0.4 million instructions less for each particle that is a label
    for _, row in spoken_rows(text, position, min(len(text), position + 60), vocabulary, 2):
        if row[0].start == position and row[0].word:
            digits, end = "", position
            for atom in row:
                if len(digits) + len(atom.digits) > most:
                    break
                digits, end = digits + atom.digits, atom.end
            if longest is None or end > longest[0]:
                longest = end, digits
    return longest if longest is not None else _fused_at(text, position, vocabulary)


def _fused_at(text: str, position: int, vocabulary: Vocabulary) -> tuple[int, str] | None:
    """Read the one word at ``position`` that says three digits: "dreihundertzwei"."""
    word = TOKEN.match(text, position)
    if word is None or word[0] not in vocabulary.fused:
        return None
    return word.end(), next(listed[word[0]] for listed in vocabulary.numerals.values() if word[0] in listed)


_THOUSAND = re.compile(
    r"(?:(?:in |im |en |em |nel |del |de |van |av |of |roku )?(?:year |jahr |l'anno |ano |jaar )?)"
    r"(?:two thousand(?: and)?|deux mille|zweitausend(?:und)?|dos mil|due ?mila|dois mil(?: e)?|tweeduizend(?: ?en)?"
    r"|dwa tysiace|две тысячи|дві тисячі|tva ?tusen|tjugohundra|to ?tusen(?: og)?|to ?tusinde?(?: og)?"
    r"|kaksituhatta|ket ?ezer|doua mii(?: si)?"
    r"|dva tisice|dve tisice|iki bin|δυο χιλιαδες|dos mil|dvije tisuce)?[ ,\-]{0,2}"
)


def spoken_year(text: str, position: int, vocabulary: Vocabulary) -> tuple[int, str] | None:
    """Return end and last two digits of a year in words behind a month: "(two thousand) thirty", "twenty twenty-eight".

    One number word may say it all ("achtundzwanzig"), two may ("vingt-huit"), four digits may.
    """
    while position < len(text) and text[position] in " ,.-'":
        position += 1
    match = _THOUSAND.match(text, position)
    start = match.end() if match is not None else position
    for most in (4, 2):  # other figures may be said right behind it
        said = spoken_at(text, start, vocabulary, most)
        if (
            said is not None
            and said[1][-2:] >= "10"
            and (len(said[1]) == 2 or (len(said[1]) == 4 and said[1][:2] == "20"))
        ):
            return said[0], said[1][-2:]
    word = TOKEN.match(text, start)
    if word is None:
        return None
    for numerals in vocabulary.numerals.values():
        digits = numerals.get(word[0], "")
        if len(digits) == 2 and digits >= "10":
            return word.end(), digits
    return None
