"""Sealing: encrypt what only somebody else may open (age, https://age-encryption.org/v1; X25519 and ChaCha20-Poly1305).

In: bytes and a public key (``age1…``). Out: an age file. The private key is made elsewhere (``age-keygen``) and never
comes to this machine, so neither we nor whoever steals it can open what was sealed. Needs the extra ``seal`` (pyrage).

A public key is bech32 (BIP 173): its checksum finds every mistyped character, and a mistyped key would lose the mail.
Attack resisted: a stolen disk or database. Not resisted: somebody who reads this process while it seals.
"""

from __future__ import annotations

from pansentry.errors import UnavailableError

_ALPHABET = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_GENERATOR = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)
_PREFIX = "age"
_LENGTH = len("age1") + 52 + 6
"""32 octets in groups of five bits, and the checksum."""


def is_public_key(text: str) -> bool:
    """Tell whether ``text`` is an X25519 recipient of age, checksum included."""
    if len(text) != _LENGTH or not text.startswith(_PREFIX + "1") or not set(text[4:]) <= set(_ALPHABET):
        return False
    head = [ord(c) >> 5 for c in _PREFIX] + [0] + [ord(c) & 31 for c in _PREFIX]
    return _polymod(head + [_ALPHABET.index(c) for c in text[4:]]) == 1


def can_seal() -> bool:
    """Tell whether the library is installed."""
    try:
        import pyrage  # noqa: F401
    except ImportError:
        return False
    return True


def seal(content: bytes, public_key: str) -> bytes:
    """Return ``content`` encrypted to ``public_key``. Raises :class:`UnavailableError` without the library."""
    try:
        import pyrage
    except ImportError:
        raise UnavailableError("sealing needs a library that is not installed: pip install 'pansentry[seal]'") from None
    return bytes(pyrage.encrypt(content, [pyrage.x25519.Recipient.from_str(public_key)]))


def _polymod(values: list[int]) -> int:
    """Return the checksum of BIP 173."""
    check = 1
    for value in values:
        top = check >> 25
        check = (check & 0x1FFFFFF) << 5 ^ value
        for i, generator in enumerate(_GENERATOR):
            check ^= generator if (top >> i) & 1 else 0
    return check
