"""The compiled way to split a multipart body gives what ``mime/delimiters.py`` gives, or leaves it to that."""

from __future__ import annotations

import random

import pytest
from tests.laws.native.twins import compiled

from pansentry.mime import delimiters

BOUNDARIES = (b"b", b"-", b"=_0123456789abcdef", b"x-" * 35, b"x" * 71, b"a--", b"--", b"\xe9 :")
TEXTS = (b"", b"\r\n", b"a line\r\n", b"\r\n\r\n", b"x" * 40, b"-" * 40, b"--\r\n", b"a\n", b"\r", b" -- ")


def bodies(seed: int) -> list[tuple[bytes, bytes]]:
    """Multipart bodies and their boundary, as mailers write them; one in two with something odd in it."""
    dice = random.Random(seed)
    made = []
    for _ in range(6000):
        boundary = dice.choice(BOUNDARIES)
        needle = b"--" + boundary
        is_odd = dice.random() < 0.5
        lines = [dice.choice((b"", b"preamble\r\n"))]
        for _ in range(dice.randrange(5)):
            lines += [needle, b"\r\n", *dice.choices(TEXTS, k=dice.randrange(4)), b"\r\n"]
        lines += [needle, b"--\r\n", dice.choice((b"", b"epilogue\r\n", b"\r\n"))]
        for _ in range(is_odd * dice.choice((1, 2))):
            odd = dice.choice((*TEXTS, b"--", b"--\r", needle, b" ", b"\r\n" + needle + b" \r\n", needle + b"--\n"))
            lines[dice.randrange(len(lines))] = odd
        made.append((b"".join(lines), boundary))
    return made


def test_a_body_is_split_alike_or_not_at_all() -> None:
    """Whatever it answers, the twin answers; and where the twin sees nothing odd it mostly answers."""
    regular_split = compiled("regular_split")
    dice = random.Random(2046)
    answered = plain = 0
    for body, boundary in bodies(1):
        start, end = sorted(dice.choices(range(len(body) + 1), k=2)) if dice.random() < 0.2 else (0, len(body))
        most = dice.choice((100, 100, 3, 1, 0))
        found = regular_split(body, start, end, b"--" + boundary, most)
        expected = delimiters.split_slowly(body, boundary, start, end, most)
        assert found is None or delimiters.Split(*found) == expected
        assert delimiters.split(body, boundary, start, end, most) == expected
        answered += found is not None
        plain += not expected.codes and bool(expected.parts)
    assert answered > 1500
    assert answered > plain * 0.6


def test_a_needle_at_any_distance_from_the_end() -> None:
    """What has no room is not looked for, and nothing behind the end is taken for a part of it."""
    regular_split = compiled("regular_split")
    needle = b"--0123456789"
    whole = needle + b"\r\na\r\n" + needle + b"--\r\n"
    for before in range(40):
        data = b"x" * before + b"\n" + whole + b"\r\n" + whole
        for end in range(len(data) + 1):
            found = regular_split(data, before + 1, end, needle, 9)
            assert found is None or delimiters.Split(*found) == delimiters.split_slowly(
                data, needle[2:], before + 1, end, 9
            )
            assert found == regular_split(data[:end], before + 1, end, needle, 9)
            assert (found is not None) == (end in range(before + 1 + len(whole), before + 1 + len(whole) + 14))


def test_long_rows_of_dashes_take_linear_time() -> None:
    """A needle of dashes is looked for at each dash, but never a long one."""
    regular_split = compiled("regular_split")
    assert regular_split(b"-" * 100_000, 0, 100_000, b"-" * 71 + b"x", 9) is None
    assert regular_split(b"-" * 100_000, 0, 100_000, b"-" * 5000 + b"x", 9) is None
    assert regular_split(b"--x\r\n--x--\r\n", 0, 12, b"--", 9) is None


@pytest.mark.parametrize(
    "given", [(b"a", 0, 1), ("a", 0, 1, b"--b", 1), (b"a", 0, 1, "--b", 1), (b"a", 0, 1, b"--b", "1")]
)
def test_it_takes_bytes_only(given: tuple[object, ...]) -> None:
    """What is no bytes is a mistake of the caller."""
    with pytest.raises(TypeError):
        compiled("regular_split")(*given)
