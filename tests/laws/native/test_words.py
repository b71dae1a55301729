"""Encoded words of the plainest form, decoded by what is compiled, are what ``views/plain_words.py`` makes of them."""

from __future__ import annotations

import base64
import quopri

import pytest
from tests.laws.native.twins import compiled, octets

from pansentry.views import plain_words

TEXTS = (
    "Renée",
    "a",
    "ab",
    "abc",
    "4111 1111",
    "é€😀",
    "=?",
    "?",
    "\u202e",
    "\x1b$B",
    "~",
    "~{VPND~}",
    "_",
    "=",
    "",
    "a\n b",
)
WORDS = tuple(
    b"=?%b?%b?%b?=" % (label, kind, coded)
    for text in (*(one.encode() for one in TEXTS), b"\xff", b"\xc3", b"\xe2\x80")
    for label in (b"utf-8", b"US-ASCII", b"utf-7")
    for kind, coded in ((b"q", quopri.encodestring(text, header=True)), (b"B", base64.b64encode(text)))
)
BROKEN = (
    *(b"=?utf-8?q?=4?=", b"=?utf-8?q?=4G?=", b"=?utf-8?q?=c3=A9?="),
    *(b"=?utf-8?q?a b?=", b"=?utf-8?q?a\x0bb?=", b"=?utf-8?q??="),
    *(b"=?utf-8?b?YQ=?=", b"=?utf-8?b?YR==?=", b"=?utf-8?b?YWI=?="),
    *(b"=?utf-8?b?YWJ=?=", b"=?utf-8?b?Y===?=", b"=?utf-8?b?====?="),
    *(b"=?utf-8?b?YQ==YQ==?=", b"=?utf-8?b?YQ_-?=", b"=?utf-8?b?YQ=="),
    *(b"=?utf-8?b?YQ==?", b"=?utf-8?x?a?=", b"=?utf-8?q?a"),
    *(b"=?utf-8?q", b"=?utf-8", b"=?utf-8?b?=?=", b"=?", b"?=", b"=", b"?"),
    *(b"=?utf-8?qa?b?=", b"=?utf-8?b_YQ==?=", b"=?utf-8?q_a?="),
    *(b"=?utf-8?q?==3F?=", b"=?UTF-8?Q?=3D?=", b"=?utf-8?q?\0?="),
)  # fmt: skip
AROUND = (
    *(b" ", b"\r\n ", b"\r\n\t", b"\r\n", b"\nSubject: ", b"x", b"<", b"\""),
    *(b"(", b":", b", ", b"\0", b"\n", b"To: a@b.example\r\n"),
    *(b" <customer@example.org>\r\n", b"\n  \n \n"),
)  # fmt: skip


def test_words_are_decoded_as_their_twin_decodes_them() -> None:
    """What is decoded is what the twin gives; a word of any other form is left to it."""
    decode = compiled("plain_words")
    done = 0
    for pieces, number, most in (((*WORDS, *AROUND * 9), 6000, 9), ((*WORDS[:12], *BROKEN, *AROUND * 6), 6000, 7)):
        for head in octets(pieces, seed=2047, number=number, most=most):
            said = decode(head)
            if said is not None:
                assert said == plain_words.decoded_slowly(head), head
                done += 1
    assert done > 200


@pytest.mark.parametrize("word", [*WORDS, *BROKEN])
def test_each_word_is_decoded_or_left(word: bytes) -> None:
    """A word by itself, twice, in a field before and behind others, and cut anywhere."""
    decode = compiled("plain_words")
    for head in (
        b"%b",
        b" %b ",
        b"a: b\nS: %b\n",
        b"S:\r\n %b\r\n %b\r\nT: c\r\n",
        b"S: (%b) x %b",
        b"S: %b%b",
        b"\n%b\n",
        b"S: %b\n a\n\nb",
    ):
        whole = head.replace(b"%b", word)
        for end in range(len(whole) + 1):
            said = decode(whole[:end])
            assert said is None or said == plain_words.decoded_slowly(whole[:end]), whole[:end]


def test_ordinary_words_are_not_left() -> None:
    """Words as mail programs write them are decoded here."""
    decode = compiled("plain_words")
    for word in (
        "=?utf-8?q?Ren=C3=A9e_M=C3=BCller?=",
        "=?UTF-8?B?UmVuw6ll?=",
        "=?us-ascii?Q?a?=",
        "=?UTF-8?b?YcO+YcO/?=",
    ):
        head = f"To: b\r\nSubject: {word}\r\n {word} <a@example.org>\r\nDate: now\r\n".encode()
        assert decode(head) == plain_words.decoded_slowly(head) is not None
        assert plain_words.decoded(head) == decode(head)


def test_it_takes_bytes_only() -> None:
    """What is no bytes is a mistake of the caller."""
    with pytest.raises(TypeError):
        compiled("plain_words")("text")
