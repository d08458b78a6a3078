"""How a sentence names what it speaks of: the measure, its values, the places and groups it is about."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from atelier.figures.phrases import (
    LISTED_LABELS,
    filters,
    is_index,
    lower_first,
    of_plural,
    subject,
)
from atelier.indicators.table import Dimension, StatTable, format_value
from atelier.language import NO_BREAK_SPACE, format_list, format_number
from atelier.narrative.series import split_time
from atelier.narrative.wording import say, vocabulary

ALIKE = 3
"""A first word that so many names of a code list share is a common noun: it takes an article."""


@dataclass(frozen=True)
class Place:
    """Whom or what a table is about.

    Attributes:
        lead: Its label, as it stands before a colon.
        agent: The same with its article, where it is known to take one.
        at: The same after "à" or "at".
    """

    lead: str
    agent: str = ""
    at: str = ""


def name_measure(table: StatTable) -> str:
    """Return the measure as the subject of a sentence: ``le nombre d’étudiants``, ``the share of women``."""
    card, language = table.card, table.language
    if card.unit.kind == "number":
        card = replace(card, short=card.label, unit=card.unit.model_copy(update={"label": card.label}))
    elif card.unit.kind == "share":
        card = replace(card, short=card.label)
    elif _is_wordy(table):
        return say("unit.other", table, label=card.label[language])
    elif _is_named_by_unit(table):
        card = replace(card, label=card.unit.label)
    named = subject(replace(table, card=card))
    return say("unit.other", table, label=card.label[language]) if named[0] in "«“" else named


def name_place(table: StatTable) -> Place:
    """Return whom or what a table is about: the codes it keeps, the whole where it keeps none."""
    found = [(one, codes) for one, codes in filters(table) if one.kind != "time"]
    filtered = {one.id for one, _ in found}
    for one in table.dimensions:
        codes = tuple(str(code) for code in table.cells[one.column].unique())
        if one.kind != "time" and one.id not in filtered and len(codes) == 1:
            found.append((one, codes))
    varied = {one.id for one in split_time(table)[1]}
    kept = [(one, codes) for one, codes in found if one.id not in varied]
    labels = [_label(table, one, codes) for one, codes in kept]
    if len(kept) == 1 and len(kept[0][1]) == 1:
        return _with_article(table, kept[0][0], kept[0][1][0])
    return Place(", ".join(labels) or table.whole[table.language])


def name_code(table: StatTable, dimension: Dimension, code: object) -> str:
    """Return the words for a code, with the apostrophes of print."""
    return dimension.label(code, table.language).replace("'", "’")


def write_value(table: StatTable, value: float, status: str = "A", *, bare: bool = False) -> str:
    """Return a value with its unit and its flag: ``50 832 étudiants``, ``58,8 %``, ``12 prêts (effectif faible)``.

    Args:
        table: The table it comes from.
        value: The value.
        status: Its status.
        bare: Whether the unit goes without saying.
    """
    flag = write_flags(table, [status])
    unit, language = table.card.unit, table.language
    text = format_value(value, unit, language)
    if bare or unit.kind == "share" or (unit.kind == "number" and is_index(table)):
        return text + flag
    noun = _noun(table, text)
    return say("unit.number", table, amount=text, unit=noun).replace(" ", _space(language), 1) + flag


def write_none(table: StatTable) -> str:
    """Return a count of zero: ``aucun prêt``, ``no loans``."""
    noun = _noun(table, format_value(0, table.card.unit, table.language))
    return say(f"unit.none_{table.card.unit.gender}", table, unit=noun)


def write_points(table: StatTable, difference: float) -> str:
    """Return a difference: of shares in percentage points, of anything else in its unit."""
    unit, language = table.card.unit, table.language
    is_share = unit.kind == "share"
    if not is_share and not is_index(table):
        return write_value(table, difference)
    amount = format_number(unit.shown(difference), language, unit.decimals)
    key = "unit.point" if _is_singular(amount, language) else "unit.points"
    return say(key, table, amount=amount).replace(" ", _space(language))


def write_flags(table: StatTable, statuses: Iterable[str], *texts: str) -> str:
    """Return what must be said in brackets: texts, then flags of cells that are small, provisional or forecast."""
    known = vocabulary()["flag"]
    flags = [say(f"flag.{status}", table) for status in dict.fromkeys(statuses) if status in known]
    said = [text for text in (*texts, *flags) if text]
    return f" ({', '.join(said)})" if said else ""


def is_countable(table: StatTable, value: float) -> bool:
    """Return whether a count agrees in number with its noun, whose singular is only known for the unit's own."""
    text = format_value(value, table.card.unit, table.language)
    return _is_named_by_unit(table) or not (_is_wordy(table) or _is_singular(text, table.language))


def _is_wordy(table: StatTable) -> bool:
    """Return whether a count's label is too long a phrase to stand as a noun in a sentence."""
    return not _is_named_by_unit(table) and "," in table.card.label[table.language]


def _is_named_by_unit(table: StatTable) -> bool:
    return table.card.short[table.language].lower() == table.card.unit.label[table.language].lower()


def _noun(table: StatTable, amount: str) -> str:
    unit, language = table.card.unit, table.language
    if _is_singular(amount, language) and unit.singular:
        return unit.singular[language]
    if unit.kind == "count" and not _is_named_by_unit(table) and not _is_wordy(table):
        return lower_first(table.card.label[language])
    return unit.label[language]


def _is_singular(amount: str, language: str) -> bool:
    whole = amount.lstrip("-\N{MINUS SIGN}").split(",")[0] if language == "fr" else amount
    return whole in ("0", "1") if language == "fr" else whole == "1"


def _space(language: str) -> str:
    return NO_BREAK_SPACE if language == "fr" else " "


def _label(table: StatTable, dimension: Dimension, codes: tuple[str, ...]) -> str:
    if len(codes) > LISTED_LABELS:
        return say("unit.some", table, dimension=dimension.title[table.language])
    return format_list([name_code(table, dimension, code) for code in codes], table.language)


def _with_article(table: StatTable, dimension: Dimension, code: str) -> Place:
    lead = name_code(table, dimension, code)
    before, after_at = _articles(table, dimension, dimension.label(code, "fr"))
    if not before:
        return Place(lead)
    if table.language == "fr":
        return Place(lead, before + lead, after_at + lead)
    return Place(lead, lead, say("unit.at", table, place=lead))


def _articles(table: StatTable, dimension: Dimension, label: str) -> tuple[str, str]:
    """Return what stands before a French name, alone and after "à"; nothing where it is, or may be, a proper noun."""
    rules = vocabulary()["article"]
    word = label.split(" ", 1)[0]
    names = [one.label.fr for one in dimension.members.values()]
    alike = [name for name in names if name.split(" ", 1)[0] == word]
    linked = any(set(re.split("[ '’]", name)[1:2]) & set(rules["linking"]) for name in alike)
    is_elided = of_plural(word.lower()).startswith("d’") and not word.endswith(("s", "x", "z"))
    is_noun = is_elided and linked and len(alike) >= ALIKE
    bodies = {**rules["bodies"], **{name.lower(): articles for name, articles in table.telling.articles.items()}}
    before, after_at = bodies.get(word.lower(), rules["elided"] if is_noun else ("", ""))
    return before, after_at
