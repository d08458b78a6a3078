"""Datasets: raw snapshots turned by a theme's SQL into checked, tidy tables of figures."""

from atelier.datasets.build import BuildReport, build_tables, compile_table
from atelier.datasets.figures import Figures, FiguresProvenance

__all__ = ["BuildReport", "Figures", "FiguresProvenance", "build_tables", "compile_table"]
