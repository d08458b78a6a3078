"""The notebook that is measured, and a project that holds it."""

import json
from pathlib import Path

import numpy as np
import pandas as pd

ROWS = 1_000_000
SEED = 20_260_101
DATA = "rows.parquet"
REGIONS = ("Bretagne", "Grand Est", "Normandie", "Occitanie", "Pays de la Loire", "Sud")
FIELDS = ("Droit", "Lettres", "Santé", "Sciences")

CELLS = (
    "import pandas as pd\nimport bqplot\nimport ipywidgets as widgets\n",
    "rows = pd.read_parquet({data!r})\n",
    """
region = widgets.Dropdown(options=["Toutes", *sorted(rows.region.unique())], description="Région")
field = widgets.Dropdown(options=["Toutes", *sorted(rows.field.unique())], description="Discipline")
total = widgets.HTML()
scales = lambda: {{"x": bqplot.OrdinalScale(), "y": bqplot.LinearScale(min=0.0)}}
bars = bqplot.Bars(x=[], y=[], scales=scales())
columns = bqplot.Bars(x=[], y=[], scales=scales())


def chart(mark):
    axes = [bqplot.Axis(scale=mark.scales["x"]), bqplot.Axis(scale=mark.scales["y"], orientation="vertical")]
    return bqplot.Figure(marks=[mark], axes=axes, layout={{"width": "560px", "height": "320px"}})


def follow(change=None):
    kept = rows
    if region.value != "Toutes":
        kept = kept[kept.region == region.value]
    if field.value != "Toutes":
        kept = kept[kept.field == field.value]
    by_year, by_field = kept.groupby("year").students.sum(), kept.groupby("field", observed=True).students.sum()
    with bars.hold_sync():
        bars.x, bars.y = by_year.index.to_numpy(), by_year.to_numpy()
    with columns.hold_sync():
        columns.x, columns.y = by_field.index.to_list(), by_field.to_numpy()
    total.value = f"<p class='bench-total'>{{region.value}}, {{field.value}}: {{kept.students.sum()}}</p>"


def drawing(mark):
    most = max(mark.y)
    shown = "".join(
        f'<rect class="bar" x="{{20 + 24 * place}}" width="18" y="{{300 - 280 * value / most:.0f}}" '
        f'height="{{280 * value / most:.0f}}"/>'
        for place, value in enumerate(mark.y)
    )
    return f'<svg width="560" height="320">{{shown}}</svg>'


class Page(widgets.VBox):
    def _repr_mimebundle_(self, **how):
        still = f"<p>{{region.value}}, {{field.value}}</p>{{drawing(bars)}}{{drawing(columns)}}{{total.value}}"
        return {{**super()._repr_mimebundle_(**how), "text/html": still}}


region.observe(follow, "value")
field.observe(follow, "value")
follow()
Page([widgets.HBox([region, field]), widgets.HBox([chart(bars), chart(columns)]), total])
""",
)


def build_project(folder: Path, home: Path) -> Path:
    """Make a project with the notebook and its data; return the notebook's file.

    Args:
        folder: An empty folder.
        home: The project whose templates serve it.
    """
    random = np.random.default_rng(SEED)
    frame = pd.DataFrame(
        {
            "year": random.integers(2006, 2023, ROWS),
            "region": pd.Categorical.from_codes(random.integers(0, len(REGIONS), ROWS), REGIONS),
            "field": pd.Categorical.from_codes(random.integers(0, len(FIELDS), ROWS), FIELDS),
            "students": random.integers(1, 200, ROWS),
        }
    )
    theme, notebooks = folder / "themes" / "bench", folder / "notebooks" / "bench" / "dashboards"
    for one in (theme, notebooks):
        one.mkdir(parents=True)
    for name in ("templates", "node_modules"):
        (folder / name).symlink_to(home / name)
    data = theme / DATA
    frame.to_parquet(data)
    (theme / "theme.toml").write_text((home / "tests/projects/demo/theme.toml").read_text("utf-8"), "utf-8")
    cells = [
        {
            "cell_type": "code",
            "execution_count": None,
            "id": f"c{place}",
            "metadata": {},
            "outputs": [],
            "source": source.format(data=str(data)),
        }
        for place, source in enumerate(CELLS)
    ]
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    title = {"fr": "Mesure", "en": "Measure"}
    notebook = {
        "cells": cells,
        "metadata": {"atelier": {"title": title}, "kernelspec": kernel, "language_info": {"name": "python"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    path = notebooks / "rows.ipynb"
    path.write_text(json.dumps(notebook), "utf-8")
    return path
