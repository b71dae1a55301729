"""The engine to begin with sees what expressions see."""

from __future__ import annotations

import sys
from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.golden.corpus import goldens

from pansentry.pan import engines
from pansentry.pan.engines import WORD_GAP
from pansentry.pan.expressions import first_pass, second_pass
from pansentry.pan.literals import _pieces, literal
from pansentry.pan.spelled import ALONE

_BEGIN, _END = (mark.encode() for mark in ALONE)
ALONE_CARD = _BEGIN + b"card" + _END


def seen(expression: bytes, data: bytes) -> bool:
    """Tell whether both engines see ``expression`` in ``data``, which they must do alike."""
    expressions = ((1, expression),)
    found = literal(expressions, engines._plain)(data)
    assert found == engines._plain(expressions)(data)
    return bool(found)


@pytest.mark.parametrize(
    ("expression", "data", "there"),
    [
        (b"kreditkarte", b"Meine KREDITKARTEN", True),
        (b"kreditkarte", b"Kreditkart", False),
        ("karta płatnicza".encode().replace(b" ", WORD_GAP), "Karta  płatnicza".encode(), True),
        ("karta płatnicza".encode().replace(b" ", WORD_GAP), "karta i płatnicza".encode(), False),
        ("karta płatnicza".encode().replace(b" ", WORD_GAP), "płatnicza karta".encode(), False),
        (ALONE_CARD, b"card", True),
        (ALONE_CARD, b"4711card12", True),
        (ALONE_CARD, b"cardiac", False),
        (ALONE_CARD, b"a cardiac CARD", True),
        (b"cvv", b"CVV", True),
        (b"cvv", b"cv", False),
        (b"c\\.v", b"cxv", False),
        (b"c\\.v", b"C.V", True),
        (rb"\b3[ \-]?stellig", b"3-stellige", True),
        (rb"\b3[ \-]?stellig", b"13 stellige", False),
        (rb"[0-9]{4}", b"a1234567", True),
        (b"card", b"", False),
    ],
)
def test_an_expression_means_the_same(expression: bytes, data: bytes, there: bool) -> None:
    """Words, phrases, short words and what is no word are seen where ``re`` sees them, in either case."""
    assert seen(expression, data) is there


@pytest.mark.parametrize("build", [engines._literal, engines._hyperscan])
@pytest.mark.parametrize("expressions", [first_pass, second_pass])
def test_every_expression_is_seen(build: object, expressions: object) -> None:
    """Each word and phrase of the vocabulary is seen where it stands, by the first engine and by the fastest."""
    if build is engines._hyperscan:
        pytest.importorskip("hyperscan")
    engine = build(expressions())  # type: ignore[operator]
    for kind, expression in expressions():  # type: ignore[operator]
        written = expression.removeprefix(_BEGIN).removesuffix(_END).replace(WORD_GAP, b" ")
        if not set(written) & set(b"()[]{}|?\\"):
            assert kind in engine(b"-- " + written + b" --"), written


def test_mails_are_seen_alike() -> None:
    """The corpus of mails gives the same kinds as it does with hyperscan."""
    pytest.importorskip("hyperscan")
    ours, theirs = (build(first_pass() + second_pass()) for build in (engines._literal, engines._hyperscan))
    for case in islice(goldens(), 0, None, 6):
        assert ours(case.raw[:3000]).keys() == theirs(case.raw[:3000]).keys(), case.name


@given(st.binary(max_size=40))
def test_rows_of_four_are_complete(data: bytes) -> None:
    """Every row of four octets is listed, and nothing else."""
    rows = {data[at : at + 4] for at in range(len(data) - 3)}
    assert {row.to_bytes(4, sys.byteorder) for row in _pieces(data)} == rows
