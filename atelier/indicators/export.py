"""A stat table to take away: CSV and Parquet for machines, XLSX for people; disclosure-safe, the same bytes each time.

Choices, both languages alike: a CSV in UTF-8 with a byte order mark (spreadsheets then read accents), comma between
columns, dot as decimal sign, codes beside labels, in every row a status and what it means, nothing in place of a
hidden value. A dimension that is only filtered is a column too, so that each row says by itself what it counts.
"""

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from atelier.indicators.table import PERIMETERS, STATUSES, Dimension, StatTable
from atelier.language import Text

BYTE_ORDER_MARK = "\N{ZERO WIDTH NO-BREAK SPACE}"
PARQUET_METADATA = b"dataesr"
"""Key of a Parquet file's metadata under which the notes stand: a JSON list of pairs of words, legend included."""
_JOIN = "+"
_CELL_COLUMNS = ("value", "status", "status_label", "numerator", "denominator")
_CREATED = datetime(2000, 1, 1, tzinfo=UTC)
_MAX_WIDTH = 60

_WORDS = {
    "data": Text(fr="Données", en="Data"),
    "notes": Text(fr="Notes", en="Notes"),
    "indicator": Text(fr="Indicateur", en="Indicator"),
    "definition": Text(fr="Définition", en="Definition"),
    "calculation": Text(fr="Calcul", en="Calculation"),
    "interpretation": Text(fr="Lecture", en="How to read it"),
    "limits": Text(fr="Limites", en="Limits"),
    "unit": Text(fr="Unité", en="Unit"),
    "scope": Text(fr="Champ", en="Scope"),
    "filters": Text(fr="Sélection", en="Selection"),
    "note": Text(fr="Note", en="Note"),
    "source": Text(fr="Source", en="Source"),
    "page": Text(fr="Jeu de données", en="Dataset"),
    "licence": Text(fr="Licence", en="Licence"),
    "perimeter": Text(fr="Périmètre", en="Perimeter"),
    "reference": Text(fr="Liste de codes", en="Code list"),
    "unmatched": Text(fr="Codes non rattachés", en="Codes not matched"),
    "link": Text(fr="Cette vue", en="This view"),
    "snapshot": Text(fr="Empreinte des données (sha256)", en="Fingerprint of the data (sha256)"),
    "engine": Text(fr="Produit par", en="Made by"),
    "status": Text(fr="Statut", en="Status"),
}

_UNMATCHED = Text(
    fr="{codes} : {rows} lignes de la source, {weight} au numérateur de ce tableau",
    en="{codes}: {rows} rows of the source, {weight} in the numerator of this table",
)


def to_csv(*tables: StatTable) -> str:
    """Return tables as one CSV text, byte order mark included.

    Args:
        *tables: One table, or several: then the first column names the indicator, and a dimension that a table lacks
            is left empty there.
    """
    target = io.StringIO()
    target.write(BYTE_ORDER_MARK)
    writer = csv.writer(target)
    columns = _all_columns(tables)
    writer.writerow(columns)
    for table in tables:
        for row in _rows(table):
            writer.writerow([_plain(row.get(column)) for column in columns])
    return target.getvalue()


def to_xlsx(*tables: StatTable, link: str = "") -> bytes:
    """Return tables as a workbook: one data sheet each, then a sheet of notes.

    Args:
        *tables: The tables, all in the same language.
        link: Address of the view the tables were taken from.
    """
    language = tables[0].language
    target = io.BytesIO()
    with Workbook(target, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}) as book:
        book.set_properties({"created": _CREATED, "title": tables[0].card.label[language]})
        bold = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
        for number, table in enumerate(tables, 1):
            name = _WORDS["data"][language] + (f" {number}" if len(tables) > 1 else "")
            _write_data(book.add_worksheet(name), table, bold, _value_format(book, table))
        _write_notes(book, tables, link)
    return target.getvalue()


def to_parquet(*tables: StatTable, link: str = "") -> bytes:
    """Return tables as one Parquet file whose schema carries the notes, the provenance and the legend.

    Args:
        *tables: The tables, all in the same language; several are stacked as in ``to_csv``.
        link: Address of the view the tables were taken from.
    """
    columns = _all_columns(tables)
    rows = [row for table in tables for row in _rows(table)]
    times = {dimension.column for table in tables for dimension in _shown(table) if dimension.kind == "time"}
    times -= {column for column in times if any(_JOIN in str(row.get(column)) for row in rows)}
    arrays = []
    for column in columns:
        values = [row.get(column) for row in rows]
        if column in ("value", "numerator", "denominator"):
            arrays.append(pa.array(values, pa.float64(), from_pandas=True))
        elif column in times:
            arrays.append(pa.array([None if value is None else int(value) for value in values], pa.int64()))
        else:
            arrays.append(pa.array([None if value is None else str(value) for value in values], pa.string()))
    notes = json.dumps(_all_notes(tables, link), ensure_ascii=False).encode()
    target = io.BytesIO()
    pq.write_table(pa.table(arrays, columns).replace_schema_metadata({PARQUET_METADATA: notes}), target)
    return target.getvalue()


def _shown(table: StatTable) -> list[Dimension]:
    """Return the dimensions broken down by, then those only filtered."""
    asked = [dimension.id for dimension in table.dimensions]
    return [*table.dimensions, *(one for one in table.filter_dimensions if one.id not in asked)]


def _columns(table: StatTable) -> list[str]:
    columns: list[str] = []
    for dimension in _shown(table):
        columns += [dimension.column] if dimension.kind == "time" else [dimension.column, f"{dimension.column}_label"]
    return columns


def _all_columns(tables: Sequence[StatTable]) -> list[str]:
    columns = dict.fromkeys(column for table in tables for column in _columns(table))
    return [*(["indicator"] if len(tables) > 1 else []), *columns, *_CELL_COLUMNS]


def _rows(table: StatTable) -> Iterator[dict[str, Any]]:
    """Yield each cell as a row: codes, labels, value, status and its meaning, numerator, denominator."""
    fixed: dict[str, Any] = {"indicator": table.card.id}
    asked = {dimension.id for dimension in table.dimensions}
    for dimension in table.filter_dimensions:
        if dimension.id not in asked:
            codes = table.filters[dimension.id]
            fixed[dimension.column] = _JOIN.join(codes)
            fixed[f"{dimension.column}_label"] = ", ".join(dimension.label(code, table.language) for code in codes)
    frame = table.frame
    for values in frame.itertuples(index=False, name=None):
        row = fixed | dict(zip(frame.columns, values, strict=True))
        letter = row["status"]
        yield row | {"status_label": ("" if letter == "A" else f"[{letter}] ") + STATUSES[letter][table.language]}


def _plain(value: Any) -> str:
    """Return a cell as text: nothing when there is no value, a whole number without a decimal part."""
    if value is None or (isinstance(value, float) and pd.isna(value)):
        return ""
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(float(value))
    return str(value)


def _value_format(book: Workbook, table: StatTable) -> Format:
    unit = table.card.unit.own
    decimals = "." + "0" * unit.decimals if unit.decimals else ""
    return book.add_format({"num_format": f"0{decimals}%" if unit.kind == "share" else f"#,##0{decimals}"})


def _write_data(sheet: Worksheet, table: StatTable, bold: Format, value_format: Format) -> None:
    columns = [*_columns(table), *_CELL_COLUMNS]
    widths = [len(column) + 3 for column in columns]
    rows = list(_rows(table))
    for place, column in enumerate(columns):
        sheet.write_string(0, place, column, bold)
    for line, row in enumerate(rows, 1):
        for place, column in enumerate(columns):
            _write_cell(sheet, line, place, row[column], value_format if column == "value" else None)
            widths[place] = max(widths[place], min(len(str(row[column])) + 1, _MAX_WIDTH))
    for place, width in enumerate(widths):
        sheet.set_column(place, place, width)
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, len(rows), len(columns) - 1)


def _write_cell(sheet: Worksheet, line: int, place: int, value: Any, number_format: Format | None) -> None:
    if value is None or (isinstance(value, float) and pd.isna(value)):
        return
    if isinstance(value, str):
        sheet.write_string(line, place, value)
    else:
        sheet.write_number(line, place, float(value), number_format)


def _write_notes(book: Workbook, tables: Sequence[StatTable], link: str) -> None:
    language = tables[0].language
    sheet = book.add_worksheet(_WORDS["notes"][language])
    bold = book.add_format({"bold": True, "valign": "top"})
    wrapped = book.add_format({"text_wrap": True, "valign": "top"})
    sheet.set_column(0, 0, 28)
    sheet.set_column(1, 1, 100)
    for line, (key, words) in enumerate(_all_notes(tables, link)):
        sheet.write_string(line, 0, key, bold)
        sheet.write_string(line, 1, words, wrapped)


def _all_notes(tables: Sequence[StatTable], link: str) -> list[tuple[str, str]]:
    """Return all that a reader must know of tables, as pairs of words: notes, provenance, legend."""
    language = tables[0].language
    lines = [line for table in tables for line in _notes(table)]
    lines += _provenance_lines(tables[0], link)
    statuses: dict[str, Text] = {"A": STATUSES["A"]}
    for table in tables:
        statuses |= table.statuses
    return lines + [
        (f"{_WORDS['status'][language]} [{code}]", text[language]) for code, text in sorted(statuses.items())
    ]


def _notes(table: StatTable) -> Iterator[tuple[str, str]]:
    language, card = table.language, table.card
    yield _WORDS["indicator"][language], f"{card.label[language]} ({card.id})"
    for key in ("definition", "calculation", "interpretation", "limits"):
        yield _WORDS[key][language], getattr(card, key)[language]
    yield _WORDS["unit"][language], card.unit.own.label[language]
    yield _WORDS["scope"][language], card.scope[language]
    kept: Mapping[str, Dimension] = {dimension.id: dimension for dimension in table.filter_dimensions}
    for name, codes in table.filters.items():
        labels = ", ".join(kept[name].label(code, language) for code in codes)
        yield f"{_WORDS['filters'][language]} – {kept[name].title[language]}", labels
    if table.perimeter:
        yield _WORDS["perimeter"][language], PERIMETERS[table.perimeter][language]
    for note in table.notes:
        yield _WORDS["note"][language], note.text[language]


def _provenance_lines(table: StatTable, link: str) -> Iterator[tuple[str, str]]:
    language, source = table.language, table.provenance
    title = source.dataset_title[language]
    yield _WORDS["source"][language], f"{source.producer[language]}, {title}, {source.vintage}"
    if source.denominator_title is not None:
        yield _WORDS["source"][language], f"{source.denominator_title[language]}, {source.denominator_vintage}"
    yield _WORDS["page"][language], source.page
    yield _WORDS["licence"][language], source.licence
    if link:
        yield _WORDS["link"][language], link
    for name, version in source.references.items():
        yield f"{_WORDS['reference'][language]} – {name}", version
    for one in source.unmatched:
        yield (
            f"{_WORDS['unmatched'][language]} – {one.dimension}",
            _UNMATCHED[language].format(
                rows=one.rows, weight=_plain(one.weight) or ("[Q]" if one.hidden else "–"), codes=", ".join(one.codes)
            ),
        )
    for name, snapshot in source.snapshots.items():
        yield f"{_WORDS['snapshot'][language]} – {name}", snapshot
    yield _WORDS["engine"][language], f"dataESR {source.engine}"
