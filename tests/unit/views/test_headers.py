"""The header certificate: what it says is harmless holds nothing when it is read field by field."""

from __future__ import annotations

import base64
import random

import pytest
from tests.specimens import PUBLISHED

from pansentry import mime, pan
from pansentry.edits import Edit
from pansentry.views import encoded_words, headers, signs

NUMBER = PUBLISHED["visa"][0]
_WORDS = (
    "=?utf-8?q?Ren=C3=A9e?=", "=?UTF-8?B?UmVuw6ll?=", "=?us-ascii?Q?My_order?=", f"=?utf-8?q?{NUMBER[:8]}?=",
    f"=?utf-8?q?_{NUMBER[8:]}?=", "=?utf-8?b?NDExMTExMTE=?=", "=?utf-8?b?MTExMTExMTE=?=", "=?iso-8859-1?q?caf=E9?=",
    "=?utf-8?q?=3C?=", "=?utf-8?q?broken", "=?x?y?", "=?utf-8?q?=?=", "=?utf-8*en?q?a?=", "=?utf-8?q?=E2=80=AE4?=",
    "visa", "cvv", "737", "09/28", NUMBER, NUMBER[:8], "order 4711", ";", "*0=", "%34", "\r\n ", " ", "\t",
)  # fmt: skip


@pytest.fixture(autouse=True)
def _engine() -> None:
    signs.warm_up()


def test_a_header_that_is_said_to_hold_nothing_holds_nothing() -> None:
    """Whatever a header is made of: where the certificate is given, no field has a finding in any reading of it."""
    rng = random.Random(8)
    given = 0
    for _ in range(3000):
        subject = "".join(rng.choice(_WORDS) for _ in range(rng.randint(1, 6)))
        raw = f"From: a@example.org\r\nSubject: {subject}\r\nX-Order: 12\r\n\r\n".encode()
        part = mime.read(raw).root
        head = raw[part.start : part.fields_end]
        if b"*" in head or b"%3" in head:
            continue
        if headers._says_nothing(head, pan.may_hold_card_data_bytes, has_words=b"=?" in head):
            given += 1
            for view in headers.views_of_fields(part, lambda _: True):
                assert not pan.find(view.text), subject
    assert given > 300


def test_a_business_header_is_settled_without_being_split() -> None:
    """A trace, an encoded name and a subject cost two passes and no view."""
    raw = (
        b"Received: from out.example.org (out.example.org [192.0.2.7]); Mon, 02 Nov 2026 10:24:56 +0000\r\n"
        b"From: =?utf-8?q?Ren=C3=A9e_M=C3=BCller?= <a@example.org>\r\nSubject: My order 4711\r\n\r\n"
    )
    asked: list[bytes] = []

    def never(data: bytes) -> bool:
        asked.append(data)
        return False

    assert not list(headers.views(mime.read(raw).root, never))
    assert len(asked) == 1


def test_a_number_in_encoded_words_is_shown() -> None:
    """A number over two encoded words is read as one."""
    raw = f"Subject: =?utf-8?q?{NUMBER[:8]}?=\r\n =?utf-8?q?{NUMBER[8:]}?=\r\n\r\n".encode()
    views = headers.views(mime.read(raw).root, pan.may_hold_card_data_bytes)
    assert any(NUMBER in view.text for view in views)


@pytest.mark.parametrize("codec", ["cp932", "gb18030", "big5hkscs"])
def test_raw_east_asian_digits_in_a_header_are_shown(codec: str) -> None:
    """Full-width digits in a raw header are read in the charset that their octets tell."""
    wide = "".join(chr(0xFF10 + int(digit)) for digit in "4111111111111111")
    raw = b"Subject: my card " + wide.encode(codec) + b"\r\n\r\nhello\r\n"
    views = list(headers.views(mime.read(raw).root, pan.may_hold_card_data_bytes))
    assert any(wide in view.text for view in views)
    view = next(view for view in views if wide in view.text)
    start = view.text.index(wide)
    assert view.lower([Edit(start, start + 16, "X" * 16)])


def test_words_that_were_decoded_too_often_are_mended() -> None:
    """An encoded word, or a raw field, of spoilt UTF-8 has a view of what it was."""
    spoilt = "card 4111\u00c2\u00a01111\u00c2\u00a01111\u00c2\u00a01111"
    coded = "=?utf-8?B?" + base64.b64encode(spoilt.encode()).decode() + "?="
    for value in (coded, spoilt):
        raw = b"Subject: " + value.encode() + b"\r\n\r\nhello\r\n"
        views = headers.views(mime.read(raw).root, pan.may_hold_card_data_bytes)
        assert any("4111\u00a01111\u00a01111\u00a01111" in view.text for view in views)


@pytest.mark.parametrize("charset", ["utf-8", '"UTF-8"', "us-ascii", "iso-8859-1", "windows-1252"])
@pytest.mark.parametrize("encoding", ["7bit", "8bit", "quoted-printable", "base64"])
def test_a_header_that_is_passed_over_says_nothing(charset: str, encoding: str) -> None:
    """What is not even asked about holds nothing for the predicate, in any order and as often as it may stand there."""
    kind = f"Content-Type: text/html; charset={charset}\r\n".encode()
    how = f"Content-Transfer-Encoding: {encoding}\r\n".encode()
    for head in (kind, how, kind + how, how + kind, kind + kind):
        assert headers._BARE_HEAD.fullmatch(head)
        assert not pan.may_hold_card_data_bytes(head)
        assert not headers._BARE_HEAD.fullmatch(head + b"X: 1\r\n")


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (b"=?utf-8?q?Ren=C3=A9e_M?= <a@b>", "Renée M <a@b>"),
        (b"=?UTF-8?B?UmVuw6ll?= x", "Renée x"),
        (b"=?utf-8?B?UmVuw6llIA==?=\r\n =?Utf-8?Q?M?=", "Renée M"),
        (b"=?utf-8?B?UmU=?= =?utf-8?B?bsOp?=", "René"),
        (b"=?iso-8859-1?Q?Ren=E9e_M=FCller?= x", "Renée Müller x"),
        (b"=?windows-1252?b?UmVu6Q==?= =?iso-8859-1?q?e?=", "Renée"),
        (b"=?utf-8?q?a?= =?latin1?q?b?=", "ab"),
        (b"a =?us-ascii?q?b?= c\r\n d =?utf-8?q??=", "a b c\r\n d "),
    ],
)
def test_plain_words_are_decoded_in_place(value: bytes, shown: str) -> None:
    """Words in UTF-8 that all readers take alike need no look at their field; blanks between two are not shown."""
    head = b"X-A: 1\r\nFrom: " + value + b"\r\nX-B: 2\r\n"
    assert headers.all_shown(head, has_words=True) == head + b"From: " + shown.encode() + b"\r\n"


@pytest.mark.parametrize(
    "value",
    [
        b"=?", b"=?utf-8?q?a", b"=?utf-8?q?a b?=", b"=?utf-8?q?=4?=", b"=?utf-8?q?a=?=", b"=?utf-8?b?YQ=?=",
        b"=?utf-8?b?Y-Q=?=",
        b"a=?utf-8?q?b?=", b"=?utf-8?q?b?=a",
        b"=?utf-8?b?g==?=", b"=?utf-8?q?=E9?=", b"=?utf-8*en?q?a?=", b"=?utf-8?x?a?=", b"=?utf-8?q?=3D=3Fb?=",
        b"=?utf-8?q?=E2=80=AE?=", b"=?utf-8?q?a?= =?latin-9?q?b c?=", b"=?gb2312?b?sA==?= =?gb2312?b?oQ==?=",
    ],
)  # fmt: skip
@pytest.mark.parametrize(
    "around", [b"From: %b\r\n", b"X-A: =?utf-8?q?a?=\r\nX-B: %b\r\n", b"X-B: %b\r\nX-A: =?utf-8?b?YQ==?=\r\n"]
)
def test_any_other_word_needs_a_look(value: bytes, around: bytes) -> None:
    """What two readers may take differently is not decoded in passing, whatever stands in the fields around it."""
    assert headers.all_shown(around % value, has_words=True) is None


_RELAYED = (
    b"X-Received: by 2002:a17:90b:3d04 with SMTP\r\n"
    b"        id pt4-20020a17090b3d0400b001f54a5c9c2cmr123456pjb.88.1658912345678;\r\n"
    b"        Mon, 02 Nov 2026 02:24:55 -0800 (PST)\r\n"
    b"DKIM-Signature: v=1; a=rsa-sha256; d=example.org;\r\n h=to:from:cc:subject:date; t=1793615095;\r\n"
    b" bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\r\n"
    b"X-Note: paid by credit card\r\n"
    b"From: =?utf-8?B?UmVuw6llIE3DvGxsZXI=?= <a@example.org>\r\n"
)


def test_digits_of_one_field_and_a_word_of_another_are_nothing() -> None:
    """What large providers put on top of every mail is no reason to read its header field by field."""
    pan.warm_up()
    assert headers._says_nothing(_RELAYED, pan.may_hold_card_data_bytes, has_words=True)


@pytest.mark.parametrize(
    "field", [f"X-Note: {NUMBER}", f"DKIM-Signature: h=to:cc:from; b={NUMBER}", f"To: cc:{NUMBER}"]
)
def test_a_number_in_a_field_among_others_is_seen(field: str) -> None:
    """A field that is worth reading by itself is so among fields that are not."""
    pan.warm_up()
    head = _RELAYED + field.encode() + b"\r\n" + _RELAYED
    assert not headers._says_nothing(head, pan.may_hold_card_data_bytes, has_words=True)


def test_of_very_many_fields_none_is_asked_about_by_itself() -> None:
    """A header made of hundreds of fields is taken for worth reading where it is so as a whole."""
    asked: list[bytes] = []

    def always(data: bytes) -> bool:
        asked.append(data)
        return data.count(b"\n") > 1

    assert headers._says_nothing(b"A: b\r\n" * (headers.MOST_FIELDS - 1), always, has_words=False)
    asked.clear()
    assert not headers._says_nothing(b"A: b\r\n" * headers.MOST_FIELDS, always, has_words=False)
    assert len(asked) == 1


@pytest.mark.parametrize(
    ("field", "needed"),
    [
        ("X-Spam-Level: ***", False),
        ("List-Unsubscribe: <https://lists.example.org/?id%3Dab%3A%3F>", False),
        ("List-Unsubscribe: <https://lists.example.org/?id=%34%35>", True),
        ("Content-Disposition: attachment;\r\n filename*=utf-8''a.pdf", True),
        ("CONTENT-TYPE : text/plain; name*0=a", True),
        ("Content-Type: text/plain; name=a%3Db", True),
        ("Content-Type: text/plain\r\nX-Stars: *", False),
        ("X-Content-Type: *", False),
    ],
)
def test_what_needs_a_look_is_told_by_field(field: str, needed: bool) -> None:
    """Sections and escapes count where a reader resolves them, not in every field."""
    head = f"From: a@example.org\r\n{field}\r\nTo: b@example.org\r\n".encode()
    assert headers.needs_a_look(head) is needed
    assert headers.needs_a_look(head.removeprefix(b"From: a@example.org\r\n")) is needed


def test_a_word_whose_charset_may_be_guessed_is_decoded_both_ways() -> None:
    """What one reader shows by the label and another by a guess is both asked about, as all words of the field."""
    head = b"X-A: 1\r\nFrom: =?koi8-r?b?79TXxdQ=?= =?koi8-r?q?=C1?= <a>\r\nX-B: 2\r\n"
    by_label = head + "From: Ответа <a>\r\n".encode()
    shown = headers.all_shown(head, has_words=True)
    assert shown is not None
    assert shown.startswith(by_label)
    assert (
        shown.removeprefix(by_label) == b"From: " + b"\xef\xd4\xd7\xc5\xd4\xc1".decode("cp1252").encode() + b" <a>\r\n"
    )


@pytest.mark.parametrize(
    "label", ["utf-8", "iso-8859-15", "cp1251", "iso-2022-jp", "gb2312", "shift_jis", "big5", "utf-7", "x-no"]
)
def test_words_shown_in_passing_are_the_words_that_are_read(label: str) -> None:
    """Whatever octets stand in words: where they are decoded in passing, every reading of the field is among it."""
    rng = random.Random(7)
    pieces = [
        b"a",
        b"4111",
        b"\xe9",
        b"\xc3\xa9",
        b"\x82\x54",
        b"\xa3\xb4",
        b"\x1b$B#4\x1b(B",
        b"~{#4~}",
        b"+AGE-",
        b"\xef\xbc\x94",
        b"-",
    ]
    shown_in_passing = 0
    for _ in range(400):
        words = [b"".join(rng.choices(pieces, k=rng.randint(1, 3))) for _ in range(rng.randint(1, 3))]
        value = " ".join(f"=?{label}?b?{base64.b64encode(one).decode()}?=" for one in words)
        shown = headers.all_shown(f"Subject: {value}\r\n".encode(), has_words=True)
        if shown is None:
            continue
        shown_in_passing += 1
        for reading in encoded_words.read(value):
            assert reading.text.encode("utf-8", "replace") in shown
    assert shown_in_passing > 20
