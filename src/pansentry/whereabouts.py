"""Where a finding stands, in the words that a policy uses: ``header``, ``body``, ``attachment``, ``pdf`` …

In: the place of a view in a message, or the kind of a document with the place of a passage in it. Out: words for
``policy.facts.Sighting.where``; several, because a number in a picture in a PDF is in a picture, in a PDF, in a
document and in an attachment. No content.

Body is what a reader shows when the message is opened: its texts (RFC 2183 §2.1), also those of a message forwarded
inline. A part with ``Content-Disposition: attachment`` is an attachment, and so is every part that is no text; names of
attachments count with them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pansentry.redaction import path_of

if TYPE_CHECKING:
    from pansentry.mime import Message
    from pansentry.mime.parts import Part

_SHOWN = frozenset({"text/plain", "text/html", "text/enriched", "text/richtext"})
_PICTURES = frozenset(
    {"png", "jpg", "gif", "tiff", "bmp", "webp", "heic", "avif", "jp2", "ico", "wmf", "emf", "svg", "image"}
)
_ARCHIVES = frozenset({"zip", "gz", "bz2", "xz", "zstd", "7z", "rar", "tar", "cab"})
_KIND_OF_TYPE = {"text/csv": "csv", "text/html": "html", "text/rtf": "rtf", "application/rtf": "rtf"}


def in_message(place: str, message: Message) -> tuple[str, ...]:
    """Return the words for the place of a view."""
    if place.startswith("name:"):
        return ("attachment",)
    path = path_of(place)
    if "header:" in place:
        return ("header",)
    if not path:
        return ("body",)
    part, is_attached = _find(message.root, path)
    if part is None or not is_attached:
        return ("body",)
    kind = _KIND_OF_TYPE.get(part.media_type, "")
    return ("attachment", "document", kind) if kind else ("attachment",)


def in_document(kind: str, place: str) -> tuple[str, ...]:
    """Return the words for a passage of a document (``place``: ``document:zip/pdf:page 3``, ``picture`` …)."""
    words = ["attachment"]
    within = place.split(":")[1].split("/") if place.startswith("document:") else []
    for one in dict.fromkeys((kind, *within)):
        words += ["picture" if one in _PICTURES else "archive" if one in _ARCHIVES else "document", one]
    if "picture" in place:
        words.append("picture")
    return tuple(dict.fromkeys(words))


def _find(root: Part, path: str) -> tuple[Part | None, bool]:
    """Return the part at ``path``, and whether it or one that it lies in is an attachment."""
    is_attached = False
    part: Part | None = root
    while part is not None:
        here = part.path or "1"
        is_attached = is_attached or _is_attachment(part)
        if here == path and not (part.path == "" and part.children):
            return part, is_attached
        part = next((c for c in part.children if path == c.path or path.startswith(f"{c.path}.")), None)
    return None, is_attached


def _is_attachment(part: Part) -> bool:
    if part.children:
        return part.disposition == "attachment"
    return part.disposition == "attachment" or part.media_type not in _SHOWN
