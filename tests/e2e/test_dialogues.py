"""Every file in ``dialogues/`` is a conversation with the real server over a loopback socket.

Lines of a dialogue::

    # why this is here                       (comments; the first says what the case shows)
    @listener tls=starttls line_ends=reject  options of the listener
    @limits max_errors=2                     its limits
    S: 250 5.7.1                             the next reply must begin with this (last line of a multi-line reply)
    P: 250                                   Postfix answers this instead (``test_dialogues_reference``)
    H: SIZE                                  the reply just read must have a line with this
    N: AUTH                                  and none with this
    C: MAIL FROM:<a@b.example>               sent with CR LF behind it; \\r \\n \\0 \\t \\xNN \\\\ are octets
    C+ DATA\\r\\n                             sent as it stands, in one segment
    TLS                                      the client starts its handshake
    EOF                                      the client closes its half
    CLOSED                                   the server must close without a word
    M: Subject: x\\r\\n\\r\\n.dot\\r\\n             the receiver must have got this as its next message
    F: a@b.example -> c@example.org          and this was the envelope of the message just compared
    MAILS 1                                  so many messages in all

An empty folder fails.
"""

from __future__ import annotations

import asyncio
import ipaddress
import re
import ssl
from dataclasses import fields, replace
from pathlib import Path

import pytest
import trustme
from tests.unit.smtp.double import House, Peer, house

from pansentry.smtp.limits import SmtpLimits
from pansentry.smtp.listener import ListenerOptions

DIALOGUES = sorted((Path(__file__).parent / "dialogues").glob("*.txt"))
_ESCAPE = re.compile(rb"\\(x[0-9A-Fa-f]{2}|.)")
_NAMED = {b"r": b"\r", b"n": b"\n", b"0": b"\0", b"t": b"\t", b"\\": b"\\"}


def octets(text: str) -> bytes:
    """Undo the escapes of a dialogue line."""
    return _ESCAPE.sub(lambda m: bytes.fromhex(m[1][1:].decode()) if m[1][:1] == b"x" else _NAMED[m[1]], text.encode())


def lines_of(path: Path) -> list[str]:
    return path.read_text("utf-8").split("\n")


def options_of(lines: list[str]) -> ListenerOptions:
    """Read the ``@`` lines."""
    options, limits = ListenerOptions(hostname="mx.example"), SmtpLimits()
    for line in lines:
        kind, _, rest = line.partition(" ")
        if not kind.startswith("@"):
            continue
        target = limits if kind == "@limits" else options
        types = {f.name: type(getattr(target, f.name)) for f in fields(target)}
        values: dict[str, object] = {}
        for word in rest.split():
            name, _, value = word.partition("=")
            kind_of = types[name]
            if kind_of is tuple:
                values[name] = (ipaddress.ip_network(value),)
            else:
                values[name] = value == "yes" if kind_of is bool else kind_of(value)
        if kind == "@limits":
            limits = replace(limits, **values)
        else:
            options = replace(options, **values)
    return replace(options, limits=limits)


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


def contexts(authority: trustme.CA, options: ListenerOptions) -> tuple[ssl.SSLContext | None, ssl.SSLContext]:
    """Server and client contexts; the server has none if the dialogue has no TLS."""
    client = ssl.create_default_context()
    authority.configure_trust(client)
    if options.tls == "none":
        return None, client
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("mx.example").configure_cert(server)
    return server, client


def test_there_are_dialogues() -> None:
    """An empty folder would make every promise here hold."""
    assert len(DIALOGUES) >= 30


@pytest.mark.parametrize("loop", ["asyncio", "uvloop"])
@pytest.mark.parametrize("path", DIALOGUES, ids=lambda path: path.stem)
def test_dialogue(path: Path, loop: str, authority: trustme.CA) -> None:
    """The server answers as the file says, on either event loop."""
    factory = asyncio.new_event_loop if loop == "asyncio" else pytest.importorskip("uvloop").new_event_loop
    with asyncio.Runner(loop_factory=factory) as runner:
        runner.run(converse(path, authority))


async def converse(path: Path, authority: trustme.CA) -> None:
    lines = lines_of(path)
    options = options_of(lines)
    server, client = contexts(authority, options)
    async with house(options, server) as place, asyncio.timeout(300):
        peer = await place.connect(client if options.tls == "implicit" else None)
        await play(lines, place, peer, client)
        peer.close()


async def play(lines: list[str], place: House, peer: Peer, client: ssl.SSLContext) -> None:
    reply: list[str] = []
    seen = 0
    for number, line in enumerate(lines, 1):
        kind, _, rest = line.partition(" ")
        where = f"line {number}: {line}"
        match kind:
            case "C:":
                await peer.send(octets(rest) + b"\r\n")
            case "C+":
                await peer.send(octets(rest))
            case "S:":
                reply = await peer.reply()
                assert reply, f"{where}: the server closed"
                assert reply[-1].startswith(rest), f"{where}: {reply}"
            case "H:":
                assert any(rest in part for part in reply), f"{where}: {reply}"
            case "N:":
                assert not any(rest in part for part in reply), f"{where}: {reply}"
            case "TLS":
                await peer.writer.start_tls(client, server_hostname="mx.example")
            case "EOF":
                peer.writer.write_eof()
            case "CLOSED":
                assert await peer.closed(), where
            case "M:":
                await place.until(lambda wanted=seen: len(place.memory.messages) > wanted)
                assert place.memory.messages[seen] == octets(rest), where
                seen += 1
            case "F:":
                mail = [mail for mail in place.memory.mails if mail.message is not None][seen - 1]
                assert f"{mail.reverse_path} -> {' '.join(mail.forward_paths)}" == rest, where
            case "MAILS":
                assert len(place.memory.messages) == int(rest), where
            case "#" | "" | "P:" | "POSTFIX" | "@listener" | "@limits":
                pass
            case _:
                pytest.fail(f"{where}: not understood")
