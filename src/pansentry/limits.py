"""Every limit that a message can run into, in one table.

A limit is a feature: it bounds time and memory for any input. Passing one is never "clean": the reader says
``Unreadable("limit:<name>")`` and the policy rules on it. Sources of the defaults: Postfix (``mail_params.h``),
amavisd (Debian's defaults) and the attack classes in RFC 7103; see ``docs/operations.md`` for the table.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds for reading one message. Sizes in bytes, times in seconds."""

    max_message_bytes: int = 50 * 1024 * 1024
    max_header_bytes: int = 400 * 1024
    max_header_fields: int = 3000
    max_parts: int = 1000
    max_depth: int = 30
    max_encoded_words: int = 5000
    max_decoded_bytes: int = 300 * 1024 * 1024
    max_view_characters: int = 64 * 1024 * 1024
    max_decoded_growth: int = 6
    """What is decoded from inside one text (base64, uuencode …, in all their readings), in lengths of the text."""
    max_view_growth: int = 12
    """All views together, in lengths of the message; ordinary mail has up to 8. Ambiguous letters have no other."""
    min_view_share: int = 512 * 1024
    """Characters that the views of a short message may have whatever its length."""
    max_findings: int = 2000
    """Counted over all views; a customer's mail has a handful, a file of stolen cards is not read to its end."""
    max_expansion_ratio: int = 100
    max_archive_members: int = 1000
    worker_deadline_s: float = 20.0
    worker_memory_bytes: int = 512 * 1024 * 1024


DEFAULT_LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class DocumentLimits:
    """Bounds for reading one document with everything inside it. Sizes in bytes, times in seconds.

    Inflated bytes are counted while they are inflated, over the whole document.
    """

    max_depth: int = 6
    """Documents inside documents; 42.zip has five levels below its first."""
    max_members: int = 5000
    max_total_bytes: int = 192 * 1024 * 1024
    max_expansion_ratio: int = 200
    """Looked at above ``ratio_from_bytes`` only: a small file of one letter is no bomb."""
    ratio_from_bytes: int = 16 * 1024 * 1024
    max_pages: int = 2000
    max_pixels: int = 100_000_000
    max_pictures: int = 60
    max_reading_ms: int = 24_000
    """What reading pictures may cost, in milliseconds of the processor that it was measured on; counted in pixels and
    in lengths of lines, not by a clock, so that the load of the machine changes nothing."""
    max_characters: int = 32 * 1024 * 1024
    """Of text, over all passages."""
    max_findings: int = 2000


DEFAULT_DOCUMENT_LIMITS = DocumentLimits()
