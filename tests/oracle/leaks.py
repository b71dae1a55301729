"""What an eye sees in a text: does it hold the number, the code or the expiry date, in whatever form?

In: everything one reader shows of a message. Out: the kinds of card data that can be recovered from it. The matching is
blunt on purpose and shares nothing with the detector: fold compatibility characters and digits of all scripts, drop
what is invisible, join digits across up to eight separators, compare with the value that is looked for.

Known limits: a code is only looked for where it stands alone; a number of which fewer than 12 digits stand together
is not recovered.
"""

from __future__ import annotations

import contextlib
import gzip
import html
import io
import re
import unicodedata
import urllib.parse
import zipfile
from typing import TYPE_CHECKING

from selectolax.lexbor import LexborHTMLParser

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tests.golden.corpus import Secret

_INVISIBLE = {"Cf", "Mn", "Me", "Cc"}
_EAST_ASIAN = ("gb18030", "cp932", "euc_jp", "euc_kr", "big5", "koi8_r", "tis_620")
_MANY = 2_000_000


def texts_of(data: bytes) -> Iterator[str]:
    """Yield the texts that a viewer might make of bytes whose charset it was not told."""
    data = data[:_MANY]
    yield data.decode("latin-1")
    yield from _unpacked(data)
    if b"\0" in data:
        for codec in ("utf-16-le", "utf-16-be", "utf-32-le"):
            yield data.decode(codec, "replace")
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        yield data.decode("utf-16", "replace")
    if b"\x1b$" in data or b"\x1b(" in data:
        yield data.decode("iso2022_jp", "replace")
    try:
        yield data.decode("utf-8")
    except UnicodeDecodeError:
        for codec in _EAST_ASIAN:
            yield data.decode(codec, "replace")


def _unpacked(data: bytes) -> Iterator[str]:
    """Yield what is in a zip or gzip file: names and contents."""
    if data[:4] == b"PK\3\4":
        with contextlib.suppress(Exception), zipfile.ZipFile(io.BytesIO(data)) as archive:
            for member in archive.infolist()[:100]:
                yield member.filename
                with archive.open(member) as file:
                    yield file.read(_MANY).decode("latin-1")
    elif data[:3] == b"\x1f\x8b\x08":
        with contextlib.suppress(Exception):
            inner = gzip.GzipFile(fileobj=io.BytesIO(data)).read(_MANY)
            yield inner.decode("latin-1")


def as_page(text: str) -> Iterator[str]:
    """Yield what a browser shows of ``text`` if it is HTML: joined text, block text, attribute values."""
    if "<" not in text or ">" not in text:
        return
    tree = LexborHTMLParser(text)
    root = tree.root
    if root is None:
        return
    yield root.text(separator="")
    yield root.text(separator=" ")
    values = [value for node in root.traverse(include_text=False) for value in node.attributes.values() if value]
    yield "\n".join(values)
    yield urllib.parse.unquote("\n".join(values))
    for tag in ("style", "script", "[hidden]", "[style*='display:none']", "[style*='font-size:0']"):
        for node in tree.css(tag):
            node.decompose()
    if tree.root is not None:
        yield tree.root.text(separator="")


def _fold(text: str) -> str:
    folded = []
    for ch in unicodedata.normalize("NFKC", text) if not text.isascii() else text:
        if ch < "\x80" and (ch >= " " or ch in "\t\n\v\f\r"):
            folded.append(ch)
        elif unicodedata.category(ch) not in _INVISIBLE:
            digit = unicodedata.digit(ch, None)
            folded.append(str(digit) if digit is not None else ch)
    return "".join(folded)


def _windows(number: str, *, in_part: bool) -> set[str]:
    if not in_part:
        return {number, number[::-1]}
    cuts = {number[n : n + 12] for n in range(len(number) - 11)}
    return {number, number[:12], number[::-1]} | {cut for cut in cuts if len(set(cut)) > 2}


def recovered(texts: Iterable[str], secrets: Iterable[Secret], *, in_part: bool = True) -> set[str]:
    """Return the kinds of ``secrets`` that can be read in ``texts``; ``in_part`` counts 12 digits in a row too."""
    secrets = tuple(secrets)
    found: set[str] = set()
    for text in texts:
        if not any(ch.isdigit() or ch in "&%\ufe0f" for ch in text):
            continue
        for shown in (text, *as_page(text), html.unescape(text) if "&#" in text else ""):
            if not shown:
                continue
            folded = _fold(shown)
            joined = re.sub(r"(?<=[0-9])[\W_]{1,8}(?=[0-9])", "", folded)
            for secret in secrets:
                if secret.kind in found:
                    continue
                if secret.kind in ("pan", "track"):
                    hit = any(cut in joined for cut in _windows(secret.value, in_part=in_part))
                elif secret.kind == "cvv":
                    hit = re.search(rf"(?<![\w.,/+=-]){secret.value}(?![\w/+=-])", folded) is not None
                else:
                    month, _, year = secret.value.partition("/")
                    hit = (
                        re.search(rf"(?<![0-9./-])0?{int(month)}\s?[/.-]\s?(?:20)?{year}(?![0-9./-])", folded)
                        is not None
                    )
                if hit:
                    found.add(secret.kind)
    return found
