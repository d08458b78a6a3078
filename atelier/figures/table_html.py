"""A stat table as an HTML table: captioned, with real headers, statuses in brackets and their legend."""

from collections.abc import Sequence
from xml.etree import ElementTree as ET

import pandas as pd

from atelier.figures.captions import build_subtitle
from atelier.figures.phrases import say, upper_first
from atelier.figures.specification import Figure, Grid
from atelier.indicators.table import STATUSES, Dimension, StatTable
from atelier.language import format_number

COLUMNS = 8
"""Members beyond this make rows, and years columns."""
ABSENT = "[O]"
"""What stands for a cell that the source has no row for."""


def render_table(shown: Figure | StatTable) -> str:
    """Return the data of a figure, or a table, as HTML.

    A table broken down by time and by few members has a row per year and a column per member; by many, the reverse.
    Two other dimensions are crossed where the smaller has few members. Each number carries its status in brackets where
    it is not normal; the legend follows the rows. A distribution has its classes and counts first.
    """
    if isinstance(shown, Figure) and shown.kind == "distribution":
        return _render_classes(shown) + render_table(shown.table)
    told = shown.table if isinstance(shown, Figure) else shown
    table = told.exact
    title = shown.title if isinstance(shown, Figure) else table.card.label[table.language]
    unit = shown.subtitle if isinstance(shown, Figure) else table.card.unit.label[table.language]
    if isinstance(shown, Figure) and shown.grid is None and table is not told:
        unit = build_subtitle(table)
    root = ET.Element("table", {"class": "atelier-figures"})
    ET.SubElement(root, "caption").text = say("table.caption", table.language, title=title, subtitle=unit)
    if isinstance(shown, Figure) and shown.grid is not None:
        _grid(root, shown.grid)
        _legend(root, table, width=len(shown.grid.head))
        return ET.tostring(root, encoding="unicode", method="html")
    rows, column = _axes(table)
    _head(root, table, rows, column)
    _body(root, table, rows, column)
    _legend(root, table, width=len(rows) + (len(_codes(table, column)) if column else 1))
    return ET.tostring(root, encoding="unicode", method="html")


def _render_classes(figure: Figure) -> str:
    """Return how many lie in each class, their total, and the values marked across them."""
    language, series = figure.language, figure.series[0]
    root = ET.Element("table", {"class": "atelier-figures"})
    ET.SubElement(root, "caption").text = say("distribution.caption", language, title=figure.title)
    line = ET.SubElement(ET.SubElement(root, "thead"), "tr")
    for words, look in ((say("distribution.class", language), {}), (figure.y_title, {"class": "atelier-number"})):
        ET.SubElement(line, "th", {"scope": "col", **look}).text = upper_first(words)
    total = sum(mark.value or 0.0 for mark in series.marks)
    rows = [(mark.label, mark.text) for mark in series.marks]
    foot = [(say("distribution.total", language), format_number(total, language))]
    foot += [(upper_first(label), figure.table.format(value)) for label, value in figure.references]
    for name, listed in (("tbody", rows), ("tfoot", foot)):
        body = ET.SubElement(root, name)
        for head, words in listed:
            line = ET.SubElement(body, "tr")
            ET.SubElement(line, "th", {"scope": "row"}).text = head
            ET.SubElement(line, "td", {"class": "atelier-number"}).text = words
    return ET.tostring(root, encoding="unicode", method="html")


def _grid(root: ET.Element, grid: Grid) -> None:
    line = ET.SubElement(ET.SubElement(root, "thead"), "tr")
    for rank, words in enumerate(grid.head):
        ET.SubElement(line, "th", {"scope": "col"} | ({"class": "atelier-number"} if rank else {})).text = words
    body = ET.SubElement(root, "tbody")
    for header, *cells in grid.rows:
        line = ET.SubElement(body, "tr")
        ET.SubElement(line, "th", {"scope": "row"}).text = header
        for words in cells:
            ET.SubElement(line, "td", {"class": "atelier-number"}).text = words


def _axes(table: StatTable) -> tuple[list[Dimension], Dimension | None]:
    """Return the dimensions whose codes make rows, and the one whose codes make columns."""
    time = next((one for one in table.dimensions if one.kind == "time"), None)
    others = [one for one in table.dimensions if one is not time]
    if time is None and len(others) == len(("down", "across")):
        down, across = sorted(others, key=lambda one: -len(_codes(table, one)))
        return ([down], across) if len(_codes(table, across)) <= COLUMNS else (others, None)
    if time is None or len(others) != 1:
        return list(table.dimensions), None
    few = len(_codes(table, others[0])) <= COLUMNS
    return ([time], others[0]) if few else ([others[0]], time)


def _head(root: ET.Element, table: StatTable, rows: Sequence[Dimension], column: Dimension | None) -> None:
    line = ET.SubElement(ET.SubElement(root, "thead"), "tr")
    for one in rows:
        ET.SubElement(line, "th", {"scope": "col"}).text = one.title[table.language]
    if column is None:
        ET.SubElement(line, "th", {"scope": "col", "class": "atelier-number"}).text = table.card.short[table.language]
        return
    for code in _codes(table, column):
        label = column.short_label(code, table.language)
        ET.SubElement(line, "th", {"scope": "col", "class": "atelier-number"}).text = label


def _body(root: ET.Element, table: StatTable, rows: Sequence[Dimension], column: Dimension | None) -> None:
    body = ET.SubElement(root, "tbody")
    if not rows:
        cell = table.cells.iloc[0]
        ET.SubElement(ET.SubElement(body, "tr"), "td", {"class": "atelier-number"}).text = _text(table, cell)
        return
    columns = [one.column for one in rows]
    for codes, group in table.cells.groupby(columns, sort=False):
        line = ET.SubElement(body, "tr")
        for one, code in zip(rows, codes, strict=True):
            ET.SubElement(line, "th", {"scope": "row"}).text = one.label(code, table.language)
        found = {str(cell[column.column]) if column else "": cell for _, cell in group.iterrows()}
        for code in _codes(table, column) if column else [""]:
            text = _text(table, found[code]) if code in found else ABSENT
            ET.SubElement(line, "td", {"class": "atelier-number"}).text = text


def _legend(root: ET.Element, table: StatTable, width: int) -> None:
    written = [cell.text or "" for cell in root.iter("td")]
    meanings = [
        f"[{code}] {text[table.language]}"
        for code, text in STATUSES.items()
        if any(f"[{code}]" in words for words in written)
    ]
    if meanings:
        line = ET.SubElement(ET.SubElement(root, "tfoot"), "tr")
        ET.SubElement(line, "td", {"colspan": str(width)}).text = say("scope.and", table.language).join(meanings)


def _codes(table: StatTable, dimension: Dimension) -> list[str]:
    present = {str(code) for code in table.cells[dimension.column]}
    return [code for code in dimension.members if code in present]


def _text(table: StatTable, cell: pd.Series) -> str:
    return table.format(cell["value"], cell["status"])
