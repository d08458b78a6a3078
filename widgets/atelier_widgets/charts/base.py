"""What every drawing shares: its bqplot figure, its frame, its colours."""

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import bqplot

from atelier.figures import Figure, FigureKind, Mark, Series
from atelier.figures.palette import INK_SOFT

NOT_A_NUMBER = float("nan")
TEXT_SIZE = 13.0
PHONE = 320.0
"""Width in pixels of a drawing on a phone: words that fit there fit everywhere."""


class Chart(ABC):
    """A drawing of one kind of figure.

    Attributes:
        kinds: Kinds of figure it draws.
        height: Its height in pixels, where the figure does not set it.
        widget: The bqplot figure; its size follows the page's width.
        on_choice: Called with the code of what a reader clicks, where the drawing allows it.
    """

    kinds: tuple[FigureKind, ...] = ()
    height = 320

    def __init__(self) -> None:
        self.on_choice: Callable[[str], None] | None = None
        self.widget = bqplot.Figure(
            title="",
            marks=[],
            axes=[],
            animation_duration=0,
            display_toolbar=False,
            padding_x=0,
            padding_y=0,
            layout={"width": "100%", "min_width": "0", "height": f"{self.height}px"},
        )
        self.widget.add_class("atelier-drawing")

    @abstractmethod
    def draw(self, figure: Figure) -> None:
        """Show another figure of this kind; marks are updated, not made again."""

    def can_draw(self, figure: Figure) -> bool:
        """Return whether this drawing shows figures of that kind."""
        return figure.kind in self.kinds

    def fit(self, height: int, **margins: int) -> None:
        """Give the drawing its height in pixels and the margins around its plot."""
        if self.widget.layout.height != f"{height}px":
            self.widget.layout.height = f"{height}px"
        if self.widget.fig_margin != margins:
            self.widget.fig_margin = margins

    def show(self, marks: Sequence[bqplot.Mark], axes: Sequence[bqplot.Axis]) -> None:
        """Put marks and axes in the drawing, if they are not those already there."""
        if list(marks) != self.widget.marks:
            self.widget.marks = list(marks)
        if list(axes) != self.widget.axes:
            self.widget.axes = list(axes)


def update(widget: Any, **state: Any) -> None:
    """Set several traits in one message."""
    with widget.hold_sync():
        for name, value in state.items():
            setattr(widget, name, value)


def rectangle(left: float, top: float, right: float, bottom: float) -> tuple[list[float], list[float]]:
    """Return the abscissas and ordinates of a closed rectangle, for ``bqplot.Lines``."""
    return [left, right, right, left, left], [top, top, bottom, bottom, top]


def number(mark: Mark) -> float:
    """Return a mark's value, not-a-number when there is none: bqplot leaves a gap there."""
    return NOT_A_NUMBER if mark.value is None else mark.value


def path(series: Series) -> tuple[list[float], list[float]]:
    """Return the years and values of a line, a gap before each break; none at its end, where bqplot puts its words."""
    steps: list[tuple[float, float]] = []
    for mark in series.marks:
        if mark.key in series.breaks:
            steps.append((float(mark.key) - 0.5, NOT_A_NUMBER))
        steps.append((float(mark.key), number(mark)))
    while steps and math.isnan(steps[-1][1]):
        steps.pop()
    return [year for year, _ in steps], [value for _, value in steps]


def tooltip() -> bqplot.Tooltip:
    """Return a tooltip that shows the words a mark was named with."""
    return bqplot.Tooltip(fields=["name"], show_labels=False)


def named(mark: Mark) -> str:
    """Return the words shown when a mark is pointed at."""
    value = mark.detail or mark.text
    return f"{mark.label} : {value}" if mark.label else value


def label(scales: Mapping[str, bqplot.Scale], **options: Any) -> bqplot.Label:
    """Return an empty set of words to be placed by values; options are bqplot's."""
    usual = {"colors": [INK_SOFT], "font_weight": "normal", "default_size": TEXT_SIZE, "apply_clip": False} | options
    return bqplot.Label(x=[], y=[], text=[], scales=scales, enable_hover=False, **usual)


class Points:
    """Points at values: filled discs, hollow ones for what is not sure, hollow diamonds for what is foreseen.

    Args:
        scales: Scales they are placed by.
        size: Area of a point, in square pixels.
        opacity: Opacity of a point.

    Attributes:
        marks: The bqplot marks, to be shown together.
    """

    def __init__(self, scales: Mapping[str, bqplot.Scale], *, size: int = 64, opacity: float = 1.0) -> None:
        looks = (("circle", True), ("circle", False), ("diamond", False))
        self.marks = [
            bqplot.Scatter(
                x=[],
                y=[],
                scales=scales,
                marker=marker,
                fill=fill,
                default_size=size,
                default_opacities=[opacity],
                stroke_width=1.75,
                display_names=False,
                enable_hover=False,
                tooltip=tooltip(),
            )
            for marker, fill in looks
        ]

    def draw(self, spots: Sequence[tuple[float, float, str, Mark]], words: Sequence[str]) -> None:
        """Show points.

        Args:
            spots: For each point: across, up, colour, and its mark, whose status gives its look.
            words: What a pointer is told of each.
        """
        told = list(zip(spots, words, strict=True))
        for rank, scatter in enumerate(self.marks):
            own = [(spot, name) for spot, name in told if _look(spot[3]) == rank]
            update(
                scatter,
                x=[spot[0] for spot, _ in own],
                y=[spot[1] for spot, _ in own],
                colors=[spot[2] for spot, _ in own] or [INK_SOFT],
                names=[name for _, name in own],
                visible=bool(own),
            )


def _look(mark: Mark) -> int:
    if mark.is_forecast:
        return 2
    return 0 if mark.status in ("A", "B") else 1
