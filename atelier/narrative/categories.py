"""What a table broken down by one dimension other than time says: its highest and lowest values."""

from collections.abc import Sequence
from dataclasses import dataclass

from atelier.figures.phrases import year_of
from atelier.indicators.disclosure import SMALL
from atelier.indicators.table import Dimension, StatTable, format_value
from atelier.language import format_list
from atelier.narrative.naming import name_code, name_measure, name_place, write_flags, write_points, write_value
from atelier.narrative.series import FORECAST, shown
from atelier.narrative.wording import Sentence, build_sentence, say

FEW = 3
"""Up to this many categories, all are told."""
TIED = 3
"""Up to this many categories with the same value, all are named."""
SPREAD = 8
"""Categories it takes for one to be an exception."""
FAR = 3.0
"""Beyond this many times the middle half, a value is far out: Tukey, Exploratory Data Analysis (1977), 2D."""


@dataclass(frozen=True)
class Category:
    """One code of a dimension with its value, which may be told."""

    code: str
    name: str
    value: float
    status: str


def read_categories(table: StatTable, dimension: Dimension) -> list[Category]:
    """Return the categories that have a value and a name, the highest first."""
    columns = table.cells[[dimension.column, "value", "status"]].itertuples(index=False, name=None)
    found = [
        Category(str(code), name_code(table, dimension, code), value, status)
        for code, told, status in columns
        if (value := shown(told, status)) is not None and str(code) in dimension.members
    ]
    return sorted(found, key=lambda one: -one.value)


def tell_categories(table: StatTable, dimension: Dimension) -> list[Sentence]:
    """Return the sentences of a table with one value per category."""
    found = read_categories(table, dimension)
    if not found:
        return []
    if len({_plain(table, one) for one in found}) == 1:
        value = write_value(table, found[0].value, bare=True) + write_flags(table, [one.status for one in found])
        return [_sentence(table, "equal", found[:1], len(found), value=value)]
    if len(found) <= FEW:
        listed = format_list([_named(table, [one], one) for one in found], table.language)
        return [_sentence(table, "all", found, len(found), listed=listed)]
    return [_range(table, found), *_next(table, found), *_exceptions(table, found)]


def _range(table: StatTable, found: Sequence[Category]) -> Sentence:
    high, low = found[0], found[-1]
    numbers, apart = [low.value, high.value], ""
    if table.card.unit.kind == "share" and _plain(table, low) != format_value(0, table.card.unit, table.language):
        numbers.append(high.value - low.value)
        apart = say("category.apart", table, amount=write_points(table, high.value - low.value))
    ends = {"low": _named(table, _ties(table, found, low), low), "high": _named(table, _ties(table, found, high), high)}
    sentence = _sentence(table, "range", (), len(found), apart=apart, **ends)
    return build_sentence("extremes", sentence.text, table.language, numbers)


def _next(table: StatTable, found: Sequence[Category]) -> list[Sentence]:
    """Return the two that follow the highest, where no tie clouds the order."""
    first, listed, rest = found[0], found[1:FEW], found[FEW:]
    texts = [_plain(table, one) for one in (first, *listed, *rest[:1])]
    if len(set(texts)) < len(texts) or len(rest) < FEW:
        return []
    names = [_named(table, [one], one) for one in listed]
    text = say("category.leading", table, listed=format_list(names, table.language))
    return [build_sentence("extremes", text, table.language, [one.value for one in listed])]


def _exceptions(table: StatTable, found: Sequence[Category]) -> list[Sentence]:
    """Return the one category far out of the others, if there is one; none for counts, where size decides."""
    solid = [one for one in found if one.status not in (SMALL, FORECAST)]
    if len(solid) < SPREAD or table.card.unit.kind == "count":
        return []
    high, low = solid[len(solid) // 4], solid[-1 - len(solid) // 4]
    reach = FAR * (high.value - low.value)
    far = [one for one in solid if reach and not low.value - reach <= one.value <= high.value + reach]
    if len(far) != 1:
        return []
    told = {"value": far[0], "low": low, "high": high}
    values = {name: _plain(table, one) + write_flags(table, [one.status]) for name, one in told.items()}
    text = say("category.exception", table, name=far[0].name, **values)
    return [build_sentence("exception", text, table.language, [one.value for one in told.values()])]


def _sentence(table: StatTable, key: str, told: Sequence[Category], count: int, **values: object) -> Sentence:
    language, year = table.language, year_of(table)
    opening = say("time.opening", table, year=year) if year else ""
    published = say("category.published", table) if count < len(table.cells) else ""
    head = opening + published
    text = say(f"category.{key}", table, head=head, measure=name_measure(table), **values)
    text = say("category.place", table, lead=name_place(table).lead, text=text)
    return build_sentence("level", text, language, [one.value for one in told])


def _ties(table: StatTable, found: Sequence[Category], one: Category) -> list[Category]:
    return [other for other in found if _plain(table, other) == _plain(table, one)]


def _named(table: StatTable, ties: Sequence[Category], one: Category) -> str:
    """Return a value and the categories that have it: ``447 651 (Île-de-France)``."""
    names = [other.name for other in ties]
    name = format_list(names, table.language) if len(names) <= TIED else say("category.many", table)
    return _plain(table, one) + write_flags(table, [other.status for other in ties], name)


def _plain(table: StatTable, one: Category) -> str:
    return format_value(one.value, table.card.unit, table.language)
