"""``pansentry filter``: one message through the gateway's judgement, from standard input to standard output.

For mail systems that pass a message through a command: an Exim transport filter, a Postfix content filter by pipe(8),
maildrop. Policies, letters, events and held mail are those of the configuration, and of a gateway that runs beside it.
"""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pansentry.cli import EXIT_HELD
from pansentry.cli.stored import config_option
from pansentry.errors import PanSentryError
from pansentry.logs import where

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pansentry.configuration import Configuration
    from pansentry.smtp_reply import Reply

EX_NOPERM, EX_TEMPFAIL = 77, 75
"""sysexits.h; an MTA bounces the one and tries again after the other."""


@click.command()
@config_option
@click.option("-f", "--sender", default="", help="The envelope's reverse-path; none is the null reverse-path.")
@click.option("-r", "--recipient", "recipients", multiple=True, help="A recipient; may be repeated.")
@click.option(
    "--envelope-in-header", is_flag=True, help="Read the envelope from Return-Path and Envelope-To (Exim adds them)."
)
@click.argument("onward", metavar="[-- COMMAND [ARGUMENT]…]", nargs=-1)
def command(
    config: Path | None, sender: str, recipients: tuple[str, ...], envelope_in_header: bool, onward: tuple[str, ...]
) -> None:
    """Take card data out of the message on standard input.

    Without COMMAND the message goes to standard output. With it the message goes to the command's standard input, and
    what follows from a delivery (a letter, an event) happens once the command has said 0.

    Exit code 0: done. 75: try later. 77: refused by policy. 3: held, and so not written (without COMMAND only: with it
    a held mail is done). Mail for domains that are not ours passes as it is.

    \b
    Examples:
      pansentry filter -c FILE -f "$sender" -r "$recipient" < in.eml > out.eml
      pansentry filter -c FILE --envelope-in-header < in.eml > out.eml
      pansentry filter -c FILE -f "$sender" -r "$recipient" -- sendmail -G -i -f "$sender" -- "$recipient"
    """
    try:
        _filter(config, sender, recipients, onward, envelope_in_header=envelope_in_header)
    except click.UsageError:
        raise
    except Exception as failed:  # whatever is wrong with us, the mail stays in the queue that it is in
        what = str(failed) if isinstance(failed, PanSentryError) else f"internal error: {where(failed)}"
        click.echo(f"pansentry: 4.3.0 {what}", err=True)
        raise SystemExit(EX_TEMPFAIL) from None


def _filter(
    config: Path | None,
    sender: str,
    recipients: tuple[str, ...],
    onward: tuple[str, ...],
    *,
    envelope_in_header: bool,
) -> None:
    from pansentry import logs, process
    from pansentry.configuration import load
    from pansentry.reception import is_ours

    configuration = load(config, os.environ)
    logs.configure("error", configuration.log.format)
    process.harden()
    message = sys.stdin.buffer.read(configuration.limits.message_size + 1)
    if len(message) > configuration.limits.message_size:
        click.echo("pansentry: 5.3.4 the message is larger than `limits.message_size`", err=True)
        raise SystemExit(EX_NOPERM)
    if envelope_in_header:
        sender, recipients = _envelope(message)
    if not recipients:
        fix = "add both fields" if envelope_in_header else "write `-r ADDRESS`"
        raise click.UsageError(f"For whom is this message? There is no recipient: {fix}.")
    ours = [path for path in recipients if is_ours(path, frozenset(configuration.domains))]
    way = _through(configuration, message, sender, ours, onward) if ours else _unread(message, onward)
    reply, finished = asyncio.run(way)
    if not reply.is_success:
        click.echo(f"pansentry: {reply}", err=True)
        raise SystemExit(EX_TEMPFAIL if reply.is_temporary else EX_NOPERM)
    if onward:
        return
    if finished is None:
        click.echo("pansentry: the message is held; see `pansentry quarantine list`", err=True)
        raise SystemExit(EXIT_HELD)
    sys.stdout.buffer.write(finished)
    sys.stdout.buffer.flush()


def _envelope(message: bytes) -> tuple[str, tuple[str, ...]]:
    """Return reverse-path and recipients from the fields that a delivering MTA writes on top (RFC 5321 §4.4)."""
    from email.utils import getaddresses

    from pansentry import mime
    from pansentry.heading import incoming

    head = incoming(mime.read(message))
    returned = next(iter(head.values("return-path")), "").strip("<> ")
    return returned, tuple(address for _, address in getaddresses(head.values("envelope-to")[:1]) if address)


async def _through(
    configuration: Configuration, received: bytes, sender: str, recipients: Sequence[str], onward: Sequence[str]
) -> tuple[Reply, bytes | None]:
    """Carry one message through a gateway that listens nowhere; return its answer, and the message if it comes back."""
    from pansentry.delivery.handback import Handback
    from pansentry.delivery.pipe import PipeHop
    from pansentry.envelope import Client
    from pansentry.gateway import start
    from pansentry.smtp.session import silent

    handback = None if onward else Handback()
    message, back = _with_crlf(received)
    gateway = await start(configuration.model_copy(update={"listen": ()}), silent)
    try:
        if onward:
            gateway.reception.hop = PipeHop(onward, back)
        transaction = gateway.reception.begin(sender, (), Client(), not sender.isascii(), handback)
        for path in recipients:
            reply = await transaction.rcpt(path, ())
            if not reply.is_success:
                await transaction.abort()
                return reply, None
        reply = await transaction.data(message)
        if (told := transaction.told(heard=True)) is not None:
            await told
        await gateway.outbox.send_due()
    finally:
        await gateway.stop()
    return reply, None if handback is None or handback.message is None else back(handback.message)


async def _unread(received: bytes, onward: Sequence[str]) -> tuple[Reply, bytes | None]:
    """Pass on what our own users send to others, unread."""
    from pansentry.delivery.hop import Sender
    from pansentry.delivery.pipe import PipeHop
    from pansentry.smtp_reply import ACCEPTED

    if not onward:
        return ACCEPTED, received
    delivery = PipeHop(onward).begin(Sender())
    await delivery.rcpt("")
    return (await delivery.send(received))[0], None


def _with_crlf(message: bytes) -> tuple[bytes, Callable[[bytes], bytes]]:
    """Return a message with CRLF at its line ends, as the wire has them, and what undoes that.

    Every LF gets a CR, also one that has one: so the way back is exact, whatever a message holds.
    """
    if message.count(b"\n") == message.count(b"\r\n"):
        return message, lambda finished: finished
    return message.replace(b"\n", b"\r\n"), lambda finished: finished.replace(b"\r\n", b"\n")
