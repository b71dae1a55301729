"""Hostile Office documents: damage and limits are values, and everything else is read or said to be unreadable."""

from __future__ import annotations

import io
import random
import re
import zipfile

import pytest
from tests.documents import legacy, open_documents, others, slides, texts, workbooks
from tests.documents.packages import KEPT, zipped
from tests.growth import grows_by

from pansentry.edits import Edit
from pansentry.errors import DamagedError, LimitExceededError
from pansentry.examination import examine
from pansentry.formats import flows, ooxml, opendocument, recognise, registry
from pansentry.formats.markup import Markup
from pansentry.formats.woven import Woven
from pansentry.limits import DEFAULT_DOCUMENT_LIMITS as LIMITS
from pansentry.limits import DocumentLimits

NUMBER = "4111111111111111"
MODULES = (texts, workbooks, slides, open_documents, others, legacy)


def _flipped(data: bytes, rng: random.Random) -> bytes:
    """Return the file with a few bytes changed, cut out or put in."""
    out = bytearray(data)
    for _ in range(rng.randint(1, 6)):
        at = rng.randrange(len(out))
        kind = rng.randrange(5)
        if kind == 0:
            out[at] = rng.randrange(256)
        elif kind == 1:
            del out[at : at + rng.randint(1, 20)]
        elif kind == 2:
            out[at:at] = out[at : at + rng.randint(1, 40)]
        elif kind == 3:
            out[at : at + 4] = rng.choice((b"\xff\xff\xff\xff", b"\0\0\0\0", b"\xff\xff\xff\x7f"))
        elif at > 100:
            del out[at:]
    return bytes(out)


def _twisted(data: bytes, rng: random.Random) -> bytes:
    """Return the package with values of one part lost, doubled or made absurd, and still well formed."""
    archive = zipfile.ZipFile(io.BytesIO(data))
    parts = {name: archive.read(name) for name in archive.namelist()}
    name = rng.choice(list(parts))
    text = parts[name].decode("latin-1")
    found = list(re.finditer(r"<[^<>]*/>|[0-9]+|\"[^\"<>]*\"", text))
    for match in sorted(rng.sample(found, min(len(found), 3)), key=lambda m: -m.start()):
        old = match[0]
        new = rng.choice(("99999999999999999999", "-1", "1e400")) if old[0].isdigit() else old
        new = rng.choice(('"-1"', '"1e400"', '""', '"99999999999"')) if old[0] == '"' else new
        new = rng.choice(("", old * 2)) if old[0] == "<" else new
        text = text[: match.start()] + new + text[match.end() :]
    parts[name] = text.encode("latin-1")
    return zipped(parts)


@pytest.mark.parametrize("seed", range(8))
def test_damage_is_a_value(seed: int) -> None:
    """Reading and writing raise nothing but DamagedError and LimitExceededError, whatever the bytes."""
    rng = random.Random(seed)
    for module in MODULES:
        for name, make in rng.sample(sorted(module.TRICKS.items()), 6):
            data = make(NUMBER, random.Random(name))
            hostile = _twisted(data, rng) if data.startswith(b"PK") and rng.random() < 0.6 else _flipped(data, rng)
            kind = recognise.recognise(data)
            reader = registry.format_of(kind or "")
            assert reader is not None
            try:
                extract = reader.extract(hostile, LIMITS)
                cuts = {p.key: [Edit(0, 1, "X")] for p in extract.passages if p.text and rng.random() < 0.5}
                reader.rewrite(hostile, cuts, {one.key: None for one in extract.embedded}, LIMITS)
            except (DamagedError, LimitExceededError):
                pass


def test_billion_laughs_is_refused() -> None:
    """Entities are refused before anything is expanded."""
    laughs = "".join(f'<!ENTITY l{i + 1} "{f"&l{i};" * 10}">' for i in range(9))
    bomb = f'<!DOCTYPE x [<!ENTITY l0 "ha">{laughs}]><document>&l9;</document>'
    examined = examine(zipped({"[Content_Types].xml": "<Types/>", "word/document.xml": bomb}))
    assert [why.reason for why in examined.unreadable] == ["xml:entities"]


def test_deep_nesting_is_read() -> None:
    """A hundred thousand elements inside each other are no recursion."""
    body = "<w:sdt>" * 100_000 + texts.run(f"card {NUMBER}") + "</w:sdt>" * 100_000
    examined = examine(texts.document(texts.p(body)))
    assert any(sight.kind == "pan" for sight in examined.sightings)


def test_repeated_columns_are_bounded() -> None:
    """Sixteen thousand repeated columns in every row make no text of that size."""
    far = '<table:table-cell table:number-columns-repeated="16000"/>' * 50 + open_documents.cell("x")
    data = open_documents.sheet(*(f"<table:table-row>{far}</table:table-row>" for _ in range(200)))
    extract = opendocument.extract(data, LIMITS)
    assert sum(len(p.text) for p in extract.passages) < 200 * 300 + 10_000


def test_a_cell_far_out_is_bounded() -> None:
    """A row with a cell in the last column is padded by a few tabs."""
    data = workbooks.Book().sheet([[workbooks.inline("x")]] * 300).bytes()
    far = zipped(
        {
            name: re.sub(rb'r="A([0-9]+)"', rb'r="XFD\1"', content)
            for name, content in ((n, zipfile.ZipFile(io.BytesIO(data)).read(n)) for n in _names(data))
        }
    )
    assert sum(len(p.text) for p in ooxml.extract(far, LIMITS).passages) < 300 * 100


def _names(data: bytes) -> list[str]:
    return zipfile.ZipFile(io.BytesIO(data)).namelist()


def test_members_that_are_not_in_the_directory_are_damage() -> None:
    """A reader that follows local headers would see a part that others do not."""
    hidden = zipped({"word/document.xml": f"<document>card {NUMBER}</document>"})
    local = hidden[: hidden.find(b"PK\x01\x02")]
    examined = examine(local + texts.document(texts.p(texts.run("hello"))))
    assert examined.rewritten is None or b"411111" not in examined.rewritten
    assert examined.unreadable or examined.sightings


def test_a_number_in_the_name_of_a_part_is_not_written_over() -> None:
    """Names are what parts refer to each other by: such a document is refused, not broken."""
    examined = examine(texts.document(texts.p(texts.run("x")), {f"word/media/card {NUMBER}.txt": b"hello"}))
    assert examined.sightings
    assert examined.rewritten is None
    assert "cannot-rewrite" in [why.reason for why in examined.unreadable]


def test_macros_with_a_number_are_refused() -> None:
    """Macros are read and never changed or taken out."""
    examined = examine(
        texts.document(
            texts.p(texts.run("x")), {"word/vbaProject.bin": legacy.doc_fast_saved(NUMBER, random.Random(1))}
        )
    )
    assert examined.sightings
    assert examined.rewritten is None


def test_encrypted_packages_are_unreadable() -> None:
    """OpenDocument says in its manifest that parts are encrypted."""
    row = '<manifest:file-entry manifest:full-path="content.xml"><manifest:encryption-data/></manifest:file-entry>'
    listed = f"<manifest:manifest {open_documents.SPACES}>{row}</manifest:manifest>"
    parts = {"mimetype": "application/vnd.oasis.opendocument.text", "META-INF/manifest.xml": listed}
    examined = examine(zipped(parts, stored=("mimetype",)))
    assert [why.reason for why in examined.unreadable] == ["encrypted"]


def test_bytes_beside_the_parts_are_read_and_gone() -> None:
    """What stands behind the archive is a document of its own; it is dropped when it holds a number."""
    data = texts.document(texts.p(texts.run("x"))) + f"card {NUMBER}".encode()
    examined = examine(data)
    assert examined.rewritten is not None
    assert NUMBER[:12].encode() not in examined.rewritten
    assert KEPT.encode() in zipfile.ZipFile(io.BytesIO(examined.rewritten)).read("word/document.xml")


def test_the_limit_on_unpacked_bytes_holds() -> None:
    """A part that is larger than the limit is not inflated to its end."""
    data = texts.document(texts.p(texts.run("x" * 100_000)))
    with pytest.raises(LimitExceededError):
        ooxml.extract(data, DocumentLimits(max_total_bytes=50_000))
    assert ooxml.extract(data, DocumentLimits(max_total_bytes=150_000)).passages


def test_binary_workbooks_that_are_cut_off_are_unreadable() -> None:
    """A sheet in binary whose records do not add up is never said to be clean."""
    data = zipped(
        {"[Content_Types].xml": "<Types/>", "xl/workbook.bin": b"\x83\x01\0", "xl/worksheets/sheet1.bin": b"\0\x7f"}
    )
    assert "damaged" in [why.reason for why in examine(data).unreadable]


FORMULAS = (" ", '"' + " " * 99, "&amp;" + " " * 99, '" &amp; ', "CHAR(" + " " * 99, "CHAR(4)  ", "&quot;")


@pytest.mark.parametrize("unit", FORMULAS)
def test_a_long_formula_is_read_in_line_with_its_length(unit: str) -> None:
    """Blanks and quotes without end in a formula are walked once, not once from each of them: ten times, about ten."""

    def read(size: int) -> None:
        for _ in flows._QUOTES.finditer("=" + unit * (size // len(unit))):
            pass

    assert grows_by(40, read, 10_000, 100_000)


def test_texts_of_a_formula_are_joined_whatever_blanks_are_between() -> None:
    """``&`` joins texts and characters by their code, with blanks on either side or without."""
    for gap in ("", " ", "  \n "):
        joint = f"{gap}&amp;{gap}"
        raw = f'"41"{joint}"11"{joint}CHAR(52){joint}CHAR(53){joint}&quot;x"'
        woven = Woven()
        flows.expression(woven, raw, Markup(raw, "utf-8", b""), 0)
        assert woven.text.replace("\n;\n", "|") == "|411145x|", gap
