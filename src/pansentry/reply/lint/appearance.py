"""How a letter is built and looks: nothing acts, loads or hides; contrast (WCAG 2.2 1.4.3), size, phones, dark mode."""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import TYPE_CHECKING

from pansentry.reply.lint import phrases
from pansentry.reply.lint.page import contrast

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pansentry.reply.lint.case import Case, Check, Faults

MAX_HTML_BYTES = 100_000
MIN_FONT_PX = 16
MIN_CONTRAST = 4.5

_STYLE = re.compile(r"([^{}]*)\{([^{}]*)\}")
_COLOUR = re.compile(r"(?<![a-z-])(color|background-color|background)\s*:\s*#([0-9a-f]{6})\b", re.IGNORECASE)
_FONT = re.compile(r"font-size\s*:\s*([0-9.]{1,6})(px|pt|em|rem|%)", re.IGNORECASE)
_HIDDEN = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*0|opacity\s*:\s*0(?![.\d])", re.IGNORECASE
)
_ACTIVE = frozenset(
    {"script", "iframe", "object", "embed", "form", "input", "button", "select", "textarea", "svg", "video"}
)


def _attachments(case: Case) -> Faults:
    for tag, attributes in case.page.tags:
        values = " ".join(attributes.values()).lower()
        if "download" in attributes or "cid:" in values or (tag != "a" and "data:" in values):
            yield f"<{tag}> brings a file along.", "Letters have no attachments; use text and links.", "body.html"
    if word := case.says(phrases.ATTACHED, case.text):
        yield f"“{word}” speaks of an attachment.", "Leave it out; letters have none.", "body.txt"


def _active(case: Case) -> Faults:
    for tag, attributes in case.page.tags:
        if tag in _ACTIVE or any(name.startswith("on") for name in attributes):
            yield f"<{tag}> does not belong into a letter.", "Use text and links only.", "body.html"


def _images(case: Case) -> Faults:
    for tag, attributes in case.page.tags:
        if tag == "img" or (tag == "link" and "href" in attributes) or "background" in attributes:
            yield "The letter loads something from elsewhere.", "Use no images; the words must do.", "body.html"
    if re.search(r"url\s*\(|@import", case.css + case.letter.html, re.IGNORECASE):
        yield "A style loads something from elsewhere.", "Use plain colours and system fonts.", "body.html"


def _hidden(case: Case) -> Faults:
    if _HIDDEN.search(case.letter.html) or any("hidden" in attributes for _, attributes in case.page.tags):
        yield "The letter hides something.", "Show everything that it says.", "body.html"


def _language(case: Case) -> Faults:
    root = next((attributes for tag, attributes in case.page.tags if tag == "html"), {})
    rtl = case.language in {"ar", "he", "fa", "ur"}
    if root.get("lang") != case.language or root.get("dir", "ltr") != ("rtl" if rtl else "ltr"):
        yield "The HTML does not name its language and direction.", '<html lang="…" dir="…">', "body.html"


def _schemes(case: Case) -> Faults:
    names = {attributes.get("name") for tag, attributes in case.page.tags if tag == "meta"}
    if not {"color-scheme", "supported-color-schemes"} <= names:
        yield (
            "The HTML does not say that it can be dark.",
            "Keep the two color-scheme lines of the layout.",
            "body.html",
        )
    if not re.search(r"@media[^{]*prefers-color-scheme\s*:\s*dark", case.css):
        yield "The HTML has no dark colours.", "Keep the layout's `@media (prefers-color-scheme: dark)`.", "body.html"


def _phones(case: Case) -> Faults:
    viewport = any(tag == "meta" and a.get("name") == "viewport" for tag, a in case.page.tags)
    if not viewport or not re.search(r"@media[^{]*max-width", case.css):
        yield "The HTML does not fit a phone.", "Keep the viewport line and `@media (max-width: …)`.", "body.html"


def _structure(case: Case) -> Faults:
    article = any(a.get("role") == "article" and a.get("aria-label") for _, a in case.page.tags)
    tables = all(a.get("role") == "presentation" for tag, a in case.page.tags if tag == "table")
    if not article or not tables:
        yield "Screen readers cannot follow the HTML.", 'Keep role="article" and role="presentation".', "body.html"


def _fonts(case: Case) -> Faults:
    factor = {"px": 1.0, "pt": 4 / 3, "em": 16.0, "rem": 16.0, "%": 0.16}
    sizes = [float(size) * factor[unit.lower()] for size, unit in _FONT.findall(case.letter.html)]
    if not sizes or min(sizes) < MIN_FONT_PX:
        yield "Some of the text is small.", f"Use at least {MIN_FONT_PX} px.", "body.html"


def _contrast(case: Case) -> Faults:
    styles = [a["style"] for _, a in case.page.tags if "style" in a]
    styles += [body for _, body in _STYLE.findall(case.css)]
    for style in styles:
        colours = {name.lower().removesuffix("-color"): value for name, value in _COLOUR.findall(style)}
        if {"color", "background"} <= set(colours):
            found = contrast(colours["color"], colours["background"])
            if found < MIN_CONTRAST:
                wrong = f"Text of #{colours['color']} on #{colours['background']} has a contrast of {found:.1f}."
                yield wrong, f"Use at least {MIN_CONTRAST}.", "body.html"


def _size(case: Case) -> Faults:
    if len(case.letter.html.encode("utf-8", "replace")) > MAX_HTML_BYTES:
        yield "The HTML is too large; some mailboxes would cut it off.", "Simplify it.", "body.html"


APPEARANCE: Mapping[str, Check] = MappingProxyType(
    {
        "attachment": _attachments,
        "active-content": _active,
        "remote-content": _images,
        "hidden": _hidden,
        "language": _language,
        "dark-mode": _schemes,
        "phones": _phones,
        "structure": _structure,
        "font-size": _fonts,
        "contrast": _contrast,
        "size": _size,
    }
)
"""Rules of appearance by their stable codes."""
