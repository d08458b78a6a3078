"""Builds a figure from a stat table: marks, series, colours and order; words come from ``captions``."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from math import log10

from atelier.errors import QuestionError, UnknownNameError
from atelier.figures.captions import (
    build_alt,
    build_class_labels,
    build_lecture,
    build_notes,
    build_scope,
    build_source,
    build_subtitle,
    build_title,
)
from atelier.figures.classes import ValueClass, class_bounds
from atelier.figures.kinds import COMPARED, KINDS, Asked
from atelier.figures.layout import OVER_TIME, WHOLE, Layout, choose_layout
from atelier.figures.marks import Reading, reaches_zero
from atelier.figures.palette import ACCENT, CONTEXT, categorical, ordinal, sequential
from atelier.figures.phrases import is_index, say
from atelier.figures.specification import Figure, FigureKind, Series
from atelier.figures.territories import Territories
from atelier.indicators.table import Dimension, StatTable

MANY_BARS, SHOWN_BARS = 30, 20
MANY_PANELS, SHOWN_PANELS = 24, 12
BASE = 100.0


def build_figure(
    table: StatTable,
    kind: FigureKind | None = None,
    *,
    title: str | None = None,
    highlight: str | Sequence[str] | None = None,
    top: int | None = None,
    x: str | None = None,
    series: str | None = None,
    references: Sequence[tuple[str, float]] = (),
    territories: Mapping[str, Territories] | None = None,
    against: StatTable | None = None,
    relative: bool = False,
    quadrants: Sequence[str] = (),
) -> Figure:
    """Return the figure of a table: what is drawn and every word that goes with it.

    Args:
        table: The stat table.
        kind: Kind of figure; chosen from the table's dimensions when None (see ``layout.choose_layout``).
        title: Title, when the one computed does not do.
        highlight: Code or codes the figure is about; the others become context.
        top: Keep this many bars or series, those with the highest values; highlighted ones stay. Beyond 30 bars or 24
            small multiples, the first 20 or 12 are kept unless told otherwise; a note counts the others.
        x: Dimension of the main axis.
        series: Dimension of the series.
        references: Lines to compare with: words and value ("France", 0.578).
        territories: Shapes that maps may use, by dimension.
        against: Another table: the horizontal measure of a scatter, or the single cell that diverging bars start from.
        relative: Whether the change that diverging bars or slopes show is told in per cent of the first value.
        quadrants: Words for the four corners of a scatter, clockwise from the top right.

    Raises:
        QuestionError: The table cannot be drawn that way; the message says what to ask instead.
        UnknownNameError: A kind, dimension or highlighted code that does not exist.
    """
    if table.cells.empty:
        raise QuestionError("the table has no cell to draw: widen the filters.")
    if top is not None and top < 1:
        raise QuestionError(f"top={top} keeps nothing: give 1 or more.")
    known, wanted = territories or {}, _codes(highlight)
    if kind is not None and kind in COMPARED:
        asked = Asked(
            table, kind, wanted, title, top, x, series, tuple(references), against, relative, tuple(quadrants)
        )
        return COMPARED[kind](asked)
    if against is not None or relative or quadrants:
        raise QuestionError("against, relative and quadrants belong to scatter, diverging or slope: name that kind.")
    layout = choose_layout(table, kind, x=x, series=series, highlighted=bool(wanted), territories=known)
    if top is not None and (layout.kind in WHOLE or (layout.kind == "line" and not layout.series)):
        raise QuestionError(f"top keeps the highest of several bars or series: a {layout.kind} has none to drop.")
    _require_codes(layout, wanted)
    own = KINDS.get(layout.kind)
    if own is not None:
        own.require(table, layout, known)
    drawn = Reading(table, layout, wanted)
    every = drawn.series()
    shown, others = _keep(every, layout, top)
    shown = _colored(shown, layout)
    classes = _classes(table, shown) if layout.kind in ("map", "tiles", "heat") else ()
    from_zero = layout.kind in ("bars", "stack", "distribution") or (
        layout.kind in OVER_TIME and reaches_zero(shown, references)
    )
    bases = ((say("mark.base", table.language), BASE),) if is_index(table) else ()
    shapes = known.get(layout.x.id) if layout.kind in ("map", "tiles", "points") and layout.x is not None else None
    figure = Figure(
        kind=layout.kind,
        title=title if title is not None else build_title(table, layout, shown),
        subtitle=build_subtitle(table),
        lecture=build_lecture(table, layout, shown),
        scope=build_scope(table),
        source=build_source(table, None if layout.kind == "tiles" else shapes),
        alt=build_alt(table, layout, shown),
        notes=build_notes(table, layout, shown, others=others, from_zero=from_zero, by_quantile=_by_quantile(classes)),
        series=shown,
        x_title=layout.x.title[table.language] if layout.x else "",
        y_title=table.card.unit.label[table.language],
        from_zero=from_zero,
        references=(*bases, *references),
        table=table,
        language=table.language,
        x=layout.x.id if layout.x else "",
        breaks=_breaks(table, layout),
        classes=classes,
        territories=shapes,
    )
    return figure if own is None else own.finish(figure, layout)


def _codes(highlight: str | Sequence[str] | None) -> tuple[str, ...]:
    if highlight is None:
        return ()
    return (highlight,) if isinstance(highlight, str) else tuple(str(code) for code in highlight)


def _require_codes(layout: Layout, wanted: Collection[str]) -> None:
    axes = (*layout.series, *((layout.x,) if layout.x else ()))
    known = [code for axis in axes for code in axis.members]
    for code in wanted:
        if code not in known:
            raise UnknownNameError("code to highlight", code, known)


def _keep(every: tuple[Series, ...], layout: Layout, top: int | None) -> tuple[tuple[Series, ...], int]:
    """Return the series in the order they are drawn, without those that ``top`` leaves out, and how many are."""
    if layout.kind in ("line", "multiples"):
        most = top or (SHOWN_PANELS if layout.kind == "multiples" and len(every) > MANY_PANELS else None)
        if most is None:
            return every, 0
        ranked = sorted(every, key=_last_value, reverse=True)
        kept = [one for rank, one in enumerate(ranked) if rank < most or one.highlighted]
        return tuple(kept), len(every) - len(kept)
    if layout.kind in WHOLE or layout.x is None:
        return every, 0
    order = _ranked_keys(every, layout, layout.x)
    most = top or (SHOWN_BARS if len(order) > MANY_BARS else None)
    kept_keys = order
    if most is not None:
        wanted = {mark.key for one in every for mark in one.marks if mark.highlighted}
        kept_keys = [key for rank, key in enumerate(order) if rank < most or key in wanted]
    sorted_series = []
    for one in every:
        marks = {mark.key: mark for mark in one.marks}
        sorted_series.append(replace(one, marks=tuple(marks[key] for key in kept_keys if key in marks)))
    return tuple(sorted_series), len(order) - len(kept_keys)


def _ranked_keys(every: tuple[Series, ...], layout: Layout, axis: Dimension) -> list[str]:
    """Return the keys of an axis in the order bars are drawn: their own order, or the highest value first."""
    keys = list(dict.fromkeys(mark.key for one in every for mark in one.marks))
    if axis.kind in ("time", "ordinal"):
        members = list(axis.members)
        return sorted(keys, key=lambda key: members.index(key) if key in members else len(members))
    leading = next((one for one in every if one.highlighted), None) or _leading(every, layout)
    values = {mark.key: mark.value for mark in leading.marks if mark.value is not None}
    return sorted((key for key in keys if key in values), key=lambda key: -values[key]) + [
        key for key in keys if key not in values
    ]


def _leading(every: tuple[Series, ...], layout: Layout) -> Series:
    """Return the series that ranks categories: the largest part of a stack, the latest year, else the first."""
    if layout.kind == "stack":
        return max(every, key=lambda one: sum(mark.value or 0.0 for mark in one.marks))
    return every[-1] if any(one.kind == "time" for one in layout.series) else every[0]


def _last_value(series: Series) -> float:
    return next((mark.value for mark in reversed(series.marks) if mark.value is not None), float("-inf"))


def _colored(every: tuple[Series, ...], layout: Layout) -> tuple[Series, ...]:
    if layout.kind == "multiples":
        return tuple(replace(one, color=ACCENT) for one in every)
    chosen = [one for one in every if one.highlighted] or list(every)
    in_order = layout.kind in ("stack", "bars") and len(layout.series) == 1 and len(chosen) == len(every) > 1
    kind = layout.series[0].kind if in_order else "nominal"
    palette = {"ordinal": ordinal(len(chosen)), "time": ordinal(len(chosen))[::-1]}
    colors = dict(zip((one.key for one in chosen), palette.get(kind, categorical(len(chosen))), strict=True))
    return tuple(replace(one, color=colors.get(one.key, CONTEXT)) for one in every)


def _classes(table: StatTable, shown: tuple[Series, ...]) -> tuple[ValueClass, ...]:
    values = [mark.value for one in shown for mark in one.marks if mark.value is not None]
    if not values:
        return ()
    unit = table.card.unit
    decimals = unit.decimals + round(log10(unit.shown(1.0)))
    bounds = class_bounds(values, decimals)
    labels = build_class_labels(table, bounds)
    colors = sequential(len(labels))
    return tuple(
        ValueClass(lower, upper, color, label)
        for (lower, upper), color, label in zip(pairwise(bounds), colors, labels, strict=True)
    )


def _by_quantile(classes: tuple[ValueClass, ...]) -> bool:
    widths = [one.upper - one.lower for one in classes]
    return bool(widths) and max(widths) > 2 * min(widths)


def _breaks(table: StatTable, layout: Layout) -> tuple[tuple[str, str], ...]:
    if layout.x is None or layout.x.kind != "time":
        return ()
    years = sorted({note.year for note in table.notes if note.kind == "break" and note.year is not None})
    return tuple((str(year), say("mark.break", table.language)) for year in years)
