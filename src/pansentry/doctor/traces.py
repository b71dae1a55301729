"""Every form in which a card number that went through may still lie about: spelled, encoded, hashed.

In: bytes of a file of any kind (a log, a database with its free pages, a core). Out: names of the forms found.
An auditor of PCI DSS looks for the same: plain hashes are findings, because a card number has too few values (3.5.1.1).

Linear in the bytes: literal searches, and one expression with a bounded number of signs between two digits.
Not found: numbers that are compressed, encrypted or cut.
"""

from __future__ import annotations

import base64
import hashlib
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

MAX_FILE_BYTES = 1 << 30
_BLOCK = 1 << 24
_OVERLAP = 1024
_SIGNS = rb"[^0-9A-Za-z]{0,8}"
_HASHES = ("md5", "sha1", "sha256", "sha512")


@dataclass(frozen=True, slots=True)
class Trail:
    """What to look for: the forms of one number, and letters that stood beside it in the message."""

    spelled: re.Pattern[bytes]
    literals: tuple[tuple[str, bytes], ...]

    def forms_in(self, data: bytes) -> set[str]:
        """Return the names of the forms that stand in ``data``."""
        found = {name for name, octets in self.literals if octets in data}
        if self.spelled.search(data):
            found.add("spelled")
        return found


def trail_of(number: str, mark: str = "") -> Trail:
    """Return what to look for after ``number`` was sent, with ``mark`` beside it where there is one."""
    plain = number.encode()
    literals = [("hexadecimal", plain.hex().encode()), ("UTF-16", number.encode("utf-16-le"))]
    literals += [("UTF-16", number.encode("utf-16-be")), ("reversed", plain[::-1])]
    literals += [("packed decimal", bytes.fromhex(number + "f" * (len(number) % 2)))]
    for shift in range(3):  # base64 looks different at each of three places of a text
        encoded = base64.b64encode(b"x" * shift + plain)
        literals.append(("base64", encoded[4 if shift else 0 : -4]))
    for spelling in {number, f"{number[:4]} {number[4:8]} {number[8:12]} {number[12:]}"}:
        for name in _HASHES:
            digest = hashlib.new(name, spelling.encode(), usedforsecurity=False)
            literals += [(name, digest.hexdigest().encode()), (name, digest.digest())]
            literals.append((name, base64.b64encode(digest.digest())[:20]))
    if mark:
        literals.append(("text of the message", mark.encode()))
        literals.append(("text of the message", base64.b64encode(mark.encode())[:-4]))
    pattern = re.compile(_SIGNS.join(bytes([octet]) for octet in plain))
    return Trail(pattern, tuple(literals))


def files_below(*places: Path) -> Iterator[Path]:
    """Yield the regular files at and below ``places``, links not followed."""
    for place in places:
        if place.is_file():
            yield place
        for folder, names, files in os.walk(place):
            names.sort()
            for name in sorted(files):
                path = Path(folder, name)
                if path.is_file() and not path.is_symlink():
                    yield path


def forms_in_file(trail: Trail, path: Path) -> set[str]:
    """Return the forms in a file, read block by block. Raises OSError."""
    found: set[str] = set()
    tail = b""
    with path.open("rb") as file:
        for _ in range(MAX_FILE_BYTES // _BLOCK):
            block = file.read(_BLOCK)
            if not block:
                break
            found |= trail.forms_in(tail + block)
            tail = block[-_OVERLAP:]
    return found
