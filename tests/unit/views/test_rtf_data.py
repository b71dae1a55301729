"""Pictures and objects that stand in RTF as hexadecimal digits."""

from __future__ import annotations

from pansentry.edits import Edit, apply
from pansentry.views import rtf_data
from pansentry.views.bytes_reading import lower_bytes

PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(range(200))


def test_a_picture_is_read_through_its_line_ends() -> None:
    """The digits of a picture become its bytes, wherever lines end; an edit writes the whole picture anew."""
    digits = PICTURE.hex().encode()
    lines = b"\r\n".join(digits[at : at + 60] for at in range(0, len(digits), 60))
    data = b"{\\rtf1 {\\pict\\pngblip " + lines + b"}hello}"
    (reading,) = rtf_data.read(data)
    assert reading.data == PICTURE
    edits = lower_bytes(reading, [Edit(0, len(PICTURE), b"NEW")])
    assert edits is not None
    assert apply(data, list(edits)) == b"{\\rtf1 {\\pict\\pngblip " + b"NEW".hex().encode() + b"}hello}"


def test_a_file_in_an_object_is_read_from_its_beginning() -> None:
    """What stands in front of a file, the header of an object, is not part of it and stays as it is."""
    head = b"\1\5\0\0\2\0\0\0 a header"
    data = b"{\\rtf1 {\\object{\\*\\objdata " + (head + PICTURE).hex().upper().encode() + b"}}}"
    (reading,) = rtf_data.read(data)
    assert reading.data == PICTURE
    edits = lower_bytes(reading, [Edit(0, len(PICTURE), b"NEW")])
    assert edits is not None
    assert head.hex().upper().encode() + b"NEW".hex().encode() + b"}" in apply(data, list(edits))


def test_short_runs_and_other_texts_hold_nothing() -> None:
    """Colours, names and numbers of an RTF are no files, and hexadecimal digits elsewhere are none of ours."""
    assert rtf_data.read(b"{\\rtf1 {\\*\\blipuid 0123456789abcdef0123456789abcdef}hello}") == ()
    assert rtf_data.read(b"sha512: " + b"0123456789abcdef" * 32) == ()
