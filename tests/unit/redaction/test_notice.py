"""Notices for the mailbox owner: header, banner, off."""

from __future__ import annotations

import html
from pathlib import Path

import pytest

from pansentry import mime
from pansentry.mime import charset
from pansentry.outcome import Receipt, Removed
from pansentry.redaction import add_notice, wording
from pansentry.redaction.withdraw import Why, withdraw

RECEIPT = Receipt(removed=(Removed("pan", "visa", "body:1", 1.0), Removed("cvv", None, "body:1", 1.0)))
RAW = (
    b"Subject: x\r\nContent-Type: multipart/alternative; boundary=b\r\n\r\n"
    b"--b\r\nContent-Type: text/plain; charset=iso-8859-7\r\n\r\n\xe3\xe5\xe9\xdc hello\r\n"
    b"--b\r\nContent-Type: text/html\r\n\r\n<html><body class=a>hello</body></html>\r\n--b--\r\n"
)


@pytest.mark.parametrize("notice", ["off", "none"])
def test_off_changes_nothing(notice: str) -> None:
    """Without a notice, or without anything removed, the same object comes back."""
    assert add_notice(RAW, RECEIPT, notice) is RAW
    assert add_notice(RAW, Receipt(), "banner") is RAW


def test_a_header_says_what_was_removed() -> None:
    """One field on top: kinds and counts, the letter, the reference code; the rest stays."""
    new = add_notice(RAW, RECEIPT, "header", letter_sent=True, reference="AB-12\r\nX: y")
    assert new.endswith(RAW)
    field = mime.read(new).root.fields[0]
    assert field.name == "x-pansentry"
    value = b" ".join(new[field.value : field.end].split())
    assert value == b"removed pan=1 cvv=1; letter=sent; reference=AB-12Xy"


def test_a_banner_stands_once_in_text_and_once_in_html() -> None:
    """Both branches say it in the language asked for; a part whose charset is too small becomes UTF-8."""
    message = mime.read(add_notice(RAW, RECEIPT, "banner", letter_sent=True, language="it"))
    text, page = message.root.children
    assert message.leaf(text).data.decode().startswith("[PanSentry ha rimosso")
    assert "Il mittente è stato" in message.leaf(text).data.decode()
    assert text.charset == "utf-8"
    shown = html.unescape(message.leaf(page).data.decode())
    assert shown.index("<body class=a><div") < shown.index("PanSentry ha rimosso") < shown.index("hello")
    assert message.ambiguities == ()


def test_an_unknown_language_is_english() -> None:
    """A banner in a language that the table lacks is in English."""
    assert b"removed payment card data" in add_notice(RAW, RECEIPT, "banner", language="xx")


SIGNED = (
    b"Subject: x\r\nContent-Type: multipart/signed; boundary=s\r\n\r\n"
    b"--s\r\nContent-Type: text/plain\r\n\r\nhello\r\n"
    b"--s\r\nContent-Type: application/pgp-signature\r\n\r\nx\r\n--s--\r\n"
)


def test_a_signed_part_that_was_not_edited_gets_no_banner() -> None:
    """A banner inside would break a signature that redaction left alone; one that is broken already is no reason."""
    assert add_notice(SIGNED, RECEIPT, "banner").endswith(SIGNED)
    edited = Receipt(removed=RECEIPT.removed, signed_part_edited=True)
    assert b"[PanSentry removed" in add_notice(SIGNED, edited, "banner")


def test_an_attached_message_gets_no_banner() -> None:
    """The banner speaks about this message, not in somebody else's that is attached to it."""
    raw = (
        b"Subject: x\r\nContent-Type: multipart/mixed; boundary=m\r\n\r\n"
        b"--m\r\nContent-Type: message/rfc822\r\n\r\nSubject: y\r\n\r\nold\r\n"
        b"--m\r\nContent-Type: text/plain\r\n\r\nnew\r\n--m--\r\n"
    )
    new = add_notice(raw, RECEIPT, "banner")
    assert new.count(b"[PanSentry removed") == 1
    assert new.index(b"old") < new.index(b"[PanSentry removed") < new.index(b"new\r\n--m--")


LANGUAGES = sorted(path.name for path in Path("replies/guidance").iterdir() if path.is_dir())


def test_notices_speak_every_language_of_the_letters() -> None:
    """A mailbox whose customers are answered in a language is itself told in that language."""
    assert sorted(wording.WORDINGS) == LANGUAGES
    assert len(LANGUAGES) >= 16


@pytest.mark.parametrize("language", LANGUAGES)
def test_sentences_differ_and_are_whole(language: str) -> None:
    """Every sentence of a language is there, ends as a sentence does, and is no copy of the English one."""
    words = wording.of(language)
    sentences = (words.removed, words.told, words.please_write, words.attachment, words.unread)
    assert len(set(sentences)) == 5
    assert all(text[-1] in ".。" for text in sentences)
    assert words.code[-1] in ":："
    assert "PanSentry" in words.removed
    if language != "en":
        english = wording.of("en")
        assert not {words.code, *sentences} & {english.removed, english.told, english.please_write, english.attachment,
                                               english.unread}  # fmt: skip


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_banner_is_readable_in_every_language(language: str) -> None:
    """In a text of another charset and in a page in ASCII the owner reads the sentences, then the old words."""
    new = add_notice(RAW, RECEIPT, "banner", letter_sent=True, code="4F7K2M", language=language)
    message = mime.read(new)
    text, page = message.root.children
    words = wording.of(language)
    expected = f"{words.removed} {words.told} {words.code} 4F7K2M"
    reading = charset.readings(message.leaf(text).data, text.charset)[0]
    shown = message.leaf(text).data.decode(reading)
    assert shown.startswith(f"[{expected}]\r\n\r\n")
    assert "\u03b3\u03b5\u03b9\u03ac hello" in shown
    source = message.leaf(page).data.decode("ascii")
    assert expected in html.unescape(source)
    assert f'lang="{language}"' in source
    assert ('dir="rtl"' in source) == (language in ("ar", "he"))
    assert message.ambiguities == ()


@pytest.mark.parametrize("tag", ["pt-BR", "PT", "pt_PT"])
def test_a_region_has_the_sentences_of_its_language(tag: str) -> None:
    """A tag with a region, in any case and with an underscore, is that language; ``pto`` is none."""
    assert wording.of(tag) is wording.WORDINGS["pt"]
    assert wording.of("pto") is wording.WORDINGS["en"]
    assert b'lang="en"' in add_notice(RAW, RECEIPT, "banner", language="pto")


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_stands_in_place_of_a_part_is_in_the_language(language: str) -> None:
    """A part that was taken out is replaced by a sentence in the language of the mailbox."""
    raw = b"Subject: x\r\nContent-Type: application/pdf\r\nContent-Transfer-Encoding: base64\r\n\r\nAAAA\r\n"
    for why, sentence in ((Why.CARD, wording.of(language).attachment), (Why.UNREAD, wording.of(language).unread)):
        message = mime.read(withdraw(raw, {"": why}, language))
        assert message.leaf(message.root).data.decode("utf-8") == sentence
        assert message.root.media_type == "text/plain"
