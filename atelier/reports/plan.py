"""The plan of a production: which editions there are, which must be made, and why.

Nothing here loads Papermill, IPython, nbconvert, Typst or Dask: planning a thousand editions that are all up to date
reads small files and compares hashes.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Literal, get_args

from atelier.editions.dependencies import Dependencies, explain
from atelier.editions.store import current_version, is_damaged, read_record
from atelier.errors import QuestionError, UnknownNameError
from atelier.indicators import Engine
from atelier.language import LANGUAGES
from atelier.parameters import Value
from atelier.reports.report import (
    MEDIUM,
    Report,
    allowed_codes,
    codes_of,
    edition_key,
    read_report,
    read_values,
    report_names,
)
from atelier.settings import Settings
from atelier.theme import Theme

Format = Literal["html", "pdf"]
FORMATS: tuple[Format, ...] = get_args(Format)
NEW, DAMAGED, ANOTHER_FORMAT = "new", "a file is gone or damaged", "another format is asked"


@dataclass(frozen=True)
class Planned:
    """One edition of a plan.

    Attributes:
        report: Identifier of its report.
        key: Its name.
        subject: The value it is made for; empty when its report is made once.
        values: Its parameters.
        reasons: Why it must be made; empty when it is up to date.
    """

    report: str
    key: str
    subject: str
    values: Mapping[str, Value]
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class Work:
    """Editions made together: a few subjects of one report, in each language.

    Attributes:
        report: Identifier of the report.
        subjects: The value each edition is made for.
        runs: Parameters of each edition.
        reasons: Why each is made.
        formats: What to write.
        folder: Where editions of the report go.
    """

    report: str
    subjects: tuple[str, ...]
    runs: tuple[Mapping[str, Value], ...]
    reasons: tuple[tuple[str, ...], ...]
    formats: tuple[str, ...]
    folder: Path


@dataclass(frozen=True)
class Plan:
    """What a production would make.

    Attributes:
        theme: Identifier of the theme.
        editions: Every edition asked for, up to date or not.
        formats: What to write.
        folder: Folder of the theme's editions.
    """

    theme: str
    editions: tuple[Planned, ...]
    formats: tuple[str, ...]
    folder: Path

    @property
    def stale(self) -> tuple[Planned, ...]:
        """The editions to make."""
        return tuple(one for one in self.editions if one.reasons)

    def works(self, together: int = 1) -> list[Work]:
        """Return the editions to make as works of so many subjects of one report, each in all its languages."""
        works = []
        for _, group in groupby(self.stale, key=lambda one: one.report):
            editions = list(group)
            subjects = list(dict.fromkeys(one.subject for one in editions))
            for start in range(0, len(subjects), together):
                kept = subjects[start : start + together]
                works.append(self.work([one for one in editions if one.subject in kept]))
        return works

    def work(self, editions: Sequence[Planned]) -> Work:
        """Return the work that makes editions of one report."""
        first = editions[0]
        return Work(
            report=first.report,
            subjects=tuple(one.subject for one in editions),
            runs=tuple(one.values for one in editions),
            reasons=tuple(one.reasons for one in editions),
            formats=self.formats,
            folder=self.folder / first.report,
        )


def require_formats(formats: Iterable[str]) -> tuple[str, ...]:
    """Return the formats asked; UnknownNameError names those there are."""
    asked = tuple(formats)
    for form in asked:
        if form not in FORMATS:
            raise UnknownNameError("format", form, FORMATS)
    return asked


def make_plan(
    settings: Settings,
    theme: Theme,
    *,
    only: Sequence[str] = (),
    subjects: Sequence[str] = (),
    year: int | None = None,
    formats: Iterable[str] = FORMATS,
    languages: Sequence[str] = LANGUAGES,
) -> Plan:
    """Return which editions there are, and why those that must be made must be.

    Args:
        settings: Settings in force.
        theme: The theme.
        only: Reports to make; all by default.
        subjects: Codes to make them for; all by default. A report that is not made for each code of something, or
            whose codes hold none of them, is left out.
        year: The year, for reports that have a parameter ``year``; the notebook's by default.
        formats: ``html``, ``pdf`` or both.
        languages: Languages to make.

    Raises:
        UnknownNameError: A report, code, year, format or language that does not exist.
        DeclarationError: A notebook's metadata hold mistakes.
        QuestionError: No edition answers the request.
    """
    asked = require_formats(formats)
    for language in languages:
        if language not in LANGUAGES:
            raise UnknownNameError("language", language, LANGUAGES)
    folder = settings.editions / theme.id
    engine, dependencies = Engine(theme), Dependencies(settings, theme, MEDIUM)
    known: set[str] = set()
    editions: list[Planned] = []
    for name in only or report_names(settings.home, theme.id):
        report = read_report(settings.home, theme.id, name)
        codes = codes_of(report, engine, year)
        known.update(codes)
        allowed = allowed_codes(report, engine)
        for code in codes:
            if subjects and code not in subjects:
                continue
            for chosen in _chosen(report, code, year, languages):
                values = read_values(report, engine, chosen, allowed)
                key = edition_key(values, report.parameters.defaults)
                reasons = _reasons(folder / name, key, asked, report, dependencies)
                editions.append(Planned(name, key, code, values, reasons))
    engine.close()
    for subject in subjects:
        if subject not in known:
            raise UnknownNameError("subject", subject, sorted(known - {""}))
    if not editions:
        raise QuestionError("no edition answers this request: ask for fewer things at once.")
    return Plan(theme.id, tuple(editions), asked, folder)


def _chosen(report: Report, code: str, year: int | None, languages: Sequence[str]) -> list[dict[str, object]]:
    defaults = report.parameters.defaults
    chosen: dict[str, object] = {report.each: code} if report.each else {}
    if year is not None and "year" in defaults:
        chosen["year"] = year
    return [{**chosen, "lang": language} for language in languages] if "lang" in defaults else [chosen]


def _reasons(
    folder: Path, key: str, formats: Sequence[str], report: Report, dependencies: Dependencies
) -> tuple[str, ...]:
    """Return why an edition must be made; nothing when it is up to date."""
    version, record = current_version(folder, key), read_record(folder, key)
    known = {one.version: one for one in record.versions} if record else {}
    if version is None or record is None or version not in known:
        return (NEW,)
    if is_damaged(folder, key, known[version]):
        return (DAMAGED,)
    if not {name.rpartition(".")[2] for name in known[version].written} >= set(formats):
        return (ANOTHER_FORMAT,)
    return explain(record.inputs, dependencies.now(report, record.inputs))
