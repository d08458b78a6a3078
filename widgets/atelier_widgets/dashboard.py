"""A dashboard: one selection, and views that follow it together."""

import os
import re
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from html import escape
from typing import Any
from weakref import ref

import comm
import ipywidgets as widgets

from atelier.errors import AtelierError, QuestionError, UnknownNameError
from atelier.figures import Figure
from atelier.indicators import Dimension
from atelier.parameters import Value
from atelier.workbench import Question, Table, Workbench
from atelier_widgets.addresses import Addresses
from atelier_widgets.controls import Controls
from atelier_widgets.figures import FigureView
from atelier_widgets.guard import LONGEST, guard, put_children_first
from atelier_widgets.headings import Contents, Heading
from atelier_widgets.selection import Selection, build_choices, read_selection
from atelier_widgets.still import Part
from atelier_widgets.view import View
from atelier_widgets.words import word

ADDRESS = "QUERY_STRING"
"""Variable in which Voilà tells a kernel the query of its page's address; absent in JupyterLab."""

PATH = "SCRIPT_NAME"
"""Variable that holds the path of the page, ``/services/public/dashboards/esr/students``."""

RESTORE_TARGET = "atelier.restore"
"""Comm target on which a kernel that was forked after its notebook ran is told its reader's query."""

_STATES_TARGET = "jupyter.widget.control"
"""Comm target of ipywidgets on which a page asks for the state of every widget."""

_ANSWERS_KEPT = 256
_PAGE = re.compile(r"dashboards/([a-z0-9-]+/[a-z0-9-]+)$")


class Dashboard:
    """One selection, and views that follow it together.

    Args:
        workbench: An opened theme.
        indicators: Indicator whose figures tell which choices go together, or several: a choice has figures of one of
            them at least. What is chosen must be a dimension of each.
        required: Parameters of which one code is always chosen. Dimensions whose parts are never added are, where the
            dataset gives no total of its own.
        options: Parameters that are no dimension, and what they may be: ``{"peers": group.dimension}``.
        environment: Variables of the process; ``QUERY_STRING`` holds the query of the page's address, ``SCRIPT_NAME``
            its path.
        among: Dimension of each list of codes that is not named after one: ``{"compare": "institution"}``. Such a
            list limits nothing; views that are told so (``against=["compare"]``) set its codes beside the selection.
        **parameters: The parameters of the notebook, in the order of its cell. Each is a dimension of the indicators
            (``institution_type`` for ``institution-type``), a list of ``among``, an option, or ``lang``.

    Attributes:
        selection: What is chosen now, always valid.
        messages: What the reader must know of the last choice: what was refused, what changed with it.
        page: ``<theme>/<dashboard>`` of the public's page; empty in JupyterLab.

    Raises:
        UnknownNameError: A parameter that is neither a dimension of the indicators, an option, nor ``lang``.
    """

    def __init__(
        self,
        workbench: Workbench,
        indicators: str | Sequence[str] = "students",
        *,
        required: Sequence[str] = (),
        options: Mapping[str, Dimension] | None = None,
        environment: Mapping[str, str] | None = None,
        among: Mapping[str, str] | None = None,
        **parameters: Value | list[str],
    ) -> None:
        environment = os.environ if environment is None else environment
        self.workbench = workbench
        self.in_page = ADDRESS in environment
        self.page = _find_page(environment) if self.in_page else ""
        self._answers: OrderedDict[object, Table] = OrderedDict()
        self._views: dict[str, View] = {}
        self._parts: list[Part] = []
        self._is_behind = False
        names = [indicators] if isinstance(indicators, str) else list(indicators)
        every = [workbench.dimensions(name) for name in names]
        dimensions = {name: _merged([one[name] for one in every]) for name in every[0] if all(name in d for d in every)}
        known = dimensions | {name.replace("_", "-"): _require(dimensions, one) for name, one in (among or {}).items()}
        asked = [known[name.replace("_", "-")].id for name in parameters if name.replace("_", "-") in known]
        times = [name for name, one in dimensions.items() if one.kind == "time" and name not in asked]
        tables = [workbench.indicator(name).by(*times, *dict.fromkeys(asked)).table() for name in names]
        shared = {name for one in names for name in _never_added(workbench, one)}
        values = {name: tuple(one) if isinstance(one, list) else one for name, one in parameters.items()}
        self.choices = build_choices(values, known, tables, required=required, shared=shared, options=options)
        self.selection, self.messages = self._read(environment.get(ADDRESS, ""))
        # Asked for by its module's name: a kernel puts its own in there.
        comm.get_comm_manager().register_target(RESTORE_TARGET, self._restore)
        _prepare_forks(workbench)

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
        if fr and (contents := self._views.get(Contents.name)) is not None:
            contents.redraw(self.selection)
        box = Part([view.widget for view in shown], self._drawings)
        self._parts.append(box)
        box.add_class("atelier-part")
        guard(box, self.refuse, self.catch_up)
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

    def prepare(self) -> None:
        """Make every file to take away, as a page that no kernel serves must hold them all."""
        for view in self.views:
            view.prepare()

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

    def answer(self, question: Question) -> Table | None:
        """Return the answer to a question; None where the data have no such code, or cannot answer."""
        try:
            return self.ask(question)
        except QuestionError:
            return None
        except UnknownNameError as error:
            if error.kind not in self.workbench.dimensions(question.indicator):
                raise
            return None

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

    @property
    def addresses(self) -> Addresses:
        """The addresses of this selection."""
        site = self.workbench.settings.address.rstrip("/") + "/"
        return Addresses(site, self.page, self.selection.query)

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
        return read_selection(self.choices, self.choices.parameters.split_query(query[:LONGEST]))

    def _restore(self, line: Any, message: Mapping[str, Any]) -> None:
        query = message.get("content", {}).get("data", {}).get("query")
        if not isinstance(query, str):
            return
        if message["content"]["data"].get("draw") is False:
            self._await_choice(query)
            return
        self.restore(query)
        if message["content"]["data"].get("static") is True:
            line.send(self._edition())
            return
        put_children_first(self._parts)
        line.send({"drawn": {part.model_id: part.still() for part in self._parts}})

    def _await_choice(self, query: str) -> None:
        """Take the selection of a page that woke for its next choice: only the lists follow, to be chosen from.

        All is drawn once, after that choice; whatever comes first instead, a press or a look at every widget, draws it.
        """
        self.selection, self.messages = self._read(query)
        self._is_behind = True
        if (controls := self._views.get(Controls.name)) is not None:
            controls.redraw(self.selection)

        def tell_states(line: Any, message: Mapping[str, Any]) -> None:
            self.catch_up()
            widgets.Widget.handle_control_comm_opened(line, message)

        comm.get_comm_manager().register_target(_STATES_TARGET, tell_states)

    def catch_up(self) -> None:
        """Draw the selection, where a choice was awaited that did not come."""
        if self._is_behind:
            self._redraw()

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
        self._is_behind = False
        for view in self.views:
            view.redraw(self.selection)


def _require(dimensions: Mapping[str, Dimension], name: str) -> Dimension:
    if name not in dimensions:
        raise UnknownNameError("dimension", name, list(dimensions))
    return dimensions[name]


def _find_page(environment: Mapping[str, str]) -> str:
    found = _PAGE.search(environment.get(PATH, ""))
    return found[1] if found else ""


def _merged(dimensions: Sequence[Dimension]) -> Dimension:
    """Return one dimension that has the members of several, in the order of the first."""
    members = {code: member for one in reversed(dimensions) for code, member in one.members.items()}
    order = dict.fromkeys(code for one in dimensions for code in one.members)
    ordered = sorted(order, key=int) if dimensions[0].kind == "time" else list(order)
    return replace(dimensions[0], members={code: members[code] for code in ordered})


def _never_added(workbench: Workbench, indicator: str) -> list[str]:
    """Return the parameters whose codes are never added and have no total: one must be chosen."""
    declared = workbench.theme.datasets[workbench.theme.require_indicator(indicator).dataset]
    return [one.name for one in declared.fields if one.role == "dimension" and not (one.partition or one.total)]


def _prepare_forks(workbench: Workbench) -> None:
    """Let go of what forks may not share before the process forks: a child would wait for ever on an open database."""
    known = ref(workbench)

    def prepare() -> None:
        if (opened := known()) is not None:
            opened.engine.prepare_fork()

    if hasattr(os, "register_at_fork"):
        os.register_at_fork(before=prepare)
