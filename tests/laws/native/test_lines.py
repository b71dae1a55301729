"""The compiled looks at line ends give what their twins in ``mime/lint.py`` and ``smtp/data.py`` give."""

from __future__ import annotations

import itertools
import random

import pytest
from tests.laws.native.twins import compiled, octets

from pansentry.mime import lint
from pansentry.smtp import data
from pansentry.smtp.data import DataReader, plain_until_slowly, whole_message

PIECES = (b"\r", b"\n", b"\r\n", b"\r\n", b"\r\n", b"a", b".", b"abcdefghijklmno", b"x" * 16, b"\0", b"\xff", b"\r\r\n")


def test_it_tells_line_ends_that_stand_alone() -> None:
    """A message has plain lines if every CR and every LF is half of a CRLF."""
    has_plain_lines = compiled("has_plain_lines")
    told = [(has_plain_lines(text), lint.has_plain_lines_slowly(text)) for text in octets(PIECES, seed=5321)]
    assert all(one == other for one, other in told)
    assert {one for one, _ in told} == {True, False}


def test_it_takes_bytes_only() -> None:
    """What is no bytes is a mistake of the caller."""
    with pytest.raises(TypeError):
        compiled("has_plain_lines")("text")


FEW_ODD = (b"\r\n", b"\r\n", b"a", b"word ", b"abcdefghijklmno", b"x" * 16, b"x" * 33, b"a.b", b"\0")


def nearly_regular(seed: int) -> list[bytes]:
    """Texts of regular lines with an odd piece or two in them, or none."""
    dice = random.Random(seed)
    texts = []
    for text in octets(FEW_ODD, seed=seed):
        at = dice.randrange(len(text) + 1)
        odd = dice.choice((b"", b"\r\n.", b"\r", b"\n", b"\r\n.\r\n", b"\r\n..", b"."))
        texts.append(text[:at] + odd + text[at:])
    return texts


def test_it_finds_the_first_oddity() -> None:
    """A lone LF, a lone CR, a dot behind CRLF: the place is the same from any place on, and up to any."""
    plain_until = compiled("plain_until")
    dice = random.Random(5321)
    regular = 0
    for text in [*octets(PIECES, seed=4), *nearly_regular(5)]:
        start, end = sorted(dice.choices(range(-3, len(text) + 3), k=2)) if dice.random() < 0.5 else (0, len(text))
        found = plain_until(text, start, end)
        assert found == plain_until_slowly(text, start, end)
        regular += found == len(text)
    assert regular > 500


def test_the_reader_of_data_reads_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever comes in whatever chunks, short or long: the message, its end and what is known of its lines."""
    compiled("plain_until")
    dice = random.Random(45)

    def read(chunks: list[bytes]) -> tuple[object, ...]:
        reader = DataReader(1 << 20)
        told: list[object] = []
        for chunk in chunks:
            told.append(rest := reader.feed(chunk))
            if rest is not None:
                break
        took = reader.take() if rest is not None else ()
        return (*told, reader.octets, reader.length, reader.has_bare_line_ends, took)

    ended = 0
    for text in nearly_regular(6):
        sent = text * dice.choice((1, 1, 2, 300 // (len(text) + 1) + 1)) + dice.choice(
            (b"\r\n.\r\n", b"", b".\r\nQUIT")
        )
        cuts = sorted({0, len(sent), *(dice.randrange(len(sent) + 1) for _ in range(dice.choice((0, 1, 3))))})
        chunks = [sent[start:end] for start, end in itertools.pairwise(cuts)]
        by_compiled = read(chunks) if chunks else ()
        with monkeypatch.context() as interpreted:
            interpreted.setattr(data, "_plain_until", None)
            assert by_compiled == (read(chunks) if chunks else ())
        ended += bool(chunks) and by_compiled[-1] != ()
    assert ended > 1000


def test_a_whole_message_is_told_alike() -> None:
    """What comes with its end in one piece is one message at once, or it is not."""
    compiled("plain_until")
    told = []
    for text in nearly_regular(7):
        for octets_sent in (text + b"\r\n.\r\n", text):
            by_compiled = data._whole_message_compiled(octets_sent)
            if len(octets_sent) < 8192:
                assert by_compiled == whole_message(octets_sent)
                assert type(by_compiled) is type(whole_message(octets_sent))
            told.append(by_compiled is not None)
    assert 500 < sum(told) < len(told) - 500
