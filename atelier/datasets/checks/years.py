"""Checks of time: years that follow, changes that surprise, years declared provisional or broken that exist."""

from collections.abc import Iterator
from math import log

from atelier.datasets.checks.catalogue import Finding, Subject, Tolerance, built_in, is_dataset, listed
from atelier.declarations import Dataset

_OUTLYING = 3.5
"""Modified z-score past which a value is an outlier: Iglewicz and Hoaglin, How to detect and handle outliers (1993)."""

_MAD_TO_SIGMA = 1.4826
"""What makes the median absolute deviation estimate the standard deviation of a normal law."""


def _has_years(subject: Subject) -> bool:
    return subject.time is not None and subject.time.type == "integer" and is_dataset(subject)


def _has_history(subject: Subject) -> bool:
    return _has_years(subject) and bool(subject.additive)


@built_in("years-contiguous", "warning", applies=_has_years)
def find_years_missing(subject: Subject, _: Tolerance) -> Iterator[Finding]:
    """Yield the years between the first and the last that have no row at all."""
    years = _years(subject)
    missing = [str(year) for year in range(min(years), max(years)) if year not in years] if years else []
    if missing:
        yield Finding(_time(subject), len(missing), tuple(missing))


@built_in("series-contiguous", "warning", applies=_has_history)
def find_holes_in_series(subject: Subject, _: Tolerance) -> Iterator[Finding]:
    """Yield the institutions and the like that leave the dataset for a year or more, then come back."""
    time, entity = _time(subject), _entity(subject)
    if entity:
        ranked = f"SELECT DISTINCT {time} AS seen, dense_rank() OVER (ORDER BY {time}) AS place FROM figures"
        series = (
            f"SELECT DISTINCT {listed(entity)}, place, {time} AS back FROM figures JOIN ({ranked}) ON seen = {time} "
            f"WHERE {subject.whole}"
        )
        before = f"lag(place) OVER (PARTITION BY {listed(entity)} ORDER BY place)"
        holes = f"SELECT {listed(entity)}, back, place - {before} - 1 AS years_away FROM ({series})"
        yield from subject.find(f"SELECT * FROM ({holes}) WHERE years_away > 0 ORDER BY ALL", time)


@built_in("abrupt-total", "warning", applies=_has_history, tolerance=0.2)
def find_total_jumping(subject: Subject, tolerance: Tolerance) -> Iterator[Finding]:
    """Yield the years whose total changes by more than a share of the year before, unless a break is declared there."""
    time = _time(subject)
    breaks = subject.table.breaks if isinstance(subject.table, Dataset) else ()
    explained = listed([str(broken.year) for broken in breaks]) or "NULL"
    for measure in _unsigned(subject):
        yearly = f"SELECT {time}, sum({measure}) AS total FROM figures WHERE {subject.top} GROUP BY ALL"
        lagged = (
            f"SELECT {time}, total, lag(total) OVER (ORDER BY {time}) AS before, "
            f"lag({time}) OVER (ORDER BY {time}) AS last FROM ({yearly} HAVING count({measure}) > 0)"
        )
        query = (
            f"SELECT {time}, before, total FROM ({lagged}) WHERE last = {time} - 1 AND before > 0 "
            f"AND abs(total - before) > {tolerance(measure)} * before "
            f"AND coalesce({time} NOT IN ({explained}), true) ORDER BY 1"
        )
        yield from subject.find(query, measure, {"share": f"{tolerance(measure):.0%}"})


@built_in("abrupt-change", "warning", applies=_has_history, tolerance=2.0)
def find_series_jumping(subject: Subject, tolerance: Tolerance) -> Iterator[Finding]:
    """Yield the changes of one year to the next, of a large institution and the like, that stand out.

    A change stands out when the figure is multiplied or divided by ``tolerance`` or more, when its logarithm is an
    outlier among all changes of the measure (modified z-score over 3.5), and when the larger of both figures is at
    least the median one: small institutions vary much and say little.
    """
    time, entity = _time(subject), _entity(subject)
    for measure in _unsigned(subject) if entity else []:
        kept = (
            f"SELECT {listed([*entity, time])}, sum({measure}) AS {measure} FROM figures WHERE {subject.whole} "
            f"GROUP BY {listed([*entity, time])} HAVING count({measure}) > 0"
        )
        window = f"OVER (PARTITION BY {listed(entity)} ORDER BY {time})"
        lagged = f"SELECT *, lag({measure}) {window} AS before, lag({time}) {window} AS last FROM ({kept})"
        change = f"CASE WHEN before > 0 AND {measure} > 0 THEN ln({measure} / before) END"
        pairs = (
            f"SELECT *, {change} AS change, greatest(before, {measure}) AS larger FROM ({lagged}) "
            f"WHERE last = {time} - 1 AND before >= 0 AND {measure} >= 0 AND (before > 0 OR {measure} > 0)"
        )
        centred = f"SELECT *, median(change) OVER () AS middle, median(larger) OVER () AS median_size FROM ({pairs})"
        scored = f"SELECT *, {_MAD_TO_SIGMA} * median(abs(change - middle)) OVER () AS spread FROM ({centred})"
        least = log(tolerance(measure))
        query = (
            f"SELECT {listed([*entity, time])}, before, {measure} FROM ({scored}) WHERE larger >= median_size AND "
            f"(change IS NULL OR (abs(change) >= {least} AND abs(change - middle) > {_OUTLYING} * spread)) "
            f"ORDER BY abs({measure} - before) DESC, {listed([*entity, time])}"
        )
        yield from subject.find(query, measure, {"factor": f"{tolerance(measure):g}"})


@built_in("provisional-years", applies=_has_years)
def find_provisional_years_absent(subject: Subject, _: Tolerance) -> Iterator[Finding]:
    """Yield the years declared provisional that the data does not hold."""
    declared = subject.table.provisional if isinstance(subject.table, Dataset) else ()
    absent = [str(year) for year in declared if year not in _years(subject)]
    if absent:
        yield Finding("provisional", len(absent), tuple(absent))


@built_in("breaks-in-span", "warning", applies=_has_years)
def find_breaks_out_of_span(subject: Subject, _: Tolerance) -> Iterator[Finding]:
    """Yield the breaks declared outside the years of the data: no reader would ever be told of them."""
    years = _years(subject)
    declared = subject.table.breaks if isinstance(subject.table, Dataset) and years else ()
    outside = [str(broken.year) for broken in declared if not min(years) < broken.year <= max(years)]
    if outside:
        yield Finding("breaks", len(outside), tuple(outside), {"first": min(years), "last": max(years)})


def _time(subject: Subject) -> str:
    return subject.time.name if subject.time else ""


def _years(subject: Subject) -> set[int]:
    query = f"SELECT DISTINCT {_time(subject)} AS year FROM figures WHERE year IS NOT NULL"
    return {int(str(year)) for (year,) in subject.rows(query)}


def _unsigned(subject: Subject) -> list[str]:
    """Return the measures that add up and may not be negative: a balance that leaps says nothing of a mistake."""
    units = subject.theme.card.units
    signed = {one.name for one in subject.measures if units[str(one.unit)].signed}
    return [name for name in subject.additive if name not in signed]


def _entity(subject: Subject) -> list[str]:
    """Return what tells one series from another: the key without time nor members, institutions for instance."""
    parts = {one.name for one in subject.table.fields if one.members}
    return [name for name in subject.key if name != _time(subject) and name not in parts]
