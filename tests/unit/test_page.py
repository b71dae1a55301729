"""The authenticity page and the letter for the post."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from pansentry.configuration import Business
from pansentry.configuration.model import LANGUAGES, Signature
from pansentry.errors import ConfigurationError
from pansentry.letter_post import post_letter
from pansentry.page import NAMES, build_page, read_sentences
from pansentry.reply import Letters, load_letters

REPLIES = Path(__file__).parents[2] / "replies"
BUSINESS = Business(
    name="Meier & Söhne",
    phone="+49 30 123456",
    pay_page="https://meier.example/pay",
    website="https://meier.example",
    authenticity_page="Payments by e-mail",
    language="de",
    signature=Signature(person="Marta"),
)


class Tags(HTMLParser):
    """Collects start tags and checks that they are closed in order."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def page(status: str = "") -> str:
    sentences = read_sentences(REPLIES / "page")
    return build_page(sentences, BUSINESS, address="info@meier.example", hosts=("meier.example",), status=status)


def test_the_page_speaks_every_language() -> None:
    """All sixteen, the shop's own first, each with its language and direction and every sentence filled in."""
    read = Tags()
    text = page()
    read.feed(text)
    assert read.open == []
    sections = [(a["id"], a["lang"], a["dir"]) for tag, a in read.tags if tag == "section"]
    assert {one for one, _, _ in sections} == set(LANGUAGES)
    assert sections[0] == ("de", "de", "ltr")
    assert [one for one, _, d in sections if d == "rtl"] == ["ar", "he"]
    assert "{" not in re.sub(r"<style>.*?</style>", "", text, flags=re.DOTALL)
    assert text.count("info@meier.example") == len(LANGUAGES)


def test_the_page_loads_nothing_and_runs_nothing() -> None:
    """Static: no script, no image, no link but to itself."""
    read = Tags()
    read.feed(page())
    assert not {"script", "img", "link", "iframe", "form"} & {tag for tag, _ in read.tags}
    assert all((a.get("href") or "").startswith("#") for tag, a in read.tags if tag == "a")


def test_the_status_note_is_text() -> None:
    """What the shop writes stands in every section, and cannot break out of it."""
    text = page("Forged letters <b>are</b> going round")
    assert text.count("Forged letters &lt;b&gt;are&lt;/b&gt; going round") == len(LANGUAGES)
    assert 'class="status"' not in page()


def test_a_missing_sentence_is_named(tmp_path: Path) -> None:
    """A language that lacks a sentence stops the build, and says which."""
    (tmp_path / "fi.txt").write_text("title: Onko tämä viesti meiltä?\n")
    with pytest.raises(ConfigurationError, match=r"fi\.txt: There is no `intro`"):
        read_sentences(tmp_path)
    with pytest.raises(ConfigurationError, match="There are no sentences for the page"):
        read_sentences(tmp_path / "none")


def test_every_language_has_every_sentence() -> None:
    """Nobody forgot one."""
    for sentences in read_sentences(REPLIES / "page").values():
        assert set(sentences) == set(NAMES)


@pytest.fixture(scope="module")
def letters() -> Letters:
    """The shipped letters."""
    return load_letters(REPLIES, BUSINESS)


@pytest.mark.parametrize(
    ("language", "says"),
    [("en", "Your reference code"), ("de", "Ihr Referenzcode"), ("fr", "Votre code"), ("ja", "Your reference code")],
)
def test_a_letter_for_the_post_is_a_page_of_pdf(letters: Letters, language: str, says: str) -> None:
    """The words of the letter with the code, nothing about e-mail; a script the fonts lack becomes English."""
    pypdfium2 = pytest.importorskip("pypdfium2")
    raw = post_letter(letters, language, "CFHJ-KMPR")
    document = pypdfium2.PdfDocument(raw)
    assert len(document) == 1
    text = document[0].get_textpage().get_text_range()
    document.close()
    assert says in text
    assert "CFHJ-KMPR" in text
    assert BUSINESS.phone in text
    assert "400" not in text
    assert raw == post_letter(letters, language, "CFHJ-KMPR")
