"""Small phrases shared by captions and sentences: a measure with its article, filters in words, typographic rules."""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from atelier.indicators.table import Dimension, StatTable
from atelier.language import NO_BREAK_SPACE, format_list, typeset

ROUNDING = 1e-9
LISTED_LABELS = 4
"""Beyond this many codes, a filter is told by their count."""


def say(key: str, language: str, **values: object) -> str:
    """Return the words of ``key`` (``title.change``) in ``language``, filled in and with no-break spaces."""
    found: Any = _vocabulary()
    for part in key.split("."):
        found = found[part]
    return typeset(str(found[language]), language).format(**values)


def upper_first(text: str) -> str:
    """Return text with its first letter in upper case."""
    return text[:1].upper() + text[1:]


def lower_first(text: str) -> str:
    """Return text with its first letter in lower case, unless its first word is an acronym."""
    word = text.split(" ", 1)[0]
    return text if word[1:] != word[1:].lower() else text[:1].lower() + text[1:]


def of_plural(noun: str) -> str:
    """Return a French plural noun after "de": ``d’étudiants``, ``de diplômes``."""
    rules = _vocabulary()["elision"]
    first = noun.split(" ", 1)[0].lower()
    return f"d’{noun}" if first[:1] in rules["vowels"] or first in rules["mute_h"] else f"de {noun}"


def plural(noun: str, language: str) -> str:
    """Return a noun phrase in the plural: ``types d’établissement``, ``fields of study``.

    In French the first word takes the mark, in English the one before "of", or the last.
    """
    words = noun.split(" ")
    place = 0 if language == "fr" else (words.index("of") - 1 if "of" in words[1:] else len(words) - 1)
    word = words[place]
    endings: Mapping[str, str] = _vocabulary()["plural"][language]
    ending = max((one for one in endings if word.endswith(one)), key=len, default="")
    words[place] = word.removesuffix(ending) + endings.get(ending, "s")
    return " ".join(words)


def subject(table: StatTable) -> str:
    """Return the measure as the subject of a sentence: ``la part des femmes``, ``le nombre d’étudiants inscrits``."""
    card, language = table.card, table.language
    if card.unit.kind in ("share", "number"):
        return _with_article((card.unit.label if is_index(table) else card.short)[language], language)
    label = lower_first(card.label[language])
    if _article(label, language):
        return _with_article(label, language)
    return f"le nombre {of_plural(label)}" if language == "fr" else f"the number of {label}"


def closed(noun: str) -> str:
    """Return a noun with the comma that closes the phrase it holds, if it holds one."""
    return f"{noun}," if "," in noun else noun


def context(table: StatTable, *, time: bool = False) -> list[str]:
    """Return the labels of filters that keep a single code, in the order asked.

    Args:
        table: The table.
        time: Whether the year counts as context too.
    """
    asked = {dimension.id for dimension in table.dimensions}
    return [
        dimension.label(codes[0], table.language)
        for dimension, codes in filters(table)
        if len(codes) == 1 and dimension.id not in asked and (time or dimension.kind != "time")
    ]


def filters(table: StatTable) -> list[tuple[Dimension, tuple[str, ...]]]:
    """Return the table's filters with their dimensions."""
    return [(dimension, table.filters[dimension.id]) for dimension in table.filter_dimensions]


def filter_words(table: StatTable, dimension: Dimension, codes: tuple[str, ...]) -> str:
    """Return a filter as words: ``Région : Bretagne et Normandie``."""
    language, title = table.language, dimension.title[table.language]
    if dimension.kind == "time":
        return say("scope.filter", language, dimension=title, labels=span(table, [int(code) for code in codes]))
    if len(codes) > LISTED_LABELS:
        return say("scope.many", language, dimension=title, count=len(codes))
    labels = format_list([dimension.label(code, language) for code in codes], language)
    return say("scope.filter", language, dimension=title, labels=labels)


def span(table: StatTable, years: list[int]) -> str:
    """Return years as words: ``2022``, ``2006-2022`` when they follow one another, or ``2006, 2012 et 2022``."""
    ordered = sorted(set(years))
    follow = bool(ordered[2:]) and ordered[-1] - ordered[0] == len(ordered) - 1
    if follow or len(ordered) > LISTED_LABELS:
        return f"{ordered[0]}-{ordered[-1]}"
    return format_list([str(year) for year in ordered], table.language)


def year_of(table: StatTable) -> int | None:
    """Return the single year a table speaks of, None when it speaks of several or of none."""
    for dimension in table.dimensions:
        if dimension.kind == "time":
            years = {int(year) for year in table.cells[dimension.column]}
            return years.pop() if len(years) == 1 else None
    for dimension, codes in filters(table):
        if dimension.kind == "time" and len(codes) == 1:
            return int(codes[0])
    return None


def is_index(table: StatTable) -> bool:
    """Return whether values are an index with base 100, as the cells tell: a ratio to a base, times 100."""
    if not table.card.is_ratio or table.card.unit.kind != "number":
        return False
    seen = table.cells.dropna(subset=["value"])
    return bool(len(seen)) and bool(
        ((100 * seen["numerator"] / seen["denominator"] - seen["value"]).abs() <= ROUNDING * seen["value"].abs()).all()
    )


def _with_article(noun: str, language: str) -> str:
    article = _article(noun, language)
    if article:
        return article + lower_first(noun)
    return f"«{NO_BREAK_SPACE}{noun}{NO_BREAK_SPACE}»" if language == "fr" else f"“{noun}”"


def _article(noun: str, language: str) -> str:
    return str(_vocabulary()["article"][language].get(noun.split(" ", 1)[0].lower(), ""))


@cache
def _vocabulary() -> Mapping[str, Any]:
    return tomllib.loads(files("atelier.figures").joinpath("words.toml").read_text("utf-8"))
