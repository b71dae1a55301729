"""Independent mail readers: each turns messages into everything it shows of them.

In: raw messages by name. Out: for each reader, for each message, the texts it shows (decoded header fields, bodies,
names and contents of attachments). A reader that chokes on a message shows nothing of it; that is what its user sees.

Readers in other languages run once over all messages (``readers/``); small Debian programs run once a message;
Python's run here. A reader that is not installed is left out and named by :func:`missing`.
"""

from __future__ import annotations

import base64
import contextlib
import email
import email.header
import email.policy
import json
import re
import shutil
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tests.oracle.leaks import texts_of

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE = Path(__file__).parent / "readers"
NODE = Path(__file__).parents[2] / "var" / "peers" / "node"
DEADLINE_S = 120
Shown = list[str]


@dataclass(frozen=True, slots=True)
class Batch:
    """A program that reads paths on stdin and answers one JSON line for each; ``names`` are the readers in it."""

    names: tuple[str, ...]
    command: tuple[str, ...]
    probe: tuple[str, ...]
    install: str


BATCHES = (
    Batch(
        ("mailparser", "postal-mime", "letterparser", "emailjs-mime-parser"),
        ("node", str(HERE / "node_readers.mjs"), str(NODE)),
        ("node", "-e", f"require('node:fs').accessSync('{NODE}/node_modules/mailparser')"),
        "tests/oracle/readers/peers.sh (npm: mailparser postal-mime letterparser emailjs-mime-parser)",
    ),
    Batch(
        ("MIME::Parser", "Email::MIME"),
        ("perl", str(HERE / "perl_readers.pl")),
        ("perl", "-MMIME::Parser", "-MEmail::MIME", "-e", "1"),
        "apt install libmime-tools-perl libemail-mime-perl",
    ),
    Batch(
        ("ruby mail",),
        ("ruby", str(HERE / "ruby_reader.rb")),
        ("ruby", "-e", "require 'mail'"),
        "apt install ruby-mail",
    ),
    Batch(
        ("php mailparse",),
        ("php", str(HERE / "php_reader.php")),
        ("php", "-r", "exit(function_exists('mailparse_msg_create') ? 0 : 1);"),
        "apt install php-cli php-mailparse",
    ),
    Batch(
        ("gmime",),
        ("/usr/bin/python3", str(HERE / "gmime_reader.py")),
        ("/usr/bin/python3", "-c", "import gi; gi.require_version('GMime', '3.0')"),
        "apt install gir1.2-gmime-3.0 python3-gi",
    ),
)


@dataclass(frozen=True, slots=True)
class Program:
    """A program that is run once a message. ``{in}`` is its path, ``{out}`` an empty folder it may fill."""

    name: str
    command: tuple[str, ...]
    install: str
    stdin: bool = False
    tool: str = ""
    """What must be installed, if it is not the first word of the command."""

    @property
    def there(self) -> bool:
        return shutil.which(self.tool or self.command[0]) is not None


_SECTIONS = 'for s in $(reformime -i <"$1" | sed -n "s/^section: //p"); do reformime -s "$s" -e <"$1"; done'
PROGRAMS = (
    Program("ripmime", ("ripmime", "-i", "{in}", "-d", "{out}", "-e", "{out}/_headers_"), "apt install ripmime"),
    Program("munpack", ("munpack", "-q", "-t", "-f", "-C", "{out}", "{in}"), "apt install mpack"),
    Program("reformime", ("reformime", "-r8"), "apt install maildrop", stdin=True),
    Program("reformime extract", ("sh", "-c", _SECTIONS, "sh", "{in}"), "apt install maildrop", tool="reformime"),
    Program("mshow", ("mshow", "{in}"), "apt install mblaze"),
    Program("mshow extract", ("mshow", "-x", "{in}"), "apt install mblaze"),
    Program("uudeview", ("uudeview", "-q", "-i", "-a", "-p", "{out}", "{in}"), "apt install uudeview"),
)


def _decoded(value: str) -> str:
    return str(email.header.make_header(email.header.decode_header(value)))


def _stdlib(policy: email.policy.Policy) -> Callable[[bytes], Shown]:
    def read(raw: bytes) -> Shown:
        shown: Shown = []
        message = email.message_from_bytes(raw, policy=policy)
        for part in message.walk():
            for name in dict.fromkeys(part.keys()):
                for value in part.get_all(name) or []:
                    shown.append(f"{name}: {value}")
                    with contextlib.suppress(Exception):
                        shown.append(_decoded(str(value)))
            with contextlib.suppress(Exception):
                shown.append(part.get_filename() or "")
            shown += [part.preamble or "", part.epilogue or ""]
            if not part.is_multipart():
                with contextlib.suppress(Exception):
                    shown.append(str(part.get_content()))  # type: ignore[attr-defined]
                with contextlib.suppress(Exception):
                    shown += texts_of(part.get_payload(decode=True) or b"")  # type: ignore[arg-type]
                with contextlib.suppress(Exception):
                    payload = part.get_payload(decode=True)
                    shown.append(payload.decode(part.get_content_charset() or "utf-8", "replace"))  # type: ignore[union-attr]
        return [text.encode("utf-8", "surrogateescape").decode("utf-8", "replace") for text in shown]

    return read


def _mail_parser(raw: bytes) -> Shown:
    import mailparser

    mail = mailparser.parse_from_bytes(raw)
    shown = [
        mail.subject or "",
        mail.body or "",
        *(mail.text_plain or []),
        *(mail.text_html or []),
        mail.headers_json or "",
    ]
    for attachment in mail.attachments:
        shown.append(attachment["filename"] or "")
        payload = attachment["payload"]
        if attachment.get("binary"):
            with contextlib.suppress(ValueError):
                shown += texts_of(base64.b64decode(payload))
        shown.append(payload)
    return shown


def _fast_mail_parser(raw: bytes) -> Shown:
    import fast_mail_parser

    mail = fast_mail_parser.parse_email(raw)
    shown = [mail.subject or "", *mail.text_plain, *mail.text_html]
    shown += [f"{name}: {value}" for name, value in mail.headers.items()]
    for attachment in mail.attachments:
        shown.append(attachment.filename or "")
        shown += texts_of(bytes(attachment.content))
    return shown


HERE_READERS: Mapping[str, Callable[[bytes], Shown]] = {
    "stdlib compat32": _stdlib(email.policy.compat32),
    "stdlib default": _stdlib(email.policy.default),
    "mail-parser": _mail_parser,
    "fast-mail-parser": _fast_mail_parser,
}


def _module_there(name: str) -> bool:
    module = {"mail-parser": "mailparser", "fast-mail-parser": "fast_mail_parser"}.get(name, "email")
    try:
        __import__(module)
    except ImportError:
        return False
    return True


def _runs(command: tuple[str, ...]) -> bool:
    if shutil.which(command[0]) is None:
        return False
    return subprocess.run(command, capture_output=True, timeout=60, check=False).returncode == 0


def missing() -> dict[str, str]:
    """Return the readers that are not installed, with what installs them."""
    absent = {name: f"pip install {name}" for name in HERE_READERS if not _module_there(name)}
    absent |= {program.name: program.install for program in PROGRAMS if not program.there}
    absent |= {name: batch.install for batch in BATCHES if not _runs(batch.probe) for name in batch.names}
    if shutil.which("notmuch") is None:
        absent["notmuch"] = "apt install notmuch"
    return absent


def reader_names() -> tuple[str, ...]:
    """Return the names of all readers, installed or not."""
    batched = [name for batch in BATCHES for name in batch.names]
    return (*HERE_READERS, *batched, *(program.name for program in PROGRAMS), "notmuch")


def _answers(batch: Batch, paths: list[Path]) -> Iterator[dict[str, dict[str, list[str]]]]:
    """Yield an answer for each path; a message that kills the program gets an empty one, and the rest are read anew."""
    while paths:
        done = subprocess.run(
            batch.command,
            input="".join(f"{p}\n" for p in paths).encode(),
            capture_output=True,
            timeout=DEADLINE_S,
            check=False,
        )
        lines = [line for line in done.stdout.splitlines(keepends=True) if line.endswith(b"\n")]
        yield from (json.loads(line) for line in lines)
        assert lines or done.returncode, f"{batch.names} says nothing: {done.stderr[-300:]!r}"
        if len(lines) < len(paths):
            yield {name: {"text": [], "data": []} for name in batch.names}
        paths = paths[len(lines) + 1 :]


def _in_batch(batch: Batch, paths: list[Path]) -> Iterator[tuple[str, list[Shown]]]:
    answers = list(_answers(batch, paths))
    for name in batch.names:
        shown = []
        for answer in answers:
            entry = answer[name]
            texts = [text for text in entry["text"] if text]
            for data in entry["data"]:
                texts += texts_of(base64.b64decode(data))
            shown.append(texts)
        yield name, shown


def _by_program(program: Program, path: Path) -> Shown:
    with tempfile.TemporaryDirectory() as folder:
        command = [word.format(**{"in": path, "out": folder}) for word in program.command]
        try:
            done = subprocess.run(
                command,
                input=path.read_bytes() if program.stdin else b"",
                capture_output=True,
                timeout=20,
                check=False,
                cwd=folder,
            )
        except subprocess.TimeoutExpired:
            return []
        shown = list(texts_of(done.stdout))
        for file in sorted(Path(folder).rglob("*")):
            shown.append(file.name.encode("utf-8", "surrogateescape").decode("utf-8", "replace"))
            if file.is_file():
                shown += texts_of(file.read_bytes())
    return shown


def _strings(tree: object) -> Iterator[str]:
    match tree:
        case str():
            yield tree
        case dict():
            for value in tree.values():
                yield from _strings(value)
        case list():
            for value in tree:
                yield from _strings(value)


def _notmuch(messages: list[bytes]) -> list[Shown]:
    """Index all messages in one throw-away database; each gets a Message-ID of its own, as notmuch asks for."""
    with tempfile.TemporaryDirectory() as folder:
        mail = Path(folder) / "mail" / "cur"
        for side in ("cur", "new", "tmp"):
            (mail.parent / side).mkdir(parents=True)
        config = Path(folder) / "config"
        config.write_text(
            f"[database]\npath={mail.parent}\n[user]\nname=x\nprimary_email=x@example.org\n[new]\ntags=new\n"
        )
        for number, raw in enumerate(messages):
            own = f"Message-ID: <oracle{number}@example.org>".encode()
            text, count = re.subn(rb"(?im)^Message-ID: <[^>\r\n]*>", own, raw, count=1)
            (mail / f"{number:05d}:2,S").write_bytes(text if count else own + b"\n" + raw)
        environment = {"NOTMUCH_CONFIG": str(config), "PATH": "/usr/bin:/bin", "HOME": folder, "LC_ALL": "C.UTF-8"}
        base = {"capture_output": True, "timeout": DEADLINE_S, "check": False, "env": environment}
        subprocess.run(["notmuch", "new", "--quiet"], **base)  # type: ignore[call-overload]
        done = subprocess.run(  # type: ignore[call-overload]
            ["notmuch", "show", "--format=json", "--include-html", "--entire-thread=false", "--body=true", "*"], **base
        )
        shown: list[Shown] = [[] for _ in messages]
        if done.returncode == 0:
            for entry in _messages(json.loads(done.stdout.decode("utf-8", "replace"))):
                number = re.match(r"oracle(\d+)@", entry.get("id", ""))
                if number:
                    shown[int(number[1])] += _strings(entry)
        return shown


def _messages(tree: object) -> Iterator[dict[str, object]]:
    """Yield the message objects of notmuch's nested lists."""
    match tree:
        case {"id": _, "headers": _}:
            yield tree
        case list():
            for branch in tree:
                yield from _messages(branch)


def quietly(read: Callable[[bytes], Shown], raw: bytes) -> Shown:
    """Return what a reader of :data:`HERE_READERS` shows, nothing if it fails."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return read(raw)
        except Exception:
            return []


def read_all(messages: Mapping[str, bytes]) -> dict[str, dict[str, Shown]]:
    """Return ``{reader: {message name: texts}}`` for every installed reader."""
    absent = missing()
    names, raws = list(messages), list(messages.values())
    shown: dict[str, dict[str, Shown]] = {}
    sys.setrecursionlimit(max(sys.getrecursionlimit(), 5000))
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(3) as pool:
        paths = [Path(folder) / f"{number:05d}.eml" for number in range(len(raws))]
        for path, raw in zip(paths, raws, strict=True):
            path.write_bytes(raw)
        batches = [pool.submit(lambda b: list(_in_batch(b, paths)), b) for b in BATCHES if b.names[0] not in absent]
        programs = {
            p.name: [pool.submit(_by_program, p, path) for path in paths] for p in PROGRAMS if p.name not in absent
        }
        for name, read in HERE_READERS.items():
            if name not in absent:
                shown[name] = dict(zip(names, (quietly(read, raw) for raw in raws), strict=True))
        if "notmuch" not in absent:
            shown["notmuch"] = dict(zip(names, _notmuch(raws), strict=True))
        for batch in batches:
            shown |= {name: dict(zip(names, texts, strict=True)) for name, texts in batch.result()}
        for name, answers in programs.items():
            shown[name] = dict(zip(names, (answer.result() for answer in answers), strict=True))
    return shown
