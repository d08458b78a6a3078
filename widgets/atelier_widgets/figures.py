"""A figure in the page: its words, its drawing, and the row of what can be done with it."""

from collections.abc import Sequence
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
from atelier_widgets.selection import Selection
from atelier_widgets.terms import read_terms
from atelier_widgets.tools import Tools
from atelier_widgets.view import Asked, View, block, put
from atelier_widgets.words import html, word

Answers = list[tuple[str, Table]]
"""Tables shown together, each with the words for its place."""

Asking = list[tuple[str, Question]]
"""Questions asked together, each with the words for its place."""


class FigureView(View):
    """The figure that answers a question asked of the selection.

    Args:
        question: A function of the notebook: what is asked, given the selection.
        kind: Kind of figure; chosen from the answer by default.
        against: Dimensions whose group the selection is compared with, then the whole: ``["region"]`` draws the
            selection, its region and the country. The question is then asked without filters of place. A list of
            codes, ``["compare"]``, adds each of them. A function of the notebook, instead, asks the other table of a
            scatter or of diverging bars.
        highlight: Parameter whose code stands out; on a map, a click chooses it.
        fr: What is shown, in French, where the title computed does not do, and
        en: in English. The places compared are added.
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
        highlight: str = "",
        fr: str = "",
        en: str = "",
        wide: bool = False,
        **options: Any,
    ) -> None:
        self.question, self.kind, self.highlight, self.options = question, kind, highlight, options
        self.other = against if callable(against) else None
        self.against, self.texts = None if callable(against) else against, (fr, en)
        self.name = f"figure {question.__name__}"
        self.figure: Figure | None = None
        self.chart: Chart | None = None
        self._drawn: tuple[str, Answers, Table | None] = ("", [], None)
        self.anchor = question.__name__.strip("_").replace("_", "-")
        self.head, self.foot = block("atelier-figure-head"), block("atelier-figure-foot")
        self.tools = Tools(self.anchor)
        self.widget = widgets.VBox([self.head, self.foot, self.tools.widget], layout={"min_width": "0"})
        self.widget.add_class("atelier-figure")
        if wide:
            self.widget.add_class("atelier-wide")

    def redraw(self, selection: Selection) -> None:
        """Draw the figure of another selection, or say kindly that the data do not allow it."""
        try:
            asked = self._asked(selection)
            tables = [(label, self.dashboard.ask(question)) for label, question in asked]
            code = selection.implied(self.highlight) if self.highlight else ""
            other = None if self.other is None else self.dashboard.ask(self.other(selection))
            if self.figure is None or self._drawn != (code, tables, other):
                self.figure, self._drawn = self._build(tables, code, selection, other), (code, tables, other)
                self._draw(self.figure)
                self._write(self.figure, [question for _, question in asked])
        except QuestionError:
            self.figure = None
            put(self.head, f'<p class="atelier-none">{html(word("no-figure", selection.language))}</p>')
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
        if len(tables) > 1 or any(self.texts):
            options["title"] = self._title(table, [label for label, _ in tables], selection)
        if code and any(code in dimension.members for dimension in table.dimensions):
            options["highlight"] = code
        return table.figure(self.kind, **options)

    def _write(self, figure: Figure, asked: Sequence[Question]) -> None:
        theme = self.dashboard.workbench.theme
        terms = read_terms(theme, figure.language)
        foot, met = render_foot(figure, terms, self.anchor)
        put(self.head, render_head(figure, self.anchor))
        put(self.foot, foot)
        spoken = [question.in_language(figure.language) for question in asked]
        self.tools.show(figure, spoken, theme.id, terms, met)

    def _asked(self, selection: Selection) -> Asking:
        """Return the questions whose answers are shown together, each with the words for its place."""
        question = self.question(selection)
        whole = self.dashboard.workbench.theme.card.whole[selection.language]
        if self.against is None:
            return [(_place(selection) or whole, question)]
        year = {} if "year" in question.dimensions else selection.only("year")
        places = {name: code for name, code in selection.without("year").items() if code}
        asked = [(_place(selection), question.where(**places, **year))] if places else []
        for name in self.against:
            column = selection.choices.dimensions[name].column
            is_list = selection.choices.is_list(name)
            for code in selection.many(name) if is_list else filter(None, [selection.implied(name)]):
                if places != {column: code}:
                    label = selection.choices.dimensions[name].label(code, selection.language)
                    asked.append((label, question.where(**{column: code}, **year)))
        return [*asked, (whole, question.where(**year))]

    def _title(self, table: Table, places: list[str], selection: Selection) -> str:
        what = self.dashboard.words(*self.texts) or table.card.label[selection.language]
        is_dated = "year" in selection and all(dimension.kind != "time" for dimension in table.dimensions)
        year = f", {selection.label('year')}" if is_dated else ""
        where = format_list(places, selection.language)
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
            guard(self.chart.widget, self.dashboard.refuse)
        children = (self.head, self.chart.widget, self.foot, self.tools.widget)
        if self.widget.children != children:
            self.widget.children = children
        if old is not None:
            for part in list(parts(old.widget)):
                part.close()

    def _choose(self, code: str) -> None:
        self.dashboard.choose(self.highlight, code)


def _place(selection: Selection) -> str:
    chosen = [selection.label(name) for name, code in selection.items() if code and name != "year"]
    return ", ".join(reversed(chosen))
