"""The texts that a reader of a message may see, each with a way back to the bytes."""

from pansentry.views.at_once import look_at_once
from pansentry.views.document import Document
from pansentry.views.look import Seen, look, look_until
from pansentry.views.view import Source, View
from pansentry.views.worth import warm_up

__all__ = ["Document", "Seen", "Source", "View", "look", "look_at_once", "look_until", "warm_up"]
