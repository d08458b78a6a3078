"""The lists from which a reader chooses."""

from typing import TYPE_CHECKING

import ipywidgets as widgets

from atelier_widgets.selection import Selection
from atelier_widgets.view import View, block, put
from atelier_widgets.words import html, word

if TYPE_CHECKING:
    from atelier_widgets.dashboard import Dashboard


class Controls(View):
    """One list per parameter that is a dimension, what to know of the choice, and the address of the view."""

    name = "controls"

    def __init__(self) -> None:
        self.lists: dict[str, widgets.Dropdown] = {}
        self.notice = block("atelier-notice")
        self.status = block("atelier-status")
        self.address = block("atelier-address")
        self.reset = widgets.Button(description="")
        self.reset.add_class("atelier-quiet")
        self.widget = widgets.Box([])
        self.widget.add_class("atelier-controls")
        self._is_following = False

    def attach(self, dashboard: "Dashboard") -> None:
        """Make one list per dimension chosen."""
        super().attach(dashboard)
        for name in dashboard.choices.dimensions:
            control = widgets.Dropdown(layout={"width": "auto"})
            control.style.description_width = "initial"
            control.add_class("atelier-list")
            control.observe(lambda change, name=name: self._choose(name, change["new"]), "value")
            self.lists[name] = control
        self.reset.on_click(lambda _button: dashboard.reset())
        row = widgets.Box([*self.lists.values(), self.reset])
        row.add_class("atelier-lists")
        self.widget.children = (row, self.notice, self.status, self.address)
        self.said = False

    def redraw(self, selection: Selection) -> None:
        """Show the codes that may be chosen, what is chosen, and the messages."""
        self._is_following = True
        for name, control in self.lists.items():
            self._fill(control, name, selection)
        self._is_following = False
        self.reset.description = word("reset", selection.language)
        self.reset.disabled = selection.query in ("", "lang=en")
        self.tell(selection)
        put(self.address, f'{self.dashboard.style()}<div data-atelier-query="{html(selection.query)}" hidden></div>')

    def tell(self, selection: Selection) -> None:
        """Show the messages to those who see them and to those who hear them."""
        messages = "".join(f"<p>{html(message)}</p>" for message in self.dashboard.messages)
        put(self.notice, messages)
        self.notice.layout.display = None if messages else "none"
        spoken = [*self.dashboard.messages, word("now-shown", selection.language, selection=selection.describe())]
        put(self.status, f"<p>{html(' '.join(spoken))}</p>" if self.said else "")
        self.said = True

    def _fill(self, control: widgets.Dropdown, name: str, selection: Selection) -> None:
        codes = self.dashboard.choices.codes(name, selection.chosen)
        options = tuple((self.dashboard.choices.label(name, code, selection.language), code) for code in codes)
        value = str(selection.chosen[name])
        with control.hold_sync():
            control.description = self.dashboard.choices.dimensions[name].title[selection.language]
            if control.options != options:
                control.index = None
                control.options = options
            control.value = value

    def _choose(self, name: str, value: object) -> None:
        if not self._is_following and value is not None:
            self.dashboard.choose(name, value)
