"""Kinds of figure that need more than marks in order.

Some add to the figure that any table makes: ``KINDS`` tells what each refuses, and what it adds. Some compare two
states or two tables, and make a figure of their own: ``COMPARED``.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from atelier.figures.kinds.asked import Asked, Build
from atelier.figures.kinds.distribution import finish_distribution, require_distribution
from atelier.figures.kinds.diverging import build_diverging
from atelier.figures.kinds.dots import build_dots
from atelier.figures.kinds.heat import finish_heat, require_heat
from atelier.figures.kinds.key import finish_key, require_key
from atelier.figures.kinds.places import finish_points, finish_tiles, require_points, require_tiles
from atelier.figures.kinds.scatter import build_scatter
from atelier.figures.kinds.slope import build_slope
from atelier.figures.layout import Layout
from atelier.figures.specification import Figure, FigureKind
from atelier.figures.territories import Territories
from atelier.indicators.table import StatTable


@dataclass(frozen=True)
class Kind:
    """What a kind of figure adds to those made of marks in order.

    Attributes:
        require: Raises QuestionError, with what to ask instead, where a table cannot be drawn that way.
        finish: Returns the figure with what only this kind has.
    """

    require: Callable[[StatTable, Layout, Mapping[str, Territories]], None]
    finish: Callable[[Figure, Layout], Figure]


KINDS: Mapping[FigureKind, Kind] = {
    "distribution": Kind(require_distribution, finish_distribution),
    "heat": Kind(require_heat, finish_heat),
    "points": Kind(require_points, finish_points),
    "tiles": Kind(require_tiles, finish_tiles),
    "key": Kind(require_key, finish_key),
}
COMPARED: Mapping[FigureKind, Build] = {
    "diverging": build_diverging,
    "dots": build_dots,
    "slope": build_slope,
    "scatter": build_scatter,
}

__all__ = ["COMPARED", "KINDS", "Asked", "Kind"]
