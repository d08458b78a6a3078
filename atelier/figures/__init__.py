"""Figures: a chart specification made from a stat table, and its drawings."""

from atelier.figures.build import build_figure
from atelier.figures.html import render_figure_html
from atelier.figures.reading import how_to_read
from atelier.figures.specification import Figure, FigureKind, Mark, Series
from atelier.figures.svg import render_svg
from atelier.figures.table_html import render_table
from atelier.figures.territories import Territories, read_territories

__all__ = [
    "Figure",
    "FigureKind",
    "Mark",
    "Series",
    "Territories",
    "build_figure",
    "how_to_read",
    "read_territories",
    "render_figure_html",
    "render_svg",
    "render_table",
]
