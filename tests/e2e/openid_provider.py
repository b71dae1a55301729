"""A little OpenID provider on loopback for tests: strict where the standards are, and wrong where a test says so.

It signs everybody in who asks. A code is for one redirect address, one client and one PKCE challenge, and works once
(RFC 6749 §4.1.3, RFC 7636 §4.6); the client shows its secret by HTTP Basic. ``spoil`` changes the claims or the token
before it goes out, ``person`` is who signs in.
"""

from __future__ import annotations

import contextlib
import json
import secrets
import threading
import time
from base64 import b64decode, urlsafe_b64encode
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote_plus, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT, SECRET = "pansentry", "a secret: 100 % & more"


@dataclass
class LittleProvider:
    """What it knows, and what a test may change."""

    person: dict[str, Any] = field(default_factory=lambda: {"sub": "u1", "preferred_username": "anna"})
    spoil: Callable[[dict[str, Any]], dict[str, Any]] = lambda claims: claims
    sign: Callable[[LittleProvider, dict[str, Any]], str] | None = None
    described: dict[str, Any] = field(default_factory=dict)
    userinfo: dict[str, Any] | None = None
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "one", "use": "sig"}))
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    issuer: str = ""
    asked: list[str] = field(default_factory=list)

    def description(self) -> dict[str, Any]:
        """Return what Discovery shows."""
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
            "end_session_endpoint": f"{self.issuer}/farewell",
            "userinfo_endpoint": f"{self.issuer}/userinfo",
            "token_endpoint_auth_methods_supported": ["client_secret_basic"],
            **self.described,
        }

    def authorize(self, asked: dict[str, str]) -> str:
        """Return where the browser goes back to, with a code."""
        assert (asked["response_type"], asked["code_challenge_method"]) == ("code", "S256")
        assert "openid" in asked["scope"].split()
        code = secrets.token_urlsafe(16)
        self.codes[code] = asked
        return f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state'], 'iss': self.issuer})}"

    def redeem(self, said: dict[str, str], authorization: str) -> dict[str, Any] | None:
        """Return tokens for a code, None if anything about it is wrong."""
        asked = self.codes.pop(said.get("code", ""), None)
        challenge = urlsafe_b64encode(sha256(said.get("code_verifier", "").encode()).digest()).rstrip(b"=").decode()
        scheme, _, given = authorization.partition(" ")
        name, _, secret = b64decode(given).decode().partition(":")
        if (
            asked is None
            or (scheme, unquote_plus(name), unquote_plus(secret)) != ("Basic", CLIENT, SECRET)
            or challenge != asked["code_challenge"]
            or said.get("redirect_uri") != asked["redirect_uri"]
            or said.get("grant_type") != "authorization_code"
        ):
            return None
        now = int(time.time())
        claims = {"iss": self.issuer, "aud": CLIENT, "iat": now, "exp": now + 300, "nonce": asked["nonce"]}
        claims = self.spoil({**claims, **self.person})
        sign = self.sign or (lambda us, said: jwt.encode({"alg": "RS256", "kid": "one"}, said, us.key))
        return {"access_token": "opaque", "token_type": "Bearer", "id_token": sign(self, claims)}


@contextlib.contextmanager
def little_provider() -> Iterator[LittleProvider]:
    """Serve one until the end."""
    provider = LittleProvider()

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            provider.asked.append(parts.path)
            pages: dict[str, Callable[[], Any]] = {
                "/.well-known/openid-configuration": provider.description,
                "/keys": lambda: {"keys": [provider.key.as_dict(private=False)]},
                "/userinfo": lambda: provider.userinfo,
            }
            if parts.path == "/authorize":
                asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
                self.send_response(302)
                self.send_header("location", provider.authorize(asked))
                self.send_header("content-length", "0")
                self.end_headers()
            elif parts.path == "/farewell":
                self.answer(200, {"farewell": parts.query})
            else:
                found = pages[parts.path]() if parts.path in pages else None
                self.answer(404 if found is None else 200, found)

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"])).decode()
            said = {name: values[0] for name, values in parse_qs(body).items()}
            found = provider.redeem(said, self.headers.get("authorization", "Basic Og=="))
            self.answer(400 if found is None else 200, found or {"error": "invalid_grant"})

        def answer(self, code: int, found: object) -> None:
            raw = json.dumps(found).encode()
            self.send_response(code)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(raw)))
            self.end_headers()
            self.wfile.write(raw)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    provider.issuer = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
