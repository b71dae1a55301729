"""As much CSS as decides whether text is seen: hidden, faint, written backwards.

In: ``style`` attributes and the contents of ``<style>``. Out: a :class:`Look` per element. CSS Syntax 3 §4.3.7
(escapes), Display 3, Visibility, Writing Modes 4 §2 (``unicode-bidi``). Sheets: selectors of an element, a class, two
classes, an id and their compounds; of a longer selector the last compound counts, later rules win.

Resists: decoys between the digits (``<span style="display:none">``, by class, by escapes such as ``d\\69splay``);
digits that layout puts in another order (floats, reversed flex boxes, ``order``, absolute ``left``) or that are
generated content of classes. Children by place (``:nth-child``, ``:nth-of-type``, ``:first-…``) are told apart; what an
attribute selector or another pseudo-class hides counts as hardly seen. Known gaps: places counted from the end,
``@import`` of sheets elsewhere, named grid areas, transforms.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final, NamedTuple
from urllib.parse import unquote_to_bytes

from pansentry.mime.transfer import decode_base64

MAX_RULES: Final = 5000
MAX_CLASSES: Final = 8
MAX_PLACES: Final = 100
"""Rules by place; what further ones hide counts as hardly seen, like what any other pseudo-class hides."""

_COMMENT: Final = re.compile(r"/\*(?>(?:[^*]++|\*(?!/))*)(?:\*/|$)")
_ESCAPE: Final = re.compile(r"\\(?:([0-9a-fA-F]{1,6})(?:\r\n|[ \t\n\r\f])?|([^\n\r\f]))")
_COMPOUND: Final = re.compile(r"^([a-z][\w-]*|\*)?((?:[.#][\w-]+)*)$")
_QUALIFIED: Final = re.compile(r"(?>(?:\[[^\]]*+\]|::?[\w-]++(?:\([^()]*+\))?)+)$")
_VALUES: Final = re.compile(r"\[[^\]]*+\]")
_GENERATED: Final = re.compile(r"::?(?:before|after)$")
_CONTENT: Final = re.compile(r"\"([^\"]*+)\"|'([^']*+)'|attr\(\s*+([a-z0-9_-]++)\s*+\)")
_NTH: Final = re.compile(r"^[^:]*:(?:(first)-|nth-)(?:child|(of-type))(?:\(\s*([^()]*?)\s*\))?$")
_STEPS: Final = re.compile(r"([+-]?[0-9]{0,4})n([+-][0-9]{1,4})?$|([+-]?[0-9]{1,4})$")
_INSIDE: Final = re.compile(r"\([^()]*+\)")
_PLUS: Final = "\u2795"  # stands for + inside of parentheses, where it is no combinator
_PIXELS: Final = re.compile(r"^(-?[0-9]{1,6}(?:\.[0-9]{1,4})?)(?:px|pt|em|rem|ch|%|)$")
_PART: Final = re.compile(r"([.#])([\w-]+)")
_ZERO: Final = re.compile(r"^[+-]?(?:0+(?:\.0*)?|\.0+)(?:[a-z%]*)$")
_FONT_SIZE: Final = re.compile(r"(?:^|\s)((?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:%|[a-z]{1,4})|0+(?:\.0*)?)(?=[\s/])")
_FAR: Final = re.compile(r"^-(?:[0-9]{3,}|[0-9]+(?:\.[0-9]+)?(?:em|rem|vw|vh)|100%)")
_TINY: Final = re.compile(r"^(?:[12](?:\.[0-9]+)?(?:px|pt)|0?\.[0-9]+(?:em|rem|px|pt)|[0-9](?:\.[0-9]+)?%)$")
_FAINT_OPACITY: Final = re.compile(r"^(?:0?\.[01][0-9]*|1?[0-9]?%)$")
_NOTHING_LEFT: Final = re.compile(r"(?:scale(?:3d|x|y)?|opacity|circle|ellipse)\(\s*+0?\.?0*+(?![0-9.])")
_WHITE: Final = frozenset({"white", "#fff", "#ffffff", "#fefefe", "#fffffe", "transparent", "rgb(255,255,255)"})
_OVERRIDES: Final = frozenset({"bidi-override", "isolate-override"})


class Look(NamedTuple):
    """What CSS says of one element; None says nothing (inherited).

    ``gone``: taken out with everything inside. ``unseen``: invisible, ``shrunk``: of size 0; a child may be seen again.
    ``faint``: there, but hardly seen (white, tiny, off the page). ``override``: ``rtl`` or ``ltr``, all characters are
    laid out that way. ``preformatted``: white space counts. ``reverse``: what is inside or beside it is laid out from
    right to left or from below. ``rank``: where among its neighbours it stands. ``rtl``: its cells go to the left.
    """

    gone: bool = False
    unseen: bool | None = None
    shrunk: bool | None = None
    faint: bool | None = None
    override: str | None = None
    preformatted: bool | None = None
    reverse: bool = False
    rank: float | None = None
    rtl: bool = False


NOTHING: Final = Look()


class Nth(NamedTuple):
    """``:nth-child(step n + first)`` and its kin (Selectors 4 §14.3); ``of_type`` counts elements of one name."""

    step: int
    first: int
    of_type: bool

    def holds(self, number: int) -> bool:
        """Say whether the ``number``-th child (from 1; 0 is unknown) is meant."""
        if not number or self.step == 0:
            return number == self.first and number > 0
        return (number - self.first) % self.step == 0 and (number - self.first) // self.step >= 0


def nth(compound: str) -> Nth | None:
    """Return which children a compound selector picks by their place from the front, None if by anything else."""
    match = _NTH.match(compound)
    if match is None:
        return None
    written = (match[3] or "").replace(_PLUS, "+")
    steps = _STEPS.match("1" if match[1] else {"even": "2n", "odd": "2n+1"}.get(written, written))
    if steps is None:
        return None
    if steps[3]:
        return Nth(0, int(steps[3]), bool(match[2]))
    step = {"": 1, "+": 1, "-": -1}.get(steps[1])
    return Nth(int(steps[1]) if step is None else step, int(steps[2] or "0"), bool(match[2]))


def _without_blanks(inside: re.Match[str]) -> str:
    return "".join(inside[0].split()).replace("+", _PLUS)


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
    visibility, opacity, size = (
        get("visibility", ""),
        get("opacity", ""),
        get("font-size", "") or _font_size(properties),
    )
    unseen = visibility in ("hidden", "collapse") if visibility else None
    shrunk = True if _ZERO.match(size) else None if not size or size.endswith(("%", "em")) else False
    faint: bool | None = None
    if (colour := get("-webkit-text-fill-color") or get("color")) is not None:
        faint = colour.replace(" ", "") in _WHITE
    clipped = "hidden" in (get("overflow", ""), get("overflow-x", ""), get("overflow-y", ""))
    if (
        any(_FAR.match(get(name, "")) for name in ("text-indent", "left", "top", "margin-left", "right"))
        or _TINY.match(size)
        or _FAINT_OPACITY.match(opacity)
        or get("clip", "").startswith("rect")
        or get("clip-path", "").startswith("inset")
        or get("mso-hide") == "all"
        or _NOTHING_LEFT.search(get("transform", "") + get("filter", "") + get("clip-path", ""))
        or _ZERO.match(get("zoom", "") or get("scale", ""))
        or (clipped and any(_ZERO.match(get(n, "")) or _TINY.match(get(n, "")) for n in _BOX))
    ):
        faint = True
    override = None
    if get("unicode-bidi") in _OVERRIDES:
        override = "rtl" if get("direction") == "rtl" else "ltr"
    white_space = get("white-space")
    preformatted = white_space.startswith(("pre", "break-spaces")) if white_space else None
    gone = get("display") == "none" or bool(_ZERO.match(opacity)) or get("content-visibility") == "hidden"
    rtl = get("direction") == "rtl"
    return Look(gone, unseen, shrunk, faint, override, preformatted, _is_reverse(properties), _rank(properties), rtl)


def _font_size(properties: dict[str, str]) -> str:
    """Return the size in the ``font`` shorthand (CSS Fonts 4 §2.7): ``font: italic 0/0 serif``."""
    size = _FONT_SIZE.search(properties.get("font", ""))
    return size[1] if size else ""


def _is_reverse(properties: dict[str, str]) -> bool:
    flow = properties.get("flex-direction", "") + properties.get("flex-flow", "")
    return properties.get("float") == "right" or "-reverse" in flow


def _rank(properties: dict[str, str]) -> float | None:
    """Return where an element stands among its neighbours, if CSS places it."""
    if number := _PIXELS.match(properties.get("order", "")) or _PIXELS.match(properties.get("x", "")):
        return float(number[1])
    if properties.get("position") in ("absolute", "relative", "fixed"):
        number = _PIXELS.match(properties.get("left", ""))
        return float(number[1]) if number and not number[1].startswith("-") else None
    return None


def of_link(href: str) -> str:
    """Return the style sheet that a ``data:`` link holds (RFC 2397), ``""`` for any other link."""
    kind, comma, css = href.partition(",")
    if not comma or not kind.lower().startswith("data:text/css"):
        return ""
    octets = unquote_to_bytes(css)
    return (decode_base64(octets) if kind.lower().endswith(";base64") else octets).decode("utf-8", "replace")


_BOX: Final = ("height", "max-height", "width", "max-width", "line-height")


@dataclass(slots=True)
class Sheet:
    """The rules of all ``<style>`` elements that matter here, by compound selector."""

    rules: dict[str, dict[str, str]] = field(default_factory=dict)
    generated: dict[str, tuple[tuple[str, str], ...]] = field(default_factory=dict)
    """What ``::before`` and ``::after`` show, by compound selector: texts, and names of attributes (``attr(…)``)."""
    places: dict[str, list[tuple[Nth, dict[str, str]]]] = field(default_factory=dict)
    """What holds for the children at some places only, by compound selector."""

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
        shown = tuple(
            (a or b, name) for a, b, name in _CONTENT.findall(properties.get("content", "")) if a or b or name
        )
        if look(properties) == NOTHING and "display" not in properties and not shown:
            return
        if narrow:  # what only some screens hide is treated as hardly seen
            properties = {"mso-hide": "all"} if any(look(properties)[:3]) else {}
        for selector in _INSIDE.sub(_without_blanks, _VALUES.sub("[]", unescape(selectors))).split(",")[:100]:
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
            elif (place := nth(last)) and sum(map(len, self.places.values())) < MAX_PLACES:
                self.places.setdefault(key, []).append((place, properties))
            elif _QUALIFIED.search(last):
                if any(look(properties)[:3]):  # of some of these elements, nobody here knows which
                    self.rules.setdefault(key, {}).update({"mso-hide": "all"})
            else:
                self.rules.setdefault(key, {}).update(properties)

    def properties(
        self, element: str, classes: list[str], identifier: str, place: tuple[int, int] = (0, 0)
    ) -> dict[str, str]:
        """Return what the sheet says of an element, the more specific selectors last.

        ``place`` is its number among all children of its parent and among those of its name, from 1; 0 is unknown.
        """
        merged: dict[str, str] = {}
        for key in self._keys(element, classes, identifier) if self.rules or self.places else ():
            if key in self.rules:
                merged.update(self.rules[key])
            for where, properties in self.places.get(key, ()):
                if where.holds(place[where.of_type]):
                    merged.update(properties)
        return merged

    def content(self, element: str, classes: list[str], identifier: str) -> list[tuple[str, str]]:
        """Return what the sheet puts into an element: texts and names of attributes."""
        keys = self._keys(element, classes, identifier) if self.generated else ()
        return [piece for key in keys for piece in self.generated.get(key, ())]

    @staticmethod
    def _keys(element: str, classes: list[str], identifier: str) -> list[str]:
        dotted = sorted(f".{name}" for name in classes[:MAX_CLASSES])
        pairs = [a + b for i, a in enumerate(dotted) for b in dotted[i + 1 :]]
        keys = ["", element, *dotted, *pairs, *(element + name for name in (*dotted, *pairs))]
        if identifier:
            keys += [f"#{identifier}", f"{element}#{identifier}"]
        return keys
