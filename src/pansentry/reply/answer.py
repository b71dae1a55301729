"""Does a mail answer one of our letters, and does the customer want to be called?

Message-IDs of letters end in a keyed hash of what stands before it, so that an answer is known for one by its
In-Reply-To (RFC 5322 §3.6.4), without a store, and nobody can make one up.
"""

from __future__ import annotations

import hashlib
import hmac
import re

from pansentry.channels.pay_reference import letters

_MAC_LETTERS = 16
_FIELD = re.compile(rb"\nin-reply-to:[ \t\r\n]{0,8}<([a-z]{20,80})@", re.IGNORECASE)
_MAX_HEADER = 32 * 1024


def letter_word(key: bytes, token: str) -> str:
    """Return the local part of a letter's Message-ID: the token (lower-case letters), and its keyed hash."""
    return token + _mac(key, token)


def answers_letter(raw: bytes, key: bytes) -> bool:
    """Tell whether a message says that it answers a letter which was made with ``key``."""
    if raw.find(b"eply-", 0, _MAX_HEADER) < 0:
        return False
    found = _FIELD.search(raw, 0, _MAX_HEADER)
    if found is None:
        return False
    word = found[1].decode().lower()
    return hmac.compare_digest(word[-_MAC_LETTERS:], _mac(key, word[:-_MAC_LETTERS]))


def _mac(key: bytes, token: str) -> str:
    return letters(
        hmac.new(key, b"letter message-id\x1f" + token.encode(), hashlib.sha256).digest()[: _MAC_LETTERS // 2]
    )
