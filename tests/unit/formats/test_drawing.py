"""Drawings of draw.io: packed pages are read, written and bounded."""

from __future__ import annotations

import base64
import random
import re
import zlib
from urllib.parse import quote, unquote

import pytest
from tests.documents import bombs, third_texts

from pansentry.errors import LimitExceededError
from pansentry.examination import examine
from pansentry.formats import drawing, recognise
from pansentry.limits import DocumentLimits
from pansentry.views.document import kind_of

NUMBER = "4929381332664295"
LIMITS = DocumentLimits()


def packed(xml: str) -> str:
    machine = zlib.compressobj(9, zlib.DEFLATED, -15)
    return base64.b64encode(machine.compress(quote(xml, safe="").encode()) + machine.flush()).decode()


def pages(data: bytes) -> list[str]:
    """Return what a reader of drawings sees, by the standard library."""
    found = re.findall(rb"<diagram[^>]*>([^<]*)</diagram>", data)
    return [unquote(zlib.decompress(base64.b64decode(one), -15).decode()) for one in found]


def drawn(*written: str, name: str = "Page") -> bytes:
    inner = "".join(f'<diagram id="{i}" name="{name}">{one}</diagram>' for i, one in enumerate(written))
    return f'<mxfile host="app.diagrams.net">{inner}</mxfile>'.encode()


def test_a_packed_page_is_masked_and_packed_again() -> None:
    """The page with a number is written anew, the other one keeps its bytes."""
    other = packed('<mxCell value="Stück 12345"/>')
    data = drawn(other, packed(f'<mxCell value="card {NUMBER} für Anna"/>'))
    assert recognise.recognise(data) == kind_of(data) == "drawing"
    examined = examine(data)
    assert examined.rewritten is not None
    assert other.encode() in examined.rewritten
    first, second = pages(examined.rewritten)
    assert "12345" in first
    assert NUMBER not in second
    assert second.endswith(' für Anna"/>')
    assert [sight.place for sight in examined.sightings] == ["document:drawing/xml"]


def test_a_number_in_the_name_of_a_page_is_masked() -> None:
    """What stands around the packed pages is read as the XML that it is."""
    page = packed('<mxCell value="nothing"/>')
    examined = examine(drawn(page, name=f"card {NUMBER}"))
    assert examined.rewritten is not None
    assert NUMBER.encode() not in examined.rewritten
    assert page.encode() in examined.rewritten


def test_a_clean_drawing_is_the_same_object() -> None:
    """Nothing found: the very same bytes."""
    data = drawn(packed('<mxCell value="Order 12345"/>'))
    assert examine(data).rewritten is data


def test_a_drawing_that_is_not_packed_is_xml() -> None:
    """Pages as XML, and base64 that is nothing, have no kind of their own or nothing inside."""
    assert recognise.recognise(b"<mxfile><diagram><mxGraphModel/></diagram></mxfile>") == "xml"
    assert len(drawing.extract(drawn("AAAAAAAAAAAA", "////////////"), LIMITS).embedded) == 1


def test_a_page_that_was_cut_off_is_read_as_far_as_it_goes() -> None:
    """What comes out of a damaged stream is what a reader gets."""
    text = "".join(random.Random(1).choices("abcdefgh 0123456789", k=4000))
    whole = base64.b64decode(packed(text))
    _, page = drawing.extract(drawn(base64.b64encode(whole[:-30]).decode()), LIMITS).embedded
    assert quote(text, safe="").startswith(quote(page.data.decode(), safe=""))


def test_a_bomb_in_a_drawing_is_a_limit() -> None:
    """Bytes are counted while they come out."""
    with pytest.raises(LimitExceededError) as caught:
        drawing.extract(drawn(base64.b64encode(bombs.zeros(0.3)).decode()), LIMITS)
    assert caught.value.limit == "max_expansion_ratio"
    with pytest.raises(LimitExceededError):
        drawing.extract(drawn(*[packed("<a/>" * 9)] * 3), DocumentLimits(max_members=2))


def test_a_drawing_of_the_third_set_is_redacted() -> None:
    """The maker wraps as the program does."""
    examined = examine(third_texts.drawing_packed(NUMBER, random.Random(1)))
    assert examined.rewritten is not None
    assert NUMBER[:6] not in pages(examined.rewritten)[0]
