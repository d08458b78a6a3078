"""Bars from zero: ranked across for categories, upright for years, side by side for a few series."""

from collections.abc import Sequence
from dataclasses import dataclass

from atelier.figures.palette import AXIS, INK, INK_SOFT
from atelier.figures.specification import Figure, Mark, Series
from atelier.figures.svg.canvas import LEADING, rule, tag, text, text_width, title, wrap
from atelier.figures.svg.drawing import Drawing, Frame, keys, mark_color, size_for, value_grid, year_axis
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
_BAR, _GAP = 17.0, 9.0


def draw_bars(figure: Figure, width: float, height: float | None, name: str) -> Drawing:
    """Return bars: upright over time, across otherwise."""
    del name
    over_time = bool(figure.x) and figure.table.dimension(figure.x).kind == "time"
    if over_time:
        return _upright(figure, width, height)
    return _across(figure, width)


@dataclass(frozen=True)
class _Row:
    """One category: its words and its bars."""

    lines: list[str]
    bars: list[tuple[Series, Mark]]
    highlighted: bool


def _across(figure: Figure, width: float) -> Drawing:
    size, narrow = size_for(width), width < NARROW
    rows = _rows(figure, width, size)
    values = [*seen_values(figure), 0.0]
    texts = [mark.text for row in rows for _, mark in row.bars]
    outside = max(text_width(words, size, bold=True) for words in texts) + 8
    left = 0.0 if narrow else max(text_width(line, size, bold=True) for row in rows for line in row.lines) + 10
    negative = outside if min(values) < 0 else 0.0
    x = Scale(min(values), max(*values, 1e-9), left + negative, width - outside)
    body, y = _head(figure, width, size)
    top = y
    several = len(figure.series) > 1
    thickness = _BAR * (0.8 if several else 1.0)
    for row in rows:
        label_height = len(row.lines) * size * LEADING
        bars_height = thickness * len(row.bars)
        if narrow:
            y += label_height
            fill = INK
            body.append(
                text(
                    0.0,
                    y - (len(row.lines) - 1) * size * LEADING - 4,
                    row.lines,
                    size=size,
                    fill=fill,
                    bold=row.highlighted,
                )
            )
            start, tall = y, bars_height
        else:
            tall = max(label_height, bars_height)
            start = y + (tall - bars_height) / 2
            baseline = y + tall / 2 - (len(row.lines) - 1) * size * LEADING / 2 + size * 0.35
            body.append(text(left - 10, baseline, row.lines, size=size, anchor="end", bold=row.highlighted))
        for rank, (series, mark) in enumerate(row.bars):
            body += _bar(figure, series, mark, x, start + rank * thickness, thickness - (1 if several else 0), size)
        y += tall + _GAP
    body.append(rule(x(0), top - 2, x(0), y - _GAP + 2, AXIS))
    body += _reference_lines(figure, x, top, y - _GAP + 2, size, width)
    return Drawing(tuple(body), y + 2)


def _rows(figure: Figure, width: float, size: float) -> list[_Row]:
    keys_in_order = list(dict.fromkeys(mark.key for one in figure.series for mark in one.marks))
    room = width if width < NARROW else LABEL_SHARE * width
    rows = []
    for key in keys_in_order:
        bars = [(one, mark) for one in figure.series for mark in one.marks if mark.key == key]
        highlighted = any(mark.highlighted for _, mark in bars)
        rows.append(_Row(wrap(bars[0][1].label, room, size, lines=2, bold=True), bars, highlighted))
    return rows


def _bar(figure: Figure, series: Series, mark: Mark, x: Scale, y: float, thickness: float, size: float) -> list[str]:
    baseline = y + thickness / 2 + size * 0.35
    if mark.value is None:
        return [text(x(0) + 6, baseline, mark.text, size=size, fill=INK_SOFT)]
    left, right = sorted((x(0), x(mark.value)))
    words = f"{series.label}, {mark.label} : {mark.text}" if len(figure.series) > 1 else f"{mark.label} : {mark.text}"
    hollow = {"fill_opacity": 0.45} if mark.status == "U" else {}
    bar = tag(
        "rect",
        title(words),
        x=left,
        y=float(y),
        width=right - left,
        height=float(thickness),
        fill=mark_color(figure, series, mark),
        **hollow,
    )
    if mark.value < 0:
        return [bar, text(left - 6, baseline, mark.text, size=size, anchor="end", bold=mark.highlighted)]
    return [bar, text(right + 6, baseline, mark.text, size=size, bold=mark.highlighted, halo=bool(figure.references))]


def _head(figure: Figure, width: float, size: float) -> tuple[list[str], float]:
    body, y = ([], 2.0) if len(figure.series) == 1 else keys(figure, width, size, [one.label for one in figure.series])
    return body, y + (size + 8) * len(figure.references)


def _reference_lines(figure: Figure, x: Scale, top: float, bottom: float, size: float, width: float) -> list[str]:
    body = []
    for rank, (label, value) in enumerate(figure.references):
        across, up = x(value), top - 6 - rank * (size + 8)
        body.append(rule(across, up + 3, across, bottom, INK, dash="2 2"))
        anchor = "end" if across > width / 2 else None
        body.append(text(across, up, label, size=size, anchor=anchor))
    return body


def _upright(figure: Figure, width: float, height: float | None) -> Drawing:
    size, narrow = size_for(width), width < NARROW
    height = height or (280.0 if narrow else min(420.0, max(300.0, 0.48 * width)))
    years = years_of(figure)
    places = value_ticks([*seen_values(figure), 0.0], 5, from_zero=True)
    texts = tick_texts(places, figure.table)
    head, top = _head(figure, width, size)
    left = max(text_width(words, size) for words in texts) + 8
    frame = Frame(left, top + size + 6, width - 2, height - size - 14)
    step = (frame.right - frame.left) / (years[-1] - years[0] + 1)
    x = Scale(years[0], max(years[-1], years[0] + 1e-9), frame.left + step / 2, frame.right - step / 2)
    y = Scale(places[0], places[-1], frame.bottom, frame.top)
    body = head + value_grid(frame, y, places, texts, size)
    body += year_axis(frame, x, spaced_years(years, x.end - x.start, size), size)
    wide = min(46.0, step * 0.72)
    each = wide / len(figure.series)
    for rank, series in enumerate(figure.series):
        for mark in series.marks:
            start = x(int(mark.key)) - wide / 2 + rank * each
            body += _column(figure, series, mark, start, each, y, frame, size)
    body += _told_values(figure, x, y, step, size)
    for key, label in figure.breaks:
        across = x(int(key)) - step / 2
        body.append(rule(across, frame.top - 4, across, frame.bottom, AXIS, dash="4 3"))
        body.append(text(across, frame.top - 9, label, size=size - 1, anchor="middle", fill=INK_SOFT))
    return Drawing(tuple(body), height)


def _column(
    figure: Figure, series: Series, mark: Mark, start: float, wide: float, y: Scale, frame: Frame, size: float
) -> list[str]:
    if mark.value is None:
        return [text(start + wide / 2, frame.bottom - 5, mark.text, size=size - 1, anchor="middle", fill=INK_SOFT)]
    up, down = sorted((y(mark.value), y(0)))
    faded = {"fill_opacity": 0.45} if mark.status in ("P", "U") else {}
    words = f"{series.label}, {mark.label} : {mark.text}" if len(figure.series) > 1 else f"{mark.label} : {mark.text}"
    box = {"x": start, "y": up, "width": max(1.0, wide - 1), "height": down - up}
    return [tag("rect", title(words), **box, fill=mark_color(figure, series, mark), **faded)]


def _told_values(figure: Figure, x: Scale, y: Scale, step: float, size: float) -> list[str]:
    """Return values over columns: all where there is room, else the first and the last."""
    if len(figure.series) > 1:
        return []
    marks: Sequence[Mark] = [mark for mark in figure.series[0].marks if mark.value is not None]
    if any(text_width(mark.text, size, bold=True) > step - 4 for mark in marks):
        marks = [marks[0], marks[-1]] if len(marks) > 1 else marks
    body = []
    for mark in marks:
        room = text_width(mark.text, size, bold=True) / 2
        across = x(int(mark.key))
        across = min(max(across, x.start - step / 2 + room), x.end + step / 2 - room)
        up = min(y(mark.value or 0.0), y(0)) - 6
        body.append(text(across, up, mark.text, size=size, anchor="middle", bold=True, halo=True))
    return body
