"""Sentences computed from a stat table."""

from dataclasses import dataclass

from atelier.indicators.table import StatTable
from atelier.language import Language


@dataclass(frozen=True)
class Sentence:
    """One sentence.

    Attributes:
        kind: What it tells: ``level``, ``change``, ``extremes``...
        text: The words.
        language: Language of the words.
        numbers: Values the text states, unrounded; each is a cell of the table or a plain difference or ratio of two.
    """

    kind: str
    text: str
    language: Language
    numbers: tuple[float, ...]


def build_narrative(table: StatTable, *, compare: object = None) -> tuple[Sentence, ...]:
    """Return sentences computed from ``table``."""
    return ()
