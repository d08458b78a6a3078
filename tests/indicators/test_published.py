"""Values published as they are, medians and rounded rates: never added nor averaged, each with its own status."""

import shutil
from pathlib import Path

import pytest

from atelier import open_theme
from atelier.datasets import build_tables
from atelier.errors import DeclarationError, QuestionError
from atelier.settings import Settings
from atelier.theme import read_theme
from atelier.workbench import Workbench
from tests.conftest import edit

WAITS = Path(__file__).parents[1] / "themes" / "waits"


@pytest.fixture
def waits(loans: Settings) -> Settings:
    """The small theme, with a second dataset of published medians, not built yet."""
    shutil.copytree(WAITS, loans.home / "themes" / "loans", dirs_exist_ok=True)
    shutil.move(loans.home / "themes" / "loans" / "waits.csv", loans.raw_data / "waits.csv")
    return loans


@pytest.fixture
def city(waits: Settings) -> Workbench:
    """The same, built and opened."""
    build_tables(read_theme(waits), waits)
    return open_theme("loans", home=waits.home, state=waits.state, raw_data=waits.raw_data)


def cells(table: object, column: str = "value") -> dict[object, object]:
    """Return a column of a table by the code of its only dimension."""
    (dimension,) = table.dimensions  # type: ignore[attr-defined]
    frame = table.cells.set_index(dimension.column)[column]  # type: ignore[attr-defined]
    return frame.astype("object").where(frame.notna(), None).to_dict()


def test_the_row_of_the_whole_answers_for_the_whole(city: Workbench) -> None:
    """The published row for all libraries is the total; it is never among them."""
    assert cells(city.indicator("median-wait").by("year").table()) == {2021: 6, 2022: 5}
    assert cells(city.indicator("median-wait").by("support").where(year=2021).table()) == {"book": 5, "disc": 9}
    assert cells(city.indicator("median-wait").by("library").where(year=2022).table()) == {
        "A": 3,
        "B": 6,
        "D": None,
        "_U": 3,
    }


def test_what_a_reference_brings_counts_its_members_not_their_total(city: Workbench) -> None:
    """Asking for a bank asks for the libraries on it: the row of all libraries is not counted, nor called unmatched."""
    readers = city.indicator("readers")
    assert cells(readers.by("bank").where(year=2021).table()) == {"left": 200, "right": 180}
    assert cells(readers.by("year").table()) == {2021: 380, 2022: 312}
    assert cells(readers.by("year").where(bank="left").table()) == {2021: 200, 2022: 200}
    assert cells(readers.by("bank").where(year=2022).table()) == {"left": 200, "right": 104, "_U": 8}


@pytest.mark.parametrize(
    ("by", "where"),
    [
        (("bank",), {"year": 2022}),
        (("year",), {"bank": "right"}),
        ((), {"year": 2022, "library": ["A", "B"]}),
    ],
)
def test_a_breakdown_that_would_average_is_refused(
    city: Workbench, by: tuple[str, ...], where: dict[str, object]
) -> None:
    """The message says that the value is never averaged, and what to ask instead."""
    with pytest.raises(QuestionError, match=r"never added nor averaged: .*break down by, library"):
        city.indicator("median-wait").by(*by).where(**where).table()


def test_what_a_reference_brings_may_filter(city: Workbench) -> None:
    """The libraries of a bank are asked one by one: nothing is averaged."""
    table = city.indicator("median-wait").by("library").where(year=2022, bank="right").table()
    assert cells(table) == {"B": 6, "D": None}


def test_a_merger_has_no_value_and_says_why(city: Workbench) -> None:
    """Bastille and Charonne each had a median before they merged: the merged library has none, others keep theirs."""
    table = city.indicator("median-wait").by("library").where(year=2021).table()
    assert cells(table) == {"A": 4, "B": None, "D": None}
    assert cells(table, "status") == {"A": "A", "B": "O", "D": "Q"}
    assert any("1 value missing: institutions merged" in note.text.en for note in table.notes)
    then = city.indicator("median-wait").by("library").where(year=2021).as_it_was().table()
    assert cells(then) == {"A": 4, "B": 7, "C": 9, "D": None}
    assert not any("because institutions merged" in note.text.en for note in then.notes)


def test_a_status_tells_of_its_own_measure(city: Workbench) -> None:
    """Dauphine hides its median and gives its share; the flag of one measure does not reach the other."""
    wait = city.indicator("median-wait").by("library").where(year=2021, library="D").table()
    share = city.indicator("satisfied-share").by("library").where(year=2021, library="D").table()
    assert cells(wait, "status") == {"D": "Q"}
    assert cells(share) == {"D": 0.75}
    flagged = city.indicator("median-wait").by("library").where(year=2022, library="B").table()
    unflagged = city.indicator("satisfied-share").by("library").where(year=2022, library="B").table()
    assert (cells(flagged, "status"), cells(unflagged, "status")) == ({"B": "U"}, {"B": "A"})


def test_disclosure_is_decided_on_the_people_behind_a_value(city: Workbench) -> None:
    """Four readers hide a median that the source gives; how many they are is not shown either."""
    table = city.indicator("median-wait").by("library").where(year=2022).table()
    assert cells(table, "status") == {"A": "A", "B": "U", "D": "Q", "_U": "U"}
    assert list(table.cells) == ["library", "value", "status", "numerator", "denominator"]


def test_unmatched_values_are_counted_not_added(city: Workbench) -> None:
    """A note on codes without a match gives no total: medians have none."""
    table = city.indicator("median-wait").by("library").where(year=2022).table()
    (note,) = [note for note in table.notes if note.kind == "unmatched"]
    assert note.text.en == "1 cell without a known code."


def test_a_status_of_no_measure_is_a_mistake(waits: Settings) -> None:
    """The theme's check names the file, the key and the measures there are."""
    edit(waits.home / "themes" / "loans" / "datasets" / "waits.toml", 'of = "median_wait"', 'of = "median_weight"')
    with pytest.raises(DeclarationError, match=r"waits\.toml: fields\.median_wait_status\.of: .*'median_wait'"):
        read_theme(waits)
