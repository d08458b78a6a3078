"""The data of the page, to take away; files are made when they are asked for."""

import ipywidgets as widgets

from atelier.indicators.export import to_csv, to_xlsx
from atelier_widgets.figures import FigureView
from atelier_widgets.selection import Selection
from atelier_widgets.tools import CSV, XLSX
from atelier_widgets.view import View, block, data_link, put
from atelier_widgets.words import html, word


class Downloads(View):
    """CSV and XLSX of the data of the whole page, and the link to this view; each figure has its own files under it."""

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
        tables = [table for view in views if view.figure is not None for table in view.figure.tables]
        if not tables:
            return
        csv = data_link(to_csv(*tables).encode(), CSV, "page.csv", word("csv", language))
        book = to_xlsx(*tables, link=self.dashboard.addresses.view())
        xlsx = data_link(book, XLSX, "page.xlsx", word("xlsx", language))
        row = f"<li><span>{html(word('whole', language))}</span> {csv} {xlsx}</li>"
        put(self.files, f'<ul class="atelier-file-list">{row}</ul>')
