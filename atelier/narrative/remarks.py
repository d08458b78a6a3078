"""What deserves a remark: a value that rests on small numbers, one set against a threshold, a sentence of the theme."""

from collections.abc import Iterator
from string import Formatter

from atelier.declarations import Threshold
from atelier.figures.phrases import lower_first
from atelier.indicators.disclosure import SMALL
from atelier.indicators.table import StatTable, format_value
from atelier.language import LANGUAGES
from atelier.narrative.changes import Change
from atelier.narrative.naming import name_measure, name_place, write_value
from atelier.narrative.series import Point, Stretch
from atelier.narrative.wording import Sentence, build_sentence, find_words, say
from atelier.telling import Fact, NarrativeFile

BRACES = ("place", "year", "measure", "value")
"""What a sentence of a theme may have filled in."""


def tell_remarks(table: StatTable, point: Point) -> Iterator[Sentence]:
    """Yield that a value is fragile, then where it stands against each threshold of its indicator.

    A threshold set for bodies that each answer for themselves says nothing of their sum.

    Args:
        table: The table it comes from.
        point: A point with a value.
    """
    if point.status == SMALL:
        yield build_sentence("uncertain", say("uncertain.small", table), table.language)
    elif point.value is not None and _answers_alone(table):
        for threshold in table.card.thresholds:
            yield _against(table, point, point.value, threshold)


def tell_rules(table: StatTable, stretch: Stretch | None, point: Point | None = None) -> Iterator[Sentence]:
    """Yield the sentences of the theme whose fact lies in their range.

    Args:
        table: The table.
        stretch: The years that compare, where there are some.
        point: The only value, where there are none.
    """
    last = stretch.points[-1] if stretch else point
    if last is None or last.value is None or last.status == SMALL:
        return
    facts = _facts(table, stretch) | {"value": last.value}
    place = name_place(table)
    told = {
        "place": place.agent or place.lead,
        "year": last.year or "",
        "measure": name_measure(table),
        "value": write_value(table, last.value, last.status),
    }
    for rule in table.telling.sentences.values():
        fact = facts.get(rule.fact)
        if table.card.id in rule.indicators and fact is not None and rule.holds(fact):
            numbers = [last.value] if "value" in _braces(rule.text[table.language]) else []
            yield build_sentence("rule", rule.text[table.language].format(**told), table.language, numbers)


def check_words(narrative: NarrativeFile) -> Iterator[tuple[str, str]]:
    """Yield key and message of each mistake in the words and sentences of a theme.

    Args:
        narrative: What the theme wrote.
    """
    for key, text in narrative.words.items():
        try:
            known = find_words(key)
        except KeyError:
            yield f"words.{key}", "no such words: see atelier/narrative/vocabulary.toml for the keys."
            continue
        for language in LANGUAGES:
            yield from _check_braces(f"words.{key}.{language}", text[language], _braces(known[language]))
    for name, rule in narrative.sentences.items():
        for language in LANGUAGES:
            yield from _check_braces(f"sentences.{name}.text.{language}", rule.text[language], set(BRACES))
            if not rule.text[language].endswith("."):
                yield f"sentences.{name}.text.{language}", "a sentence ends with a full stop: add it."


def _check_braces(key: str, text: str, allowed: set[str]) -> Iterator[tuple[str, str]]:
    try:
        asked = _braces(text)
    except ValueError as error:
        yield key, f"braces do not match ({error}): write {{name}}, or nothing."
        return
    for name in sorted(asked - allowed):
        listed = ", ".join(f"{{{one}}}" for one in sorted(allowed)) or "none"
        yield key, f"{{{name}}} is not filled in here: those that are: {listed}."


def _braces(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def _answers_alone(table: StatTable) -> bool:
    asked = table.card.respondent
    if not asked:
        return True
    filtered = table.filters.get(asked, ())
    return len(filtered) == 1 or any(
        one.id == asked and table.cells[one.column].nunique() == 1 for one in table.dimensions
    )


def _against(table: StatTable, point: Point, value: float, threshold: Threshold) -> Sentence:
    unit, language = table.card.unit, table.language
    own, limit = (format_value(one, unit, language) for one in (value, threshold.value))
    side = "level" if own == limit else "above" if value > threshold.value else "below"
    text = say(
        f"threshold.{side}",
        table,
        opening=say("time.opening", table, year=point.year) if point.year else "",
        measure=name_measure(table),
        value=write_value(table, value, point.status),
        limit=write_value(table, threshold.value),
        label=lower_first(threshold.label[language]),
    )
    return build_sentence("threshold", text, language, (value, threshold.value))


def _facts(table: StatTable, stretch: Stretch | None) -> dict[Fact, float]:
    """Return the changes that a ratio or a difference tells, signed."""
    if stretch is None or len(stretch.points) == 1:
        return {}
    pairs: dict[Fact, Change] = {
        "change": Change(table, *stretch.points[-2:]),
        "since": Change(table, stretch.points[0], stretch.points[-1]),
    }
    signs = {name: 1 if one.difference >= 0 else -1 for name, one in pairs.items()}
    return {name: signs[name] * one.amount for name, one in pairs.items() if not one.is_plain and one.before.value}
