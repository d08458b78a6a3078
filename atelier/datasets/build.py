"""From raw table to figures: snapshot, the theme's SQL on DuckDB, schema, checks, one atomic publication."""

import json
import shutil
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

from atelier.datasets.checks import CheckReport, Outcome, Subject, render_html, render_json, run_checks
from atelier.datasets.figures import (
    CHECKS_FILE,
    PROVENANCE_FILE,
    Contents,
    Figures,
    FiguresProvenance,
    RawTable,
    connect,
    find_contents,
    write_table,
)
from atelier.declarations import RAW, Dataset, Table, column_of
from atelier.errors import DataError, Problem
from atelier.language import LANGUAGES
from atelier.settings import Settings
from atelier.snapshots import Snapshot, SnapshotStore, hash_file, replacing
from atelier.sources import fetch_source
from atelier.theme import Theme

READERS = {
    ".csv": "read_csv($path, all_varchar = true, header = true, delim = ';')",
    ".json": "read_json($path)",
    ".parquet": "read_parquet($path)",
}


Progress = Callable[[str], None]


@dataclass
class BuildReport:
    """What a build did.

    Attributes:
        checks: Verdict of every check on every table.
        built: Tables compiled again.
        unchanged: Tables whose raw data, SQL and declaration had not moved.
    """

    checks: CheckReport
    built: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)

    @property
    def warnings(self) -> list[Problem]:
        """What checks found without blocking."""
        return self.checks.warnings


def build_tables(
    theme: Theme, settings: Settings, progress: Progress = lambda _: None, accepted: Collection[str] = ()
) -> BuildReport:
    """Compile and check every reference and dataset of a theme, then publish all of them at once.

    A second run with the same raw tables, SQL and declarations writes no figures. On any error the figures in place
    are kept. The report of checks is written in the state folder, whatever the verdict.

    Args:
        theme: The theme.
        settings: Where raw tables and snapshots live.
        progress: Called with the name of each table before it is compiled.
        accepted: Checks between vintages whose errors only warn this time.

    Raises:
        DataError: A raw table is missing or has changed shape, or a check finds an error.
        StoreError: The disk refused.
    """
    figures = Figures(theme.folder / "figures")
    before = figures.provenance()
    with TemporaryDirectory(prefix="atelier-") as made:
        entries, checks = _compile_all(theme, settings, Path(made), progress, accepted)
        path = write_report(checks, settings)
        if checks.errors:
            raise DataError(f"theme {theme.id!r}, figures not replaced (report: {path})", checks.errors)
        report = BuildReport(checks)
        for name, entry in entries.items():
            (report.unchanged if before.get(name) == entry else report.built).append(name)
        if entries != before or checks.standing() != figures.standing() or figures.verify():
            _publish(figures, Path(made), entries, checks)
    return report


def rehearse(theme: Theme, settings: Settings, progress: Progress = lambda _: None) -> CheckReport:
    """Compile and check every table as ``build_tables`` would, and publish nothing: what a reviewer reads first.

    Raises:
        StoreError: The disk refused.
    """
    with TemporaryDirectory(prefix="atelier-") as made:
        return _compile_all(theme, settings, Path(made), progress, ())[1]


def check_figures(theme: Theme) -> CheckReport:
    """Check the figures in place, without any raw table.

    Raises:
        DataError: A table was never built.
    """
    figures = Figures(theme.folder / "figures")
    at_hand = {name: figures.require_path(name) for name, _ in theme.tables()}
    outcomes: list[Outcome] = []
    for name, table in theme.tables():
        with connect() as connection:
            _view(connection, "compiled", at_hand[name])
            outcomes += run_checks(_subject(theme, name, table, connection, at_hand))
    return CheckReport(theme.id, tuple(outcomes))


def write_report(checks: CheckReport, settings: Settings) -> Path:
    """Write a report in the state folder, as JSON and as a page in each language; return the reader's page.

    Raises:
        StoreError: The disk refused.
    """
    folder = settings.state / "checks"
    pages = {f"{checks.theme}.{language}.html": render_html(checks, language) for language in LANGUAGES}
    for name, text in {f"{checks.theme}.json": render_json(checks), **pages}.items():
        with replacing(folder / name) as path:
            path.write_text(text, "utf-8")
    return folder / f"{checks.theme}.{settings.language}.html"


def _compile_all(
    theme: Theme, settings: Settings, made: Path, progress: Progress, accepted: Collection[str]
) -> tuple[dict[str, FiguresProvenance], CheckReport]:
    """Compile every table into the folder ``made`` and check it; a table with an error may have no entry."""
    store = SnapshotStore(settings.state / "snapshots")
    figures = Figures(theme.folder / "figures")
    damaged = {problem.file for problem in figures.verify()}
    before = figures.provenance()
    outcomes: list[Outcome] = []
    entries: dict[str, FiguresProvenance] = {}
    at_hand: dict[str, Path] = {}
    for name, table in theme.tables():
        progress(name)
        with connect() as connection:
            subject = _subject(theme, name, table, connection, at_hand)
            if name in before and figures.path(name).name not in damaged:
                _view(connection, "previous", figures.path(name))
                subject = replace(subject, relations=subject.relations | {"previous"})
            snapshots: dict[str, Snapshot] = {}
            lost: list[Problem] = []
            for relation, source in table.relations.items():
                try:
                    snapshots[relation] = store.add(fetch_source(source, settings), name)
                except DataError as error:
                    lost += error.problems
            if lost:
                told = " ".join(f"{problem.file}: {problem.message}" for problem in lost)
                subject = replace(subject, failures={"source-found": told})
            else:
                subject = _compiled(subject, store, snapshots, before.get(name))
            checked = run_checks(subject, accepted)
            outcomes += checked
            if not any(outcome.verdict == "not-run" for outcome in checked):
                target = made / f"{Path(name).name}.parquet"
                write_table(connection, target, _contents(table, connection))
                count = connection.execute("SELECT count(*) FROM figures").fetchone()
                entries[name] = _provenance(subject, snapshots, target, count[0] if count else 0)
                at_hand[name] = target
    return entries, CheckReport(theme.id, tuple(outcomes))


def _contents(table: Table, connection: duckdb.DuckDBPyConnection) -> Contents | None:
    if not isinstance(table, Dataset):
        return None
    return find_contents(table, "figures", lambda sql: connection.execute(sql).df())


def _subject(
    theme: Theme, name: str, table: Table, connection: duckdb.DuckDBPyConnection, at_hand: dict[str, Path]
) -> Subject:
    """Return a table ready to be checked, the tables compiled before it at hand under their identifiers."""
    for other, path in at_hand.items():
        if other != name:
            _view(connection, column_of(path.stem), path)
    return Subject(name, table, theme, connection, frozenset(at_hand))


def _compiled(
    subject: Subject, store: SnapshotStore, snapshots: Mapping[str, Snapshot], before: FiguresProvenance | None
) -> Subject:
    """Return the subject once its SQL has run; a raw table that changed shape is told even when it has not."""
    raw = {relation: store.path(snapshot) for relation, snapshot in snapshots.items()}
    former = {one.relation: store.folder / one.sha256 / one.file for one in before.sources} if before else {}
    now, then = _columns(subject.connection, raw), _columns(subject.connection, former)
    ready = replace(subject, relations=subject.relations | {RAW}, raw_columns=(now, then) if now and then else None)
    try:
        compile_table(subject.connection, subject.theme.sql[subject.name], raw, f"{subject.name}.sql")
    except DataError as error:
        return replace(ready, failures={"sql-runs": " ".join(problem.message for problem in error.problems)})
    return ready


def _columns(connection: duckdb.DuckDBPyConnection, raw: Mapping[str, Path]) -> tuple[str, ...]:
    """Return the columns of raw tables, further ones' after their relation; none where a file cannot be read."""
    found: list[str] = []
    for relation, path in raw.items():
        try:
            query = f"DESCRIBE SELECT * FROM {READERS[path.suffix]}"
            described = connection.execute(query, {"path": str(path)}).fetchall()
        except (KeyError, duckdb.Error):
            return ()
        found += [row[0] if relation == RAW else f"{relation}.{row[0]}" for row in described]
    return tuple(found)


def _view(connection: duckdb.DuckDBPyConnection, name: str, path: Path) -> None:
    file = str(path).replace("'", "''")
    connection.execute(f"CREATE VIEW \"{name}\" AS SELECT * FROM read_parquet('{file}')")


def _provenance(subject: Subject, snapshots: Mapping[str, Snapshot], made: Path, rows: int) -> FiguresProvenance:
    table = subject.table
    return FiguresProvenance(
        table=subject.name,
        licence=table.licence.name,
        vintage=table.vintage,
        sources=tuple(
            RawTable(relation, source.dataset_id, source.page, snapshots[relation].file, snapshots[relation].sha256)
            for relation, source in table.relations.items()
        ),
        sql=sha256(subject.theme.sql[subject.name].encode()).hexdigest(),
        sha256=hash_file(made),
        rows=rows,
        engine=version("dataesr-atelier"),
    )


def _publish(figures: Figures, made: Path, entries: dict[str, FiguresProvenance], checks: CheckReport) -> None:
    """Put the compiled tables in place of the former ones at once; other files of the folder stay."""
    with replacing(figures.folder) as folder:
        if figures.folder.is_dir():
            shutil.copytree(figures.folder, folder, ignore=shutil.ignore_patterns("*.parquet", PROVENANCE_FILE))
        folder.mkdir(exist_ok=True)
        for path in made.iterdir():
            # File by file: the folder keeps its rights, not those of a temporary one that nobody else may read.
            shutil.copyfile(path, folder / path.name)
        figures.write_provenance(entries, folder / PROVENANCE_FILE)
        standing = json.dumps(checks.standing(), ensure_ascii=False, indent=1)
        (folder / CHECKS_FILE).write_text(standing + "\n", "utf-8")


def compile_table(connection: duckdb.DuckDBPyConnection, sql: str, raw: Mapping[str, Path], file: str) -> None:
    """Run a theme's SQL over raw files and leave each raw table under its name and the result in ``compiled``.

    Args:
        connection: A private connection.
        sql: A query over the relations of ``raw``.
        raw: Raw file of each relation: ``.csv`` (``;``-separated), ``.json`` or ``.parquet``.
        file: Name of the SQL file, shown in problems.

    Raises:
        DataError: A raw file or the SQL cannot be read, or names a column that is gone.
    """
    unread = [path for path in raw.values() if path.suffix not in READERS]
    if unread:
        advice = f"unknown kind of file: use {', '.join(READERS)}."
        raise DataError(file, [Problem(path.name, "", advice) for path in unread])
    try:
        for relation, path in raw.items():
            reader = READERS[path.suffix]
            connection.execute(f"CREATE TABLE {relation} AS SELECT * FROM {reader}", {"path": str(path)})
        connection.execute(f"CREATE TABLE compiled AS {sql}")
    except duckdb.Error as error:
        reason = " ".join(line.strip() for line in str(error).splitlines() if line.strip() and "^" not in line)
        named = ", ".join(path.name for path in raw.values())
        raise DataError(file, [Problem(file, "", f"{reason} Raw table: {named}")]) from error
