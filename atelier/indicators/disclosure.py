"""Statistical disclosure control, in one place, before anything leaves the engine.

Primary rule, as the ministry's statistical service applies it: the base of a cell is its count, or its denominator
when it is a ratio. A base from 1 to ``hide_under - 1`` hides the cell; a base under ``flag_under`` flags it. A count of
zero reveals nobody and is shown; a ratio over zero does not apply.
"""

import pandas as pd

from atelier.declarations import Disclosure
from atelier.indicators.table import VALUE_COLUMNS

HIDDEN = "Q"
SMALL = "U"
MISSING = "O"
NOT_APPLICABLE = "M"


def protect(cells: pd.DataFrame, rule: Disclosure, *, is_ratio: bool) -> pd.DataFrame:
    """Return cells with their status, and without the values that may not be shown.

    Args:
        cells: Columns ``value``, ``numerator``, ``denominator`` (None where the source has none).
        rule: Thresholds in force.
        is_ratio: Whether the base is the denominator.
    """
    safe = cells.copy()
    base = safe["denominator"] if is_ratio else safe["numerator"].abs()
    missing = safe["numerator"].isna() | base.isna()
    status = pd.Series("A", index=safe.index, dtype="object")
    status[base < rule.flag_under] = SMALL
    status[base < rule.hide_under] = HIDDEN
    status[base == 0] = NOT_APPLICABLE if is_ratio else "A"
    status[missing] = MISSING
    safe["status"] = status
    without = status.isin([HIDDEN, MISSING, NOT_APPLICABLE])
    for column in ("value", "numerator", "denominator"):
        safe[column] = safe[column].astype("float64").mask(without)
    dimensions = [column for column in safe.columns if column not in VALUE_COLUMNS]
    return safe[[*dimensions, *VALUE_COLUMNS]]
