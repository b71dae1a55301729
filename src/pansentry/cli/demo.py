"""``pansentry demo``: the whole gateway on this machine, fed with sample mails over real SMTP.

Prints for each mail what came in (masked), what was delivered and the letter that was sent, then keeps serving.
Everything lies below one folder: the mailbox, the letters, the database.
"""

from __future__ import annotations

import asyncio
import shutil
import signal
import socket
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from email.message import EmailMessage

    from pansentry.configuration import Configuration

LETTER_DEADLINE_S = 10.0
WIDTH = 88
_NAMES = {"pan": "card number", "cvv": "security code", "expiry": "expiry date", "track": "magnetic stripe"}
_WINDOWED = {"window": "this customer was answered already, once in 7 days is enough", "answered": "answered already"}


@dataclass(slots=True)
class Watch:
    """The gateway's log, kept in memory: what was decided about the last message, and about its letter."""

    seen: dict[str, dict[str, str | int | float]] = field(default_factory=dict)

    def __call__(self, event: str, /, **fields: str | float) -> None:
        self.seen[event] = dict(fields)


@click.command()
@click.option("--once", is_flag=True, help="End after the samples.")
@click.option(
    "--folder", type=click.Path(file_okay=False, path_type=Path), default="var/demo", help="For state and mail."
)
@click.option("--port", type=click.IntRange(0, 65535), default=2525, help="Port to listen on; 0 takes a free one.")
def command(once: bool, folder: Path, port: int) -> None:
    """Start a gateway with an embedded mailbox, send it sample mails, show what happened, keep serving."""
    from pansentry import logs, shipped
    from pansentry.configuration import load
    from pansentry.smtp.event_loop import new_event_loop

    for name in ("state", "mailbox", "letters", "policies"):
        shutil.rmtree(folder / name, ignore_errors=True)
    shutil.copytree(shipped.examples() / "demo", folder, dirs_exist_ok=True)
    folder = folder.absolute()
    port = 0 if once and not _is_free(port) else port
    configuration = load(
        folder / "pansentry.yaml",
        {
            "PANSENTRY_LISTEN": f'[{{"address": "127.0.0.1:{port}"}}]',
            "PANSENTRY_NEXT_HOP": f"maildir:{folder}/mailbox",
            "PANSENTRY_REPLY_VIA": f"maildir:{folder}/letters",
        },
    )
    logs.configure(configuration.log.level, configuration.log.format)
    mails = sorted((shipped.examples() / "mails").glob("*.eml"))
    with asyncio.Runner(loop_factory=new_event_loop) as runner:
        runner.run(_demonstrate(configuration, folder, mails, once=once))


async def _demonstrate(configuration: Configuration, folder: Path, mails: Sequence[Path], *, once: bool) -> None:
    from pansentry.gateway import start

    watch = Watch()
    gateway = await start(configuration, watch)
    try:
        port = gateway.listeners[0].port
        click.secho(f"PanSentry listens on 127.0.0.1:{port} and delivers to {folder}/mailbox", bold=True)
        for number, path in enumerate(mails, 1):
            watch.seen.clear()
            click.echo("\n" + f"── {number} of {len(mails)} ── {path.name} ".ljust(WIDTH, "─"))
            await _show(path.read_bytes(), folder, port, watch)
        click.echo("\n" + "─" * WIDTH)
        if once:
            return
        click.secho("Serving. Send more with any mail program, for example:", bold=True)
        click.echo(f"  swaks --server 127.0.0.1:{port} --to orders@shop.example --body 'Visa 4111 1111 1111 1111'")
        click.echo("Ctrl-C ends.")
        stop = asyncio.Event()
        for signum in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(signum, stop.set)
        await stop.wait()
    finally:
        await gateway.stop()


async def _show(raw: bytes, folder: Path, port: int, watch: Watch) -> None:
    """Send one mail over SMTP and print what became of it."""
    import aiosmtplib

    from pansentry.report.words import SILENCE

    known = {path for box in ("mailbox", "letters") for path in _mails(folder / box)}
    original = _parse(raw)
    sender = str(original["from"].addresses[0].addr_spec)
    _print("came in", f"{original['from']}: “{_masked(str(original['subject']))}”", _came_in(raw))
    async with aiosmtplib.SMTP(
        hostname="127.0.0.1", port=port, start_tls=False, local_hostname="customer.example"
    ) as client:
        _, answer = await client.sendmail(sender, ["orders@shop.example"], raw, mail_options=["BODY=8BITMIME"])
    delivered = next(path.read_bytes() for path in _mails(folder / "mailbox") if path not in known)
    if delivered.endswith(raw):
        _print("delivered", click.style("byte for byte as it came", fg="green"), ())
    else:
        _print("delivered", click.style(f"redacted (answer to the client: {answer})", fg="green"), _body(delivered))
    verdict, filed = watch.seen.get("message", {}), watch.seen.get("letter.filed", {})
    if not verdict.get("letter"):
        silence = str(verdict.get("silence"))
        why = SILENCE.get(silence, silence) if verdict.get("found") else "nothing was found"
        _print("letter", f"none: {why}", ())
    elif filed.get("grant") != "granted":
        _print("letter", f"none: {_WINDOWED.get(str(filed.get('grant')), filed.get('grant'))}", ())
    else:
        letter = await _letter(folder, known)
        _print("letter", f"to {_parse(letter)['to']}: “{_parse(letter)['subject']}”", _body(letter))


async def _letter(folder: Path, known: set[Path]) -> bytes:
    """Wait for the outbox to have sent the letter."""
    async with asyncio.timeout(LETTER_DEADLINE_S):
        while not (new := [path for path in _mails(folder / "letters") if path not in known]):  # noqa: ASYNC110  a mailbox is watched as a mail program does
            await asyncio.sleep(0.02)
    return new[0].read_bytes()


def _came_in(raw: bytes) -> Iterator[str]:
    """Yield the lines of the mail that hold card data, with every character of it covered."""
    from pansentry.envelope import Envelope
    from pansentry.pipeline import Desk, inspect
    from pansentry.policy import default_policy

    inspection = inspect(raw, Envelope(), Desk(default_policy()))
    hits = [hit for hit in inspection.hits if hit.view.kind in ("text", "html", "header")]
    lines: dict[str, None] = {}
    for view in dict.fromkeys(hit.view for hit in hits):
        spans = sorted((hit.finding.start, hit.finding.end) for hit in hits if hit.view is view)
        covered = list(view.text)
        for start, end in spans:
            covered[start:end] = ["•" if character.isalnum() else character for character in covered[start:end]]
        rows = "".join(covered).split("\n")
        lines |= dict.fromkeys(" ".join(rows[view.text.count("\n", 0, start)].split()) for start, _ in spans)
    yield from list(lines)[:8]
    names = dict.fromkeys(f"{hit.finding.brand or ''} {_NAMES[hit.finding.kind]}".strip() for hit in inspection.hits)
    if names:
        yield click.style(f"found: {', '.join(names)}", fg="yellow")


def _body(raw: bytes) -> Iterator[str]:
    """Yield the text of a message as a mail program shows it, and the names of its attachments."""
    message = _parse(raw)
    part = message.get_body(("plain", "html"))
    for line in str(part.get_content() if part is not None else "").strip().splitlines():
        yield line.rstrip()
    for attachment in message.iter_attachments():
        yield f"[attachment {attachment.get_filename()}]"
        yield from str(attachment.get_content()).strip().splitlines()


def _masked(text: str) -> str:
    from pansentry.api import redact_text

    return redact_text(text)


def _parse(raw: bytes) -> EmailMessage:
    return message_from_bytes(raw, policy=policy.default)


def _mails(folder: Path) -> list[Path]:
    return sorted((folder / "new").glob("*"))


def _print(label: str, headline: object, lines: Iterator[str] | tuple[str, ...]) -> None:
    click.echo(click.style(f"  {label:<10} ", bold=True) + str(headline))
    for line in lines:
        click.echo(f"  {'':<10} │ {line}")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
