"""All variants of a letter as pages, and one page that shows them side by side as a narrow phone does.

In: letters, the name of one. Out: files in a folder: ``<language>-<kind>.html`` as a mail program gets it, and
``index.html``. For people who check what customers will see, and for the tests that measure it in a browser.
"""

from __future__ import annotations

import html
from pathlib import Path
from typing import TYPE_CHECKING

from pansentry.reply.letters import SAMPLES

if TYPE_CHECKING:
    from pansentry.reply.letters import Letters, Words

WIDTH_PX = 360
HEIGHT_PX = 1500


def variants(letters: Letters, name: str) -> tuple[tuple[str, str, Words], ...]:
    """Return every language and kind of a letter with the words it is shown with: the longest of each kind."""
    of_kind = {words.kind: words for words in SAMPLES if letters.has(name, words.kind)}
    return tuple(
        (language, str(kind), words) for language in letters.languages(name) for kind, words in of_kind.items()
    )


def write_gallery(letters: Letters, name: str, folder: Path) -> Path:
    """Write the pages; returns the path of the one that shows all."""
    folder.mkdir(parents=True, exist_ok=True)
    frames = []
    for language, kind, words in variants(letters, name):
        file = f"{language}-{kind}.html"
        (folder / file).write_text(letters.write(name, language, words).html, encoding="utf-8")
        title = html.escape(f"{language}, {kind}")
        frames.append(
            f'<figure><figcaption><a href="{file}">{title}</a></figcaption>'
            f'<iframe src="{file}" title="{title}" width="{WIDTH_PX}" height="{HEIGHT_PX}"></iframe></figure>'
        )
    style = (
        "body{display:flex;flex-wrap:wrap;gap:1rem;font-family:system-ui,sans-serif}figure{margin:0}iframe{border:0}"
    )
    index = folder / "index.html"
    index.write_text(
        f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><meta name="color-scheme" content="light dark">'
        f"<title>{html.escape(name)}</title><style>{style}</style></head>\n<body>\n"
        + "\n".join(frames)
        + "\n</body></html>\n",
        encoding="utf-8",
    )
    return index
