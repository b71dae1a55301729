"""DKIM (RFC 6376) by dkimpy: verify what came in, sign what we send, make keys.

A signature with ``l=`` covers only the beginning of the body, so that anything can be appended under it; it counts as
``neutral``. At most :data:`MAX_SIGNATURES` are looked at. Gap: Ed25519 signatures (RFC 8463) need pynacl, which we do
not install; they are ``neutral``.
"""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pansentry.authentication.resolver import DnsTroubleError, texts
from pansentry.envelope import AuthResult
from pansentry.errors import ConfigurationError, Flaw

if TYPE_CHECKING:
    from pathlib import Path

    from pansentry.authentication.resolver import Resolver

MAX_SIGNATURES = 5
MIN_KEY_BITS = 1024
"""RFC 8301 §3.2."""

SIGNED_FIELDS = tuple(
    name.encode()
    for name in (
        "from", "to", "subject", "date", "message-id", "in-reply-to", "references", "auto-submitted", "precedence",
        "content-language", "mime-version", "content-type", "x-pansentry-reply",
    )
)  # fmt: skip

_SILENT = logging.Logger("dkimpy", logging.CRITICAL + 1)  # it logs header fields


@dataclass(frozen=True, slots=True)
class Signature:
    """One verified signature: its result and signing domain (``d=``)."""

    result: AuthResult
    domain: str


@dataclass(frozen=True, slots=True)
class Key:
    """What signs letters. ``pem`` is the private key in traditional PEM."""

    domain: str
    selector: str
    pem: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class NewKey:
    """A fresh key: the private half, and the DNS record that publishes the other."""

    pem: bytes = field(repr=False)
    record_name: str
    record_value: str

    @property
    def zone_line(self) -> str:
        """The record as a line of a zone file, in strings of at most 255 characters (RFC 1035 §3.3)."""
        value = self.record_value
        strings = " ".join('"' + value[i : i + 250] + '"' for i in range(0, len(value), 250))
        return f"{self.record_name}. IN TXT ( {strings} )"


def verify_dkim(message: bytes, resolver: Resolver) -> tuple[Signature, ...]:
    """Verify the topmost signatures of ``message`` (as received, CRLF)."""
    import dkim

    try:
        verifier = dkim.DKIM(message, _SILENT, minkey=MIN_KEY_BITS)
    except (dkim.DKIMException, IndexError, ValueError):  # a header that begins with a folded line
        return ()
    count = sum(name.lower() == b"dkim-signature" for name, _ in verifier.headers)
    return tuple(_verify_one(message, i, resolver) for i in range(min(count, MAX_SIGNATURES)))


def _verify_one(message: bytes, index: int, resolver: Resolver) -> Signature:
    import dkim

    verifier = dkim.DKIM(message, _SILENT, minkey=MIN_KEY_BITS)
    temporary: list[str] = []

    def key_record(name: bytes | str, timeout: float = 5) -> bytes | None:
        text = name.decode("ascii", "replace") if isinstance(name, bytes) else name
        try:
            return next(iter(texts(resolver, text)), None)
        except DnsTroubleError as error:
            temporary.append(str(error))
            raise dkim.DnsTimeoutError("DNS") from None

    try:
        passed = verifier.verify(idx=index, dnsfunc=key_record)
    except dkim.ValidationError as error:  # dkimpy says so of a body that was changed
        failed = "body hash" in str(error)
        return Signature(AuthResult.FAIL if failed else AuthResult.PERMERROR, _domain(verifier))
    except (dkim.NaClNotFoundError, dkim.UnknownKeyTypeError):
        return Signature(AuthResult.NEUTRAL, _domain(verifier))
    except Exception:  # dkimpy raises what it meets on hostile tags
        return Signature(AuthResult.TEMPERROR if temporary else AuthResult.PERMERROR, _domain(verifier))
    if temporary and not passed:
        return Signature(AuthResult.TEMPERROR, _domain(verifier))
    if passed and b"from" not in verifier.include_headers:  # RFC 6376 §5.4: it signs everything but its author
        return Signature(AuthResult.PERMERROR, _domain(verifier))
    if passed and b"l" in verifier.signature_fields:
        return Signature(AuthResult.NEUTRAL, _domain(verifier))
    return Signature(AuthResult.PASS if passed else AuthResult.FAIL, _domain(verifier))


def _domain(verifier: object) -> str:
    domain = getattr(verifier, "domain", None)
    return domain.decode("ascii", "replace").lower().rstrip(".") if isinstance(domain, bytes) else ""


def sign(message: bytes, key: Key) -> bytes:
    """Return ``message`` with a DKIM-Signature on top (rsa-sha256, relaxed/relaxed); CRLF in and out."""
    import dkim

    header = message.partition(b"\r\n\r\n")[0].lower()
    present = [name for name in SIGNED_FIELDS if re.search(rb"(?:^|\n)" + name + rb":", header)]
    signature = dkim.sign(
        message, key.selector.encode(), key.domain.encode(), key.pem, include_headers=[*present, b"from", b"subject"],
        canonicalize=(b"relaxed", b"relaxed"),
    )  # fmt: skip
    return bytes(signature) + message


def load_key(path: Path, domain: str, selector: str) -> Key:
    """Read the private key in ``path``. Raises :class:`ConfigurationError`, never with any of its content."""
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    try:
        key = serialization.load_pem_private_key(path.read_bytes(), None)
    except OSError as error:
        wrong = f"The DKIM key cannot be read: {error.strerror}."
        raise ConfigurationError(Flaw(str(path), 0, 0, wrong, "Run `pansentry dkim keygen`.")) from None
    except (ValueError, TypeError):
        wrong = "This is not an unencrypted private key in PEM form."
        raise ConfigurationError(Flaw(str(path), 0, 0, wrong, "Run `pansentry dkim keygen`.")) from None
    if not isinstance(key, rsa.RSAPrivateKey) or key.key_size < MIN_KEY_BITS:
        wrong = f"Letters are signed with an RSA key of at least {MIN_KEY_BITS} bits."
        raise ConfigurationError(Flaw(str(path), 0, 0, wrong, "Run `pansentry dkim keygen`."))
    return Key(domain, selector, _traditional(key))


def keygen(domain: str, selector: str = "pansentry", bits: int = 2048) -> NewKey:
    """Make a key and the DNS record that publishes it (RFC 6376 §3.6.1)."""
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    key = rsa.generate_private_key(65537, bits)
    public = key.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return NewKey(_traditional(key), f"{selector}._domainkey.{domain}", record_value(public))


def record_value(public: bytes) -> str:
    """Return what DNS says of a key of letters, from its SubjectPublicKeyInfo in DER (RFC 6376 §3.6.1)."""
    import base64

    return f"v=DKIM1; k=rsa; s=email; p={base64.b64encode(public).decode()}"


def _traditional(key: object) -> bytes:
    from cryptography.hazmat.primitives import serialization

    pem: bytes = key.private_bytes(  # type: ignore[attr-defined]
        serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    )
    return pem
