"""Maps without outlines: a square of one size per territory, and circles whose area is the value."""

from collections.abc import Mapping
from dataclasses import replace

from atelier.errors import QuestionError
from atelier.figures.layout import Layout
from atelier.figures.phrases import plural, say, upper_first
from atelier.figures.specification import Figure
from atelier.figures.territories import Territories
from atelier.indicators.table import StatTable

FAR = 12
"""Most tiles beside a map of points, for those that lie outside it; the highest values are kept."""


def require_tiles(table: StatTable, layout: Layout, territories: Mapping[str, Territories]) -> None:
    """Refuse a table without one value per territory, or whose territories have no square."""
    del table
    if layout.x is None or layout.x.kind != "geo":
        raise QuestionError("a tile map needs a territory: break the table down by one, such as a region.")
    _require_single(layout)
    known = territories.get(layout.x.id)
    if known is None or not known.tiles:
        raise QuestionError(f"no tiles are known for {layout.x.id!r}: draw a map or bars, or add them to the theme.")


def finish_tiles(figure: Figure, layout: Layout) -> Figure:
    """Return the figure: it has all it needs."""
    del layout
    return figure


def require_points(table: StatTable, layout: Layout, territories: Mapping[str, Territories]) -> None:
    """Refuse a table whose codes lie nowhere, or whose values an area would not show."""
    if layout.x is None:
        raise QuestionError("a map of points needs places: break the table down by them, such as an institution.")
    _require_single(layout)
    known = territories.get(layout.x.id)
    if known is None or not known.places:
        raise QuestionError(f"no places are known for {layout.x.id!r}: draw bars, or add them to the theme.")
    if table.card.is_ratio:
        raise QuestionError("the area of a circle shows an amount, not a ratio: ask for a count, or draw bars.")
    values = table.cells["value"].dropna()
    if (values < 0).any():
        raise QuestionError("a circle has no negative area: draw bars.")


def finish_points(figure: Figure, layout: Layout) -> Figure:
    """Return the figure with its circles from the largest to the smallest, and few tiles for those far away."""
    known = figure.territories
    if known is None or layout.x is None:
        return figure
    marks = sorted(figure.series[0].marks, key=lambda mark: -1.0 if mark.value is None else mark.value, reverse=True)
    far = [mark for mark in marks if mark.key not in known.places]
    left = [mark for rank, mark in enumerate(far) if rank >= FAR and not mark.highlighted]
    shown = tuple(mark for mark in marks if mark not in left)
    notes = [*figure.notes, say("points.area", figure.language)]
    if far:
        notes.append(say("points.far", figure.language))
    if left:
        noun = plural(layout.x.title[figure.language], figure.language)
        notes.append(upper_first(say("points.left", figure.language, count=len(left), noun=noun)))
    return replace(figure, series=(replace(figure.series[0], marks=shown),), notes=tuple(notes))


def _require_single(layout: Layout) -> None:
    if layout.series:
        others = ", ".join(one.id for one in layout.series)
        raise QuestionError(f"a map shows one value for each place: keep a single code of {others}.")
