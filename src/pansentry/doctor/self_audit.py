"""The self-audit: send a marked card through a running gateway, then look for it everywhere it must not be.

In: the configuration of the instance, where its logs are, who gets the mail. Out: answers, each about one place.

What is sent: one message from the null reverse-path (so no letter is written) with a published test number in text,
HTML, an attachment, a file name and the Subject, with a security code, an expiry date and a *mark* of random letters
beside it; and before that, without any message, an envelope and commands that carry the number, as odd senders do. Each
place is looked at before too, so that an old trace is told from a new one.

Where it is looked for, in every form of :mod:`pansentry.doctor.traces`: logs (there the mark is looked for as well),
the database with its write-ahead log and free pages, everything else in the state folder, mailboxes on this machine,
temporary folders, files that the processes hold open, deleted ones included, their environment; and whether a core file
could be written.

Known gaps: memory is not searched, it holds card data by design. Logs that are shipped elsewhere are not seen. Codes
and dates are too short to be searched for; the mark stands for them.
"""

from __future__ import annotations

import secrets
import smtplib
import ssl
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from pansentry.doctor import instance
from pansentry.doctor.answer import Answer, failed, passed, skipped, warned
from pansentry.doctor.traces import Trail, files_below, forms_in_file, trail_of
from pansentry.errors import UnavailableError
from pansentry.store.sqlite import sqlite_path

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from pansentry.configuration import Configuration

NUMBERS = ("4000056655665556", "5200828282828210", "6011981111111113", "4917610000000000", "2222400010000008")
"""Test numbers that Stripe and Adyen publish; no bank gives them out, and few programs have them lying about."""
GREETING_S = 5.0
SETTLE_S = 4.0
"""Events are written in batches, a second apart at most; the outbox looks every five."""
_LETTERS = "bcdfghjkmnpqrstvwxyz"
_TEMPORARY = ("/tmp", "/var/tmp", "/dev/shm", "/run")  # noqa: S108
_ANYWHERE = {"0.0.0.0": "127.0.0.1", "[::]": "::1", "": "127.0.0.1"}  # noqa: S104
_REMOVE = "Find out what wrote it, mend that, and remove the file."


@dataclass(frozen=True, slots=True)
class Request:
    """What the admin asked for."""

    recipient: str = ""
    """Who gets the redacted message; empty: postmaster of the first domain."""
    logs: tuple[Path, ...] = ()
    """Files and folders with the gateway's logs."""
    temporary: tuple[Path, ...] = ()
    """Folders for temporary files; empty: those of the system."""
    wait_s: float = SETTLE_S


@dataclass(slots=True)
class Case:
    """One audit under way."""

    configuration: Configuration
    request: Request
    number: str
    mark: str
    began_at: float
    trail: Trail
    with_mark: Trail
    before: set[tuple[Path, str]] = field(default_factory=set)


def self_audit(
    configuration: Configuration, request: Request, sleep: Callable[[float], None] = time.sleep
) -> list[Answer]:
    """Send the card and look for it. Raises UnavailableError if the instance does not answer."""
    mark = "".join(secrets.choice(_LETTERS) for _ in range(24))
    number = secrets.choice(NUMBERS)
    began_at = time.time()
    case = Case(configuration, request, number, mark, began_at, trail_of(number), trail_of(number, mark))
    places = _places(case)
    for files, trail in places.values():
        case.before |= {(path, form) for path in files() for form in _forms(trail, path)}
    code, said = _send(case)
    sleep(request.wait_s)
    answers = [_round_trip(code, said)]
    answers += [_look(name, files, trail, case) for name, (files, trail) in places.items()]
    if not request.logs:
        fix = "Name them: `--log /var/log/pansentry`, or write the journal to a file first."
        answers.append(skipped("logs", "No logs were named, so none were looked at.", fix))
    return [*answers, *_processes(case)]


def _places(case: Case) -> dict[str, tuple[Callable[[], Iterable[Path]], Trail]]:
    """Name the places to look at; the functions list what is there when they are called."""
    configuration = case.configuration
    state = configuration.state_dir
    database = sqlite_path(configuration.store) if configuration.store.startswith("sqlite") else None
    mailboxes = [
        Path(url.partition(":")[2].removeprefix("//"))
        for url in (configuration.next_hop, configuration.reply_via or "")
        if url.startswith("maildir:")
    ]

    temporary = case.request.temporary or _temporary_folders()

    def of_database() -> Iterable[Path]:
        return sorted(database.parent.glob(database.name + "*")) if database is not None else ()

    def of_state() -> Iterable[Path]:
        apart = {*of_database(), *(path for box in mailboxes for path in files_below(box))}
        return [path for path in files_below(state) if path not in apart]

    places: dict[str, tuple[Callable[[], Iterable[Path]], Trail]] = {
        "state folder": (of_state, case.trail),
        "temporary files": (
            lambda: _changed_since(case.began_at, temporary, (state, *mailboxes, *case.request.logs)),
            case.with_mark,
        ),
    }
    if database is not None:
        places["database"] = (of_database, case.trail)
    if mailboxes:
        places["mailboxes"] = (lambda: files_below(*mailboxes), case.trail)
    if case.request.logs:
        places["logs"] = (lambda: files_below(*case.request.logs), case.with_mark)
    return places


def _temporary_folders() -> tuple[Path, ...]:
    return tuple({Path(name).resolve() for name in (*_TEMPORARY, tempfile.gettempdir()) if Path(name).is_dir()})


def _changed_since(at: float, folders: Iterable[Path], apart: Iterable[Path]) -> Iterable[Path]:
    """List files that were written since, and that are in none of the places ``apart`` (looked at by themselves)."""
    elsewhere = {path.resolve() for path in apart}
    found = []
    for path in files_below(*folders):
        try:
            if path.stat().st_mtime >= at - 2 and elsewhere.isdisjoint((path.resolve(), *path.resolve().parents)):
                found.append(path)
        except OSError:
            continue
    return found


def _forms(trail: Trail, path: Path) -> set[str]:
    try:
        return forms_in_file(trail, path)
    except OSError:  # gone meanwhile, or not ours to read: said by `_look`
        return set()


def _look(name: str, files: Callable[[], Iterable[Path]], trail: Trail, case: Case) -> Answer:
    listed = list(files())
    unreadable = 0
    new: list[str] = []
    old: list[str] = []
    for path in listed:
        try:
            forms = forms_in_file(trail, path)
        except FileNotFoundError:
            continue
        except OSError:
            unreadable += 1
            continue
        for form in sorted(forms):
            (old if (path, form) in case.before else new).append(f"{path} ({form})")
    if new:
        return failed(name, f"The card that was sent is in {_listed(new)}.", _REMOVE)
    if old:
        return failed(name, f"This test number was there before: {_listed(old)}.", _REMOVE)
    if unreadable:
        return warned(name, f"{unreadable} of {len(listed)} files could not be read.", "Run the audit as root.")
    if not listed:
        return passed(name, "There is nothing.")
    return passed(name, f"Nothing in {len(listed)} {'file' if len(listed) == 1 else 'files'}.")


def _listed(found: list[str]) -> str:
    more = f" and {len(found) - 3} more" if len(found) > 3 else ""
    return ", ".join(found[:3]) + more


def _send(case: Case) -> tuple[int, str]:
    """Say the number where a number may be said, then send the message; return the final answer."""
    recipient = case.request.recipient or _postmaster(case.configuration)
    try:
        client = reach(case.configuration)
        with client:
            client.ehlo(f"host-{case.number}.example")
            client.docmd("VRFY", case.number)
            client.docmd("NOOP", case.number)
            client.docmd(case.number)
            client.mail(f"{case.number}@audit.example")
            client.rcpt(f"{case.number}@elsewhere.example")
            client.rset()
            client.ehlo("audit.example")
            refusals = client.sendmail("", [recipient], _message(case, recipient))
            return (250, "") if not refusals else (next(iter(refusals.values()))[0], "recipient")
    except smtplib.SMTPRecipientsRefused as refused:
        return next(iter(refused.recipients.values()))[0], "recipient"
    except smtplib.SMTPResponseException as refused:
        return refused.smtp_code, "message"
    except (OSError, smtplib.SMTPException) as error:
        address = case.configuration.listen[0].address
        raise UnavailableError(f"{address} does not answer: {type(error).__name__}") from None


def reach(configuration: Configuration, patience_s: float = 60.0) -> smtplib.SMTP:
    """Connect to the first listener that takes mail, with TLS where it is offered. Raises OSError and SMTPException.

    Its greeting is waited for shortly: a stranger on our port may never say a word.
    """
    listener = next((one for one in configuration.listen if one.protocol != "milter"), None)
    if listener is None:
        raise smtplib.SMTPNotSupportedError("A milter is told about mail; it is sent none.")
    host, _, port = listener.address.rpartition(":")
    host = _ANYWHERE.get(host, host.strip("[]"))
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE  # it is this machine; names may be internal
    if listener.implicit_tls:
        client: smtplib.SMTP = smtplib.SMTP_SSL(host, int(port), timeout=GREETING_S, context=context)
    else:
        client = (smtplib.LMTP if listener.protocol == "lmtp" else smtplib.SMTP)(host, int(port), timeout=GREETING_S)
    assert client.sock is not None
    client.sock.settimeout(patience_s)
    client.ehlo("audit.example")
    if client.has_extn("starttls"):
        client.starttls(context=context)
        client.ehlo("audit.example")
    return client


def _postmaster(configuration: Configuration) -> str:
    first = configuration.domains[0]
    return first if "@" in first else f"postmaster@{first}"


def _message(case: Case, recipient: str) -> bytes:
    """Write the message: the number in every place where a number usually stands."""
    from email.message import EmailMessage
    from email.utils import formatdate

    number, grouped = case.number, " ".join(case.number[i : i + 4] for i in range(0, len(case.number), 4))
    message = EmailMessage()
    message["From"] = f"PanSentry self-audit <self-audit@{case.configuration.hostname}>"
    message["To"] = recipient
    message["Date"] = formatdate()
    message["Message-ID"] = f"<{secrets.token_urlsafe(12)}@{case.configuration.hostname}>"
    message["Auto-Submitted"] = "auto-generated"
    message["Subject"] = f"PanSentry self-audit, card {grouped}: please delete this message"
    text = f"{case.mark}\n\ncard number: {grouped}\nexpiry: 09/29\nsecurity code: 737\n"
    message.set_content(text)
    message.add_alternative(
        f"<p>{case.mark}</p><p>card <b>{grouped}</b>, CVC 737, valid thru 09/29</p>", subtype="html"
    )
    message.add_attachment(f"name,card\n{case.mark},{number}\n", subtype="csv", filename=f"card {number}.csv")
    return message.as_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


def _round_trip(code: int, said: str) -> Answer:
    if code == 250:
        return passed("round trip", "The message was accepted and handed on.")
    if said == "recipient":
        fix = "Name a mailbox that exists: `--to`."
        return warned("round trip", f"The recipient was refused ({code}), so no message went through.", fix)
    if 500 <= code < 600:
        return warned(
            "round trip", f"The message was refused ({code}).", "If a policy of yours refuses cards, all is well."
        )
    return warned("round trip", f"The message was deferred ({code}).", "Look into the log of the gateway.")


def _processes(case: Case) -> list[Answer]:
    port = int(case.configuration.listen[0].address.rpartition(":")[2])
    there = instance.find(port)
    if not there.processes:
        return [skipped("processes", "The processes of the gateway may not be looked into.", "Run the audit as root.")]
    cores, held, told = [], [], []
    try:
        for process in there.processes:
            if (limit := instance.core_limit(process)) != "0":
                cores.append(f"{process} ({limit})")
            for link, name in instance.open_files(process):
                held += [f"{name} ({form})" for form in sorted(_forms(case.trail, link))]
            environment = instance.environment(process)
            if case.trail.forms_in(b"\0".join(environment.values())):
                told.append(str(process))
            told += [name for name in environment if name.startswith("PANSENTRY_") and _is_secret(name)]
    except OSError:
        return [skipped("processes", "The processes of the gateway may not be looked into.", "Run the audit as root.")]
    count = len(there.processes)
    return [
        failed(
            "core files", f"A core file may be written by process {_listed(cores)}.", "Set the limit to 0 at the start."
        )
        if cores
        else passed("core files", f"None can be written by any of {count} processes."),
        failed("open files", f"The card that was sent is in {_listed(held)}.", _REMOVE)
        if held
        else passed("open files", f"Nothing in what {count} processes hold open."),
        warned("environment", f"It holds secrets: {_listed(sorted(set(told)))}.", "Put them in files: `…_FILE`.")
        if told
        else passed("environment", "No card and no secret."),
    ]


def _is_secret(name: str) -> bool:
    return name.endswith(("SECRET", "PASSWORD", "TOKEN"))
