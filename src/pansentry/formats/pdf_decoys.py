"""A page of a PDF without the digits that an eye does not see: decoys between those of a number.

In: a page that PDFium has opened, and its glyphs as text. Out: the text without glyphs that are drawn invisible (text
render mode 3 or 7, PDF 32000-1 §9.3.6), in white or nearly, wholly transparent, or smaller than print. All of these are
text to every program, so :mod:`pdf_text` reads them; what is left without them is what a printed page shows, and is
read as well. Only looked for where such a digit stands right before or behind one that is seen: a white heading on a
dark ground is no decoy, nor is the text under a scan.

The texts of a page are looked at first, one look for each, and glyphs only where some of these are unseen: asked of
every digit, a page of a ledger would cost twice what reading it does. Known gap: what something else is painted over.
"""

from __future__ import annotations

import ctypes
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from pansentry.formats.pdf_text import Sorted

if TYPE_CHECKING:
    from collections.abc import Sequence

_TEXT = 1
"""FPDF_PAGEOBJ_TEXT of PDFium's ``fpdf_edit.h``."""
_MAX_FORM_DEPTH = 8
_MIN_DIGITS, _MAX_DIGITS = 12, 20_000
_NEARLY_WHITE = 0xF0
_SMALLEST_PRINT = 1.5
"""Points."""
_INVISIBLE = (3, 7)


def without_unseen(page: Any, text: str) -> Sorted | None:
    """Return the text without unseen digits and which glyph each character is; None where there are none of them."""
    digits = [index for index, letter in enumerate(text) if letter.isdigit()]
    if not _MIN_DIGITS < len(digits) <= _MAX_DIGITS:
        return None
    looks = {_is_unseen(one.raw) for one in page.get_objects(filter=(_TEXT,), max_depth=_MAX_FORM_DEPTH)}
    if len(looks) < 2:
        return None
    import pypdfium2.raw as raw

    textpage = page.get_textpage()
    try:
        unseen = {index for index in digits if _is_unseen(raw.FPDFText_GetTextObject(textpage, index))}
    finally:
        textpage.close()
    if not _stand_between(text, digits, unseen):
        return None
    kept = tuple(index for index in range(len(text)) if index not in unseen)
    return Sorted("".join(text[index] for index in kept), kept)


def _stand_between(text: str, digits: Sequence[int], unseen: set[int]) -> bool:
    """Say whether an unseen digit stands beside one that is seen somewhere, with nothing but blanks between them."""
    return any(
        (first in unseen) != (second in unseen) and not text[first + 1 : second].strip(" \t")
        for first, second in pairwise(digits)
    )


def _is_unseen(thing: Any) -> bool:
    """Say whether a text object of a page shows nothing."""
    import pypdfium2.raw as raw

    if not thing:  # a blank that PDFium has made up
        return False
    if raw.FPDFTextObj_GetTextRenderMode(thing) in _INVISIBLE:
        return True
    red, green, blue, alpha = (ctypes.c_uint() for _ in range(4))
    if raw.FPDFPageObj_GetFillColor(thing, red, green, blue, alpha) and (
        alpha.value == 0 or min(red.value, green.value, blue.value) >= _NEARLY_WHITE
    ):
        return True
    left, bottom, right, top = (ctypes.c_float() for _ in range(4))
    if not raw.FPDFPageObj_GetBounds(thing, left, bottom, right, top):
        return False
    return max(right.value - left.value, top.value - bottom.value) < _SMALLEST_PRINT
