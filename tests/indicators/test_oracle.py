"""Q16: every published figure equals the one computed a second time, with pandas, from the raw table."""

from itertools import groupby
from pathlib import Path

import pandas as pd
import pytest

from atelier.workbench import Workbench
from tests.indicators.oracle import recompute

FILE = "fr-esr-effectifs-etablissement-hcp_2006-2022.csv"


@pytest.fixture(scope="module")
def oracle(raw_data: Path) -> dict[tuple[str, str], pd.DataFrame]:
    """The figures computed from the raw table, by indicator and kind of group."""
    rows = recompute(raw_data / FILE).sort_values(["indicator", "kind"])
    return {
        key: pd.DataFrame(list(group)) for key, group in groupby(rows.itertuples(), lambda r: (r.indicator, r.kind))
    }


def test_every_indicator_is_in_the_oracle(esr: Workbench, oracle: dict[tuple[str, str], pd.DataFrame]) -> None:
    """No indicator of enrolment is published without having been computed twice."""
    of_enrolment = {name for name, one in esr.theme.indicators.items() if one.dataset == "enrolment"}
    assert {indicator for indicator, _ in oracle} == of_enrolment


def test_every_figure_equals_the_one_computed_from_the_raw_table(
    esr: Workbench, oracle: dict[tuple[str, str], pd.DataFrame]
) -> None:
    """All years for the country, 2022 for regions and types, 2010 and 2022 for institutions."""
    compared = 0
    for (indicator, kind), expected in oracle.items():
        dimensions = [] if kind == "national" else kind.split(",")
        table = esr.indicator(indicator).by("year", *dimensions).table()
        cells = table.cells[table.cells["year"].isin(expected["year"])]
        codes = cells[[dimension.replace("-", "_") for dimension in dimensions]].astype(str)
        keys = list(zip(cells["year"], codes.agg(",".join, axis=1) if dimensions else ["_T"] * len(cells), strict=True))
        ours = dict(zip(keys, cells[["value", "status"]].itertuples(index=False), strict=True))
        theirs = dict(zip(zip(expected["year"], expected["group"], strict=True), expected["value"], strict=True))
        assert set(ours) == set(theirs), (indicator, kind)
        for key, (value, status) in ours.items():
            if status in ("A", "U"):
                assert value == pytest.approx(theirs[key], rel=1e-12), (indicator, kind, key)
                compared += 1
            elif status == "O":
                assert pd.isna(theirs[key])
    assert compared > 8000
