"""Key figure: the latest value written large, its change in words, and a small line of the years before."""

from collections.abc import Mapping
from dataclasses import replace

from atelier.errors import QuestionError
from atelier.figures.layout import Layout
from atelier.figures.phrases import is_index, say, upper_first, year_of
from atelier.figures.specification import Figure, Mark, Series
from atelier.figures.territories import Territories
from atelier.indicators.table import StatTable
from atelier.language import NO_BREAK_SPACE, format_number, format_share

MINUS = "\N{MINUS SIGN}"
_SURE = ("A", "B", "P")
_TWO = 2


def require_key(table: StatTable, layout: Layout, territories: Mapping[str, Territories]) -> None:
    """Refuse a table that holds more than one value a year."""
    del table, territories
    if layout.series:
        others = ", ".join(one.id for one in layout.series)
        raise QuestionError(f"a key figure tells one value: keep a single code of {others}.")


def finish_key(figure: Figure, layout: Layout) -> Figure:
    """Return the figure with what it writes large."""
    series = figure.series[0]
    latest = latest_mark(series)
    over_time = layout.x is not None
    year = latest.key if over_time else year_of(figure.table)
    unit, language = figure.table.card.unit, figure.language
    noun = "" if unit.kind == "share" else _noun(figure.table, latest.value)
    when = "" if year is None else say("key.when", language, year=year)
    change = _change(figure, series, latest) if over_time else ""
    headline = latest.text, " ".join(part for part in (noun, when) if part), change
    return replace(figure, headline=headline, alt=f"{figure.alt} {upper_first(change)}." if change else figure.alt)


def latest_mark(series: Series) -> Mark:
    """Return the mark written large: the last one observed and shown, else the last shown, else the last."""
    seen = [mark for mark in series.marks if mark.value is not None]
    observed = [mark for mark in seen if not mark.is_forecast]
    return (observed or seen or list(series.marks))[-1]


def _change(figure: Figure, series: Series, latest: Mark) -> str:
    """Return the change since the value before, in words; why there is none where the two do not compare."""
    language = figure.language
    before = [mark for mark in series.marks if mark.value is not None and int(mark.key) < int(latest.key)]
    if latest.value is None or not before:
        return ""
    earlier = before[-1]
    broken = [year for year, _ in figure.breaks if int(earlier.key) < int(year) <= int(latest.key)]
    if broken:
        return say("key.broken", language, year=broken[0])
    if latest.status not in _SURE or earlier.status not in _SURE:
        return say("key.unsure", language, year=earlier.key)
    gap, words = _gap(figure.table, earlier.value or 0.0, latest.value)
    if not gap:
        return say("key.same", language, year=earlier.key)
    return say("key.change", language, gap=words, year=earlier.key)


def _gap(table: StatTable, before: float, after: float) -> tuple[float, str]:
    """Return a change as shown values tell it, and its words with a sign: points for shares, the unit elsewhere."""
    unit, language = table.card.unit, table.language
    ends = [round(unit.shown(value), unit.decimals) for value in (before, after)]
    gap = round(ends[1] - ends[0], unit.decimals)
    sign = "+" if gap > 0 else MINUS
    number = f"{sign}{format_number(abs(gap), language, unit.decimals)}"
    if unit.kind == "share" or is_index(table):
        many = abs(gap) >= _TWO if language == "fr" else abs(gap) != 1
        words = f"{number}{NO_BREAK_SPACE}{say('key.points' if many else 'key.point', language)}"
        return gap, words
    words = f"{number}{NO_BREAK_SPACE}{_noun(table, abs(gap))}"
    if unit.kind == "count" and before > 0:
        relative = gap / before
        words += f" ({'+' if gap > 0 else MINUS}{format_share(abs(relative), language)})"
    return gap, words


def _noun(table: StatTable, value: float | None) -> str:
    unit, language = table.card.unit, table.language
    singular = unit.singular
    one = value is not None and (abs(value) < _TWO if language == "fr" else abs(value) == 1)
    return (singular if one and singular is not None else unit.label)[language]
