"""Indicators: a card, a formula, and the engine that answers any breakdown with one SQL query."""

from atelier.indicators.backends import Backend, DuckDB, open_backend
from atelier.indicators.comparison import COMPARED, side_by_side
from atelier.indicators.engine import Engine
from atelier.indicators.ranking import rank_members
from atelier.indicators.table import PERIMETERS, Card, Dimension, Note, Provenance, StatTable, Unmatched

__all__ = [
    "COMPARED",
    "PERIMETERS",
    "Backend",
    "Card",
    "Dimension",
    "DuckDB",
    "Engine",
    "Note",
    "Provenance",
    "StatTable",
    "Unmatched",
    "open_backend",
    "rank_members",
    "side_by_side",
]
