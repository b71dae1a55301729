r"""What programs of banks exchange, as they read it: OFX, QIF, MT940.

In: text. Out: readings. In OFX the account of a card stands under names that say "account" (``<CCACCTFROM><ACCTID>``,
OFX 1.6 and 2.2, chapter on banking), in QIF as the name or description of an ``!Account`` of the type ``CCard``: these
names are shown as what they mean. In a SWIFT message (MT940, MT942) field 86 goes on over lines of 65 characters, in
German ones (DFÜ-Abkommen, Anlage 3) over subfields ``?20`` … ``?29``, ``?60`` … ``?63`` of 27, field 61 over a second
line, and they break in the middle of a number: they are shown without breaks. Linear.

Resists: a number that a statement of account has broken; one of a scheme that takes a word for a card beside it.
Known gap: a bank that puts nothing where a blank was at the border of two subfields makes numbers of neighbours one.
"""

from __future__ import annotations

import re
from typing import Final

from pansentry.views.reading import Reading, Weaver

_SAYS: Final = "\n; card number: "  # apart from the words before it ("Account card" is a label of its own)
_OFX: Final = re.compile(r"<CCACCT(?:FROM|TO)>[ \t\r\n]{0,40}+<ACCTID>", re.IGNORECASE)
_QIF: Final = re.compile(r"(?:^|\n)!Account[ \t]*+\r?\n((?>(?:[^\^!\r\n][^\r\n]*+\r?\n){1,20}))", re.IGNORECASE)
_QIF_CARD: Final = re.compile(r"(?:^|\n)TCCard[ \t\r]*(?:\n|\Z)", re.IGNORECASE)
_QIF_NAME: Final = re.compile(r"(?:^|(?<=\n))[ND](?=[^\r\n]*[0-9])")
_BREAK: Final = re.compile(r"\r?\n\?(?:2[0-9]|6[0-3])|\?(?:2[0-9]|6[0-3])|\r?\n(?![:\-])|(?P<end>\r?\n[:\-])")
_FIELD: Final = re.compile(r"(?:^|\n):(?:61|86):")


def read(text: str) -> tuple[Reading, ...]:
    """Return the readings of a bank's file; none where it is no such file."""
    readings = (_named(text), _unbroken(text))
    return tuple(one for one in readings if one is not None)


def is_statement(text: str) -> bool:
    """Say whether a text looks like one of these, by what stands in all of them."""
    return ":86:" in text or ":61:" in text or "CCACCT" in text or "TCCard" in text or "ccacct" in text


def has_fields(data: bytes) -> bool:
    """Say whether bytes have fields that may be broken."""
    return b":86:" in data or b":61:" in data


def _named(text: str) -> Reading | None:
    names = [match.span() for match in _OFX.finditer(text)]
    for account in _QIF.finditer(text):
        if _QIF_CARD.search(account[1]):
            shift = account.start(1)
            names += [(one.start() + shift, one.end() + shift) for one in _QIF_NAME.finditer(account[1])]
    if not names:
        return None
    weaver = Weaver("names", text)
    position = 0
    for start, end in sorted(names):
        weaver.keep(position, start)
        weaver.make_up(_SAYS, start)
        position = end
    weaver.keep(position, len(text))
    return weaver.reading()


def _unbroken(text: str) -> Reading | None:
    weaver = Weaver("unbroken", text)
    position = done = 0
    for field in _FIELD.finditer(text):
        at = field.end()
        if at < done:
            continue
        while (found := _BREAK.search(text, at)) is not None and not found["end"]:
            weaver.keep(position, found.start())
            position = at = found.end()
        done = len(text) if found is None else found.start()
    if not position:
        return None
    weaver.keep(position, len(text))
    return weaver.reading()
