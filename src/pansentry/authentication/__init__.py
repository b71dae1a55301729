"""Authentication of mail: SPF, DKIM and DMARC of what comes in, signatures on what we send.

pyspf, dkimpy, dnspython and the public suffix list are imported on first use.
"""

from pansentry.authentication.chain import SEALED_STATES, SealError, seal
from pansentry.authentication.measure import Authenticator, author_domain, measure
from pansentry.authentication.resolver import DnsResolver, DnsTroubleError, Resolver
from pansentry.authentication.results import authentication_results_field, upstream_results, without_forged
from pansentry.authentication.signatures import Key, NewKey, keygen, load_key, sign

__all__ = [
    "SEALED_STATES",
    "Authenticator",
    "DnsResolver",
    "DnsTroubleError",
    "Key",
    "NewKey",
    "Resolver",
    "SealError",
    "authentication_results_field",
    "author_domain",
    "keygen",
    "load_key",
    "measure",
    "seal",
    "sign",
    "upstream_results",
    "without_forged",
]
