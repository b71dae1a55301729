"""The words of the console, in English, German and Italian.

English stands in the templates; ``catalogue/de.yaml`` and ``it.yaml`` say each sentence again. A sentence that has no
translation is shown in English, and a test lists it. What other rooms say (the doctor, refusals) comes as a
:class:`~pansentry.sentence.Sentence`: its pattern is looked up, and filled in with its values.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from pansentry.sentence import Sentence

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

LANGUAGES = {"en": "English", "de": "Deutsch", "it": "Italiano"}
FOLDER = Path(__file__).parent / "catalogue"


@cache
def catalogue(language: str) -> Mapping[str, str]:
    """Return English → this language; empty for English."""
    from ruamel.yaml import YAML

    path = FOLDER / f"{language}.yaml"
    return dict(YAML(typ="safe").load(path.read_text("utf-8"))) if path.is_file() else {}


def translator(language: str) -> Callable[..., str]:
    """Return what says a sentence in a language; values are put in by name: ``_("{n} mails", n=3)``."""
    words = catalogue(language)

    def say(english: str, **values: object) -> str:
        if isinstance(english, Sentence):
            filled = {
                name: say(value) if isinstance(value, Sentence) else value for name, value in english.values.items()
            }
            return say(english.pattern, **filled)
        found = words.get(english, english)
        return found.format(**values) if values else found

    return say


def preferred(accepted: str, chosen: str = "") -> str:
    """Return the language of a browser: the one chosen, else the first of ``Accept-Language`` that we have."""
    if chosen in LANGUAGES:
        return chosen
    for item in accepted.split(",")[:20]:
        code = item.partition(";")[0].strip().lower().partition("-")[0]
        if code in LANGUAGES:
            return code
    return "en"
