"""Every page and action of the console, and what one must be allowed to do for it: the table a test walks."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pansentry.console.openid import RETURN_PATH
from pansentry.console.pages import (
    decide,
    held,
    interface,
    letters,
    login,
    messages,
    people,
    policies,
    proposals,
    provider,
    reports,
    setup,
    today,
    trials,
    wellbeing,
)
from pansentry.permissions import Task

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

Endpoint = Callable[["Request"], Awaitable["Response"]]


@dataclass(frozen=True, slots=True)
class Row:
    """One way in. ``task`` None: for anybody who is signed in; ``is_public``: for anybody at all."""

    method: str
    path: str
    endpoint: Endpoint
    task: Task | None = None
    is_public: bool = False


ROUTES = (
    Row("GET", "/login", login.page, is_public=True),
    Row("POST", "/login", login.sign_in, is_public=True),
    Row("GET", "/login/provider", provider.leave, is_public=True),
    Row("GET", RETURN_PATH, provider.arrive, is_public=True),
    Row("GET", "/welcome", login.welcome, is_public=True),
    Row("POST", "/welcome", login.found, is_public=True),
    Row("GET", "/livez", wellbeing.livez, is_public=True),
    Row("GET", "/readyz", wellbeing.readyz, is_public=True),
    Row("GET", "/decide/{link}", decide.page, is_public=True),
    Row("POST", "/decide/{link}", decide.act, is_public=True),
    Row("POST", "/logout", login.sign_out),
    Row("GET", "/", today.page, Task.SEE_MESSAGES),
    Row("GET", "/setup", setup.page, Task.SEE_HEALTH),
    Row("GET", "/setup/checks", setup.checks, Task.SEE_HEALTH),
    Row("POST", "/setup/test", setup.send, Task.SEND_TEST),
    Row("GET", "/messages", messages.page, Task.SEE_MESSAGES),
    Row("GET", "/messages/{number}", messages.one, Task.SEE_MESSAGES),
    Row("POST", "/messages/{number}/not-a-card", proposals.propose, Task.PROPOSE_POLICY),
    Row("GET", "/held", held.page, Task.SEE_HELD),
    Row("GET", "/held/{identifier}", held.one, Task.SEE_HELD),
    Row("POST", "/held/{identifier}/release", held.release, Task.RELEASE_HELD),
    Row("POST", "/held/{identifier}/purge", held.purge, Task.PURGE_HELD),
    Row("GET", "/policies", policies.page, Task.SEE_POLICY),
    Row("POST", "/policies", policies.add, Task.CHANGE_POLICY),
    Row("GET", "/policies/schema", policies.schema, Task.SEE_POLICY),
    Row("GET", "/policies/versions/{digest}", policies.version, Task.SEE_POLICY),
    Row("GET", "/policies/proposals/{name}", proposals.page, Task.SEE_POLICY),
    Row("POST", "/policies/proposals/{name}/accept", proposals.accept, Task.CHANGE_POLICY),
    Row("POST", "/policies/proposals/{name}/discard", proposals.discard, Task.CHANGE_POLICY),
    Row("GET", "/policies/{name}", policies.edit, Task.SEE_POLICY),
    Row("POST", "/policies/{name}", policies.save, Task.CHANGE_POLICY),
    Row("POST", "/policies/{name}/check", policies.check, Task.SEE_POLICY),
    Row("POST", "/policies/{name}/form", policies.fill_in, Task.SEE_POLICY),
    Row("POST", "/policies/{name}/try", trials.attempt, Task.SEE_POLICY),
    Row("POST", "/policies/{name}/recent", trials.recent, Task.SEE_POLICY),
    Row("POST", "/policies/versions/{digest}/restore", policies.restore, Task.CHANGE_POLICY),
    Row("GET", "/letters", letters.page, Task.SEE_LETTERS),
    Row("GET", "/letters/{name}/{language}/{kind}", letters.one, Task.SEE_LETTERS),
    Row("GET", "/letters/{name}/{language}/{kind}/html", letters.as_html, Task.SEE_LETTERS),
    Row("POST", "/letters/{name}/{language}/{kind}/send", letters.send, Task.SEND_TEST),
    Row("GET", "/reports", reports.page, Task.SEE_REPORTS),
    Row("GET", "/reports/{month}/pci", reports.pci, Task.SEE_REPORTS),
    Row("GET", "/reports/{month}/pdf", reports.as_pdf, Task.SEE_REPORTS),
    Row("GET", "/health", wellbeing.page, Task.SEE_HEALTH),
    Row("GET", "/health/names", wellbeing.names, Task.SEE_HEALTH),
    Row("GET", "/metrics", wellbeing.metrics, Task.SEE_HEALTH),
    Row("GET", "/people", people.page, Task.SEE_AUDIT),
    Row("POST", "/people", people.put, Task.CHANGE_PEOPLE),
    Row("POST", "/people/{name}/remove", people.remove, Task.CHANGE_PEOPLE),
    Row("POST", "/people/guests/{name}/remove", people.remove_guest, Task.CHANGE_PEOPLE),
    Row("GET", "/account", people.account),
    Row("POST", "/account/totp", people.start_totp),
    Row("POST", "/account/token", people.make_token),
    Row("POST", "/account/tokens/{token}/revoke", people.revoke),
    Row("GET", "/api/v1/openapi.json", interface.openapi),
    Row("GET", "/api/v1/today", today.as_json, Task.SEE_MESSAGES),
    Row("GET", "/api/v1/messages", messages.as_json, Task.SEE_MESSAGES),
    Row("GET", "/api/v1/messages.ndjson", messages.stream, Task.SEE_MESSAGES),
    Row("GET", "/api/v1/messages/{number}", messages.one_as_json, Task.SEE_MESSAGES),
    Row("POST", "/api/v1/messages/{number}/not-a-card", proposals.propose_as_json, Task.PROPOSE_POLICY),
    Row("GET", "/api/v1/held", held.as_json, Task.SEE_HELD),
    Row("GET", "/api/v1/held/{identifier}", held.one_as_json, Task.SEE_HELD),
    Row("POST", "/api/v1/held/{identifier}/release", held.release_as_json, Task.RELEASE_HELD),
    Row("POST", "/api/v1/held/{identifier}/purge", held.purge_as_json, Task.PURGE_HELD),
    Row("GET", "/api/v1/reports/{month}", reports.as_json, Task.SEE_REPORTS),
    Row("GET", "/api/v1/reports/{month}/pci", reports.pci_as_json, Task.SEE_REPORTS),
    Row("GET", "/api/v1/reports/{month}/pdf", reports.pdf_for_program, Task.SEE_REPORTS),
    Row("GET", "/api/v1/letters", letters.as_json, Task.SEE_LETTERS),
    Row("GET", "/api/v1/letters/{name}/{language}/{kind}", letters.one_as_json, Task.SEE_LETTERS),
    Row("POST", "/api/v1/letters/{name}/{language}/{kind}/send", letters.send_as_json, Task.SEND_TEST),
    Row("GET", "/api/v1/setup", setup.as_json, Task.SEE_HEALTH),
    Row("POST", "/api/v1/setup/test", setup.send_as_json, Task.SEND_TEST),
    Row("GET", "/api/v1/people", people.as_json, Task.SEE_AUDIT),
    Row("PUT", "/api/v1/people/{person}", people.put_as_json, Task.CHANGE_PEOPLE),
    Row("DELETE", "/api/v1/people/{person}", people.remove_as_json, Task.CHANGE_PEOPLE),
    Row("DELETE", "/api/v1/guests/{person}", people.remove_guest_as_json, Task.CHANGE_PEOPLE),
    Row("GET", "/api/v1/tokens", people.tokens_as_json),
    Row("DELETE", "/api/v1/tokens/{token}", people.revoke_as_json),
    Row("GET", "/api/v1/health", wellbeing.as_json, Task.SEE_HEALTH),
    Row("GET", "/api/v1/checks", interface.checks, Task.SEE_HEALTH),
    Row("GET", "/api/v1/audit", interface.audit, Task.SEE_AUDIT),
    Row("GET", "/api/v1/policies", interface.policies, Task.SEE_POLICY),
    Row("GET", "/api/v1/policies/schema", interface.schema, Task.SEE_POLICY),
    Row("GET", "/api/v1/policies/{name}", interface.policy, Task.SEE_POLICY),
    Row("POST", "/api/v1/policies/{name}/check", interface.check, Task.SEE_POLICY),
    Row("POST", "/api/v1/policies/{name}/try", interface.attempt, Task.SEE_POLICY),
    Row("POST", "/api/v1/policies/{name}/recent", interface.recent, Task.SEE_POLICY),
    Row("PUT", "/api/v1/policies/{name}", interface.publish, Task.CHANGE_POLICY),
    Row("GET", "/api/v1/versions", interface.versions, Task.SEE_POLICY),
    Row("GET", "/api/v1/versions/{digest}", interface.version, Task.SEE_POLICY),
    Row("POST", "/api/v1/versions/{digest}/restore", interface.restore, Task.CHANGE_POLICY),
    Row("GET", "/api/v1/proposals", proposals.as_json, Task.SEE_POLICY),
    Row("GET", "/api/v1/proposals/{name}", proposals.one_as_json, Task.SEE_POLICY),
    Row("POST", "/api/v1/proposals/{name}/accept", proposals.accept_as_json, Task.CHANGE_POLICY),
    Row("DELETE", "/api/v1/proposals/{name}", proposals.discard_as_json, Task.CHANGE_POLICY),
)
