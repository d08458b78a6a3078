"""The embedded figures of a theme: compact Parquet files in its own schema, and where each comes from."""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pyarrow.parquet as pq

from atelier.declarations import RAW, TOTAL, Dataset
from atelier.errors import DataError, Problem
from atelier.snapshots import hash_file

PROVENANCE_FILE = "provenance.json"
CHECKS_FILE = "checks.json"
CONTENTS_KEY = "atelier_contents"


@dataclass(frozen=True)
class RawTable:
    """A raw table as it was when figures were compiled from it.

    Attributes:
        relation: Name the SQL reads it under; ``raw`` for the main one.
        dataset_id: Identifier at its producer's.
        page: Address of the page that describes it.
        file: Name of the raw file.
        sha256: Its hash, the name of its snapshot.
    """

    relation: str
    dataset_id: str
    page: str
    file: str
    sha256: str


@dataclass(frozen=True)
class FiguresProvenance:
    """Where a compiled table comes from.

    Attributes:
        table: ``datasets/enrolment``.
        licence: Licence of the figures.
        vintage: Vintage declared by the theme.
        sources: The raw tables, the main one first.
        sql: sha256 of the SQL that compiled it.
        sha256: Hash of the compiled file.
        rows: Rows of the compiled table.
        engine: Version of dataESR that compiled it.
    """

    table: str
    licence: str
    vintage: str
    sources: tuple[RawTable, ...]
    sql: str
    sha256: str
    rows: int
    engine: str

    @property
    def version(self) -> str:
        """The vintage and the first digits of the compiled table's hash: ``2006-2022+a4d5f8a0346``."""
        return f"{self.vintage}+{self.sha256[:12]}"

    @property
    def snapshots(self) -> dict[str, str]:
        """sha256 of each raw table, by table of the theme; a further source adds its relation: ``… (accounts)``."""
        return {
            self.table if raw.relation == RAW else f"{self.table} ({raw.relation})": raw.sha256 for raw in self.sources
        }


@dataclass(frozen=True)
class Contents:
    """What a compiled dataset holds, written in its own file at the build so that no question reads it all to know.

    Attributes:
        codes: Codes that occur in each column of role ``time`` or ``dimension``, sorted, ``_T`` left out;
            an empty one where some row has none.
        crossings: The sets of columns that some row gives members of while the others stand at their total.
    """

    codes: dict[str, list[str]]
    crossings: list[list[str]]


def find_contents(dataset: Dataset, relation: str, query: Callable[[str], pd.DataFrame]) -> Contents:
    """Return what a relation holds, found by asking it.

    Args:
        dataset: Its declaration.
        relation: Its name.
        query: Runs a query.
    """
    codes = {}
    for field in dataset.fields:
        if field.role in ("time", "dimension"):
            found = query(f"SELECT DISTINCT CAST({field.name} AS VARCHAR) AS code FROM {relation}")["code"]
            codes[field.name] = sorted("" if pd.isna(code) else str(code) for code in found if code != TOTAL)
    totals = [field.name for field in dataset.fields if field.total]
    if not totals:
        return Contents(codes, [[]])
    asked = ", ".join(f"{column} <> '{TOTAL}' AS {column}" for column in totals)
    rows = query(f"SELECT DISTINCT {asked} FROM {relation}").to_dict("records")
    return Contents(codes, sorted([column for column in totals if row[column]] for row in rows))


def write_table(connection: duckdb.DuckDBPyConnection, target: Path, contents: Contents | None = None) -> None:
    """Write the relation ``figures`` to a Parquet file, with its contents in the file's own metadata."""
    told = json.dumps(asdict(contents), ensure_ascii=False).replace("'", "''") if contents else ""
    metadata = f", KV_METADATA {{{CONTENTS_KEY}: '{told}'}}" if contents else ""
    connection.execute(f"COPY figures TO '{target}' (FORMAT parquet, COMPRESSION zstd{metadata})")


def read_contents(path: Path) -> Contents | None:
    """Return what a compiled table says it holds, None where it does not say."""
    told = (pq.read_metadata(path).metadata or {}).get(CONTENTS_KEY.encode())
    return Contents(**json.loads(told)) if told else None


class Figures:
    """The folder ``themes/<id>/figures``."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, table: str) -> Path:
        """Return where the compiled table ``datasets/enrolment`` lives."""
        return self.folder / f"{Path(table).name}.parquet"

    def require_path(self, table: str) -> Path:
        """Return the path of a compiled table that exists.

        Raises:
            DataError: It was never built.
        """
        path = self.path(table)
        if not path.is_file():
            problem = Problem(path.name, "", "figures not built: run 'atelier datasets build'.")
            raise DataError(f"table {table!r}", [problem])
        return path

    def provenance(self) -> dict[str, FiguresProvenance]:
        """Return the provenance of every compiled table, by table.

        Raises:
            DataError: The file was written by a version of dataESR that told other things.
        """
        path = self.folder / PROVENANCE_FILE
        if not path.is_file():
            return {}
        try:
            return {entry["table"]: _read_entry(entry) for entry in json.loads(path.read_text("utf-8"))}
        except (KeyError, TypeError, ValueError) as error:
            advice = "written by another version of dataESR: remove it and run 'atelier datasets build'."
            raise DataError("embedded figures", [Problem(path.name, "", advice)]) from error

    def write_provenance(self, entries: dict[str, FiguresProvenance], path: Path) -> None:
        """Write the provenance of every compiled table to ``path``."""
        listed = [asdict(entries[table]) for table in sorted(entries)]
        path.write_text(json.dumps(listed, indent=1, ensure_ascii=False) + "\n", "utf-8")

    def standing(self) -> dict[str, dict[str, str]]:
        """Return the verdict of each check on the figures in place, by table then check."""
        path = self.folder / CHECKS_FILE
        standing: dict[str, dict[str, str]] = json.loads(path.read_text("utf-8")) if path.is_file() else {}
        return standing

    def verify(self) -> list[Problem]:
        """Return one problem for each compiled table that is gone or whose bytes have changed."""
        problems = []
        for table, entry in self.provenance().items():
            path = self.path(table)
            if not path.is_file():
                problems.append(Problem(path.name, "", "gone: run 'atelier datasets build'."))
            elif hash_file(path) != entry.sha256:
                problems.append(Problem(path.name, "", "its bytes are not those built: run 'atelier datasets build'."))
        return problems


def _read_entry(entry: dict[str, Any]) -> FiguresProvenance:
    return FiguresProvenance(**{**entry, "sources": tuple(RawTable(**raw) for raw in entry["sources"])})


def connect(*, may_fork: bool = False) -> duckdb.DuckDBPyConnection:
    """Return a private in-memory DuckDB that installs and fetches nothing.

    Args:
        may_fork: Whether the process may fork while it is open: it then has no thread of its own, so that each fork
            finds its tables as they were.
    """
    config: dict[str, str | bool | int | float | list[str]] = {
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
    }
    if may_fork:
        config |= {"threads": "1", "async_threads": "0"}
    connection = duckdb.connect(config=config)
    connection.execute("SET enable_progress_bar = false")
    return connection
