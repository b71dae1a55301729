"""Archives: every trick of ``tests/documents/archives.py`` is read, cut, and proved by the standard library."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import random
import tarfile
import zipfile
from collections.abc import Callable
from typing import Any

import pytest
from tests.documents import archives, bombs, readers

from pansentry.errors import DamagedError, LimitExceededError
from pansentry.examination import Examination, examine
from pansentry.formats import bz2 as bz2_format
from pansentry.formats import container, gz, tar, xz
from pansentry.formats import zip as zip_format
from pansentry.limits import DocumentLimits

NUMBER = "4929381332664295"
LIMITS = DocumentLimits()
WITHOUT_PICTURES = Examination(pictures=False)


def make(trick: str) -> bytes:
    return archives.TRICKS[trick](NUMBER, random.Random(1))


@pytest.mark.parametrize("trick", archives.TRICKS)
def test_no_reader_shows_what_was_cut(trick: str) -> None:
    """The number is found, no reader shows it afterwards, and the member beside it is still there."""
    data = make(trick)
    examined = examine(data, "", WITHOUT_PICTURES)
    assert [sight for sight in examined.sightings if sight.kind == "pan"]
    assert examined.rewritten is not None
    shown = list(readers.archive(examined.rewritten))
    assert not readers.leaks(NUMBER, iter(shown))
    if "kept.txt" in trick or trick.startswith(("zip", "tar")):
        assert any(archives.KEPT in text for _, text in shown)


@pytest.mark.parametrize("trick", archives.TRICKS)
def test_the_readers_do_show_it_before(trick: str) -> None:
    """The independent readers can fail: before the cut they show the number."""
    if trick in ("zip_hidden", "zip_of_pdf", "zip_two_truths"):
        pytest.skip("the standard library does not read it")
    assert readers.leaks(NUMBER, readers.archive(make(trick)))


@pytest.mark.parametrize("trick", ["zip_deflated", "zip_wide", "zip_descriptors", "zip_stored"])
def test_other_members_stay_byte_for_byte(trick: str) -> None:
    """Header, data and descriptor of a member that nothing was cut from are copied as they stand."""
    data = make(trick)
    examined = examine(data, "", WITHOUT_PICTURES)
    assert examined.rewritten is not None
    before, after = container.read(data, LIMITS), container.read(examined.rewritten, LIMITS)
    old, new = before.named("kept.txt"), after.named("kept.txt")
    assert old is not None
    assert new is not None
    assert data[old.start : old.end] == examined.rewritten[new.start : new.end]


@pytest.mark.parametrize("trick", ["zip_deflated", "zip_wide", "zip_descriptors", "zip_prefix", "zip_stored"])
def test_what_is_written_is_a_sound_archive(trick: str) -> None:
    """The standard library tests every check sum of a rewritten archive."""
    examined = examine(make(trick), "", WITHOUT_PICTURES)
    assert examined.rewritten is not None
    with zipfile.ZipFile(io.BytesIO(examined.rewritten)) as opened:
        assert opened.testzip() is None
        assert opened.namelist()


def test_without_cuts_the_same_bytes() -> None:
    """An archive that nothing is cut from is the very same object."""
    for reader, trick in ((zip_format, "zip_of_zip"), (gz, "gz"), (tar, "tar_ustar")):
        data = make(trick)
        assert reader.rewrite(data, {}, {}, LIMITS) is data  # type: ignore[attr-defined]


def test_a_member_that_is_taken_out_leaves_a_text() -> None:
    """None in place of a member puts a sentence there, under a name that says so."""
    data = make("zip_deflated")
    new = zip_format.rewrite(data, {}, {1: None}, LIMITS)
    with zipfile.ZipFile(io.BytesIO(new)) as opened:
        assert opened.namelist() == ["kept.txt", "card.txt.removed.txt"]
        assert b"took this file out" in opened.read("card.txt.removed.txt")


def test_an_encrypted_member_is_unreadable_and_stays() -> None:
    """What is encrypted is said to be so; the rest of the archive is read."""
    data = bytearray(make("zip_deflated"))
    local, entry = data.find(b"PK\3\4"), data.find(b"PK\1\2")
    data[local + 6] |= 1
    data[entry + 8] |= 1
    examined = examine(bytes(data), "", WITHOUT_PICTURES)
    assert [(why.reason, why.place) for why in examined.unreadable] == [("encrypted", "member 1")]
    assert examined.sightings
    assert examined.rewritten is not None


def test_a_damaged_archive_is_damaged() -> None:
    """Bytes that only begin like an archive raise DamagedError."""
    for reader, data in (
        (zip_format, b"PK\3\4" + bytes(40)),
        (gz, b"\x1f\x8b\x08" + bytes(40)),
        (tar, b"x" * 600),
        (zip_format, b"PK\5\6\0\0\0\0\1\0\1\0" + bytes(30)),
    ):
        with pytest.raises(DamagedError):
            reader.extract(data, LIMITS)  # type: ignore[attr-defined]


def test_members_are_counted() -> None:
    """One member more than allowed is a limit; as many as allowed are not."""
    data = make("zip_deflated")
    assert zip_format.extract(data, DocumentLimits(max_members=2)).embedded
    with pytest.raises(LimitExceededError):
        zip_format.extract(data, DocumentLimits(max_members=1))


def test_bytes_are_counted_while_they_are_inflated() -> None:
    """The bytes of all members together may be as many as allowed, and not one more."""
    data = archives.zipped(("a", bytes(1000)), ("b", bytes(1000)))
    assert zip_format.extract(data, DocumentLimits(max_total_bytes=2000)).embedded
    with pytest.raises(LimitExceededError):
        zip_format.extract(data, DocumentLimits(max_total_bytes=1999))


def test_depth_is_a_limit() -> None:
    """An archive in an archive counts one; deeper than allowed is unreadable, not clean."""
    data = make("zip_of_zip")
    deep = Examination(limits=DocumentLimits(max_depth=1), pictures=False)
    assert [why.reason for why in examine(data, "", deep).unreadable] == ["limit:max_depth"]
    assert examine(data, "", Examination(limits=DocumentLimits(max_depth=2), pictures=False)).sightings


def test_overlapping_members_are_a_bomb() -> None:
    """Entries that share their data are refused before anything is inflated."""
    with pytest.raises(LimitExceededError):
        zip_format.extract(bombs.overlapping(), LIMITS)


def test_hostile_bytes_are_a_value() -> None:
    """Archives with bytes changed or cut off raise nothing but what the contract names."""
    rng = random.Random(3)
    for trick in archives.TRICKS:
        data = make(trick)
        for _ in range(8):
            broken = bytearray(data)
            for _ in range(rng.randint(1, 12)):
                broken[rng.randrange(len(broken))] = rng.randrange(256)
            examined = examine(bytes(broken[: rng.randrange(1, len(broken) + 1)]), "", WITHOUT_PICTURES)
            assert "crash" not in {why.reason for why in examined.unreadable}


def test_a_cut_off_gzip_is_read_as_far_as_it_goes() -> None:
    """What a reader gets out of half a file is read."""
    data = gzip.compress(archives.letter(NUMBER) + bytes(random.Random(1).randbytes(5000)))
    assert examine(data[:-200], "", WITHOUT_PICTURES).sightings


def test_a_tar_keeps_its_owner_and_mode() -> None:
    """Everything in the header of an edited member but size and check sum stays."""
    info = tarfile.TarInfo("card.txt")
    info.size, info.mode, info.uname, info.mtime = len(archives.letter(NUMBER)), 0o640, "anna", 1_700_000_000
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        archive.addfile(info, io.BytesIO(archives.letter(NUMBER)))
    examined = examine(out.getvalue(), "", WITHOUT_PICTURES)
    assert examined.rewritten is not None
    with tarfile.open(fileobj=io.BytesIO(examined.rewritten)) as archive:
        (member,) = archive.getmembers()
        assert (member.mode, member.uname, member.mtime) == (0o640, "anna", 1_700_000_000)


def _zip(method: int) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        archive.writestr("a.txt", f"my card is {NUMBER}\n")
        archive.writestr("kept.txt", archives.KEPT)
    return out.getvalue()


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_members_packed_by_bzip2_and_lzma_are_read_and_written(method: int) -> None:
    """What most programs can unpack besides deflate (APPNOTE §4.4.5) is cut; the other member stays as it was."""
    data = _zip(method)
    examined = examine(data, "", WITHOUT_PICTURES)
    assert not examined.unreadable
    assert examined.rewritten is not None
    with zipfile.ZipFile(io.BytesIO(examined.rewritten)) as archive:
        assert archive.testzip() is None
        assert NUMBER[:12].encode() not in archive.read("a.txt")
        assert archive.read("kept.txt") == archives.KEPT
        assert archive.getinfo("kept.txt").compress_type == method


def test_lzma_that_lies_is_damage() -> None:
    """Properties that mean nothing are damage, a dictionary of gigabytes is a method that nobody unpacks."""
    data = _zip(zipfile.ZIP_LZMA)
    at = container.read(data, LIMITS).members[0].data_start
    for offset, new, reason in ((2, b"\6", "damaged"), (4, b"\xff", "damaged"), (5, b"\xff\xff\xff\xff", "method")):
        broken = data[: at + offset] + new + data[at + offset + len(new) :]
        assert [why.reason for why in zip_format.extract(broken, LIMITS).unreadable] == [reason]


@pytest.mark.parametrize("where", ["name", "extra"])
def test_what_only_a_local_header_says_is_read(where: str) -> None:
    """Who unpacks a stream has the local header only; its name and its copies of names go when they hold a number."""
    data = _zip(zipfile.ZIP_STORED)
    member = container.read(data, LIMITS).members[0]
    head, rest = data[: member.start + 30], data[member.start + 35 :]
    words = f"card {NUMBER}.txt".encode()
    if where == "name":
        broken = head[:26] + len(words).to_bytes(2, "little") + b"\0\0" + words + rest
    else:
        extra = b"up" + (len(words) + 5).to_bytes(2, "little") + b"\1abcd" + words
        broken = head[:28] + len(extra).to_bytes(2, "little") + b"a.txt" + extra + rest
    grown = len(broken) - len(data)
    end = broken.rindex(b"PK\5\6")
    directory = int.from_bytes(broken[end + 16 : end + 20], "little") + grown
    broken = broken[: end + 16] + directory.to_bytes(4, "little") + broken[end + 20 :]
    second = broken.rindex(b"PK\1\2")
    offset = int.from_bytes(broken[second + 42 : second + 46], "little") + grown
    broken = broken[: second + 42] + offset.to_bytes(4, "little") + broken[second + 46 :]
    said = [passage.text for passage in zip_format.extract(broken, LIMITS).passages]
    assert words.decode() in said
    examined = examine(broken, "", WITHOUT_PICTURES)
    assert examined.rewritten is not None
    assert NUMBER[:12].encode() not in examined.rewritten


def test_files_of_the_old_lzma_are_read_and_written() -> None:
    """A ``.lzma`` file has no magic; it is told by its thirteen octets, and comes back as one."""
    data = lzma.compress(f"my card is {NUMBER}\n".encode() * 3, lzma.FORMAT_ALONE)
    examined = examine(data, "", WITHOUT_PICTURES)
    assert examined.rewritten is not None
    assert NUMBER[:12].encode() not in lzma.decompress(examined.rewritten, lzma.FORMAT_ALONE)
    assert not xz.is_lzma(b"]\0\0 is no file of anybody")


def test_strings_of_a_broken_document_are_read() -> None:
    """A document that cannot be opened is not delivered with a number that every viewer of text would show."""
    broken = bytes(32768) + b"\1CD001\1" + bytes(2041) + f"my card is {NUMBER}".encode()
    examined = examine(broken, "", WITHOUT_PICTURES)
    assert "damaged" in [why.reason for why in examined.unreadable]
    assert [sight.kind for sight in examined.sightings] == ["pan"]
    assert examined.rewritten is None
    harmless = examine(broken.replace(NUMBER.encode(), b"gone"), "", WITHOUT_PICTURES)
    assert not harmless.sightings


PACKERS: dict[str, tuple[Any, Callable[[bytes], bytes]]] = {
    "gz": (gz, gzip.compress),
    "bz2": (bz2_format, bz2.compress),
    "xz": (xz, lzma.compress),
}


class _Counted(bytes):
    """Bytes that count how many of them were taken out in slices."""

    taken = 0

    def __getitem__(self, key: object) -> object:
        got = super().__getitem__(key)  # type: ignore[index]
        _Counted.taken += len(got) if isinstance(got, bytes) else 1
        return got


@pytest.mark.parametrize("name", PACKERS)
def test_many_streams_are_read_and_not_copied_for_each(name: str) -> None:
    """Of five hundred streams all is read, and little more is handed out than they have, whatever stands behind."""
    reader, pack = PACKERS[name]
    streams = [pack(f"line {number}\n".encode()) for number in range(500)]
    data = _Counted(b"".join(streams) + pack(random.Random(1).randbytes(300_000)))
    _Counted.taken = 0
    content = reader.extract(data, LIMITS).embedded[0].data
    assert content.startswith(b"line 0\nline 1\n")
    assert b"line 499\n" in content
    assert len(content) > 300_000
    assert _Counted.taken <= 500 * 5000 + 3 * len(data)


@pytest.mark.parametrize("name", PACKERS)
def test_what_stands_behind_streams_is_a_document(name: str) -> None:
    """What follows the last stream, and is none, is handed on as it stands; a stream that is cut shows what it has."""
    reader, pack = PACKERS[name]
    both = reader.extract(pack(b"one ") + pack(b"two" * 9000) + b"behind" * 900, LIMITS).embedded
    assert [one.data for one in both] == [b"one " + b"two" * 9000, b"behind" * 900]
    packed = pack(random.Random(2).randbytes(2_000_000))
    assert len(reader.extract(pack(b"one ") + packed[:-9], LIMITS).embedded[0].data) > 100_000


def test_streams_with_padding_between_are_read() -> None:
    """Streams of an xz file may have octets of zero between them and behind them (§2.2)."""
    padded = lzma.compress(b"one ") + bytes(8) + lzma.compress(b"two") + bytes(4)
    assert [one.data for one in xz.extract(padded, LIMITS).embedded] == [b"one two"]
