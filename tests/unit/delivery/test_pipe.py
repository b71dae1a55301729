"""A command as next hop is believed by its exit code, and a caller that takes the message back by having it."""

from __future__ import annotations

import pytest

from pansentry.delivery.handback import Handback
from pansentry.delivery.hop import Sender
from pansentry.delivery.pipe import PipeHop

MESSAGE = b"Subject: x\r\n\r\nhello\r\n"


async def said(*command: str, message: bytes = MESSAGE, ahead: bytes = b"") -> tuple[int, str, bool]:
    """Send a message into a command for two recipients; code, enhanced code, and whether it is in doubt."""
    hop = PipeHop(command)
    delivery = hop.begin(Sender())
    for path in ("a@example.com", "b@example.com"):
        assert (await delivery.rcpt(path)).code == 250
    await delivery.rest()
    first, second = await delivery.send(message, ahead)
    assert first == second
    assert (await delivery.send(message))[0].code == 451  # nothing is sent twice
    await delivery.abort()
    await hop.close()
    return first.code, first.enhanced[:1], delivery.in_doubt


@pytest.mark.parametrize(
    ("script", "code"),
    [
        ("cat >/dev/null", 250),
        ("exit 0", 250),
        ("cat >/dev/null; exit 75", 451),
        ("cat >/dev/null; exit 64", 554),
        ("cat >/dev/null; exit 65", 554),
        ("cat >/dev/null; exit 78", 554),
        ("cat >/dev/null; exit 63", 451),
        ("cat >/dev/null; exit 79", 451),
        ("cat >/dev/null; exit 1", 451),
        ("kill -9 $$", 451),
        ("exec <&-; exit 75", 451),
    ],
)
async def test_exit_codes(script: str, code: int) -> None:
    """sysexits.h: 0 is delivered, 64 to 78 but 75 is for good, all else is tried again."""
    assert await said("sh", "-c", script, message=MESSAGE + b"x" * 300_000) == (code, str(code)[0], False)


async def test_a_command_that_is_not_there() -> None:
    """What cannot be started is tried again."""
    assert (await said("/no/such/command"))[0] == 451


async def test_the_command_gets_fields_and_message(tmp_path) -> None:
    """Fields that go ahead come first; nothing goes through a shell."""
    await said("tee", str(tmp_path / "a $(b)"), ahead=b"Received: x\r\n")
    assert (tmp_path / "a $(b)").read_bytes() == b"Received: x\r\n" + MESSAGE


async def test_without_recipients_nothing_is_started(tmp_path) -> None:
    """A transaction that nobody is in sends nothing."""
    hop = PipeHop(("tee", str(tmp_path / "out")))
    assert (await hop.probe()).reachable
    assert (await hop.begin(Sender()).send(MESSAGE))[0].code == 451
    assert not (tmp_path / "out").exists()


async def test_a_message_is_handed_back() -> None:
    """Whoever asked has the finished message, or None if it was never sent."""
    hop = Handback()
    delivery = hop.begin(Sender())
    assert (await hop.probe()).reachable
    await delivery.rcpt("a@example.com")
    await delivery.rest()
    await delivery.abort()
    assert hop.message is None
    assert [reply.code for reply in await delivery.send(MESSAGE, b"A: b\r\n")] == [250]
    assert hop.message == b"A: b\r\n" + MESSAGE
    await hop.close()
