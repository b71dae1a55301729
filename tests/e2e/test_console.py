"""The console as its owner meets it, in a real browser: from the key that was printed to the report that is printed.

Screenshots are kept below ``var/artefacts/console``. Every page is held to axe-core's rules (WCAG 2.2 A and AA), in
light and dark, and to the width of a phone.
"""

from __future__ import annotations

import email
import email.policy
import json
import re
import smtplib
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pypdfium2
import pytest
from tests.e2e.openid_provider import CLIENT, SECRET, little_provider
from tests.e2e.peers import free_port, need
from tests.e2e.running import SAMPLES, RunningGateway
from tests.e2e.written import leaked

from pansentry.cli.stored import person
from pansentry.console.routes import ROUTES

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

ARTEFACTS = Path(__file__).parents[2] / "var/artefacts/console"
AXE = Path(__file__).parents[2] / "var/peers/axe/node_modules/axe-core/axe.min.js"
PASSWORD = "three words long"
POLICY = """name: shop
applies_to: everyone
rules:
  - name: card
    when: {found: true}
    then: redact
reply:
  letter: none
"""
MONTH = time.strftime("%Y-%m", time.gmtime())
PAGES = (
    "/",
    "/setup?provider=google",
    "/messages",
    "/messages/1",
    "/held",
    "/policies",
    "/policies/shop.yaml",
    "/policies/sales.yaml",
    "/policies/versions/{version}",
    "/policies/proposals/{proposal}",
    "/letters",
    "/letters/guidance/de/first",
    "/reports",
    f"/reports/{MONTH}/pci",
    "/health",
)
PAGES += ("/people", "/account")


@pytest.fixture
def gateway(tmp_path: Path) -> Iterator[RunningGateway]:
    """A gateway with a console, over policies that may be edited."""
    (tmp_path / "policies").mkdir()
    (tmp_path / "policies/shop.yaml").write_text(POLICY)
    summary = "summary: {to: [owner@shop.example]}"
    extra = f'console: {{enabled: true, address: "127.0.0.1:{free_port()}", {summary}}}'
    running = RunningGateway.start(tmp_path, extra=extra, policies=tmp_path / "policies")
    yield running
    running.stop()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's Chromium."""
    from playwright.sync_api import sync_playwright

    executable = need("chromium", "chromium")
    ARTEFACTS.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as play:
        chromium = play.chromium.launch(executable_path=executable, args=["--no-sandbox"])
        yield chromium
        chromium.close()


def welcome(gateway: RunningGateway) -> str:
    """Return the address with its key that the gateway logged."""
    for _ in range(600):
        match = re.search(r'"url": ?"(http://[^"]+welcome\?key=[^"]+)"', gateway.log)
        if match is not None:
            return match[1]
        time.sleep(0.1)
    raise RuntimeError(gateway.log)


def send(gateway: RunningGateway, name: str) -> tuple[int, bytes]:
    """Send a sample mail and return the answer."""
    with smtplib.SMTP("127.0.0.1", gateway.port, timeout=60) as client:
        client.ehlo()
        client.mail("anna.weber@customer.example")
        client.rcpt("orders@shop.example")
        return client.data((SAMPLES / name).read_bytes())


def seen(page: Page, base: str, path: str, words: str) -> None:
    """Wait until a page shows some words: events are written a moment after the mail."""
    for _ in range(300):
        page.goto(f"{base}{path}")
        if words in page.inner_text("main"):
            return
        page.wait_for_timeout(100)
    raise AssertionError(page.inner_text("main"))


def test_from_the_first_run_to_the_report(gateway: RunningGateway, browser: Browser) -> None:
    """First run → sign in → a mail arrives redacted → a policy with a mistake → mended, tried, published → the next
    mail follows it → rolled back → a held mail is released → the report is printed."""
    page = browser.new_page()
    page.goto(welcome(gateway))
    base = page.url.partition("/welcome")[0]
    page.fill("#name", "marta")
    page.fill("#password", PASSWORD)
    page.click("text=Begin")
    page.fill("#name", "marta")
    page.fill("#password", PASSWORD)
    page.click("button:has-text('Sign in')")
    assert page.inner_text("h1") == "Today"

    page.click("nav >> text=Set-up")
    page.click("text=Another provider")
    page.wait_for_selector(".checks .pass")
    page.click("button:has-text('Send a test mail')")
    page.wait_for_selector("text=the card number is gone")
    assert "XXXX XXXX XXXX 5556" in page.inner_text("#test pre")
    page.screenshot(path=str(ARTEFACTS / "setup-test-mail.png"), full_page=True)

    assert send(gateway, "01-plain-card.eml")[0] == 250
    seen(page, base, "/", "customer.example")
    page.click("table a")
    assert "Visa" in page.inner_text("main")
    page.screenshot(path=str(ARTEFACTS / "message.png"), full_page=True)

    page.goto(f"{base}/policies/shop.yaml")
    written(page, POLICY.replace("then: redact", "then: refus"))
    page.wait_for_selector(".cm-lint-marker-error")  # while one types, at the line
    page.click("button:text-is('Publish')")
    assert "line 6" in page.inner_text(".wrong")
    page.screenshot(path=str(ARTEFACTS / "policy-mistake.png"), full_page=True)
    written(page, POLICY)
    page.wait_for_selector(".cm-lint-marker-error", state="detached")
    page.select_option("[name='rule.0.then']", "hold")  # the form writes into the text
    page.wait_for_selector(".cm-content:has-text('then: hold')")
    page.click("button:has-text('Compare')")
    assert "would have gone otherwise" in page.inner_text("section.note")
    assert "redact → hold" in page.inner_text("section.note")
    page.screenshot(path=str(ARTEFACTS / "policy-compared.png"), full_page=True)
    page.fill("#mail", (SAMPLES / "01-plain-card.eml").read_text("latin-1"))
    page.click("button:has-text('Try')")
    assert "held" in page.inner_text("section.note")
    page.click("button:text-is('Publish')")
    assert "in use" in page.inner_text(".note")

    assert send(gateway, "02-html-table.eml")[0] == 250
    seen(page, base, "/held", "orders@shop.example")
    page.goto(f"{base}/policies")
    page.click(".versions li:nth-child(2) a")
    page.click("text=Go back to this version")
    assert "earlier version" in page.inner_text(".note")
    assert (gateway.folder / "policies/shop.yaml").read_text() == POLICY

    page.goto(f"{base}/held")
    page.click("table a")
    page.click("button:has-text('Release')")
    assert "Released to" in page.inner_text(".note")
    for _ in range(600):
        if len(gateway.delivered) == 3:
            break
        time.sleep(0.1)
    assert len(gateway.delivered) == 3

    page.goto(f"{base}/reports")
    page.pdf(path=str(ARTEFACTS / "report.pdf"))
    assert (ARTEFACTS / "report.pdf").read_bytes().startswith(b"%PDF")
    assert any(b"Subject: PanSentry: Yesterday" in letter for letter in gateway.letters)
    page.close()


def first_of_each(page: Page, base: str) -> dict[str, str]:
    """Make a proposal of the newest mail with a card, and return the names of what has a page of its own."""
    page.goto(f"{base}/messages?only=found")
    page.click("tbody td a")
    page.click("text=This was not a card")
    proposal = page.url.partition("?")[0].rpartition("/")[2]
    page.goto(f"{base}/policies")
    version = (page.get_attribute(".versions a", "href") or "").rpartition("/")[2]
    return {"proposal": proposal, "version": version}


def written(page: Page, text: str) -> None:
    """Type a text into the editor in place of what is there."""
    page.click(".cm-content")
    page.keyboard.press("Control+a")
    page.keyboard.insert_text(text)


def test_every_page_is_for_everybody(gateway: RunningGateway, browser: Browser) -> None:
    """No violation of axe-core's rules in light and dark, nothing wider than a phone, no digits of the sample cards."""
    if not AXE.is_file():
        need("axe-core (npm, see .ci/peers)", "axe-core")
    for sample in sorted(SAMPLES.glob("*.eml")):
        send(gateway, sample.name)
    address = welcome(gateway)
    base = address.partition("/welcome")[0]
    violations: dict[str, list[str]] = {}
    cookies: list[dict[str, object]] = []
    known: dict[str, str] = {}
    for scheme, width in (("light", 1200), ("dark", 1200), ("light", 360)):
        context = browser.new_context(color_scheme=scheme, viewport={"width": width, "height": 800}, bypass_csp=True)
        page = context.new_page()
        if not cookies:
            page.goto(address)
            violations["/welcome"] = audited(page)
            page.fill("#name", "marta")
            page.fill("#password", PASSWORD)
            page.click("text=Begin")
            violations["/login"] = audited(page)
            page.fill("#name", "marta")
            page.fill("#password", PASSWORD)
            page.click("button:has-text('Sign in')")
            cookies = [dict(cookie) for cookie in context.cookies()]
            seen(page, base, "/messages", "redacted")
            known = first_of_each(page, base)
        context.add_cookies(cookies)  # type: ignore[arg-type]
        for path in (pattern.format(**known) for pattern in PAGES):
            page.goto(f"{base}{path}")
            if "/policies/s" in path:
                page.wait_for_selector(".cm-content")
            if path.startswith("/setup"):
                page.wait_for_selector(".checks li")
            page.screenshot(
                path=str(ARTEFACTS / f"{re.sub(r'[^a-z0-9.]+', '-', path.strip('/')) or 'today'}-{scheme}-{width}.png"),
                full_page=True,
            )
            violations[f"{path} {scheme} {width}"] = audited(page)
            assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        context.close()
    assert {path: wrong for path, wrong in violations.items() if wrong} == {}
    assert_no_digits(gateway, base, {str(cookie["name"]): str(cookie["value"]) for cookie in cookies}, known)


def assert_no_digits(gateway: RunningGateway, base: str, cookies: dict[str, str], known: dict[str, str]) -> None:
    """Ask every row of the table of routes that shows something, and read the log, the state and every report: none
    holds a digit run of a sample card."""
    said: dict[str, str] = {"log": gateway.log}
    names = {
        "number": "1",
        "digest": known["version"],
        "month": MONTH,
        "identifier": "1",
        "language": "de",
        "kind": "first",
    }
    with httpx.Client(base_url=base, cookies=cookies, timeout=60) as client:
        for row in ROUTES:
            if row.method != "GET":
                continue
            name = {"/letters": "guidance", "/policies/proposals": known["proposal"], "/proposals": known["proposal"]}
            short = row.path.removeprefix("/api/v1")
            names["name"] = next((value for start, value in name.items() if short.startswith(start)), "shop.yaml")
            path = re.sub(r"\{(\w+)(?::\w+)?\}", lambda found: names.get(found[1], "x"), row.path)
            answer = client.get(path)
            assert answer.status_code < 500, path
            is_pdf = answer.headers.get("content-type") == "application/pdf"
            said[path] = text_of(answer.content) if is_pdf else answer.text
        token = re.search(r'name="token" value="([0-9a-f]+)"', client.get("/account").text)
        assert token is not None
        new = {"token": token[1], "name": person(), "role": "viewer", "password": PASSWORD}
        assert client.post("/people", data=new).status_code == 303
    for form in ("text", "json", "csv", "html"):
        command = [
            sys.executable,
            "-m",
            "pansentry",
            "report",
            "-c",
            str(gateway.folder / "pansentry.yaml"),
            "--format",
            form,
        ]
        made = subprocess.run(command, env=gateway.environment, capture_output=True, text=True, check=True)
        said[f"report {form}"] = made.stdout + made.stderr
    assert len(said) > 40
    assert {where: found for where, text in said.items() if (found := leaked(text.encode()))} == {}


def text_of(pdf: bytes) -> str:
    """Return the text of a PDF."""
    return "".join(page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(pdf))


def audited(page: Page) -> list[str]:
    """Return the rules that a page breaks, with the elements that do."""
    page.add_script_tag(path=str(AXE))
    run = "axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']})"
    found = json.loads(page.evaluate(f"{run}.then(r => JSON.stringify(r.violations))"))
    return [f"{one['id']}: {one['nodes'][0]['html'][:120]}" for one in found]


def test_people_of_a_provider_and_links_of_a_mail(tmp_path: Path, browser: Browser) -> None:
    """In a browser with its rules for cookies: in through a provider on another site and out again; a link from another
    site leads to its page without a second sign-in; a link that decides shows a button first. No violation on any."""
    (tmp_path / "policies").mkdir()
    (tmp_path / "policies/shop.yaml").write_text(POLICY.replace("then: redact", "then: hold"))
    console, elsewhere = free_port(), free_port()
    base = f"http://127.0.0.1:{console}"
    with little_provider() as provider:
        provider.issuer = provider.issuer.replace("127.0.0.1", "localhost")  # another site: cookies know no ports
        provider.person["groups"] = ["desk"]
        who = f"issuer: '{provider.issuer}', client_id: {CLIENT}, client_secret: '{SECRET}'"
        extra = f"""console:
  enabled: true
  address: 127.0.0.1:{console}
  url: {base}
  summary: {{to: [owner@shop.example], decide: link}}
  oidc: {{{who}, roles: {{operator: desk}}}}
"""
        first = RunningGateway.start(tmp_path, policies=tmp_path / "policies")
        send(first, "01-plain-card.eml")
        first.stop()  # the summary is written once a day, at the start: now there is something in it
        gateway = RunningGateway.start(tmp_path, extra=extra, policies=tmp_path / "policies")
        try:
            context = browser.new_context(bypass_csp=True)
            page = context.new_page()
            page.goto(welcome(gateway))
            page.fill("#name", "marta")
            page.fill("#password", PASSWORD)
            page.click("text=Begin")
            violations = {"login": audited(page)} if AXE.is_file() else {}
            page.screenshot(path=str(ARTEFACTS / "login-provider.png"))
            page.click("text=account of your organisation")
            page.wait_for_selector("h1:has-text('Today')")
            assert "anna" in page.inner_text(".me")
            page.goto(f"{base}/held")
            held = page.get_attribute("table a", "href")
            page.goto(f"{base}/account")
            page.screenshot(path=str(ARTEFACTS / "account-guest.png"))

            page.route(f"http://localhost:{elsewhere}/", lambda route: route.fulfill(
                body=f"<a href='{base}{held}'>held</a>", content_type="text/html"))  # fmt: skip
            page.goto(f"http://localhost:{elsewhere}/")
            page.click("a")
            page.wait_for_selector("button:has-text('Release')")

            found = re.search(rf"{base}(/decide/release\.\S+)", letter_with(gateway, "/decide/"))
            assert found is not None
            stranger = browser.new_context(bypass_csp=True).new_page()
            stranger.goto(f"{base}{found[1]}")
            if AXE.is_file():
                violations["decide"] = audited(stranger)
            stranger.screenshot(path=str(ARTEFACTS / "decide.png"))
            stranger.click("button:has-text('Release')")
            assert "Released." in stranger.inner_text(".note")

            page.goto(base)
            page.click("text=Sign out")
            page.wait_for_url(f"{provider.issuer}/farewell*")
            page.goto(f"{base}/held")
            assert "Sign in" in page.inner_text("h1")
            assert violations == {name: [] for name in violations}
        finally:
            gateway.stop()


def letter_with(gateway: RunningGateway, words: str) -> str:
    """Wait for a letter with some words, and return its text."""
    for _ in range(600):
        for letter in gateway.letters:
            text = str(email.message_from_bytes(letter, policy=email.policy.default).get_content())
            if words in text:
                return text
        time.sleep(0.1)
    raise AssertionError([letter[:500] for letter in gateway.letters])
