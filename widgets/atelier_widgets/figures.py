"""A figure in the page: title, drawing, reading sentence, scope, source, notes, data table and file."""

from collections.abc import Sequence
from typing import Any

import ipywidgets as widgets

from atelier.errors import QuestionError
from atelier.figures import Figure, FigureKind, render_table
from atelier.indicators import side_by_side
from atelier.indicators.export import to_csv
from atelier.language import format_list, same
from atelier.workbench import Table
from atelier_widgets.charts import Chart, new_chart
from atelier_widgets.guard import guard, parts
from atelier_widgets.selection import Selection
from atelier_widgets.view import Asked, View, block, data_link, put
from atelier_widgets.words import html, word

Answers = list[tuple[str, Table]]
"""Tables shown together, each with the words for its place."""


class FigureView(View):
    """The figure that answers a question asked of the selection.

    Args:
        question: A function of the notebook: what is asked, given the selection.
        kind: Kind of figure; chosen from the answer by default.
        against: Dimensions whose group the selection is compared with, then the whole: ``["region"]`` draws the
            selection, its region and the country. The question is then asked without filters of place. A function of
            the notebook, instead, asks the other table of a scatter or of diverging bars.
        highlight: Parameter whose code stands out; on a map, a click chooses it.
        fr: What is shown, in French, where the title computed does not do, and
        en: in English. The places compared are added.
        wide: Whether the figure takes the page's whole width.
        **options: Other options of ``Table.figure``.

    Attributes:
        figure: What is drawn now; None when the data do not allow it.
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
        self.head, self.foot = block("atelier-figure-head"), block("atelier-figure-foot")
        self.widget = widgets.VBox([self.head, self.foot], layout={"min_width": "0"})
        self.widget.add_class("atelier-figure")
        if wide:
            self.widget.add_class("atelier-wide")

    def redraw(self, selection: Selection) -> None:
        """Draw the figure of another selection, or say kindly that the data do not allow it."""
        try:
            tables = self._answers(selection)
            code = selection.implied(self.highlight) if self.highlight else ""
            other = None if self.other is None else self.dashboard.ask(self.other(selection))
            if self.figure is not None and self._drawn == (code, tables, other):
                return
            self.figure, self._drawn = self._build(tables, code, selection, other), (code, tables, other)
        except QuestionError:
            self.figure = None
            put(self.head, f'<p class="atelier-none">{html(word("no-figure", selection.language))}</p>')
            put(self.foot, "")
            self.widget.children = (self.head, self.foot)
            return
        self._draw(self.figure)
        put(self.head, _head(self.figure))
        put(self.foot, _foot(self.figure, self.question.__name__))

    @property
    def table(self) -> Table | None:
        """The table behind the figure."""
        return None if self.figure is None else self.figure.table  # type: ignore[return-value]

    def _build(self, tables: Answers, code: str, selection: Selection, other: Table | None) -> Figure:
        options = {**self.options, **({} if other is None else {"against": other})}
        table = side_by_side({str(rank): (same(label), one) for rank, (label, one) in enumerate(tables)})
        if len(tables) > 1 or any(self.texts):
            options["title"] = self._title(table, [label for label, _ in tables], selection)
        if code and any(code in dimension.members for dimension in table.dimensions):
            options["highlight"] = code
        return table.figure(self.kind, **options)

    def _answers(self, selection: Selection) -> Answers:
        """Return the tables to show together, each with the words for its place."""
        question, ask = self.question(selection), self.dashboard.ask
        whole = self.dashboard.workbench.theme.card.whole[selection.language]
        if self.against is None:
            return [(_place(selection) or whole, ask(question))]
        year = {} if "year" in question.dimensions else selection.only("year")
        places = {name: code for name, code in selection.without("year").items() if code}
        tables = [(_place(selection), ask(question.where(**places, **year)))] if places else []
        for name in self.against:
            code = selection.implied(name)
            if code and places != {name: code}:
                label = selection.choices.label(name, code, selection.language)
                tables.append((label, ask(question.where(**{name: code}, **year))))
        return [*tables, (whole, ask(question.where(**year)))]

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
        before = list(self.chart.widget.marks)
        self.chart.draw(figure)
        if before != list(self.chart.widget.marks):
            guard(self.chart.widget, self.dashboard.refuse)
        children = (self.head, self.chart.widget, self.foot)
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


def _head(figure: Figure) -> str:
    title = f"<h3>{html(figure.title)}</h3>"
    subtitle = f'<p class="atelier-subtitle">{html(figure.subtitle)}</p>'
    alt = f'<p class="atelier-hidden" data-atelier-alt="{html(figure.alt)}">{html(figure.alt)}</p>'
    return title + subtitle + _legend(figure) + alt


def _legend(figure: Figure) -> str:
    written = figure.kind in ("slope", "scatter", "heat", "distribution")
    keys = [(series.color, series.label) for series in figure.series] if len(figure.series) > 1 and not written else []
    shape = "line" if figure.kind in ("line", "multiples") else "area"
    if figure.kind in ("map", "tiles", "heat"):
        keys = [(one.color, one.label) for one in figure.classes]
    items = "".join(
        f'<li><span class="atelier-key atelier-key-{shape}" style="background:{color}"></span>{html(label)}</li>'
        for color, label in keys
    )
    return f'<ul class="atelier-legend">{items}</ul>' if items else ""


def _foot(figure: Figure, name: str) -> str:
    language = figure.language
    lines = [f'<p class="atelier-lecture">{html(figure.lecture)}</p>']
    if figure.kind in ("map", "tiles"):
        lines.append(f'<p class="atelier-help">{html(word("click-map", language))}</p>')
    small = (" ".join(figure.notes), figure.scope, figure.source)
    lines += [f'<p class="atelier-note">{html(words)}</p>' for words in small if words]
    csv = data_link(to_csv(figure.table).encode(), "text/csv;charset=utf-8", f"{name}.csv", word("csv", language))
    scrolled = f'<div class="atelier-table" tabindex="0" role="group" aria-label="{html(figure.title)}">'
    lines.append(
        f'<details class="atelier-data"><summary>{html(word("data", language))}</summary>'
        f"{scrolled}{render_table(figure)}</div><p>{csv}</p></details>"
    )
    return "".join(lines)
