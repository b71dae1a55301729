"""Which reader of text is right for which text: a table of media types and of signs in the text itself.

In: the media type a part claims and the first characters of its text. Out: the names of the readers to use, each a
module of this room with ``read(text) -> tuple[Reading, ...]``. A label is a claim, so the text is sniffed as well
(WHATWG MIME Sniffing §7.1 for HTML): a reader that shows text/plain as HTML sees what we see.
"""

from __future__ import annotations

import importlib
import re
from functools import partial
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from pansentry.views.reading import Reading

_BY_TYPE = {
    "text/html": ("html",),
    "application/xhtml+xml": ("html",),
    "text/enriched": ("enriched",),
    "text/richtext": ("enriched",),
    "text/calendar": ("calendar",),
    "text/vcard": ("calendar",),
    "text/x-vcard": ("calendar",),
    "text/directory": ("calendar",),
    "text/csv": ("structured",),
    "text/tab-separated-values": ("structured",),
    "application/csv": ("structured",),
    "application/json": ("structured",),
    "text/json": ("structured",),
    "application/xml": ("html", "structured"),
    "text/xml": ("html", "structured"),
    "image/svg+xml": ("html",),
    "application/ics": ("calendar",),
}
_BY_SUFFIX = (("+json", "structured"), ("+xml", "html"))
_SIGNS = (
    (
        re.compile(r"(?i)<(?:!doctype|html|head|body|table|div|span|p|br|b|i|a|font|td|h1|style|script|!--)[\s>/]"),
        "html",
    ),
    (re.compile(r"\s*<\?xml"), "html"),
    (re.compile(r"\s*[\[{]\s*[\"{\[\]}0-9]"), "structured"),
    (re.compile(r"(?i)BEGIN:V(?:CALENDAR|CARD|EVENT)"), "calendar"),
)
_SNIFF_CHARACTERS = 4096


def names(media_type: str, text: str, *, is_flowed: bool = False) -> tuple[str, ...]:
    """Return the readers to use besides the text as it stands, without doubles."""
    found = list(_BY_TYPE.get(media_type, ()))
    found += [reader for suffix, reader in _BY_SUFFIX if media_type.endswith(suffix)]
    start = text[:_SNIFF_CHARACTERS]
    found += [reader for sign, reader in _SIGNS if sign.search(start)]
    if is_flowed:
        found.append("flowed")
    return tuple(dict.fromkeys(found))


def reader(name: str) -> Callable[[str], tuple[Reading, ...]]:
    """Return the ``read`` function of a reader, imported when it is first needed."""
    return partial(_read, name)


def _read(name: str, text: str) -> tuple[Reading, ...]:
    try:
        module = importlib.import_module(f"pansentry.views.{name}")
    except ModuleNotFoundError:
        return ()
    readings: tuple[Reading, ...] = module.read(text)
    return readings
