"""Reference codes: eight letters that the shop and the customer read to each other on the phone.

The code of a message is a keyed function of its transaction's id: letter, notice to the mailbox's owner and console
show the same code although nobody stores it; the store keeps a keyed hash, tries, and when it ends
(:mod:`pansentry.store.codes`). The shop reads the first half, the customer the second: each proves to know the letter.

Letters only, so that it can be no card number and no security code; twelve of them, which cannot be taken for each
other when read or heard in the languages that have letters (no I, L, O, Q; one of B/D/P/T/V, of M/N, of S/F, …). A half
is one of 20,736; a wrong second half costs one of :data:`TRIES`.
"""

from __future__ import annotations

import hashlib
import hmac

ALPHABET = "ACFHJKMPRTWX"
TRIES = 3
_HALF = 4


def reference_code(key: bytes, transaction: str) -> str:
    """Return the code of a transaction, as ``CFHJ-KMPR``."""
    number = int.from_bytes(hmac.new(key, f"reference code\x1f{transaction}".encode(), hashlib.sha256).digest()[:16])
    letters = []
    for _ in range(2 * _HALF):
        number, place = divmod(number, len(ALPHABET))
        letters.append(ALPHABET[place])
    return f"{''.join(letters[:_HALF])}-{''.join(letters[_HALF:])}"


def halves(text: str) -> tuple[str, str]:
    """Return the halves of a code as somebody typed it (any case, blanks, with or without the dash).

    Raises ValueError with a sentence if that cannot be a code.
    """
    letters = "".join(c for c in text.upper() if c.isalpha())
    if len(letters) != 2 * _HALF or any(c not in ALPHABET for c in letters):
        raise ValueError(f"A reference code is eight letters of {ALPHABET}, such as CFHJ-KMPR.")
    return letters[:_HALF], letters[_HALF:]
