"""Finances of operators: golden values, and every indicator computed a second time with pandas from the raw tables."""

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from atelier.errors import QuestionError
from atelier.workbench import Workbench
from tests.indicators.oracle import TOTAL, M, read_rows

ACCOUNTS = "fr-esr-operateurs-indicateurs-financiers_2010-2023.csv"
ENROLMENT = "fr-esr-effectifs-etablissement-hcp_2006-2022.csv"
STRASBOURG, LORRAINE, CLERMONT, BORDEAUX, LILLE = "4k25D", "t6Cq5", "K4lR3", "90I54", "U8a0v"
SACLAY, PSL, NIMES = "G2qA7", "PpsCQ", "HAU8L"

COLUMNS = {
    "pe": "Produits de fonctionnement encaissables",
    "own": "Ressources propres encaissables",
    "staff": "Charges de personnel",
    "staff_rate": "Charges de personnel / Produits encaissables",
    "costs": "Charges de fonctionnement décaissables",
    "caf": "Capacité d'autofinancement",
    "bought": "Acquisitions d'immobilisations",
    "frng": "Fonds de roulement net global",
    "cash": "Trésorerie",
    "result": "Résultat net comptable hors SIE",
    "balance": "Solde budgétaire",
    "fees": "Droits d'inscription",
    "continuing": "Formation continue, diplômes propres et VAE",
    "tax": "Taxe d'apprentissage",
}
Terms = tuple[Callable[[pd.DataFrame], pd.Series], Callable[[pd.DataFrame], pd.Series] | None]
AMOUNTS: dict[str, Terms] = {
    "resources": (lambda d: d.pe, None),
    "subsidy": (lambda d: d.pe - d.own, None),
    "subsidy-share": (lambda d: d.pe - d.own, lambda d: d.pe),
    "own-resources-share": (lambda d: d.own, lambda d: d.pe),
    "staff-cost-share": (lambda d: d.staff, lambda d: d.pe),
    "self-financing-rate": (lambda d: d.caf, lambda d: d.pe),
    "cash-cost-rate": (lambda d: d.costs, lambda d: d.pe),
    "working-capital-days": (lambda d: 360 * d.frng, lambda d: d.costs),
    "cash-days": (lambda d: 360 * d.cash, lambda d: d.costs),
    "working-capital-need": (lambda d: d.frng - d.cash, None),
    "investment-coverage": (lambda d: d.caf, lambda d: d.bought),
    "net-result": (lambda d: d.result, None),
    "budget-balance": (lambda d: d.balance, None),
}
CYCLES = [M["level"]["bachelor"], M["level"]["master"]]
PER_STUDENT: dict[str, tuple[Callable[[pd.DataFrame], pd.Series], list[str]]] = {
    "resources-per-student": (lambda d: d.pe, CYCLES),
    "subsidy-per-student": (lambda d: d.pe - d.own, CYCLES),
    "tuition-per-student": (lambda d: d.fees + d.continuing + d.tax, [TOTAL]),
}
TWICE = [("90I54", 2013), ("7yd5d", 2014), ("FvH4k", 2016)]
TWO_YEARS = [("V13Pk", 2013), ("BOl78", 2013)]
SILENT = [*[(code, 2010) for code in ("L1wsu", "dBV2u", "frILl", "4JIV8", "n1E6T")], ("XfV3j", 2011)]
COMPONENTS = {
    "Y7ch7": (2020, "2ALYK 851ij"),
    "G2qA7": (2020, "6kk6n m84Aa"),
    "PpsCQ": (2020, "8618D C6Ps7 QXnpG tr5VV uhDO3 wAASR"),
    "5cZyU": (2020, "RdQr7"),
    "EW53M": (2020, "J3Mu2"),
    "K4lR3": (2021, "S8ntZ"),
    "U8a0v": (2022, "F77ic T6qPJ"),
    "evv7S": (2022, "GJYxj"),
    "qUCQp": (2022, "gCAyK"),
    "91D9w": (2023, "SsRkf JaqkX 3GxJ8 j5bS4 kFcnq"),
    "542Id": (2023, "dQaK0 wc3zx"),
}


@pytest.fixture(scope="module")
def students(raw_data: Path) -> pd.DataFrame:
    """The raw enrolment rows that count, with today's institution, region and type."""
    return read_rows(raw_data / ENROLMENT)


@pytest.fixture(scope="module")
def accounts(esr: Workbench, raw_data: Path, students: pd.DataFrame) -> pd.DataFrame:
    """The raw accounts, with today's institution and region, which the code list tells where enrolment does not."""
    table = pd.read_csv(raw_data / ACCOUNTS, sep=";", encoding="utf-8-sig", dtype=str)
    d = pd.DataFrame({name: pd.to_numeric(table[column]) for name, column in COLUMNS.items()})
    d["code"], d["year"] = table["id - paysage"], table["exercice"].astype(int)
    d["own"] = d.own.where(d.own <= d.pe)
    d["staff"] = d.staff.fillna(d.staff_rate * d.pe / 100)
    d[["costs", "bought"]] = d[["costs", "bought"]].replace(0, float("nan"))
    keys = pd.MultiIndex.from_frame(d[["code", "year"]])
    d = d[~keys.isin(TWICE + TWO_YEARS)]
    d = pd.concat([d, pd.DataFrame(SILENT + TWO_YEARS, columns=["code", "year"])], ignore_index=True)
    last = students.sort_values("year").groupby("own").institution.last()
    places = students.groupby("institution").region.last()
    listed = pd.read_parquet(esr.engine.figures.path("references/institutions")).set_index("id").region
    d["today"] = [last.get(code, code) for code in d.code]
    d["region"] = d.today.map(places).fillna(d.today.map(listed))
    return d


def expected_sums(d: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    """Return numerators and denominators over the respondents that have both, whole."""
    parts = d.groupby(["year", "today"]).agg(
        top=("top", lambda one: one.sum(skipna=False)),
        bottom=("bottom", lambda one: one.sum(skipna=False)),
        region=("region", "first"),
    )
    whole = parts[parts.top.notna() & parts.bottom.notna()].reset_index()
    return whole.groupby(["year", *by])[["top", "bottom"]].sum()


def compare(esr: Workbench, name: str, dimension: str | None, expected: pd.DataFrame) -> int:
    """Hold every cell of an indicator to what pandas found; return how many have a value."""
    asked = [dimension] if dimension else []
    table = esr.indicator(name).by("year", *asked).table()
    compared = 0
    for cell in table.cells.to_dict("records"):
        key = (cell["year"], *(cell[one] for one in asked))
        key = key if asked else key[0]
        if key not in expected.index:
            assert cell["status"] == "O", (name, key, cell)
            continue
        found = expected.loc[key]
        compared += 1
        if name in PER_STUDENT and found.bottom < 20:
            assert cell["status"] == ("M" if found.bottom == 0 else "Q" if found.bottom < 5 else "U"), key
            continue
        is_ratio = table.card.is_ratio
        value = found.top / found.bottom if is_ratio else found.top
        assert cell["value"] == pytest.approx(value, rel=1e-9, abs=1e-6), (name, key)
        assert cell["status"] == ("F" if cell["year"] == 2023 else "A")
    assert compared == len(expected), (name, dimension)
    return compared


@pytest.mark.parametrize("name", AMOUNTS)
def test_each_amount_and_ratio_equals_the_one_computed_from_the_raw_table(
    esr: Workbench, accounts: pd.DataFrame, name: str
) -> None:
    """Q16: every year, for the country, every region and every institution."""
    top, bottom = AMOUNTS[name]
    d = accounts.assign(top=top(accounts), bottom=bottom(accounts) if bottom else 0.0)
    compared = [
        compare(esr, name, dimension, expected_sums(d, by))
        for dimension, by in ((None, []), ("region", ["region"]), ("institution", ["today"]))
    ]
    assert sum(compared) > 700


@pytest.mark.parametrize("name", PER_STUDENT)
def test_each_amount_per_student_equals_the_one_computed_from_both_raw_tables(
    esr: Workbench, accounts: pd.DataFrame, students: pd.DataFrame, name: str
) -> None:
    """Q16: one perimeter for both terms, after mergers and for regions; financial year N with autumn N-1."""
    amount, columns = PER_STUDENT[name]
    d = accounts.assign(top=amount(accounts))
    carriers = {code: (whole, since) for whole, (since, codes) in COMPONENTS.items() for code in codes.split()}
    inside = [carriers.get(code, (code, 9999))[1] <= year for code, year in zip(d.code, d.year, strict=True)]
    d["carrier"] = [carriers[code][0] if is_in else code for code, is_in in zip(d.code, inside, strict=True)]
    sums = d.groupby(["year", "carrier"]).top.agg(lambda one: one.sum(skipna=False))
    d = d[~pd.Series(inside, index=d.index)].drop(columns="top").join(sums, on=["year", "carrier"])
    taught = students.assign(bottom=students[columns].sum(axis=1), year=students.year + 1)
    taught = taught[taught.year >= 2010].rename(columns={"own": "code", "institution": "today"})
    both = {year: set(d[d.year == year].code) for year in d.year.unique()}
    teaching = {year: set(taught[taught.year == year].code) for year in d.year.unique()}
    today = dict(zip(d.code, d.today, strict=True)) | dict(zip(taught.code, taught.today, strict=True))

    def has_kin(code: str, others: set[str]) -> bool:
        return any(code == other or today.get(code) == other or today.get(other) == code for other in others)

    d["alone"] = [not has_kin(code, teaching[year]) for code, year in zip(d.code, d.year, strict=True)]
    taught["alone"] = [
        bottom > 0 and not has_kin(code, both[year])
        for code, year, bottom in zip(taught.code, taught.year, taught.bottom, strict=True)
    ]
    money = d.groupby(["year", "today"]).agg(
        top=("top", lambda one: one.sum(skipna=False)), alone=("alone", "any"), region=("region", "first")
    )
    people = taught.groupby(["year", "today"]).agg(bottom=("bottom", "sum"), apart=("alone", "any"))
    joined = money.join(people, how="inner")
    whole = joined[~joined.alone & ~joined.apart & joined.top.notna()].reset_index()
    compared = [
        compare(esr, name, dimension, whole.groupby(["year", *by])[["top", "bottom"]].sum())
        for dimension, by in ((None, []), ("region", ["region"]), ("institution", ["today"]))
    ]
    assert sum(compared) > 900


def test_the_pay_rate_is_the_published_one(esr: Workbench, raw_data: Path) -> None:
    """It is shown as it is, for the institutions that were one that year."""
    table = pd.read_csv(raw_data / ACCOUNTS, sep=";", encoding="utf-8-sig", dtype=str)
    row = table[(table["id - paysage"] == STRASBOURG) & (table["exercice"] == "2022")].iloc[0]
    cells = esr.indicator("permanent-pay-rate").by("year").where(institution=STRASBOURG).table().cells
    told = cells.set_index("year").value[2022]
    assert told == pytest.approx(float(row["Taux de rémunération des permanents"]) / 100)


def value(esr: Workbench, name: str, institution: str, year: int) -> float:
    """Return one value of an institution."""
    return float(esr.indicator(name).where(institution=institution, year=year).table().cells.value.iloc[0])


@pytest.mark.parametrize(
    ("name", "expected", "precision"),
    [
        ("resources", 518_355_375, 0.5),
        ("subsidy", 364_461_591, 0.5),
        ("subsidy-share", 0.7031, 5e-5),
        ("resources-per-student", 10_416.06, 0.005),
        ("working-capital-days", 112.62, 0.005),
        ("cash-days", 140.23, 0.005),
    ],
)
def test_accounts_of_strasbourg(esr: Workbench, name: str, expected: float, precision: float) -> None:
    """Q17: financial year 2022, set against autumn 2021 where students are the denominator."""
    assert value(esr, name, STRASBOURG, 2022) == pytest.approx(expected, abs=precision)


def test_a_budget_is_a_forecast(esr: Workbench) -> None:
    """2023 is a budget: marked, never joined by a line, compared with no accounts in words."""
    table = esr.indicator("subsidy").by("year").where(institution=STRASBOURG).table()
    status = dict(zip(table.cells.year, table.cells.status, strict=True))
    assert status[2023] == "F"
    assert set(status.values()) == {"A", "F"}
    figure = table.figure("line")
    assert "2023" in figure.series[0].breaks
    assert "2022" in figure.lecture
    last = table.narrative()[-1].text
    assert "prévision" in last
    assert all("2023" not in sentence.text for sentence in table.narrative()[:-1])


def test_a_merged_institution_has_no_figure_where_a_part_has_none(esr: Workbench) -> None:
    """Lorraine 2010 has one school of five, Clermont 2010 one university of two: no partial sum is shown as theirs."""
    table = (
        esr.indicator("resources").by("year", "institution").where(institution=[LORRAINE, CLERMONT, BORDEAUX]).table()
    )
    cells = table.cells.set_index(["institution", "year"])
    for key in ((LORRAINE, 2010), (CLERMONT, 2010), (BORDEAUX, 2013)):
        assert cells.status[key] == "O", key
        assert pd.isna(cells.value[key])
    assert cells.value[CLERMONT, 2016] == pytest.approx(157_227_873 + 108_509_099)


def test_totals_say_who_is_missing(esr: Workbench) -> None:
    """In 2022 four operators of 149 gave no figure: the national sum leaves them out and says so."""
    table = esr.indicator("resources").where(year=2022).table()
    (note,) = [note.text.en for note in table.notes if note.kind == "coverage"]
    assert "4 of 149 in 2022" in note
    parts = esr.indicator("resources").by("institution").where(year=2022).table().cells
    assert parts.value.sum() == pytest.approx(table.cells.value.iloc[0])
    assert (parts.status == "O").sum() == 4


def test_an_experimental_institution_is_set_against_its_students_with_its_components(esr: Workbench) -> None:
    """PSL alone has 39 M€; its students include those of Dauphine and of the ENS, so their means count too."""
    cell = esr.indicator("resources-per-student").where(institution=PSL, year=2022).table().cells.iloc[0]
    assert cell.numerator > 300e6
    assert 10_000 < cell.value < 40_000
    alone = esr.indicator("resources").where(institution=PSL, year=2022).table().cells.iloc[0]
    assert alone.value == pytest.approx(39_277_081)


def test_components_are_those_that_the_enrolment_table_marks(esr: Workbench, raw_data: Path) -> None:
    """An operator stands within another from the year set against the first autumn that marks it, two apart."""
    rows = pd.read_csv(raw_data / ENROLMENT, sep=";", dtype="str", encoding="utf-8-sig")  # read_rows leaves them out
    marked = rows[rows["Attention"].str.startswith("* Attention")]
    first = marked.groupby("Identifiant interne de l'établissement")["rentree"].min().astype(int) + 1
    placed = pd.read_parquet(esr.theme.folder / "figures" / "finances.parquet").query("counted_within.notna()")
    found = placed.groupby("institution")["year"].min()
    keeps_accounts = first[first.index != "QtZkX"]
    assert found.to_dict() == keeps_accounts.to_dict() | {"RdQr7": 2020, "J3Mu2": 2020}
    assert (placed["counted_within"] != "unknown").all()


def test_an_institution_that_only_one_source_knows_has_no_ratio(esr: Workbench) -> None:
    """Paris-Saclay 2018: the students of the former community have no accounts, so nothing is divided."""
    cells = esr.indicator("resources-per-student").by("year").where(institution=SACLAY).table().cells.set_index("year")
    assert cells.status[2018] == "O"
    assert cells.status[2021] == "A"
    nimes = esr.indicator("resources-per-student").by("year").where(institution=NIMES).table().cells.set_index("year")
    assert nimes.status[2012] == "A"  # known under another code in the accounts, which it replaced


def test_a_published_rate_is_neither_added_nor_lost_in_a_merger(esr: Workbench) -> None:
    """Asking for the country is refused; Lille has no rate while it was three, and one since."""
    with pytest.raises(QuestionError, match="never added nor averaged"):
        esr.indicator("permanent-pay-rate").by("year").table()
    cells = esr.indicator("permanent-pay-rate").by("year").where(institution=LILLE).table().cells.set_index("year")
    assert cells.status[2016] == "O"
    assert cells.value[2022] == pytest.approx(0.8, abs=0.08)


def test_provenance_names_both_datasets(esr: Workbench) -> None:
    """A ratio between two datasets tells the hash and the title of each."""
    table = esr.indicator("resources-per-student").by("year").where(institution=STRASBOURG).table()
    assert {"datasets/finances", "datasets/enrolment"} <= set(table.provenance.snapshots)
    assert "Étudiants inscrits par établissement" in table.figure("line").source
