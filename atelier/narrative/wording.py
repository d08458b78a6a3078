"""A sentence, and the words it is made of."""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from atelier.figures.phrases import upper_first
from atelier.indicators.table import StatTable
from atelier.language import Language, typeset


@dataclass(frozen=True)
class Sentence:
    """One sentence.

    Attributes:
        kind: What it tells: ``level``, ``uncertain``, ``absent``, ``break``, ``gap``, ``jump``, ``scope``, ``change``,
            ``since``, ``extremes``, ``exception``, ``turn``, ``compared``, ``trend``, ``rank``, ``threshold`` or
            ``rule``, a sentence of the theme.
        text: The words.
        language: Language of the words.
        numbers: Values the text states, unrounded and without sign; each is a cell of the table, or the plain
            difference, ratio or relative change of two. A difference of shares lies in 0..1, as shares do.
    """

    kind: str
    text: str
    language: Language
    numbers: tuple[float, ...]


def build_sentence(kind: str, text: str, language: Language, numbers: Iterable[float] = ()) -> Sentence:
    """Return a sentence with its first letter in upper case."""
    return Sentence(kind, upper_first(text), language, tuple(float(number) for number in numbers))


def say(key: str, table: StatTable, **values: object) -> str:
    """Return the words of ``key`` (``change.same``) for a table, filled in: its theme's own, or else ours."""
    own = table.telling.words.get(key)
    words = own[table.language] if own else typeset(str(find_words(key)[table.language]), table.language)
    return words.format(**values)


def find_words(key: str) -> Mapping[str, Any]:
    """Return the engine's words for a key, in both languages.

    Raises:
        KeyError: There are none.
    """
    found: Any = vocabulary()
    for part in key.split("."):
        found = found[part]
    if not (isinstance(found, Mapping) and isinstance(found.get("fr"), str)):
        raise KeyError(key)
    return found


def spell(number: int, table: StatTable) -> str:
    """Return a number from two on as a word."""
    words: list[str] = vocabulary()["spelled"][table.language]
    place = number - 2
    return words[place] if place < len(words) else say("spelled.many", table)


@cache
def vocabulary() -> Mapping[str, Any]:
    """Return all the words of sentences."""
    return tomllib.loads(files("atelier.narrative").joinpath("vocabulary.toml").read_text("utf-8"))
