"""Promises 4, 5 and 6 at the level of bytes: spans, canonical form, and the way back of every view.

The corpus is the golden cases under both line endings, and those cases with bytes cut out or put in.
"""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.golden.corpus import Golden, goldens

from pansentry import mime
from pansentry.edits import Edit, apply
from pansentry.redaction import canonical
from pansentry.redaction.splice import sink
from pansentry.views import look

CASES = tuple(goldens())
AMBIGUOUS = tuple(case for case in CASES if mime.read(case.raw).ambiguities)
JUNK = (b"\0", b"\r", b"\n", b"\r\n", b"--", b":", b" ", b'"', b"=", b"Content-Type: text/html\r\n", b"\xff", b"=?")


@st.composite
def _damaged(draw: st.DrawFn) -> bytes:
    raw = draw(st.sampled_from(CASES)).raw
    for _ in range(draw(st.integers(0, 3))):
        start = draw(st.integers(0, len(raw)))
        raw = raw[:start] + draw(st.sampled_from(JUNK)) + raw[start + draw(st.integers(0, 20)) :]
    return raw


def _check_spans(part: mime.Part) -> None:
    size = len(part.source.data)
    assert 0 <= part.start <= part.fields_end <= part.body_start <= part.body_end <= size
    position = part.start
    for field in part.fields:
        assert position <= field.start <= field.value <= field.end <= part.fields_end
        position = field.end
    inside = part.body_start if part.children and part.children[0].source is part.source else 0
    for child in part.children:
        assert inside <= child.start
        assert child.body_end <= (part.body_end if child.source is part.source else len(child.source.data))
        inside = child.body_end
        _check_spans(child)


@settings(max_examples=300, deadline=None)
@given(_damaged())
def test_parts_are_nested_ranges_of_the_received_bytes(raw: bytes) -> None:
    """Whatever the bytes are: spans are in order, inside their parent, and the message keeps the very object."""
    message = mime.read(raw)
    assert message.raw is raw
    _check_spans(message.root)


@settings(max_examples=150, deadline=None)
@given(_damaged())
def test_canonical_form_has_one_reading(raw: bytes) -> None:
    """Any message, however broken, has a canonical form without ambiguities, and that form is its own."""
    message = mime.read(raw)
    if message.unreadable:
        return
    new = canonical.rebuild(message)
    again = mime.read(new)
    assert again.ambiguities == ()
    once_more = mime.read(canonical.rebuild(again))
    leaves = [again.leaf(part).data for part in again.walk() if part.is_leaf]
    assert [once_more.leaf(part).data for part in once_more.walk() if part.is_leaf] == leaves


@pytest.mark.parametrize("case", AMBIGUOUS, ids=lambda case: case.name)
def test_canonical_form_keeps_the_words(case: Golden) -> None:
    """The words that must survive are in the canonical form, too."""
    new = canonical.rebuild(mime.read(case.raw))
    shown = "\n".join(view.text for view in look(mime.read(new)).views)
    assert [word for word in case.must_survive if word not in shown] == []


@settings(max_examples=150, deadline=None)
@given(_damaged(), st.data())
def test_an_edit_of_a_view_moves_nothing_else(raw: bytes, data: st.DataObject) -> None:
    """An edit of one character of any view touches a few bytes of one place of the message."""
    message = mime.read(raw)
    views = [view for view in look(message).views if view.kind != "witness" and view.text.strip()]
    if not views:
        return
    view = data.draw(st.sampled_from(views))
    digits = [index for index, character in enumerate(view.text) if character in "0123456789"]
    if not digits:
        return
    place = data.draw(st.sampled_from(digits))
    sunk = sink(view.lower([Edit(place, place + 1, "X")]))
    for edit in sunk.edits:
        assert 0 <= edit.start <= edit.end <= len(raw)
    assert len(apply(raw, sunk.edits)) >= len(raw) - 200
