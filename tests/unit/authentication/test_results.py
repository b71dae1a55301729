"""Authentication-Results: written, removed where forged, read where trusted; keys and signatures of letters."""

from __future__ import annotations

from pathlib import Path

import dkim
import pytest

from pansentry.authentication import (
    authentication_results_field,
    keygen,
    load_key,
    sign,
    upstream_results,
    without_forged,
)
from pansentry.envelope import Authentication, AuthResult
from pansentry.errors import ConfigurationError

REST = b"From: a@b.example\r\nSubject: x\r\n\r\nbody\r\nAuthentication-Results: mx.us.example; spf=pass\r\n"


def test_the_field_states_what_was_measured() -> None:
    """One field, folded, with the domains it is about."""
    measured = Authentication(AuthResult.PASS, AuthResult.FAIL, AuthResult.PASS, True, False, "b.example", "measured")
    assert authentication_results_field("mx.us.example", measured, "a@b.example") == (
        b"Authentication-Results: mx.us.example;\r\n spf=pass smtp.mailfrom=b.example;\r\n dkim=fail;\r\n"
        b" dmarc=pass header.from=b.example\r\n"
    )


def test_nothing_measured_is_said_so() -> None:
    """RFC 8601 §2.2: `none` where nothing was done."""
    assert authentication_results_field("mx.us.example", Authentication()).endswith(b";\r\n none\r\n")


def test_a_hostile_domain_cannot_break_out_of_the_field() -> None:
    """Whatever stands in an address, the field stays one field."""
    measured = Authentication(from_domain="b\r\nX: y", source="measured")
    assert authentication_results_field("mx", measured, "a@c\r\n\r\nd;e").count(b"\n") == 4


FORGED = (
    b"Authentication-Results: mx.us.example; spf=pass\r\n",
    b"authentication-results:mx.us.example;spf=pass\r\n",
    b"Authentication-Results: MX.US.Example.;\r\n\tspf=pass\r\n dkim=pass\r\n",
    b"Authentication-Results:\r\n mx.us.example 1; none\r\n",
    b"Authentication-Results : mx.us.example; spf=pass\r\n",
    b'Authentication-Results: "mx.us.example"; spf=pass\r\n',
    b"Authentication-Results: (comment) mx.us.example; spf=pass\r\n",
)


@pytest.mark.parametrize("forged", FORGED)
def test_a_forged_field_goes_and_nothing_else(forged: bytes) -> None:
    """A field with our name is removed with all its lines; the body is never looked at."""
    other = b"Authentication-Results: mx.other.example; spf=pass\r\n"
    assert without_forged(forged + other + forged + REST, "mx.us.example") == other + REST


def test_a_message_without_forged_fields_is_the_same_object() -> None:
    """Clean mail is not copied."""
    assert without_forged(REST, "mx.us.example") is REST


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        (b"mx.t.example; dmarc=pass header.from=b.example", ("none", "none", "pass", False, False)),
        (b"mx.t.example; dmarc=pass header.from=evil.example", ("none", "none", "none", False, False)),
        (b"mx.t.example; spf=pass smtp.mailfrom=a@b.example", ("pass", "none", "none", True, False)),
        (b"mx.t.example; spf=pass smtp.mailfrom=a@c.example", ("pass", "none", "none", False, False)),
        (
            b"mx.t.example; dkim=fail header.d=b.example; dkim=pass header.d=b.example",
            ("none", "pass", "none", False, True),
        ),
        (b"mx.t.example; dkim=pass (2048-bit key; x) header.i=@b.example", ("none", "pass", "none", False, True)),
        (
            b"mx.t.example; dmarc=fail (p=REJECT sp=pass dmarc=pass) header.from=b.example",
            ("none", "none", "fail", 0, 0),
        ),
        (b"mx.t.example; spf=hardfail smtp.mailfrom=b.example", ("neutral", "none", "none", False, False)),
    ],
)
def test_what_a_trusted_server_says(field: bytes, expected: tuple[object, ...]) -> None:
    """Its words are taken as said, but only about the author we read ourselves."""
    found = upstream_results(b"Authentication-Results: " + field + b"\r\n" + REST, ["mx.t.example"], "b.example")
    assert found is not None
    assert (found.spf, found.dkim, found.dmarc, found.spf_aligned, found.dkim_aligned) == expected


def test_an_unnamed_server_is_not_believed() -> None:
    """Anybody can write the field."""
    message = b"Authentication-Results: mx.evil.example; dmarc=pass header.from=b.example\r\n" + REST
    assert upstream_results(message, ["mx.t.example"], "b.example") is None


def test_a_made_key_signs_and_verifies_with_its_record(tmp_path: Path) -> None:
    """`dkim keygen` prints the record that verifies what the key signs."""
    made = keygen("shop.example", "pansentry", bits=1024)
    (tmp_path / "key.pem").write_bytes(made.pem)
    signed = sign(REST, load_key(tmp_path / "key.pem", "shop.example", "pansentry"))
    assert signed.endswith(REST)
    assert made.record_name == "pansentry._domainkey.shop.example"
    assert dkim.verify(signed, dnsfunc=lambda name, timeout=5: made.record_value.encode())
    assert max(map(len, made.zone_line.split('"')[1::2])) <= 255


@pytest.mark.parametrize(
    "content", [b"", b"secret nonsense", b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"]
)
def test_a_bad_key_file_is_named_and_not_quoted(tmp_path: Path, content: bytes) -> None:
    """The message names the file and the way out, never what is in it."""
    (tmp_path / "key.pem").write_bytes(content)
    with pytest.raises(ConfigurationError, match="dkim keygen") as caught:
        load_key(tmp_path / "key.pem", "shop.example", "s")
    assert "nonsense" not in str(caught.value)
