"""Axes and shapes: round ticks, numbers as each language writes them, paths read exactly."""

import math
from dataclasses import replace

import pytest

from atelier.figures import build_figure
from atelier_widgets.charts.axes import tick_key, ticks, year_ticks
from atelier_widgets.charts.bars import BarChart
from atelier_widgets.charts.base import path
from atelier_widgets.charts.maps import points
from tests.figures.tables import COUNT, build_table


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (0, 100, [0, 25, 50, 75, 100]),
        (1_476_000, 1_797_029, [1_400_000, 1_500_000, 1_600_000, 1_700_000, 1_800_000]),
        (0.551, 0.585, [0.55, 0.56, 0.57, 0.58, 0.59]),
        (90, 118.2, [90, 100, 110, 120]),
    ],
)
def test_ticks_are_round_and_hold_the_values(low, high, expected):
    """Round numbers, evenly spaced, around all values."""
    assert ticks(low, high) == pytest.approx(expected)


@pytest.mark.parametrize(("low", "high"), [(0, 0), (5, 5), (-3, -3), (1e-9, 1e-9), (0, 1e12)])
def test_ticks_hold_values_that_do_not_vary(low, high):
    """One value, or zero, still has an axis."""
    found = ticks(low, high)
    assert found[0] <= low <= high <= found[-1]
    assert 2 <= len(found) <= 12


def test_the_last_year_is_always_written():
    """Few years, the last among them, evenly spaced."""
    assert year_ticks(range(2006, 2023)) == [2006, 2010, 2014, 2018, 2022]
    assert year_ticks(range(2008, 2023)) == [2010, 2014, 2018, 2022]
    assert year_ticks([2022]) == [2022]


@pytest.mark.parametrize(("value", "key"), [(140000.0, "140000"), (0.55, "0.55"), (2.5, "2.5"), (0.0, "0")])
def test_a_tick_is_named_as_javascript_names_it(value, key):
    """The label of a tick is found by the number's text."""
    assert tick_key(value) == key


def test_a_path_is_read_exactly():
    """Absolute and relative lines, several rings, each closed."""
    read = list(points("M0 0L10,0V5h-10ZM20 20l1 1l1-1z"))
    assert read[:5] == [(0, 0), (10, 0), (10, 5), (0, 5), (0, 0)]
    assert all(math.isnan(value) for value in read[5])
    assert read[6:] == [(20, 20), (21, 21), (22, 20), (20, 20)]


def test_a_curve_is_refused():
    """A shape that cannot be drawn exactly is not drawn."""
    with pytest.raises(ValueError, match="straight"):
        list(points("M0 0C1 1 2 2 3 3Z"))


def test_bars_below_zero_go_left_of_it_and_are_numbered():
    """The scale holds the lowest value; its number stands right of zero, where the bar is not."""
    signed = COUNT.model_copy(update={"signed": True})
    rows = [["aubry", 12, None, "A"], ["belleau", -7, None, "A"], ["cormes", 0, None, "A"]]
    chart = BarChart()
    chart.draw(build_figure(build_table(["park"], rows, signed)))
    assert (chart.values.min, chart.values.max) == (-7, 12)
    assert dict(zip(chart.bars.x.tolist(), chart.bars.y.tolist(), strict=True))["belleau"] == -7
    (numbers,) = chart.numbers
    assert dict(zip(numbers.y.tolist(), numbers.x.tolist(), strict=True)) == {"aubry": 12, "belleau": 0, "cormes": 0}
    assert set(chart.labels.x.tolist()) == {-7}


def test_a_line_ends_by_a_value():
    """A gap stays in the middle; missing last years, where bqplot would put the words of the line, are left out."""
    figure = build_figure(
        build_table(
            ["year"],
            [["2015", 1, None, "A"], ["2016", None, None, "M"], ["2017", 3, None, "A"], ["2018", None, None, "M"]],
        ),
        kind="line",
    )
    years, values = path(figure.series[0])
    assert (years[0], years[-1], values[-1]) == (2015, 2017, 3)
    assert any(math.isnan(value) for value in values)
    assert path(replace(figure.series[0], marks=figure.series[0].marks[-1:])) == ([], [])
