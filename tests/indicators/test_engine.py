"""The engine: golden values of the ministry's figures, and properties on another subject."""

import shutil
from pathlib import Path
from random import Random

import duckdb
import pandas as pd
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from atelier import open_theme
from atelier.datasets import build_tables
from atelier.errors import DataError, QuestionError, UnknownNameError
from atelier.settings import Settings
from atelier.theme import read_theme
from atelier.workbench import Workbench
from tests.conftest import examples, lay_loans

STRASBOURG = "4k25D"
LILLE = "U8a0v"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small theme, built: what each test gets a copy of."""
    loans = lay_loans(tmp_path_factory.mktemp("loans"))
    build_tables(read_theme(loans), loans)
    return loans.home


@pytest.fixture
def city(built: Path, tmp_path: Path) -> Workbench:
    """The small theme, built and opened."""
    shutil.copytree(built, tmp_path, dirs_exist_ok=True)
    return open_theme("loans", home=tmp_path, state=tmp_path / "state", raw_data=tmp_path / "raw")


def values(table: object) -> dict[object, float]:
    """Return a table's values by its codes: one code, or a tuple of them."""
    cells = table.cells  # type: ignore[attr-defined]
    columns = [dimension.column for dimension in table.dimensions]  # type: ignore[attr-defined]
    keys = cells[columns[0]] if len(columns) == 1 else cells[columns].itertuples(index=False, name=None)
    return dict(zip(keys, cells["value"], strict=True))


@pytest.mark.parametrize(
    ("year", "students"), [(2019, 1_761_162), (2020, 1_783_362), (2021, 1_797_029), (2022, 1_739_352)]
)
def test_students_of_the_country(esr: Workbench, year: int, students: int) -> None:
    """Q17: nobody is counted twice."""
    assert esr.indicator("students").where(year=year).table().cells["value"].tolist() == [students]


def test_students_of_strasbourg(esr: Workbench) -> None:
    """Q17: 50,832 students in 2022, of whom 29,724 women."""
    table = esr.indicator("women-share").where(year=2022, institution=STRASBOURG).table()
    cell = table.cells.iloc[0]
    assert (cell["numerator"], cell["denominator"]) == (29_724, 50_832)
    assert values(esr.indicator("students").by("year").where(institution=STRASBOURG, year=[2021, 2022]).table()) == {
        2021: 51_852,
        2022: 50_832,
    }


def test_women_in_universities(esr: Workbench) -> None:
    """Q17: 58.8 % in 2022."""
    table = esr.indicator("women-share").where(year=2022, institution_type="university").table()
    assert round(table.cells["value"].iloc[0], 3) == 0.588


def test_a_merged_institution_is_one(esr: Workbench) -> None:
    """Lille carries the students of Lille 1, 2 and 3, and of its training institute, under one code."""
    table = esr.indicator("students").by("year", "institution").where(institution=LILLE).table()
    assert table.cells["year"].is_unique
    assert table.cells["value"].iloc[0] > 50_000
    (note,) = [note for note in table.notes if note.kind == "perimeter"]
    assert "Lille 1" in note.text.fr
    assert "professorat" not in note.text.fr, "schools of education never had figures of their own in this dataset"


def test_an_institution_may_be_seen_as_it_was(esr: Workbench) -> None:
    """Both perimeters are available and their totals agree."""
    then = esr.indicator("students").by("institution").where(year=2010).as_it_was().table()
    now = esr.indicator("students").by("institution").where(year=2010).table()
    assert LILLE not in set(then.cells["institution"])
    assert len(then.cells) > len(now.cells)
    assert then.cells["value"].sum() == pytest.approx(now.cells["value"].sum(), abs=200)


def test_the_call_of_the_design_works_as_written() -> None:
    """DESIGN.md, "The way the data flows"."""
    esr = open_theme("esr")
    table = esr.indicator("women-share").by("year", "region").where(year=[2019, 2022]).table()
    assert list(table.frame) == ["year", "region", "region_label", "value", "status", "numerator", "denominator"]
    assert isinstance(table.notes, tuple)
    assert len(table.provenance.snapshots["datasets/enrolment"]) == 64
    figure = esr.indicator("women-share").by("year", "region").where(year="2019..2022").table().figure("line")
    assert all((figure.title, figure.lecture, figure.scope, figure.source, figure.alt))


@pytest.mark.parametrize("name", ["sex", "level", "discipline", "degree-year", "bac", "bac-age", "diploma-type"])
def test_parts_add_up_to_the_whole(esr: Workbench, name: str) -> None:
    """Q12: the members of a dimension have the total for sum, every year."""
    parts = esr.indicator("students").by("year", name).table().cells.groupby("year")["value"].sum()
    whole = esr.indicator("students").by("year").table().cells.set_index("year")["value"]
    pd.testing.assert_series_equal(parts, whole)


def test_shares_lie_between_zero_and_one(esr: Workbench) -> None:
    """Every share of every institution, every year; of the country where the source has none."""
    for name, card in esr.indicators.items():
        declared = esr.theme.indicators[name]
        is_part = card.unit.kind == "share" and not card.unit.signed
        if is_part and declared.numerator and not declared.share_of:
            by = [dimension for dimension in ("year", "institution") if dimension in esr.dimensions(name)]
            shares = esr.indicator(name).by(*by).table().cells["value"].dropna()
            assert shares.between(0, 1).all(), name


def test_a_rate_is_a_ratio_of_sums(city: Workbench) -> None:
    """The share of a bank is the sum over the sum, not the mean of its libraries' shares."""
    table = city.indicator("child-share").by("bank").where(year=2021).table()
    assert values(table) == {"left": 300 / 1000, "right": 153 / 710}


def test_a_share_of_the_whole_keeps_its_whole_when_filtered(city: Workbench) -> None:
    """Keeping one medium does not make it 100 %."""
    table = city.indicator("support-share").by("year").where(support="book", year=[2021, 2022]).table()
    assert values(table) == {2021: 1206 / 1710, 2022: 1403 / 2004}


def test_an_index_starts_at_100(city: Workbench) -> None:
    """The first year asked is 100; the others are ratios to it."""
    table = city.indicator("loans-index").by("year").where(year="2022..2023").table()
    assert values(table) == {2022: 100, 2023: pytest.approx(100 * 2000 / 2004)}


def test_a_successor_carries_its_predecessor(city: Workbench) -> None:
    """Charonne joined Bastille: today's perimeter counts it there, on Bastille's bank."""
    assert values(city.indicator("loans").by("library").where(year=2021).table()) == {"A": 1000, "B": 700, "D": 10}
    assert values(city.indicator("loans").by("bank").where(year=2021).table()) == {"left": 1000, "right": 710}
    then = city.indicator("loans").by("bank").where(year=2021).as_it_was().table()
    assert values(then) == {"left": 1200, "right": 510}


def test_breaks_and_provisional_years_are_told(city: Workbench) -> None:
    """A question that crosses 2022 gets the note of the break; 2023 is provisional."""
    table = city.indicator("loans").by("year").table()
    assert [(note.kind, note.year) for note in table.notes] == [("break", 2022), ("provisional", None)]
    assert table.cells.set_index("year")["status"].to_dict() == {2021: "A", 2022: "A", 2023: "P"}
    after = city.indicator("loans").by("year").where(year="2022..2023").table()
    assert [note.kind for note in after.notes] == ["provisional"]


def test_a_cell_asked_by_name_and_absent_is_missing(city: Workbench) -> None:
    """Q04: a combination that the source lacks has a status, not a blank."""
    table = city.indicator("loans").by("library", "year").where(library=["A", "B"], year=[2021, 2022]).table()
    assert len(table.cells) == 4
    absent = city.indicator("loans").by("library", "year").where(library="C", year=2022).as_it_was().table()
    assert absent.cells["status"].tolist() == ["O"]


def test_unmatched_codes_are_shown(loans: Settings) -> None:
    """A code that the reference does not know keeps its figures, apart, and a note tells their weight."""
    build_tables(read_theme(loans), loans)
    folder = loans.home / "themes" / "loans" / "figures"
    with duckdb.connect() as connection:
        connection.execute(f"CREATE TABLE figures AS FROM '{folder}/loans.parquet'")
        connection.execute("UPDATE figures SET library = 'Z' WHERE library = 'A'")
        connection.execute(f"COPY figures TO '{folder}/loans.parquet' (FORMAT parquet)")
    city = open_theme("loans", home=loans.home)
    table = city.indicator("loans").by("bank").where(year=2021).table()
    assert values(table) == {"right": 710, "_U": 1000}
    assert [note.kind for note in table.notes] == ["unmatched"]


@pytest.mark.parametrize(
    ("indicator", "by", "where", "error", "message"),
    [
        ("loans", ("yeer",), {}, UnknownNameError, "Did you mean 'year'"),
        ("loan", (), {"year": 2022}, UnknownNameError, "Did you mean 'loans'"),
        ("loans", (), {"year": 1999}, UnknownNameError, "unknown year '1999'"),
        ("loans", (), {"year": 2022, "library": "Q"}, UnknownNameError, "Allowed: A, B, D"),
        ("loans", (), {"year": "2022..2020"}, QuestionError, "write 2020..2022"),
        ("loans", (), {}, QuestionError, "never summed over several"),
        ("loans", (), {"year": [2021, 2022]}, QuestionError, "never summed over several"),
        ("loans", ("year", "year"), {}, QuestionError, "asked twice"),
        ("loans", ("year", "support", "age"), {}, QuestionError, "does not cross age and support"),
        ("child-share", ("year", "age"), {}, UnknownNameError, "Allowed: year, library, bank"),
        ("support-share", ("year",), {}, QuestionError, "add 'support'"),
        ("loans-index", ("library",), {"year": 2022}, QuestionError, "add 'year'"),
    ],
)
def test_a_question_that_cannot_be_answered_says_why(
    city: Workbench, indicator: str, by: tuple[str, ...], where: dict[str, object], error: type, message: str
) -> None:
    """What, where and what to do; never an empty answer."""
    with pytest.raises(error, match=message):
        city.indicator(indicator).by(*by).where(**where).table()


def test_codes_are_data_not_sql(city: Workbench) -> None:
    """A code that looks like SQL is an unknown code."""
    with pytest.raises(UnknownNameError):
        city.indicator("loans").where(year=2022, library="A' OR 1=1 --").table()


def test_figures_never_built_say_so(loans: Settings) -> None:
    """The message tells the command to run."""
    city = open_theme("loans", home=loans.home)
    with pytest.raises(DataError, match="run 'atelier datasets build'"):
        city.indicator("loans").where(year=2022).table()


def test_a_closed_engine_opens_again(city: Workbench) -> None:
    """The connection may be let go between two questions."""
    first = values(city.indicator("loans").by("year").table())
    city.close()
    assert values(city.indicator("loans").by("year").table()) == first


ROWS = st.lists(
    st.tuples(
        st.sampled_from([2021, 2022, 2023]),
        st.sampled_from("ABCD"),
        st.sampled_from(["book", "disc"]),
        st.integers(0, 400),
    ),
    min_size=1,
    max_size=40,
    unique_by=lambda row: row[:3],
)


@pytest.mark.long
@example(rows=[(2021, "B", "disc", 4), (2021, "C", "disc", 1)], order=Random(1))
@given(rows=ROWS, order=st.randoms(use_true_random=False))
@settings(max_examples=examples(25), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_table_gives_what_pandas_gives(
    city: Workbench, rows: list[tuple[int, str, str, int]], order: object
) -> None:
    """Q16: shares of media by bank, on generated tables in any row order, equal the ones pandas computes."""
    order.shuffle(rows)  # type: ignore[attr-defined]
    frame = pd.DataFrame(rows, columns=["year", "library", "support", "loans"]).assign(age="_T")
    totals = frame.groupby(["year", "library"], as_index=False)["loans"].sum().assign(support="_T", age="_T")
    figures = pd.concat([frame, totals])[["year", "library", "support", "age", "loans"]]
    path = city.engine.figures.path("datasets/loans")
    with duckdb.connect() as connection:
        connection.register("figures", figures)
        connection.execute(f"COPY figures TO '{path}' (FORMAT parquet)")
    fresh = Workbench(city.theme, city.settings, "fr")
    answer = fresh.indicator("support-share").by("year", "bank", "support").table().cells
    bank = {"A": "left", "B": "right", "C": "right", "D": "right"}
    frame["bank"] = frame["library"].map(bank)
    parts = frame.groupby(["year", "bank", "support"])["loans"].sum()
    wholes = frame.groupby(["year", "bank"])["loans"].sum()
    finer = frame.groupby(["year", "library", "support"])["loans"].sum()
    assert len(answer) == len(parts)
    for cell in answer.itertuples():
        part, whole = parts[cell.year, cell.bank, cell.support], wholes[cell.year, cell.bank]
        expected = "M" if whole == 0 else "Q" if whole < 5 else "U" if whole < 20 else None
        # A cell may be hidden for what it would tell of a smaller one: another bank's, or a library's of its own.
        told_by_a_neighbour = cell.status == "Q" and (
            parts[cell.year].between(1, 4).any() or finer[cell.year].between(1, 4).any()
        )
        assert cell.status == expected or (expected is None and cell.status in "AP") or told_by_a_neighbour
        if cell.status in "AUP":
            assert cell.value == pytest.approx(part / whole)
        else:
            assert pd.isna(cell.value)
            assert pd.isna(cell.numerator)
