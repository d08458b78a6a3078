"""A dashboard without a browser: the notebook itself, run cell by cell."""

import os
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from unittest.mock import patch

import nbformat
import pytest

from atelier.workbench import Workbench, open_theme

with warnings.catch_warnings():
    # bqscales, under bqplot, declares its traits in a way that traitlets has deprecated.
    warnings.simplefilter("ignore", DeprecationWarning)
    import bqplot  # noqa: F401

HOME = Path(__file__).resolve().parents[2]
DASHBOARDS = HOME / "notebooks" / "esr" / "dashboards"
NOTEBOOK = DASHBOARDS / "students.ipynb"
NAMES = sorted(path.stem for path in DASHBOARDS.glob("*.ipynb"))

ADDRESS = "/services/public/dashboards/esr"

Page = dict[str, Any]


@pytest.fixture(scope="session")
def esr() -> Iterator[Workbench]:
    """The theme, opened once."""
    workbench = open_theme("esr")
    yield workbench
    workbench.close()


def run_notebook(esr: Workbench, name: str, query: str | None = "") -> Page:
    """Run a dashboard's cells for an address's query and return what they name; None stands for JupyterLab."""
    variables = {} if query is None else {"QUERY_STRING": query, "SCRIPT_NAME": f"{ADDRESS}/{name}"}
    without = {key: value for key, value in os.environ.items() if key not in ("QUERY_STRING", "SCRIPT_NAME")}
    names: Page = {}
    with patch.dict(os.environ, without | variables, clear=True), patch("atelier.open_theme", return_value=esr):
        for cell in nbformat.read(DASHBOARDS / f"{name}.ipynb", as_version=4).cells:
            exec(cell.source, names)
    return names


@pytest.fixture
def open_page(esr: Workbench) -> Callable[[str | None], Page]:
    """Return a function that runs the students' dashboard for an address's query; None stands for JupyterLab."""
    return lambda query="": run_notebook(esr, "students", query)


@pytest.fixture(scope="module")
def pages(esr: Workbench) -> dict[str, Page]:
    """Every dashboard, run once; a test that moves a selection sets it back with ``restore``."""
    return {name: run_notebook(esr, name) for name in NAMES}
