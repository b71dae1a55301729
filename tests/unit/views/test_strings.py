"""Texts in binary files are found quickly, and are those that the expressions for them find."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pansentry.views import leaf

OCTETS = st.one_of(st.lists(st.sampled_from(b"\0\0a1 \x80\xa0\n"), max_size=60).map(bytes), st.binary(max_size=200))


@given(st.lists(OCTETS, max_size=4).map(b"".join))
def test_strings_are_those_of_the_expression(data: bytes) -> None:
    """Six octets in a row first, then the expression: the same places as by the expression everywhere."""
    assert [m.span() for m in leaf._strings_in(data)] == [m.span() for m in leaf._STRING.finditer(data)]


@given(st.lists(OCTETS, max_size=4).map(b"".join))
def test_wide_strings_are_those_of_the_expression(data: bytes) -> None:
    """Six characters of two octets in a row are where the expression begins to match."""
    for codec, expression in leaf._WIDE:
        found = [m.span() for m in leaf._wide_in(data, codec, expression)]
        assert found == [m.span() for m in expression.finditer(data)]
