"""Places, journals, and messages that vanish, without a server."""

from __future__ import annotations

from pathlib import Path

import pytest

from pansentry.api import redact_message
from pansentry.sweep.files import FilesMailbox, MboxMailbox
from pansentry.sweep.imap import parse_place
from pansentry.sweep.journal import Journal, State
from pansentry.sweep.mailbox import GoneError, Message
from pansentry.sweep.maildir import MaildirMailbox
from pansentry.sweep.places import open_place
from pansentry.sweep.sweep import Mode, Scope, sweep

CARD = b"From: a@b.example\nSubject: card\n\nVisa 4111 1111 1111 1111 exp 09/28\n"
CLEAN = b"From: a@b.example\nSubject: hi\n\nhello\n"


def through(mailbox: object, mode: Mode, journal: Path | None = None, **more: object) -> Scope:
    """Sweep a mailbox and return the numbers."""
    scope, book = Scope(), Journal(journal, changes=mode is not Mode.REPORT)
    for _, scope in sweep(mailbox, redact_message, book, mode, **more):  # type: ignore[arg-type]  # noqa: B007
        pass
    book.close()
    return scope


@pytest.mark.parametrize(
    ("url", "host", "port", "tls", "folders"),
    [
        ("imaps://a%40b.example@mail.example", "mail.example", 993, True, ()),
        ("imap://a@mail.example:1143/Sent%20Items", "mail.example", 1143, False, ("Sent Items",)),
    ],
)
def test_addresses_of_servers(url: str, host: str, port: int, tls: bool, folders: tuple[str, ...]) -> None:
    """User, host, port and folder are read from the address."""
    place = parse_place(url)
    assert (place.host, place.port, place.tls, place.folders) == (host, port, tls, folders)


@pytest.mark.parametrize(
    ("place", "says"),
    [
        ("imaps://mail.example", "imaps://USER@HOST"),
        ("imaps://a:secret@mail.example", "--password-file"),
        ("imaps://a@mail.example:99999", "port"),
        ("/no/such/place", "no such file"),
        ("old.pst", "IMAP"),
    ],
)
def test_places_that_are_none(place: str, says: str) -> None:
    """What is no place is one sentence with what to write instead, and no password in it."""
    with pytest.raises(ValueError, match=says) as refused:
        open_place(place, writes=False)
    assert "secret" not in str(refused.value)


def test_kinds_of_places(tmp_path: Path) -> None:
    """A Maildir, a folder, an mbox and one message are told apart by what is in them."""
    for name in ("cur", "new", "tmp"):
        (tmp_path / "box" / name).mkdir(parents=True)
    (tmp_path / "mbox").write_bytes(b"From a@b.example now\n" + CLEAN)
    (tmp_path / "one.eml").write_bytes(CLEAN)
    kinds = {
        tmp_path / "box": MaildirMailbox,
        tmp_path: FilesMailbox,
        tmp_path / "mbox": MboxMailbox,
        tmp_path / "one.eml": FilesMailbox,
    }
    for path, kind in kinds.items():
        assert isinstance(open_place(str(path), writes=False), kind)


def test_a_report_changes_nothing(tmp_path: Path) -> None:
    """Without a mode that changes, no byte moves, and no file is made."""
    (tmp_path / "one.eml").write_bytes(CARD)
    scope = through(FilesMailbox(tmp_path), Mode.REPORT)
    assert (dict(scope.kinds), scope.states[State.FOUND]) == ({"pan visa": 1, "expiry": 1}, 1)
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("one.eml", CARD)]


def test_a_message_that_is_too_large_counts_as_unread(tmp_path: Path) -> None:
    """Beyond the limit a message is not read, and the report says so."""
    (tmp_path / "one.eml").write_bytes(CARD)
    assert dict(through(FilesMailbox(tmp_path), Mode.REDACT, max_octets=10).unread) == {"limit:message-size": 1}


def test_a_message_that_vanishes(tmp_path: Path) -> None:
    """What somebody else deletes meanwhile is gone, and no error."""
    for name in ("cur", "new", "tmp"):
        (tmp_path / name).mkdir()
    mailbox = MaildirMailbox(tmp_path)
    gone = Message("INBOX", "1.M1.host", 5)
    for act in (mailbox.read, lambda m: mailbox.move(m, "x"), lambda m: mailbox.replace(m, b"", resumed=False)):
        with pytest.raises(GoneError):
            act(gone)


def test_flags_that_change_meanwhile(tmp_path: Path) -> None:
    """A Maildir's message is found under whatever flags it has now, and its copy gets them."""
    for name in ("cur", "new", "tmp"):
        (tmp_path / name).mkdir()
    (tmp_path / "new/1.M1.host").write_bytes(CARD)
    mailbox = MaildirMailbox(tmp_path)
    (message,) = mailbox.messages("INBOX")
    (tmp_path / "new/1.M1.host").rename(tmp_path / "cur/1.M1.host:2,FS")
    mailbox.replace(message, CLEAN, resumed=False)
    (path,) = (tmp_path / "cur").iterdir()
    assert (path.name[-5:], path.read_bytes()) == (":2,FS", CLEAN)


def test_a_killed_run_leaves_a_copy_that_is_known_again(tmp_path: Path) -> None:
    """A kill between copy and deletion leaves both; the next run deletes the original and writes no third."""
    for name in ("cur", "new", "tmp"):
        (tmp_path / name).mkdir()
    (tmp_path / "cur/1.M1.host:2,").write_bytes(CARD)
    mailbox, journal = MaildirMailbox(tmp_path), Journal(tmp_path / "journal", changes=True)
    (message,) = mailbox.messages("INBOX")
    journal.note(message, State.BEGUN)
    journal.close()
    (tmp_path / f"cur/1.M1.host.{message.mark}:2,").write_bytes(CLEAN)
    through(mailbox, Mode.REDACT, tmp_path / "journal")
    assert [path.read_bytes() for path in (tmp_path / "cur").iterdir()] == [CLEAN]


def test_a_journal_that_was_cut_off(tmp_path: Path) -> None:
    """A last line that is not whole is forgotten, and what is written next stands on a line of its own."""
    one, two = Message("f", "1", 1), Message("f", "2", 1)
    journal = Journal(tmp_path / "journal", changes=True)
    journal.note(one, State.CLEAN)
    journal.note(two, State.REDACTED)
    journal.close()
    whole = (tmp_path / "journal").read_bytes()
    (tmp_path / "journal").write_bytes(whole[:-3])
    again = Journal(tmp_path / "journal", changes=True)
    assert (again.is_done(one), again.is_done(two)) == (True, False)
    again.note(two, State.REDACTED)
    again.close()
    assert (tmp_path / "journal").read_bytes() == whole


def test_what_was_reported_is_looked_at_again_to_be_redacted(tmp_path: Path) -> None:
    """The journal of a report does not keep a later run from redacting what it found."""
    (tmp_path / "mails").mkdir()
    (tmp_path / "mails/one.eml").write_bytes(CARD)
    (tmp_path / "mails/two.eml").write_bytes(CLEAN)
    through(FilesMailbox(tmp_path / "mails"), Mode.REPORT, tmp_path / "journal")
    scope = through(FilesMailbox(tmp_path / "mails"), Mode.REDACT, tmp_path / "journal")
    assert sum(scope.messages.values()) == 1
    assert scope.states == {State.CLEAN: 1, State.REDACTED: 1}


@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_an_mbox_keeps_its_messages_apart(end: bytes, tmp_path: Path) -> None:
    """With either line end each message is one; what could be taken for a separator is quoted when it is written."""
    parts = (b"From a@b.example now\n" + CARD, b"\nFrom a@b.example now\n" + CLEAN, b"\nFrom a@b.example now\n" + CARD)
    (tmp_path / "box").write_bytes(b"".join(parts).replace(b"\n", end))
    mailbox = MboxMailbox(tmp_path / "box", writes=True)
    first, second, third = mailbox.messages("box")
    assert [mailbox.read(one).replace(b"\r\n", b"\n") for one in (first, second, third)] == [CARD, CLEAN, CARD]
    mailbox.replace(second, b"Subject: new" + end * 2 + b"From here" + end, resumed=False)
    mailbox.finish("box")
    assert len(list(MboxMailbox(tmp_path / "box", writes=False).messages("box"))) == 3
    assert b">From here" in (tmp_path / "box").read_bytes()


def test_files_have_no_folders_to_move_to(tmp_path: Path) -> None:
    """--move on files is one sentence, and changes nothing."""
    (tmp_path / "one.eml").write_bytes(CARD)
    with pytest.raises(OSError, match="--redact"):
        through(FilesMailbox(tmp_path), Mode.MOVE, target="x")
    assert (tmp_path / "one.eml").read_bytes() == CARD
