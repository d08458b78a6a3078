"""From checked parameters to an edition: run, read, render, check, publish."""

import gzip
import hashlib
import json
import subprocess
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from atelier.editions.dependencies import Dependencies
from atelier.editions.store import (
    ANSWERS,
    PROVENANCE,
    Record,
    Version,
    current_version,
    publish,
    read_record,
    remember,
    version_folder,
)
from atelier.errors import AtelierError, QuestionError, ReportError
from atelier.indicators import Engine
from atelier.parameters import Value
from atelier.reports.changes import Earlier
from atelier.reports.crate import EXECUTED, FILE, NOTEBOOK, Circumstances, build_crate
from atelier.reports.document import Document, datasets
from atelier.reports.export import render_html, render_pdf
from atelier.reports.gate import check_document, check_sizes
from atelier.reports.job import DOCUMENT, Failure, Job, Run
from atelier.reports.plan import FORMATS, Work, require_formats
from atelier.reports.presses import Presses
from atelier.reports.report import MEDIUM, Report, edition_key, read_report, read_values
from atelier.settings import Settings
from atelier.theme import Theme, read_theme

ASKED = ("asked by name",)


@dataclass(frozen=True)
class Outcome:
    """What became of one edition.

    Attributes:
        report: Identifier of the report.
        subject: The value it was made for.
        key: Name of the edition.
        parameters: Its parameters.
        error: What stopped it; empty when it was published.
        lines: The last lines of the traceback.
        warnings: What the gate let through with a warning.
        is_new: Whether readers get something else than before.
        seconds: Time of each stage.
    """

    report: str
    subject: str
    key: str
    parameters: Mapping[str, Value]
    error: str = ""
    lines: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    is_new: bool = False
    seconds: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Edition:
    """A published report.

    Attributes:
        folder: Where it lies.
        files: Its files, the sidecars last.
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
        ReportError: The report could not be run, exported or let through the gate; the edition in place is untouched.
        StoreError: The disk refused; the edition in place is untouched.
    """
    asked, opened = require_formats(formats), read_theme(settings, theme)
    report = read_report(settings.home, opened.id, name)
    engine = Engine(opened)
    checked = read_values(report, engine, values)
    engine.close()
    target = folder or settings.editions / opened.id / name
    work = Work(name, (str(checked.get(report.each, "")),), (checked,), (ASKED,), asked, target)
    tell(f"running {report.path} for {', '.join(f'{one} = {value}' for one, value in checked.items())}")
    try:
        (outcome,) = make(settings, opened.id, work)
    finally:
        close_presses()
    if outcome.error:
        raise ReportError(outcome.error)
    for warning in outcome.warnings:
        tell(f"warning: {warning}")
    tell("published")
    edition = target / outcome.key
    names = json.loads((edition / PROVENANCE).read_bytes())["files"]
    return Edition(edition, tuple(edition / file for file in (*names, PROVENANCE)))


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


def make(settings: Settings, theme: str, work: Work) -> list[Outcome]:
    """Make editions in this process and the press it keeps; a failure is an outcome, never an exception."""
    try:
        opened = read_theme(settings, theme)
        report = read_report(settings.home, theme, work.report)
        workshop = _Workshop(settings, opened, report, work, Dependencies(settings, opened, MEDIUM))
        runs = workshop.run()
    except AtelierError as error:
        return fail(work, str(error))
    outcomes = []
    for subject, values, reasons, run in zip(work.subjects, work.runs, work.reasons, runs, strict=True):
        key = edition_key(values, report.parameters.defaults)
        try:
            told = workshop.finish(key, values, reasons, run)
        except AtelierError as error:
            told = {"error": str(error), "lines": run.failure.lines if run.failure else ()}
        outcomes.append(Outcome(work.report, subject, key, values, **told))
    return outcomes


def fail(work: Work, error: str) -> list[Outcome]:
    """Return the outcomes of a work that could not be done at all."""
    return [
        Outcome(work.report, subject, "", values, error=error)
        for subject, values in zip(work.subjects, work.runs, strict=True)
    ]


def open_presses(settings: Settings, theme: Theme, count: int) -> None:
    """Start presses for the threads of this process that will make editions, without waiting for them."""
    _PRESSES.prepare((settings, theme.id, Dependencies(settings, theme, MEDIUM).stamp), count)


def close_presses() -> None:
    """End the presses that this process keeps."""
    _PRESSES.close()


@dataclass(frozen=True)
class _Workshop:
    """What the editions of one work share."""

    settings: Settings
    theme: Theme
    report: Report
    work: Work
    dependencies: Dependencies

    def run(self) -> list[Run]:
        """Run the work on a press for the theme as it is now."""
        name = (self.settings, self.theme.id, self.dependencies.stamp)
        defaults = self.report.parameters.defaults
        earlier = tuple(self._earlier(edition_key(values, defaults)) for values in self.work.runs)
        return _PRESSES.run(name, Job(self.work.report, self.work.runs, earlier))

    def _earlier(self, key: str) -> Earlier | None:
        """Return the edition in place, if it is known when it was published."""
        version, record = current_version(self.work.folder, key), read_record(self.work.folder, key)
        known = {one.version: one.published for one in record.versions} if record else {}
        if version is None or version not in known:
            return None
        return Earlier(version_folder(self.work.folder, key, version), known[version][:10])

    def finish(self, key: str, values: Mapping[str, Value], reasons: tuple[str, ...], run: Run) -> dict[str, Any]:
        """Render, check and publish what a run gave; return what there is to tell of it."""
        if run.document is None:
            failure = run.failure or Failure("", "nothing came out.")
            raise ReportError(failure.message if failure.place == DOCUMENT else f"{self.report.path}, {failure}")
        stages = _Stages({"run": run.seconds})
        files = self._render(key, run.document, stages)
        warnings = self._check(run.document, files)
        stages.end("check")
        made = Version("", datetime.now(UTC).isoformat(timespec="seconds"), reasons, warnings)
        is_new = self._publish(key, values, run, files, made, spent=stages.seconds)
        stages.end("publish")
        return {"seconds": stages.seconds, "warnings": warnings, "is_new": is_new}

    def _render(self, key: str, document: Document, stages: "_Stages") -> dict[str, bytes]:
        files: dict[str, bytes] = {}
        if "html" in self.work.formats:
            files["index.html"] = render_html(document, self.settings.home)
            stages.end("html")
        if "pdf" in self.work.formats:
            files[f"{self.report.name}-{key}.pdf"] = render_pdf(document, self.settings.home)
            stages.end("pdf")
        return files

    def _check(self, document: Document, files: Mapping[str, bytes]) -> tuple[str, ...]:
        findings = [*check_document(document, self.theme), *check_sizes(files)]
        errors = [str(finding) for finding in findings if finding.severity == "error"]
        if errors:
            raise ReportError(f"{self.report.path}: not published: {' '.join(errors)}")
        return tuple(str(finding) for finding in findings if finding.severity == "warning")

    def _publish(
        self,
        key: str,
        values: Mapping[str, Value],
        run: Run,
        files: dict[str, bytes],
        made: Version,
        *,
        spent: Mapping[str, float],
    ) -> bool:
        document: Any = run.document
        report, folder = self.report, self.work.folder
        inputs = self.dependencies.of(report, run.reads)
        files[ANSWERS] = _as_json({"language": document.language, "answers": document.answers})
        files[PROVENANCE] = _as_json(
            {
                "title": document.title,
                "theme": report.theme,
                "report": report.name,
                "parameters": dict(values),
                "language": document.language,
                "notebook": {"path": report.path, "sha256": report.sha256},
                "engine": version("dataesr-atelier"),
                "datasets": datasets(document.answers),
                "inputs": dict(inputs),
                "changes": document.changes,
                "corrections": sorted(self.dependencies.corrections(run.reads)),
                "figures": [block["title"] for block in document.blocks if block["kind"] == "figure"],
                "checks": {"errors": [], "warnings": list(made.warnings)},
                "files": {name: hashlib.sha256(content).hexdigest() for name, content in files.items()},
            }
        )
        circumstances = Circumstances(made.published, _commit(self.settings.home), version("dataesr-atelier"))
        beside = {
            FILE: _as_json(build_crate(report, document, values, files, circumstances)),
            NOTEBOOK: (self.settings.home / report.path).read_bytes(),
            EXECUTED: gzip.compress(run.executed, mtime=0),
        }
        before = current_version(folder, key)
        published = publish(folder, key, files, beside)
        sizes = {name: len(content) for name, content in files.items()}
        remember(folder, key, Record(dict(values), inputs, sizes, dict(spent)), replace(made, version=published))
        return published != before


class _Stages:
    """The time of each stage, one after the other."""

    def __init__(self, seconds: dict[str, float]) -> None:
        self.seconds, self._start = seconds, time.perf_counter()

    def end(self, stage: str) -> None:
        """End a stage; the next one starts."""
        now = time.perf_counter()
        self.seconds[stage], self._start = now - self._start, now


def _as_json(value: object) -> bytes:
    return (json.dumps(value, ensure_ascii=False, separators=(",", ":")) + "\n").encode("utf-8")


@cache
def _commit(home: Path) -> str:
    """Return the commit of the project; nothing where there is no git or no repository."""
    try:
        done = subprocess.run(  # noqa: S603
            ["git", "-C", str(home), "rev-parse", "HEAD"],  # noqa: S607
            capture_output=True,
            text=True,
            timeout=10,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip()


_PRESSES = Presses()
