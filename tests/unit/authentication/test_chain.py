"""ARC sets: what we put on verifies, chains of others are judged, and a seal that cannot be made is an error."""

from __future__ import annotations

import dkim
import pytest

from pansentry.authentication import SealError, keygen, seal
from pansentry.authentication import authentication_results_field as results_field
from pansentry.authentication.chain import ENDED, FAIL, MAX_SETS, NONE, PASS, SEALED_STATES, UNKNOWN, chain_state
from pansentry.authentication.resolver import DnsTroubleError
from pansentry.authentication.signatures import Key
from pansentry.envelope import Authentication, AuthResult

NEW = keygen("gw.example", "arc", bits=1024)
KEY = Key("gw.example", "arc", NEW.pem)
MAIL = b"From: a@shop.example\r\nTo: b@x.example\r\nSubject: s\r\nMessage-ID: <1@x>\r\n\r\nHello\r\n"


class Names:
    """A resolver that knows our key, or nothing at all."""

    def __init__(self, *, broken: bool = False) -> None:
        self.broken = broken
        self.asked = 0

    def lookup(self, name: str, kind: str) -> tuple[bytes, ...]:
        self.asked += 1
        if self.broken:
            raise DnsTroubleError("down")
        return (NEW.record_value.encode(),) if name == NEW.record_name and kind == "TXT" else ()


def measured(arc: str) -> Authentication:
    return Authentication(spf=AuthResult.PASS, dmarc=AuthResult.PASS, source="measured", arc=arc)


def sealed(message: bytes, arc: str = NONE, server: str = "first.example") -> bytes:
    return seal(results_field(server, measured(arc), "a@shop.example") + message, KEY, server)


def test_our_seal_verifies() -> None:
    """The set is complete, on top, stands on CRLF lines, and another verifier accepts it."""
    message = sealed(MAIL)
    assert message.startswith(b"ARC-Seal: i=1; cv=none;")
    assert message.endswith(MAIL)
    assert message.count(b"\n") == message.count(b"\r\n")
    assert b"ARC-Authentication-Results: i=1; first.example;\r\n spf=pass" in message
    assert chain_state(message, Names()) == PASS
    assert dkim.arc_verify(message, dnsfunc=lambda *_a, **_k: NEW.record_value.encode())[0] == dkim.CV_Pass


def test_a_second_seal_continues_the_chain() -> None:
    """Ours on top of another one is instance 2 and says what we saw of the first."""
    once = sealed(MAIL)
    twice = sealed(once, chain_state(once, Names()), "gw.example")
    assert twice.startswith(b"ARC-Seal: i=2; cv=pass;")
    assert chain_state(twice, Names()) == PASS


def test_a_changed_body_breaks_the_chain() -> None:
    """What was edited after the seal fails, our next seal says so, and after that nobody seals."""
    broken = sealed(MAIL).replace(b"Hello", b"Hallo")
    assert chain_state(broken, Names()) == FAIL
    failed = sealed(broken, FAIL, "gw.example")
    assert b"i=2; cv=fail;" in failed
    assert chain_state(failed, Names()) == ENDED


def test_a_mail_without_a_chain_has_none() -> None:
    """No DNS is asked for mail that nobody sealed."""
    names = Names()
    assert chain_state(MAIL, names) == NONE
    assert names.asked == 0


def test_a_chain_that_cannot_be_looked_at_is_no_broken_one() -> None:
    """Without DNS the state is not known, and such mail is passed on unsealed rather than with cv=fail."""
    assert chain_state(sealed(MAIL), Names(broken=True)) == UNKNOWN


@pytest.mark.parametrize(
    "hostile",
    [
        b"ARC-Seal: i=1; cv=none; a=rsa-sha256; d=gw.example; s=arc; b=x\r\n",
        b"ARC-Seal: i=999999999; cv=pass\r\n",
        b"ARC-Seal: i=" + b"9" * 5000 + b"\r\n",
        b"ARC-Seal: \r\nARC-Message-Signature: \r\nARC-Authentication-Results: \r\n",
        b"ARC-Message-Signature: i=1; a=rsa-sha256; d=gw.example; s=arc; h=arc-seal; bh=x; b=x\r\n" * 2,
        b"ARC-Authentication-Results: i=1; \xff\xfe\r\n",
        b"".join(b"ARC-Seal: i=%d; cv=pass\r\n" % i for i in range(3 * MAX_SETS + 1)),
    ],
)
def test_hostile_chains_fail(hostile: bytes) -> None:
    """Incomplete, huge, doubled and senseless sets pass nowhere, cost few questions, and do not stop the mail."""
    names = Names()
    state = chain_state(hostile + MAIL, names)
    assert state in (FAIL, ENDED)
    assert names.asked <= MAX_SETS * 2
    assert b"arc=fail" in results_field("gw.example", measured(state))
    if state in SEALED_STATES:
        assert b"cv=fail" in sealed(hostile + MAIL, state)


def test_without_results_of_ours_the_seal_is_an_error() -> None:
    """dkimpy gives an empty list here and says nothing; we do."""
    with pytest.raises(SealError, match="no results of ours"):
        seal(MAIL, KEY, "gw.example")


def test_without_arc_in_the_results_behind_a_chain_the_seal_is_an_error() -> None:
    """The other silent case: an older set is there and nobody looked at it."""
    unmeasured = results_field("gw.example", measured(""), "a@shop.example")
    with pytest.raises(SealError):
        seal(unmeasured + sealed(MAIL), KEY, "gw.example")


def test_a_key_that_cannot_sign_is_an_error_without_its_content() -> None:
    """Neither the key nor the mail is quoted."""
    with pytest.raises(SealError) as raised:
        seal(results_field("gw.example", measured(NONE)) + MAIL, Key("gw.example", "arc", b"no key"), "gw.example")
    assert "no key" not in str(raised.value)
