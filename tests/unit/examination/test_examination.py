"""Examining documents with everything inside: findings, what they add up to, and the proof of what is written."""

from __future__ import annotations

import random

import pytest
from tests.documents import archives, bombs

from pansentry.examination import Examination, examine
from pansentry.formats import registry
from pansentry.formats import zip as zip_format
from pansentry.limits import DocumentLimits
from pansentry.pan import Known
from pansentry.truncation import Style

NUMBER = "4929381332664295"
LETTER = archives.letter(NUMBER)
RNG = random.Random(1)


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"<html><body><p>Card 4929 <b>3813</b> 3266 4295</p></body></html>", "html"),
        (rb"{\rtf1 my Visa is 4929 3813 {\b 3266} 4295}", "rtf"),
        (b'{"visa": "4929 3813 3266 4295"}', "json"),
        (b"BEGIN:VCARD\r\nVERSION:3.0\r\nNOTE:Visa 4929 3813 326\r\n 6 4295\r\nEND:VCARD\r\n", "vcf"),
        ("Kreditkarte 4929 3813 3266 4295 für Ümlaut".encode("utf-16"), "text"),
        (b"From: a@b.example\r\nTo: c@d.example\r\nSubject: Visa 4929 3813 3266 4295\r\n\r\nhello\r\n", "eml"),
    ],
)
def test_texts_are_read_like_mail(data: bytes, kind: str) -> None:
    """HTML, RTF, JSON, cards, charsets and mails in documents are read by the readers of messages, and cut in place."""
    examined = examine(data)
    assert examined.kind == kind
    assert {sight.kind for sight in examined.sightings} == {"pan"}
    assert examined.rewritten is not None
    assert not examine(examined.rewritten).sightings
    assert len(examined.rewritten) == len(data)


def test_nothing_found_is_the_same_object() -> None:
    """A document without card data is not copied."""
    for data in (archives.KEPT, archives.zipped(("a.txt", archives.KEPT)), bytes(range(256))):
        assert examine(data).rewritten is data


def test_places_name_the_kinds_from_the_outermost_in() -> None:
    """The place of a sight says through which documents one gets there, and nothing of their names."""
    places = {
        sight.place for sight in examine(archives.zip_of_pdf(NUMBER, RNG), "", Examination(pictures=False)).sightings
    }
    assert places == {"document:zip/pdf:page 1"}


def test_the_same_value_has_the_same_fingerprint_under_one_key() -> None:
    """Values are told apart without being named; without the key a fingerprint says nothing."""
    data = archives.zipped(("a.txt", LETTER), ("b.txt", b"visa " + NUMBER.encode()))
    same = {sight.fingerprint for sight in examine(data, "", Examination(key=b"k" * 32)).sightings}
    other = {sight.fingerprint for sight in examine(data, "", Examination(key=b"o" * 32)).sightings}
    assert len(same) == 1
    assert same != other
    assert NUMBER not in repr(examine(data))


def test_a_code_in_one_member_belongs_to_a_card_in_another() -> None:
    """A bare code and date are found because the archive holds the card elsewhere, or the mail around it does."""
    both = archives.zipped(("a.txt", LETTER), ("b.txt", b"09/28 737"))
    assert {sight.kind for sight in examine(both).sightings} == {"pan", "expiry", "cvv"}
    alone = archives.zipped(("b.txt", b"09/28 737"))
    assert not examine(alone).sightings
    assert examine(alone, "", Examination(known=Known(card_in_message=True))).sightings


def test_a_number_that_was_found_is_cut_wherever_it_stands() -> None:
    """Where nothing says card, the same digits go all the same: the archive itself has said what they are."""
    data = archives.zipped(("a.txt", LETTER), (f"scan_{NUMBER}.bin", b"x"))
    examined = examine(data)
    assert examined.rewritten is not None
    assert NUMBER.encode() not in examined.rewritten


def test_the_style_of_the_policy_holds_inside_documents() -> None:
    """What the policy keeps of a number and of a date stays in a document as well."""
    data = b"Visa 4929 3813 3266 4295, valid until 09/28"
    kept = examine(data, "", Examination(style=Style(pan="first6last4", expiry="keep")))
    assert kept.rewritten == b"Visa 4929 38XX XXXX 4295, valid until 09/28"


def test_a_document_that_fails_the_proof_is_not_given_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """A format that says it has cut and has not: the result is None, and says so."""
    monkeypatch.setattr(zip_format, "rewrite", lambda data, *_: data + b"\0")
    examined = examine(archives.zip_deflated(NUMBER, RNG))
    assert examined.sightings
    assert examined.rewritten is None
    assert [why.reason for why in examined.unreadable] == ["cannot-rewrite"]


def test_digits_that_hide_from_the_readers_fail_the_proof(monkeypatch: pytest.MonkeyPatch) -> None:
    """The raw search sees what no passage shows: a format that leaves the number in a stream is not believed."""
    real = zip_format.rewrite

    def sloppy(*arguments: object) -> bytes:
        return real(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(zip_format, "rewrite", sloppy)
    monkeypatch.setattr(zip_format, "streams", lambda _: iter((NUMBER.encode(),)), raising=False)
    assert examine(archives.zip_deflated(NUMBER, RNG)).rewritten is None


def test_a_reader_that_breaks_is_a_crash_and_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """An exception of a format becomes a value without its text."""

    def broken(*_: object) -> object:
        raise ZeroDivisionError(NUMBER)

    monkeypatch.setattr(zip_format, "extract", broken)
    examined = examine(archives.zip_deflated(NUMBER, RNG))
    assert [(why.reason, why.place) for why in examined.unreadable] == [("crash", "document:zip")]
    assert NUMBER not in repr(examined)


def test_a_missing_library_is_a_value(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the extra, a document is unreadable and the policy decides."""
    monkeypatch.setitem(registry.MODULES, "zip", "nothing_of_this_name")
    assert [why.reason for why in examine(archives.zip_deflated(NUMBER, RNG)).unreadable] == ["documents-missing"]


def test_a_file_that_is_two_things_is_read_as_both() -> None:
    """A PDF with an archive behind it: the number in the archive is found, and gone from what is written."""
    from tests.documents import pdfs

    data = pdfs.plain("1234", RNG) + archives.zip_deflated(NUMBER, RNG)
    examined = examine(data, "", Examination(pictures=False))
    assert examined.sightings
    assert examined.rewritten is None or not examine(examined.rewritten, "", Examination(pictures=False)).sightings


def test_findings_are_counted() -> None:
    """A file full of cards is not read to its end; it is over a limit, not clean."""
    data = LETTER * 10
    limited = examine(data, "", Examination(limits=DocumentLimits(max_findings=9)))
    assert [why.reason for why in limited.unreadable] == ["limit:max_findings"]
    assert examine(data, "", Examination(limits=DocumentLimits(max_findings=10))).sightings


@pytest.mark.parametrize("name", ["forty_two", "nested_apart", "ten_gigabytes_gz", "overlapping", "many_members"])
def test_bombs_end_at_a_limit(name: str) -> None:
    """An archive that is built to hurt is unreadable because of a named limit."""
    (why, *_) = examine(bombs.BOMBS[name]()).unreadable
    expected = "large:members" if name == "many_members" else "limit:max_expansion_ratio"
    assert why.reason == expected


@pytest.mark.parametrize(
    ("limits", "reason"),
    [
        (DocumentLimits(max_total_bytes=3_000_000), "large:total_bytes"),
        (DocumentLimits(max_members=1), "large:members"),
        (DocumentLimits(max_depth=0), "limit:max_depth"),
    ],
)
def test_large_is_not_built_to_deceive(limits: DocumentLimits, reason: str) -> None:
    """A file that is merely large has a reason of its own, so that a policy need not refuse its sender."""
    noise = random.Random(1).randbytes(2_000_000)
    data = archives.zipped(("a.bin", noise), ("b.bin", noise[::-1]))
    assert reason in {why.reason for why in examine(data, "", Examination(limits=limits)).unreadable}


def test_a_document_that_holds_itself_ends() -> None:
    """Bytes behind the end of an empty archive are the archive once more; that is no depth, and not read for ever."""
    data = b"PK\5\6" + bytes(18) + b"x" * 40
    assert "limit:max_depth" not in {why.reason for why in examine(data).unreadable}
    text = b"a" * 50 + data
    assert "limit:max_depth" not in {why.reason for why in examine(text).unreadable}


@pytest.mark.parametrize("kind", ["heic", "pst"])
def test_a_kind_that_nobody_reads_is_named(kind: str) -> None:
    """What no permissive library opens is unreadable for that reason, with OCR and without."""
    head = {"heic": b"\0\0\0\x18ftypheic", "pst": b"!BDN"}[kind]
    for pictures in (True, False):
        examined = examine(head + bytes(64), "", Examination(pictures=pictures))
        assert [why.reason for why in examined.unreadable] == [f"document:{kind}"]
