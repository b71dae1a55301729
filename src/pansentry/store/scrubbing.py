"""The last look before a disk: runs of digits long enough to be a card number do not pass.

Rough on purpose. The detector has had its say long before; this is the net under it, for text that senders choose and
that ends up beside the mail: addresses, host names, file names. 12 digits or more, in any script, with up to three
characters of punctuation or space between two of them. Linear: from each digit at most twelve groups are looked at.
"""

from __future__ import annotations

import re

_DIGIT_RUN = re.compile(r"\d(?:[\W_]{0,3}\d){11,}")


def scrubbed(text: str) -> str:
    """Return the text with ``[digits]`` in place of each run."""
    return _DIGIT_RUN.sub("[digits]", text)


def has_digit_run(text: str) -> bool:
    """True if :func:`scrubbed` would change the text."""
    return _DIGIT_RUN.search(text) is not None


def safe_path(reverse_path: str) -> str:
    """Return a reverse-path that may be stored: the null one in place of one that may hold a card number.

    What is lost is the way back for a bounce, and the store sends none.
    """
    return "" if has_digit_run(reverse_path) else reverse_path
