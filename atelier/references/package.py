"""A reference to take away: its table, and a ``datapackage.json`` that says what it is.

The descriptor follows the Data Package standard, version 2 (https://datapackage.org): one resource with its Table
Schema, sources, licence and hash. It is plain JSON, so no library is asked to write it.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from atelier.datasets.figures import Figures, connect
from atelier.declarations import FieldDeclaration, Reference
from atelier.errors import UnknownNameError
from atelier.language import Language
from atelier.references.codes import CodeList
from atelier.snapshots import hash_file, replacing

PROFILE = "https://datapackage.org/profiles/2.0/datapackage.json"
RESOURCE_PROFILE = "https://datapackage.org/profiles/2.0/dataresource.json"
FORMATS: Mapping[str, str] = {
    "csv": "text/csv",
    "json": "application/json",
    "parquet": "application/vnd.apache.parquet",
}
_COPY = {"csv": "FORMAT csv, HEADER", "json": "FORMAT json, ARRAY true", "parquet": "FORMAT parquet, COMPRESSION zstd"}


def write_package(codes: CodeList, figures: Figures, folder: Path, form: str = "csv") -> Path:
    """Write a reference and its descriptor to ``folder``; return the descriptor's path.

    Other files of the folder stay. The descriptor, written last, tells the hash of the table it goes with.

    Args:
        codes: The reference, in the language of its titles.
        figures: Where its compiled table is.
        folder: Folder, made where there is none.
        form: ``csv`` (UTF-8, comma), ``json`` (an array of rows) or ``parquet``.

    Raises:
        UnknownNameError: Another form.
        DataError: It was never built.
        StoreError: The disk refused.
    """
    if form not in FORMATS:
        raise UnknownNameError("form", form, list(FORMATS))
    path = figures.require_path(f"references/{codes.name}")
    table, descriptor = folder / f"{codes.name}.{form}", folder / "datapackage.json"
    key = ", ".join(codes.declaration.key)
    with replacing(table) as aside, connect() as connection:
        connection.execute(f"COPY (SELECT * FROM '{path}' ORDER BY {key}) TO '{aside}' ({_COPY[form]})")
    with replacing(descriptor) as aside:
        text = json.dumps(build_descriptor(codes, table, form), ensure_ascii=False, indent=2)
        aside.write_text(text + "\n", "utf-8")
    return descriptor


def build_descriptor(codes: CodeList, table: Path, form: str) -> dict[str, Any]:
    """Return the content of ``datapackage.json`` for a table already written.

    Args:
        codes: The reference.
        table: The file of its rows.
        form: One of ``FORMATS``.
    """
    declared, language = codes.declaration, codes.language
    resource: dict[str, Any] = {
        "$schema": RESOURCE_PROFILE,
        "name": codes.name,
        "path": table.name,
        "type": "table",
        "format": form,
        "mediatype": FORMATS[form],
        "bytes": table.stat().st_size,
        "hash": f"sha256:{hash_file(table)}",
        "schema": _schema(declared, language),
    }
    if form == "csv":
        resource |= {"encoding": "utf-8", "dialect": {"delimiter": ",", "header": True}}
    return {
        "$schema": PROFILE,
        "name": codes.name,
        "title": declared.title[language],
        "description": declared.description[language],
        "version": codes.version,
        "licenses": [{"title": declared.licence.name, "path": declared.licence.url}],
        "contributors": [{"title": declared.producer[language], "roles": ["creator"]}],
        "sources": [{"title": source.dataset_id, "path": source.page} for source in declared.relations.values()],
        "resources": [resource],
    }


def _schema(declared: Reference, language: Language) -> dict[str, Any]:
    """Return the Table Schema: fields with constraints, primary key, and the codes that point to other codes."""
    return {
        "fields": [_field(column, language) for column in declared.fields],
        "primaryKey": list(declared.key),
        "foreignKeys": list(_foreign_keys(declared)),
        "missingValues": [""],
    }


def _field(column: FieldDeclaration, language: Language) -> dict[str, Any]:
    field: dict[str, Any] = {"name": column.name, "type": column.type, "title": column.title[language]}
    if column.description:
        field["description"] = column.description[language]
    constraints = column.constraints.model_dump(exclude_defaults=True)
    if column.members:
        constraints["enum"] = [member.code for member in column.members]
        field["categories"] = [{"value": member.code, "label": member.label[language]} for member in column.members]
    return field | ({"constraints": constraints} if constraints else {})


def _foreign_keys(declared: Reference) -> Iterator[dict[str, Any]]:
    """Only links within the list itself, which name no resource: the other lists are packages of their own."""
    for column in (declared.successor, declared.same_as):
        if column:
            yield {"fields": [column], "reference": {"fields": [declared.code]}}
