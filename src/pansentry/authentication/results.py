"""Authentication-Results (RFC 8601): the field we add, the forged ones we remove, a trusted server's that we believe.

A field with our own name that came from outside is forged: a mailbox that trusts us would believe it, so it goes
(§5). A field of a server in front of us is believed only if the configuration names that server, and only the
topmost, since those below it may have come with the message.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pansentry.authentication.chain import STATED
from pansentry.envelope import Authentication, AuthResult
from pansentry.senders import same_organisation

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

MAX_HEADER_BYTES = 400 * 1024
_NAME = b"authentication-results"
_AUTHSERV = re.compile(r"\s*(?:\([^()]{0,200}\)\s*)?([^\s;()]{1,253})")
_COMMENT = re.compile(r"\([^()]{0,500}\)")
_METHOD = re.compile(r"\s*(spf|dkim|dmarc)\s*(?:/\s*[0-9]+\s*)?=\s*([a-z]{1,20})", re.IGNORECASE)
_PROPERTY = re.compile(
    r"\b(smtp\.mailfrom|smtp\.helo|header\.d|header\.i|header\.from)\s*=\s*\"?([^\s;\"]{1,320})", re.IGNORECASE
)


def authentication_results_field(authserv_id: str, measured: Authentication, mail_from: str = "") -> bytes:
    """Return the header field that states ``measured``, ending in CRLF; ``mail_from`` is the reverse-path."""
    stated = []
    if measured.source == "unmeasured":
        stated.append("none")
    else:
        domain = _plain(mail_from.rpartition("@")[2])
        stated.append(f"spf={measured.spf}" + (f" smtp.mailfrom={domain}" if domain else ""))
        stated.append(f"dkim={measured.dkim}")
        author = _plain(measured.from_domain)
        stated.append(f"dmarc={measured.dmarc}" + (f" header.from={author}" if author else ""))
    if measured.arc in STATED:
        stated = [one for one in stated if one != "none"] + [f"arc={STATED[measured.arc]}"]
    return f"Authentication-Results: {_plain(authserv_id)};\r\n {f';{chr(13)}{chr(10)} '.join(stated)}\r\n".encode(
        "ascii"
    )


def without_forged(message: bytes, authserv_id: str) -> bytes:
    """Return ``message`` without fields that carry our name; the very same object if there are none (RFC 8601 §5)."""
    forged = [
        (start, end) for start, end, value in _fields(message) if _authserv(value) == authserv_id.lower().rstrip(".")
    ]
    if not forged:
        return message
    pieces, position = [], 0
    for start, end in forged:
        pieces.append(message[position:start])
        position = end
    return b"".join((*pieces, message[position:]))


def upstream_results(message: bytes, trusted: Collection[str], from_domain: str) -> Authentication | None:
    """Return what the topmost field of a ``trusted`` server says, None if there is none.

    Alignment is relaxed: its own word on DMARC where it gives one, else by the domains it names.
    """
    names = {name.lower().rstrip(".") for name in trusted}
    value = next((value for _, _, value in _fields(message) if _authserv(value) in names), None)
    if value is None:
        return None
    results = {"spf": AuthResult.NONE, "dkim": AuthResult.NONE, "dmarc": AuthResult.NONE}
    aligned = {"spf": False, "dkim": False}
    author = ""
    for chunk in _COMMENT.sub(" ", value).split(";")[1:50]:
        found = _METHOD.match(chunk)
        if found is None:
            continue
        method, word = found[1].lower(), found[2].lower()
        result = AuthResult(word) if word in set(AuthResult) else AuthResult.NEUTRAL
        properties = {name.lower(): value.lower() for name, value in _PROPERTY.findall(chunk)}
        if results[method] is not AuthResult.PASS:
            results[method] = result
        if method == "dmarc":
            author = properties.get("header.from", "").rpartition("@")[2]
        elif result is AuthResult.PASS:
            names_given = [properties.get(p, "") for p in ("header.d", "header.i", "smtp.mailfrom")]
            domain = next((n for n in names_given if n), "").rpartition("@")[2]
            aligned[method] = aligned[method] or same_organisation(domain, from_domain)
    if author and author != from_domain:
        results["dmarc"] = AuthResult.NONE  # said of another author than the one we read
    return Authentication(
        spf=results["spf"],
        dkim=results["dkim"],
        dmarc=results["dmarc"],
        spf_aligned=aligned["spf"],
        dkim_aligned=aligned["dkim"],
        from_domain=from_domain,
        source="upstream",
    )


def _fields(message: bytes) -> Iterator[tuple[int, int, str]]:
    """Yield start, end and unfolded value of each Authentication-Results field of the outermost header, in order."""
    position = 0
    while position < min(len(message), MAX_HEADER_BYTES):
        end = _line_end(message, position)
        if message[position:end].strip(b"\r\n") == b"":
            return
        while message[end : end + 1] in (b" ", b"\t"):
            end = _line_end(message, end)
        name, colon, value = message[position:end].partition(b":")
        if colon and name.strip(b" \t").lower() == _NAME:
            yield position, end, re.sub(r"\r?\n[ \t]", " ", value.decode("utf-8", "replace")).strip()
        position = end


def _line_end(message: bytes, position: int) -> int:
    found = message.find(b"\n", position)
    return len(message) if found < 0 else found + 1


def _authserv(value: str) -> str:
    found = _AUTHSERV.match(value)
    return found[1].strip('"').lower().rstrip(".") if found else ""


def _plain(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9._-]", "", text)
