"""Card data in text: brands, candidates, labels, evidence → findings. Knows text and digits, nothing of mail."""

from pansentry.pan.detector import Examined, Searched, examine, find, search
from pansentry.pan.finding import Finding, Kind
from pansentry.pan.options import DEFAULT_OPTIONS, NOTHING_KNOWN, DetectOptions, Known
from pansentry.pan.prefilter import may_hold_card_data, may_hold_card_data_bytes, warm_up

__all__ = [
    "DEFAULT_OPTIONS",
    "NOTHING_KNOWN",
    "DetectOptions",
    "Examined",
    "Finding",
    "Kind",
    "Known",
    "Searched",
    "examine",
    "find",
    "may_hold_card_data",
    "may_hold_card_data_bytes",
    "search",
    "warm_up",
]
