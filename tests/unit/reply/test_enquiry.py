"""Questions whether a card may be mailed: found in every language, and nothing else is taken for one."""

from __future__ import annotations

from base64 import b64encode
from binascii import b2a_qp

import pytest

from pansentry import mime, pipeline
from pansentry.heading import written_text
from pansentry.reply import enquiry
from pansentry.reply.enquiry import MAX_CHARACTERS, asks_to_mail_card

ASKS = (
    "May I send you my card number by mail?",
    "Hello, can I just email you my credit card details? Thanks, Anna",
    "Is it safe to send you the credit card number by e-mail?",
    "I would like to pay. Please tell me whether I can send my card details in my reply.",
    "Do you accept credit card numbers by email?",
    "Hi there\nI'd like to order two chairs. Could we send our\ncredit card details via email?",
    "Can I pay by credit card via email?",
    "Darf ich Ihnen meine Kreditkartendaten per E-Mail schicken?",
    "Guten Tag, kann ich Ihnen die Kartennummer mailen?",
    "Bitte sagen Sie mir, ob ich Ihnen meine Kreditkartennummer per Mail senden kann.",
    "Ist es sicher, oder soll ich Ihnen die Kartendaten hier schicken?",
    "Puis-je vous envoyer mon numéro de carte par mail ?",
    "Est-ce que je peux vous envoyer les coordonnées de ma carte bancaire par e-mail ?",
    "Acceptez-vous les numéros de carte par courriel ?",
    "¿Puedo enviarles los datos de mi tarjeta por correo?",
    "¿Es seguro mandarle el número de tarjeta por correo electrónico?",
    "Posso inviarvi il numero della carta di credito per e-mail?",
    "È possibile mandarvi i dati della mia carta via mail?",
    "Posso enviar o número do meu cartão por e-mail?",
    "É seguro enviar-lhes os dados do cartão por e-mail?",
    "Kan ik u mijn creditcardgegevens per mail sturen?",
    "Mag ik jullie mijn kaartnummer mailen?",
    "Czy mogę wysłać Państwu numer karty mailem?",
    "Czy można przesłać dane karty kredytowej e-mailem?",
    "Kan jag skicka mitt kortnummer via mejl?",
    "Är det säkert att mejla kortuppgifterna?",
    "Må jeg sende mine kortoplysninger på mail?",
    "Er det sikkert at sende kortnummeret i en mail?",
    "Mohu Vám poslat číslo karty e-mailem?",
    "Je možné zaslat údaje o kartě mailem?",
    "Kart bilgilerimi e-posta ile gönderebilir miyim?",
    "Kredi kartı numaramı size mail ile yollayabilir miyim?",
    "Μπορώ να σας στείλω τον αριθμό της κάρτας με e-mail;",
    "Είναι ασφαλές να στείλω τα στοιχεία της κάρτας μέσω email;",
    "メールでカード番号を送ってもいいですか。",
    "クレジットカードの情報をこのアドレスにお送りしてもよろしいでしょうか。",
    "هل يمكنني إرسال رقم بطاقتي عبر البريد الإلكتروني؟",
    "ممكن أرسل لكم بيانات البطاقة بالإيميل؟",
    "האם אפשר לשלוח את פרטי כרטיס האשראי במייל?",
    "אני יכולה לשלוח לכם את מספר הכרטיס בדוא״ל?",
)

ASKS_SOMETHING_ELSE = (
    "Can I pay by credit card?",
    "Do you accept credit cards?",
    "Can I send you a birthday card by mail?",
    "May I send you my business card by mail?",
    "Can I give you my card number over the phone?",
    "Can I send my credit card details by fax?",
    "Can you send me the credit card receipt by email?",
    "Could I use my credit card, please send a confirmation by email.",
    "I sent my card details by email yesterday.",
    "Please never send card numbers by e-mail.",
    "Should I send you my credit card statement?",
    "May I send you my gift card number by mail?",
    "Can I send you the order by email?",
    "My credit card was stolen. Can I send a copy of the police report?",
    "Can I use the credit card number from last time? Please email me.",
    "Kann ich mit Kreditkarte bezahlen?",
    "Kann ich Ihnen meine Visitenkarte schicken?",
    "Darf ich Ihnen die Kartennummer am Telefon durchgeben?",
    "Kann ich die Speicherkarte per Post zurückschicken?",
    "Können wir die Eintrittskarten per Mail bekommen?",
    "Können Sie mir die Kreditkartenabrechnung per Mail schicken?",
    "Peut-on payer par carte bancaire ?",
    "Puis-je vous donner mon numéro de carte par téléphone ?",
    "Puis-je envoyer une carte postale ?",
    "¿Puedo pagar con tarjeta de crédito?",
    "¿Puedo darles el número de tarjeta por teléfono?",
    "Posso pagare con carta di credito?",
    "Posso inviarvi la carta d'identità per e-mail?",
    "Posso pagar com cartão de crédito?",
    "Kan ik met creditcard betalen?",
    "Czy mogę zapłacić kartą kredytową?",
    "Kan jag betala med kreditkort?",
    "Kan jeg betale med dankort?",
    "Mohu zaplatit kreditní kartou?",
    "Kredi kartıyla ödeyebilir miyim?",
    "Μπορώ να πληρώσω με πιστωτική κάρτα;",
    "クレジットカードで支払えますか。",
    "名刺をメールで送ってもいいですか。",
    "هل يمكنني الدفع ببطاقة ائتمان في المتجر؟",
    "אפשר לשלם בכרטיס אשראי בחנות?",
    "",
)


@pytest.mark.parametrize("text", ASKS)
def test_a_question_whether_a_card_may_be_mailed(text: str) -> None:
    """The question is found however it is put."""
    assert asks_to_mail_card(text)


@pytest.mark.parametrize("text", ASKS_SOMETHING_ELSE)
def test_other_questions_about_cards(text: str) -> None:
    """Paying, other cards, other channels, other people: none of it is that question."""
    assert not asks_to_mail_card(text)


def test_a_long_text_is_no_such_question() -> None:
    """A newsletter or a contract that holds the sentence somewhere is not answered."""
    assert not asks_to_mail_card("May I send you my card number by mail? " + "x" * MAX_CHARACTERS)


def test_no_text_with_a_clause_about_cards_is_passed_over() -> None:
    """Whatever the expression for clauses finds is found by the plain words for whole texts."""
    for alternative in enquiry._ANY_CARD.pattern.split("|"):
        for vowel in "ãa":
            word = alternative.replace("[ãa]", vowel)
            for written in (word, word.upper(), word.title()):
                assert enquiry._names()(written.encode()), written


QUESTIONS = [
    "May I send you my card number by email?",
    "Darf ich Ihnen meine Kreditkartennummer per E-Mail schicken?",
    "Μπορώ να σας στείλω τον αριθμό της κάρτας μου με email;",
    "カード番号をメールでお送りしてもいいですか。",
    "Can we meet on Monday?",
]


@pytest.mark.parametrize("text", QUESTIONS)
@pytest.mark.parametrize(
    "charset", ["utf-8", "utf-16", "utf-7", "iso-8859-7", "euc-jp", "iso-2022-jp", "cp1252", "x-no"]
)
@pytest.mark.parametrize("frame", ["%s", "<p>%s</p>"])
@pytest.mark.parametrize("encoding", ["8bit", "quoted-printable", "base64"])
def test_a_question_is_found_in_octets_wherever_it_is_found_in_the_text(
    text: str, charset: str, frame: str, encoding: str
) -> None:
    """What asks is asked about: octets that name no card hold no text that asks to mail one."""
    kind = "html" if frame != "%s" else "plain"
    codec = "utf-8" if charset == "x-no" else charset
    body = (frame % text).encode(codec, "ignore")
    body = {"base64": b64encode, "quoted-printable": b2a_qp}.get(encoding, bytes)(body)
    head = (
        f"Subject: a\r\nContent-Type: text/{kind}; charset={charset}\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n"
    )
    message = mime.read(head.encode() + body + b"\r\n")
    assert pipeline.enquires(message) == asks_to_mail_card(written_text(message))
