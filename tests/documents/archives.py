"""Archives made from code: every kind and trick, each with the number somewhere in it and one member that stays.

``TRICKS`` maps a name to a maker ``(number, rng) -> bytes``. ``KEPT`` is the content of the member that stays.
"""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import random
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable

from tests.documents import pdfs

KEPT = b"Order 12345 of Monday stays.\r\n"
Maker = Callable[[str, random.Random], bytes]


def letter(number: str) -> bytes:
    """Return a text with the number in it."""
    return f"Dear shop,\r\nplease charge my Visa {pdfs.spaced(number)}\r\nThank you\r\n".encode()


def zipped(*content: tuple[str, bytes], method: int = zipfile.ZIP_DEFLATED, comment: bytes = b"") -> bytes:
    """Return a ZIP of these members."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, data in content:
            archive.writestr(zipfile.ZipInfo(name, (2026, 3, 1, 12, 0, 0)), data, method)
        archive.comment = comment
    return out.getvalue()


def zip_deflated(number: str, rng: random.Random) -> bytes:
    return zipped(("kept.txt", KEPT), ("card.txt", letter(number)))


def zip_stored(number: str, rng: random.Random) -> bytes:
    return zipped(("card.txt", letter(number)), ("kept.txt", KEPT), method=zipfile.ZIP_STORED)


def zip_of_zip(number: str, rng: random.Random) -> bytes:
    return zipped(("kept.txt", KEPT), ("inner.zip", zip_deflated(number, rng)))


def zip_of_pdf(number: str, rng: random.Random) -> bytes:
    return zipped(("kept.txt", KEPT), ("order.pdf", pdfs.plain(number, rng)))


def zip_of_mail(number: str, rng: random.Random) -> bytes:
    mail = b"From: a@customer.example\r\nTo: b@shop.example\r\nSubject: card\r\n\r\n" + letter(number)
    return zipped(("kept.txt", KEPT), ("mail.eml", mail))


def zip_comment(number: str, rng: random.Random) -> bytes:
    return zipped(("kept.txt", KEPT), comment=f"Visa {pdfs.spaced(number)}".encode())


def zip_name(number: str, rng: random.Random) -> bytes:
    return zipped(("kept.txt", KEPT), (f"visa {pdfs.spaced(number)}.txt", b"nothing"))


def zip_wide(number: str, rng: random.Random) -> bytes:
    """ZIP64 headers, though nothing is large."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in (("kept.txt", KEPT), ("card.txt", letter(number))):
            with archive.open(zipfile.ZipInfo(name), "w", force_zip64=True) as member:
                member.write(data)
    return out.getvalue()


class _Pipe(io.RawIOBase):
    """A file that cannot seek, so that sizes follow the data."""

    def __init__(self) -> None:
        self.data = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        self.data += bytes(data)  # type: ignore[call-overload]
        return len(bytes(data))  # type: ignore[call-overload]


def zip_descriptors(number: str, rng: random.Random) -> bytes:
    pipe = _Pipe()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED) as archive:  # type: ignore[arg-type]
        archive.writestr("kept.txt", KEPT)
        archive.writestr("card.txt", letter(number))
    return bytes(pipe.data)


def zip_prefix(number: str, rng: random.Random) -> bytes:
    """A program in front that unpacks itself."""
    return b"MZ" + bytes(200) + b"This program cannot be run in DOS mode." + bytes(100) + zip_deflated(number, rng)


def zip_text_in_front(number: str, rng: random.Random) -> bytes:
    return letter(number) + zipped(("kept.txt", KEPT))


def zip_text_behind(number: str, rng: random.Random) -> bytes:
    return zipped(("kept.txt", KEPT)) + b"\r\n" + letter(number)


def zip_hidden(number: str, rng: random.Random) -> bytes:
    """A member that has no entry in the directory: who reads from the front unpacks it."""
    packed = zlib.compress(letter(number))[2:-4]
    local = struct.pack(
        "<4s5H3L2H", b"PK\3\4", 20, 0, 8, 0, 33, zlib.crc32(letter(number)), len(packed), len(letter(number)), 5, 0
    )
    return local + b"x.txt" + packed + zipped(("kept.txt", KEPT))


def zip_two_truths(number: str, rng: random.Random) -> bytes:
    """The directory says that four bytes of the member are all of it; the local header says otherwise."""
    data = bytearray(zipped(("card.txt", letter(number)), ("kept.txt", KEPT), method=zipfile.ZIP_STORED))
    at = data.find(b"PK\x01\x02")
    data[at + 16 : at + 28] = struct.pack("<3L", zlib.crc32(letter(number)[:4]), 4, 4)
    return bytes(data)


def gz(number: str, rng: random.Random) -> bytes:
    return gzip.compress(letter(number))


def gz_name(number: str, rng: random.Random) -> bytes:
    out = io.BytesIO()
    with gzip.GzipFile(f"visa {pdfs.spaced(number)}.txt", "wb", fileobj=out) as packed:
        packed.write(KEPT)
    return out.getvalue()


def gz_members(number: str, rng: random.Random) -> bytes:
    middle = len(letter(number)) // 2
    return gzip.compress(letter(number)[:middle]) + gzip.compress(letter(number)[middle:])


def bzip2(number: str, rng: random.Random) -> bytes:
    return bz2.compress(letter(number))


def xz(number: str, rng: random.Random) -> bytes:
    return lzma.compress(letter(number))


def _tar(form: int, *content: tuple[str, bytes]) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=form) as archive:
        for name, data in content:
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return out.getvalue()


def tar_ustar(number: str, rng: random.Random) -> bytes:
    return _tar(tarfile.USTAR_FORMAT, ("kept.txt", KEPT), ("card.txt", letter(number)))


def tar_gnu_long_name(number: str, rng: random.Random) -> bytes:
    return _tar(tarfile.GNU_FORMAT, ("kept.txt", KEPT), (f"{'a' * 120} visa {pdfs.spaced(number)}.txt", b"nothing"))


def tar_pax_name(number: str, rng: random.Random) -> bytes:
    return _tar(tarfile.PAX_FORMAT, ("kept.txt", KEPT), (f"ü{'a' * 120} visa {pdfs.spaced(number)}.txt", b"nothing"))


def tar_gz(number: str, rng: random.Random) -> bytes:
    return gzip.compress(tar_ustar(number, rng))


def tar_xz(number: str, rng: random.Random) -> bytes:
    return lzma.compress(tar_ustar(number, rng))


TRICKS: dict[str, Maker] = {
    maker.__name__: maker
    for maker in (
        zip_deflated, zip_stored, zip_of_zip, zip_of_pdf, zip_of_mail, zip_comment, zip_name, zip_wide,
        zip_descriptors, zip_prefix, zip_text_in_front, zip_text_behind, zip_hidden, zip_two_truths, gz, gz_name,
        gz_members, bzip2, xz, tar_ustar, tar_gnu_long_name, tar_pax_name, tar_gz, tar_xz,
    )
}  # fmt: skip
