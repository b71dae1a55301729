"""Is it worth reading? Cheap tests on bytes that spare a clean part its text and its tokeniser.

In: the content of a part and the caller's predicate on bytes (``pan`` has a fast and sound one for UTF-8 text). Out:
False only if no view of the part can hold what the predicate looks for.

HTML is judged without its tags and entities, since a reader shows digits joined across them (``html_prefilter.py``).
"""

from __future__ import annotations

from collections.abc import Callable

from pansentry.views import html_prefilter, html_signs, mended, signs

Predicate = Callable[[bytes], bool]


def always(data: bytes) -> bool:
    """Read everything: the predicate of a caller that knows nothing cheaper."""
    return True


def of_text(data: bytes, worth_reading: Predicate) -> bool:
    """Judge plain text in UTF-8 or ASCII."""
    return worth_reading(data)


def of_markup(data: bytes, worth_reading: Predicate, *, is_even: bool = False, is_page: bool = False) -> bool:
    """Judge HTML or XML in UTF-8 or ASCII: that white space is even, or that it is HTML and no more, saves work."""
    if is_page:
        stripped = html_prefilter.strip_with_source(data, is_even=is_even)
    elif worth_reading(data):
        return True
    else:
        stripped = html_prefilter.strip_for_prefilter(data, is_even=is_even)
    return worth_reading(stripped) or (mended.may_need(stripped) and worth_reading(mended.mend(stripped)))


def warm_up() -> None:
    """Compile what tells that there is nothing to read, so that the first message does not wait for it."""
    signs.warm_up()
    html_signs.warm_up()
