"""From a request to an edition: check, run, read, render, publish."""

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Literal, get_args

from atelier.errors import QuestionError, UnknownNameError
from atelier.indicators import Engine
from atelier.language import require_language
from atelier.parameters import Value
from atelier.reports.document import Document, datasets, read_document
from atelier.reports.editions import edition_key, publish
from atelier.reports.export import render_html, render_pdf
from atelier.reports.run import Report, read_report, read_values, run_report
from atelier.settings import Settings
from atelier.theme import read_theme

Format = Literal["html", "pdf"]
FORMATS: tuple[Format, ...] = get_args(Format)
PROVENANCE = "provenance.json"


@dataclass(frozen=True)
class Edition:
    """A published report.

    Attributes:
        folder: Where it lies.
        files: Its files, the sidecar last.
    """

    folder: Path
    files: tuple[Path, ...]


def produce(
    settings: Settings,
    theme: str,
    name: str,
    values: Mapping[str, object],
    *,
    formats: Sequence[str] = FORMATS,
    folder: Path | None = None,
    tell: Callable[[str], None] = lambda _message: None,
) -> Edition:
    """Run a report and publish it as an edition.

    Args:
        settings: Settings in force.
        theme: Theme of the report.
        name: Report.
        values: Parameters asked, by name.
        formats: ``html``, ``pdf`` or both.
        folder: Where editions go; ``<settings.editions>/<theme>/<report>`` by default.
        tell: Called with each step.

    Raises:
        UnknownNameError: A theme, report, parameter, code or format that does not exist.
        QuestionError: A value of the wrong type.
        ReportError: The report could not be run or exported; the edition in place is untouched.
        StoreError: The disk refused; the edition in place is untouched.
    """
    for form in formats:
        if form not in FORMATS:
            raise UnknownNameError("format", form, FORMATS)
    opened = read_theme(settings, theme)
    report = read_report(settings.home, opened.id, name)
    engine = Engine(opened)
    checked = read_values(report, engine, values)
    engine.close()
    language = require_language(str(checked.get("lang", settings.language)))
    key = edition_key(checked, report.parameters.defaults)
    tell(f"running {report.path} for {', '.join(f'{one} = {value}' for one, value in checked.items())}")
    executed = run_report(report, checked, settings.home)
    document = read_document(report, executed, checked, language, opened.card.publisher[language])
    files: dict[str, bytes] = {}
    if "html" in formats:
        tell("writing HTML")
        files["index.html"] = render_html(document, settings.home)
    if "pdf" in formats:
        tell("writing PDF")
        files[f"{name}-{key}.pdf"] = render_pdf(document, settings.home)
    files[PROVENANCE] = _provenance(report, document, checked, files)
    tell("publishing")
    target = publish(folder or settings.editions / opened.id / name, key, files)
    return Edition(target, tuple(target / file for file in files))


def read_choices(
    settings: Settings, theme: str, name: str, subject: str | None, others: Iterable[str]
) -> dict[str, str]:
    """Return the parameters a person typed: the first one alone, the others as ``name=value``.

    Raises:
        UnknownNameError: No such theme or report.
        QuestionError: A choice that is not ``name=value``, or a subject for a report that has no parameter.
    """
    report = read_report(settings.home, read_theme(settings, theme).id, name)
    names = list(report.parameters.defaults)
    values: dict[str, str] = {"lang": settings.language} if "lang" in names else {}
    if subject is not None:
        if not names:
            raise QuestionError(f"report {name!r} has no parameter: run it without --for.")
        values[names[0]] = subject
    for choice in others:
        key, equals, value = choice.partition("=")
        if not equals:
            raise QuestionError(f"--set {choice!r} is not NAME=VALUE: write for example --set year=2022.")
        values[key] = value
    return values


def _provenance(report: Report, document: Document, values: Mapping[str, Value], files: Mapping[str, bytes]) -> bytes:
    record = {
        "title": document.title,
        "theme": report.theme,
        "report": report.name,
        "parameters": dict(values),
        "language": document.language,
        "notebook": {"path": report.path, "sha256": report.sha256},
        "engine": version("dataesr-atelier"),
        "datasets": datasets(document.provenance),
        "figures": [block["title"] for block in document.blocks if block["kind"] == "figure"],
        "questions": [
            {key: one[key] for key in ("indicator", "dataset", "question", "unmatched")} for one in document.provenance
        ],
        "files": {name: hashlib.sha256(content).hexdigest() for name, content in files.items()},
    }
    return (json.dumps(record, ensure_ascii=False, indent=1) + "\n").encode("utf-8")
