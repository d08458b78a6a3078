"""A heat table: a row per series, a cell per mark, coloured by class, with its value written in it."""

from atelier.figures.palette import AXIS, INK, PAPER, text_over
from atelier.figures.specification import Figure, Mark, Series
from atelier.figures.svg.canvas import LEADING, SMALL, tag, text, text_width, title, wrap
from atelier.figures.svg.drawing import Drawing, size_for, told
from atelier.figures.svg.maps import hatch, legend_rows, mark_fill
from atelier.figures.svg.scales import NARROW

LABEL_SHARE = 0.3
"""Most of the width that the words of rows may take."""
HEAD_LINES = 3
"""Most lines that the words of a column may take."""
_CELL = 27.0
_AIR = 8.0
_LONGEST = 110.0
"""Width up to which a column makes room for the longest word of its head; a longer word is cut short."""
_SWATCH = 14.0


def draw_heat(figure: Figure, width: float, height: float | None, name: str) -> Drawing:
    """Return a heat table; columns that would be too narrow for their values go on under the first ones."""
    del height
    size, narrow = size_for(width), width < NARROW
    legend, y = _legend(figure, width, size, name)
    body = [hatch(name), *legend]
    left = 0.0
    if not narrow:
        widest = max(text_width(one.label, size, bold=one.highlighted) for one in figure.series)
        left = min(LABEL_SHARE * width, widest) + 10
    columns = len(figure.series[0].marks)
    fits = max(1, int((width - left) // column_width(figure, SMALL)))
    rounds = -(-columns // fits)
    each = -(-columns // rounds)
    for start in range(0, columns, each):
        block, tall = _block(figure, (start, start + each), (left, (width - left) / each, width), name)
        body.append(tag("g", *block, transform=f"translate(0 {y:.1f})"))
        y += tall + 14
    return Drawing(tuple(body), y - 10)


def cell_text(figure: Figure, mark: Mark) -> str:
    """Return what is written in a cell: its value without the unit, which the subtitle tells, or its letter."""
    return mark.text if mark.value is None else figure.table.format(mark.value, mark.status, with_unit=False)


def column_width(figure: Figure, size: float) -> float:
    """Return the width a column needs for its values, and for each word of its head on a line of its own."""
    values = max(text_width(cell_text(figure, mark), size) for one in figure.series for mark in one.marks)
    words = [word for mark in figure.series[0].marks for word in mark.label.split()]
    return max(values, min(_LONGEST, max(text_width(word, size) for word in words))) + _AIR


def _block(
    figure: Figure, cut: tuple[int, int], sizes: tuple[float, float, float], name: str
) -> tuple[list[str], float]:
    """Return some of the columns, each row named, and the height they take."""
    left, wide, width = sizes
    size = size_for(width)
    body = []
    head = [wrap(mark.label, wide - 4, SMALL, lines=HEAD_LINES) for mark in figure.series[0].marks[cut[0] : cut[1]]]
    bottom = max(map(len, head)) * SMALL * LEADING
    y = bottom + (4 if left else 10)
    for rank, lines in enumerate(head):
        top = bottom - 1 - (len(lines) - 1) * SMALL * LEADING
        body.append(text(left + (rank + 0.5) * wide, top, lines, size=SMALL, anchor="middle"))
    for series in figure.series:
        if left:
            words = wrap(series.label, left - 8, size, lines=1, bold=series.highlighted)
            baseline = y + _CELL / 2 + size * 0.35
            body.append(text(left - 8, baseline, words, size=size, anchor="end", bold=series.highlighted))
        else:
            words = wrap(series.label, width, size, lines=1, bold=series.highlighted)
            body.append(text(0.0, y + size, words, size=size, bold=series.highlighted))
            y += size + 5
        for rank, mark in enumerate(series.marks[cut[0] : cut[1]]):
            body += _cell(figure, series, mark, (left + rank * wide, y, wide), name)
        y += _CELL + (0 if left else 4)
    return body, y


def _cell(figure: Figure, series: Series, mark: Mark, place: tuple[float, float, float], name: str) -> list[str]:
    x, y, wide = place
    fill, withheld = mark_fill(figure, mark, name), mark.value is None
    box = {"x": x + 0.5, "y": y + 0.5, "width": wide - 1, "height": _CELL - 1}
    color = INK if withheld else text_over(fill)
    edge = {"stroke": color, "stroke_dasharray": "3 2"} if mark.is_forecast else {}
    bold = mark.highlighted or series.highlighted
    return [
        tag("rect", title(told(figure, series, mark)), **box, fill=fill, **edge),
        text(
            x + wide / 2,
            y + _CELL / 2 + SMALL * 0.35,
            cell_text(figure, mark),
            size=SMALL,
            anchor="middle",
            fill=color,
            bold=bold,
            halo=withheld,
        ),
    ]


def _legend(figure: Figure, width: float, size: float, name: str) -> tuple[list[str], float]:
    """Return the classes in rows, from low to high, and the height they take."""
    marks = [mark for one in figure.series for mark in one.marks]
    body, x, y = [], 0.0, size
    for fill, words in legend_rows(figure, marks, name):
        room = _SWATCH * 1.6 + 6 + text_width(words, size)
        if x and x + room > width:
            x, y = 0.0, y + size + 9
        box = {"x": x, "y": y - _SWATCH + 2, "width": _SWATCH * 1.6, "height": _SWATCH}
        body.append(tag("rect", **box, fill=fill, stroke=AXIS if fill != PAPER else INK, stroke_width=0.5))
        body.append(text(x + _SWATCH * 1.6 + 6, y, words, size=size))
        x += room + 16
    return body, y + 14


__all__ = ["HEAD_LINES", "cell_text", "column_width", "draw_heat"]
