"""Tables to take away: complete, safe, the same bytes each time."""

import csv
import io

import openpyxl
import pytest

from atelier.indicators.export import to_csv, to_xlsx
from atelier.workbench import open_theme


@pytest.fixture(scope="module")
def esr():
    """The theme, opened once."""
    workbench = open_theme("esr")
    yield workbench
    workbench.close()


@pytest.fixture(scope="module")
def table(esr):
    """Students of Grand Est by year and level."""
    return esr.indicator("students").by("year", "level").where(region="44").table()


def rows(text):
    """Return the rows of a CSV text."""
    assert text.startswith("\ufeff")
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))


def test_a_csv_holds_codes_labels_filters_and_statuses(table):
    """Each row says by itself what it counts."""
    first = rows(to_csv(table))[0]
    assert first == {
        "year": "2006",
        "level": "bachelor",
        "level_label": "Licence (1er cycle)",
        "region": "44",
        "region_label": "Grand Est",
        "value": "75222",
        "status": "A",
        "status_label": "valeur normale",
        "numerator": "75222",
        "denominator": "",
    }


def test_a_share_keeps_all_its_digits(esr):
    """A dot, no rounding, no per-cent sign; numerator over denominator gives it back."""
    [row] = rows(to_csv(esr.indicator("women-share").where(institution="4k25D", year=2022).table()))
    assert float(row["value"]) == int(row["numerator"]) / int(row["denominator"])


def test_an_amount_told_in_millions_is_exact_in_files(esr):
    """Every euro in the CSV and in the workbook, whose notes tell the unit."""
    table = esr.indicator("resources").where(institution="4k25D", year=2022).table()
    [row] = rows(to_csv(table))
    assert float(row["value"]) > 500_000_000
    assert table.format(float(row["value"])) == f"{float(row['value']) / 1e6:.1f}".replace(".", ",")
    book = openpyxl.load_workbook(io.BytesIO(to_xlsx(table)))
    notes = {key.value: words.value for key, words in book["Notes"].iter_rows()}
    assert notes["Unité"] == "euros"
    [place] = [cell.column for cell in book["Données"][1] if cell.value == "value"]
    assert book["Données"].cell(2, place).number_format == "#,##0"


def test_a_hidden_value_is_empty_and_says_why(table):
    """Neither value, numerator nor denominator; the status stays."""
    cells = table.cells.copy()
    cells.loc[0, ["value", "numerator"]] = float("nan")
    cells.loc[0, "status"] = "Q"
    from dataclasses import replace

    hidden = replace(table, cells=cells)
    assert (rows(to_csv(hidden))[0]["value"], rows(to_csv(hidden))[0]["status"]) == ("", "Q")
    sheet = openpyxl.load_workbook(io.BytesIO(to_xlsx(hidden)))["Données"]
    assert [cell.value for cell in sheet[2]][5:] == [
        None,
        "Q",
        "[Q] valeur masquée\u00a0: secret statistique",
        None,
        None,
    ]


def test_several_tables_make_one_csv(esr, table):
    """An indicator column, and the union of dimensions."""
    other = esr.indicator("women-share").by("year").where(region="44").table()
    read = rows(to_csv(table, other))
    assert {row["indicator"] for row in read} == {"students", "women-share"}
    assert len(read) == len(table.cells) + len(other.cells)
    assert read[-1]["level"] == ""


def test_a_workbook_is_the_same_bytes_each_time(table):
    """Nothing of the clock or the machine is in it."""
    assert to_xlsx(table, link="?region=44") == to_xlsx(table, link="?region=44")


@pytest.mark.parametrize(("language", "sheets"), [("fr", ["Données", "Notes"]), ("en", ["Data", "Notes"])])
def test_a_workbook_explains_itself(table, language, sheets):
    """Numbers are numbers; the notes hold definition, scope, source, licence, statuses and the address."""
    book = openpyxl.load_workbook(io.BytesIO(to_xlsx(table.in_language(language), link="?region=44")))
    assert book.sheetnames == sheets
    assert book[sheets[0]]["F2"].value == 75222
    notes = {row[0].value: row[1].value for row in book["Notes"].iter_rows()}
    said = " ".join(notes.values())
    for words in (table.card.definition, table.card.scope, table.card.limits, table.provenance.producer):
        assert words[language] in said
    assert table.provenance.licence in said
    assert "?region=44" in said
    assert any(key.endswith(" [A]") for key in notes)


def test_a_label_is_never_a_formula(table):
    """A label that begins like a formula stays text."""
    from dataclasses import replace

    from atelier.language import same

    card = table.card.__class__(**{**vars(table.card), "label": same("=1+1")})
    book = openpyxl.load_workbook(io.BytesIO(to_xlsx(replace(table, card=card))))
    assert book["Notes"]["B1"].data_type == "s"
