"""Signing in through an OpenID provider: who gets in, with which role, and what of an answer is not believed."""

from __future__ import annotations

import hmac
import time
from base64 import urlsafe_b64encode
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey
from tests.e2e.openid_provider import CLIENT, SECRET, LittleProvider, little_provider
from tests.unit.configuration.test_load import HEAD, read
from tests.unit.console.desk import ORIGIN, PASSWORD, Desk, desk, token_of

from pansentry.configuration.model import Groups, OpenId
from pansentry.console import access
from pansentry.console.openid import RETURN_PATH, TICKET_S, Provider, RefusedError, is_path
from pansentry.errors import ConfigurationError
from pansentry.permissions import Role

ROLES = Groups(viewer=("staff",), operator=("desk",), admin=("mail-admins",))
KEY = b"k" * 32
HMAC_HEAD = b'{"alg":"HS256","kid":"one"}'


@pytest.fixture
def provider() -> Iterator[LittleProvider]:
    """A provider on loopback."""
    with little_provider() as running:
        running.person["groups"] = ["staff"]
        yield running


def settings(provider: LittleProvider, **more: Any) -> OpenId:
    """Return the settings for it."""
    return OpenId(issuer=provider.issuer, client_id=CLIENT, client_secret=SECRET, roles=ROLES, **more)


@asynccontextmanager
async def opened(folder: Path, provider: LittleProvider) -> AsyncIterator[Desk]:
    """Open a console with an owner, behind the provider."""
    async with desk(folder, clock=time.time, oidc=settings(provider)) as console:
        await console.store.accounts.create("owner", PASSWORD, Role.ADMIN, who="test")
        yield console


async def sign_in(console: Desk, after: str = "") -> tuple[httpx.AsyncClient, httpx.Response]:
    """Walk from the button to the answer, as a browser does."""
    browser = console.client()
    left = await browser.get(f"/login/provider{after}")
    async with httpx.AsyncClient() as outside:
        back = (await outside.get(left.headers["location"])).headers["location"]
    assert back.startswith(ORIGIN + RETURN_PATH)
    return browser, await browser.get(back.removeprefix(ORIGIN))


async def test_a_group_gives_a_role_and_no_more(tmp_path: Path, provider: LittleProvider) -> None:
    """Whoever is in a group that is named gets in, with its role, to the page they wanted; audited under a name."""
    async with opened(tmp_path, provider) as console:
        assert "/login/provider" in (await console.client().get("/login")).text
        browser, arrived = await sign_in(console, "?next=/held")
        assert (arrived.status_code, "0;url=/held" in arrived.text) == (200, True)
        assert "samesite=strict" in arrived.headers["set-cookie"].lower()
        assert (await browser.get("/messages")).status_code == 200
        assert (await browser.get("/people")).status_code == 403
        (guest,) = await console.store.accounts.guests()
        assert (guest.name.partition(" ~")[0], guest.role) == ("anna", Role.VIEWER)
        assert (guest.name, "login") in {(one.who, one.did) for one in await console.store.audit.list()}


@pytest.mark.parametrize(
    ("groups", "role"),
    [(["staff", "mail-admins"], Role.ADMIN), ("desk", Role.OPERATOR), (["staff", 7, None], Role.VIEWER)],
)
async def test_of_several_roles_the_highest(
    tmp_path: Path, provider: LittleProvider, groups: object, role: Role
) -> None:
    """A list or one word; what is no word is no group."""
    provider.person["groups"] = groups
    async with opened(tmp_path, provider) as console:
        await sign_in(console)
        assert [one.role for one in await console.store.accounts.guests()] == [role]


@pytest.mark.parametrize("groups", [[], ["Staff"], ["sales"], None, {"staff": True}, "mail-admins,staff"])
async def test_nobody_without_a_named_group_gets_in(tmp_path: Path, provider: LittleProvider, groups: object) -> None:
    """Denied by default, with a sentence; the refusal is in the audit log; whoever had a session has none any more."""
    async with opened(tmp_path, provider) as console:
        browser, _ = await sign_in(console)
        assert (await browser.get("/messages")).status_code == 200
        provider.person["groups"] = groups
        _, refused = await sign_in(console)
        assert (refused.status_code, "none of your groups" in refused.text) == (403, True)
        assert access.COOKIE not in refused.headers.get("set-cookie", "")
        assert (await browser.get("/messages")).status_code == 303
        assert await console.store.accounts.guests() == ()
        assert [one.who.partition(" ")[0] for one in await console.store.audit.list(1)] == ["anna"]
        assert [one.did for one in await console.store.audit.list(1)] == ["login.refused"]


async def test_two_people_who_call_themselves_alike_are_two(tmp_path: Path, provider: LittleProvider) -> None:
    """A person is the provider's key for them: a name that somebody takes over brings no role with it."""
    async with opened(tmp_path, provider) as console:
        await sign_in(console)
        provider.person |= {"sub": "u2", "groups": ["mail-admins"]}
        admin, _ = await sign_in(console)
        provider.person |= {"sub": "u3", "groups": ["staff"], "preferred_username": "owner"}
        third, _ = await sign_in(console)
        guests = await console.store.accounts.guests()
        assert sorted(one.role for one in guests) == [Role.ADMIN, Role.VIEWER, Role.VIEWER]
        assert len({one.name for one in guests}) == 3
        assert (await third.get("/people")).status_code == 403
        assert (await admin.get("/people")).status_code == 200


async def test_a_guest_has_no_password_codes_or_tokens_here(tmp_path: Path, provider: LittleProvider) -> None:
    """A token would outlive what the provider says; the session ends after half a day, used or not."""
    async with opened(tmp_path, provider) as console:
        browser, _ = await sign_in(console)
        token = await token_of(browser)
        for path in ("/account/token", "/account/totp"):
            answer = await browser.post(path, data={"token": token, "label": "x", "secret": "x", "code": "x"})
            assert "with%20the%20provider" in answer.headers["location"]
        owner = console.client()
        await owner.post("/login", data={"name": "owner", "password": PASSWORD})
        (guest,) = await console.store.accounts.guests()
        assert guest.name in (await owner.get("/people")).text
        await owner.post(f"/people/guests/{guest.name}/remove", data={"token": await token_of(owner)})
        assert (await browser.get("/messages")).status_code == 303


async def test_signing_out_leads_to_the_provider(tmp_path: Path, provider: LittleProvider) -> None:
    """The session here ends first; then the browser goes to the provider's page for it."""
    async with opened(tmp_path, provider) as console:
        browser, _ = await sign_in(console)
        left = await browser.post("/logout", data={"token": await token_of(browser)})
        assert f"{provider.issuer}/farewell?client_id={CLIENT}" in left.text
        assert (await browser.get("/messages")).status_code == 303


async def test_before_the_first_admin_nobody_comes_through_the_provider(
    tmp_path: Path, provider: LittleProvider
) -> None:
    """The key that was printed makes the first admin, not a group."""
    async with desk(tmp_path, clock=time.time, oidc=settings(provider)) as console:
        for path in ("/login/provider", f"{RETURN_PATH}?code=x&state=y"):
            assert (await console.client().get(path)).headers["location"] == "/login"


async def test_without_a_provider_there_is_no_such_way(tmp_path: Path) -> None:
    """Neither button nor addresses, unless one is configured."""
    async with desk(tmp_path) as console:
        await console.store.accounts.create("owner", PASSWORD, Role.ADMIN, who="test")
        assert "provider" not in (await console.client().get("/login")).text
        for path in ("/login/provider", f"{RETURN_PATH}?code=x&state=y"):
            assert (await console.client().get(path)).headers["location"] == "/login"


def other_key(provider: LittleProvider, claims: dict[str, Any]) -> str:
    """Sign with a key that the provider does not publish, under its name."""
    return jwt.encode({"alg": "RS256", "kid": "one"}, claims, RSAKey.generate_key(2048))


def by_public_key(provider: LittleProvider, claims: dict[str, Any]) -> str:
    """Sign with HMAC and the public key as its secret (RFC 8725 §2.1)."""
    body = jwt.encode({"alg": "RS256", "kid": "one"}, claims, provider.key).split(".")[1]
    signed = f"{urlsafe_b64encode(HMAC_HEAD).rstrip(b'=').decode()}.{body}"
    made = hmac.new(provider.key.as_pem(private=False), signed.encode(), sha256).digest()
    return f"{signed}.{urlsafe_b64encode(made).rstrip(b'=').decode()}"


def unsigned(provider: LittleProvider, claims: dict[str, Any]) -> str:
    """Do not sign at all."""
    body = jwt.encode({"alg": "RS256", "kid": "one"}, claims, provider.key).split(".")[1]
    return f"eyJhbGciOiJub25lIn0.{body}."


def changed(**more: Any) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """Return what changes claims; None takes one out."""
    return lambda claims: {name: value for name, value in {**claims, **more}.items() if value is not None}


WRONG: dict[str, tuple[str, dict[str, Any]]] = {
    # what is wrong: the code, and what the provider does
    "another nonce": ("claims", {"spoil": changed(nonce="x")}),
    "no nonce": ("claims", {"spoil": changed(nonce=None)}),
    "for somebody else": ("claims", {"spoil": changed(aud="elsewhere")}),
    "for several, without saying who asked": ("claims", {"spoil": changed(aud=[CLIENT, "elsewhere"])}),
    "asked for by somebody else": ("claims", {"spoil": changed(azp="elsewhere")}),
    "by another issuer": ("claims", {"spoil": changed(iss="https://elsewhere.example")}),
    "over": ("claims", {"spoil": changed(exp=int(time.time()) - 3600)}),
    "not begun": ("claims", {"spoil": changed(iat=int(time.time()) + 3600)}),
    "without an end": ("claims", {"spoil": changed(exp=None)}),
    "about nobody": ("claims", {"spoil": changed(sub=None)}),
    "about a number": ("claims", {"spoil": changed(sub=7)}),
    "about a very long name": ("claims", {"spoil": changed(sub="x" * 256)}),
    "signed by another key": ("signature", {"sign": other_key}),
    "signed with the public key": ("signature", {"sign": by_public_key}),
    "not signed": ("signature", {"sign": unsigned}),
    "no token": ("signature", {"sign": lambda *_: "x"}),
    "userinfo of somebody else": ("userinfo", {"spoil": changed(groups=None), "userinfo": {"sub": "u2"}}),
    "a description by somebody else": ("issuer", {"described": {"issuer": "https://elsewhere.example"}}),
    "a token address without TLS": ("description", {"described": {"token_endpoint": "http://shop.example/t"}}),
    "no keys": ("provider-status-404", {"described": {"jwks_uri": "{issuer}/nowhere"}}),
}


@pytest.mark.parametrize("case", WRONG)
async def test_what_is_not_believed(provider: LittleProvider, case: str) -> None:
    """Each answer is wrong in one way, and opens nothing."""
    code, does = WRONG[case]
    for name, value in does.items():
        if name == "described":
            value = {key: text.format(issuer=provider.issuer) for key, text in value.items()}
        setattr(provider, name, value)
    with pytest.raises(RefusedError) as refused:
        await walk(Provider(settings(provider), ORIGIN, KEY, time.time))
    assert str(refused.value) == code


async def walk(console: Provider, *, cookie: str = "", **more: str) -> tuple[Any, str]:
    """Go to the provider and back; ``more`` changes what comes back."""
    address, ticket = await console.begin("/held")
    async with httpx.AsyncClient() as outside:
        back = (await outside.get(address)).headers["location"]
    return await console.finish(cookie or ticket, {**dict(parse_qsl(urlsplit(back).query)), **more})


async def test_an_answer_for_another_browser_is_refused(provider: LittleProvider) -> None:
    """Without the ticket, with another one, with another state, from another issuer, too late, or with an error."""
    now = [time.time()]
    console = Provider(settings(provider), ORIGIN, KEY, lambda: now[0])
    _, other = await console.begin()
    for changes, code in (
        ({"cookie": "x"}, "no-ticket"),
        ({"cookie": f"{int(now[0])}:x:/:{'0' * 64}"}, "no-ticket"),
        ({"cookie": other}, "state"),
        ({"state": "x"}, "state"),
        ({"iss": "https://elsewhere.example"}, "issuer"),
        ({"error": "access_denied"}, "provider"),
        ({"code": "guessed"}, "provider-status-400"),
    ):
        with pytest.raises(RefusedError) as refused:
            await walk(console, **changes)
        assert str(refused.value) == code
    now[0] += TICKET_S + 1
    with pytest.raises(RefusedError, match="late"):
        await console.finish(other, {})


async def test_a_code_works_once_and_for_its_browser_only(provider: LittleProvider) -> None:
    """PKCE: the code that another browser got cannot be redeemed with our ticket, even with our state on it."""
    console = Provider(settings(provider), ORIGIN, KEY, time.time)
    person, after = await walk(console)
    assert (person.role, after) == (Role.VIEWER, "/held")
    theirs, _ = await console.begin()
    async with httpx.AsyncClient() as outside:
        stolen = dict(parse_qsl(urlsplit((await outside.get(theirs)).headers["location"]).query))["code"]
    with pytest.raises(RefusedError, match="provider-status-400"):
        await walk(console, code=stolen)


async def test_groups_may_come_from_userinfo(provider: LittleProvider) -> None:
    """A provider that keeps groups out of the ID token is asked; what the token says counts before that."""
    provider.spoil = changed(groups=None)
    provider.userinfo = {"sub": "u1", "groups": ["desk"], "preferred_username": "eve"}
    person, _ = await walk(Provider(settings(provider), ORIGIN, KEY, time.time))
    assert (person.name.partition(" ")[0], person.role) == ("anna", Role.OPERATOR)


async def test_a_provider_may_change_its_keys(provider: LittleProvider) -> None:
    """A token with a key that is not known makes us ask for the keys again, and not more than once a minute."""
    now = [time.time()]
    console = Provider(settings(provider), ORIGIN, KEY, lambda: now[0])
    await walk(console)
    provider.key = RSAKey.generate_key(2048, {"kid": "one", "use": "sig"})
    with pytest.raises(RefusedError, match="signature"):
        await walk(console)
    assert provider.asked.count("/keys") == 1
    now[0] += 61
    await walk(console)
    assert provider.asked.count("/keys") == 2


async def test_a_provider_that_is_away_is_said(tmp_path: Path) -> None:
    """The page says so in one sentence; the password still works."""
    away = OpenId(issuer="http://127.0.0.1:9", client_id=CLIENT, roles=ROLES)
    async with desk(tmp_path, clock=time.time, oidc=away) as console:
        await console.store.accounts.create("owner", PASSWORD, Role.ADMIN, who="test")
        answer = await console.client().get("/login/provider")
        assert (answer.status_code, "does not answer" in answer.text) == (502, True)


@pytest.mark.parametrize(
    ("path", "is_ours"),
    [("/", True), ("/held/0a1b", True), ("/policies/shop.yaml", True), ("//evil.example", False), ("/\\evil", False),
     ("https://evil.example", False), ("/a?b=c", False), ("", False), ("/../x", False), ("/a//b", False)],
)  # fmt: skip
def test_only_a_page_of_ours_is_gone_to(path: str, is_ours: bool) -> None:
    """What a link put after ``next`` cannot lead to another server."""
    assert is_path(path) is is_ours


async def test_a_link_leads_through_the_sign_in_to_its_page(tmp_path: Path) -> None:
    """A link in a mail asks for the password and goes on; a browser that is signed in is not asked again."""
    async with desk(tmp_path) as console:
        browser = await console.signed_in()
        stranger = console.client()
        assert (await stranger.get("/held")).headers["location"] == "/login?next=/held"
        assert 'name="next" value="/held"' in (await stranger.get("/login?next=/held")).text
        assert "evil" not in (await stranger.get("/login?next=//evil.example")).text
        right = {"name": "admin", "password": PASSWORD}
        assert (await stranger.post("/login", data={**right, "next": "/held"})).headers["location"] == "/held"
        again = console.client()
        assert (await again.post("/login", data={**right, "next": "//evil"})).headers["location"] == "/"
        assert (await again.get("/login?next=/held")).headers["location"] == "/held"
        from_mail = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate"}
        step = await console.client().get("/held", headers=from_mail)
        assert (step.status_code, "0;url=/held" in step.text) == (200, True)
        assert "Held mail" in (await browser.get("/held")).text


GOOD = "console: {url: 'https://c.shop.example', oidc: {issuer: 'https://login.shop.example', client_id: p, roles: %s}}"


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("console: {oidc: {issuer: 'https://l.shop.example', client_id: p, roles: {admin: a}}}",
         "The provider must know where to send people back to. Write `console.url`"),
        (GOOD % "{}", "Nobody could sign in through the provider: no group has a role. Name the provider's groups"),
        (GOOD % "{admin: [a, b], viewer: b}", "The group b has two roles. Name it once"),
        (GOOD.replace("https://login.shop.example", "http://login.shop.example") % "{admin: a}",
         "`issuer` cannot be http://login.shop.example; it is the https address by which a provider calls itself."),
        (GOOD.replace("https://c.shop.example", "https://c.shop.example/console") % "{admin: a}",
         "`url` cannot be https://c.shop.example/console; it is the address of a server, without a path. Write for"),
        (GOOD.replace("client_id: p, ", "") % "{admin: a}", "`client_id` is missing"),
        (GOOD % "{boss: a}", "`boss` is not a setting here."),
        ("console: {summary: {decide: link}}", "Links that decide about held mail need an address to lead to."),
    ],
)  # fmt: skip
def test_wrong_settings_are_said(text: str, wrong: str) -> None:
    """Each wrong value gets a sentence with its place and what to write."""
    with pytest.raises(ConfigurationError) as said:
        read(HEAD + text)
    assert wrong in str(said.value)


def test_right_settings_are_read() -> None:
    """Issuer, groups and address as one would write them; the secret from a file."""
    configuration, _ = read(
        HEAD + GOOD % "{admin: mail-admins, viewer: [a, b]}",
        {"PANSENTRY_CONSOLE__OIDC__CLIENT_SECRET_FILE": "secret"},
        {"secret": "hush\n"},
    )
    oidc = configuration.console.oidc
    assert oidc is not None
    assert (oidc.roles.admin, oidc.roles.viewer, oidc.client_secret) == (("mail-admins",), ("a", "b"), "hush")
    assert "hush" not in repr(oidc.roles)
