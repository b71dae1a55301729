"""Does a letter look like phishing, or is it hard to read? A table of rules, each with its reason.

In: a written letter (subject, text, HTML), the business, the language, what it was to say. Out: faults; :func:`score`
counts them against the rules. Used when letters are loaded, so that no letter that fails is ever sent.

What is judged: links (where they go, what they show), what is asked for, tone, truth, length, the authenticity line,
the phone number, equality of text and HTML, and the rules for HTML in mail (contrast WCAG 2.2 1.4.3, size, language,
dark mode, phones). Unknown names and whatever leaves the sandbox are refused before that, by :mod:`.templates`. Gaps:
tone is judged by word lists in the languages that have one; contrast only where one style names both colours (a browser
measures the shipped letters as they are drawn).
"""

from __future__ import annotations

import html as entities
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit

from pansentry.reply import lint_words
from pansentry.reply.blocks import telephone_link
from pansentry.reply.channels import Way, ways
from pansentry.reply.kinds import Kind
from pansentry.reply.lint_page import Page, contrast

if TYPE_CHECKING:
    from pansentry.configuration import Business
    from pansentry.reply.letters import Words, Written

MAX_WORDS = 185
"""Words of the text without the facts of the business (links, numbers, hours, names); with a reference code and the
longest list of what was removed. Without these two a shipped letter has 100 to 155."""
MAX_CHARACTERS = {"ja": 560}
"""For languages that do not put spaces between words."""
MAX_SENTENCE_WORDS = 30
MAX_HTML_BYTES = 100_000
MIN_FONT_PX = 16
MIN_CONTRAST = 4.5

_URL = re.compile(r"\b[a-z][a-z0-9+.-]{1,20}://[^\s<>\"']+", re.IGNORECASE)
_DOMAIN_LIKE = re.compile(
    r"(?:https?://)?([a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){0,4}\.[a-z]{2,12})(?:/\S*)?", re.IGNORECASE
)
_STYLE = re.compile(r"([^{}]*)\{([^{}]*)\}")
_COLOUR = re.compile(r"(?<![a-z-])(color|background-color|background)\s*:\s*#([0-9a-f]{6})\b", re.IGNORECASE)
_FONT = re.compile(r"font-size\s*:\s*([0-9.]{1,6})(px|pt|em|rem|%)", re.IGNORECASE)
_HIDDEN = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*0|opacity\s*:\s*0(?![.\d])", re.IGNORECASE
)
_ACTIVE = frozenset(
    {"script", "iframe", "object", "embed", "form", "input", "button", "select", "textarea", "svg", "video"}
)
_LONG_DIGITS = re.compile(r"(?<![0-9])(?:[0-9][ .-]?){12,}(?![0-9])")
_SENTENCE = re.compile(r"[.!?。！？:：]\s|\n\n")


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong; ``file`` is the template to look at."""

    rule: str
    wrong: str
    fix: str
    file: str = "body.txt"


@dataclass(frozen=True, slots=True)
class Score:
    """``points`` of ``best``: one for each rule without a fault."""

    points: int
    best: int
    faults: tuple[Fault, ...]


@dataclass(frozen=True, slots=True)
class _Case:
    letter: Written
    page: Page
    business: Business
    language: str
    kind: Kind
    ways: tuple[Way, ...]

    @property
    def text(self) -> str:
        return self.letter.text

    def says(self, table: Mapping[str, tuple[str, ...]], text: str) -> str:
        """Return the first phrase of the language's list that the letter says, at the beginning of a word."""
        said = f"{self.letter.subject}\n{text}".casefold()
        start = "" if self.language in MAX_CHARACTERS else r"(?<!\w)"
        return next((w for w in table.get(self.language, ()) if re.search(start + re.escape(w.casefold()), said)), "")

    def urls(self) -> list[str]:
        found = [url.rstrip(".,;)") for url in _URL.findall(self.text)]
        return [*dict.fromkeys((*found, *(href for href, _ in self.page.links)))]

    def allowed_hosts(self) -> frozenset[str]:
        return frozenset(hosts_of(self.business))

    @property
    def css(self) -> str:
        return "".join(self.page.css)


Check = Callable[[_Case], Iterator[tuple[str, str, str]]]


def lint(letter: Written, business: Business, language: str, words: Words | None = None) -> tuple[Fault, ...]:
    """Return every fault of a written letter; ``words`` is what it was written from (None: a first letter)."""
    page = Page()
    page.feed(letter.html)
    page.close()
    kind = words.kind if words is not None else Kind.FIRST
    offered = (words.ways if words is not None else ()) or ways(business)
    case = _Case(letter, page, business, language, kind, offered)
    return tuple(Fault(rule, wrong, fix, file) for rule, check in RULES.items() for wrong, fix, file in check(case))


def hosts_of(business: Business) -> tuple[str, ...]:
    """Return the hosts and domains that letters may link to."""
    urls = (business.website or "", business.pay_page or "")
    return tuple(dict.fromkeys((*(host for host in map(_host, urls) if host), *business.link_domains)))


def score(faults: tuple[Fault, ...]) -> Score:
    """Return how many rules a letter keeps."""
    return Score(len(RULES) - len({fault.rule for fault in faults}), len(RULES), faults)


def _host(url: str) -> str:
    try:
        return (urlsplit(url).hostname or "").lower()
    except ValueError:
        return ""


def _link_text(case: _Case) -> Iterator[tuple[str, str, str]]:
    for href, text in case.page.links:
        shown = _DOMAIN_LIKE.fullmatch(text.strip().rstrip("."))
        if shown and shown[1].lower() != _host(href):
            yield f"A link shows {shown[1]} but leads elsewhere.", "Show the address that it leads to.", "body.html"


def _link_target_shown(case: _Case) -> Iterator[tuple[str, str, str]]:
    for href, _ in case.page.links:
        if href.startswith("https:") and href not in case.page.text:
            yield "A link's address is not shown.", "Write the address out below the button.", "body.html"


def _link_domain(case: _Case) -> Iterator[tuple[str, str, str]]:
    allowed = case.allowed_hosts()
    for url in case.urls():
        host = _host(url)
        if host and not any(host == a or host.endswith("." + a) for a in allowed):
            yield (
                f"A link leads to {host}, which is neither your website nor a named payment provider.",
                "Use your own domain, or add it to `link_domains` under `business:`.",
                "body.txt",
            )


def _shortener(case: _Case) -> Iterator[tuple[str, str, str]]:
    for url in case.urls():
        if _host(url).removeprefix("www.") in lint_words.SHORTENERS:
            yield f"{_host(url)} hides where a link leads.", "Write the full address.", "body.txt"


def _tracking(case: _Case) -> Iterator[tuple[str, str, str]]:
    for url in case.urls():
        try:
            names = {name.lower() for name, _ in parse_qsl(urlsplit(url).query, keep_blank_values=True)}
        except ValueError:
            continue
        if not names.isdisjoint(lint_words.TRACKING):
            yield "A link follows who opens it.", "Remove the tracking parameters.", "body.txt"


def _scheme(case: _Case) -> Iterator[tuple[str, str, str]]:
    for url in case.urls():
        scheme = url.partition(":")[0].lower()
        if scheme not in {"https", "tel", "mailto"}:
            yield f"A link starts with {scheme or 'nothing'}.", "Use https.", "body.txt"


def _userinfo(case: _Case) -> Iterator[tuple[str, str, str]]:
    for url in case.urls():
        try:
            odd = "@" in urlsplit(url).netloc or "xn--" in _host(url) or not _host(url).isascii()
        except ValueError:
            odd = True
        if url.startswith("http") and odd:
            yield "A link's address can be mistaken for another.", "Use a plain host name.", "body.txt"


def _telephone(case: _Case) -> Iterator[tuple[str, str, str]]:
    phone = case.business.phone
    if not phone:
        yield "There is no phone number.", 'Set `phone: "…"` under `business:` in pansentry.yaml.', "body.txt"
        return
    if phone not in case.text or phone not in case.page.text:
        yield "The phone number is not in the letter.", "Offer the phone in text and HTML.", "body.txt"
    digits = "".join(c for c in phone if c.isdigit() or c == "+")
    dialled = [href for href, _ in case.page.links if href.startswith("tel:")]
    known = {f"tel:{digits}", *(telephone_link(way.value) for way in case.ways if way.kind in {"sms", "whatsapp"})}
    if not known.issuperset(dialled):
        yield "A phone link dials another number.", "Let it dial the business's number.", "body.html"
    elif f"tel:{digits}" not in dialled:
        yield "The phone number cannot be tapped.", "Let body.html extend layout.html.", "body.html"


def _two_ways(case: _Case) -> Iterator[tuple[str, str, str]]:
    offered = [way for way in case.ways if way.value in case.text]
    if len(offered) < 2:
        fix = "Set two of `pay_page`, `phone` and `website` under `business:`, and name them in `channels`."
        yield "The letter offers fewer than two ways to pay.", fix, "body.txt"


def _authenticity(case: _Case) -> Iterator[tuple[str, str, str]]:
    words = lint_words.NEVER.get(case.language)
    if words and not any(word in f"{case.text.casefold()} " for word in words):
        yield (
            "The letter does not say what we never ask for.",
            "Keep the sentence that begins “We never ask”.",
            "body.txt",
        )
    page = case.business.authenticity_page
    if case.business.website and page and "".join(page.split()) not in "".join(case.text.split()):
        fix = "Name the page: {{ business.authenticity_page }}."
        yield "The letter does not say how to check that it is genuine.", fix, "body.txt"


def _business_name(case: _Case) -> Iterator[tuple[str, str, str]]:
    if case.business.name not in case.text:
        yield "Nobody signs the letter.", "End it with {{ business.name }}.", "body.txt"


def _phrases(table: Mapping[str, tuple[str, ...]], wrong: str, fix: str) -> Check:
    def check(case: _Case) -> Iterator[tuple[str, str, str]]:
        if word := case.says(table, case.text) or case.says(table, case.page.text):
            yield wrong.format(word=word), fix, "body.txt"

    return check


def _shouting(case: _Case) -> Iterator[tuple[str, str, str]]:
    said = f"{case.letter.subject}\n{case.text}"
    loud = [w for w in re.findall(r"[^\W\d_]{5,}", said) if w.isupper() and w not in case.business.name]
    if "!" in said or "！" in said or len(loud) > 1:
        yield "The letter shouts.", "Leave out exclamation marks and words in capitals.", "body.txt"


def _subject(case: _Case) -> Iterator[tuple[str, str, str]]:
    subject = case.letter.subject
    if not 5 <= len(subject) <= 120 or re.match(r"(?i)(re|fwd?|aw|wg)\s*:", subject):
        yield "The subject is empty, long, or looks like an answer.", "Write a short subject of its own.", "subject.txt"
    if any(c.isdigit() for c in subject):
        yield "The subject holds digits.", "Leave numbers out of the subject.", "subject.txt"


def _wording(case: _Case) -> str:
    """Return the text without the facts of the business."""
    business, text = case.business, case.text
    facts = [way.value for way in case.ways] + [f"({way.note})" for way in case.ways]
    facts += [business.authenticity_page, business.name, business.signature.person if business.signature else ""]
    for fact in sorted(filter(None, facts), key=len, reverse=True):
        text = text.replace(fact, " ")
    return _URL.sub(" ", text)


def _length(case: _Case) -> Iterator[tuple[str, str, str]]:
    wording = _wording(case).split()
    words = sum(any(c.isalnum() for c in word) for word in wording)
    cap = MAX_CHARACTERS.get(case.language)
    if cap is None and words > MAX_WORDS:
        yield f"The letter has {words} words.", f"Shorten it to fewer than {MAX_WORDS}.", "body.txt"
    if cap is not None and len("".join(wording)) > cap:
        yield "The letter is long.", f"Shorten it to {cap} characters.", "body.txt"
    sentences = [len(s.split()) for s in _SENTENCE.split(case.text)]
    if max(sentences, default=0) > MAX_SENTENCE_WORDS:
        yield f"A sentence has {max(sentences)} words.", f"Split it; {MAX_SENTENCE_WORDS} are enough.", "body.txt"


def _digits(case: _Case) -> Iterator[tuple[str, str, str]]:
    text = case.text
    for known in (case.business.phone or "", *(way.value for way in case.ways)):
        text = text.replace(known, "") if known else text
    if _LONG_DIGITS.search(_URL.sub("", text)):
        yield "The letter holds a long number.", "Show no digits but the phone number.", "body.txt"


def _tokens(text: str, language: str) -> list[str]:
    """Return the words of a text; characters where words are not apart, so that a line may end anywhere."""
    return re.findall(r"\w" if language in MAX_CHARACTERS else r"\w+", entities.unescape(text).casefold())


def _equal(case: _Case) -> Iterator[tuple[str, str, str]]:
    text, shown = _tokens(case.text, case.language), _tokens(case.page.text, case.language)
    if text != shown:
        one, other = Counter(text), Counter(shown)
        differing = ", ".join(sorted((one - other) + (other - one))[:5]) or "the order of words"
        yield f"Text and HTML do not say the same: {differing}.", "Let body.html extend layout.html.", "body.html"


def _truth(case: _Case) -> Iterator[tuple[str, str, str]]:
    if case.kind is Kind.HELD and (word := case.says(lint_words.ARRIVED, case.text)):
        fix = 'Say that it is waiting, inside {% if kind == "held" %}.'
        yield f"“{word}” is said of a message that has not been delivered.", fix, "body.txt"


def _attachments(case: _Case) -> Iterator[tuple[str, str, str]]:
    for tag, attributes in case.page.tags:
        values = " ".join(attributes.values()).lower()
        if "download" in attributes or "cid:" in values or (tag != "a" and "data:" in values):
            yield f"<{tag}> brings a file along.", "Letters have no attachments; use text and links.", "body.html"
    if word := case.says(lint_words.ATTACHED, case.text):
        yield f"“{word}” speaks of an attachment.", "Leave it out; letters have none.", "body.txt"


def _active(case: _Case) -> Iterator[tuple[str, str, str]]:
    for tag, attributes in case.page.tags:
        if tag in _ACTIVE or any(name.startswith("on") for name in attributes):
            yield f"<{tag}> does not belong into a letter.", "Use text and links only.", "body.html"


def _images(case: _Case) -> Iterator[tuple[str, str, str]]:
    for tag, attributes in case.page.tags:
        if tag == "img" or (tag == "link" and "href" in attributes) or "background" in attributes:
            yield "The letter loads something from elsewhere.", "Use no images; the words must do.", "body.html"
    if re.search(r"url\s*\(|@import", case.css + case.letter.html, re.IGNORECASE):
        yield "A style loads something from elsewhere.", "Use plain colours and system fonts.", "body.html"


def _hidden(case: _Case) -> Iterator[tuple[str, str, str]]:
    if _HIDDEN.search(case.letter.html) or any("hidden" in attributes for _, attributes in case.page.tags):
        yield "The letter hides something.", "Show everything that it says.", "body.html"


def _language(case: _Case) -> Iterator[tuple[str, str, str]]:
    root = next((attributes for tag, attributes in case.page.tags if tag == "html"), {})
    rtl = case.language in {"ar", "he", "fa", "ur"}
    if root.get("lang") != case.language or root.get("dir", "ltr") != ("rtl" if rtl else "ltr"):
        yield "The HTML does not name its language and direction.", '<html lang="…" dir="…">', "body.html"


def _schemes(case: _Case) -> Iterator[tuple[str, str, str]]:
    names = {attributes.get("name") for tag, attributes in case.page.tags if tag == "meta"}
    if not {"color-scheme", "supported-color-schemes"} <= names:
        yield (
            "The HTML does not say that it can be dark.",
            "Keep the two color-scheme lines of the layout.",
            "body.html",
        )
    if not re.search(r"@media[^{]*prefers-color-scheme\s*:\s*dark", case.css):
        yield "The HTML has no dark colours.", "Keep the layout's `@media (prefers-color-scheme: dark)`.", "body.html"


def _phones(case: _Case) -> Iterator[tuple[str, str, str]]:
    viewport = any(tag == "meta" and a.get("name") == "viewport" for tag, a in case.page.tags)
    if not viewport or not re.search(r"@media[^{]*max-width", case.css):
        yield "The HTML does not fit a phone.", "Keep the viewport line and `@media (max-width: …)`.", "body.html"


def _structure(case: _Case) -> Iterator[tuple[str, str, str]]:
    article = any(a.get("role") == "article" and a.get("aria-label") for _, a in case.page.tags)
    tables = all(a.get("role") == "presentation" for tag, a in case.page.tags if tag == "table")
    if not article or not tables:
        yield "Screen readers cannot follow the HTML.", 'Keep role="article" and role="presentation".', "body.html"


def _fonts(case: _Case) -> Iterator[tuple[str, str, str]]:
    factor = {"px": 1.0, "pt": 4 / 3, "em": 16.0, "rem": 16.0, "%": 0.16}
    sizes = [float(size) * factor[unit.lower()] for size, unit in _FONT.findall(case.letter.html)]
    if not sizes or min(sizes) < MIN_FONT_PX:
        yield "Some of the text is small.", f"Use at least {MIN_FONT_PX} px.", "body.html"


def _contrast(case: _Case) -> Iterator[tuple[str, str, str]]:
    styles = [a["style"] for _, a in case.page.tags if "style" in a]
    styles += [body for _, body in _STYLE.findall(case.css)]
    for style in styles:
        colours = {name.lower().removesuffix("-color"): value for name, value in _COLOUR.findall(style)}
        if {"color", "background"} <= set(colours):
            found = contrast(colours["color"], colours["background"])
            if found < MIN_CONTRAST:
                wrong = f"Text of #{colours['color']} on #{colours['background']} has a contrast of {found:.1f}."
                yield wrong, f"Use at least {MIN_CONTRAST}.", "body.html"


def _size(case: _Case) -> Iterator[tuple[str, str, str]]:
    if len(case.letter.html.encode("utf-8", "replace")) > MAX_HTML_BYTES:
        yield "The HTML is too large; some mailboxes would cut it off.", "Simplify it.", "body.html"


RULES: dict[str, Check] = {
    "link-text": _link_text,
    "link-shown": _link_target_shown,
    "link-domain": _link_domain,
    "shortener": _shortener,
    "tracking": _tracking,
    "scheme": _scheme,
    "look-alike": _userinfo,
    "phone": _telephone,
    "two-ways": _two_ways,
    "authenticity": _authenticity,
    "signature": _business_name,
    "urgency": _phrases(lint_words.URGENCY, "“{word}” hurries people, as phishing does.", "Leave it out."),
    "blame": _phrases(lint_words.BLAME, "“{word}” blames the customer.", "Thank them instead."),
    "greeting": _phrases(lint_words.IMPERSONAL, "“{word}” is how phishing greets.", "Greet by name, or just “Hello”."),
    "card-request": _phrases(
        lint_words.CARD_REQUESTS, "“{word}” asks for card data.", "Offer the phone or the pay page."
    ),
    "shouting": _shouting,
    "subject": _subject,
    "length": _length,
    "digits": _digits,
    "same-words": _equal,
    "truth": _truth,
    "attachment": _attachments,
    "active-content": _active,
    "remote-content": _images,
    "hidden": _hidden,
    "language": _language,
    "dark-mode": _schemes,
    "phones": _phones,
    "structure": _structure,
    "font-size": _fonts,
    "contrast": _contrast,
    "size": _size,
}
"""Every rule by its stable code."""
