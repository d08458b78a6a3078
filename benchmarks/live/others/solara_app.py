"""The measured dashboard, as Solara's own guide would have it written."""

import os

import bqplot
import pandas as pd
import solara

rows = pd.read_parquet(os.environ["BENCH_DATA"])
regions = ["Toutes", *sorted(rows.region.unique())]
fields = ["Toutes", *sorted(rows.field.unique())]
region = solara.reactive("Toutes")
field = solara.reactive("Toutes")


@solara.component
def Chart(kept: pd.DataFrame, by: str) -> None:
    """Draw students by year or by field, as bars."""
    sums = kept.groupby(by, observed=True).students.sum()
    x, y = bqplot.OrdinalScale(), bqplot.LinearScale(min=0.0)
    bars = bqplot.Bars.element(x=[str(key) for key in sums.index], y=sums.to_list(), scales={"x": x, "y": y})
    axes = [bqplot.Axis.element(scale=x), bqplot.Axis.element(scale=y, orientation="vertical")]
    bqplot.Figure.element(marks=[bars], axes=axes)


@solara.component
def Page() -> None:
    """Show two lists, two charts and the sum."""
    kept = rows if region.value == "Toutes" else rows[rows.region == region.value]
    kept = kept if field.value == "Toutes" else kept[kept.field == field.value]
    solara.Select("Région", values=regions, value=region)
    solara.Select("Discipline", values=fields, value=field)
    Chart(kept, "year")
    Chart(kept, "field")
    solara.Text(f"{region.value}, {field.value}: {kept.students.sum()}")
