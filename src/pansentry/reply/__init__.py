"""The letter to the customer: when to stay silent, in which language, what it says, and whether it may say so.

Nobody in here is ever given a finding; letters are written from an ``outcome.Receipt``. Reading a folder of letters
(:func:`load_letters`) loads Jinja2; everything else is light.
"""

from pansentry.reply.compose import Letter, compose, window_key
from pansentry.reply.incoming import Incoming
from pansentry.reply.kinds import Kind, kind_of
from pansentry.reply.languages import Choice, choose
from pansentry.reply.letters import Letters, load_letters
from pansentry.reply.silence import Situation, silence_reason

__all__ = [
    "Choice",
    "Incoming",
    "Kind",
    "Letter",
    "Letters",
    "Situation",
    "choose",
    "compose",
    "kind_of",
    "load_letters",
    "silence_reason",
    "window_key",
]
