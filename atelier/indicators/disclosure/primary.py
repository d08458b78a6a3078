"""Primary suppression, and what is left of a cell that is hidden, for whichever reason: nothing but its status.

As the ministry's statistical service applies it: the base of a cell is its count, or its denominator when it is a
ratio. A base from 1 to ``hide_under - 1`` hides the cell; a base under ``flag_under`` flags it. A count of zero reveals
nobody and is shown; a ratio over zero does not apply.
"""

import numpy as np
import pandas as pd

from atelier.declarations import Disclosure
from atelier.indicators.table import VALUE_COLUMNS

HIDDEN = "Q"
SMALL = "U"
MISSING = "O"
NOT_APPLICABLE = "M"
NUMBERS = ("value", "numerator", "denominator")
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
    numbers = {name: cells[name].to_numpy("float64", copy=True, na_value=np.nan) for name in NUMBERS}
    behind = base.to_numpy("float64", na_value=np.nan)
    missing = np.isnan(numbers["value"]) & ~((behind == 0) & is_ratio)
    status = np.full(len(cells), "A", dtype="object")
    status[behind < rule.flag_under] = SMALL
    status[behind < rule.hide_under] = HIDDEN
    status[behind == 0] = NOT_APPLICABLE if is_ratio else "A"
    if telling is not None:
        status[telling.to_numpy(bool)] = HIDDEN
    status[missing] = MISSING
    if "source" in cells:
        sources = cells["source"].fillna("").astype("str")
        for letter in WEIGHTIEST_FIRST:
            told = sources.str.contains(letter, regex=False).to_numpy(bool)
            status[told & ((status == "A") | (letter in (HIDDEN, MISSING)))] = letter
    without = (status == HIDDEN) | (status == MISSING) | (status == NOT_APPLICABLE)
    for column in numbers.values():
        column[without] = np.nan
    dimensions = {name: cells[name] for name in cells.columns if name not in (*VALUE_COLUMNS, "source")}
    shown = {**dimensions, **numbers, "status": pd.Series(status, index=cells.index, dtype="object")}
    return pd.DataFrame({name: shown[name] for name in (*dimensions, *VALUE_COLUMNS)}, index=cells.index)
