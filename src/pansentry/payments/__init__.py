"""Payment links made by a provider, and what follows once a letter is filed. Shell: this is where HTTP is spoken."""

from pansentry.payments.despatch import Despatch
from pansentry.payments.provider import LinkProvider, LinkRequest, LinkTroubleError, open_provider

__all__ = ["Despatch", "LinkProvider", "LinkRequest", "LinkTroubleError", "open_provider"]
