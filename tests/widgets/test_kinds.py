"""The live drawing of each kind draws the values that the static one draws."""

import math
import re
from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest

from atelier.figures import Figure, render_svg
from atelier.figures.svg.canvas import text_width
from atelier_widgets.charts import Chart, new_chart
from atelier_widgets.charts.base import PHONE
from atelier_widgets.charts.heats import HeatChart
from atelier_widgets.charts.maps import rows_under
from tests.figures.test_kinds import FIGURES, SVG


def live(name: str) -> Chart:
    """Return the live drawing of a figure."""
    chart = new_chart(FIGURES[name])
    chart.draw(FIGURES[name])
    return chart


def static(figure: Figure, tag: str) -> dict[str, ET.Element]:
    """Return the elements of the static drawing that tell a value, by what they tell."""
    root = ET.fromstring(render_svg(figure))
    return {
        one.findtext(f"{SVG}title", ""): one for one in root.iter(f"{SVG}{tag}") if one.find(f"{SVG}title") is not None
    }


def told(words: str) -> str:
    """Return words with ordinary spaces."""
    return re.sub(r"\s+", " ", words)


def test_a_distribution_has_the_same_heights() -> None:
    """Bars are as high, lines across stand at the same values, and the same numbers are written."""
    figure, chart = FIGURES["distribution"], live("distribution")
    counts = [max(box) for box in chart.bars.y.tolist()]
    rects = static(figure, "rect")
    heights = [float(one.get("height", "0")) for one in rects.values()]
    tallest = max(heights)
    assert [round(height / tallest * max(counts), 3) for height in heights] == pytest.approx(counts, abs=0.01)
    assert [told(words) for words in chart.bars.labels] == [told(words) for words in rects]
    assert [line[0] for line in chart.rules.x.tolist()] == pytest.approx([value for _, value in figure.references])
    written = {told(words.text or "") for words in ET.fromstring(render_svg(figure)).iter(f"{SVG}text")}
    for words in [*chart.left.text, *chart.right.text]:
        name, value = told(words).rsplit(" ", 2)[0].rstrip("…"), told(words).split(" ")[-2]
        assert any(one.startswith(name) and value in one for one in written)


@pytest.mark.parametrize("name", ["heat", "heat-years"])
def test_a_heat_table_has_the_same_cells(name: str) -> None:
    """Same order, same colours, same words in each."""
    figure, chart = FIGURES[name], live(name)
    rects = static(figure, "rect")
    assert [told(words) for words in chart.cells.labels] == [told(words) for words in rects]
    shown = [(one.get("fill", ""), color) for one, color in zip(rects.values(), chart.cells.fill_colors, strict=True)]
    assert all(fill == color for fill, color in shown if not fill.startswith("url"))
    root = ET.fromstring(render_svg(figure))
    written = [told(words.text or "") for words in root.iter(f"{SVG}text")]
    assert all(told(words) in written for words in chart.values.text)


def test_circles_have_the_same_areas() -> None:
    """Live sizes are values, static areas are proportional to them; places are equal."""
    figure, chart = FIGURES["points"], live("points")
    drawn = {told(words): one for words, one in static(figure, "circle").items()}
    sizes = [
        (told(words), value)
        for circles in (chart.circles, chart.flagged)
        for words, value in zip(circles.names.tolist(), circles.size.tolist(), strict=True)
        if told(words) in drawn
    ]
    assert len(sizes) == 2
    areas = {words: float(drawn[words].get("r", "0")) ** 2 for words, _ in sizes}
    (first, value), *_ = sizes
    for words, other in sizes:
        assert areas[words] / areas[first] == pytest.approx(other / value, rel=0.01)
    assert figure.territories is not None
    assert chart.circles.x.tolist()[0] == pytest.approx(figure.territories.places["aubry"][0])


def test_tiles_have_the_same_colours_and_letters() -> None:
    """Every square, those without a value too."""
    figure, chart = FIGURES["tiles"], live("tiles")
    rects = static(figure, "rect")
    fills = {told(words): one.get("fill", "") for words, one in rects.items()}
    for area in chart.areas.values():
        fill = fills[told(area.labels[0])]
        assert fill.startswith("url") or fill == area.fill_colors[0]
    letters = {words.text for words in ET.fromstring(render_svg(figure)).iter(f"{SVG}text")}
    assert set(chart.letters.text) <= letters
    assert {words for words in chart.values.text if words} <= letters


@pytest.mark.parametrize("name", ["key", "key-break", "key-single"])
def test_a_key_figure_has_the_same_words_and_values(name: str) -> None:
    """Value, unit, change, the ends of the line, and every value of it."""
    figure, chart = FIGURES[name], live(name)
    root = ET.fromstring(render_svg(figure))
    written = " ".join(told("".join(words.itertext())) for words in root.iter(f"{SVG}text"))
    for words in [*chart.value.text, *chart.words.text, *chart.ends.text]:
        assert told(words).replace(" ", "") in written.replace(" ", "")
    points = sorted(
        told(words)
        for scatter in (chart.points, chart.flagged)
        for words in (scatter.names if scatter in chart.widget.marks else [])
    )
    assert points == sorted(told(words) for words in static(figure, "circle"))
    values = [mark.value for mark in figure.series[0].marks if mark.value is not None]
    if name != "key-single":
        assert [value for value in chart.line.y.tolist() if not math.isnan(value)] == pytest.approx(values)


@pytest.mark.parametrize("name", FIGURES)
def test_another_figure_of_the_kind_reuses_the_marks(name: str) -> None:
    """A change of selection sends values, and makes no mark again."""
    chart = live(name)
    before = list(chart.widget.marks)
    chart.draw(FIGURES[name])
    assert before == list(chart.widget.marks)


def test_words_of_columns_never_collide() -> None:
    """On a phone: words are cut in lines, and columns too narrow for a word go on under the first ones."""
    labels = ["Baccalauréat technologique", "Baccalauréat professionnel", "Baccalauréat S", "Autre", "Équivalence"]
    (first, *_) = FIGURES["heat"].series
    marks = tuple(replace(first.marks[0], key=str(rank), label=words) for rank, words in enumerate(labels))
    figure = replace(FIGURES["heat"], series=(replace(first, marks=marks),))
    chart = HeatChart()
    chart.draw(figure)
    wide = PHONE / chart.columns.max
    assert max(text_width(words, 11.0) for words in chart.heads.text) <= wide
    assert "".join(chart.heads.text).replace(" ", "") == "".join(labels).replace(" ", "")
    for words in ET.fromstring(render_svg(figure, 340)).iter(f"{SVG}tspan"):
        assert "…" not in (words.text or "")


def test_long_names_under_a_map_have_a_row_of_their_own() -> None:
    """Two short names stand side by side; a name longer than half a phone stands alone."""
    assert rows_under(["Guyane", "Mayotte", "Collectivités d’outre-mer", "Étranger"]) == ([0, 1, 2, 4], 3)
