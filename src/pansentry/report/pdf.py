"""A report as a PDF, written by hand: no program, no library, no font to embed.

In: a report, a pack, what translates a sentence. Out: bytes (PDF 1.4, ISO 32000-1): A4 pages, Helvetica in WinAnsi
(code page 1252), text that wraps by the widths of the font's metrics, tables, bars. Equal reports give equal bytes.
Gaps: not tagged for screen readers (the HTML form is for them); letters outside code page 1252 are shown as ``?``.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pansentry.report.pack import STATEMENTS
from pansentry.report.words import found, in_words, places, told

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from pansentry.report.month import Report
    from pansentry.report.pack import Incident, Pack

    Say = Callable[..., str]

WIDTH, HEIGHT, MARGIN = 595, 842, 56
_INK, _SOFT, _MAIN = "0.11 0.14 0.13", "0.33 0.38 0.36", "0.04 0.36 0.29"
_WIDTHS = (
    "278 278 355 556 556 889 667 191 333 333 389 584 278 333 278 278 556 556 556 556 556 556 556 556 556 556 "
    "278 278 584 584 584 556 1015 667 667 722 722 667 611 778 722 278 500 667 556 833 722 778 667 778 722 667 "
    "611 722 667 944 667 667 611 278 278 278 469 556 333 556 556 500 556 556 278 556 556 222 222 500 222 833 "
    "556 556 556 556 333 500 278 556 500 722 500 500 500 334 260 334 584"
)
_WIDTH_OF = dict(zip(map(chr, range(32, 127)), map(int, _WIDTHS.split()), strict=True))
"""Widths of Helvetica in thousandths (Adobe's font metrics); accented letters are taken for 556."""
_SUMS = (
    ("What was done", "actions"),
    ("Found", "found"),
    ("Brands", "brands"),
    ("Mailboxes", "mailboxes"),
    ("Places", "places"),
    ("Languages of letters", "languages"),
    ("What became of it", "marked"),
    ("Why no letter was sent", "silence"),
    ("Not read", "unreadable"),
)
COLUMNS = (
    ("When, reference", 96),
    ("What was found", 92),
    ("1. What was done", 92),
    ("2. Code or stripe", 48),
    ("3. From, where", 92),
    ("4. What was told", 63),
)
_MOST_ROWS = 12


@dataclass(slots=True)
class _Sheet:
    """Pages that are being written from top to bottom."""

    foot: str
    pages: list[list[str]] = field(default_factory=list)
    y: float = 0.0

    def page(self) -> None:
        """Begin a page."""
        self.pages.append([])
        self.y = HEIGHT - MARGIN

    def room(self, height: float) -> bool:
        """Begin a page if there is less room than that; True if one was begun."""
        if self.y - height >= MARGIN + 12:
            return False
        self.page()
        return True

    def put(self, x: float, text: str, size: float = 10, *, bold: bool = False, colour: str = _INK) -> None:
        """Write a line at the present height."""
        font = "/F2" if bold else "/F1"
        self.pages[-1].append(f"BT {colour} rg {font} {size} Tf {x:.1f} {self.y:.1f} Td ({_escaped(text)}) Tj ET")

    def bar(self, x: float, y: float, width: float, height: float, colour: str = _MAIN) -> None:
        """Fill a rectangle."""
        self.pages[-1].append(f"{colour} rg {x:.1f} {y:.1f} {width:.1f} {height:.1f} re f")

    def heading(self, text: str) -> None:
        """Write a heading that stays with what is below it."""
        self.room(60)
        self.y -= 26
        self.put(MARGIN, text, 13, bold=True)
        self.y -= 6

    def paragraph(self, text: str, *, bold: str = "") -> None:
        """Write wrapped text, after a word in bold."""
        indent = _wide(f"{bold}  ", 10) * 1.08 if bold else 0
        for at, line in enumerate(_wrapped(text, WIDTH - 2 * MARGIN - indent, 10)):
            self.room(14)
            self.y -= 14
            if at == 0 and bold:
                self.put(MARGIN, bold, bold=True)
            self.put(MARGIN + indent, line)
        self.y -= 4


def report_pdf(report: Report, pack: Pack, business: str, _: Say) -> bytes:
    """Return the PDF of a month. ``_`` says a sentence in the reader's language."""
    sheet = _Sheet(f"PanSentry · {business} · {report.month}")
    sheet.page()
    sheet.y -= 12
    sheet.put(MARGIN, f"{_('Report')} {report.month}", 20, bold=True)
    sheet.y -= 18
    sheet.put(MARGIN, business, 11, colour=_SOFT)
    _figures(sheet, report, _)
    sheet.heading(_("Mails with card data, by day"))
    _chart(sheet, report.trend)
    for title, name in _SUMS:
        _sums(sheet, _(title), in_words(name, getattr(report, name), _))
    sheet.heading(_("For the PCI DSS self-assessment"))
    for point, sentence in STATEMENTS:
        sheet.paragraph(_(sentence), bold=_(point))
    if pack.repeaters:
        said = ", ".join(f"{senders} × {times}" for times, senders in pack.repeaters.items())
        sheet.paragraph(f"{_('Senders who sent card data more than once (senders × mails)')}: {said}")
    sheet.heading(_("Every mail with card data: the four points of 12.10.7"))
    _incidents(sheet, pack, _)
    return _file(sheet)


def _figures(sheet: _Sheet, report: Report, _: Say) -> None:
    figures = (
        (report.messages, _("mail") if report.messages == 1 else _("mails")),
        (report.with_card_data, _("with card data")),
        (report.letters, _("letter sent") if report.letters == 1 else _("letters sent")),
        (f"{report.minutes_saved / 60:.1f}", _("hours saved, at six minutes each")),
        (report.held, _("mail held") if report.held == 1 else _("mails held")),
        (report.released, _("released")),
        (report.reported, _("reported as no card")),
    )
    sheet.y -= 12
    for number, words in figures:
        sheet.y -= 16
        sheet.put(MARGIN, str(number), 12, bold=True)
        sheet.put(MARGIN + 60, words, 11)


def _chart(sheet: _Sheet, values: Sequence[int]) -> None:
    height, top = 90.0, max((*values, 1))
    sheet.room(height + 30)
    sheet.y -= height + 8
    step = (WIDTH - 2 * MARGIN) / max(len(values), 1)
    for at, value in enumerate(values):
        sheet.bar(MARGIN + at * step + 1, sheet.y, step - 2, max(height * value / top, 0.6))
    base = sheet.y
    sheet.y = base - 11
    for at in range(0, len(values), 5):
        sheet.put(MARGIN + at * step + 1, str(at + 1), 8, colour=_SOFT)
    sheet.y = base + height - 2
    sheet.put(MARGIN + 2, str(top), 8, colour=_SOFT)
    sheet.y = base - 14


def _sums(sheet: _Sheet, title: str, numbers: Mapping[str, int]) -> None:
    if not numbers:
        return
    shown = list(numbers.items())[:_MOST_ROWS]
    sheet.room(34 + 14 * min(len(shown), 4))
    sheet.heading(title)
    top = max(numbers.values())
    for name, number in shown:
        sheet.room(14)
        sheet.y -= 14
        sheet.put(MARGIN, _cut(name, 280, 10))
        sheet.put(MARGIN + 320 - _wide(str(number), 10), str(number))
        sheet.bar(MARGIN + 335, sheet.y, max(140 * number / top, 1), 7)
    if len(numbers) > len(shown):
        sheet.y -= 14
        sheet.put(MARGIN, "…", colour=_SOFT)


def _incidents(sheet: _Sheet, pack: Pack, _: Say) -> None:
    if not pack.incidents:
        sheet.paragraph(_("None yet. Nobody mailed a card."))
        return
    _head(sheet, _)
    for incident in pack.incidents:
        cells = [
            _wrapped(text, width - 6, 8) for text, (_name, width) in zip(_cells(incident, _), COLUMNS, strict=True)
        ]
        height = 10.0 * max(map(len, cells)) + 4
        if sheet.room(height):
            _head(sheet, _)
        top, x = sheet.y, float(MARGIN)
        for lines, (_name, width) in zip(cells, COLUMNS, strict=True):
            sheet.y = top
            for line in lines:
                sheet.y -= 10
                sheet.put(x, line, 8)
            x += width
        sheet.y = top - height
        sheet.bar(MARGIN, sheet.y, WIDTH - 2 * MARGIN, 0.4, _SOFT)
    if pack.total > len(pack.incidents):
        sheet.paragraph(
            _("The newest {n} of {all}; the page Messages has every one.", n=len(pack.incidents), all=pack.total)
        )


def _cells(incident: Incident, _: Say) -> tuple[str, ...]:
    when = time.strftime("%Y-%m-%d %H:%M", time.gmtime(incident.at))
    return (
        f"{when} {incident.reference}",
        found(incident.found, _),
        _(incident.done),
        _("yes") if incident.has_sad else _("no"),
        f"{incident.origin}; {places(incident.places.split(', '), _)}",
        told(incident.mended, _),
    )


def _head(sheet: _Sheet, _: Say) -> None:
    cells = [_wrapped(_(name), width - 6, 8) for name, width in COLUMNS]
    sheet.room(10.0 * max(map(len, cells)) + 40)
    top, x = sheet.y, float(MARGIN)
    for lines, (_name, width) in zip(cells, COLUMNS, strict=True):
        sheet.y = top
        for line in lines:
            sheet.y -= 10
            sheet.put(x, line, 8, bold=True, colour=_SOFT)
        x += width
    sheet.y = top - 10.0 * max(map(len, cells)) - 4
    sheet.bar(MARGIN, sheet.y, WIDTH - 2 * MARGIN, 0.8, _INK)


def _wide(text: str, size: float) -> float:
    return sum(_WIDTH_OF.get(sign, 556) for sign in text) * size / 1000


def _cut(text: str, width: float, size: float) -> str:
    while _wide(text, size) > width and len(text) > 1:
        text = f"{text[:-2]}…"
    return text


def _wrapped(text: str, width: float, size: float) -> list[str]:
    """Return lines that are no wider; a word that is, is broken."""
    lines, line = [], ""
    for word in text.split():
        while _wide(word, size) > width:
            kept = max(int(len(word) * width / _wide(word, size)) - 1, 1)
            lines += [line] if line else []
            lines.append(word[:kept])
            line, word = "", word[kept:]  # noqa: PLW2901  the rest of a word that is too long
        longer = f"{line} {word}" if line else word
        if _wide(longer, size) > width:
            lines.append(line)
            line = word
        else:
            line = longer
    return [*lines, line] if line or not lines else lines


def _escaped(text: str) -> str:
    """Return the text as a PDF string, its octets as Latin-1."""
    raw = text.encode("cp1252", "replace").decode("latin-1")
    return raw.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")


def _file(sheet: _Sheet) -> bytes:
    number_of = {"catalogue": 1, "pages": 2, "plain": 3, "bold": 4, "info": 5}
    first = len(number_of) + 1
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [%s] /Count %d >>"
        % (b" ".join(b"%d 0 R" % (first + 2 * at) for at in range(len(sheet.pages))), len(sheet.pages)),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica-Bold /Encoding /WinAnsiEncoding >>",
        b"<< /Title (%s) /Producer (PanSentry) >>" % _escaped(sheet.foot).encode("latin-1"),
    ]
    for at, drawn in enumerate(sheet.pages):
        foot = f"{sheet.foot} · {at + 1}/{len(sheet.pages)}"
        drawn.append(f"BT {_SOFT} rg /F1 8 Tf {MARGIN} {MARGIN - 22} Td ({_escaped(foot)}) Tj ET")
        content = "\n".join(drawn).encode("latin-1")
        objects.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 %d %d] /Contents %d 0 R "
            b"/Resources << /Font << /F1 3 0 R /F2 4 0 R >> >> >>" % (WIDTH, HEIGHT, first + 2 * at + 1)
        )
        objects.append(b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content))
    out, places = bytearray(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n"), []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"trailer\n<< /Size %d /Root 1 0 R /Info 5 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start)
    return bytes(out)
