"""``atelier indicator`` asks for figures."""

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click
import pandas as pd

from atelier.cli.options import LANGUAGE, THEME
from atelier.indicators.export import to_csv, to_parquet, to_xlsx
from atelier.indicators.table import PERIMETERS, StatTable
from atelier.snapshots import replacing
from atelier.workbench import open_theme


@click.command()
@click.argument("name")
@THEME
@click.option("--by", multiple=True, metavar="DIM[,DIM]", help="Break down by dimensions.")
@click.option("--where", multiple=True, metavar="DIM=CODE[,CODE]", help="Keep codes; years may be 2019..2022.")
@click.option("--as-it-was", is_flag=True, help="Institutions as they were each year, before mergers.")
@click.option("--json", "form", flag_value="json", help="Print JSON: card, cells, notes, provenance.")
@click.option("--csv", "form", flag_value="csv", help="Print CSV.")
@click.option(
    "--to",
    "target",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Write a file: .csv, .xlsx, .parquet or .json.",
)
@LANGUAGE
def indicator(
    name: str,
    *,
    theme: str | None,
    by: tuple[str, ...],
    where: tuple[str, ...],
    as_it_was: bool,
    form: str | None,
    target: Path | None,
    lang: str | None,
) -> None:
    """Print an indicator: ``atelier indicator students --by year --where year=2019..2022``."""
    if target and target.suffix not in WRITERS:
        raise click.UsageError(f"--to {str(target)!r}: end its name with {', '.join(WRITERS)}.")
    workbench = open_theme(theme, language=lang)
    question = workbench.indicator(name).by(*(part.strip() for text in by for part in text.split(",")))
    question = question.where(**_read_filters(where))
    table = (question.as_it_was() if as_it_was else question).table()
    if target:
        with replacing(target) as aside:
            aside.write_bytes(WRITERS[target.suffix](table))
        click.echo(target)
    elif form == "json":
        click.echo(json.dumps(as_json(table), ensure_ascii=False, indent=1))
    elif form == "csv":
        click.echo(to_csv(table).removeprefix("\ufeff"), nl=False)
    else:
        _print_table(table)


def as_json(table: StatTable) -> dict[str, Any]:
    """Return a stat table as plain JSON values; a hidden or missing value is null and its status says why."""
    language, provenance = table.language, table.provenance
    frame = table.frame.astype(object)
    cells = frame.where(frame.notna(), None).to_dict("records")
    for cell in cells:
        for column in ("value", "numerator", "denominator"):
            number = cell[column]
            if number is not None and (column != "value" or table.card.unit.kind == "count"):
                cell[column] = int(number) if float(number).is_integer() else number
    return {
        "indicator": table.card.id,
        "label": table.card.label[language],
        "unit": table.card.unit.own.label[language],
        "scope": table.card.scope[language],
        "dimensions": [dimension.id for dimension in table.dimensions],
        "filters": {name: list(codes) for name, codes in table.filters.items()},
        "cells": cells,
        "notes": [{"kind": note.kind, "text": note.text[language], "year": note.year} for note in table.notes],
        "statuses": {code: text[language] for code, text in table.statuses.items()},
        "perimeter": table.perimeter,
        "provenance": {
            "theme": provenance.theme,
            "dataset": provenance.dataset,
            "dataset_id": provenance.dataset_id,
            "producer": provenance.producer[language],
            "licence": provenance.licence,
            "vintage": provenance.vintage,
            "page": provenance.page,
            "snapshots": dict(provenance.snapshots),
            "references": dict(provenance.references),
            "unmatched": [asdict(one) for one in provenance.unmatched],
            "engine": provenance.engine,
            "sql": provenance.sql,
        },
    }


WRITERS: Mapping[str, Callable[[StatTable], bytes]] = {
    ".csv": lambda table: to_csv(table).encode(),
    ".xlsx": to_xlsx,
    ".parquet": to_parquet,
    ".json": lambda table: json.dumps(as_json(table), ensure_ascii=False, indent=1).encode(),
}
"""What writes a table, by the ending of the file."""


def _read_filters(texts: tuple[str, ...]) -> dict[str, object]:
    filters: dict[str, object] = {}
    for text in texts:
        name, sign, codes = text.partition("=")
        if not (name and sign and codes):
            raise click.UsageError(f"--where {text!r}: write dimension=code, such as year=2022.")
        filters[name.strip()] = [code.strip() for code in codes.split(",")]
    return filters


def _print_table(table: StatTable) -> None:
    language = table.language
    frame = table.frame
    shown = pd.DataFrame()
    for dimension in table.dimensions:
        column = dimension.column if dimension.kind == "time" else f"{dimension.column}_label"
        shown[dimension.title[language]] = frame[column]
    cells = zip(frame["value"], frame["status"], strict=True)
    shown[table.measure(table.card.short)] = [table.format(value, status) for value, status in cells]
    click.echo(table.card.label[language])
    click.echo(shown.to_string(index=False))
    for note in table.notes:
        click.echo(note.text[language])
    if table.perimeter:
        click.echo(PERIMETERS[table.perimeter][language])
    click.echo(f"{table.provenance.producer[language]}, {table.provenance.vintage}")
