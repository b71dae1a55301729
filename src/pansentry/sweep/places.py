"""How a place is written: a path (Maildir, mbox, folder of ``.eml`` files) or ``imaps://USER@HOST``."""

from __future__ import annotations

from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from pansentry.sweep.files import FilesMailbox, MboxMailbox
from pansentry.sweep.maildir import MaildirMailbox, is_maildir

if TYPE_CHECKING:
    from pansentry.sweep.mailbox import Mailbox


def is_remote(place: str) -> bool:
    """Tell whether a place is on a server, and so needs a password or a token."""
    return place.startswith(("imap://", "imaps://"))


def open_place(place: str, *, writes: bool, password: str = "", token: str = "") -> Mailbox:
    """Open a place. Raises ValueError with a fix for what is none, OSError for one that cannot be had."""
    if is_remote(place):
        from pansentry.sweep.imap import ImapMailbox, parse_place

        if find_spec("imapclient") is None:
            raise ValueError("Mailboxes on servers need the extra `imap`: pip install 'pansentry[imap]'.")
        return ImapMailbox(replace(parse_place(place), password=password, token=token), writes=writes)
    path = Path(place)
    if path.suffix.lower() in (".pst", ".ost"):
        raise ValueError("Outlook's data files are not read. Sweep the mailbox over IMAP, or let readpst make an mbox.")
    if path.is_dir():
        return MaildirMailbox(path) if is_maildir(path) else FilesMailbox(path)
    if not path.is_file():
        raise ValueError("There is no such file or folder. Write a path, or imaps://USER@HOST.")
    with path.open("rb") as file:
        is_mbox = file.read(5) == b"From "
    return MboxMailbox(path, writes=writes) if is_mbox and path.suffix.lower() != ".eml" else FilesMailbox(path)
