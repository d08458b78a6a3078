"""Table Schema on DuckDB: the types a compiled table gets."""

from atelier.declarations import Table

SQL_TYPES = {"string": "VARCHAR", "integer": "BIGINT", "number": "DOUBLE", "boolean": "BOOLEAN", "date": "DATE"}


def typed_select(table: Table, compiled: str) -> str:
    """Return SQL that casts each declared column to its Table Schema type, in the order declared.

    Args:
        table: The declaration.
        compiled: Name of the relation the theme's SQL made; every column may be text.
    """
    columns = ", ".join(f"CAST({field.name} AS {SQL_TYPES[field.type]}) AS {field.name}" for field in table.fields)
    return f"SELECT {columns} FROM {compiled} ORDER BY {', '.join(table.key)}"
