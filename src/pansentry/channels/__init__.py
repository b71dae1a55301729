"""Ways to pay: ``policies/channels.yaml``, what one customer is offered, signed references. No mail, no socket."""

from pansentry.channels.channel import NO_CHANNELS, Channel, ChannelKind, Channels, Reference
from pansentry.channels.choice import Circumstances, Offer, offers
from pansentry.channels.mail_facts import Payment, read_payment
from pansentry.channels.pay_reference import InvalidReferenceError, PayReference, pay_key, verify_url

__all__ = [
    "NO_CHANNELS",
    "Channel",
    "ChannelKind",
    "Channels",
    "Circumstances",
    "InvalidReferenceError",
    "Offer",
    "PayReference",
    "Payment",
    "Reference",
    "offers",
    "pay_key",
    "read_payment",
    "verify_url",
]
