"""Slips of the tongue: the value that another one replaces in the same sentence.

"519, not 591", "08/28, sorry 09/28", "not 448 but 484", "not 448, it's 484": the wrong value is half a secret and is
read like the right one. The words are tables of folded phrases; the value must follow at once, and "but" needs a "not"
before the value.
In: a folded text and where a value stands. Out: where the other one does. Every look is bounded.
"""

from __future__ import annotations

import re

_NOT = (
    r",? ?(?:\(?(?:(?:and|und|et|y|e|en|i|og|och|a|и) )?(?:not|nicht|pas|non|no|nao|niet|nie|inte|ikke|ei|ne|не"
    r"|instead of|statt|au lieu de|en vez de|en lugar de|invece di|em vez de|in plaats van|zamiast))"
    r" (?:the |den |le |el |il |o |de |en |in |im )?"
)
_SORRY = (
    r"[,.;]? ?[(\-]{0,2} ?(?:(?:no|nein|non|nao|nee|nej|nei|ne|nie|oh|ah|ach|ops|oops) ?[,!]? )?"
    r"(?:sorry|pardon|i mean|i meant|correction|make that|or rather|rather"
    r"|nein|ich meine|ich meinte|korrektur|quatsch|besser gesagt|entschuldigung"
    r"|je veux dire|plutot|perdon|digo|quiero decir|mejor dicho|correccion|anzi|cioe|scusi|scusa|volevo dire|correzione"
    r"|quero dizer|alias|desculpe|correcao|ik bedoel|correctie|to znaczy|znaczy|przepraszam|raczej|vlastne|teda"
    r"|jag menar|forlat|rattelse|jeg mener|undskyld|beklager|unnskyld|tarkoitan|anteeksi"
    r"|bocsanat|javitas|akarom mondani|scuze|adica|vreau sa spun|то есть|точнее|вернее|простите|извините"
    r"|тобто|точніше|вибачте|συγγνωμη|δηλαδη|yani|ozur dilerim)[,:!]? "
)
_BUT = (
    r"(?:, (?=(?:it is|it's|es ist|c'est|es|e) )"
    r"|,? (?:but|sondern|mais|sino|bensi|ma|mas sim|mas|e sim|maar|wel|utan|men|vaan|hanem|ale|lecz|tylko|nybrz"
    r"|nego|vec|ampak|temvec|ci|но|а|але|αλλα|tapi|melainkan|hem) )"
    r"(?:(?:it is|it's|es ist|rather|instead|c'est|bien|si|e|es|o|jest|to|je|este|is|ist|ar|er|on|это) ){0,2}"
)
_DENIED = re.compile(
    r"(?<![^\W\d_])(?:not|isn't|wasn't|nicht|pas|no|non|nao|niet|nie|neni|inte|ikke|ei|ne|nije|ni|nem|nu|не|δεν|bukan)"
    r"(?: [^\W\d_]{1,6}){0,2} \Z"
)
DENIAL = re.compile(
    r"(?:n'est pas|c'est pas|isn't|wasn't"
    r"|not|nicht|pas|non|nao|niet|nie|neni|inte|ikke|ei|ne|nije|ni|nem|nu|не|δεν|bukan)"
    r"(?: [^\W\d_]{1,5})? (?=[0-9])"
)
"""What leads to the wrong value of two: "není 448, ale 484"."""
_DENIED_BEHIND = r",? degil,? "
_CODE = r"(?P<code>[0-9]{3,4})(?![0-9]|[.,:/\-][0-9])"
_DATE = r"(?=[0-9]{1,2} ?[/.\-])"
_REACH = 32
_INSTEAD = re.compile(rf"(?:{_NOT}|{_SORRY}|{_DENIED_BEHIND}){_CODE}")
_BUT_CODE = re.compile(_BUT + _CODE)
_INSTEAD_DATE = re.compile(rf"(?:{_NOT}|{_SORRY}|{_DENIED_BEHIND}){_DATE}")
_BUT_DATE = re.compile(_BUT + _DATE)


def code_instead(text: str, start: int, end: int) -> re.Match[str] | None:
    """Return the match of a code (group ``code``) in place of the one at ``start:end``."""
    return _INSTEAD.match(text, end) or (_BUT_CODE.match(text, end) if _denied(text, start) else None)


def date_instead(text: str, start: int, end: int) -> int | None:
    """Return where digits begin that may be a date in place of the one at ``start:end``."""
    match = _INSTEAD_DATE.match(text, end) or (_BUT_DATE.match(text, end) if _denied(text, start) else None)
    return match.end() if match is not None else None


def _denied(text: str, start: int) -> bool:
    return _DENIED.search(text, max(0, start - _REACH), start) is not None
