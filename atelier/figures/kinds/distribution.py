"""Distribution: how many institutions, or other categories, lie in each class of value."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from statistics import median

from atelier.errors import QuestionError
from atelier.figures.classes import ValueClass, class_rank, round_bounds
from atelier.figures.layout import Layout
from atelier.figures.palette import ACCENT, CONTEXT
from atelier.figures.phrases import lower_first, of_plural, plural, say, subject, upper_first, year_of
from atelier.figures.specification import Figure, Mark
from atelier.figures.svg.scales import tick_texts
from atelier.figures.territories import Territories
from atelier.indicators.table import StatTable
from atelier.language import format_number

FEWEST = 8
"""Under this many values, a distribution shows less than the values themselves."""


def require_distribution(table: StatTable, layout: Layout, territories: Mapping[str, Territories]) -> None:
    """Refuse a table that has no categories to count, or too few."""
    del territories
    if layout.x is None or layout.x.kind == "time":
        raise QuestionError("a distribution counts categories: break the table down by one, such as an institution.")
    if layout.series:
        others = ", ".join(one.id for one in layout.series)
        raise QuestionError(f"a distribution shows one value for each {layout.x.id}: keep a single code of {others}.")
    count = int(table.cells["value"].notna().sum())
    if count < FEWEST:
        raise QuestionError(f"a distribution of {count} values says less than the values: draw bars.")


def finish_distribution(figure: Figure, layout: Layout) -> Figure:
    """Return the figure with a mark per class, whose value is how many categories lie in it."""
    marks = figure.series[0].marks
    counted = _counted(marks)
    values = [mark.value for mark in counted if mark.value is not None]
    bounds = round_bounds(values)
    labels = _labels(figure.table, bounds)
    ranks = [class_rank(value, bounds) for value in values]
    chosen = {rank for rank, mark in zip(ranks, counted, strict=True) if mark.highlighted}
    status = "F" if all(mark.is_forecast for mark in counted) else "A"
    counts = [ranks.count(rank) for rank in range(len(labels))]
    classes = tuple(
        ValueClass(lower, upper, ACCENT if rank in chosen or not chosen else CONTEXT, labels[rank])
        for rank, (lower, upper) in enumerate(pairwise(bounds))
    )
    bars = tuple(
        Mark(str(rank), labels[rank], float(count), status, format_number(count, figure.language), rank in chosen)
        for rank, count in enumerate(counts)
    )
    middle = (say("distribution.median", figure.language), float(median(values)))
    named = [(mark.label, mark.value) for mark in counted if mark.highlighted and mark.value is not None]
    # Words go from their line towards the middle: those of the outer lines stand above, and cross no other line.
    centre = (bounds[0] + bounds[-1]) / 2
    lines = sorted((middle, *named, *figure.references), key=lambda line: -abs(line[1] - centre))
    noun = _noun(layout, figure.language)
    return replace(
        figure,
        series=(replace(figure.series[0], marks=bars, label=noun),),
        classes=classes,
        references=tuple(lines),
        x_title=figure.y_title,
        y_title=say("distribution.count", figure.language, noun=noun, of_noun=of_plural(noun)),
        lecture=_lecture(figure, bars, sum(counts), noun),
        alt=_alt(figure, bars, counted, middle[1], noun),
        notes=(*figure.notes, *_notes(figure, len(marks) - len(counted), marks, noun)),
    )


def _counted(marks: Sequence[Mark]) -> list[Mark]:
    """Return the marks that are counted: those shown, and only what was observed where some of it was."""
    seen = [mark for mark in marks if mark.value is not None]
    return [mark for mark in seen if not mark.is_forecast] or seen


def _labels(table: StatTable, bounds: Sequence[float]) -> list[str]:
    texts = tick_texts(bounds, table)
    pairs = pairwise(texts)
    return [say("mark.class", table.language, low=low, high=high) for low, high in pairs]


def _noun(layout: Layout, language: str) -> str:
    return plural(lower_first(layout.x.title[language]), language) if layout.x is not None else ""


def _lecture(figure: Figure, bars: Sequence[Mark], total: int, noun: str) -> str:
    language, table = figure.language, figure.table
    bar = max(bars, key=lambda mark: (mark.highlighted, mark.value or 0.0))
    year = year_of(table)
    when = "" if year is None else say("lecture.when", language, year=year)
    told = {"count": bar.text, "total": format_number(total, language), "noun": noun, "class": bar.label}
    return say("distribution.lecture", language, when=when, subject=subject(table), **told)


def _alt(figure: Figure, bars: Sequence[Mark], counted: Sequence[Mark], middle: float, noun: str) -> str:
    language, table = figure.language, figure.table
    head = say(
        "alt.head", language, kind=say("alt.kind.distribution", language), measure=lower_first(figure.title), context=""
    )
    ranked = sorted(counted, key=lambda mark: mark.value or 0.0)
    fullest = max(bars, key=lambda mark: mark.value or 0.0)
    sentence = say(
        "distribution.alt",
        language,
        count=format_number(len(counted), language),
        noun=noun,
        classes=len(bars),
        low=ranked[0].text,
        high=ranked[-1].text,
        median=table.format(middle),
        fullest=fullest.label,
        most=fullest.text,
    )
    named = "".join(
        f" {say('mark.told', language, place=mark.label, value=mark.text)}." for mark in counted if mark.highlighted
    )
    return f"{head} {sentence}{named}"


def _notes(figure: Figure, left: int, marks: Sequence[Mark], noun: str) -> list[str]:
    language = figure.language
    notes = [say("distribution.bounds", language)]
    hidden = sum(mark.value is None for mark in marks)
    for key, count in (("hidden", hidden), ("forecast", left - hidden)):
        if count:
            told = say(f"distribution.{key}", language, count=format_number(count, language), noun=noun)
            notes.append(upper_first(told))
    return notes
