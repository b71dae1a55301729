"""Database files: SQLite 3 and dBASE (with FoxPro's and Clipper's), table by table. Read only.

In: a file. Out: each table as lines of tab-separated fields under the names of its columns, and what ``strings`` shows
of the file (rows that were deleted, free pages, indexes). SQLite's own library reads its files, out of memory: only
tables are asked, no view, no virtual table, no trigger; the schema is not trusted; a file that it refuses is damaged.

``rewrite`` raises DamagedError("cannot-rewrite"): a file with a finding is replaced or held. Limits: bytes of text are
counted, and the library is stopped after :data:`_MAX_STEPS` of its instructions. Known gaps: memo files of dBASE,
Access, compressed columns. Sources: sqlite.org/fileformat2.html, sqlite.org/security.html; "dBASE .DBF file structure".
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

from pansentry.errors import DamagedError, LimitExceededError
from pansentry.formats import strings
from pansentry.formats.container import Budget
from pansentry.formats.format import CANNOT_REWRITE, Cuts, DocumentLimits, Extract, Passage, Replaced

if TYPE_CHECKING:
    import sqlite3

SQLITE: Final = b"SQLite format 3\0"
_MAX_STEPS: Final = 200_000_000
_STEPS: Final = 1_000_000
_BREAKS: Final = str.maketrans("\r\n\t", "   ")
_FIELD_BYTES: Final = 32
_END_OF_FIELDS: Final = b"\r"
_VERSIONS: Final = frozenset(b"\x02\x03\x30\x31\x32\x43\x63\x83\x8b\x8e\xcb\xf5\xfb")


def is_dbase(data: bytes) -> bool:
    """Tell a dBASE file: version and date, and lengths that fit each other and the file."""
    if len(data) < 2 * _FIELD_BYTES + 1 or data[0] not in _VERSIONS:
        return False
    rows, head, row = int.from_bytes(data[4:8], "little"), *_lengths(data)
    dated = 1 <= data[2] <= 12 and 1 <= data[3] <= 31
    return dated and bool(rows) and head > 2 * _FIELD_BYTES and row > 1 and head + rows * row <= len(data)


def extract(data: bytes, limits: DocumentLimits) -> Extract:
    """Return the tables. Raises DamagedError, LimitExceededError."""
    budget = Budget(limits)
    tables = _sqlite(data, budget) if data.startswith(SQLITE) else [_dbase(data, budget)]
    passages = [Passage(number, text, f"table {number}") for number, text in enumerate(tables, 1) if text]
    return Extract((*passages, Passage(0, strings.strings(data), "file")))


def rewrite(data: bytes, cuts: Cuts, replaced: Replaced, limits: DocumentLimits) -> bytes:
    """Return ``data`` if nothing is to be written. Raises DamagedError("cannot-rewrite") otherwise."""
    if cuts or replaced:
        raise DamagedError(CANNOT_REWRITE)
    return data


def _sqlite(data: bytes, budget: Budget) -> Iterator[str]:
    import sqlite3

    steps = [0]

    def stop() -> bool:
        steps[0] += _STEPS
        return steps[0] > _MAX_STEPS

    if not hasattr(sqlite3.Connection, "deserialize"):  # a library that was built without it
        raise DamagedError("document:database")
    connection = sqlite3.connect(":memory:")
    try:
        connection.deserialize(data)
        connection.set_progress_handler(stop, _STEPS)
        connection.text_factory = lambda raw: raw.decode("utf-8", "replace")
        for pragma in ("trusted_schema=OFF", "cell_size_check=ON", "temp_store=MEMORY", "mmap_size=0"):
            connection.execute(f"PRAGMA {pragma}")
        listed = connection.execute("SELECT name, rootpage FROM sqlite_schema WHERE type = 'table'").fetchall()
        for name, page in listed[: budget.limits.max_members]:
            if page:  # a virtual table has none
                yield _table(connection, str(name), budget)
    except sqlite3.OperationalError as error:
        if steps[0] > _MAX_STEPS:
            raise LimitExceededError("max_total_bytes") from None
        raise DamagedError("damaged") from error
    except (sqlite3.Error, OverflowError) as error:
        raise DamagedError("damaged") from error
    finally:
        connection.close()


def _table(connection: sqlite3.Connection, name: str, budget: Budget) -> str:
    quoted = name.replace('"', '""')
    rows = connection.execute(f'SELECT * FROM "{quoted}"')  # noqa: S608 -- quoted, and the database is the document's own
    lines = [_line([column[0] for column in rows.description], budget)]
    lines += [_line(row, budget) for row in rows]
    return "\n".join(lines)


def _line(row: Sequence[object], budget: Budget) -> str:
    line = "\t".join(_said(value) for value in row)
    budget.spend(len(line) + 1)
    return line


def _said(value: object) -> str:
    if isinstance(value, bytes):
        return strings.strings(value).translate(_BREAKS)
    return "" if value is None else str(value).translate(_BREAKS)


def _lengths(data: bytes) -> tuple[int, int]:
    return int.from_bytes(data[8:10], "little"), int.from_bytes(data[10:12], "little")


def _dbase(data: bytes, budget: Budget) -> str:
    if not is_dbase(data):
        raise DamagedError("damaged")
    head, size = _lengths(data)
    names: list[str] = []
    widths: list[int] = []
    at = _FIELD_BYTES
    while at + _FIELD_BYTES <= head and data[at : at + 1] != _END_OF_FIELDS:
        names.append(data[at : at + 11].split(b"\0", 1)[0].decode("latin-1"))
        widths.append(data[at + 16])
        at += _FIELD_BYTES
    lines = [_line(names, budget)]
    for start in range(head, len(data) - size + 1, size):
        fields, place = [], start + 1
        for width in widths:
            fields.append(data[place : place + width].decode("cp1252", "replace").strip())
            place += width
        lines.append(_line(fields, budget))
    return "\n".join(lines)
