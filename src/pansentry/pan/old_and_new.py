"""Words, folded, that say which of two values holds: old and new, was and is now, wrong and right, in thirty languages.

Tables only, read by :mod:`pansentry.pan.bridges` and :mod:`pansentry.pan.renewals`. A language that is missing here
loses the other value of a pair that its own words part, nothing else.
"""

from __future__ import annotations

import re

_RENEWED = (
    "old former formerly previous previously earlier before prior alt alte alten alter altes fruher fruhere"
    " fruheren vorher vorherige vorigen bisher bisherige bisherigen zuvor ancien ancienne avant auparavant"
    " precedent precedente precedemment antiguo antigua anterior anteriormente antes viejo vieja vecchio vecchia"
    " prima antigo antiga oud oude vorige voorheen eerder eerst stary stara stare starego poprzedni poprzednia"
    " poprzednio wczesniej dawniej puvodni puvodne predtim predtym povodny povodna povodne drive gammal gamla"
    " gammel gamle gammalt tidigare tidligere forr vanha vanhan aiemmin aiempi entinen ennen regi korabbi korabban"
    " elozo eddigi vechi veche vechiul inainte старый старая старое старого прежний прежняя раньше ранее прошлый"
    " старии стара старе раніше попередніи παλιος παλια παλιο πριν eski onceki staro stari prije ranije raniji"
    " prej преди vana varem endine vecais veca agrak iepriekš senas sena anksciau ankstesnis lama sebelumnya cu"
    " القديم القديمة سابقا הישן הקודם new newer neu neue neuen neuer neues nouveau nouvelle nuevo nueva nuovo"
    " nuova novo nova nieuw nieuwe nowy nowa nowe nowego novy nove ny nya nytt nye uusi uuden uj nou noua новый"
    " новая новое нового новии нове νεος νεα νεο yeni novi нов ново uus uue jauns jauna jaunais naujas nauja baru"
    " moi الجديد الجديدة החדש now jetzt nun maintenant desormais ahora adesso ora agora nu teraz obecnie nyni ted"
    " nyt acum сейчас теперь тепер зараз τωρα simdi artik sada sad zdaj zdai сега nuud tagad dabar sekarang الآن"
    " عכשיו  became becomes changed changes renewed replaced replaces reissued updated extended geandert"
    " erneuert verlangert ersetzt ausgetauscht aktualisiert change changee renouvele renouvelee remplace remplacee"
    " modifie modifiee devient devenu devenue cambio cambiado cambiada cambia renovada renovado sustituida pasa"
    " paso cambiata cambiato rinnovata rinnovato sostituita diventa diventata diventato mudou alterado alterada"
    " trocado passou virou gewijzigd vernieuwd veranderd vervangen wordt werd geworden zmieniono zmiana zmieniona"
    " zmienil zmienila odnowiona odnowiono zmenen zmenena zmenilo obnovena andrat andrats ersatt fornyat fornyet"
    " endret aendret aendringen vaihtui muuttui uusittu valtozott lett schimbat innoit devenit изменен изменился"
    " изменилась стало стал стала заменен обновлен змінився змінено αλλαξε ananewthike oldu degisti yenilendi"
    " promenjen promijenjen postao postala was were used war waren lautete etait fut era foi fue byl byla bylo bol"
    " bola vart oli volt fost был была было був була було ηταν idi bio bila bilo beše olnud bija buvo"
)
RENEWED = frozenset(_RENEWED.split())
"""Old, new, before, now, changed, was: they may stand between a label and its value."""
_TAKEN_BACK = (
    "wrong incorrect mistake mistakenly typo invalid void cancelled expired disregard ignore forget correct"
    " corrected correction right actual actually instead edit fixed oops ops sorry no not longer rather falsch"
    " falsche ungultig richtig richtige korrekt korrektur berichtigung statt anstatt anstelle nicht mehr sondern"
    " nein faux fausse erreur corrige juste bonne plutot lieu pas plus non mais incorrecto incorrecta error"
    " erroneo erronea correcto correcta sino vez sbagliato sbagliata errato errata errore corretto corretta giusto"
    " giusta invece bensi errado errada correto correta certo certa nao mas fout foute verkeerd juist juiste goede"
    " niet meer plaats maar bledny bledna bledne zly poprawny poprawna prawidlowy zamiast nie lecz ale spatne"
    " spatny chybne chybny spravne spravny misto namiesto neni fel felaktig ratt istallet inte utan feil riktig"
    " forkert rigtig rigtige stedet ikke vaara vaarin oikea hibas rossz helyes helyett nem hanem gresit gresita"
    " corect corecta loc неверныи неверно неправильно правильныи правильно верно вместо не а неправильнии"
    " правильнии замість λαθος σωστο σωστη οχι yanlis dogru dogrusu degil yerine krivo pogresno tocno ispravno"
    " umjesto umesto ipv במקום بدلا ci tylko neanche wrote gave sent typed schrieb geschrieben angegeben ecrit"
    " donne envoye escribi puse scritto"
    " dato escrevi schreef napisalem napisalam podalem podalam skrev kirjoitin irtam scris написал написала указал"
    " указала"
)
TAKEN_BACK = frozenset(_TAKEN_BACK.split())
"""Wrong, right, instead, not, sorry, wrote: they part two values."""
SOLID = re.compile(
    r"旧|舊|以前|从前|從前|之前|原来|原來|原为|新|现在|現在|改为|改為|改成|变为|變為|变更|變更|更正|更新|而不是|不是"
    r"|正しく|誤り|間違|이전|기존|변경|새로|이제|정정|เดิม|เก่า|ใหม่"
)
"""The same in scripts without blanks."""
