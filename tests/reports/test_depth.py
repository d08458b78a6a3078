"""What a report on an indicator or a dataset says of units and of breaks."""

import pytest

from atelier import open_theme, reports
from atelier.reports.compose import changes
from atelier.reports.words import say
from atelier.workbench import Workbench


@pytest.fixture(scope="module", params=["fr", "en"])
def finances(request: pytest.FixtureRequest) -> Workbench:
    """The theme in each language."""
    return open_theme("esr", language=request.param)


def test_the_columns_of_a_dataset_have_the_unit_of_its_figures(finances: Workbench) -> None:
    """Amounts that sentences tell in millions are kept in euros: so says the list of columns."""
    rows = reports.fields_table(finances, "finances", "Columns").rows
    assert {row[0]: row[3] for row in rows}["resources"] == "euros"


def test_a_table_told_in_millions_says_so(finances: Workbench) -> None:
    """The heading over 17 473,0 carries the unit; the breaks of three years are one sentence."""
    table = reports.latest(reports.open_indicator(finances, "resources", year=2022), "Value")
    assert {"fr": "(millions d’euros)", "en": "(million euros)"}[finances.language] in table.columns[1].label
    told = [note for note in table.notes if "2011" in note]
    assert len(told) == 1
    assert "2013" in told[0]


def test_a_break_is_told_as_its_language_writes_it(finances: Workbench) -> None:
    """A space before the colon in French, none in English."""
    colon = {"fr": "2011\N{NO-BREAK SPACE}: ", "en": "2011: "}[finances.language]
    assert any(item.startswith(colon) for item in reports.breaks(finances, "finances").items)


def test_a_key_figure_told_in_millions_says_so(finances: Workbench) -> None:
    """No bare 17 473,0 in the national overview."""
    labels = [one.label for one in reports.numbers(finances, "finances", 2022)[0].figures]
    unit = {"fr": "(millions d’euros)", "en": "(million euros)"}[finances.language]
    assert sum(unit in label for label in labels) >= 4


def test_no_change_is_told_across_a_break(finances: Workbench) -> None:
    """The courses of the two sessions of Parcoursup are not the same ones: [B] stands for the change."""
    told = reports.open_indicator(finances, "parcoursup-places", year=2019).over_time()
    assert dict(changes(told, 2019))[say("one-year", finances.language)] == "[B]"


def test_a_balance_has_no_percentage(finances: Workbench) -> None:
    """A deficit that grows would read as a rise."""
    told = reports.open_indicator(finances, "working-capital-need", year=2022).over_time()
    values = told.cells.set_index("year")["value"]
    assert values[2021] < 0
    assert dict(changes(told, 2022))[say("one-year", finances.language)] == "[M]"
