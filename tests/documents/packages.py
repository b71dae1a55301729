"""ZIP packages made by hand: parts, content types and relationships, so that independent readers open them."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping

START = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
_RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
KEPT = "Order 12345 of Monday stays."


def spaced(number: str) -> str:
    """Return the number in groups of four."""
    return " ".join(number[i : i + 4] for i in range(0, len(number), 4))


def zipped(parts: Mapping[str, str | bytes], *, stored: tuple[str, ...] = ()) -> bytes:
    """Return an archive with these members in this order; the same bytes on every day."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in parts.items():
            entry = zipfile.ZipInfo(name, (2026, 1, 2, 3, 4, 6))
            entry.compress_type = zipfile.ZIP_STORED if name in stored else zipfile.ZIP_DEFLATED
            archive.writestr(entry, content)
    return out.getvalue()


def relations(*rows: tuple[str, str, str] | tuple[str, str, str, str]) -> str:
    """Return a part of relationships: (id, type, target) or (id, type, target, mode)."""
    inside = "".join(
        f'<Relationship Id="{row[0]}" Type="{row[1] if "/" in row[1] else f"{OFFICE}/{row[1]}"}" Target="{row[2]}"'
        + (f' TargetMode="{row[3]}"' if len(row) == 4 else "")
        + "/>"
        for row in rows
    )
    return f'{START}<Relationships xmlns="{_RELATIONS}">{inside}</Relationships>'


def types(overrides: Mapping[str, str]) -> str:
    """Return the content types of a package."""
    defaults = {"rels": "application/vnd.openxmlformats-package.relationships+xml", "xml": "application/xml"}
    defaults |= {"bin": "application/octet-stream", "png": "image/png", "html": "text/html"}
    defaults |= {"xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}
    defaults |= {"docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document"}
    inside = "".join(f'<Default Extension="{e}" ContentType="{t}"/>' for e, t in defaults.items())
    inside += "".join(f'<Override PartName="/{n}" ContentType="{t}"/>' for n, t in overrides.items())
    return f'{START}<Types xmlns="{_TYPES}">{inside}</Types>'


def package(main: str, main_type: str, parts: Mapping[str, str | bytes], overrides: Mapping[str, str]) -> bytes:
    """Return a package whose main part is ``main``."""
    known = {
        "docProps/core.xml": "application/vnd.openxmlformats-package.core-properties+xml",
        "docProps/app.xml": "application/vnd.openxmlformats-officedocument.extended-properties+xml",
        "docProps/custom.xml": "application/vnd.openxmlformats-officedocument.custom-properties+xml",
    }
    roots: list[tuple[str, str, str]] = [("rId1", "officeDocument", main)]
    kinds = {
        "docProps/core.xml": "http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties",
        "docProps/app.xml": "extended-properties",
        "docProps/custom.xml": "custom-properties",
    }
    roots += [(f"rId{i}", kinds[name], name) for i, name in enumerate(known, 2) if name in parts]
    stated = {main: main_type, **{name: t for name, t in known.items() if name in parts}, **overrides}
    return zipped({"[Content_Types].xml": types(stated), "_rels/.rels": relations(*roots), **parts})
