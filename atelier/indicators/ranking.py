"""Ranks among peers: who stands where in a group, and in which quarter of it."""

from typing import Literal

import pandas as pd

from atelier.indicators.disclosure import SMALL
from atelier.indicators.table import StatTable
from atelier.references import UNMATCHED

FORECAST = "F"
QUARTERS = 4

Ties = Literal["dense", "shared"]


def rank_members(
    table: StatTable, dimension: str | None = None, *, ties: Ties = "dense", highest_first: bool | None = None
) -> pd.DataFrame:
    """Return the rank of each member of a dimension among the others of its group.

    A group is what the table's other dimensions hold together: the members of one year, of one year and one field. The
    first is the best: the highest value, or the lowest where the indicator says that higher is worse. Cells without a
    value, hidden ones among them, are not ranked and do not count; nor do figures that match no code. Forecasts are
    ranked among forecasts.

    Quartile 1 is the first quarter of the group in the order of ranks: a member's quartile tells how many of the group
    are strictly before it, less than a quarter, less than half… so that equal values share one. A group of fewer than
    four has none.

    Args:
        table: A table broken down by ``dimension``.
        dimension: Dimension whose members are ranked; the first one that is not time by default.
        ties: After two firsts, the next is second (``dense``) or third (``shared``).
        highest_first: Whether the highest value is first; what the indicator's direction says by default.

    Returns:
        One row per ranked cell, in the order of the table: a column per dimension, ``value``, ``rank``, ``group_size``,
        ``quartile`` (1 to 4, missing in a small group) and ``small`` (the value rests on a small number).

    Raises:
        KeyError: The table is not broken down by ``dimension``, or by none but time.
    """
    names = [one.id for one in table.dimensions]
    ranked = dimension or next((one.id for one in table.dimensions if one.kind != "time"), "")
    column = table.dimension(ranked).column
    columns = [table.dimension(name).column for name in names]
    cells = table.cells[table.cells["value"].notna() & table.cells[column].ne(UNMATCHED)].reset_index(drop=True)
    first = table.card.direction != "worse" if highest_first is None else highest_first
    rows = cells[[*columns, "value"]].copy()
    groups = [cells[one] for one in columns if one != column] + [cells["status"].eq(FORECAST)]
    values = rows["value"].groupby(groups)
    before = values.rank(method="min", ascending=not first) - 1
    size = values.transform("size")
    rank = values.rank(method="dense", ascending=not first) if ties == "dense" else before + 1
    rows["rank"] = rank.astype("int64")
    rows["group_size"] = size.astype("int64")
    rows["quartile"] = (before * QUARTERS // size + 1).where(size >= QUARTERS).astype("Int64")
    rows["small"] = cells["status"].eq(SMALL)
    return rows
