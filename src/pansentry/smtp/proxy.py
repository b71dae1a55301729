"""The PROXY protocol header, versions 1 and 2, read from what has arrived so far.

In: the first octets of a connection. Out: a :class:`ProxyHeader`, ``None`` while more is needed, or
:class:`ProxyError`. The parsing is aiosmtpd's (``proxy_protocol.get_proxy``), driven without a task over a buffer.
Standard: HAProxy's ``proxy-protocol.txt``. Limit: ``MAX_HEADER`` octets.

aiosmtpd believes the header of any peer; whether a peer may send one is decided by the listener
(``trusted_proxies``), which closes the connection otherwise.
"""

from __future__ import annotations

from dataclasses import dataclass

from aiosmtpd import proxy_protocol

MAX_HEADER = 4096
_SIGNATURES = (b"PROXY", b"\r\n\r\n\x00")


class ProxyError(ValueError):
    """There is no well-formed PROXY header. The text is fixed."""


@dataclass(frozen=True, slots=True)
class ProxyHeader:
    """``address`` is ``""`` if the proxy speaks for itself (LOCAL, UNKNOWN); ``length`` octets are the header's."""

    address: str
    port: int
    length: int


class _NeedMore(BaseException):
    """Not an ``Exception``: the library turns every one of those into "malformed"."""


class _BufferReader:
    """aiosmtpd's ``AsyncReader`` over octets that are already here: never suspends."""

    def __init__(self, buffer: bytes) -> None:
        self._buffer = buffer
        self.position = 0

    async def read(self, n: int = -1) -> bytes:
        piece = self._buffer[self.position :][: n if n >= 0 else None]
        if not piece:
            raise _NeedMore
        self.position += len(piece)
        return piece

    async def readexactly(self, n: int) -> bytes:
        if len(self._buffer) - self.position < n:
            raise _NeedMore
        return await self.read(n)

    async def readuntil(self, separator: bytes = b"\n") -> bytes:
        end = self._buffer.find(separator, self.position)
        if end < 0:
            raise _NeedMore
        return await self.read(end + len(separator) - self.position)


def parse_proxy_header(buffer: bytes) -> ProxyHeader | None:
    """Read the header at the start of ``buffer``; ``None`` if it is not complete yet.

    Raises:
        ProxyError: no header, a malformed one, one for datagrams, or one longer than ``MAX_HEADER``.
    """
    if not any(buffer[:5] == signature[: len(buffer)] for signature in _SIGNATURES):
        raise ProxyError("no PROXY header")
    reader = _BufferReader(buffer[:MAX_HEADER])
    parsing = proxy_protocol.get_proxy(reader)
    try:
        parsing.send(None)
    except _NeedMore:
        if len(buffer) >= MAX_HEADER or (buffer[:5] == b"PROXY" and len(buffer) > 107):
            raise ProxyError("PROXY header is too long") from None
        return None
    except StopIteration as done:
        return _header(done.value, reader.position)
    except Exception:  # the library raises IndexError and others on malformed headers
        raise ProxyError("PROXY header is malformed") from None
    finally:
        parsing.close()
    raise ProxyError("PROXY header is malformed")


def _header(data: proxy_protocol.ProxyData, length: int) -> ProxyHeader:
    if not data.valid or data.protocol == proxy_protocol.PROTO.DGRAM:
        raise ProxyError("PROXY header is malformed")
    local = data.command == proxy_protocol.V2_CMD.LOCAL
    if local or data.family not in (proxy_protocol.AF.INET, proxy_protocol.AF.INET6):
        return ProxyHeader("", 0, length)
    return ProxyHeader(str(data.src_addr), data.src_port or 0, length)
