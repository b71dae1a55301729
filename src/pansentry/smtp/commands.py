"""The SMTP commands: one function each, and the table that names them.

In: the connection (:class:`pansentry.smtp.server.Server`) and the octets behind the verb. Out: the reply as octets,
or ``b""`` if it comes later. A function never waits; where the receiver must be waited for, ``server.wait`` holds the
dialogue.

Standards: RFC 5321 §4.1, RFC 2033 (LMTP), RFC 2920 (PIPELINING), RFC 3207 (STARTTLS), RFC 1870 (SIZE). There is no
AUTH, ever: this is no submission server, and a client that sees it sends ``MAIL FROM:<…> AUTH=<>`` (harmless here,
see ``parameters``).
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import replace as replace_fields
from typing import TYPE_CHECKING

from pansentry.envelope import Client
from pansentry.smtp import replies
from pansentry.smtp.address import AddressError, parse_forward_path, parse_reverse_path
from pansentry.smtp.parameters import MailParameters, ParameterError, parse_mail_parameters, parse_rcpt_parameters
from pansentry.smtp.trace import with_keyword
from pansentry.smtp.xforward import ATTRIBUTES, apply_xforward, parse_xforward
from pansentry.smtp_reply import Reply

if TYPE_CHECKING:
    import ssl

    from pansentry.smtp.server import Server

_MAX_HELO = 255
_NO_LETTERS = bytes(octet for octet in range(256) if not chr(octet).isascii() or not chr(octet).isalpha())
_SHORT = 200
"""Octets of an argument whose reading is remembered."""


def helo(server: Server, argument: bytes) -> bytes:
    if server.shared.options.lmtp:
        return server.error(replies.SYNTAX)
    return _hello(server, argument, extended=False) or b"250 " + server.shared.hostname + b"\r\n"


def ehlo(server: Server, argument: bytes) -> bytes:
    if server.shared.options.lmtp:
        return server.error(replies.SYNTAX)  # RFC 2033 §4.1: an LMTP server takes neither HELO nor EHLO
    return _hello(server, argument, extended=True) or _extensions(server)


def lhlo(server: Server, argument: bytes) -> bytes:
    if not server.shared.options.lmtp:
        return server.error(replies.SYNTAX)
    return _hello(server, argument, extended=True) or _extensions(server)


def _hello(server: Server, argument: bytes, *, extended: bool) -> bytes:
    said = (_read_name if len(argument) <= _SHORT else _read_name.__wrapped__)(argument)
    if not said:
        return server.error(replies.NEED_NAME)
    if server.transaction is not None:
        server.end_transaction()
    server.host_name = said
    protocol = with_keyword(lmtp=server.shared.options.lmtp, extended=extended, tls=server.is_tls, smtputf8=False)
    known = server.origin
    server.origin = server.client = Client(known.address, known.port, said, known.name, server.is_tls, protocol)
    return server.idle(b"")


@functools.lru_cache(maxsize=256)
def _read_name(argument: bytes) -> str:
    """Return what a client calls itself, cut and made printable; ``""`` for nothing. Remembered where it is short."""
    name = argument.strip(b" ").partition(b" ")[0]
    if len(name) > _MAX_HELO:
        name = name[:_MAX_HELO].rstrip(_NO_LETTERS) or b"?"  # half a number is not known for one
    said = name.decode("ascii", "replace")
    if not (said.isascii() and said.isprintable() and " " not in said):
        said = "".join(c if "!" <= c <= "~" else "?" for c in said)
    return said


def _extensions(server: Server) -> bytes:
    """The EHLO answer; made once for a kind of client (13,000 instructions)."""
    shared = server.shared
    starttls = shared.tls_context is not None and not server.is_tls
    size = shared.options.limits.max_message_bytes
    return _offered(shared.hostname, size, starttls, server.is_trusted, shared.options.dsn)


@functools.lru_cache(maxsize=64)
def _offered(hostname: bytes, size: int, starttls: bool, xforward: bool, dsn: bool) -> bytes:
    """Line order as Postfix has it; ``AUTH`` must never be among them."""
    words = ["PIPELINING", f"SIZE {size}"]
    if starttls:
        words.append("STARTTLS")
    if xforward:
        words.append(f"XFORWARD {' '.join(ATTRIBUTES)}")
    words += ["ENHANCEDSTATUSCODES", "8BITMIME", *(["DSN"] if dsn else []), "SMTPUTF8"]
    lines = [b"250-" + hostname, *(f"250-{word}".encode() for word in words[:-1])]
    return b"\r\n".join((*lines, f"250 {words[-1]}\r\n".encode()))


def starttls(server: Server, argument: bytes) -> bytes:
    if argument:
        return server.error(replies.NO_ARGUMENT)
    context: ssl.SSLContext | None = server.shared.tls_context
    if server.is_tls:
        return server.error(replies.ALREADY_TLS)
    if context is None:
        return server.error(replies.NO_TLS)
    server.end_transaction()
    server.host_name = None  # RFC 3207 §4.2: forget what was said in the clear
    server.client = server.origin = replace_fields(server.accepted, tls=True)
    server.begin_tls(context)
    return replies.START_TLS


def mail(server: Server, argument: bytes) -> bytes:
    if server.host_name is None:
        return server.error(replies.NEED_HELO)
    if server.transaction is not None:
        return server.error(replies.NESTED_MAIL)
    if argument[:5].upper() != b"FROM:":
        return server.error(replies.NEED_FROM)
    read = (_read_mail if len(argument) <= _SHORT else _read_mail.__wrapped__)(argument[5:])
    if isinstance(read, bytes):
        return server.error(read)
    address, parameters = read
    refusal = _mail_limits(server, parameters.size)
    if refusal:
        return refusal
    client = server.client
    if parameters.smtputf8:
        keyword = with_keyword(lmtp=server.shared.options.lmtp, extended=True, tls=server.is_tls, smtputf8=True)
        client = replace_fields(client, protocol=keyword)
    try:
        begun = server.shared.receiver.begin(address, parameters.pass_on, client, parameters.smtputf8)
    except Exception as error:
        return server.error(server.incident(error))
    if isinstance(begun, Reply):
        return server.pass_on(begun)
    server.transaction = begun
    server.recipients = 0
    server.smtputf8 = parameters.smtputf8
    server.declared = parameters.size
    return replies.SENDER_OK


@functools.lru_cache(maxsize=1024)
def _read_mail(argument: bytes) -> tuple[str, MailParameters] | bytes:
    """Return address and parameters, or the refusal. Remembered where it is short: senders come again."""
    try:
        address, rest = parse_reverse_path(argument)
        parameters = parse_mail_parameters(rest)
    except (AddressError, ParameterError) as error:
        return _refusal(error)
    return (address, parameters) if parameters.smtputf8 or address.isascii() else replies.UTF8_NEEDED


def _mail_limits(server: Server, size: int) -> bytes:
    shared = server.shared
    limits = shared.options.limits
    if size > limits.max_message_bytes:
        return server.error(replies.TOO_BIG)
    if server.messages >= limits.max_messages_per_connection:
        return server.say_goodbye(replies.TOO_MANY_MESSAGES)
    if size and not shared.account.fits(server.key, size):
        return server.defer(replies.NO_ROOM)
    if server.key and not shared.account.message(server.key, server.last_read):
        return server.defer(replies.RATE)
    return b""


def rcpt(server: Server, argument: bytes) -> bytes:
    transaction = server.transaction
    if transaction is None:
        return server.error(replies.NEED_MAIL)
    if argument[:3].upper() != b"TO:":
        return server.error(replies.NEED_TO)
    read = (_read_rcpt if len(argument) <= _SHORT else _read_rcpt.__wrapped__)(argument[3:])
    if isinstance(read, bytes):
        return server.error(read)
    address, parameters = read
    if not server.smtputf8 and not address.isascii():
        return server.error(replies.UTF8_NEEDED)
    if server.recipients >= server.shared.options.limits.max_recipients:
        return server.defer(replies.TOO_MANY_RECIPIENTS)
    try:
        answer = transaction.rcpt(address, parameters)
    except Exception as error:
        return server.error(server.incident(error))
    return server.recipient_reply(answer) if isinstance(answer, Reply) else server.ask(answer)


@functools.lru_cache(maxsize=1024)
def _read_rcpt(argument: bytes) -> tuple[str, tuple[str, ...]] | bytes:
    """Return address and parameters, or the refusal; remembered as above."""
    try:
        address, rest = parse_forward_path(argument)
        return address, parse_rcpt_parameters(rest) if rest else ()
    except (AddressError, ParameterError) as error:
        return _refusal(error)


def data(server: Server, argument: bytes) -> bytes:
    if argument:
        return server.error(replies.NO_ARGUMENT)
    if server.transaction is None:
        return server.error(replies.NEED_MAIL)
    if not server.recipients:
        # RFC 2920 §3.1 lets DATA be pipelined behind recipients that were all refused
        return server.defer(replies.NO_RECIPIENTS) if server.was_refused else server.error(replies.NEED_RCPT)
    if not server.shared.account.fits(server.key, max(server.declared, 1)):
        return server.defer(replies.NO_ROOM)
    server.begin_data()
    return replies.SEND_DATA


def rset(server: Server, argument: bytes) -> bytes:
    if argument:
        return server.error(replies.NO_ARGUMENT)
    server.end_transaction()
    return server.idle(replies.OK)


def noop(server: Server, argument: bytes) -> bytes:
    return server.idle(replies.OK)


def quit_(server: Server, argument: bytes) -> bytes:
    if argument:
        return server.error(replies.NO_ARGUMENT)
    return server.say_goodbye(replies.BYE)


def vrfy(server: Server, argument: bytes) -> bytes:
    return server.idle(replies.CANNOT_VERIFY) if argument else server.error(replies.NEED_ADDRESS)


def not_implemented(server: Server, argument: bytes) -> bytes:
    return server.error(replies.NOT_IMPLEMENTED)


def not_smtp(server: Server, argument: bytes) -> bytes:
    """A browser or a proxy was made to talk to us: hang up before its headers are read as commands."""
    return server.say_goodbye(replies.NOT_SMTP)


def xforward(server: Server, argument: bytes) -> bytes:
    if not server.is_trusted:
        return server.error(replies.NOT_TRUSTED)
    if server.transaction is not None:
        return server.error(replies.NOT_NOW)
    try:
        server.client = apply_xforward(server.client, parse_xforward(argument))
    except ParameterError as error:
        return server.error(_refusal(error))
    return replies.OK


def _refusal(error: AddressError | ParameterError) -> bytes:
    if isinstance(error, ParameterError):
        return replies.line(error.code, "5.5.4", str(error))
    return replies.line(501 if error.enhanced == "5.2" else 553, f"5.{error.enhanced}", str(error))


Command = Callable[["Server", bytes], bytes]

COMMANDS: dict[bytes, Command] = {
    b"HELO": helo,
    b"EHLO": ehlo,
    b"LHLO": lhlo,
    b"STARTTLS": starttls,
    b"XFORWARD": xforward,
    b"MAIL": mail,
    b"RCPT": rcpt,
    b"DATA": data,
    b"RSET": rset,
    b"NOOP": noop,
    b"QUIT": quit_,
    b"VRFY": vrfy,
    b"EXPN": not_implemented,
    b"HELP": not_implemented,
    b"AUTH": not_implemented,
    b"BDAT": not_implemented,
    b"ETRN": not_implemented,
    b"TURN": not_implemented,
    b"GET": not_smtp,
    b"POST": not_smtp,
    b"PUT": not_smtp,
    b"HEAD": not_smtp,
    b"CONNECT": not_smtp,
    b"OPTIONS": not_smtp,
}
BEFORE_TLS = frozenset({b"EHLO", b"LHLO", b"NOOP", b"STARTTLS", b"QUIT"})
"""RFC 3207 §4: what is carried out on a listener that requires TLS before there is any."""
