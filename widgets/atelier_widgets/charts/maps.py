"""A map of territories, the same shapes as the printed one, filled by class; a click chooses a territory."""

import re
from collections.abc import Iterator, Mapping
from functools import partial

import bqplot

from atelier.figures import Figure, FigureKind, Mark, Territories
from atelier.figures.classes import ValueClass
from atelier.figures.palette import EMPTY, INK, PAPER
from atelier.figures.svg.canvas import text_width
from atelier_widgets.charts.base import NOT_A_NUMBER, PHONE, TEXT_SIZE, Chart, label, named, tooltip, update

_TOKEN = re.compile(r"([MLHVZmlhvz])|(-?(?:\d+\.?\d*|\.\d+)(?:e-?\d+)?)")
_TILE = 0.045
"""Side of a tile, as a share of the map's width."""
_ACROSS = 2
"""Tiles side by side under the map."""

Points = list[tuple[float, float]]


class MapChart(Chart):
    """Territories filled by class."""

    kinds: tuple[FigureKind, ...] = ("map",)

    height = 460

    def __init__(self) -> None:
        super().__init__()
        self.widget.add_class("atelier-map")
        self.scales = {"x": bqplot.LinearScale(), "y": bqplot.LinearScale(reverse=True)}
        self.areas: dict[str, bqplot.Lines] = {}
        self.language = ""
        self.chosen = bqplot.Lines(
            scales=self.scales, colors=[INK], stroke_width=2.5, fill="none", enable_hover=False, visible=False
        )
        self.codes = label(self.scales, colors=[INK], align="start")
        self.outlines: Mapping[str, Points] = {}

    def draw(self, figure: Figure) -> None:
        """Show another figure."""
        marks = figure.series[0].marks
        # Another selection may come in another language, and name fewer territories than are laid out.
        if figure.language != self.language or not set(self.areas) >= {mark.key for mark in marks}:
            self._lay_out(figure)
        chosen: Points = []
        drawn = {mark.key: mark for mark in marks}
        for code, area in self.areas.items():
            mark = drawn.get(code)
            color = EMPTY if mark is None or mark.value is None else class_of(mark, figure).color
            update(area, fill_colors=[color], labels=[named(mark) if mark else ""])
            if mark is not None and mark.highlighted:
                # A gap between two, none at the end: bqplot puts the words of a line there.
                chosen += [*([(NOT_A_NUMBER, NOT_A_NUMBER)] if chosen else []), *self.outlines[code]]
        update(self.chosen, x=[x for x, _ in chosen], y=[y for _, y in chosen], visible=bool(chosen))
        self.show([*self.areas.values(), self.chosen, self.codes], [])

    def _lay_out(self, figure: Figure) -> None:
        territories = figure.territories
        if territories is None:
            return
        outlines = self.outline(territories)
        without = [mark for mark in figure.series[0].marks if mark.key not in outlines]
        width, height = self.box(territories)
        side = _TILE * width
        places: list[tuple[float, float]] = []
        ranks, rows = rows_under([mark.label for mark in without])
        for rank, mark in zip(ranks, without, strict=True):
            x, y = (rank % _ACROSS) * width / _ACROSS, height + (0.5 + rank // _ACROSS * 1.5) * side
            outlines[mark.key] = [(x, y), (x + side, y), (x + side, y + side), (x, y + side), (x, y)]
            places.append((x + 1.4 * side, y + side / 2))
        self.outlines, self.language = outlines, figure.language
        edge = width / 300
        update(self.scales["x"], min=-edge, max=width + edge)
        tall = height + (0.5 + 1.5 * rows) * side * bool(without)
        update(self.scales["y"], min=-edge, max=tall + edge)
        update(self.codes, x=[x for x, _ in places], y=[y for _, y in places], text=[mark.label for mark in without])
        self.areas = {code: self._area(code, outline) for code, outline in outlines.items()}
        ratio = width / tall
        # Neither may pass the other, not even while the second is still to be set.
        with self.widget.hold_trait_notifications():
            self.widget.min_aspect_ratio = self.widget.max_aspect_ratio = ratio
        self.fit(round(self.height * tall / height), top=2, bottom=2, left=2, right=2)

    def outline(self, territories: Territories) -> dict[str, Points]:
        """Return the outline of each territory."""
        return {code: list(points(shape.path)) for code, shape in territories.shapes.items()}

    def box(self, territories: Territories) -> tuple[float, float]:
        """Return the width and the height of the map, in the units of its outlines."""
        return territories.width, territories.height

    def _area(self, code: str, outline: Points) -> bqplot.Lines:
        area = bqplot.Lines(
            x=[x for x, _ in outline],
            y=[y for _, y in outline],
            scales=self.scales,
            colors=[PAPER],
            stroke_width=1.0,
            fill="inside",
            fill_colors=[EMPTY],
            fill_opacities=[1.0],
            enable_hover=False,
            tooltip=tooltip(),
        )
        area.on_element_click(partial(self._click, code))
        return area

    def _click(self, code: str, *_event: object) -> None:
        if self.on_choice is not None:
            self.on_choice(code)


def rows_under(labels: list[str]) -> tuple[list[int], int]:
    """Return the place of each tile along rows of ``_ACROSS``, and the rows; long words have one of their own."""
    room = PHONE * (1 / _ACROSS - 1.4 * _TILE)
    ranks, free = [], 0
    for words in labels:
        is_long = text_width(words, TEXT_SIZE) > room
        if is_long:
            free = -(-free // _ACROSS) * _ACROSS
        ranks.append(free)
        free += _ACROSS if is_long else 1
    return ranks, -(-free // _ACROSS)


def points(path: str) -> Iterator[tuple[float, float]]:
    """Yield the points of an SVG path made of straight lines; not-a-number parts its rings, each closed.

    Raises:
        ValueError: The path holds a curve.
    """
    x = y = 0.0
    start = (0.0, 0.0)
    command, numbers, begun = "", _tokens(path), False
    for token in numbers:
        if isinstance(token, str):
            command = token
            if command in "Zz":
                yield start
                x, y = start
            continue
        relative = command.islower()
        if command in "Hh":
            x = x + token if relative else token
        elif command in "Vv":
            y = y + token if relative else token
        else:
            other = next(numbers)
            x, y = (x + token, y + float(other)) if relative else (token, float(other))
        if command in "Mm":
            if begun:
                yield NOT_A_NUMBER, NOT_A_NUMBER
            start, begun = (x, y), True
            command = "l" if command == "m" else "L"
        yield x, y


def _tokens(path: str) -> Iterator[str | float]:
    rest = _TOKEN.sub("", path).replace(",", "").strip()
    if rest:
        raise ValueError(f"path with {rest[:20]!r}: only straight lines are drawn.")
    for command, value in _TOKEN.findall(path):
        yield command or float(value)


def class_of(mark: Mark, figure: Figure) -> ValueClass:
    """Return the class that holds a mark's value: the last one whose lower bound it reaches."""
    value = mark.value if mark.value is not None else 0.0
    reached = [one for one in figure.classes if value >= one.lower]
    return reached[-1] if reached else figure.classes[0]
