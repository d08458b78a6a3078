"""Figures that compare, drawn twice: the static drawing and bqplot show the same values in the same places."""

import re
from collections.abc import Sequence
from xml.etree import ElementTree as ET

import bqplot
import numpy as np
import pytest

from atelier.figures import Figure, render_svg
from atelier_widgets.charts import Chart, new_chart
from tests.figures.test_compared import FIGURES

SVG = "{http://www.w3.org/2000/svg}"
PIXEL = 0.02
"""Coordinates are written with two decimals."""
each_figure = pytest.mark.parametrize("name", [name for name in FIGURES if name != "budget"])


def chart(name: str) -> tuple[Figure, Chart]:
    """Return a figure and its drawing."""
    figure = FIGURES[name]
    drawing = new_chart(figure)
    drawing.draw(figure)
    return figure, drawing


def same_places(pixels: Sequence[float], values: Sequence[float]) -> None:
    """Check that pixels are values through one straight scale, and not all in one place."""
    assert len(pixels) == len(values) > 0
    if len(set(values)) == 1:
        assert np.ptp(pixels) <= PIXEL
        return
    slope, start = np.polyfit(values, pixels, 1)
    assert abs(slope) > 0
    assert np.allclose(np.multiply(values, slope) + start, pixels, atol=PIXEL)


def titled(figure: Figure, tag: str) -> dict[str, ET.Element]:
    """Return the elements of the static drawing by what they tell a pointer."""
    root = ET.fromstring(render_svg(figure))
    return {words: one for one in root.iter(f"{SVG}{tag}") if (words := one.findtext(f"{SVG}title"))}


def visible(drawing: Chart, kind: type) -> list:
    """Return the visible bqplot marks of a kind."""
    return [mark for mark in drawing.widget.marks if isinstance(mark, kind) and mark.visible]


def spots(drawing: Chart) -> dict[str, tuple[float, float]]:
    """Return the points of a bqplot drawing by what they tell a pointer."""
    found = {}
    for scatter in visible(drawing, bqplot.Scatter):
        assert len(scatter.x) == len(scatter.y) == len(scatter.names)
        found |= {
            str(name): (x, y) for name, x, y in zip(scatter.names, scatter.x.tolist(), scatter.y.tolist(), strict=True)
        }
    return found


def key(words: str) -> str:
    """Return what a pointer is told, spaces and colons apart."""
    return re.sub(r"[\s:]+", " ", words)


@pytest.mark.parametrize("name", ["gap", "gap-of-one", "reference", "change", "percent", "english"])
def test_bars_have_the_same_ends_values_and_colours(name: str) -> None:
    """Bar by bar: the end away from zero, the colour, the number written."""
    figure, drawing = chart(name)
    (bars,) = visible(drawing, bqplot.Bars)
    drawn = titled(figure, "rect")
    values = dict(zip(bars.x.tolist(), bars.y.tolist(), strict=True))
    colors = dict(zip(bars.x.tolist(), bars.colors, strict=True))
    pixels, told = [], []
    for mark in figure.series[0].marks:
        if mark.value is None:
            continue
        rect = next(one for words, one in drawn.items() if key(words).startswith(f"{mark.label} "))
        left, wide = float(rect.get("x")), float(rect.get("width"))
        pixels.append(left if mark.value < 0 else left + wide)
        told.append(values[mark.key])
        assert rect.get("fill") == colors[mark.key]
    same_places(pixels, told)
    written = [text for label in visible(drawing, bqplot.Label) for text in label.text]
    texts = [one.text for one in ET.fromstring(render_svg(figure)).iter(f"{SVG}text")]
    for mark in figure.series[0].marks:
        assert mark.text in written
        assert mark.text in texts


@pytest.mark.parametrize("name", ["dots", "dots-in-rows"])
def test_dots_and_bands_are_in_the_same_places(name: str) -> None:
    """Dots, ends, quartiles and medians, through one scale."""
    figure, drawing = chart(name)
    light, dark, middle = visible(drawing, bqplot.Lines)
    # A line that ends by a gap has no place for the words bqplot hides there, and the browser logs it.
    assert not any(np.isnan(line.x[-1]) for line in (light, dark, middle))
    values = [x for line in (light, dark, middle) for x in line.x.tolist() if not np.isnan(x)]
    root = ET.fromstring(render_svg(figure))
    pixels = []
    for fill in (light.colors[0], dark.colors[0]):
        for rect in root.iter(f"{SVG}rect"):
            if rect.get("fill") == fill:
                pixels += [float(rect.get("x")), float(rect.get("x")) + float(rect.get("width"))]
    ticks = [one for one in root.iter(f"{SVG}line") if one.get("stroke-width") == "2"]
    pixels += [float(one.get(end)) for one in ticks for end in ("x1", "x2")]
    circles = {key(words): float(one.get("cx")) for words, one in titled(figure, "circle").items()}
    dots = {key(words): x for words, (x, _) in spots(drawing).items()}
    assert circles.keys() == dots.keys()
    same_places([*pixels, *circles.values()], [*values, *(dots[words] for words in circles)])


@pytest.mark.parametrize("name", ["slope", "slope-of-one"])
def test_slopes_join_the_same_values(name: str) -> None:
    """Each end of each line, its colour, and the numbers of both sides."""
    figure, drawing = chart(name)
    root = ET.fromstring(render_svg(figure))
    drawn = sorted(
        (one.get("stroke"), float(one.get("y1")), float(one.get("y2")))
        for one in root.iter(f"{SVG}line")
        if one.get("stroke-width") in ("2.5", "1.25")
    )
    lines = [(line.colors[0], *line.y.tolist()) for line in visible(drawing, bqplot.Lines)]
    lines.sort(key=lambda one: (one[0], -one[1]))
    assert [one[0] for one in drawn] == [one[0] for one in lines]
    same_places([y for one in drawn for y in one[1:]], [y for one in lines for y in one[1:]])
    circles = {key(words): float(one.get("cy")) for words, one in titled(figure, "circle").items()}
    dots = {key(words): y for words, (_, y) in spots(drawing).items()}
    assert circles.keys() <= dots.keys()
    same_places(list(circles.values()), [dots[words] for words in circles])


@pytest.mark.parametrize("name", ["scatter", "scatter-of-one"])
def test_points_and_medians_are_in_the_same_places(name: str) -> None:
    """Each point, both ways, and both medians."""
    figure, drawing = chart(name)
    root = ET.fromstring(render_svg(figure))
    dots = {key(words): place for words, place in spots(drawing).items()}
    places = {}
    for parent in root.iter():
        words = parent.findtext(f"{SVG}title")
        point = parent if parent.get("cx") else next((one for one in parent if one.get("cx")), None)
        if words and point is not None and key(words) in dots:
            places[key(words)] = (float(point.get("cx")), float(point.get("cy")))
    assert places.keys() == dots.keys()
    (medians,) = visible(drawing, bqplot.Lines)
    rules = [one for one in root.iter(f"{SVG}line") if one.get("stroke-dasharray") == "4 3"]
    across = next(float(one.get("x1")) for one in rules if one.get("x1") == one.get("x2"))
    up = next(float(one.get("y1")) for one in rules if one.get("y1") == one.get("y2"))
    same_places([*(x for x, _ in places.values()), across], [*(dots[one][0] for one in places), medians.x[3]])
    same_places([*(y for _, y in places.values()), up], [*(dots[one][1] for one in places), medians.y[0]])


@each_figure
def test_a_drawing_shows_another_figure_of_its_kind(name: str) -> None:
    """Drawn again, it is the same; no mark is added."""
    figure, drawing = chart(name)
    before = list(drawing.widget.marks)
    assert drawing.can_draw(figure)
    drawing.draw(figure)
    assert drawing.widget.marks == before


def test_a_hidden_value_is_in_no_trait() -> None:
    """Q10: what goes to the browser holds the letter, never a value."""
    _, drawing = chart("gap")
    (bars,) = visible(drawing, bqplot.Bars)
    assert dict(zip(bars.x.tolist(), bars.y.tolist(), strict=True))["dorval"] == 0.0
