"""Stacks: the parts of a whole, upright over time and across for categories."""

from collections.abc import Sequence

from atelier.figures.palette import AXIS, INK_SOFT, PAPER, text_color, text_over
from atelier.figures.specification import Figure, Mark, Series
from atelier.figures.svg.canvas import LEADING, rule, spread, tag, text, text_width, title, wrap
from atelier.figures.svg.drawing import (
    Drawing,
    Frame,
    Plane,
    keys,
    keys_in_order,
    size_for,
    told,
    value_grid,
    year_axis,
)
from atelier.figures.svg.scales import NARROW, Scale, spaced_years, tick_texts, value_ticks, years_of

_BAR, _GAP, _ALONE = 22.0, 9.0, 40.0
LABEL_SHARE = 0.34


def draw_stack(figure: Figure, width: float, height: float | None, name: str) -> Drawing:
    """Return stacked parts."""
    del name
    over_time = bool(figure.x) and figure.table.dimension(figure.x).kind == "time"
    return _upright(figure, width, height) if over_time else _across(figure, width)


def piles(figure: Figure) -> dict[str, list[tuple[Series, Mark, float]]]:
    """Return, by key of the axis, each visible part with where it begins; hidden parts leave their room to none."""
    found: dict[str, list[tuple[Series, Mark, float]]] = {key: [] for key in keys_in_order(figure)}
    ends: dict[str, float] = {}
    for series in figure.series:
        for mark in series.marks:
            if mark.value is not None:
                found[mark.key].append((series, mark, ends.get(mark.key, 0.0)))
                ends[mark.key] = ends.get(mark.key, 0.0) + mark.value
    return found


def _whole(figure: Figure) -> float:
    if figure.table.card.unit.kind == "share":
        return 1.0
    return max(sum(mark.value or 0.0 for _, mark, _ in pile) for pile in piles(figure).values()) or 1.0


def _across(figure: Figure, width: float) -> Drawing:
    size, narrow = size_for(width), width < NARROW
    found = piles(figure)
    alone = len(found) == 1
    texts = [f"{one.label} {one.marks[0].text}" if alone else one.label for one in figure.series]
    body, y = keys(figure, width, size, texts)
    labels = {mark.key: mark.label for one in figure.series for mark in one.marks}
    room = width if narrow else 0.3 * width
    lines = {key: [] if alone else wrap(label, room, size, lines=2) for key, label in labels.items()}
    left = 0.0
    if not narrow and not alone:
        left = max(text_width(line, size) for wrapped in lines.values() for line in wrapped) + 10
    missing = max((text_width(words, size) for words in _letters(figure).values()), default=0.0)
    x = Scale(0.0, _whole(figure), left, width - (missing + 6 if missing else 0))
    for key, pile in found.items():
        tall = _ALONE if alone else _BAR
        wrapped = lines[key]
        if narrow and wrapped:
            y += len(wrapped) * size * LEADING
            body.append(text(0.0, y - (len(wrapped) - 1) * size * LEADING - 4, wrapped, size=size))
        elif wrapped:
            baseline = y + tall / 2 - (len(wrapped) - 1) * size * LEADING / 2 + size * 0.35
            body.append(text(left - 10, baseline, wrapped, size=size, anchor="end"))
        for series, mark, start in pile:
            body += _part_across(Plane(figure, Frame(left, y, width, y + tall), x, x, size), series, mark, start)
        if key in _letters(figure):
            end = max((x(start + (mark.value or 0.0)) for _, mark, start in pile), default=x.start)
            body.append(text(end + 5, y + tall / 2 + size * 0.35, _letters(figure)[key], size=size, fill=INK_SOFT))
        y += tall + _GAP
    return Drawing(tuple(body), y)


def _part_across(plane: Plane, series: Series, mark: Mark, start: float) -> list[str]:
    left, right = plane.x(start), plane.x(start + (mark.value or 0.0))
    top, bottom = plane.frame.top, plane.frame.bottom
    box = {"x": left, "y": top, "width": right - left, "height": bottom - top}
    words = told(plane.figure, series, mark)
    body = [tag("rect", title(words), **box, fill=series.color, stroke=PAPER, stroke_width=1.5)]
    if text_width(mark.text, plane.size) + 8 < right - left:
        at = ((left + right) / 2, (top + bottom) / 2 + plane.size * 0.35)
        body.append(text(*at, mark.text, size=plane.size, anchor="middle", fill=text_over(series.color)))
    return body


def _upright(figure: Figure, width: float, height: float | None) -> Drawing:
    size, narrow = size_for(width), width < NARROW
    height = height or (340.0 if narrow else min(480.0, max(340.0, 0.54 * width)))
    years = years_of(figure)
    places = value_ticks([0.0, _whole(figure)], 5, from_zero=True)
    texts = tick_texts(places, figure.table)
    labels = [_label(one, width, size) for one in figure.series]
    right = max(text_width(line, size, bold=True) for lines in labels for line in lines) + 12
    left = max(text_width(words, size) for words in texts) + 8
    frame = Frame(left, size, width - right, height - size - 14)
    step = (frame.right - frame.left) / (years[-1] - years[0] + 1)
    x = Scale(years[0], max(years[-1], years[0] + 1e-9), frame.left + step / 2, frame.right - step / 2)
    y = Scale(places[0], places[-1], frame.bottom, frame.top)
    body = value_grid(frame, y, places, texts, size)
    body += year_axis(frame, x, spaced_years(years, x.end - x.start, size), size)
    wide = step * 0.84
    found = piles(figure)
    for key, pile in found.items():
        for series, mark, start in pile:
            box = {"x": x(int(key)) - wide / 2, "y": y(start + (mark.value or 0.0)), "width": wide}
            tall = y(start) - y(start + (mark.value or 0.0))
            words = title(told(figure, series, mark))
            body.append(tag("rect", words, **box, height=tall, fill=series.color, stroke=PAPER, stroke_width=1.0))
    for key, letters in _letters(figure).items():
        body.append(text(x(int(key)), frame.top - 3, letters, size=size - 2, anchor="middle", fill=INK_SOFT))
    for key, _ in figure.breaks:
        across = x(int(key)) - step / 2
        body.append(rule(across, frame.top - 6, across, frame.bottom, AXIS, dash="4 3"))
    return Drawing((*body, *_end_labels(Plane(figure, frame, x, y, size), labels)), height)


def _end_labels(plane: Plane, labels: Sequence[list[str]]) -> list[str]:
    frame, y, size = plane.frame, plane.y, plane.size
    found = piles(plane.figure)
    last = found[max(found, key=int)]
    placed = []
    for series, lines in zip(plane.figure.series, labels, strict=True):
        for one, mark, start in last:
            if one is series:
                placed.append((y(start + (mark.value or 0.0) / 2), lines, series))
    placed.sort(key=lambda item: item[0])
    heights = [len(lines) * size * LEADING + 3 for _, lines, _ in placed]
    centres = spread([up for up, _, _ in placed], heights, frame.top - size, frame.bottom + size)
    body = []
    for (up, lines, series), centre in zip(placed, centres, strict=True):
        if abs(centre - up) > size * 0.6:
            body.append(rule(frame.right - 1, up, frame.right + 8, centre, series.color, width=0.75))
        baseline = centre - (len(lines) - 1) * size * LEADING / 2 + size * 0.35
        body.append(text(frame.right + 10, baseline, lines, size=size, fill=text_color(series.color), bold=True))
    return body


def _label(series: Series, width: float, size: float) -> list[str]:
    room = LABEL_SHARE * width
    seen = [mark for mark in series.marks if mark.value is not None]
    lines = wrap(series.label, room, size, lines=2, bold=True)
    value = seen[-1].text if seen else ""
    joined = f"{lines[-1]} {value}".strip()
    return [*lines[:-1], joined] if text_width(joined, size, bold=True) <= room else [*lines, value]


def _letters(figure: Figure) -> dict[str, str]:
    """Return the letters of hidden and missing parts, by key of the axis."""
    found: dict[str, list[str]] = {}
    for one in figure.series:
        for mark in one.marks:
            if mark.value is None and mark.text not in found.setdefault(mark.key, []):
                found[mark.key].append(mark.text)
    return {key: " ".join(letters) for key, letters in found.items() if letters}
