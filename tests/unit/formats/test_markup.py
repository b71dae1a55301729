"""XML parts: decoding, checking, tokens, edits at their places."""

from __future__ import annotations

import pytest

from pansentry.errors import DamagedError
from pansentry.formats import markup
from pansentry.formats.markup import Kind


def test_an_edit_leaves_all_other_bytes() -> None:
    """Quotes, order of attributes, prefixes, comments and line ends stay as they are."""
    data = b"\xef\xbb\xbf<?xml version='1.0'?>\r\n<a b = '1'  c=\"2\"><!-- x --><x:d xmlns:x='u'>text</x:d ></a>\r\n"
    part = markup.read(data)
    at = part.text.find("text")
    part.write(at, at + 4, "mask")
    assert part.finish() == data.replace(b"text", b"mask")


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-8", "iso-8859-1"])
def test_a_part_goes_back_in_its_own_encoding(encoding: str) -> None:
    """The mark, the declaration or the first bytes say how a part is encoded."""
    mark = {"utf-16-le": b"\xff\xfe", "utf-16-be": b"\xfe\xff"}.get(encoding, b"")
    stated = "utf-16" if mark else encoding
    data = mark + f'<?xml version="1.0" encoding="{stated}"?><a>\xe9 4111</a>'.encode(encoding)
    part = markup.read(data)
    assert "\xe9 4111" in part.text
    at = part.text.find("4111")
    part.write(at, at + 4, "XXXX")
    assert part.finish() == data.replace("4111".encode(encoding), "XXXX".encode(encoding))


def test_what_is_written_is_escaped() -> None:
    """A replacement cannot become markup."""
    part = markup.read(b"<a>1234</a>")
    part.write(3, 7, '<&>"')
    assert part.finish() == b"<a>&lt;&amp;&gt;&quot;</a>"


@pytest.mark.parametrize(
    "data",
    [
        b"<a>",
        b"<a></b>",
        b"<a b=1/>",
        b"<a>\xff</a>",
        b'<?xml version="1.0" encoding="nonsense"?><a/>',
        b"<a>&unknown;</a>",
        b"",
    ],
)
def test_what_is_not_well_formed_is_damaged(data: bytes) -> None:
    """No part is read that another parser would read otherwise, or not at all."""
    with pytest.raises(DamagedError, match="xml"):
        markup.read(data)


@pytest.mark.parametrize(
    "doctype",
    [
        '<!DOCTYPE a [<!ENTITY b "c">]>',
        '<!DOCTYPE a [<!ENTITY % b SYSTEM "file:///etc/passwd">%b;]>',
        "<!DOCTYPE a []>",
    ],
)
def test_document_types_with_anything_in_them_are_damaged(doctype: str) -> None:
    """Entities are neither expanded nor fetched, not even where a document type may stand."""
    with pytest.raises(DamagedError, match="xml:entities"):
        markup.read(f"{doctype}<a/>".encode(), doctype=True)


def test_a_bare_document_type_is_taken_where_it_may_stand() -> None:
    """Old OpenDocument files and books name a public document type."""
    data = b'<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.1//EN" "http://www.w3.org/TR/xhtml11/DTD/xhtml11.dtd"><a>x</a>'
    assert [t.name for t in markup.tokens(markup.read(data, doctype=True).text) if t.kind is Kind.START] == ["a"]
    with pytest.raises(DamagedError):
        markup.read(data)


def test_tokens_are_tags_and_characters() -> None:
    """Comments and instructions part character data; an empty element starts and ends."""
    text = "<a>1<!-- < -->2<?p ?><![CDATA[<3>]]><x:b c='>'/>4</a>"
    found = [(t.kind, t.name or text[t.start : t.end]) for t in markup.tokens(text)]
    assert found == [
        (Kind.START, "a"),
        (Kind.TEXT, "1"),
        (Kind.TEXT, "2"),
        (Kind.CDATA, "<3>"),
        (Kind.START, "b"),
        (Kind.END, "b"),
        (Kind.TEXT, "4"),
        (Kind.END, "a"),
    ]


def test_references_are_decoded_and_never_raise() -> None:
    """Numbers outside of Unicode and halves of surrogate pairs are replacement characters."""
    assert markup.decode("&#52;&#x31;&lt;&amp;&#xD800;&#99999999;") == "41<&\ufffd\ufffd"
