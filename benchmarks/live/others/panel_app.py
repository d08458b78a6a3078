"""The measured dashboard, as Panel's own guide would have it written."""

import os

import pandas as pd
import panel as pn
from bokeh.plotting import figure

rows = pn.state.as_cached("rows", pd.read_parquet, path=os.environ["BENCH_DATA"])
region = pn.widgets.Select(name="Région", options=["Toutes", *sorted(rows.region.unique())])
field = pn.widgets.Select(name="Discipline", options=["Toutes", *sorted(rows.field.unique())])


def keep(region: str, field: str) -> pd.DataFrame:
    """Return the rows chosen."""
    kept = rows if region == "Toutes" else rows[rows.region == region]
    return kept if field == "Toutes" else kept[kept.field == field]


def chart(region: str, field: str, by: str) -> figure:
    """Return students by year or by field, as bars."""
    sums = keep(region, field).groupby(by, observed=True).students.sum()
    drawn = figure(x_range=[str(key) for key in sums.index], width=560, height=320)
    drawn.vbar(x=[str(key) for key in sums.index], top=sums.to_list(), width=0.8)
    return drawn


def total(region: str, field: str) -> str:
    """Return the sum in words."""
    return f"{region}, {field}: {keep(region, field).students.sum()}"


pn.Column(
    pn.Row(region, field),
    pn.Row(pn.bind(chart, region, field, "year"), pn.bind(chart, region, field, "field")),
    pn.pane.HTML(pn.bind(total, region, field)),
).servable()
