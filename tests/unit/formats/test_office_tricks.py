"""Every trick of the generated Office documents: found, taken out as independent readers see it, the rest kept."""

from __future__ import annotations

import io
import random

import docx
import openpyxl
import pptx
import pytest
from tests.documents import clean, legacy, open_documents, others, slides, texts, workbooks
from tests.documents.packages import KEPT
from tests.documents.proof import changed, holds, shows

from pansentry.examination import examine

NUMBERS = ("4111111111111111", "5555555555554444", "6011000990139424")
WRITABLE = {
    f"{module.__name__.rpartition('.')[2]}-{name}": make
    for module in (texts, workbooks, slides, open_documents, others)
    for name, make in module.TRICKS.items()
}
VALUES = frozenset(
    {"texts-code_and_expiry", "texts-table", "texts-custom_property", "workbooks-table_of_texts", "slides-table"}
    | {"workbooks-table_of_numbers", "open_documents-table", "open_documents-sheet_of_texts", "texts-variable"}
    | {"open_documents-user_defined", "texts-custom_xml", "texts-custom_xml_attributes", "workbooks-pivot_cache"}
)
"""Tricks with a code beside the number."""


def made(name: str, number: str) -> bytes:
    """Return the document of a trick."""
    return WRITABLE[name](number, random.Random(f"{name} {number}"))


@pytest.mark.parametrize("name", WRITABLE)
def test_the_number_is_found_and_gone(name: str) -> None:
    """A card number in any place of a document is seen, and no independent reader finds it afterwards."""
    for number in NUMBERS[:2]:
        data = made(name, number)
        examined = examine(data)
        assert any(sight.kind == "pan" for sight in examined.sightings)
        assert not examined.unreadable
        assert examined.rewritten is not None
        assert not holds(examined.rewritten, number[:7])
        assert shows(examined.rewritten, KEPT) == shows(data, KEPT)


def test_the_proof_can_fail() -> None:
    """The independent search does see the numbers of these documents before they are rewritten."""
    seen = [name for name in WRITABLE if holds(made(name, NUMBERS[0]), NUMBERS[0][:7])]
    assert len(seen) > 0.9 * len(WRITABLE)


@pytest.mark.parametrize("name", sorted(VALUES))
def test_the_code_goes_with_the_number(name: str) -> None:
    """A code under its heading, or beside its label, is taken out of the part that holds the card."""
    data = made(name, NUMBERS[0])
    examined = examine(data)
    assert any(sight.kind == "cvv" for sight in examined.sightings)
    assert examined.rewritten is not None
    assert not shows(examined.rewritten, ">321<")
    assert not shows(examined.rewritten, '"321"')


@pytest.mark.parametrize("name", legacy.TRICKS)
def test_legacy_files_are_read_and_never_written(name: str) -> None:
    """A number in a legacy file is seen; the file is refused as one that cannot be written."""
    for number in NUMBERS[:2]:
        data = legacy.TRICKS[name](number, random.Random(f"{name} {number}"))
        examined = examine(data)
        assert any(sight.kind == "pan" for sight in examined.sightings)
        assert examined.rewritten is None
        assert [why.reason for why in examined.unreadable] == ["cannot-rewrite"]


@pytest.mark.parametrize("name", clean.DOCUMENTS)
def test_business_documents_stay_as_they_are(name: str) -> None:
    """Invoices, bar codes, devices, accounts, parcels and tickets give back the very same object."""
    for seed in range(2):
        data = clean.DOCUMENTS[name](random.Random(f"{name}{seed}"))
        examined = examine(data)
        assert examined.sightings == ()
        assert examined.unreadable == ()
        assert examined.rewritten is data


READERS = {
    "texts": lambda data: [p.text for p in docx.Document(io.BytesIO(data)).paragraphs],
    "workbooks": lambda data: [
        str(cell.value) for sheet in openpyxl.load_workbook(io.BytesIO(data)) for row in sheet.rows for cell in row
    ],
    "slides": lambda data: [
        shape.text_frame.text
        for slide in pptx.Presentation(io.BytesIO(data)).slides
        for shape in slide.shapes
        if shape.has_text_frame
    ],
}


@pytest.mark.parametrize("name", [n for n in WRITABLE if n.partition("-")[0] in READERS and n != "texts-macro"])
def test_independent_readers_open_what_was_written(name: str) -> None:
    """python-docx, openpyxl and python-pptx open the document, see the rest of it and not the number."""
    number = NUMBERS[2]
    examined = examine(made(name, number))
    assert examined.rewritten is not None
    found = READERS[name.partition("-")[0]](examined.rewritten)
    assert any(KEPT in text for text in found)
    assert not any(number[:15] in text.replace(" ", "") for text in found)


def test_only_the_edited_part_changes() -> None:
    """Macros, styles, relationships and all other parts stay byte for byte, in their order."""
    data = made("workbooks-macros", NUMBERS[0])
    examined = examine(data)
    assert examined.rewritten is not None
    assert changed(data, examined.rewritten) == {"xl/worksheets/sheet1.xml"}


def test_the_same_digits_elsewhere_stay() -> None:
    """A group of a number that four cells share with a box number is masked in the card's cell only."""
    number = "4012888888881881"
    examined = examine(made("workbooks-four_cells_shared", number))
    assert examined.rewritten is not None
    rows = [[c.value for c in row] for row in openpyxl.load_workbook(io.BytesIO(examined.rewritten)).active.rows]
    assert rows[0] == ["Credit card", "XXXX", "XXXX", "XXXX", "1881"]
    assert rows[1][:2] == ["Box", "8888"]


def test_cells_that_share_a_formula_become_constants() -> None:
    """The master of a shared formula is cut; what depended on it keeps its result."""
    examined = examine(made("workbooks-shared_formula", NUMBERS[0]))
    assert examined.rewritten is not None
    cells = openpyxl.load_workbook(io.BytesIO(examined.rewritten)).active
    assert [cells["C1"].value, cells["C2"].value] == ['="XXXXXXXXXXXX1111"', '="Tuesday"']


def test_a_signature_in_an_edited_document_is_reported() -> None:
    """The signature of a package does not hold for what was cut from it; one that stays as it is keeps its own."""
    parts = {"_xmlsignatures/sig1.xml": "<Signature xmlns='http://www.w3.org/2000/09/xmldsig#'/>"}
    body = texts.p(texts.run("card 4111 1111 1111 1111"))
    assert examine(texts.document(body, dict(parts))).signed
    assert not examine(texts.document(body)).signed
    assert not examine(texts.document(texts.p(texts.run("hello")), dict(parts))).signed
