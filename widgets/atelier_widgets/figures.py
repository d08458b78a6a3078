"""A figure in the page: its words, its drawing, and the row of what can be done with it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import ipywidgets as widgets

from atelier.errors import QuestionError
from atelier.figures import Figure, FigureKind
from atelier.indicators import side_by_side
from atelier.language import format_list, same
from atelier.workbench import Question, Table
from atelier_widgets.captions import render_foot, render_head
from atelier_widgets.charts import Chart, new_chart
from atelier_widgets.guard import guard, parts
from atelier_widgets.peers import Peers, format_years
from atelier_widgets.selection import Selection
from atelier_widgets.terms import read_terms
from atelier_widgets.tools import Tools
from atelier_widgets.view import Asked, View, block, put
from atelier_widgets.words import html, word

_INSTEAD: Mapping[FigureKind, FigureKind | None] = {"distribution": "bars", "scatter": "bars", "heat": None}
"""What is drawn where an answer is too small for a kind: few members, or a single row."""

Answers = list[tuple[str, Table]]
"""Tables shown together, each with the words for its place."""

Shown = list[tuple[str, Question, Table]]
"""The same with the question that each one answers."""


class FigureView(View):
    """The figure that answers a question asked of the selection.

    Args:
        question: A function of the notebook: what is asked, given the selection.
        kind: Kind of figure; chosen from the answer by default.
        against: Dimensions whose group the selection is compared with, then the whole: ``["region"]`` draws the
            selection, its region and the country. The question is then asked without filters of place. A list of
            codes, ``["compare"]``, adds each of them. A function of the notebook, instead, asks the other table of a
            scatter or of diverging bars.
        among: Peers of the selection: the question is broken down by them, the selection's own member stands out.
        highlight: Parameter whose code stands out; on a map, a click chooses it.
        fr: What is shown, in French, where the title computed does not do, and
        en: in English. The places compared are added.
        thresholds: Whether the thresholds of the indicator's card are drawn, and told in a note.
        wide: Whether the figure takes the page's whole width.
        **options: Other options of ``Table.figure``.

    Attributes:
        figure: What is drawn now; None when the data do not allow it.
        anchor: Its name in addresses: that of ``question``, with hyphens.
    """

    def __init__(
        self,
        question: Asked,
        kind: FigureKind | None = None,
        *,
        against: Sequence[str] | Asked | None = None,
        among: Peers | None = None,
        highlight: str = "",
        fr: str = "",
        en: str = "",
        thresholds: bool = False,
        wide: bool = False,
        **options: Any,
    ) -> None:
        self.question, self.kind, self.highlight, self.options = question, kind, highlight, options
        self.other = against if callable(against) else None
        self.against, self.texts = None if callable(against) else against, (fr, en)
        self.among, self.has_thresholds = among, thresholds
        self.name = f"figure {question.__name__}"
        self.figure: Figure | None = None
        self.chart: Chart | None = None
        self._drawn: tuple[str, Answers, Table | None] = ("", [], None)
        self.anchor = question.__name__.strip("_").replace("_", "-")
        self.head, self.foot = block("atelier-figure-head"), block("atelier-figure-foot")
        self.tools = Tools(self.anchor)
        self.widget = widgets.VBox([self.head, self.foot, self.tools.widget], layout={"min_width": "0"})
        self.widget.add_class("atelier-figure")
        self.widget.add_class(f"figure-{question.__name__.replace('_', '-')}")
        if wide:
            self.widget.add_class("atelier-wide")

    def redraw(self, selection: Selection) -> None:
        """Draw the figure of another selection, or say kindly that the data do not allow it."""
        try:
            shown = self._shown(selection)
            tables = [(label, table) for label, _, table in shown]
            name = self.among.member if self.among else self.highlight
            code = selection.implied(name) if name else ""
            other = self._other(selection)
            if self.figure is None or self._drawn != (code, tables, other):
                self.figure, self._drawn = self._build(tables, code, selection, other), (code, tables, other)
                self._draw(self.figure)
                self._write(self.figure, [question for _, question, _ in shown])
        except QuestionError:
            self.figure = None
            put(self.head, f'<p class="atelier-none">{html(self._refusal(selection))}</p>')
            put(self.foot, "")
            self.tools.clear()
            self.widget.children = (self.head, self.foot)
            return
        theme = self.dashboard.workbench.theme
        self.tools.locate(self.dashboard.addresses, theme.card.publisher[selection.language])

    @property
    def table(self) -> Table | None:
        """The table behind the figure."""
        return None if self.figure is None else self.figure.table  # type: ignore[return-value]

    def prepare(self) -> None:
        """Make the files of the figure."""
        self.tools.prepare()

    def _build(self, tables: Answers, code: str, selection: Selection, other: Table | None) -> Figure:
        options = {**self.options, **({} if other is None else {"against": other})}
        table = side_by_side({str(rank): (same(label), one) for rank, (label, one) in enumerate(tables)})
        if len(tables) > 1 or any(self.texts) or self.among:
            options["title"] = self._title(table, [label for label, _ in tables], selection)
        varied = [one for one in table.dimensions if table.cells[one.column].nunique() > 1]
        if code and any(code in dimension.members for dimension in varied):
            options["highlight"] = code
        lines = [(_threshold(table, one.value, self.kind), one) for one in table.card.thresholds if self.has_thresholds]
        options["references"] = [*options.get("references", ()), *((words, one.value) for words, one in lines)]
        figure = self._figure(table, options)
        notes = [f"{words} – {one.label[table.language]}." for words, one in lines]
        return replace(figure, notes=(*figure.notes, *notes)) if notes else figure

    def _figure(self, table: Table, options: dict[str, Any]) -> Figure:
        try:
            return table.figure(self.kind, **options)
        except QuestionError:
            if self.kind is None or self.kind not in _INSTEAD:
                raise
            alone = {name: value for name, value in options.items() if name != "against"}
            return table.figure(_INSTEAD[self.kind], **alone)

    def _other(self, selection: Selection) -> Table | None:
        """Return the other table of a scatter or of diverging bars.

        Raises:
            QuestionError: The data have no such table for this choice.
        """
        if self.other is None:
            return None
        question = self.other(selection)
        other = self.dashboard.answer(question if self.among is None else self.among.split(question, selection))
        if other is None:
            raise QuestionError("no other table to set this one against.")
        return other

    def _write(self, figure: Figure, asked: Sequence[Question]) -> None:
        theme = self.dashboard.workbench.theme
        terms = read_terms(theme, figure.language)
        foot, met = render_foot(figure, terms, self.anchor)
        put(self.head, render_head(figure, self.anchor))
        put(self.foot, foot)
        spoken = [question.in_language(figure.language) for question in asked]
        self.tools.show(figure, spoken, theme.id, terms, met)

    def _shown(self, selection: Selection) -> Shown:
        """Return the answers shown together; what has no value is left out where something else is shown.

        Raises:
            QuestionError: None has a value.
        """
        asked = [(label, question, self.dashboard.answer(question)) for label, question in self._asked(selection)]
        shown = [
            (label, question, table)
            for label, question, table in asked
            if table is not None and table.cells["value"].notna().any()
        ]
        if not shown:
            raise QuestionError("no value to draw: choose a year or a place that has figures.")
        return shown

    def _asked(self, selection: Selection) -> list[tuple[str, Question]]:
        """Return the questions whose answers are shown together, each with the words for its place."""
        question, whole = self.question(selection), self.dashboard.workbench.theme.card.whole[selection.language]
        if self.among is not None:
            return [(self.among.describe(selection), self.among.split(question, selection))]
        if self.against is None:
            return [(_place(selection) or whole, question)]
        # What the reader chose is set anew for each place: kept, it would make the whole a copy of the part.
        chosen = {_id(name) for name in selection}
        question = replace(question, filters=tuple(one for one in question.filters if one[0] not in chosen))
        kept = {name: code for name, code in selection.context.items() if _id(name) not in question.dimensions}
        places = selection.places
        asked = [(_place(selection), question.where(**places, **kept))] if places else []
        for name in self.against:
            column = selection.choices.dimensions[name].column
            is_list = selection.choices.is_list(name)
            for code in selection.many(name) if is_list else filter(None, [selection.implied(name)]):
                if places != {column: code}:
                    label = selection.choices.dimensions[name].label(code, selection.language)
                    asked.append((label, question.where(**{column: code}, **kept)))
        return [*asked, (whole, question.where(**kept))]

    def _refusal(self, selection: Selection) -> str:
        """Return why there is nothing to draw, and what would have something."""
        question, language = self.question(selection), selection.language
        if (answer := self.dashboard.answer(question)) is not None and answer.cells["value"].notna().any():
            return word("no-drawing", language)
        label = self.dashboard.workbench.card(question.indicator).label[language]
        if "year" not in dict(question.filters):
            return word("no-figure", language, label=label)
        others = tuple((name, code) for name, code in question.filters if name != "year")
        over_time = replace(question, dimensions=("year",), filters=others)
        table = self.dashboard.answer(over_time)
        cells = None if table is None else table.cells[table.cells["value"].notna()]
        if cells is None or cells.empty:
            return word("no-figure", language, label=label)
        years = format_years([int(year) for year in cells["year"]], language)
        return word("other-years", language, label=label, years=years)

    def _title(self, table: Table, places: list[str], selection: Selection) -> str:
        what = self.dashboard.words(*self.texts) or table.card.label[selection.language]
        times = [one for one in table.filter_dimensions if one.kind == "time" and len(table.filters[one.id]) == 1]
        is_dated = all(dimension.kind != "time" for dimension in table.dimensions)
        year = f", {table.filters[times[0].id][0]}" if times and is_dated else ""
        shown = {dimension.id for dimension in table.dimensions}
        held = [name for name in selection.context if name not in selection.times and _id(name) not in shown]
        where = " – ".join([format_list(places, selection.language), *map(selection.label, held)])
        return word("compared-title", selection.language, what=what, where=where) + year

    def _draw(self, figure: Figure) -> None:
        old = None
        if self.chart is None or not self.chart.can_draw(figure):
            old, self.chart = self.chart, new_chart(figure)
            self.chart.on_choice = self._choose if self.highlight else None
            self.chart.widget.add_class(f"atelier-kind-{figure.kind}")
        before = list(self.chart.widget.marks)
        self.chart.draw(figure)
        if before != list(self.chart.widget.marks):
            guard(self.chart.widget, self.dashboard.refuse, self.dashboard.catch_up)
        children = (self.head, self.chart.widget, self.foot, self.tools.widget)
        if self.widget.children != children:
            self.widget.children = children
        if old is not None:
            for part in list(parts(old.widget)):
                part.close()

    def _choose(self, code: str) -> None:
        self.dashboard.choose(self.highlight, code)


def _threshold(table: Table, value: float, kind: FigureKind | None) -> str:
    """Return the words of a threshold's line; a distribution writes the value itself."""
    if kind == "distribution":
        return word("threshold-line", table.language)
    unit = "" if table.card.unit.kind == "share" else f" {table.card.unit.label[table.language]}"
    return word("threshold", table.language, value=table.format(value) + unit)


def _place(selection: Selection) -> str:
    return ", ".join(selection.label(name) for name in reversed(list(selection.places)))


def _id(name: str) -> str:
    return name.replace("_", "-")
