"""What a join did not match: codes that a reference does not know, and their part of an answer."""

from collections.abc import Callable, Iterable, Mapping

import pandas as pd
from sqlglot import exp

from atelier.declarations import Indicator
from atelier.indicators.breakdown import Breakdown
from atelier.indicators.table import Note, StatTable, Unmatched
from atelier.language import Text, format_number
from atelier.references import UNMATCHED

_COUNTED = Text(
    fr="{weight} relèvent de {codes} code{s} absent{s} de la liste « {title} » : le total les compte.",
    en="{weight} come under {codes} code{s} absent from the list “{title}”: the total counts them.",
)
_LEFT_OUT = Text(
    fr="{weight} relèvent de {codes} code{s} absent{s} de la liste « {title} » : la sélection les laisse de côté.",
    en="{weight} come under {codes} code{s} absent from the list “{title}”: the selection leaves them out.",
)
_HIDDEN = Text(fr="Des effectifs trop faibles pour être publiés", en="Numbers too small to be published")


def count_rows(query: Callable[[str], pd.DataFrame], relation: str, column: str, codes: Iterable[str]) -> int:
    """Return how many rows of a relation hold one of some codes.

    Args:
        query: Runs a query.
        relation: Its name.
        column: Column of the codes.
        codes: The codes.
    """
    listed = ", ".join(exp.Literal.string(code).sql(dialect="duckdb") for code in codes)
    return int(
        query(f"SELECT count(*) AS rows_found FROM {relation} WHERE {column} IN ({listed})")["rows_found"].iloc[0]
    )


def filters_for_unmatched(breakdown: Breakdown, dimension: str, own: set[str]) -> dict[str, tuple[str, ...]]:
    """Return the filters of the same question asked of the rows a reference does not know.

    Args:
        breakdown: The question.
        dimension: Dimension whose codes the reference holds.
        own: That dimension and those the reference gives, which rows of unknown code do not have.
    """
    kept = {name: codes for name, codes in breakdown.filters.items() if name not in own}
    return {**kept, dimension: (UNMATCHED,)}


def above_only(indicator: Indicator) -> Indicator:
    """Return the count that stands above a ratio, so that it is told where nothing stands below."""
    alone = {"denominator": None, "denominator_dataset": None, "share_of": (), "base_year": False}
    return indicator.model_copy(update=alone | {"denominator_shift": 0})


def weigh(table: StatTable) -> tuple[float | None, bool]:
    """Return the sum of the counts shown, None when all of them are hidden, and whether some are."""
    shown, hidden = table.cells["numerator"].dropna(), bool(table.cells["status"].eq("Q").any())
    return None if shown.empty and hidden else float(shown.sum()), hidden


def unmatched_notes(
    breakdown: Breakdown, found: Iterable[Unmatched], own: Mapping[str, set[str]], titles: Mapping[str, Text]
) -> tuple[Note, ...]:
    """Return a note for each reference whose unknown codes weigh on an answer without being seen in it.

    Args:
        breakdown: The question.
        found: What was not matched.
        own: For each dimension whose codes a reference holds, itself and the dimensions the reference gives.
        titles: The words for each reference.
    """
    notes = []
    for one in found:
        seen = own[one.dimension] & set(breakdown.by) and not own[one.dimension] & set(breakdown.filters)
        if seen or not (one.weight or one.hidden):
            continue
        text = _LEFT_OUT if own[one.dimension] & set(breakdown.filters) else _COUNTED
        weight = _number(one.weight) if one.weight else _HIDDEN
        told = {
            "weight": weight,
            "title": titles[one.reference],
            "codes": len(one.codes),
            "s": "" if len(one.codes) == 1 else "s",
        }
        notes.append(Note("unmatched", text.format(told)))
    return tuple(notes)


def _number(value: float) -> Text:
    return Text(fr=format_number(value, "fr"), en=format_number(value, "en"))
