"""YAML text → plain data and the place of everything in it.

In: the text of a file an admin wrote. Out: a :class:`Document`, dicts, tuples and scalars, beside a table that says
for each path on which line and column its key and its value stand, so that whoever judges the data can point there.

YAML 1.2 (ruamel.yaml): ``no`` and ``22:30`` are text, ``0123456`` is a number (whoever wanted text is told to quote
it). Refused, each with its place: broken syntax, a key given twice, anchors and aliases (a page is read from top to
bottom; and a few of them unfold to gigabytes), tags, several documents in one file, tabs, text that is not UTF-8.

Limits: :data:`MAX_TEXT_BYTES`, :data:`MAX_DEPTH`.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pansentry.errors import ConfigurationError, Flaw

if TYPE_CHECKING:
    from collections.abc import Mapping

MAX_TEXT_BYTES = 2 * 1024 * 1024
MAX_DEPTH = 40

Path = tuple[str | int, ...]
Scalar = str | int | float | bool | None

_TAG = "tag:yaml.org,2002:"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a path stands. Lines and columns count from 1, 0 means unknown; ``raw`` is a scalar as it was typed."""

    file: str
    line: int = 0
    column: int = 0
    key_line: int = 0
    key_column: int = 0
    raw: str | None = None


@dataclass(frozen=True, slots=True)
class Document:
    """A file that was read: ``data`` is made of dicts, tuples and scalars; ``places`` knows every path in it."""

    file: str
    data: Any
    places: Mapping[Path, Place]

    def place(self, path: Path) -> Place:
        """Return the place of ``path``, or of the nearest thing around it."""
        while path and path not in self.places:
            path = path[:-1]
        return self.places.get(path, Place(self.file))


def read_yaml(text: str, file: str) -> Document:
    """Read the one YAML document in ``text``; an empty one is an empty mapping.

    Raises :class:`ConfigurationError` with the place of every flaw it can name.
    """
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError, YAMLError

    if len(text) > MAX_TEXT_BYTES:
        raise ConfigurationError(Flaw(file, 0, 0, f"The file is longer than {MAX_TEXT_BYTES} bytes.", "Split it."))
    try:
        node = YAML(typ="safe", pure=True).compose(io.StringIO(text))
    except MarkedYAMLError as error:
        raise ConfigurationError(_syntax_flaw(error, file)) from None
    except (YAMLError, ValueError):
        raise ConfigurationError(
            Flaw(file, 0, 0, "The file holds characters that YAML does not allow.", "Save it as plain UTF-8 text.")
        ) from None
    except RecursionError:
        raise ConfigurationError(Flaw(file, 0, 0, "The file is nested too deeply.", "Use fewer levels.")) from None
    if node is None:
        return Document(file, {}, {(): Place(file, 1, 1)})
    reader = _Reader(file)
    data = reader.read(node, (), 0)
    if reader.flaws:
        raise ConfigurationError(*dict.fromkeys(reader.flaws))
    return Document(file, data, reader.places)


def read_bytes(raw: bytes, file: str) -> Document:
    """Read YAML from the bytes of a file (UTF-8, with or without a byte order mark)."""
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise ConfigurationError(
            Flaw(file, line, 0, "This line is not valid UTF-8 text.", "Save the file in the encoding UTF-8.")
        ) from None
    return read_yaml(text, file)


class _Reader:
    """Walks the composed nodes; collects flaws instead of stopping at the first."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.places: dict[Path, Place] = {}
        self.flaws: list[Flaw] = []
        self._seen: set[int] = set()

    def read(self, node: Any, path: Path, depth: int, key: Any = None) -> Any:
        line, column = node.start_mark.line + 1, node.start_mark.column + 1
        raw = node.value if isinstance(node.value, str) else None
        spot = key.start_mark if key is not None else node.start_mark
        self.places[path] = Place(self.file, line, column, spot.line + 1, spot.column + 1, raw)
        if depth > MAX_DEPTH:
            return self._flaw(node, "This is nested too deeply.", f"Use at most {MAX_DEPTH} levels.")
        if id(node) in self._seen or node.anchor:
            return self._flaw(node, "Anchors (&) and aliases (*) are not used here.", "Write the value out in full.")
        self._seen.add(id(node))
        kind = type(node).__name__
        if kind == "ScalarNode":
            return self._scalar(node)
        if str(node.tag) not in {_TAG + "map", _TAG + "seq"}:
            return self._flaw(node, f"The tag {node.tag} is not used here.", "Remove it.")
        if kind == "SequenceNode":
            return tuple(self.read(item, (*path, i), depth + 1) for i, item in enumerate(node.value))
        return self._mapping(node, path, depth)

    def _mapping(self, node: Any, path: Path, depth: int) -> dict[str, Any]:
        data: dict[str, Any] = {}
        first_line: dict[str, int] = {}
        for key, value in node.value:
            if not isinstance(key.value, str) or key.anchor or not key.value:
                self._flaw(key, "A setting needs a plain word as its name.", "Write `name: value`.")
            elif key.value in data:
                self._flaw(
                    key,
                    f"`{key.value}` is given twice; the first time is on line {first_line[key.value]}.",
                    "Keep one of the two.",
                )
            else:
                first_line[key.value] = key.start_mark.line + 1
                data[key.value] = self.read(value, (*path, key.value), depth + 1, key)
        return data

    def _scalar(self, node: Any) -> Scalar:
        text, tag = str(node.value), str(node.tag).removeprefix(_TAG)
        if node.style in {"'", '"', "|", ">"} and tag == "str":
            return text
        try:
            match tag:
                case "str" | "timestamp" | "value":
                    return text
                case "null":
                    return None
                case "bool":
                    return text.lower() == "true"
                case "int":
                    return int(text.replace("_", ""), 0 if text.lstrip("+-").lower().startswith(("0x", "0o")) else 10)
                case "float":
                    return float(text.replace("_", "").lower().replace(".inf", "inf").replace(".nan", "nan"))
        except ValueError:
            return text
        self._flaw(node, f"The tag {node.tag} is not used here.", "Remove it, or put the value in quotes.")
        return text

    def _flaw(self, node: Any, wrong: str, fix: str) -> None:
        self.flaws.append(Flaw(self.file, node.start_mark.line + 1, node.start_mark.column + 1, wrong, fix))


_SYNTAX: tuple[tuple[str, str, str], ...] = (
    # what ruamel.yaml says contains · what is wrong · what to write instead
    ("'\\t'", "A tab stands where spaces are expected.", "Indent with spaces only."),
    ("mapping values are not allowed",
     "There is a second colon on this line, the line above lacks its own, or the indentation is off.",
     "Put a value that contains a colon in quotes, or write this line and the one above as `name: value`, lined up."),
    ("scanning an alias", "A value that starts with * is read as an alias.", "Put it in quotes."),
    ("undefined alias", "A value that starts with * is read as an alias.", "Put it in quotes."),
    ("could not find expected ':'", "A colon is missing here or on the line before.", "Write `name: value`."),
    ("expected <block end>", "The indentation does not match the lines above, or a quote above is never closed.",
     "Line it up with its neighbours, or close the quote."),
    ("end of stream", "A quote or bracket is opened and never closed.", "Close it."),
    ("stream end", "A quote or bracket is opened and never closed.", "Close it."),
    ("expected ',' or", "A comma or a closing bracket is missing in this list.", "Close the bracket or add the comma."),
    ("expected a single document", "A second document starts here (`---`).", "Keep one document in a file."),
    ("cannot start any token", "This character cannot start a value.", "Put the value in quotes."),
    ("unknown escape character", "A backslash in double quotes starts an escape.", "Use single quotes."),
    ("duplicate key", "A key is given twice.", "Keep one of the two."),
    ("anchor", "A value that starts with & is read as an anchor.", "Put it in quotes."),
)  # fmt: skip


def _syntax_flaw(error: Any, file: str) -> Flaw:
    said = f"{error.problem or ''} {error.context or ''}"
    mark = error.problem_mark or error.context_mark
    line, column = (mark.line + 1, mark.column + 1) if mark else (0, 0)
    for pattern, wrong, fix in _SYNTAX:
        if pattern in said:
            return Flaw(file, line, column, wrong, fix)
    return Flaw(file, line, column, "This is not valid YAML.", "Look for a missing quote, colon or space here.")
