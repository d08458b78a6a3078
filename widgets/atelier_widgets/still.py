"""What a part of a page looks like before, or without, the browser's own drawing of it: plain HTML of the same shape.

It is the ``text/html`` beside a widget's view: the public's page shows it at once, and to those who have no script; so
does anything else that shows a notebook without running it.
"""

from collections.abc import Callable, Mapping, Sequence
from html import escape
from typing import Any

import bqplot
import ipywidgets as widgets
from ipywidgets.widgets.valuewidget import ValueWidget

from atelier.figures import Figure, render_svg

Drawings = Mapping[str, Figure]
"""The figure that each bqplot widget draws, by the widget's model."""

_WIDTH = 560
_WIDE = 1160
_NARROW = 340
"""Width of the second drawing of a page that no script will draw again, for phones."""

_WIDE_CLASS = "atelier-wide"


class Part(widgets.Box):
    """A part of a page.

    Args:
        children: Its widgets.
        drawings: Returns the figures that they draw now.
    """

    def __init__(self, children: Sequence[widgets.Widget], drawings: Callable[[], Drawings]) -> None:
        super().__init__(children)
        self._drawings = drawings

    def still(self, *, is_live: bool = True) -> str:
        """Return what it looks like now; where nothing will ever answer, without what a hand would move."""
        return render_still(self, self._drawings(), is_live=is_live)

    def _repr_mimebundle_(self, **how: Any) -> dict[str, Any]:
        return {**super()._repr_mimebundle_(**how), "text/html": self.still()}


def render_still(widget: widgets.Widget, drawings: Drawings, width: int = _WIDTH, *, is_live: bool = True) -> str:
    """Return a widget, and all those inside it, as HTML that no script has to draw.

    Args:
        widget: What is shown. Lists, buttons, texts and drawings are known; anything else is left out.
        drawings: The figures that bqplot widgets draw.
        width: Width of a drawing in pixels, to which its words are laid out.
        is_live: Whether a kernel will answer; controls are left out where none will.
    """
    if not is_live and is_control(widget):
        return ""
    names = " ".join(widget._dom_classes) if isinstance(widget, widgets.DOMWidget) else ""  # noqa: SLF001
    html = ""
    if isinstance(widget, widgets.Box):
        inner = _WIDE if _WIDE_CLASS in names else width
        parts = "".join(render_still(child, drawings, inner, is_live=is_live) for child in widget.children)
        html = f'<div class="jupyter-widgets widget-box {names}">{parts}</div>' if parts or is_live else ""
    elif isinstance(widget, widgets.HTML) and widget.layout.display != "none":
        text = f'<div class="widget-html-content">{widget.value}</div>'
        html = f'<div class="jupyter-widgets widget-html {names}">{text}</div>'
    elif isinstance(widget, widgets.Dropdown):
        html = _list(widget, names)
    elif isinstance(widget, widgets.Button) and widget.layout.display != "none":
        html = f'<button class="jupyter-widgets jupyter-button {names}" disabled>{escape(widget.description)}</button>'
    elif isinstance(widget, bqplot.Figure) and (figure := drawings.get(widget.model_id)) is not None:
        height = widget.layout.height
        drawing = render_svg(figure, width, int(height.removesuffix("px")), standalone=False)
        html = f'<div class="{names}{"" if is_live else " still-wide"}" style="height:{height}">{drawing}</div>'
        if not is_live:
            narrow = render_svg(figure, _NARROW, standalone=False)
            html += f'<div class="{names} still-narrow">{narrow}</div>'
    return html


def is_control(widget: widgets.Widget) -> bool:
    """Return whether a widget is there to be moved: it holds a value and is no text, or it is a button."""
    is_text = isinstance(widget, (widgets.HTML, widgets.HTMLMath, widgets.Label))
    return isinstance(widget, widgets.Button) or (isinstance(widget, ValueWidget) and not is_text)


def _list(control: widgets.Dropdown, names: str) -> str:
    options = "".join(
        f"<option{' selected' if place == control.index else ''}>{escape(label)}</option>"
        for place, label in enumerate(control._options_labels)  # noqa: SLF001 - what the browser is sent
    )
    label = f'<span class="widget-label">{escape(control.description)}</span>'
    return f'<label class="jupyter-widgets widget-dropdown {names}">{label}<select>{options}</select></label>'
