"""Signing in through an OpenID provider: where the browser is sent, and what is believed of what comes back.

In: the settings, a key, what the provider says at its addresses. Out: an address to send the browser to with a ticket
for its cookie; later a :class:`Person` with a role, or :class:`RefusedError` with a short code for the log. Signatures
are checked by joserfc; nothing of it is ours.

Standards: OpenID Connect Core 1.0 §3.1 (authorization code flow; §3.1.3.7 validation of the ID token, §5.3.2 userinfo),
Discovery 1.0 §4.3, RP-Initiated Logout 1.0; RFC 7636 (PKCE, S256 only), RFC 9207 (``iss`` in the answer), RFC 9700.

Attacks this resists: an answer for another browser (state, bound to a cookie), a code that was stolen on its way
(PKCE), an ID token that was used before (nonce) or is for somebody else (``aud``, ``azp``), one that nobody or somebody
else signed (asymmetric algorithms only, keys of the provider only), another provider's answer (``iss``), a name that
somebody gave themselves at the provider (a person is ``iss`` and ``sub``; the name is shown only). Somebody without a
group that the settings name does not get in, and nobody becomes an admin by being the first.

The ticket is not kept here: it is a random word with its time and a keyed hash, and state, nonce and verifier are keyed
hashes of it, so that any node of a fleet can take the answer. A provider takes a code once (RFC 6749 §4.1.2).

Limits: ten seconds and 256 KiB for each answer of the provider; its description and keys are asked for again after an
hour, and keys at once (at most every minute) when a token is signed with one that is not known.
"""

from __future__ import annotations

import hmac
import re
import secrets
from base64 import b64encode, urlsafe_b64encode
from dataclasses import dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING, Any
from urllib.parse import quote_plus, urlencode, urlsplit

from pansentry.payments.http import HttpTroubleError, get, post
from pansentry.permissions import Role
from pansentry.store.database import token

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pansentry.configuration.model import OpenId

RETURN_PATH = "/login/provider/return"
TICKET_S = 600.0
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
LEEWAY_S = 60
_DEADLINE_S = 10.0
_KEEP_S = 3600.0
_KEYS_AGAIN_S = 60.0
_LETTERS = str.maketrans("0123456789", "ghijklmnop")
_MAX_NAME = 80
_MAX_SUBJECT = 255  # OpenID Connect Core §2
_PATH = re.compile(r"/(?:[A-Za-z0-9][A-Za-z0-9._-]{0,99}(?:/|$)){0,6}")


class RefusedError(Exception):
    """Nobody gets in by this answer; the text is a stable short code and holds nothing of the answer."""


class NoRoleError(RefusedError):
    """The provider knows the person, and none of their groups has a role here; ``name`` is for the audit log."""

    def __init__(self, name: str) -> None:
        super().__init__("no-role")
        self.name = name


@dataclass(frozen=True, slots=True)
class Person:
    """Who signed in. ``name`` ends in a mark of issuer and subject, so that no two people share one."""

    name: str
    role: Role


@dataclass(slots=True)
class Provider:
    """One provider, as it described itself last. ``url`` is the console's own address."""

    settings: OpenId
    url: str
    key: bytes = field(repr=False)
    clock: Callable[[], float]
    _described: Mapping[str, Any] | None = None
    _described_at: float = 0.0
    _keys: Any = None
    _keys_at: float = float("-inf")

    async def begin(self, after: str = "/") -> tuple[str, str]:
        """Return where to send the browser, and the ticket for its cookie; ``after`` is the page that it wants."""
        described = await self._description()
        after = after if is_path(after) else "/"
        ticket = f"{int(self.clock())}:{secrets.token_urlsafe(24)}:{after}"
        challenge = urlsafe_b64encode(sha256(self._derived("verifier", ticket).encode()).digest()).rstrip(b"=").decode()
        asked = {
            "response_type": "code",
            "client_id": self.settings.client_id,
            "redirect_uri": self.url + RETURN_PATH,
            "scope": " ".join(("openid", *(one for one in self.settings.scopes if one != "openid"))),
            "state": self._derived("state", ticket),
            "nonce": self._derived("nonce", ticket),
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        address = _address(described, "authorization_endpoint")
        mark = "&" if "?" in address else "?"
        return f"{address}{mark}{urlencode(asked)}", f"{ticket}:{self._derived('ticket', ticket)}"

    async def finish(self, cookie: str, answer: Mapping[str, str]) -> tuple[Person, str]:
        """Return who came back, and the page they wanted. Raises :class:`RefusedError`."""
        ticket, _, mark = cookie.rpartition(":")
        at, _, rest = ticket.partition(":")
        if not hmac.compare_digest(self._derived("ticket", ticket).encode(), mark.encode("utf-8", "replace")):
            raise RefusedError("no-ticket")
        if not 0 <= self.clock() - int(at) <= TICKET_S:
            raise RefusedError("late")
        if not _same(answer.get("state", ""), self._derived("state", ticket)):
            raise RefusedError("state")
        if answer.get("iss", self.settings.issuer) != self.settings.issuer:
            raise RefusedError("issuer")
        if "error" in answer or not answer.get("code"):
            raise RefusedError("provider")
        described = await self._description()
        tokens = await self._redeem(described, answer["code"], ticket)
        claims = await self._believed(described, str(tokens.get("id_token", "")), self._derived("nonce", ticket))
        return await self._person(described, claims, tokens), rest.partition(":")[2]

    async def farewell(self) -> str | None:
        """Return where a browser signs out of the provider too; None if the provider has no such page."""
        try:
            address = _address(await self._description(), "end_session_endpoint")
        except RefusedError:
            return None
        said = {"client_id": self.settings.client_id, "post_logout_redirect_uri": f"{self.url}/login"}
        return f"{address}{'&' if '?' in address else '?'}{urlencode(said)}"

    async def _description(self) -> Mapping[str, Any]:
        """Return the provider's description of itself (Discovery §4.3: its issuer must be the one we asked)."""
        if self._described is None or self.clock() - self._described_at > _KEEP_S:
            found = await _asked(
                get(f"{self.settings.issuer.rstrip('/')}/.well-known/openid-configuration", {}, _DEADLINE_S)
            )
            if found.get("issuer") != self.settings.issuer:
                raise RefusedError("issuer")
            self._described, self._described_at, self._keys = found, self.clock(), None
        return self._described

    async def _redeem(self, described: Mapping[str, Any], code: str, ticket: str) -> Mapping[str, Any]:
        """Exchange the code for tokens, as whom the provider knows us (RFC 6749 §2.3.1)."""
        said = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.url + RETURN_PATH,
            "code_verifier": self._derived("verifier", ticket),
        }
        headers = {"content-type": "application/x-www-form-urlencoded", "accept": "application/json"}
        name, secret = self.settings.client_id, self.settings.client_secret
        methods = described.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
        if secret is None:
            said["client_id"] = name
        elif "client_secret_basic" in methods:
            pair = f"{quote_plus(name)}:{quote_plus(secret)}".encode()
            headers["authorization"] = f"Basic {b64encode(pair).decode()}"
        else:
            said |= {"client_id": name, "client_secret": secret}
        return await _asked(post(_address(described, "token_endpoint"), urlencode(said).encode(), headers, _DEADLINE_S))

    async def _believed(self, described: Mapping[str, Any], id_token: str, nonce: str) -> Mapping[str, Any]:
        """Return the claims of an ID token that holds (Core §3.1.3.7)."""
        from joserfc import jwt
        from joserfc.errors import JoseError

        us = self.settings.client_id
        wanted = jwt.JWTClaimsRegistry(
            now=int(self.clock()),
            leeway=LEEWAY_S,
            iss={"essential": True, "value": self.settings.issuer},
            aud={"essential": True, "value": us},
            exp={"essential": True},
            iat={"essential": True},
            sub={"essential": True},
            nonce={"essential": True, "value": nonce},
        )
        claims: dict[str, Any] = {}
        for is_second in (False, True):
            keys = await self._signing_keys(described, anew=is_second)
            try:
                claims = jwt.decode(id_token, keys, algorithms=ALGORITHMS).claims
                break
            except (JoseError, ValueError) as error:
                if is_second or self.clock() - self._keys_at < _KEYS_AGAIN_S:
                    raise RefusedError("signature") from error
        try:
            wanted.validate(claims)
        except JoseError as error:
            raise RefusedError("claims") from error
        audience, subject = claims["aud"], claims["sub"]
        if claims.get("azp", us) != us or (isinstance(audience, list) and len(audience) > 1 and "azp" not in claims):
            raise RefusedError("claims")
        if not 0 < len(subject) <= _MAX_SUBJECT:
            raise RefusedError("claims")
        return claims

    async def _signing_keys(self, described: Mapping[str, Any], *, anew: bool) -> Any:
        """Return the provider's keys that may sign."""
        from joserfc.jwk import KeySet

        if self._keys is None or anew:
            found = await _asked(get(_address(described, "jwks_uri"), {}, _DEADLINE_S))
            listed = found.get("keys")
            self._keys = KeySet([key for one in (listed if isinstance(listed, list) else []) if (key := _key(one))])
            self._keys_at = self.clock()
        return self._keys

    async def _person(
        self, described: Mapping[str, Any], claims: Mapping[str, Any], tokens: Mapping[str, Any]
    ) -> Person:
        """Return who it is and their role; groups that are not in the ID token are asked for."""
        known = dict(claims)
        wanted = (self.settings.groups_claim, self.settings.name_claim)
        access = tokens.get("access_token")
        if any(one not in known for one in wanted) and described.get("userinfo_endpoint") and isinstance(access, str):
            headers = {"authorization": f"Bearer {access}", "accept": "application/json"}
            more = await _asked(get(_address(described, "userinfo_endpoint"), headers, _DEADLINE_S))
            if more.get("sub") != claims["sub"]:
                raise RefusedError("userinfo")
            known = {**more, **known}
        name = self._name(known)
        given = known.get(self.settings.groups_claim)
        listed = [given] if isinstance(given, str) else given if isinstance(given, list) else []
        groups = {one for one in listed if isinstance(one, str)}
        for role in reversed(Role):
            if groups.intersection(getattr(self.settings.roles, role.value)):
                return Person(name, role)
        raise NoRoleError(name)

    def _name(self, known: Mapping[str, Any]) -> str:
        claimed = known.get(self.settings.name_claim)
        shown = claimed if isinstance(claimed, str) else ""
        shown = "".join(sign for sign in shown if sign.isprintable())[:_MAX_NAME].strip() or "somebody"
        subject = f"{self.settings.issuer}\0{known['sub']}".encode("utf-8", "replace")
        return f"{shown} ~{token(self.key, 'console guest', subject)[:12].translate(_LETTERS)}"

    def _derived(self, purpose: str, ticket: str) -> str:
        """Return 64 characters that only we can make of a ticket (a verifier has 43 or more, RFC 7636 §4.1)."""
        said = f"pansentry openid {purpose}\0{ticket}".encode("utf-8", "replace")
        return hmac.new(self.key, said, sha256).hexdigest()


def is_path(path: str) -> bool:
    """Tell whether this is the path of a page of ours, and nothing that a browser could take for another server."""
    return _PATH.fullmatch(path) is not None


def _same(given: str, wanted: str) -> bool:
    return hmac.compare_digest(given.encode("utf-8", "replace"), wanted.encode())


def _key(published: object) -> Any:
    """Return a public key that may sign, None for one that may not, or that joserfc does not know."""
    from joserfc.errors import JoseError
    from joserfc.jwk import import_key

    if not isinstance(published, dict) or published.get("kty") not in ("RSA", "EC", "OKP"):
        return None
    if published.get("use", "sig") != "sig":
        return None
    try:
        return import_key(published)
    except (JoseError, ValueError, KeyError, TypeError):
        return None


def _address(described: Mapping[str, Any], name: str) -> str:
    """Return an address of the provider: secure, or on this machine."""
    found = described.get(name)
    if not isinstance(found, str):
        raise RefusedError("description")
    parts = urlsplit(found)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in ("127.0.0.1", "localhost")):
        raise RefusedError("description")
    return found


async def _asked(question: Any) -> Mapping[str, Any]:
    """Return the JSON object that the provider answers."""
    try:
        found = await question
    except HttpTroubleError as trouble:
        raise RefusedError(f"provider-{trouble}") from None
    if not isinstance(found, dict):
        raise RefusedError("provider-no-object")
    return found
