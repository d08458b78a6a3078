"""A list from which a reader takes several codes: one is added at a time, each can be taken away again.

A list of the browser that allows several choices needs a key held down that few people know, and hides what is chosen.
Here what is chosen stands in sight, each code a button that takes it away.
"""

from collections.abc import Callable, Sequence

import ipywidgets as widgets

from atelier.parameters import MAX_CODES
from atelier_widgets.words import word

Entry = tuple[str, str]
"""Words and code."""


class Several:
    """A list to add from, and what was added.

    Args:
        choose: Called with the codes, in the order they were added.

    Attributes:
        widget: What is shown.
        adder: The list; its first entry says what it is for and adds nothing.
        removers: One button for each code that may be chosen; those not in use are not shown.
    """

    def __init__(self, choose: Callable[[tuple[str, ...]], None]) -> None:
        self._choose, self._chosen = choose, tuple[str, ...]()
        self._is_following = False
        self.adder = widgets.Dropdown(layout={"width": "auto"})
        self.adder.style.description_width = "initial"
        for name in ("atelier-list", "atelier-search"):
            self.adder.add_class(name)
        self.adder.observe(self._add, "value")
        self.removers = [widgets.Button(layout={"display": "none"}) for _ in range(MAX_CODES)]
        for place, button in enumerate(self.removers):
            button.add_class("atelier-chip")
            button.on_click(lambda _button, place=place: self._remove(place))
        chips = widgets.Box(self.removers)
        chips.add_class("atelier-chips")
        self.widget = widgets.Box([self.adder, chips])
        self.widget.add_class("atelier-several")

    def fill(self, title: str, entries: Sequence[Entry], chosen: Sequence[Entry], language: str) -> None:
        """Show what may be added and what is chosen.

        Args:
            title: Words beside the list.
            entries: Every code that may be chosen.
            chosen: Those that are.
            language: Language of the words.
        """
        self._is_following = True
        self._chosen = tuple(code for _, code in chosen)
        left = [entry for entry in entries if entry[1] not in self._chosen]
        options = ((word("add", language), ""), *(left if len(chosen) < MAX_CODES else ()))
        with self.adder.hold_sync():
            self.adder.description = title
            if self.adder.options != options:
                self.adder.index = None
                self.adder.options = options
            self.adder.value = ""
        # A browser that chose this entry shows it until it is told otherwise.
        self.adder.send_state("index")
        for button, (label, _) in zip(self.removers, chosen, strict=False):
            button.description, button.tooltip = label, word("remove", language, label=label)
            button.layout.display = None
        for button in self.removers[len(chosen) :]:
            button.layout.display = "none"
        self._is_following = False

    def _add(self, change: dict[str, object]) -> None:
        if not self._is_following and change["new"]:
            self._choose((*self._chosen, str(change["new"])))

    def _remove(self, place: int) -> None:
        if place < len(self._chosen):
            self._choose(self._chosen[:place] + self._chosen[place + 1 :])
