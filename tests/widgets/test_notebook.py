"""The notebook an analyst forks: it runs by itself, reads easily, and is stored bare."""

import ast

import nbformat
import pytest
from nbclient import NotebookClient

from atelier.notebooks import read_dashboard
from atelier.parameters import read_parameters

from .conftest import HOME, NOTEBOOK

MAX_LINES = 5


@pytest.fixture(scope="module")
def notebook():
    """The notebook as stored."""
    return nbformat.read(NOTEBOOK, as_version=4)


def test_it_runs_in_a_kernel(notebook):
    """Top to bottom, with nothing on stderr."""
    copy = nbformat.from_dict(notebook)
    NotebookClient(copy, timeout=120, resources={"metadata": {"path": str(HOME)}}).execute()
    outputs = [output for cell in copy.cells for output in cell.get("outputs", [])]
    assert not [output for output in outputs if output.output_type in ("stream", "error")]
    assert sum("application/vnd.jupyter.widget-view+json" in output.get("data", {}) for output in outputs) == 6


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


def test_it_declares_what_a_reader_may_choose(notebook):
    """Six parameters, titled in both languages, as the page's title and description."""
    names = ["year", "region", "institution_type", "institution", "compare", "lang"]
    assert list(read_parameters(notebook).defaults) == names
    dashboard = read_dashboard(NOTEBOOK)
    assert dashboard.title["en"] == "Who studies where?"
    assert dashboard.description
