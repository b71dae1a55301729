"""The DNS tree walk of RFC 9989 §4.10: which names are asked, where it stops, what counts as a record."""

from __future__ import annotations

import pytest

from pansentry.authentication.dmarc import MAX_WALK, tree_walk
from pansentry.authentication.resolver import DnsTroubleError


class Names:
    """A resolver with TXT records; remembers what was asked."""

    def __init__(self, **records: str | tuple[str, ...]) -> None:
        self.records = {name.replace("_", ".").removeprefix("."): texts for name, texts in records.items()}
        self.asked: list[str] = []

    def lookup(self, name: str, _kind: str) -> tuple[bytes, ...]:
        self.asked.append(name)
        found = self.records.get(name.removeprefix("_dmarc."), ())
        return tuple(text.encode() for text in ((found,) if isinstance(found, str) else found))


def test_every_level_up_to_the_top_is_asked() -> None:
    """From the name itself to the top-level domain, which may be a public suffix with a record of its own."""
    names = Names()
    assert tree_walk("a.b.example.com", names) == ()
    assert names.asked == ["_dmarc.a.b.example.com", "_dmarc.b.example.com", "_dmarc.example.com", "_dmarc.com"]


@pytest.mark.parametrize(("labels", "second"), [(8, 7), (9, 7), (12, 7), (100, 7)])
def test_a_long_name_costs_eight_questions(labels: int, second: int) -> None:
    """Of a name with eight labels and more, the second question is about its last seven."""
    names = Names()
    tree_walk(".".join(f"l{i}" for i in range(labels)), names)
    assert len(names.asked) == MAX_WALK
    assert names.asked[1].count(".") == second
    assert names.asked[-1] == f"_dmarc.l{labels - 1}"


def test_the_walk_goes_on_behind_a_record() -> None:
    """A record that says nothing about public suffixes does not end it: the organization may be further up."""
    found = tree_walk("a.shop.example", Names(a_shop_example="v=DMARC1; p=none", shop_example="v=DMARC1; p=reject"))
    assert [record.domain for record in found] == ["a.shop.example", "shop.example"]


@pytest.mark.parametrize(
    ("records", "domains"),
    [
        ({"a_shop_example": "v=DMARC1; psd=n", "shop_example": "v=DMARC1"}, ["a.shop.example"]),
        ({"shop_example": "v=DMARC1", "example": "v=DMARC1; psd=y"}, ["shop.example", "example"]),
        ({"a_shop_example": "v=DMARC1; psd=y", "shop_example": "v=DMARC1"}, ["a.shop.example", "shop.example"]),
    ],
)
def test_where_it_stops(records: dict[str, str], domains: list[str]) -> None:
    """psd=n ends it, psd=y above the name does, psd=y at the name itself does not."""
    assert [record.domain for record in tree_walk("a.shop.example", Names(**records))] == domains


@pytest.mark.parametrize(
    "texts",
    [
        (),
        ("v=spf1 -all",),
        ("v=DMARC1; p=none", "v=DMARC1; p=reject"),
        ("p=none; v=DMARC1",),
        ("v=dmarc1; p=none",),
        ("v=DMARC10; p=none",),
        ("\xffv=DMARC1",),
        ("",),
    ],
)
def test_what_is_no_record(texts: tuple[str, ...]) -> None:
    """The version comes first and is spelled exactly; of two records none holds."""
    assert tree_walk("shop.example", Names(shop_example=texts)) == ()


def test_other_texts_beside_the_record_do_not_matter() -> None:
    """Only records of DMARC are counted."""
    (found,) = tree_walk("shop.example", Names(shop_example=("v=spf1 -all", " V = DMARC1 ; P = NONE ; adkim=S")))
    assert (found.tags["p"], found.tags["adkim"]) == ("none", "s")


def test_no_answer_is_trouble_and_not_no_record() -> None:
    """A name server that does not answer must not turn p=reject into nothing."""

    class Broken(Names):
        def lookup(self, name: str, kind: str) -> tuple[bytes, ...]:
            raise DnsTroubleError("down")

    with pytest.raises(DnsTroubleError):
        tree_walk("shop.example", Broken())
