"""Lines over time: direct labels at their ends, cut at every break and missing value."""

from collections.abc import Iterator, Sequence

from atelier.figures.palette import ACCENT, AXIS, INK, INK_SOFT, text_color
from atelier.figures.specification import Figure, Mark, Series
from atelier.figures.svg.canvas import LEADING, SMALL, polyline, rule, spread, tag, text, text_width, wrap
from atelier.figures.svg.drawing import Drawing, Frame, dot, size_for, touch, value_grid, year_axis
from atelier.figures.svg.scales import (
    NARROW,
    Scale,
    seen_values,
    spaced_years,
    tick_texts,
    value_ticks,
    years_of,
)

LABEL_SHARE = 0.34
"""Most of the width that labels at the right may take."""
TOLD = 12
"""Context lines beyond this many do not answer a pointer."""
CLOSE = 26.0


def draw_lines(figure: Figure, width: float, height: float | None, name: str) -> Drawing:
    """Return lines over time."""
    del name
    size, narrow = size_for(width), width < NARROW
    height = height or (300.0 if narrow else min(460.0, max(320.0, 0.52 * width)))
    years = years_of(figure)
    places = value_ticks(seen_values(figure), 5 if narrow else 6, from_zero=figure.from_zero)
    texts = tick_texts(places, figure.table)
    single = len(figure.series) == 1
    labelled = [one for one in figure.series if _last(one) and (one.highlighted or not _has_highlight(figure))]
    ends = [_end_label(one, width, size, single=single) for one in labelled]
    right = max([text_width(line, size, bold=True) for label in ends for line in label] or [0.0])
    left = max(text_width(words, size) for words in texts) + 8
    top = size + 8 + (size + 4 if figure.breaks else 0)
    frame = Frame(left, top, width - right - (14 if right else 6), height - size - 14)
    x = Scale(years[0], years[-1], frame.left + 8, frame.right - 4)
    y = Scale(places[0], places[-1], frame.bottom, frame.top)
    body = value_grid(frame, y, places, texts, size)
    body += year_axis(frame, x, spaced_years(years, x.end - x.start, size), size)
    body += _references(figure, frame, y, size)
    body += _breaks(figure, frame, x, years, size)
    for one in sorted(figure.series, key=lambda series: series.highlighted):
        body += _line(figure, one, x, y)
    body += _withheld(figure, frame, x, size)
    if single:
        body += _first_value(figure.series[0], x, y, size)
    body += _end_labels(labelled, ends, frame, x, y, size)
    return Drawing((*body, *_touches(figure, x, y)), height)


def segments(series: Series) -> Iterator[list[Mark]]:
    """Yield the runs of visible marks that a line may join: none crosses a break nor a missing value."""
    run: list[Mark] = []
    for mark in series.marks:
        if run and (mark.value is None or mark.key in series.breaks):
            yield run
            run = []
        if mark.value is not None:
            run.append(mark)
    if run:
        yield run


def place(mark: Mark, x: Scale, y: Scale) -> tuple[float, float]:
    """Return where a visible mark is drawn."""
    return x(int(mark.key)), y(mark.value or 0.0)


def break_places(figure: Figure, x: Scale, years: Sequence[int]) -> list[float]:
    """Return where the rule of each break stands: midway to the year before it."""
    places = []
    for key, _ in figure.breaks:
        before = max((year for year in years if year < int(key)), default=years[0])
        after = min((year for year in years if year >= int(key)), default=years[-1])
        places.append(x((before + after) / 2))
    return places


def _line(figure: Figure, series: Series, x: Scale, y: Scale) -> list[str]:
    context = _has_highlight(figure) and not series.highlighted
    stroke = 1.25 if context else 2.5
    body = []
    for run in segments(series):
        points = [place(mark, x, y) for mark in run]
        if len(points) > 1:
            path = polyline(points)
            line = {"stroke": series.color, "stroke_width": stroke, "stroke_linejoin": "round"}
            body.append(tag("path", d=path, fill="none", stroke_linecap="round", **line))
        elif not context:
            body.append(dot(*points[0], run[0], series.color))
    if context:
        return body
    last = _last(series)
    body += [
        dot(*place(mark, x, y), mark, series.color)
        for mark in series.marks
        if mark.value is not None and (mark is last or mark.status not in ("A", "B"))
    ]
    return body + _small(series, x, y)


def _small(series: Series, x: Scale, y: Scale) -> list[str]:
    """Return the letter of values on a small number, those that would touch left out."""
    body, before = [], float("-inf")
    for mark in series.marks:
        if mark.status == "U" and mark.value is not None:
            across, up = place(mark, x, y)
            if across - before >= CLOSE and mark is not _last(series):
                body.append(text(across, up - 8, "[U]", size=10.0, anchor="middle", fill=INK_SOFT, halo=True))
                before = across
    return body


def _withheld(figure: Figure, frame: Frame, x: Scale, size: float) -> list[str]:
    """Return the letters of hidden and missing values, at their year, above the axis."""
    letters = sorted({(int(mark.key), mark.text) for one in figure.series for mark in one.marks if mark.value is None})
    body, before = [], float("-inf")
    for year, words in letters:
        if x(year) - before >= CLOSE * 0.8:
            size_of = min(size, 11.0)
            body.append(text(x(year), frame.bottom - 5, words, size=size_of, anchor="middle", fill=INK_SOFT, halo=True))
            before = x(year)
    return body


def _first_value(series: Series, x: Scale, y: Scale, size: float) -> list[str]:
    seen = [mark for mark in series.marks if mark.value is not None]
    if len(seen) < 2:
        return []
    first = seen[0]
    across, up = place(first, x, y)
    following = place(seen[1], x, y)[1]
    below = following < up
    words = text(across - 4, up + (size + 6 if below else -9), first.text, size=size, bold=True, halo=True)
    return [dot(across, up, first, series.color), words]


def _end_label(series: Series, width: float, size: float, *, single: bool) -> list[str]:
    last = _last(series)
    value = last.text if last else ""
    if single:
        return [value]
    room = LABEL_SHARE * width
    lines = wrap(series.label, room, size, lines=2, bold=True)
    joined = f"{lines[-1]} {value}"
    return [*lines[:-1], joined] if text_width(joined, size, bold=True) <= room else [*lines, value]


def _end_labels(
    labelled: Sequence[Series], ends: Sequence[list[str]], frame: Frame, x: Scale, y: Scale, size: float
) -> list[str]:
    placed = []
    for one, lines in zip(labelled, ends, strict=True):
        last = _last(one)
        if last is not None:
            placed.append((place(last, x, y), lines, one))
    placed.sort(key=lambda item: item[0][1])
    heights = [len(lines) * size * LEADING + 2 for _, lines, _ in placed]
    centres = spread([point[1] for point, _, _ in placed], heights, frame.top - size, frame.bottom + size)
    body = []
    for (point, lines, one), centre in zip(placed, centres, strict=True):
        start = frame.right + 8
        if abs(centre - point[1]) > size * 0.6 or point[0] < frame.right - 12:
            body.append(rule(point[0] + 5, point[1], start - 3, centre, one.color, width=0.75))
        baseline = centre - (len(lines) - 1) * size * LEADING / 2 + size * 0.35
        color = INK if len(labelled) == 1 and one.color == ACCENT else text_color(one.color)
        body.append(text(start, baseline, lines, size=size, fill=color, bold=True))
    return body


def _references(figure: Figure, frame: Frame, y: Scale, size: float) -> list[str]:
    body = []
    for label, value in figure.references:
        up = y(value)
        body.append(rule(frame.left, up, frame.right, up, INK, width=1.0))
        words = wrap(label, (frame.right - frame.left) * 0.6, size, lines=1)
        body.append(text(frame.right - 2, up - 5, words, size=size, anchor="end", fill=INK, halo=True))
    return body


def _breaks(figure: Figure, frame: Frame, x: Scale, years: Sequence[int], size: float) -> list[str]:
    body: list[str] = []
    taken = float("-inf")
    for (_, label), across in zip(figure.breaks, break_places(figure, x, years), strict=True):
        body.append(rule(across, frame.top - 4, across, frame.bottom, AXIS, dash="4 3"))
        room = text_width(label, SMALL)
        start = max(0.0, min(across - room / 2, frame.right - room))
        if start > taken:
            body.append(text(start, frame.top - 9, label, size=min(size, SMALL), fill=INK_SOFT))
            taken = start + room + 8
    return body


def _touches(figure: Figure, x: Scale, y: Scale) -> list[str]:
    told = [one for one in figure.series if one.highlighted or not _has_highlight(figure)]
    told = told if len(told) <= TOLD else told[:TOLD]
    several = len(figure.series) > 1
    return [
        touch(
            *place(mark, x, y), f"{one.label}, {mark.label} : {mark.text}" if several else f"{mark.label} : {mark.text}"
        )
        for one in told
        for mark in one.marks
        if mark.value is not None
    ]


def _last(series: Series) -> Mark | None:
    return next((mark for mark in reversed(series.marks) if mark.value is not None), None)


def _has_highlight(figure: Figure) -> bool:
    return any(one.highlighted for one in figure.series)
