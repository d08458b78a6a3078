"""Answers questions: one SQL query on DuckDB, disclosure control, notes, provenance."""

from collections.abc import Iterable, Mapping
from functools import cached_property
from importlib.metadata import version
from pathlib import Path

import duckdb
import pandas as pd

from atelier.datasets.figures import Figures, connect
from atelier.declarations import TOTAL, AttributeDimension, Dataset, FieldDeclaration, Indicator, Member
from atelier.errors import QuestionError
from atelier.indicators.breakdown import Breakdown, read_breakdown
from atelier.indicators.disclosure import Guard, Patterns, protect
from atelier.indicators.notes import collect_notes
from atelier.indicators.query import Relation, build_query
from atelier.indicators.table import Card, Dimension, DimensionKind, Provenance, StatTable
from atelier.language import Language, same
from atelier.references import UNMATCHED, UNMATCHED_LABEL, CodeList, load_reference
from atelier.theme import Theme


class Engine:
    """Answers questions on one theme's embedded figures.

    The connection opens at the first question; ``close`` lets it go, and the next question opens another, so that a
    process may fork in between.

    Args:
        theme: The theme.
        store: Folder where what takes a second to compute from the figures is kept, if any.
    """

    def __init__(self, theme: Theme, store: Path | None = None) -> None:
        self.theme, self.store = theme, store
        self.figures = Figures(theme.folder / "figures")
        self._connection: duckdb.DuckDBPyConnection | None = None
        self._relations: set[str] = set()
        self._dimensions: dict[tuple[str, bool], dict[str, Dimension]] = {}
        self._shapes: dict[str, set[frozenset[str]]] = {}

    @cached_property
    def references(self) -> dict[str, CodeList]:
        """The theme's code lists."""
        return {name: load_reference(self.theme, self.figures, name) for name in self.theme.references}

    @cached_property
    def guard(self) -> Guard:
        """What keeps hidden cells from being computed."""
        return Guard(Patterns(self.theme, self.figures, self.references, self.store))

    def close(self) -> None:
        """Close the connection to DuckDB, if one is open."""
        self.guard.close()
        if self._connection is not None:
            self._connection.close()
        self._connection, self._relations = None, set()

    def dimensions(self, dataset: str, *, as_it_was: bool = False) -> dict[str, Dimension]:
        """Return a dataset's dimensions with the codes that occur in it, by identifier."""
        if (dataset, as_it_was) not in self._dimensions:
            declared = self.theme.require_dataset(dataset)
            relation = self._relation(dataset, as_it_was=as_it_was)
            found: dict[str, Dimension] = {}
            for field in declared.fields:
                if field.role in ("time", "dimension"):
                    found[field.dimension] = self._dimension(relation, field)
                    if field.reference:
                        for attribute in self.theme.references[field.reference].dimensions:
                            found[attribute.dimension] = self._dimension(relation, attribute)
            self._dimensions[dataset, as_it_was] = found
        return self._dimensions[dataset, as_it_was]

    def answer(
        self,
        name: str,
        by: Iterable[str],
        where: Mapping[str, object],
        *,
        as_it_was: bool = False,
        language: Language = "fr",
    ) -> StatTable:
        """Return the stat table of an indicator for a breakdown.

        Args:
            name: Identifier of the indicator.
            by: Dimensions to break down by.
            where: Codes kept, by dimension.
            as_it_was: Count institutions as they were each year, not those that carry their figures today.
            language: Language of the table's labels.

        Raises:
            UnknownNameError: An indicator, dimension or code that does not exist.
            QuestionError: A question that the dataset cannot answer.
            DataError: The figures were never built.
        """
        indicator = self.theme.require_indicator(name)
        dataset = self.theme.datasets[indicator.dataset]
        dimensions = self.dimensions(indicator.dataset, as_it_was=as_it_was)
        breakdown = read_breakdown(name, indicator, dimensions, by, where, as_it_was=as_it_was)
        above = Relation(self._relation(indicator.dataset, as_it_was=as_it_was), dataset)
        below = above
        if indicator.denominator_dataset:
            other = indicator.denominator_dataset
            below = Relation(self._relation(other, as_it_was=as_it_was), self.theme.datasets[other])
        years = breakdown.filters.get("year", tuple(dimensions["year"].members) if "year" in dimensions else ())
        base_year = min(years) if indicator.base_year else None
        query = build_query(above, below, indicator, breakdown, base_year)
        self._require_crossed(name, [above.dataset, below.dataset], query.shapes)
        cells = self._open().execute(query.sql).df()
        cells = _complete(_require_published(name, cells, dataset, breakdown), breakdown, dimensions)
        base = _base(cells, indicator)
        cells = _valued(cells, indicator)
        rule = self.theme.disclosure(indicator.denominator_dataset or indicator.dataset)
        telling = self.guard.shown_by(cells, indicator, breakdown, base_year)
        cells = protect(cells, rule, base=base, is_ratio=indicator.is_ratio, telling=telling)
        cells.loc[cells["status"].eq("A") & _provisional(cells, breakdown, dataset), "status"] = "P"
        card = self.card(name)
        asked = tuple(dimensions[dimension] for dimension in breakdown.by)
        return StatTable(
            card=card,
            dimensions=asked,
            filters=breakdown.filters,
            filter_dimensions=tuple(dimensions[dimension] for dimension in breakdown.filters),
            cells=_sorted(cells, asked),
            notes=collect_notes(
                name, dataset, breakdown, cells, years=years, predecessors=self._predecessors(dataset, breakdown)
            ),
            provenance=self._provenance(name, indicator, breakdown, query.sql),
            whole=self.theme.card.whole,
            language=language,
        )

    def card(self, name: str) -> Card:
        """Return an indicator in words; UnknownNameError names the others."""
        indicator = self.theme.require_indicator(name)
        return Card(
            id=name,
            label=indicator.label,
            short=indicator.short,
            definition=indicator.definition,
            calculation=indicator.calculation,
            interpretation=indicator.interpretation,
            limits=indicator.limits,
            unit=self.theme.card.units[indicator.unit],
            scope=indicator.scope or self.theme.datasets[indicator.dataset].scope,
            direction=indicator.direction,
            is_ratio=indicator.is_ratio,
        )

    def _open(self) -> duckdb.DuckDBPyConnection:
        if self._connection is None:
            self._connection = connect()
        return self._connection

    def _relation(self, dataset: str, *, as_it_was: bool) -> str:
        """Return the name of a relation with one column per dimension, made at the first need."""
        name = f"{dataset.replace('-', '_')}_{'then' if as_it_was else 'now'}"
        if name not in self._relations:
            declared = self.theme.datasets[dataset]
            path = self.figures.require_path(f"datasets/{dataset}")
            columns, joins = ["figures.*"], []
            for field in declared.fields:
                if field.role == "dimension" and field.reference:
                    codes = self._perimeter(field, as_it_was=as_it_was)
                    joins.append(f"LEFT JOIN {codes} ON figures.{field.name} = {codes}.code")
                    columns[0] = f"figures.* EXCLUDE ({field.name})"
                    columns += [f"coalesce({codes}.today, '{UNMATCHED}') AS {field.name}"]
                    columns += [
                        f"coalesce({codes}.{attribute.column}, '{UNMATCHED}') AS {attribute.column}"
                        for attribute in self.theme.references[field.reference].dimensions
                    ]
            # Rows of one shape stand together, so that a question about totals reads a small part of the table.
            order = [f"figures.{field.name} <> '{TOTAL}'" for field in declared.fields if field.total]
            order += [f"figures.{field.name}" for field in declared.fields if field.role == "time"]
            sql = f"CREATE TABLE {name} AS SELECT {', '.join(columns)} FROM '{path}' AS figures {' '.join(joins)}"
            self._open().execute(f"{sql} ORDER BY {', '.join(order)}" if order else sql)
            self._relations.add(name)
        return name

    def _perimeter(self, field: FieldDeclaration, *, as_it_was: bool) -> str:
        """Return a relation that gives each code the code and attributes its figures are counted under."""
        reference = self.references[str(field.reference)]
        attributes = [one.column for one in self.theme.references[reference.name].dimensions]
        rows = []
        for code in reference.members:
            today = code if as_it_was else reference.today(code)
            rows.append([code, today, *(reference.attributes[today][column] for column in attributes)])
        name = f"{reference.name.replace('-', '_')}_{'then' if as_it_was else 'now'}"
        frame = pd.DataFrame(rows, columns=["code", "today", *attributes])
        connection = self._open()
        connection.register("perimeter_frame", frame)
        connection.execute(f"CREATE OR REPLACE TABLE {name} AS SELECT * FROM perimeter_frame")
        connection.unregister("perimeter_frame")
        return name

    def _dimension(self, relation: str, declared: FieldDeclaration | AttributeDimension) -> Dimension:
        column = declared.name if isinstance(declared, FieldDeclaration) else declared.column
        rows = self._open().execute(f"SELECT DISTINCT {column} FROM {relation} ORDER BY 1").fetchall()
        present = [str(code) for (code,) in rows if code != TOTAL]
        if declared.reference:
            known: Mapping[str, Member] = self.references[declared.reference].members
        else:
            known = {member.code: member for member in declared.members}
        members = {code: known[code] for code in known if code in present}
        for code in present:
            if code not in members:
                members[code] = Member(code=code, label=UNMATCHED_LABEL if code == UNMATCHED else same(code))
        if isinstance(declared, AttributeDimension):
            return Dimension(declared.dimension, declared.title, members, declared.kind)
        kind: DimensionKind = "time" if declared.role == "time" else "ordinal" if declared.ordered else "nominal"
        return Dimension(declared.dimension, declared.title, members, kind, declared.partition)

    def _require_crossed(self, name: str, datasets: list[Dataset], shapes: frozenset[frozenset[str]]) -> None:
        """Refuse dimensions that no dataset of the indicator crosses, where an answer would be silently empty."""
        known: set[frozenset[str]] = set()
        for dataset in datasets:
            known |= self._crossings(dataset)
        for shape in shapes - known:
            crossed = " and ".join(sorted(column.replace("_", "-") for column in shape))
            raise QuestionError(f"{name!r}: the source does not cross {crossed}: ask for one at a time.")

    def _crossings(self, dataset: Dataset) -> set[frozenset[str]]:
        """Return the sets of columns that some row of a dataset gives members of, the others being at their total."""
        name = next(key for key, declared in self.theme.datasets.items() if declared is dataset)
        if name not in self._shapes:
            columns = [field.name for field in dataset.fields if field.total]
            asked = ", ".join(f"{column} <> '{TOTAL}'" for column in columns) or "true"
            relation = self._relation(name, as_it_was=False)
            rows = self._open().execute(f"SELECT DISTINCT {asked} FROM {relation}").fetchall()
            self._shapes[name] = {
                frozenset(column for column, present in zip(columns, row, strict=False) if present) for row in rows
            }
        return self._shapes[name]

    def _predecessors(self, dataset: Dataset, breakdown: Breakdown) -> dict[str, list[str]]:
        """Return the labels of the codes merged into each code kept by a filter, by label."""
        found: dict[str, list[str]] = {}
        if breakdown.as_it_was:
            return found
        for field in dataset.fields:
            for code in breakdown.filters.get(field.dimension, ()) if field.reference else ():
                reference = self.references[str(field.reference)]
                names = [reference.members[other].label["fr"] for other in reference.predecessors(code)]
                others = [name for name in names if name != reference.members[code].label["fr"]]
                if others:
                    found[reference.members[code].label["fr"]] = others
        return found

    def _provenance(self, name: str, indicator: Indicator, breakdown: Breakdown, sql: str) -> Provenance:
        dataset = self.theme.datasets[indicator.dataset]
        references = [field.reference for field in dataset.fields if field.role == "dimension" and field.reference]
        tables = [f"datasets/{indicator.dataset}", *(f"references/{reference}" for reference in references)]
        known = self.figures.provenance()
        question: dict[str, object] = {"by": list(breakdown.by)}
        question["where"] = {dimension: list(codes) for dimension, codes in breakdown.filters.items()}
        if breakdown.as_it_was:
            question["as_it_was"] = True
        return Provenance(
            theme=self.theme.id,
            indicator=name,
            question=question,
            dataset=indicator.dataset,
            dataset_id=dataset.source.dataset_id,
            dataset_title=dataset.title,
            producer=dataset.producer,
            licence=dataset.licence.name,
            vintage=dataset.vintage,
            page=dataset.source.page,
            snapshots={table: known[table].snapshot for table in tables if table in known},
            engine=version("dataesr-atelier"),
            sql=sql,
        )


def _complete(cells: pd.DataFrame, breakdown: Breakdown, dimensions: Mapping[str, Dimension]) -> pd.DataFrame:
    """Return cells with a row, empty, for each combination of codes named by a filter that the source lacks."""
    named = [name for name in breakdown.by if name in breakdown.filters]
    if not named or set(named) != set(breakdown.by):
        return cells
    columns = [dimensions[name].column for name in breakdown.by]
    lists = [
        [int(code) for code in breakdown.filters[name]]
        if dimensions[name].kind == "time"
        else list(breakdown.filters[name])
        for name in breakdown.by
    ]
    grid = pd.MultiIndex.from_product(lists, names=columns).to_frame(index=False)
    return grid.merge(cells, on=columns, how="left")


def _require_published(name: str, cells: pd.DataFrame, dataset: Dataset, breakdown: Breakdown) -> pd.DataFrame:
    """Return the cells of a published value, each made of one row; refuse to merge several."""
    if "rows_behind" not in cells:
        return cells
    if (cells["rows_behind"] > 1).any():
        held = {name.replace("-", "_") for name in breakdown.asked}
        free = [field.dimension for field in dataset.fields if field.name in dataset.key and field.name not in held]
        raise QuestionError(
            f"{name!r} is published as it is and is never added nor averaged: "
            f"keep one code, or break down by, {' and '.join(free)}."
        )
    return cells.drop(columns="rows_behind")


def _base(cells: pd.DataFrame, indicator: Indicator) -> pd.Series:
    """Return how many stand behind each cell: the count itself, the denominator, or the measure the card names."""
    if indicator.value is not None:
        return cells["base"].astype("float64") if indicator.base else pd.Series(float("nan"), index=cells.index)
    return cells["denominator" if indicator.is_ratio else "numerator"].astype("float64").abs()


def _valued(cells: pd.DataFrame, indicator: Indicator) -> pd.DataFrame:
    valued = cells.copy()
    valued["numerator"] = valued["numerator"].astype("float64")
    if "denominator" not in valued:
        valued["denominator"] = float("nan")
        valued["value"] = valued["numerator"]
        return valued
    valued["denominator"] = valued["denominator"].astype("float64")
    positive = valued["denominator"].where(valued["denominator"] != 0)
    valued["value"] = valued["numerator"] / positive * (100 if indicator.base_year else 1)
    return valued


def _provisional(cells: pd.DataFrame, breakdown: Breakdown, dataset: Dataset) -> pd.Series:
    if "year" in breakdown.by:
        return cells["year"].isin(dataset.provisional)
    years = {int(year) for year in breakdown.filters.get("year", ())}
    return pd.Series(bool(years & set(dataset.provisional)), index=cells.index)


def _sorted(cells: pd.DataFrame, dimensions: tuple[Dimension, ...]) -> pd.DataFrame:
    """Return cells in the order their dimensions show their codes."""
    if not dimensions:
        return cells
    ranks = pd.DataFrame(
        {
            dimension.column: cells[dimension.column]
            .astype(str)
            .map({code: rank for rank, code in enumerate(dimension.members)})
            for dimension in dimensions
        }
    )
    return cells.loc[ranks.sort_values(list(ranks.columns), kind="stable").index].reset_index(drop=True)
