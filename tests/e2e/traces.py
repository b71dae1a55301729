"""Looks for the samples' card data in everything that a run left behind, in any separator form."""

from __future__ import annotations

import base64
import hashlib
import re
from pathlib import Path

NUMBERS = (
    "4012888888881881",
    "5105105105105100",
    "5555555555554444",
    "6011111111111117",
    "378282246310005",
)
"""The card numbers in ``examples/mails`` (published test numbers)."""

_SEPARATORS = rb"[^0-9A-Za-z]{0,8}"
_SPELLED = {number: re.compile(_SEPARATORS.join(bytes([digit]) for digit in number.encode())) for number in NUMBERS}
_CODES = re.compile(
    rb"(?:security code|CVC|Pr\S{1,4}fziffer|code on the back is)\W{1,12}\d{3}\b"
    rb"|(?:valid thru|Expires|G\S{1,4}ltig bis|scadenza|expires)\W{1,12}\d{2}/\d{2,4}\b"
)


def card_data_in(folder: Path) -> list[str]:
    """Return the files below ``folder`` that hold a number (spelled, encoded or hashed), a code or an expiry date."""
    found = []
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            data = path.read_bytes()
            hits = [f"…{number[-4:]}" for number in NUMBERS if _holds(data, number)]
            hits += ["code or expiry"] * bool(_CODES.search(data))
            found += [f"{path.relative_to(folder)}: {hit}" for hit in hits]
    return found


def _holds(data: bytes, number: str) -> bool:
    if _SPELLED[number].search(data):
        return True
    plain = number.encode()
    encoded = [plain.hex().encode(), number.encode("utf-16-le"), base64.b64encode(plain)[:20]]
    hashed = [hashlib.new(name, plain).hexdigest().encode() for name in ("md5", "sha1", "sha256", "sha512")]
    return any(form in data for form in (*encoded, *hashed))
