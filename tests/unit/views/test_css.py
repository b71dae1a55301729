"""What CSS says about being seen."""

from __future__ import annotations

import pytest

from pansentry.views.css import MAX_PLACES, NOTHING, Look, Sheet, declarations, look, of_link

LOOKS = [
    ("display:none", Look(gone=True)),
    ("display: NONE ! important".replace("! i", "!i"), Look(gone=True)),
    ("display:no\\6e e", Look(gone=True)),
    ("d\\69 splay:none", Look(gone=True)),
    ("/* x */display/**/:none", Look(gone=True)),
    ("display:block", NOTHING),
    ("opacity:0", Look(gone=True)),
    ("opacity:0.05", Look(faint=True)),
    ("opacity:0.9", NOTHING),
    ("visibility:hidden", Look(unseen=True)),
    ("visibility:visible", Look(unseen=False)),
    ("font-size:0", Look(shrunk=True)),
    ("font-size:0px", Look(shrunk=True)),
    ("font-size:0em", Look(shrunk=True)),
    ("font-size:14px", Look(shrunk=False)),
    ("font-size:120%", NOTHING),
    ("font-size:1px", Look(shrunk=False, faint=True)),
    ("color:#FFF", Look(faint=True)),
    ("color:#333", Look(faint=False)),
    ("text-indent:-9999px", Look(faint=True)),
    ("position:absolute;left:-5000px", Look(faint=True)),
    ("margin-left:-4px", NOTHING),
    ("mso-hide:all", Look(faint=True)),
    ("max-height:0;overflow:hidden", Look(faint=True)),
    ("max-height:0", NOTHING),
    ("unicode-bidi:bidi-override;direction:rtl", Look(override="rtl", rtl=True)),
    ("unicode-bidi:isolate-override", Look(override="ltr")),
    ("direction:rtl", Look(rtl=True)),
    ("font:0/0 serif", Look(shrunk=True)),
    ("font:italic bold 0px/1.5 Arial", Look(shrunk=True)),
    ("font:400 1px serif", Look(shrunk=False, faint=True)),
    ("font:400 12px/0 serif", Look(shrunk=False)),
    ("font:inherit", NOTHING),
    ("x:30", Look(rank=30.0)),
    ("transform:rotate(3deg) scale(0)", Look(faint=True)),
    ("transform:scaleX(.0)", Look(faint=True)),
    ("transform:scale(0.5)", NOTHING),
    ("transform:scale(1)", NOTHING),
    ("filter:opacity(0)", Look(faint=True)),
    ("clip-path:circle(0)", Look(faint=True)),
    ("clip-path:circle(50%)", NOTHING),
    ("zoom:0", Look(faint=True)),
    ("-webkit-text-fill-color:transparent;color:red", Look(faint=True)),
    ("white-space:pre-wrap", Look(preformatted=True)),
    ("float:right", Look(reverse=True)),
    ("float:left", NOTHING),
    ("flex-direction:row-reverse", Look(reverse=True)),
    ("flex-flow:column-reverse wrap", Look(reverse=True)),
    ("order:3", Look(rank=3.0)),
    ("order:-2", Look(rank=-2.0)),
    ("position:absolute;left:60px", Look(rank=60.0)),
    ("left:60px", NOTHING),
    (";;:;x", NOTHING),
]


@pytest.mark.parametrize(("style", "expected"), LOOKS, ids=[style for style, _ in LOOKS])
def test_declarations_are_judged(style: str, expected: Look) -> None:
    """Each way of hiding text is known by its kind, and ordinary styles say nothing."""
    assert look(declarations(style)) == expected


SHEETS = [
    (".x{display:none}", True),
    ("p.x{display:none}", True),
    ("div .x{display:none}", True),
    ("div>p , .x { display : none }", True),
    ("#i{display:none}", True),
    ("p{display:none}", True),
    ("*{display:none}", True),
    (".x.y{display:none}", True),
    ("@media screen{.x{display:none}}", True),
    ("<!-- .x{display:none} -->", True),
    (".a{color:red}.x{display:none}", True),
    ("@import 'a.css';.x{display:none}", True),
    (".x{display:none", True),
    (".x{display:none}.x{display:inline}", False),
    (".z{display:none}", False),
    (".x.z{display:none}", False),
    ("q{display:none}", False),
    ("}{", False),
]


@pytest.mark.parametrize(("css", "is_gone"), SHEETS)
def test_sheets_reach_elements(css: str, is_gone: bool) -> None:
    """Rules by element, class, id and their compounds reach an element; later rules win."""
    sheet = Sheet()
    sheet.add(css)
    assert look(sheet.properties("p", ["y", "x"], "i")).gone is is_gone


def test_what_only_narrow_screens_hide_is_hardly_seen() -> None:
    """A rule inside ``@media (max-width…)`` takes an element out of plain sight, not out of the visible text."""
    sheet = Sheet()
    sheet.add("@media only screen and (max-width:600px){.x{display:none}} .y{visibility:hidden}")
    assert look(sheet.properties("p", ["x"], "")) == Look(faint=True)
    assert look(sheet.properties("p", ["y"], "")) == Look(unseen=True)


def test_generated_content_is_known_by_its_element() -> None:
    """What ``::before`` and ``::after`` of a class show is told for an element of that class, and for no other."""
    sheet = Sheet()
    sheet.add(".d::before { content: '41' } i.d:after { content: \"11\"; color: red } .e::before { content: none }")
    assert sheet.content("i", ["d"], "") == [("41", ""), ("11", "")]
    assert sheet.content("b", ["d"], "") == [("41", "")]
    assert sheet.content("i", ["e"], "") == []


def test_generated_content_may_be_an_attribute() -> None:
    """``attr()`` names an attribute of the element, between texts and in their order (CSS 2.2 §12.2)."""
    sheet = Sheet()
    sheet.add(".d::before { content: 'no ' attr( data-x ) '.' }")
    assert sheet.content("i", ["d"], "") == [("no ", ""), ("", "data-x"), (".", "")]


@pytest.mark.parametrize(
    ("selector", "picked"),
    [
        ("i:nth-child(even)", {2, 4, 6}),
        ("i:nth-child(odd)", {1, 3, 5}),
        ("i:nth-child( 3n + 1 )", {1, 4}),
        ("i:nth-child(-n+2)", {1, 2}),
        ("i:nth-of-type(2n)", {2, 4, 6}),
        ("i:nth-child(n)", {1, 2, 3, 4, 5, 6}),
        ("i:nth-child(5)", {5}),
        ("i:nth-child(0)", set()),
        ("i:first-child", {1}),
        ("i:first-of-type", {1}),
    ],
)
def test_children_are_told_by_their_place(selector: str, picked: set[int]) -> None:
    """What only some children lack is hidden in those and seen in the others (Selectors 4 §14.3)."""
    sheet = Sheet()
    sheet.add(f"{selector} {{ display: none }}")
    hidden = {number for number in range(1, 7) if look(sheet.properties("i", [], "", (number, number))).gone}
    assert hidden == picked
    assert look(sheet.properties("i", [], "")) == NOTHING


def test_places_among_children_and_among_kin_differ() -> None:
    """``nth-child`` counts every child, ``nth-of-type`` those of the same name."""
    sheet = Sheet()
    sheet.add("i:nth-of-type(1) { display: none }")
    assert look(sheet.properties("i", [], "", (4, 1))).gone
    assert not look(sheet.properties("i", [], "", (1, 4))).gone


@pytest.mark.parametrize(
    ("href", "css"),
    [
        ("data:text/css,.d%7Bdisplay:none%7D", ".d{display:none}"),
        ("data:text/css;base64,LmR7fQ==", ".d{}"),
        ("data:text/plain,.d{}", ""),
        ("https://example.org/a.css", ""),
        ("data:text/css", ""),
    ],
)
def test_a_style_sheet_may_be_a_data_link(href: str, css: str) -> None:
    """A sheet inside a link is read; nothing is fetched."""
    assert of_link(href) == css


@pytest.mark.parametrize(
    "selector", ["i[data-n]", "i:last-of-type", "i:nth-last-child(2)", "i:not(.x)", "p > i[class~='y']"]
)
def test_what_some_selector_hides_is_hardly_seen(selector: str) -> None:
    """A selector that is not followed to its end makes the elements it may mean faint, not hidden."""
    sheet = Sheet()
    sheet.add(f"{selector}{{display:none}}")
    assert look(sheet.properties("i", [], "")) == Look(faint=True)


def test_rules_by_place_are_bounded() -> None:
    """The hundredth rule by place is followed, the next one makes what it means faint."""
    sheet = Sheet()
    for number in range(MAX_PLACES + 1):
        sheet.add(f"i.c{number}:nth-child(1){{display:none}}")
    assert look(sheet.properties("i", [f"c{MAX_PLACES - 1}"], "", (1, 1))).gone
    assert look(sheet.properties("i", [f"c{MAX_PLACES}"], "", (1, 1))) == Look(faint=True)
