"""What a series of years says: its level, its changes, its records, and what forbids comparing."""

from collections.abc import Iterator, Sequence
from itertools import pairwise, takewhile

from atelier.figures.phrases import span
from atelier.indicators.table import StatTable, format_value
from atelier.narrative.changes import Change, tell_change, tell_ends
from atelier.narrative.naming import is_countable, name_measure, name_place, write_flags, write_none, write_value
from atelier.narrative.remarks import tell_remarks, tell_rules
from atelier.narrative.series import FORECAST, Cut, Known, Point, Stretch, find_stretch, observed, read_points
from atelier.narrative.wording import Sentence, build_sentence, say, spell


def tell_series(table: StatTable) -> Iterator[Sentence]:
    """Yield the sentences of a table with one value per year, or with a single value."""
    every = read_points(table)
    points = observed(every)
    known = [point for point in points if point.value is not None]
    if points and points[-1].value is None:
        yield _absence(table, points[-1])
    if known:
        yield _level(table, known[-1])
        yield from tell_remarks(table, known[-1])
    stretch = find_stretch(table, points)
    if stretch:
        yield from _history(table, stretch)
        yield from tell_rules(table, stretch)
    elif known:
        yield from tell_rules(table, None, known[-1])
    if len(points) < len(every) and every[-1].status == FORECAST:
        yield _level(table, every[-1])


def latest_change(table: StatTable, stretch: Stretch) -> Change | None:
    """Return the change from the last year but one, None where the two do not compare."""
    return Change(table, *stretch.points[-2:]) if len(stretch.points) > 1 else None


def _history(table: StatTable, stretch: Stretch) -> Iterator[Sentence]:
    points = stretch.points
    latest = latest_change(table, stretch)
    if latest:
        yield tell_change(latest, "change", "step")
    if stretch.cut:
        yield _cut(table, stretch.cut)
    whole = Change(table, points[0], points[-1])
    if latest and whole != latest and (latest.is_seen or whole.is_seen):
        yield tell_change(whole, "since", "span")
    if _is_solid(table, points[-1]):
        yield from _records(table, points)
        yield from _turns(table, points)


def _level(table: StatTable, point: Point) -> Sentence:
    language, place, value = table.language, name_place(table), float(point.value or 0)
    counted = table.card.unit.kind == "count" and is_countable(table, value)
    is_none = counted and value == 0
    key = "none" if is_none and place.agent else "count" if counted else "value"
    written = write_value(table, value, point.status, bare=table.card.unit.kind == "count" and not counted)
    if is_none:
        written = write_none(table) + write_flags(table, [point.status])
    text = say(
        f"level.{'agent' if place.agent else 'lead'}_{key}",
        table,
        opening=say("time.opening", table, year=point.year) if point.year else "",
        closing=say("time.closing", table, year=point.year) if point.year else "",
        lead=place.lead,
        agent=place.agent,
        at=place.at,
        measure=name_measure(table),
        value=written,
    )
    return build_sentence("level", text, language, [value])


def _absence(table: StatTable, point: Point) -> Sentence:
    status = point.status if point.status in ("Q", "M") else "O"
    of = say("time.of", table, year=point.year) if point.year else ""
    return build_sentence("absent", say(f"absent.{status}", table, of=of), table.language)


def _cut(table: StatTable, cut: Cut) -> Sentence:
    if cut.kind == "jump":
        return tell_ends(Change(table, cut.before, cut.after), "jump", "cut.jump")
    if cut.kind == "scope":
        when = say("time.pair", table, start=cut.before.year, end=cut.after.year)
        text = say("cut.scope", table, when=when, measure=name_measure(table))
    elif cut.kind == "gap":
        text = say("cut.gap", table, years=span(table, list(cut.years)))
    else:
        text = say("cut.break" if cut.years else "cut.break_undated", table, year=(*cut.years, "")[0])
    return build_sentence(cut.kind, text, table.language)


def _is_solid(table: StatTable, point: Known) -> bool:
    return point.status != "U" and (table.card.unit.kind != "count" or point.value >= table.telling.sizes.small)


def _records(table: StatTable, points: Sequence[Known]) -> Iterator[Sentence]:
    """Yield that the last year is a record, or else which year was the highest."""
    if len(points) < table.telling.sizes.record:
        return
    first, last = points[0], points[-1]
    opening = say("time.opening", table, year=last.year)
    told = {"opening": opening, "measure": name_measure(table), "start": first.year}
    high, low = max(points, key=lambda one: one.value), min(points, key=lambda one: one.value)
    for key, extreme in (("highest", high), ("lowest", low)):
        if extreme == last and _is_alone(table, extreme, points):
            yield build_sentence("extremes", say(f"extremes.{key}", table, **told), table.language)
    if high not in (first, last) and _is_alone(table, high, points):
        written = write_value(table, high.value, high.status)
        text = say("extremes.peak", table, year=high.year, value=written, **told)
        yield build_sentence("extremes", text, table.language, [high.value])


def _is_alone(table: StatTable, extreme: Known, points: Sequence[Known]) -> bool:
    """Return whether no other year has the same value once rounded."""
    texts = [format_value(one.value, table.card.unit, table.language) for one in points]
    return texts.count(format_value(extreme.value, table.card.unit, table.language)) == 1


def _turns(table: StatTable, points: Sequence[Known]) -> Iterator[Sentence]:
    """Yield that the last change is the first of its kind after several of the other."""
    changes = [Change(table, before, after) for before, after in pairwise(points)]
    if not changes or changes[-1].is_stable("step"):
        return
    is_rise = changes[-1].difference > 0
    run = list(takewhile(lambda one: one.is_seen and (one.difference < 0) == is_rise, reversed(changes[:-1])))
    if len(run) >= table.telling.sizes.run:
        count, year = spell(len(run), table), points[-1].year
        text = say("extremes.rise" if is_rise else "extremes.fall", table, year=year, count=count)
        yield build_sentence("turn", text, table.language)
