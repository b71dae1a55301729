"""Sources: an unfolded value, and edits of it that leave the header a header."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pansentry.edits import Edit, apply
from pansentry.mime import Received, Unfolded, read

_WORD = st.text("ab1 \t", min_size=1, max_size=6)
_LINE = st.builds(lambda blank, text: blank + "x" + text, st.sampled_from([" ", "\t", "  "]), _WORD)


@st.composite
def _value_and_edits(draw: st.DrawFn) -> tuple[bytes, list[Edit[bytes]]]:
    ending = draw(st.sampled_from(["\r\n", "\n"]))
    lines = draw(st.lists(_LINE, min_size=1, max_size=4))
    value = ending.join(lines).encode()
    size = sum(len(line) for line in lines)
    start = draw(st.integers(0, size - 1))
    end = draw(st.integers(start + 1, size))
    new = draw(st.sampled_from([b"X" * (end - start), b"", b"X", b" ", b"=?q?=", b"XX XXX"]))
    return value, [Edit(start, end, new)]


@given(_value_and_edits())
def test_an_edited_value_is_the_edit_of_the_value(case: tuple[bytes, list[Edit[bytes]]]) -> None:
    """Whatever is edited: unfolding the new field gives the edited value, and the header goes on behind it."""
    value, edits = case
    head = b"Subject:"
    raw = head + value + b"\r\nX-Next: y\r\n\r\nbody"
    unfolded = Unfolded(Received(raw), len(head), len(head) + len(value), "header:subject")
    lowered = unfolded.lower(edits)
    assert lowered is not None
    message = read(apply(raw, lowered))
    names = [one.name for one in message.root.fields]
    assert names == ["subject", "x-next"]
    assert "header:no-colon" not in message.ambiguities
    subject = message.root.fields[0]
    assert Unfolded(message.source, subject.value, subject.end, "").data == apply(unfolded.data, edits)


def test_edits_that_together_empty_a_line_unfold_it() -> None:
    """Two edits that leave nothing of a continuation line do not end the header."""
    raw = b"Subject: a\r\n bc\r\nX-Next: y\r\n\r\n"
    value = Unfolded(Received(raw), 8, 15, "header:subject")
    lowered = value.lower([Edit(3, 4, b""), Edit(4, 5, b"")])
    assert lowered is not None
    assert apply(raw, lowered) == b"Subject: a \r\nX-Next: y\r\n\r\n"


def test_folds_stay_where_they_can() -> None:
    """A mask over a fold leaves the line end and the blank where they are."""
    raw = b"Subject: 4111\r\n 1111\r\n\r\n"
    value = Unfolded(Received(raw), 8, 20, "header:subject")
    assert value.data == b" 4111 1111"
    lowered = value.lower([Edit(1, 10, b"XXXX XXXX")])
    assert lowered is not None
    assert apply(raw, lowered) == b"Subject: XXXX\r\n XXXX\r\n\r\n"
