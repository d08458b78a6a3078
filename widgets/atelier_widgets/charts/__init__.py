"""Drawings of figures with bqplot: each is made once, then told to draw another figure of its kind.

A drawing reads marks and never computes a number: axes are written by ``axes``, words and values come with the figure.
"""

from atelier.figures import Figure
from atelier_widgets.charts.bars import BarChart
from atelier_widgets.charts.base import Chart
from atelier_widgets.charts.distributions import DistributionChart
from atelier_widgets.charts.diverging import DivergingChart
from atelier_widgets.charts.dots import DotsChart
from atelier_widgets.charts.heats import HeatChart
from atelier_widgets.charts.keyfigures import KeyChart
from atelier_widgets.charts.lines import LineChart
from atelier_widgets.charts.maps import MapChart
from atelier_widgets.charts.points import PointChart
from atelier_widgets.charts.scatter import ScatterChart
from atelier_widgets.charts.slopes import SlopeChart
from atelier_widgets.charts.stacks import StackChart
from atelier_widgets.charts.tiles import TileChart

CHARTS: tuple[type[Chart], ...] = (
    LineChart,
    BarChart,
    StackChart,
    MapChart,
    TileChart,
    PointChart,
    HeatChart,
    DistributionChart,
    KeyChart,
    DivergingChart,
    DotsChart,
    SlopeChart,
    ScatterChart,
)


def new_chart(figure: Figure) -> Chart:
    """Return a drawing able to show ``figure``; it is empty until told to draw."""
    return next(chart for chart in CHARTS if figure.kind in chart.kinds)()


__all__ = ["Chart", "new_chart"]
