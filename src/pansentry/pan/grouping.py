"""How the digits of a number are grouped, and whether the groups beside them make it a piece of something longer.

In: a row of groups, and a window of it that has the range, length and check digit of a scheme. Out: evidence. Looks no
further to either side than a number has digits, and reads digits only where a longer number may stand.
"""

from __future__ import annotations

import itertools
import operator
from typing import TYPE_CHECKING

from pansentry.pan.brands import MAX_DIGITS, MIN_DIGITS
from pansentry.pan.dates import SHAPE
from pansentry.pan.issuers import known_issuer
from pansentry.pan.neighbours import code_further_on
from pansentry.pan.runs import Gap, Group

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pansentry.pan.brands import Brand
    from pansentry.pan.options import DetectOptions
    from pansentry.pan.scene import Scene

_TYPICAL = 4  # the size of one printed group
_GAP = operator.itemgetter(3)  # of a group


def grouping_evidence(groups: Sequence[Group], brand: Brand) -> Iterator[str]:
    """Yield what the sizes of the groups and the gaps between them say."""
    if len(groups) == 1:
        return
    if len(groups) >= MIN_DIGITS and all_single(groups):  # 2 µs; rows of single digits have many windows
        yield "grouping-odd"
        if max(map(_GAP, groups[1:])) >= Gap.WIDE:
            yield "separators-wide"
        return
    gaps = {group.gap for group in groups[1:]}
    sizes = tuple(len(group.digits) for group in groups)
    if brand.printed(sizes):
        yield "grouping-printed" if len(gaps) == 1 and max(gaps) <= Gap.MARK else "grouping-sizes"
    elif not _regular(sizes):
        yield "grouping-odd"
        if any(right.start - left.end > _BLANKS for left, right in itertools.pairwise(groups)):
            gaps = gaps | {Gap.WIDE}  # columns of a table
    if max(gaps) >= Gap.WIDE:
        yield "separators-wide"


_BLANKS = 2  # more of them part columns


def all_single(groups: Sequence[Group]) -> bool:
    """Tell whether each group is one digit."""
    return max(map(len, map(_DIGITS, groups))) == 1


_DIGITS = operator.itemgetter(2)  # of a group


def _regular(sizes: tuple[int, ...]) -> bool:
    """Tell whether groups are of one size, but for the last: single digits, pairs, threes, eights."""
    return len(set(sizes[:-1])) == 1 and sizes[-1] <= sizes[0] and sizes[0] > 1


def is_part(scene: Scene, row: Sequence[Group], first: int, last: int, brand: Brand, options: DetectOptions) -> bool:
    """Tell whether the groups beside a window make it a piece of something longer."""
    inner = row[first + 1].gap if last > first else None
    before = first > 0 and _continues(row[first].gap, inner)
    after = last + 1 < len(row) and _continues(row[last + 1].gap, inner)
    if before and not _harmless_before(row, first, options):
        return True
    return after and not _harmless_after(scene, row, first, last, brand, options)


def _continues(gap: Gap, inner: Gap | None) -> bool:
    """Tell whether a gap outside a window looks like those inside it."""
    return gap == inner if inner is not None else gap in (Gap.SPACE, Gap.DASH, Gap.MARK)


def _harmless_before(row: Sequence[Group], first: int, options: DetectOptions) -> bool:
    """A year, a short count, an expiry date or another card may stand before a card."""
    digits = row[first - 1].digits
    if len(digits) <= 3 or (len(digits) == _TYPICAL and digits[:2] in ("19", "20")):
        return True
    if len(digits) > 6 and row[first].gap != Gap.DASH:
        return True
    return _another_card(row, first, -1, options)


def _belongs(scene: Scene, row: Sequence[Group], last: int, first: int, options: DetectOptions) -> bool:
    """Tell whether the groups behind a window complete a longer card number, rather than being a code.

    Three digits behind a blank are a code unless the longer number is of a scheme that commonly has such numbers or
    has no codes, or the code stands further on. In doubt the shorter reading: a mask of the longer one keeps the code.
    """
    gap, stop = row[last + 1].gap, last + 1
    left = MAX_DIGITS - sum(map(len, map(_DIGITS, row[first : last + 1])))
    while stop < len(row) and row[stop].gap == gap and len(row[stop].digits) <= left:
        left -= len(row[stop].digits)
        stop += 1
    goes_on = stop < len(row) and row[stop].gap == gap and SHAPE.match(scene.text, row[stop].start) is None
    if stop == last + 1 or goes_on:
        return False
    longer = known_issuer("".join(map(_DIGITS, row[first:stop])), options)
    if longer is None:
        return False
    code = stop == last + 2 and len(row[last + 1].digits) == 3 and gap == Gap.SPACE
    return (
        not code
        or not longer.code_digits
        or 16 not in longer.alone
        or 19 in longer.alone
        or code_further_on(scene, row[last + 1].end)
    )


def _harmless_after(
    scene: Scene, row: Sequence[Group], first: int, last: int, brand: Brand, options: DetectOptions
) -> bool:
    """An expiry date, a code, a postal code or another card may stand behind a card."""
    following = row[last + 1].digits
    if _belongs(scene, row, last, first, options):
        return False
    if SHAPE.match(scene.text, row[last + 1].start):
        return True
    if len(following) <= 3 or len(following) in (5, 6, 8) or _another_card(row, last, 1, options):
        return True
    if len(following) != _TYPICAL:
        return len(following) > 6 and row[last + 1].gap != Gap.DASH
    further = row[last + 2 :]
    goes_on = bool(further) and further[0].gap == row[last + 1].gap and len(further[0].digits) == _TYPICAL
    if goes_on:
        return False
    return bool(SHAPE.fullmatch(following)) or (brand.code_digits == len(following))


def _another_card(row: Sequence[Group], edge: int, step: int, options: DetectOptions) -> bool:
    """Tell whether the groups right outside a window are themselves a card number."""
    digits, index = "", edge + (step if step > 0 else -1)
    while 0 <= index < len(row) and len(digits) < MAX_DIGITS:
        digits = digits + row[index].digits if step > 0 else row[index].digits + digits
        if 13 <= len(digits) <= MAX_DIGITS and known_issuer(digits, options) is not None:
            return True
        index += step
    return False
