"""Q04 to Q06 and Q10: one status per cell wherever it goes, and nothing of a hidden cell anywhere."""

import csv
import io
import json
import re
import zipfile
from dataclasses import replace
from pathlib import Path

import openpyxl
import pandas as pd
import pyarrow.parquet as pq
import pypdfium2
import pytest

from atelier.figures import build_figure, render_svg, render_table
from atelier.indicators.export import PARQUET_METADATA, to_csv, to_parquet, to_xlsx
from atelier.narrative import build_narrative
from atelier.reports.blocks import Cover
from atelier.reports.compose import figure as figure_block
from atelier.reports.compose import text as text_block
from atelier.reports.document import Document
from atelier.reports.export import render_html, render_pdf
from atelier.workbench import Table, Workbench
from tests.indicators.attacker import TOTAL
from tests.indicators.test_disclosure_attack import open_with

CANARY = 1777
"""The one small count; the rule of these tests hides anything under 2,000."""
RULE = "[disclosure]\nhide_under = 2000\nflag_under = 12000\n"
COUNTS = {"A": (CANARY, 31013), "B": (15511, 41017), "C": (12301, 27017), "D": (21019, 13591)}


@pytest.fixture(scope="module")
def city(tmp_path_factory) -> Workbench:
    """A city where the discs of one library are a secret."""
    rows = []
    for library, (disc, book) in COUNTS.items():
        whole = disc + book
        cells = ((TOTAL, TOTAL, whole), ("disc", TOTAL, disc), ("book", TOTAL, book))
        rows += [(2021, library, *cell) for cell in (*cells, (TOTAL, "child", whole - 14009), (TOTAL, "adult", 14009))]
    table = pd.DataFrame(rows, columns=["year", "library", "support", "age", "loans"])
    return open_with(tmp_path_factory.mktemp("city"), "loans", pd.concat([table, table.assign(year=2022)]), RULE)


def document_of(table: Table, kind: str) -> Document:
    """Return a report that holds a figure of a table and its sentences."""
    blocks = [
        Cover(language="fr", title="Titre", kicker="Essai", facts=(), warnings=()),
        figure_block(table, kind),
        text_block(table),
    ]
    return Document("Titre", "Essai", "fr", "Les tests", tuple(block.as_json() for block in blocks), ())


def text_of_pdf(pdf: bytes) -> str:
    """Return the words of a PDF."""
    with pypdfium2.PdfDocument(pdf) as opened:
        return " ".join(page.get_textpage().get_text_bounded() for page in opened)


def everything(table: Table, home: Path, kind: str) -> dict[str, str]:
    """Return all that leaves the engine for a table, as text."""
    drawn = build_figure(table, kind)
    document = document_of(table, kind)
    parquet = pq.read_table(io.BytesIO(to_parquet(table)))
    with zipfile.ZipFile(io.BytesIO(to_xlsx(table))) as book:
        sheets = " ".join(book.read(name).decode() for name in book.namelist())
    return {
        "json": table.frame.to_json(),
        "csv": to_csv(table),
        "xlsx": sheets,
        "parquet": json.dumps(parquet.to_pylist()) + str(parquet.schema.metadata),
        "notes": " ".join(note.text[language] for note in table.notes for language in ("fr", "en")),
        "svg": render_svg(drawn),
        "alt": f"{drawn.title} {drawn.lecture} {drawn.alt}",
        "html table": render_table(table),
        "narrative": " ".join(sentence.text for sentence in build_narrative(table)),
        "html": render_html(document, home).decode(),
        "pdf": text_of_pdf(render_pdf(document, home)),
        "provenance": str(table.provenance),
    }


@pytest.mark.parametrize(
    ("indicator", "by", "kind"),
    [("loans", ("library", "support"), "stack"), ("support-share", ("library", "support"), "bars")],
)
def test_a_hidden_value_is_nowhere(city: Workbench, home: Path, indicator: str, by: tuple[str, ...], kind: str) -> None:
    """Q10: neither the secret, nor what would give it away, is in anything that leaves the engine."""
    table = city.indicator(indicator).by(*by).where(year=2022).table()
    hidden = table.cells[table.cells["status"] == "Q"]
    assert ("A", "disc") in set(hidden[["library", "support"]].itertuples(index=False, name=None))
    assert 4 <= len(hidden) < len(table.cells)
    counts = {(one, name): n for one, pair in COUNTS.items() for name, n in zip(("disc", "book"), pair, strict=True)}
    merged = {("B", name): counts["B", name] + counts["C", name] for name in ("disc", "book")}
    counts |= merged
    secrets = {counts[key] for key in hidden[["library", "support"]].itertuples(index=False, name=None)}
    for place, words in everything(table, home, kind).items():
        digits = re.sub(r"(?<=\d)[\s\u00a0\u202f,](?=\d)", "", words)
        assert not [secret for secret in secrets if re.search(rf"(?<!\d){secret}(?!\d)", digits)], place


@pytest.fixture
def mixed(city: Workbench) -> Table:
    """A table with a value of each kind: normal, zero, small, provisional, hidden, missing, not applicable."""
    table = city.indicator("loans").by("library", "support").where(year=2021).as_it_was().table()
    cells = table.cells.head(8).copy()
    cells["value"] = [41017.0, 0, 12.0, 5000, None, None, None, 7]
    cells["numerator"], cells["denominator"] = cells["value"], float("nan")
    cells["status"] = ["A", "A", "U", "P", "Q", "O", "M", "F"]
    return replace(table, cells=cells)


def told(rows: list[dict[str, object]]) -> list[tuple[str, float | None]]:
    """Return the status and the value of each row, as read back."""
    return [(str(row["status"]), float(row["value"]) if row["value"] not in (None, "") else None) for row in rows]


def test_every_status_survives_every_file(mixed: Table) -> None:
    """Q05: CSV, Parquet and XLSX tell zero from missing, hidden, not applicable and small, alike."""
    values = [None if pd.isna(value) else float(value) for value in mixed.cells["value"]]
    expected = list(zip(mixed.cells["status"], values, strict=True))
    assert told(list(csv.DictReader(io.StringIO(to_csv(mixed).removeprefix("\ufeff"))))) == expected
    assert told(pq.read_table(io.BytesIO(to_parquet(mixed))).to_pylist()) == expected
    names, *lines = openpyxl.load_workbook(io.BytesIO(to_xlsx(mixed)))["Données"].iter_rows(values_only=True)
    assert told([dict(zip(names, line, strict=True)) for line in lines]) == expected


def test_every_status_is_a_letter_in_brackets_with_its_meaning(mixed: Table, home: Path) -> None:
    """Q06: in the table, the page, the PDF and the files, each letter stands by its value and in the legend."""
    document = document_of(mixed, "bars")
    pages = {
        "html table": render_table(mixed),
        "html": render_html(document, home).decode(),
        "pdf": text_of_pdf(render_pdf(document, home)),
        "csv": to_csv(mixed),
        "parquet": json.dumps(pq.read_table(io.BytesIO(to_parquet(mixed))).to_pylist(), ensure_ascii=False),
    }
    for place, words in pages.items():
        plain = re.sub(r"\s+", " ", words.replace("\u00a0", " ").replace("\u202f", " "))
        for letter, meaning in mixed.statuses.items():
            assert f"[{letter}]" in plain, (place, letter)
            legend = f"[{letter}] :" if place in ("html", "pdf") else meaning.fr.replace("\u00a0", " ")
            assert legend in plain, (place, letter)
    svg = render_svg(build_figure(mixed, "bars"))
    assert all(f"[{letter}]" in svg for letter in "QOM")


def test_no_cell_is_blank(mixed: Table) -> None:
    """Q04: where there is no value, there is a letter."""
    assert all(mixed.format(cell.value, cell.status) for cell in mixed.cells.itertuples())
    assert "></td>" not in render_table(mixed)


def test_a_parquet_file_explains_itself(mixed: Table) -> None:
    """Types for machines; notes, provenance and legend in the schema; the same bytes each time."""
    assert to_parquet(mixed, link="?a=1") == to_parquet(mixed, link="?a=1")
    schema = pq.read_schema(io.BytesIO(to_parquet(mixed, link="?a=1")))
    assert [str(schema.field(name).type) for name in ("year", "library", "value", "status")] == [
        "int64", "string", "double", "string",
    ]  # fmt: skip
    notes = dict(json.loads(schema.metadata[PARQUET_METADATA]))
    assert notes["Statut [Q]"] == mixed.statuses["Q"].fr
    assert {"Indicateur", "Source", "Licence", "Cette vue", "Produit par"} <= set(notes)
