"""Conversation tokens: what joins two messages, and that they say nothing without the key."""

from __future__ import annotations

from pansentry.conversation import tokens
from pansentry.reply.incoming import Incoming

KEY = b"k" * 32
TO = ("orders@shop.example",)


def of(reverse_path: str = "anna@customer.example", key: bytes = KEY, **facts: str) -> set[str]:
    subject = facts.pop("subject", "")
    return set(tokens(Incoming(fields=(("subject", subject),), **facts), reverse_path, TO, key))


def test_the_thread_joins() -> None:
    """A reply from another address shares the thread's id."""
    assert of(message_id="<1@x>") & of("wife@other.example", in_reply_to="<1@x>")


def test_the_address_joins_towards_the_same_mailbox_only() -> None:
    """The same sender to another mailbox is another conversation."""
    elsewhere = set(tokens(Incoming(), "anna@customer.example", ("hr@shop.example",), KEY))
    assert of() == of()
    assert not of() & elsewhere


def test_the_subject_joins_without_its_reply_prefix() -> None:
    """``AW: Re: X`` and ``X`` are one conversation; a subject too short to tell says nothing."""
    assert of("", subject="Order 4711 oak table") & of("", subject="AW: Re: order 4711  OAK table")
    assert not of("", subject="Hello")


def test_the_name_joins() -> None:
    """The same display name from another address joins."""
    assert of("a@x.example", from_name="Anna Weber") & of("b@y.example", from_name="anna  weber")


def test_tokens_are_keyed() -> None:
    """Another installation's key gives other tokens, and no token shows what it was made of."""
    assert not of() & of(key=b"j" * 32)
    assert all(len(token) == 32 and set(token) <= set("0123456789abcdef") for token in of())
