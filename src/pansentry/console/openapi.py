"""The interface for programs as an OpenAPI 3.1 document, made from one table.

In: :data:`OPERATIONS`, a row for each row of the table of routes below ``/api/v1`` (a test compares the two). Out: the
document that ``/api/v1/openapi.json`` serves; schemathesis holds the server to it. Source: OpenAPI Specification 3.1.1.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pansentry.permissions import Role
from pansentry.store.accounts import SHORTEST_PASSWORD
from pansentry.version import __version__

if TYPE_CHECKING:
    from collections.abc import Mapping

Schema = dict[str, Any]

TEXT: Schema = {"type": "string"}
NUMBER: Schema = {"type": "number"}
WHOLE: Schema = {"type": "integer"}
TRUTH: Schema = {"type": "boolean"}
COUNTS: Schema = {"type": "object", "additionalProperties": {"type": "integer"}}
_NUMBERS: Schema = {"type": "object", "additionalProperties": {"type": "number"}}
_ROLE: Schema = {"enum": [role.value for role in Role]}
_LAST_EVENT = 999_999_999_999


def _list(of: Schema) -> Schema:
    return {"type": "array", "items": of}


def _object(**properties: Schema) -> Schema:
    return {"type": "object", "properties": properties, "required": sorted(properties)}


def _ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


def _query(name: str, what: str, schema: Schema) -> Schema:
    return {"name": name, "in": "query", "description": what, "schema": schema}


SCHEMAS: Mapping[str, Schema] = {
    "Error": {**_object(error=TEXT), "description": "Why it was refused, in one sentence."},
    "Flaw": _object(file=TEXT, line=WHOLE, column=WHOLE, wrong=TEXT, fix=TEXT),
    "Event": {
        **_object(id=WHOLE, at=NUMBER, kind=TEXT, action=TEXT, rule=TEXT),
        "description": "What was noted of a mail or letter; further names are those of the event log. No digits.",
    },
    "Held": _object(
        id=TEXT, at=NUMBER, until=NUMBER, reason=TEXT, to=_list(TEXT), size_bytes=WHOLE, original_sealed=TRUTH
    ),
    "Policy": _object(name=TEXT, applies_to=_list(TEXT), mode=TEXT, rules=WHOLE),
    "Version": _object(digest=TEXT, at=NUMBER, who=TEXT, in_use=TRUTH),
    "Taken": _object(taken=TRUTH, version=TEXT),
    "Check": _object(check=TEXT, state={"enum": ["pass", "warn", "fail", "skip"]}, said=TEXT, fix=TEXT),
    "Entry": _object(number=WHOLE, at=NUMBER, who=TEXT, did=TEXT, what=TEXT),
    "Report": _object(month=TEXT, messages=WHOLE, with_card_data=WHOLE, actions=COUNTS, found=COUNTS, brands=COUNTS),
    "File": _object(name=TEXT, text=TEXT),
    "Node": _object(
        machine=TEXT, hostname=TEXT, version=TEXT, policies=TEXT, started_at=NUMBER, seen_at=NUMBER, is_here=TRUTH
    ),
    "Person": _object(name=TEXT, role=_ROLE, has_totp=TRUTH, created_at=NUMBER),
    "Guest": _object(name=TEXT, role=_ROLE, seen_at=NUMBER),
    "Token": _object(id=TEXT, label=TEXT, made_at=NUMBER, until=NUMBER),
    "Letter": _object(
        subject=TEXT, text=TEXT, html=TEXT, points=WHOLE, best=WHOLE, faults=_list(_object(wrong=TEXT, fix=TEXT))
    ),
    "Provider": _object(key=TEXT, title=TEXT, steps=_list(_object(words=TEXT, copy=TEXT))),
    "Proposal": _object(
        name=TEXT,
        why=_list(TEXT),
        changes=_list(_object(file=TEXT, lines=_list(_object(kind=TEXT, text=TEXT)))),
        flaw=TEXT,
    ),
    "Incident": _object(
        at=NUMBER, reference=TEXT, done=TEXT, found=TEXT, has_sad=TRUTH, origin=TEXT, places=TEXT, mended=TEXT
    ),
    "Pack": _object(
        month=TEXT,
        total=WHOLE,
        incidents=_list(_ref("Incident")),
        repeaters=COUNTS,
        statements=_list(_object(requirement=TEXT, words=TEXT)),
    ),
    "Health": _object(store=TEXT, next_hop=TEXT, nodes=_list(_ref("Node")), outbox=_NUMBERS),
}
_RECIPIENT: Schema = {**_object(recipient=TEXT), "description": "An address that the gateway takes mail for."}
_FILE_BODY: Schema = {**_object(text=TEXT), "description": "The whole text of the file."}
_PARAMETERS: Mapping[str, Schema] = {
    "number": {"type": "integer", "minimum": 0, "maximum": _LAST_EVENT},
    "identifier": {"type": "string", "pattern": "^[0-9a-f]{1,32}$"},
    "month": {"type": "string", "pattern": "^20[0-9]{2}-(0[1-9]|1[0-2])$"},
    "name": {"type": "string", "pattern": "^[a-z0-9][a-z0-9-]{0,39}\\.yaml$"},
    "digest": {"type": "string", "pattern": "^[0-9a-f]{1,64}$"},
    "person": {"type": "string", "pattern": "^[A-Za-z0-9][A-Za-z0-9 @.~_-]{0,127}$"},
    "token": {"type": "string", "pattern": "^[0-9a-f]{32}$"},
    "language": {"type": "string", "pattern": "^[a-z]{2,3}$"},
    "kind": {"type": "string", "pattern": "^[a-z]{1,20}$"},
}
_NAMES: Mapping[str, Schema] = {
    # what {name} is, by the beginning of the path; elsewhere a file of policies
    "/api/v1/letters": {"type": "string", "pattern": "^[a-z0-9][a-z0-9-]{0,63}$"},
    "/api/v1/proposals": {"type": "string", "pattern": "^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$"},
}
_PAGED = (
    _query(
        "only", "Which ones.", {"enum": ["all", "found", "deliver", "redact", "hold", "refuse", "tempfail", "letter"]}
    ),
    _query("search", "Part of a domain, a rule, a brand or a reference.", {"type": "string", "maxLength": 100}),
    _query("before", "Older than this number.", {"type": "integer", "minimum": 0, "maximum": _LAST_EVENT}),
)


@dataclass(frozen=True, slots=True)
class Operation:
    """One thing that a program may ask for. ``refusals`` are the further answers it may get, with ``Error``."""

    method: str
    path: str
    summary: str
    answer: Schema
    query: tuple[Schema, ...] = ()
    body: Schema | None = None
    refusals: tuple[int, ...] = ()
    media_type: str = "application/json"


OPERATIONS = (
    Operation("GET", "/api/v1/openapi.json", "This document.", {"type": "object"}),
    Operation(
        "GET",
        "/api/v1/today",
        "The day so far.",
        _object(
            actions=COUNTS,
            found=COUNTS,
            letters=COUNTS,
            held=WHOLE,
            waiting=WHOLE,
            policy_refused={"type": ["string", "null"]},
        ),
    ),
    Operation(
        "GET", "/api/v1/messages", "A page of messages, newest first.", _object(messages=_list(_ref("Event"))), _PAGED
    ),
    Operation(
        "GET",
        "/api/v1/messages.ndjson",
        "Every event, newest first, one a line.",
        TEXT,
        (_query("since", "From this time on, in seconds since 1970.", {"type": "integer", "minimum": 0}),),
        media_type="application/x-ndjson",
    ),
    Operation("GET", "/api/v1/messages/{number}", "What was noted of one message.", _ref("Event"), refusals=(404,)),
    Operation(
        "POST",
        "/api/v1/messages/{number}/not-a-card",
        "Propose a change so that mail like this is left alone; with its source, a narrower one.",
        _object(proposal=TEXT),
        body={"type": "object", "properties": {"mail": TEXT}},
        refusals=(400, 404, 409),
    ),
    Operation("GET", "/api/v1/held", "Held mail, newest first.", _object(held=_list(_ref("Held")))),
    Operation(
        "GET",
        "/api/v1/held/{identifier}",
        "One held mail, without its text.",
        {"allOf": [_ref("Held"), _object(from_domain=TEXT, subject=TEXT)]},
        refusals=(404,),
    ),
    Operation(
        "POST",
        "/api/v1/held/{identifier}/release",
        "Read it again and hand it on.",
        _object(released_to=_list(TEXT)),
        refusals=(409,),
    ),
    Operation(
        "POST", "/api/v1/held/{identifier}/purge", "Delete it for good.", _object(deleted=TRUTH), refusals=(404,)
    ),
    Operation("GET", "/api/v1/reports/{month}", "A month in numbers.", _ref("Report"), refusals=(400,)),
    Operation(
        "GET",
        "/api/v1/reports/{month}/pci",
        "The PCI pack of a month.",
        _ref("Pack"),
        (
            _query(
                "limit",
                "How many mails are listed, 200 if not said.",
                {"type": "integer", "minimum": 1, "maximum": 1000},
            ),
        ),
        refusals=(400,),
    ),
    Operation(
        "GET",
        "/api/v1/reports/{month}/pdf",
        "A month with its pack as PDF.",
        {"type": "string", "format": "binary"},
        refusals=(400,),
        media_type="application/pdf",
    ),
    Operation(
        "GET",
        "/api/v1/letters",
        "The letters, their languages, and the kinds of each.",
        _object(letters=_list(_object(name=TEXT, languages=_list(TEXT))), kinds=_list(TEXT)),
        refusals=(409,),
    ),
    Operation(
        "GET",
        "/api/v1/letters/{name}/{language}/{kind}",
        "A letter as the customer gets it, and how many rules of good letters it keeps.",
        _ref("Letter"),
        refusals=(404,),
    ),
    Operation(
        "POST",
        "/api/v1/letters/{name}/{language}/{kind}/send",
        "Send a sample of it to a mailbox of ours.",
        _object(sent_to=TEXT),
        body=_RECIPIENT,
        refusals=(400, 404, 409),
    ),
    Operation(
        "GET",
        "/api/v1/setup",
        "The steps for each provider.",
        _object(providers=_list(_ref("Provider")), recipient=TEXT),
    ),
    Operation(
        "POST",
        "/api/v1/setup/test",
        "Send a mail with a test card through our own door, and see what became of it.",
        _object(
            code=WHOLE,
            said=TEXT,
            event={"type": ["object", "null"]},
            arrived={"anyOf": [_object(text=TEXT, is_redacted=TRUTH), {"type": "null"}]},
        ),
        body=_RECIPIENT,
        refusals=(400, 409),
    ),
    Operation(
        "GET",
        "/api/v1/people",
        "Accounts, and people of the provider.",
        _object(people=_list(_ref("Person")), guests=_list(_ref("Guest"))),
    ),
    Operation(
        "PUT",
        "/api/v1/people/{person}",
        "Make an account, or give one a new password and role; its sessions end.",
        _object(name=TEXT, role=_ROLE),
        body=_object(role=_ROLE, password={"type": "string", "minLength": SHORTEST_PASSWORD, "maxLength": 1024}),
        refusals=(400, 409),
    ),
    Operation(
        "DELETE",
        "/api/v1/people/{person}",
        "Take an account and its role away.",
        _object(removed=TRUTH),
        refusals=(409,),
    ),
    Operation("DELETE", "/api/v1/guests/{person}", "End the sessions of a guest.", _object(removed=TRUTH)),
    Operation("GET", "/api/v1/tokens", "One's own tokens, without the tokens.", _object(tokens=_list(_ref("Token")))),
    Operation("DELETE", "/api/v1/tokens/{token}", "End one of them.", _object(removed=TRUTH), refusals=(404,)),
    Operation("GET", "/api/v1/health", "How the gateway is.", _ref("Health")),
    Operation("GET", "/api/v1/checks", "What the doctor says now.", _object(checks=_list(_ref("Check")))),
    Operation("GET", "/api/v1/audit", "The newest entries of the audit log.", _object(audit=_list(_ref("Entry")))),
    Operation(
        "GET",
        "/api/v1/policies",
        "The policies in use, and their files.",
        _object(version=TEXT, policies=_list(_ref("Policy")), files=_list(TEXT)),
    ),
    Operation("GET", "/api/v1/policies/schema", "The JSON Schema of a policy.", {"type": "object"}),
    Operation("GET", "/api/v1/policies/{name}", "The text of one file.", _ref("File"), refusals=(404,)),
    Operation(
        "POST",
        "/api/v1/policies/{name}/check",
        "What is wrong with a text; nothing is written.",
        _object(flaws=_list(_ref("Flaw"))),
        body=_FILE_BODY,
        refusals=(400, 404),
    ),
    Operation(
        "POST",
        "/api/v1/policies/{name}/try",
        "What would happen to a mail under a changed file; nothing is written, and the mail is forgotten.",
        _object(action=TEXT, rule=TEXT, found=_list(TEXT), letter=TEXT, silence=TEXT),
        body=_object(text=TEXT, mail=TEXT),
        refusals=(400, 404, 422),
    ),
    Operation(
        "POST",
        "/api/v1/policies/{name}/recent",
        "Which of the last recorded messages would go otherwise under a changed file.",
        _object(
            seen=WHOLE,
            unsure=WHOLE,
            number=WHOLE,
            changed=_list(_object(id=WHOLE, at=NUMBER, differs=_list(TEXT))),
        ),
        body={**_object(text=TEXT), "properties": {"text": TEXT, "number": {"enum": [100, 1000, 10000]}}},
        refusals=(400, 404, 422),
    ),
    Operation(
        "PUT",
        "/api/v1/policies/{name}",
        "Prove a text with all others, write it, take it into use.",
        _ref("Taken"),
        body=_FILE_BODY,
        refusals=(400, 404, 409, 422),
    ),
    Operation(
        "GET",
        "/api/v1/versions",
        "The versions of the policies, newest first.",
        _object(versions=_list(_ref("Version"))),
    ),
    Operation(
        "GET",
        "/api/v1/versions/{digest}",
        "The files of a version.",
        _object(digest=TEXT, at=NUMBER, who=TEXT, files={"type": "object", "additionalProperties": TEXT}),
        refusals=(404,),
    ),
    Operation(
        "POST",
        "/api/v1/versions/{digest}/restore",
        "Go back to a version, as one piece.",
        _ref("Taken"),
        refusals=(404, 409),
    ),
    Operation("GET", "/api/v1/proposals", "The proposals that wait.", _object(proposals=_list(TEXT))),
    Operation(
        "GET", "/api/v1/proposals/{name}", "Why it is proposed, and what it changes.", _ref("Proposal"), refusals=(404,)
    ),
    Operation(
        "POST",
        "/api/v1/proposals/{name}/accept",
        "Put it into the policy with its test; refused if any test fails then.",
        _ref("Taken"),
        refusals=(404, 409),
    ),
    Operation("DELETE", "/api/v1/proposals/{name}", "Throw it away.", _object(removed=TRUTH), refusals=(404,)),
)


def document() -> Schema:
    """Return the OpenAPI document."""
    paths: dict[str, Schema] = {}
    for operation in OPERATIONS:
        paths.setdefault(operation.path, {})[operation.method.lower()] = _described(operation)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "PanSentry",
            "version": __version__,
            "summary": "What the console does, for programs. No answer holds a digit of a card.",
        },
        "security": [{"token": []}],
        "paths": paths,
        "components": {
            "schemas": SCHEMAS,
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer", "description": "A token made under your name."}
            },
        },
    }


def _described(operation: Operation) -> Schema:
    named = [part[1:-1] for part in operation.path.split("/") if part.startswith("{")]
    refusals = {401, 403, *operation.refusals, *((413,) if operation.method != "GET" else ())}
    described: Schema = {
        "summary": operation.summary,
        "operationId": f"{operation.method.lower()}{operation.path.removeprefix('/api/v1')}",
        "parameters": [
            *({"name": name, "in": "path", "required": True, "schema": _parameter(name, operation)} for name in named),
            *operation.query,
        ],
        "responses": {
            "200": {"description": "Done.", "content": {operation.media_type: {"schema": operation.answer}}},
            **{str(code): _refusal(code) for code in sorted(refusals)},
        },
    }
    if operation.body is not None:
        content = {"application/json": {"schema": operation.body}}
        described["requestBody"] = {"required": True, "content": content}
    return described


def _parameter(name: str, operation: Operation) -> Schema:
    start = next((start for start in _NAMES if name == "name" and operation.path.startswith(start)), None)
    return _NAMES[start] if start is not None else _PARAMETERS[name]


def _refusal(code: int) -> Schema:
    media = "text/plain" if code == 413 else "application/json"  # refused before anybody asked what it is about
    schema = TEXT if code == 413 else _ref("Error")
    return {"description": "Refused.", "content": {media: {"schema": schema}}}
