"""What every part of a page is: a view that follows a selection."""

from abc import ABC, abstractmethod
from base64 import b64encode
from collections.abc import Callable
from typing import TYPE_CHECKING

import ipywidgets as widgets

from atelier.workbench import Question
from atelier_widgets.selection import Selection
from atelier_widgets.words import html

if TYPE_CHECKING:
    from atelier_widgets.dashboard import Dashboard

Asked = Callable[[Selection], Question]
"""A function of the notebook that says which question is asked of a selection."""


class View(ABC):
    """A part of a page that follows the selection.

    Attributes:
        widget: What is shown.
        name: Identifier in its dashboard: showing another view of this name replaces it.
    """

    name: str
    widget: widgets.Widget
    dashboard: "Dashboard"

    def attach(self, dashboard: "Dashboard") -> None:
        """Take the dashboard whose selection is followed."""
        self.dashboard = dashboard

    def tell(self, selection: Selection) -> None:  # noqa: B027 - most views show no messages
        """Show new messages of the dashboard where this view shows them; the selection is the same."""

    def prepare(self) -> None:  # noqa: B027 - most views have nothing to prepare
        """Make what is otherwise made when a reader asks for it: a static edition has nobody to ask."""

    @abstractmethod
    def redraw(self, selection: Selection) -> None:
        """Show another selection."""


def block(name: str) -> widgets.HTML:
    """Return an empty piece of page, of the class ``name``."""
    piece = widgets.HTML("", layout={"width": "100%", "min_width": "0"})
    piece.add_class(name)
    return piece


def put(piece: widgets.HTML, text: str) -> None:
    """Put text in a piece of page, unless it is there already."""
    if piece.value != text:
        piece.value = text


def data_link(content: bytes, media_type: str, file: str, label: str) -> str:
    """Return a link that hands a file to the reader without asking the server for anything."""
    href = f"data:{media_type};base64,{b64encode(content).decode('ascii')}"
    return f'<a class="atelier-file" download="{html(file)}" href="{href}">{html(label)}</a>'
