"""Does a customer ask whether card data may be mailed? Then the answer is worth most before it is.

In: the new text of a clean mail. Out: True or False. Precision before recall: one clause must ask ("may I", "is it safe
to"), speak of sending or giving, and name card data; a clause that names another channel only (phone, fax, shop) does
not count, and "give" or "accept" count only with a word for mail. Per language one row of four expressions, each a flat
list of words; sentences and clauses are cut first, so the time is linear. Limits: :data:`MAX_CHARACTERS` of new text; a
longer one is no such question.
"""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass

from pansentry.pan import anywhere
from pansentry.pan.engines import Started, compiled
from pansentry.reply.quoting import new_text

MAX_CHARACTERS = 4000
MAX_CLAUSE = 250

_ANY_CARD = re.compile(
    r"card|kart|kaart|carte|tarjeta|cart[ãa]o|carta|kort|visa|mastercard|bancomat|bankpas|κάρτ|καρτ|カード|بطاق|כרטיס|אשראי",
    re.IGNORECASE,
)
"""No clause without one of these is looked at."""
_NAMES = (
    "card", "kart", "kaart", "cart", "tarjeta", "kort", "visa", "bancomat", "bankpas",
    "κάρτ", "καρτ", "カード", "بطاق", "כרטיס", "אשראי",
)  # fmt: skip
"""Whole texts without one of these have no such clause: :data:`_ANY_CARD` in plain words."""
_CLAUSE = re.compile(r"[.,:!?;。、！？؟،·\n][\s]*|\n")
_OTHER_CARDS = re.compile(
    r"(?:business|gift|loyalty|member(?:ship)?|id|identity|sim|memory|graphics?|report|insurance|health|greeting|"
    r"birthday|"
    r"christmas|post|punch|score|library|student|boarding|green|wild) ?cards?|visiten ?karte|geschenk ?karte|"
    r"kunden ?karte|post ?karte|speicher ?karte|fahr ?karte|eintritts ?karte|grafik ?karte|carte (?:de visite|cadeau|"
    r"d['’]identité|de fidélité|vitale|postale|sim|grise)|tarjeta (?:de visita|regalo|postal|sim|de embarque)|"
    r"cart[ãa]o (?:de visita|presente|postal|cidadão|de embarque)|(?:biglietto da visita|carta (?:regalo|"
    r"d['’]identità|"
    r"d['’]imbarco))|visitekaart|cadeaukaart|wizytówk|visitkort|presentkort|gavekort|vizitk|kartvizit|hediye kart|"
    r"名刺|ギフトカード|ポイントカード|会員カード|כרטיס ביקור",
    re.IGNORECASE,
)


class _Words:
    """An expression that is compiled when it is first asked: seventy of them take 50 ms, and most mails need none."""

    __slots__ = ("_compiled", "_flags", "_words")

    def __init__(self, words: str, flags: int = 0) -> None:
        self._words = words
        self._flags = flags
        self._compiled: re.Pattern[str] | None = None

    def search(self, text: str) -> re.Match[str] | None:
        if self._compiled is None:
            self._compiled = re.compile(self._words, self._flags)
        return self._compiled.search(text)


@dataclass(frozen=True, slots=True)
class _Language:
    """``ask``: a question in the first person; ``send``: counts by itself; ``give``: counts with ``mail`` only."""

    ask: _Words
    send: _Words
    give: _Words
    card: _Words
    mail: _Words
    other: _Words


def _row(ask: str, send: str, give: str, card: str, mail: str, other: str) -> _Language:
    return _Language(*(_Words(f"(?<!\\w)(?:{words})", re.IGNORECASE) for words in (ask, send, give, card, mail, other)))


_LANGUAGES: tuple[_Language, ...] = (
    _row(  # English
        r"(?:can|may|could|shall|should|might) (?:i|we)\b|(?:is|would) it (?:be )?(?:ok|okay|all right|alright|safe|"
        r"possible|fine|secure|acceptable)\b|(?:whether|if) (?:i|we) (?:can|may|could|should)\b|do you (?:want|"
        r"accept|take|"
        r"allow)\b|am i (?:allowed|able)\b|would you (?:like|prefer) me to\b",
        r"send(?:ing)?\b|(?:i|we|to|just|simply|or) e-?mail(?:ing)? (?:you|over|my|the|our|it|them)\b|(?:i|we|to|"
        r"just) mail you\b|"
        r"forward\b",
        r"give\b|provide\b|accept\b|take\b|pay\b|share\b|supply\b",
        r"(?:credit|debit|bank|payment) ?card(?!s)(?: (?:number|details?|data|info(?:rmation)?|"
        r"no))?\b(?! (?:statement|bill|"
        r"offer|application|terms|company|refund|fee|slip|receipt))|card (?:number|details?|data|info(?:rmation)?|"
        r"no)\b|"
        r"cc (?:number|details?|info)\b|(?:visa|mastercard|amex)(?: card)? (?:number|details?)\b",
        r"(?:by|via|over|through|in|per|using|with) (?:an? )?(?:this )?(?:reply )?e-?mail\b|by (?:reply|mail)\b|"
        r"to this (?:address|e-?mail)|in my reply",
        r"phone|telephone|fax\b|whats ?app|text message|sms\b|in person|in (?:the|your) (?:shop|store)|post\b|"
        r"letter\b|"
        r"portal|secure link|upload",
    ),
    _row(  # German
        r"(?:kann|darf|könnte|dürfte|soll|sollte|können|dürfen|sollen) (?:ich|wir)\b|ob (?:ich|wir)\b|ist es (?:ok|"
        r"okay|"
        r"möglich|sicher|in ordnung|sinnvoll)|nehmen sie\b|akzeptieren sie\b|geht es\b|reicht es\b",
        r"(?:zu|über)?(?:schicken?|senden?|mailen?)\b|(?:zu|über)schicke\b|zugeschickt|übermitteln?\b",
        r"(?:an|durch|weiter)?geben\b|gebe\b|mitteilen?\b|bezahlen?\b|zahlen?\b|nehmen sie\b|akzeptieren sie\b|"
        r"nennen?\b",
        r"(?:kredit|bank|debit|visa|zahlungs)?-?karten?-?(?:nummer|daten|angaben|informationen|details)\b|"
        r"kreditkarte\b|"
        r"(?:visa|mastercard)-?(?:nummer|daten|karte)\b",
        r"(?:per|via|über|mit|in einer|in der|als) (?:e-?)?mail\b|hier\b|auf diesem weg|an diese (?:adresse|mail)",
        r"telefon|fax\b|whats ?app|sms\b|post\b|brief\b|persönlich|im (?:geschäft|laden)",
    ),
    _row(  # French
        r"(?:puis-je|pouvons-nous|pourrais-je|pourrions-nous|dois-je|peut-on)\b|est-ce que (?:je|nous) (?:peux|"
        r"pouvons|dois)|"
        r"si (?:je|nous) (?:peux|pouvons|dois)\b|est-il (?:possible|sûr|prudent)|acceptez-vous\b|je peux (?:vous|"
        r"simplement)\b",
        r"envoyer\b|transmettre\b|envoie\b",
        r"donner\b|fournir\b|communiquer\b|payer\b|régler\b|acceptez-vous\b",
        r"cartes? (?:bancaires?|bleues?|de crédit|visa|de paiement)|num[ée]ros? de (?:ma |la )?carte|(?:coordonn[ée]es|"
        r"donn[ée]es|informations|infos|d[ée]tails) (?:de (?:ma |la )?carte|bancaires)",
        r"par (?:un )?(?:e-?mail|mail|courriel|retour de mail|message)\b|(?:dans|via) (?:un |cet |ce )?(?:e-?mail|"
        r"mail|courriel)|ici\b",
        r"t[ée]l[ée]phone|fax\b|courrier\b|sms\b|whats ?app|la poste|en magasin|sur place",
    ),
    _row(  # Spanish
        r"puedo\b|podr[íi]a\b|podr[íi]amos\b|podemos\b|debo\b|es (?:posible|seguro|correcto)\b|aceptan\b|si puedo\b|"
        r"les parece bien\b|le parece bien\b",
        r"enviar(?:le|les|te|os|lo|los|la|las|selos?)?\b|mandar(?:le|les|te|os)?\b|env[íi]o\b|mando\b",
        r"dar(?:le|les|te)?\b|pasar(?:le|les|te)?\b|facilitar(?:le|les)?\b|pagar\b|aceptan\b",
        r"n[úu]mero de (?:mi |la )?tarjeta|datos de (?:mi |la )?tarjeta|tarjeta de (?:cr[ée]dito|d[ée]bito)|"
        r"tarjeta bancaria|"
        r"mi tarjeta\b",
        r"por (?:correo(?! postal)|e-?mail|mail|aqu[íi])|por este medio|a este correo|en este correo|aqu[íi]\b",
        r"tel[ée]fono|fax\b|whats ?app|sms\b|correo postal|en (?:la )?tienda|en persona",
    ),
    _row(  # Italian
        r"posso\b|potrei\b|possiamo\b|devo\b|[èe] (?:possibile|sicuro)\b|accettate\b|va bene se\b|se posso\b",
        r"inviar(?:e|vi|le|ti|veli|glieli)\b|mandar(?:e|vi|le|ti|veli)\b|spedir(?:e|vi|le)\b|trasmetter(?:e|vi|"
        r"le)\b|mando\b|"
        r"invio\b",
        r"dar(?:e|vi|le)\b|fornir(?:e|vi|le)\b|comunicar(?:e|vi|le)\b|pagare\b|accettate\b",
        r"carta di (?:credito|debito|pagamento)|numero (?:della|di) (?:mia )?carta|(?:dati|"
        r"estremi) della (?:mia )?carta|"
        r"dati (?:di|della) carta",
        r"(?:per|via) (?:e-?mail|mail|posta elettronica)|in (?:questa|una) (?:e-?mail|mail)|qui\b|a questo indirizzo",
        r"telefono|fax\b|whats ?app|sms\b|per posta(?! elettronica)|raccomandata|in negozio|di persona",
    ),
    _row(  # Portuguese
        r"posso\b|poderia\b|podemos\b|devo\b|[ée] (?:poss[íi]vel|seguro)\b|aceitam\b|se posso\b",
        r"enviar(?:-(?:lhe|vos|lhes|te))?\b|mandar(?:-(?:lhe|vos|lhes))?\b|remeter\b|envio\b",
        r"dar\b|passar\b|fornecer\b|indicar\b|pagar\b|aceitam\b",
        r"cart[ãa]o de (?:cr[ée]dito|d[ée]bito)|n[úu]mero do (?:meu )?cart[ãa]o|dados do (?:meu )?cart[ãa]o|"
        r"meu cart[ãa]o",
        r"por (?:e-?mail|mail|correio eletr[óo]nico|correio eletr[ôo]nico|aqui)|neste e-?mail|aqui\b",
        r"telefone|fax\b|whats ?app|sms\b|correio(?! eletr)|na loja|pessoalmente",
    ),
    _row(  # Dutch
        r"(?:kan|mag|zou|moet|kunnen|mogen) (?:ik|wij|we)\b|of ik\b|is het (?:ok|oké|mogelijk|veilig|goed)\b|"
        r"accepteert u\b|"
        r"accepteren jullie\b",
        r"(?:toe|op|door|in|mee)?(?:sturen|zenden)\b|stuur\b|mailen\b",
        r"(?:door|op)?geven\b|betalen\b|accepteert u\b|accepteren jullie\b",
        r"credit ?card(?:gegevens|nummer|informatie)?\b|kaart(?:nummer|gegevens)\b|bankpas(?:nummer|gegevens)?\b|"
        r"credit ?card (?:nummer|gegevens)",
        r"(?:per|via|over|in een|in de) (?:de )?(?:e-?mail|mail)\b|hier\b|naar dit adres",
        r"telefo|fax\b|whats ?app|sms\b|per post|brief\b|in de winkel",
    ),
    _row(  # Polish
        r"czy (?:mog[ęe]|mo[żz]na|mo[żz]emy|mog[łl]bym|mog[łl]abym|powinienem|powinnam|bezpiecznie|akceptuj\w+)|"
        r"mog[ęe]\b",
        r"wys[łl]a[ćc]\b|przes[łl]a[ćc]\b|pos[łl]a[ćc]\b|prze[śs]l[ęe]\b",
        r"poda[ćc]\b|przekaza[ćc]\b|zap[łl]aci[ćc]\b|akceptuj\w+",
        r"(?:numer|numeru|dane|danych) (?:mojej |swojej )?karty(?: kredytowej| p[łl]atniczej)?|kart[ęey] kredytow\w+",
        r"e-?mailem\b|mailem\b|poczt[ąa] elektroniczn[ąa]|(?:przez|w) e?-?mailu?\b|tutaj\b|na ten adres",
        r"telefon|faks|fax|whats ?app|sms|list(?:em|ownie)\b|poczt[ąa](?! elektr)|osobi[śs]cie",
    ),
    _row(  # Swedish
        r"(?:kan|får|skulle|ska|kunde|bör) (?:jag|vi)\b|om (?:jag|vi) (?:kan|får)\b|går det\b|är det (?:okej|ok|"
        r"säkert|möjligt)|"
        r"tar ni emot\b",
        r"skicka\b|mejla\b|maila\b|sända\b",
        r"lämna\b|ge\b|uppge\b|betala\b|ta(?:r ni)? emot\b",
        r"kortnum\w+|kortuppgifter\w*|kredit ?kort\w*|betal ?kort\w*|bank ?kort\w*",
        r"(?:via|med|per|på|i) (?:ett |e-?post|mejl|mail)\w*|här\b|till den här adressen",
        r"telefon|fax|sms\b|whats ?app|brev\b|post(?:en)?\b|i butiken",
    ),
    _row(  # Danish
        r"(?:kan|må|kunne|skal|bør) (?:jeg|vi)\b|om (?:jeg|vi) (?:kan|må)\b|er det (?:ok|okay|sikkert|muligt|"
        r"i orden)|går det\b|"
        r"tager i imod\b",
        r"(?:frem)?sende\b|maile\b",
        r"oplyse\b|give\b|betale\b|tager i imod\b",
        r"kortnum\w+|kortoplysninger\w*|kredit ?kort\w*|betalings ?kort\w*|dankort\w*",
        r"(?:via|med|per|på|i) (?:en )?(?:e-?mail|mail)\w*|her\b|til denne adresse",
        r"telefon|fax|sms\b|whats ?app|brev\b|posten\b|i butikken",
    ),
    _row(  # Czech
        r"(?:mohu|můžu|muzu|mohl bych|mohla bych|můžeme|smím|mám)\b|zda (?:mohu|můžu)\b|je (?:možné|bezpečné|"
        r"mozne)\b|přijímáte\b",
        r"(?:po|za|ode)slat\b|pošlu\b",
        r"sdělit\b|nadiktovat\b|zaplatit\b|přijímáte\b",
        r"[čc][íi]slo (?:m[ée] |sv[ée] )?(?:platebn[íi] |kreditn[íi] )?karty|[úu]daje (?:o |k |z |ke )?(?:m[ée] |"
        r"sv[ée] )?"
        r"(?:platebn[íi] |kreditn[íi] )?kart[yěe]|kreditn[íi] kart[uy]",
        r"(?:e-?)?mailem\b|(?:v|přes|pres) e?-?mailu?\b|tady\b|na tuto adresu|sem\b",
        r"telefon|fax|sms\b|whats ?app|poštou|postou|dopis|osobně",
    ),
    _row(  # Turkish: the question is the verb's ending
        r"\w*(?:ebilir|abilir) (?:mi|mı)(?:yim|yım|yiz|yız)|\w+sem olur mu|\w+sam olur mu|\w+(?:mem|mam) (?:güvenli|"
        r"mümkün|"
        r"uygun|sorun olur) m[uüıi]|kabul ediyor musunuz",
        r"(?:gönder|yolla|iletebil|at(?:abil|sam))\w*",
        r"(?:ver|öde|kabul ed)\w*",
        r"(?:kredi |banka )?kart(?:ım\w*|ımın)? (?:bilgi|numara)\w*|kredi kart\w*|banka kart\w*",
        r"e-?posta\w*|(?:e-?)?mail\w*|buradan\b",
        r"telefon|faks|whats ?app|sms\b|kargo|mağaza",
    ),
    _row(  # Greek
        r"μπορ[ώω] να|μπορο[ύυ]με να|να σας\b|ε[ίι]ναι (?:ασφαλ[έε]ς|δυνατ[όο]ν?|εντ[άα]ξει)|δ[έε]χεστε\b|"
        r"αν μπορ[ώω]\b",
        r"(?:απο)?στε[ίι]λ\w+",
        r"δ[ώω]σω\b|πληρ[ώω]σω\b|δ[έε]χεστε\b",
        r"(?:αριθμ[όο]|στοιχε[ίι]α|αριθμο[ύυ]) (?:της )?(?:πιστωτικ[ήη]ς )?κ[άα]ρτας|πιστωτικ\w+ κ[άα]ρτ\w*",
        r"(?:με|μ[έε]σω|στο|σε) (?:ένα )?(?:e-?mail|μ[έε]ιλ|ηλεκτρονικ\w+)|εδ[ώω]\b",
        r"τηλ[έε]φων|τηλεφωνικ|φαξ|sms\b|whats ?app|ταχυδρομικ[άα]|κατ[άα]στημα",
    ),
)
_JAPANESE = _Language(
    *map(
        _Words,
        (
            r"(?:いい|よい|よろしい|大丈夫|構いません|かまいません|可能)(?:です|でしょう)か|できますか|れますか|ますか",
            r"送って|送信し|お送りし|送れ|送ること|メールし|送付",
            r"お伝えし|伝え|お知らせし|支払え",
            r"カード(?:番号|情報|の番号|の情報)|クレジットカード",
            r"メール|こちら|このアドレス",
            r"電話|ファックス|FAX|郵送|郵便|LINE|店頭",
        ),
    )
)
_ARABIC = _Language(
    *map(
        _Words,
        (
            r"هل (?:يمكنني|يمكن|أستطيع|استطيع|بإمكاني|بامكاني|يجوز|تقبلون|من الآمن)|ممكن",
            r"أرسل|ارسل|إرسال|ارسال|أبعث|ابعث",
            r"أعطي|اعطي|أدفع|تقبلون",
            r"(?:رقم|بيانات|معلومات|تفاصيل) (?:ال)?بطاق(?:ة|تي)|بطاق(?:ة|تي) (?:ال)?(?:ائتمان|بنكية|فيزا)",
            r"بريد|إيميل|ايميل|هنا",
            r"هاتف|فاكس|واتساب|رسالة نصية|المتجر",
        ),
    )
)
_HEBREW = _Language(
    *map(
        _Words,
        (
            r"אפשר|אני יכול|האם ניתן|האם מותר|האם אוכל|האם אתם מקבלים|האם בטוח",
            r"לשלוח|אשלח",
            r"למסור|לתת|לשלם|להעביר|אתם מקבלים",
            r"(?:מספר|פרטי) (?:ה)?(?:כרטיס|אשראי)|כרטיס (?:ה)?אשראי",
            r"במייל|בדוא[\"״']?ל|באימייל|בדואר אלקטרוני|כאן",
            r"טלפון|טלפונית|פקס|וואטסאפ|סמס|בדואר(?! אלקטרוני)|בחנות",
        ),
    )
)
_ALL = (*_LANGUAGES, _JAPANESE, _ARABIC, _HEBREW)


_FORMS = sorted({form.encode() for name in _NAMES for form in (name, name.upper(), name.title())})


@functools.cache
def _names() -> Started:
    """Return what looks for all of :data:`_NAMES` in one pass: 1 µs for a mail of 2 KB, 90 with ``re``."""
    return compiled(tuple((1, re.escape(form)) for form in _FORMS))


def warm_up() -> None:
    """Compile what every clean mail is asked, so that the first need not wait for it; compiled, there is no need."""
    if _NAMES_CARD is _names_card_slowly:
        _names().hurry()


def _names_card_slowly(octets: bytes) -> bool:
    return bool(_names()(octets))


_NAMES_CARD = anywhere.predicate(_FORMS) or _names_card_slowly


def names_card(octets: bytes) -> bool:
    """Tell whether a text in UTF-8 names a card at all; without that it asks nothing of :func:`asks_to_mail_card`."""
    return _NAMES_CARD(octets)


def asks_to_mail_card(written: str) -> bool:
    """Tell whether the new text of what somebody wrote asks whether card data may be sent by mail."""
    if not names_card(written.encode("utf-8", "surrogatepass")):
        return False
    clauses = (clause for clause in _CLAUSE.split(_unwrapped(written)) if 10 <= len(clause) <= MAX_CLAUSE)
    if not any(_ANY_CARD.search(clause) and _asks(clause.replace("’", "'")) for clause in clauses):
        return False
    new = new_text(written)  # dear, and so asked last: does the question stand in what is new?
    return len(new) <= MAX_CHARACTERS and (new == written or asks_to_mail_card(new))


def _unwrapped(text: str) -> str:
    """Join the lines of a paragraph, which mail programs wrap."""
    return re.sub(r"(?<=[^\n.!?。])\r?\n(?=[^\n\r])", " ", text.replace("\r\n", "\n"))


def _asks(clause: str) -> bool:
    if _OTHER_CARDS.search(clause):
        return False
    for language in _ALL:
        if not (language.card.search(clause) and language.ask.search(clause)):
            continue
        by_mail = language.mail.search(clause) is not None
        if by_mail and (language.send.search(clause) or language.give.search(clause)):
            return True
        if language.send.search(clause) and not language.other.search(clause):
            return True
    return False
