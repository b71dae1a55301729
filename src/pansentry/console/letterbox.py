"""The letters as they lie in their folder now, read again only when something in it changed.

In: the folder, and what reads it. Out: :class:`~pansentry.reply.Letters`. Reading and trying out all letters takes half
a second; a page that shows one must not wait for that, and neither must the mail beside it: call it in a thread.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable
    from pathlib import Path

    from pansentry.reply import Letters


@dataclass(slots=True)
class Letterbox:
    """Letters by what they depend on: the files below ``folder``, and the version of the policies that name them."""

    folder: Path
    load: Callable[[], Letters]
    version: Callable[[], str]
    _seen: Hashable = None
    _letters: Letters | None = field(default=None, repr=False)

    def __call__(self) -> Letters:
        """Return the letters. Raises :class:`ConfigurationError`, each time until it is mended."""
        now = (self.version(), _state(self.folder))
        if self._letters is None or now != self._seen:
            self._letters = self.load()
            self._seen = now
        return self._letters


def _state(folder: Path) -> tuple[tuple[str, int, int], ...]:
    """Return what changes when a file below ``folder`` changes: names, times, sizes. Reads no content."""
    found = []
    for root, _, names in os.walk(folder):
        for name in names:
            path = os.path.join(root, name)
            try:
                state = os.stat(path)
            except OSError:  # gone in this moment: the next look tells
                continue
            found.append((path, state.st_mtime_ns, state.st_size))
    return tuple(sorted(found))
