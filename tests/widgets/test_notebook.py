"""The notebook an analyst forks: it runs by itself, reads easily, and is stored bare."""

import ast

import nbformat
import pytest
from nbclient import NotebookClient

from atelier.notebooks import read_dashboard, read_dashboards
from atelier.parameters import read_parameters

from .conftest import DASHBOARDS, HOME, NAMES, NOTEBOOK

MAX_LINES = 5


@pytest.fixture(scope="module", params=NAMES)
def notebook(request):
    """A notebook as stored."""
    return nbformat.read(DASHBOARDS / f"{request.param}.ipynb", as_version=4)


def test_it_runs_in_a_kernel():
    """Top to bottom, with nothing on stderr; the others run in one process, in test_boards."""
    copy = nbformat.read(NOTEBOOK, as_version=4)
    NotebookClient(copy, timeout=120, resources={"metadata": {"path": str(HOME)}}).execute()
    outputs = [output for cell in copy.cells for output in cell.get("outputs", [])]
    assert not [output for output in outputs if output.output_type in ("stream", "error")]
    assert sum("application/vnd.jupyter.widget-view+json" in output.get("data", {}) for output in outputs) == 7


def test_it_is_stored_bare(notebook):
    """No output, no count, no widget state."""
    assert all(not cell.get("outputs") and cell.get("execution_count") is None for cell in notebook.cells)
    assert "widgets" not in notebook.metadata


def test_its_functions_are_short(notebook):
    """Five lines at most."""
    for cell in notebook.cells:
        for node in ast.walk(ast.parse(cell.source)):
            if isinstance(node, ast.FunctionDef):
                assert node.end_lineno - node.lineno < MAX_LINES


def test_it_imports_two_names_only(notebook):
    """``atelier`` and ``atelier_widgets``, never a module inside them."""
    imported = {
        alias.name
        for cell in notebook.cells
        for node in ast.walk(ast.parse(cell.source))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    }
    assert imported == {"atelier", "atelier_widgets"}


def test_it_declares_what_a_reader_may_choose():
    """Six parameters, titled in both languages, as the page's title and description."""
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    names = ["year", "region", "institution_type", "institution", "compare", "lang"]
    assert list(read_parameters(notebook).defaults) == names
    dashboard = read_dashboard(NOTEBOOK)
    assert dashboard.title["en"] == "Who studies where?"
    assert dashboard.description


def test_it_tells_its_questions_before_it_is_opened(notebook):
    """Those of the front page are the headings of its parts, in order, in both languages."""
    headings = [
        {keyword.arg: keyword.value.value for keyword in node.keywords if keyword.arg in ("fr", "en")}
        for cell in notebook.cells
        for node in ast.walk(ast.parse(cell.source))
        if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "show"
    ]
    asked = [one for one in headings if one.get("en", "").endswith("?")]
    assert notebook.metadata["atelier"]["questions"] == asked
    assert len(asked) >= 4


def test_all_are_in_the_order_they_declare():
    """Students first; each has its own place, title and description in both languages."""
    found = read_dashboards(HOME)
    assert [one.name for one in found if one.theme == "esr"] == [
        "students",
        "institution",
        "money",
        "success",
        "employment",
        "parcoursup",
    ]
    assert all(one.title[language] and one.description[language] for one in found for language in ("fr", "en"))
