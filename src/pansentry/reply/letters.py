"""A folder of letters → :class:`Letters`, checked and tried out before the first customer sees one.

``replies/<letter>/<language>/{subject.txt,body.txt,body.html}`` and ``replies/layout.html``. ``body.txt`` holds the
words; the shipped ``body.html`` only extends the layout, which shows the same words, so text and HTML cannot drift
apart.

At load every template is checked (:mod:`.templates`), every letter is written once in every kind with this business's
facts, and the result goes through the linter (:mod:`.lint`). A missing phone number therefore fails here and not at a
customer.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pansentry.errors import ConfigurationError, Flaw
from pansentry.reply.blocks import Block, read_blocks, write_text
from pansentry.reply.channels import Way, ways
from pansentry.reply.kinds import ALWAYS, Kind

if TYPE_CHECKING:
    from pansentry.channels import Channels
    from pansentry.configuration import Business
    from pansentry.reply.templates import Render

FILES = ("subject.txt", "body.txt", "body.html")
RIGHT_TO_LEFT = frozenset({"ar", "he", "fa", "ur"})
LAYOUT = "layout.html"
MAX_FILE_BYTES = 100_000


KEPT_DAYS = 400
"""How long events and the note of a letter are kept; the letter says so, and housekeeping does it."""


@dataclass(frozen=True, slots=True)
class Words:
    """What one letter says, from the receipt: ``removed`` holds ``pan``, ``pans``, ``cvv``, ``expiry``, ``track``.

    ``ways`` are the ways to pay that this customer is offered; empty for all that the business has. ``reference`` is
    the code that both sides read aloud, ``""`` for none.
    """

    removed: tuple[str, ...]
    kind: Kind = Kind.FIRST
    customer_name: str = ""
    reference: str = ""
    ways: tuple[Way, ...] = ()

    @property
    def only_code_or_expiry(self) -> bool:
        return bool(self.removed) and not {"pan", "pans", "track"} & set(self.removed)


SAMPLES = (
    Words(("pan",), customer_name="Anna"),
    Words(("pans", "cvv", "expiry", "track"), reference="CFHJ-KMPR"),
    Words(("cvv", "expiry"), Kind.CODE, "Anna"),
    Words(("pan", "cvv"), Kind.AGAIN, "Anna", "CFHJ-KMPR"),
    Words((), Kind.ENQUIRY, "Anna", "CFHJ-KMPR"),
    Words((), Kind.UNREADABLE, "Anna"),
    Words((), Kind.HELD, "Anna"),
    Words(("pans", "cvv", "expiry"), Kind.HELD, "Anna", "CFHJ-KMPR"),
)
"""What every letter is tried out with at load; at least one for each kind."""


@dataclass(frozen=True, slots=True)
class Written:
    """A letter in one or two languages, not yet a message."""

    subject: str
    text: str
    html: str


@dataclass(frozen=True, slots=True)
class Template:
    """One letter in one language."""

    subject: Render = field(repr=False)
    body: Render = field(repr=False)
    html: Render = field(repr=False)
    kinds: frozenset[Kind] = ALWAYS
    """Kinds that it has words for."""


@dataclass(frozen=True)
class Letters:
    """All letters of an installation: ``templates`` by (letter, language). ``version`` is a digest of the files."""

    templates: Mapping[tuple[str, str], Template]
    business: Business
    version: str

    def names(self) -> tuple[str, ...]:
        return tuple(sorted({name for name, _ in self.templates}))

    def languages(self, name: str) -> tuple[str, ...]:
        """Return the languages that the letter ``name`` is written in and the business wants."""
        wanted = set(self.business.languages)
        return tuple(sorted(lang for n, lang in self.templates if n == name and (not wanted or lang in wanted)))

    def has(self, name: str, kind: Kind) -> bool:
        """Tell whether the letter ``name`` has words for ``kind`` in every language."""
        kinds = [template.kinds for (known, _), template in self.templates.items() if known == name]
        return bool(kinds) and all(kind in known for known in kinds)

    def blocks(self, name: str, language: str, words: Words) -> tuple[Block, ...]:
        """Return the text of the letter ``name`` as blocks."""
        return read_blocks(self.templates[name, language].body(_values(self.business, words, language)))

    def write(self, name: str, language: str, words: Words, second: str = "") -> Written:
        """Write the letter ``name``; with ``second``, the same below in that language.

        Raises :class:`ConfigurationError` if a template prints a fact that is not set (load has tried that out).
        """
        subjects, parts = [], []
        for lang in dict.fromkeys(filter(None, (language, second))):
            values = _values(self.business, words, lang)
            subjects.append(" ".join(self.templates[name, lang].subject(values).split()))
            parts.append((lang, self.blocks(name, lang, words)))
        subject = " / ".join(subjects)
        text = f"\n{'-' * 40}\n\n".join(write_text(blocks) for _, blocks in parts)
        shown = tuple(_Part(lang, direction(lang), blocks) for lang, blocks in parts)
        values = {**_values(self.business, words, language), "subject": subject, "letters": shown}
        return Written(subject, text, self.templates[name, language].html(values))


@dataclass(frozen=True, slots=True)
class _Part:
    language: str
    direction: str
    blocks: tuple[Block, ...]


def direction(language: str) -> str:
    """Return ``rtl`` or ``ltr``."""
    return "rtl" if language in RIGHT_TO_LEFT else "ltr"


def load_letters(
    folder: str | Path,
    business: Business | None,
    needed: Collection[str] = (),
    channels: Channels | None = None,
    *,
    linted: bool = True,
) -> Letters:
    """Read and try out all letters below ``folder``; ``needed`` are the names that policies send.

    ``channels`` are those of ``policies/channels.yaml``: letters may link where they lead, and are tried out with them.
    Without ``linted`` a letter that the linter would refuse is read all the same, to be shown.

    Raises :class:`ConfigurationError` with every flaw.
    """
    from pansentry.reply.lint import lint, score
    from pansentry.reply.offering import sample_ways, with_channels
    from pansentry.reply.templates import Folder

    root = Path(folder)
    if business is None:
        wrong = "Letters cannot be written without the facts of the business."
        fix = "Add `business:` with `name`, `phone` and `pay_page`, or write `reply: {letter: none}` in every policy."
        raise ConfigurationError(Flaw("pansentry.yaml", 0, 0, wrong, fix))
    business = with_channels(business, channels)
    samples = [*SAMPLES, *(replace(SAMPLES[0], ways=ways) for ways in sample_ways(business, channels))]
    files = _read(root)
    templates = Folder(str(root), files)
    flaws = [flaw for name in files for flaw in templates.check(name)]
    letters = sorted({tuple(name.split("/")[:2]) for name in files if name.count("/") == 2})
    flaws += [
        Flaw(f"{root}/{'/'.join(letter)}/{file}", 0, 0, "This file is missing.", "Copy a shipped one.")
        for letter in letters
        for file in FILES
        if "/".join((*letter, file)) not in files
    ]
    for name in sorted({name for name, _ in letters}):
        missing = sorted(set(business.languages) - {lang for known, lang in letters if known == name})
        if missing:
            wrong = f"`business.languages` names {', '.join(missing)}, but the letter `{name}` is not written in it."
            flaws.append(Flaw(f"{root}/{name}", 0, 0, wrong, "Add a folder for it, or take it out of the list."))
    for name in sorted(set(needed) - {name for name, _ in letters} if letters else ()):
        fix = f"Write one of: {', '.join(sorted({name for name, _ in letters}))}; or `none`."
        flaws.append(Flaw(str(root), 0, 0, f"A policy sends the letter `{name}`, which is not here.", fix))
    if not letters:
        fix = f"Write NAME/LANGUAGE/ with {', '.join(FILES)} there, or remove `replies:` for the shipped letters."
        flaws.append(Flaw(str(root), 0, 0, "There is no letter in this folder.", fix))
    if flaws:
        raise ConfigurationError(*flaws)
    version = hashlib.sha256("\0".join(f"{n}\0{files[n]}" for n in sorted(files)).encode()).hexdigest()[:8]
    compiled: dict[tuple[str, str], Template] = {}
    for name, language in letters:
        asked = templates.kinds_asked(f"{name}/{language}/body.txt")
        subject, body, html = (templates.compile(f"{name}/{language}/{file}") for file in FILES)
        kinds = ALWAYS | {kind for kind in Kind if kind in asked}
        compiled[name, language] = Template(subject, body, html, kinds)
    result = Letters(compiled, business, version)
    for name, language in letters:
        if business.languages and language not in business.languages:
            continue
        for words in samples:
            if words.kind not in compiled[name, language].kinds:
                continue
            try:
                written = result.write(name, language, words)
            except ConfigurationError as error:
                flaws += error.flaws
                continue
            for fault in score(lint(written, business, language, words)).faults if linted else ():
                file = f"{root}/{name}/{language}/{fault.file}"
                flaws.append(Flaw(file, 0, 0, f"[{fault.rule}] {fault.wrong}", fault.fix))
    if flaws:
        raise ConfigurationError(*dict.fromkeys(flaws))
    return result


def letter_names(folder: str | Path) -> frozenset[str]:
    """Return the names of the letters below ``folder``, whether they are good or not."""
    return frozenset(path.parents[1].name for path in Path(folder).glob("*/*/body.txt"))


def _read(root: Path) -> dict[str, str]:
    files: dict[str, str] = {}
    for path in sorted([*root.glob("*.html"), *root.glob("*/*/*.txt"), *root.glob("*/*/*.html")]):
        name = path.relative_to(root).as_posix()
        raw = path.read_bytes()
        if len(raw) > MAX_FILE_BYTES:
            raise ConfigurationError(Flaw(str(path), 0, 0, "The file is far too long for a letter.", "Shorten it."))
        try:
            files[name] = raw.decode("utf-8-sig").replace("\r\n", "\n")
        except UnicodeDecodeError:
            raise ConfigurationError(
                Flaw(str(path), 0, 0, "The file is not valid UTF-8 text.", "Save it in the encoding UTF-8.")
            ) from None
    return files


def _values(business: Business, words: Words, language: str) -> dict[str, Any]:
    """Return what templates see: plain mappings and values, unset facts left out."""
    facts = {
        "name": business.name,
        "phone": business.phone,
        "hours": business.hours,
        "pay_page": business.pay_page,
        "website": business.website,
        "authenticity_page": business.authenticity_page,
        "person": business.signature.person if business.signature else None,
    }
    return {
        "business": {name: value for name, value in facts.items() if value},
        "customer": {"name": words.customer_name} if words.customer_name else {},
        "removed": words.removed,
        "ways": tuple({"kind": w.kind, "value": w.value, "note": w.note} for w in words.ways or ways(business)),
        "kind": str(words.kind),
        "again": words.kind is Kind.AGAIN,
        "only_code_or_expiry": words.only_code_or_expiry,
        "reference": words.reference,
        "kept_days": KEPT_DAYS,
        "language": language,
        "direction": direction(language),
    }
