"""Several codes compared: chosen one at a time, in the address, narrowed by the year only."""

import ipywidgets as widgets
import pytest

from atelier.errors import UnknownNameError
from atelier_widgets import Controls, Dashboard, FigureView

PAGE = {"SCRIPT_NAME": "/services/public/dashboards/esr/students"}


@pytest.fixture
def open_board(esr):
    """A function that opens a small dashboard with a list of institutions to compare."""

    def run(query: str = "") -> Dashboard:
        board = Dashboard(
            esr,
            environment={"QUERY_STRING": query, **PAGE},
            among={"compare": "institution"},
            year=2022,
            region="",
            institution="",
            compare=[],
            lang="fr",
        )

        def women(chosen):
            del chosen
            return esr.indicator("women-share").by("year")

        board.show(Controls(), FigureView(women, "line", against=["region", "compare"]))
        return board

    return run


def controls(board: Dashboard) -> Controls:
    """Return the controls of a dashboard."""
    return board.views[0]


def labels(board: Dashboard) -> list[str]:
    """Return the words of each line drawn."""
    return [series.label for series in board.views[1].figure.series]


def send(widget: widgets.Widget, **data) -> None:
    """Send a message as a browser would."""
    widget.comm.handle_msg({"content": {"data": data}, "buffers": []})


def test_the_address_tells_several_and_each_is_drawn(open_board):
    """The selection, its region, those compared, the country; nothing is filtered by what is compared."""
    board = open_board("institution=4k25D&compare=U8a0v&compare=qUCQp")
    assert board.selection.many("compare") == ("U8a0v", "qUCQp")
    assert board.selection.query == "institution=4k25D&compare=U8a0v&compare=qUCQp"
    assert "compare" not in dict(board.selection)
    shown = labels(board)
    assert shown[:2] == ["Université de Strasbourg", "Grand Est"]
    assert len(shown) == 5
    assert shown[-1] == "France"


def test_one_is_added_from_the_list_and_taken_away_by_its_button(open_board):
    """As a browser does it: an entry, then a click; the list goes back to what it is for."""
    board = open_board()
    several = controls(board).several["compare"]
    place = [code for _, code in several.adder.options].index("4k25D")
    send(several.adder, method="update", state={"index": place})
    assert board.selection.query == "compare=4k25D"
    assert several.adder.index == 0
    assert "4k25D" not in [code for _, code in several.adder.options]
    assert several.removers[0].description == "Université de Strasbourg"
    assert labels(board) == ["Université de Strasbourg", "France"]
    send(several.removers[0], method="custom", content={"event": "click"})
    assert board.selection.query == ""
    assert several.removers[0].layout.display == "none"


def test_a_button_that_is_not_shown_removes_nothing(open_board):
    """A browser may click what it does not see."""
    board = open_board("compare=4k25D")
    send(controls(board).several["compare"].removers[5], method="custom", content={"event": "click"})
    assert board.selection.query == "compare=4k25D"


def test_another_region_keeps_what_is_compared(open_board):
    """A list is not narrowed by a place: one compares with elsewhere."""
    board = open_board("compare=4k25D")
    board.choose("region", "53")
    assert board.selection.query == "region=53&compare=4k25D"
    assert board.messages == ()


def test_a_year_without_figures_drops_a_code_and_says_so(open_board):
    """An institution that did not exist yet is no longer compared."""
    board = open_board()
    codes = board.choices.codes("compare", board.selection.chosen)
    late = next(code for code in codes if code not in board.choices.codes("compare", {"year": 2006}))
    board.choose("compare", (late, "4k25D"))
    board.choose("year", 2006)
    assert board.selection.many("compare") == ("4k25D",)
    assert board.choices.label("compare", late, "fr") in board.messages[0]


def test_an_unknown_code_is_refused_kindly(open_board):
    """Those that exist are kept; the address never breaks the page."""
    board = open_board("compare=4k25D&compare=zz&compare=%3Cb%3E")
    assert board.selection.many("compare") == ("4k25D",)
    assert "zz" in board.messages[0]
    assert "&lt;b&gt;" in controls(board).notice.value


def test_a_list_among_no_dimension_is_a_mistake_of_the_notebook(esr):
    """The message names the dimensions."""
    with pytest.raises(UnknownNameError, match="institution"):
        Dashboard(esr, environment={}, among={"compare": "shoes"}, compare=[])
