"""The interface for programs against its own description: schemathesis asks everything, in ways nobody would."""

from __future__ import annotations

import asyncio
import re
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest
import schemathesis
from tests.e2e.written import leaked
from tests.unit.console.desk import PASSWORD, desk
from tests.unit.console.test_console import FINDING

from pansentry.configuration.model import Console
from pansentry.console.openapi import OPERATIONS, Operation
from pansentry.console.routes import ROUTES
from pansentry.console.server import start
from pansentry.permissions import Role

EXAMPLES = 12


@pytest.fixture(scope="module")
def served() -> Iterator[tuple[str, str]]:
    """A console that is served in a thread, with a mail and a held one; its address and an admin's token."""
    ready, done = threading.Event(), threading.Event()
    said: list[str] = []

    async def serve() -> None:
        async with desk(Path(tempfile.mkdtemp())) as console:
            console.store.events.record(FINDING)
            await console.store.events.flush()
            await console.store.held.put(b"Subject: x\r\n\r\nhello\r\n", "shop/hold", "a@b.example", ["b@shop.example"])
            await console.store.accounts.create("owner", PASSWORD, Role.ADMIN, who="test")
            token = await console.store.accounts.make_token("owner", "test")
            running = await start(console.office, Console(enabled=True, address="127.0.0.1:0"))
            assert running is not None
            said.extend((f"http://127.0.0.1:{running.port}", token))
            ready.set()
            await asyncio.to_thread(done.wait)
            await running.stop()

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    assert ready.wait(60)
    yield said[0], said[1]
    done.set()
    thread.join(30)


def test_every_way_in_is_described() -> None:
    """The document has each row of the table of routes below /api/v1, and nothing else."""
    routes = {(row.method, re.sub(r":\w+", "", row.path)) for row in ROUTES if row.path.startswith("/api/")}
    assert {(one.method, one.path) for one in OPERATIONS} == routes


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda one: f"{one.method} {one.path}")
def test_answers_are_as_described(served: tuple[str, str], operation: Operation) -> None:
    """Whatever is asked, the answer has a code, a type and a shape that the document names, and is never a 500."""
    base, token = served
    headers = {"authorization": f"Bearer {token}"}
    schema = schemathesis.openapi.from_url(f"{base}/api/v1/openapi.json", headers=headers)
    found = schema[operation.path][operation.method]

    # a text that is one is not yet a policy: 422 says what is wrong with it
    names = ("ignored_auth", *(("positive_data_acceptance",) if 422 in operation.refusals else ()))
    excluded = [schemathesis.checks.CHECKS.get_one(name) for name in names]

    @hypothesis.given(case=found.as_strategy())
    @hypothesis.settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        derandomize=True,
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    def ask(case: schemathesis.Case) -> None:
        answer = case.call_and_validate(headers=headers, excluded_checks=excluded)
        assert leaked(answer.content) == []

    ask()
