"""What a join did not match: codes that a reference does not know, and their part of an answer."""

from collections.abc import Iterable, Mapping

from atelier.indicators.breakdown import Breakdown
from atelier.indicators.table import Note, StatTable, Unmatched
from atelier.language import Text, format_number
from atelier.references import UNMATCHED

_COUNTED = Text(
    fr="{weight} relèvent de code(s) inconnu(s) de la liste « {title} » ({codes}) : le total les compte.",
    en="{weight} come under code(s) that the list “{title}” does not know ({codes}): the total counts them.",
)
_LEFT_OUT = Text(
    fr="{weight} relèvent de code(s) inconnu(s) de la liste « {title} » ({codes}) : la sélection les laisse de côté.",
    en="{weight} come under code(s) that the list “{title}” does not know ({codes}): the selection leaves them out.",
)
_HIDDEN = Text(fr="Des effectifs trop faibles pour être publiés", en="Numbers too small to be published")


def filters_for_unmatched(breakdown: Breakdown, dimension: str, own: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Return the filters of the same question asked of the rows a reference does not know.

    Args:
        breakdown: The question.
        dimension: Dimension whose codes the reference holds.
        own: Every dimension the reference gives, which rows of unknown code do not have.
    """
    kept = {name: codes for name, codes in breakdown.filters.items() if name not in {dimension, *own}}
    return {**kept, dimension: (UNMATCHED,)}


def weigh(table: StatTable) -> float | None:
    """Return the sum of the numerators that may be shown, None when some may not and nothing else is there."""
    shown = table.cells["numerator"].dropna()
    return None if shown.empty and table.cells["status"].eq("Q").any() else float(shown.sum())


def unmatched_notes(
    breakdown: Breakdown, found: Iterable[Unmatched], own: Mapping[str, set[str]], titles: Mapping[str, Text]
) -> tuple[Note, ...]:
    """Return a note for each reference whose unknown codes weigh on an answer without being seen in it.

    Args:
        breakdown: The question.
        found: What was not matched.
        own: For each reference, every dimension it gives.
        titles: The words for each reference.
    """
    notes = []
    for one in found:
        seen = own[one.reference] & set(breakdown.by) and not own[one.reference] & set(breakdown.filters)
        if seen or one.weight == 0:
            continue
        text = _LEFT_OUT if own[one.reference] & set(breakdown.filters) else _COUNTED
        weight = _HIDDEN if one.weight is None else _number(one.weight)
        told = {"weight": weight, "title": titles[one.reference], "codes": len(one.codes)}
        notes.append(Note("unmatched", text.format(told)))
    return tuple(notes)


def _number(value: float) -> Text:
    return Text(fr=format_number(value, "fr"), en=format_number(value, "en"))
