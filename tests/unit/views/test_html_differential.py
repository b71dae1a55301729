"""Our tokenizer against two others: what a browser's parser or the standard library shows, we show.

selectolax (lexbor, a browser-grade parser) and html.parser are oracles here and nowhere else.
"""

from __future__ import annotations

import html.parser
import re

import pytest
from selectolax.lexbor import LexborHTMLParser
from tests.unit.views.html_specimens import soup, well_formed

from pansentry.views import html as our_html
from pansentry.views.html_tokens import Mode, tokenize

SEEDS = range(400)
_NOT_TEXT = ["script", "style", "template", "iframe", "noembed", "noframes"]


def _digits(text: str) -> str:
    return re.sub("[^0-9]", "", text)


def _browser_text(source: str) -> str:
    tree = LexborHTMLParser(source)
    tree.strip_tags(_NOT_TEXT)
    return tree.body.text() if tree.body else ""


def _is_subsequence(inner: str, outer: str) -> bool:
    remaining = iter(outer)
    return all(c in remaining for c in inner)


class _Library(html.parser.HTMLParser):
    def __init__(self, source: str) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self.feed(source)
        self.close()

    def handle_data(self, data: str) -> None:
        if self.cdata_elem is None:
            self.pieces.append(data)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_browsers_text_of_clean_markup_is_in_the_shown_text(seed: int) -> None:
    """Every digit that lexbor shows of well-formed markup is shown by us, in the same order (tables included)."""
    source = well_formed(seed)
    shown = [r.text for r in our_html.read(source) if r.name in ("shown", "fostered-joined")]
    assert any(_is_subsequence(_digits(_browser_text(source)), _digits(text)) for text in shown) or not shown


@pytest.mark.parametrize("seed", SEEDS)
def test_a_browsers_text_of_tag_soup_is_in_some_reading(seed: int) -> None:
    """Whatever lexbor makes of broken markup, its runs of digits are in one of our readings."""
    source = soup(seed)
    ours = [_digits(reading.text) for reading in our_html.read(source)]
    for run in re.findall("[0-9]{12,}", re.sub(r"[\s\u00ad\u200b-\u200f.\u00b7-]+", "", _browser_text(source))):
        assert any(run in digits for digits in ours)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_standard_librarys_text_is_in_some_reading(seed: int) -> None:
    """html.parser, on which many scripts build, shows no run of digits that we do not read."""
    source = well_formed(seed)
    ours = [_digits(reading.text) for reading in our_html.read(source)]
    for run in re.findall("[0-9]{12,}", "".join(_Library(source).pieces)):
        assert any(run in digits for digits in ours)


@pytest.mark.parametrize("mode", list(Mode))
@pytest.mark.parametrize("seed", range(0, 400, 4))
def test_tokens_cover_the_source_without_gap_or_overlap(seed: int, mode: Mode) -> None:
    """Every character is in exactly one token, whatever the source and the mode."""
    source = soup(seed)
    position = 0
    for token in tokenize(source, mode).items:
        assert token.start == position
        assert token.end > position
        position = token.end
    assert position == len(source)
