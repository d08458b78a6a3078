"""Progress and success in licence: golden values, and every indicator a second time with pandas on the raw table."""

from pathlib import Path

import pandas as pd
import pytest

from atelier.workbench import Workbench

FILE = "fr-esr-parcours-et-reussite-des-bacheliers-en-licence_2012-2014.csv"
PASSAGE, REUSSITE = "effectif_neobacheliers_passage", "effectif_neobacheliers_reussite"
FORMULAS = {
    "second-year-after-one": (2014, ["passage_en_l2_1_an"], PASSAGE),
    "first-year-repeat": (2014, ["redoublement_en_l1"], PASSAGE),
    "second-year-within-two": (2014, ["passage_en_l2_1_2_ans"], PASSAGE),
    "dut-transfer": (2014, ["reorientation_en_dut"], PASSAGE),
    "licence-in-three": (2012, ["reussite_3_ans"], REUSSITE),
    "licence-within-four": (2012, ["reussite_3_4_ans"], REUSSITE),
}
BAC = {"L": "l", "ES": "es", "S": "s", "STMG": "stmg", "technologique hors STMG": "other-technological"}
SERIES = {f"BAC {name}": code for name, code in BAC.items()} | {"BAC professionnel": "vocational"}


@pytest.fixture(scope="module")
def raw(raw_data: Path) -> pd.DataFrame:
    """The raw table, counts as numbers."""
    table = pd.read_csv(raw_data / FILE, sep=";", encoding="utf-8-sig", dtype={"sect_disciplinaire": str})
    return table.assign(series=table["serie_bac_lib"].map(SERIES), subject=table["sect_disciplinaire"].str.zfill(2))


@pytest.mark.parametrize(
    ("indicator", "per_cent"),
    [
        ("second-year-after-one", 40.8),
        ("first-year-repeat", 29.0),
        ("second-year-within-two", 53.1),
        ("licence-in-three", 28.4),
        ("licence-within-four", 41.0),
    ],
)
def test_published_rates_of_the_country(esr: Workbench, indicator: str, per_cent: float) -> None:
    """Q17: the ministry's rates, to the decimal."""
    cells = esr.indicator(indicator).by("year").table().cells
    assert [round(100 * value, 1) for value in cells["value"]] == [per_cent]


def test_success_depends_on_the_series(esr: Workbench) -> None:
    """Q17: 37.6 % with a baccalauréat S, 2.3 % with a vocational one."""
    cells = esr.indicator("licence-in-three").by("bac-series").where(year=2012).table().cells
    rates = (100 * cells.set_index("bac_series")["value"]).round(1)
    assert (rates["s"], rates["vocational"]) == (37.6, 2.3)


def test_each_cohort_has_its_own_denominator(esr: Workbench) -> None:
    """Progress is over the entrants of 2014, success over those of 2012."""
    progress = esr.indicator("second-year-after-one").where(year=2014).table().cells["denominator"]
    success = esr.indicator("licence-in-three").where(year=2012).table().cells["denominator"]
    assert (progress.item(), success.item()) == (159_766, 147_841)
    assert list(esr.dimensions("licence-in-three")["year"].members) == ["2012"]


@pytest.mark.parametrize("indicator", FORMULAS)
@pytest.mark.parametrize(("dimension", "column"), [("bac-series", "series"), ("subject", "subject")])
def test_rates_equal_those_of_pandas(
    esr: Workbench, raw: pd.DataFrame, indicator: str, dimension: str, column: str
) -> None:
    """Q16: for each series and each subject, and for the country."""
    year, tops, bottom = FORMULAS[indicator]
    sums = raw.groupby(column)[[*tops, bottom]].sum()
    expected = sums[tops].sum(axis=1) / sums[bottom]
    cells = esr.indicator(indicator).by(dimension).where(year=year).table().cells.set_index(dimension.replace("-", "_"))
    assert set(cells.index) == set(expected.index[sums[bottom] > 0])
    shown = cells[cells["value"].notna()]
    assert len(shown) >= 6
    for code, value in shown["value"].items():
        assert value == pytest.approx(expected[code], rel=1e-12)
    whole = esr.indicator(indicator).where(year=year).table().cells["value"].item()
    assert whole == pytest.approx(raw[tops].sum().sum() / raw[bottom].sum(), rel=1e-12)


def test_published_sums_are_those_of_their_parts(raw: pd.DataFrame) -> None:
    """Four years means exactly four, and "one or two years" is one plus two: adding them counts nobody twice."""
    known = raw[raw["reussite_3_ans"].notna()]
    assert (known["reussite_3_ans"] + known["reussite_4_ans"] == known["reussite_3_4_ans"]).all()
    known = raw[raw["passage_en_l2_1_an"].notna()]
    assert (known["passage_en_l2_1_an"] + known["passage_en_l2_2_ans"] == known["passage_en_l2_1_2_ans"]).all()
    assert (
        known["reorientation_en_dut_1_an"] + known["reorientation_en_dut_2_ans"] == known["reorientation_en_dut"]
    ).all()
