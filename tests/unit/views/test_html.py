"""HTML as its readers see it, each case an odd thing that real or hostile mails contain."""

from __future__ import annotations

import pytest

from pansentry.edits import Edit, apply
from pansentry.views import html
from pansentry.views.html_prefilter import ALARM, strip_for_prefilter
from pansentry.views.reading import Reading, lower

PAN = "4111111111111111"


def _readings(source: str) -> dict[str, Reading]:
    return {reading.name: reading for reading in html.read(source)}


def _masked(source: str, reading: Reading, found: str = PAN) -> str:
    at = reading.text.index(found)
    return apply(source, lower(reading, [Edit(at, at + len(found), "X" * len(found))]))


SHOWN = [
    ("inline tags vanish", "41<b>11</b>1111<i>1111</i>1111", PAN),
    ("comments vanish", "4111<!-- 99 -->111111111111", PAN),
    ("a comment may end with a bang", "41<!-- 9 --!>11", "4111"),
    ("an empty comment is over at once", "41<!-->11<!--->11", "411111"),
    ("a bogus comment vanishes", "41<?xml 9?>11</ x>11<!x 9>11</>11", "4111111111"),
    ("decimal references", "&#52;&#49&#0000000049;1", "4111"),
    ("hexadecimal references", "&#x34;&#X31&#x000031;1", "4111"),
    ("windows-1252 references", "4&#150;1&#x80;", "4\u20131€"),
    ("a reference of no character", "4&#0;1&#xD800;1&#99999999999999999999;", "4�1�1�"),
    ("legacy names without semicolon", "4&nbsp1&copy1&notit;", "4\xa01©1¬it;"),
    ("names with semicolon", "4&nbsp;1&ensp;1&hyphen;1", "4\xa01\u20021\u20101"),
    ("not a reference", "AT&T 4&; 1&#; &x", "AT&T 4&; 1&#; &x"),
    ("zero-width references vanish", "4&zwnj;1&#8203;1&shy;1&#xFEFF;1", "41111"),
    ("NUL vanishes", "4\x001\x001", "411"),
    ("wbr vanishes", "41<wbr>11", "4111"),
    ("br is a line break", "4111<br>1111<br/>x", "4111\n1111\nx"),
    ("cells are tabs, rows are lines", "<table><tr><td>41</td><td>11</td></tr><tr><th>x</table>", "41\t11\nx\n"),
    (
        "a paragraph that fills its cell makes no line",
        "<table><tr>\n<td>\n<p>41</p>\n</td>\n<td><div><p><b>11</b></p> </div></td><td><p>x<br></p></td></tr>"
        "<tr><td><p>41</p></td><td>\n11<br><br>\n</td><td><p>y</p></table>",
        "41\t11\tx\n41\t11\ty\n",
    ),
    ("paragraphs in a cell are lines", "<table><tr><td><p>41</p><p>11</p></td><td><p>x</table>", "41\n11\tx\n"),
    ("a table in a cell", "<table><tr><td>a</td><td><table><tr><td>41<td>11</table></td></tr>x", "a\t41\t11\nx"),
    ("a table behind a paragraph", "a<p>b</p><table><tr><td><p>41</p></td></tr></table><p>x", "a\nb\n41\nx"),
    ("paragraphs are lines", "<p>41<p>11</p>x", "41\n11\nx"),
    ("white space collapses", "41\n      <b>\n   11</b>", "41 11"),
    ("white space counts in pre", "<pre>41\n  11</pre>", "41\n  11\n"),
    ("attributes in every quoting", "41<b a='>' b=\">\" c=x d>11", "4111"),
    ("a quote in an attribute name", '41<b a"b>11', "4111"),
    ("script and style are not shown", "41<script>9<b></script>11<style>9</style>1", "41111"),
    ("raw text ends at its own tag only", "<script>'</scripty>9</script>41", "41"),
    ("a textarea has no tags", "<textarea>4<b>1&#49;</textarea>", "4<b>11\n"),
    ("xmp has no references", "<xmp>4<b>&#49;</xmp>", "4<b>&#49;\n"),
    ("plaintext never ends", "<plaintext>4</plaintext>1", "4</plaintext>1"),
    ("CDATA is a comment in HTML", "41<![CDATA[9]]>11", "4111"),
    ("CDATA is text in SVG", "<svg><text>41<![CDATA[11]]></text></svg>", "4111"),
    ("a lone angle bracket is text", "4 < 1 <3 <", "4 < 1 <3 <"),
    ("an unclosed tag swallows the rest", "41<b 9", "41"),
    ("an unclosed comment swallows the rest", "41<!-- 9", "41"),
    ("a template is not shown", "41<template>9</template>11", "4111"),
    ("noscript is shown where scripts do not run", "41<noscript>11</noscript>", "4111"),
    ("end tags may have attributes", "41</b x='>'>11", "4111"),
    ("names are case-insensitive", "41<SCRIPT>9</ScRiPt >11<BR>x", "4111\nx"),
]


@pytest.mark.parametrize(("why", "source", "expected"), SHOWN, ids=[case[0] for case in SHOWN])
def test_shown(why: str, source: str, expected: str) -> None:
    """The shown text is what a browser shows, with white space collapsed."""
    assert html.read_text(source).text == expected, why


HIDDEN = [
    "41<span style='display:none'>99</span>11",
    "41<span style='DISPLAY : none !important'>99</span>11",
    "41<span style='d\\69splay:no/**/ne;display:none'>99</span>11",
    "41<span style='visibility:hidden'>99</span>11",
    "41<span style='font-size:0'>99</span>11",
    "41<span style='font-size:0px'><b>99</b></span>11",
    "41<span style='opacity:0'>99</span>11",
    "41<span hidden>99</span>11",
    "41<p hidden>99</p>11",
    "<style>.x{display:none}</style>41<i class='a x'>99</i>11",
    "<style>@media screen{i.x,u{display:none}}</style>41<i class=x>99</i>11",
    "<style>#y{visibility:hidden}</style>41<i id=y>99</i>11",
    "<style>u{display:none}</style>41<u>99</u>11",
    "<style>.a.b{display:none}</style>41<u class='b a'>99</u>11",
    "41<span style='&#100;isplay:none'>99</span>11",
    "41<datalist>99</datalist>11",
    "41<b style='display:none'><div>99</b></div>11",
    "<b style='display:none'>99<p></b>4111",
]


@pytest.mark.parametrize("source", HIDDEN)
def test_hidden_text_is_taken_out_of_the_visible_reading(source: str) -> None:
    """What CSS or HTML hides is in the shown reading and not in a visible one."""
    readings = _readings(source)
    assert "99" in readings["shown"].text
    visible = readings["visible-joined"] if "visible-joined" in readings else readings["visible"]
    assert visible.text.strip() == "4111"


def test_a_child_may_be_visible_again() -> None:
    """Visibility and font size are inherited and can be taken back, display cannot."""
    source = "<p style='visibility:hidden'>9<b style='visibility:visible'>41</b></p>"
    assert _readings(source)["visible"].text.strip() == "41"
    source = "a<p style='display:none'>9<b style='display:block'>41</b></p>"
    assert "41" not in _readings(source)["visible"].text


@pytest.mark.parametrize("style", ["color:#fff", "color:white", "font-size:1px", "text-indent:-9999px", "opacity:.01"])
def test_faint_text_is_taken_out_of_plain_sight(style: str) -> None:
    """What is there but hardly seen is missing from one reading more."""
    readings = _readings(f"41<span style='{style}'>99</span>11")
    assert readings["plain-sight"].text == "4111"
    assert readings["shown"].text == "419911"


def test_joined_has_no_gaps_at_all() -> None:
    """Blocks, cells and breaks leave nothing behind in the joined reading."""
    readings = _readings("<div>4111</div><div>1111</div><td>1111<br>1111")
    assert readings["joined"].text == PAN


ATTRIBUTES = [
    ("<img alt=4111111111111111>", PAN),
    ("<a title='4111&#49;11111111111'>", PAN),
    ('<a href="mailto:a@b?body=4111%31111%311111111">', PAN),
    ('<a href="x?body=%3411111111111111%31">', PAN),
    ('<a href="x?q=%2534111111111111111">', PAN),
    ("<input value=4111111111111111>", PAN),
    ("<div data-x='4111111111111111'>", PAN),
    ("<a aria-label='4111+1111'>", "4111 1111"),
    ("<meta content='4111111111111111'>", PAN),
]


@pytest.mark.parametrize(("source", "expected"), ATTRIBUTES)
def test_attribute_values_are_read(source: str, expected: str) -> None:
    """Every attribute is read with references and percent escapes decoded, and can be edited."""
    hits = [r for r in html.read(source) if r.name.endswith("attribute") and expected in r.text]
    assert hits
    masked = _masked(source, hits[-1], expected)
    assert not any(expected in r.text for r in html.read(masked))


def test_text_between_cells_is_read_where_browsers_show_it() -> None:
    """What stands in a table but in no cell is shown in front of the table."""
    readings = _readings("card <table><tr><td>11111111</td></tr>41111111</table>")
    assert "4111111111111111" in readings["fostered-joined"].text


def test_alternative_texts_are_read_in_place() -> None:
    """With pictures blocked the alternative text stands between the other digits."""
    assert "4111" in _readings("4<img alt='11'>1")["inline"].text


@pytest.mark.parametrize(
    "source",
    [
        "<bdo dir=rtl>1111111111111114</bdo>",
        "<span style='unicode-bidi:bidi-override;direction:rtl'>1111111111111114</span>",
        "\u202e1111111111111114\u202c",
        "&#8238;1111111111111114&#x202c;",
        "<p dir=rtl style='unicode-bidi: isolate-override'>11111111<b>11111114</b></p>",
        "<bdo dir=rtl>1111<bdo dir=ltr>1111</bdo>11111114</bdo>",
    ],
)
def test_text_that_is_shown_backwards_is_read_backwards(source: str) -> None:
    """Overrides by element, style or control character are read in the order of the screen."""
    visual = [r for r in html.read(source) if r.name.startswith("visual")]
    assert any(PAN in r.text for r in visual)
    masked = _masked(source, visual[0])
    assert not any(PAN in r.text for r in html.read(masked))


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("41<!-- > --!>11", "lenient-shown"),
        ("41<![CDATA[11]]>", "lenient-shown"),
        ('x <a href="4111', "lenient-shown"),
        ("<script/>4111", "lenient-shown"),
        ("<!--[if mso]>41<b>11</b><![endif]-->", "conditional-shown"),
    ],
)
def test_broken_and_conditional_markup_is_read_as_others_read_it(source: str, name: str) -> None:
    """Where browsers, text readers and Outlook differ, each has its reading."""
    text = _readings(source)[name].text
    assert "41" in text
    assert "11" in text


def test_the_source_is_a_reading_of_its_own() -> None:
    """Scripts, sheets, comments and attributes are found in the source, escapes decoded."""
    readings = _readings('<script>x="\\u0034111"</script><style>a:before{content:"\\34 111"}</style><!-- &#52;111 -->')
    assert "4111" in readings["escapes"].text
    assert "4111" in readings["css-escapes"].text
    assert "4111" in readings["source-decoded"].text
    assert "&#52;111" in readings["source"].text


def test_a_mask_leaves_tags_comments_and_words() -> None:
    """Only the characters of the number are replaced, wherever markup stands between them."""
    source = "<p>Card <b>4111</b><!-- x -->&#49;111<span class='d4'>1111</span>&nbsp;11<br>11, thanks &amp; bye</p>"
    reading = html.read_text(source)
    at = reading.text.index("4")
    masked = apply(source, lower(reading, [Edit(at, at + 18, "XXXXXXXXXXXX\xa0XX\nXX")]))
    assert masked == (
        "<p>Card <b>XXXX</b><!-- x -->XXXX<span class='d4'>XXXX</span>&nbsp;XX<br>XX, thanks &amp; bye</p>"
    )


def test_a_replacement_is_spelt_as_html() -> None:
    """A policy's own words cannot become markup."""
    source = "a <b>4111</b>"
    assert apply(source, lower(html.read_text(source), [Edit(2, 6, "<i> & 'x'")])) == "a <b>&lt;i&gt; &amp; 'x'</b>"


def test_a_replacement_cannot_end_an_attribute() -> None:
    """In an unquoted value blanks and brackets become references."""
    source = "<img alt=4111>"
    reading = _readings(source)["attribute"]
    assert apply(source, lower(reading, [Edit(0, 4, 'a b>"')])) == "<img alt=a&#32;b&#62;&#34;>"


@pytest.mark.parametrize("source", ["a <4111111111111111> b", "<4111111111111111", "a <4111 1111 11111111/> <b>c</b>"])
def test_a_mask_behind_a_bracket_opens_no_tag(source: str) -> None:
    """``<4…`` is text, ``<X…`` would be a tag: the words behind it must stay."""
    reading = html.read_text(source)
    edits = [Edit(i, i + 1, "X") for i, c in enumerate(reading.text) if c.isdigit()]
    again = html.read_text(apply(source, lower(reading, edits)))
    assert again.text == apply(reading.text, edits)
    removed = html.read_text(apply(source, lower(reading, [Edit(edits[0].start, edits[-1].end, "")])))
    assert removed.text.replace("\u200b", "") == reading.text[: edits[0].start] + reading.text[edits[-1].end :]


def test_equal_texts_from_other_places_are_both_kept() -> None:
    """The same number in a comment and in the text must be cut from both."""
    source = f"<!--{PAN}-->{PAN}"
    masked = source
    for reading in html.read(source):
        if PAN in reading.text and reading.name == "source":
            edits = [Edit(i, i + 16, "X" * 16) for i in range(len(reading.text)) if reading.text.startswith(PAN, i)]
            masked = apply(source, lower(reading, edits))
    assert PAN not in masked


@pytest.mark.parametrize(
    ("why", "source", "name"),
    [
        ("floats", "".join(f"<i style='float:right'>{d}</i>" for d in reversed(PAN)), "laid-out"),
        ("row-reverse", f"<p style='flex-flow:row-reverse'><i>{PAN[8:]}</i><i>{PAN[:8]}</i></p>", "laid-out"),
        ("order", f"<i style='order:2'>{PAN[8:]}</i><div style='order:1'>{PAN[:8]}</div>", "laid-out"),
        ("ruby", "".join(f"{d}<rt>x7</rt>" for d in PAN), "plain-sight"),
        (
            "generated",
            "<style>"
            + "".join(f".d{d}::before{{content:'{d}'}}" for d in "0123456789")
            + "</style>"
            + "".join(f"<i class=d{d}></i>" for d in PAN),
            "generated",
        ),
        ("page in page", f"<iframe srcdoc='&lt;b>{PAN[:8]}&lt;/b>{PAN[8:]}'></iframe>", "inner/attribute"),
    ],
)
def test_digits_are_read_in_the_order_of_the_screen(why: str, source: str, name: str) -> None:
    """Layout, ruby, generated content and pages in attributes: one reading has the number as it is shown."""
    assert PAN in _readings(source)[name].text, why
    assert strip_for_prefilter(source.encode()).startswith(ALARM)


def test_a_mask_finds_its_way_through_layout() -> None:
    """Digits that are floated to the right are masked where they stand."""
    source = "<p>" + "".join(f"<i style='float:right'>{d}</i>" for d in reversed(PAN)) + "</p>"
    masked = _masked(source, _readings(source)["laid-out"])
    assert masked == "<p>" + "<i style='float:right'>X</i>" * len(PAN) + "</p>"


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ('<p>my card: <a href="tel:4111-1111-1111-1111">number</a></p>', "my card: \t4111-1111-1111-1111\nnumber"),
        ('<a href="MAILTO:411111111111@x.example">x</a>', "\t411111111111@x.example\nx"),
        ('<a href="tel:555">call</a><img alt="a">', "calla"),
        ('<a href="https://x.example/4111111111111111">go</a><img alt="a">', "goa"),
    ],
)
def test_targets_for_people_are_read_in_place(source: str, shown: str) -> None:
    """A long number or an address behind a link stands where the link does; short numbers and web pages do not."""
    assert _readings(source)["inline"].text.strip("\n") == shown


def test_an_escaped_target_is_decoded() -> None:
    """Percent escapes in such a target are read as what they mean, under the words before it."""
    source = '<p>card: <a href="mailto:%34%31%31%31%31%31%31%31@x.example">here</a></p>'
    assert any("card: \t41111111@x.example" in reading.text for reading in html.read(source))


def test_generated_attributes_can_be_masked() -> None:
    """What ``attr()`` shows leads back to the attribute."""
    source = "<style>i:after{content:attr(data-x)}</style><i data-x='41'></i><i data-x='11'></i>"
    reading = _readings(source)["generated"]
    assert reading.text == "4111"
    assert apply(source, lower(reading, [Edit(0, 4, "XXXX")])) == source.replace("41'", "XX'").replace("11'", "XX'")


@pytest.mark.parametrize(
    "source",
    [
        "<table dir=rtl><tr><td>4<td>3<td>2<td>1</table>",
        "<div style='direction:rtl'><table><tr><td>4</td><td>3</td><td>2</td><td>1</td></tr></table></div>",
        "<svg><text><tspan x=40>4</tspan><tspan x=10>1</tspan><tspan x=30>3</tspan><tspan x=20>2</tspan></text></svg>",
    ],
)
def test_places_on_the_screen_give_the_order(source: str) -> None:
    """Cells of a table from right to left and SVG text by its ``x`` are read in the order of the screen."""
    orders = {"".join(filter(str.isdigit, reading.text)) for reading in html.read(source)}
    assert "1234" in orders


def test_children_that_a_sheet_hides_by_their_place_are_not_visible() -> None:
    """Decoys in every second place are taken out; a linked sheet inside a ``data:`` link counts as well."""
    digits = "".join(f"<b>{digit}</b><b>9</b>" for digit in "41111")
    for sheet in (
        "<style>b:nth-child(even){display:none}</style>",
        "<link rel=stylesheet href='data:text/css,b:nth-of-type(2n)%7Bdisplay:none%7D'>",
    ):
        assert _readings(f"{sheet}<p>{digits}</p>")["visible"].text.strip() == "41111"


@pytest.mark.parametrize(
    "source",
    [
        "<table dir=rtl><tr><td>1</td><td>4</td></tr></table>",
        "<style>i:before{content:attr(data-x)}</style><i data-x=4></i>",
        "<!DOCTYPE p [<!ENTITY a '4111'>]><p>&a;</p>",
    ],
)
def test_the_fast_strip_is_alarmed_by_what_it_cannot_follow(source: str) -> None:
    """What only the walk understands is never judged by the strip alone."""
    assert strip_for_prefilter(source.encode()).startswith(ALARM)


@pytest.mark.parametrize(
    ("rows", "stays"),
    [
        (("Name|Order no.|Total", "Anna|4929381332664295|12.00"), False),
        (("Name|Order no.|Total", "4929381332664295|12.00"), True),
        (("4929381332664295|Order no.|Total", "Anna|1042|12.00"), True),
        (("Name|Order no.|Total", "Anna|4929 3813|12.00"), True),
    ],
)
def test_the_source_leaves_numbers_under_a_head_to_the_table(rows: tuple[str, ...], stays: bool) -> None:
    """A long number in a row like its table's first one is read there; in the head, or in an odd row, it stays."""
    cells = ("".join(f"<td>{cell}</td>" for cell in row.split("|")) for row in rows)
    text = "<table>" + "".join(f"<tr>{row}</tr>" for row in cells) + "</table><p>&amp; 77</p>"
    readings = _readings(text)
    number = "49293813" if "4929381" in text else "4929 3813"
    assert (number in readings["source"].text) is stays
    bare = html.source(text)
    assert (bare is None) is stays
    if bare is not None:
        assert bare.text == text.replace("4929381332664295", "")
        assert apply(text, lower(bare, [Edit(bare.text.index("77"), bare.text.index("77") + 2, "XX")])) == text.replace(
            "77", "XX"
        )
    assert number in readings["shown"].text
