"""Indicators: a card, a formula, and the engine that answers any breakdown with one SQL query."""

from atelier.indicators.backends import open_backend
from atelier.indicators.comparison import COMPARED, side_by_side
from atelier.indicators.engine import Engine
from atelier.indicators.table import Card, Dimension, Note, Provenance, StatTable

__all__ = ["COMPARED", "Card", "Dimension", "Engine", "Note", "Provenance", "StatTable", "open_backend", "side_by_side"]
