"""HTML elements by what they do to the text around and inside them: tables that the walk reads.

Standards: WHATWG HTML §13.2.6 (implied end tags), §15.3 (the browser's own style sheet), SVG 2 §5.
"""

from __future__ import annotations

from typing import Final


def words(text: str) -> frozenset[str]:
    return frozenset(text.split())


BLOCK: Final = words(
    "address article aside blockquote body caption center dd details dialog dir div dl dt fieldset figcaption figure "
    "footer form h1 h2 h3 h4 h5 h6 head header hgroup hr html iframe legend li listing main menu nav ol optgroup "
    "option p plaintext pre search section select summary table tbody tfoot thead title textarea tr ul xmp"
)
VOID: Final = words(
    "area base basefont bgsound br col embed frame hr img input keygen link meta param source track wbr"
)
NEVER: Final = words("template iframe noembed noframes script style")  # the last two as elements of SVG
UNSHOWN: Final = words("datalist rp dialog desc metadata defs title")  # display: none by the browser's own sheet
SMALL: Final = words("rt rtc")  # stands in small letters above the text that is read on
SILENT: Final = words("script style")
PREFORMATTED: Final = words("pre textarea xmp listing plaintext")
INLINE_ATTRIBUTES: Final = words("alt value placeholder label")
_P_CLOSERS: Final = BLOCK - words(
    "body caption head html iframe legend optgroup option select tbody tfoot thead title tr li dt dd"
)
CELLS: Final = words("td th")
OF_TABLES: Final = words("table caption thead tbody tfoot tr")
ROWS: Final = words("tr td th")
IMPLIED: Final = {  # a start tag ends these elements where one of them is the innermost (§13.2.6.4.7, .11 to .15)
    "li": words("li p"),
    "dt": words("dt dd p"),
    "dd": words("dt dd p"),
    "td": CELLS | {"p"},
    "th": CELLS | {"p"},
    "tr": ROWS | {"p"},
    "tbody": ROWS | words("tbody thead tfoot caption colgroup p"),
    "thead": ROWS | words("tbody thead tfoot caption colgroup p"),
    "tfoot": ROWS | words("tbody thead tfoot caption colgroup p"),
    "option": words("option"),
    "optgroup": words("option optgroup"),
    "rp": words("rp rt"),
    "rt": words("rp rt"),
    "body": words("head title"),
    **{name: words("p") for name in _P_CLOSERS},
}
PLACED: Final = words("text tspan")  # of SVG: ``x`` says where they stand
DIALLED: Final = ("tel:", "callto:", "mailto:")
"""Links whose target is for people: a number or an address that a reader shows when the pointer is on it."""
