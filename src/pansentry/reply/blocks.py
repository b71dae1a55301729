"""The text of a letter as blocks, so that text and HTML are the same words by construction.

In: a rendered ``body.txt``. Out: blocks, and from them the wrapped plain text. The conventions of the text are few:
an empty line ends a paragraph; ``- label: value`` is an item (a way to pay); the last block is the signature and
keeps its lines. An item whose value is a URL or a phone number carries the target of its link.
"""

from __future__ import annotations

import re
import textwrap
import unicodedata
from dataclasses import dataclass

WIDTH = 76
_ITEM = re.compile(r"- ([^:：\n]{1,120})[:：] ?(\S.*)")
_PIECE = re.compile(r"[!-~]+|[^!-~]")
_NOT_FIRST = frozenset("、。，．：；？！」』）〕】ー々っゃゅょッャュョ")
"""Characters that do not begin a line (JIS X 4051)."""
_PHONE = re.compile(r"\+?[0-9][0-9 ()/.\-]{2,40}[0-9]")


@dataclass(frozen=True, slots=True)
class Item:
    """One way to pay: ``label``, what is ``shown``, a ``note`` behind it, and ``href`` (``""`` for none)."""

    label: str
    shown: str
    note: str = ""
    href: str = ""
    is_button: bool = False


@dataclass(frozen=True, slots=True)
class Block:
    """``kind`` is ``paragraph`` (one line), ``items`` or ``signature`` (lines)."""

    kind: str
    lines: tuple[str, ...] = ()
    items: tuple[Item, ...] = ()


def read_blocks(text: str) -> tuple[Block, ...]:
    """Return the blocks of a letter."""
    chunks = [
        [line.strip(" \t") for line in chunk.split("\n") if line.strip()]
        for chunk in re.split(r"\n[ \t]*\n", text.strip())
    ]
    chunks = [chunk for chunk in chunks if chunk]
    blocks: list[Block] = []
    for i, chunk in enumerate(chunks):
        if all(line.startswith("- ") for line in chunk):
            items = tuple(_item(line, first=j == 0) for j, line in enumerate(chunk))
            if blocks and blocks[-1].kind == "items":
                items = (*blocks.pop().items, *(_item(line, first=False) for line in chunk))
            blocks.append(Block("items", items=items))
        elif i == len(chunks) - 1:
            blocks.append(Block("signature", tuple(chunk)))
        else:
            blocks.append(Block("paragraph", (_joined(chunk),)))
    return tuple(blocks)


def write_text(blocks: tuple[Block, ...]) -> str:
    """Return the blocks as plain text, wrapped at :data:`WIDTH` columns; URLs are never broken."""
    written: list[str] = []
    for block in blocks:
        match block.kind:
            case "items":
                written.append("\n".join(_as_line(item) for item in block.items))
            case "signature":
                written.append("\n".join(block.lines))
            case _:
                written.append(_fill(block.lines[0]))
    return "\n\n".join(written) + "\n"


def _as_line(item: Item) -> str:
    """Return an item as a line; one without a link is a sentence and wrapped."""
    line = f"- {item.label}: {item.shown}{' ' + item.note if item.note else ''}" if item.shown else f"- {item.label}"
    return line if item.href else _fill(line, "  ")


def _fill(text: str, indent: str = "") -> str:
    """Wrap a paragraph; where no blanks stand between words (CJK), between characters, two columns wide each."""
    if not any(_is_wide(c) for c in text):
        return textwrap.fill(text, WIDTH, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)
    lines, line, width = [], "", 0
    for piece in _PIECE.findall(text):
        columns = sum(1 + _is_wide(c) for c in piece)
        if width + columns > WIDTH and piece not in _NOT_FIRST:
            lines.append(line.rstrip(" "))
            line, width = indent, len(indent)
        line += piece
        width += columns
    return "\n".join((*lines, line))


def _is_wide(character: str) -> bool:
    return character > "\u2e7f" and unicodedata.east_asian_width(character) in "WF"


def telephone_link(phone: str) -> str:
    """Return the ``tel:`` URI of a phone number as printed (RFC 3966)."""
    return "tel:" + "".join(c for c in phone if c.isdigit() or c == "+")


def _joined(lines: list[str]) -> str:
    """Join lines by a blank, but not behind a character of a script that writes none (CJK)."""
    text = lines[0]
    for line in lines[1:]:
        text += line if "\u3000" <= text[-1] <= "\uffef" else f" {line}"
    return text


def _item(line: str, *, first: bool) -> Item:
    found = _ITEM.fullmatch(line)
    if found is None:
        return Item(line.removeprefix("- "), "")
    label, value = found[1].strip(" \t"), found[2].strip()  # French puts a no-break space before the colon
    shown, _, note = value.partition(" ")
    if value.startswith("https://"):
        return Item(label, shown, note.strip(), shown, first)
    if phone := _PHONE.match(value):
        return Item(label, phone[0], value[phone.end() :].strip(), telephone_link(phone[0]))
    return Item(label, value)
