"""A scatter of two measures, with their medians and the words of the points that matter."""

from dataclasses import dataclass

from atelier.figures.palette import GRID, INK, INK_SOFT, PAPER, text_color
from atelier.figures.phrases import say
from atelier.figures.specification import Figure, Mark, Series
from atelier.figures.svg.canvas import rule, tag, text, text_width, title, wrap
from atelier.figures.svg.drawing import Drawing, Frame, Plane, dot, size_for, value_grid
from atelier.figures.svg.scales import NARROW, Scale, tick_texts, value_ticks

_RADIUS, _STRONG = 4.0, 6.0
_LABEL = 0.34
_AROUND = (
    (1, 0.35),
    (-1, 0.35),
    (1, -0.6),
    (1, 1.3),
    (-1, -0.6),
    (-1, 1.3),
    (1, -1.6),
    (-1, -1.6),
    (1, 2.3),
    (-1, 2.3),
)
"""Where words may stand: to the right or the left of their point, and how far down, in sizes of text."""


@dataclass(frozen=True)
class Written:
    """Words placed beside a point.

    Attributes:
        mark: The point.
        series: Its series.
        x: Where they start or end.
        baseline: Their baseline.
        anchor: ``end`` when they end at ``x``.
        words: What is written.
    """

    mark: Mark
    series: Series
    x: float
    baseline: float
    anchor: str | None
    words: str


def draw_scatter(figure: Figure, width: float, height: float | None, name: str) -> Drawing:
    """Return points between two measures."""
    del name
    size, narrow = size_for(width), width < NARROW
    against = figure.against
    if against is None:
        raise ValueError("a scatter without its second table: build_figure gives it.")
    up_places, along_places = axis_places(figure, narrow=narrow)
    up_texts, along_texts = tick_texts(up_places, figure.table), tick_texts(along_places, against)
    head = wrap(f"↑ {figure.y_title}", width, size, lines=2)
    foot = wrap(f"{figure.x_title} →", width, size, lines=2)
    left = max(text_width(words, size) for words in up_texts) + 8
    top = 2 + len(head) * (size + 4) + size + 8
    height = max(height or 0.0, 380.0 if narrow else min(520.0, 0.66 * width))
    edge = text_width(along_texts[-1], size) / 2
    frame = Frame(left, top, width - edge - 2, height - (size + 4) * (1 + len(foot)) - 8)
    x = Scale(along_places[0], along_places[-1], frame.left, frame.right)
    y = Scale(up_places[0], up_places[-1], frame.bottom, frame.top)
    plane = Plane(figure, frame, x, y, size)
    body = [text(0.0, size, head, size=size, fill=INK_SOFT), *value_grid(frame, y, up_places, up_texts, size)]
    for place, words in zip(along_places, along_texts, strict=True):
        body.append(rule(x(place), frame.top, x(place), frame.bottom, GRID))
        body.append(text(x(place), frame.bottom + size + 5, words, size=size, anchor="middle", fill=INK_SOFT))
    body.append(text(frame.right, frame.bottom + 2 * size + 12, foot, size=size, anchor="end", fill=INK_SOFT))
    body += _guides(plane)
    for one in sorted(figure.series, key=lambda series: series.highlighted):
        body += [_point(plane, one, mark) for mark in one.marks]
    body += [
        text(
            one.x,
            one.baseline,
            one.words,
            size=size,
            anchor=one.anchor,
            fill=text_color(one.series.color) if one.series.highlighted else INK_SOFT,
            bold=one.series.highlighted,
            halo=True,
        )
        for one in place_words(plane)
    ]
    return Drawing(tuple(body), height)


def axis_places(figure: Figure, *, narrow: bool) -> tuple[list[float], list[float]]:
    """Return the ticks of both axes, upwards then across."""
    marks = [mark for one in figure.series for mark in one.marks]
    up = [mark.value for mark in marks if mark.value is not None]
    along = [mark.across for mark in marks if mark.across is not None]
    return _places(up, 5), _places(along, 4 if narrow else 6)


def _places(values: list[float], count: int) -> list[float]:
    """Return ticks around values, none below zero where no value is."""
    places = value_ticks(values, count, from_zero=False)
    return [place for place in places if place >= 0] if min(values) >= 0 else places


def place_words(plane: Plane) -> list[Written]:
    """Return the words of the points that matter, none over another nor over a highlighted point.

    Words that find no free place are left out, except those of highlighted points.
    """
    figure, size, frame = plane.figure, plane.size, plane.frame
    found = {mark.key: (one, mark) for one in figure.series for mark in one.marks}
    strong = [_spot(plane, mark) for one in figure.series if one.highlighted for mark in one.marks]
    taken = [(across - _STRONG, up - _STRONG, across + _STRONG, up + _STRONG) for across, up in strong]
    for label, value in figure.references:
        up, (left, right, _) = plane.y(value), _median_place(plane, label)
        taken.append((left, up - 4 - size, right, up))
        taken.append((frame.left, up - 1, frame.right, up + 1))
    placed = []
    for key in figure.named:
        series, mark = found[key]
        room = (2 * _LABEL if series.highlighted else _LABEL) * (frame.right - frame.left) + 40
        (words,) = wrap(mark.label, room, size, lines=1, bold=series.highlighted)
        wide = text_width(words, size, bold=series.highlighted)
        across, up = _spot(plane, mark)
        options = []
        for sign, rise in _AROUND:
            start, baseline = across + sign * (_STRONG + 4), up + rise * size
            left = start if sign > 0 else start - wide
            box = (left, baseline - size, left + wide, baseline + 3)
            inside = left >= 0 and box[2] <= frame.right + 12 and box[1] >= frame.top and box[3] <= frame.bottom
            options.append((box, Written(mark, series, start, baseline, None if sign > 0 else "end", words), inside))
        free = [(box, one) for box, one, inside in options if inside and not any(_meet(box, other) for other in taken)]
        if not free and series.highlighted:
            free = [(box, one) for box, one, inside in options if inside] or [options[0][:2]]
        if free:
            taken.append(free[0][0])
            placed.append(free[0][1])
    return placed


def _meet(one: tuple[float, float, float, float], other: tuple[float, float, float, float]) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _spot(plane: Plane, mark: Mark) -> tuple[float, float]:
    return plane.x(mark.across or 0.0), plane.y(mark.value or 0.0)


def _point(plane: Plane, series: Series, mark: Mark) -> str:
    across, up = _spot(plane, mark)
    words = title(say("mark.told", plane.figure.language, place=mark.label, value=mark.detail))
    if series.highlighted or mark.status not in ("A", "B"):
        radius = _STRONG if series.highlighted else _RADIUS
        return tag("g", words, dot(across, up, mark, series.color, radius))
    look = {"fill": series.color, "fill_opacity": 0.55, "stroke": PAPER, "stroke_width": 0.75}
    return tag("circle", words, cx=across, cy=up, r=_RADIUS, **look)


def _median_place(plane: Plane, label: str) -> tuple[float, float, str | None]:
    """Return where the words of the horizontal median go: the end with fewer highlighted points, then fewer points."""
    figure, frame = plane.figure, plane.frame
    wide = text_width(label, plane.size - 1)
    sides = ((frame.right - wide, frame.right, "end"), (frame.left + 4, frame.left + 4 + wide, None))
    up = plane.y(figure.references[0][1])

    def met(side: tuple[float, float, str | None]) -> tuple[int, int]:
        box = (side[0] - _STRONG, up - 4 - plane.size, side[1] + _STRONG, up + _STRONG)
        near = [
            one.highlighted
            for one in figure.series
            for mark in one.marks
            if box[0] <= _spot(plane, mark)[0] <= box[2] and box[1] <= _spot(plane, mark)[1] <= box[3]
        ]
        return sum(near), len(near)

    return min(sides, key=met)


def _guides(plane: Plane) -> list[str]:
    figure, frame, size = plane.figure, plane.frame, plane.size
    body = []
    for label, value in figure.references:
        up = plane.y(value)
        body.append(rule(frame.left, up, frame.right, up, INK, dash="4 3"))
        left, right, anchor = _median_place(plane, label)
        at = right if anchor else left
        body.append(text(at, up - 4, label, size=size - 1, anchor=anchor, fill=INK, halo=True))
    for label, value in figure.guides:
        across = plane.x(value)
        body.append(rule(across, frame.top - 4, across, frame.bottom, INK, dash="4 3"))
        half = text_width(label, size - 1) / 2
        at = min(max(across, half), frame.right - half)
        body.append(text(at, frame.top - 7, label, size=size - 1, anchor="middle", fill=INK))
    corners = ((1, 0), (1, 1), (0, 1), (0, 0))
    for words, (right, below) in zip(figure.quadrants, corners, strict=False):
        at = frame.right - 4 if right else frame.left + 4
        lines = wrap(words, 0.4 * (frame.right - frame.left), size, lines=2)
        up = frame.bottom - 6 - (len(lines) - 1) * size * 1.25 if below else frame.top + size + 2
        body.append(text(at, up, lines, size=size, anchor="end" if right else None, fill=INK_SOFT, halo=True))
    return body
