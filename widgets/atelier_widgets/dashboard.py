"""A dashboard: one selection, and views that follow it together."""

import os
from collections import OrderedDict
from collections.abc import Mapping
from html import escape
from typing import Any
from urllib.parse import parse_qsl
from weakref import ref

import comm
import ipywidgets as widgets

from atelier.errors import AtelierError
from atelier.figures import Figure
from atelier.parameters import Value
from atelier.workbench import Question, Table, Workbench
from atelier_widgets.figures import FigureView
from atelier_widgets.guard import guard, put_children_first
from atelier_widgets.headings import Heading
from atelier_widgets.selection import Selection, build_choices, read_selection
from atelier_widgets.still import Part
from atelier_widgets.view import View
from atelier_widgets.words import word

ADDRESS = "QUERY_STRING"
"""Variable in which Voilà tells a kernel the query of its page's address; absent in JupyterLab."""

RESTORE_TARGET = "atelier.restore"
"""Comm target on which a kernel that was forked after its notebook ran is told its reader's query."""

_ANSWERS_KEPT = 256
_QUERY_LIMIT = 2000


class Dashboard:
    """One selection, and views that follow it together.

    Args:
        workbench: An opened theme.
        indicator: Indicator whose figures tell which choices go together.
        environment: Variables of the process; ``QUERY_STRING`` holds the query of the page's address.
        **parameters: The parameters of the notebook, in the order of its cell. Each is a dimension of the indicator
            (``institution_type`` for ``institution-type``), or ``lang``.

    Attributes:
        selection: What is chosen now, always valid.
        messages: What the reader must know of the last choice: what was refused, what changed with it.

    Raises:
        UnknownNameError: A parameter that is neither a dimension of the indicator nor ``lang``.
    """

    def __init__(
        self,
        workbench: Workbench,
        indicator: str = "students",
        *,
        environment: Mapping[str, str] | None = None,
        **parameters: Value,
    ) -> None:
        environment = os.environ if environment is None else environment
        self.workbench = workbench
        self.in_page = ADDRESS in environment
        self._answers: OrderedDict[object, Table] = OrderedDict()
        self._views: dict[str, View] = {}
        self._parts: list[Part] = []
        dimensions = workbench.dimensions(indicator)
        asked = [name.replace("_", "-") for name in parameters if name.replace("_", "-") in dimensions]
        table = workbench.indicator(indicator).by(*asked).table()
        self.choices = build_choices(parameters, dimensions, table)
        self.selection, self.messages = self._read(environment.get(ADDRESS, ""))
        # Asked for by its module's name: a kernel puts its own in there.
        comm.get_comm_manager().register_target(RESTORE_TARGET, self._restore)
        _close_at_fork(workbench)

    def show(self, *views: View, fr: str = "", en: str = "") -> widgets.Box:
        """Return views to put in the page, one above the other on a phone, side by side where there is room.

        Args:
            *views: The views; from now on they follow the selection.
            fr: Heading of this part of the page, in French, and
            en: in English.
        """
        shown = ([Heading(fr=fr, en=en)] if fr else []) + list(views)
        for view in shown:
            view.attach(self)
            view.redraw(self.selection)
            self._views[view.name] = view
        box = Part([view.widget for view in shown], self._drawings)
        self._parts.append(box)
        box.add_class("atelier-part")
        guard(box, self.refuse)
        return box

    def choose(self, name: str, value: object) -> None:
        """Change one choice; every view follows. A choice that does not exist changes nothing, and is told so."""
        try:
            self.selection, self.messages = self.selection.choose(name, value)
        except AtelierError:
            self.refuse()
            return
        self._redraw()

    def restore(self, query: str) -> None:
        """Show the selection of an address's query, as if the notebook had run with it."""
        self.selection, self.messages = self._read(query)
        self._redraw()

    def reset(self) -> None:
        """Go back to the choices of the notebook."""
        lang = {"lang": str(self.selection.chosen["lang"])} if "lang" in self.selection.chosen else {}
        self.selection, self.messages = read_selection(self.choices, lang)
        self._redraw()

    def refuse(self) -> None:
        """Tell the reader that what was asked does not exist; the last good selection stays."""
        refused = (word("refused", self.selection.language),)
        if self.messages != refused:
            self.messages = refused
            for view in self.views:
                view.tell(self.selection)

    def ask(self, question: Question) -> Table:
        """Return the answer to a question in the reader's language; a recent one is remembered."""
        asked = question.in_language(self.selection.language)
        key = (asked.indicator, asked.dimensions, repr(asked.filters), asked.then, asked.language)
        if key not in self._answers:
            self._answers[key] = asked.table()
            if len(self._answers) > _ANSWERS_KEPT:
                self._answers.popitem(last=False)
        self._answers.move_to_end(key)
        return self._answers[key]

    @property
    def views(self) -> tuple[View, ...]:
        """The views shown, in order."""
        return tuple(self._views.values())

    @property
    def link(self) -> str:
        """Return the address of this view, relative to its page; empty outside a page."""
        if not self.in_page:
            return ""
        return escape(f"?{self.selection.query}", quote=True)

    def style(self) -> str:
        """Return the style sheet of widgets where no page links it, in JupyterLab; empty elsewhere."""
        sheet = self.workbench.settings.home / "templates" / "site" / "widgets.css"
        if self.in_page or not sheet.is_file():
            return ""
        return f"<style>{sheet.read_text('utf-8')}</style>"

    def words(self, fr: str, en: str) -> str:
        """Return words in the reader's language."""
        return fr if self.selection.language == "fr" else en

    def _read(self, query: str) -> tuple[Selection, tuple[str, ...]]:
        return read_selection(self.choices, dict(parse_qsl(query[:_QUERY_LIMIT], keep_blank_values=True)))

    def _restore(self, line: Any, message: Mapping[str, Any]) -> None:
        query = message.get("content", {}).get("data", {}).get("query")
        if not isinstance(query, str):
            return
        self.restore(query)
        if message["content"]["data"].get("static") is True:
            line.send(self._edition())
            return
        put_children_first(self._parts)
        line.send({"drawn": {part.model_id: part.still() for part in self._parts}})

    def _edition(self) -> dict[str, Any]:
        """Return what a static edition of the selection is made from."""
        for view in self.views:
            view.prepare()
        selection, choices = self.selection, self.choices
        return {
            "drawn": {part.model_id: part.still(is_live=False) for part in self._parts},
            "query": selection.query,
            "selection": selection.describe(),
            "codes": {
                name: [
                    (code, choices.label(name, code, selection.language))
                    for code in choices.codes(name, choices.parameters.defaults)
                    if code
                ]
                for name in choices.dimensions
            },
        }

    def _drawings(self) -> dict[str, Figure]:
        drawn = [view for view in self.views if isinstance(view, FigureView) and view.chart is not None]
        return {view.chart.widget.model_id: view.figure for view in drawn if view.chart and view.figure is not None}

    def _redraw(self) -> None:
        for view in self.views:
            view.redraw(self.selection)


def _close_at_fork(workbench: Workbench) -> None:
    """Close a theme's database before the process forks: a child would wait for ever on an open one."""
    known = ref(workbench)

    def close() -> None:
        if (opened := known()) is not None:
            opened.close()

    if hasattr(os, "register_at_fork"):
        os.register_at_fork(before=close)
