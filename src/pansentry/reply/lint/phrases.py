"""Words the linter knows, in every language that has shipped letters.

Each entry is a plain phrase, compared without case, at the beginning of a word; where a language inflects, the entry is
the stem. Urgency, threats, requests for data and impersonal greetings are what phishing is made of; a genuine letter
needs none of them. A language that is missing here is judged by all other rules only.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

Phrases = Mapping[str, tuple[str, ...]]

URGENCY: Phrases = MappingProxyType(
    {
        "en": ("urgent", "immediately", "within 24", "act now", "right away", "final notice", "last chance",
               "expires soon", "as soon as possible", "asap", "suspended", "without delay", "deadline"),
        "de": ("dringend", "sofort", "umgehend", "unverzüglich", "innerhalb von 24", "letzte mahnung", "gesperrt",
               "letzte chance", "läuft ab", "so schnell wie möglich"),
        "it": ("urgente", "immediatamente", "subito", "entro 24", "ultimo avviso", "sospes", "bloccat",
               "ultima possibilità", "al più presto"),
        "fr": ("urgent", "immédiatement", "sans délai", "sous 24", "dernier avis", "suspendu", "bloqué",
               "dernière chance", "au plus vite", "dès que possible"),
        "es": ("urgente", "inmediatamente", "de inmediato", "en 24", "último aviso", "suspendid", "bloquead",
               "última oportunidad", "lo antes posible", "cuanto antes"),
        "pt": ("urgente", "imediatamente", "de imediato", "em 24", "último aviso", "suspens", "bloquead",
               "última oportunidade", "o mais rápido possível", "quanto antes"),
        "nl": ("dringend", "onmiddellijk", "direct actie", "binnen 24", "laatste waarschuwing", "geblokkeerd",
               "laatste kans", "zo snel mogelijk"),
        "pl": ("pilne", "natychmiast", "niezwłocznie", "w ciągu 24", "ostatnie wezwanie", "zablokowan",
               "ostatnia szansa", "jak najszybciej"),
        "sv": ("brådskande", "omedelbart", "genast", "inom 24", "sista varningen", "spärrat", "sista chansen",
               "så snart som möjligt"),
        "da": ("haster", "omgående", "øjeblikkeligt", "inden for 24", "sidste varsel", "spærret", "sidste chance",
               "hurtigst muligt"),
        "cs": ("naléhavé", "okamžitě", "neprodleně", "do 24", "poslední výzva", "zablokován", "poslední šance",
               "co nejdříve"),
        "tr": ("acil", "derhal", "hemen", "24 saat", "son uyarı", "askıya", "son şans", "en kısa sürede"),
        "el": ("επείγον", "αμέσως", "εντός 24", "τελευταία προειδοποίηση", "αναστολή", "τελευταία ευκαιρία",
               "το συντομότερο"),
        "ja": ("至急", "直ちに", "今すぐ", "24時間以内", "最終通知", "停止されます", "最後の機会", "一刻も早く"),
        "ar": ("عاجل", "فورًا", "فورا", "خلال 24", "آخر إنذار", "الفرصة الأخيرة", "في أسرع وقت"),
        "he": ("דחוף", "מיידי", "מיד", "תוך 24", "אזהרה אחרונה", "הזדמנות אחרונה", "בהקדם האפשרי"),
    }
)  # fmt: skip

BLAME: Phrases = MappingProxyType(
    {
        "en": ("violation", "violated", "legal action", "prohibited", "forbidden", "your mistake", "you must not",
               "you should not have", "not allowed", "illegal", "penalt", "careless"),
        "de": ("verstoß", "verboten", "rechtliche schritte", "ihr fehler", "untersagt", "unzulässig", "strafe",
               "hätten sie nicht", "leichtsinnig", "fahrlässig"),
        "it": ("violazione", "vietato", "azioni legali", "suo errore", "proibito", "illegale", "non avrebbe dovuto",
               "imprudent"),
        "fr": ("infraction", "interdit", "poursuites", "votre erreur", "illégal", "violation", "vous n’auriez pas dû",
               "imprudent"),
        "es": ("infracción", "prohibido", "acciones legales", "su error", "ilegal", "violación", "no debería haber",
               "imprudent"),
        "pt": ("infração", "proibido", "ações legais", "seu erro", "ilegal", "violação", "não deveria ter",
               "imprudent"),
        "nl": ("overtreding", "verboden", "juridische stappen", "uw fout", "illegaal", "niet toegestaan",
               "had u niet mogen", "onvoorzichtig"),
        "pl": ("naruszen", "zabronion", "kroki prawne", "państwa błąd", "nielegaln", "niedozwolon", "nieostrożn"),
        "sv": ("överträdelse", "förbjudet", "rättsliga åtgärder", "ditt fel", "olaglig", "inte tillåtet", "slarvig"),
        "da": ("overtrædelse", "forbudt", "retslige skridt", "din fejl", "ulovlig", "ikke tilladt", "uforsigtig"),
        "cs": ("porušení", "zakázán", "právní kroky", "vaše chyba", "nezákonn", "není dovoleno", "neopatrn"),
        "tr": ("ihlal", "yasak", "yasal işlem", "sizin hatanız", "yasa dışı", "izin verilmez", "dikkatsiz"),
        "el": ("παράβαση", "απαγορεύεται", "νομικές ενέργειες", "λάθος σας", "παράνομ", "δεν επιτρέπεται"),
        "ja": ("違反", "禁止", "法的措置", "お客様の過失", "違法", "不注意"),
        "ar": ("مخالفة", "ممنوع", "إجراءات قانونية", "خطؤك", "غير قانوني", "غير مسموح"),
        "he": ("הפרה", "אסור", "צעדים משפטיים", "הטעות שלך", "לא חוקי", "רשלנות"),
    }
)  # fmt: skip

IMPERSONAL: Phrases = MappingProxyType(
    {
        "en": ("dear customer", "dear valued customer", "dear user", "dear client", "dear sir or madam"),
        "de": ("sehr geehrter kunde", "sehr geehrte kundin", "lieber kunde", "werter kunde"),
        "it": ("gentile cliente", "caro cliente", "egregio cliente", "gentile utente"),
        "fr": ("cher client", "chère cliente", "cher utilisateur"),
        "es": ("estimado cliente", "querido cliente", "estimado usuario"),
        "pt": ("caro cliente", "prezado cliente", "estimado cliente"),
        "nl": ("geachte klant", "beste klant", "geachte gebruiker"),
        "pl": ("drogi kliencie", "szanowny kliencie", "szanowny użytkowniku"),
        "sv": ("bästa kund", "kära kund", "kära användare"),
        "da": ("kære kunde", "kære bruger"),
        "cs": ("vážený zákazníku", "vážený kliente", "vážený uživateli"),
        "tr": ("değerli müşterimiz", "sayın müşterimiz", "sayın kullanıcı"),
        "el": ("αγαπητέ πελάτη", "αξιότιμε πελάτη", "αγαπητέ χρήστη"),
        "ja": ("お客様各位", "ユーザー各位"),
        "ar": ("عزيزي العميل", "عميلنا العزيز", "عزيزي المستخدم"),
        "he": ("לקוח יקר", "לקוחות יקרים", "משתמש יקר"),
    }
)

CARD_REQUESTS: Phrases = MappingProxyType(
    {
        "en": ("send us your card", "reply with your card", "provide your card number", "enter your card",
               "confirm your card", "verify your card", "update your card", "verify your account",
               "confirm your account", "send us the number"),
        "de": ("senden sie uns ihre karte", "schicken sie uns ihre karte", "antworten sie mit ihrer karte",
               "geben sie ihre karte", "bestätigen sie ihre karte", "verifizieren sie", "bestätigen sie ihr konto"),
        "it": ("ci invii il numero", "ci invii i dati", "risponda con il numero", "confermi la sua carta",
               "verifichi il suo conto", "inserisca il numero"),
        "fr": ("envoyez-nous votre carte", "envoyez-nous votre numéro", "confirmez votre carte",
               "vérifiez votre compte", "saisissez votre numéro"),
        "es": ("envíenos su tarjeta", "envíenos el número", "confirme su tarjeta", "verifique su cuenta",
               "introduzca el número"),
        "pt": ("envie-nos o cartão", "envie-nos o número", "confirme o seu cartão", "verifique a sua conta",
               "introduza o número"),
        "nl": ("stuur ons uw kaart", "bevestig uw kaart", "verifieer uw", "voer uw kaart", "bevestig uw account"),
        "pl": ("prosimy przesłać numer karty", "prosimy podać numer karty", "potwierdź kartę", "zweryfikuj",
               "potwierdź konto"),
        "sv": ("skicka oss ditt kort", "skicka ditt kortnummer", "bekräfta ditt kort", "verifiera ditt",
               "ange ditt kortnummer"),
        "da": ("send os dit kort", "send dit kortnummer", "bekræft dit kort", "verificer din",
               "indtast dit kortnummer"),
        "cs": ("pošlete nám číslo karty", "potvrďte svou kartu", "ověřte svůj účet", "zadejte číslo karty"),
        "tr": ("kart numaranızı gönderin", "kart bilgilerinizi girin", "kartınızı onaylayın", "hesabınızı doğrulayın"),
        "el": ("στείλτε μας τον αριθμό", "επιβεβαιώστε την κάρτα", "επαληθεύστε τον λογαριασμό",
               "εισαγάγετε τον αριθμό"),
        "ja": ("カード番号をお送りください", "カード番号を入力", "カード情報を入力", "アカウントを確認してください",
               "カード情報を更新"),
        "ar": ("أرسل لنا رقم", "أدخل رقم بطاقتك", "أكد بطاقتك", "تحقق من حسابك", "حدّث بيانات بطاقتك"),
        "he": ("שלחו לנו את מספר", "נא להזין את מספר הכרטיס", "אשרו את הכרטיס", "אמתו את החשבון"),
    }
)  # fmt: skip

NEVER: Phrases = MappingProxyType(
    {
        "en": ("never",), "de": ("nie ", "niemals"), "it": ("mai ",), "fr": ("jamais",), "es": ("nunca",),
        "pt": ("nunca",), "nl": ("nooit",), "pl": ("nigdy",), "sv": ("aldrig",), "da": ("aldrig",), "cs": ("nikdy",),
        "tr": ("asla",), "el": ("ποτέ",), "ja": ("決して",), "ar": ("أبدًا",), "he": ("לעולם",),
    }
)  # fmt: skip
"""The word in "we never ask for …"; the sentence must stand in every letter."""

ARRIVED: Phrases = MappingProxyType(
    {
        "en": ("has arrived", "is here", "was delivered", "have received", "has reached us"),
        "de": ("ist angekommen", "sie ist angekommen", "nachricht ist da", "erhalten", "zugestellt"),
        "it": ("è arrivat", "abbiamo ricevuto", "è qui", "consegnat"),
        "fr": ("est bien arrivé", "est arrivé", "avons bien reçu", "avons reçu", "est là"),
        "es": ("ha llegado", "hemos recibido", "ya está aquí", "entregad"),
        "pt": ("chegou", "recebemos", "entregue"),
        "nl": ("is aangekomen", "hebben ontvangen", "is er", "bezorgd"),
        "pl": ("dotarła", "otrzymaliśmy", "jest już u nas", "doręczon"),
        "sv": ("har kommit fram", "har fått", "är här", "levererat"),
        "da": ("er kommet frem", "har fået", "er her", "leveret"),
        "cs": ("dorazila", "obdrželi", "zprávu máme", "doručena"),
        "tr": ("ulaştı", "elimize geçti", "teslim edildi"),
        "el": ("έφτασε", "λάβαμε", "είναι εδώ", "παραδόθηκε"),
        "ja": ("届い", "届き", "受け取りました", "配信されました"),
        "ar": ("وصلت", "وصلتنا", "استلمنا", "لقد وصلت"),
        "he": ("הגיעה", "התקבלה", "קיבלנו", "נמסרה"),
    }
)  # fmt: skip
"""What must not be said of a message that is being held."""

ATTACHED: Phrases = MappingProxyType(
    {
        "en": ("attached", "attachment", "enclosed file"), "de": ("im anhang", "angehängt", "anbei"),
        "it": ("in allegato", "allegato"), "fr": ("pièce jointe", "ci-joint"), "es": ("archivo adjunto", "adjunto"),
        "pt": ("em anexo", "anexo"), "nl": ("bijlage", "bijgevoegd"), "pl": ("w załączniku", "załącznik"),
        "sv": ("bifogad", "bilaga"), "da": ("vedhæftet", "bilag"), "cs": ("v příloze", "příloha"),
        "tr": ("ekteki", "ekli dosya"), "el": ("συνημμένο", "επισυνάπτ"), "ja": ("添付",), "ar": ("المرفق", "مرفق"),
        "he": ("מצורף", "המצורף"),
    }
)  # fmt: skip
"""Letters carry no attachment and do not speak of one."""

SHORTENERS = frozenset(
    {
        "bit.ly", "tinyurl.com", "t.co", "goo.gl", "ow.ly", "is.gd", "buff.ly", "rebrand.ly", "cutt.ly", "shorturl.at",
        "rb.gy", "t.ly", "tiny.cc", "lnkd.in", "s.id", "v.gd",
    }
)  # fmt: skip

TRACKING = frozenset(
    {
        "utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content", "gclid", "fbclid", "msclkid", "mc_cid",
        "mc_eid", "_hsenc", "_hsmi", "mkt_tok", "yclid",
    }
)  # fmt: skip
