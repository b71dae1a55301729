"""Archives that libarchive opens: what is read of them, what is unreadable, and what bounds it."""

from __future__ import annotations

import io
import random
import zipfile

import pytest
from tests.documents import archives, foreign_archives

from pansentry.errors import DamagedError, LimitExceededError
from pansentry.examination import Examination, examine
from pansentry.formats import archive, libarchive
from pansentry.limits import DocumentLimits

NUMBER = "4929381332664295"
LIMITS = DocumentLimits()
RNG = random.Random(1)
NOISE = RNG.randbytes(60_000)

with_library = pytest.mark.skipif(libarchive.library() is None, reason="libarchive13 is not installed")


def reasons(data: bytes, limits: DocumentLimits = LIMITS) -> list[str]:
    return [why.reason for why in examine(data, "", Examination(limits=limits)).unreadable]


@with_library
@pytest.mark.parametrize("make", [foreign_archives.seven_zip, foreign_archives.rar5, foreign_archives.rar4])
def test_members_and_names_are_read(make: object) -> None:
    """Every member comes out as it went in, under its name, whatever the locale of the process."""
    data = make([("größe 7.bin", NOISE), ("b.txt", b"hello")])  # type: ignore[operator]
    extract = archive.extract(data, LIMITS)
    assert [inner.data for inner in extract.embedded] == [NOISE, b"hello"]
    assert extract.embedded[1].name == "b.txt"
    assert not extract.unreadable


@with_library
def test_names_are_said_in_any_locale(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that the C locale has no letters for is read: the thread gets one that has, and gives it back."""
    import locale

    before = locale.setlocale(locale.LC_CTYPE)
    locale.setlocale(locale.LC_CTYPE, "C")
    try:
        extract = archive.extract(foreign_archives.seven_zip([("größe.txt", b"x")]), LIMITS)
        assert locale.setlocale(locale.LC_CTYPE) == "C"
    finally:
        locale.setlocale(locale.LC_CTYPE, before)
    assert "größe.txt" in {passage.text for passage in extract.passages}


@with_library
@pytest.mark.parametrize("trick", foreign_archives.TRICKS)
def test_an_archive_with_a_card_is_replaced(trick: str) -> None:
    """What was found cannot be written: a notice takes the archive's place, or the policy holds the mail."""
    examined = examine(foreign_archives.TRICKS[trick](NUMBER, RNG))
    assert "pan" in {sight.kind for sight in examined.sightings}
    assert examined.rewritten is None
    assert [why.reason for why in examined.unreadable] == ["cannot-rewrite"]


@with_library
def test_an_archive_around_one_is_written() -> None:
    """In a ZIP the archive is taken out, and the ZIP comes back."""
    inner = foreign_archives.rar5([("order.txt", foreign_archives.letter(NUMBER))])
    examined = examine(archives.zipped(("photos.rar", inner), ("b.txt", b"stays")))
    assert examined.rewritten is not None
    with zipfile.ZipFile(io.BytesIO(examined.rewritten)) as written:
        assert written.namelist() == ["photos.rar.removed.txt", "b.txt"]
        assert written.read("b.txt") == b"stays"


@with_library
def test_an_archive_without_a_card_is_the_same_bytes() -> None:
    """Nothing found and everything read: the very same object, and nothing unreadable."""
    data = foreign_archives.seven_zip([("a.bin", NOISE)])
    examined = examine(data)
    assert examined.rewritten is data
    assert not examined.unreadable


@with_library
def test_what_is_not_read_is_said() -> None:
    """Encrypted archives, one of several volumes, unknown methods, and what is cut off are unreadable."""
    members = [("a.bin", NOISE)]
    assert reasons(foreign_archives.rar5(members, encrypted=True)) == ["encrypted"]
    assert reasons(foreign_archives.rar5(members, volume=True)) == ["damaged"]
    assert reasons(foreign_archives.seven_zip(members, b"\x04\x04\xf7\x11\x01"))[0] in ("method", "damaged")
    for data in (foreign_archives.rar5(members), foreign_archives.rar4(members), foreign_archives.cabinet(members)):
        assert reasons(data[:20_000])[0] == "damaged"
    assert reasons(b"Rar!\x1a\x07\x01\x00" + bytes(64)) == ["damaged"]


@with_library
def test_limits_hold() -> None:
    """Members, bytes, ratio and depth are counted as for a ZIP, at the limit and one above it."""
    three = foreign_archives.seven_zip([(f"{n}.txt", bytes([65 + n]) * 50_000) for n in range(3)])
    assert not archive.extract(three, DocumentLimits(max_members=3, max_total_bytes=150_000)).unreadable
    noise = foreign_archives.seven_zip([("a.bin", NOISE)])
    assert archive.extract(noise, DocumentLimits(max_total_bytes=60_000)).embedded
    for data, limits, name in (
        (three, DocumentLimits(max_members=2), "max_members"),
        (noise, DocumentLimits(max_total_bytes=59_999), "max_total_bytes"),
        (three, DocumentLimits(ratio_from_bytes=1000, max_expansion_ratio=100), "max_expansion_ratio"),
    ):
        with pytest.raises(LimitExceededError) as raised:
            archive.extract(data, limits)
        assert raised.value.limit == name
    nest = foreign_archives.seven_zip([("in.7z", foreign_archives.seven_zip([("a.txt", b"x")]))])
    assert reasons(nest, DocumentLimits(max_depth=1)) == ["limit:max_depth"]


def test_without_the_library_the_archive_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the system has no libarchive, 7-Zip and RAR are unreadable for that reason, as HEIC is."""
    monkeypatch.setattr(libarchive, "library", lambda: None)
    assert reasons(foreign_archives.seven_zip([("a.txt", b"x")])) == ["document:7z"]
    assert reasons(foreign_archives.rar4([("a.txt", b"x")])) == ["document:rar"]
    with pytest.raises(ImportError):
        libarchive.Archive(b"", ())


def test_nothing_is_written() -> None:
    """Without cuts the same object, with cuts DamagedError."""
    data = foreign_archives.rar4([("a.txt", b"x")])
    assert archive.rewrite(data, {}, {}, LIMITS) is data
    with pytest.raises(DamagedError, match="cannot-rewrite"):
        archive.rewrite(data, {}, {0: b""}, LIMITS)
