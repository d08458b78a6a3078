"""Lines over time: direct labels at their ends, cut at every break and missing value."""

from collections.abc import Iterator, Sequence

from atelier.figures.palette import ACCENT, AXIS, INK, INK_SOFT, text_color
from atelier.figures.specification import Figure, Mark, Series
from atelier.figures.svg.canvas import LEADING, SMALL, polyline, rule, spread, tag, text, text_width, wrap
from atelier.figures.svg.drawing import Drawing, Frame, Plane, dot, size_for, told, touch, value_grid, year_axis
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
CLOSE = 26.0
"""Letters nearer than this would touch."""
PLACES = 8
"""Places tried along a reference line for its words."""


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
    plane = Plane(figure, frame, x, y, size)
    body = value_grid(frame, y, places, texts, size)
    body += year_axis(frame, x, spaced_years(years, x.end - x.start, size), size)
    body += _references(plane)
    body += _breaks(plane, years)
    for one in sorted(figure.series, key=lambda series: series.highlighted):
        body += _line(plane, one)
    body += _withheld(plane, labelled or figure.series)
    if single:
        body += _first_value(plane, figure.series[0])
    body += _end_labels(plane, labelled, ends)
    return Drawing((*body, *_touches(plane)), height)


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


def _line(plane: Plane, series: Series) -> list[str]:
    x, y = plane.x, plane.y
    context = _has_highlight(plane.figure) and not series.highlighted
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


def _withheld(plane: Plane, shown: Sequence[Series]) -> list[str]:
    """Return the letters of hidden and missing values, at their year, above the axis."""
    letters = sorted({(int(mark.key), mark.text) for one in shown for mark in one.marks if mark.value is None})
    body, before, size = [], float("-inf"), min(plane.size, 11.0)
    for year, words in letters:
        across = plane.x(year)
        if across - before >= CLOSE * 0.8:
            up = plane.frame.bottom - 5
            body.append(text(across, up, words, size=size, anchor="middle", fill=INK_SOFT, halo=True))
            before = across
    return body


def _first_value(plane: Plane, series: Series) -> list[str]:
    seen = [mark for mark in series.marks if mark.value is not None]
    if not seen[1:]:
        return []
    first, following = seen[:2]
    across, up = place(first, plane.x, plane.y)
    below = place(following, plane.x, plane.y)[1] < up
    away = plane.size + 6 if below else -9.0
    words = text(across - 4, up + away, first.text, size=plane.size, bold=True, halo=True)
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


def _end_labels(plane: Plane, labelled: Sequence[Series], ends: Sequence[list[str]]) -> list[str]:
    frame, size = plane.frame, plane.size
    placed = []
    for one, lines in zip(labelled, ends, strict=True):
        last = _last(one)
        if last is not None:
            placed.append((place(last, plane.x, plane.y), lines, one))
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


def _references(plane: Plane) -> list[str]:
    body = []
    for label, value in plane.figure.references:
        up = plane.y(value)
        body.append(rule(plane.frame.left, up, plane.frame.right, up, INK, width=1.0))
        across, baseline = _quiet_place(plane, up, text_width(label, plane.size))
        body.append(text(across, baseline, label, size=plane.size, fill=INK, halo=True))
    return body


def _quiet_place(plane: Plane, up: float, room: float) -> tuple[float, float]:
    """Return where, along a horizontal line, words of this width are farthest from every value drawn."""
    points = [
        place(mark, plane.x, plane.y) for one in plane.figure.series for mark in one.marks if mark.value is not None
    ]
    free = plane.frame.right - plane.frame.left - room - 4

    def clear(spot: tuple[float, float]) -> float:
        across, baseline = spot
        middle = baseline - plane.size * 0.35
        near = [abs(y - middle) for x, y in points if across - CLOSE <= x <= across + room + CLOSE]
        return min([*near, 3 * plane.size])

    spots = [
        (plane.frame.left + 4 + free * step / PLACES, baseline)
        for step in range(PLACES, -1, -1)
        for baseline in (up - 5, up + plane.size + 3)
    ]
    return max(spots, key=clear)


def _breaks(plane: Plane, years: Sequence[int]) -> list[str]:
    figure, frame = plane.figure, plane.frame
    body: list[str] = []
    taken = float("-inf")
    for (_, label), across in zip(figure.breaks, break_places(figure, plane.x, years), strict=True):
        body.append(rule(across, frame.top - 4, across, frame.bottom, AXIS, dash="4 3"))
        room = text_width(label, SMALL)
        start = max(0.0, min(across - room / 2, frame.right - room))
        if start > taken:
            body.append(text(start, frame.top - 9, label, size=SMALL, fill=INK_SOFT))
            taken = start + room + 8
    return body


def _touches(plane: Plane) -> list[str]:
    figure = plane.figure
    chosen = [one for one in figure.series if one.highlighted or not _has_highlight(figure)]
    return [
        touch(*place(mark, plane.x, plane.y), told(figure, one, mark))
        for one in chosen
        for mark in one.marks
        if mark.value is not None
    ]


def _last(series: Series) -> Mark | None:
    return next((mark for mark in reversed(series.marks) if mark.value is not None), None)


def _has_highlight(figure: Figure) -> bool:
    return any(one.highlighted for one in figure.series)
