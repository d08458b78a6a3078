"""Datasets whose codes each answer for themselves: what is missing, who is left out, what two datasets share."""

import shutil
from functools import cache
from pathlib import Path
from random import Random

import duckdb
import pandas as pd
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from atelier.datasets import build_tables
from atelier.settings import Settings, load_settings
from atelier.theme import Theme, read_theme
from atelier.workbench import Workbench
from tests.conftest import edit, examples, lay_loans, loans_in

BUDGETS = """
title = { fr = "Budgets", en = "Budgets" }
description = { fr = "Budgets", en = "Budgets" }
producer = { fr = "La ville", en = "The city" }
vintage = "2024"
key = ["year", "library"]
respondent = "library"
scope = { fr = "Ville", en = "City" }

[disclosure]
hide_under = 0
flag_under = 0

[licence]
name = "Licence Ouverte 2.0"
url = "https://example.org/licence"

[source]
connector = "file"
path = "budgets.csv"
dataset_id = "budgets"
page = "https://example.org/budgets"

[[fields]]
name = "year"
type = "integer"
role = "time"
title = { fr = "Année", en = "Year" }

[[fields]]
name = "library"
type = "string"
role = "dimension"
title = { fr = "Bibliothèque", en = "Library" }
reference = "libraries"

[[fields]]
name = "state"
type = "string"
role = "status"
title = { fr = "État", en = "State" }

[[fields]]
name = "income"
type = "number"
role = "measure"
title = { fr = "Recettes", en = "Income" }
unit = "euros"

[[fields]]
name = "wages"
type = "number"
role = "measure"
title = { fr = "Salaires", en = "Wages" }
unit = "euros"
"""
EUROS = """
[units.euros]
label = { fr = "euros", en = "euros" }
kind = "number"
"""
FORMULAS = {
    "income": 'unit = "euros"\nnumerator = "sum(income)"',
    "margin": 'unit = "euros"\nnumerator = "sum(income - wages)"',
    "wage-share": 'unit = "percent"\nnumerator = "sum(wages)"\ndenominator = "sum(income)"',
    "income-per-loan": (
        'unit = "euros"\nnumerator = "sum(income)"\ndenominator = "sum(loans)"\n'
        'denominator_dataset = "loans"\ndenominator_shift = -1'
    ),
}
WORDS = "".join(
    f'{key} = {{ fr = "Budget", en = "Budget" }}\n'
    for key in ("label", "short", "definition", "calculation", "interpretation", "limits")
)
BANKS = {"A": "left", "B": "right", "C": "right", "D": "right", "Z": "_U"}  # C was merged into B; nobody knows Z
TODAY = {"A": "A", "B": "B", "C": "B", "D": "D", "Z": "_U"}


@pytest.fixture
def budgets(made: Path, tmp_path: Path) -> Settings:
    """The small theme with budgets of libraries beside their loans, built."""
    shutil.copytree(made, tmp_path, dirs_exist_ok=True)
    return loans_in(tmp_path)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What each test gets a copy of."""
    loans = lay_loans(tmp_path_factory.mktemp("budgets"))
    folder = loans.home / "themes" / "loans"
    (folder / "datasets" / "budgets.toml").write_text(BUDGETS, "utf-8")
    (folder / "datasets" / "budgets.sql").write_text("SELECT * FROM raw", "utf-8")
    (folder / "theme.toml").write_text((folder / "theme.toml").read_text("utf-8") + EUROS, "utf-8")
    for name, formula in FORMULAS.items():
        text = f'dataset = "budgets"\n{formula}\ndimensions = ["year", "library", "bank"]\n{WORDS}'
        (folder / "indicators" / f"{name}.toml").write_text(text, "utf-8")
    (loans.raw_data / "budgets.csv").write_text("year;library;state;income;wages\n2022;A;A;10;5\n", "utf-8")
    build_tables(read_theme(loans), loans)
    return loans.home


def answering(home: Settings, rows: list[tuple[object, ...]], loans: list[tuple[object, ...]] = ()) -> Workbench:  # type: ignore[assignment]
    """Return the theme with other budgets (year, library, income, wages) and loans (year, library, count)."""
    frames = {
        "budgets": pd.DataFrame(rows, columns=["year", "library", "income", "wages"]).assign(state="A"),
        "loans": pd.DataFrame(loans, columns=["year", "library", "loans"]).assign(support="_T", age="_T"),
    }
    for name, frame in frames.items():
        path = home.home / "themes" / "loans" / "figures" / f"{name}.parquet"
        with duckdb.connect() as connection:
            connection.register("frame", frame)
            if len(frame):
                columns = {
                    "budgets": "year, library, state, income, wages",
                    "loans": "year, library, support, age, loans",
                }
                connection.execute(f"COPY (SELECT {columns[name]} FROM frame) TO '{path}' (FORMAT parquet)")
    # The theme was read when it was made: only its figures change.
    return Workbench(theme_in(home.home), load_settings(home=home.home, theme="loans"), "fr")


@cache
def theme_in(home: Path) -> Theme:
    """Return the theme of a folder, read once."""
    return read_theme(load_settings(home=home, theme="loans"))


def told(city: Workbench, name: str, *by: str, year: int = 2022) -> dict[object, tuple[float, str]]:
    """Return value and status by code, the whole under None."""
    cells = city.indicator(name).by(*by).where(year=year).table().cells
    keys = cells[by[0]] if by else [None]
    return dict(zip(keys, zip(cells["value"], cells["status"], strict=True), strict=True))


def test_a_missing_figure_is_not_zero(budgets: Settings) -> None:
    """The code without it has none; the others' sum goes without it and says so."""
    city = answering(budgets, [(2022, "A", 10.0, 5.0), (2022, "D", None, 7.0)])
    by_library = told(city, "income", "library")
    assert by_library["A"] == (10.0, "A")
    assert by_library["D"][1] == "O"
    assert told(city, "income")[None] == (10.0, "A")
    notes = city.indicator("income").where(year=2022).table().notes
    assert [note.text.en for note in notes if note.kind == "coverage"] == [
        "Library – figure absent, left out: 1 of 2 in 2022."
    ]
    assert all(
        note.kind != "coverage" for note in city.indicator("income").by("library").where(year=2022).table().notes
    )


def test_a_ratio_is_over_those_that_have_both_terms(budgets: Settings) -> None:
    """D has wages and no income: its wages are not set against A's income."""
    city = answering(budgets, [(2022, "A", 10.0, 5.0), (2022, "D", None, 7.0)])
    assert told(city, "wage-share")[None] == (0.5, "A")
    assert told(city, "margin")[None] == (5.0, "A")


def test_a_merged_code_needs_all_its_parts(budgets: Settings) -> None:
    """B carries C today: without C's figure, B has none, rather than its own passed off as both."""
    whole = answering(budgets, [(2022, "B", 10.0, 5.0), (2022, "C", 4.0, 1.0)])
    assert told(whole, "income", "library")["B"] == (14.0, "A")
    partial = answering(budgets, [(2022, "B", 10.0, 5.0), (2022, "C", None, 1.0)])
    assert told(partial, "income", "library")["B"][1] == "O"
    then = partial.indicator("income").by("library").where(year=2022).as_it_was().table().cells
    assert dict(zip(then["library"], then["status"], strict=True)) == {"B": "A", "C": "O"}


def test_unknown_codes_answer_one_by_one(budgets: Settings) -> None:
    """Two codes no reference knows are counted together, but one's silence does not silence the other."""
    city = answering(budgets, [(2022, "Y", 3.0, 1.0), (2022, "Z", None, 1.0)])
    assert told(city, "income", "library")["_U"] == (3.0, "A")


def test_two_datasets_are_set_against_each_other_on_one_perimeter(budgets: Settings) -> None:
    """Only codes in both count, above and below: income of 2022 over loans of 2021."""
    city = answering(
        budgets,
        [(2022, "A", 100.0, 1.0), (2022, "D", 900.0, 1.0), (2022, "Z", 50.0, 1.0)],
        [(2021, "A", 50), (2021, "B", 1000), (2022, "D", 40)],
    )
    assert told(city, "income-per-loan")[None] == (2.0, "A")
    by_library = told(city, "income-per-loan", "library")
    assert by_library["A"] == (2.0, "A")
    assert {code for code, (_, status) in by_library.items() if status == "O"} == {"D", "_U"}
    assert told(city, "income-per-loan", "bank")["right"][1] == "O"
    notes = city.indicator("income-per-loan").where(year=2022).table().notes
    assert any("3 of 4 in 2022" in note.text.en for note in notes if note.kind == "coverage")


def test_a_merger_between_the_two_years_is_followed(budgets: Settings) -> None:
    """C lent in 2021, B has the budget of both in 2022: they are one."""
    city = answering(budgets, [(2022, "B", 300.0, 1.0)], [(2021, "B", 100), (2021, "C", 50)])
    assert told(city, "income-per-loan", "library")["B"] == (2.0, "A")
    then = city.indicator("income-per-loan").by("library").where(year=2022).as_it_was().table().cells
    assert dict(zip(then["library"], then["value"], strict=True)) == {"B": 3.0}


def test_half_of_a_merger_makes_no_ratio(budgets: Settings) -> None:
    """Once B and C are both listed before their merger, one of them alone on one side makes the whole unmatched."""
    (budgets.home / "themes" / "loans" / "figures").joinpath("libraries.parquet").unlink()
    edit(budgets.raw_data / "libraries.csv", "B;Bastille;right;", "B;Bastille;right;E\nE;Étoile;right;")
    edit(budgets.raw_data / "libraries.csv", "C;Charonne;left;B", "C;Charonne;left;E")
    build_tables(read_theme(budgets), budgets)
    city = answering(budgets, [(2022, "B", 300.0, 1.0)], [(2021, "B", 100), (2021, "C", 50)])
    assert told(city, "income-per-loan", "library")["E"][1] == "O"
    city = answering(budgets, [(2022, "B", 300.0, 1.0)], [(2021, "B", 100), (2021, "C", 0)])
    assert told(city, "income-per-loan", "library")["E"] == (3.0, "A")  # a code that adds nothing needs no match


AMOUNT = st.one_of(st.none(), st.integers(1, 500).map(float))
BUDGET_ROWS = st.lists(
    st.tuples(st.sampled_from([2021, 2022, 2023]), st.sampled_from("ABCDZ"), AMOUNT, AMOUNT),
    min_size=1,
    unique_by=lambda row: row[:2],
)
LOAN_ROWS = st.lists(
    st.tuples(st.sampled_from([2020, 2021, 2022]), st.sampled_from("ABCDZ"), st.integers(0, 400)),
    min_size=1,
    unique_by=lambda row: row[:2],
)


@pytest.mark.long
@example(
    rows=[(2022, "Z", 377.0, None), (2022, "D", 144.0, None)], loans=[(2021, "Z", 391), (2021, "D", 1)], order=Random(1)
)
@given(rows=BUDGET_ROWS, loans=LOAN_ROWS, order=st.randoms(use_true_random=False))
@settings(max_examples=examples(30), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_two_tables_give_what_pandas_gives(
    budgets: Settings, rows: list[tuple[object, ...]], loans: list[tuple[object, ...]], order: object
) -> None:
    """Q16: sums, ratios, and ratios between datasets, by bank, on generated tables in any row order."""
    order.shuffle(rows)  # type: ignore[attr-defined]
    city = answering(budgets, rows, loans)
    above = pd.DataFrame(rows, columns=["year", "code", "income", "wages"]).astype({"income": float, "wages": float})
    above["who"] = above["code"].map(TODAY).where(lambda who: who != "_U", above["code"])
    above["bank"] = above["code"].map(BANKS)
    strict = {name: (name, lambda one: one.sum(skipna=False)) for name in ("income", "wages")}
    each = above.groupby(["year", "who"]).agg(**strict, bank=("bank", "first")).reset_index()
    income = each.dropna(subset=["income"]).groupby(["year", "bank"])["income"].sum()
    both = each.dropna(subset=["income", "wages"]).groupby(["year", "bank"])[["income", "wages"]].sum()
    below = pd.DataFrame(loans, columns=["year", "code", "loans"]).assign(year=lambda d: d["year"] + 1)
    below["who"] = below["code"].map(TODAY).where(lambda who: who != "_U", below["code"])
    # B and C are kin, one having replaced the other: only who stands on a single side is left out.
    lent = below.groupby(["year", "who"], as_index=False)["loans"].sum()
    matched = each.dropna(subset=["income"]).merge(lent, on=["year", "who"])
    per_loan = matched.groupby(["year", "bank"])[["income", "loans"]].sum()
    expected = {
        "income": income,
        "wage-share": both["wages"] / both["income"],
        "income-per-loan": per_loan["income"] / per_loan["loans"].where(per_loan["loans"] > 0),
    }
    for name, theirs in expected.items():
        ours = city.indicator(name).by("year", "bank").table().cells
        assert len(ours) == len(above.groupby(["year", "bank"]))
        for cell in ours.itertuples():
            value = theirs.get((cell.year, cell.bank))
            if cell.status in ("Q", "M"):
                # Hidden for what it is, or for what it would tell of a smaller one, of another bank or within its own.
                here = lent["loans"][lent["year"] == cell.year]
                told_by_a_neighbour = cell.status == "Q" and here.between(1, 4).any()
                assert per_loan["loans"][cell.year, cell.bank] < 5 or told_by_a_neighbour
            elif cell.status == "O":
                assert value is None
            else:
                assert cell.value == pytest.approx(value)
