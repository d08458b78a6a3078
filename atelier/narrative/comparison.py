"""A table set against wider ones, its group or the whole: the gap, the weight, the trend."""

from collections.abc import Iterator, Mapping, Sequence

from atelier.errors import QuestionError
from atelier.figures.phrases import year_of
from atelier.indicators.table import Dimension, StatTable, format_value
from atelier.language import format_share
from atelier.narrative.categories import read_categories
from atelier.narrative.changes import Change, tell_change
from atelier.narrative.naming import name_measure, name_place, write_flags, write_points, write_value
from atelier.narrative.over_time import latest_change
from atelier.narrative.series import FORECAST, find_stretch, observed, read_points, split_time
from atelier.narrative.wording import Sentence, build_sentence, say

Compared = Mapping[str, StatTable | Sequence[StatTable]] | Sequence[StatTable]
"""Tables of wider sets: by label, or one after the other, named by the codes they keep or by the whole territory."""


def read_references(table: StatTable, compare: Compared | None) -> list[tuple[str, StatTable]]:
    """Return label and table of each reference about the same indicator, in the table's language.

    Args:
        table: The table told.
        compare: The references.

    Raises:
        QuestionError: A reference is not broken down as the table is.
    """
    if compare is None:
        return []
    pairs: list[tuple[str, StatTable]] = []
    if isinstance(compare, Mapping):
        for label, tables in compare.items():
            pairs += [(label, one) for one in ([tables] if isinstance(tables, StatTable) else tables)]
    else:
        pairs = [("", one) for one in compare]
    same = [(label, one.in_language(table.language)) for label, one in pairs if one.card.id == table.card.id]
    if any(split_time(one) != split_time(table) for _, one in same):
        asked = [one.id for one in table.dimensions]
        raise QuestionError(f"{table.card.id!r}: a reference must be broken down by {asked}, as the table is.")
    return [(label or name_place(one).lead, one) for label, one in same]


def compare_series(table: StatTable, label: str, reference: StatTable) -> Iterator[Sentence]:
    """Yield the gap to a reference at the last year told, and how the reference changed where the table's change is.

    Args:
        table: A table with one value per year, or with a single value.
        label: Label of the reference.
        reference: Its table.
    """
    own = next((one for one in reversed(observed(read_points(table))) if one.value is not None), None)
    other = next((one for one in read_points(reference) if own and one.year == own.year), None)
    if own and other and FORECAST in own.status + other.status and own.status != other.status:
        return
    if own is None or other is None or own.value is None or other.value is None:
        return
    yield from _gap(table, label, (own.value, own.status), (other.value, other.status), own.year)
    if table.card.unit.kind == "count":
        yield from _trend(table, label, reference)


def compare_categories(table: StatTable, dimension: Dimension, label: str, reference: StatTable) -> Iterator[Sentence]:
    """Yield the category that stands furthest from the reference; nothing for counts, where size would decide.

    Args:
        table: A table with one value per category.
        dimension: What it is broken down by.
        label: Label of the reference.
        reference: Its table.
    """
    if table.card.unit.kind == "count" or year_of(table) != year_of(reference):
        return
    others = {one.code: one for one in read_categories(reference, dimension)}
    pairs = [(one, others[one.code]) for one in read_categories(table, dimension) if one.code in others]
    if not pairs:
        return
    own, other = max(pairs, key=lambda pair: abs(pair[0].value - pair[1].value))
    written = [write_value(table, one.value, one.status) for one in (own, other)]
    if len(pairs) > 1 and written[0] != written[1]:
        opening = _opening(table, year_of(table))
        told = {"reference": label, "name": own.name, "own": written[0], "value": written[1]}
        text = say("compared.category", table, opening=opening, **told)
        yield build_sentence("compared", text, table.language, (own.value, other.value))


def _gap(
    table: StatTable, label: str, own: tuple[float, str], other: tuple[float, str], year: int | None
) -> Iterator[Sentence]:
    (mine, status), (theirs, their_status) = own, other
    language, is_count = table.language, table.card.unit.kind == "count"
    if is_count and not 0 < mine <= theirs:
        return
    difference = abs(mine - theirs)
    if is_count:
        key, amount, numbers = "weight", format_share(mine / theirs, language), [mine / theirs, theirs]
    elif write_points(table, difference) == write_points(table, 0) or _plain(table, mine) == _plain(table, theirs):
        key, amount, numbers = "level", "", [theirs]
    else:
        key, amount = "above" if mine > theirs else "below", write_points(table, difference)
        numbers = [difference, theirs]
    told = {"opening": _opening(table, year), "measure": name_measure(table), "reference": label}
    value = write_flags(table, [their_status], write_value(table, theirs, bare=True))
    text = say(f"compared.{key}", table, amount=amount + write_flags(table, [status]), value=value, **told)
    yield build_sentence("compared", text, language, numbers)


def _trend(table: StatTable, label: str, reference: StatTable) -> Iterator[Sentence]:
    """Yield the latest change of the reference, where the table's own and the reference's can both be told."""
    own, other = _latest(table), _latest(reference)
    if own is None or other is None or other.is_plain:
        return
    if (own.before.year, own.after.year) == (other.before.year, other.after.year):
        yield tell_change(other, "trend", "step", named=say("compared.trend", table, reference=label))


def _latest(table: StatTable) -> Change | None:
    stretch = find_stretch(table, observed(read_points(table)))
    return latest_change(table, stretch) if stretch else None


def _opening(table: StatTable, year: int | None) -> str:
    return say("time.opening", table, year=year) if year else ""


def _plain(table: StatTable, value: float) -> str:
    return format_value(value, table.card.unit, table.language)
