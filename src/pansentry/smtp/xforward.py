"""XFORWARD: a trusted Postfix tells who the client really was.

In: the argument of the command. Out: attributes, or a refusal. Standard: Postfix's XFORWARD_README (attributes NAME
ADDR PORT PROTO HELO IDENT SOURCE, xtext values, ``[UNAVAILABLE]`` and ``[TEMPUNAVAIL]``). Who may say it is decided
by the server: the attack is a stranger who chooses the address that SPF is checked for.
"""

from __future__ import annotations

import ipaddress
from dataclasses import replace

from pansentry.envelope import Client
from pansentry.smtp.parameters import ParameterError, decode_xtext

ATTRIBUTES = ("NAME", "ADDR", "PORT", "PROTO", "HELO", "IDENT", "SOURCE")
_UNAVAILABLE = frozenset({"[UNAVAILABLE]", "[TEMPUNAVAIL]"})
_MAX_VALUE = 255


def parse_xforward(argument: bytes) -> dict[str, str]:
    """Return attributes by upper case name, ``""`` for those that are unavailable.

    Raises:
        ParameterError: 501, an unknown attribute or a malformed value.
    """
    attributes: dict[str, str] = {}
    for word in argument.decode("ascii", "replace").split(" "):
        if not word:
            continue
        name, equals, value = word.partition("=")
        name = name.upper()
        if not equals or name not in ATTRIBUTES or len(value) > _MAX_VALUE:
            raise ParameterError(501, "Bad XFORWARD attribute")
        attributes[name] = "" if value.upper() in _UNAVAILABLE else _checked(name, decode_xtext(value))
    if not attributes:
        raise ParameterError(501, "XFORWARD needs attributes")
    return attributes


def _checked(name: str, value: str) -> str:
    if not value.isprintable():
        raise ParameterError(501, "Bad XFORWARD value")
    try:
        if name == "ADDR":
            return str(ipaddress.ip_address(value[5:] if value[:5].upper() == "IPV6:" else value))
    except ValueError:
        raise ParameterError(501, "Bad XFORWARD value") from None
    if name == "PORT" and not (value.isascii() and value.isdigit() and len(value) <= 5 and int(value) <= 65535):
        raise ParameterError(501, "Bad XFORWARD value")
    return value


def apply_xforward(client: Client, attributes: dict[str, str]) -> Client:
    """Return the client as the trusted peer describes it; attributes that were not sent stay as they are."""
    address = attributes.get("ADDR", client.address)
    return replace(
        client,
        address=address,
        port=int(attributes.get("PORT") or 0) if "PORT" in attributes or "ADDR" in attributes else client.port,
        name=attributes.get("NAME", "" if "ADDR" in attributes else client.name),
        helo=attributes.get("HELO", client.helo),
    )
