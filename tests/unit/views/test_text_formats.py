"""The small text formats: flowed, calendar, enriched, RTF, structured text, visual order."""

from __future__ import annotations

import base64
import json
import quopri
from urllib.parse import unquote_plus

import pytest
from tests.unit.views.masking import masked, named

from pansentry.edits import Edit, apply
from pansentry.views import bidi, calendar, enriched, flowed, glyphs, mended, rtf, structured, terminal
from pansentry.views.reading import lower


def test_flowed_lines_are_joined_both_ways() -> None:
    """A flowed line goes on in the next one, with its space or (DelSp) without it."""
    source = "4111 \r\n1111 \r\n11\r\nend"
    assert named(flowed.read(source), "flowed").text == "4111 1111 11\r\nend"
    assert named(flowed.read(source), "flowed-delsp").text == "4111111111\r\nend"
    assert masked(source, named(flowed.read(source), "flowed-delsp")) == "XXXX \r\nXXXX \r\nXX\r\nend"


def test_quoted_flowed_lines_are_joined_within_one_depth() -> None:
    """Quote marks and stuffed spaces go, and a change of depth ends the paragraph."""
    source = "> 4111 \r\n> 1111\r\n>> 22 \r\n> 33\r\n From me"
    assert named(flowed.read(source), "flowed").text == "4111 1111\r\n22 \r\n33\r\nFrom me"


def test_a_signature_is_not_flowed() -> None:
    """The signature mark ends in a space and joins nothing (RFC 3676 §4.3)."""
    assert named(flowed.read("a \r\n-- \r\nb \r\nc"), "flowed").text == "a \r\n-- \r\nb c"


def test_text_without_flowed_lines_has_no_reading() -> None:
    """What would read the same is not read twice."""
    assert flowed.read("4111\r\n1111\r\n") == ()


def test_quote_marks_are_taken_off_any_text() -> None:
    """A wrapped and quoted number reads on over its quote marks."""
    source = "On Monday:\n> 4111 1111\n> 1111 1111\n| | 22"
    (reading,) = flowed.read_quoted(source)
    assert reading.text == "On Monday:\n4111 1111\n1111 1111\n22"
    assert masked(source, reading) == "On Monday:\n> XXXX XXXX\n> XXXX XXXX\n| | XX"
    assert flowed.read_quoted("no quotes 4111") == ()


def test_quote_marks_are_stripped_for_the_prefilter() -> None:
    """The bytes that are judged are those that the unquoted reading shows."""
    source = "x\r\n> > 4111\r\n | 1111 > 2\r\n"
    assert flowed.strip_quotes(source.encode()).decode() == flowed.read_quoted(source)[0].text


def test_calendar_lines_are_unfolded_and_unescaped() -> None:
    """A folded number is whole, and a mask keeps the fold."""
    source = "BEGIN:VEVENT\r\nDESCRIPTION:card 4111\r\n 1111\\, ok\\n99\r\n\t88\r\nEND:VEVENT"
    readings = calendar.read(source)
    assert "card 41111111\\, ok" in named(readings, "unfolded").text
    assert "card 41111111, ok\n9988" in named(readings, "unescaped/unfolded").text
    assert "XXXX\r\n XXXX\\, ok\\nXX\r\n\tXX\r\n" in masked(source, named(readings, "unescaped/unfolded"))


def test_vcard_2_1_quoted_printable_is_decoded() -> None:
    """Soft breaks and escapes inside a card are decoded."""
    source = "NOTE;ENCODING=QUOTED-PRINTABLE:=34=\r\n1=31=EF=BC=91"
    assert any(reading.text.endswith(":411１") for reading in calendar.read(source))


def test_enriched_commands_vanish() -> None:
    """Commands and parameters are not shown, a literal bracket is, single line breaks are spaces."""
    source = "<bold>41</bold><color><param>red 9</param>11</color> <<x> \r\n22\r\n\r\n33<nl>4<nofill>5\r\n6"
    (reading,) = enriched.read(source)
    assert reading.text == "4111 <x>  22\r\n33\n45\r\n6"
    assert masked(source, reading).startswith("<bold>XX</bold><color><param>red 9</param>XX</color> <<x>")
    assert enriched.read("plain") == ()


RTF = [
    (r"{\rtf1 41{\b 11}}", "4111"),
    (r"{\rtf1 \'34\'31}", "41"),
    (r"{\rtf1 \u52?\u49 ?}", "41"),
    (r"{\rtf1\uc2 \u52ab1}", "41"),
    (r"{\rtf1 \u52\'341}", "41"),
    (r"{\rtf1 41\par 11\tab 1}", "41\n11\t1"),
    (r"{\rtf1{\fonttbl{\f0 Arial 9;}}{\*\generator 9;}{\pict 99}41}", "41"),
    (r"{\rtf1 4\bin3 99}1}", "41"),
    (r"{\rtf1 4\~1\-1\_1\{1\}}", "4\xa011\u20111{1}"),
    ("{\\rtf1 41\r\n11}", "4111"),
    (r"{\rtf1\ansicpg932 \'82\'53\'82\'50}", "４１"),
    (r"{\rtf1 \u-10187?\u-8223?}", "𝟡"),
    (r"{\rtf1 {\v 99}41\v 8\v0 1}", "994181"),
    (r"{\rtf1{\pict\u-10187?}\u-8223?1}", "�1"),
]


@pytest.mark.parametrize(("source", "expected"), RTF)
def test_rtf_is_read_as_shown(source: str, expected: str) -> None:
    """Control words go, escapes are decoded, destinations that are no text are skipped."""
    assert named(rtf.read(source), "rtf").text == expected


@pytest.mark.parametrize(("source", "expected"), RTF[:5] + RTF[10:11])
def test_rtf_is_masked_without_breaking_a_control_word(source: str, expected: str) -> None:
    """After a mask the text reads as letters, and nothing else has changed."""
    written = masked(source, named(rtf.read(source), "rtf"))
    assert named(rtf.read(written), "rtf").text == "X" * len(expected)
    assert r"\b\'58" in masked(r"{\rtf1 \b\'34}", rtf.read(r"{\rtf1 \b\'34}")[0])


def test_rtf_fallback_characters_go_with_their_escape() -> None:
    """The digit that old readers would show in place of an escape is masked with it."""
    source = r"{\rtf1 \u65300 4\u65297 1}"
    assert "4" not in masked(source, rtf.read(source)[0]).replace("rtf1", "")


def test_rtf_hidden_text_and_asides_have_readings() -> None:
    """Hidden decoys are taken out of one reading, fields and bookmarks are in another."""
    source = r"{\rtf1 41{\v 99}11{\field{\*\fldinst HYPERLINK 4242}{\fldrslt x}}}"
    readings = rtf.read(source)
    assert named(readings, "rtf-visible").text == "4111x"
    assert "4242" in named(readings, "rtf-all").text
    assert rtf.read("no rtf") == ()


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ('{"a":"\\u00341\\u0031\\u{31}"}', "4111"),
        ('x="\\x34\\x31"', "41"),
        ("a:before{content:'\\34 1\\000031'}", "411"),
        ("card=4111+1111&x=%34%31", "4111 1111&x=41"),
        ("%2534%2531", "41"),
        ("%EF%BC%94%FF", "４ÿ"),
        ("%34%3", "4%3"),
        ('"a\\\\u0034"', "a\\u0034"),
    ],
)
def test_escapes_of_structured_text_are_decoded(source: str, expected: str) -> None:
    """JSON, script, CSS and percent escapes each have their reading."""
    assert any(expected in reading.text for reading in structured.read(source))


def test_columns_are_read_on() -> None:
    """Borders between digits are one blank, and stay what they are under a mask."""
    source = 'n;"4111";"1111",1111|1111;x'
    (reading,) = structured.read_columns(source)
    assert reading.text == 'n;"4111 1111 1111 1111;x'
    assert masked(source, reading) == 'n;"XXXX";"XXXX",XXXX|XXXX;x'
    assert structured.read_columns("a;b;4111") == ()


def test_a_mask_in_json_and_in_a_query_stays_well_formed() -> None:
    """What was written can still be parsed by those who parse it."""
    source = '{"card": "\\u00341\\u00311", "n": "x"}'
    written = masked(source, named(structured.read(source), "escapes"))
    assert json.loads(written) == {"card": "XXXX", "n": "x"}
    source = "card=%34%31+11&x=y"
    reading = structured.read_percent(source)[0]
    assert unquote_plus(apply(source, lower(reading, [Edit(5, 10, "[gone & away]")]))) == "card=[gone & away]&x=y"


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("\u202e4321\u202c", "1234"),
        ("a \u202e43\u202d12\u202c\u202c b", "a 1234 b"),
        ("\u202e21\n43", "12\n43"),
        ("1\u202e32", "123"),
        ("\u202e\u202b21\u202c\u202c", "12"),
        ("\u202e" * 40 + "21" + "\u202c" * 40, "12"),
        ("x\n\u202e21\u202c\ny", "x\n12\ny"),
    ],
)
def test_overrides_are_read_in_the_order_of_the_screen(source: str, expected: str) -> None:
    """An overridden run is reversed within its line, a run against it inside is not."""
    (reading,) = bidi.read(source)
    assert reading.text == expected
    assert not any(c.isdigit() for line in masked(source, reading, "[0-9]+").split("\n")[:1] for c in line)


def test_text_without_overrides_has_no_visual_reading() -> None:
    """Ordinary text, right-to-left scripts included, is spared."""
    assert bidi.read("שלום 4111") == ()


def test_our_quoted_printable_of_calendars_agrees_with_the_standard_library() -> None:
    """The small decoder is checked against quopri."""
    source = "X:=41=42=\r\nC=33"
    assert calendar.read(source)[-1].text == quopri.decodestring(source).decode()


def test_base64_of_a_property_is_read_and_keeps_its_folds() -> None:
    """``ENCODING=b`` is decoded over its folds, and an edit leaves the lines as they are (RFC 2426 §5.8.4)."""
    from pansentry.views.bytes_reading import lower_bytes

    value = base64.b64encode(b"card 4111111111111111 ok")
    folded = b"\r\n ".join(value[i : i + 9] for i in range(0, len(value), 9))
    source = b"BEGIN:VCARD\r\nNOTE;ENCODING=b:" + folded + b"\r\nFN:x\r\nEND:VCARD\r\n"
    (reading,) = calendar.read_binary(source)
    assert reading.data == b"card 4111111111111111 ok"
    new = apply(source, lower_bytes(reading, (Edit(5, 21, b"X" * 16),)))
    assert calendar.read_binary(new)[0].data == b"card XXXXXXXXXXXXXXXX ok"
    assert [len(line) for line in new.split(b"\r\n")] == [len(line) for line in source.split(b"\r\n")]


def test_a_page_in_a_calendar_is_read_as_a_page() -> None:
    """X-ALT-DESC is unfolded first, then its tags and entities are followed."""
    source = "BEGIN:VEVENT\r\nX-ALT-DESC;FMTTYPE=text/html:<p>41<b>1\r\n 1</b>&#5\r\n 2;</p>\r\nEND:VEVENT"
    assert any("41114" in reading.text for reading in calendar.read(source))


def test_escapes_of_escapes_are_decoded_twice() -> None:
    """A JSON document in a JSON string shows its digits to whoever reads both."""
    source = json.dumps({"a": json.dumps({"card": "4111"}).replace("4111", "\\u0034111")})
    assert any("4111" in reading.text for reading in structured.read_escapes(source))


def test_parameters_of_calendars_have_escapes_of_their_own() -> None:
    """``^n``, ``^^`` and ``^'`` in a parameter are a line break, a caret and a quotation mark (RFC 6868)."""
    source = "ATTENDEE;CN=\"card 4111^n1111 ^^ ^'x^'\":mailto:a@example.org\n"
    assert any('card 4111\n1111 ^ "x"' in reading.text for reading in calendar.read(source))


def test_what_is_struck_over_is_not_shown_and_goes_with_the_cut() -> None:
    """A backspace takes the character before it; a mask leaves nothing of either."""
    source = "no 4\b41\b1 _\b7 9\b0\b3"
    (reading,) = terminal.read(source)
    assert reading.text == "no 41 7 3"
    assert masked(source, reading) == "no XX X X"
    assert terminal.read("nothing \b\r\n") == ()


def test_a_run_that_strikes_out_nothing_is_walked_once() -> None:
    """Digits that are all struck over and followed by nothing are one match, not one attempt for each of them."""
    run = "4\b" * 50
    assert [match.span() for match in terminal._STRUCK.finditer(run)] == [(0, len(run))]
    assert terminal.read(run) == terminal.read(run + "\n" + run) == ()
    (reading,) = terminal.read(run + "\n" + run + "7")
    assert reading.text == run + "\n7"


def test_characters_for_several_digits_and_newer_digits_are_digits() -> None:
    """Circled pairs, digits that the interpreter's tables lack, and TAG digits are read as what they mean."""
    source = "⑫㉟㊿ \U0001ccf4\U00010d41\U000e0031"
    (reading,) = mended.read(source)
    assert reading.text == "123550 411"
    assert masked(source, reading) == "XXXXXX XXX"
    assert mended.may_need(source.encode())
    assert not mended.may_need("“ordinary” ❤ 😀 letters".encode())
    assert {mark[:1] for mark in glyphs.MARKS} <= {b"\xe2", b"\xe3", b"\xf0", b"\xf3"}


def test_octal_escapes_are_characters() -> None:
    """``printf`` and scripts show a digit for three octal ones."""
    assert named(structured.read(r"no \064\061"), "octal-escapes").text == "no 41"


def test_a_property_stands_behind_the_label_of_its_group() -> None:
    """Address books show a group's own label for what is in it (RFC 6350 §3.3), folded or not."""
    source = "BEGIN:VCARD\r\nitem1.TEL;TYPE=x:4111\r\n 1111\r\nITEM1.X-ABLabel:Card number\r\nTEL:22\r\nEND:VCARD"
    readings = calendar.read(source)
    (labelled,) = (reading for reading in readings if "Card number: 4111" in reading.text)
    assert "Card number: 41111111\r\n" in labelled.text
    assert masked(source, labelled, r"41111111").count("XXXX\r\n XXXX") == 1


def test_a_page_in_rtf_is_read_as_a_page() -> None:
    """Markup in RTF that was made of HTML counts, what only RTF shows does not ([MS-OXRTFEX])."""
    digits = "".join(rf"{{\*\htmltag84 &#{ord(digit)};}}\htmlrtf 9\htmlrtf0 " for digit in "41")
    source = rf"{{\rtf1\ansi\fromhtml1 {{\*\htmltag64 <p>}}no {digits}}}"
    assert any("no 41" in reading.text for reading in rtf.read(source))
    assert not any("no 41" in reading.text for reading in rtf.read(source.replace("\\fromhtml1 ", "")))
