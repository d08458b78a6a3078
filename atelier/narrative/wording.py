"""A sentence, and the words it is made of."""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from atelier.figures.phrases import upper_first
from atelier.language import Language, typeset


@dataclass(frozen=True)
class Sentence:
    """One sentence.

    Attributes:
        kind: What it tells: ``level``, ``absent``, ``break``, ``gap``, ``jump``, ``scope``, ``change``, ``since``,
            ``extremes``, ``turn``, ``compared`` or ``trend``.
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


def say(key: str, language: str, **values: object) -> str:
    """Return the words of ``key`` (``change.same``) in ``language``, filled in and with no-break spaces."""
    found: Any = vocabulary()
    for part in key.split("."):
        found = found[part]
    return typeset(str(found[language]), language).format(**values)


def spell(number: int, language: str) -> str:
    """Return a number from two on as a word."""
    words: list[str] = vocabulary()["spelled"][language]
    place = number - 2
    return words[place] if place < len(words) else say("spelled.many", language)


@cache
def vocabulary() -> Mapping[str, Any]:
    """Return all the words of sentences."""
    return tomllib.loads(files("atelier.narrative").joinpath("vocabulary.toml").read_text("utf-8"))
