"""One-time codes (RFC 6238): the secret as it lies in the database, and the codes that it gives.

In: a secret of 20 bytes in base32 (RFC 4226 §4 R6 asks for 16 and recommends 20). Out: 64 characters for the table:
nonce, ciphertext and tag of AES-256-GCM in base64. The key is derived from that of the tokens, which lies in a file
beside SQLite's database, or comes from the secret in a fleet's configuration; the account's name is authenticated, so
that one row's secret does not work in another.

The attack: a copy of the database (a backup, a disk that was thrown away) opens no account. Known gap: whoever has the
key file as well reads it, since a code has to be computed without anybody's help.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import re
import secrets
from hashlib import sha256

STEP_S = 30
_SECRET = re.compile(r"[A-Z2-7]{32}")
_NONCE_BYTES = 12


def is_secret(text: str) -> bool:
    """Tell whether this is a secret: 20 bytes in base32."""
    return _SECRET.fullmatch(text) is not None


def seal_secret(key: bytes, name: str, secret: str) -> str:
    """Encrypt a secret for the table."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    nonce = secrets.token_bytes(_NONCE_BYTES)
    sealed = AESGCM(_derived(key)).encrypt(nonce, base64.b32decode(secret), name.encode())
    return base64.b64encode(nonce + sealed).decode()


def open_secret(key: bytes, name: str, stored: str) -> str:
    """Return the secret; ``""`` if it was sealed with another key or for another account, which no code matches.

    A former version kept it in the clear: such a value is returned as it is, see :meth:`Accounts.seal_secrets`.
    """
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    if is_secret(stored):
        return stored
    try:
        sealed = base64.b64decode(stored, validate=True)
        secret = AESGCM(_derived(key)).decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], name.encode())
    except (InvalidTag, ValueError, binascii.Error):
        return ""
    return base64.b32encode(secret).decode()


def matching_step(secret: str, code: str, now: float) -> int | None:
    """Return which step of time ``code`` belongs to, one early and one late among them (RFC 6238 §5.2), or None."""
    step = int(now) // STEP_S
    if not is_secret(secret):
        return None
    return next((at for at in (step, step - 1, step + 1) if _code(secret, at) == code.strip()), None)


def _code(secret: str, step: int) -> str:
    import pyotp

    return pyotp.TOTP(secret).at(step * STEP_S)


def _derived(key: bytes) -> bytes:
    return hmac.new(key, b"pansentry one-time secrets", sha256).digest()
