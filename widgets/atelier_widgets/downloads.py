"""The data of the page, to take away; files are made when they are asked for."""

import ipywidgets as widgets

from atelier.figures import Figure, render_svg
from atelier.indicators import StatTable
from atelier.indicators.export import to_csv, to_xlsx
from atelier_widgets.figures import FigureView
from atelier_widgets.selection import Selection
from atelier_widgets.view import View, block, data_link, put
from atelier_widgets.words import html, word

_SVG = "image/svg+xml"
_PICTURE_WIDTH = 960
_CSV = "text/csv;charset=utf-8"
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class Downloads(View):
    """CSV and XLSX of each figure's data and of the whole page, and the link to this view."""

    name = "downloads"

    def __init__(self) -> None:
        self.button = widgets.Button(description="")
        self.button.add_class("atelier-primary")
        self.files, self.link = block("atelier-files"), block("atelier-link")
        self.widget = widgets.VBox([self.button, self.files, self.link])
        self.widget.add_class("atelier-downloads")
        self.button.on_click(lambda _button: self.prepare())

    def redraw(self, selection: Selection) -> None:
        """Forget the files of the last selection."""
        self.button.description = word("prepare", selection.language)
        put(self.files, "")
        link = self.dashboard.link
        put(self.link, f'<p><a href="{link}">{html(word("this-view", selection.language))}</a></p>' if link else "")

    def prepare(self) -> None:
        """Make the files of the selection shown."""
        language = self.dashboard.selection.language
        views = [view for view in self.dashboard.views if isinstance(view, FigureView)]
        figures = {view.question.__name__: view.figure for view in views if view.figure is not None}
        rows = [self._row(name, figure.title, figure.table, picture=figure) for name, figure in figures.items()]
        if figures:
            rows.append(self._row("page", word("whole", language), *(figure.table for figure in figures.values())))
        put(self.files, f'<ul class="atelier-file-list">{"".join(rows)}</ul>')

    def _row(self, name: str, title: str, *tables: StatTable, picture: Figure | None = None) -> str:
        language = self.dashboard.selection.language
        csv = data_link(to_csv(*tables).encode(), _CSV, f"{name}.csv", word("csv", language))
        book = to_xlsx(*tables, link=self.dashboard.link)
        xlsx = data_link(book, _XLSX, f"{name}.xlsx", word("xlsx", language))
        svg = "" if picture is None else _picture_link(name, picture)
        return f"<li><span>{html(title)}</span> {csv} {xlsx} {svg}</li>"


def _picture_link(name: str, figure: Figure) -> str:
    drawing = render_svg(figure, _PICTURE_WIDTH, captions=True)
    return data_link(drawing.encode(), _SVG, f"{name}.svg", word("svg", figure.language))
