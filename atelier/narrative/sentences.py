"""Sentences computed from a stat table.

Every number written is a cell of the table, or the plain difference, ratio or relative change of two. Nothing tells a
cause, nothing is told of a hidden cell, and no comparison runs across a break, a year without a figure or a jump so
large that what is counted has probably changed.
"""

from atelier.indicators.table import StatTable
from atelier.narrative.categories import tell_categories
from atelier.narrative.comparison import Compared, compare_categories, compare_series, read_references
from atelier.narrative.over_time import tell_series
from atelier.narrative.ranks import tell_rank
from atelier.narrative.series import split_time
from atelier.narrative.wording import Sentence

__all__ = ["Compared", "Sentence", "build_narrative"]


def build_narrative(
    table: StatTable, *, compare: Compared | None = None, among: StatTable | None = None
) -> tuple[Sentence, ...]:
    """Return sentences computed from a table, in its language.

    A table with one value per year tells its level, its changes and its records; one with one value per category tells
    its highest and lowest. A table broken down further tells nothing: keep one code of all dimensions but one.

    Args:
        table: What to tell.
        compare: The same question asked of wider sets, its group or the whole: ``{"Universities": group, "France":
            whole}`` or ``[group, whole]``, then named by the codes they keep. A label may carry a list of tables;
            those about another indicator are left out, so that one mapping serves several tables.
        among: The same indicator for the place's peers, by one dimension in one year: tells its rank.

    Raises:
        QuestionError: A reference is not broken down as the table is, or peers cannot be ranked.
    """
    time, others = split_time(table)
    if len(others) > 1 or (time and others and table.cells[time.column].nunique() > 1):
        return ()
    references = read_references(table, compare)
    if others:
        sentences = tell_categories(table, others[0])
        for label, reference in references:
            sentences += compare_categories(table, others[0], label, reference)
        return tuple(sentences)
    sentences = list(tell_series(table))
    for label, reference in references:
        sentences += compare_series(table, label, reference)
    if among is not None:
        sentences += tell_rank(table, among)
    return tuple(sentences)
