"""From raw table to figures: snapshot, the theme's SQL on DuckDB, schema, checks, one atomic publication."""

import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

from atelier.datasets.figures import (
    PROVENANCE_FILE,
    Figures,
    FiguresProvenance,
    RawTable,
    connect,
    find_contents,
    write_table,
)
from atelier.datasets.reference_checks import check_reference
from atelier.datasets.schema import check_schema, find_unmatched, typed_select
from atelier.declarations import Dataset, Reference, Table, column_of
from atelier.errors import DataError, Problem
from atelier.settings import Settings
from atelier.snapshots import Snapshot, SnapshotStore, hash_file, replacing
from atelier.sources import fetch_source
from atelier.theme import Theme

READERS = {
    ".csv": "read_csv($path, all_varchar = true, header = true, delim = ';')",
    ".json": "read_json($path)",
    ".parquet": "read_parquet($path)",
}


@dataclass
class BuildReport:
    """What a build did.

    Attributes:
        built: Tables compiled again.
        unchanged: Tables whose raw data, SQL and declaration had not moved.
        warnings: Checks that failed without blocking.
    """

    built: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)


def build_tables(theme: Theme, settings: Settings, progress: Callable[[str], None] = lambda _: None) -> BuildReport:
    """Compile every reference and dataset of a theme, then publish all of them at once.

    A second run with the same raw tables, SQL and declarations writes nothing. On any error the figures in place
    are kept.

    Args:
        theme: The theme.
        settings: Where raw tables and snapshots live.
        progress: Called with the name of each table before it is compiled.

    Raises:
        DataError: A raw table is missing or has changed shape, or a table breaks its schema or checks.
        StoreError: The disk refused.
    """
    figures = Figures(theme.folder / "figures")
    before = figures.provenance()
    report = BuildReport()
    with TemporaryDirectory(prefix="atelier-") as made:
        entries = _compile_all(theme, settings, Path(made), report, progress)
        for name, entry in entries.items():
            (report.unchanged if before.get(name) == entry else report.built).append(name)
        if entries != before or figures.verify():
            _publish(figures, Path(made), entries)
    return report


def _compile_all(
    theme: Theme,
    settings: Settings,
    made: Path,
    report: BuildReport,
    progress: Callable[[str], None],
) -> dict[str, FiguresProvenance]:
    """Compile every table into the folder ``made``; DataError lists the problems of all of them."""
    store = SnapshotStore(settings.state / "snapshots")
    problems: list[Problem] = []
    codes: dict[str, set[str]] = {}
    entries: dict[str, FiguresProvenance] = {}
    for name, table in theme.tables():
        progress(name)
        snapshots = {
            relation: store.add(fetch_source(source, settings), name) for relation, source in table.relations.items()
        }
        target = made / f"{Path(name).name}.parquet"
        with connect() as connection:
            try:
                compile_table(connection, table, theme.sql[name], _paths(store, snapshots), f"{name}.sql")
            except DataError as error:
                problems += error.problems
                continue
            if isinstance(table, Reference):
                rows = connection.execute(f"SELECT {table.code} FROM figures").fetchall()
                codes[name.removeprefix("references/")] = {code for (code,) in rows}
            for other in entries:  # a check may compare with what was compiled before
                path = made / f"{Path(other).name}.parquet"
                connection.execute(f"CREATE VIEW {column_of(path.stem)} AS FROM '{path}'")
            found, warned = _check(table, name, connection, codes)
            problems += found
            report.warnings += warned
            contents = (
                find_contents(table, "figures", lambda sql: connection.execute(sql).df())
                if isinstance(table, Dataset)
                else None
            )
            write_table(connection, target, contents)
            count = connection.execute("SELECT count(*) FROM figures").fetchone()
        entries[name] = FiguresProvenance(
            table=name,
            licence=table.licence.name,
            vintage=table.vintage,
            sources=tuple(
                RawTable(relation, source.dataset_id, source.page, snapshots[relation].file, snapshots[relation].sha256)
                for relation, source in table.relations.items()
            ),
            sql=sha256(theme.sql[name].encode()).hexdigest(),
            sha256=hash_file(target),
            rows=count[0] if count else 0,
            engine=version("dataesr-atelier"),
        )
    if problems:
        raise DataError(f"theme {theme.id!r}, figures not replaced", problems)
    return entries


def _paths(store: SnapshotStore, snapshots: Mapping[str, Snapshot]) -> dict[str, Path]:
    return {relation: store.path(snapshot) for relation, snapshot in snapshots.items()}


def _publish(figures: Figures, made: Path, entries: dict[str, FiguresProvenance]) -> None:
    """Put the compiled tables in place of the former ones at once; other files of the folder stay."""
    with replacing(figures.folder) as folder:
        if figures.folder.is_dir():
            shutil.copytree(figures.folder, folder, ignore=shutil.ignore_patterns("*.parquet", PROVENANCE_FILE))
        shutil.copytree(made, folder, dirs_exist_ok=True)
        figures.write_provenance(entries, folder / PROVENANCE_FILE)


def compile_table(
    connection: duckdb.DuckDBPyConnection, table: Table, sql: str, raw: Mapping[str, Path], file: str
) -> None:
    """Run a theme's SQL over raw files and leave the typed result in the relation ``figures``.

    Args:
        connection: A private connection.
        table: The declaration.
        sql: A query over the relations of ``raw``.
        raw: Raw file of each relation: ``.csv`` (``;``-separated), ``.json`` or ``.parquet``.
        file: Name of the SQL file, shown in problems.

    Raises:
        DataError: A raw file or the SQL cannot be read, names a column that is gone, or gives a value of the
            wrong type.
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
        connection.execute(f"CREATE TABLE figures AS {typed_select(table, 'compiled')}")
    except duckdb.Error as error:
        reason = " ".join(line.strip() for line in str(error).splitlines() if line.strip() and "^" not in line)
        named = ", ".join(path.name for path in raw.values())
        advice = "compare the SQL with the columns of the raw table."
        raise DataError(file, [Problem(file, "", f"{reason} Raw table: {named}; {advice}")]) from error


def _check(
    table: Table, name: str, connection: duckdb.DuckDBPyConnection, codes: dict[str, set[str]]
) -> tuple[list[Problem], list[Problem]]:
    file = f"{name}.toml"
    errors = check_schema(table, file, connection, codes)
    warnings = find_unmatched(table, file, connection, codes)
    if isinstance(table, Reference):
        found = check_reference(table, file, connection)
        errors += found.errors
        warnings += found.warnings
    for check in table.checks:
        try:
            rows = connection.execute(check.sql).fetchall()
        except duckdb.Error as error:
            errors.append(Problem(file, f"checks.{check.name}", f"its SQL fails: {error}"))
            continue
        if rows:
            message = f"{check.message.fr} {len(rows)} ×, {rows[0]}."
            problem = Problem(file, f"checks.{check.name}", message)
            (errors if check.severity == "error" else warnings).append(problem)
    return errors, warnings
