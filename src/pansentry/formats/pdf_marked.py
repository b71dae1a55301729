"""What stands beside the glyphs in the content of a PDF's page: texts in the properties of marked content.

In: a stream of content. Out: the strings in the dictionaries of BDC and DP (PDF 32000-1 §14.6.2: expansions of
abbreviations, alternative and actual texts, §14.9.3 to §14.9.5), which readers speak and programs extract, as
:class:`~pansentry.formats.pdf_objects.Words`; a cut writes the stream anew. Only streams that hold such a string are
taken apart.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from pansentry.formats.pdf_objects import Words, setter

if TYPE_CHECKING:
    from pansentry.edits import Edit

_TEXTS = ("/E", "/Alt", "/ActualText", "/T", "/Contents")
_MAY_HOLD = re.compile(rb"/(?:E|Alt|ActualText|T|Contents)[ \t\r\n\f\0]*[(<][^<]")
_OPERATORS = ("BDC", "DP")


class Marked:
    """The texts in the properties of one stream of content."""

    def __init__(self, stream: Any, instructions: list[Any], said: Words) -> None:
        self._stream = stream
        self._instructions = instructions
        self._said = said
        self.text = said.text

    def cut(self, edits: Sequence[Edit[str]]) -> None:
        """Write the stream with the texts cut."""
        import pikepdf

        self._said.cut(edits)
        self._stream.write(pikepdf.unparse_content_stream(self._instructions))

    def without_comments(self, edits: Sequence[Edit[str]]) -> None:
        """Write the stream without its comments: that takes all of them out, beside the cuts there were."""
        self.cut(())


def marked(stream: Any, content: bytes) -> Marked | None:
    """Return the texts of a stream of content, None if there is none with a digit."""
    import pikepdf

    if (b"BDC" not in content and b"DP" not in content) or _MAY_HOLD.search(content) is None:
        return None
    try:
        instructions = list(pikepdf.parse_content_stream(stream))
    except (pikepdf.PdfError, TypeError):
        return None  # what cannot be taken apart is searched as it stands, by the proof
    said = Words()
    for one in instructions:
        if str(one.operator) in _OPERATORS and len(one.operands) > 1:
            properties = one.operands[1]
            for key in _TEXTS if isinstance(properties, pikepdf.Dictionary) else ():
                if isinstance(properties.get(key), pikepdf.String):
                    said.add(str(properties[key]), setter(properties, key))
    return Marked(stream, instructions, said) if any(letter.isdigit() for letter in said.text) else None
