"""A number is found in every form an auditor would look for, across blocks of a file, and clean data stays clean."""

from __future__ import annotations

import base64
import hashlib
import sqlite3
from pathlib import Path

import pytest
from tests.specimens import PUBLISHED

from pansentry.doctor import traces
from pansentry.doctor.traces import forms_in_file, trail_of

NUMBER = PUBLISHED["discover"][1]
SPACED = " ".join(NUMBER[i : i + 4] for i in range(0, 16, 4))
TRAIL = trail_of(NUMBER, "bcdfghjk")

FORMS = {
    "spelled": (NUMBER, SPACED, "-".join(NUMBER), SPACED.replace(" ", "=20"[0]), SPACED.replace(" ", "\r\n\t ")),
    "base64": tuple(base64.b64encode(b"y" * shift + NUMBER.encode() + b"zzz").decode() for shift in range(6)),
    "hexadecimal": (NUMBER.encode().hex(),),
    "reversed": (NUMBER[::-1],),
    "md5": (hashlib.md5(NUMBER.encode()).hexdigest(), hashlib.md5(SPACED.encode()).hexdigest()),
    "sha256": (hashlib.sha256(NUMBER.encode()).hexdigest(),),
    "sha512": (base64.b64encode(hashlib.sha512(NUMBER.encode()).digest()).decode(),),
    "text of the message": ("xbcdfghjkx",),
}


@pytest.mark.parametrize(("form", "text"), [(form, text) for form, texts in FORMS.items() for text in texts])
def test_every_form_is_found(form: str, text: str) -> None:
    """Spelled with any signs between, encoded at any offset, hashed."""
    assert form in TRAIL.forms_in(b"before " + text.encode() + b" behind")


@pytest.mark.parametrize("octets", [NUMBER.encode("utf-16-le"), NUMBER.encode("utf-16-be")])
def test_wide_characters_are_found(octets: bytes) -> None:
    """As Java, Windows and databases keep text."""
    assert "UTF-16" in TRAIL.forms_in(b"\0\0" + octets)


def test_binary_forms_are_found() -> None:
    """A digest in octets and packed decimals, as databases keep them."""
    assert TRAIL.forms_in(hashlib.sha1(NUMBER.encode()).digest()) == {"sha1"}
    assert TRAIL.forms_in(bytes.fromhex(NUMBER)) == {"packed decimal"}


@pytest.mark.parametrize("number", [PUBLISHED["amex"][1], PUBLISHED["diners"][1], PUBLISHED["visa"][3]])
def test_numbers_of_other_lengths(number: str) -> None:
    """Fourteen and fifteen digits are looked for in the same way."""
    for octets in (number.encode(), base64.b64encode(b"ab" + number.encode() + b"c"), number.encode("utf-16-le")):
        assert trail_of(number).forms_in(octets)


@pytest.mark.parametrize(
    "text", ["XXXX XXXX XXXX " + NUMBER[-4:], NUMBER[:-1], NUMBER[1:], "2026-11-22T04:30:57.1234567"]
)
def test_what_is_no_trace(text: str) -> None:
    """The last four digits, a part of the number, and times are no trace."""
    assert TRAIL.forms_in(text.encode()) == set()


def test_a_number_across_two_blocks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Files are read in blocks; what stands across the seam is found."""
    monkeypatch.setattr(traces, "_BLOCK", 4096)
    path = tmp_path / "log"
    path.write_bytes(b"x" * 4090 + NUMBER.encode() + b"x" * 5000)
    assert forms_in_file(TRAIL, path) == {"spelled"}


def test_a_deleted_row_is_found_in_the_free_page(tmp_path: Path) -> None:
    """What a database deletes without overwriting it is still in the file."""
    path = tmp_path / "database"
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA secure_delete=OFF")
        connection.execute("CREATE TABLE t (v TEXT)")
        connection.execute("INSERT INTO t VALUES (?)", (SPACED,))
        connection.commit()
        connection.execute("DELETE FROM t")
    connection.close()
    assert forms_in_file(TRAIL, path) == {"spelled"}
