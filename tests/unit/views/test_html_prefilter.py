"""The fast strip: it may cry wolf, it must never be silent."""

from __future__ import annotations

import pytest
from tests.unit.views.html_specimens import HIDING, TAG_NAMES, hiding, ordinary, soup, well_formed

from pansentry.pan import find
from pansentry.pan.engines import WORD_GAP
from pansentry.pan.expressions import first_pass, second_pass
from pansentry.pan.prefilter import may_hold_card_data, may_hold_card_data_bytes
from pansentry.views import html, html_parts, html_signs, signs
from pansentry.views.html_parts import part, with_breaks
from pansentry.views.html_prefilter import ALARM, strip_for_prefilter, strip_with_source
from pansentry.views.signs import Sign


def _rings(data: bytes) -> bool:
    return may_hold_card_data_bytes(data)


@pytest.mark.parametrize("seed", range(1500))
def test_what_a_reading_holds_the_strip_holds(seed: int) -> None:
    """If the detector finds anything in any reading, the stripped bytes ring."""
    _rings_if_anything_is_found(well_formed(seed) if seed % 3 == 0 else soup(seed))


@pytest.fixture(scope="module")
def _engines() -> None:
    pytest.importorskip("hyperscan")
    signs.warm_up()
    html_signs.warm_up()


@pytest.mark.usefixtures("_engines")
def test_what_is_left_without_what_is_hidden_is_asked_about() -> None:
    """Hidden and shown again in any way, by tags and by sheets: what a reading leaves over is in the question."""
    compared = 0
    for seed in range(2000):
        source = hiding(seed)
        _rings_if_anything_is_found(source)
        asked = strip_with_source(source.encode())
        if asked == ALARM or "<title" in source:  # a title with no digits before it is left out of no number
            continue
        for reading in html.read(source):
            if reading.name in ("visible", "visible-joined", "plain-sight") and any(map(str.isdigit, reading.text)):
                assert reading.text.encode() in asked, (seed, reading.name)
                compared += 1
    assert compared > 200


@pytest.mark.usefixtures("_engines")
@pytest.mark.parametrize("style", HIDING)
def test_each_way_to_hide_is_known(style: str) -> None:
    """In a tag, spelled in references, and in a sheet: what is left is in the question, or nobody judges without it."""
    spelled = "".join(f"&#{ord(letter)};" if letter in "aeiou0" else letter for letter in style)
    for start, sheet in (
        (f'<b style="{style}">', ""),
        (f'<b style="{spelled}">', ""),
        ("<b class=h>", f"<style>b.h{{{style}}}</style>"),
        ("<b class=h>", f"<style><!-- /* x */ .h{{{style}}} --></style>"),
        ("<b class=h>", f"<style>@media print{{.h{{{style}}}}}</style>"),
    ):
        source = f"{sheet}<p>41{start}abc</b>11{start}abc</b>1</p>"
        left = {reading.text for reading in html.read(source) if reading.name in ("visible", "plain-sight")}
        # what is faint for some screens only counts as seen
        assert "41111" in {text.strip() for text in left} or "@media" in sheet
        asked = strip_with_source(source.encode(), is_even=True)
        assert asked == ALARM or b"41111" in asked or not left


def test_a_title_between_digits_hides_its_words() -> None:
    """No page shows a title where it stands: what is written around it reads on."""
    assert _rings(strip_with_source(b"<p>4111<title>a</title>1111<TITLE>b</TITLE>11111111"))


@pytest.mark.parametrize("source", [b"<b hidden>1</b>\xff", b"<b hidden>1</b>" + b"<p>Many words.</p>" * 400])
def test_what_no_walk_tells_rings(source: bytes) -> None:
    """A page that hides something, and is not in UTF-8 or too long for the walk to pay, is read in any case."""
    assert strip_with_source(source) == ALARM


@pytest.mark.parametrize("name", ["div", "span"])
@pytest.mark.parametrize("filler", ["", "<p>Many words.</p>" * 400])
@pytest.mark.parametrize(
    ("sheet", "outer", "inner"),
    [
        ("", 'style="visibility:hidden"', 'style="visibility:visible"'),
        ("", 'style="font-size:0"', 'style="font-size:14px"'),
        ("", 'style="color:white"', 'style="color:black"'),
        (".h{visibility:hidden}.h i{visibility:visible}", "class=h", ""),
        ("<!-- .h{visibility:hidden}.h i{visibility:visible} -->", "class=h", ""),
        ("", 'style="v&#105;sibility:h&#105;dden"', 'style="visibility:visible"'),
    ],
)
def test_digits_shown_again_inside_of_what_is_hidden_ring(
    name: str, filler: str, sheet: str, outer: str, inner: str
) -> None:
    """No styled element begins behind any of these digits, and yet a reader sees one number."""
    shown = "".join(f"<i {inner}>{group}</i>abc" for group in ("4111", "1111", "1111", "1111"))
    page = f"<style>{sheet}</style>{filler}<{name} {outer}>{shown}</{name}>"
    assert _rings(strip_with_source(page.encode()))


@pytest.mark.usefixtures("_engines")
def test_what_is_found_in_ordinary_pages_the_strip_holds() -> None:
    """Prose with numbers, cut anywhere and marked up anywhere, rings where a reading of it holds anything."""
    once = sum(_rings_if_anything_is_found(source) for source in ordinary(41, 700))
    assert once > 1500  # pages of which the text was asked about one time only


def _rings_if_anything_is_found(source: str) -> bool:
    """Check it; say whether the text was asked about once."""
    data = source.encode()
    is_even = not signs.with_layout(data) & Sign.UNEVEN
    asked = strip_with_source(data, is_even=is_even)
    if not _rings(asked):
        for reading in html.read(source):
            assert not may_hold_card_data(reading.text) or not find(reading.text), reading.name
    return is_even and data not in asked and asked != ALARM


def _bare(word: bytes) -> str:
    """Return a word of a phrase without what says that it stands alone."""
    return word.replace(b"(?:^|[^A-Za-z])", b"").replace(b"(?:[^A-Za-z]|$)", b"").decode("utf-8", "replace").lower()


def test_names_of_tags_that_are_words_of_phrases_are_known() -> None:
    """The source may have a phrase about cards of which a tag's name is a word: the list of such names is whole."""
    phrases = [expression.split(WORD_GAP) for _, expression in first_pass() + second_pass()]
    words = {_bare(word) for phrase in phrases if len(phrase) > 1 for word in phrase}
    assert words & TAG_NAMES <= {name.decode() for name in html_signs.NAMES_IN_PHRASES}


def test_one_pass_over_the_markup_leaves_out_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the engine sees nothing in the markup, a look for each thing by itself sees nothing either."""
    pytest.importorskip("hyperscan")
    html_signs.warm_up()
    sources = [(well_formed(seed) if seed % 2 else soup(seed)).encode() for seed in range(3000, 4000)]
    quick = [strip_for_prefilter(source) for source in sources]
    monkeypatch.setattr(html_signs, "seen_in", lambda markup: 63 if b"<t" in markup.lower() else 61)
    assert [strip_for_prefilter(source) for source in sources] == quick


def test_white_space_that_is_even_needs_no_second_look() -> None:
    """Where the signs say so, dropping CR and taking LF for a blank gives what looking at every run gives."""
    pytest.importorskip("hyperscan")
    signs.warm_up()
    even = 0
    for source in [(well_formed(seed) if seed % 2 else soup(seed)).encode() for seed in range(4000, 5000)]:
        if not signs.with_layout(source) & Sign.UNEVEN:
            even += 1
            assert strip_for_prefilter(source, is_even=True) == strip_for_prefilter(source)
    assert even > 300


def test_sheets_and_scripts_are_no_text() -> None:
    """What is not shown is cut out, wherever it stands and however it is spelled; what is not closed is loud."""
    parted = part(b"a<STYLE>p{}</Style >b<script x=1>1</script><style>2</style>c")
    assert with_breaks(parted, parted.shown) == parted.source == b"abc"
    assert parted.silent.split(b"\n") == [b"<STYLE>p{}</Style >", b"<script x=1>1</script>", b"<style>2</style>"]
    assert not parted.is_loud
    assert part(b"a<style>p{}</script>").is_loud
    assert part(b"a<style>p{}").is_loud
    assert part(b"<script>1<b>2</script>").is_loud


@pytest.mark.parametrize(
    "source",
    [
        "4111<b title='>'>1111</b>11111111",
        "4111<!-- > --!>1111<!---->11111111",
        "4111<span hidden>twelve words and no digit</span>1111<i hidden>x</i>1111<i style='display:none'>x</i>1111",
        "<style>.x{display:none}</style>4111<i class=x>abcdef</i>1111<i class=x>abcdef</i>11111111",
        "<style>u{display:none}</style>4111 <u>abcdef</u>1111<u>abcdef</u>11111111",
        "41<img alt=11>11<img alt=11>1111<img alt=1111>1111",
        "<img alt=4111><img alt=1111><img alt=1111><img alt=1111>",
        "<a href='%34%31%31%31%31%31%31%31%31%31%31%31%31%31%31%31'>",
        "<a href='%2534111111111111111'>",
        "<script>x='\\u0034\\u0031\\u0031\\u0031111111111111'</script>",
        "&#52;&#49;&#49;&#49;&#49;&#49;&#49;&#49;&#49;&#49;&#49;&#49;1111",
        "4111&nbsp1111&nbsp1111&nbsp1111",
        "<title>4111<b></title>1111<xmp>11111111",
        "41<bdo dir=rtl>11111111 xx</bdo>1111 <bdo dir=rtl>11111111</bdo>",
        "1111<table><tr><td>words</td></tr>41111111</table>",
        "1111<table><tr><td>words</td><b>41111111</b></tr></table>",
        "pay at https://x.example/?card=%34%31%31%31%31%31%31%31%31%31%31%31%31%31%31%31",
        "card=4111+1111+1111+1111&x=%20",
        "<td>123</td><td>41<b>11</b> 1111 1111 1111</td><td>99</td>",
        "<div>123</div><div>41<b>11</b> 1111 1111 1111</div>99",
        "<div>4111</div><div>1111</div><div>1111</div><div>11<b>11</b></div>",
        "<!--[if mso]><p>12</p>41<b>11</b>111111111111<![endif]-->",
        "12<br>41<b>11</b>1111 11111111<br>77",
    ],
)
def test_known_tricks_are_not_stripped_away(source: str) -> None:
    """Each trick that a naive strip would fall for still rings."""
    assert _rings(strip_for_prefilter(source.encode()))
    is_even = not signs.with_layout(source.encode()) & Sign.UNEVEN
    assert _rings(strip_with_source(source.encode(), is_even=is_even))


@pytest.mark.usefixtures("_engines")
@pytest.mark.parametrize(
    ("source", "shown"),
    [
        (b"<p>Hello, world.</p>\r\n<p>Order 4711 is due.</p>", b"Hello, world. Order 4711 is due."),
        (b"<td>12</td> <td>34</td>", b"12 34"),  # as joined as they can be
        (b"<td>12</td><td>34</td>", None),  # digits on both sides
        (b"<td>name</td><td>Max</td>", None),  # words on both sides
        (b"<p>a</p>   <p>b</p>", None),  # white space that a reader may keep
        (b"<p>due on 1/2</p>", None),  # a date, which asks for a least distance
        (b"<p>one <!-- two --> three</p>", None),
        (b"<p>x&nbsp; y</p>", None),
        (b"<p>one <!> two</p>", None),
        (b"<p title=12>34 words</p>", None),  # digits of a value and of the text
        (b"<p title='security'>code.</p> " + b"<p>And more of it.</p> " * 9, b"<p title='security'>code."),  # an edge
    ],
)
def test_ordinary_text_is_asked_about_once(source: bytes, shown: bytes | None) -> None:
    """Where all readings say the same the text stands in the question once; where one may differ so does the source."""
    asked = strip_with_source(source, is_even=not signs.with_layout(source) & Sign.UNEVEN)
    if shown is None:
        assert source in asked
    else:
        assert shown in asked
        assert source not in asked


@pytest.mark.parametrize(
    "source",
    [
        "Plain text without any markup, 12 of it",
        "<html><head><title>Offer 2024</title><style>td{padding:0 10px;color:#333}</style></head><body>"
        "<table width=600> <tr><td style='font-size:12px;color:#333333'>Dear customer</td><td>Call 030 1234567</td>"
        "</tr></table></body></html>",
        "<p>Hello &amp; welcome,</p><p>your order 4711 of 2024-05-01</p><!-- footer --><a href='https://x.example'>x</a>",
    ],
)
def test_ordinary_mail_does_not_ring(source: str) -> None:
    """Common markup is stripped so well that a clean part is spared its readings."""
    stripped = strip_for_prefilter(source.encode())
    assert not stripped.startswith(ALARM)
    assert not _rings(stripped)


def test_bytes_of_other_scripts_are_kept() -> None:
    """Digits of other scripts survive the strip between tags and references."""
    stripped = strip_for_prefilter("٤<b>١</b>&#x661;１".encode())
    assert "٤١١１".encode() in stripped


def test_sheets_and_scripts_are_cut_out_wherever_they_stand() -> None:
    """Each of several is cut out, in any letters; one that is not closed, or has markup in it, is told."""
    page = b"a<style>1</style>b<STYLE>2</Style >c<script>3</script>d<p>e<style>1</style>f"
    parted = part(page)
    assert with_breaks(parted, parted.shown) == b"abcd\nef"
    assert parted.silent.split(b"\n") == [b"<style>1</style>", b"<STYLE>2</Style >", b"<script>3</script>"]
    assert parted.source == b"abcd<p>ef"
    assert not parted.is_loud
    tags = parted.named.split(b"\n")
    assert b"<p>" in tags
    assert not any(tag.lower().startswith((b"<style", b"<script")) for tag in tags)
    for odd in (b"a<style>1", b"a<style>1</script>b", b"a<script>'<b>'</script>c", b"a<style>1</style><style>b"):
        assert part(odd).is_loud


def test_tags_that_all_differ_are_looked_at_once_each() -> None:
    """A thousand different style sheets cost a thousand looks, and no search of the whole page for each."""
    asked = 0

    class Tag(bytes):
        def __eq__(self, other: object) -> bool:
            nonlocal asked
            asked += 1
            return bytes.__eq__(self, other)

        __hash__ = bytes.__hash__

    tags = [Tag(b"<style %d>" % n) for n in range(1000)]
    pieces = [piece for tag in tags for piece in (b"", tag)]
    assert html_parts._places(pieces, set(tags[::2])) == list(range(1, 2000, 4))
    assert asked <= len(tags)
