"""A theme read from its folder and checked whole: every mistake is reported at once, with file and key."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from graphlib import CycleError, TopologicalSorter
from pathlib import Path, PurePosixPath
from typing import Any, TypeVar

from pydantic import BaseModel

from atelier.declarations import (
    RAW,
    TOTAL,
    Dataset,
    Disclosure,
    FieldDeclaration,
    Indicator,
    Member,
    Reference,
    Table,
    Term,
    ThemeFile,
    column_of,
)
from atelier.errors import DeclarationError, Problem, UnknownNameError
from atelier.language import same
from atelier.reading import read_declaration, read_sql
from atelier.settings import Settings
from atelier.telling import NarrativeFile

M = TypeVar("M", bound=BaseModel)

KINDS: Mapping[str, type[BaseModel]] = {
    "datasets": Dataset,
    "references": Reference,
    "indicators": Indicator,
    "glossary": Term,
}
"""Folders of a theme, and what each of their TOML files declares."""

_IDENTIFIER = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_RESERVED_CODES = {TOTAL, "_U"}
_BLANK_CARD = ThemeFile(
    title=same("?"), description=same("?"), publisher=same("?"), contact="?", whole=same("?"), units={}
)


@dataclass(frozen=True)
class Theme:
    """One subject: its declarations and the SQL beside them.

    Attributes:
        id: Name of the folder.
        folder: ``themes/<id>``.
        card: ``theme.toml``.
        datasets: By identifier, as are the next four.
        references: Code lists.
        indicators: Cards and formulas.
        glossary: Terms.
        telling: ``narrative.toml``, where there is one.
        sql: Text of the SQL files, by ``datasets/<id>`` or ``references/<id>``.
        unread: Files too damaged to be relied on; always empty in what ``read_theme`` returns.
    """

    id: str
    folder: Path
    card: ThemeFile
    datasets: Mapping[str, Dataset] = field(default_factory=dict)
    references: Mapping[str, Reference] = field(default_factory=dict)
    indicators: Mapping[str, Indicator] = field(default_factory=dict)
    glossary: Mapping[str, Term] = field(default_factory=dict)
    telling: NarrativeFile = field(default_factory=NarrativeFile)
    sql: Mapping[str, str] = field(default_factory=dict)
    unread: frozenset[str] = frozenset()

    def require_indicator(self, name: str) -> Indicator:
        """Return an indicator; UnknownNameError names the others."""
        return _require("indicator", name, self.indicators)

    def require_dataset(self, name: str) -> Dataset:
        """Return a dataset; UnknownNameError names the others."""
        return _require("dataset", name, self.datasets)

    def require_reference(self, name: str) -> Reference:
        """Return a reference; UnknownNameError names the others."""
        return _require("reference", name, self.references)

    def tables(self) -> Iterator[tuple[str, Table]]:
        """Yield ``("references/regions", declaration)``, what others point to first, then the datasets."""
        for name in TopologicalSorter(_links(self)).static_order():
            yield f"references/{name}", self.references[name]
        for name, dataset in self.datasets.items():
            yield f"datasets/{name}", dataset

    def disclosure(self, dataset: str) -> Disclosure:
        """Return the disclosure rule in force for a dataset."""
        return self.datasets[dataset].disclosure or self.card.disclosure


def theme_names(settings: Settings) -> list[str]:
    """Return the themes that the project holds."""
    return sorted(path.parent.name for path in (settings.home / "themes").glob("*/theme.toml"))


def read_theme(settings: Settings, name: str | None = None) -> Theme:
    """Return a theme, checked: files, keys, types, and names that point to one another.

    Raises:
        UnknownNameError: No such theme.
        DeclarationError: The declarations hold mistakes; all are listed with file and key.
    """
    theme, problems = survey_theme(settings, name)
    if problems:
        raise DeclarationError(f"theme {theme.id!r}", problems)
    return theme


def survey_theme(settings: Settings, name: str | None = None) -> tuple[Theme, list[Problem]]:
    """Return what can be read of a theme and every mistake found, for those who have more to check.

    Raises:
        UnknownNameError: No such theme.
    """
    name = name or settings.theme
    names = theme_names(settings)
    if name not in names:
        raise UnknownNameError("theme", name, names)
    folder = settings.home / "themes" / name
    problems: list[Problem] = []
    unread: set[str] = set()
    card = _read(folder, "theme.toml", ThemeFile, problems, unread)
    telling = NarrativeFile()
    if (folder / "narrative.toml").exists():
        telling = _read(folder, "narrative.toml", NarrativeFile, problems, unread) or telling
    read: dict[str, Any] = {}
    for kind, model in KINDS.items():
        files = sorted((folder / kind).glob("*.toml"))
        problems += _check_file_names(kind, files)
        files = [path for path in files if _IDENTIFIER.fullmatch(path.stem)]
        found = {path.stem: _read(folder, f"{kind}/{path.name}", model, problems, unread) for path in files}
        read[kind] = {stem: declared for stem, declared in found.items() if declared is not None}
    sql = {
        path.relative_to(folder).with_suffix("").as_posix(): read_sql(folder, path, problems)
        for kind in ("datasets", "references")
        for path in sorted((folder / kind).glob("*.sql"))
    }
    theme = Theme(
        id=name,
        folder=folder,
        card=card or _BLANK_CARD,
        telling=telling,
        sql=sql,
        unread=frozenset(unread),
        **read,
    )
    return theme, add_problems(problems, _check_theme(theme))


def add_problems(told: list[Problem], found: Iterable[Problem]) -> list[Problem]:
    """Return problems told with those found since, where nothing was told of the same key: one mistake, one line."""
    keys = {(problem.file, problem.key) for problem in told}
    return [*told, *dict.fromkeys(problem for problem in found if (problem.file, problem.key) not in keys)]


def _require(kind: str, name: str, known: Mapping[str, M]) -> M:
    if name not in known:
        raise UnknownNameError(kind, name, sorted(known))
    return known[name]


def _read(folder: Path, file: str, model: type[M], problems: list[Problem], unread: set[str]) -> M | None:
    declared, found = read_declaration(folder / file, file, model)
    problems += found
    if declared is None:
        unread.add(file)
    return declared


def _check_file_names(kind: str, files: Sequence[Path]) -> Iterator[Problem]:
    first: dict[str, str] = {}
    for path in sorted(files, key=lambda path: (path.stem != path.stem.lower(), path.stem)):
        other = first.setdefault(path.stem.lower(), path.name)
        if other != path.name:
            yield Problem(f"{kind}/{path.name}", "", f"same identifier as {other} but for case: rename one of them.")
        elif not _IDENTIFIER.fullmatch(path.stem):
            yield Problem(f"{kind}/{path.name}", "", "bad identifier: name the file with a to z, 0 to 9 and '-' only.")


def _links(theme: Theme) -> dict[str, set[str]]:
    """Return the references each reference points to."""
    return {
        name: {field.reference for field in reference.fields if field.reference and field.reference != name}
        & set(theme.references)
        for name, reference in theme.references.items()
    }


def _names(theme: Theme, kind: str) -> list[str]:
    """Return the identifiers of a folder, those whose file is damaged included."""
    damaged = {PurePosixPath(file).stem for file in theme.unread if file.startswith(f"{kind}/")}
    return sorted({*getattr(theme, kind), *damaged})


def _check_theme(theme: Theme) -> Iterator[Problem]:
    """Yield the mistakes that show when declarations are set side by side."""
    yield from _check_disclosure("theme.toml", theme.card.disclosure)
    yield from _check_circles(theme)
    yield from _check_sql_files(theme)
    for name, reference in theme.references.items():
        file = f"references/{name}.toml"
        yield from _check_table(theme, file, reference)
        yield from _check_reference(theme, file, reference)
    for name, dataset in theme.datasets.items():
        file = f"datasets/{name}.toml"
        yield from _check_table(theme, file, dataset)
        yield from _check_dataset(theme, file, dataset)
    for name, indicator in theme.indicators.items():
        yield from _check_indicator(theme, name, indicator)
    yield from _check_glossary(theme)
    for name, rule in theme.telling.sentences.items():
        yield from _unknown(
            "narrative.toml", f"sentences.{name}.indicators", rule.indicators, _names(theme, "indicators")
        )


def _check_circles(theme: Theme) -> Iterator[Problem]:
    try:
        TopologicalSorter(_links(theme)).prepare()
    except CycleError as error:
        # graphlib gives the circle from the one pointed to back to the one that points.
        circle = error.args[1][::-1]
        pointing = next(field.name for field in theme.references[circle[0]].fields if field.reference == circle[1])
        message = f"references turn in a circle ({' → '.join(circle)}): no one can be compiled first; remove a link."
        yield Problem(f"references/{circle[0]}.toml", f"fields.{pointing}.reference", message)


def _check_sql_files(theme: Theme) -> Iterator[Problem]:
    tables = [f"{kind}/{name}" for kind in ("references", "datasets") for name in _names(theme, kind)]
    for table in tables:
        if table not in theme.sql:
            yield Problem(f"{table}.sql", "", "missing: write beside the TOML file the query that makes the table.")
    for table in theme.sql:
        if not (theme.folder / f"{table}.toml").exists():
            yield Problem(f"{table}.sql", "", "no declaration: write the TOML file of the same name, or remove it.")
    for name in set(_names(theme, "references")) & set(_names(theme, "datasets")):
        yield Problem(f"datasets/{name}.toml", "", f"references/{name}.toml has the same identifier: rename one.")


def _check_table(theme: Theme, file: str, table: Table) -> Iterator[Problem]:
    names = [column.name for column in table.fields]
    yield from _twice(file, "fields", names)
    yield from _unknown(file, "key", table.key, names)
    yield from _twice(file, "key", table.key)
    yield from _twice(file, "checks", [check.name for check in table.checks])
    yield from _check_sources(theme, file, table)
    measures = [column.name for column in table.fields if column.role == "measure"]
    for column in table.fields:
        yield from _check_field(theme, file, column)
        yield from _unknown(file, f"fields.{column.name}.of", [column.of], measures)


def _check_sources(theme: Theme, file: str, table: Table) -> Iterator[Problem]:
    addresses = {"licence.url": table.licence.url}
    for relation, source in table.relations.items():
        key = "source" if relation == RAW else f"sources.{relation}"
        path = PurePosixPath(source.path.replace("\\", "/"))
        if path.is_absolute() or ".." in path.parts:
            message = f"{source.path!r} leaves the folder of raw tables: give a path inside it, without '..'."
            yield Problem(file, f"{key}.path", message)
        addresses[f"{key}.page"] = source.page
    for key, address in addresses.items():
        if not address.startswith(("https://", "http://")):
            yield Problem(file, key, f"{address!r} is no address: write it in full, from https://.")
    for name in _names(theme, "references") + _names(theme, "datasets"):
        if column_of(name) in table.sources:
            message = f"a table of the theme is read under the name {column_of(name)!r}: choose another."
            yield Problem(file, f"sources.{column_of(name)}", message)


def _check_field(theme: Theme, file: str, column: FieldDeclaration) -> Iterator[Problem]:
    key, limits = f"fields.{column.name}", column.constraints
    yield from _unknown(file, f"{key}.reference", [column.reference], _names(theme, "references"))
    yield from _check_members(file, key, column.members)
    if column.role == "measure" and not column.unit:
        yield Problem(file, f"{key}.unit", "missing: a measure has a unit of theme.toml.")
    if "theme.toml" not in theme.unread:
        yield from _unknown(file, f"{key}.unit", [column.unit], theme.card.units)
    if column.role == "dimension" and not (column.reference or column.members):
        yield Problem(file, key, "a dimension needs members or a reference: add one.")
    if column.reference and column.members:
        yield Problem(file, f"{key}.members", f"its codes are those of {column.reference!r} already: remove one.")
    if column.total and column.role != "dimension":
        yield Problem(file, f"{key}.total", "only a dimension has rows of totals: remove it.")
    if limits.minimum is not None and limits.maximum is not None and limits.minimum > limits.maximum:
        yield Problem(file, f"{key}.constraints.maximum", "under the minimum: no value can stand: change one.")
    if limits.pattern is not None:
        try:
            re.compile(limits.pattern)
        except re.error as error:
            yield Problem(file, f"{key}.constraints.pattern", f"not a regular expression ({error}): mend it.")


def _check_members(file: str, key: str, members: Sequence[Member]) -> Iterator[Problem]:
    codes = [member.code for member in members]
    yield from _twice(file, f"{key}.members", codes)
    for code in codes:
        if code in _RESERVED_CODES or not code:
            message = f"code {code!r} is kept for totals and unmatched codes, or blank: choose another."
            yield Problem(file, f"{key}.members.{code}", message)


def _check_reference(theme: Theme, file: str, table: Reference) -> Iterator[Problem]:
    columns = [field.name for field in table.fields]
    for key in ("code", "label", "label_en", "successor", "succeeded_in", "same_as", "valid_from", "valid_to"):
        yield from _unknown(file, key, [getattr(table, key)], columns)
    yield from _unknown(file, "searched", table.searched, columns)
    yield from _twice(file, "searched", table.searched)
    yield from _twice(file, "dimensions", [dimension.column for dimension in table.dimensions])
    for dimension in table.dimensions:
        key = f"dimensions.{dimension.column}"
        yield from _unknown(file, f"{key}.column", [dimension.column], columns)
        yield from _unknown(file, f"{key}.reference", [dimension.reference], _names(theme, "references"))
        yield from _check_members(file, key, dimension.members)
        if not (dimension.reference or dimension.members):
            yield Problem(file, key, "a dimension needs members or a reference: add one.")


def _check_dataset(theme: Theme, file: str, table: Dataset) -> Iterator[Problem]:
    if table.disclosure:
        yield from _check_disclosure(file, table.disclosure)
    if not any(column.role == "measure" for column in table.fields):
        yield Problem(file, "fields", 'no measure: give one column role = "measure", or declare a reference.')
    years = next((column.constraints for column in table.fields if column.role == "time"), None)
    dated = [("provisional", year) for year in table.provisional]
    dated += [(f"breaks.{number}.year", broken.year) for number, broken in enumerate(table.breaks)]
    for key, year in dated:
        low = years.minimum if years and years.minimum is not None else 1800
        high = years.maximum if years and years.maximum is not None else 2200
        if not low <= year <= high:
            yield Problem(file, key, f"year {year} is outside {low:g} to {high:g}, the years of the data: correct it.")
    yield from _twice(file, "provisional", table.provisional)
    answering = [column.name for column in table.fields if column.role == "dimension" and column.reference]
    yield from _unknown(file, "respondent", [table.respondent], answering)
    for number, broken in enumerate(table.breaks):
        yield from _unknown(file, f"breaks.{number}.indicators", broken.indicators, _names(theme, "indicators"))


def _check_disclosure(file: str, rule: Disclosure) -> Iterator[Problem]:
    if rule.flag_under < rule.hide_under:
        message = f"{rule.flag_under} is under hide_under ({rule.hide_under}): raise it above."
        yield Problem(file, "disclosure.flag_under", message)


def _check_indicator(theme: Theme, name: str, indicator: Indicator) -> Iterator[Problem]:
    file = f"indicators/{name}.toml"
    datasets = _names(theme, "datasets")
    yield from _unknown(file, "dataset", [indicator.dataset], datasets)
    yield from _unknown(file, "denominator_dataset", [indicator.denominator_dataset], datasets)
    if "theme.toml" not in theme.unread:
        yield from _unknown(file, "unit", [indicator.unit], theme.card.units)
    yield from _unknown(file, "related", indicator.related, _names(theme, "indicators"))
    yield from _twice(file, "related", indicator.related)
    yield from _twice(file, "dimensions", indicator.dimensions)
    if name in indicator.related:
        yield Problem(file, "related", f"{name!r} is related to itself: remove it.")


def _check_glossary(theme: Theme) -> Iterator[Problem]:
    for language in ("fr", "en"):
        first: dict[str, str] = {}
        for name, term in theme.glossary.items():
            other = first.setdefault(term.term[language].casefold(), name)
            if other != name:
                message = f"{term.term[language]!r} is defined in glossary/{other}.toml already: keep one."
                yield Problem(f"glossary/{name}.toml", f"term.{language}", message)


def _twice(file: str, key: str, names: Iterable[object]) -> Iterator[Problem]:
    """Yield a problem for each name that is written more than once."""
    for name, count in Counter(names).items():
        if count > 1:
            yield Problem(file, f"{key}.{name}", f"{name!r} is written {count} times: keep one.")


def _unknown(file: str, key: str, names: Iterable[str | None], known: Iterable[str]) -> Iterator[Problem]:
    """Yield a problem for each name, when given, that is not known."""
    allowed = sorted(known)
    for name in names:
        if name and name not in allowed:
            yield Problem(file, key, str(UnknownNameError("name", name, allowed)))
