"""What hides a part of a page: whether anything may, and then what a reader sees without it.

In: decoded bytes of an HTML part. Out: :func:`may_hide`, False only if no tag and no style sheet hides anything or
shows it faintly, as ``css.py`` reads them; :func:`texts`, the readings of ``html.py`` that leave such parts out, made
by the same walk and the same weaving. So nothing is guessed of how elements nest, what is shown again inside of what is
hidden, or which rule of a sheet wins. That pays for pages up to :data:`MOST_BYTES`: of 9 KB the walk took five
milliseconds and the question more than to read the page at once.

Resists: digits with hidden text between them, digits shown again inside of what is hidden; sheets in comments, styles
in references, escapes and comments in styles; titles in the middle of the text. Linear.
"""

from __future__ import annotations

import re
from typing import Final

from pansentry.views.html_weave import partly, walks

MOST_BYTES: Final = 4096
# in lower case: words, and values that take a closer look; what is no printable ASCII may be white space
_WORDS: Final = (b"hidden", b"visibility", b"opacity", b"clip", b"mso-hide", b"circle(", b"ellipse(")
_VALUES: Final = (
    (b"none", re.compile(rb"display[^!-~]*+:[^!-~]*+none")),
    (
        b"color",
        re.compile(
            rb"(?<!background-)(?<!bg)color[^!#-&(-~]*+[:=][^!#-&(-~]*+"
            rb"(?:w *h *i|t *r *a|# *f *(?:e|f *f)|r *g *b *\( *2 *5 *5)"
        ),
    ),
    (
        b"font-size",
        re.compile(rb"font-size[^!-~]*+:[^!-~]*+(?:[-+.0]|[12](?>(?:\.[0-9]*+)?)p|[0-9](?>(?:\.[0-9]*+)?)%)"),
    ),
    (
        b"font",
        re.compile(
            rb"font[^!-~]*+:(?:[^;{}]{80}|[^;{}]{0,80}?(?<![0-9a-z#])"
            rb"(?:[-+.0]|[12](?>(?:\.[0-9]*+)?)p|[0-9](?>(?:\.[0-9]*+)?)%))"
        ),
    ),
    (b"scale", re.compile(rb"scale(?:(?:3d|x|y)?\(|[^!-~]*+:[^!-~]*+[-+0.])")),
    (b"zoom", re.compile(rb"zoom[^!-~]*+:[^!-~]*+[-+0.]")),
    (b"-", re.compile(rb":[^!-~]*+-[0-9.]")),
)
_CSS_COMMENT: Final = re.compile(rb"/\*(?>(?:[^*]++|\*(?!/))*)(?:\*/|$)")
_TAG: Final = re.compile(rb"<[^>]*+>")
_DIGIT: Final = re.compile(rb"[0-9&\x80-\xff]")
_SHEET, _SHEET_END, _TITLE = b"<style", b"</style", b"<title"


def may_hide(page: bytes, tags: bytes) -> bool:
    """Say whether a tag or a sheet of a page may hide something; ``tags`` in lower case, with references decoded.

    ``page`` has white space collapsed, and no escape of CSS in it that is a number.
    """
    if b"/*" in tags or b"\\" in tags or _may(tags):
        return True
    sheets = _sheets(page.lower())
    return sheets is None or _may(sheets)


def _may(styles: bytes) -> bool:
    return any(word in styles for word in _WORDS) or any(
        word in styles and value.search(styles) is not None for word, value in _VALUES
    )


def _sheets(page: bytes) -> bytes | None:
    """Return what may be a sheet in a page in lower case, each a line, without comments and escapes.

    None if it is not clear where one begins.
    """
    found = []
    position = 0
    while (start := page.find(_SHEET, position)) >= 0:
        end = page.find(_SHEET_END, start)
        position = len(page) if end < 0 else end + len(_SHEET_END)
        sheet = page[start + 1 : position]
        opening = sheet.partition(b">")[0]
        if _SHEET in sheet or b"/*" in opening or opening.count(b'"') % 2 or opening.count(b"'") % 2:
            return None
        found.append(_CSS_COMMENT.sub(b" ", sheet).replace(b"<!--", b" ").replace(b"-->", b" ").replace(b"\\", b""))
    return b"\n".join(found)


def has_title_behind_digits(source: bytes) -> bool:
    """Say whether a title, which no page shows where it stands, may have digits of the text in front of it."""
    last = source.lower().rfind(_TITLE)
    return last > 0 and _DIGIT.search(_TAG.sub(b"", source[:last])) is not None


def texts(data: bytes) -> list[bytes] | None:
    """Return what the readings of a page that leave something out show, in UTF-8; None if the page is not in UTF-8."""
    try:
        source = data.decode("utf-8")
    except UnicodeDecodeError:
        return None
    found = dict.fromkeys(reading.text for prefix, page in walks(source) for reading in partly(source, page, prefix))
    return [text.encode("utf-8", "surrogatepass") for text in found]
