"""The lists from which a reader chooses.

In the public's page ``templates/site/controls.js`` makes more of them: years become a slider that plays, long lists are
searched by typing. What it adds only ever chooses an entry of the list below it.
"""

from typing import TYPE_CHECKING

import ipywidgets as widgets

from atelier_widgets.guard import AddressLine
from atelier_widgets.selection import Selection
from atelier_widgets.several import Several
from atelier_widgets.view import View, block, put
from atelier_widgets.words import html, word

if TYPE_CHECKING:
    from atelier_widgets.dashboard import Dashboard

_SEARCHED = 25
"""From this many entries, a list is searched by typing."""
_PLAYED = 3
"""From this many years, they are moved along by a slider."""
_SCRIPT_WORDS = ("copy", "copied", "search-none", "search-found", "play", "pause", "step")


class Controls(View):
    """One list per parameter that is a dimension, what to know of the choice, and the address of the view."""

    name = "controls"

    def __init__(self) -> None:
        self.lists: dict[str, widgets.Dropdown] = {}
        self.several: dict[str, Several] = {}
        self.notice = block("atelier-notice")
        self.status = block("atelier-status")
        self.address = block("atelier-address")
        self.back = AddressLine(continuous_update=False, layout={"display": "none"})
        self.back.add_class("atelier-back")
        self.reset = widgets.Button(description="")
        self.reset.add_class("atelier-quiet")
        self.widget = widgets.Box([])
        self.widget.add_class("atelier-controls")
        self._is_following = False

    def attach(self, dashboard: "Dashboard") -> None:
        """Make one list per dimension chosen."""
        super().attach(dashboard)
        choices = dashboard.choices
        for name, dimension in choices.dimensions.items():
            if choices.is_list(name):
                self.several[name] = Several(lambda codes, name=name: dashboard.choose(name, codes))  # type: ignore[misc]
                continue
            control = widgets.Dropdown(layout={"width": "auto"})
            control.style.description_width = "initial"
            control.add_class("atelier-list")
            if dimension.kind == "time" and len(dimension.members) >= _PLAYED:
                control.add_class("atelier-years")
            elif len(dimension.members) >= _SEARCHED:
                control.add_class("atelier-search")
            control.observe(lambda change, name=name: self._choose(name, change["new"]), "value")
            self.lists[name] = control
        self.reset.on_click(lambda _button: dashboard.reset())
        self.back.observe(lambda change: dashboard.restore(change["new"].partition("?")[2]), "value")
        row = widgets.Box([*self.lists.values(), self.reset])
        row.add_class("atelier-lists")
        row.add_class(f"atelier-lists-{min(len(self.lists), 4)}")
        several = [one.widget for one in self.several.values()]
        page = [self.back] if dashboard.in_page else []
        self.widget.children = (row, *several, self.notice, self.status, self.address, *page)
        self.said = False

    def redraw(self, selection: Selection) -> None:
        """Show the codes that may be chosen, what is chosen, and the messages."""
        self._is_following = True
        for name, control in self.lists.items():
            self._fill(control, name, selection)
        self._is_following = False
        for name, several in self.several.items():
            self._fill_several(several, name, selection)
        self.reset.description = word("reset", selection.language)
        self.reset.disabled = selection.query in ("", "lang=en")
        self.tell(selection)
        put(self.address, self.dashboard.style() + self._told_to_scripts(selection))

    def tell(self, selection: Selection) -> None:
        """Show the messages to those who see them and to those who hear them."""
        messages = "".join(f"<p>{html(message)}</p>" for message in self.dashboard.messages)
        put(self.notice, messages)
        self.notice.layout.display = None if messages else "none"
        spoken = [*self.dashboard.messages, word("now-shown", selection.language, selection=selection.describe())]
        put(self.status, f"<p>{html(' '.join(spoken))}</p>" if self.said else "")
        self.said = True

    def _told_to_scripts(self, selection: Selection) -> str:
        words = "".join(f' data-{name}="{html(word(name, selection.language, count="#"))}"' for name in _SCRIPT_WORDS)
        return f'<div data-atelier-query="{html(selection.query)}"{words} hidden></div>'

    def _fill(self, control: widgets.Dropdown, name: str, selection: Selection) -> None:
        choices, language = self.dashboard.choices, selection.language
        codes = choices.codes(name, selection.chosen)
        options = tuple((choices.label(name, code, language), code) for code in codes)
        value = str(selection.chosen[name])
        with control.hold_sync():
            control.description = choices.title(name, language)
            if control.options != options:
                control.index = None
                control.options = options
            control.value = value

    def _fill_several(self, several: Several, name: str, selection: Selection) -> None:
        choices, language = self.dashboard.choices, selection.language
        codes = choices.codes(name, selection.chosen)
        every, chosen = (
            [(choices.label(name, code, language), code) for code in some] for some in (codes, selection.many(name))
        )
        several.fill(choices.title(name, language), every, chosen, language)

    def _choose(self, name: str, value: object) -> None:
        if not self._is_following and value is not None:
            self.dashboard.choose(name, value)
