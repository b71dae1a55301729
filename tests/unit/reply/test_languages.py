"""Which language a customer reads: what they wrote first, then what their program says, then their country."""

from __future__ import annotations

import pytest
from tests.growth import grows_by

from pansentry.configuration.model import LANGUAGES
from pansentry.reply import Choice, choose, languages
from pansentry.reply.languages import detect

WRITTEN = (
    ("en", "Hi, please charge my card for the order. The number is below, thanks"),
    ("en", "Hello, I would like to pay for this with my Visa"),
    ("en", "Could you put the deposit on this card? It is a MasterCard."),
    ("de", "Guten Tag, bitte buchen Sie den Betrag von meiner Karte ab"),
    ("de", "Hallo, hier ist meine Kreditkarte für die Bestellung"),
    ("de", "Sehr geehrte Damen und Herren, die Nummer lautet wie folgt"),
    ("it", "Buongiorno, vi mando il numero della mia carta per il pagamento"),
    ("it", "Salve, questa è la carta di credito per la prenotazione"),
    ("fr", "Bonjour, voici le numéro de ma carte bancaire pour régler la facture"),
    ("fr", "Je vous envoie ma carte, merci de débiter le montant"),
    ("es", "Buenos días, les mando el número de mi tarjeta para pagar el pedido"),
    ("es", "Hola, aquí está mi tarjeta de crédito, gracias"),
    ("pt", "Bom dia, segue o número do meu cartão para o pagamento"),
    ("pt", "Olá, não consegui pagar no site, aqui está o meu cartão"),
    ("nl", "Goedemorgen, hierbij stuur ik mijn kaartnummer voor de bestelling"),
    ("nl", "Hallo, u kunt het bedrag van mijn creditcard afschrijven"),
    ("pl", "Dzień dobry, przesyłam numer mojej karty do zamówienia"),
    ("pl", "Witam, proszę obciążyć kartę, dziękuję"),
    ("sv", "Hej, här är mitt kortnummer för beställningen, tack"),
    ("sv", "Jag vill betala med det här kortet och hoppas att det går bra"),
    ("da", "Hej, her er mit kortnummer til bestillingen, tak"),
    ("da", "Jeg vil gerne betale med dette kort, ikke med bankoverførsel"),
    ("cs", "Dobrý den, posílám číslo své karty k objednávce"),
    ("cs", "Děkuji, prosím zaplaťte to z této karty, je na ní dost peněz"),
    ("tr", "Merhaba, sipariş için kart numaram aşağıda, teşekkürler"),
    ("tr", "Ödeme yapmak istiyorum, bu benim kartım"),
    ("el", "Καλημέρα, σας στέλνω τον αριθμό της κάρτας μου"),
    ("ja", "お世話になっております。カード番号をお送りします。"),
    ("ar", "مرحبا، هذا رقم بطاقتي لدفع الطلب"),
    ("he", "שלום, מצורף מספר כרטיס האשראי שלי"),
)


@pytest.mark.parametrize(("language", "text"), WRITTEN, ids=[text[:24] for _, text in WRITTEN])
def test_short_sentences_are_recognised(language: str, text: str) -> None:
    """Thirty short payment sentences in all sixteen languages, beside a card number."""
    assert detect(f"{text}\n\nXXXX XXXX XXXX 1111 09/28")[0] == language


def test_quoted_text_does_not_count() -> None:
    """The shop's own quoted letter does not decide for the customer."""
    quoted = "\n".join(["> Guten Tag, bitte zahlen Sie die Bestellung mit Ihrer Karte und nicht per Mail"] * 20)
    assert detect(f"Hi, here is my card for the order, thanks\n\n{quoted}")[0] == "en"


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"text": "Hallo, bitte buchen Sie das von meiner Karte ab"}, Choice("de", "", "text")),
        ({"text": "Hallo, bitte buchen Sie das von meiner Karte ab", "headers": ["en-US"]}, Choice("de", "", "text")),
        ({"text": "4111", "headers": ["de-CH, en;q=0.5"]}, Choice("de", "", "header")),
        ({"text": "4111", "headers": ["xx", "it"]}, Choice("it", "", "header")),
        ({"text": "4111", "earlier": "fr", "headers": ["it"]}, Choice("fr", "", "earlier")),
        ({"text": "", "sender": "a@b.pl"}, Choice("pl", "en", "country")),
        ({"text": "", "sender": "a@b.com"}, Choice("de", "en", "default")),
        ({"text": "Привет, номер моей карты", "sender": "a@b.com"}, Choice("de", "en", "default")),
        ({"text": "", "sender": "a@b.uk"}, Choice("en", "", "country")),
        ({"text": "", "sender": ""}, Choice("de", "en", "default")),
        ({"text": "hi there", "headers": ["*", ";;;", "=?utf-8?"]}, Choice("en", "", "weak-text")),
    ],
)
def test_the_order_of_hints(given: dict[str, object], expected: Choice) -> None:
    """What was written comes before what the program says; guesses get English below."""
    values = {"text": "", "available": LANGUAGES, "default": "de"} | given
    assert choose(**values) == expected  # type: ignore[arg-type]


def test_only_languages_that_have_letters() -> None:
    """Nobody is promised a language that is not there."""
    assert choose("Bonjour, voici ma carte pour la commande", available=["en", "de"], default="de").language == "de"
    assert choose("", available=["it"], default="de") == Choice("it", "", "default")


def test_any_text_is_read_in_little_time() -> None:
    """Megabytes of letters, tags or marks cost what the first eight thousand characters cost."""
    detect("a " * 8_000)  # whatever is loaded once
    for piece in ("a ", "<<", "ßß", "\u0301\u0301", ">\n"):
        assert grows_by(5, detect, piece * 10_000, piece * 1_000_000)


def test_a_model_is_asked_where_words_do_not_tell(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the extra `lang` an unsure text has a second opinion, which counts from four words on, if it is sure."""
    asked: list[str] = []

    class Model:
        """Says what it is told to."""

        probability = 0.9

        def classify(self, text: str) -> tuple[str, float]:
            asked.append(text)
            return "fi", self.probability

    model = Model()
    monkeypatch.setattr(languages, "_model", lambda: model)
    assert languages.detect("Tässä tilaus 4711 korttini numero") == ("fi", True)
    assert languages.detect("tilaus 4711")[1] is False
    model.probability = 0.2
    assert languages.detect("Tässä tilaus 4711 korttini numero")[1] is False
    before = len(asked)
    assert languages.detect("Bitte belasten Sie meine Karte mit der Rechnung, danke und Grüße")[0] == "de"
    assert len(asked) == before


def test_the_real_model_agrees_where_it_is_installed() -> None:
    """py3langid itself, if the extra is there: a language that has no letters is known for what it is."""
    pytest.importorskip("py3langid")
    languages._model.cache_clear()
    assert languages.detect("Tässä on korttini numero tilausta varten, kiitos paljon") == ("fi", True)
