"""A dashboard that has run is shown on another selection: the same, to the last trait, as if it had run with it."""

import re

import comm
import pytest
from ipywidgets import Widget
from ipywidgets.widgets.widget import _instances

from atelier_widgets.dashboard import RESTORE_TARGET
from atelier_widgets.guard import parts
from tests.widgets.conftest import run_notebook


def describe(found, seen):
    """Return a widget's whole state as plain data, other widgets in the place of their identifiers."""
    if isinstance(found, str) and found.startswith("IPY_MODEL_"):
        return describe(_instances[found.removeprefix("IPY_MODEL_")], seen)
    if isinstance(found, Widget):
        if found.model_id in seen:
            return "again"
        seen.add(found.model_id)
        spoken = "atelier-status" in getattr(found, "_dom_classes", ())
        # What is said aloud after a choice is not said as a page opens.
        kept = {name: value for name, value in found.get_state().items() if not (spoken and name == "value")}
        return {name: describe(value, seen) for name, value in sorted(kept.items())}
    if isinstance(found, dict):
        return {name: describe(value, seen) for name, value in found.items()}
    if isinstance(found, (list, tuple)):
        return [describe(value, seen) for value in found]
    return bytes(found) if isinstance(found, memoryview) else found


def describe_page(board):
    """Return the state of every widget of a dashboard."""
    seen = set()
    return [describe(part, seen) for part in board._parts]


@pytest.mark.parametrize("query", ["region=53", "region=53&year=2019&lang=en", "lang=en", "region=nowhere&x=1"])
def test_a_restored_page_equals_one_that_ran_with_the_query(open_page, query):
    """Every trait of every widget is the same, whatever was asked, in either language."""
    restored = open_page("")["board"]
    restored.restore(query)
    assert describe_page(restored) == describe_page(open_page(query)["board"])


def test_the_query_arrives_on_a_comm_target(open_page):
    """A kernel forked after its notebook ran is told the query; it answers what each part looks like."""
    board = open_page("")["board"]
    said = []

    class Line:
        def send(self, data):
            said.append(data)

    comm.get_comm_manager().targets[RESTORE_TARGET](Line(), {"content": {"data": {"query": "region=53"}}})
    assert board.selection.chosen["region"] == "53"
    drawn = said[0]["drawn"]
    assert set(drawn) == {part.model_id for part in board._parts}
    assert "Bretagne" in "".join(drawn.values())


def test_a_map_follows_into_another_language_with_fewer_territories(esr):
    """Territories without a figure there keep no name of the language before."""
    query = "programme=social-work&region=75&lang=en"
    restored = run_notebook(esr, "parcoursup", "")["board"]
    for _again in range(2):
        restored.restore(query)
        assert describe_page(restored) == describe_page(run_notebook(esr, "parcoursup", query)["board"])
        restored.restore("")


def wake(board, query):
    """Tell a dashboard what a page shows that is used again."""
    board._restore(None, {"content": {"data": {"query": query, "draw": False}}})


def controls_of(board):
    """Return the lists and the button of a dashboard."""
    return next(view for view in board.views if view.name == "controls")


def tell(widget, **data):
    """Send a message as a browser would."""
    widget.comm.handle_msg({"content": {"data": data}, "buffers": []})


def test_a_page_that_wakes_draws_once_after_its_choice(open_page, monkeypatch):
    """What it shows then is what it would show, had it been there all the time."""
    choice = {"method": "update", "state": {"index": 2}}
    there, woken = open_page("region=53")["board"], open_page("")["board"]
    tell(controls_of(there).lists["institution_type"], **choice)
    drawn = []
    monkeypatch.setattr(woken, "_redraw", lambda redraw=woken._redraw: (drawn.append(1), redraw()))
    wake(woken, "region=53")
    assert drawn == []
    tell(controls_of(woken).lists["institution_type"], **choice)
    assert drawn == [1]
    assert woken.selection.query == there.selection.query == "region=53&institution_type=school"
    assert describe_page(woken) == describe_page(there)


def test_a_page_that_wakes_for_a_press_is_drawn_first(open_page):
    """Files are made of the selection that the page shows."""
    board = open_page("")["board"]
    wake(board, "region=53")
    tools = next(view.tools for view in board.views if hasattr(view, "tools"))
    assert "Bretagne" not in tools.figure.title
    tell(tools.button, method="custom", content={"event": "click"})
    assert "Bretagne" in tools.figure.title
    assert tools.files.value


def test_a_page_that_wakes_and_asks_what_there_is_gets_its_selection(open_page):
    """Whatever the first message was, the state of every widget is that of the selection."""
    board = open_page("")["board"]
    wake(board, "region=53")
    tell(controls_of(board).lists["region"], method="update", state={"index": 10**6})
    sent = []

    class Line:
        def on_msg(self, listener):
            self.listener = listener

        def send(self, data, **_buffers):
            sent.append(data)

    line = Line()
    opening = {"content": {"data": {}}, "metadata": {"version": "1.0.0"}}
    comm.get_comm_manager().targets["jupyter.widget.control"](line, opening)
    line.listener({"content": {"data": {"method": "request_states"}}})
    assert "Bretagne : " in str(sent[0]["states"])
    assert board.selection.chosen["region"] == "53"


@pytest.mark.parametrize(
    "message", [{}, {"content": {}}, {"content": {"data": {"query": 3}}}, {"content": {"data": {}}}]
)
def test_s16_a_message_that_is_no_query_changes_nothing(open_page, message):
    """The target is open to browsers too: what is no text is dropped."""
    board = open_page("")["board"]
    before = board.selection
    board._restore(None, message)
    assert board.selection is before


def test_widgets_are_told_children_first(open_page):
    """A page makes models in the order it is told of them: whatever a widget refers to comes before it."""
    board = open_page("")["board"]
    board._restore(type("Line", (), {"send": lambda *_given: None})(), {"content": {"data": {"query": "region=53"}}})
    place = {model: number for number, model in enumerate(_instances)}
    for part in board._parts:
        for widget in parts(part):
            for model in re.findall(r"IPY_MODEL_([0-9a-f]+)", repr(widget.get_state())):
                assert place[model] < place[widget.model_id]


def test_a_part_is_drawn_beside_its_view(open_page):
    """Its MIME bundle holds the drawing, the words and the table, as a page without scripts shows them."""
    board = open_page("region=53")["board"]
    bundles = [part._repr_mimebundle_() for part in board._parts]
    assert all("application/vnd.jupyter.widget-view+json" in bundle for bundle in bundles)
    text = "".join(bundle["text/html"] for bundle in bundles)
    figures = [view.figure for view in board.views if getattr(view, "figure", None) is not None]
    assert text.count("<svg") == len(figures)
    assert all(figure.lecture.replace("’", "’") in text or figure.title in text for figure in figures)
    assert text.count("<table") == len(figures)
    assert "<script" not in text
