"""As much CSS as decides whether text is seen: hidden, faint, written backwards.

In: ``style`` attributes and the contents of ``<style>``. Out: a :class:`Look` per element. CSS Syntax 3 §4.3.7
(escapes), Display 3, Visibility, Writing Modes 4 §2 (``unicode-bidi``). Sheets: selectors of an element, a class, two
classes, an id and their compounds; of a longer selector the last compound counts, later rules win.

Resists: decoys between the digits (``<span style="display:none">``, by class, by escapes such as ``d\\69splay``);
digits that layout puts in another order (floats, reversed flex boxes, ``order``, absolute ``left``) or that are
generated content of classes. What an attribute selector or a pseudo-class hides counts as hardly seen.
Known gaps: ``@import`` of sheets elsewhere, ``:nth-child`` and its kin told apart, grids, transforms.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final, NamedTuple

MAX_RULES: Final = 5000
MAX_CLASSES: Final = 8

_COMMENT: Final = re.compile(r"/\*(?:[^*]++|\*(?!/))*+(?:\*/|$)")
_ESCAPE: Final = re.compile(r"\\(?:([0-9a-fA-F]{1,6})(?:\r\n|[ \t\n\r\f])?|([^\n\r\f]))")
_COMPOUND: Final = re.compile(r"^([a-z][\w-]*|\*)?((?:[.#][\w-]+)*)$")
_QUALIFIED: Final = re.compile(r"(?:\[[^\]]*+\]|::?[\w-]++(?:\([^()]*+\))?)++$")
_VALUES: Final = re.compile(r"\[[^\]]*+\]")
_GENERATED: Final = re.compile(r"::?(?:before|after)$")
_STRING: Final = re.compile(r"\"([^\"]*+)\"|'([^']*+)'")
_PIXELS: Final = re.compile(r"^(-?[0-9]{1,6}(?:\.[0-9]{1,4})?)(?:px|pt|em|rem|ch|%|)$")
_PART: Final = re.compile(r"([.#])([\w-]+)")
_ZERO: Final = re.compile(r"^[+-]?(?:0+(?:\.0*)?|\.0+)(?:[a-z%]*)$")
_FAR: Final = re.compile(r"^-(?:[0-9]{3,}|[0-9]+(?:\.[0-9]+)?(?:em|rem|vw|vh)|100%)")
_TINY: Final = re.compile(r"^(?:[12](?:\.[0-9]+)?(?:px|pt)|0?\.[0-9]+(?:em|rem|px|pt)|[0-9](?:\.[0-9]+)?%)$")
_FAINT_OPACITY: Final = re.compile(r"^(?:0?\.[01][0-9]*|1?[0-9]?%)$")
_WHITE: Final = frozenset({"white", "#fff", "#ffffff", "#fefefe", "#fffffe", "transparent", "rgb(255,255,255)"})
_OVERRIDES: Final = frozenset({"bidi-override", "isolate-override"})


class Look(NamedTuple):
    """What CSS says of one element; None says nothing (inherited).

    ``gone``: taken out with everything inside. ``unseen``: invisible, ``shrunk``: of size 0; a child may be seen again.
    ``faint``: there, but hardly seen (white, tiny, off the page). ``override``: ``rtl`` or ``ltr``, all characters are
    laid out that way. ``preformatted``: white space counts. ``reverse``: what is inside or beside it is laid out from
    right to left or from below. ``rank``: where among its neighbours it stands.
    """

    gone: bool = False
    unseen: bool | None = None
    shrunk: bool | None = None
    faint: bool | None = None
    override: str | None = None
    preformatted: bool | None = None
    reverse: bool = False
    rank: float | None = None


NOTHING: Final = Look()


def unescape(css: str) -> str:
    """Decode CSS escapes: ``\\34 1`` is ``41``."""
    return _ESCAPE.sub(lambda m: _character(m[1]) if m[1] else m[2], css) if "\\" in css else css


def _character(digits: str) -> str:
    number = int(digits, 16)
    return chr(number) if 0 < number < 0xD800 or 0xDFFF < number <= 0x10FFFF else "�"


def declarations(style: str) -> dict[str, str]:
    """Return the properties of a declaration list, lower case, without comments, escapes and ``!important``."""
    plain = unescape(_COMMENT.sub(" ", style)).lower()
    found: dict[str, str] = {}
    for declaration in plain.split(";"):
        name, colon, value = declaration.partition(":")
        if colon:
            found[name.strip()] = value.partition("!important")[0].strip()
    return found


def look(properties: dict[str, str]) -> Look:
    """Judge a declaration list."""
    get = properties.get
    visibility, opacity, size = get("visibility", ""), get("opacity", ""), get("font-size", "")
    unseen = visibility in ("hidden", "collapse") if visibility else None
    shrunk = True if _ZERO.match(size) else None if not size or size.endswith(("%", "em")) else False
    faint: bool | None = None
    if get("color") is not None:
        faint = get("color", "").replace(" ", "") in _WHITE
    clipped = "hidden" in (get("overflow", ""), get("overflow-x", ""), get("overflow-y", ""))
    if (
        any(_FAR.match(get(name, "")) for name in ("text-indent", "left", "top", "margin-left", "right"))
        or _TINY.match(size)
        or _FAINT_OPACITY.match(opacity)
        or get("clip", "").startswith("rect")
        or get("clip-path", "").startswith("inset")
        or get("mso-hide") == "all"
        or (clipped and any(_ZERO.match(get(n, "")) or _TINY.match(get(n, "")) for n in _BOX))
    ):
        faint = True
    override = None
    if get("unicode-bidi") in _OVERRIDES:
        override = "rtl" if get("direction") == "rtl" else "ltr"
    white_space = get("white-space")
    preformatted = white_space.startswith(("pre", "break-spaces")) if white_space else None
    gone = get("display") == "none" or bool(_ZERO.match(opacity)) or get("content-visibility") == "hidden"
    return Look(gone, unseen, shrunk, faint, override, preformatted, _is_reverse(properties), _rank(properties))


def _is_reverse(properties: dict[str, str]) -> bool:
    flow = properties.get("flex-direction", "") + properties.get("flex-flow", "")
    return properties.get("float") == "right" or "-reverse" in flow


def _rank(properties: dict[str, str]) -> float | None:
    """Return where an element stands among its neighbours, if CSS places it."""
    if number := _PIXELS.match(properties.get("order", "")):
        return float(number[1])
    if properties.get("position") in ("absolute", "relative", "fixed"):
        number = _PIXELS.match(properties.get("left", ""))
        return float(number[1]) if number and not number[1].startswith("-") else None
    return None


_BOX: Final = ("height", "max-height", "width", "max-width", "line-height")


@dataclass(slots=True)
class Sheet:
    """The rules of all ``<style>`` elements that matter here, by compound selector."""

    rules: dict[str, dict[str, str]] = field(default_factory=dict)
    generated: dict[str, str] = field(default_factory=dict)
    """What ``::before`` and ``::after`` show, by compound selector."""

    def add(self, css: str) -> None:
        """Read one sheet; rules past :data:`MAX_RULES` are not read (all text is a reading of its own)."""
        plain = _COMMENT.sub(" ", css).replace("<!--", " ").replace("-->", " ")
        narrow = False  # inside ``@media (max-width…)`` or print: may hide on some screens
        position = 0
        while (opening := plain.find("{", position)) >= 0:
            prelude = plain[position:opening].rpartition(";")[2].rpartition("}")
            position = opening + 1
            narrow = narrow and not prelude[1]
            selector = prelude[2].strip().lower()
            if selector.startswith("@"):
                narrow = "(" in selector or "print" in selector
                continue
            closing = plain.find("}", opening)
            closing = len(plain) if closing < 0 else closing
            if len(self.rules) < MAX_RULES:
                self._rule(selector, declarations(plain[opening + 1 : closing]), narrow)
            position = closing + 1

    def _rule(self, selectors: str, properties: dict[str, str], narrow: bool) -> None:
        shown = "".join(a or b for a, b in _STRING.findall(properties.get("content", "")))
        if look(properties) == NOTHING and "display" not in properties and not shown:
            return
        if narrow:  # what only some screens hide is treated as hardly seen
            properties = {"mso-hide": "all"} if any(look(properties)[:3]) else {}
        for selector in _VALUES.sub("[]", unescape(selectors)).split(",")[:100]:
            compounds = selector.replace(">", " ").replace("+", " ").replace("~", " ").split()
            last = compounds[-1] if compounds else ""
            match = _COMPOUND.match(_QUALIFIED.sub("", last)) if last else None
            if match is None:
                continue
            parts = sorted(sign + name for sign, name in _PART.findall(match[2]))
            key = ("" if match[1] in (None, "*") else match[1]) + "".join(parts)
            if _GENERATED.search(last):
                if shown:
                    self.generated[key] = shown
            elif _QUALIFIED.search(last):
                if any(look(properties)[:3]):  # of some of these elements, nobody here knows which
                    self.rules.setdefault(key, {}).update({"mso-hide": "all"})
            else:
                self.rules.setdefault(key, {}).update(properties)

    def properties(self, element: str, classes: list[str], identifier: str) -> dict[str, str]:
        """Return what the sheet says of an element, the more specific selectors last."""
        merged: dict[str, str] = {}
        for key in self._keys(element, classes, identifier) if self.rules else ():
            if key in self.rules:
                merged.update(self.rules[key])
        return merged

    def text(self, element: str, classes: list[str], identifier: str) -> str:
        """Return what the sheet puts into an element."""
        keys = self._keys(element, classes, identifier) if self.generated else ()
        return "".join(self.generated.get(key, "") for key in keys)

    @staticmethod
    def _keys(element: str, classes: list[str], identifier: str) -> list[str]:
        dotted = sorted(f".{name}" for name in classes[:MAX_CLASSES])
        pairs = [a + b for i, a in enumerate(dotted) for b in dotted[i + 1 :]]
        keys = ["", element, *dotted, *pairs, *(element + name for name in (*dotted, *pairs))]
        if identifier:
            keys += [f"#{identifier}", f"{element}#{identifier}"]
        return keys
