"""What the gateways of a test run wrote, read at its end: none of it holds a number of a sample card.

In: folders that tests started a gateway in (:func:`note`), and answers of pages and interfaces (:func:`leaked`). Read
are logs, everything below the state folder (databases with their journals), temporary files, dumps of PostgreSQL, and
letters, whose parts are decoded. Not read: the mailbox behind the gateway, in which a policy may leave a number, and
what a test wrote itself. Numbers are the published ones and those that are found in the shipped sample mails. All that
is not a digit is taken out before, so that grouping, markup or an escape hides nothing; what is compressed or encrypted
is not seen.
"""

from __future__ import annotations

import email
import email.policy
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from tests.specimens import PUBLISHED

from pansentry import mime, pan, views

SHORTEST = 13
"""Digits of a number that is looked for; shorter ones happen in any file."""
SAMPLES = Path(__file__).parents[2] / "examples/mails"
_BYTEA = re.compile(rb"\\+x((?:[0-9a-f]{2})+)")
_BETWEEN = 8
"""Octets that may stand between two digits of a number, a pair of tags; the entries of a database's index are further
apart, and begin with the same octet of a time, which may be a digit."""
_NO_DIGITS = re.compile(rb"[^0-9]+")
_FOLDERS: list[Path] = []


@cache
def numbers() -> tuple[bytes, ...]:
    """Return the numbers that nothing may hold."""
    found = {number for brand in PUBLISHED.values() for number in brand}
    for sample in SAMPLES.glob("*.eml"):
        for view in views.look(mime.read(sample.read_bytes())).views:
            found |= {one.reveal() for one in pan.find(view.text) if one.kind is pan.Kind.PAN}
    return tuple(sorted(number.encode() for number in found if len(number) >= SHORTEST))


def note(folder: Path) -> None:
    """Have a folder of a gateway read at the end of the run."""
    _FOLDERS.append(folder)


def leaked(content: bytes) -> list[str]:
    """Return the last four digits of the numbers in what was written or answered."""
    digits = _NO_DIGITS.sub(lambda gap: b"" if len(gap[0]) <= _BETWEEN else b" ", content)
    return [number[-4:].decode() for number in numbers() if number in digits or number.hex().encode() in content]


def leaks(folders: list[Path] | None = None) -> dict[str, list[str]]:
    """Return the files below the noted folders that hold a number, with which ones."""
    found = {}
    for folder in folders if folders is not None else _FOLDERS:
        for path in sorted(_written(folder)):
            content = path.read_bytes()
            parts = [content, *_decoded(path, content)]
            if wrong := sorted({number for part in parts for number in leaked(part)}):
                found[str(path)] = wrong
    return found


def _written(folder: Path) -> Iterator[Path]:
    yield from (path for ending in ("log", "sql") for path in folder.glob(f"*.{ending}") if path.is_file())
    for below in ("state", "tmp", "letters"):
        yield from (path for path in (folder / below).rglob("*") if path.is_file())


def _decoded(path: Path, content: bytes) -> Iterator[bytes]:
    """Yield what is encoded in a file: the parts of a letter, the bytes in a dump of PostgreSQL."""
    if path.suffix == ".sql":
        yield from (bytes.fromhex(found[1].decode()) for found in _BYTEA.finditer(content))
    if "letters" not in path.parts:
        return
    for part in email.message_from_bytes(content, policy=email.policy.default).walk():
        if not part.is_multipart():
            payload = part.get_payload(decode=True)
            if isinstance(payload, bytes):
                yield payload
