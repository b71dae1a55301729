"""Slips of the tongue: the value that another one replaces in the same sentence.

"519, not 591", "08/28, sorry 09/28", "not 448 but 484", "not 448, it's 484", "738 was wrong, the right one is 737": the
wrong value is half a secret and is read like the right one. The words are tables of folded phrases; the value must
follow at once, and "but" needs a "not" before the value.
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
    r"[,.;…]{0,3} ?[(\-–—]{0,2} ?(?:(?:no|nein|non|nao|nee|nej|nei|ne|nie|oh|ah|ach|ops|oops|wait|moment|no wait)"
    r" ?[,!.…]{0,3} )?"
    r"(?:(?:sorry|pardon|i mean|i meant|correction|make that|or rather|rather"
    r"|nein|ich meine|ich meinte|korrektur|quatsch|besser gesagt|entschuldigung"
    r"|je veux dire|plutot|perdon|digo|quiero decir|mejor dicho|correccion|anzi|cioe|scusi|scusa|volevo dire"
    r"|correzione"
    r"|quero dizer|alias|desculpe|correcao|ik bedoel|correctie|to znaczy|znaczy|przepraszam|raczej|vlastne|teda"
    r"|jag menar|forlat|rattelse|jeg mener|undskyld|beklager|unnskyld|tarkoitan|anteeksi"
    r"|bocsanat|javitas|akarom mondani|scuze|adica|vreau sa spun|то есть|точнее|вернее|простите|извините"
    r"|тобто|точніше|вибачте|συγγνωμη|δηλαδη|yani|ozur dilerim)[,:!]? ){1,2}"
)
_BUT = (
    r"(?:, (?=(?:it is|it's|es ist|c'est|es|e) )"
    r"|,? (?:but|sondern|mais|sino|bensi|ma|mas sim|mas|e sim|maar|wel|utan|men|vaan|hanem|ale|lecz|tylko|nybrz"
    r"|nego|vec|ampak|temvec|ci|но|а|але|αλλα|tapi|melainkan|hem) )"
    r"(?:(?:it is|it's|es ist|rather|instead|c'est|bien|si|e|es|o|jest|to|je|este|is|ist|ar|er|on|это) ){0,2}"
)
_DENIED = re.compile(
    r"(?<![^\W\d_])(?:not|isn't|wasn't|nicht|keine?|pas|no|non|nao|niet|nie|neni|inte|ikke|ei|ne|nije|ni|nem|nu|не|δεν"
    r"|bukan)"
    r"(?: [^\W\d_]{1,6}){0,2} \Z"
)
DENIAL = re.compile(
    r"(?:n'est pas|c'est pas|isn't|wasn't"
    r"|not|nicht|pas|non|nao|niet|nie|neni|inte|ikke|ei|ne|nije|ni|nem|nu|не|δεν|bukan)"
    r"(?: [^\W\d_]{1,5})? (?=[0-9])"
)
"""What leads to the wrong value of two: "není 448, ale 484"."""
_DENIED_BEHIND = r",? degil,? "
_WRONG = (
    r"[ ]?[(,\-–]?[ ]?(?:(?:is|was|ist|war|est|etait|es|era|fue|e|foi|jest|byl|bylo|je|bol|var|ar|er|on|oli|was"
    r"|ir|este"
    r"|был|была|было|був|була|ηταν|ειναι) )?(?:a |an |the |ein |une? |un |uma? |et |en )?"
    r"(?:wrong|incorrect|mistake|typo|error|falsch|tippfehler|irrtum|faux|fausse|incorrecte?|erreur|incorrect[oa]"
    r"|equivocad[oa]|errone[oa]|error|sbagliat[oa]|errat[oa]|errore|errad[oa]|engano|fout|verkeerd|onjuist"
    r"|bledny|bledna"
    r"|bledne|zly|zle|spatne|spatny|chybne|chybny|fel|feil|forkert|vaara|vaarin|hibas|rossz|gresit|gresita"
    r"|krivo|pogresno"
    r"|yanlis|yanlisti|неверно|неверный|неправильно|неправильный|ошибка|невірно|неправильний|помилка|грешно"
    r"|λαθος)[)]?"
    r"[ ]?[,.;:!\-–—]{0,2}[ ]"
    r"(?:(?:the|a|it|is|its|it's|that|one|right|correct|real|actual|proper|code|number|date|should|must|be|read"
    r"|reads|here"
    r"|der|die|das|es|ist|richtig|richtige|richtiger|korrekt|korrekte|muss|soll|sollte|lautet|heissen|sein"
    r"|nummer|datum"
    r"|le|la|c'est|est|bon|bonne|juste|correct|correcte|numero|el|lo|es|bueno|buena|correcto|correcta|codigo"
    r"|numero|il"
    r"|e|quello|quella|giusto|giusta|corretto|corretta|codice|o|certo|certa|correto|correta|de|het|moet|zijn"
    r"|juiste|goede"
    r"|wlasciwy|poprawny|prawidlowy|to|jest|kod|numer|ma|byc|spravne|spravny|je|ma|byt|ratt|riktig|rigtige|ar"
    r"|er|ska|skal"
    r"|vara|vaere|oikea|on|helyes|a|az|corect|corecta|cel|ispravno|tocno|tacno|dogrusu|dogru|правильно"
    r"|правильный|верный"
    r"|верно|должно|быть|это|правильний|має|бути|правилно|σωστο|σωστος|ειναι|το|ο|и|code)[ :]{1,2}){1,7}"
)
"""Who takes a value back says what is right instead: "738 was wrong, the right one is 737"."""
_NOW = (
    r"[,;]? ?(?:(?:and|und|et|y|e|en|i|og|och|a|и) )?"
    r"(?:(?:the |der |die |das |de |den |la |le |el |il |o |a )?(?:new|neue|nouveau|nouvelle|nuev[oa]|nuov[oa]"
    r"|nov[oa]"
    r"|nieuwe|now[yae]|nov[ye]|nya|nye|uusi|uj|nou[a]?|новый|новая|новое|новий|нова|нове)"
    r"(?: (?:one|code|number|date))? "
    r"(?:is|ist|lautet|est|es|e|jest|to|je|ar|er|on|это|это|це) (?:nu |now )?"
    r"|(?:now|jetzt|nun|maintenant|desormais|ahora|adesso|ora|agora|nu|teraz|nyni|nyt|acum|сейчас|теперь|тепер"
    r"|зараз|τωρα"
    r"|simdi|sekarang)(?: (?:it is|it's|ist es|c'est|es|e|is het|is|ist|jest|je))? )"
)
"""Who renews a value says the old one, too: "the old one was 118, the new one is 603", "before 11/26, now 11/31"."""
_CODE = r"(?P<code>[0-9]{3,4})(?![0-9]|[.,:/\-][0-9])"
_DATE = r"(?=[0-9]{1,2} ?[/.\-])"
_REACH = 32
_INSTEAD = re.compile(rf"(?:{_NOT}|{_SORRY}|{_DENIED_BEHIND}|{_WRONG}|{_NOW}){_CODE}")
_BUT_CODE = re.compile(_BUT + _CODE)
_INSTEAD_DATE = re.compile(rf"(?:{_NOT}|{_SORRY}|{_DENIED_BEHIND}|{_WRONG}|{_NOW}){_DATE}")
_SHOULD = re.compile(
    r"[^\r\n.!?]{1,60}?(?<![^\W\d_])(?:(?:should|must|has to|ought to) (?:be|read)"
    r"|sollte?(?: es| richtig)?(?: heissen| sein)?|muss(?: es)?(?: heissen| sein)?|doit etre|debe ser"
    r"|deberia ser|tiene que ser"
    r"|dev'essere|deve essere"
    r"|dovrebbe essere|deve ser|moet zijn|ma byc|powinn[oya] byc|powinien byc|ma byt|ma to byt|mel[oa]? by byt"
    r"|ska vara|skal vaere|skal vare|pitaa olla|kell legyen|trebuie sa fie"
    r"|должно быть|должна быть|має бути|πρεπει να ειναι|olmali)[ :]{1,2}"
    r"(?:(?:a|the|to|it) )?(?=[0-9])"
)
_BUT_DATE = re.compile(_BUT + _DATE)


def code_instead(text: str, start: int, end: int) -> re.Match[str] | None:
    """Return the match of a code (group ``code``) in place of the one at ``start:end``."""
    return _INSTEAD.match(text, end) or (_BUT_CODE.match(text, end) if denied(text, start) else None)


def date_instead(text: str, start: int, end: int) -> int | None:
    """Return where digits begin that may be a date in place of the one at ``start:end``."""
    match = _INSTEAD_DATE.match(text, end) or (_BUT_DATE.match(text, end) if denied(text, start) else None)
    return match.end() if match is not None else None


def should_be(text: str, position: int) -> int | None:
    """Return where the digits begin that should stand in a field, behind its name and what was written there.

    "In the field CVV I put 29, it should be 291".
    """
    match = _SHOULD.match(text, position)
    return match.end() if match is not None else None


def denied(text: str, start: int) -> bool:
    """Tell whether a "not" stands right before a place, two short words between at most."""
    return _DENIED.search(text, max(0, start - _REACH), start) is not None
