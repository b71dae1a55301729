"""Values of header fields: what the quick ways read, the slow ones read alike."""

from __future__ import annotations

import random

import pytest

from pansentry.mime import fields

_HEADS = (b" text/plain", b"multipart/mixed", b"\ta/b", b" attachment", b"inline")
_MARKS = (b";", b"; ", b" ;", b";\r\n ", b"")
_NAMES = (b"boundary", b"charset", b"name*0", b"filename*", b"file name")
_VALUES = (
    b"=",
    b" =",
    b'"',
    b'"x y"',
    b'"a\\"b"',
    b"abc",
    b"x.y",
    b"*",
    b"(c)",
    b"\0",
    b"\r",
    b"\n",
    b'"q;z"',
    b"\xc3\xa9",
    b";",
)


def test_a_value_with_one_parameter_is_read_as_any_other(monkeypatch: pytest.MonkeyPatch) -> None:
    """One expression for the simple form says what the expressions for all forms say."""
    rng = random.Random(5)
    values = [
        b"".join(
            (rng.choice(_HEADS), rng.choice(_MARKS), rng.choice(_NAMES), *rng.choices(_VALUES, k=rng.randrange(4)))
        )
        for _ in range(4000)
    ]
    quick = [(fields.media_type(b"zz" + one, 2, len(one) + 2), fields.disposition(one, 0, len(one))) for one in values]
    assert sum(fields.simple_type_slowly(one, 0, len(one)) is not None for one in values) > 100
    for way in ("_simple_type", "simple_type_slowly", "_simple_disposition"):
        monkeypatch.setattr(fields, way, lambda *_where: None)
    fields._common_type.cache_clear()
    slow = [(fields.media_type(b"zz" + one, 2, len(one) + 2), fields.disposition(one, 0, len(one))) for one in values]
    assert quick == slow
