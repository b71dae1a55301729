"""ESMTP parameters of MAIL and RCPT, and xtext."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pansentry.smtp.parameters import (
    MailParameters,
    ParameterError,
    decode_xtext,
    parse_mail_parameters,
    parse_rcpt_parameters,
)


@pytest.mark.parametrize(
    ("rest", "expected"),
    [
        (b"", MailParameters()),
        (b"SIZE=0", MailParameters()),
        (b"size=10", MailParameters(size=10)),
        (b"BODY=8bitmime", MailParameters(pass_on=("BODY=8bitmime",))),
        (b"SMTPUTF8", MailParameters(smtputf8=True, pass_on=("SMTPUTF8",))),
        (b"RET=HDRS  ENVID=a+20b", MailParameters(pass_on=("RET=HDRS", "ENVID=a+20b"))),
        (b"AUTH=<> XOORG=contoso.example MT-PRIORITY=6", MailParameters()),
    ],
)
def test_mail_parameters(rest: bytes, expected: MailParameters) -> None:
    """Known ones are read, those for the next hop kept as received, private ones and AUTH= dropped."""
    assert parse_mail_parameters(rest) == expected


@pytest.mark.parametrize(
    ("rest", "code"),
    [
        (b"SIZE", 501),
        (b"SIZE=1x", 501),
        (b"SIZE=\xd9\xa1", 501),  # an Arabic digit
        (b"SIZE=1 SIZE=1", 501),
        (b"BODY=BINARYMIME", 501),
        (b"SMTPUTF8=yes", 501),
        (b"RET=SOME", 501),
        (b"ENVID=" + b"x" * 101, 501),
        (b"ENVID=a+zz", 501),
        (b"=1", 501),
        (b"A=b=c", 555),
        (b"BY=120;R", 555),
        (b"REQUIRETLS", 555),
        (b"\xff", 501),
        (b" ".join(b"X%d=1" % n for n in range(21)), 501),
        (b"SIZE=1\t2", 501),
    ],
)
def test_malformed_or_unknown_mail_parameters(rest: bytes, code: int) -> None:
    """501 for what is malformed, 555 for what is not known."""
    with pytest.raises(ParameterError) as caught:
        parse_mail_parameters(rest)
    assert caught.value.code == code


@pytest.mark.parametrize(
    "rest",
    [b"NOTIFY=NEVER", b"NOTIFY=success,FAILURE,DELAY", b"ORCPT=rfc822;c+2Bd@x.example", "ORCPT=utf-8;ü@x".encode()],
)
def test_rcpt_parameters_are_passed_on_as_received(rest: bytes) -> None:
    """DSN's two parameters (RFC 3461 §4.1, §4.2)."""
    assert parse_rcpt_parameters(rest) == (rest.decode(),)


@pytest.mark.parametrize(
    "rest",
    [b"NOTIFY=", b"NOTIFY=NEVER,DELAY", b"NOTIFY=DELAY,DELAY", b"ORCPT=x", b"ORCPT=rfc822;a+b", b"SIZE=1", b"NOTIFY"],
)
def test_malformed_rcpt_parameters(rest: bytes) -> None:
    """Anything else is refused."""
    with pytest.raises(ParameterError):
        parse_rcpt_parameters(rest)


def test_xtext() -> None:
    """``+XX`` is an octet; what is not UTF-8 is replaced, what is not xtext refused."""
    assert decode_xtext("a+2Bb+C3+BC") == "a+bü"
    assert decode_xtext("+FF") == "\ufffd"
    for bad in ("a b", "a=b", "+2", "+2b", "ü"):
        with pytest.raises(ParameterError):
            decode_xtext(bad)


@given(st.binary(max_size=80))
def test_any_octets_give_parameters_or_a_refusal(rest: bytes) -> None:
    """No other exception, and nothing that could break a command line is passed on."""
    for parse in (lambda r: parse_mail_parameters(r).pass_on, parse_rcpt_parameters):
        try:
            passed = parse(rest)
        except ParameterError:
            continue
        assert not any(c <= " " or c == "\x7f" for word in passed for c in word)
