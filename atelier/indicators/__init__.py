"""Indicators: a card, a formula, and the engine that answers any breakdown with one SQL query."""

from atelier.indicators.engine import Engine
from atelier.indicators.table import Card, Dimension, Note, Provenance, StatTable

__all__ = ["Card", "Dimension", "Engine", "Note", "Provenance", "StatTable"]
