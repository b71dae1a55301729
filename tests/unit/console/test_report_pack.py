"""The month as PDF and its PCI pack: the same numbers, the four points of each event, readable by others."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from tests.specimens import PUBLISHED
from tests.unit.console.desk import desk
from tests.unit.console.test_console import FINDING

from pansentry.console.texts import catalogue, translator
from pansentry.formats.registry import MODULES
from pansentry.places import FAMILIES
from pansentry.policy import unread
from pansentry.report import Incident, Month, Pack, month_of, pack_of, words
from pansentry.report.pack import STATEMENTS
from pansentry.report.pdf import report_pdf
from pansentry.store import Store, open_store
from pansentry.store.tallies import put

SEPTEMBER = Month(2026, 9)


async def filled(store: Store, number: int = 3) -> None:
    """Record mails with cards of two senders, a clean one, and one of which only the number was found."""
    for at in range(number):
        sender = {"sender_keys": ("a" * 24 if at % 3 else f"{'b' * 20}{at:04d}", "c" * 24)}
        store.events.record({**FINDING, **sender, "letter": "guidance", "message_ref": f"ref{chr(97 + at % 26)}"})
    store.events.record({"kind": "message", "action": "deliver", "confidence": 0.0, "unreadable": ()})
    store.events.record({**FINDING, "cvv": 0, "action": "hold", "silence": "window", "message_ref": "held"})
    await store.events.flush()


async def opened() -> Store:
    """Return a store in memory, in September 2026."""
    return await open_store("sqlite:///:memory:", lambda: 1_790_000_000.0)


async def test_each_event_has_its_four_points() -> None:
    """What was done, whether a code was with it, where from, what the customer was told; no clean mail."""
    store = await opened()
    await filled(store)
    pack = await pack_of(store, SEPTEMBER)
    assert (pack.total, len(pack.incidents), pack.repeaters) == (4, 4, {2: 1})
    held, redacted = pack.incidents[0], pack.incidents[1]
    assert (held.done, held.has_sad, held.mended) == ("redacted copy on hold", False, "window")
    assert (redacted.done, redacted.has_sad, redacted.mended) == ("taken out before delivery", True, "letter guidance")
    assert (redacted.origin, redacted.places, redacted.found) == ("customer.example", "body:1", "1 pan, 1 cvv (visa)")
    assert (await pack_of(store, SEPTEMBER.before())).total == 0
    assert len((await pack_of(store, SEPTEMBER, limit=2)).incidents) == 2
    await store.close()


CODES = (
    # place · words in English
    ("body:1", "text of the mail"),
    ("body:1.2", "text of the mail"),
    ("header:subject", "subject line"),
    ("header:reply-to", "header of the mail"),
    ("body:2:header:subject", "subject line"),
    ("name:2", "name of an attachment"),
    ("document:pdf:page 3", "PDF, page 3"),
    ("document:zip/pdf:page 12 picture", "PDF, page 12"),
    ("document:docx:header", "text document"),
    ("document:zip/xlsx", "spreadsheet"),
    ("document:zip/eml:body:1", "attached mail"),
    ("document:jp2", "picture"),
    ("document:text-document", "text document"),
    ("part:2/header:subject", "subject line"),
    ("joined", "text of the mail"),
    ("of-a-later-version:3", "of-a-later-version:3"),
    ("document:sqlite", "attachment"),
    ("body", "text of the mail"),
    ("name", "name of an attachment"),
    ("header", "header of the mail"),
)


@pytest.mark.parametrize(("code", "said"), CODES)
def test_places_read_as_words(code: str, said: str) -> None:
    """No code of ours stands in a report."""
    assert words.place_of(code) == said


def test_every_document_that_is_read_has_a_name() -> None:
    """A kind that somebody adds to the registry is missed here, and so is a family without words."""
    told = {kind for kinds in FAMILIES.values() for kind in kinds.split()}
    assert sorted(set(MODULES) - told) == []
    assert set(words.DOCUMENTS) == set(FAMILIES)


def test_what_is_read_together_is_no_second_place() -> None:
    """Beside a real place the joined reading is left out, in the pack too; an incident without a place says so."""
    say = translator("en")
    assert words.places(("header:subject", "joined"), say) == "subject line"
    assert words.places(("body:1", "body:2", "joined"), say) == "text of the mail"
    assert words.places(("joined",), say) == "text of the mail"
    assert words.places(("–",), say) == words.places((), say) == "–"


async def test_days_counted_otherwise_are_read_too() -> None:
    """Sums of before, by part and with the joined reading, are shown under the names of today."""
    store = await opened()
    rows = {"place:joined": 5, "place:body": 5, "place:body:1": 2, "place:document:zip/pdf": 1}
    day = SEPTEMBER.days[0]
    await store.database.write(
        lambda connection: put(store.database, connection, {(day, name): number for name, number in rows.items()})
    )
    assert (await month_of(store, SEPTEMBER)).places == {"body": 7, "document:pdf": 1}
    await store.close()


def test_sums_are_said_in_words_and_added_up() -> None:
    """What is called alike is one row; unknown codes of a later version are shown as they are."""
    places = {"body:1": 3, "body:2": 2, "document:pdf:page 1": 1, "document:pdf:page 2": 1}
    assert words.in_words("places", places, translator("de")) == {"Text der Nachricht": 5, "PDF": 2}
    unread = {"encrypted": 1, "limit:max_parts": 1, "limit:max_depth": 1, "new": 1}
    assert list(words.in_words("unreadable", unread, translator("en")).items()) == [
        ("a limit that only intent passes", 2),
        ("encrypted, or behind a password", 1),
        ("new", 1),
    ]
    assert words.in_words("brands", {"visa": 2, "x": 1}, translator("it")) == {"Visa": 2, "x": 1}
    assert words.found("2 pan, 1 cvv (visa, amex)", translator("en")) == (
        "card number × 2, security code (Visa, American Express)"
    )
    assert words.in_words("languages", {"de": 1}, translator("it")) == {"Deutsch": 1}
    reasons = ("found:pan", "unreadable:encrypted", "ambiguous:a", "ambiguous:b", "signed", "new")
    assert words.reasons(reasons, translator("en")) == (
        "Not read: encrypted, or behind a password, it can be read in more than one way, it is signed, new"
    )
    assert words.told("letter guidance", translator("it")) == "la lettera «guidance»"
    assert words.told("window", translator("en")) == "the sender had one lately"


def test_every_word_of_a_report_is_in_the_catalogues() -> None:
    """Places, kinds of documents, reasons, marks."""
    said = {words.TEXT, words.SUBJECT, words.FIELD, words.NAME, *words.DOCUMENTS.values(), *unread.REASONS.values()}
    said |= {*unread.FAMILIES.values(), *words.MARKED.values(), *words.FOLLOWED.values(), words.SAME_MAIL} - {"PDF"}
    for language in ("de", "it"):
        assert sorted(said - set(catalogue(language)) - {"PDF"}) == [], language


def test_a_mail_that_is_noted_twice_is_said_in_words() -> None:
    """What was done the second time, in every language; what is none of ours is its codes."""
    assert translator("de")(words.followed("message", "redact")) == "dieselbe Nachricht: geschwärzt"
    assert translator("it")(words.followed("letter", "sent")) != "letter sent"
    assert words.followed("message", "new") == "message new"


async def test_a_report_counts_what_staff_did() -> None:
    """Held and released, what was called wrong, what became of a code: each from where it is noted."""
    store = await opened()
    await filled(store)
    held = await store.held.put(b"Subject: x\r\n\r\nhello\r\n", "shop/hold", "a@b.example", ["b@shop.example"])
    assert await store.held.release(held, b"Subject: x\r\n\r\nhello\r\n", ["b@shop.example"], who="marta")
    store.events.record({"kind": "report", "action": "not-a-card", "message_ref": "held"})
    await store.events.flush()
    report = await month_of(store, SEPTEMBER)
    assert (report.held, report.released, report.reported, report.silence) == (1, 1, 1, {"window": 1})
    await store.close()


def text_of(pdf: bytes) -> tuple[int, str]:
    """Return the number of pages and the text of a PDF, as a reader sees it."""
    document = pypdfium2.PdfDocument(io.BytesIO(pdf))
    pages = [page.get_textpage().get_text_range() for page in document]
    return len(pages), "\n".join(pages)


@pytest.mark.parametrize("language", ["en", "de", "it"])
async def test_the_pdf_is_read_by_a_reader(language: str) -> None:
    """Every statement, the numbers and each event are in its text, in each language, and no digits of cards."""
    store = await opened()
    await filled(store, 60)
    say = translator(language)
    report, pack = await month_of(store, SEPTEMBER), await pack_of(store, SEPTEMBER)
    await store.close()
    made = report_pdf(report, pack, "Möbel (Meier) \\ Söhne", say)
    assert made == report_pdf(report, pack, "Möbel (Meier) \\ Söhne", say)
    pages, text = text_of(made)
    flat = " ".join(text.split())
    assert pages >= 3
    assert "Möbel (Meier) \\ Söhne" in flat
    for _, sentence in STATEMENTS:
        said = " ".join(say(sentence).split())  # a page may end in the middle of it
        assert said[:40] in flat
        assert said[-40:] in flat
    assert flat.count("customer.example; ") >= 60
    assert not any(number in "".join(filter(str.isdigit, text)) for numbers in PUBLISHED.values() for number in numbers)


async def test_a_pdf_of_odd_words_stays_one() -> None:
    """Words wider than a column, signs of the PDF syntax, letters that the font lacks: it opens, nothing is cut."""
    store = await opened()
    report = await month_of(store, SEPTEMBER)
    await store.close()
    odd = "x" * 400 + ")(\\ 日本 \x00"
    incident = Incident(0.0, odd, "not taken", odd, True, odd, odd, odd)
    _, text = text_of(report_pdf(report, Pack("2026-09", 9, (incident,) * 3, {}), odd, translator("en")))
    assert text.count("x") > 3 * 1200
    assert "The newest 3 of 9" in " ".join(text.split())


async def test_pages_and_downloads(tmp_path: Path) -> None:
    """The pack as a page, the PDF as a download; months that are none are refused."""
    async with desk(tmp_path) as console:
        await filled(console.store)
        browser = await console.signed_in()
        page = (await browser.get("/reports/2026-09/pci")).text
        assert page.count("taken out before delivery") == 3
        answer: Any = await browser.get("/reports/2026-09/pdf")
        assert (answer.headers["content-type"], answer.content[:5]) == ("application/pdf", b"%PDF-")
        for wrong in ("2026-13", "x"):
            assert (await browser.get(f"/reports/{wrong}/pdf")).status_code == 404
            assert (await browser.get(f"/reports/{wrong}/pci")).status_code == 404
