"""German and Italian: every sentence that a page can show is in the catalogues, and no page shows an English one."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import quote

import pytest
from tests.unit.console.desk import PASSWORD, Desk, desk, token_of
from tests.unit.console.test_console import FINDING

from pansentry.console.pages.provider import TICKET
from pansentry.console.routes import ROUTES
from pansentry.console.texts import LANGUAGES, catalogue, translator
from pansentry.doctor import checks
from pansentry.doctor.answer import failed, passed
from pansentry.pan import Kind
from pansentry.permissions import PERMISSIONS, Role
from pansentry.policy.loading import WARNINGS
from pansentry.reply.silence import RULES
from pansentry.report.words import ACTIONS, KINDS, SILENCE
from pansentry.sentence import sentence

OTHERS = tuple(language for language in LANGUAGES if language != "en")
ANSWERS = frozenset({"passed", "warned", "failed", "skipped", "sentence"})
SHORTEST = 12
"""Signs of a piece of a sentence that is looked for; shorter ones are in other languages too ("Name", "Original")."""


ON_THE_COMMAND_LINE = frozenset({"self_audit.py", "traces.py", "instance.py", "answer.py"})
"""Modules of the doctor that no page shows."""


def words_of(module: Path) -> Iterator[str]:
    """Yield what a module of the doctor can say: texts given to an answer, by themselves or by a name."""
    tree = ast.parse(module.read_text("utf-8"))
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Name(id=name), args=args) if name in ANSWERS:
                given = args if name == "sentence" else args[1:]
            case ast.Assign(value=value) | ast.AnnAssign(value=value):
                given = [value] if value is not None else []
            case _:
                continue
        for one in given:
            for text in (one.body, one.orelse) if isinstance(one, ast.IfExp) else (one,):
                is_text = isinstance(text, ast.Constant) and isinstance(text.value, str)
                if is_text and " " in text.value and re.search(r"[.:}\"]$", text.value):
                    yield text.value


def test_the_doctor_speaks_every_language() -> None:
    """Every check's name and everything that it can say is in the catalogues."""
    said = {one.name for one in checks.CHECKS} | set(WARNINGS.values())
    for path in Path(str(checks.__file__)).parent.glob("*.py"):
        if path.name not in ON_THE_COMMAND_LINE:
            said |= set(words_of(path))
    assert len(said) > 120
    for language in OTHERS:
        assert sorted(said - set(catalogue(language))) == [], language


def test_every_code_of_a_report_has_its_words() -> None:
    """Every action, kind of value and reason for silence that is recorded reads as words, in every language."""
    assert set(SILENCE) >= {rule.code for rule in RULES}
    assert set(KINDS) == {kind.value for kind in Kind}
    said = {*ACTIONS.values(), *KINDS.values(), *SILENCE.values()}
    for language in OTHERS:
        assert sorted(said - set(catalogue(language))) == [], language


def test_every_task_and_role_has_its_words() -> None:
    """What a page says to somebody who may not see it."""
    said = {task.value for tasks in PERMISSIONS.values() for task in tasks} | {role.value for role in Role}
    for language in OTHERS:
        assert sorted(said - set(catalogue(language))) == [], language


def test_a_sentence_is_said_again_with_its_values() -> None:
    """The values of the English one go into the other, also where one of them is a sentence itself."""
    inner = sentence("{hop} answers.", hop="smtp://x:25")
    english = sentence("{what} Without TLS.", what=inner)
    assert english == "smtp://x:25 answers. Without TLS."
    assert translator("de")(english) == "smtp://x:25 antwortet. Ohne TLS."
    assert translator("en")(english) == english
    assert translator("de")(sentence("{x} is not in the catalogue", x="{y}")) == "{y} is not in the catalogue"


class Shown(HTMLParser):
    """The words that a page shows or reads out, without those that are files, names or letters."""

    HIDDEN = frozenset({"pre", "textarea", "code", "script", "style"})

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self.depth = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.depth += tag in self.HIDDEN
        self.words += [value or "" for name, value in attrs if name in ("aria-label", "title", "data-label", "alt")]

    def handle_endtag(self, tag: str) -> None:
        self.depth -= tag in self.HIDDEN

    def handle_data(self, data: str) -> None:
        if not self.depth:
            self.words.append(data)


def english_in(page: str, language: str) -> list[str]:
    """Return the English sentences that a page shows although the catalogue has them in its language."""
    shown = Shown()
    shown.feed(page)
    text = " ".join(" ".join(shown.words).split())
    found = []
    for english, other in catalogue(language).items():
        pieces = [" ".join(piece.split()) for piece in re.split(r"\{\w+\}", english)]
        longest = max(pieces, key=len)
        if len(longest) >= SHORTEST and longest not in other and re.search(rf"(?<!\w){re.escape(longest)}", text):
            found.append(english)
    return found


async def furnished(console: Desk) -> None:
    """Put something on every page: a mail, a held one, letters that wait, a refusal, a wrong policy."""
    store = console.store
    console.store.events.record({**FINDING, "sightings": ["pan|visa|0.98|body"], "policy": "shop"})
    console.store.events.record({"kind": "letter", "action": "sent", "message_ref": FINDING["message_ref"]})
    await store.events.flush()
    await store.held.put(b"Subject: x\r\n\r\nhello\r\n", "shop/hold", "a@b.example", ["b@shop.example"])
    await store.versions.refuse("abc", "wrong", "test")
    folder = console.folder / "proposals"
    folder.mkdir()
    (folder / "1.yaml").write_text("# Proposed.\n# Read it.\nnonsense: true\n")


def path_of(path: str, held: str) -> str:
    """Return a path whose parameters name something that is there."""
    named = {"/letters": "guidance", "/policies/proposals": "1"}
    name = next((value for start, value in named.items() if path.startswith(start)), "shop.yaml")
    values = {"number": "1", "identifier": held, "language": "de", "kind": "first", "month": "2026-09", "digest": "x"}
    return re.sub(r"\{(\w+)(?::\w+)?\}", lambda found: {**values, "name": name}.get(found[1], "x"), path)


@pytest.mark.parametrize("language", OTHERS)
async def test_no_page_shows_an_english_sentence(tmp_path: Path, language: str) -> None:
    """Every page of the table of routes, what is said after forms, and what is said to those who may not."""
    async with desk(tmp_path) as console:
        await furnished(console)
        held = (await console.store.held.list(1))[0].id
        browser, viewer = await console.signed_in(), await console.signed_in(Role.VIEWER)
        wrong: dict[str, list[str]] = {}
        seen = 0
        for who in (console.client(), viewer, browser):
            who.headers["accept-language"] = language
            for row in ROUTES:
                if row.method != "GET" or row.path.startswith("/api/"):
                    continue
                answer = await who.get(path_of(row.path, held), follow_redirects=True)
                if "html" in answer.headers.get("content-type", "") and not row.path.endswith("/html"):
                    seen += 1
                    assert f'lang="{language}"' in answer.text or "<html" not in answer.text
                    if found := english_in(answer.text, language):
                        wrong[row.path] = found
        for note in catalogue(language):
            if note.endswith(".") and "{" not in note and (found := english_in(await noted(browser, note), language)):
                wrong[note] = found
                break
        wrong |= await forms(console, browser, language)
    assert wrong == {}
    assert seen > 60


async def noted(browser: object, note: str) -> str:
    """Return a page that shows a note."""
    return str((await browser.get(f"/account?note={quote(note)}")).text)  # type: ignore[attr-defined]


async def forms(console: Desk, browser: object, language: str) -> dict[str, list[str]]:
    """Send forms that are refused, and look at what comes back."""
    token = await token_of(browser)  # type: ignore[arg-type]
    sent: tuple[tuple[str, dict[str, str]], ...] = (
        ("/people", {"name": "", "role": "admin"}),
        ("/people", {"name": "eve", "role": "viewer", "password": "short"}),
        ("/people/admin/remove", {}),
        ("/held/0/release", {}),
        ("/held/0/purge", {}),
        ("/policies", {"name": "!"}),
        ("/setup/test", {"recipient": "x"}),
        ("/letters/guidance/de/first/send", {"recipient": "x"}),
        ("/messages/1/not-a-card", {"mail": "Subject: x\n\nhello\n"}),
        ("/account/totp", {"secret": "x", "code": "x"}),
        ("/policies/proposals/1/accept", {}),
    )
    wrong = {}
    for path, data in sent:
        answer = await browser.post(path, data={**data, "token": token}, follow_redirects=True)  # type: ignore[attr-defined]
        assert re.search(r'class="(note|wrong)"', answer.text), path
        if found := english_in(answer.text, language):
            wrong[path] = found
    stranger = console.client()
    stranger.headers["accept-language"] = language
    for path, data in (("/login", {"name": "eve", "password": PASSWORD}), ("/login", {"token": "x"})):
        if found := english_in((await stranger.post(path, data=data)).text, language):
            wrong[path] = found
    return wrong


def test_the_test_finds_what_it_looks_for() -> None:
    """A page in German with an English sentence on it, in an attribute, or with a value in it, is found."""
    for page in (
        "<p>The database is damaged.</p>",
        '<td data-label="What was done">x</td>',
        "<p>Port 25 is open to this machine only.</p>",
    ):
        assert english_in(page, "de"), page
    assert english_in("<p>Die Datenbank ist beschädigt.</p><pre>The database is damaged.</pre>", "de") == []


async def test_a_link_cannot_put_words_of_its_own_on_a_page(tmp_path: Path) -> None:
    """What is shown after a form is a sentence of ours: others in the address are not shown."""
    async with desk(tmp_path) as console:
        browser = await console.signed_in()
        assert "Call" not in (await browser.get("/account?note=Call%20555%20now")).text
        assert "Done." in (await browser.get("/account?note=Done.")).text
        page = (await browser.get("/held?note=Released%20to%20%7Bwho%7D.&note.who=b@shop.example")).text
        assert "Released to b@shop.example." in page


async def test_what_the_doctor_says_is_shown_in_the_language_of_whoever_asks(tmp_path: Path) -> None:
    """Name, sentence and fix, with their values."""
    async with desk(tmp_path) as console:
        browser = await console.signed_in()
        browser.headers["accept-language"] = "de"
        said = (passed("clock", sentence("It runs as {user}.", user="pan")), failed("MX", "x", "Check both PEM files."))
        object.__setattr__(console.office, "checks", lambda: said)
        page = (await browser.get("/setup/checks")).text
        for words in ("Uhr", "Es läuft als pan.", "Prüfen Sie beide PEM-Dateien."):
            assert words in page
        assert TICKET not in page
