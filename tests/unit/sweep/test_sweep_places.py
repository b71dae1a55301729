"""Places, journals, and messages that vanish, without a server."""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path

import pytest

from pansentry.cli.inputs import read_policy
from pansentry.sweep.files import FilesMailbox, MboxMailbox
from pansentry.sweep.imap import own_folders, parse_place
from pansentry.sweep.journal import Journal, State
from pansentry.sweep.judgement import judge
from pansentry.sweep.judges import Judges
from pansentry.sweep.mailbox import Change, Mailbox, Message
from pansentry.sweep.maildir import MaildirMailbox
from pansentry.sweep.places import open_place
from pansentry.sweep.sweep import Mode, Scope, Task, sweep

CARD = b"From: a@b.example\nSubject: card\n\nVisa 4111 1111 1111 1111 exp 09/28\n"
CLEAN = b"From: a@b.example\nSubject: hi\n\nhello\n"


def through(mailbox: Mailbox, mode: Mode, journal: Path | None = None, **more: object) -> Scope:
    """Sweep a mailbox and return the numbers."""
    scope, book = Scope(), Journal(journal, changes=mode is not Mode.REPORT)
    task = Task(mode, **more)  # type: ignore[arg-type]
    for _, scope in sweep(mailbox, lambda raw: partial(judge, raw), book, task):  # noqa: B007
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


@pytest.mark.parametrize(
    ("has_labels", "folders"), [(False, ["INBOX", "Junk", "Sent"]), (True, ["All", "Junk"])], ids=["folders", "labels"]
)
def test_folders_that_hold_messages(has_labels: bool, folders: list[str]) -> None:
    """Folders that only show messages of others are left out; where folders are labels, the one with all is taken."""
    listed = [
        ((b"\\HasNoChildren",), b"/", "INBOX"),
        ((b"\\Sent",), b"/", "Sent"),
        ((b"\\All",), b"/", "All"),
        ((b"\\Flagged",), b"/", "Starred"),
        ((b"\\Junk",), b"/", "Junk"),
        ((b"\\HasChildren", b"\\Noselect"), b"/", "[Gmail]"),
    ]
    assert own_folders(listed, has_labels=has_labels) == folders


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
    assert mailbox.read([gone]) == {}
    assert mailbox.move([gone], "x") == {gone}
    assert mailbox.replace([Change(gone, "mark", b"")], ()) == {gone}
    assert FilesMailbox(tmp_path).replace([Change(gone, "mark", b"")], ()) == {gone}


def test_flags_that_change_meanwhile(tmp_path: Path) -> None:
    """A Maildir's message is found under whatever flags it has now, and its copy gets them."""
    for name in ("cur", "new", "tmp"):
        (tmp_path / name).mkdir()
    (tmp_path / "new/1.M1.host").write_bytes(CARD)
    mailbox = MaildirMailbox(tmp_path)
    (message,) = mailbox.messages("INBOX")
    (tmp_path / "new/1.M1.host").rename(tmp_path / "cur/1.M1.host:2,FS")
    mailbox.replace([Change(message, "mark", CLEAN)], ())
    (path,) = (tmp_path / "cur").iterdir()
    assert (path.name[-5:], path.read_bytes()) == (":2,FS", CLEAN)


def test_a_killed_run_leaves_a_copy_that_is_known_again(tmp_path: Path) -> None:
    """A kill between copy and deletion leaves both; the next run deletes the original and writes no third."""
    for name in ("cur", "new", "tmp"):
        (tmp_path / name).mkdir()
    (tmp_path / "cur/1.M1.host:2,").write_bytes(CARD)
    mailbox, journal = MaildirMailbox(tmp_path), Journal(tmp_path / "journal", changes=True)
    (message,) = mailbox.messages("INBOX")
    journal.begin("INBOX", [journal.mark(message)], mailbox.horizon("INBOX"))
    journal.close()
    (tmp_path / f"cur/1.M1.host.{journal.mark(message)}:2,").write_bytes(CLEAN)
    scope = through(mailbox, Mode.REDACT, tmp_path / "journal")
    assert scope.states == {State.REDACTED: 1, State.CLEAN: 1}
    assert [path.read_bytes() for path in (tmp_path / "cur").iterdir()] == [CLEAN]


def test_a_journal_that_was_cut_off(tmp_path: Path) -> None:
    """A last line that is not whole is forgotten, and what is written next stands on a line of its own."""
    journal = Journal(tmp_path / "journal", changes=True)
    one, two = (journal.mark(Message("f", key, 1)) for key in "12")
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
    read = mailbox.read((first, second, third))
    assert [raw.replace(b"\r\n", b"\n") for raw in read.values()] == [CARD, CLEAN, CARD]
    mailbox.replace([Change(second, "mark", b"Subject: new" + end * 2 + b"From here" + end)], ())
    mailbox.finish("box")
    assert len(list(MboxMailbox(tmp_path / "box", writes=False).messages("box"))) == 3
    assert b">From here" in (tmp_path / "box").read_bytes()


def test_files_have_no_folders_to_move_to(tmp_path: Path) -> None:
    """--move on files is one sentence, and changes nothing."""
    (tmp_path / "one.eml").write_bytes(CARD)
    with pytest.raises(OSError, match="--redact"):
        through(FilesMailbox(tmp_path), Mode.MOVE, target="x")
    assert (tmp_path / "one.eml").read_bytes() == CARD


def test_a_file_that_is_no_journal_is_left_alone(tmp_path: Path) -> None:
    """Whoever names another file as the journal is told so, and the file keeps every byte."""
    (tmp_path / "important.txt").write_bytes(b"all that I own\n")
    with pytest.raises(ValueError, match="no journal"):
        Journal(tmp_path / "important.txt", changes=True)
    assert (tmp_path / "important.txt").read_bytes() == b"all that I own\n"


def test_marks_cannot_be_guessed(tmp_path: Path) -> None:
    """A mark is the same in every run with a journal, and another one with another journal."""
    message, marks = Message("INBOX", "1/1", 5), []
    for name in ("one", "one", "two"):
        journal = Journal(tmp_path / name, changes=True)
        marks.append(journal.mark(message))
        journal.close()
    assert marks[0] == marks[1] != marks[2]


def test_what_a_killed_run_had_finished_but_not_noted(tmp_path: Path) -> None:
    """An original that is gone is counted as redacted if its copy is there, and as gone if not."""
    for name in ("cur", "new", "tmp"):
        (tmp_path / name).mkdir()
    journal = Journal(tmp_path / "journal", changes=True)
    marks = [journal.mark(Message("INBOX", f"{number}.M1.host", 5)) for number in range(2)]
    journal.begin("INBOX", marks, "-")
    journal.close()
    (tmp_path / f"cur/0.M1.host.{marks[0]}:2,").write_bytes(CLEAN)
    scope = through(MaildirMailbox(tmp_path), Mode.REDACT, tmp_path / "journal")
    assert scope.states == {State.REDACTED: 1, State.GONE: 1, State.CLEAN: 1}


def test_a_report_between_a_kill_and_the_next_run(tmp_path: Path) -> None:
    """Whoever looks with the same journal, and another policy, makes nobody forget the copy that a kill has left."""
    for name in ("cur", "new", "tmp"):
        (tmp_path / name).mkdir()
    (tmp_path / "cur/1.M1.host:2,").write_bytes(CARD)
    mailbox, journal = MaildirMailbox(tmp_path), Journal(tmp_path / "journal", changes=True)
    (message,) = mailbox.messages("INBOX")
    mark = journal.mark(message)
    journal.begin("INBOX", [mark], "-")
    journal.close()
    (tmp_path / f"cur/1.M1.host.{mark}:2,").write_bytes(CLEAN)
    for state in (State.FOUND, State.CLEAN):
        journal = Journal(tmp_path / "journal", changes=False)
        journal.note(mark, state)
        journal.close()
    through(mailbox, Mode.REDACT, tmp_path / "journal")
    assert [path.read_bytes() for path in (tmp_path / "cur").iterdir()] == [CLEAN]


def test_a_mail_that_is_opened_meanwhile(tmp_path: Path) -> None:
    """A message that wanders from new to cur while the folder is gone through is looked at once."""
    for name in ("cur", "new", "tmp"):
        (tmp_path / name).mkdir()
    for number in range(3):
        (tmp_path / f"new/{number}.M1.host").write_bytes(CARD)
    seen = []
    for message in MaildirMailbox(tmp_path).messages("INBOX"):
        seen.append(message.key)
        if len(seen) == 1:
            (tmp_path / "new/2.M1.host").rename(tmp_path / "cur/2.M1.host:2,RS")
    assert seen == ["0.M1.host", "1.M1.host", "2.M1.host"]


def test_changes_are_made_in_their_order_and_in_parts(tmp_path: Path) -> None:
    """More messages than are changed at one time are all replaced; those between them stay as they are."""
    for name in ("cur", "new", "tmp"):
        (tmp_path / name).mkdir()
    for number in range(250):
        (tmp_path / f"cur/{number:03}.M1.host:2,S").write_bytes(CLEAN if number % 10 == 0 else CARD)
    scope = through(MaildirMailbox(tmp_path), Mode.REDACT, tmp_path / "journal")
    assert scope.states == {State.REDACTED: 225, State.CLEAN: 25}
    files = sorted((tmp_path / "cur").iterdir())
    assert [path.name[:3] for path in files] == [f"{number:03}" for number in range(250)]
    assert not [path for path in files if b"4111 1111" in path.read_bytes()]


def test_messages_are_judged_in_processes() -> None:
    """Processes judge as this one does, and say it in the order of the questions."""
    judges = Judges(2, partial(read_policy, None))
    try:
        waiting = [judges.begin(raw) for raw in (CARD, CLEAN) * 3]
        assert [one() for one in waiting] == [judge(CARD), judge(CLEAN)] * 3
    finally:
        judges.close()


def test_a_process_that_ends(tmp_path: Path) -> None:
    """A message at which processes end again and again is unread, stays as it is, and the sweep goes on."""
    (tmp_path / "one.eml").write_bytes(CARD)
    judges = Judges(1, partial(os._exit, 3))
    try:
        scope, journal = Scope(), Journal(None, changes=True)
        for _, scope in sweep(FilesMailbox(tmp_path), judges.begin, journal, Task(Mode.REDACT)):  # noqa: B007
            pass
    finally:
        judges.close()
    assert (scope.states, scope.unread) == ({State.UNREAD: 1}, {"crash": 1})
    assert (tmp_path / "one.eml").read_bytes() == CARD
