"""Sealing: only the private key opens what was sealed, and a mistyped public key is found at once."""

from __future__ import annotations

import sys

import pytest

from pansentry.errors import UnavailableError
from pansentry.sealing import can_seal, is_public_key, seal

pyrage = pytest.importorskip("pyrage")
KEY = "age1uu7y2std6eq2anfffla8482jc4k80jqt5x9c7a2ks9mghyma6css3dafwc"


def test_only_the_private_key_opens_what_was_sealed() -> None:
    """The content is in the file for whoever has the key, and for nobody else."""
    identity, other = pyrage.x25519.Identity.generate(), pyrage.x25519.Identity.generate()
    sealed = seal(b"the mail", str(identity.to_public()))
    assert b"the mail" not in sealed
    assert pyrage.decrypt(sealed, [identity]) == b"the mail"
    with pytest.raises(pyrage.DecryptError):
        pyrage.decrypt(sealed, [other])


def test_the_same_mail_is_sealed_differently_each_time() -> None:
    """Two sealed files do not show that they hold the same."""
    assert seal(b"x", KEY) != seal(b"x", KEY)


def test_keys_that_are_generated_are_keys() -> None:
    """The checksum holds for what the library makes."""
    assert all(is_public_key(str(pyrage.x25519.Identity.generate().to_public())) for _ in range(20))


@pytest.mark.parametrize("at", range(4, len(KEY), 7))
def test_every_mistyped_character_is_found(at: int) -> None:
    """One wrong character, wherever it is, breaks the checksum."""
    wrong = KEY[:at] + ("q" if KEY[at] != "q" else "p") + KEY[at + 1 :]
    assert not is_public_key(wrong)


@pytest.mark.parametrize("text", ["", "age1", KEY[:-1], KEY + "q", KEY.upper(), "age2" + KEY[4:], "ssh-ed25519 AAAA"])
def test_what_is_no_key_is_refused(text: str) -> None:
    """Wrong lengths, alphabets and kinds."""
    assert not is_public_key(text)


def test_without_the_library_it_is_said_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is written in the clear because a library is missing."""
    monkeypatch.setitem(sys.modules, "pyrage", None)
    assert not can_seal()
    with pytest.raises(UnavailableError, match="pip install"):
        seal(b"x", KEY)
