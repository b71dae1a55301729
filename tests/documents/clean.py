"""Documents of a business without a card in them: what looks like one, and has to stay as it is.

``DOCUMENTS`` maps a name to a maker ``(rng) -> bytes``: invoices, price lists, lists of devices, of accounts, of
parcels, of tickets, each as Word, Excel, PowerPoint, OpenDocument and Excel 97 file.
"""

from __future__ import annotations

import io
import random
from collections.abc import Callable, Sequence

import xlwt
from stdnum import ean, iban, luhn
from tests.documents import open_documents, slides, texts, workbooks

Table = list[list[str]]


def _digits(rng: random.Random, count: int) -> str:
    return str(rng.randint(1, 9)) + "".join(str(rng.randint(0, 9)) for _ in range(count - 1))


def _ean(rng: random.Random) -> str:
    body = rng.choice(("40", "42", "50", "54", "76")) + _digits(rng, 10)
    return body + ean.calc_check_digit(body)


def _imei(rng: random.Random) -> str:
    body = "35" + _digits(rng, 12)
    return body + luhn.calc_check_digit(body)


def _iban(rng: random.Random) -> str:
    body = "5" + _digits(rng, 17)
    account = "DE" + iban.calc_check_digits(f"DE00{body}") + body
    return " ".join(account[i : i + 4] for i in range(0, len(account), 4))


def invoices(rng: random.Random) -> Table:
    """Invoice numbers, dates, amounts."""
    rows = [["Invoice no.", "Order no.", "Date", "Net", "Gross"]]
    rows += [
        [_digits(rng, 10), _digits(rng, 16), "03/11/2026", f"{rng.randint(10, 9999)}.50", f"{rng.randint(10, 9999)}.00"]
        for _ in range(12)
    ]
    return rows


def prices(rng: random.Random) -> Table:
    """Articles with bar codes and prices."""
    rows = [["Article", "EAN", "Qty", "Price"]]
    return rows + [[f"Article {i}", _ean(rng), str(rng.randint(1, 900)), f"{rng.randint(1, 99)}.99"] for i in range(15)]


def devices(rng: random.Random) -> Table:
    """Devices with their IMEI."""
    return [["Device", "IMEI", "Remark"], *([f"Phone {i}", _imei(rng), "ok"] for i in range(10))]


def accounts(rng: random.Random) -> Table:
    """Bank accounts."""
    return [["Supplier", "IBAN", "Customer no."], *([f"Firm {i}", _iban(rng), _digits(rng, 8)] for i in range(10))]


def parcels(rng: random.Random) -> Table:
    """Tracking numbers."""
    return [["Tracking number", "Weight", "Zone"], *([_digits(rng, 20), "1.250", "3"] for _ in range(10))]


def tickets(rng: random.Random) -> Table:
    """Tickets with codes that are no security codes."""
    rows = [["Ticket no.", "Discount code", "Room", "Opening hours"]]
    return rows + [
        [_digits(rng, 12), str(rng.randint(100, 999)), str(rng.randint(100, 999)), "09-17"] for _ in range(8)
    ]


def word(table: Table) -> bytes:
    """Return a table as a Word document."""
    rows = "".join(
        "<w:tr>" + "".join(f"<w:tc><w:tcPr/>{texts.p(texts.run(c))}</w:tc>" for c in row) + "</w:tr>" for row in table
    )
    return texts.document(f"<w:tbl><w:tblPr/><w:tblGrid/>{rows}</w:tbl>")


def _cell(book: workbooks.Book, text: str) -> str:
    return workbooks.number(text) if text.isdigit() and len(text) < 16 and text[0] != "0" else book.shared(text)


def sheet(table: Table) -> bytes:
    """Return a table as a workbook, numbers as numbers."""
    book = workbooks.Book()
    return book.sheet([[_cell(book, text) for text in row] for row in table]).bytes()


def presentation(table: Table) -> bytes:
    """Return a table as a table on a slide."""
    return slides.with_table(table)


def open_sheet(table: Table) -> bytes:
    """Return a table as an OpenDocument spreadsheet."""
    rows = "".join(
        "<table:table-row>" + "".join(open_documents.cell(text) for text in row) + "</table:table-row>" for row in table
    )
    return open_documents.sheet(rows)


def old_sheet(table: Table) -> bytes:
    """Return a table as an Excel 97 workbook."""
    book = xlwt.Workbook()
    page = book.add_sheet("S1")
    for y, row in enumerate(table):
        for x, text in enumerate(row):
            page.write(y, x, float(text) if text.isdigit() and len(text) < 16 else text)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


_TABLES: Sequence[Callable[[random.Random], Table]] = (invoices, prices, devices, accounts, parcels, tickets)
_FORMATS: Sequence[Callable[[Table], bytes]] = (word, sheet, presentation, open_sheet, old_sheet)


def _maker(fill: Callable[[random.Random], Table], write: Callable[[Table], bytes]) -> Callable[[random.Random], bytes]:
    return lambda rng: write(fill(rng))


DOCUMENTS: dict[str, Callable[[random.Random], bytes]] = {
    f"{fill.__name__}-{write.__name__}": _maker(fill, write) for fill in _TABLES for write in _FORMATS
}
