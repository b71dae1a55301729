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
