"""The embedded figures of a theme: compact Parquet files in its own schema, and where each comes from."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

import duckdb

from atelier.errors import DataError, Problem
from atelier.snapshots import hash_file

PROVENANCE_FILE = "provenance.json"
CHECKS_FILE = "checks.json"


@dataclass(frozen=True)
class FiguresProvenance:
    """Where a compiled table comes from.

    Attributes:
        table: ``datasets/enrolment``.
        dataset_id: Identifier of the raw table at its producer's.
        page: Address of the page that describes it.
        licence: Licence of the figures.
        vintage: Vintage declared by the theme.
        snapshot: sha256 of the raw table.
        raw_file: Name of the raw file.
        sql: sha256 of the SQL that compiled it.
        sha256: Hash of the compiled file.
        rows: Rows of the compiled table.
        engine: Version of dataESR that compiled it.
    """

    table: str
    dataset_id: str
    page: str
    licence: str
    vintage: str
    snapshot: str
    raw_file: str
    sql: str
    sha256: str
    rows: int
    engine: str


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
        """Return the provenance of every compiled table, by table."""
        path = self.folder / PROVENANCE_FILE
        if not path.is_file():
            return {}
        return {entry["table"]: FiguresProvenance(**entry) for entry in json.loads(path.read_text("utf-8"))}

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


def connect() -> duckdb.DuckDBPyConnection:
    """Return a private in-memory DuckDB that installs and fetches nothing."""
    return duckdb.connect(config={"autoinstall_known_extensions": "false", "autoload_known_extensions": "false"})
