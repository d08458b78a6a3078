"""From raw table to figures: snapshot, the theme's SQL on DuckDB, schema, checks, one atomic publication."""

import json
import shutil
from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

from atelier.datasets.checks import CheckReport, Outcome, Subject, render_html, render_json, run_checks
from atelier.datasets.figures import CHECKS_FILE, PROVENANCE_FILE, Figures, FiguresProvenance, connect
from atelier.declarations import Table, column_of
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
            snapshot = None
            try:
                snapshot = store.add(fetch_source(table.source, settings), name)
                subject = _compiled(subject, store, snapshot, before.get(name))
            except DataError as error:
                check = "sql-runs" if snapshot else "source-found"
                told = " ".join(f"{problem.file}: {problem.message}" for problem in error.problems)
                subject = replace(subject, failures={check: told.removeprefix(f"{name}.sql: ")})
            outcomes += run_checks(subject, accepted)
            if snapshot and not any(outcome.verdict == "not-run" for outcome in outcomes if outcome.table == name):
                target = made / f"{Path(name).name}.parquet"
                connection.execute(f"COPY figures TO '{target}' (FORMAT parquet, COMPRESSION zstd)")
                count = connection.execute("SELECT count(*) FROM figures").fetchone()
                entries[name] = _provenance(subject, snapshot, target, count[0] if count else 0)
                at_hand[name] = target
    return entries, CheckReport(theme.id, tuple(outcomes))


def _subject(
    theme: Theme, name: str, table: Table, connection: duckdb.DuckDBPyConnection, at_hand: dict[str, Path]
) -> Subject:
    """Return a table ready to be checked, the tables compiled before it at hand under their identifiers."""
    for other, path in at_hand.items():
        if other != name:
            _view(connection, column_of(path.stem), path)
    return Subject(name, table, theme, connection, frozenset(at_hand))


def _compiled(subject: Subject, store: SnapshotStore, snapshot: Snapshot, before: FiguresProvenance | None) -> Subject:
    """Return the subject once its SQL has run; a raw table that changed shape is told even when it has not."""
    raw = store.path(snapshot)
    columns = _columns(subject.connection, raw)
    former = store.folder / before.snapshot / before.raw_file if before else raw
    ready = replace(
        subject,
        relations=subject.relations | {"raw"},
        raw_columns=(columns, _columns(subject.connection, former)) if before and former.is_file() else None,
    )
    try:
        compile_table(subject.connection, subject.theme.sql[subject.name], raw, f"{subject.name}.sql")
    except DataError as error:
        return replace(ready, failures={"sql-runs": error.problems[0].message})
    return ready


def _columns(connection: duckdb.DuckDBPyConnection, raw: Path) -> tuple[str, ...]:
    reader = READERS.get(raw.suffix)
    if reader is None:
        return ()
    return tuple(
        row[0] for row in connection.execute(f"DESCRIBE SELECT * FROM {reader}", {"path": str(raw)}).fetchall()
    )


def _view(connection: duckdb.DuckDBPyConnection, name: str, path: Path) -> None:
    file = str(path).replace("'", "''")
    connection.execute(f"CREATE VIEW \"{name}\" AS SELECT * FROM read_parquet('{file}')")


def _provenance(subject: Subject, snapshot: Snapshot, made: Path, rows: int) -> FiguresProvenance:
    table = subject.table
    return FiguresProvenance(
        table=subject.name,
        dataset_id=table.source.dataset_id,
        page=table.source.page,
        licence=table.licence.name,
        vintage=table.vintage,
        snapshot=snapshot.sha256,
        raw_file=snapshot.file,
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


def compile_table(connection: duckdb.DuckDBPyConnection, sql: str, raw: Path, file: str) -> None:
    """Run a theme's SQL over a raw file and leave the raw table in ``raw`` and the result in ``compiled``.

    Args:
        connection: A private connection.
        sql: A query over the relation ``raw``.
        raw: Raw file: ``.csv`` (``;``-separated), ``.json`` or ``.parquet``.
        file: Name of the SQL file, shown in problems.

    Raises:
        DataError: The raw file or the SQL cannot be read, or names a column that is gone.
    """
    reader = READERS.get(raw.suffix)
    if reader is None:
        raise DataError(file, [Problem(raw.name, "", f"unknown kind of file: use {', '.join(READERS)}.")])
    try:
        connection.execute(f"CREATE TABLE raw AS SELECT * FROM {reader}", {"path": str(raw)})
        connection.execute(f"CREATE TABLE compiled AS {sql}")
    except duckdb.Error as error:
        reason = " ".join(line.strip() for line in str(error).splitlines() if line.strip() and "^" not in line)
        raise DataError(file, [Problem(file, "", f"{reason} Raw table: {raw.name}")]) from error
