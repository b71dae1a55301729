"""A receipt → a finished letter: an RFC 5322 message that no header of the customer can break out of.

In: letters, a receipt (kinds, brands, counts; never a finding), header facts of the received message, clock and ids
from outside. Out: :class:`Letter`, bytes with CRLF line ends, 7-bit clean, ready to be signed and sent with a null
reverse-path.

Shape: RFC 3834 §3.1 (Auto-Submitted, In-Reply-To, References), RFC 5230 §5 (threading), MS-OXCMAIL
(X-Auto-Response-Suppress). Departures: the subject is ours and never an echo (it may hold the number, and spammers
use echoes); the letter goes to the reverse-path only, never to Reply-To (RFC 3834 §4).

Headers are written here rather than by ``email.message``: that folds Message-IDs of more than 78 characters into
encoded words, which breaks threading. Everything that came from outside is matched against a strict pattern or
encoded (RFC 2047), so CR, LF and encoded words in names, ids and addresses are inert. The customer's name is used
only if it is plainly a name.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import hmac
import re
import unicodedata
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import quoprimime
from email.utils import format_datetime
from typing import TYPE_CHECKING

from pansentry.reply.kinds import Kind
from pansentry.reply.letters import Words
from pansentry.senders import original_address

if TYPE_CHECKING:
    from pansentry.outcome import Receipt
    from pansentry.reply.channels import Way
    from pansentry.reply.incoming import Incoming
    from pansentry.reply.languages import Choice
    from pansentry.reply.letters import Letters

MAX_REFERENCES = 10
"""Message ids kept of the head and of the tail of References."""
MAX_NAME = 40

_MESSAGE_ID = re.compile(r"<[!-;=?-~]{1,800}>")
_ATOM = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.\-]+")
_QUOTED = re.compile(r'"(?:[ !#-\[\]-~]|\\[ -~])*"')
_NAME_WORD = re.compile(r"[^\W\d_]{1,20}(?:[’'\-][^\W\d_]{1,20}){0,2}\.?")


@dataclass(frozen=True, slots=True)
class Letter:
    """A finished letter. ``recipient`` is the reverse-path as received; ``utf8`` says that it needs SMTPUTF8.

    ``shown`` is everything a reader sees, decoded: names, subject, text and HTML, for the scanner that every letter
    passes before it leaves (the message itself is encoded, which would hide a number).
    """

    recipient: str
    message: bytes = field(repr=False)
    template: str
    language: str
    utf8: bool = False
    kind: Kind = Kind.FIRST
    shown: str = field(default="", repr=False)


def compose(
    letters: Letters,
    receipt: Receipt,
    incoming: Incoming,
    *,
    template: str,
    recipient: str,
    mailbox: str,
    choice: Choice,
    kind: Kind = Kind.FIRST,
    reference: str = "",
    ways: tuple[Way, ...] = (),
    now: float,
    token: str,
) -> Letter:
    """Return the letter ``template`` to ``recipient`` (the reverse-path) from ``mailbox`` (the address written to).

    ``ways`` are the ways to pay offered to this customer (empty: all of the business), ``reference`` is the code read
    aloud on the phone. ``now`` is in seconds since the epoch; ``token`` is a fresh random word (ASCII letters and
    digits) for Message-ID and boundary.
    """
    words = Words(removed_words(receipt), kind, customer_name(incoming.from_name), reference, ways)
    written = letters.write(template, choice.language, words, choice.second)
    business = letters.business
    sender = business.letters_from or mailbox
    sender = sender if "@" in sender else mailbox
    to = original_address(recipient)
    languages = ", ".join(filter(None, (choice.language, choice.second)))
    fields = [
        ("From", f"{_phrase(business.name)} <{_address(sender)}>"),
        ("To", f"<{_address(to)}>"),
        ("Subject", _unstructured(written.subject)),
        ("Date", format_datetime(datetime.fromtimestamp(now, UTC))),
        ("Message-ID", f"<{token}@{_address(sender).rpartition('@')[2]}>"),
        *_threading(incoming),
        ("Auto-Submitted", "auto-replied"),
        ("X-Auto-Response-Suppress", "All"),
        ("Precedence", "bulk"),
        ("Content-Language", languages),
        ("X-PanSentry-Reply", f"{template}/{letters.version}"),
        ("MIME-Version", "1.0"),
        ("Content-Type", f'multipart/alternative;\r\n boundary="=_{token}"'),
    ]
    header = "".join(f"{name}: {value}\r\n" for name, value in fields)
    parts = []
    for media_type, content in (("text/plain", written.text), ("text/html", written.html)):
        encoding, encoded = _encode(content)
        headers = f"Content-Type: {media_type}; charset=utf-8\r\nContent-Transfer-Encoding: {encoding}\r\n"
        parts.append(f"--=_{token}\r\n{headers}\r\n{encoded}")
    body = "".join(parts)
    message = f"{header}\r\n{body}--=_{token}--\r\n".encode("utf-8", "replace")
    shown = "\n\n".join((business.name, to, written.subject, written.text, written.html))
    return Letter(recipient, message, template, choice.language, not header.isascii(), kind, shown)


def window_key(key: bytes, mailbox: str, reverse_path: str, template: str) -> str:
    """Return the keyed name of "this letter to this customer from this mailbox" (HMAC-SHA256, 128 bits, hexadecimal).

    The reverse-path is taken without SRS and BATV tags, which change from mail to mail, and without case.
    """
    words = "\x1f".join(("letter", mailbox.lower(), original_address(reverse_path).lower(), template))
    return hmac.new(key, words.encode("utf-8", "surrogateescape"), hashlib.sha256).hexdigest()[:32]


def removed_words(receipt: Receipt) -> tuple[str, ...]:
    """Return what was removed as words that templates know."""
    pans = receipt.count("pan")
    kinds = tuple(kind for kind in ("cvv", "expiry", "track") if receipt.count(kind))
    return (*((("pan" if pans == 1 else "pans"),) if pans else ()), *kinds)


def customer_name(display_name: str) -> str:
    """Return the display name if it is plainly a person's name (one to four words of letters), else ``""``.

    A display name is the sender's to choose; whatever could be a message to somebody else is not repeated.
    """
    if len(display_name) > 4 * MAX_NAME:
        return ""
    name = unicodedata.normalize("NFC", display_name).strip()
    words = name.split(" ")
    plain = len(name) <= MAX_NAME and 1 <= len(words) <= 4 and all(_NAME_WORD.fullmatch(word) for word in words)
    shouting = name.isupper() and len(name) > 3 and name.isascii()
    return name if plain and not shouting else ""


def _threading(incoming: Incoming) -> list[tuple[str, str]]:
    own = _MESSAGE_ID.fullmatch(incoming.message_id.strip())
    if own is None:
        return []
    chain = _MESSAGE_ID.findall((incoming.references or incoming.in_reply_to)[:100_000])
    if len(chain) > 2 * MAX_REFERENCES - 1:
        chain = chain[:MAX_REFERENCES] + chain[-(MAX_REFERENCES - 1) :]
    return [("In-Reply-To", own[0]), ("References", "\r\n ".join(dict.fromkeys((*chain, own[0]))))]


def _address(address: str) -> str:
    """Return an address for a header field: domain in ASCII (IDNA), local part quoted where it must be."""
    local, _, domain = address.rpartition("@")
    with contextlib.suppress(UnicodeError):  # no domain at all: what is left of it below stays harmless
        domain = domain if domain.isascii() else domain.encode("idna").decode()
    local = "".join(c for c in local if c >= " " and c not in "\x7f\x85\u2028\u2029")
    domain = "".join(c for c in domain if "!" <= c <= "~" and c not in '<>,;()"\\')
    if not _ATOM.fullmatch(re.sub(r"[^\x00-\x7f]", "a", local)) and not _QUOTED.fullmatch(local):
        local = '"' + local.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return f"{local}@{domain}"


def _phrase(name: str) -> str:
    """Return a display name: quoted if ASCII, else encoded words."""
    if name.isascii() and name.isprintable():
        return '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return _encoded_words(name)


def _unstructured(text: str) -> str:
    return (
        text if text.isascii() and text.isprintable() and len(text) <= 66 and "=?" not in text else _encoded_words(text)
    )


def _encoded_words(text: str) -> str:
    """Return ``text`` as RFC 2047 encoded words, each at most 75 characters and of whole characters, one a line."""
    words: list[str] = []
    chunk = b""
    for character in text:
        encoded = (character if character.isprintable() else " ").encode("utf-8", "replace")
        if len(chunk) + len(encoded) > 42:
            words.append(f"=?utf-8?b?{base64.b64encode(chunk).decode()}?=")
            chunk = b""
        chunk += encoded
    words.append(f"=?utf-8?b?{base64.b64encode(chunk).decode()}?=")
    return "\r\n ".join(words)


def _encode(text: str) -> tuple[str, str]:
    """Return the transfer encoding that suits ``text`` and the encoded text, in lines of at most 76 characters."""
    raw = text.replace("\n", "\r\n").encode("utf-8", "replace")
    if 5 * sum(byte < 0x80 for byte in raw) >= 4 * len(raw):
        encoded = quoprimime.body_encode(raw.decode("latin-1"), maxlinelen=76, eol="\r\n")
        return "quoted-printable", encoded if encoded.endswith("\r\n") else encoded + "\r\n"
    letters = base64.b64encode(raw).decode()
    return "base64", "".join(f"{letters[i : i + 76]}\r\n" for i in range(0, len(letters), 76))
