"""The dialogues replayed against a real Postfix: where a second server exists, ours must be able to say why it differs.

Replayed are the dialogues that need no option of our listener (and the one that rejects bare line ends, with Postfix
told to do so too). The class of each reply must agree; a line ``P: 250`` behind an ``S:`` line says what Postfix
answers instead, and the comment above it why; ``POSTFIX ENDS`` ends the replay; ``# copies N`` is how many copies
Postfix delivers, where that is not one for each message.
"""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import trustme
from tests.e2e.peers import Postfix, exim_send, maildir_messages
from tests.e2e.test_dialogues import DIALOGUES, lines_of, octets
from tests.unit.smtp.double import Peer, house

from pansentry.smtp.listener import ListenerOptions

_USERS = ("c", "d", "e", "f", "postmaster", "slow-data", "at-once", "full-data", "ü")
_EXTRA = """virtual_mailbox_domains = shop.example, example.org
virtual_mailbox_maps = inline:{{ {users} }}
smtpd_error_sleep_time = 0
smtpd_hard_error_limit = 100
smtpd_soft_error_limit = 90
smtpd_peername_lookup = no
strict_rfc821_envelopes = yes
smtpd_delay_reject = no
smtpd_forbid_bare_newline = {bare}
smtpd_forbid_bare_newline_exclusions =
"""
_RECEIVER_ONLY = ("036-receiver-answers", "037-crashes")  # they are about what our receiver says
_SETTLE_S = 0.5


def _replayed(bare: str) -> list[Path]:
    plain = [path for path in DIALOGUES if "\n@" not in path.read_text("utf-8") and path.stem not in _RECEIVER_ONLY]
    return plain if bare == "normalize" else [path for path in DIALOGUES if path.stem == "055-bare-lf-rejected"]


@pytest.fixture(scope="module", params=["normalize", "reject"])
def postfix(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Postfix]]:
    users = ", ".join(f"{{ {user}@example.org={user}/ }}" for user in _USERS)
    server = Postfix.start(tmp_path_factory.mktemp("postfix"), extra=_EXTRA.format(users=users, bare=request.param))
    try:
        yield request.param, server
    finally:
        server.stop()


@pytest.mark.peers
def test_postfix_agrees(postfix: tuple[str, Postfix]) -> None:
    """Postfix gives the same class of answer to every line, or the dialogue says why not."""
    bare, server = postfix
    wrong: list[str] = []
    expected = len(maildir_messages(server.mailbox))
    for path in _replayed(bare):
        wrong += [f"{path.stem} {problem}" for problem in asyncio.run(_replay(path, server.port))]
        expected += _mails(path)
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and len(maildir_messages(server.mailbox)) < expected:
        time.sleep(0.1)
    time.sleep(_SETTLE_S)
    assert not wrong, "\n" + "\n".join(wrong)
    assert len(maildir_messages(server.mailbox)) == expected


def _mails(path: Path) -> int:
    """How many copies Postfix delivers: one for each message, unless the dialogue says otherwise."""
    lines = lines_of(path)
    counted = [int(line.split()[2]) for line in lines if line.startswith("# copies ")]
    if counted:
        return counted[0]
    return sum(line.startswith("M:") for line in lines) or sum(
        int(line.split()[1]) for line in lines if line.startswith("MAILS ")
    )


async def _replay(path: Path, port: int) -> list[str]:
    peer = Peer(*await asyncio.open_connection("127.0.0.1", port))
    problems: list[str] = []
    lines = lines_of(path)
    for number, line in enumerate(lines, 1):
        kind, _, rest = line.partition(" ")
        if kind in ("C:", "C+"):
            try:
                await peer.send(octets(rest) + (b"\r\n" if kind == "C:" else b""))
            except ConnectionError:
                problems.append(f"line {number}: {line}: closed")
                break
        elif line == "POSTFIX ENDS":
            break
        elif kind == "EOF":
            peer.writer.write_eof()
        elif kind == "S:":
            explained = lines[number].startswith("P: ")
            wanted = lines[number][3:] if explained else rest[:1]
            try:
                reply = await peer.reply("utf-8")
            except TimeoutError:
                reply = []
            if not reply:
                problems.append(f"line {number}: {line}: no answer")
                break
            if not reply[-1].startswith(wanted) or (explained and reply[-1].startswith(rest[:1])):
                problems.append(f"line {number}: {line}: {reply[-1]}")
    peer.close()
    return problems


@pytest.mark.peers
async def test_exim_closes_its_half_of_tls(tmp_path: Path) -> None:
    """Exim sends close_notify behind its pipelined QUIT and waits; its answer comes, however late."""
    certificate = trustme.CA().issue_cert("mx.example")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    async with house(ListenerOptions(hostname="mx.example", tls="starttls"), context) as place:
        asyncio.get_running_loop().call_later(1.0, place.memory.go.set)
        message, recipient = b"Subject: x\n\nhello\n", "slow-data@example.org"
        done = await asyncio.to_thread(exim_send, tmp_path, place.listener.port, message, recipient, tls=True)
        assert done.returncode == 0
        assert b"=> slow-data@example.org" in done.stderr
        assert b"X=TLS1" in done.stderr
        (mail,) = place.memory.mails
        assert (mail.client.protocol, mail.finished, mail.heard) == ("ESMTPS", True, True)
