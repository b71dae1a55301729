"""The server's own replies, as the octets that go on the wire (RFC 5321 §4.2.3, RFC 3463, RFC 5248)."""

from __future__ import annotations

import functools

from pansentry.smtp_reply import TRY_AGAIN, Reply


def encode(reply: Reply) -> bytes:
    """Return a reply as one line with CRLF, printable ASCII and at most 450 octets.

    The first way is for text that is harmless as it stands (0.5 µs instead of 1.7), which nearly all is.
    """
    text = reply.text
    if reply.enhanced and len(text) <= 400 and text.isascii() and text.isprintable():
        return f"{reply.code} {reply.enhanced} {text}\r\n".encode()
    return str(reply).encode() + b"\r\n"


@functools.lru_cache(maxsize=64)
def encode_again(code: int, enhanced: str, text: str) -> bytes:
    """Do the same for what is said again and again: a next hop takes recipients in the same words."""
    return encode(Reply(code, enhanced, text))


def line(code: int, enhanced: str, text: str) -> bytes:
    return encode(Reply(code, enhanced, text))


OK = line(250, "2.0.0", "Ok")
SENDER_OK = line(250, "2.1.0", "Sender ok")
RECIPIENT_OK = line(250, "2.1.5", "Recipient ok")
BYE = line(221, "2.0.0", "Bye")
START_TLS = line(220, "2.0.0", "Ready to start TLS")
CANNOT_VERIFY = line(252, "2.1.5", "Cannot verify, but will take mail and try to deliver it")
SEND_DATA = b"354 End data with <CR><LF>.<CR><LF>\r\n"

TRY_LATER = encode(TRY_AGAIN)
RATE = line(451, "4.7.1", "Too much mail from you right now, please try again later")
NO_ROOM = line(452, "4.3.1", "Out of room for now, please try again later")
TOO_MANY_RECIPIENTS = line(452, "4.5.3", "Too many recipients, please send to the rest in a separate transaction")

SHUTTING_DOWN = line(421, "4.3.2", "Shutting down, please try again later")
IDLE = line(421, "4.4.2", "Timeout, closing the connection")
TOO_SLOW = line(421, "4.4.2", "Data comes too slowly, closing the connection")
OVERLOADED = line(421, "4.3.2", "Too many connections, please try again later")
TOO_MANY_CONNECTIONS = line(421, "4.7.0", "Too many connections from you, please try again later")
TOO_MANY_ERRORS = line(421, "4.7.0", "Too many errors, closing the connection")
TOO_MANY_COMMANDS = line(421, "4.7.0", "Too many commands without mail, closing the connection")
TOO_MANY_MESSAGES = line(421, "4.7.0", "Too many messages in one connection, please open another")
NOT_SMTP = line(521, "5.5.2", "This is a mail server")
EARLY_TALKER = line(554, "5.5.1", "You spoke before the greeting")
GIVING_UP = line(421, "4.3.0", "Temporary failure, closing the connection")

SYNTAX = line(500, "5.5.2", "Command not recognized")
BARE_LINE_END = line(500, "5.5.2", "Lines must end with CR LF")
LINE_TOO_LONG = line(500, "5.5.6", "Line too long")
NOT_IMPLEMENTED = line(502, "5.5.1", "Command not implemented")
NEED_HELO = line(503, "5.5.1", "Say hello first")
NESTED_MAIL = line(503, "5.5.1", "Sender already given")
NEED_MAIL = line(503, "5.5.1", "Need MAIL first")
NEED_RCPT = line(503, "5.5.1", "Need RCPT first")
NO_RECIPIENTS = line(554, "5.5.1", "No valid recipients")
NOT_NOW = line(503, "5.5.1", "Not during a transaction")
ALREADY_TLS = line(503, "5.5.1", "TLS is already active")
NO_TLS = line(454, "4.7.0", "TLS is not available")
NEED_TLS = line(530, "5.7.0", "Must issue a STARTTLS command first")
NO_ARGUMENT = line(501, "5.5.4", "This command takes no argument")
NEED_NAME = line(501, "5.5.4", "Host name is missing")
NEED_FROM = line(501, "5.5.4", "Syntax: MAIL FROM:<address>")
NEED_TO = line(501, "5.5.4", "Syntax: RCPT TO:<address>")
NEED_ADDRESS = line(501, "5.5.4", "Address is missing")
UTF8_NEEDED = line(553, "5.6.7", "Address needs the SMTPUTF8 parameter")
TOO_BIG = line(552, "5.3.4", "Message is larger than the limit")
BARE_IN_DATA = line(550, "5.6.0", "Message has a bare CR or LF")
NOT_TRUSTED = line(550, "5.7.1", "You may not use this command")
