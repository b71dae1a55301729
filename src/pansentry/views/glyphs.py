"""Characters that say digits and are not folded as such one by one: which they are, and what they mean.

In: nothing. Out: :data:`MEANT`, :data:`CLASS` for an expression, :data:`MARKS` for bytes of UTF-8. Three kinds:

- several digits in one character (UAX #15 NFKC: ``⑫`` is ``12``, ``⒓`` is ``12.``), and what looks so (``⓬``, ``❿``);
- digits of scripts that Unicode added after the interpreter's tables (15.0 and 16.0);
- TAG digits (Unicode 23.9), which nobody sees and every program can read.

``mended.py`` reads them; what is folded elsewhere (``pan/fold.py``) is not repeated here.
"""

from __future__ import annotations

from typing import Final

_NEWER_ZEROS: Final = (  # Kawi, Nag Mundari; Garay, two of Myanmar, Sunuwar, Gurung Khema, outlined, Ol Onal
    *(0x11F50, 0x1E4F0),
    *(0x10D40, 0x116D0, 0x116DA, 0x11BF0, 0x16130, 0x1CCF0, 0x1E5F1),
)
_TAG_ZERO: Final = 0xE0030
_RUNS: Final = (  # first character, first number, how many
    (0x2469, 10, 11),  # circled
    (0x3251, 21, 15),
    (0x32B1, 36, 15),
    (0x247D, 10, 11),  # in parentheses
    (0x2491, 10, 11),  # with a full stop
    (0x24EB, 11, 10),  # white on black
    (0x277F, 10, 1),
    (0x2789, 10, 1),
    (0x2793, 10, 1),
)

MEANT: Final = {
    **{chr(zero + digit): str(digit) for zero in (*_NEWER_ZEROS, _TAG_ZERO) for digit in range(10)},
    **{chr(first + step): str(number + step) for first, number, count in _RUNS for step in range(count)},
}
CLASS: Final = "".join(f"\\U{ord(character):08x}" for character in MEANT)
MARKS: Final = tuple(
    dict.fromkeys(character.encode("utf-8")[: 3 if "\u2700" <= character < "\u27c0" else 2] for character in MEANT)
)
"""How they begin; of dingbats, which mails are full of, all three octets."""
