"""What the HTML of a letter shows and links to, and how well its colours can be told apart. For the linter only.

In: HTML as rendered. Out: tags, links with their text, visible text, styles. Any input gives something; nothing is
fetched.
"""

from __future__ import annotations

from html.parser import HTMLParser


class Page(HTMLParser):
    """What the HTML shows and links to."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.links: list[tuple[str, str]] = []
        self.pieces: list[str] = []
        self.css: list[str] = []
        self._open: list[str] = []
        self._link: int | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        self.tags.append((tag, values))
        if tag in {"style", "title", "head"}:
            self._open.append(tag)
        if tag == "a":
            self.links.append((values.get("href", ""), ""))
            self._link = len(self.links) - 1
        if tag not in {"a", "bdi", "span", "strong", "em", "b", "i"}:
            self.pieces.append(" ")

    def handle_endtag(self, tag: str) -> None:
        if tag in self._open:
            del self._open[len(self._open) - 1 - self._open[::-1].index(tag) :]
        if tag == "a":
            self._link = None

    def handle_data(self, data: str) -> None:
        if "style" in self._open:
            self.css.append(data)
        elif not self._open:
            self.pieces.append(data)
            if self._link is not None:
                href, text = self.links[self._link]
                self.links[self._link] = (href, text + data)

    @property
    def text(self) -> str:
        return " ".join("".join(self.pieces).split())


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours ``rrggbb`` (WCAG 2.2, relative luminance), 1 … 21."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    channels = [int(colour[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
