"""A map of points: circles whose area is the value, over the outlines of the printed map."""

from math import pi

import bqplot

from atelier.figures import Figure, Mark, Territories
from atelier.figures.palette import CONTEXT, EMPTY, INK, PAPER
from atelier.figures.svg.canvas import wrap
from atelier.figures.svg.points import LARGEST, named_marks, point_color
from atelier_widgets.charts.base import TEXT_SIZE, Chart, label, named, number, tooltip, update
from atelier_widgets.charts.maps import points

_WIDTH = 480
"""Width of the drawing, in pixels, for which the largest circle is that of the printed map."""
_HIDDEN = 30
_FAR, _ABOVE = 34.0, 30.0
"""In units of the map: between rows under it, and from a circle to its name."""
_LABEL = 270.0
"""Most width in pixels of the name of a place off the map."""
_OPACITY, _QUIET = 0.62, 0.4


class PointChart(Chart):
    """Circles on a map; those far away stand in a column under it."""

    kinds = ("points",)
    height = 500

    def __init__(self) -> None:
        super().__init__()
        self.widget.add_class("atelier-map")
        self.scales = {"x": bqplot.LinearScale(), "y": bqplot.LinearScale(reverse=True)}
        self.sizes = bqplot.LinearScale(min=0.0, max=1.0)
        self.land = bqplot.Lines(
            scales=self.scales,
            colors=[PAPER],
            stroke_width=1.2,
            fill="inside",
            fill_colors=[EMPTY],
            fill_opacities=[1.0],
            enable_hover=False,
        )
        self.circles, self.flagged, self.withheld = self._circles(), self._circles(), self._circles()
        self.withheld.fill = False
        self.names = self._label(font_weight="bold", align="start")
        self.ends = self._label(font_weight="bold", align="end")
        self.far = self._label(font_weight="normal", align="start")

    def draw(self, figure: Figure) -> None:
        """Show another figure."""
        shapes = figure.territories
        if shapes is None:
            return
        marks = figure.series[0].marks
        self._draw_land(shapes, sum(mark.key not in shapes.places for mark in marks))
        most = max((mark.value or 0.0 for mark in marks), default=0.0) or 1.0
        update(self.sizes, min=0.0, max=most)
        places = _places(figure, shapes)
        drawn = sorted(marks, key=lambda mark: mark.highlighted)
        self._draw(figure, self.circles, [one for one in drawn if _is_sure(one)], places)
        self._draw(figure, self.flagged, [one for one in drawn if one.value is not None and not _is_sure(one)], places)
        self._draw(figure, self.withheld, [one for one in drawn if one.value is None], places)
        self._write(figure, shapes, places)
        self.show([self.land, self.circles, self.flagged, self.withheld, self.names, self.ends, self.far], [])

    def _draw_land(self, shapes: Territories, far: int) -> None:
        rings = [list(points(shape.path)) for shape in shapes.shapes.values()]
        longest = max(map(len, rings))
        padded = [ring + ring[-1:] * (longest - len(ring)) for ring in rings]
        across, up = ([[point[side] for point in ring] for ring in padded] for side in (0, 1))
        update(self.land, x=across, y=up, fill_colors=[EMPTY] * len(rings), colors=[PAPER] * len(rings))
        update(self.scales["x"], min=-2.0, max=shapes.width + 2.0)
        tall = shapes.height + _FAR * far
        update(self.scales["y"], min=-2.0, max=tall + 2.0)
        ratio = shapes.width / tall
        update(self.widget, min_aspect_ratio=ratio, max_aspect_ratio=ratio)
        self.fit(round(self.height * tall / shapes.height), top=2, bottom=2, left=2, right=2)

    def _draw(
        self, figure: Figure, circles: bqplot.Scatter, marks: list[Mark], places: dict[str, tuple[float, float]]
    ) -> None:
        colors = [point_color(figure, mark) for mark in marks]
        withheld = circles is self.withheld
        update(
            circles,
            x=[places[mark.key][0] for mark in marks],
            y=[places[mark.key][1] for mark in marks],
            size=None if withheld else [number(mark) for mark in marks],
            default_size=_HIDDEN if withheld else round(pi * (LARGEST * _WIDTH) ** 2),
            colors=colors or [CONTEXT],
            opacities=[_QUIET if color == CONTEXT else _OPACITY for color in colors] or [_OPACITY],
            names=[named(mark) for mark in marks],
        )

    def _write(self, figure: Figure, shapes: Territories, places: dict[str, tuple[float, float]]) -> None:
        shown = named_marks(figure)
        for words, is_right in ((self.names, False), (self.ends, True)):
            here = [mark for mark in shown if (places[mark.key][0] > shapes.width / 2) is is_right]
            update(
                words,
                x=[places[mark.key][0] for mark in here],
                y=[places[mark.key][1] - _ABOVE for mark in here],
                text=[f"{mark.label} {mark.text}" for mark in here],
            )
        far = [mark for mark in figure.series[0].marks if mark.key not in shapes.places]
        update(
            self.far,
            x=[places[mark.key][0] + _FAR for mark in far],
            y=[places[mark.key][1] for mark in far],
            text=[f"{wrap(mark.label, _LABEL, TEXT_SIZE, lines=1)[0]} {mark.text}" for mark in far],
        )

    def _circles(self) -> bqplot.Scatter:
        return bqplot.Scatter(
            x=[],
            y=[],
            scales={**self.scales, "size": self.sizes},
            stroke=PAPER,
            stroke_width=0.75,
            display_names=False,
            enable_hover=False,
            tooltip=tooltip(),
        )

    def _label(self, **options: object) -> bqplot.Label:
        return label(self.scales, **{"colors": [INK], **options})


def _places(figure: Figure, shapes: Territories) -> dict[str, tuple[float, float]]:
    """Return where each mark is drawn: its place, or a row under the map for those off it."""
    far = [mark.key for mark in figure.series[0].marks if mark.key not in shapes.places]
    return {**shapes.places, **{key: (_FAR / 2, shapes.height + (rank + 0.5) * _FAR) for rank, key in enumerate(far)}}


def _is_sure(mark: Mark) -> bool:
    return mark.value is not None and mark.status not in ("F", "U")
