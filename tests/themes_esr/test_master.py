"""Employment after a master's degree: rates and medians exactly as published, and nothing that is not."""

from pathlib import Path

import pandas as pd
import pytest

from atelier.errors import QuestionError
from atelier.workbench import Workbench

FILE = "fr-esr-insertion_professionnelle-master_2010-2018.csv"
COLUMNS = {
    "master-insertion-rate": "taux_dinsertion",
    "master-intermediate-jobs": "emplois_cadre_ou_professions_intermediaires",
    "master-executive-jobs": "emplois_cadre",
    "master-stable-jobs": "emplois_stables",
    "master-full-time-jobs": "emplois_a_temps_plein",
    "master-median-salary": "salaire_net_median_des_emplois_a_temps_plein",
    "master-jobs-elsewhere": "emplois_exterieurs_a_la_region_de_luniversite",
    "master-response-rate": "taux_de_reponse",
}
DOMAINS = {"disc01": "deg", "disc06": "lla", "disc07": "shs", "disc12": "sts", "disc18": "meef"}
STRASBOURG, LILLE, LILLE_1 = "4k25D", "U8a0v", "qPCgk"


@pytest.fixture(scope="module")
def raw(raw_data: Path) -> pd.DataFrame:
    """The raw table, as text."""
    return pd.read_csv(raw_data / FILE, sep=";", encoding="utf-8-sig", dtype=str, keep_default_na=False)


def unit_of(indicator: str) -> float:
    """Return what a published number is divided by: rates are published in per cent."""
    return 1 if indicator == "master-median-salary" else 100


@pytest.mark.parametrize(("discipline", "rate", "salary"), [("computing", 0.95, 2350), ("humanities", 0.84, 1750)])
def test_graduates_of_2018_after_30_months(esr: Workbench, discipline: str, rate: float, salary: float) -> None:
    """Q17: all universities, computer science and arts."""
    kept = {"year": 2018, "situation": "30", "discipline": discipline}
    assert esr.indicator("master-insertion-rate").where(**kept).table().cells["value"].item() == rate
    assert esr.indicator("master-median-salary").where(**kept).table().cells["value"].item() == salary


def test_a_rounded_rate_shows_no_decimals(esr: Workbench) -> None:
    """Published per cents are whole numbers: 95 %, not 95,0 %."""
    table = esr.indicator("master-insertion-rate").where(year=2018, situation="30", discipline="computing").table()
    assert table.format(table.cells["value"].item()) == "95\N{NARROW NO-BREAK SPACE}%"


@pytest.mark.parametrize(
    ("by", "where"),
    [
        (("region",), {"year": 2018, "situation": "30", "domain": "sts"}),
        (("institution-type",), {"year": 2018, "situation": "30", "domain": "sts"}),
        ((), {"year": 2018, "situation": "30", "domain": "sts", "region": "53"}),
        (("domain",), {"year": 2018}),
        (("year",), {"situation": "30"}),
    ],
)
def test_a_breakdown_that_would_average_a_median_is_an_error_that_explains(
    esr: Workbench, by: tuple[str, ...], where: dict[str, object]
) -> None:
    """By region, by type, over both surveys or over all domains: refused, in words that tell what to add."""
    with pytest.raises(QuestionError, match=r"never added nor averaged: .*(institution|situation|domain)"):
        esr.indicator("master-median-salary").by(*by).where(**where).table()


def test_universities_of_a_region_are_asked_one_by_one(esr: Workbench) -> None:
    """A region may filter: each university keeps its own published value."""
    kept = {"year": 2018, "situation": "30", "domain": "sts", "region": "53"}
    assert len(esr.indicator("master-median-salary").by("institution").where(**kept).table().cells) == 4


def test_a_merged_university_has_a_value_only_since_it_publishes_one(esr: Workbench) -> None:
    """Lille 1, 2 and 3 had theirs until 2014: never averaged into Lille's; as it was, Lille 1 keeps its series."""
    kept = {"situation": "30", "domain": "sts"}
    now = esr.indicator("master-median-salary").by("year").where(institution=LILLE, **kept).table()
    assert now.cells.set_index("year")["status"].to_dict() == dict.fromkeys(range(2010, 2015), "O") | dict.fromkeys(
        range(2015, 2019), "A"
    )
    assert any("moyenne" in note.text.fr for note in now.notes)
    then = esr.indicator("master-median-salary").by("year").where(institution=LILLE_1, **kept).as_it_was().table()
    assert then.cells["value"].dropna().tolist() == [2000, 1970, 2000, 2030, 2050]


def test_codes_of_the_source_become_statuses(esr: Workbench, raw: pd.DataFrame) -> None:
    """Q04: ns and small surveys are hidden (Q), nd and failed surveys missing (O), fragile surveys flagged (U)."""
    rows = raw[raw["numero_de_l_etablissement"].ne("UNIV") & ~raw["code_de_la_discipline"].isin(DOMAINS)]
    for indicator, column in COLUMNS.items():
        if indicator == "master-response-rate":
            continue
        table = esr.indicator(indicator).by("year", "situation", "institution", "discipline").as_it_was().table()
        cells = table.cells[~table.cells["discipline"].isin(["humanities", "teaching"])]
        assert len(cells) == len(rows)
        assert cells["value"].notna().sum() == rows[column].str.fullmatch(r"\d+").sum()
        small = rows["remarque"].str.contains("trop petit")
        hidden = rows[column].eq("ns") | (rows[column].eq("") & small)
        # The engine hides some more: missing values on 1 to 19 answers, which it cannot tell from hidden ones.
        few = pd.to_numeric(rows["nombre_de_reponses"], errors="coerce").between(1, 19)
        statuses = cells["status"].value_counts()
        assert hidden.sum() <= statuses["Q"] <= (hidden | few).sum()
        assert statuses["Q"] + statuses["O"] == cells["value"].isna().sum()


@pytest.mark.parametrize("indicator", COLUMNS)
def test_national_values_are_those_published(esr: Workbench, raw: pd.DataFrame, indicator: str) -> None:
    """Q16: every year, survey and domain of the country, read again from the raw table."""
    rows = raw[raw["numero_de_l_etablissement"].eq("UNIV") & raw["code_de_la_discipline"].isin(DOMAINS)]
    keys = zip(
        rows["annee"].astype(int), rows["situation"].str[:2], rows["code_de_la_discipline"].map(DOMAINS), strict=True
    )
    values = pd.to_numeric(rows[COLUMNS[indicator]], errors="coerce") / unit_of(indicator)
    expected = {key: value for key, value in zip(keys, values, strict=True) if pd.notna(value)}
    cells = esr.indicator(indicator).by("year", "situation", "domain").table().cells
    ours = {
        (year, situation, domain): value
        for year, situation, domain, value in cells[["year", "situation", "domain", "value"]].itertuples(index=False)
        if pd.notna(value)
    }
    assert ours == pytest.approx(expected)
    assert len(ours) > 60


@pytest.mark.parametrize("indicator", COLUMNS)
def test_values_of_a_university_are_those_published(esr: Workbench, raw: pd.DataFrame, indicator: str) -> None:
    """Q16: all disciplines of Strasbourg, 30 months after; what fewer than 20 answered is hidden."""
    rows = raw[raw["id_paysage"].eq(STRASBOURG) & raw["situation"].str.startswith("30") & raw["annee"].eq("2018")]
    rows = rows[~rows["code_de_la_discipline"].isin(["disc01", "disc07", "disc12"])]
    values = pd.to_numeric(rows[COLUMNS[indicator]], errors="coerce") / unit_of(indicator)
    values = values[rows["nombre_de_reponses"].astype(int) >= 20]
    kept = {"institution": STRASBOURG, "year": 2018, "situation": "30"}
    cells = esr.indicator(indicator).by("discipline").where(**kept).table().cells
    assert len(cells) == len(rows)
    assert sorted(cells["value"].dropna()) == pytest.approx(sorted(values.dropna()))


def test_every_row_has_its_place(raw: pd.DataFrame) -> None:
    """Keys of the source are unique, and each row is a domain's total, a discipline, or both."""
    key = ["annee", "situation", "id_paysage", "etablissement", "code_du_domaine", "code_de_la_discipline"]
    assert not raw.duplicated(key).any()
    assert raw.groupby("code_de_la_discipline")["code_du_domaine"].nunique().eq(1).all()
