"""The row under a figure: its data, its files, how to cite and share it, how it was computed, how it is read.

Each opens a panel below the row. Files are made when they are asked for: a page of ten figures does not carry forty.
"""

from collections.abc import Sequence

import ipywidgets as widgets

from atelier.figures import Figure, how_to_read, render_svg, render_table
from atelier.indicators.export import to_csv, to_xlsx
from atelier.language import format_number
from atelier.workbench import Question
from atelier_widgets.addresses import Addresses
from atelier_widgets.method import render_method, write_recipe
from atelier_widgets.terms import Terms
from atelier_widgets.view import block, data_link, put
from atelier_widgets.words import html, word

CSV = "text/csv;charset=utf-8"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_SVG = "image/svg+xml"
_SVG_WIDTH = 760
_KILOBYTE = 1000


class Tools:
    """The row of one figure.

    Args:
        anchor: Name of the figure in addresses.

    Attributes:
        widget: What is shown.
        files: Where the links to the files are put.
    """

    def __init__(self, anchor: str) -> None:
        self.anchor = anchor
        self.figure: Figure | None = None
        self._address = ""
        self.data, self.share, self.more = block("atelier-tool"), block("atelier-tool"), block("atelier-tool")
        self.files = block("atelier-files")
        self.button = widgets.Button(description="")
        self.button.add_class("atelier-take")
        self.button.on_click(lambda _button: put(self.files, "") if self.files.value else self.prepare())
        self.widget = widgets.Box([self.data, self.button, self.share, self.more, self.files])
        self.widget.add_class("atelier-tools")

    def show(self, figure: Figure, asked: Sequence[Question], theme: str, terms: Terms, met: Sequence[str]) -> None:
        """Show what belongs to another figure.

        Args:
            figure: The figure.
            asked: The questions that its table answers.
            theme: Identifier of the theme.
            terms: The glossary.
            met: The terms used around the figure.
        """
        self.figure, language = figure, figure.language
        scrolled = f'<div class="atelier-table" tabindex="0" role="group" aria-label="{html(figure.title)}">'
        self.button.description = word("take", language)
        put(self.data, _panel("data", language, f"{scrolled}{render_table(figure)}</div>", "atelier-data"))
        method = render_method(figure, write_recipe(theme, asked), terms, met, self.anchor)
        reading = how_to_read(figure.kind, language)
        panels = _panel("method", language, method)
        put(self.more, panels + (_panel("how-to-read", language, f"<p>{html(reading)}</p>") if reading else ""))

    def locate(self, addresses: Addresses, publisher: str) -> None:
        """Write the addresses of the figure in another selection; files of the last one are forgotten."""
        put(self.files, "")
        if self.figure is None:
            return
        self._address = addresses.view(self.anchor)
        put(self.share, _panel("share", self.figure.language, _share(self.figure, addresses, self.anchor, publisher)))

    def prepare(self) -> None:
        """Make the files of the figure shown."""
        if self.figure is None:
            return
        tables, language, name = self.figure.tables, self.figure.language, self.anchor
        made = (
            ("CSV", to_csv(*tables).encode(), CSV),
            ("XLSX", to_xlsx(*tables, link=self._address), XLSX),
            ("SVG", render_svg(self.figure, _SVG_WIDTH, captions=True).encode(), _SVG),
        )
        links = [
            data_link(content, kind, f"{name}.{suffix.lower()}", f"{suffix} ({_size(content, language)})")
            for suffix, content, kind in made
        ]
        png = f'<button type="button" class="atelier-file" data-atelier-png="{html(name)}.png" hidden>PNG</button>'
        put(self.files, f'<p class="atelier-file-row">{"".join([*links, png])}</p>')

    def clear(self) -> None:
        """Show nothing: there is no figure."""
        self.figure = None
        for piece in (self.data, self.share, self.more, self.files):
            put(piece, "")


def _share(figure: Figure, addresses: Addresses, anchor: str, publisher: str) -> str:
    language, provenance = figure.language, figure.table.provenance
    address = addresses.view(anchor)
    cited = word(
        "cited",
        language,
        publisher=publisher,
        title=figure.title,
        producer=provenance.producer[language],
        dataset=provenance.dataset_title[language],
        vintage=provenance.vintage,
        licence=provenance.licence,
    )
    entries = [("citation", f"<p data-atelier-copy>{html(f'{cited} {address}'.strip())}</p>")]
    if address:
        link = f'<a data-atelier-copy href="{html(addresses.here(anchor))}">{html(word("to-figure", language))}</a>'
        entries.append(("permanent-link", f"<p>{link}</p>"))
    if frame := addresses.frame(anchor, figure.title):
        entries.append(("embed", f'<pre tabindex="0"><code data-atelier-copy>{html(frame)}</code></pre>'))
    lines = "".join(f"<dt>{html(word(key, language))}</dt><dd>{text}</dd>" for key, text in entries)
    return f"<dl>{lines}</dl>"


def _panel(key: str, language: str, inner: str, name: str = "") -> str:
    opened = html(word(key, language))
    names = f"atelier-panel {name}".strip()
    return f'<details class="{names}"><summary>{opened}</summary><div class="atelier-inside">{inner}</div></details>'


def _size(content: bytes, language: str) -> str:
    return word("kilobytes", language, size=format_number(max(1.0, len(content) / _KILOBYTE), language))
