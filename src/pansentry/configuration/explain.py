"""What pydantic found → flaws an admin can act on: file, line, column, what is wrong, what to write instead.

In: a document with places, a model, a ``ValidationError``. Out: one :class:`~pansentry.errors.Flaw` for each error. The
words are a table by error type; only three types need a look at the data (unknown key, text expected, missing key).
No flaw quotes a value of a setting named like a secret.
"""

from __future__ import annotations

import re
import types
import typing
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import PydanticCustomError

from pansentry.errors import ConfigurationError, Flaw

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from pydantic_core import ErrorDetails

    from pansentry.configuration.documents import Document, Path

Model = TypeVar("Model", bound=BaseModel)

_QUOTED_MAX = 40
_SECRET = re.compile(r"secret|password|token|private", re.IGNORECASE)


def flaw(wrong: str, fix: str) -> PydanticCustomError:
    """Return what a validator of ours raises: one sentence each for what is wrong and what to write.

    ``{key}`` and ``{raw}`` stand for the name of the setting and the value as typed.
    """
    return PydanticCustomError("flaw", "flaw", {"wrong": wrong, "fix": fix})


def build(model: type[Model], document: Document, context: Mapping[str, Any] | None = None) -> Model:
    """Return ``document`` as an instance of ``model``; raise :class:`ConfigurationError` naming every flaw."""
    require_mapping(document)
    try:
        return model.model_validate(document.data, strict=True, context=dict(context or {}))
    except ValidationError as error:
        raise ConfigurationError(*_flaws(model, document, error.errors(include_url=False))) from None


def require_mapping(document: Document) -> None:
    """Raise unless the file consists of settings (a list or a bare word does not)."""
    if not isinstance(document.data, dict):
        place = document.place(())
        wrong, fix = "The file must consist of settings.", "Write lines of the form `name: value`."
        raise ConfigurationError(Flaw(place.file, place.line, place.column, wrong, fix))


def closest(word: str, words: Iterable[str]) -> str:
    """Return the one of ``words`` that ``word`` was probably meant to be, or ``""``."""
    known, meant = list(words), word.lower().replace("-", "_")
    begun = [name for name in known if len(meant) > 2 and name.startswith(meant)]
    if len(begun) == 1:
        return begun[0]
    import difflib  # for mistakes only

    return next(iter(difflib.get_close_matches(meant, known, n=1, cutoff=0.6)), "")


def annotation_at(model: type[BaseModel], path: Path) -> Any:
    """Return the bare annotation at ``path`` below ``model`` (optional and annotated peeled off), or None."""
    here: Any = model
    for step in path:
        here = bare(here)
        origin = typing.get_origin(here)
        if isinstance(here, type) and issubclass(here, BaseModel):
            field = here.model_fields.get(str(step))
            if field is None:
                return None
            here = field.annotation
        elif origin is tuple:
            here = typing.get_args(here)[0]
        elif origin is dict:
            here = typing.get_args(here)[1]
        else:
            return None
    return bare(here)


def bare(annotation: Any) -> Any:
    """Peel ``Annotated`` and ``| None`` off an annotation."""
    while True:
        origin = typing.get_origin(annotation)
        if origin is typing.Annotated:
            annotation = typing.get_args(annotation)[0]
        elif origin in {types.UnionType, typing.Union}:
            rest = [a for a in typing.get_args(annotation) if a is not type(None)]
            if len(rest) != 1:
                return annotation
            annotation = rest[0]
        else:
            return annotation


_WORDING: Mapping[str, tuple[str, str]] = types.MappingProxyType(
    {
        # error type: what is wrong · what to write instead
        "int_type": ("`{key}` must be a whole number, not {raw}.", "Write digits without quotes."),
        "int_from_float": ("`{key}` must be a whole number, not {raw}.", "Write it without a fraction."),
        "float_type": ("`{key}` must be a number, not {raw}.", "Write digits without quotes."),
        "bool_type": ("`{key}` must be true or false, not {raw}.", "Write `{key}: true` or `{key}: false`."),
        "tuple_type": ("`{key}` must be a list.", "Write each entry on its own line, starting with `- `."),
        "dict_type": ("`{key}` must be a block of settings.", "Write them on the lines below, indented by two spaces."),
        "model_type": (
            "`{key}` must be a block of settings.",
            "Write them on the lines below, indented by two spaces.",
        ),
        "model_attributes_type": (
            "`{key}` must be a block of settings.",
            "Write them on the lines below, indented by two spaces.",
        ),
        "literal_error": ("`{key}` cannot be {raw}.", "Write one of: {expected}."),
        "greater_than_equal": ("`{key}` is {raw}, but must be at least {ge}.", "Write {ge} or more."),
        "greater_than": ("`{key}` is {raw}, but must be more than {gt}.", "Write more than {gt}."),
        "less_than_equal": ("`{key}` is {raw}, but must be at most {le}.", "Write {le} or less."),
        "string_too_short": ("`{key}` is shorter than {min_length} characters.", "Write a longer value."),
        "string_pattern_mismatch": ("`{key}` cannot be {raw}.", "{example}"),
        "too_short": ("`{key}` is an empty list.", "Write at least one entry."),
        "string_too_long": ("`{key}` is longer than {max_length} characters.", "Shorten it."),
        "finite_number": ("`{key}` must be a finite number.", "Write digits."),
    }
)


def _flaws(model: type[BaseModel], document: Document, errors: Iterable[ErrorDetails]) -> tuple[Flaw, ...]:
    found: dict[Flaw, None] = {}
    for error in _causes(tuple(errors)):
        path = _path(error)
        at_key = error["type"] in {"extra_forbidden", "missing"} or error["input"] is None or "[key]" in error["loc"]
        wrong, fix = _words(model, document, path, error)
        place = document.place(path)
        line, column = (place.key_line, place.key_column) if at_key else (place.line, place.column)
        found[Flaw(place.file, line, column, wrong, fix)] = None
    return tuple(sorted(found, key=lambda f: (f.file, f.line, f.column)))


def _path(error: ErrorDetails) -> Path:
    return tuple(step for step in error["loc"] if step != "[key]")


def _causes(errors: tuple[ErrorDetails, ...]) -> Iterator[ErrorDetails]:
    """Drop what only follows from another error: a list "too short" for its bad entry, a key "missing" as misspelt."""
    paths = [_path(error) for error in errors]
    misspelt = [_path(error) for error in errors if error["type"] == "extra_forbidden"]
    for error, path in zip(errors, paths, strict=True):
        if error["type"] == "too_short" and any(p[: len(path)] == path and p != path for p in paths):
            continue
        if error["type"] == "missing" and any(
            p[:-1] == path[:-1] and closest(str(p[-1]), [str(path[-1])]) for p in misspelt
        ):
            continue
        yield error


def _words(model: type[BaseModel], document: Document, path: Path, error: ErrorDetails) -> tuple[str, str]:
    kind, context = error["type"], error.get("ctx") or {}
    if path and isinstance(path[-1], int) and path not in document.places and document.place(path).raw is not None:
        path = path[:-1]  # one entry stands where a list may stand
    key = _name(path)
    raw = _raw(document, path, error["input"])
    if kind == "extra_forbidden":
        return _unknown(annotation_at(model, path[:-1]), str(path[-1]))
    if kind == "missing":
        return _missing(annotation_at(model, path[:-1]), path)
    if "[key]" in error["loc"]:
        return f"`{key}` is not a setting here.", f"Write one of: {', '.join(_choices(context))}."
    if error["input"] is None:
        return f"`{key}` has no value.", "Write one after the colon, or remove the line."
    if kind == "string_type":
        return _not_text(path, error["input"], raw)
    if kind == "flaw":
        return (str(context[part]).replace("{key}", key).replace("{raw}", raw) for part in ("wrong", "fix"))  # type: ignore[return-value]
    wrong, fix = _WORDING.get(
        kind, ("`{key}` cannot be {raw}.", "See the description of this setting in the documentation.")
    )
    if kind == "string_too_short" and context.get("min_length") == 1:
        return f"`{key}` is empty.", "Write a value, or remove the line."
    words = {"expected": "", **context, "key": key, "raw": raw, "example": _example(model, path)}
    if kind == "literal_error":
        choices = _choices(context)
        words["expected"] = ", ".join(choices)
        near = closest(error["input"], choices) if isinstance(error["input"], str) else ""
        fix = f"Did you mean {near}? The choices are: {{expected}}." if near else fix
    return wrong.format(**words), fix.format(**words)


def _choices(context: Mapping[str, Any]) -> list[str]:
    return re.findall(r"'([^']*)'", str(context.get("expected", "")))


def _unknown(parent: Any, key: str) -> tuple[str, str]:
    is_model = isinstance(parent, type) and issubclass(parent, BaseModel)
    names = sorted(field.alias or name for name, field in parent.model_fields.items()) if is_model else []
    near = closest(key, names)
    fix = f"Did you mean `{near}`?" if near else f"The settings here are: {', '.join(names)}."
    return f"`{key}` is not a setting here.", fix


def _missing(parent: Any, path: Path) -> tuple[str, str]:
    key = str(path[-1])
    examples = _examples(parent, key)
    example = f" {examples[0]}" if examples else " …"
    where = f" in `{_name(path[:-1])}`" if path[:-1] else ""
    return f"`{key}` is missing{where}.", f"Add a line `{key}:{example}`."


def _examples(parent: Any, key: str) -> list[Any]:
    is_model = isinstance(parent, type) and issubclass(parent, BaseModel)
    return (parent.model_fields[key].examples or []) if is_model and key in parent.model_fields else []


def _example(model: type[BaseModel], path: Path) -> str:
    names = [i for i, step in enumerate(path) if isinstance(step, str)]
    examples = _examples(annotation_at(model, path[: names[-1]]), str(path[names[-1]])) if names else []
    return f"Write for example `{path[names[-1]]}: {examples[0]}`." if examples else "See its description in the docs."


def _not_text(path: Path, value: object, raw: str) -> tuple[str, str]:
    key = _name(path)
    if isinstance(value, bool | int | float):
        what = "the phone number" if key == "phone" else "it"
        return (
            f"`{key}` must be text, but {raw} without quotes is read as a number."
            if not isinstance(value, bool)
            else f"`{key}` must be text, but {raw} without quotes is read as yes or no.",
            f'Put {what} in quotes: `{key}: "{raw}"`.',
        )
    return f"`{key}` must be one text, not a list or a block.", f"Write `{key}: …` on one line."


def _name(path: Path) -> str:
    """Name a setting as an admin would: the last word of its path, with the number of the entry in a list."""
    words = [step for step in path if isinstance(step, str)]
    if not path:
        return "the file"
    if isinstance(path[-1], int):
        return f"{words[-1] if words else 'entry'} (entry {path[-1] + 1})"
    return str(path[-1])


def without_credentials(text: str) -> str:
    """Return a value without what stands between its first colon and its last ``@``, however wrongly it is written."""
    head, at, host = text.rpartition("@")
    scheme, colon, rest = head.partition(":")
    return f"{scheme}:{'//' if rest.startswith('//') else ''}…@{host}" if at and colon else text


def _raw(document: Document, path: Path, value: object) -> str:
    if any(_SECRET.search(str(step)) for step in path):
        return "the given value"
    place = document.places.get(path)
    if isinstance(value, str | int | float):
        text = place.raw if place is not None and place.raw is not None else str(value)
        text = without_credentials(text) if text.strip() else "empty"
        return text if len(text) <= _QUOTED_MAX else text[:_QUOTED_MAX] + "…"
    return "a list" if isinstance(value, tuple | list) else "a block"
