"""Small multiples: one small line per series, all on the same scales, the others in grey behind each."""

from atelier.figures.palette import AXIS, GRID, INK, INK_SOFT
from atelier.figures.specification import Figure, Series
from atelier.figures.svg.canvas import LEADING, polyline, rule, tag, text, text_width, wrap
from atelier.figures.svg.drawing import Drawing, Frame, Plane, dot, told, touch
from atelier.figures.svg.lines import break_places, place, segments
from atelier.figures.svg.scales import Scale, seen_values, tick_texts, value_ticks, years_of

_SIZE = 12.0
_GUTTER = 18.0
_BEHIND = "#d3d7df"
_COLUMNS = ((900.0, 5), (640.0, 4), (460.0, 3), (0.0, 2))


def draw_multiples(figure: Figure, width: float, height: float | None, name: str) -> Drawing:
    """Return a grid of small lines."""
    del height
    columns = min(len(figure.series), next(count for least, count in _COLUMNS if width >= least))
    years = years_of(figure)
    places = value_ticks(seen_values(figure), 3, from_zero=figure.from_zero)
    texts = tick_texts(places, figure.table)
    left = max(text_width(words, 11.0) for words in texts) + 6
    cell = (width - left - _GUTTER * (columns - 1)) / columns
    tall = max(64.0, min(110.0, 0.62 * cell))
    labels = [wrap(one.label, cell, _SIZE, lines=2, bold=True) for one in figure.series]
    head = max(len(lines) for lines in labels) * _SIZE * LEADING + 8
    row_height = head + tall + 30
    x = Scale(years[0], years[-1], 3.0, cell - 5)
    y = Scale(places[0], places[-1], head + tall, head)
    behind = [
        tag("path", d=polyline(place(mark, x, y) for mark in run), fill="none", stroke=_BEHIND, stroke_width=0.75)
        for one in figure.series
        for run in segments(one)
        if len(run) > 1
    ]
    body = [tag("defs", tag("g", *(behind or [""]), id=f"{name}-b"))]
    for rank, (series, lines) in enumerate(zip(figure.series, labels, strict=True)):
        column, row = rank % columns, rank // columns
        panel = Plane(figure, Frame(0.0, head, cell, head + tall), x, y, _SIZE)
        inner = _panel(panel, series, lines, behind=f"{name}-b")
        grid = [rule(0.0, y(one), cell, y(one), AXIS if one == 0 else GRID) for one in places]
        if column == 0:
            grid += [
                text(-6.0, y(one) + 4, words, size=11.0, anchor="end", fill=INK_SOFT)
                for one, words in zip(places, texts, strict=True)
            ]
        moved = f"translate({left + column * (cell + _GUTTER):.2f} {row * row_height:.2f})"
        body.append(tag("g", *grid, *inner, transform=moved))
    rows = -(-len(figure.series) // columns)
    return Drawing(tuple(body), rows * row_height - 6)


def _panel(plane: Plane, series: Series, lines: list[str], *, behind: str) -> list[str]:
    figure, frame, x, y, years = plane.figure, plane.frame, plane.x, plane.y, years_of(plane.figure)
    title_top = frame.top - 8 - (len(lines) - 1) * _SIZE * LEADING
    body = [text(0.0, title_top, lines, size=_SIZE, bold=True)]
    body += [rule(0.0, y(value), frame.right, y(value), INK) for _, value in figure.references]
    body += [rule(at, frame.top, at, frame.bottom, AXIS, dash="3 3") for at in break_places(figure, x, years)]
    body.append(tag("use", href=f"#{behind}"))
    seen = [mark for mark in series.marks if mark.value is not None]
    for run in segments(series):
        points = [place(mark, x, y) for mark in run]
        if len(points) > 1:
            look = {"stroke": series.color, "stroke_width": 2.25, "stroke_linejoin": "round"}
            body.append(tag("path", d=polyline(points), fill="none", stroke_linecap="round", **look))
        else:
            body.append(dot(*points[0], run[0], series.color, 2.5))
    body.append(text(0.0, frame.bottom + 15, str(years[0]), size=11.0, fill=INK_SOFT))
    if seen:
        across, up = place(seen[-1], x, y)
        body.append(dot(across, up, seen[-1], series.color, 3.0))
        above = up - 9 if up - 20 > frame.top else up + 19
        body.append(text(frame.right, above, seen[-1].text, size=_SIZE, anchor="end", fill=INK, bold=True, halo=True))
        body += [touch(*place(mark, x, y), told(figure, series, mark), 6.0) for mark in seen]
    withheld = sorted({mark.text for mark in series.marks if mark.value is None})
    if withheld:
        at, words = (frame.right / 2, frame.bottom - 4), " ".join(withheld)
        body.append(text(*at, words, size=10.0, anchor="middle", fill=INK_SOFT, halo=True))
    body.append(text(frame.right, frame.bottom + 15, str(years[-1]), size=11.0, anchor="end", fill=INK_SOFT))
    return body
