"""At once: is any text of a message worth reading? Asked one time about all of them, not once for each.

In: a parsed message, limits, the caller's predicate on bytes. Out: what :func:`pansentry.views.look.look` gives of a
message in which nothing is worth reading, or None if something is: then somebody has to look in earnest.

Proof. :func:`look_closely` is run with a predicate that says False and writes down what it was asked. If the caller's
predicate is False of every text written down, it would have said the same each time, so what came out is what a look
with it gives. The texts are asked about together, apart by a line with a letter, which no number crosses: a predicate
that is True of a text is True of any text that holds it as lines (``tests/laws/test_shortcuts.py``), so False of all is
False of each. Where it is True of all, each is asked about alone; a card number on one side of a line and the words
about it on the other are no more than that.

A call of the engines costs 14,000 instructions before the first octet is looked at, three engines a question: of a
multipart/alternative of 2 KB, asked about seven times, that was a sixth of all judging.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pansentry.views import headers
from pansentry.views.html_prefilter import ALARM
from pansentry.views.look import NOTHING, Seen, is_in_plain_sight, look_closely

if TYPE_CHECKING:
    from pansentry.limits import Limits
    from pansentry.mime.parts import Message
    from pansentry.views.worth import Predicate

_APART: Final = b"\n\nx\n\n"
MOST_BYTES: Final = 64 * 1024
"""Texts are gathered up to here, so that no copy of a long message is made; a longer one is asked about by itself."""
MOST_ASKED_AGAIN: Final = 16 * 1024
"""Longer texts are not asked about one by one where something may be in all: a page of prices and links of 9 KB says
50, and that took the event loop 20 ms more. A judge looks at such a mail for no more than that."""


class _WorthReadingError(BaseException):
    """Ends a look. No ``Exception``: the readers of parts catch those, each for its own part."""


class _Gathering:
    """A predicate that says False and writes down of what; asks in earnest when there is much of it."""

    __slots__ = ("_octets", "_predicate", "_texts")

    def __init__(self, predicate: Predicate) -> None:
        self._predicate = predicate
        self._texts: list[bytes] = []
        self._octets = 0

    def __call__(self, data: bytes) -> bool:
        if data not in self._texts:
            self._texts.append(data)
            self._octets += len(data)
            if self._octets > MOST_BYTES or data == ALARM:  # nothing that is gathered after an alarm counts
                self.ask()
        return False

    def ask(self) -> None:
        """Ask about what was written down so far; raises if something of it is worth reading."""
        texts, self._texts, self._octets = self._texts, [], 0
        together = _APART.join(texts)
        if texts and self._predicate(together) and self._is_any_worth_reading(texts, len(together)):
            raise _WorthReadingError

    def _is_any_worth_reading(self, texts: list[bytes], size: int) -> bool:
        return size > MOST_ASKED_AGAIN or any(map(self._is_worth_reading, texts))

    def _is_worth_reading(self, text: bytes) -> bool:
        if isinstance(text, headers.Shown):  # of which no field is read with another
            return headers.a_field_is_worth_reading(text.head, self._predicate)
        return self._predicate(text)


def look_at_once(message: Message, limits: Limits, worth_reading: Predicate) -> Seen | None:
    """Return what there is of a message in which nothing is worth reading, None if something is."""
    if is_in_plain_sight(message, worth_reading):
        return NOTHING
    gathering = _Gathering(worth_reading)
    try:
        seen = look_closely(message, limits, gathering)
        gathering.ask()
    except _WorthReadingError:
        return None
    return seen
