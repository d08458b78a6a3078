"""Dots against the band of their peers, one row for each category."""

from atelier.figures.palette import BAND, BAND_CORE, GRID, INK, INK_SOFT, text_color
from atelier.figures.specification import Band, Figure
from atelier.figures.svg.canvas import LEADING, rule, spread, tag, text, text_width, title, wrap
from atelier.figures.svg.drawing import Drawing, dot, keys, size_for, told, touch
from atelier.figures.svg.scales import NARROW, Scale, tick_texts, value_ticks

_ROW, _TALL = 26.0, 14.0
_LABEL_SHARE = 0.32
_RADIUS = 5.5


def draw_dots(figure: Figure, width: float, height: float | None, name: str) -> Drawing:
    """Return bands and dots; on a phone the words of a row are above it."""
    del height, name
    size, narrow = size_for(width), width < NARROW
    single = not figure.x
    room = width if narrow else _LABEL_SHARE * width
    names = {
        band.key: [] if single else wrap(row_label(figure, band.key), room, size, lines=2) for band in figure.bands
    }
    left = 0.0
    if not narrow and not single:
        left = max(text_width(line, size) for lines in names.values() for line in lines) + 14
    places = value_ticks(axis_values(figure), 4 if narrow else 6, from_zero=figure.from_zero)
    words = tick_texts(places, figure.table)
    edge = max(text_width(one, size) for one in (words[0], words[-1])) / 2
    x = Scale(places[0], places[-1], max(left, edge) + 4, width - edge - 2)
    body, y = keys(figure, width, size, [one.label for one in figure.series]) if len(figure.series) > 1 else ([], 4.0)
    top, rows = y, []
    for band in figure.bands:
        lines = names[band.key]
        label = len(lines) * size * LEADING
        over = size + 6
        tall = over + _ROW + (label if narrow else max(0.0, label - _ROW))
        if narrow and lines:
            rows.append(text(0.0, y + size, lines, size=size))
        centre = y + (label if narrow else 0.0) + over + _ROW / 2 - 4
        if not narrow and lines:
            baseline = centre - (len(lines) - 1) * size * LEADING / 2 + size * 0.35
            rows.append(text(left - 14, baseline, lines, size=size, anchor="end"))
        rows += _row(figure, band, x, centre, size)
        y += tall
    grid = [rule(x(place), top, x(place), y, GRID) for place in places]
    axis = [
        text(x(place), y + size + 2, one, size=size, anchor="middle", fill=INK_SOFT)
        for place, one in zip(places, words, strict=True)
    ]
    return Drawing((*body, *grid, *rows, *axis), y + size + 8)


def axis_values(figure: Figure) -> list[float]:
    """Return every value that the axis must hold."""
    marks = [mark.value for one in figure.series for mark in one.marks if mark.value is not None]
    return [*marks, *(end for band in figure.bands for end in (band.low, band.high))]


def row_label(figure: Figure, key: str) -> str:
    """Return the words of a row."""
    return figure.table.dimension(figure.x).short_label(key, figure.language)


def band_words(figure: Figure, band: Band) -> str:
    """Return what a band tells a pointer: its ends, quartiles and median."""
    grid = figure.grid
    heads = grid.head[-6:-1] if grid is not None else ()
    return ", ".join(f"{head} {text}" for head, text in zip(heads, band.texts, strict=False) if text)


def _row(figure: Figure, band: Band, x: Scale, centre: float, size: float) -> list[str]:
    words = title(band_words(figure, band))
    light = {"x": x(band.low), "width": max(1.0, x(band.high) - x(band.low))}
    body = [tag("rect", words, y=centre - _TALL / 2, height=_TALL, fill=BAND, **light)]
    if band.lower is not None and band.upper is not None:
        dark = {"x": x(band.lower), "width": max(1.0, x(band.upper) - x(band.lower))}
        body.append(tag("rect", words, y=centre - _TALL / 2, height=_TALL, fill=BAND_CORE, **dark))
    body.append(rule(x(band.middle), centre - _TALL / 2 - 2, x(band.middle), centre + _TALL / 2 + 2, INK, width=2.0))
    found = [(one, mark) for one in figure.series for mark in one.marks if mark.key == band.key]
    seen = sorted((pair for pair in found if pair[1].value is not None), key=lambda pair: pair[1].value or 0.0)
    for one, mark in seen:
        body.append(dot(x(mark.value or 0.0), centre, mark, one.color, _RADIUS))
        body.append(touch(x(mark.value or 0.0), centre, told(figure, one, mark), 10.0))
    widths = [text_width(mark.text, size, bold=True) + 8 for _, mark in seen]
    centres = spread([x(mark.value or 0.0) for _, mark in seen], widths, 0.0, x.end + 24)
    for (one, mark), at in zip(seen, centres, strict=True):
        color = text_color(one.color)
        body.append(
            text(at, centre - _TALL / 2 - 6, mark.text, size=size, anchor="middle", fill=color, bold=True, halo=True)
        )
    letters = " ".join(f"{one.label} {mark.text}" for one, mark in found if mark.value is None)
    if letters:
        at = min(x(band.high) + 8, x.end - text_width(letters, size))
        body.append(text(at, centre + size * 0.35, letters, size=size, fill=INK_SOFT, halo=True))
    return body
