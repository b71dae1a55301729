"""``python -m tests.prepare``: work out anew what is kept of the language files (:mod:`pansentry.pan.prepared`).

To be run after a change to ``src/pansentry/pan/languages/`` or to the modules that read them; what it writes is
committed with the change. Without it nothing is wrong, but every start takes a third of a second longer.
"""

from __future__ import annotations

import functools
import sys
from typing import TYPE_CHECKING

from pansentry.pan.lexicon import listed
from pansentry.pan.prepared import as_file, place
from pansentry.pan.spelled import KINDS, written_words

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

VALUES: Mapping[str, Callable[[], object]] = {
    "vocabulary": listed,
    **{f"words-{kind}": functools.partial(written_words, kind) for kind in KINDS},
}
"""Everything that is prepared, and what it is worked out by."""


def main() -> None:
    for name, work_out in VALUES.items():
        place(name).parent.mkdir(exist_ok=True)
        place(name).write_text(as_file(work_out()), encoding="utf-8")
    sys.stdout.write("written; commit them with the change\n")


if __name__ == "__main__":
    main()
