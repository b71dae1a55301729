"""What LibreOffice shows of documents: printed by it without a screen, and read from the print by pdftotext.

``shown(documents)`` gives the text of every document that it opens. A program of its own and a large one: it is asked
by the bench only, many documents at a time.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from pansentry.formats.recognise import recognise

_KINDS = ("docx", "xlsx", "pptx", "odt", "ods", "odp", "rtf")
_AT_ONCE = 25
_PATIENCE_S = 300


def is_installed() -> bool:
    """Say whether LibreOffice and pdftotext are there."""
    return shutil.which("soffice") is not None and shutil.which("pdftotext") is not None


def shown(documents: Iterable[bytes]) -> Iterator[str | None]:
    """Yield what each document shows, None for one that it does not open, or that is no Office document."""
    waiting = tuple(documents)
    for start in range(0, len(waiting), _AT_ONCE):
        with tempfile.TemporaryDirectory() as folder:
            yield from _shown(waiting[start : start + _AT_ONCE], Path(folder))


def _shown(documents: tuple[bytes, ...], folder: Path) -> Iterator[str | None]:
    files = []
    for number, data in enumerate(documents):
        if (kind := recognise(data)) in _KINDS:
            (folder / f"{number}.{kind}").write_bytes(data)
            files.append(str(folder / f"{number}.{kind}"))
    profile = f"-env:UserInstallation=file://{folder}/profile"
    command = ["soffice", "--headless", profile, "--convert-to", "pdf", "--outdir", str(folder / "out"), *files]
    if files:
        subprocess.run(command, capture_output=True, timeout=_PATIENCE_S, check=False)
    for number in range(len(documents)):
        printed = folder / "out" / f"{number}.pdf"
        if not printed.exists():
            yield None
            continue
        read = subprocess.run(["pdftotext", str(printed), "-"], capture_output=True, timeout=60, check=False)
        yield read.stdout.decode("utf-8", "replace")
