"""A letter for the post: one page of PDF with a reference code and the ways to pay, to be printed and sent.

In: letters, a language, a code. Out: the bytes of a PDF (ISO 32000-1), written by hand: one page of A4, Helvetica, text
in WinAnsi (Windows code page 1252), nothing embedded, no date, so that the same code gives the same bytes.

The words are those of the mailed letter, without the sentences that speak of an e-mail. Gap: the standard fonts of PDF
have no Greek, Japanese, Arabic, Hebrew, Turkish, Polish or Czech letters; these languages get the English letter.
"""

from __future__ import annotations

import re
import textwrap
from typing import TYPE_CHECKING

from pansentry.reply.letters import KEPT_DAYS, SAMPLES, Words

if TYPE_CHECKING:
    from pansentry.reply import Letters
    from pansentry.reply.blocks import Block

LETTER = "guidance"
_COLUMNS = 84
_SIZE, _LEADING, _LEFT, _TOP = 11, 16, 72, 740
_SENTENCE = re.compile(r"(?<=[.!?])\s+")


def post_letter(letters: Letters, language: str, code: str) -> bytes:
    """Return the PDF. A language whose letters the standard fonts lack, or that has none, is English."""
    wanted = language if language in letters.languages(LETTER) and _can_print(letters, language, code) else "en"
    return _pdf(_lines(letters, wanted, code))


def _lines(letters: Letters, language: str, code: str) -> list[str]:
    lines: list[str] = []
    for block in letters.blocks(LETTER, language, Words(SAMPLES[0].removed, reference=code)):
        lines += [*_printed(block), ""]
    return lines


def _printed(block: Block) -> list[str]:
    if block.kind == "items":
        return [f"-  {item.label}: {item.shown} {item.note}".strip() for item in block.items]
    if block.kind == "signature":
        return list(block.lines)
    text = block.lines[0]
    if str(KEPT_DAYS) in text:
        return []
    return textwrap.wrap(" ".join(part for part in _SENTENCE.split(text) if not _is_about_mail(part)), _COLUMNS)


def _is_about_mail(sentence: str) -> bool:
    """Tell whether a sentence speaks of an e-mail; the one on what we never ask for stays."""
    said = sentence.lower()
    return any(word in said for word in ("mail", "correo", "mejl")) and "chat" not in said


def _can_print(letters: Letters, language: str, code: str) -> bool:
    try:
        "".join(_lines(letters, language, code)).encode("cp1252")
    except UnicodeEncodeError:
        return False
    return True


def _pdf(lines: list[str]) -> bytes:
    shown = b"".join(b"(" + _escaped(line) + b") Tj T*\n" for line in lines)
    content = f"BT /F1 {_SIZE} Tf {_LEADING} TL {_LEFT} {_TOP} Td\n".encode() + shown + b"ET"
    objects = (
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R "
        b"/Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    )
    out, places = b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n", []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    size = len(objects) + 1
    xref = b"xref\n0 %d\n0000000000 65535 f \n%s" % (size, table)
    return out + xref + b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (size, len(out))


def _escaped(text: str) -> bytes:
    raw = text.encode("cp1252", "replace")
    return raw.replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)")
