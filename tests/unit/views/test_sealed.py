"""Sealed content: encrypted data is named, and so is compressed data in which there is nothing to open."""

from __future__ import annotations

import pytest

from pansentry import mime
from pansentry.views import sealed

ENVELOPED = b"\x30\x80\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x03\xa0\x80"
COMPRESSED = b"\x30\x80\x06\x0b\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x01\x09\xa0\x80"
CONTENT = b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x01\xa0\x80\x24\x80\x04\x01x"


def _reason(label: bytes, content: bytes) -> str:
    message = mime.read(b"Content-Type: application/pkcs7-mime" + label + b"\r\n\r\n" + content)
    return sealed.reason(message.root, message.leaf(message.root).data)


@pytest.mark.parametrize("label", [b"", b"; smime-type=enveloped-data", b"; smime-type=signed-data"])
def test_encrypted_data_is_told_by_its_content(label: bytes) -> None:
    """What begins as enveloped data is encrypted, whatever its label says, unless that names another kind of CMS."""
    assert _reason(label, ENVELOPED) == "encrypted"


def test_compressed_data_that_cannot_be_opened_is_named() -> None:
    """Compressed data without a content is unreadable, never clean; with one it is a document."""
    assert _reason(b"", COMPRESSED) == "compressed"
    assert _reason(b"; smime-type=compressed-data", COMPRESSED + CONTENT) == ""
