"""A theme of ten million rows, drawn from a seed: year x institution x discipline x level x sex, in full."""

import shutil
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from atelier.datasets import build_tables
from atelier.settings import Settings, load_settings
from atelier.theme import read_theme

THEME = "rows"
SEED = 20_240_901
YEARS, INSTITUTIONS, DISCIPLINES, LEVELS, REGIONS = 20, 500, 50, 10, 18
SEXES = ("women", "men")
FIRST_YEAR = 2005
MERGED = 20
"""Institutions that another has replaced, so that codes of today are not those of the rows."""


def generate(folder: Path, years: int = YEARS) -> Settings:
    """Write the theme and its raw tables under a folder, build its figures, and return the settings that open it.

    Args:
        folder: An empty folder.
        years: Years drawn, half a million rows each.
    """
    shutil.copytree(Path(__file__).parent / "theme", folder / "themes" / THEME)
    raw = folder / "raw"
    raw.mkdir()
    drawn = np.random.default_rng(SEED)
    _write_codes(raw, drawn)
    _write_rows(raw / "students.parquet", drawn, years)
    settings = load_settings({}, home=folder, state=folder / "state", raw_data=raw, theme=THEME)
    build_tables(read_theme(settings), settings)
    return settings


def _write_codes(raw: Path, drawn: np.random.Generator) -> None:
    for name, letter, count in (("disciplines", "d", DISCIPLINES), ("levels", "l", LEVELS), ("regions", "r", REGIONS)):
        codes = pd.DataFrame({"code": _codes(letter, count)})
        codes.assign(label=codes["code"].str.upper()).to_csv(raw / f"{name}.csv", sep=";", index=False)
    codes = pd.DataFrame({"code": _codes("i", INSTITUTIONS)})
    codes["label"] = codes["code"].str.upper()
    codes["region"] = np.array(_codes("r", REGIONS))[drawn.integers(REGIONS, size=INSTITUTIONS)]
    successors = np.array([""] * INSTITUTIONS, dtype=object)
    successors[:MERGED] = codes["code"].to_numpy()[MERGED : 2 * MERGED]
    codes.assign(successor=successors).to_csv(raw / "institutions.csv", sep=";", index=False)


def _write_rows(path: Path, drawn: np.random.Generator, years: int) -> None:
    """Write the rows year by year; a third of the combinations hold nobody, as in real tables of this grain."""
    lists = (_codes("i", INSTITUTIONS), _codes("d", DISCIPLINES), _codes("l", LEVELS), SEXES)
    cells = pd.DataFrame(product(*lists), columns=["institution", "discipline", "level", "sex"])
    schema = pa.schema(
        [("year", pa.int64()), *((column, pa.string()) for column in cells.columns), ("students", pa.int64())]
    )
    sizes = drawn.lognormal(2, 1, size=len(cells))
    with pq.ParquetWriter(path, schema) as writer:
        for year in range(FIRST_YEAR, FIRST_YEAR + years):
            students = drawn.poisson(sizes) * (drawn.random(len(cells)) > 1 / 3)
            rows = cells.assign(year=year, students=students)
            writer.write_table(pa.Table.from_pandas(rows[schema.names], schema, preserve_index=False))


def _codes(letter: str, count: int) -> list[str]:
    return [f"{letter}{number:03d}" for number in range(count)]
