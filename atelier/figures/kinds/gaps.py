"""Gaps: the difference of two values, in words, and what a difference may not be made of."""

from collections.abc import Iterable
from typing import NamedTuple

from atelier.errors import QuestionError
from atelier.figures.kinds.asked import Asked
from atelier.figures.phrases import is_index, say
from atelier.figures.specification import Mark
from atelier.indicators.table import StatTable
from atelier.language import NO_BREAK_SPACE, format_number, format_share

_WORST_FIRST = ("Q", "O", "M", "F", "U", "P", "B")


class Pair(NamedTuple):
    """Two values that are compared: what with, and what."""

    first: Mark
    last: Mark


def joint_status(pair: Pair) -> str:
    """Return the status of what is computed from two values: the worse of theirs."""
    return next((code for code in _WORST_FIRST if code in (pair.first.status, pair.last.status)), "A")


def differ(pair: Pair, *, relative: bool) -> float | None:
    """Return how far the last is from the first; None where either is withheld or they do not compare.

    Args:
        pair: The two values.
        relative: Whether as a share of the first, which must then be above zero.
    """
    first, last = pair
    if first.value is None or last.value is None or first.is_forecast != last.is_forecast:
        return None
    if not relative:
        return last.value - first.value
    return last.value / first.value - 1 if first.value > 0 else None


def gap_notes(asked: Asked, pairs: Iterable[Pair]) -> list[str]:
    """Return why some values both known do not compare: a budget with accounts, a base that is not above zero."""
    language = asked.table.language
    seen = [pair for pair in pairs if pair.first.value is not None and pair.last.value is not None]
    apart = sum(first.is_forecast != last.is_forecast for first, last in seen)
    base = sum((first.value or 0) <= 0 for first, _ in seen) if asked.relative else 0
    notes = [say("note.budget_apart", language, count=apart)] if apart else []
    return notes + ([say("note.no_base", language, count=base)] if base else [])


def require_base(asked: Asked) -> None:
    """Refuse a change in per cent of what is already in per cent.

    Raises:
        QuestionError: The measure is a share.
    """
    if asked.relative and asked.table.card.unit.kind == "share":
        raise QuestionError("a share changes by points: leave relative out.")


def write_gap(table: StatTable, gap: float | None, status: str, *, relative: bool) -> str:
    """Return a gap with its sign and unit, ``+3,2 pts`` or ``-12 %``, and its letter; a dash where there is none."""
    flag = "" if status == "A" else f"[{status}]"
    if gap is None:
        return flag or "–"
    text = _amount(table, gap, relative=relative)
    return f"{text} {flag}" if flag else text


def gap_words(table: StatTable, *, relative: bool) -> str:
    """Return the unit of gaps in words: points of per cent, per cent, or the measure's own."""
    unit, language = table.card.unit, table.language
    if relative:
        return say("gap.percent", language)
    if unit.kind == "share" or is_index(table):
        return say("gap.points" if unit.kind == "share" else "gap.index_points", language)
    return unit.label[language]


def require_comparable(table: StatTable, start: int, end: int) -> None:
    """Refuse two years that a break in series parts.

    Raises:
        QuestionError: A break lies between them; the message names its year.
    """
    broken = sorted({note.year for note in table.notes if note.kind == "break" and note.year is not None})
    between = [year for year in broken if start < year <= end]
    if between:
        raise QuestionError(
            f"a break in series lies between {start} and {end} (in {between[-1]}), the two do not compare: "
            f"ask two years before it, two years from {between[-1]} on, or draw a line, which is cut there."
        )


def _amount(table: StatTable, gap: float, *, relative: bool) -> str:
    unit, language = table.card.unit, table.language
    if relative:
        return _signed(gap, format_share(gap, language, 1))
    in_points = unit.kind == "share" or is_index(table)
    text = format_number(unit.shown(gap), language, unit.decimals)
    text = _signed(gap, text)
    if in_points:
        return text + NO_BREAK_SPACE + say("gap.pts", language)
    return text


def _signed(gap: float, text: str) -> str:
    return f"+{text}" if gap > 0 and any(digit in text for digit in "123456789") else text
