"""Where queries run. The engine writes each query once, in DuckDB's dialect; a backend runs it where the data is."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import duckdb
import pandas as pd

from atelier.datasets.figures import connect
from atelier.settings import MAY_FORK, Settings

ROWS_IN_MEMORY = 1_000_000
"""Up to there a copy answers sooner than the file, and a question sees one state of it even if it is built again."""


class Backend(Protocol):
    """A place where queries run.

    It opens at the first need; ``close`` lets go of all that was opened and defined, and the next call opens again.

    Attributes:
        may_fork: Whether the process may fork while it is open.
    """

    may_fork: bool

    def load(self, name: str, rows: pd.DataFrame) -> None:
        """Make a few rows, such as a code list, known as the relation ``name``."""

    def read(self, name: str, file: Path, order: Sequence[str] = ()) -> None:
        """Make a Parquet file known as the relation ``name``, to be asked many times.

        Args:
            name: Name of the relation.
            file: The file.
            order: Columns, or expressions over them, that rows asked together share.
        """

    def define(self, name: str, sql: str) -> None:
        """Make a query, in DuckDB's dialect over relations already known, itself a relation ``name``."""

    def query(self, sql: str) -> pd.DataFrame:
        """Return the result of a query written in DuckDB's dialect."""

    def close(self) -> None:
        """Let go of what was opened; every relation is forgotten."""


class DuckDB:
    """DuckDB in this process, in memory: the default."""

    def __init__(self, *, may_fork: bool = False) -> None:
        self.may_fork = may_fork
        self._connection: duckdb.DuckDBPyConnection | None = None

    def load(self, name: str, rows: pd.DataFrame) -> None:
        """Copy the rows in a table."""
        connection = self._open()
        connection.register("rows_given", rows)
        connection.execute(f"CREATE OR REPLACE TABLE {name} AS SELECT * FROM rows_given")
        connection.unregister("rows_given")

    def read(self, name: str, file: Path, order: Sequence[str] = ()) -> None:
        """Copy a small file in memory, in order; leave a large one where it is, compressed, and name it by a view."""
        path = "'{}'".format(str(file).replace("'", "''"))
        connection = self._open()
        rows = connection.execute(f"SELECT sum(num_rows) FROM parquet_file_metadata({path})").fetchall()[0][0]
        if rows > ROWS_IN_MEMORY:
            connection.execute(f"CREATE OR REPLACE VIEW {name} AS SELECT * FROM read_parquet({path})")
        else:
            ordered = f"ORDER BY {', '.join(order)}" if order else ""
            connection.execute(f"CREATE OR REPLACE TABLE {name} AS SELECT * FROM read_parquet({path}) {ordered}")

    def define(self, name: str, sql: str) -> None:
        """Name the query by a view."""
        self._open().execute(f"CREATE OR REPLACE VIEW {name} AS {sql}")

    def query(self, sql: str) -> pd.DataFrame:
        """Run the query as it is written."""
        return self._open().execute(sql).df()

    def close(self) -> None:
        """Close the connection."""
        if self._connection is not None:
            self._connection.close()
        self._connection = None

    def _open(self) -> duckdb.DuckDBPyConnection:
        if self._connection is None:
            self._connection = connect(may_fork=self.may_fork)
        return self._connection


def open_backend(settings: Settings, *, may_fork: bool = False) -> Backend:
    """Return the backend that the setting ``engine`` names; it opens at the first question.

    Args:
        settings: Settings in force.
        may_fork: Whether the process forks while it is open, if it stays in this process; see ``connect``. The variable
            ``ATELIER_MAY_FORK`` says so too.

    Raises:
        SettingsError: It is Spark and pyspark is not installed.
    """
    if settings.engine == "spark":
        from atelier.indicators.spark import Spark  # noqa: PLC0415 - half a gigabyte that few installations have

        return Spark(settings.spark_master)
    return DuckDB(may_fork=may_fork or MAY_FORK in os.environ)
