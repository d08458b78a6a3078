"""What every kind of drawing returns, and the parts that several share."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from atelier.figures.palette import AXIS, CONTEXT, GRID, INK, INK_SOFT, PAPER
from atelier.figures.phrases import say
from atelier.figures.specification import Figure, Mark, Series
from atelier.figures.svg.canvas import NORMAL, SMALL, polyline, rule, tag, text, text_width, title
from atelier.figures.svg.scales import NARROW, Scale

_SWATCH = 12.0


@dataclass(frozen=True)
class Drawing:
    """The inside of an SVG.

    Attributes:
        body: Elements, those drawn first below the others.
        height: Height they need, in pixels.
    """

    body: tuple[str, ...]
    height: float


class Draw(Protocol):
    """A function that draws one kind of figure."""

    def __call__(self, figure: Figure, width: float, height: float | None, name: str) -> Drawing:
        """Return the drawing; ``name`` starts the identifiers it defines."""
        ...


@dataclass(frozen=True)
class Frame:
    """The box inside margins where values are drawn."""

    left: float
    top: float
    right: float
    bottom: float


@dataclass(frozen=True)
class Plane:
    """Where the values of a figure are drawn.

    Attributes:
        figure: What is drawn.
        frame: The box.
        x: From the main axis, or from values for bars across, to pixels.
        y: From values to pixels.
        size: Size of texts.
    """

    figure: Figure
    frame: Frame
    x: Scale
    y: Scale
    size: float


def told(figure: Figure, series: Series, mark: Mark) -> str:
    """Return what an element tells a pointer: series, category and value."""
    place = f"{series.label}, {mark.label}" if len(figure.series) > 1 else mark.label
    return say("mark.told", figure.language, place=place, value=mark.detail or mark.text)


def keys_in_order(figure: Figure) -> list[str]:
    """Return every key of the main axis in the order of the figure, those that a series lacks included."""
    ordered: list[str] = []
    for series in figure.series:
        place = 0
        for mark in series.marks:
            if mark.key in ordered:
                place = ordered.index(mark.key) + 1
            else:
                ordered.insert(place, mark.key)
                place += 1
    return ordered


def size_for(width: float) -> float:
    """Return the size of texts in a drawing of this width."""
    return SMALL if width < NARROW else NORMAL


def mark_color(figure: Figure, series: Series, mark: Mark) -> str:
    """Return the colour of a bar: its series', or grey when another bar is the one the figure is about."""
    if mark.highlighted or not any(one.highlighted for shown in figure.series for one in shown.marks):
        return series.color
    return CONTEXT


def value_grid(frame: Frame, scale: Scale, places: Sequence[float], texts: Sequence[str], size: float) -> list[str]:
    """Return thin horizontal lines at ticks, their values on the left."""
    body = []
    for place, words in zip(places, texts, strict=True):
        y = scale(place)
        body.append(rule(frame.left, y, frame.right, y, AXIS if place == 0 else GRID))
        body.append(text(frame.left - 6, y + size * 0.35, words, size=size, anchor="end", fill=INK_SOFT))
    return body


def year_axis(frame: Frame, scale: Scale, years: Iterable[int], size: float) -> list[str]:
    """Return years under a drawing, each with a small tick."""
    body = []
    for year in years:
        x = scale(year)
        body.append(rule(x, frame.bottom, x, frame.bottom + 4, AXIS))
        body.append(text(x, frame.bottom + 7 + size, str(year), size=size, anchor="middle", fill=INK_SOFT))
    return body


def keys(figure: Figure, width: float, size: float, texts: Sequence[str]) -> tuple[list[str], float]:
    """Return coloured squares with the words of each series, in rows, and the height they take."""
    body, x, y = [], 0.0, size
    for series, words in zip(figure.series, texts, strict=True):
        room = _SWATCH + 5 + text_width(words, size)
        if x and x + room > width:
            x, y = 0.0, y + size + 8
        body.append(tag("rect", x=x, y=y - _SWATCH + 2, width=_SWATCH, height=_SWATCH, fill=series.color))
        body.append(text(x + _SWATCH + 5, y, words, size=size, fill=INK))
        x += room + 16
    return body, y + 12


def dot(x: float, y: float, mark: Mark, color: str, radius: float = 3.5) -> str:
    """Return the point of a value: hollow when it is provisional or rests on a small number, a diamond if foreseen."""
    hollow = mark.status not in ("A", "B")
    fill = PAPER if hollow else color
    if mark.is_forecast:
        r = radius * 1.2
        path = polyline([(x, y - r), (x + r, y), (x, y + r), (x - r, y)]) + "z"
        return tag("path", d=path, fill=fill, stroke=color, stroke_width=1.75)
    return tag("circle", cx=x, cy=y, r=radius, fill=fill, stroke=color, stroke_width=1.75)


def touch(x: float, y: float, words: str, radius: float = 8.0) -> str:
    """Return an unseen disc that tells a value to a pointer."""
    return tag("circle", title(words), cx=x, cy=y, r=radius, fill=PAPER, fill_opacity=0)
