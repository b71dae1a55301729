"""Laws of every document format, over every trick that ``tests/documents`` knows: names are the promises."""

from __future__ import annotations

import random

import pytest
from tests.documents import proof, readers
from tests.documents.measure import FAMILIES

from pansentry.errors import DamagedError, LimitExceededError
from pansentry.examination import Examination, examine, opening
from pansentry.formats import libarchive, recognise, registry
from pansentry.limits import DocumentLimits
from pansentry.pan.finding import Kind
from pansentry.pan.options import DetectOptions

pytest.importorskip("pikepdf")
pytest.importorskip("pypdfium2")

NUMBER = "4929381332664295"
LIMITS = DocumentLimits(max_pictures=0)
WITHOUT_PICTURES = Examination(pictures=False)
INCREDULOUS = Examination(pictures=False, detect=DetectOptions(thresholds=dict.fromkeys(Kind, 2.0)))
CASES = [(family, trick) for family, (tricks, _) in FAMILIES.items() for trick in tricks]
IN_PICTURES = frozenset({"scanned", "picture_beside_text", "rtf_picture"})
"""Tricks that only the reader of pictures sees through: ``tests/unit/formats/test_picture.py`` and the bench."""
FOUND = [(family, trick) for family, trick in CASES if trick not in IN_PICTURES]


def make(family: str, trick: str) -> bytes:
    return FAMILIES[family][0][trick](NUMBER, random.Random(f"{family} {trick}"))


@pytest.mark.parametrize(("family", "trick"), CASES)
def test_without_cuts_a_document_is_the_same_object(family: str, trick: str) -> None:
    """No cuts and nothing replaced: the very same bytes. Kinds that the readers of messages read have no ``rewrite`` of
    their own: they come back as they are from an examination in which nothing is ever credible."""
    data = make(family, trick)
    kind = recognise.recognise(data)
    reader = registry.format_of(kind) if kind is not None else None
    if reader is None:
        assert kind is None or kind in opening.TEXTS
        assert examine(data, "", INCREDULOUS).rewritten is data
    else:
        assert reader.rewrite(data, {}, {}, LIMITS) is data


@pytest.mark.parametrize(("family", "trick"), FOUND)
def test_what_was_found_is_gone_or_nothing_comes_back(family: str, trick: str) -> None:
    """The number is found; the new document does not hold it for any independent reader, or there is none."""
    if family == "foreign" and libarchive.library() is None:
        pytest.skip("libarchive13 is not installed: such archives are unreadable (test_foreign_archives)")
    examined = examine(make(family, trick), "", WITHOUT_PICTURES)
    assert "pan" in {sight.kind for sight in examined.sightings}
    if examined.rewritten is None:
        assert "cannot-rewrite" in {why.reason for why in examined.unreadable}
        return
    assert not proof.holds(examined.rewritten, NUMBER)
    shown = FAMILIES[family][1]
    assert shown is None or not readers.leaks(NUMBER, shown(examined.rewritten))


@pytest.mark.parametrize(("family", "trick"), CASES)
def test_hostile_bytes_are_a_value(family: str, trick: str) -> None:
    """Changed, cut off, doubled: a format raises DamagedError or LimitExceededError and nothing else."""
    data = make(family, trick)
    rng = random.Random(f"hostile {family} {trick}")
    for _ in range(3):
        broken = bytearray(data)
        for _ in range(rng.randint(1, 16)):
            broken[rng.randrange(len(broken))] = rng.randrange(256)
        hostile = bytes(broken[: rng.choice((len(broken), rng.randrange(1, len(broken) + 1)))])
        for kind in recognise.kinds(hostile):
            reader = registry.format_of(kind)
            if reader is not None:
                try:
                    reader.extract(hostile, LIMITS)
                except (DamagedError, LimitExceededError):
                    continue
