"""Students by disciplinary sector: golden values, and every indicator computed a second time with pandas."""

from pathlib import Path

import duckdb
import pandas as pd
import pytest

from atelier.workbench import Workbench

FILE = "sise_effectifs-esr-public_2012-2024.parquet"
STRASBOURG, CNAM = "4k25D", "XR16q"
SIX = {
    "Droit, sciences économiques, AES": "law-economics",
    "Lettres, langues et sciences humaines": "humanities",
    "Sciences et sciences de l'ingénieur": "sciences",
    "STAPS": "sports",
    "Santé": "health",
    "Interdisciplinaire": "interdisciplinary",
    "Théologie": "theology",
    "Non déterminé": "undetermined",
}


@pytest.fixture(scope="module")
def raw(raw_data: Path) -> pd.DataFrame:
    """The raw rows; sectors are read by the label of the reference."""
    table = pd.read_parquet(raw_data / FILE)
    return pd.DataFrame(
        {
            "year": table["Rentrée"].astype(int),
            "institution": table["pid"],
            "sector": table["Secteur.disciplinaire"],
            "discipline": table["Grande.discipline"].map(SIX),
            "is_woman": table["Sexe"] == "F",
            "level": table["LMD"].astype(str).map({"L": "bachelor", "M": "master", "D": "doctorate"}),
            "level_year": table["Niveau"],
            "students": table["Etudiants"].astype(int),
        }
    )


def by_sector(esr: Workbench, table: object) -> dict[tuple[int, str], float]:
    """Return values by year and French label of the sector, the ones hidden or missing left out."""
    labels = {code: one.label.fr for code, one in esr.engine.references["disciplines"].members.items()}
    cells = table.cells.dropna(subset=["value"])  # type: ignore[attr-defined]
    return {(row.year, labels[row.sector]): row.value for row in cells.itertuples()}


def label(sector: str) -> str:
    """Return a sector's label as it is typeset."""
    return {"STAPS": "Staps"}.get(sector, sector).replace("'", "’")


def hold(found: dict[tuple[int, str], float], expected: pd.Series, *, least: int) -> None:
    """Compare values by year and sector with those of pandas."""
    theirs = {(year, label(sector)): value for (year, sector), value in expected.items()}
    assert len(found) >= least
    for key, told in found.items():
        assert told == pytest.approx(theirs[key]), key


def test_students_by_sector_equal_the_raw_rows(esr: Workbench, raw: pd.DataFrame) -> None:
    """Q16: indicator 19, every year and sector."""
    expected = raw.groupby(["year", "sector"]).students.sum()
    hold(by_sector(esr, esr.indicator("students-by-sector").by("year", "sector").table()), expected, least=700)


def test_shares_of_sectors_equal_the_raw_rows(esr: Workbench, raw: pd.DataFrame) -> None:
    """Q16: each sector over all of them."""
    sums = raw.groupby(["year", "sector"]).students.sum()
    expected = sums / raw.groupby("year").students.sum()
    hold(by_sector(esr, esr.indicator("sector-share").by("year", "sector").table()), expected, least=700)


def test_shares_of_women_equal_the_raw_rows(esr: Workbench, raw: pd.DataFrame) -> None:
    """Q16: women over all, by sector, and by field and level."""
    women, everyone = raw[raw.is_woman], raw
    expected = women.groupby(["year", "sector"]).students.sum() / everyone.groupby(["year", "sector"]).students.sum()
    hold(by_sector(esr, esr.indicator("women-share-by-field").by("year", "sector").table()), expected, least=690)
    keys = ["year", "discipline", "level"]
    crossed = women.groupby(keys).students.sum() / everyone.groupby(keys).students.sum()
    cells = esr.indicator("women-share-by-field").by("year", "discipline", "level").table().cells
    for row in cells.dropna(subset=["value"]).itertuples():
        assert row.value == pytest.approx(crossed[row.year, row.discipline, row.level])


def test_doctoral_and_first_year_students_equal_the_raw_rows(esr: Workbench, raw: pd.DataFrame) -> None:
    """Q16: a level, then the first year of a level, by sector."""
    doctorate = raw[raw.level == "doctorate"].groupby(["year", "sector"]).students.sum()
    hold(
        by_sector(esr, esr.indicator("doctorate-students-by-sector").by("year", "sector").table()), doctorate, least=500
    )
    first = raw[(raw.level == "bachelor") & (raw.level_year == "01")].groupby(["year", "sector"]).students.sum()
    hold(by_sector(esr, esr.indicator("first-year-students-by-sector").by("year", "sector").table()), first, least=500)


def test_every_discipline_dimension_member_is_known(esr: Workbench) -> None:
    """Each sector has its place, each field its words; nothing falls under "not matched"."""
    dimensions = esr.dimensions("students-by-sector")
    assert "_U" not in dimensions["sector"].members
    assert set(dimensions["discipline"].members) == set(SIX.values())
    assert all(one.label.en for one in dimensions["sector"].members.values())


def test_golden_values(esr: Workbench) -> None:
    """Q17: 1,787,882 students in 2024; Strasbourg has as many here as in the other source."""
    students = esr.indicator("students-by-sector")
    assert students.where(year=2024).table().cells.value.tolist() == [1_787_882]
    here = students.where(year=2022, institution=STRASBOURG).table().cells.value.iloc[0]
    there = esr.indicator("students").where(year=2022, institution=STRASBOURG).table().cells.value.iloc[0]
    assert here == there == 50_832


@pytest.mark.parametrize("year", [2020, 2021, 2022])
def test_both_sources_agree_on_the_country(esr: Workbench, year: int) -> None:
    """Within 0.1 % once the Cnam, which one of them leaves out, is set aside; 0.11 % with it."""
    path = esr.engine.figures.path("datasets/students-by-field")
    query = f"SELECT sum(students) FROM '{path}' WHERE year = {year} AND institution <> '{CNAM}'"
    here = duckdb.sql(query).fetchall()[0][0]
    there = esr.indicator("students").where(year=year).table().cells.value.iloc[0]
    assert abs(here - there) / there < 0.001
    with_cnam = esr.indicator("students-by-sector").where(year=year).table().cells.value.iloc[0]
    assert abs(with_cnam - there) / there < 0.0012


def test_the_agreement_is_a_check_of_the_theme(esr: Workbench) -> None:
    """A figure that drifts apart from the other source blocks the build."""
    (check,) = [one for one in esr.theme.datasets["students-by-field"].checks if one.name == "agrees-with-enrolment"]
    with duckdb.connect() as connection:
        for name in ("enrolment", "students-by-field"):
            relation = "figures" if name == "students-by-field" else name
            path = esr.engine.figures.path(f"datasets/{name}")
            connection.execute(f"CREATE TABLE {relation} AS FROM '{path}'")
        assert connection.execute(check.sql).fetchall() == []
        connection.execute(
            "UPDATE figures SET students = students + 3000 "
            "WHERE rowid = (SELECT min(rowid) FROM figures WHERE year = 2021)"
        )
        assert [year for year, *_ in connection.execute(check.sql).fetchall()] == [2021]


def test_small_cells_are_hidden(esr: Workbench) -> None:
    """The raw table publishes counts under five in clear; ours hide them, whole row."""
    cells = (
        esr.indicator("students-by-sector").by("sector", "sex").where(year=2022, institution=STRASBOURG).table().cells
    )
    hidden = cells[cells.status == "Q"]
    assert len(hidden) > 0
    assert hidden[["value", "numerator"]].isna().all(axis=None)
    assert cells.value.dropna().loc[lambda shown: shown > 0].min() >= 5


def test_figures_stay_small(home: Path) -> None:
    """The whole theme's figures fit under 4 MB, these under 1.2 MB."""
    folder = home / "themes" / "esr" / "figures"
    assert (folder / "students-by-field.parquet").stat().st_size < 1_200_000
    assert sum(path.stat().st_size for path in folder.iterdir()) < 4_000_000
