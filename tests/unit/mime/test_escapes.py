"""Escapes of quoted-printable: hyperscan and ``re`` tell alike whether all are of the strict form."""

from __future__ import annotations

import random
import re
from typing import TYPE_CHECKING

import pytest

from pansentry import native
from pansentry.mime import escapes, transfer

if TYPE_CHECKING:
    from collections.abc import Iterator

_STRICT = re.compile(rb"(?:[^=]|=[0-9A-F]{2}|=\r?\n)*")
_PIECES = (
    b"=3D",
    b"=\r\n",
    b"=\n",
    b"=",
    b"=A",
    b"=3d",
    b"=g0",
    b"=\r",
    b"==",
    b"= \r\n",
    b"a",
    b"\r\n",
    b"F0",
    b"=C3=A9",
)


@pytest.fixture(params=["re", "hyperscan"])
def _engine(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(native, "IS_THERE", False)
    escapes._engine.cache_clear()
    if request.param == "hyperscan":
        pytest.importorskip("hyperscan")
        escapes.warm_up()
    yield
    escapes._engine.cache_clear()


@pytest.mark.usefixtures("_engine")
def test_escapes_are_strict_where_every_one_is() -> None:
    """Whatever stands in a body, and however it ends: a flaw anywhere is seen, and none where there is none."""
    rng = random.Random(3)
    told = []
    for _ in range(4000):
        body = b"".join(rng.choices(_PIECES, weights=[9, 5, 3, *[1] * 7, 9, 5, 5, 9], k=rng.randrange(9)))
        told.append(escapes.are_strict(body))
        assert told[-1] is (_STRICT.fullmatch(body) is not None)
        decoded = transfer.decode_strictly_slowly(body, 0, len(body))
        assert (decoded is None) is not told[-1]
        assert decoded is None or decoded == transfer.decode_quoted_printable(body)
    assert 500 < sum(told) < 3500
