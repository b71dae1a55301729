"""What a policy may know of a message: facts, never values.

A :class:`Sighting` is a finding without its digits. Nothing here can hold card data, so nothing that a rule says,
logs or tests can leak any.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from pansentry.envelope import Authentication
from pansentry.frozen import quickly_made
from pansentry.outcome import Unreadable


@dataclass(frozen=True, slots=True)
class Sighting:
    """One value: ``kind`` (``pan``, ``cvv``, ``expiry``, ``track``), ``place`` as in ``outcome.Removed``.

    ``where`` are the words for all the places that show it (``header``, ``attachment``, ``pdf`` …); see
    :mod:`pansentry.whereabouts`.
    """

    kind: str
    confidence: float
    place: str
    brand: str | None = None
    where: tuple[str, ...] = ()


@quickly_made
@dataclass(frozen=True, slots=True)
class Facts:
    """One message to one set of recipients under one policy.

    ``sender`` is the reverse-path, ``from_address`` the address of the From field, ``is_reply`` says that the message
    answers another. ``received_at`` is in seconds since the epoch.
    """

    sightings: tuple[Sighting, ...] = ()
    unreadable: tuple[Unreadable, ...] = ()
    ambiguities: tuple[str, ...] = ()
    signed: bool = False
    sender: str = ""
    from_address: str = ""
    recipient: str = ""
    authentication: Authentication = field(default_factory=Authentication)
    size_bytes: int = 0
    received_at: float = 0.0
    is_reply: bool = False
