"""Which language a customer reads.

In: hints. Out: a :class:`Choice`: a language that has letters, and English second when we are not sure.

Order of hints: an earlier choice of the same customer; what the customer wrote, where the detector is sure; language
headers (Content-Language, Accept-Language: Exchange stamps both, but with the language of the program, so they
come after what was written); a weak detection; the country of the sender's domain; the default. The last two, and a
weak detection, count as unsure.

The detector is a table of function words per language plus scripts and letters of one language only; no model, no
numpy. It reads new text only (quotations are dropped), at most :data:`MAX_CHARACTERS`. Where it is unsure and py3langid
is installed (the extra ``lang``: 80 MB with numpy, loaded at the first such letter), that is asked too. Gap: without it
only languages with shipped letters are known; another one ends at the default with English second.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from pansentry.reply.quoting import new_text

MAX_CHARACTERS = 8000
MODEL_WORDS = 4
MODEL_SURE = 0.5
"""Words, and the probability, from which py3langid's opinion counts as sure (measured on short payment sentences)."""
SURE = 2.0
"""How many times the runner-up's score the winner needs."""

WORDS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        language: frozenset(words.split())
        for language, words in {
            "en": "the and is are was you your my i we please would like to for with of in this that have has will "
            "can card number order pay thanks thank hello hi dear regards from on it as be not me here what how our",
            "de": "der die das und ist sind ich sie wir mein meine bitte für mit von im ein eine einen nicht auf zu "
            "den dem hallo danke guten tag grüße karte kreditkarte nummer bestellung ihre ihr auch habe möchte wie "
            "können anbei rechnung",
            "it": "il lo la gli le di che è e un una per con non sono mio mia buongiorno grazie carta numero ordine "
            "salve cordiali saluti vorrei ho della del alla nel ecco mi vi da questo questa pagare in anche",
            "fr": "le la les de des du et est un une je vous nous mon ma pour avec pas bonjour merci carte numéro "
            "commande cordialement voici votre que qui dans sur ce cette à au aux il j'ai ai payer bancaire",
            "es": "el la los las de del y es un una que por para con no mi hola gracias tarjeta número pedido saludos "
            "aquí está quiero pagar buenos días usted le les su se en al lo estoy adjunto",
            "pt": "o a os as de do da dos das e é um uma que por para com não meu minha olá obrigado obrigada cartão "
            "número encomenda pedido aqui está quero pagar bom dia você em no na ao segue cumprimentos",
            "nl": "de het een en is ik u wij mijn niet voor met van op te hallo dank bedankt kaart nummer bestelling "
            "graag hierbij groet groeten uw dat die dit aan zijn kan wil betalen ook heb",
            "pl": "i w na z do nie jest się to że mój moja dzień dobry proszę dziękuję karta karty numer zamówienie "
            "zamówienia za dla oraz pozdrawiam chcę zapłacić tak od po witam jak przesyłam",
            "sv": "och är jag det att en ett på för med inte min mitt hej tack kort kortet nummer beställning vänliga "
            "hälsningar vill betala har som av till den kan här mvh",
            "da": "og er jeg det at en et på for med ikke min mit hej tak kort kortet nummer bestilling venlig hilsen "
            "vil gerne betale har som af til den kan her mvh kortnummer",
            "cs": "a je se na že to v s z do ne můj moje dobrý den prosím děkuji karta karty číslo objednávka "
            "objednávku za pro pozdravem chci zaplatit jsem tak od po jak posílám",
            "tr": "ve bir bu için ile ben benim merhaba teşekkürler teşekkür kart kartım numarası numaram sipariş "
            "lütfen ödeme ödemek istiyorum değil de da mi siz iyi günler saygılarımla var",
        }.items()
    }
)
"""Frequent words, most of them function words, and a few of the subject."""

LETTERS: Mapping[str, str] = MappingProxyType(
    {"de": "ß", "es": "ñ¿¡", "pt": "ãõ", "pl": "łąęśżźń", "da": "øæ", "cs": "ěřů", "tr": "ğışİ", "sv": "", "fr": "œ"}
)
"""Letters that among these languages speak for one."""

SCRIPTS: tuple[tuple[str, str], ...] = (
    ("HIRAGANA", "ja"),
    ("KATAKANA", "ja"),
    ("GREEK", "el"),
    ("HEBREW", "he"),
    ("ARABIC", "ar"),
)

COUNTRIES: Mapping[str, str] = MappingProxyType(
    {
        **dict.fromkeys(("uk", "us", "ie", "au", "nz", "ca", "za"), "en"),
        **dict.fromkeys(("de", "at", "ch", "li"), "de"),
        **dict.fromkeys(("it", "sm"), "it"),
        **dict.fromkeys(("fr", "lu", "mc"), "fr"),
        **dict.fromkeys(("es", "mx", "ar", "cl", "co", "pe", "uy"), "es"),
        **dict.fromkeys(("pt", "br", "ao", "mz"), "pt"),
        **dict.fromkeys(("nl", "be", "sr"), "nl"),
        **dict.fromkeys(("sa", "ae", "eg", "ma", "tn", "dz", "jo", "kw", "qa", "lb"), "ar"),
        "pl": "pl",
        "se": "sv",
        "dk": "da",
        "cz": "cs",
        "tr": "tr",
        "gr": "el",
        "cy": "el",
        "jp": "ja",
        "il": "he",
    }
)

_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
_TAG = re.compile(r"[A-Za-z]{2,3}")


@dataclass(frozen=True, slots=True)
class Choice:
    """The language of a letter, and the second one below it (``""`` for none). ``hint`` says what decided."""

    language: str
    second: str = ""
    hint: str = "default"


def choose(
    text: str,
    *,
    available: Collection[str],
    default: str,
    earlier: str = "",
    headers: Iterable[str] = (),
    sender: str = "",
) -> Choice:
    """Choose among ``available`` languages; ``headers`` are values of language headers, ``sender`` the reverse-path.

    ``default`` must be available, or English, or any one that is.
    """
    fallback = next((x for x in (default, "en", *sorted(available)) if x in available), "en")
    if earlier in available:
        return Choice(earlier, hint="earlier")
    detected, sure = detect(text)
    if detected in available and sure:
        return Choice(detected, hint="text")
    for value in headers:
        for tag in value.split(",")[:10]:
            found = _TAG.match(tag.strip())
            if found and found[0].lower() in available:
                return Choice(found[0].lower(), hint="header")
    country = COUNTRIES.get(sender.rpartition(".")[2].lower(), "")
    for language, hint in ((detected, "weak-text"), (country, "country"), (fallback, "default")):
        if language in available:
            return Choice(language, "en" if language != "en" and "en" in available else "", hint)
    return Choice(fallback)


def detect(text: str) -> tuple[str, bool]:
    """Return the most likely language of ``text`` (``""`` for none) and whether that is sure."""
    new = new_text(text[:MAX_CHARACTERS])
    if script := _script(new):
        return script, True
    language, sure = _by_words(new)
    if sure or (model := _model()) is None:
        return language, sure
    opinion, probability = model.classify(" ".join(new.split()))
    if len(_WORD.findall(new)) >= MODEL_WORDS and float(probability) >= MODEL_SURE:
        return str(opinion), True
    return language, sure


@functools.cache
def _model() -> Any:
    """Return py3langid's identifier, None where it is not installed."""
    try:
        from py3langid.langid import MODEL_FILE, LanguageIdentifier
    except ImportError:
        return None
    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)


def _by_words(new: str) -> tuple[str, bool]:
    words = [word.casefold() for word in _WORD.findall(new)]
    if not words:
        return "", False
    scores = {language: sum(word in known for word in words) for language, known in WORDS.items()}
    for language, letters in LETTERS.items():
        scores[language] += sum(any(letter in word for letter in letters) for word in words)
    (winner, best), (_, second) = sorted(scores.items(), key=lambda item: -item[1])[:2]
    if not best:
        return "", False
    return winner, best >= 3 and best >= SURE * max(second, 0.5) and best * 6 >= len(words)


def _script(text: str) -> str:
    """Return the language of a script of its own if a fifth of the letters are in it."""
    letters = [c for c in text if c.isalpha()]
    foreign = [c for c in letters if c > "\u036f"]
    if not letters or len(foreign) * 5 < len(letters):
        return ""
    counts = dict.fromkeys((language for _, language in SCRIPTS), 0)
    for c in foreign:
        name = unicodedata.name(c, "")
        for script, language in SCRIPTS:
            counts[language] += name.startswith(script)
    winner = max(counts, key=lambda language: counts[language])
    return winner if counts[winner] * 10 >= len(foreign) else ""
