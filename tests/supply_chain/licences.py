"""The licences of everything that is installed with PanSentry, against the list of those that are allowed.

``python -m tests.supply_chain.licences --write`` writes ``docs/licences.md``; the test fails when a licence is not
allowed, when one cannot be told, and when that page is out of date. Read are the metadata of what is installed (core
metadata 2.4: ``License-Expression``, else classifiers, else ``License``), for what ``requirements/run.lock`` pins.

Allowed is what asks for no more than a notice, and weak copyleft that a program may import (LGPL, MPL). GPL and AGPL
are not: PanSentry is Apache-2.0.
"""

from __future__ import annotations

import re
import sys
from importlib import metadata
from pathlib import Path

ROOT = Path(__file__).parents[2]
LOCK = ROOT / "requirements/run.lock"
PAGE = ROOT / "docs/licences.md"

ALLOWED = frozenset(
    {
        *("0BSD", "Apache-2.0", "BSD", "BSD-2-Clause", "BSD-3-Clause", "CC0-1.0", "HPND", "ISC", "MIT", "MIT-0"),
        *("MIT-CMU", "PSF-2.0", "Unlicense", "Zlib", "LGPL-2.1-or-later", "MPL-2.0"),
    }
)
SPELLINGS = {
    "apache 2.0": "Apache-2.0",
    "apache license 2.0": "Apache-2.0",
    "apache software license": "Apache-2.0",
    "bsd license": "BSD",
    "bsd 2-clause license": "BSD-2-Clause",
    "3-clause bsd license": "BSD-3-Clause",
    "mit license": "MIT",
    "isc license (iscl)": "ISC",
    "isc license": "ISC",
    "mozilla public license 2.0 (mpl 2.0)": "MPL-2.0",
    "python software foundation license": "PSF-2.0",
    "gnu lesser general public license v2 or later (lgplv2+)": "LGPL-2.1-or-later",
}
READ_BY_HAND = {
    "dkimpy": "Zlib",  # LICENSE: the zlib text; the metadata say "BSD-like"
    "imapclient": "BSD-3-Clause",  # COPYING; no metadata
    "pyrage": "MIT",  # LICENSE; no metadata
    "pypdfium2": "BSD-3-Clause AND Apache-2.0",  # LICENSES/; the metadata are prose
    "editables": "MIT",  # needed to build only
    "colorama": "BSD-3-Clause",  # Windows only
}
"""What metadata do not say, or say in prose: read in the licence file of the distribution."""


HEAD = """# Licences of what is installed with PanSentry

PanSentry itself is Apache-2.0. This page is written by `python -m tests.supply_chain.licences --write` from the
metadata of what `requirements/run.lock` pins; the test suite fails when it is out of date or a licence is not on the
list of those allowed.

| package | licence |
| --- | --- |
"""


def pinned() -> tuple[str, ...]:
    """Return the names that the lock file pins."""
    found = re.findall(r"^([A-Za-z0-9][A-Za-z0-9._-]*)==", LOCK.read_text(), re.M)
    return tuple(sorted({name.lower() for name in found}))


def licence_of(name: str) -> str:
    """Return the licence as an SPDX expression, or what the metadata say; ``""`` if they say nothing."""
    if name in READ_BY_HAND:
        return READ_BY_HAND[name]
    try:
        about = metadata.metadata(name)
    except metadata.PackageNotFoundError:
        return ""
    if expression := about.get("License-Expression"):
        return expression
    classifiers = [
        line.rpartition("::")[2].strip() for line in about.get_all("Classifier") or () if "License ::" in line
    ]
    known = [SPELLINGS[one.lower()] for one in classifiers if one.lower() in SPELLINGS]
    if known:
        return " OR ".join(sorted(set(known)))
    said = (about.get("License") or "").strip().partition("\n")[0]
    return SPELLINGS.get(said.lower(), said)


def is_allowed(expression: str) -> bool:
    """Tell whether one of the alternatives consists of allowed licences only."""
    plain = expression.replace("(", " ").replace(")", " ")
    return bool(plain.strip()) and any(
        all(one.strip() in ALLOWED for one in alternative.split(" AND ")) for alternative in plain.split(" OR ")
    )


def page() -> str:
    """Return the page that lists them."""
    rows = "".join(f"| {name} | {licence_of(name)} |\n" for name in pinned())
    return HEAD + rows


if __name__ == "__main__":
    if "--write" in sys.argv[1:]:
        PAGE.write_text(page())
    else:
        sys.stdout.write(page())
