"""Derived fields: set right what was computed from bytes that have changed.

Content-MD5 (RFC 1864) of an edited leaf, Content-Length and Lines of the message (of mbox and news) are computed anew
where they stand; nothing is added and nothing else is touched.
"""

from __future__ import annotations

import hashlib
import re
from base64 import b64encode
from typing import TYPE_CHECKING

from pansentry.edits import Edit, apply, merge
from pansentry.mime.parts import Message
from pansentry.mime.tree import read

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pansentry.limits import Limits

_SUSPECT = re.compile(rb"(?im)^(?:content-md5|content-length|lines)[ \t]*:")


def correct(message: Message, edits: Sequence[Edit[bytes]], raw: bytes, limits: Limits) -> bytes:
    """Return ``raw`` (= ``message.raw`` after ``edits``) with its derived fields set right."""
    if not edits or _SUSPECT.search(message.raw) is None:
        return raw
    corrected: list[Edit[bytes]] = []
    new = read(raw, limits)
    for part in new.walk():
        if part.source.parent is not None:
            continue
        if "md5" in part.content and part.is_leaf:
            digest = b64encode(hashlib.md5(new.leaf(part).data, usedforsecurity=False).digest())
            corrected.append(Edit(*part.content["md5"], b" " + digest))
    body = raw[new.root.body_start :]
    values = {"content-length": len(body), "lines": body.count(b"\n")}
    corrected += [Edit(one.value, one.end, b" %d" % values[one.name]) for one in new.root.fields if one.name in values]
    return apply(raw, merge(edit for edit in corrected if raw[edit.start : edit.end].strip() != edit.new.strip()))
