"""Scales and ticks: from values to pixels, and the round values written along an axis."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import ceil, floor, log10

from atelier.figures.specification import Figure
from atelier.figures.svg.canvas import SMALL, text_width
from atelier.indicators.table import StatTable, format_value

_STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)
_MOST_DECIMALS, _ROUNDING = 6, 1e-9
_AIR = 0.06
"""Room left above and below a line that does not start from zero, as a share of its range."""
NARROW = 480.0
"""A drawing narrower than this is for a phone."""


@dataclass(frozen=True)
class Scale:
    """A straight scale.

    Attributes:
        low: Value drawn at ``start``.
        high: Value drawn at ``end``.
        start: Pixels.
        end: Pixels.
    """

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        """Return where ``value`` is drawn."""
        if self.high == self.low:
            return (self.start + self.end) / 2
        return self.start + (value - self.low) / (self.high - self.low) * (self.end - self.start)


def ticks(low: float, high: float, count: int) -> list[float]:
    """Return about ``count`` round values that cover ``low`` to ``high``."""
    if high <= low:
        high = low + (abs(low) or 1.0)
    raw = (high - low) / max(1, count - 1)
    power = 10.0 ** floor(log10(raw))
    step = min((one * power for one in _STEPS), key=lambda one: abs(one - raw))
    first, last = floor(low / step + 1e-9), ceil(high / step - 1e-9)
    return [round(rank * step, 12) for rank in range(first, last + 1)]


def value_ticks(values: Iterable[float], count: int, *, from_zero: bool) -> list[float]:
    """Return the ticks of a value axis; its ends are the first and the last."""
    listed = list(values) or [0.0, 1.0]
    low, high = min(listed), max(listed)
    if from_zero:
        return ticks(min(0.0, low), max(0.0, high), count)
    air = _AIR * (high - low)
    return ticks(low - air, high + air, count)


def tick_texts(places: Sequence[float], table: StatTable) -> list[str]:
    """Return the words of value ticks, with just the decimals they need."""
    unit = table.card.unit
    told = [unit.shown(place) for place in places]
    decimals = next(
        (count for count in range(_MOST_DECIMALS) if all(abs(round(one, count) - one) <= _ROUNDING for one in told)),
        _MOST_DECIMALS,
    )
    shown = unit.model_copy(update={"decimals": decimals})
    return [format_value(place, shown, table.language) for place in places]


def spaced_years(years: Sequence[int], width: float, size: float = SMALL) -> list[int]:
    """Return the years that an axis of this width can write, the last one always, and the first where it fits."""
    if years[0] == years[-1]:
        return list(years)
    room = text_width("0000", size) + 12
    per_year = width / (years[-1] - years[0])
    for step in (1, 2, 4, 5, 10, 20, 50, 100):
        if step * per_year >= room:
            break
    if step == 1:
        return list(years)
    kept = [year for year in years if (years[-1] - year) % step == 0]
    if years[0] not in kept and (kept[0] - years[0]) * per_year >= room:
        kept.insert(0, years[0])
    return kept


def seen_values(figure: Figure) -> list[float]:
    """Return every value drawn, reference lines included."""
    marks = [mark.value for one in figure.series for mark in one.marks if mark.value is not None]
    return marks + [value for _, value in figure.references]


def years_of(figure: Figure) -> list[int]:
    """Return the years of a figure over time, in order."""
    return sorted({int(mark.key) for one in figure.series for mark in one.marks})
