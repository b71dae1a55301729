"""The compiled look for signs tells what the expressions of ``views/signs.py`` mean, by ``re`` and by hyperscan."""

from __future__ import annotations

import functools
import re
import string

import pytest
from tests.laws.native.twins import compiled, octets
from tests.unit.views.test_signs import texts

from pansentry.pan.engines import Fast
from pansentry.views import signs
from pansentry.views.signs import Sign

PIECES = (
    *(b" ", b"  ", b"\t", b"\n", b"\r\n", b"\r", b"\f", b"\x01", b"\0"),
    *(b"\x80", b"\xff", b"\xe2", b"\xad", b"\x1a", b"\x0d"),
    *(b"begin", b"BeGiN", b"egin ", b"egin\t7", b" 7", b" 8", b"begin:v"),
    *(b"BEGIN:V", b"egin:", b"=ybegin", b"=ybegin "),
    *(b"in", b"hex", b"Hex", b"inhex", b"data", b"DatA:", b"ata:"),
    *(b"\ndata\x1a", b"=", b"=3", b"=3d", b"=g", b"=?", b"= \t"),
    *(b"+", b"+A", b"AD", b"A0", b"A6", b"/x", b"/", b"x", b"8", b"+ 8"),
    *(b"+A_D", b"7", b"77y", b"7-y", b"v", b"J", b"v.v."),
    *(b"content-t", b"CONTENT\rT", b"Mime-v", b"mime-w", b"\nMIME-V", b"\n:61:", b":86:", b"{\\rtf", b"\\rtf", b"\b"),
    *(b"\xe2\x80\xad", b"\xe2\x80\xae", b"\xe2\x80", b"\n>", b"\n \t>"),
    *(b"|", b"> > ", b"H4sI", b"UEsDB", b"UEsD", b"JVBERi0"),
    *(b"QlpoI", b"QlpoX", b"Qlpo", b"/Td6WFo", b"Td6WFo", b"N3q8ryc"),
    *(b"N3q8", b"MA", b"NA", b"M", b"D", b"T", b"O", b"z", b"j"),
    *(b"zz", b"aaaaaaa", b"a" * 13, b"a" * 14, b"a" * 15, b"a" * 16),
    *(b"-" * 15, b".,;:", b"." * 20, b"A" * 15, b" " * 62),
    *(b"M" * 17, b"!" * 16, b"_" * 63, b"`" * 64, b"~", b"a b c d e f g h", b"MA................", b"lala lal la"),
)  # fmt: skip


@functools.cache
def _expressions() -> tuple[tuple[int, re.Pattern[bytes]], ...]:
    return tuple((sign, re.compile(meant.replace(rb"\z", rb"\Z"), re.DOTALL)) for sign, meant in signs._EXPRESSIONS)


def told(text: bytes) -> int:
    """Return the signs in a text by the expressions, one after the other."""
    seen = 0
    for sign, expression in _expressions():
        if not seen & sign and expression.search(text):
            seen |= sign
    return seen


def test_it_tells_what_the_expressions_mean() -> None:
    """Of texts made of what signs are made of, whole and in pieces, the same signs are seen."""
    text_signs = compiled("text_signs")
    seen = set()
    for number, most in ((3000, 4), (2000, 12), (300, 60)):
        for text in octets(PIECES, seed=number, number=number, most=most):
            assert text_signs(text) == told(text), text
            seen.add(text_signs(text))
    both = Sign.ALL | Sign.UNEVEN
    assert functools.reduce(int.__or__, seen) == both
    assert functools.reduce(int.__and__, seen) == 0


SMALLEST = (
    *(b"begin 0", b"BEGIN\t \t7", b"=ybegin ", b"inhex", b"inHex"),
    *(b"data:", b"DATA:", b"\n \t>" + b"a" * 16, b"+/-_09AZaz" * 2),
    *(b"MATCNE", b"M.A-_z+..j8", b"7-7y", b"7 7.y", b"+  8", b"v..v.J"),
    *(b"H4sI", b"UEsDB", b"JVBERi0", b"/Td6WFo", b"N3q8ryc"),
    *(b"QlpoI", b"QlpoS", b"QlpoW", b"QlpoY", b"=3d", b"=Ff", b"= \t\r\n"),
    *(b"=\n", b"+/x", b"+z9/x", b"content-t", b"\nMIME-V"),
    *(b"begin:v", b"BEGIN:V", b":61:", b"\n:86:", b"=?", b"{\\rtf", b"\b"),
    *(b"\xe2\x80\xad", b"\xe2\x80\xae", b"\n\t >", b"|"),
    *(b"!" + b"`" * 16, b"_" + b" " * 64 + b"\r\n"),
    *(b"\n-" + b"A" * 15 + b" \r", b"\r\n\n", b" \r\n", b"\n\r\n", b"\r"),
    *(b"+A" + bytes([octet]) for octet in b"DMNOwxyz012345"),
    *(b"Ta_" + bytes([octet]) for octet in b"ACDEHILMOPQSTUXYbcefgijknsuwyz8+"),
)  # fmt: skip
"""The least of what is a sign, written out; ``Ta_`` needs two marks more."""


def test_what_is_nearly_a_sign_is_told() -> None:
    """Of each smallest sign every octet is exchanged, taken away and doubled, at places where blocks of octets end."""
    text_signs = compiled("text_signs")
    seen = set()
    for smallest in SMALLEST:
        if smallest.startswith(b"Ta_"):
            smallest = b"ME" + smallest.replace(b"a", b"").replace(b"_", b".") + b".ND"
        near = {smallest}
        for at, octet in enumerate(smallest):
            others = {octet - 1, octet + 1, octet ^ 0x20, octet ^ 0x80, *b"\n. 8>"} & set(range(256))
            near |= {smallest[:at] + bytes([other]) + smallest[at + 1 :] for other in others}
            near |= {smallest[:at] + smallest[at + 1 :], smallest[:at] + smallest[at : at + 1] + smallest[at:]}
        for text in near:
            for before in (b"", b"." * (63 - len(text) // 2)):
                assert text_signs(before + text) == told(before + text), before + text
            seen.add(told(text))
    assert len(seen) > 20


def test_marks_of_digits_are_told_at_any_distance() -> None:
    """Three marks are told up to fourteen letters apart and no further, with junk between them or none."""
    text_signs = compiled("text_signs")
    found = {}
    for one in range(19):
        for two in range(19):
            for junk in (b"", b".", b"\n> " * 30):
                text = junk.join((b"T", b"u", b"a" * one, b"j", b"M", b"d" * two, b"N", b"D"))
                text = b"Aa. " + b".".join((text, b"a"))
                assert text_signs(text) == told(text), text
                found[bool(text_signs(text) & Sign.ENCODED)] = text
    assert len(found) == 2


def test_every_octet_is_told_alone_and_beside_every_other() -> None:
    """Texts of one octet and of two, at the end of a block and across two blocks."""
    text_signs = compiled("text_signs")
    for first in range(256):
        assert text_signs(bytes([first])) == told(bytes([first]))
        for second in range(256):
            text = bytes([first, second])
            expected = told(text)
            assert text_signs(text) == expected
            if not expected & (Sign.QUOTED | Sign.UNEVEN):  # else it says more at the begin of a text
                assert text_signs(b"." * 63 + text) == told(b"." * 63 + text)


def test_text_of_mail_is_told() -> None:
    """Golden messages, and the texts that the readers are compared with, have the signs that hyperscan sees in them."""
    pytest.importorskip("hyperscan")
    text_signs = compiled("text_signs")
    engine = Fast(signs._EXPRESSIONS)
    engine.hurry()
    seen = set()
    for text in texts():
        found = engine(text)
        assert found is not None
        assert text_signs(text) == sum(found)
        seen.add(text_signs(text))
    assert len(seen) > 30


def test_long_texts_are_told() -> None:
    """Stretches of one kind, which one octet after the other looks across, are told as hyperscan tells them."""
    pytest.importorskip("hyperscan")
    text_signs = compiled("text_signs")
    engine = Fast(signs._EXPRESSIONS)
    engine.hurry()
    for piece in (
        *PIECES,
        b"+A",
        b"7.",
        b"v.",
        b"J",
        b"= ",
        b"begin ",
        b"\n    ",
        b"T.",
        b"/+",
        string.printable.encode(),
    ):
        text = piece * (200_000 // len(piece))
        for whole in (text, text + b"MA77y", b"+" + text + b"A0"):
            found = engine(whole)
            assert found is not None
            assert text_signs(whole) == sum(found), piece


def test_it_takes_bytes_only() -> None:
    """What is no bytes is a mistake of the caller."""
    with pytest.raises(TypeError):
        compiled("text_signs")("text")
