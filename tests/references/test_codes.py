"""A code list knows when each code was valid, what it became, and finds codes by any of their names."""

import json
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from atelier import open_theme
from atelier.datasets import build_tables
from atelier.errors import UnknownNameError
from atelier.references import CodeList, write_package
from atelier.references.search import fold
from atelier.settings import Settings
from atelier.snapshots import hash_file
from atelier.theme import read_theme
from atelier.workbench import Workbench
from tests.conftest import edit
from tests.references.conftest import ROWS, write_libraries


def open_built(settings: Settings) -> Workbench:
    """Build the small theme and open it."""
    build_tables(read_theme(settings), settings)
    return open_theme("loans", home=settings.home, language="en")


@pytest.fixture
def libraries(dated: Settings) -> CodeList:
    """The libraries, dated."""
    return open_built(dated).reference("libraries")


def test_members_are_those_valid_in_a_year(libraries: CodeList) -> None:
    """Without a known beginning a code has always been; another number of a member is no member."""
    assert list(libraries.members_at(1985)) == ["C", "E"]
    assert list(libraries.members_at(2021)) == ["A", "B", "C", "D", "E"]
    assert list(libraries.members_at(2022)) == ["A", "B", "D", "E"]


def test_lineage_tells_what_a_code_came_from_and_when(libraries: CodeList) -> None:
    """Asked of either end, the answer is the same; other numbers of a code are no predecessors."""
    (succession,) = libraries.lineage("B")
    assert (succession.code, succession.successor, succession.year) == ("C", "B", 2022)
    assert libraries.lineage("C") == libraries.lineage("B")
    assert libraries.predecessors("B") == ["C"]
    assert libraries.predecessors("A") == []
    assert libraries.lineage("D") == ()
    with pytest.raises(UnknownNameError, match="unknown libraries"):
        libraries.lineage("Z")


def test_another_number_of_a_member_counts_as_the_member_then_and_now(dated: Settings) -> None:
    """Figures filed under X are Austerlitz's, as it was and as it is now."""
    with (dated.raw_data / "loans.csv").open("a", encoding="utf-8") as file:
        file.write("2021;X;_T;_T;7\n")
    question = open_built(dated).indicator("loans").by("library").where(year=2021)
    for table in (question.table(), question.as_it_was().table()):
        assert table.cells.set_index("library")["value"]["A"] == 1007
        assert "X" not in set(table.cells["library"])


def test_a_code_with_versions_is_called_by_the_last_one(dated: Settings) -> None:
    """Both names are found."""
    path = dated.home / "themes" / "loans" / "references" / "libraries.toml"
    edit(path, 'key = ["code"]', 'key = ["code", "label"]')
    edit(path, "constraints = { required = true, unique = true }", "constraints = { required = true }")
    old = "D;Dauphine;right;;1990;2009;;;\n"
    write_libraries(dated, ROWS.replace("D;Dauphine;", "D;Nouvelle Dauphine;") + old)
    codes = open_built(dated).reference("libraries")
    assert codes.members["D"].label.fr == "Nouvelle Dauphine"
    assert list(codes.search("dauphine")["code"]) == ["D"]
    assert len(codes.frame) == 7
    assert "D" in codes.members_at(1995)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("A", ["A"]),
        ("austerlitz", ["A", "X"]),
        ("AUSTÉRLITZ", ["A", "X"]),
        ("bis", ["X"]),
        ("la gare", ["A"]),
        ("dph", ["D"]),
        ("elysee", ["E"]),
        ("oeuvre elys", ["E"]),
        ("gare auster", ["A"]),
        ("nowhere", []),
        ("  ", []),
    ],
)
def test_search_finds_names_and_identifiers_whatever_accents_and_capitals(
    libraries: CodeList, text: str, found: list[str]
) -> None:
    """Nearest first, codes that live before those they replaced."""
    listed = list(libraries.search(text)["code"])
    assert listed[: len(found)] == found
    assert bool(listed) == bool(found)


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=40))
def test_folding_a_text_twice_changes_nothing_more(text: str) -> None:
    """Small letters, digits and single spaces are left, whatever the text."""
    folded = fold(text)
    assert fold(folded) == folded
    assert set(folded) <= set("abcdefghijklmnopqrstuvwxyz0123456789 ")
    assert "  " not in folded


def test_every_institution_is_found_by_its_name_and_by_its_identifiers(esr: Workbench) -> None:
    """The first code found has that very name, or that very identifier."""
    codes = esr.reference("institutions")
    for row in codes.rows[::7]:
        found = codes.search(str(row["label"]), limit=1)
        assert fold(found["label"][0]) == fold(str(row["label"]))
        for column in ("id", "ror", "wikidata"):
            if row[column]:
                assert row["id"] in set(codes.search(str(row[column]))["code"])


def test_a_description_tells_how_full_each_column_is(libraries: CodeList) -> None:
    """One row per column."""
    described = libraries.describe().set_index("column")
    assert described["filled"]["code"] == 6
    assert described["filled"]["nickname"] == 2


@pytest.mark.parametrize("form", ["csv", "json", "parquet"])
def test_an_export_is_a_data_package_that_reads_back_the_same(dated: Settings, tmp_path: Path, form: str) -> None:
    """Same rows; the descriptor names the version, the licence, the sources, and the hash of the table."""
    workbench = open_built(dated)
    codes = workbench.reference("libraries")
    target = tmp_path / "out"
    target.mkdir()
    (target / "mine.txt").write_text("kept", "utf-8")
    descriptor = json.loads(write_package(codes, workbench.engine.figures, target, form).read_text("utf-8"))
    assert (target / "mine.txt").exists()
    (resource,) = descriptor["resources"]
    table = target / resource["path"]
    read = {"csv": pd.read_csv, "json": pd.read_json, "parquet": pd.read_parquet}[form](table)  # type: ignore[operator]
    columns = [field["name"] for field in resource["schema"]["fields"]]
    assert list(read.columns) == columns == list(codes.frame.columns)
    assert list(read["code"]) == sorted(codes.members)
    assert resource["hash"] == f"sha256:{hash_file(table)}"
    assert resource["bytes"] == table.stat().st_size
    assert resource["schema"]["primaryKey"] == ["code"]
    assert {key["fields"][0] for key in resource["schema"]["foreignKeys"]} == {"successor", "same_as"}
    entry = workbench.engine.figures.provenance()["references/libraries"]
    assert descriptor["version"] == entry.version == f"2024+{entry.sha256[:12]}"
    assert descriptor["licenses"][0]["path"] == "https://example.org/licence"
    assert descriptor["sources"] == [{"title": "libraries", "path": "https://example.org/libraries"}]


def test_an_export_is_the_same_each_time(esr: Workbench, tmp_path: Path) -> None:
    """Same reference, same bytes; another form is refused."""
    codes, figures = esr.reference("institutions"), esr.engine.figures
    first, second = (write_package(codes, figures, tmp_path / name).read_bytes() for name in ("a", "b"))
    assert first == second
    with pytest.raises(UnknownNameError, match="unknown form"):
        write_package(codes, figures, tmp_path, "xls")
