"""Slips of the tongue: the value that another one replaces in the same sentence.

"519, not 591", "08/28, sorry 09/28": the wrong value is half a secret and is read like the right one. The words are a
table of folded phrases; the value must follow at once.
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
INSTEAD = re.compile(rf"(?:{_NOT}|{_SORRY})(?P<code>[0-9]{{3,4}})(?![0-9]|[.,:/\-][0-9])")
"""A code in place of the one before."""
INSTEAD_DATE = re.compile(rf"(?:{_NOT}|{_SORRY})(?=[0-9]{{1,2}} ?[/.\-])")
"""What leads to a date in place of the one before."""
