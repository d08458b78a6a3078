"""Runs a report's notebook for one set of parameters: the only home of Papermill.

Papermill writes the parameters and follows the run; its engine, here, executes the cells in this very process, which is
a fork made for one run (see ``atelier.reports.press``). The notebook is read and validated once, by the parent: it is
neither written after each cell nor validated again.
"""

import contextlib
import io
import json
import re
from collections.abc import Mapping
from copy import deepcopy
from functools import lru_cache
from pathlib import Path
from typing import Any

import nbformat
from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.interactiveshell import InteractiveShell
from nbformat import NotebookNode, ValidationError
from nbformat.notebooknode import from_dict
from papermill.engines import Engine as PapermillEngine
from papermill.engines import NotebookExecutionManager, papermill_engines
from papermill.parameterize import parameterize_notebook
from traitlets.config import Config

from atelier.errors import ReportError
from atelier.parameters import Value
from atelier.reports.job import Failure
from atelier.reports.report import Report

ENGINE, KERNEL, LANGUAGE = "atelier", "python3", "python"
LAST_LINES = 12
# Cells that Papermill adds to those of the notebook.
_ADDED_TAGS = {"injected-parameters"}
_HEADING = re.compile(r"^#+\s+(.+?)\s*$", re.MULTILINE)
_COLOURS = re.compile(r"\x1b\[[0-9;]*m")


class Shell(InteractiveShell):
    """IPython without a terminal, history or network, whose outputs are kept as a notebook keeps them."""

    def __init__(self, folder: Path) -> None:
        config = Config(HistoryManager={"enabled": False}, InteractiveShell={"colors": "nocolor"})
        self.outputs: list[NotebookNode] = []
        self.source = ""
        super().__init__(config=config, ipython_dir=str(folder), displayhook_class=_Hook, display_pub_class=_Publisher)

    def execute(self, source: str) -> list[NotebookNode]:
        """Run one cell and return its outputs; an error is one of them."""
        self.outputs, self.source = [], source
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
            self.run_cell(source, store_history=False)
        if printed.getvalue():
            self.outputs.insert(0, _output("stream", name="stdout", text=printed.getvalue()))
        return self.outputs

    def _showtraceback(self, etype: type[BaseException], evalue: BaseException, stb: list[str]) -> None:
        lines = [_COLOURS.sub("", line) for line in stb]
        self.outputs.append(_output("error", ename=etype.__name__, evalue=str(evalue), traceback=lines))


class _Hook(DisplayHook):
    """Keeps the value of a cell's last expression, unless the line ends with a semicolon."""

    shell: Shell

    def __call__(self, result: Any = None) -> None:
        if result is not None and not self.semicolon_at_end_of_expression(self.shell.source):
            formatter: Any = self.shell.display_formatter
            data, metadata = formatter.format(result)
            self.shell.outputs.append(_output("execute_result", data=data, metadata=metadata, execution_count=None))


class _Publisher(DisplayPublisher):
    """Keeps what a cell displays."""

    shell: Shell

    def publish(self, data: Any, metadata: Any = None, *_source: Any, **_options: Any) -> None:
        self.shell.outputs.append(_output("display_data", data=data, metadata=metadata or {}))


class InProcessEngine(PapermillEngine):
    """Papermill's engine for a process that is already a fork with everything loaded."""

    @classmethod
    def execute_managed_notebook(
        cls, nb_man: NotebookExecutionManager, kernel_name: str, *, shell: Shell, **_options: Any
    ) -> None:
        """Run the cells in order and stop at the first error."""
        del kernel_name
        for index, cell in enumerate(nb_man.nb.cells):
            if cell.cell_type != "code" or not cell.source.strip():
                continue
            nb_man.cell_start(cell, index)
            cell.execution_count = index + 1
            cell.outputs = shell.execute(cell.source)
            if any(output.output_type == "error" for output in cell.outputs):
                nb_man.cell_exception(cell, index)
                return
            nb_man.cell_complete(cell, index)


papermill_engines.register(ENGINE, InProcessEngine)


def read_notebook(report: Report) -> NotebookNode:
    """Return a report's notebook, validated; once for each content.

    Raises:
        ReportError: It is not a valid notebook.
    """
    try:
        return _read(report.content)
    except (ValueError, ValidationError) as error:
        reason = str(error).strip().split("\n")[0]
        raise ReportError(f"{report.path}: not a valid notebook ({reason}).") from error


@lru_cache(maxsize=32)
def _read(content: bytes) -> NotebookNode:
    return nbformat.reads(content.decode("utf-8"), as_version=4)


def execute(report: Report, values: Mapping[str, Value], shell: Shell) -> tuple[NotebookNode, Failure | None]:
    """Return the report's notebook, executed in this process, and where it failed if it did.

    Args:
        report: The report; its notebook is not touched.
        values: The value of every parameter, as ``read_values`` returns them.
        shell: What runs the cells; it keeps no name from one run to the next.
    """
    shell.reset(new_session=False)
    notebook = deepcopy(read_notebook(report))
    notebook.metadata.papermill = {}
    for cell in notebook.cells:
        cell.metadata.setdefault("tags", [])
        cell.metadata.papermill = {}
    if report.parameters.declared:
        checked = report.parameters.read(values)
        notebook = parameterize_notebook(notebook, checked, kernel_name=KERNEL, language=LANGUAGE, engine_name=ENGINE)
    executed = papermill_engines.execute_notebook_with_engine(
        ENGINE, notebook, kernel_name=KERNEL, progress_bar=False, shell=shell
    )
    return executed, _failure(executed)


def audit_copy(executed: NotebookNode) -> bytes:
    """Return an executed notebook as a file to keep: what ran, what came out; its times are taken out of it."""
    executed.metadata.pop("papermill", None)
    for cell in executed.cells:
        cell.metadata.pop("papermill", None)
    return (json.dumps(executed, ensure_ascii=False, sort_keys=True) + "\n").encode("utf-8")


def _output(kind: str, **content: Any) -> NotebookNode:
    """Return an output of a cell; nbformat's own constructor validates each against the whole schema."""
    node: NotebookNode = from_dict({"output_type": kind, **content})
    return node


def _failure(executed: NotebookNode) -> Failure | None:
    heading = ""
    own = [cell for cell in executed.cells if not _ADDED_TAGS & {*cell.metadata.get("tags", [])}]
    for number, cell in enumerate(own, 1):
        if cell.cell_type == "markdown" and _HEADING.search(cell.source):
            heading = f"section {_HEADING.findall(cell.source)[0]!r}"
        for output in cell.get("outputs", []):
            if output.output_type == "error":
                message = f"{output.ename}: {output.evalue}".strip().split("\n")[0]
                lines = "\n".join(output.traceback).splitlines()[-LAST_LINES:]
                return Failure(heading or f"cell {number}", message, tuple(lines))
    return None
