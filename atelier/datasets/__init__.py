"""Datasets: raw snapshots turned by a theme's SQL into checked, tidy tables of figures."""

from atelier.datasets.build import BuildReport, build_tables, check_figures, compile_table, rehearse
from atelier.datasets.checks import check_tables
from atelier.datasets.figures import Figures, FiguresProvenance

__all__ = [
    "BuildReport",
    "Figures",
    "FiguresProvenance",
    "build_tables",
    "check_figures",
    "check_tables",
    "compile_table",
    "rehearse",
]
