"""The interface for programs as an OpenAPI 3.1 document, made from one table.

In: :data:`OPERATIONS`, a row for each row of the table of routes below ``/api/v1`` (a test compares the two). Out: the
document that ``/api/v1/openapi.json`` serves; schemathesis holds the server to it. Source: OpenAPI Specification 3.1.1.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

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
    "Health": _object(store=TEXT, next_hop=TEXT, nodes=_list(_ref("Node")), outbox=_NUMBERS),
}
_FILE_BODY: Schema = {**_object(text=TEXT), "description": "The whole text of the file."}
_PARAMETERS: Mapping[str, Schema] = {
    "number": {"type": "integer", "minimum": 0, "maximum": _LAST_EVENT},
    "identifier": {"type": "string", "pattern": "^[0-9a-f]{1,32}$"},
    "month": {"type": "string", "pattern": "^20[0-9]{2}-(0[1-9]|1[0-2])$"},
    "name": {"type": "string", "pattern": "^[a-z0-9][a-z0-9-]{0,39}\\.yaml$"},
    "digest": {"type": "string", "pattern": "^[0-9a-f]{1,64}$"},
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
    Operation("GET", "/api/v1/held", "Held mail, newest first.", _object(held=_list(_ref("Held")))),
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
    Operation("GET", "/api/v1/health", "How the gateway is.", _ref("Health")),
    Operation("GET", "/api/v1/checks", "What the doctor says now.", _object(checks=_list(_ref("Check")))),
    Operation("GET", "/api/v1/audit", "The newest entries of the audit log.", _object(audit=_list(_ref("Entry")))),
    Operation(
        "GET",
        "/api/v1/policies",
        "The policies in use, and their files.",
        _object(version=TEXT, policies=_list(_ref("Policy")), files=_list(TEXT)),
    ),
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
        "POST",
        "/api/v1/versions/{digest}/restore",
        "Go back to a version, as one piece.",
        _ref("Taken"),
        refusals=(404, 409),
    ),
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
            *({"name": name, "in": "path", "required": True, "schema": _PARAMETERS[name]} for name in named),
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


def _refusal(code: int) -> Schema:
    media = "text/plain" if code == 413 else "application/json"  # refused before anybody asked what it is about
    schema = TEXT if code == 413 else _ref("Error")
    return {"description": "Refused.", "content": {media: {"schema": schema}}}
