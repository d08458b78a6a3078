"""Checks of meaning: what a reader needs to know is declared, and formulas sum something."""

import re
from collections.abc import Iterator

import duckdb

from atelier.datasets.checks.catalogue import Finding, Subject, Tolerance, built_in, is_dataset
from atelier.declarations import Dataset

_DATED = re.compile(r"(19|20)\d\d")


@built_in("metadata", stage="declared")
def find_metadata_missing(subject: Subject, _: Tolerance) -> Iterator[Finding]:
    """Yield what is not said of unit, scope, source, producer, date, licence and page."""
    table = subject.table
    said: dict[str, object] = {
        "title": table.title,
        "description": table.description,
        "producer": table.producer,
        "vintage": _DATED.search(table.vintage),
        "licence.name": table.licence.name,
        "licence.url": table.licence.url,
        "source.dataset_id": table.source.dataset_id,
        "source.page": table.source.page,
    }
    if isinstance(table, Dataset):
        said["scope"] = table.scope
        said |= {f"fields.{one.name}.unit": one.unit for one in subject.measures}
    missing = [key for key, value in said.items() if not value]
    if missing:
        yield Finding("metadata", len(missing), tuple(missing))


@built_in("formula-sums", applies=is_dataset)
def find_sums_of_nothing(subject: Subject, _: Tolerance) -> Iterator[Finding]:
    """Yield the formulas whose filters keep no row of the dataset, or that cannot be computed on it."""
    stem = subject.name.removeprefix("datasets/")
    for name, indicator in subject.theme.indicators.items():
        below = indicator.denominator_dataset or indicator.dataset
        for key, formula, summed in (
            ("numerator", indicator.numerator, indicator.dataset),
            ("denominator", indicator.denominator, below),
            ("value", indicator.value and f"any_value({indicator.value})", indicator.dataset),
        ):
            if formula and summed == stem:
                try:
                    empty = subject.rows(f"SELECT {formula} FROM figures") == [(None,)]
                except duckdb.Error as error:
                    yield Finding(f"{name}.{key}", 1, (str(error).splitlines()[0],))
                    continue
                if empty:
                    yield Finding(f"{name}.{key}", 1, (formula,))
