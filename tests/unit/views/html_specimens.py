"""Random HTML, from well-formed newsletters to tag soup, the same for the same seed."""

from __future__ import annotations

import random
from collections.abc import Iterator

from tests.detection.generator import negatives, positives

_NAMES = (
    "b i span font a u em div p td th tr table ul li h1 center pre blockquote section bdo small code details label "
    "template noscript xmp textarea title button select option svg math iframe style script datalist object"
)
_ELEMENTS = _NAMES.split()
_ATTRIBUTES = (
    'class="x"',
    "class=y",
    "style='color:red'",
    'style="display:none"',
    "style='font-size:0'",
    "hidden",
    'title="a>b"',
    "alt='{n}'",
    'href="http://x.example/?q={n}&amp;r=%3{d}"',
    "data-n={n}",
    'value="{n}"',
    "dir=rtl",
    'a"b',
    "=x",
    "/",
    "id='q'\tname",
)
_GLUE = (
    "", "", "", "", " ", "\n  ", "&nbsp;", "&zwnj;", "&#8203;", "-", ".", "<wbr>", "<br>", "<br/>", "<!-- x -->",
    "<!---->", "<hr>", "\u200b", "\u00ad", " &middot; ", "<img src=x>", "\0", "&shy", "</p>", "</b>",
)  # fmt: skip
_SOUP = (
    "<", "<!--", "-->", "--!>", "<!-->", "</", "</>", "<?php 12 ?>", "<!doctype html>", "<![CDATA[12]]>", "&", "&#",
    "&#x;", "<b", "<a href='", '<a href="', ">", '"', "'", "<script>", "</script>", "<style>.x{display:none}</style>",
    "<title>", "</title>", "<!--[if mso]>", "<![endif]-->", "<textarea>", "</div>", "<plaintext>", "<svg>",
    "</svg>", "\\u0034", "%34", "\u202e", "\u202c", "<style>.y:before{content:'\\34 1'}</style>", "data:text/html,4111",
)  # fmt: skip


def digits(rng: random.Random, text: str) -> str:
    """Spell digits as text, decimal, hexadecimal or zero-padded references."""
    return "".join(
        rng.choice((d, d, d, d, f"&#{ord(d)};", f"&#x{ord(d):x};", f"&#{ord(d):06d};", f"&#X{ord(d):04X};"))
        for d in text
    )


def _pan(rng: random.Random) -> str:
    """Return 16 digits that begin like a Visa and have the right check digit (ISO/IEC 7812-1, Annex B)."""
    body = "4" + "".join(rng.choice("0123456789") for _ in range(14))
    doubled = sum(sum(divmod(int(d) * 2, 10)) for d in body[::2])
    return body + str(-(doubled + sum(int(d) for d in body[1::2])) % 10)


def number(rng: random.Random) -> str:
    """Spell a number of 16 digits with glue between the digits or groups."""
    text = _pan(rng)
    size = rng.choice((1, 2, 4, 4, 4, 8, 16))
    glue = rng.choice(_GLUE)
    return glue.join(digits(rng, text[i : i + size]) for i in range(0, 16, size))


def well_formed(seed: int, depth: int = 3) -> str:
    """Return nested, closed markup with numbers in it."""
    return _tree(random.Random(seed), depth)


def _tree(rng: random.Random, depth: int) -> str:
    pieces: list[str] = []
    for _ in range(rng.randrange(1, 5)):
        kind = rng.randrange(6)
        if kind == 0 or depth == 0:
            pieces.append(rng.choice((number(rng), "some words ", "a &amp; b ", "12 ", "\n")))
        elif kind < 4:
            name = rng.choice(_ELEMENTS[:24])
            attributes = "".join(" " + rng.choice(_ATTRIBUTES[:12]) for _ in range(rng.randrange(3)))
            attributes = attributes.replace("{n}", number(rng) if "<" not in attributes else "").replace("{d}", "1")
            attributes = attributes.replace("<", "(").replace(">", ")")
            pieces.append(f"<{name}{attributes}>{_tree(rng, depth - 1)}</{name}>")
        else:
            pieces.append(rng.choice(_GLUE))
    return "".join(pieces)


def soup(seed: int) -> str:
    """Return anything: pieces of markup in any order, numbers between and across them."""
    rng = random.Random(seed)
    pieces: list[str] = []
    for _ in range(rng.randrange(2, 14)):
        kind = rng.randrange(7)
        if kind < 2:
            pieces.append(number(rng))
        elif kind == 2:
            pieces.append(rng.choice(_SOUP))
        elif kind == 3:
            pieces.append(digits(rng, str(rng.randrange(10**7))))
        elif kind == 4:
            name, attribute = rng.choice(_ELEMENTS), rng.choice(_ATTRIBUTES)
            pieces.append(f"<{name} {attribute}>".replace("{n}", number(rng)).replace("{d}", "1"))
        elif kind == 5:
            pieces.append(f"</{rng.choice(_ELEMENTS)}>")
        else:
            pieces.append(rng.choice(_GLUE))
    return "".join(pieces)


_TAGS = (
    "a abbr acronym address area article aside audio b base bdi bdo big blockquote body br button caption center cite"
    " code col colgroup data datalist dd del details dfn dialog dir div dl dt em embed fieldset figcaption figure font"
    " footer form h1 h2 h3 h4 h5 h6 head header hr html i iframe img input ins kbd label legend li link m main map mark"
    " menu meta meter nav nobr o object ol optgroup option output p param picture pre progress q rp rt ruby s samp"
    " script section select slot small source span st1 strike strong style sub summary sup svg table tbody td textarea"
    " tfoot th thead time title tr track tt u ul v var video w wbr"
)
TAG_NAMES = frozenset(_TAGS.split())
_MARKUP = (
    "<b>", "</b>", "<i>", "<span>", "</span>", '<span class="x">', '<td width="10">', "</td>", "<td>", "<p>", "</p>",
    "<br>", "</p>\r\n<p>", '<p style="line-height:1.4">', '<a href="https://x.example">', "</a>", "</div>\r\n<div>",
    "<font size=2>", "<code>", "</code>", "</i> <i>", '</td><td title="card">', '<b title="security">', "<o:p></o:p>",
)  # fmt: skip
_MORE = ("", "", " 12/27", " 0827", " code 123", " 9999 4111 1111 1111 1111", " 12 41111111", " card", " security code")


def ordinary(seed: int, count: int) -> Iterator[str]:
    """Yield pages of prose with and without card data, whole and cut anywhere, marked up at words and in them."""
    rng = random.Random(seed)
    for sample in [*positives(count, seed=seed), *negatives(count, seed=seed + 1)]:
        yield _marked_up(rng, sample.text)
        for _ in range(2):
            start = rng.randrange(max(1, len(sample.text)))
            yield _marked_up(rng, sample.text[start : start + rng.randrange(15, 120)] + rng.choice(_MORE))


def _marked_up(rng: random.Random, text: str) -> str:
    often, words = rng.choice([0.02, 0.05, 0.15, 0.3]), []
    before, behind = rng.choice([("", ""), (" ", ""), ("", " ")])
    for word in text.replace("&", "&amp;").replace("<", "&lt;").split(" "):
        marked = word
        if rng.random() < often:
            at = rng.randrange(len(word) + 1) if rng.random() < 0.2 else rng.choice([0, len(word)])
            marked = word[:at] + before + rng.choice(_MARKUP) + behind + word[at:]
        words.append(marked)
    lines = " ".join(words).replace("\r\n", "\n").split("\n")
    body = rng.choice(["\r\n", "<br>\r\n", "</p>\r\n<p>", "</p><p>"]).join(lines)
    return rng.choice(["<html><body><p>", '<div class="mail">', ""]) + body + rng.choice(["</p>\r\n", "", "</div>"])


HIDING = (
    "display:none", "display:none", "visibility:hidden", "visibility:collapse", "font-size:0", "font-size:1px",
    "opacity:0",
    "opacity:.05", "color:white", "color:#FFF", "color: # f f f", "color:rgb(255, 255,255)", "color:transparent",
    "-webkit-text-fill-color:transparent", "font:0/0 a", "font:italic 1px/1 serif", "font: 2% x", "mso-hide:all",
    "content-visibility:hidden", "text-indent:-9999px", "position:static;left:-100%", "margin-left:-20em",
    "overflow:hidden;max-height:0", "overflow-x:hidden;width:1px", "clip:rect(0,0,0,0)", "clip-path:inset(50%)",
    "clip-path:circle(0)", "transform:scale(0)", "transform:scale()", "transform:scalex(0)", "filter:opacity(0)",
    "zoom:0", "zoom:+0", "scale:0", "font-size:-.0px", "font-size:\u00a00", "font-size:.1em", "font-size:3%",
    "DISPLAY : NONE !important",
    "dis\\play:none", "d\\69splay:none", "display:/**/none", "display/* x */:none", "/*;*/display:none",
)  # fmt: skip
_SHOWING = (
    "display:inline", "visibility:visible", "font-size:14px", "font-size:1em", "color:black", "color:#333", "opacity:1",
    "font:12px Arial", "-webkit-text-fill-color:#000", "font-size:100%", "text-decoration:none", "width:0",
)  # fmt: skip
_AROUND_SHEETS = (
    ("<style>", "</style>"), ("<style type='text/css'><!-- ", " --></style>"), ("<STYLE>/* x */ ", "</STYLE >"),
    ("<style>@media (max-width:600px){", "}</style>"), ("<style>@media screen{", "}</style>"),
    ("<!--[if mso]><style>", "</style><![endif]-->"), ("<style>", " /* </style>"), ('<style title="a"', "></style>"),
)  # fmt: skip
_SELECTORS = (
    ".h",
    ".h",
    "i",
    "td.h",
    "#h",
    ".k .h",
    "div>i",
    ".h.k",
    "i:first-child",
    "i[lang]",
    "*",
    ".k, i",
    "table .h",
)
_NESTED = "i b span div p td tr table font u a li ul h1 section small title"
_INSIDE = _NESTED.split()
_CONDITIONS = (("<!--[if mso]>", "<![endif]-->"), ("<!--[if !mso]><!-->", "<!--<![endif]-->"), ("<!-- ", " -->"))


def hiding(seed: int) -> str:
    """Return a number cut anywhere with words between, some of it hidden and shown again, by tags and by sheets."""
    rng = random.Random(seed)
    sheet = "".join(
        f"{rng.choice(_SELECTORS)}{{{rng.choice(HIDING if rng.random() < 0.6 else _SHOWING)}}}"
        for _ in range(rng.randrange(4))
    )
    before, behind = rng.choice(_AROUND_SHEETS)
    return (before + sheet + behind if sheet else "") + _shown_and_hidden(rng, _pan(rng), 4)


def _shown_and_hidden(rng: random.Random, text: str, depth: int) -> str:
    """Return the digits in order, between tags of any nesting and words that may be hidden."""
    pieces: list[str] = []
    position = 0
    while position < len(text):
        size = rng.choice((1, 2, 4, 4, 8))
        part, position = text[position : position + size], position + size
        kind = rng.randrange(8)
        if kind < 3 or not depth:
            pieces.append(part)
        elif kind < 7:
            pieces.append(_element(rng, _shown_and_hidden(rng, part, depth - 1)))
        else:
            pieces.append(rng.choice(_CONDITIONS)[0] + part + rng.choice(_CONDITIONS)[1])
        if rng.random() < 0.6:
            pieces.append(_element(rng, rng.choice(("abc", "words ", "12", "x<b>y</b>z", "", "<img alt=7>", "abc"))))
        if rng.random() < 0.15:
            pieces.append(
                rng.choice(("abc", " ", "</i>", "</div>", "<div>", "<td>", "<p>", "&nbsp;", "<!-- x -->", "</p>"))
            )
    return "".join(pieces) if rng.random() < 0.6 else _element(rng, "".join(pieces))


def _element(rng: random.Random, inside: str) -> str:
    """Return an element around markup, that may hide it or show it again, now and then without its end."""
    name = rng.choice(_INSIDE) if rng.random() < 0.5 else "i"
    style = rng.choice(HIDING if rng.random() < 0.5 else _SHOWING)
    if rng.random() < 0.05:
        style = "".join(f"&#{ord(letter)};" if letter.isalpha() else letter for letter in style)
    attribute = rng.choice(
        ("", f' style="{style}"', f" style='{style}'", f' style="{style}"', " hidden", " class=h", ' class="k h"',
         " id=h", " class=k", " color=white", " color='black'", " lang=x")
    )  # fmt: skip
    return f"<{name}{attribute}>{inside}" + ("" if rng.random() < 0.07 else f"</{name}>")
