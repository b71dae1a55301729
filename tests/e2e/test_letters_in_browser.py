"""The letters in a real browser: every language, light and dark, on a narrow phone, measured as it is drawn."""

from __future__ import annotations

import html
import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
from tests.e2e.peers import need

from pansentry.configuration import Business
from pansentry.configuration.model import LANGUAGES, Signature
from pansentry.reply import load_letters
from pansentry.reply.letters import Words

REPLIES = Path(__file__).parents[2] / "replies"
PHONE_WIDTH = 360
MEASURE = """
function channels(colour) { return colour.match(/[0-9.]+/g).map(Number); }
function luminance(colour) {
  const [r, g, b] = channels(colour).slice(0, 3).map(c => c / 255)
    .map(c => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}
function background(element) {
  for (let e = element; e; e = e.parentElement) {
    const colour = getComputedStyle(e).backgroundColor;
    const parts = channels(colour);
    if (parts.length < 4 || parts[3] === 1) return colour;
  }
  return 'rgb(255, 255, 255)';
}
function measure(frame) {
  const page = frame.contentDocument, view = frame.contentWindow;
  const found = {width: page.documentElement.scrollWidth, direction: view.getComputedStyle(page.body).direction,
                 contrast: 99, font: 99, dark: luminance(background(page.body)) < 0.5, button: 0, words: 0};
  const walker = page.createTreeWalker(page.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    if (!walker.currentNode.data.trim()) continue;
    const element = walker.currentNode.parentElement, style = view.getComputedStyle(element);
    const one = luminance(style.color), other = luminance(background(element));
    found.contrast = Math.min(found.contrast, (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05));
    found.font = Math.min(found.font, parseFloat(style.fontSize));
    found.words += 1;
  }
  found.button = page.querySelector('a.button').getBoundingClientRect().height;
  return found;
}
window.onload = () => {
  const found = {};
  for (const frame of document.querySelectorAll('iframe')) found[frame.id] = measure(frame);
  document.body.textContent = 'MEASURED' + JSON.stringify(found) + 'END';
};
"""


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One page with every letter in a frame as wide as a narrow phone."""
    business = Business(
        name="Möbel Meier & Söhne",
        phone="+49 30 123456",
        hours="Mon-Fri 9-17",
        pay_page="https://pay.meier-and-sons-furniture.example/a-rather-long-path/to-the/order-page",
        website="https://meier-and-sons-furniture.example",
        authenticity_page="Payments by e-mail",
        signature=Signature(person="Marta"),
    )
    letters = load_letters(REPLIES, business)
    words = Words(("pans", "cvv", "expiry"), customer_name="Anna-Maria Bergström")
    frames = "".join(
        f'<iframe id="{language}" width="{PHONE_WIDTH}" height="1400" style="border:0" '
        f'srcdoc="{html.escape(letters.write("guidance", language, words, second).html)}"></iframe>'
        for language, second in [*((one, "") for one in LANGUAGES if one != "he"), ("he", "en")]
    )
    path = tmp_path_factory.mktemp("letters") / "letters.html"
    path.write_text(f'<!DOCTYPE html><meta charset="utf-8"><body>{frames}<script>{MEASURE}</script>', encoding="utf-8")
    return path


def look(page: Path, *, dark: bool) -> dict[str, dict[str, Any]]:
    """Return what Chromium measures."""
    chromium = need("chromium", "chromium", "chromium-browser")
    arguments = [
        chromium,
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        f"--user-data-dir={page.parent / ('dark' if dark else 'light')}",
        f"--blink-settings=preferredColorScheme={0 if dark else 1}",
        "--virtual-time-budget=5000",
        "--dump-dom",
        page.as_uri(),
    ]
    shown = subprocess.run(arguments, capture_output=True, text=True, timeout=120, check=True).stdout
    found = re.search(r"MEASURED(\{.*\})END", shown)
    assert found, shown[:500]
    measured: dict[str, dict[str, Any]] = json.loads(html.unescape(found[1]))
    return measured


@pytest.mark.peers
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_every_letter_is_easy_to_read_on_a_phone(page: Path, dark: bool) -> None:
    """No sideways scrolling at 360 px, 16 px and more, 4.5:1 and more, the right direction, a button for thumbs."""
    measured = look(page, dark=dark)
    assert set(measured) == set(LANGUAGES)
    for language, found in measured.items():
        assert found["width"] <= PHONE_WIDTH, (language, found)
        assert found["font"] >= 16, (language, found)
        assert found["contrast"] >= 4.5, (language, found)
        assert found["dark"] is dark, (language, found)
        assert found["button"] >= 44, (language, found)
        assert found["words"] >= 10, (language, found)
        assert found["direction"] == ("rtl" if language in {"ar", "he"} else "ltr"), (language, found)
