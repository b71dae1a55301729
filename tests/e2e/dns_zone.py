"""A real name server on this machine with the domains that the letters' corpus is about."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from dnslib import QTYPE, RCODE, RR, TXT
from dnslib.server import BaseResolver, DNSServer

THEIRS = "192.0.2.10"
"""The address that customer.example sends from."""
SPF = f"v=spf1 ip4:{THEIRS} -all"
TEXTS: Mapping[str, str] = {
    "customer.example": SPF,
    "_dmarc.customer.example": "v=DMARC1; p=reject",
    "elsewhere.example": SPF,
    "esp.example": SPF,
    "evilcustomer.example": SPF,
    "victim.example": "v=spf1 -all",
    "softly.example": "v=spf1 ip4:198.51.100.1 ~all",
    "quarantine.example": SPF,
    "_dmarc.quarantine.example": "v=DMARC1; p=quarantine",
    "spfonly.example": SPF,
    "spfwide.example": SPF,
    "news.spfwide.example": SPF,
    "_dmarc.spfwide.example": "v=DMARC1; p=reject",
    "dkim.example": "v=spf1 -all",
    "dkimdmarc.example": "v=spf1 -all",
    "_dmarc.dkimdmarc.example": "v=DMARC1; p=reject",
}


class Zone(BaseResolver):
    """Texts by name; every other name does not exist."""

    def __init__(self, more: Mapping[str, str] | None = None) -> None:
        self.texts = {**TEXTS, **(more or {})}

    def resolve(self, request: object, handler: object) -> object:
        reply = request.reply()  # type: ignore[attr-defined]
        name = str(reply.q.qname).rstrip(".").lower()
        if name not in self.texts:
            reply.header.rcode = RCODE.NXDOMAIN
        elif QTYPE[reply.q.qtype] == "TXT":
            text = self.texts[name]
            reply.add_answer(RR(name, QTYPE.TXT, rdata=TXT([text[i : i + 250] for i in range(0, len(text), 250)])))
        return reply


@contextmanager
def name_server(more: Mapping[str, str] | None = None) -> Iterator[str]:
    """Run a name server; yields its address."""
    quiet = type("Quiet", (), {"__getattr__": lambda *_: lambda *_: None})()
    server = DNSServer(Zone(more), port=0, address="127.0.0.1", logger=quiet)
    server.start_thread()
    try:
        yield f"127.0.0.1:{server.server.server_address[1]}"
    finally:
        server.stop()
        server.server.server_close()
