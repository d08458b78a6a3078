"""Classes of values for maps and distributions: how many, where they end, and the words of their legend."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor, log10

CLASSES = 5
BINS = 10
MAGNITUDE = 12
_STEPS = (1, 2, 2.5, 5, 10)
FULLEST = 2
"""Equal classes are kept while none holds more than this many times its even share of the territories."""


@dataclass(frozen=True)
class ValueClass:
    """One colour of a map.

    Attributes:
        lower: First value in it.
        upper: First value above it; the last class also holds its upper bound.
        color: Hexadecimal colour.
        label: Words for the legend, ``de 54,1 % à 56,0 %``.
    """

    lower: float
    upper: float
    color: str
    label: str


def class_bounds(values: Sequence[float], decimals: int, count: int = CLASSES) -> tuple[float, ...]:
    """Return the bounds of at most ``count`` classes, in order, outer ones included.

    Classes of equal width are the easiest to read, and are kept when every one holds a territory and none holds more
    than twice its even share; skewed values get classes of equal numbers of territories instead (quantiles), whose
    bounds are the roundest numbers that class the same territories together.

    Args:
        values: The values to class; at least one.
        decimals: Digits bounds are rounded to, those shown in the legend.
        count: Classes wanted.
    """
    ranked = sorted(values)
    low, high = ranked[0], ranked[-1]
    distinct = len({round(value, decimals) for value in ranked})
    count = min(count, distinct)
    if count == 1:
        return (low, high)
    equal = [low + (high - low) * rank / count for rank in range(1, count)]
    inner = _rounded(equal, decimals)
    sizes = [0] * (len(inner) + 1)
    for value in ranked:
        sizes[bisect_right(inner, value)] += 1
    if min(sizes) == 0 or max(sizes) > FULLEST * len(ranked) / count or len(inner) < count - 1:
        cuts = [len(ranked) * rank // count for rank in range(1, count)]
        inner = sorted({_roundest(ranked[cut - 1], ranked[cut], decimals) for cut in cuts})
    return (low, *(bound for bound in inner if low < bound <= high), high)


def round_bounds(values: Sequence[float], count: int = BINS) -> tuple[float, ...]:
    """Return the bounds of about ``count`` classes of equal width, all round numbers, that hold every value.

    Args:
        values: The values to class; at least one.
        count: Classes wanted.
    """
    low, high = min(values), max(values)
    rough = (high - low or abs(high) or 1.0) / count
    unit = 10.0 ** floor(log10(rough))
    step = min((unit * factor for factor in _STEPS), key=lambda one: abs(log10(one / rough)))
    first, last = floor(round(low / step, 9)), ceil(round(high / step, 9))
    return tuple(round(rank * step, MAGNITUDE) for rank in range(first, max(last, first + 1) + 1))


def class_rank(value: float, bounds: Sequence[float]) -> int:
    """Return the rank of the class that holds ``value``."""
    return bisect_right(bounds[1:-1], value)


def _roundest(below: float, first: float, decimals: int) -> float:
    """Return the number with the fewest digits above ``below`` and not above ``first``."""
    for digits in range(-MAGNITUDE, decimals + 1):
        unit = 10.0**digits
        bound = floor(round(first * unit, 6)) / unit
        if below < bound <= first:
            return round(bound, decimals)
    return round(first, decimals)


def _rounded(bounds: list[float], decimals: int) -> list[float]:
    return sorted({round(bound, decimals) for bound in bounds})
