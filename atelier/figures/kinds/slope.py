"""Slopes: each category from one year, or one state, to another."""

from dataclasses import replace

from atelier.errors import QuestionError
from atelier.figures.captions import build_title, value_words, when_words, where_words
from atelier.figures.kinds.asked import Asked
from atelier.figures.kinds.gaps import (
    Pair,
    differ,
    gap_notes,
    joint_status,
    require_base,
    require_comparable,
    write_gap,
)
from atelier.figures.layout import Layout
from atelier.figures.marks import Reading
from atelier.figures.palette import CATEGORICAL, CONTEXT, categorical, signed
from atelier.figures.phrases import closed, say, subject
from atelier.figures.specification import Figure, Grid, Mark, Series
from atelier.indicators.table import Dimension

ENDS = 2


def build_slope(asked: Asked) -> Figure:
    """Return one line for each category, from its value in one state to its value in the other.

    Raises:
        QuestionError: Not two states, a break in series between them, or nothing that compares.
        UnknownNameError: A dimension or a highlighted code that does not exist.
    """
    asked.refuse(against=asked.against is not None, references=bool(asked.references), quadrants=bool(asked.quadrants))
    require_base(asked)
    table, language = asked.table, asked.table.language
    states, rest = _dimensions(asked)
    layout = asked.layout(states, rest)
    codes = [code for code in states.members if code in {str(one) for one in table.cells[states.column]}]
    start, end = codes
    if states.kind == "time":
        require_comparable(table, int(start), int(end))
    every = [_slope(asked, states, one, start, end) for one in Reading(table, layout, asked.wanted).series()]
    if not any(one.breaks == () and _gap(asked, one) is not None for one in every):
        raise QuestionError("no category has two values that compare (withheld, or a budget and accounts): draw bars.")
    ranked = sorted(every, key=lambda one: (-_height(one), one.key))
    kept, others = asked.keep_series(ranked)
    shown = _colored(kept)
    notes = [*gap_notes(asked, [_pair(one) for one in every]), say("note.not_zero", language)]
    if any(one.highlighted for one in shown) and not all(one.highlighted for one in shown):
        notes.append(say("note.highlight", language))
    labels = {"start": shown[0].marks[0].label, "end": shown[0].marks[1].label}
    title = build_title(table, replace(layout, x=None), shown)
    return asked.figure(
        layout,
        shown,
        [*notes, *asked.others(others)],
        title=say("title.slope", language, title=title, **labels),
        lecture=_lecture(asked, layout, shown),
        alt=_alt(asked, layout, shown),
        from_zero=False,
        grid=_grid(asked, layout, every),
    )


def _dimensions(asked: Asked) -> tuple[Dimension, tuple[Dimension, ...]]:
    varying, cells = asked.varying(), asked.table.cells
    two = [one for one in varying if cells[one.column].nunique() == ENDS]
    timed = [one for one in varying if one.kind == "time"]
    states = (
        asked.dimension(asked.x) if asked.x else next((one for one in [*timed, *two] if one.id != asked.series), None)
    )
    if states is None or cells[states.column].nunique() != ENDS:
        given = "none" if states is None else f"{cells[states.column].nunique()} of {states.id}"
        raise QuestionError(f"a slope joins two states, here {given}: keep two years, or two codes of a dimension.")
    rest = tuple(one for one in varying if one is not states)
    if not rest:
        raise QuestionError("slopes compare several categories: break down by another dimension, or draw bars.")
    return states, rest


def _slope(asked: Asked, states: Dimension, series: Series, start: str, end: str) -> Series:
    """Return a series with its two ends, those the source lacks included; cut where they do not compare."""
    marks = {mark.key: mark for mark in series.marks}
    first, last = (
        marks.get(code) or Mark(code, states.short_label(code, asked.table.language), None, "O", "[O]")
        for code in (start, end)
    )
    compares = first.is_forecast == last.is_forecast
    return replace(series, marks=(first, last), breaks=() if compares else (end,))


def _pair(series: Series) -> Pair:
    return Pair(series.marks[0], series.marks[1])


def _gap(asked: Asked, series: Series) -> float | None:
    return differ(_pair(series), relative=asked.relative)


def _gap_text(asked: Asked, series: Series) -> str:
    pair = _pair(series)
    return write_gap(asked.table, _gap(asked, series), joint_status(pair), relative=asked.relative)


def _height(series: Series) -> float:
    """Return what ranks a series: its last value, else its first."""
    return next((mark.value for mark in reversed(series.marks) if mark.value is not None), float("-inf"))


def _colored(kept: tuple[Series, ...]) -> tuple[Series, ...]:
    """Return series coloured: those highlighted stand out from grey; with none, rises and falls differ."""
    chosen = [one for one in kept if one.highlighted]
    if len(chosen) > len(CATEGORICAL):
        raise QuestionError(f"{len(chosen)} colours cannot be told apart: highlight {len(CATEGORICAL)} or fewer.")
    if chosen:
        colors = dict(zip((one.key for one in chosen), categorical(len(chosen)), strict=True))
        return tuple(replace(one, color=colors.get(one.key, CONTEXT)) for one in kept)
    return tuple(replace(one, color=signed(differ(_pair(one), relative=False))) for one in kept)


def _lecture(asked: Asked, layout: Layout, shown: tuple[Series, ...]) -> str:
    table, language = asked.table, asked.table.language
    seen = [one for one in shown if _gap(asked, one) is not None]
    if not seen:
        return say("lecture.none", language)
    sure = {one.key: all(mark.status in ("A", "P") for mark in one.marks) for one in seen}
    found = max(seen, key=lambda one: (one.highlighted, sure[one.key], abs(_gap(asked, one) or 0)))
    first, last = found.marks
    over_time = layout.x is not None and layout.x.kind == "time"
    labels = where_words(table, replace(layout, x=None), found, last)
    return say(
        "lecture.change" if over_time else "lecture.states",
        language,
        when="" if over_time else when_words(table, layout, found, last),
        subject=closed(subject(table)),
        first=value_words(table, first),
        value=value_words(table, last),
        start=first.label,
        end=last.label,
        where=say("lecture.where", language, labels=", ".join(labels)),
        gap=_gap_text(asked, found),
    )


def _alt(asked: Asked, layout: Layout, shown: tuple[Series, ...]) -> str:
    language = asked.table.language
    first, last = shown[0].marks
    gaps = {one.key: _gap(asked, one) for one in shown}
    seen = [one for one in shown if gaps[one.key] is not None]
    above, below = (sum((gaps[one.key] or 0) * side > 0 for one in seen) for side in (1, -1))
    said = [asked.alt_head(layout, asked.table.card.label[language])]
    said.append(say("alt.slopes", language, start=first.label, end=last.label, above=above, below=below))
    ends = [one for one in seen if one.highlighted]
    if not ends and seen:
        ends = [max(seen, key=lambda one: gaps[one.key] or 0), min(seen, key=lambda one: gaps[one.key] or 0)]
    said += [
        say("alt.ends", language, label=one.label, first=one.marks[0].text, last=one.marks[1].text)
        for one in dict.fromkeys(ends)
    ]
    hidden = sum(mark.value is None for one in shown for mark in one.marks)
    return " ".join([*said, *asked.alt_hidden(hidden)])


def _grid(asked: Asked, layout: Layout, every: list[Series]) -> Grid:
    language = asked.table.language
    title = ", ".join(one.title[language] for one in layout.series)
    over_time = layout.x is not None and layout.x.kind == "time"
    gap = say("gap.change" if over_time else "gap.head", language)
    first, last = every[0].marks
    rows = [(one.label, *(mark.text for mark in one.marks), _gap_text(asked, one)) for one in every]
    return Grid((title, first.label, last.label, gap), tuple(rows))
