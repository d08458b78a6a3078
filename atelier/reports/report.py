"""A report as it is stored: a notebook, what may be chosen in it, and which editions it is made for.

Its metadata say what a production makes::

    "atelier": {"title": …, "description": …, "dashboard": "students",
                "editions": {"each": "institution", "with": "students"}}

One edition for each code of the parameter ``each`` that has a value of the indicator ``with`` in the year asked; each
indicator or each dataset of the theme when the parameter has that name; in every language when there is a parameter
``lang``; one edition when ``editions`` is absent.
"""

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from atelier.declarations import column_of
from atelier.editions.dependencies import Medium
from atelier.errors import DeclarationError, Problem, ReportError, UnknownNameError
from atelier.indicators import Engine
from atelier.language import Text
from atelier.notebooks import read_plain
from atelier.parameters import Parameters, Value, read_parameters
from atelier.references import UNMATCHED, CodeList
from atelier.reports.profile import require_today

MEDIUM = Medium(
    templates=("templates/nbconvert/report", "templates/typst"),
    rooms_apart=frozenset({"live", "site", "api", "hub", "cli"}),
)
"""What every report goes through."""

_KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")


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
        each: The parameter that an edition is made for each value of; empty when there is none.
        counted: The indicator that tells which codes have figures; empty when every code does.
        dashboard: The live dashboard that shows the same selection; empty when there is none.
        content: The notebook's file.
        sha256: Hash of the file.
    """

    theme: str
    name: str
    path: str
    title: Text
    description: Text
    parameters: Parameters
    each: str
    counted: str
    dashboard: str
    content: bytes
    sha256: str

    def edition_address(self, values: Mapping[str, Value]) -> str:
        """Return the address of an edition's page below that of the public pages."""
        return f"reports/{self.theme}/{self.name}/{edition_key(values, self.parameters.defaults)}/index.html"


def read_report(home: Path, theme: str, name: str) -> Report:
    """Return a report of a theme, read from ``notebooks/<theme>/reports/<name>.ipynb``.

    Raises:
        UnknownNameError: No such report; the message names those there are.
        DeclarationError: The notebook is not readable, or lacks a title in both languages.
    """
    names = report_names(home, theme)
    if name not in names:
        raise UnknownNameError("report", name, names)
    path = home / "notebooks" / theme / "reports" / f"{name}.ipynb"
    where = path.relative_to(home).as_posix()
    content = path.read_bytes()
    try:
        notebook = read_plain(content)
        declared = notebook.metadata["atelier"]
        title, description = Text(**declared["title"]), Text(**declared["description"])
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        problem = Problem(where, "metadata.atelier", f"a title and a description in fr and en are needed ({error}).")
        raise DeclarationError("notebook", [problem]) from error
    parameters = read_parameters(notebook, where)
    editions = declared.get("editions", {})
    each = editions.get("each", "")
    if each and each not in parameters.defaults:
        problem = Problem(where, "metadata.atelier.editions.each", f"{each!r} is not one of its parameters.")
        raise DeclarationError("notebook", [problem])
    return Report(
        theme=theme,
        name=name,
        path=where,
        title=title,
        description=description,
        parameters=parameters,
        each=each,
        counted=editions.get("with", ""),
        dashboard=declared.get("dashboard", ""),
        content=content,
        sha256=hashlib.sha256(content).hexdigest(),
    )


def report_names(home: Path, theme: str) -> list[str]:
    """Return the names of a theme's reports."""
    return sorted(path.stem for path in (home / "notebooks" / theme / "reports").glob("*.ipynb"))


def read_values(
    report: Report, engine: Engine, values: Mapping[str, object], allowed: "Allowed | None" = None
) -> dict[str, Value]:
    """Return the value of every parameter, checked against the notebook and against the theme's codes.

    Args:
        report: The report.
        engine: What answers for the theme.
        values: What is asked, by name.
        allowed: What ``allowed_codes`` returned for the same report and engine, if it was asked already.

    Raises:
        UnknownNameError: A parameter that the notebook does not declare, or a code that does not exist.
        QuestionError: A value of another type, or a code that another one carries today.
    """
    known = allowed or allowed_codes(report, engine)
    codes = dict(known.codes)
    for name, reference in known.listed.items():
        present = codes.pop(name)
        if name in values:
            require_today(reference, name.replace("_", "-"), str(values[name]), present)
    return report.parameters.read(values, codes)


@dataclass(frozen=True)
class Allowed:
    """Which codes the parameters of a report may take.

    Attributes:
        codes: Codes of each parameter that is a dimension, an indicator or a dataset.
        listed: The code list of each parameter whose codes one holds.
    """

    codes: Mapping[str, list[str]]
    listed: Mapping[str, CodeList]


def allowed_codes(report: Report, engine: Engine) -> Allowed:
    """Return which codes the parameters of a report may take."""
    codes: dict[str, list[str]] = {
        "indicator": list(engine.theme.indicators),
        "dataset": list(engine.theme.datasets),
    }
    listed: dict[str, CodeList] = {}
    for name, members, reference in _coded(report, engine):
        # A report may read several datasets: a code of one of them is enough.
        codes[name] = list(dict.fromkeys([*codes.get(name, ()), *members]))
        if reference:
            listed[name] = reference
    return Allowed(codes, listed)


def codes_of(report: Report, engine: Engine, year: object = None) -> list[str]:
    """Return the values of the parameter ``each`` that an edition is made for; one empty value when there is none.

    Args:
        report: The report.
        engine: What answers for the theme.
        year: The year asked; the notebook's by default, the last one with figures when it has no parameter ``year``.
    """
    if not report.each:
        return [""]
    everything = {"indicator": engine.theme.indicators, "dataset": engine.theme.datasets}
    if report.each in everything:
        return sorted(everything[report.each])
    defaults = report.parameters.defaults
    cells = engine.answer(report.counted, (report.each.replace("_", "-"), "year"), {}).cells
    cells = cells[cells["year"] == int(str(year or defaults.get("year") or cells["year"].max()))]
    known = cells.loc[cells["value"].gt(0), report.each]
    return sorted(str(code) for code in known if code != UNMATCHED)


def edition_key(values: Mapping[str, Value], defaults: Mapping[str, Value]) -> str:
    """Return the name of an edition: its first parameter, then those that differ from the notebook's defaults.

    A report whose only parameter is the language is named by it.

    Args:
        values: Parameters of the edition, in the notebook's order.
        defaults: Values written in the notebook.

    Raises:
        ReportError: A value that cannot be part of an address.
    """
    first, *others = values or {"edition": "edition"}
    told = [str(values.get(first, first)), *(str(values[name]) for name in others if values[name] != defaults[name])]
    key = "-".join(told)
    if not _KEY.fullmatch(key):
        raise ReportError(f"an edition cannot be named {key!r}: use values made of letters, digits, - and _.")
    return key


def dashboard_address(home: Path, report: Report, values: Mapping[str, Value]) -> str:
    """Return the address of the report's dashboard, on the selection of an edition, below that of the public pages.

    Raises:
        DeclarationError: The report names a dashboard that is not there.
    """
    path = home / "notebooks" / report.theme / "dashboards" / f"{report.dashboard}.ipynb"
    try:
        notebook = read_plain(path.read_bytes())
    except OSError as error:
        problem = Problem(report.path, "metadata.atelier.dashboard", f"no dashboard {report.dashboard!r}: correct it.")
        raise DeclarationError("notebook", [problem]) from error
    parameters = read_parameters(notebook, str(path.name))
    query = parameters.query({name: value for name, value in values.items() if name in parameters.defaults})
    return f"dashboards/{report.theme}/{report.dashboard}" + (f"?{query}" if query else "")


def _coded(report: Report, engine: Engine) -> Iterator[tuple[str, list[str], CodeList | None]]:
    """Yield each parameter that is a dimension, for each dataset: its codes there, and the code list they come from."""
    for dataset_id, dataset in engine.theme.datasets.items():
        references = {field.dimension: field.reference for field in dataset.fields if field.reference}
        for dimension in engine.dimensions(dataset_id).values():
            name = column_of(dimension.id)
            if name in report.parameters.defaults:
                reference = references.get(dimension.id)
                yield name, list(dimension.members), engine.references[reference] if reference else None
