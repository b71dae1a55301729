"""The PROXY header, in any number of pieces."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pansentry.smtp.proxy import ProxyError, ProxyHeader, parse_proxy_header

SIGNATURE = b"\r\n\r\n\0\r\nQUIT\n"


def v2(command: int = 0x21, family: int = 0x11, payload: bytes | None = None) -> bytes:
    if payload is None:
        payload = bytes([192, 0, 2, 7, 198, 51, 100, 1]) + struct.pack("!HH", 4711, 25)
    return SIGNATURE + struct.pack("!BBH", command, family, len(payload)) + payload


HEADERS = [
    (b"PROXY TCP4 192.0.2.7 198.51.100.1 4711 25\r\n", "192.0.2.7", 4711),
    (b"PROXY TCP6 2001:db8::1 2001:db8::2 4711 25\r\n", "2001:db8::1", 4711),
    (b"PROXY UNKNOWN\r\n", "", 0),
    (b"PROXY UNKNOWN ffff::1 ffff::2 1 2\r\n", "", 0),
    (v2(), "192.0.2.7", 4711),
    (v2(family=0x21, payload=bytes(15) + b"\1" + bytes(16) + struct.pack("!HH", 1, 2)), "::1", 1),
    (v2(command=0x20), "", 0),
    (v2(family=0x00, payload=b""), "", 0),
    (v2(payload=bytes([192, 0, 2, 7, 198, 51, 100, 1, 0, 1, 0, 2]) + b"\x04\x00\x01x"), "192.0.2.7", 1),
]


@pytest.mark.parametrize(("header", "address", "port"), HEADERS)
def test_headers(header: bytes, address: str, port: int) -> None:
    """Both versions; more is asked for until the last octet, and what follows is not touched."""
    for cut in range(1, len(header)):
        assert parse_proxy_header(header[:cut]) is None
    expected = ProxyHeader(address, port, len(header))
    assert parse_proxy_header(header) == expected
    assert parse_proxy_header(header + b"EHLO x\r\n") == expected


@pytest.mark.parametrize(
    "header",
    [
        b"EHLO x\r\n",
        b"P\r\n",
        b"PROXY\r\n",
        b"PROXY TCP4\r\n",
        b"PROXY TCP4 192.0.2.7 198.51.100.1 4711\r\n",
        b"PROXY TCP4 192.0.2.7 198.51.100.1 4711 25 1\r\n",
        b"PROXY TCP4 ::1 ::2 1 2\r\n",
        b"PROXY TCP4 192.0.2.7 198.51.100.1 99999 25\r\n",
        b"PROXY UDP4 192.0.2.7 198.51.100.1 4711 25\r\n",
        b"PROXY TCP4 192.0.2.7 198.51.100.1 4711 25\n",
        b"PROXY " + b"x" * 200,
        SIGNATURE[:-1] + b"X" + v2()[12:],
        v2(command=0x31),
        v2(command=0x22),
        v2(family=0x12),
        v2(payload=b"\1\2\3"),
        SIGNATURE + b"\x21\x11\xff\xff" + bytes(5000),
    ],
)
def test_malformed_headers(header: bytes) -> None:
    """Each ends the connection."""
    with pytest.raises(ProxyError):
        parse_proxy_header(header)


@given(st.binary(max_size=120).flatmap(lambda b: st.sampled_from([b, SIGNATURE + b, b"PROXY " + b + b"\r\n"])))
def test_any_octets(octets: bytes) -> None:
    """A header, a wish for more, or a refusal; never another exception."""
    if not octets:
        return
    try:
        header = parse_proxy_header(octets)
    except ProxyError:
        return
    assert header is None or 0 < header.length <= len(octets)
