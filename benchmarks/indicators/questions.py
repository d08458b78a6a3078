"""The same questions, asked three ways: the indicator call, hand-written SQL, hand-written pandas."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from atelier.workbench import Workbench

FIGURES = "read_parquet('{figures}/students.parquet')"
# What a careful hand writes: institutions counted under the one that carries them today.
TODAY = """(
SELECT code, coalesce(successor, code) AS today,
       (SELECT region FROM read_parquet('{figures}/institutions.parquet') AS after
        WHERE after.code = coalesce(before.successor, before.code)) AS region
FROM read_parquet('{figures}/institutions.parquet') AS before)"""


@dataclass(frozen=True)
class Question:
    """A question and its three writings; ``keys`` are the columns that name a row of the answer, ``value`` the answer.

    Attributes:
        keys: Columns of the breakdown.
        call: Asks the workbench.
        sql: DuckDB SQL over the theme's Parquet files.
        columns: Columns that pandas reads.
        pandas: Computes from those columns, and from the institutions of today.
    """

    keys: tuple[str, ...]
    call: Callable[[Workbench], pd.DataFrame]
    sql: str
    columns: tuple[str, ...]
    pandas: Callable[[pd.DataFrame, pd.DataFrame], pd.DataFrame]


def today(figures: Path) -> pd.DataFrame:
    """Return, for each code, the one that carries it today and its region."""
    codes = pd.read_parquet(figures / "institutions.parquet")
    codes["today"] = codes["successor"].fillna(codes["code"])
    codes["region"] = codes["today"].map(codes.set_index("code")["region"])
    return codes.set_index("code")


def _full(rows: pd.DataFrame, codes: pd.DataFrame) -> pd.DataFrame:
    rows = rows.assign(institution=rows["institution"].map(codes["today"]))
    return rows.groupby(["year", "institution", "level"])["students"].sum().reset_index(name="value")


def _region(rows: pd.DataFrame, codes: pd.DataFrame) -> pd.DataFrame:
    rows = rows[rows["institution"].isin(codes.index[codes["region"] == "r007"])]
    return rows.groupby(["year", "discipline"])["students"].sum().reset_index(name="value")


def _share(rows: pd.DataFrame, codes: pd.DataFrame) -> pd.DataFrame:
    women = rows["students"].where(rows["sex"] == "women", 0)
    rows = rows.assign(region=rows["institution"].map(codes["region"]), women=women)
    sums = rows.groupby(["year", "region"])[["women", "students"]].sum()
    return (sums["women"] / sums["students"]).reset_index(name="value")


def _part(rows: pd.DataFrame, codes: pd.DataFrame) -> pd.DataFrame:
    del codes
    sums = rows.groupby(["year", "discipline"])["students"].sum()
    return (sums / sums.groupby("year").transform("sum")).reset_index(name="value")


def _index(rows: pd.DataFrame, codes: pd.DataFrame) -> pd.DataFrame:
    del codes
    sums = rows.groupby(["year", "level"])["students"].sum()
    return (100 * sums / sums.groupby("level").transform("first")).reset_index(name="value")


QUESTIONS = {
    "full group-by": Question(
        ("year", "institution", "level"),
        lambda esr: esr.indicator("students").by("year", "institution", "level").table().cells,
        f"SELECT year, today AS institution, level, sum(students) AS value FROM {FIGURES} AS rows "
        f"JOIN {TODAY} AS codes ON rows.institution = codes.code GROUP BY ALL",
        ("year", "institution", "level", "students"),
        _full,
    ),
    "one region": Question(
        ("year", "discipline"),
        lambda esr: esr.indicator("students").by("year", "discipline").where(region="r007").table().cells,
        f"SELECT year, discipline, sum(students) AS value FROM {FIGURES} AS rows "
        f"JOIN {TODAY} AS codes ON rows.institution = codes.code WHERE region = 'r007' GROUP BY ALL",
        ("year", "institution", "discipline", "students"),
        _region,
    ),
    "share of women": Question(
        ("year", "region"),
        lambda esr: esr.indicator("women-share").by("year", "region").table().cells,
        f"SELECT year, region, sum(students) FILTER (WHERE sex = 'women') / sum(students) AS value "
        f"FROM {FIGURES} AS rows JOIN {TODAY} AS codes ON rows.institution = codes.code GROUP BY ALL",
        ("year", "institution", "sex", "students"),
        _share,
    ),
    "share of the whole": Question(
        ("year", "discipline"),
        lambda esr: esr.indicator("discipline-share").by("year", "discipline").table().cells,
        f"WITH sums AS (SELECT year, discipline, sum(students) AS students FROM {FIGURES} GROUP BY ALL) "
        f"SELECT year, discipline, students / sum(students) OVER (PARTITION BY year) AS value FROM sums",
        ("year", "discipline", "students"),
        _part,
    ),
    "index": Question(
        ("year", "level"),
        lambda esr: esr.indicator("students-index").by("year", "level").table().cells,
        f"WITH sums AS (SELECT year, level, sum(students) AS students FROM {FIGURES} GROUP BY ALL) "
        f"SELECT year, level, 100 * students / first_value(students) OVER (PARTITION BY level ORDER BY year) AS value "
        f"FROM sums",
        ("year", "level", "students"),
        _index,
    ),
}
