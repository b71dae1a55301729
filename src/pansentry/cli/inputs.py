"""What commands read: a message, a tree of mails, a policy. Unreadable input is one clear sentence, exit code 2."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pansentry.policy import Policy

policy_option = click.option(
    "--policy", type=click.Path(exists=True, path_type=Path), help="A policy file; otherwise the shipped default."
)


@dataclass(frozen=True, slots=True)
class Input:
    """One thing to look at: ``name`` for people, ``kind`` is ``message``, ``text`` or ``document`` (not opened)."""

    name: str
    kind: str
    data: bytes = field(repr=False)


def read_input(source: str) -> bytes:
    """Return the bytes of a file, or of standard input for ``-``."""
    if source == "-":
        return sys.stdin.buffer.read()
    try:
        return Path(source).read_bytes()
    except OSError as error:
        raise click.ClickException(f"{source} cannot be read: {error.strerror}.") from None


def read_policy(path: Path | None) -> Policy | None:
    """Return the policy in ``path`` (a file, or a folder with a policy for everyone); None for the default."""
    if path is None:
        return None
    from pansentry.policy.loading import load_policies, parse_policy

    return load_policies(path).fallback if path.is_dir() else parse_policy(path.read_bytes(), str(path))[0]


_TEXT_DOCUMENTS = (".html", ".htm", ".xml", ".rtf", ".ics", ".vcf", ".tsv", ".csv", ".json", ".txt", ".md", ".log")


def inputs(paths: tuple[str, ...]) -> Iterator[Input]:
    """Yield every message below ``paths``: ``.eml`` files, mbox files, Maildirs, folders; ``-`` is standard input."""
    for path in paths or ("-",):
        if path == "-":
            yield from _of_bytes("-", "", read_input("-"))
        elif Path(path).is_dir():
            yield from _folder(Path(path))
        else:
            yield from _file(Path(path))


def _folder(folder: Path) -> Iterator[Input]:
    """Yield what is in a folder, in a stable order; a Maildir's ``tmp`` holds mail that is not complete."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.name.startswith(".") and path.parent.name != "tmp":
            yield from _file(path)


def _file(path: Path) -> Iterator[Input]:
    yield from _of_bytes(str(path), path.suffix.lower(), read_input(str(path)))


def _of_bytes(name: str, suffix: str, data: bytes) -> Iterator[Input]:
    if data.startswith(b"From ") and suffix != ".eml":
        yield from _mbox(name, data)
    elif suffix in (".txt", ".csv", ".log", ".json", ".md"):
        yield Input(name, "text", data)
    elif is_document(suffix, data):
        yield Input(name, "document", data)
    else:
        yield Input(name, "message", data)


def is_document(suffix: str, data: bytes) -> bool:
    """Say whether an input is a document and no message: by its content, or a text by the name it has on disk."""
    from pansentry.formats.recognise import text_kind
    from pansentry.views.document import kind_of

    return bool(kind_of(data)) or (suffix in _TEXT_DOCUMENTS and text_kind(data) != "eml")


def _mbox(name: str, data: bytes) -> Iterator[Input]:
    """Yield the messages of an mbox (RFC 4155)."""
    from pansentry.formats.mbox import messages

    for number, (_, start, end) in enumerate(messages(data), 1):
        yield Input(f"{name}#{number}", "message", data[start:end])
