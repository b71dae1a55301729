"""Fuzz target: header fields and Content-* values. Spans are inside, in order, and what is written is what is read."""

from __future__ import annotations

from pansentry.mime import fields

MAX_LEN = 4096
MAX_FIELDS = 200


def check(data: bytes) -> None:
    """Split ``data`` as a header block, and read it as each kind of value."""
    found = fields.split(data, 0, len(data), MAX_FIELDS)
    assert len(found) <= MAX_FIELDS
    position = 0
    for field in found:
        assert position <= field.start <= field.value
        assert field.start <= field.end <= len(data)
        assert field.name == "" or data[field.start : field.value].lower().startswith(field.name.encode("latin-1"))
        fields.unfold(data, min(field.value, field.end), field.end)
        position = field.end
    for read in (fields.media_type, fields.disposition):
        name, parameters, codes = read(data, 0, len(data))
        octets = name.encode("latin-1")
        assert octets == octets.lower()
        assert all(isinstance(code, str) and code.isascii() for code in codes)
        for parameter in parameters:
            assert 0 <= parameter.start <= parameter.end <= len(data)
        for stem in sorted({parameter.name.split("*", 1)[0] for parameter in parameters})[:3]:
            fields.resolve(parameters, stem)
