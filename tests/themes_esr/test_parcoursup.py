"""Parcoursup: formulas verified against the percentages published row by row, then every indicator with pandas."""

from pathlib import Path

import pandas as pd
import pytest

from atelier.workbench import Workbench

FILE = "fr-esr-parcoursup_2018-2019.parquet"
NAMES = {
    "Session": "year",
    "Code.départemental.de.l.établissement": "department",
    "Filière.de.formation.très.agrégée": "programme",
    "Capacité.de.l.établissement.par.formation": "places",
    "Effectif.total.des.candidats.en.phase.principale": "wishes",
    "Rang.du.dernier.appelé": "rank",
    "Effectif.total.des.candidats.ayant.accepté.la.proposition.de.l.établissement..admis.": "admitted",
    "Dont.effectif.des.candidates.admises": "women",
    "Effectif.des.admis.néo.bacheliers": "leavers",
    "Dont.effectif.des.admis.boursiers.néo.bacheliers": "bursary",
    "Dont.effectif.des.admis.néo.bacheliers.avec.mention.Très.Bien.au.bac": "highest",
    "Dont.effectif.des.admis.issus.de.la.même.académie": "same_academy",
    "Dont.effectif.des.admis.issus.de.la.même.académie..Paris.Créteil.Versailles.réunies.": "same_area",
    "X..d.admis.dont.filles": "pct_women",
    "X..d.admis.néo.bacheliers.boursiers": "pct_bursary",
    "X..d.admis.néo.bacheliers.avec.mention.Très.Bien.au.bac": "pct_highest",
    "X..d.admis.néo.bacheliers.issus.de.la.même.académie": "pct_same_academy",
    "X..d.admis.néo.bacheliers.issus.de.la.même.académie..Paris.Créteil.Versailles.réunies.": "pct_same_area",
    "Taux.de.tension": "author_pressure",
    "Taux.de.remplissage": "author_fill",
    "Taux.de.sélection": "author_rank",
}
RANKED = ["Licence", "PACES", "CPGE", "IFSI", "EETS"]


@pytest.fixture(scope="module")
def raw(raw_data: Path) -> pd.DataFrame:
    """The raw table under short names, with the numerators and denominators that are not columns of it."""
    table = pd.read_parquet(raw_data / FILE, columns=list(NAMES)).rename(columns=NAMES)
    numbers = table.columns.difference(["department", "programme"])
    table[numbers] = table[numbers].astype("float64")
    ranked = table["programme"].isin(RANKED)
    table["admitted_where_places"] = table["admitted"].where(table["places"].notna())
    table["wishes_where_rank"] = table["wishes"].where(table["rank"].notna(), 0)
    table["rank_kept"] = table["rank"].where(ranked)
    table["wishes_kept"] = table["wishes_where_rank"].where(ranked)
    return table.astype({"year": int, "department": str, "programme": str})


FORMULAS = {
    "parcoursup-places": ("places", None),
    "parcoursup-wishes": ("wishes", None),
    "parcoursup-admitted": ("admitted", None),
    "parcoursup-pressure": ("wishes", "places"),
    "parcoursup-fill-rate": ("admitted_where_places", "places"),
    "parcoursup-last-rank": ("rank_kept", "wishes_kept"),
    "parcoursup-last-rank-coverage": ("wishes_where_rank", "wishes"),
    "parcoursup-women-share": ("women", "admitted"),
    "parcoursup-bursary-share": ("bursary", "leavers"),
    "parcoursup-top-honours-share": ("highest", "leavers"),
    "parcoursup-same-academy-share": ("same_academy", "leavers"),
    "parcoursup-same-area-share": ("same_area", "leavers"),
}


@pytest.mark.parametrize(
    ("top", "bottom", "published", "years"),
    [
        ("women", "admitted", "pct_women", (2018, 2019)),
        ("bursary", "leavers", "pct_bursary", (2018,)),
        ("bursary", "admitted", "pct_bursary", (2019,)),
        ("highest", "leavers", "pct_highest", (2018, 2019)),
        ("same_academy", "leavers", "pct_same_academy", (2018, 2019)),
        ("same_area", "leavers", "pct_same_area", (2018, 2019)),
    ],
)
def test_denominators_are_those_of_the_published_percentages(
    raw: pd.DataFrame, top: str, bottom: str, published: str, years: tuple[int, ...]
) -> None:
    """On every course that has one; that of bursaries changed in 2019, which is why it is recomputed."""
    rows = raw[raw["year"].isin(years) & raw[published].notna() & (raw[bottom] > 0)]
    assert len(rows) > 10_000
    assert ((100 * rows[top] / rows[bottom] - rows[published]).abs() <= 0.5 + 1e-9).all()


def test_another_author_s_ratios_are_recomputed_not_read(raw: pd.DataFrame, home: Path) -> None:
    """Pressure, fill rate and last rank are ratios of the ministry's counts; the SQL does not read the four columns."""
    for top, bottom, theirs in (
        ("wishes", "places", "author_pressure"),
        ("admitted", "places", "author_fill"),
        ("rank", "wishes", "author_rank"),
    ):
        rows = raw[raw[theirs].notna()]
        assert ((rows[top] / rows[bottom] - rows[theirs]).abs() < 1e-6).all(), theirs
    sql = (home / "themes" / "esr" / "datasets" / "parcoursup.sql").read_text("utf-8")
    assert not any(column in sql for column in ("Taux.de", "Type.de.sélection", "X..d"))


@pytest.mark.parametrize("indicator", FORMULAS)
def test_figures_equal_those_of_pandas(esr: Workbench, raw: pd.DataFrame, indicator: str) -> None:
    """Q16: both sessions, for the country and for each department."""
    top, bottom = FORMULAS[indicator]
    for dimensions, keys in ((["year"], ["year"]), (["year", "department"], ["year", "department"])):
        sums = raw.groupby(keys)[[top, *([bottom] if bottom else [])]].sum(min_count=1)
        expected = (sums[top] if bottom is None else sums[top] / sums[bottom]).dropna()
        cells = esr.indicator(indicator).by(*dimensions).table().cells
        cells = cells.assign(department=cells.get("department", pd.Series(dtype=str)).replace("999", "99"))
        ours = cells.set_index(keys)["value"].dropna()
        assert len(ours) >= 0.99 * len(expected)
        pd.testing.assert_series_equal(ours, expected.loc[ours.index], check_names=False, check_dtype=False, rtol=1e-12)


def test_departments_add_up_to_their_region(esr: Workbench) -> None:
    """Q12: départements, académies and régions give the same whole, courses abroad included."""
    whole = esr.indicator("parcoursup-admitted").where(year=2019).table().cells["value"].item()
    for dimension in ("department", "academy", "region", "programme", "programme-detail", "sector"):
        parts = esr.indicator("parcoursup-admitted").by(dimension).where(year=2019).table().cells["value"]
        assert parts.sum() == pytest.approx(whole, abs=20), dimension
    assert whole == 626_330


def test_bursaries_of_both_sessions_are_comparable(esr: Workbench) -> None:
    """Rule 10: over school leavers in both, 19.7 % then 20.1 %; over all those admitted, 2019 would show 15.1 %."""
    cells = esr.indicator("parcoursup-bursary-share").by("year").table().cells
    assert [round(100 * value, 1) for value in cells["value"]] == [19.7, 20.1]


def test_courses_abroad_are_kept_apart(esr: Workbench) -> None:
    """Nothing is dropped: they are counted abroad, in no région of France."""
    table = esr.indicator("parcoursup-wishes").by("region").where(year=2019).table()
    assert table.cells.set_index("region")["value"]["99"] == 7590
    assert not [note for note in table.notes if note.kind == "unmatched"]
    assert len(table.cells) == 20


def test_a_last_rank_is_not_given_where_it_is_mostly_unknown(esr: Workbench) -> None:
    """Ranks of a few DUTs and BTSs do not stand for the others; the coverage says why."""
    ranks = esr.indicator("parcoursup-last-rank").by("programme").where(year=2019).table().cells
    coverage = esr.indicator("parcoursup-last-rank-coverage").by("programme").where(year=2019).table().cells
    known = coverage.set_index("programme")["value"]
    for programme, value in ranks.set_index("programme")["value"].items():
        assert pd.isna(value) or known[programme] > 0.75
    assert pd.isna(ranks.set_index("programme")["value"]["dut"])
