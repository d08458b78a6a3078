"""What a join does not match is told with its weight, in the answer's notes, in its provenance and in its files."""

import io
from zipfile import ZipFile

import pytest

from atelier import open_theme
from atelier.cli.indicator import as_json
from atelier.datasets import build_tables
from atelier.indicators.export import to_xlsx
from atelier.settings import Settings
from atelier.theme import read_theme
from atelier.workbench import Workbench

LOST = """2021;Z;_T;_T;40
2021;Y;_T;_T;2
2021;Z;book;_T;30
2021;Z;disc;_T;10
"""


@pytest.fixture
def lost(loans: Settings) -> Workbench:
    """The small theme, with loans of two libraries that the reference does not know."""
    with (loans.raw_data / "loans.csv").open("a", encoding="utf-8") as file:
        file.write(LOST.replace("2021;Y;_T;_T;2\n", "2021;Y;_T;_T;2\n2021;Y;book;_T;2\n2021;Y;disc;_T;0\n"))
    build_tables(read_theme(loans), loans)
    return open_theme("loans", home=loans.home, language="en")


def test_a_total_tells_what_it_counts_under_no_known_code(lost: Workbench) -> None:
    """The 42 loans are in the city's total, and said to be."""
    before = 1000 + 500
    table = lost.indicator("loans").by("year").where(year=2021).table()
    (found,) = table.provenance.unmatched
    assert (found.reference, found.dimension, found.codes) == ("libraries", "library", ("Y", "Z"))
    assert (found.rows, found.weight) == (6, 42)
    assert table.cells["value"].sum() >= before + 42
    (note,) = [note for note in table.notes if note.kind == "unmatched"]
    assert note.text.en == ("42 come under 2 codes absent from the list “Libraries”: the total counts them.")


def test_a_breakdown_shows_them_and_says_so_once(lost: Workbench) -> None:
    """By library and by bank they are a row of their own."""
    for dimension in ("library", "bank"):
        table = lost.indicator("loans").by(dimension).where(year=2021).table()
        assert table.cells.set_index(dimension)["value"]["_U"] == 42
        assert [note.kind for note in table.notes].count("unmatched") == 1
        assert table.provenance.unmatched[0].weight == 42


def test_a_selection_says_what_it_leaves_out(lost: Workbench) -> None:
    """A library of unknown bank may be on that bank."""
    table = lost.indicator("loans").by("year").where(year=2021, bank="left").table()
    (note,) = [note for note in table.notes if note.kind == "unmatched"]
    assert note.text.en.endswith("the selection leaves them out.")
    assert table.provenance.unmatched[0].weight == 42


def test_the_weight_follows_the_question(lost: Workbench) -> None:
    """Other years have none: no note; books weigh 32."""
    other = lost.indicator("loans").by("year").where(year=2022).table()
    assert other.provenance.unmatched[0].weight == 0
    assert not [note for note in other.notes if note.kind == "unmatched"]
    books = lost.indicator("loans").by("year").where(year=2021, support="book").table()
    assert books.provenance.unmatched[0].weight == 32


def test_the_weight_of_a_ratio_is_that_of_what_stands_above(lost: Workbench) -> None:
    """The share of books counts the 32 books of nobody knows which library; an index counts all their loans."""
    share = lost.indicator("support-share").by("year").where(year=2021, support="book").table()
    assert share.provenance.unmatched[0].weight == 32
    index = lost.indicator("loans-index").by("year").where(year=[2021, 2022]).table()
    assert index.provenance.unmatched[0].weight == 42


def test_a_weight_too_small_to_be_published_is_not_told(loans: Settings) -> None:
    """Two loans are hidden in the breakdown, so they are in the note."""
    with (loans.raw_data / "loans.csv").open("a", encoding="utf-8") as file:
        file.write("2021;Z;_T;_T;2\n")
    build_tables(read_theme(loans), loans)
    table = open_theme("loans", home=loans.home, language="en").indicator("loans").by("year").where(year=2021).table()
    assert table.provenance.unmatched[0].weight is None
    (note,) = [note for note in table.notes if note.kind == "unmatched"]
    assert note.text.en.startswith("Numbers too small to be published come under")
    assert "[Q]" in ZipFile(io.BytesIO(to_xlsx(table))).read("xl/sharedStrings.xml").decode()


def test_files_carry_it_with_the_version_of_each_list_and_the_perimeter(lost: Workbench) -> None:
    """JSON and the workbook's notes."""
    table = lost.indicator("loans").by("year").where(year=2021).table()
    answer = as_json(table)
    (found,) = answer["provenance"]["unmatched"]
    assert found["weight"] == 42
    assert answer["provenance"]["references"]["libraries"].startswith("2024+")
    assert answer["perimeter"] == "as-it-is"
    words = ZipFile(io.BytesIO(to_xlsx(table))).read("xl/sharedStrings.xml").decode()
    assert "Y, Z: 6 rows of the source, 42 in the numerator of this table" in words
    assert answer["provenance"]["references"]["libraries"] in words
    assert "As it is now" in words


def test_the_perimeter_is_named_as_it_was_too(lost: Workbench, esr: Workbench) -> None:
    """Both ways to count are told apart in words."""
    table = lost.indicator("loans").by("library").where(year=2021).as_it_was().table()
    assert table.perimeter == "as-it-was"
    assert "As it was" in ZipFile(io.BytesIO(to_xlsx(table))).read("xl/sharedStrings.xml").decode()
    assert esr.indicator("students").by("year").table().perimeter == "as-it-is"


def test_where_all_is_known_nothing_is_told(esr: Workbench) -> None:
    """No code of the enrolment table is unknown."""
    table = esr.indicator("students").by("year").table()
    assert table.provenance.unmatched == ()
    assert not [note for note in table.notes if note.kind == "unmatched"]
