"""Figures that compare: each module holds one kind, its layout, its refusals and its words."""

from collections.abc import Mapping

from atelier.figures.kinds.asked import Asked, Build
from atelier.figures.kinds.diverging import build_diverging
from atelier.figures.kinds.dots import build_dots
from atelier.figures.kinds.scatter import build_scatter
from atelier.figures.kinds.slope import build_slope
from atelier.figures.specification import FigureKind

KINDS: Mapping[FigureKind, Build] = {
    "diverging": build_diverging,
    "dots": build_dots,
    "slope": build_slope,
    "scatter": build_scatter,
}

__all__ = ["KINDS", "Asked"]
