"""The embedded mailbox keeps what it accepted, byte for byte, and says honestly when it cannot."""

from __future__ import annotations

import asyncio
import errno
import os
import stat

import pytest

from pansentry.delivery import maildir
from pansentry.delivery.hop import HopOptions, Sender, open_hop
from pansentry.delivery.next_hop import NextHop, Scheme

MESSAGE = b"Subject: x\r\n\r\nhello\r\n"


@pytest.fixture
async def hop(tmp_path):
    """A hop for a Maildir that does not exist yet."""
    hop = open_hop(NextHop(Scheme.MAILDIR, path=str(tmp_path / "a/mail")), HopOptions())
    yield hop
    await hop.close()


async def send(hop, message=MESSAGE, recipients=("b@shop.example",)):
    """Deliver one message; returns the final answers."""
    delivery = hop.begin(Sender("a@example.org"))
    for recipient in recipients:
        assert (await delivery.rcpt(recipient)).code == 250
    return await delivery.send(message)


def files(tmp_path):
    """List the files of the Maildir by folder."""
    return {name: sorted((tmp_path / "a/mail" / name).iterdir()) for name in ("tmp", "new", "cur")}


async def test_message_lands_in_new_as_it_was(hop, tmp_path):
    """One file in new/ with the same bytes, private to its owner; nothing in tmp/."""
    assert [reply.code for reply in await send(hop)] == [250]
    found = files(tmp_path)
    (file,) = found["new"]
    assert file.read_bytes() == MESSAGE
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "a/mail/new").stat().st_mode) == 0o700
    assert found["tmp"] == found["cur"] == []


async def test_fields_go_ahead_of_a_message(hop, tmp_path):
    """What is given to go before a message is in its file before it."""
    delivery = hop.begin(Sender("a@example.org"))
    await delivery.rcpt("b@shop.example")
    assert (await delivery.send(MESSAGE, b"X: y\r\n"))[0].code == 250
    assert files(tmp_path)["new"][0].read_bytes() == b"X: y\r\n" + MESSAGE


async def test_several_recipients_share_one_file_and_get_one_answer_each(hop, tmp_path):
    """The mailbox is one; each recipient is answered."""
    assert len(await send(hop, recipients=("b@shop.example", "c@shop.example"))) == 2
    assert len(files(tmp_path)["new"]) == 1


async def test_names_are_unique_and_safe(hop, tmp_path, monkeypatch):
    """Many messages at once have names of their own, without slash or colon."""
    monkeypatch.setattr(hop, "_host", "ho\\057st")
    await asyncio.gather(*(send(hop, b"%d\r\n" % n) for n in range(50)))
    names = [file.name for file in files(tmp_path)["new"]]
    assert len(set(names)) == 50
    assert not any(":" in name for name in names)


async def test_hostname_is_escaped(tmp_path, monkeypatch):
    """A host name with a slash or a colon is written in octal, as Maildir readers expect."""
    monkeypatch.setattr(maildir.socket, "gethostname", lambda: "a/b:c")
    hop = open_hop(NextHop(Scheme.MAILDIR, path=str(tmp_path / "a/mail")))
    await send(hop)
    assert files(tmp_path)["new"][0].name.endswith(".a\\057b\\072c")
    await hop.close()


async def test_accepted_means_synced(hop, monkeypatch):
    """The file is synced before it is visible, and the folder after, before 250 is said."""
    seen = []
    real_fsync, real_link = os.fsync, os.link
    monkeypatch.setattr(maildir.os, "fsync", lambda fd: (seen.append("fsync"), real_fsync(fd))[1])
    monkeypatch.setattr(maildir.os, "link", lambda a, b: (seen.append("link"), real_link(a, b))[1])
    await send(hop)
    assert seen == ["fsync", "link", "fsync"]


@pytest.mark.parametrize(
    ("where", "error", "code"),
    [
        ("write", errno.ENOSPC, 452),
        ("write", errno.EDQUOT, 452),
        ("write", errno.EIO, 451),
        ("fsync", errno.ENOSPC, 452),
        ("fsync", errno.EIO, 451),
        ("link", errno.EACCES, 451),
        ("open", errno.EROFS, 451),
    ],
)
async def test_disk_faults_are_temporary_and_leave_nothing(hop, tmp_path, monkeypatch, where, error, code):
    """A full or broken disk is a 4xx; no half file stays, neither in tmp/ nor in new/."""
    await send(hop)

    def fail(*_args, **_kwargs):
        raise OSError(error, "injected")

    with monkeypatch.context() as patch:
        patch.setattr(maildir.os, where, fail)
        (reply,) = await send(hop)
    assert reply.code == code
    found = files(tmp_path)
    assert len(found["new"]) == 1
    assert found["tmp"] == []


async def test_folder_that_cannot_be_made_is_a_temporary_failure(tmp_path):
    """A path through a file is no mailbox: 451, and the probe says so."""
    (tmp_path / "file").write_text("x")
    hop = open_hop(NextHop(Scheme.MAILDIR, path=str(tmp_path / "file/mail")))
    assert (await send(hop))[0].code == 451
    probe = await hop.probe()
    assert not probe.reachable
    await hop.close()


async def test_probe_makes_the_folders(hop, tmp_path):
    """A probe of a mailbox that can be written says so and has made it."""
    assert (await hop.probe()).reachable
    assert files(tmp_path) == {"tmp": [], "new": [], "cur": []}


async def test_transaction_without_recipients_stores_nothing(hop, tmp_path):
    """Nothing was asked, nothing is stored."""
    assert (await hop.begin(Sender()).send(MESSAGE))[0].code == 451
    aborted = hop.begin(Sender())
    await aborted.rcpt("b@shop.example")
    await aborted.abort()
    assert (await aborted.send(MESSAGE))[0].code == 451
    assert not (tmp_path / "a").exists()
