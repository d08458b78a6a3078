"""A browser may choose, press and click: whatever else it sends is dropped, and the last good selection stays."""

import math
from typing import Any

import bqplot
import ipywidgets as widgets
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from atelier_widgets.guard import parts
from tests.widgets.conftest import run_notebook

STRASBOURG = "region=44&institution=4k25D"
HOSTILE = [10**9, -1, math.nan, "x" * 10_000_000, None, True, 1.5, [], {}, {"a": [1]}, [[0]] * 1000, b"\0"]


def send(widget: widgets.Widget, **data: Any) -> None:
    """Send a message as a browser would."""
    widget.comm.handle_msg({"content": {"data": data}, "buffers": []})


@pytest.fixture(scope="module")
def opened(esr):
    """The dashboard on Strasbourg, run once."""
    return run_notebook(esr, "students", STRASBOURG)


@pytest.fixture
def page(opened):
    """The dashboard on Strasbourg, with nothing told yet, whatever the test before chose."""
    board = opened["board"]
    if board.selection.query != STRASBOURG:
        board.restore(STRASBOURG)
    board.messages = ()
    return opened


def shown(page: dict[str, Any]) -> list[widgets.Widget]:
    """Return every widget of the page, each once."""
    found = {one.model_id: one for view in page["board"].views for one in parts(view.widget)}
    return list(found.values())


def controls(page: dict[str, Any]) -> dict[str, widgets.Dropdown]:
    """Return the lists of the page, by parameter."""
    return next(view for view in page["board"].views if view.name == "controls").lists


def test_a_choice_in_the_list_is_taken(page):
    """The one message a list is meant to take."""
    regions = controls(page)["region"]
    send(regions, method="update", state={"index": [code for _, code in regions.options].index("53")})
    assert page["board"].selection.query == "region=53"


@pytest.mark.parametrize("value", HOSTILE, ids=lambda value: type(value).__name__ + str(value)[:8])
def test_a_list_refuses_any_other_index(page, value, capfd):
    """The selection, the list and the page's words stay; nothing is printed; the reader is told."""
    for control in controls(page).values():
        before = control.index
        send(control, method="update", state={"index": value})
        assert control.index == before
    assert page["board"].selection.query == STRASBOURG
    assert page["board"].messages
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    "name", ["_options_labels", "options", "description", "disabled", "value", "layout", "nothing"]
)
def test_a_list_refuses_any_other_trait(page, name):
    """Only the index is the reader's."""
    control = controls(page)["region"]
    before = control.get_state()
    send(control, method="update", state={name: "x", "index": 0})
    assert control.get_state() == before


def test_no_widget_takes_a_state(page, capfd):
    """Drawings, texts, boxes, scales: each trait of each widget refuses each hostile value, silently."""
    lists = list(controls(page).values())
    for widget in shown(page):
        before = {name: repr(getattr(widget, name))[:2000] for name in widget.keys}
        for value in (10**9, math.nan, "x", None, [], {}):
            send(widget, method="update", state=dict.fromkeys(widget.keys, value))
        names = [name for name in widget.keys if widget not in lists or name != "index"]
        send(widget, method="update", state={names[0]: 1})
        assert {name: repr(getattr(widget, name))[:2000] for name in widget.keys} == before
    assert page["board"].selection.query == STRASBOURG
    assert capfd.readouterr() == ("", "")


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
        lambda inner: (
            st.lists(inner) | st.dictionaries(st.sampled_from(["method", "state", "content", "event", "x"]), inner)
        ),
        max_leaves=12,
    )
)
def test_no_message_raises(page, data):
    """Whatever stands in a message, a list, a button and a drawing drop it."""
    buttons = [one for one in shown(page) if isinstance(one, widgets.Button)]
    marks = [one for one in shown(page) if isinstance(one, bqplot.Mark)]
    for widget in (controls(page)["year"], buttons[-1], marks[0]):
        widget.comm.handle_msg({"content": {"data": data}, "buffers": []})
        widget.comm.handle_msg({"content": data, "buffers": []} if isinstance(data, dict) else {"content": {}})
    assert page["board"].selection.query == STRASBOURG


def test_a_click_carries_nothing_but_itself(page):
    """A button's click is taken, and what came with it is not."""
    button = next(view for view in page["board"].views if view.name == "controls").reset
    send(button, method="custom", content={"event": "click", "junk": "x" * 100_000})
    assert page["board"].selection.query == ""


def test_a_drawing_made_later_is_guarded_too(page):
    """Going from one line to three adds marks; they refuse states as the first did."""
    board = page["board"]
    board.reset()
    board.choose("institution", "4k25D")
    for widget in shown(page):
        if isinstance(widget, bqplot.Lines):
            before = widget.stroke_width
            send(widget, method="update", state={"stroke_width": 99})
            assert widget.stroke_width == before


def test_the_address_goes_back_to_a_selection(page):
    """A page that goes back writes its query; the same one again is taken too."""
    line = next(view for view in page["board"].views if view.name == "controls").back
    send(line, method="update", state={"value": "1?region=53"})
    assert page["board"].selection.query == "region=53"
    page["board"].choose("region", "44")
    send(line, method="update", state={"value": "2?region=53"})
    assert page["board"].selection.query == "region=53"
    send(line, method="update", state={"value": "3?region=zz"})
    assert page["board"].selection.query == ""
    assert "zz" in page["board"].messages[0]


@pytest.mark.parametrize(
    "value", [*HOSTILE, "region=53", "?region=53", "1x?region=53", "1?" + "x" * 2001, "9" * 11 + "?"]
)
def test_the_address_takes_nothing_else(page, value):
    """No number, no mark, too long, another type: the selection stays and the reader is told."""
    line = next(view for view in page["board"].views if view.name == "controls").back
    send(line, method="update", state={"value": value})
    assert page["board"].selection.query == STRASBOURG
    assert page["board"].messages
    send(line, method="update", state={"value": "1?region=53", "placeholder": "x"})
    assert page["board"].selection.query == STRASBOURG
