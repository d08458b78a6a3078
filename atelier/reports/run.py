"""Runs a report's notebook for one set of parameters: the only home of Papermill.

The notebook itself is never written to: Papermill works on a copy in a temporary folder.
"""

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import nbformat
import papermill
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbformat import NotebookNode
from papermill.exceptions import PapermillException, PapermillExecutionError
from traitlets.config import Config

from atelier.declarations import column_of
from atelier.errors import DeclarationError, Problem, ReportError, UnknownNameError
from atelier.indicators import Engine
from atelier.language import Text
from atelier.parameters import Parameters, Value, read_parameters
from atelier.references import CodeList
from atelier.reports.profile import require_today

KERNEL = "python3"
START_SECONDS = 120
CELL_SECONDS = 300
# Sockets in a file, not on the network: no port is opened, and no other user can reach the kernel.
_KERNEL_CONFIG = Config(KernelManager={"transport": "ipc"})
# Cells that Papermill adds to those of the notebook.
_PAPERMILL_TAGS = {"injected-parameters", "papermill-error-cell-tag"}
_HEADING = re.compile(r"^#+\s+(.+?)\s*$", re.MULTILINE)
_COLOURS = re.compile(r"\x1b\[[0-9;]*m")


@dataclass(frozen=True)
class Report:
    """A notebook that makes one document for each set of parameters.

    Attributes:
        theme: Identifier of its theme.
        name: Identifier inside the theme.
        path: Path from the project's folder, with slashes.
        title: Its title.
        description: What it holds.
        parameters: What may be chosen.
        notebook: The notebook, without outputs.
        sha256: Hash of the file.
    """

    theme: str
    name: str
    path: str
    title: Text
    description: Text
    parameters: Parameters
    notebook: NotebookNode
    sha256: str


def read_report(home: Path, theme: str, name: str) -> Report:
    """Return a report of a theme, read from ``notebooks/<theme>/reports/<name>.ipynb``.

    Raises:
        UnknownNameError: No such report; the message names those there are.
        DeclarationError: The notebook is not readable, or lacks a title in both languages.
    """
    folder = home / "notebooks" / theme / "reports"
    names = sorted(path.stem for path in folder.glob("*.ipynb"))
    if name not in names:
        raise UnknownNameError("report", name, names)
    path = folder / f"{name}.ipynb"
    where = path.relative_to(home).as_posix()
    content = path.read_bytes()
    try:
        notebook = nbformat.reads(content.decode("utf-8"), as_version=4)
        declared = notebook.metadata["atelier"]
        title, description = Text(**declared["title"]), Text(**declared["description"])
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        problem = Problem(where, "metadata.atelier", f"a title and a description in fr and en are needed ({error}).")
        raise DeclarationError("notebook", [problem]) from error
    parameters = read_parameters(notebook, where)
    return Report(theme, name, where, title, description, parameters, notebook, hashlib.sha256(content).hexdigest())


def read_values(report: Report, engine: Engine, values: Mapping[str, object]) -> dict[str, Value]:
    """Return the value of every parameter, checked against the notebook and against the theme's codes.

    Raises:
        UnknownNameError: A parameter that the notebook does not declare, or a code that does not exist.
        QuestionError: A value of another type, or a code that another one carries today.
    """
    codes: dict[str, list[str]] = {}
    for name, dimension, known in _coded(report, engine):
        if isinstance(known, CodeList):
            if name in values:
                require_today(known, dimension, str(values[name]))
        else:
            # A report may read several datasets: a code of one of them is enough.
            codes[name] = list(dict.fromkeys([*codes.get(name, []), *known]))
    return report.parameters.read(values, codes)


def _coded(report: Report, engine: Engine) -> Iterator[tuple[str, str, CodeList | list[str]]]:
    """Yield each parameter that is a dimension, with its code list or its codes."""
    for dataset_id, dataset in engine.theme.datasets.items():
        references = {field.dimension: field.reference for field in dataset.fields if field.reference}
        for dimension in engine.dimensions(dataset_id).values():
            name = column_of(dimension.id)
            if name in report.parameters.defaults:
                reference = references.get(dimension.id)
                yield name, dimension.id, engine.references[reference] if reference else list(dimension.members)


def run_report(report: Report, values: Mapping[str, Value], home: Path) -> NotebookNode:
    """Return the report's notebook, executed with checked values.

    Args:
        report: The report.
        values: The value of every parameter, as ``read_values`` returns them.
        home: Project folder, where the notebook runs.

    Raises:
        ReportError: A cell failed, took too long, or the kernel died; tells the notebook, the section and the error.
    """
    with TemporaryDirectory(prefix="atelier-report-") as folder:
        output = Path(folder) / "executed.ipynb"
        try:
            papermill.execute_notebook(
                str(home / report.path),
                str(output),
                parameters=report.parameters.read(values),
                kernel_name=KERNEL,
                progress_bar=False,
                cwd=str(home),
                start_timeout=START_SECONDS,
                execution_timeout=CELL_SECONDS,
                config=_KERNEL_CONFIG,
                extra_arguments=["--IPKernelApp.log_level=50"],
            )
        except PapermillExecutionError as error:
            message = _COLOURS.sub("", f"{error.ename}: {error.evalue}").strip().split("\n")[0]
            executed = nbformat.read(output, as_version=4)
            raise ReportError(f"{report.path}, {_section(executed)}: {message}") from error
        except (DeadKernelError, CellTimeoutError, PapermillException, RuntimeError) as error:
            reason = str(error).strip().split("\n")[0]
            raise ReportError(f"{report.path}: the notebook could not be run to its end ({reason}).") from error
        return nbformat.read(output, as_version=4)


def _section(executed: NotebookNode) -> str:
    """Return the heading above the cell that failed, or its number."""
    heading, ours = "", [cell for cell in executed.cells if not _PAPERMILL_TAGS & {*cell.metadata.get("tags", [])}]
    for number, cell in enumerate(ours, 1):
        if cell.cell_type == "markdown" and _HEADING.search(cell.source):
            heading = f"section {_HEADING.findall(cell.source)[0]!r}"
        elif cell.cell_type == "code" and any(output.output_type == "error" for output in cell.outputs):
            return heading or f"cell {number}"
    return heading
