"""Where queries run. The engine writes each query once, in DuckDB's dialect; a backend runs it where the data is."""

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import duckdb
import pandas as pd

from atelier.datasets.figures import connect


class Backend(Protocol):
    """A place where queries run.

    It opens at the first need; ``close`` lets go of all that was opened and defined, and the next call opens again.
    """

    def load(self, name: str, rows: pd.DataFrame) -> None:
        """Make a few rows, such as a code list, known as the relation ``name``."""

    def read(self, name: str, file: Path) -> None:
        """Make a Parquet file known as the relation ``name``."""

    def define(self, name: str, sql: str, order: Sequence[str] = ()) -> None:
        """Make the result of a query known as the relation ``name``, to be asked many times.

        Args:
            name: Name of the relation.
            sql: A query, in DuckDB's dialect, over relations already known.
            order: Columns of the result, or expressions over them, that rows asked together share.
        """

    def query(self, sql: str) -> pd.DataFrame:
        """Return the result of a query written in DuckDB's dialect."""

    def close(self) -> None:
        """Let go of what was opened; every relation is forgotten."""


class DuckDB:
    """DuckDB in this process, in memory: the default."""

    def __init__(self) -> None:
        self._connection: duckdb.DuckDBPyConnection | None = None

    def load(self, name: str, rows: pd.DataFrame) -> None:
        """Copy the rows in a table."""
        connection = self._open()
        connection.register("rows_given", rows)
        connection.execute(f"CREATE OR REPLACE TABLE {name} AS SELECT * FROM rows_given")
        connection.unregister("rows_given")

    def read(self, name: str, file: Path) -> None:
        """Name the file by a view."""
        quoted = str(file).replace("'", "''")
        self._open().execute(f"CREATE OR REPLACE VIEW {name} AS SELECT * FROM read_parquet('{quoted}')")

    def define(self, name: str, sql: str, order: Sequence[str] = ()) -> None:
        """Keep the result in a table, in order, so that a question reads a small part of it."""
        ordered = f"SELECT * FROM ({sql}) ORDER BY {', '.join(order)}" if order else sql
        self._open().execute(f"CREATE OR REPLACE TABLE {name} AS {ordered}")

    def query(self, sql: str) -> pd.DataFrame:
        """Run the query as it is written."""
        return self._open().execute(sql).df()

    def close(self) -> None:
        """Close the connection, so that the process may fork."""
        if self._connection is not None:
            self._connection.close()
        self._connection = None

    def _open(self) -> duckdb.DuckDBPyConnection:
        if self._connection is None:
            self._connection = connect()
        return self._connection
