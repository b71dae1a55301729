"""The console: who gets in, what each role may, what forms must carry, what pages show and never show."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pyotp
import pytest
from tests.specimens import PUBLISHED
from tests.unit.console.desk import PASSWORD, desk, token_of

from pansentry.configuration.model import Console as ConsoleSettings
from pansentry.console import access
from pansentry.console.app import MAX_FIELDS
from pansentry.console.policy_form import ACTIONS, CONDITIONS, FIELDS
from pansentry.console.providers import providers
from pansentry.console.routes import ROUTES
from pansentry.console.texts import FOLDER, LANGUAGES, catalogue, preferred, translator
from pansentry.permissions import Role, is_permitted
from pansentry.report.pack import DONE, STATEMENTS
from pansentry.report.pdf import COLUMNS
from pansentry.store import schema
from pansentry.store.audit import Verified
from pansentry.store.history import SEARCHED
from pansentry.store.nodes import BEAT_S, MISSED, Node

FINDING = {
    "kind": "message",
    "message_ref": "bcdfghjkmnpqrs",
    "action": "redact",
    "rule": "shop/card",
    "pan": 1,
    "cvv": 1,
    "brands": ("visa",),
    "places": ("body:1",),
    "confidence": 0.98,
    "recipient_domain": "shop.example",
    "sender_domain": "customer.example",
}


def path_of(path: str) -> str:
    """Return a path with something in place of its parameters."""
    return re.sub(r"\{[^}]+\}", "1", path)


async def test_every_route_is_shut_for_whoever_is_not_signed_in(tmp_path: Path) -> None:
    """Without a session a page leads to signing in and the API says 401: no route forgot its guard."""
    async with desk(tmp_path) as console:
        await console.store.accounts.create("owner", PASSWORD, Role.ADMIN, who="test")
        for row in ROUTES:
            answer = await console.client().request(row.method, path_of(row.path))
            if row.is_public:
                assert answer.status_code != 500, row
            elif row.path.startswith("/api/") or row.path == "/metrics":
                assert answer.status_code == 401, row
            else:
                assert answer.status_code == 303, row
                assert answer.headers["location"].partition("?")[0] == "/login", row


@pytest.mark.parametrize("role", list(Role))
async def test_every_route_asks_for_its_task(tmp_path: Path, role: Role) -> None:
    """All routes × all roles: 403 exactly where the table of permissions says no."""
    async with desk(tmp_path) as console:
        browser = await console.signed_in(role)
        token = await token_of(browser)
        for row in ROUTES:
            if row.is_public or row.task is None:
                continue
            data = {"token": token} if row.method != "GET" else None
            answer = await browser.request(row.method, path_of(row.path), data=data)
            allowed = is_permitted(role, row.task)
            assert (answer.status_code != 403) is allowed, (row.method, row.path, answer.status_code)
            assert answer.status_code < 500, (row.method, row.path, answer.text)


async def test_forms_of_other_sites_are_refused(tmp_path: Path) -> None:
    """A form without our token, with another session's, or from another origin changes nothing."""
    async with desk(tmp_path) as console:
        browser = await console.signed_in()
        token = await token_of(browser)
        other = await token_of(await console.signed_in(Role.OPERATOR))
        new = {"name": "eve", "role": "admin", "password": "four more words"}
        assert (await browser.post("/people", data=new)).status_code == 403
        assert (await browser.post("/people", data={**new, "token": other})).status_code == 403
        elsewhere = {"origin": "http://evil.example"}
        assert (await browser.post("/people", data={**new, "token": token}, headers=elsewhere)).status_code == 403
        assert "eve" not in [account.name for account in await console.store.accounts.list()]
        assert (await browser.post("/people", data={**new, "token": token})).status_code == 303
        assert "eve" in [account.name for account in await console.store.accounts.list()]


async def test_every_answer_has_its_headers(tmp_path: Path) -> None:
    """Pages, refusals, files, errors and the API: the same policy of contents, no frame, no sniffing."""
    async with desk(tmp_path) as console:
        browser = await console.signed_in()
        for path in ("/", "/nowhere", "/static/console.css", "/api/v1/messages", "/livez", "/messages/77"):
            headers = (await browser.get(path)).headers
            for name in ("content-security-policy", "x-content-type-options", "x-frame-options", "referrer-policy"):
                assert headers[name] == access.HEADERS[name], (path, name)
        assert "unsafe" not in access.HEADERS["content-security-policy"]


@pytest.mark.parametrize(
    ("host", "address", "answers"),
    [
        ("127.0.0.1:8025", "127.0.0.1:8025", True),
        ("localhost:9999", "127.0.0.1:8025", True),
        ("[::1]:8025", "[::1]:8025", True),
        ("pansentry.shop.example", "127.0.0.1:8025", True),
        ("evil.example:8025", "127.0.0.1:8025", False),
        ("127.0.0.1.evil.example", "127.0.0.1:8025", False),
        ("[::1", "127.0.0.1:8025", False),
        ("", "127.0.0.1:8025", False),
        ("mx.shop.example", "0.0.0.0:8025", True),
    ],
)
def test_on_loopback_other_names_are_refused(host: str, address: str, answers: bool) -> None:
    """A site that lets its own name point here gets nothing (DNS rebinding); elsewhere certificates say who we are."""
    settings = ConsoleSettings(address=address, url="https://pansentry.shop.example")
    assert access.answers_to(host, settings) is answers


async def test_a_name_that_is_not_ours_gets_no_page(tmp_path: Path) -> None:
    """Not even the form for signing in."""
    async with desk(tmp_path) as console:
        answer = await console.client().get("/login", headers={"host": "evil.example"})
        assert answer.status_code == 421


async def test_the_first_admin_needs_the_key_that_was_printed(tmp_path: Path) -> None:
    """A wrong key makes nobody an admin, a short password is refused, the right key works once."""
    async with desk(tmp_path) as console:
        key = await console.store.accounts.first_run()
        browser = console.client()
        assert (await browser.get("/login")).headers["location"] == "/welcome"
        form = {"key": "wrong", "name": "marta", "password": PASSWORD}
        assert (await browser.post("/welcome", data=form)).status_code == 403
        assert (await browser.post("/welcome", data={**form, "key": key, "password": "short"})).status_code == 400
        assert (await browser.post("/welcome", data={**form, "key": key})).status_code == 303
        assert (await browser.post("/welcome", data={**form, "key": key, "name": "eve"})).status_code == 403
        assert [account.name for account in await console.store.accounts.list()] == ["marta"]
        assert await console.store.accounts.first_run() == ""


async def test_guessing_ends_after_ten_tries(tmp_path: Path) -> None:
    """Ten wrong passwords, and even the right one waits; a quarter of an hour later it is taken."""
    now = [1_790_000_000.0]
    async with desk(tmp_path, clock=lambda: now[0]) as console:
        await console.store.accounts.create("marta", PASSWORD, Role.ADMIN, who="test")
        browser = console.client()
        for _ in range(access.MAX_TRIES):
            assert (await browser.post("/login", data={"name": "marta", "password": "no"})).status_code == 401
        right = {"name": "marta", "password": PASSWORD}
        assert (await browser.post("/login", data=right)).status_code == 429
        now[0] += access.TRIES_S + 1
        assert (await browser.post("/login", data=right)).status_code == 303


async def test_a_one_time_code_is_taken_once(tmp_path: Path) -> None:
    """Once it is switched on, the password alone is not enough, and a code that was used is not one any more."""
    now = [1_790_000_000.0]
    async with desk(tmp_path, clock=lambda: now[0]) as console:
        browser = await console.signed_in(name="marta")
        secret = pyotp.random_base32()
        code = pyotp.TOTP(secret).at(int(now[0]))
        form = {"token": await token_of(browser), "secret": secret}
        wrong = await browser.post("/account/totp", data={**form, "code": "abcdef"})
        assert "not%20the%20code" in wrong.headers["location"]
        await browser.post("/account/totp", data={**form, "code": code})
        right = {"name": "marta", "password": PASSWORD}
        assert (await console.client().post("/login", data=right)).status_code == 401
        assert (await console.client().post("/login", data={**right, "code": code})).status_code == 303
        assert (await console.client().post("/login", data={**right, "code": code})).status_code == 401


async def test_a_session_ends(tmp_path: Path) -> None:
    """Signing out ends it in the store, not only in the browser; so does half a day without a page."""
    now = [1_790_000_000.0]
    async with desk(tmp_path, clock=lambda: now[0]) as console:
        browser = await console.signed_in(name="marta")
        cookie = {access.COOKIE: browser.cookies[access.COOKIE]}
        await browser.post("/logout", data={"token": await token_of(browser)})
        again = console.client()
        again.cookies.update(cookie)
        assert (await again.get("/")).status_code == 303
        browser = await console.signed_in(name="marta")
        assert (await browser.get("/")).status_code == 200
        now[0] += 12 * 3600 + 61
        assert (await browser.get("/")).status_code == 303


async def test_a_program_uses_a_token_and_no_page(tmp_path: Path) -> None:
    """A token opens the API, not the pages; a browser's session is no token."""
    async with desk(tmp_path) as console:
        browser = await console.signed_in()
        made = await browser.post("/account/token", data={"token": await token_of(browser), "label": "backup"})
        match = re.search(r"<pre[^>]*>([A-Za-z0-9_-]{40,})</pre>", made.text)
        assert match is not None
        headers = {"authorization": f"Bearer {match[1]}"}
        assert (await console.client().get("/api/v1/health", headers=headers)).json()["store"] == "ok"
        assert (await console.client().get("/", headers=headers)).status_code == 303
        stolen = {"authorization": f"Bearer {browser.cookies[access.COOKIE]}"}
        assert (await console.client().get("/api/v1/health", headers=stolen)).status_code == 401


async def test_what_senders_write_is_shown_as_text(tmp_path: Path) -> None:
    """A domain that is a script, a rule that is markup: escaped wherever it is shown."""
    async with desk(tmp_path) as console:
        console.store.events.record({**FINDING, "sender_domain": "<script>alert(1)</script>", "helo": '"><img src=x>'})
        await console.store.events.flush()
        browser = await console.signed_in()
        for path in ("/", "/messages", "/messages/1", "/messages?search=%3Cscript%3E"):
            html = (await browser.get(path)).text
            assert "<script>alert" not in html, path
            assert "<img" not in html, path
        assert "&lt;script&gt;alert" in (await browser.get("/messages")).text


async def test_messages_are_found_and_paged(tmp_path: Path) -> None:
    """Newest first, filters, search, the page below, and everything about one."""
    async with desk(tmp_path) as console:
        for number in range(60):
            clean = {"kind": "message", "action": "deliver", "rule": "shop", "confidence": 0.0, "unreadable": ()}
            console.store.events.record(FINDING if number == 30 else {**clean, "sender_domain": f"d{number}.example"})
        await console.store.events.flush()
        browser = await console.signed_in()
        first = (await browser.get("/api/v1/messages")).json()["messages"]
        assert [first[0]["id"], len(first)] == [60, 50]
        older = (await browser.get(f"/api/v1/messages?before={first[-1]['id']}")).json()["messages"]
        assert [message["id"] for message in older] == list(range(10, 0, -1))
        assert [m["id"] for m in (await browser.get("/api/v1/messages?only=found")).json()["messages"]] == [31]
        assert [m["id"] for m in (await browser.get("/api/v1/messages?search=d7.example")).json()["messages"]] == [8]
        assert (await browser.get("/api/v1/messages?search=d_.example")).json()["messages"] == []
        page = (await browser.get("/messages/31")).text
        for said in ("card number", "security code", "visa", "body:1", "shop/card", "0.98"):
            assert said in page


async def test_an_open_list_asks_for_what_is_new_and_what_is_older(tmp_path: Path) -> None:
    """A part of the list holds what came after a number, and says where to go on in both directions."""
    async with desk(tmp_path) as console:
        for _ in range(120):
            console.store.events.record(FINDING)
        await console.store.events.flush()
        browser = await console.signed_in()
        page = (await browser.get("/messages")).text
        assert page.count("<tr>") == 52  # the head, fifty messages, the way to older ones
        assert "after=120" in page
        assert "before=71" in page
        part = {"hx-request": "true"}
        older = (await browser.get("/messages?before=71", headers=part)).text
        assert ("<html" in older, "after=" in older, "before=21" in older) == (False, False, True)
        assert "before=" not in (await browser.get("/messages?before=21", headers=part)).text
        newer = (await browser.get("/messages?after=117", headers=part)).text
        assert (newer.count("<tr>"), "after=120" in newer, "before=" in newer) == (3, True, False)
        none = (await browser.get("/messages?after=120", headers=part)).text
        assert (none.count("<tr>"), "after=120" in none) == (0, True)


async def test_all_events_are_sent_as_lines(tmp_path: Path) -> None:
    """More than are read at one time: every one of them, newest first, each a JSON object, from a time on."""
    now = [1_000.0]
    async with desk(tmp_path, clock=lambda: now[0]) as console:
        for number in range(2300):
            now[0] = 1_000.0 + number // 2000
            console.store.events.record({"kind": "message"} if number % 2 else FINDING)
        await console.store.events.flush()
        browser = await console.signed_in()
        lines = (await browser.get("/api/v1/messages.ndjson")).text.splitlines()
        events = [json.loads(line) for line in lines]
        assert [event["id"] for event in events] == list(range(2300, 0, -1))
        assert {event.get("brands", ["none"])[0] for event in events} == {"visa", "none"}
        assert len((await browser.get("/api/v1/messages.ndjson?since=1001")).text.splitlines()) == 300


async def test_held_mail_is_released_and_deleted(tmp_path: Path) -> None:
    """Shown without its text, released after it was read again, deleted for good; each is in the audit log."""
    async with desk(tmp_path) as console:
        browser = await console.signed_in(name="marta")
        message = b"Subject: Order\r\n\r\nhello\r\n"
        first = await console.store.held.put(message, "shop/hold", "a@customer.example", ["b@shop.example"])
        second = await console.store.held.put(message, "shop/hold", "a@customer.example", ["b@shop.example"])
        card = f"Subject: x\r\n\r\nVisa {PUBLISHED['visa'][0]}\r\n".encode()
        third = await console.store.held.put(card, "shop/hold", "a@customer.example", ["b@shop.example"])
        page = (await browser.get(f"/held/{first}")).text
        assert "Order" in page
        assert "hello" not in page
        form = {"token": await token_of(browser)}
        assert "Released" in (await browser.post(f"/held/{first}/release", data=form)).headers["location"]
        assert await console.store.outbox.waiting() == 1
        assert "Deleted" in (await browser.post(f"/held/{second}/purge", data=form)).headers["location"]
        await browser.post(f"/held/{third}/release", data=form)
        (entry,) = [entry for entry in await console.store.outbox.take(10) if b"Visa" in entry.message]
        assert PUBLISHED["visa"][0].encode() not in entry.message
        done = {entry.did for entry in await console.store.audit.list() if entry.who == "marta"}
        assert {"held.release", "held.purge", "login"} <= done


async def test_a_policy_is_checked_tried_published_and_taken_back(tmp_path: Path) -> None:
    """A mistake is shown at its line and nothing is written; a try says what would happen; publish, then go back."""
    async with desk(tmp_path) as console:
        browser = await console.signed_in()
        token = await token_of(browser)
        good = (tmp_path / "shop.yaml").read_text()
        wrong = good.replace("then: redact", "then: redakt")
        answer = await browser.post("/policies/shop.yaml", data={"token": token, "text": wrong, "action": "publish"})
        assert answer.status_code == 422
        assert "line 6" in answer.text
        assert (tmp_path / "shop.yaml").read_text() == good
        mail = f"From: a@x.example\nTo: b@shop.example\nSubject: hi\n\nVisa {PUBLISHED['visa'][0]}\n"
        changed = good.replace("then: redact", "then: refuse")
        tried = await browser.post("/policies/shop.yaml/try", data={"token": token, "text": changed, "mail": mail})
        assert "refused" in tried.text
        assert PUBLISHED["visa"][0] not in tried.text
        assert (tmp_path / "shop.yaml").read_text() == good
        before = console.office.policies().version
        await browser.post("/policies/shop.yaml", data={"token": token, "text": changed, "action": "publish"})
        assert (tmp_path / "shop.yaml").read_text() == changed
        assert console.office.policies().version != before
        versions = await console.store.versions.list()
        assert len(versions) == 2
        await browser.post(f"/policies/versions/{versions[1].digest}/restore", data={"token": token})
        assert (tmp_path / "shop.yaml").read_text() == good
        assert console.office.policies().version == before


async def test_a_policy_path_leads_nowhere_else(tmp_path: Path) -> None:
    """Names are those of the folder's listing; nothing outside of it is read or written."""
    async with desk(tmp_path) as console:
        browser = await console.signed_in()
        (tmp_path.parent / "secret.yaml").write_text("x")
        for name in ("..%2Fsecret.yaml", "%2Fetc%2Fpasswd", ".hidden"):
            assert (await browser.get(f"/policies/{name}")).status_code == 404


async def test_a_report_sums_a_month(tmp_path: Path) -> None:
    """Numbers of the month from sums, the page prints them, nothing of other months."""
    async with desk(tmp_path) as console:
        for _ in range(3):
            console.store.events.record(FINDING)
        console.store.events.record({"kind": "message", "action": "deliver", "confidence": 0.0, "unreadable": ()})
        await console.store.events.flush()
        browser = await console.signed_in()
        month = (await browser.get("/api/v1/reports/2026-09")).json()
        assert (month["messages"], month["with_card_data"], month["found"]) == (4, 3, {"cvv": 3, "pan": 3})
        assert sum(month["trend"]) == 3
        assert (await browser.get("/api/v1/reports/2026-08")).json()["messages"] == 0
        for wrong in ("2026-13", "0000-01", "2026-1", "x"):
            assert (await browser.get(f"/api/v1/reports/{wrong}")).status_code == 400
        assert "shop.example" in (await browser.get("/reports?month=2026-09")).text


async def test_large_forms_are_refused_unread(tmp_path: Path) -> None:
    """A form above two megabytes costs nothing."""
    async with desk(tmp_path) as console:
        answer = await console.client().post("/login", data={"name": "x" * 3_000_000})
        assert answer.status_code == 413


async def test_an_unknown_address_is_a_page_of_the_house(tmp_path: Path) -> None:
    """In the language of who asks, with the way back; whoever is not signed in is led to the form first."""
    async with desk(tmp_path) as console:
        browser = await console.signed_in()
        answer = await browser.get("/massages", headers={"accept-language": "it"})
        assert answer.status_code == 404
        assert "A questo indirizzo non c’è nessuna pagina." in answer.text
        assert 'href="/messages"' in answer.text
        assert answer.headers["content-security-policy"] == access.HEADERS["content-security-policy"]
        assert (await browser.post("/livez")).status_code == 405
        assert (await browser.post("/livez")).headers["allow"]
        stranger = await console.client().get("/massages")
        assert (stranger.status_code, stranger.headers["location"]) == (303, "/login?next=/massages")
        nothing = await browser.get("/static/none.css")
        assert (nothing.status_code, nothing.headers["content-type"]) == (404, "text/plain; charset=utf-8")
        assert (await browser.get("/massages", headers={"host": "elsewhere.example"})).text == "Not Found\n"
        assert (await browser.get("/api/v1/massages")).json() == {"error": "Not Found"}


async def test_what_is_refused_says_what_is_wrong(tmp_path: Path) -> None:
    """Only an unknown address is called one: a spoilt form and a wrong method have their own sentences."""
    too_many = {f"f{number}": "1" for number in range(MAX_FIELDS + 1)}
    broken = {"content": b"--x", "headers": {"content-type": "multipart/form-data"}}
    async with desk(tmp_path) as console:
        browser = await console.signed_in()
        for person in (browser, console.client()):
            for answer in (await person.post("/login", data=too_many), await person.post("/login", **broken)):
                assert (answer.status_code, "This form is too large, or damaged." in answer.text) == (400, True)
            answer = await person.post("/livez")
            assert (answer.status_code, "but not for what was asked of it" in answer.text) == (405, True)
            answer = await person.post("/metrics")
            assert (answer.status_code, answer.text) == (405, "Method Not Allowed\n")
            assert (await person.post("/massages")).status_code == 404


@pytest.mark.parametrize("number", ["99999999999999999999", "9" * 5000, "abc", "0"])
async def test_a_number_that_no_message_has(tmp_path: Path, number: str) -> None:
    """It is not found, however long; nothing breaks."""
    async with desk(tmp_path) as console:
        browser = await console.signed_in()
        token = await token_of(browser)
        assert (await browser.get(f"/messages/{number}")).status_code == 404
        assert (await browser.get(f"/api/v1/messages/{number}")).status_code == 404
        form = {"token": token}
        assert (await browser.post(f"/messages/{number}/not-a-card", data=form)).status_code == 404


async def test_what_breaks_is_told_to_programs_as_they_read(tmp_path: Path) -> None:
    """JSON below /api, a line for a scraper; never the exception's text."""
    async with desk(tmp_path) as console:
        browser = await console.signed_in()

        async def broken(*_: object, **__: object) -> None:
            raise RuntimeError("a secret")

        object.__setattr__(console.office, "health", broken)
        answer = await browser.get("/api/v1/health")
        assert (answer.status_code, list(answer.json())) == (500, ["error"])
        assert "secret" not in answer.text
        answer = await browser.get("/metrics")
        assert (answer.status_code, answer.headers["content-type"]) == (500, "text/plain; charset=utf-8")
        assert "secret" not in answer.text


async def test_what_breaks_says_so_on_a_page_without_its_words(tmp_path: Path) -> None:
    """An exception's text stays in the house."""
    async with desk(tmp_path) as console:
        browser = await console.signed_in()

        async def broken(*_: object, **__: object) -> None:
            raise RuntimeError("a secret")

        object.__setattr__(console.office, "health", broken)
        answer = await browser.get("/health", headers={"accept-language": "de"})
        assert answer.status_code == 500
        assert "Etwas ist gestört" in answer.text
        assert "secret" not in answer.text


def test_the_catalogues_say_every_sentence() -> None:
    """German and Italian say what the templates say in English, with the same places for values."""
    said: set[str] = set()
    for template in (FOLDER.parent / "templates").glob("*.html"):
        said |= set(re.findall(r"""_\(\s*"((?:[^"\\]|\\.)+)"\s*[,)]""", template.read_text("utf-8")))
        said |= set(re.findall(r"""_\(\s*'((?:[^'\\]|\\.)+)'\s*[,)]""", template.read_text("utf-8")))
    for module in (FOLDER.parent / "pages").glob("*.py"):
        said |= set(re.findall(r'(?:back\([^"\n]*"[^"\n]*", |reason=|problem=)"([^"{]+)"', module.read_text("utf-8")))
    said |= {field.label for field in FIELDS} | {choice for field in FIELDS for choice in field.choices}
    said |= {words for words, _, _ in CONDITIONS} | set(ACTIONS)
    said |= {step.words for one in providers() for step in one.steps} | {one.title for one in providers()}
    said |= {words for row in STATEMENTS for words in row} | set(DONE.values())
    said |= {name for name, _ in COLUMNS}
    app = (FOLDER.parent / "app.py").read_text("utf-8")
    said |= set(re.findall(r'(?:heading=|_(?:NOWHERE|BROKEN|SPOILT|OTHERWISE) = )"([^"]+)"', app)) | {"Not here"}
    digest = (FOLDER.parent / "digest.py").read_text("utf-8")
    said |= set(re.findall(r'(?:todo = |\([17], |say\()"([^"]+)"', digest) + re.findall(r"say\('([^']+)'\)", digest))
    assert len(said) > 200
    for language in LANGUAGES:
        if language != "en":
            words = catalogue(language)
            assert sorted(said - set(words)) == [], language
            for english, other in words.items():
                assert sorted(re.findall(r"\{\w+\}", english)) == sorted(re.findall(r"\{\w+\}", other))


def test_a_browser_gets_its_language() -> None:
    """The one it asks for first among ours; the one that was chosen before that; English otherwise."""
    assert preferred("fr-CH, de;q=0.9, en;q=0.5") == "de"
    assert preferred("de", chosen="it") == "it"
    assert preferred("") == "en"
    assert translator("de")("Today") == "Heute"


@pytest.mark.parametrize(("language", "shown"), [("de", "Deutsch"), ("xx", "xx"), ("", "–")])
async def test_the_language_of_a_letter(tmp_path: Path, language: str, shown: str) -> None:
    """Its name, the code of one that somebody added, a dash only where none is known."""
    async with desk(tmp_path) as console:
        console.store.events.record({"kind": "letter", "action": "sent", "template": "guidance", "language": language})
        await console.store.events.flush()
        page = (await (await console.signed_in()).get("/messages/1")).text
        assert f"<dt>Language</dt><dd>{shown}</dd>" in page


async def test_a_search_goes_on_where_it_stopped(tmp_path: Path) -> None:
    """A search looks at so many events at a time and says where it would go on; at the end it does not."""
    async with desk(tmp_path) as console:
        await console.store.events.flush()
        rows = [
            {"at": 1.0, "kind": "message", "action": "deliver", "rule": "", "fields": "{}"} for _ in range(SEARCHED + 5)
        ]
        await console.store.database.write(lambda connection: connection.execute(schema.events.insert(), rows))
        browser = await console.signed_in()
        page = (await browser.get("/messages?search=nothing")).text
        assert "before=5" in page
        assert "before=" not in (await browser.get("/messages?search=nothing&before=5")).text


async def test_the_newest_entries_of_the_audit_log_are_checked_alone(tmp_path: Path) -> None:
    """A change among them is found; one before them is for the check of the whole chain."""
    async with desk(tmp_path) as console:
        audit = console.store.audit
        last = [await audit.append("marta", "login", str(at)) for at in range(20)][-1]
        assert await audit.verify(newest=5) == Verified(0, last)

        async def change(number: int) -> None:
            row = schema.audit.c
            statement = schema.audit.update().where(row.number == number).values(what="changed")
            await console.store.database.write(lambda connection: connection.execute(statement))

        await change(last - 10)
        assert await audit.verify(newest=5) == Verified(0, last)
        assert (await audit.verify()).first_bad == last - 10
        await change(last - 2)
        assert (await audit.verify(newest=5)).first_bad == last - 2


async def test_health_shows_every_process_and_what_waits(tmp_path: Path) -> None:
    """Each with its version and policies, which one is gone, whether they differ; how long the oldest letter waits."""
    now = [1_790_000_000.0]
    async with desk(tmp_path, clock=lambda: now[0]) as console:
        browser = await console.signed_in()
        assert "They differ" not in (await browser.get("/health")).text
        await console.store.outbox.file_deferred("", ["b@shop.example"], b"Subject: x\r\n\r\nx\r\n", wait_s=0)
        await console.store.nodes.beat(Node("north", "mx.shop.example", "1.0", "aa11", now[0] - 60, 0.0))
        other = {"machine": "south", "hostname": "mx.shop.example", "version": "0.9", "policies": "aa11"}
        times = {"started_at": now[0] - 60, "seen_at": now[0]}
        row = schema.nodes.insert().values(owner=f"{console.store.database.owner}2", **other, **times)
        await console.store.database.write(lambda connection: connection.execute(row))
        now[0] += 90
        page = (await browser.get("/health?look=1")).text
        assert "They differ" in page
        for said in ("north", "south", "aa11", "0.9", "the oldest for 2 minutes"):
            assert said in page, said
        now[0] += MISSED * BEAT_S
        assert "gone" in (await browser.get("/health")).text
        said = (await browser.get("/api/v1/health")).json()
        assert [(one["machine"], one["is_here"]) for one in said["nodes"]] == [("north", False), ("south", False)]
        assert said["outbox"] == {"waiting": 1, "oldest_s": 90 + MISSED * BEAT_S}
        metrics = (await browser.get("/metrics")).text
        assert 'pansentry_nodes{heard="no"} 2' in metrics
