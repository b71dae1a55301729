"""Binary property lists: values behind their keys, data as documents, hostile ones as damage."""

from __future__ import annotations

import datetime
import plistlib
import struct
from dataclasses import replace

import pytest

from pansentry.errors import DamagedError, LimitExceededError
from pansentry.examination import Examination, examine
from pansentry.formats import plist
from pansentry.limits import DocumentLimits

LIMITS = DocumentLimits()
NUMBER = "4929381332664295"


def made(value: object) -> bytes:
    return plistlib.dumps(value, fmt=plistlib.FMT_BINARY)


def test_values_stand_behind_their_keys() -> None:
    """Texts, whole numbers and dates are lines under their names; lists go on under theirs."""
    day = datetime.datetime(2026, 3, 2)
    extract = plist.extract(made({"card": int(NUMBER), "notes": ["one é", "two"], "day": day, "on": True}), LIMITS)
    assert extract.passages[0].text.split("\n") == [f"card: {NUMBER}", "day: 2026-03-02", "notes: one é", "notes: two"]


def test_a_number_in_a_web_archive_is_found() -> None:
    """The page in a saved web archive is a document, and the archive cannot be written."""
    page = f"<p>card {NUMBER[:8]}<b></b>{NUMBER[8:]}</p>".encode()
    examined = examine(made({"WebMainResource": {"WebResourceData": page}}), "", Examination(pictures=False))
    assert "pan" in [sight.kind for sight in examined.sightings]
    assert examined.rewritten is None
    with pytest.raises(DamagedError):
        plist.rewrite(made({}), {}, {0: b""}, LIMITS)
    assert plist.rewrite(b"same", {}, {}, LIMITS) == b"same"


def test_what_is_named_often_is_read_once() -> None:
    """Forty lists that each hold the one before twice are forty lists, not 2^40 values."""
    value: list[object] = ["text"]
    for _ in range(40):
        value = [value, value]
    assert plist.extract(made(value), LIMITS).passages[0].text == "text"


@pytest.mark.parametrize("cut", [9, 20, 40])
def test_a_cut_list_is_damage_or_less(cut: int) -> None:
    """A file that ends too early is damaged."""
    with pytest.raises(DamagedError):
        plist.extract(made({"card": NUMBER})[:cut], LIMITS)


def _integer(octets: int) -> bytes:
    """A list that is one integer of so many octets (a power of two), which no program writes beyond sixteen."""
    body = b"bplist00" + bytes([0x10 | octets.bit_length() - 1]) + b"\x7f".ljust(octets, b"\xff")
    return body + b"\x08" + bytes(6) + b"\x01\x01" + struct.pack(">3Q", 1, 0, len(body))


def test_a_huge_integer_is_damage() -> None:
    """The format ends at 128 bits; what is longer is no number of anybody's, and Python takes long to spell it."""
    assert plist.extract(_integer(16), LIMITS).passages[0].text == str((1 << 127) - 1)
    for octets in (32, 1 << 15):
        with pytest.raises(DamagedError):
            plist.extract(_integer(octets), LIMITS)


def _listed(key: str, count: int) -> bytes:
    return made({key: ["x"] * count})


def test_a_key_is_paid_for_with_each_value() -> None:
    """A long key over a long list is written as often as it stands: at n it is read, at n + 1 it is too much."""
    line = len("k" * 300 + ": x") + 1
    tight = replace(LIMITS, max_total_bytes=50 * line)
    assert plist.extract(_listed("k" * 300, 50), tight).passages[0].text.count("k: x") == 50
    with pytest.raises(LimitExceededError):
        plist.extract(_listed("k" * 300, 51), tight)
