"""Words the linter knows, per language: urgency, blame, impersonal greetings, and the sentence that proves a letter.

Each entry is a plain substring, compared without case. Urgency and blame are what phishing is made of; a genuine letter
needs neither (facts on wording: card rules part, section 3). A language missing from a table is not judged by it.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

URGENCY: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "en": ("urgent", "immediately", "within 24", "act now", "right away", "final notice", "last chance",
               "expires soon", "as soon as possible", "asap", "suspended", "without delay"),
        "de": ("dringend", "sofort", "umgehend", "unverzüglich", "innerhalb von 24", "letzte mahnung", "gesperrt"),
        "it": ("urgente", "immediatamente", "subito", "entro 24", "ultimo avviso", "sospeso", "bloccato"),
        "fr": ("urgent", "immédiatement", "sans délai", "sous 24", "dernier avis", "suspendu", "bloqué"),
        "es": ("urgente", "inmediatamente", "de inmediato", "en 24", "último aviso", "suspendid", "bloquead"),
        "pt": ("urgente", "imediatamente", "de imediato", "em 24", "último aviso", "suspens", "bloquead"),
        "nl": ("dringend", "onmiddellijk", "direct actie", "binnen 24", "laatste waarschuwing", "geblokkeerd"),
        "pl": ("pilne", "natychmiast", "niezwłocznie", "w ciągu 24", "ostatnie wezwanie", "zablokowan"),
        "sv": ("brådskande", "omedelbart", "genast", "inom 24", "sista varningen", "spärrat"),
        "da": ("haster", "omgående", "øjeblikkeligt", "inden for 24", "sidste varsel", "spærret"),
        "cs": ("naléhavé", "okamžitě", "neprodleně", "do 24", "poslední výzva", "zablokován"),
        "tr": ("acil", "derhal", "hemen", "24 saat", "son uyarı", "askıya"),
        "el": ("επείγον", "αμέσως", "εντός 24", "τελευταία προειδοποίηση", "αναστολή"),
        "ja": ("至急", "直ちに", "今すぐ", "24時間以内", "最終通知", "停止されます"),
        "ar": ("عاجل", "فورًا", "فورا", "خلال 24", "آخر إنذار"),
        "he": ("דחוף", "מיידי", "מיד", "תוך 24", "אזהרה אחרונה"),
    }
)  # fmt: skip

BLAME: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "en": ("violation", "violated", "legal action", "prohibited", "forbidden", "your mistake", "you must not",
               "you should not have", "not allowed", "illegal", "penalt"),
        "de": ("verstoß", "verboten", "rechtliche schritte", "ihr fehler", "untersagt", "unzulässig", "strafe"),
        "it": ("violazione", "vietato", "azioni legali", "suo errore", "proibito", "illegale"),
        "fr": ("infraction", "interdit", "poursuites", "votre erreur", "illégal", "violation"),
        "es": ("infracción", "prohibido", "acciones legales", "su error", "ilegal", "violación"),
    }
)  # fmt: skip

IMPERSONAL: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "en": ("dear customer", "dear valued customer", "dear user", "dear client", "dear sir or madam"),
        "de": ("sehr geehrter kunde", "sehr geehrte kundin", "lieber kunde", "werter kunde"),
        "it": ("gentile cliente", "caro cliente", "egregio cliente"),
        "fr": ("cher client", "chère cliente"),
        "es": ("estimado cliente", "querido cliente", "estimado usuario"),
        "pt": ("caro cliente", "prezado cliente", "estimado cliente"),
        "nl": ("geachte klant", "beste klant"),
    }
)

CARD_REQUESTS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "en": ("send us your card", "reply with your card", "provide your card number", "enter your card",
               "confirm your card", "verify your card", "update your card", "verify your account",
               "confirm your account"),
        "de": ("senden sie uns ihre karte", "antworten sie mit ihrer karte", "geben sie ihre kartennummer",
               "bestätigen sie ihre karte", "verifizieren sie", "bestätigen sie ihr konto"),
        "it": ("ci invii il numero", "risponda con il numero", "confermi la sua carta",
               "verifichi il suo conto"),
        "fr": ("envoyez-nous votre carte", "envoyez-nous votre numéro", "confirmez votre carte",
               "vérifiez votre compte"),
        "es": ("envíenos su tarjeta", "envíenos el número", "confirme su tarjeta",
               "verifique su cuenta"),
    }
)  # fmt: skip

NEVER: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "en": ("never",), "de": ("nie ", "niemals"), "it": ("mai ",), "fr": ("jamais",), "es": ("nunca",),
        "pt": ("nunca",), "nl": ("nooit",), "pl": ("nigdy",), "sv": ("aldrig",), "da": ("aldrig",), "cs": ("nikdy",),
        "tr": ("asla",), "el": ("ποτέ",), "ja": ("決して",), "ar": ("أبدًا",), "he": ("לעולם",),
    }
)  # fmt: skip
"""The word in "we never ask for …"; the sentence must stand in every letter."""

SHORTENERS = frozenset(
    {
        "bit.ly", "tinyurl.com", "t.co", "goo.gl", "ow.ly", "is.gd", "buff.ly", "rebrand.ly", "cutt.ly", "shorturl.at",
        "rb.gy", "t.ly", "tiny.cc", "lnkd.in", "s.id", "v.gd",
    }
)  # fmt: skip

TRACKING = frozenset(
    {
        "utm_source",
        "utm_medium",
        "utm_campaign",
        "utm_term",
        "utm_content",
        "gclid",
        "fbclid",
        "mc_cid",
        "mc_eid",
        "_hsenc",
    }
)
