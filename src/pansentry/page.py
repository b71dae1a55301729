"""The page for the shop's own website that tells how to know a letter of ours, in every language, as one static file.

In: the folder of letters (``page/<language>.txt``, lines of ``name: sentence``), the business, the address that letters
come from, where their links may lead, a status note. Out: HTML without script, image or anything loaded from
elsewhere. Languages are sections with their own ``lang`` and ``dir``, the shop's own first, reached by links of the
page itself. Placeholders: ``{address}``, ``{hosts}``, ``{phone}``.

The letter names the page by its title ("look for …") and never links to it: a forged letter could link to a forgery.
"""

from __future__ import annotations

import html
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from pansentry.errors import ConfigurationError, Flaw
from pansentry.reply.letters import direction

if TYPE_CHECKING:
    from pansentry.configuration import Business

NAMES = ("title", "intro", "from", "content", "links", "never", "code", "doubt", "status")
_POINTS = ("from", "content", "links", "never", "code")
LANGUAGE_NAMES: Mapping[str, str] = {
    "en": "English", "de": "Deutsch", "it": "Italiano", "fr": "Français", "es": "Español", "pt": "Português",
    "nl": "Nederlands", "pl": "Polski", "sv": "Svenska", "da": "Dansk", "cs": "Čeština", "tr": "Türkçe",
    "el": "Ελληνικά", "ja": "日本語", "ar": "العربية", "he": "עברית",
}  # fmt: skip
_STYLE = """
:root { color-scheme: light dark; --ink: #1f2a2c; --paper: #ffffff; --line: #d9d4c7; --link: #1d5b47; --soft: #f7f6f2 }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e8ebe9; --paper: #14181a; --line: #3a4549; --link: #9fd8c0; --soft: #1d2326 }
}
body { margin: 0; background: var(--paper); color: var(--ink); font: 1.0625rem/1.6 system-ui, sans-serif }
main, header, footer { max-width: 40rem; margin: 0 auto; padding: 1rem 1.25rem }
a { color: var(--link); text-underline-offset: 3px }
nav ul { display: flex; flex-wrap: wrap; gap: .25rem 1rem; padding: 0; list-style: none }
nav a { display: inline-block; padding: .375rem 0 }
section { border-top: 1px solid var(--line); padding: 1.5rem 0 }
h1, h2 { line-height: 1.25; text-wrap: balance }
h2 { margin: 0 0 .75rem }
li { margin: 0 0 .5rem }
.status { background: var(--soft); border: 1px solid var(--line); border-radius: .5rem; padding: .75rem 1rem }
"""


def read_sentences(folder: Path, languages: tuple[str, ...] = ()) -> dict[str, dict[str, str]]:
    """Return the sentences by language. Raises :class:`ConfigurationError` for what is missing."""
    found: dict[str, dict[str, str]] = {}
    flaws: list[Flaw] = []
    for path in sorted(folder.glob("*.txt")):
        if languages and path.stem not in languages:
            continue
        pairs = (line.partition(":") for line in path.read_text("utf-8").splitlines() if line.strip())
        sentences = {name.strip(): text.strip() for name, _, text in pairs}
        missing = [name for name in NAMES if not sentences.get(name)]
        if missing:
            flaws.append(Flaw(str(path), 0, 0, f"There is no `{missing[0]}`.", "Write a line `name: sentence`."))
        found[path.stem] = sentences
    if not found:
        flaws.append(Flaw(str(folder), 0, 0, "There are no sentences for the page.", "Copy the shipped ones."))
    if flaws:
        raise ConfigurationError(*flaws)
    return found


def build_page(
    sentences: Mapping[str, Mapping[str, str]],
    business: Business,
    *,
    address: str,
    hosts: tuple[str, ...],
    status: str = "",
) -> str:
    """Return the page. ``status`` is a note of the shop's own, shown on top in every language's section."""
    first = business.language if business.language in sentences else next(iter(sentences))
    order = [first, *(language for language in LANGUAGE_NAMES if language in sentences and language != first)]
    facts = {"address": address, "hosts": ", ".join(hosts), "phone": business.phone or ""}
    links = "".join(
        f'<li><a href="#{one}" lang="{one}" dir="{direction(one)}">{LANGUAGE_NAMES[one]}</a></li>' for one in order
    )
    sections = "\n".join(_section(one, sentences[one], facts, status) for one in order)
    title = html.escape(business.authenticity_page or sentences[first]["title"])
    name = html.escape(business.name)
    return f"""<!DOCTYPE html>
<html lang="{first}" dir="{direction(first)}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="index">
<title>{title} – {name}</title>
<style>{_STYLE}</style>
</head>
<body>
<header>
<h1>{title}</h1>
<nav aria-label="Languages"><ul>{links}</ul></nav>
</header>
<main>
{sections}
</main>
<footer><p>{name}{f" · <bdi>{html.escape(business.phone)}</bdi>" if business.phone else ""}</p></footer>
</body>
</html>
"""


def _section(language: str, sentences: Mapping[str, str], facts: Mapping[str, str], status: str) -> str:
    def said(name: str) -> str:
        text = html.escape(sentences[name])
        for fact, value in facts.items():
            text = text.replace(f"{{{fact}}}", f'<bdi dir="ltr">{html.escape(value)}</bdi>')
        return text

    points = "".join(f"<li>{said(name)}</li>" for name in _POINTS)
    heading = said("status")
    note = f'<p class="status"><strong>{heading}:</strong> <bdi>{html.escape(status)}</bdi></p>' if status else ""
    return (
        f'<section id="{language}" lang="{language}" dir="{direction(language)}">\n<h2>{said("title")}</h2>\n{note}\n'
        f"<p>{said('intro')}</p>\n<ul>{points}</ul>\n<p><strong>{said('doubt')}</strong></p>\n</section>"
    )
