"""What notices say, in the languages of the letters (``replies/guidance/``): one row a language.

In: a language tag (``pt``, ``pt-BR``, any case). Out: :class:`Wording`; English for a language without a row. The
sentences hold for one card and for several, name nobody's gender, and speak to the owner as politely as the letters do
to the customer (*Sie*, *vous*, *Lei*, *u*; plain *du* in Danish and Swedish). They are told apart from the customer's
words by the program's name in the first one.
"""

from __future__ import annotations

from dataclasses import dataclass

RIGHT_TO_LEFT = frozenset({"ar", "he"})


@dataclass(frozen=True, slots=True)
class Wording:
    """The sentences of one language.

    ``removed``: the banner; ``told``: behind it if a letter was sent; ``please_write``: if none was and a customer
    waits; ``code``: before the reference code of the letter; ``attachment`` and ``unread``: in place of a part that
    held card data, and of one that nobody could read.
    """

    removed: str
    told: str
    please_write: str
    code: str
    attachment: str
    unread: str


def of(language: str) -> Wording:
    """Return the sentences of a language, English if there is no row for it."""
    return WORDINGS.get(primary(language), WORDINGS["en"])


def primary(language: str) -> str:
    """Return the primary subtag of a language tag in lower case (RFC 5646 §2.2.1)."""
    return language.lower().replace("_", "-").split("-", 1)[0]


WORDINGS = {
    "ar": Wording(
        "أزال PanSentry بيانات بطاقات دفع من هذه الرسالة قبل تسليمها.",
        "أُبلغ المُرسِل بذلك وأُعطي طريقة آمنة للدفع.",
        "لم يُرسَل أي خطاب؛ يُرجى التواصل مع هذا العميل مباشرة.",
        "الرمز المرجعي:",
        "أُزيل مرفق من هذه الرسالة لأنه احتوى على بيانات بطاقات دفع.",
        "أُزيل جزء من هذه الرسالة لأنه تعذّرت قراءته.",
    ),
    "cs": Wording(
        "PanSentry z této zprávy před doručením odstranil údaje o platebních kartách.",
        "Odesílatel o tom byl informován a dostal bezpečný způsob platby.",
        "Žádný dopis nebyl odeslán; spojte se prosím s tímto zákazníkem přímo.",
        "Referenční kód:",
        "Z této zprávy byla odstraněna příloha, protože obsahovala údaje o platebních kartách.",
        "Z této zprávy byla odstraněna část, kterou nebylo možné přečíst.",
    ),
    "da": Wording(
        "PanSentry har fjernet betalingskortoplysninger fra denne besked, før den blev leveret.",
        "Afsenderen har fået det at vide og har fået en sikker måde at betale på.",
        "Der er ikke sendt noget brev; kontakt venligst selv denne kunde.",
        "Referencekode:",
        "En vedhæftet fil er fjernet fra denne besked, fordi den indeholdt betalingskortoplysninger.",
        "En del af denne besked er fjernet, fordi den ikke kunne læses.",
    ),
    "de": Wording(
        "PanSentry hat vor der Zustellung Zahlungskartendaten aus dieser Nachricht entfernt.",
        "Der Absender wurde informiert und hat einen sicheren Zahlungsweg genannt bekommen.",
        "Es ging kein Brief hinaus; bitte melden Sie sich selbst bei diesem Kunden.",
        "Referenzcode:",
        "Ein Anhang wurde aus dieser Nachricht entfernt, weil er Zahlungskartendaten enthielt.",
        "Ein Teil dieser Nachricht wurde entfernt, weil er nicht gelesen werden konnte.",
    ),
    "el": Wording(
        "Το PanSentry αφαίρεσε από αυτό το μήνυμα στοιχεία καρτών πληρωμής πριν από την παράδοσή του.",
        "Ο αποστολέας ενημερώθηκε και του δόθηκε ένας ασφαλής τρόπος πληρωμής.",
        "Δεν στάλθηκε επιστολή· παρακαλούμε επικοινωνήστε εσείς με αυτόν τον πελάτη.",
        "Κωδικός αναφοράς:",
        "Ένα συνημμένο αφαιρέθηκε από αυτό το μήνυμα, επειδή περιείχε στοιχεία καρτών πληρωμής.",
        "Ένα μέρος αυτού του μηνύματος αφαιρέθηκε, επειδή δεν ήταν δυνατόν να διαβαστεί.",
    ),
    "en": Wording(
        "PanSentry removed payment card data from this message before it was delivered.",
        "The sender was told and was given a safe way to pay.",
        "No letter was sent; please contact this customer yourself.",
        "Reference code:",
        "An attachment was taken out of this message because it held payment card data.",
        "A part of this message was taken out because it could not be read.",
    ),
    "es": Wording(
        "PanSentry ha eliminado datos de tarjetas de pago de este mensaje antes de entregarlo.",
        "Se ha informado al remitente y se le ha dado una forma segura de pagar.",
        "No se ha enviado ninguna carta; póngase en contacto con este cliente.",
        "Código de referencia:",
        "Se ha quitado un archivo adjunto de este mensaje porque contenía datos de tarjetas de pago.",
        "Se ha quitado una parte de este mensaje porque no se pudo leer.",
    ),
    "fr": Wording(
        "PanSentry a retiré de ce message des données de carte de paiement avant sa remise.",
        "L’expéditeur en a été informé et a reçu un moyen de paiement sûr.",
        "Aucune lettre n’est partie ; merci de contacter ce client vous-même.",
        "Code de référence :",
        "Une pièce jointe a été retirée de ce message car elle contenait des données de carte de paiement.",
        "Une partie de ce message a été retirée car elle n’a pas pu être lue.",
    ),
    "he": Wording(
        "PanSentry: פרטי כרטיסי תשלום הוסרו מהודעה זו לפני מסירתה.",
        "נשלחה על כך תשובה, ובה דרך בטוחה לתשלום.",
        "לא נשלח מכתב; נא ליצור קשר ישיר עם הלקוח.",
        "קוד האסמכתה:",
        "קובץ מצורף הוסר מהודעה זו מפני שהכיל פרטי כרטיסי תשלום.",
        "חלק מהודעה זו הוסר מפני שלא היה אפשר לקרוא אותו.",
    ),
    "it": Wording(
        "PanSentry ha rimosso dati di carte di pagamento da questo messaggio prima della consegna.",
        "Il mittente è stato informato e ha ricevuto un modo sicuro per pagare.",
        "Nessuna lettera è stata inviata; contatti Lei stesso questo cliente.",
        "Codice di riferimento:",
        "Un allegato è stato tolto da questo messaggio perché conteneva dati di carte di pagamento.",
        "Una parte di questo messaggio è stata tolta perché non è stato possibile leggerla.",
    ),
    "ja": Wording(
        "PanSentryは、配信前にこのメールからお支払いカードの情報を取り除きました。",
        "送信者にはその旨をお知らせし、安全なお支払い方法をご案内しました。",
        "送信者への返信は送られていません。このお客様には直接ご連絡ください。",
        "確認コード：",
        "お支払いカードの情報が含まれていたため、添付ファイルをこのメールから取り除きました。",
        "読み取ることができなかったため、このメールの一部を取り除きました。",
    ),
    "nl": Wording(
        "PanSentry heeft vóór de bezorging betaalkaartgegevens uit dit bericht verwijderd.",
        "De afzender is op de hoogte gesteld en heeft een veilige manier van betalen gekregen.",
        "Er is geen brief verstuurd; neemt u zelf contact op met deze klant.",
        "Referentiecode:",
        "Een bijlage is uit dit bericht verwijderd omdat er betaalkaartgegevens in stonden.",
        "Een deel van dit bericht is verwijderd omdat het niet kon worden gelezen.",
    ),
    "pl": Wording(
        "PanSentry usunął z tej wiadomości dane kart płatniczych przed jej doręczeniem.",
        "Nadawca został o tym powiadomiony i otrzymał bezpieczny sposób zapłaty.",
        "Nie wysłano żadnego listu; prosimy o bezpośredni kontakt z tym klientem.",
        "Kod referencyjny:",
        "Z tej wiadomości usunięto załącznik, ponieważ zawierał dane kart płatniczych.",
        "Z tej wiadomości usunięto część, której nie można było odczytać.",
    ),
    "pt": Wording(
        "O PanSentry retirou desta mensagem dados de cartões de pagamento antes da entrega.",
        "O remetente foi informado e recebeu uma forma segura de pagar.",
        "Não foi enviada nenhuma carta; por favor, contacte este cliente diretamente.",
        "Código de referência:",
        "Um anexo foi retirado desta mensagem porque continha dados de cartões de pagamento.",
        "Uma parte desta mensagem foi retirada porque não foi possível lê-la.",
    ),
    "sv": Wording(
        "PanSentry tog bort betalkortsuppgifter ur det här meddelandet innan det levererades.",
        "Avsändaren har fått veta det och har fått ett säkert sätt att betala.",
        "Inget brev har skickats; kontakta den här kunden själv.",
        "Referenskod:",
        "En bilaga har tagits bort ur det här meddelandet eftersom den innehöll betalkortsuppgifter.",
        "En del av det här meddelandet har tagits bort eftersom den inte gick att läsa.",
    ),
    "tr": Wording(
        "PanSentry, bu mesajdaki ödeme kartı bilgilerini teslimattan önce çıkardı.",
        "Gönderen bilgilendirildi ve kendisine güvenli bir ödeme yolu gösterildi.",
        "Mektup gönderilmedi; lütfen bu müşteriyle siz iletişime geçin.",
        "Referans kodu:",
        "Ödeme kartı bilgileri içerdiği için bu mesajdan bir ek çıkarıldı.",
        "Okunamadığı için bu mesajın bir bölümü çıkarıldı.",
    ),
}
