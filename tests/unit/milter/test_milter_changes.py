"""From a finished message to edits: an MTA that carries them out has the finished message."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pansentry.milter.changes import assemble, changes

Field = tuple[bytes, bytes]

NAMES = st.sampled_from([b"Received", b"Subject", b"subject", b"X-A", b"To"])
VALUES = st.sampled_from([b" a", b" b", b"c", b" folded\n\tline", b" "])
FIELDS = st.lists(st.tuples(NAMES, VALUES), max_size=8)
BODIES = st.sampled_from([b"", b"one\r\n", b"two\r\n\r\nparts\r\n"])


def carried_out(fields: list[Field], body: bytes, packets: list[bytes]) -> tuple[list[Field], bytes]:
    """Do what the packets ask for, as an MTA does."""
    fields, chunks = list(fields), []
    for packet in packets:
        code, data = packet[4:5], packet[5:]
        if code == b"b":
            chunks.append(data)
            continue
        (number,) = struct.unpack_from("!I", data)
        name, value, _ = data[4:].split(b"\0")
        if code == b"i":
            fields.insert(number, (name, value))
            continue
        assert code == b"m"
        at = [i for i, (other, _) in enumerate(fields) if other.lower() == name.lower()][number - 1]
        fields[at : at + 1] = [(fields[at][0], value)] if value else []
    return fields, b"".join(chunks) if chunks else body


@given(FIELDS, FIELDS, BODIES, BODIES)
def test_the_mta_has_what_we_finished(old: list[Field], new: list[Field], body: bytes, new_body: bytes) -> None:
    """For any two messages, the edits that turn one into the other do so."""
    finished = assemble(new, new_body, leading_space=True)
    fields, got = carried_out(old, body, [*changes(old, body, finished, leading_space=True)])
    assert [(name.lower(), value) for name, value in fields] == [(name.lower(), value) for name, value in new]
    assert got == new_body


def test_a_clean_mail_gets_our_field_and_nothing_else() -> None:
    """Fields on top are inserted; nothing below is named, and the body is not sent again."""
    fields = [(b"From", b" a@b.example"), (b"Subject", b" hi")]
    raw = assemble(fields, b"text\r\n", leading_space=True)
    packets = [*changes(fields, b"text\r\n", b"X-PanSentry-Trace: id=a;\r\n\tb\r\n" + raw, leading_space=True)]
    assert [packet[4:] for packet in packets] == [b"i\0\0\0\0X-PanSentry-Trace\0 id=a;\n\tb\0"]


def test_without_the_leading_space_step() -> None:
    """Where the MTA takes the space after the colon off, it is put on for reading and off for changing."""
    fields = [(b"Subject", b"card 1")]
    assert assemble(fields, b"", leading_space=False) == b"Subject: card 1\r\n\r\n"
    packets = [*changes(fields, b"", b"Subject: card X\r\n\r\n", leading_space=False)]
    assert [packet[4:] for packet in packets] == [b"m\0\0\0\1Subject\0card X\0"]


def test_many_fields_are_replaced_as_one() -> None:
    """Beyond the number of fields that are compared one by one, the edits still are right."""
    old = [(b"X-%d" % i, b" 1") for i in range(300)]
    new = [(b"X-%d" % i, b" 2") for i in range(0, 300, 2)]
    finished = assemble(new, b"", leading_space=True)
    assert carried_out(old, b"", [*changes(old, b"", finished, leading_space=True)]) == (new, b"")


@pytest.mark.parametrize("finished", [b"Subject: a\r\nno colon\r\n\r\n", b"Subject: a\r\n", b""])
def test_what_is_no_header_is_not_half_edited(finished: bytes) -> None:
    """A finished message whose header is none raises before anything is sent."""
    with pytest.raises(ValueError, match="finished"):
        list(changes([(b"Subject", b" a")], b"", finished, leading_space=True))
