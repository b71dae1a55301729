"""What of a mail is new, and what is quoted from an earlier one.

In: the text of a part. Out: where the quoted part begins, and whether a place lies in quoted text. Recognised: lines
that begin with ``>``; everything below a line such as "On … Anna wrote:", "-----Original Message-----", or a block of
``From:`` / ``Sent:`` lines as Outlook writes it, in the languages that have letters. Linear time. Gap: a quotation
without any mark is new text, which errs towards writing a letter.
"""

from __future__ import annotations

import re
from bisect import bisect_right

_WROTE = (
    "wrote|schrieb|hat geschrieben|a écrit|escribió|escribio|escreveu|ha scritto|schreef|napisał|napisała|"
    "napisał\\(a\\)|"
    "skrev|napsal|napsala|napsal\\(a\\)|yazdı|şunu yazdı|έγραψε|のメール|は書きました|كتب|כתב|כתבה"
)
_ATTRIBUTION = re.compile(
    rf"^(?!>)(?=[^\n]{{0,300}}[0-9@])[^\n]{{0,300}}\b(?:{_WROTE})[^\n]{{0,80}}[:：][ \t\r]*$",
    re.MULTILINE | re.IGNORECASE,
)
_RULE = re.compile(
    r"^[ \t]*[-_=*]{2,10}[ \t]?(?:original message|forwarded message|ursprüngliche nachricht|"
    r"weitergeleitete nachricht|"
    r"message d'origine|message transféré|mensaje original|mensaje reenviado|mensagem original|mensagem encaminhada|"
    r"messaggio originale|messaggio inoltrato|oorspronkelijk bericht|doorgestuurd bericht|wiadomość oryginalna|"
    r"oryginalna wiadomość|ursprungligt meddelande|oprindelig meddelelse|původní zpráva|orijinal mesaj|özgün ileti|"
    r"αρχικό μήνυμα|元のメッセージ|الرسالة الأصلية|הודעה מקורית)[ \t]?[-_=*]{2,10}",
    re.MULTILINE | re.IGNORECASE,
)
_FROM = "from|von|de|da|van|od|från|fra|kimden|gönderen|από|差出人|送信者|من|מאת"
_SENT = (
    "sent|date|gesendet|datum|envoyé|enviado|enviado el|enviada em|inviato|data|verzonden|wysłano|skickat|sendt|dato|"
    "odesláno|gönderildi|gönderme tarihi|tarih|στάλθηκε|ημερομηνία|送信日時|日付|تم الإرسال|التاريخ|נשלח|תאריך"
)
_OUTLOOK = re.compile(
    rf"^[ \t*]{{0,4}}(?:{_FROM})[ \t*]{{0,3}}[:：][^\n]{{1,300}}\n[ \t*]{{0,4}}(?:{_SENT})[ "
    rf"\t*]{{0,3}}[:：][^\n]{{1,100}}\n",
    re.MULTILINE | re.IGNORECASE,
)
_LINE_QUOTED = re.compile(r"[ \t]{0,4}>")


def quote_begins(text: str) -> int:
    """Return where the quoted rest of ``text`` begins, its length if nowhere."""
    found = [match.start() for pattern in (_ATTRIBUTION, _RULE, _OUTLOOK) if (match := pattern.search(text))]
    return min(found, default=len(text))


def new_text(text: str) -> str:
    """Return what the sender wrote anew."""
    fresh = text[: quote_begins(text)]
    return "\n".join(line for line in fresh.split("\n") if not _LINE_QUOTED.match(line))


class Quoted:
    """Tells for places of one text whether they are quoted; reads the text once."""

    def __init__(self, text: str) -> None:
        self._begins = quote_begins(text)
        self._text = text
        self._lines = [0, *(match.end() for match in re.finditer("\n", text))]

    def __contains__(self, at: int) -> bool:
        line = self._lines[bisect_right(self._lines, at) - 1]
        return at >= self._begins or _LINE_QUOTED.match(self._text, line) is not None
