"""Notices: what the mailbox owner is told in the message itself, and what stands in place of a part that was taken out.

In: a redacted message and a :class:`Receipt` (never a finding). Out: the message with

- ``header``: one ``X-PanSentry`` field on top: what was removed, whether a letter went out, the reference code;
- ``banner``: that field, and one sentence on top of the first text part and of the first HTML part;
- ``off`` or ``none``: the same bytes.

The sentences are in the table below, one row a language; an unknown language is English. A banner that does not fit
into the charset of a part makes that part UTF-8. Standards: RFC 5322 §2.1.1 (line length), RFC 2046 §5.1.4 (both
branches of an alternative say the same).
"""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING

from pansentry.edits import Edit, apply, merge
from pansentry.limits import DEFAULT_LIMITS, Limits
from pansentry.mime import charset
from pansentry.mime.source import Source, Text
from pansentry.mime.tree import Message, Part, read
from pansentry.redaction import rewrite
from pansentry.redaction.splice import sink

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pansentry.outcome import Receipt

FIELD = "X-PanSentry"
_KINDS = ("pan", "cvv", "expiry", "track")
_BODY = re.compile(r"<body\b[^<>]*>", re.IGNORECASE)
_SAFE = re.compile(r"[^A-Za-z0-9._-]")

_NOBODY_WAITS = frozenset(
    {"", "no-letter", "policy", "observe", "null-sender", "no-address", "own-letter", "auto-submitted", "list",
     "precedence", "robot-header", "report", "list-robot", "nobody-reads", "own-sender", "spam", "exempt",
     "quoted-only", "loop"}
)  # fmt: skip
"""Silence towards programs, ourselves and whom the policy leaves out: no customer waits for a word."""

# language: (what the owner is asked where a customer waits, words before the reference code)
_TO_OWNER = {
    "en": ("No letter was sent; please contact this customer yourself.", "Reference code:"),
    "de": ("Es ging kein Brief hinaus; bitte melden Sie sich selbst bei diesem Kunden.", "Referenzcode:"),
    "it": ("Nessuna lettera è stata inviata; contatti Lei stesso questo cliente.", "Codice di riferimento:"),
    "fr": ("Aucune lettre n’est partie ; merci de contacter ce client vous-même.", "Code de référence :"),
    "es": ("No se ha enviado ninguna carta; póngase en contacto con este cliente.", "Código de referencia:"),
}

# language: (banner, its second sentence if a letter was sent, notice in place of a part with card data, of one unread)
_SENTENCES = {
    "en": (
        "PanSentry removed payment card data from this message before it was delivered.",
        "The sender was told and was given a safe way to pay.",
        "An attachment was taken out of this message because it held payment card data.",
        "A part of this message was taken out because it could not be read.",
    ),
    "de": (
        "PanSentry hat vor der Zustellung Zahlungskartendaten aus dieser Nachricht entfernt.",
        "Der Absender wurde informiert und hat einen sicheren Zahlungsweg genannt bekommen.",
        "Ein Anhang wurde aus dieser Nachricht entfernt, weil er Zahlungskartendaten enthielt.",
        "Ein Teil dieser Nachricht wurde entfernt, weil er nicht gelesen werden konnte.",
    ),
    "it": (
        "PanSentry ha rimosso i dati di una carta di pagamento da questo messaggio prima della consegna.",
        "Il mittente è stato informato e ha ricevuto un modo sicuro per pagare.",
        "Un allegato è stato tolto da questo messaggio perché conteneva i dati di una carta di pagamento.",
        "Una parte di questo messaggio è stata tolta perché non è stato possibile leggerla.",
    ),
    "fr": (
        "PanSentry a retiré de ce message des données de carte de paiement avant sa remise.",
        "L’expéditeur en a été informé et a reçu un moyen de paiement sûr.",
        "Une pièce jointe a été retirée de ce message car elle contenait des données de carte de paiement.",
        "Une partie de ce message a été retirée car elle n’a pas pu être lue.",
    ),
    "es": (
        "PanSentry ha eliminado datos de una tarjeta de pago de este mensaje antes de entregarlo.",
        "Se ha informado al remitente y se le ha dado una forma segura de pagar.",
        "Se ha quitado un archivo adjunto de este mensaje porque contenía datos de una tarjeta de pago.",
        "Se ha quitado una parte de este mensaje porque no se pudo leer.",
    ),
}


def in_place_of_part(language: str) -> str:
    """Return the text that stands in place of a part that could not be edited."""
    return _sentences(language)[2]


def in_place_of_unread(language: str) -> str:
    """Return the text that stands in place of a part that nobody could read."""
    return _sentences(language)[3]


def add(
    raw: bytes,
    receipt: Receipt,
    notice: str = "header",
    *,
    letter_sent: bool = False,
    reference: str = "",
    code: str = "",
    silence: str = "",
    language: str = "en",
    limits: Limits = DEFAULT_LIMITS,
) -> bytes:
    """Return ``raw`` with the notice; the same object for ``off`` and where nothing was removed.

    ``code`` is the reference code that the letter names; ``silence`` says why there is no letter, and where a customer
    waits for one, the mailbox's owner is asked to write.
    """
    if notice in ("off", "none") or not receipt.removed:
        return raw
    message = read(raw, limits)
    root = message.root
    ending = b"\r\n" if raw.find(b"\r\n") >= 0 else b"\n"
    asks = not letter_sent and silence not in _NOBODY_WAITS
    items = _about_letter(letter_sent=letter_sent, code=code, silence=silence, asks=asks)
    field = _field(receipt, items, reference=reference).replace("\n", ending.decode())
    edits = [Edit(root.start, root.start, field.encode("ascii") + ending)]
    if notice == "banner":
        please_write, code_words = _TO_OWNER.get(language.lower()[:2], _TO_OWNER["en"])
        sentences = [*_sentences(language)[: 2 if letter_sent else 1], *([please_write] if asks else [])]
        if letter_sent and code:
            sentences.append(f"{code_words} {code}.")
        edits += _banner(message, " ".join(sentences), spare_signed=not receipt.signed_part_edited)
    return apply(raw, merge(edits))


def _sentences(language: str) -> tuple[str, str, str, str]:
    return _SENTENCES.get(language.lower()[:2], _SENTENCES["en"])


def _about_letter(*, letter_sent: bool, code: str, silence: str, asks: bool) -> list[str]:
    items = [f"letter={'sent' if letter_sent else 'none'}"]
    if letter_sent and code:
        items.append(f"code={_SAFE.sub('', code)[:16]}")
    if not letter_sent and silence:
        items.append(f"why={_SAFE.sub('', silence)[:40]}")
    return [*items, *(["please-contact-this-customer-yourself"] if asks else [])]


def _field(receipt: Receipt, about_letter: list[str], *, reference: str) -> str:
    removed = [f"{kind}={receipt.count(kind)}" for kind in _KINDS if receipt.count(kind)]
    items = [f"removed {' '.join(removed)}", *about_letter]
    if receipt.signed_part_edited:
        items.append("signed-part-edited")
    if reference:
        items.append(f"reference={_SAFE.sub('', reference)[:64]}")
    return f"{FIELD}: " + ";\n ".join(items)


def _banner(message: Message, sentence: str, *, spare_signed: bool) -> list[Edit[bytes]]:
    """Return edits of the raw message that put the sentence on top of the first text and the first HTML part.

    What is attached as a message is somebody else's letter; what is signed and was not edited keeps its signature.
    """
    done: set[str] = set()
    edits: list[Edit[bytes]] = []
    for part in _walk(message.root, spare_signed=spare_signed):
        if part.media_type not in ("text/plain", "text/html") or part.media_type in done:
            continue
        if part.disposition == "attachment":
            continue
        done.add(part.media_type)
        edits += _on_top(message, part, sentence)
    return edits


def _walk(part: Part, *, spare_signed: bool) -> Iterator[Part]:
    if part.media_type.startswith("message/") or (spare_signed and part.media_type == "multipart/signed"):
        return
    yield part
    for child in part.children:
        yield from _walk(child, spare_signed=spare_signed)


def _on_top(message: Message, part: Part, sentence: str) -> tuple[Edit[bytes], ...]:
    leaf = message.leaf(part)
    text = Text(leaf, charset.readings(leaf.data, part.charset)[0])
    line = "\r\n" if "\r\n" in text.text or b"\r\n" in message.raw else "\n"
    if part.media_type == "text/html":
        body = _BODY.search(text.text)
        place = body.end() if body else 0
        style = "border:1px solid #888;padding:8px;margin:0 0 12px;font:14px sans-serif"
        banner = f'<div style="{style}">{html.escape(sentence)}</div>{line}'
    else:
        place, banner = (1 if text.text.startswith("\ufeff") else 0), f"[{sentence}]{line}{line}"
    edits = text.raise_edits([Edit(place, place, banner)])
    pending: list[tuple[Source, Edit[bytes]]] = [(text, edit) for edit in edits]
    sunk = sink(pending)
    if sunk.refused and leaf.parent is not None:
        whole = rewrite.as_utf8(leaf, apply(text.data, edits))
        sunk = sink((leaf.parent, edit) for edit in whole)
    return sunk.edits
