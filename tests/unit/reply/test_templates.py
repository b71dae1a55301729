"""Templates: typos are found at load with file and line, and nothing an admin writes can be a bomb."""

from __future__ import annotations

from pathlib import Path

import pytest

from pansentry.configuration import Business
from pansentry.errors import ConfigurationError
from pansentry.reply import load_letters
from pansentry.reply.templates import Folder

BUSINESS = Business(name="Meier", phone="+49 30 123456", website="https://meier.example")
LAYOUT = (Path(__file__).parents[3] / "replies" / "layout.html").read_text()
BODY = (Path(__file__).parents[3] / "replies" / "guidance" / "en" / "body.txt").read_text()


def folder(tmp_path: Path, **files: str) -> Path:
    """Write a folder with one English letter; ``files`` replaces body, html, subject or layout."""
    place = tmp_path / "guidance" / "en"
    place.mkdir(parents=True)
    (tmp_path / "layout.html").write_text(files.get("layout", LAYOUT))
    (place / "subject.txt").write_text(files.get("subject", "We have your message\n"))
    (place / "body.txt").write_text(files.get("body", BODY))
    (place / "body.html").write_text(files.get("html", '{% extends "layout.html" %}\n'))
    return tmp_path


WRONG = (
    ("Hello\n{{ busines.name }}", 2, "There is no `busines` in letters. Did you mean `business`?"),
    ("{{ business.fone }}", 1, "There is no `business.fone` in letters. Did you mean `business.phone`?"),
    ("{{ business.zzzz }}", 1, "There is no `business.zzzz` in letters. `business` has: name, phone, hours, pay_page, "
     "website, authenticity_page, person."),
    ("x\n\n{{ business.pay_page }}", 3, "`business.pay_page` is printed here but not set. Set it under `business:` in "
     "pansentry.yaml, or put this part of the letter inside `{% if … %}`."),
    ("{{ pan }}", 1, "There is no `pan` in letters. The names are: business, customer, kind, removed, ways, "
     "reference, kept_days, language."),
    ("{% if %}", 1, "This is not a valid template: Expected an expression, got 'end of statement block'. Compare it "
     "with the shipped letters."),
    ("a\n{% if again %}", 2,
     "This is not a valid template: Unexpected end of template. Jinja was looking for the "
     "following tags: 'elif' or 'else' or 'endif'. The innermost block that needs to be closed is 'if'. Compare it "
     "with the shipped letters."),
    ("{{ 'a' * 1000000000 }}", 1, "`mul` is not used in letters. Use text, `if`, `for` and the known names."),
    ("{{ 2 ** 999999999 }}", 1, "`pow` is not used in letters. Use text, `if`, `for` and the known names."),
    ("{{ business.name|center(1000000000) }}", 1,
     "The filter `center` is not used in letters. The filters are: capitalize, "
     "e, escape, lower, trim, upper."),
    ("{{ business.name|replace('a', 'aaaaaaaaaa') }}", 1,
     "The filter `replace` is not used in letters. The filters are: "
     "capitalize, e, escape, lower, trim, upper."),
    ("{{ range(10) }}", 1, "`call` is not used in letters. Use text, `if`, `for` and the known names."),
    ("{% for a in 'aaaa' %}{% endfor %}", 1,
     "A loop may only run over our lists. Write one of: blocks, items, letters, "
     "lines, removed, ways."),
    ("{% macro m() %}{% endmacro %}", 1, "`macro` is not used in letters. Use text, `if`, `for` and the known names."),
    ("{% include 'secret.txt' %}", 1, "There is no template secret.txt. Name a file below this folder in quotes."),
    ("{% include '../../../etc/passwd' %}", 1,
     "There is no template ../../../etc/passwd. Name a file below this folder in "
     "quotes."),
    ("{{ business.__class__ }}", 1, "There is no `business.__class__` in letters. `business` has: name, phone, hours, "
     "pay_page, website, authenticity_page, person."),
    ("{{ business['name'] ~ 'x' }}", 1, "`concat` is not used in letters. Use text, `if`, `for` and the known names."),
    ("{% set total = again %}{{ totl }}", 1, "There is no `totl` in letters. Did you mean `total`?"),
)  # fmt: skip


@pytest.mark.parametrize(("body", "line", "message"), WRONG, ids=[body for body, *_ in WRONG])
def test_a_wrong_template_is_refused_at_load(tmp_path: Path, body: str, line: int, message: str) -> None:
    """Each mistake names the file, the line and the way out, before any customer is written to."""
    place = folder(tmp_path, body=body)
    with pytest.raises(ConfigurationError) as caught:
        load_letters(place, BUSINESS)
    flaw = caught.value.flaws[0]
    said = " ".join(f"{flaw.wrong} {flaw.fix}".split())
    assert (flaw.file, flaw.line) == (f"{place}/guidance/en/body.txt", line)
    assert said == message


def test_our_own_words_load(tmp_path: Path) -> None:
    """The folder these cases are made from is a good one."""
    assert load_letters(folder(tmp_path), BUSINESS).languages("guidance") == ("en",)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    """A language without a subject does not load."""
    place = folder(tmp_path)
    (place / "guidance" / "en" / "subject.txt").unlink()
    with pytest.raises(ConfigurationError, match=r"guidance/en/subject\.txt: This file is missing\."):
        load_letters(place, BUSINESS)


def test_an_empty_folder_is_named(tmp_path: Path) -> None:
    """No letters at all is one clear message."""
    with pytest.raises(ConfigurationError, match=r"There is no letter in this folder.*remove `replies:`"):
        load_letters(tmp_path, BUSINESS)


def test_html_is_escaped(tmp_path: Path) -> None:
    """A business's name with markup in it stays text in the HTML."""
    files = {"guidance/en/body.html": "{{ business.name }}", "guidance/en/body.txt": "{{ business.name }}"}
    templates = Folder("r", files)
    values = {"business": {"name": "A <b>&"}}
    assert templates.compile("guidance/en/body.html")(values) == "A &lt;b&gt;&amp;"
    assert templates.compile("guidance/en/body.txt")(values) == "A <b>&"


def test_output_is_capped() -> None:
    """Even text that passes every check cannot grow without end, and fails before it has."""
    templates = Folder("r", {"x.txt": "{% for way in ways %}" + "x" * 1000 + "{% endfor %}"})
    assert templates.check("x.txt") == ()
    ways = iter(range(100_000))
    with pytest.raises(ConfigurationError, match="far too long"):
        templates.compile("x.txt")({"ways": ways})
    assert next(ways) < 10_000
