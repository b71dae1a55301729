"""Independent readers: what programs that are not ours find in a document. None of them shares code with the product.

``digits_shown`` gives every text that any of them shows; a number that was taken out must be in none of them.
"""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import re
import shutil
import subprocess
import tarfile
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

PDF_TOOLS = ("pdftotext", "mutool", "qpdf")


def missing() -> tuple[str, ...]:
    """Return the PDF tools that are not installed (poppler-utils, mupdf-tools, qpdf)."""
    return tuple(tool for tool in PDF_TOOLS if shutil.which(tool) is None)


def pdf(data: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield (reader, what it shows) for a PDF."""
    yield "bytes", data
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "in.pdf"
        path.write_bytes(data)
        for name, command in (
            ("pdftotext", ["pdftotext", "-layout", path, "-"]),
            ("pdftotext -raw", ["pdftotext", "-raw", path, "-"]),
            ("pdfinfo", ["pdfinfo", "-meta", "-custom", path]),
            ("mutool", ["mutool", "draw", "-F", "txt", "-o", "-", path]),
            ("qpdf", ["qpdf", "--qdf", "--object-streams=disable", path, "-"]),
        ):
            if shutil.which(str(command[0])):
                yield name, subprocess.run(command, capture_output=True, timeout=60, check=False).stdout
        if shutil.which("pdfdetach"):
            subprocess.run(["pdfdetach", "-saveall", "-o", folder, path], capture_output=True, timeout=60, check=False)
            for one in Path(folder).iterdir():
                if one != path and one.is_file():
                    yield "pdfdetach", one.read_bytes()


def archive(data: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield (reader, what it shows) for an archive: names, comments and members, as deep as they go."""
    yield "bytes", data
    if data.startswith(b"\x1f\x8b"):
        yield from archive(gzip.decompress(data))
    elif data.startswith(b"BZh"):
        yield from archive(bz2.decompress(data))
    elif data.startswith(b"\xfd7zXZ"):
        yield from archive(lzma.decompress(data))
    elif zipfile.is_zipfile(io.BytesIO(data)):
        with zipfile.ZipFile(io.BytesIO(data)) as opened:
            yield "zipfile", opened.comment
            for member in opened.infolist():
                yield "zipfile", member.filename.encode() + b"\n" + member.comment
                yield from archive(opened.read(member))
    elif data.startswith(b"%PDF"):
        yield from pdf(data)
    elif data[257:262] == b"ustar":
        with tarfile.open(fileobj=io.BytesIO(data)) as opened_tar:
            for member in opened_tar.getmembers():
                yield "tarfile", member.name.encode("utf-8", "replace")
                if (stream := opened_tar.extractfile(member)) is not None:
                    yield from archive(stream.read())


def shows(number: str, text: bytes) -> bool:
    """Say whether a number can be read in what a reader shows: its digits, whatever stands between two of them."""
    spread = rb"[^0-9A-Za-z]{0,4}".join(digit.encode() for digit in number)
    wide = rb"\0[^0-9A-Za-z]{0,4}".join(digit.encode() for digit in number)
    return re.search(spread, text) is not None or re.search(wide, text) is not None


def leaks(number: str, shown: Iterator[tuple[str, bytes]]) -> tuple[str, ...]:
    """Return the readers that still show the number."""
    return tuple(dict.fromkeys(name for name, text in shown if shows(number, text)))
