"""Apache Spark: the same queries, transpiled by sqlglot, on a cluster or on the processors of this machine."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd
import pyarrow as pa
import sqlglot

from atelier.errors import SettingsError

try:
    from pyspark.sql import SparkSession
except ImportError as error:  # a dependency group of its own: half a gigabyte that few installations need
    raise SettingsError(
        "setting 'engine' is 'spark' and pyspark is not installed: "
        "run 'pip install -r requirements-spark.lock', or set it to 'duckdb'."
    ) from error

CONFIGURATION = {
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.log.level": "ERROR",
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.execution.arrow.pyspark.enabled": "true",
    # Spark 4 infers filters through a union from columns that it has already pruned, and stops ("key not found").
    "spark.sql.constraintPropagation.enabled": "false",
}
"""What a session asks for; ``spark-defaults.conf`` says the rest, such as memory."""


class Spark:
    """A Spark application. Relations are views of a session of its own; files are read from where workers see them."""

    may_fork = False

    def __init__(self, master: str) -> None:
        self.master = master
        self._session: SparkSession | None = None

    def load(self, name: str, rows: pd.DataFrame) -> None:
        """Send the rows to the session."""
        table = pa.Table.from_pandas(rows, preserve_index=False)
        plain = pa.schema([(field.name, _plain(field.type)) for field in table.schema])
        self._open().createDataFrame(table.cast(plain)).createOrReplaceTempView(name)

    def read(self, name: str, file: Path, order: Sequence[str] = ()) -> None:
        """Name the file by a view; its rows stay where they are, in the order they were written."""
        del order
        self._open().read.parquet(file.as_uri()).createOrReplaceTempView(name)

    def define(self, name: str, sql: str) -> None:
        """Name the query by a view."""
        self._open().sql(transpile(sql)).createOrReplaceTempView(name)

    def query(self, sql: str) -> pd.DataFrame:
        """Run the query in Spark's dialect; a decimal is given as a float, as DuckDB does."""
        table = self._open().sql(transpile(sql)).toArrow()
        fields = [
            pa.field(field.name, pa.float64() if pa.types.is_decimal(field.type) else field.type)
            for field in table.schema
        ]
        frame: pd.DataFrame = table.cast(pa.schema(fields)).to_pandas()
        return frame

    def close(self) -> None:
        """Forget the relations; the application is shared by the whole process, and ends with it."""
        if self._session is not None:
            for table in self._session.catalog.listTables():
                self._session.catalog.dropTempView(table.name)
        self._session = None

    def _open(self) -> SparkSession:
        if self._session is None:
            builder = SparkSession.builder.master(self.master).appName("dataESR")
            for key, value in CONFIGURATION.items():
                builder = builder.config(key, value)
            self._session = builder.getOrCreate().newSession()
        return self._session


def transpile(sql: str) -> str:
    """Return a query of DuckDB's dialect in Spark's."""
    return sqlglot.transpile(sql, read="duckdb", write="spark")[0]


def _plain(kind: pa.DataType) -> pa.DataType:
    """Return the type that Spark knows: it has no large strings."""
    return pa.string() if pa.types.is_large_string(kind) else kind
