"""The proof: what leaves is read again by all views, and anything that still reads as card data is named.

In: the new message and ``find``, the detector as the pipeline uses it (text to findings). Out: the places of residue,
empty if there is none. An independent witness (mail-parser, the standard library's view) reads it too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pansentry.limits import DEFAULT_LIMITS, Limits
from pansentry.mime.tree import read
from pansentry.pan.finding import Kind
from pansentry.redaction.mask import DEFAULT_STYLE
from pansentry.truncation import Style
from pansentry.views import worth
from pansentry.views.look import look
from pansentry.views.witness import testimony

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from pansentry.pan.finding import Finding
    from pansentry.views.view import View
    from pansentry.views.worth import Predicate


def read_back(
    raw: bytes,
    find: Callable[[str], Sequence[Finding]],
    *,
    style: Style = DEFAULT_STYLE,
    limits: Limits = DEFAULT_LIMITS,
    worth_reading: Predicate = worth.always,
    places_before: Iterable[str] = (),
) -> tuple[str, ...]:
    """Return the places in which ``raw`` still shows card data, without doubles.

    An expiry date is no residue if ``style`` keeps it. ``places_before`` are places that the policy leaves alone.
    """
    message = read(raw, limits)
    seen = look(message, limits, worth_reading)
    allowed = frozenset(places_before)
    return tuple(
        dict.fromkeys(
            view.place
            for view in (*seen.views, *testimony(message, worth_reading))
            if view.place not in allowed and _has_residue(view, find, style)
        )
    )


def _has_residue(view: View, find: Callable[[str], Sequence[Finding]], style: Style) -> bool:
    return any(finding.kind is not Kind.EXPIRY or style.expiry != "keep" for finding in find(view.text))
