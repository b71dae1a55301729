"""The compiled way to part a page gives what its twin in ``views/html_parts.py`` gives, or refuses."""

from __future__ import annotations

import random

import pytest
from tests.laws.native.twins import compiled, octets
from tests.unit.views.html_specimens import ordinary, soup, well_formed

from pansentry.views import html_parts
from pansentry.views.html_parts import BLOCKS, BREAK, JOINT, Parted
from pansentry.views.html_prefilter import collapse_slowly
from pansentry.views.html_signs import NAMES_IN_PHRASES

PIECES = (
    *(b"<p>", b"</p>", b"<P class='x'>", b"<br/>", b"<b>", b"</B >", b"<td>", b"</td>", b'<a href="y">', b"<i x=1>"),
    *(b"<style>", b"p{}", b"</style>", b"</STYLE >", b"<script x>", b"</script\x0b>", b"<styles>", b"<style_>", b"<s>"),
    *(b"<!-- c -->", b"<!--", b"-->", b"<!-->", b"<!--->", b"--", b"-", b"<!doctype html>", b"<?xml?>", b"<!>", b"</>"),
    *(b"<", b">", b"<<", b"< ", b"<1>", b"a", b"card 12", b" ", b"\xc3\xa9", b"&am", b"p;", b'"', b"'", b"=", b"/"),
    *(b"<blockquote>", b"</figcaption\x0b>", b"<blockquotes>", b"<abcdefghijklmnopqrs>", b"<h1/>", b"<h7>", b"<p\xff>"),
)
PLAIN = tuple(piece for piece in PIECES if piece.count(b"<") == piece.count(b">") and b"s" not in piece.lower()[:2])
NAMES = (frozenset[bytes](), NAMES_IN_PHRASES)


def pages() -> list[bytes]:
    """Return pages of all kinds: pieces in any order, some of them without riddles, and what generators write."""
    found = [*octets(PIECES, seed=13), *octets(PLAIN, seed=14)]
    found += [(well_formed(seed) if seed % 2 else soup(seed)).encode("utf-8", "replace") for seed in range(600)]
    return [collapse_slowly(page) for page in (*found, *(source.encode() for source in ordinary(15, 300)))]


PAGES = pages()


def same(found: tuple[bytes, ...], slow: Parted) -> None:
    """Compare what was found with what the twin gives; that keeps the pieces, the other one their text."""
    quick = Parted(*found)
    assert quick[1:5] == slow[1:5]
    assert quick.shown.replace(BREAK, JOINT) == slow.shown
    assert html_parts.with_breaks(quick, quick.shown) == html_parts.with_breaks(slow, slow.shown)


def test_a_page_is_parted_alike_or_refused() -> None:
    """Text, different tags, comments, sheets and the rest are the same; nothing loud is parted, and few are refused."""
    part_page = compiled("part_page")
    parted = taken_out = 0
    for page in PAGES:
        found = part_page(page, html_parts._in_order(BLOCKS), False)
        if found is not None:
            slow = html_parts.part_slowly(page)
            assert not slow.is_loud
            same(found, slow)
            parted += 1
            taken_out += slow.source != page
    assert parted > 2500
    assert taken_out > 400


def test_a_page_as_it_stands_is_parted_alike() -> None:
    """Where comments and sheets are tags and text like any other, no page of this size is refused."""
    part_page = compiled("part_page")
    for page in PAGES:
        same(part_page(page, html_parts._in_order(BLOCKS), True), html_parts.part_as_it_stands_slowly(page))


def test_what_takes_thought_is_refused() -> None:
    """Comments in tags, sheets that are not closed or have markup in them, and whatever is not closed."""
    part_page = compiled("part_page")
    odd = (b"<a <!-- -->>", b"<!-- x", b"<<!-- x -->b>", b"<style>x", b"<script>'<b>'</script>", b"<style>x</script>")
    for page in (*odd, b"<b", b"<a <b>", b"x<", b"<style><!-- p{} --></style>", b"<style/>", b"<STYLE >x</style x>"):
        assert part_page(b"words <p>" + page, html_parts._in_order(BLOCKS), False) is None, page


def test_more_different_tags_than_the_table_holds() -> None:
    """Five hundred different tags are told apart, many times each; a thousand are refused."""
    part_page = compiled("part_page")
    dice = random.Random(512)
    tags = [b"<a href='%d'>" % number for number in range(500)]
    for _ in range(20):
        page = b"x".join(dice.choices(tags, k=1500))
        found = part_page(page, html_parts._in_order(BLOCKS), False)
        if found is not None:
            same(found, html_parts.part_slowly(page))
    assert found is not None
    assert part_page(b"".join(b"<a x='%d'>" % n for n in range(1000)), b"", False) is None


def test_names_in_order_are_found_and_no_others() -> None:
    """Each name of a block is one, in any letters and with what may end it; what only begins so is none."""
    part_page = compiled("part_page")
    names = sorted(BLOCKS) + [name + b"x" for name in sorted(BLOCKS)] + [b"b", b"/td", b"a1", b"1", b"h", b"h11", b""]
    for name in names:
        for end in (b">", b"/>", b" >", b"\x0b>", b" a=b>", b"\xa0>", b"_>"):
            page = b"<" + name.upper() + end
            found = part_page(page, html_parts._in_order(BLOCKS), True)
            assert (found[0] == BREAK) == html_parts.has_name_of(page, BLOCKS), page


def test_edges_are_alike() -> None:
    """The same tags, in the same order, with the same text beside them, and as many of them as are let."""
    edges_of_tags = compiled("edges_of_tags")
    dice = random.Random(48)
    found = refused = 0
    long = b'<a title="' + b"word " * 30 + b'">'
    for page in PAGES:
        longer = page.replace(b"<p>", long) if dice.random() < 0.3 else page
        most = dice.choice((0, 20, 1000, 1 << 20))
        names = dice.choice(NAMES)
        quick = edges_of_tags(longer, html_parts._in_order(names), most)
        assert quick == html_parts.edges_slowly(html_parts.split(longer), names, most)
        found += bool(quick)
        refused += quick is None
    assert found > 500
    assert refused > 500


@pytest.mark.parametrize("name", ["part_page", "edges_of_tags"])
def test_they_take_bytes_only(name: str) -> None:
    """What is no bytes is a mistake of the caller, and so is what is missing."""
    for given in (("text", b"", 1), (b"", "text", 1), (b"", b""), (b"",), ()):
        with pytest.raises(TypeError):
            compiled(name)(*given)
