"""Primary suppression, and what is left of a cell that is hidden, for whichever reason: nothing but its status.

As the ministry's statistical service applies it: the base of a cell is its count, or its denominator when it is a
ratio. A base from 1 to ``hide_under - 1`` hides the cell; a base under ``flag_under`` flags it. A count of zero reveals
nobody and is shown; a ratio over zero does not apply.
"""

import pandas as pd

from atelier.declarations import Disclosure
from atelier.indicators.table import VALUE_COLUMNS

HIDDEN = "Q"
SMALL = "U"
MISSING = "O"
NOT_APPLICABLE = "M"
WEIGHTIEST_FIRST = "QOUFP"
"""A cell made of several rows takes the weightiest of the statuses that the source gives them."""


def protect(
    cells: pd.DataFrame, rule: Disclosure, *, base: pd.Series, is_ratio: bool, telling: pd.Series | None = None
) -> pd.DataFrame:
    """Return cells with their status, and without the values that may not be shown.

    Args:
        cells: Columns ``value``, ``numerator``, ``denominator`` (None where the source has none) and, where the source
            gives statuses, ``source``: the codes of the rows behind each cell, one letter each. It is not returned.
        rule: Thresholds in force.
        base: How many people stand behind each cell; None where that is not known and the source has seen to it.
        is_ratio: Whether the base is a denominator, so that a ratio over zero does not apply.
        telling: Which cells would give a hidden one away; they carry the same letter, since to tell them apart would
            tell that their neighbours are small.
    """
    safe = cells.copy()
    missing = safe["value"].isna() & ~(base.eq(0) & is_ratio)
    status = pd.Series("A", index=safe.index, dtype="object")
    status[base < rule.flag_under] = SMALL
    status[base < rule.hide_under] = HIDDEN
    status[base == 0] = NOT_APPLICABLE if is_ratio else "A"
    if telling is not None:
        status[telling] = HIDDEN
    status[missing] = MISSING
    if "source" in safe:
        for letter in WEIGHTIEST_FIRST:
            told = safe["source"].fillna("").str.contains(letter, regex=False)
            status[told & (status.eq("A") | (letter in (HIDDEN, MISSING)))] = letter
    safe["status"] = status
    without = status.isin([HIDDEN, MISSING, NOT_APPLICABLE])
    for column in ("value", "numerator", "denominator"):
        safe[column] = safe[column].astype("float64").mask(without)
    dimensions = [column for column in safe.columns if column not in (*VALUE_COLUMNS, "source")]
    return safe[[*dimensions, *VALUE_COLUMNS]]
