"""What stands around each figure: files, citation, addresses, method, words; true to the figure it stands under."""

import base64
import html
import io
import re
from typing import Any, get_args

import pandas as pd
import pytest
from openpyxl import load_workbook

import atelier
from atelier.figures import FigureKind, how_to_read
from atelier_widgets import FigureView
from atelier_widgets.addresses import Addresses
from atelier_widgets.method import write_recipe
from atelier_widgets.still import render_still
from atelier_widgets.terms import link_terms
from tests.widgets.conftest import run_notebook

AGREED = ("diverging", "dots", "slope", "scatter", "distribution", "heat", "points", "tiles", "key")
QUERY = "region=44&institution=4k25D"


@pytest.fixture(scope="module")
def page(esr):
    """The dashboard on Strasbourg; tests of this module change nothing in it."""
    return run_notebook(esr, "students", QUERY)


def figures(page: dict[str, Any]) -> list[FigureView]:
    """Return the figures of the page."""
    return [one for one in page["board"].views if isinstance(one, FigureView)]


def code_of(view: FigureView) -> str:
    """Return the Python shown under a figure."""
    return html.unescape(re.search(r"<code data-atelier-copy>(.*?)</code>", view.tools.more.value, re.DOTALL)[1])


def run(code: str, esr, monkeypatch) -> dict[str, Any]:
    """Run the Python of a reader; the theme is not opened again."""
    monkeypatch.setattr(atelier, "open_theme", lambda _name, language="fr": esr.in_language(language), raising=False)
    names: dict[str, Any] = {}
    exec(code, names)
    return names


def test_the_python_shown_gives_the_very_table(page, esr, monkeypatch):
    """Each figure of the page: the code a reader copies is run, and gives the cells that are drawn."""
    for view in figures(page):
        names = run(code_of(view), esr, monkeypatch)
        tables = [names["table"]] if "table" in names else names["tables"]
        cells = pd.concat([one.cells for one in tables], ignore_index=True)
        drawn = view.figure.table.cells.drop(columns="compared", errors="ignore")
        pd.testing.assert_frame_equal(cells, drawn.reset_index(drop=True))
        assert {one.language for one in tables} == {"fr"}


def test_the_python_says_language_lists_and_perimeter(esr, monkeypatch):
    """Whatever a question holds is in the code."""
    question = esr.indicator("students").by("year", "institution-type").where(year=[2019, 2020], region="44")
    asked = question.as_it_was().in_language("en")
    table = run(write_recipe("esr", [asked]), esr, monkeypatch)["table"]
    pd.testing.assert_frame_equal(table.cells, asked.table().cells)
    assert (table.language, table.perimeter) == ("en", "as-it-was")


def test_a_citation_names_what_is_needed_to_find_it_again(page):
    """Publisher, title, producer, dataset, date, licence and the address of this figure in this selection."""
    for view in figures(page):
        cited = html.unescape(re.search(r"<p data-atelier-copy>(.*?)</p>", view.tools.share.value)[1])
        table = view.figure.table
        for words in (view.figure.title, table.provenance.producer.fr, table.provenance.vintage, "Licence Ouverte"):
            assert words in cited
        assert cited.endswith(f"/dashboards/esr/students?{QUERY}#{view.anchor}")
        assert f'href="?{html.escape(QUERY)}#{view.anchor}"' in view.tools.share.value
        assert f'id="{view.anchor}"' in view.head.value


def test_addresses_follow_a_selection_that_changes_nothing_in_the_figure(open_page):
    """The map of all regions is the same whatever the institution; its permanent link is not."""
    page = open_page("")
    view = next(one for one in figures(page) if one.anchor == "women-by-region")
    before = view.tools.data.value
    page["board"].choose("institution", "4k25D")
    assert view.tools.data.value == before
    assert "institution=4k25D#women-by-region" in view.tools.share.value


@pytest.mark.parametrize(
    ("site", "is_public"),
    [
        ("http://127.0.0.1:8000/services/public/", False),
        ("http://localhost/", False),
        ("http://[::1]/", False),
        ("https://data.example.org/services/public/", True),
    ],
)
def test_a_site_that_nobody_else_reaches_offers_no_frame(site, is_public):
    """A frame of this machine would be empty anywhere else."""
    frame = Addresses(site, "esr/students", "region=53&year=2020").frame("trend", 'A "title"')
    assert bool(frame) is is_public
    if is_public:
        assert f'src="{site}embed/esr/students/trend?region=53&amp;year=2020"' in frame
        assert 'title="A &quot;title&quot;"' in frame


def test_jupyterlab_has_no_address(open_page):
    """No page, no permanent link, no frame; the citation stands without them."""
    view = figures(open_page(None))[0]
    assert "Citation" in view.tools.share.value
    assert "http" not in view.tools.share.value
    assert "?" not in re.search(r"<p data-atelier-copy>(.*?)</p>", view.tools.share.value)[1]


def test_files_of_a_scatter_hold_both_measures(esr):
    """As its data table does: one after the other in the CSV, a sheet each in the workbook."""
    page = run_notebook(esr, "money", "")
    view = next(one for one in figures(page) if one.figure is not None and one.figure.kind == "scatter")
    view.tools.button.click()
    links = re.findall(r'download="([^"]+)" href="data:[^,]*;base64,([^"]+)"', view.tools.files.value)
    files = {name.rsplit(".")[-1]: base64.b64decode(content) for name, content in links}
    rows = pd.read_csv(io.BytesIO(files["csv"]))
    assert list(rows["indicator"].unique()) == ["own-resources-share", "cash-days"]
    for table in view.figure.tables:
        own = rows[rows["indicator"] == table.card.id]["value"]
        assert own.dropna().tolist() == table.cells["value"].dropna().tolist()
    assert len(load_workbook(io.BytesIO(files["xlsx"]), read_only=True).sheetnames) == 3


def test_files_are_those_of_the_figure(open_page):
    """Made by the button, forgotten by the next choice; each holds the numbers of the table, the drawing its words."""
    page = open_page("region=44")
    view = figures(page)[0]
    assert view.tools.files.value == ""
    view.tools.button.click()
    links = re.findall(r'download="([^"]+)" href="data:[^,]*;base64,([^"]+)"', view.tools.files.value)
    files = {name: base64.b64decode(content) for name, content in links}
    assert list(files) == ["trend.csv", "trend.xlsx", "trend.svg"]
    cells = view.figure.table.cells
    assert pd.read_csv(io.BytesIO(files["trend.csv"]))["value"].tolist() == cells["value"].tolist()
    book = load_workbook(io.BytesIO(files["trend.xlsx"]), read_only=True)
    written = [str(cell) for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row]
    assert any("students?region=44#trend" in cell for cell in written)
    drawing = files["trend.svg"].decode()
    assert "Source" in drawing
    assert "Lecture" in drawing
    page["board"].choose("region", "53")
    assert view.tools.files.value == ""


def test_prepare_makes_every_file_of_the_page(open_page):
    """What a page without a kernel must hold."""
    page = open_page("")
    page["board"].prepare()
    for view in figures(page):
        assert f'download="{view.anchor}.xlsx"' in render_still(view.widget, {})
    assert 'download="page.xlsx"' in next(one for one in page["board"].views if one.name == "downloads").files.value


def test_the_method_says_what_the_card_says(page):
    """Definition, calculation, limits, dataset, and the fingerprint of each table read."""
    for view in figures(page):
        shown = html.unescape(view.tools.more.value)
        card, provenance = view.figure.table.card, view.figure.table.provenance
        for words in (card.definition.fr, card.calculation.fr, card.limits.fr, provenance.dataset_title.fr):
            assert words in shown
        assert all(digest in shown for digest in provenance.snapshots.values())


@pytest.mark.parametrize("kind", dict.fromkeys([*get_args(FigureKind), *AGREED]))
def test_each_kind_of_chart_says_how_it_is_read(kind):
    """In both languages, in more than one sentence."""
    for language in ("fr", "en"):
        assert len(re.findall(r"[.:]", how_to_read(kind, language))) >= 2


def test_an_unknown_kind_has_no_words():
    """A kind that the file does not know gives nothing rather than an error."""
    assert how_to_read("pie", "fr") == ""


TERMS = {"scope": ("Champ", "…"), "main": ("Inscription principale", "…"), "staps": ("Staps", "…")}


def test_l03_the_first_use_of_a_term_leads_to_its_definition():
    """Plural and case do not matter; the word that names a line is no use of it; the second use is plain."""
    lines, met = link_terms(["Champ : inscriptions principales, hors Staps", "Le champ & les staps"], TERMS, "trend")
    assert met == ["main", "staps", "scope"]
    assert lines[0] == (
        'Champ : <a class="atelier-term" href="#trend-main">inscriptions principales</a>, '
        'hors <a class="atelier-term" href="#trend-staps">Staps</a>'
    )
    assert lines[1] == 'Le <a class="atelier-term" href="#trend-scope">champ</a> &amp; les staps'


def test_each_term_linked_is_defined_under_the_figure(page):
    """A link leads somewhere."""
    for view in figures(page):
        targets = re.findall(r'class="atelier-term" href="#([^"]+)"', view.foot.value)
        assert targets
        for target in targets:
            assert f'<dt id="{target}">' in view.tools.more.value
