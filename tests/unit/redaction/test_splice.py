"""Splice: edits of many sources sink to the received message together."""

from __future__ import annotations

from pansentry.edits import Edit, merge
from pansentry.mime import Leaf, Text, Unfolded, read
from pansentry.redaction.splice import depth, sink


def test_edits_of_two_texts_of_one_leaf_meet() -> None:
    """Two charsets of one leaf name bytes of the same quantum; it is written once, with both edits."""
    message = read(b"Content-Transfer-Encoding: base64\r\n\r\nQUJDREVG\r\n")
    leaf = message.leaf(message.root)
    one, two = Text(leaf, "utf-8"), Text(leaf, "cp1252")
    assert isinstance(leaf, Leaf)
    assert depth(one) == 2
    sunk = sink([(one, Edit(0, 1, b"X")), (two, Edit(2, 3, b"Y"))])
    (edit,) = sunk.edits
    assert edit.new == b"WEJZ"  # XBY
    assert sunk.refused == ()


def test_a_value_over_a_fold_is_cut_at_the_fold() -> None:
    """An edit of an unfolded value leaves the line end and the blank where they are."""
    message = read(b"Subject: 4111\r\n 1111\r\n\r\n")
    value = Unfolded(message.source, 8, 20, "header:subject")
    assert value.data == b" 4111 1111"
    sunk = sink([(value, Edit(1, 10, b"XXXX XXXX"))])
    raw = bytearray(message.raw)
    for edit in reversed(sunk.edits):
        raw[edit.start : edit.end] = edit.new
    assert bytes(raw) == b"Subject: XXXX\r\n XXXX\r\n\r\n"


def test_overlapping_masks_are_laid_over_each_other() -> None:
    """Where two masks of the same width overlap, a position that one of them masks is masked."""
    assert merge([Edit(0, 4, "XX11"), Edit(2, 6, "XXXX")]) == (Edit(0, 6, "XXXXXX"),)
    assert merge([Edit(0, 4, "XX11"), Edit(0, 4, "XXXX")]) == (Edit(0, 4, "XXXX"),)
    assert merge([Edit(0, 6, "XXXX11"), Edit(1, 2, "X")]) == (Edit(0, 6, "XXXX11"),)
