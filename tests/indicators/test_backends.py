"""Where queries run: the same answers wherever, and nothing of it shows in a question."""

from importlib.util import find_spec
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from atelier import open_theme
from atelier.datasets import build_tables
from atelier.errors import SettingsError
from atelier.indicators import backends
from atelier.indicators.backends import DuckDB, open_backend
from atelier.indicators.production import breakdowns
from atelier.settings import Settings, load_settings
from atelier.theme import read_theme

ENGINE = load_settings(home=Path(__file__).resolve().parents[2]).engine
on_another_engine = pytest.mark.skipif(ENGINE == "duckdb", reason="run by 'make second-engine'")
needs_no_spark = pytest.mark.skipif(find_spec("pyspark") is not None, reason="pyspark is installed")


def test_duckdb_is_the_default(loans: Settings) -> None:
    """No setting is needed."""
    assert isinstance(open_backend(loans), DuckDB)


@needs_no_spark
def test_spark_that_is_not_installed_says_so(loans: Settings) -> None:
    """The message tells how to install it."""
    with pytest.raises(SettingsError, match=r"pip install -r requirements-spark\.lock"):
        open_theme("loans", home=loans.home, engine="spark")


@on_another_engine
@pytest.mark.parametrize("then", [False, True])
def test_every_breakdown_is_equal_on_both_engines(loans: Settings, then: bool) -> None:
    """Cells, notes and statuses of every indicator by every breakdown are those of DuckDB, to the last bit."""
    build_tables(read_theme(loans), loans)
    compared = 0
    here, there = (open_theme("loans", home=loans.home, **engine) for engine in ({"engine": "duckdb"}, {}))
    for name in here.theme.indicators:
        for by in breakdowns(here.theme, name):
            if by != ("year", "support", "age"):
                ours, theirs = (opened.indicator(name).by(*by) for opened in (here, there))
                ours, theirs = ((one.as_it_was() if then else one).table() for one in (ours, theirs))
                pd.testing.assert_frame_equal(ours.cells, theirs.cells, check_exact=True)
                assert (ours.notes, ours.dimensions) == (theirs.notes, theirs.dimensions)
                compared += 1
    assert compared == 4 + 10 + 4 + 3


@on_another_engine
def test_the_answers_came_from_the_cluster(loans: Settings) -> None:
    """The application is known to a master that is not this process, and workers hold its executors."""
    build_tables(read_theme(loans), loans)
    city = open_theme("loans", home=loans.home)
    city.indicator("loans").by("year").table()
    context = city.engine.backend._open().sparkContext  # type: ignore[attr-defined]
    assert context.master.startswith("spark://")
    assert context._jsc.sc().getExecutorMemoryStatus().size() == 1 + 2


def _relation(file: Path) -> tuple[str, pd.DataFrame]:
    backend = DuckDB()
    backend.read("figures", file, ["code DESC"])
    backend.define("doubled", "SELECT code, 2 * value AS value FROM figures")
    kind = backend.query("SELECT table_type FROM information_schema.tables WHERE table_name = 'figures'")
    answer = backend.query("SELECT code, value FROM doubled")
    backend.close()
    return str(kind["table_type"].iloc[0]), answer


def test_a_small_file_is_copied_and_a_large_one_stays_where_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both give the same rows; memory does not grow with the file."""
    file = tmp_path / "it's.parquet"
    frame = pd.DataFrame({"code": ["a", "b"], "value": [1, 2]})
    frame.to_parquet(file)
    kind, small = _relation(file)
    assert kind == "BASE TABLE"
    monkeypatch.setattr(backends, "ROWS_IN_MEMORY", 1)
    kind, large = _relation(file)
    assert kind == "VIEW"
    pd.testing.assert_frame_equal(small.sort_values("code", ignore_index=True), large)


def test_what_a_file_holds_is_read_from_it_or_found(loans: Settings) -> None:
    """A file written without its contents, by another tool, gives the same dimensions."""
    build_tables(read_theme(loans), loans)
    written = open_theme("loans", home=loans.home).engine
    file = written.figures.path("datasets/loans")
    told = {then: written.dimensions("loans", as_it_was=then) for then in (False, True)}
    with duckdb.connect() as connection:
        connection.execute(f"CREATE TABLE figures AS FROM '{file}'")
        connection.execute(f"COPY figures TO '{file}' (FORMAT parquet)")
    found = open_theme("loans", home=loans.home).engine
    assert {then: found.dimensions("loans", as_it_was=then) for then in (False, True)} == told


def test_a_code_list_is_joined_only_where_it_is_needed(loans: Settings) -> None:
    """A question on years reads one table; one on banks joins the libraries."""
    build_tables(read_theme(loans), loans)
    city = open_theme("loans", home=loans.home)
    assert "FROM loans_now\n" in city.indicator("loans").by("year").table().provenance.sql + "\n"
    sql = city.indicator("loans").by("bank").where(year=2021).table().provenance.sql
    assert "FROM loans_now_bank" in sql
    assert "FROM loans_then\n" in city.indicator("loans").by("year", "library").as_it_was().table().provenance.sql
