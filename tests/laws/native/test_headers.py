"""The compiled reader of headers gives what its twins in ``mime/regular.py`` and ``mime/fields.py`` give."""

from __future__ import annotations

import random

import pytest
from tests.laws.native.twins import compiled, octets

from pansentry.mime import fields, regular

NAMES = (
    b"Content-Type:",
    b"Content-Transfer-Encoding:",
    b"Content-Disposition:",
    b"Content-ID:",
    b"Content-Language:",
    b"Subject:",
    b"From:",
    b"Received:",
    b"Date:",
    b"Sender:",
    b"Cc:",
    b"X-Some-Thing:",
    b"0:",
    b"!:",
    b"~x:",
)
ODD_NAMES = (
    b"Content-type:",
    b"CONTENT-ID:",
    b"Content-Typ:",
    b"Content-Types:",
    b"Content:",
    b"Content-",
    b"SUBJECT:",
    b"subject:",
    b"Subject :",
    b"Subjects:",
    b"Sub",
    b"From ",
    b"\x7f:",
    b"\xe9:",
    b":",
    b"",
    b"X\0:",
)
VALUES = (b"", b" a", b" text/plain; charset=utf-8", b" " + b"x" * 40, b"\xe9", b"\0", b" a:b", b"\t", b"   ")
GOOD_FOLDS = (b"\r\n a", b"\r\n\tb c", b"\r\n  \t\xe9")
FOLDS = (b"\r\n ", b"\r\n\t", b"\r\n  a", b"\r\n \r\n", b"\r\n \t", b"\r", b"\n", b"\n ", b"\r\r\n", b"\r\n:")


def headers(seed: int) -> list[bytes]:
    """Headers of up to ten fields, mostly each once, with folds; one in two with something odd."""
    dice = random.Random(seed)
    made = []
    for _ in range(4000):
        odd = dice.random() < 0.5
        names = dice.sample(NAMES, k=dice.randrange(1, 10))
        if odd:
            names[dice.randrange(len(names))] = dice.choice((*NAMES, *ODD_NAMES))
        lines = [
            name + b"".join(dice.choices((*VALUES, *GOOD_FOLDS, *(FOLDS * (odd and dice.random() < 0.2))), k=3))
            for name in names
        ]
        ends = (b"\r\n\r\n", b"\r\n\r\nbody", b"\r\n", b"", b"\r\n\r") if odd else (b"\r\n\r\nbody\r\n",)
        made.append(b"\r\n".join(lines) + dice.choice(ends))
    return made


def test_it_reads_a_header_as_the_expression_does() -> None:
    """The same spans, or none: of headers as mailers write them, of odd ones, and of those that a range cuts off."""
    compiled_regular = compiled("regular")
    dice = random.Random(5322)
    read = 0
    for text in headers(1):
        start, end = sorted(dice.choices(range(len(text) + 3), k=2)) if dice.random() < 0.3 else (0, len(text))
        found = compiled_regular(text, start, end)
        assert found == regular.regular_slowly(text, start, end)
        read += found is not None
    assert 500 < read < 3500


def test_any_octets_are_read_alike() -> None:
    """Pieces of headers in any order."""
    compiled_regular = compiled("regular")
    pieces = (*NAMES[:7], *ODD_NAMES, *VALUES, *FOLDS, *(b"\r\n",) * 12)
    for text in octets(pieces, seed=7103):
        assert compiled_regular(text, 0, len(text)) == regular.regular_slowly(text, 0, len(text))


TOKENS = (b"utf-8", b"a", b"=_1", b"x.y+z") * 5
WORDS = (
    *(b"text/plain", b"multipart/mixed", b"attachment", b"a/b", b"/", b"A!#$%&'*+.^_`{|}~-Z", b"x" * 190, b"y" * 11),
    *(b";", b"; ", b" ;", b";\r\n ", b";\n\t", b"=", b"boundary=", b"charset=", b"name*=", b"A_-9=", b" ", b"\t"),
    *(
        b'"',
        b'"a b"',
        b'""',
        b'"\\"',
        b'"\r\n"',
        b'"\0"',
        b'"\xe9;="',
        b"abc",
        b"\0",
        b"\r",
        b"\n",
        b"\xe9",
        b"(c)",
        b"@",
    ),
)


@pytest.mark.parametrize("kind", ["type", "disposition"])
def test_it_reads_a_value_as_the_expression_does(kind: str) -> None:
    """What is said, and one parameter at most: with quotes or without, folded, and of words of any length."""
    simple = compiled(f"simple_{kind}")
    simple_slowly = getattr(fields, f"simple_{kind}_slowly")
    dice = random.Random(2045)
    heads = (
        b" text/plain",
        b"multipart/mixed",
        b" attachment",
        b"",
        b"a/" + b"z" * 198,
        b"a/" + b"z" * 199,
        b"q" * 200,
    )
    names = (b"boundary", b"charset", b"File_Name-1", b"n" * 200, b"n" * 201, b"na*me", b"")
    texts = [
        dice.choice(heads)
        + dice.choice((b";", b"; ", b";\r\n ", b";\n\t \r\n ", b""))
        + dice.choice(names)
        + dice.choice((b"=", b"=", b"=", b"= ", b" =", b""))
        + dice.choice((b'"%s"', b"%s", b"%s", b'"%s', b'%s"')) % dice.choice((*WORDS, *TOKENS))
        for _ in range(6000)
    ]
    read = 0
    for text in [*texts, *octets(WORDS, seed=3, most=6)]:
        start, end = sorted(dice.choices(range(len(text) + 3), k=2)) if dice.random() < 0.1 else (0, len(text))
        found = simple(text, start, end)
        assert found == simple_slowly(text, start, end)
        read += found is not None
    assert read > 200


@pytest.mark.parametrize("name", ["regular", "simple_type", "simple_disposition"])
def test_every_octet_is_of_the_same_kind(name: str) -> None:
    """Each of the 256 in a name, a value, a token, in quotes and before a fold."""
    function = compiled(name)
    twin = getattr(regular if name == "regular" else fields, f"{name}_slowly")
    for octet in range(256):
        one = bytes((octet,))
        for text in (
            *(
                one + b"x: y\r\n\r\n",
                b"x" + one + b": y\r\n\r\n",
                b"x:" + one + b"y\r\n\r\n",
                b"x:y\r\n" + one + b"z\r\n\r\n",
            ),
            *(b"x:y\r\n " + one + b"\r\n\r\n", b"Subject:" + one + b"\r\n\r\n", b"Subject:a\r\n " + one + b"\r\n\r\n"),
            *(
                b"a" + one,
                b"a/" + one,
                one + b"/b",
                b"a/b;" + one + b"=c",
                b"a/b;c=" + one,
                b'a/b;c="' + one + b'"',
                b"a;c=" + one,
            ),
            *(
                b'a;c="' + one + b'"',
                b'a;c="b' + one,
                b"a/b" + one + b"c=d",
                b"a/b;" + one + b"c=d",
                b"a/b;\r" + one + b" c=d",
            ),
            *(b"a/b;\n" + one + b"c=d", b"a/b;\r\n" + one + b"c=d", b"a" + one + b"c=d", b"a/b;c=d" + one),
        ):
            assert function(text, 0, len(text)) == twin(text, 0, len(text))


def test_it_takes_bytes_only() -> None:
    """What is no bytes is a mistake of the caller."""
    for name in ("regular", "simple_type", "simple_disposition"):
        with pytest.raises(TypeError):
            compiled(name)("text", 0, 4)
