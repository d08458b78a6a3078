"""What a browser may do to the kernel: choose an entry, press a button, click a territory, go back. Nothing else.

A page's websocket lets its visitor set any trait of any widget to anything (ten megabytes of text, not-a-number, a
list where a number is due). Here each widget of a page takes only the messages it is meant to take, each rebuilt from
checked parts; all others are dropped, and the browser is sent the state that still holds.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from typing import Any

import bqplot
import ipywidgets as widgets
from ipywidgets.widgets.widget import _instances

CLICKS: Mapping[type, str] = {widgets.Button: "click", bqplot.Mark: "element_click"}
"""The one event a kind of widget may send, besides the choice of a list's entry."""

_DIGITS = 10
LONGEST = 2000
"""Most characters of an address's query."""


class AddressLine(widgets.Text):
    """Where the page writes the query to go back to, after a number: ``3?region=53``."""


def guard(root: widgets.Widget, refused: Callable[[], None], pressed: Callable[[], None] = lambda: None) -> None:
    """Make a widget, and all those inside it, refuse what a browser has no reason to send.

    Args:
        root: The widget shown.
        refused: Called after a message was refused.
        pressed: Called before a widget is pressed.
    """
    for widget in parts(root):
        widget.comm.on_msg(partial(_receive, widget, refused, pressed))


def parts(root: widgets.Widget) -> Iterator[widgets.Widget]:
    """Yield a widget and all those its state refers to, each once."""
    seen: set[str] = set()
    waiting: list[object] = [root]
    while waiting:
        found = waiting.pop()
        if isinstance(found, widgets.Widget):
            if found.model_id not in seen:
                seen.add(found.model_id)
                waiting += [getattr(found, name) for name in found.keys]
                yield found
        elif isinstance(found, Mapping):
            waiting += found.values()
        elif isinstance(found, (list, tuple)):
            waiting += found


def put_children_first(roots: Iterable[widgets.Widget]) -> None:
    """Put widgets after all those they refer to, in the order in which a page is told of them.

    A page that opens makes its models in that order, and one that refers to a model not made yet fails. Widgets are
    told in the order they were made, which is not that order once a container has been given new children.
    """
    ordered: dict[str, widgets.Widget] = {}
    seen: set[str] = set()
    for root in roots:
        _collect(root, ordered, seen)
    for model, widget in ordered.items():
        _instances.pop(model, None)
        _instances[model] = widget


def _collect(found: object, ordered: dict[str, widgets.Widget], seen: set[str]) -> None:
    if isinstance(found, widgets.Widget):
        if found.model_id not in seen:
            seen.add(found.model_id)
            for name in found.keys:
                _collect(getattr(found, name), ordered, seen)
            ordered[found.model_id] = found
    elif isinstance(found, Mapping):
        for item in found.values():
            _collect(item, ordered, seen)
    elif isinstance(found, (list, tuple)):
        for item in found:
            _collect(item, ordered, seen)


def _receive(
    widget: widgets.Widget, refused: Callable[[], None], pressed: Callable[[], None], message: Mapping[str, Any]
) -> None:
    data = message.get("content", {}).get("data")
    method = data.get("method") if isinstance(data, dict) else None
    if method == "request_state":
        widget.send_state()
    elif method == "update" and _is_choice(widget, data.get("state")):
        widget.set_state({"index": data["state"]["index"]})
    elif method == "update" and _is_address(widget, data.get("state")):
        widget.set_state({"value": data["state"]["value"]})
    elif method == "custom" and _is_click(widget, data.get("content")):
        pressed()
        widget._handle_custom_msg({"event": data["content"]["event"]}, [])  # noqa: SLF001 - no public way in
    elif method == "update":
        state = data.get("state")
        widget.send_state([name for name in state if name in widget.keys] if isinstance(state, dict) else None)
        refused()


def _is_choice(widget: widgets.Widget, state: object) -> bool:
    if not (isinstance(widget, widgets.Dropdown) and isinstance(state, dict) and set(state) == {"index"}):
        return False
    index = state["index"]
    return type(index) is int and 0 <= index < len(widget.options)


def _is_address(widget: widgets.Widget, state: object) -> bool:
    if not (isinstance(widget, AddressLine) and isinstance(state, dict) and set(state) == {"value"}):
        return False
    number, mark, query = state["value"].partition("?") if isinstance(state["value"], str) else ("", "", "")
    is_number = number.isascii() and number.isdecimal() and len(number) < _DIGITS
    return is_number and bool(mark) and len(query) <= LONGEST


def _is_click(widget: widgets.Widget, content: object) -> bool:
    event = content.get("event") if isinstance(content, dict) else None
    return any(isinstance(widget, kind) and event == name for kind, name in CLICKS.items())
