"""Bars from zero: ranked across for categories, upright for years, side by side for a few series."""

from dataclasses import dataclass

from atelier.figures.palette import AXIS, INK, INK_SOFT
from atelier.figures.specification import Figure, Mark, Series
from atelier.figures.svg.canvas import LEADING, rule, tag, text, text_width, title, wrap
from atelier.figures.svg.drawing import (
    Drawing,
    Frame,
    Plane,
    keys,
    keys_in_order,
    mark_color,
    size_for,
    told,
    value_grid,
    year_axis,
)
from atelier.figures.svg.scales import (
    NARROW,
    Scale,
    seen_values,
    spaced_years,
    tick_texts,
    value_ticks,
    years_of,
)

LABEL_SHARE = 0.36
"""Most of the width that the words of categories may take."""
_BAR, _SIDE_BY_SIDE, _GAP = 17.0, 15.0, 9.0
_UNSURE = 0.45
"""Opacity of a value that is provisional or rests on a small number."""


@dataclass(frozen=True)
class _Row:
    """One category: its words and its bars."""

    lines: list[str]
    bars: list[tuple[Series, Mark]]
    highlighted: bool


def draw_bars(figure: Figure, width: float, height: float | None, name: str) -> Drawing:
    """Return bars: upright over time, across otherwise."""
    del name
    over_time = bool(figure.x) and figure.table.dimension(figure.x).kind == "time"
    return _upright(figure, width, height) if over_time else _across(figure, width)


def _across(figure: Figure, width: float) -> Drawing:
    size, narrow = size_for(width), width < NARROW
    rows = _rows(figure, width, size)
    outside = max(text_width(mark.text, size, bold=True) for row in rows for _, mark in row.bars) + 8
    left = 0.0 if narrow else max(text_width(line, size, bold=True) for row in rows for line in row.lines) + 10
    values = [*seen_values(figure), 0.0]
    start = left + (outside if min(values) < 0 else 0.0)
    x = Scale(min(values), max(*values, 1e-9), start, width - outside)
    halo = x(0) > start or bool(figure.references)
    heading, top = _heading(figure, width, size)
    y, words, shapes, numbers = top, [], [], []
    thickness = _BAR if len(figure.series) == 1 else _SIDE_BY_SIDE
    for row in rows:
        label, bars = len(row.lines) * size * LEADING, thickness * len(row.bars)
        if narrow:
            baseline = y + size
            # Rules that stand among bars pass under the names.
            words.append(text(0.0, baseline, row.lines, size=size, bold=row.highlighted, halo=halo))
            first, tall = y + label, label + bars
        else:
            tall = max(label, bars)
            first = y + (tall - bars) / 2
            baseline = y + tall / 2 - (len(row.lines) - 1) * size * LEADING / 2 + size * 0.35
            words.append(text(left - 10, baseline, row.lines, size=size, anchor="end", bold=row.highlighted))
        for rank, (series, mark) in enumerate(row.bars):
            plane = Plane(
                figure, Frame(left, first + rank * thickness, width, first + (rank + 1) * thickness), x, x, size
            )
            shapes += _bar(plane, series, mark)
            numbers.append(_number(plane, mark))
        y += tall + _GAP
    bottom = y - _GAP + 2
    shapes.append(rule(x(0), top - 2, x(0), bottom, AXIS))
    references = _reference_lines(Plane(figure, Frame(left, top, width, bottom), x, x, size))
    return Drawing((*heading, *shapes, *references, *words, *numbers), y + 2)


def _rows(figure: Figure, width: float, size: float) -> list[_Row]:
    room = width if width < NARROW else LABEL_SHARE * width
    rows = []
    for key in keys_in_order(figure):
        bars = [(one, mark) for one in figure.series for mark in one.marks if mark.key == key]
        highlighted = any(mark.highlighted for _, mark in bars)
        rows.append(_Row(wrap(bars[0][1].label, room, size, lines=2, bold=True), bars, highlighted))
    return rows


def _bar(plane: Plane, series: Series, mark: Mark) -> list[str]:
    if mark.value is None:
        return []
    left, right = sorted((plane.x(0), plane.x(mark.value)))
    tall = plane.frame.bottom - plane.frame.top - (1 if len(plane.figure.series) > 1 else 0)
    return [
        tag(
            "rect",
            title(told(plane.figure, series, mark)),
            x=left,
            y=plane.frame.top,
            width=right - left,
            height=tall,
            fill=mark_color(plane.figure, series, mark),
            fill_opacity=_UNSURE if mark.status in ("P", "U", "F") else None,
        )
    ]


def _number(plane: Plane, mark: Mark) -> str:
    """Return the value at the end of a bar, or the letter that stands for it where the bar would begin."""
    baseline = (plane.frame.top + plane.frame.bottom) / 2 + plane.size * 0.35
    if mark.value is None:
        return text(plane.x(0) + 6, baseline, mark.text, size=plane.size, fill=INK_SOFT)
    end = plane.x(mark.value)
    away, anchor = (-6.0, "end") if mark.value < 0 else (6.0, None)
    bold, halo = mark.highlighted, bool(plane.figure.references)
    return text(end + away, baseline, mark.text, size=plane.size, anchor=anchor, bold=bold, halo=halo)


def _heading(figure: Figure, width: float, size: float) -> tuple[list[str], float]:
    body, y = ([], 2.0) if len(figure.series) == 1 else keys(figure, width, size, [one.label for one in figure.series])
    return body, y + (size + 8) * len(figure.references)


def reference_words(figure: Figure, label: str, value: float) -> str:
    """Return the words of a reference line across bars: its label, with its value where the label does not tell it."""
    written = figure.table.format(value)
    return label if written in label else f"{label} {written}"


def _reference_lines(plane: Plane) -> list[str]:
    body = []
    for rank, (label, value) in enumerate(plane.figure.references):
        across, up = plane.x(value), plane.frame.top - 6 - rank * (plane.size + 8)
        body.append(rule(across, up + 3, across, plane.frame.bottom, INK, dash="2 2"))
        words = reference_words(plane.figure, label, value)
        anchor = "end" if across > plane.frame.right / 2 else None
        body.append(text(across, up, words, size=plane.size, anchor=anchor))
    return body


def _upright(figure: Figure, width: float, height: float | None) -> Drawing:
    size, narrow = size_for(width), width < NARROW
    height = height or (280.0 if narrow else min(420.0, max(300.0, 0.48 * width)))
    years = years_of(figure)
    places = value_ticks([*seen_values(figure), 0.0], 5, from_zero=True)
    texts = tick_texts(places, figure.table)
    heading, top = _heading(figure, width, size)
    left = max(text_width(words, size) for words in texts) + 8
    frame = Frame(left, top + size + 6, width - 2, height - size - 14)
    step = (frame.right - frame.left) / (years[-1] - years[0] + 1)
    x = Scale(years[0], max(years[-1], years[0] + 1e-9), frame.left + step / 2, frame.right - step / 2)
    y = Scale(places[0], places[-1], frame.bottom, frame.top)
    plane = Plane(figure, frame, x, y, size)
    body = heading + value_grid(frame, y, places, texts, size)
    body += year_axis(frame, x, spaced_years(years, x.end - x.start, size), size)
    wide = min(46.0, step * 0.72)
    each = wide / len(figure.series)
    for rank, series in enumerate(figure.series):
        for mark in series.marks:
            body.append(_column(plane, series, mark, x(int(mark.key)) - wide / 2 + rank * each, each))
    body += _told_values(plane, step, wide)
    for key, label in figure.breaks:
        across = x(int(key)) - step / 2
        body.append(rule(across, frame.top - 4, across, frame.bottom, AXIS, dash="4 3"))
        body.append(text(across, frame.top - 9, label, size=size - 1, anchor="middle", fill=INK_SOFT))
    return Drawing(tuple(body), height)


def _column(plane: Plane, series: Series, mark: Mark, start: float, wide: float) -> str:
    if mark.value is None:
        across, up = start + wide / 2, plane.frame.bottom - 5
        return text(across, up, mark.text, size=plane.size - 1, anchor="middle", fill=INK_SOFT)
    up, down = sorted((plane.y(mark.value), plane.y(0)))
    return tag(
        "rect",
        title(told(plane.figure, series, mark)),
        x=start,
        y=up,
        width=max(1.0, wide - 1),
        height=down - up,
        fill=mark_color(plane.figure, series, mark),
        fill_opacity=_UNSURE if mark.status in ("P", "U", "F") else None,
    )


def _told_values(plane: Plane, step: float, wide: float) -> list[str]:
    """Return values over columns: all where there is room, else the first and the last, above their neighbours."""
    if len(plane.figure.series) > 1:
        return []
    size, x, y = plane.size, plane.x, plane.y
    marks = [mark for mark in plane.figure.series[0].marks if mark.value is not None]
    shown = marks
    if any(text_width(mark.text, size, bold=True) > step - 4 for mark in marks):
        shown = [mark for mark in marks if mark in (marks[0], marks[-1])]
    body = []
    for mark in shown:
        room = text_width(mark.text, size, bold=True) / 2
        across = min(max(x(int(mark.key)), plane.frame.left + room), plane.frame.right - room)
        under = [one for one in marks if abs(x(int(one.key)) - across) < room + wide / 2]
        up = min(min(y(one.value or 0.0), y(0)) for one in under) - 6
        body.append(text(across, up, mark.text, size=size, anchor="middle", bold=True, halo=True))
    return body
