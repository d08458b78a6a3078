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
NOTEBOOK = HOME / "notebooks" / "esr" / "dashboards" / "students.ipynb"

ADDRESS = "/services/public/dashboards/esr/students"

Page = dict[str, Any]


@pytest.fixture(scope="session")
def esr() -> Iterator[Workbench]:
    """The theme, opened once."""
    workbench = open_theme("esr")
    yield workbench
    workbench.close()


def run_page(esr: Workbench, query: str | None) -> Page:
    """Run the dashboard for an address's query, cell by cell; None stands for JupyterLab."""
    variables = {} if query is None else {"QUERY_STRING": query, "SCRIPT_NAME": ADDRESS}
    without = {name: value for name, value in os.environ.items() if name not in ("QUERY_STRING", "SCRIPT_NAME")}
    names: Page = {}
    with patch.dict(os.environ, without | variables, clear=True), patch("atelier.open_theme", return_value=esr):
        for cell in nbformat.read(NOTEBOOK, as_version=4).cells:
            exec(cell.source, names)
    return names


@pytest.fixture
def open_page(esr: Workbench) -> Callable[[str | None], Page]:
    """Return a function that runs the dashboard for an address's query; None stands for JupyterLab."""
    return lambda query="": run_page(esr, query)
