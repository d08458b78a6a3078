"""What an indicator is asked for: dimensions and filters, checked against what the dataset holds."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from atelier.declarations import Indicator
from atelier.errors import QuestionError, UnknownNameError
from atelier.indicators.table import Dimension

_RANGE = re.compile(r"^(\d{4})\.\.(\d{4})$")


@dataclass(frozen=True)
class Breakdown:
    """A checked question.

    Attributes:
        by: Dimensions, in the order asked.
        where: Codes kept, by dimension.
        as_it_was: Institutions as they were each year, instead of those that carry their figures today.
    """

    by: tuple[str, ...] = ()
    where: tuple[tuple[str, tuple[str, ...]], ...] = ()
    as_it_was: bool = False

    @property
    def filters(self) -> dict[str, tuple[str, ...]]:
        """Codes kept, by dimension."""
        return dict(self.where)

    @property
    def asked(self) -> set[str]:
        """Every dimension named, in a breakdown or in a filter."""
        return {*self.by, *self.filters}


def read_breakdown(
    name: str,
    indicator: Indicator,
    dimensions: Mapping[str, Dimension],
    by: Iterable[str],
    where: Mapping[str, object],
    *,
    as_it_was: bool = False,
) -> Breakdown:
    """Return a question, checked against an indicator and its dataset's dimensions.

    Args:
        name: Identifier of the indicator, for messages.
        indicator: Its declaration.
        dimensions: Dimensions of its dataset, by identifier.
        by: Dimensions to break down by.
        where: One code or several by dimension; a range of years is written ``"2019..2022"``.
        as_it_was: See ``Breakdown``.

    Raises:
        UnknownNameError: A dimension or a code that does not exist; the allowed ones are named.
        QuestionError: The indicator needs a dimension that is not asked, or a dimension is asked twice.
    """
    allowed = indicator.dimensions or tuple(dimensions)
    by = tuple(by)
    filters: dict[str, tuple[str, ...]] = {}
    for dimension in (*by, *where):
        if dimension not in dimensions or dimension not in allowed:
            raise UnknownNameError(f"dimension of {name!r}", dimension, allowed)
    if len(set(by)) != len(by):
        raise QuestionError(f"{name!r}: a dimension is asked twice in {', '.join(by)}: name each once.")
    for dimension, asked in where.items():
        filters[dimension] = _read_codes(dimensions[dimension], asked)
    for dimension in indicator.share_of:
        if dimension not in by and dimension not in filters:
            raise QuestionError(
                f"{name!r} is the share of each {dimension}: add {dimension!r} to the breakdown or to the filters."
            )
    if indicator.base_year and "year" not in by:
        raise QuestionError(f"{name!r} follows a change over time: add 'year' to the breakdown.")
    for time in dimensions.values():
        if time.kind == "time" and time.id not in by and len(filters.get(time.id, ())) != 1:
            raise QuestionError(
                f"{name!r} is a state at each {time.id} and is never summed over several: "
                f"add {time.id!r} to the breakdown, or keep one, such as {max(time.members)}."
            )
    return Breakdown(by, tuple(filters.items()), as_it_was)


def _read_codes(dimension: Dimension, asked: object) -> tuple[str, ...]:
    listed = list(asked) if isinstance(asked, (list, tuple, set, frozenset, range)) else [asked]
    codes: list[str] = []
    for code in map(str, listed):
        span = _RANGE.match(code)
        if span and dimension.kind == "time":
            first, last = span.groups()
            if first > last:
                raise QuestionError(f"the range {code!r} ends before it begins: write {last}..{first}.")
            years = [str(year) for year in range(int(first), int(last) + 1)]
            codes += [_require_code(dimension, year) for year in years]
        else:
            codes.append(_require_code(dimension, code))
    if not codes:
        raise QuestionError(f"no {dimension.id} is kept: name one, or drop the filter.")
    return tuple(dict.fromkeys(codes))


def _require_code(dimension: Dimension, code: str) -> str:
    if code not in dimension.members:
        raise UnknownNameError(dimension.id, code, list(dimension.members))
    return code
