"""What is left to read of a document that its own reader could not open: its strings. Read only.

In: bytes that begin as a document and are damaged, or of a kind nobody here reads. Out: what ``strings`` shows of them
(:mod:`pansentry.formats.strings`), beside the reason why the rest was not read. A text viewer, and every program that
mends files, shows that much; so a broken ISO image or a sheet cut off in transit does not carry a number past us.

``rewrite`` raises DamagedError("cannot-rewrite"): a file with a finding is replaced or held. Known gap: what is packed.
"""

from __future__ import annotations

from pansentry.errors import DamagedError
from pansentry.formats import strings
from pansentry.formats.format import CANNOT_REWRITE, Cuts, DocumentLimits, Extract, Passage, Replaced


def extract(data: bytes, limits: DocumentLimits) -> Extract:
    """Return the strings."""
    return Extract((Passage(0, strings.strings(data), "file"),))


def rewrite(data: bytes, cuts: Cuts, replaced: Replaced, limits: DocumentLimits) -> bytes:
    """Return ``data`` if nothing is to be written. Raises DamagedError("cannot-rewrite") otherwise."""
    if cuts or replaced:
        raise DamagedError(CANNOT_REWRITE)
    return data
