"""Is it worth reading? Cheap tests on bytes that spare a clean part its text and its tokeniser.

In: the content of a part and the caller's predicate on bytes (``pan`` has a fast and sound one for UTF-8 text). Out:
False only if no view of the part can hold what the predicate looks for.

HTML is judged without its tags and entities, since a reader shows digits joined across them (``html_prefilter.py``).
"""

from __future__ import annotations

from collections.abc import Callable

from pansentry.views import html_prefilter, mended, signs
from pansentry.views.html_prefilter import strip_for_prefilter

Predicate = Callable[[bytes], bool]


def always(data: bytes) -> bool:
    """Read everything: the predicate of a caller that knows nothing cheaper."""
    return True


def of_text(data: bytes, worth_reading: Predicate) -> bool:
    """Judge plain text in UTF-8 or ASCII."""
    return worth_reading(data)


def of_markup(data: bytes, worth_reading: Predicate, *, is_even: bool = False) -> bool:
    """Judge HTML or XML in UTF-8 or ASCII; ``is_even`` as :func:`strip_for_prefilter` wants to know it."""
    if worth_reading(data):
        return True
    stripped = strip_for_prefilter(data, is_even=is_even)
    return worth_reading(stripped) or (mended.may_need(stripped) and worth_reading(mended.mend(stripped)))


def warm_up() -> None:
    """Compile what tells that there is nothing to read, so that the first message does not wait for it."""
    signs.warm_up()
    html_prefilter.warm_up()
