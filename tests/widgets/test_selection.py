"""What a reader chooses is always valid, and an address never breaks a page."""

from urllib.parse import parse_qsl, urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from atelier.errors import QuestionError, UnknownNameError
from atelier.workbench import Workbench
from atelier_widgets import Dashboard
from atelier_widgets.selection import read_selection

STRASBOURG, RENNES = "4k25D", "EPXfE"
CELL = {"year": 2022, "region": "", "institution_type": "", "institution": "", "lang": "fr"}


def make(esr: Workbench, query: str | None = None, **cell: object) -> Dashboard:
    """Return a dashboard for an address; None stands for JupyterLab."""
    environment = {} if query is None else {"QUERY_STRING": query}
    return Dashboard(esr, environment=environment, **{**CELL, **cell})


def test_the_cell_alone_counts_in_jupyterlab(esr):
    """Without a page's address, the selection is the notebook's."""
    board = make(esr, None, region="44", year=2019)
    assert dict(board.selection) == {"year": 2019, "region": "44", "institution_type": "", "institution": ""}
    assert board.link == ""


def test_an_address_wins_over_the_cell(esr):
    """The address's query replaces the notebook's values, and gives itself back."""
    board = make(esr, "year=2021&region=53")
    assert board.selection.query == "year=2021&region=53"
    assert board.messages == ()


def test_the_query_is_canonical(esr):
    """Order and values equal to their default do not make another address."""
    assert make(esr, "region=53&lang=fr&year=2022").selection.query == "region=53"


def test_a_region_narrows_the_institutions(esr):
    """Only institutions of the region, with figures that year, can be chosen."""
    board = make(esr)
    everything = board.choices.codes("institution", board.selection.chosen)
    board.choose("region", "44")
    narrowed = board.choices.codes("institution", board.selection.chosen)
    assert STRASBOURG in narrowed
    assert narrowed[0] == ""
    assert set(narrowed) < set(everything)


def test_an_incompatible_choice_is_dropped_and_told(esr):
    """Changing the region lets the institution go, in words."""
    board = make(esr, f"region=44&institution={STRASBOURG}")
    board.choose("region", "53")
    assert board.selection["institution"] == ""
    assert "Université de Strasbourg" in board.messages[0]
    assert board.selection.query == "region=53"


def test_an_implied_region_is_known_and_not_asked_twice(esr):
    """The region of an institution is known; the question filters on the institution alone."""
    board = make(esr, f"region=44&institution={STRASBOURG}")
    assert {name: code for name, code in board.selection.items() if code} == {"year": 2022, "institution": STRASBOURG}
    assert make(esr, f"institution={STRASBOURG}").selection.implied("region") == "44"


def test_an_unknown_name_is_told_with_the_allowed_ones(esr):
    """The notice names what the page knows; nothing else changes."""
    board = make(esr, "planet=mars&region=44")
    assert "planet" in board.messages[0]
    assert "institution_type" in board.messages[0]
    assert board.selection["region"] == "44"


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_an_unknown_code_is_told_in_the_readers_language(esr, lang):
    """The notice names the dimension and possible codes, briefly; the default is shown."""
    board = make(esr, f"region=99&lang={lang}")
    assert board.selection["region"] == ""
    assert {"fr": "n’existe pas", "en": "does not exist"}[lang] in board.messages[0]
    assert "84" in board.messages[0]
    assert len(board.messages[0]) < 250


def test_a_year_that_is_no_number_is_told(esr):
    """A word where a year is due leaves the default."""
    board = make(esr, "year=soon")
    assert board.selection["year"] == 2022
    assert "soon" in board.messages[0]


def test_the_notebooks_own_impossible_value_is_mended(esr):
    """A cell that asks for what has no figures gives a page all the same."""
    board = make(esr, None, year=1999, region="44")
    assert board.selection["year"] == 2022
    assert board.messages


def test_a_fork_may_go_back_to_all_regions(esr):
    """A cell with a region does not lock it."""
    board = make(esr, None, region="44")
    board.choose("region", "")
    assert board.selection["region"] == ""


def test_an_unknown_parameter_of_the_notebook_is_an_error(esr):
    """A theme author who misspells a parameter is told."""
    with pytest.raises(UnknownNameError, match="regoin"):
        make(esr, None, regoin="44")
    with pytest.raises(QuestionError, match="year"):
        make(esr, None, year=None)


def test_every_choice_has_figures(esr):
    """Whatever is chosen, in any order, the trend has at least one value."""
    board = make(esr)
    for name, code in [
        ("region", "06"),
        ("year", 2006),
        ("institution_type", "school"),
        ("region", "53"),
        ("year", 2022),
    ]:
        board.choose(name, code)
        table = board.ask(esr.indicator("students").where(**board.selection))
        assert table.cells["value"].notna().all()


@pytest.fixture(scope="module")
def choices(esr):
    """What the page lets choose."""
    return make(esr).choices


@settings(max_examples=150)
@given(
    asked=st.dictionaries(
        st.sampled_from([*CELL, "planet", "constructor", ""]) | st.text(max_size=300), st.text(max_size=400)
    )
)
def test_no_address_breaks_a_page(choices, asked):
    """Any query gives a valid selection whose own query gives the same one."""
    first, messages = read_selection(choices, dict(parse_qsl(urlencode(asked), keep_blank_values=True)))
    again = read_selection(choices, dict(parse_qsl(first.query)))
    assert again == (first, ())
    assert all(len(message) < 400 for message in messages)
