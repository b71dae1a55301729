"""How we present ourselves to a next hop: from the settings of an admin to the options of a hop.

In: a block of the configuration. Out: :class:`~pansentry.delivery.hop.HopOptions`. Certificates and authorities are
opened here, at the start, so that a wrong file stops the start instead of deferring the first mail.
"""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING

from pansentry.delivery.hop import Credentials, Deadlines, HopOptions
from pansentry.errors import ConfigurationError, Flaw

if TYPE_CHECKING:
    from pansentry.configuration.model import HopSettings


def hop_options(our_name: str, settings: HopSettings) -> HopOptions:
    """Return the options for a next hop. Raises ConfigurationError if a certificate or an authority cannot be used."""
    credentials = None
    if settings.user is not None and settings.password is not None:
        credentials = Credentials(settings.user, settings.password)
    certificate = None
    if settings.certificate is not None:
        certificate = (str(settings.certificate.certificate), str(settings.certificate.key))
    return HopOptions(
        our_name=our_name,
        deadlines=Deadlines(settings.connect, settings.command, settings.content),
        credentials=credentials,
        tls_context=_context(settings, certificate),
        certificate=certificate,
    )


def _context(settings: HopSettings, certificate: tuple[str, str] | None) -> ssl.SSLContext | None:
    """Make the context of a verified connection, None for the system's trust store alone."""
    try:
        if certificate is not None:
            ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_cert_chain(*certificate)
    except OSError as error:  # of which ssl.SSLError is one
        fix = "Both are PEM files of one pair: the chain, first to last, and the key without a password."
        raise _flaw(certificate[0] if certificate else "", "certificate or its key", error, fix) from None
    if settings.authorities is None:
        return None
    try:
        return ssl.create_default_context(cafile=str(settings.authorities))
    except OSError as error:
        raise _flaw(str(settings.authorities), "authority", error, "Name a PEM file with certificates.") from None


def _flaw(file: str, what: str, error: OSError, fix: str) -> ConfigurationError:
    why = "it is not PEM, or not of one pair" if isinstance(error, ssl.SSLError) else error.strerror
    return ConfigurationError(Flaw(file, 0, 0, f"The {what} for the next hop cannot be used: {why}.", fix))
