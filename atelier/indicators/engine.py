"""Answers questions: one SQL query, run where the backend says, then disclosure control, notes, provenance."""

import re
from collections.abc import Iterable, Mapping
from functools import cache, cached_property
from importlib.metadata import version

import numpy as np
import pandas as pd

from atelier.datasets.figures import Contents, Figures, find_contents, read_contents
from atelier.declarations import TOTAL, AttributeDimension, Dataset, FieldDeclaration, Indicator, Member, column_of
from atelier.errors import QuestionError
from atelier.indicators.backends import Backend, DuckDB
from atelier.indicators.breakdown import Breakdown, read_breakdown
from atelier.indicators.disclosure import protect
from atelier.indicators.notes import collect_notes
from atelier.indicators.query import Relation, build_query
from atelier.indicators.table import Card, Dimension, DimensionKind, Provenance, StatTable
from atelier.language import Language, same
from atelier.references import UNMATCHED, UNMATCHED_LABEL, CodeList, load_reference
from atelier.theme import Theme

_WORD = re.compile(r"\w+")


class Engine:
    """Answers questions on one theme's embedded figures.

    The backend opens at the first question; ``close`` lets it go, and the next question opens it again, so that a
    process may fork in between.

    Attributes:
        theme: The theme.
        figures: Its compiled tables.
        backend: Where queries run; DuckDB in this process by default.
    """

    def __init__(self, theme: Theme, backend: Backend | None = None) -> None:
        self.theme = theme
        self.figures = Figures(theme.folder / "figures")
        self.backend = backend or DuckDB()
        self._relations: set[str] = set()
        self._dimensions: dict[tuple[str, bool], dict[str, Dimension]] = {}
        self._contents: dict[str, Contents] = {}
        self._todays: dict[tuple[str, str, bool], tuple[frozenset[str], bool]] = {}

    @cached_property
    def references(self) -> dict[str, CodeList]:
        """The theme's code lists."""
        return {name: load_reference(self.theme, self.figures, name) for name in self.theme.references}

    def close(self) -> None:
        """Let go of what the backend holds open."""
        self.backend.close()
        self._relations = set()

    def dimensions(self, dataset: str, *, as_it_was: bool = False) -> dict[str, Dimension]:
        """Return a dataset's dimensions with the codes that occur in it, by identifier."""
        if (dataset, as_it_was) not in self._dimensions:
            declared, contents = self.theme.require_dataset(dataset), self._read_contents(dataset)
            found: dict[str, Dimension] = {}
            for field in declared.fields:
                if field.role in ("time", "dimension"):
                    codes = contents.codes[field.name]
                    if field.role == "time" or not field.reference:
                        found[field.dimension] = self._dimension(field, filter(None, codes))
                        continue
                    counted = self._counted(field.reference, codes, as_it_was=as_it_was)
                    found[field.dimension] = self._dimension(field, counted["today"])
                    for attribute in self.theme.references[field.reference].dimensions:
                        found[attribute.dimension] = self._dimension(attribute, counted[attribute.column])
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
        columns = _columns_named(indicator, breakdown)
        above = Relation(self._relation(indicator.dataset, columns, as_it_was=as_it_was), dataset)
        below = above
        if indicator.denominator_dataset:
            other = indicator.denominator_dataset
            below = Relation(self._relation(other, columns, as_it_was=as_it_was), self.theme.datasets[other])
        years = breakdown.filters.get("year", tuple(dimensions["year"].members) if "year" in dimensions else ())
        base_year = min(years) if indicator.base_year else None
        query = build_query(above, below, indicator, breakdown, base_year)
        self._require_crossed(name, [above.dataset, below.dataset], query.shapes)
        cells = self.backend.query(query.sql)
        cells = _complete(_require_published(name, cells, dataset, breakdown), breakdown, dimensions)
        base = _base(cells, indicator)
        cells = _valued(cells, indicator)
        rule = self.theme.disclosure(indicator.denominator_dataset or indicator.dataset)
        cells = protect(cells, rule, base=base, is_ratio=indicator.is_ratio)
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

    def _read_contents(self, dataset: str) -> Contents:
        """Return which codes a dataset holds: as the build wrote it in the file, or else found by reading it all."""
        if dataset not in self._contents:
            written = read_contents(self.figures.require_path(f"datasets/{dataset}"))
            self._contents[dataset] = written or find_contents(
                self.theme.datasets[dataset], self._figures(dataset), self.backend.query
            )
        return self._contents[dataset]

    def _figures(self, dataset: str) -> str:
        """Return the name of the relation that holds a dataset as it was built."""
        name = f"figures_{column_of(dataset)}"
        if name not in self._relations:
            declared = self.theme.datasets[dataset]
            # Rows of one shape stand together, so that a question about totals reads a small part of the table.
            order = [f"{field.name} <> '{TOTAL}'" for field in declared.fields if field.total]
            order += [field.name for field in declared.fields if field.role == "time"]
            self.backend.read(name, self.figures.require_path(f"datasets/{dataset}"), order)
            self._relations.add(name)
        return name

    def _relation(self, dataset: str, columns: set[str], *, as_it_was: bool) -> str:
        """Return the name of a relation that has these columns, counted under the codes of today or of then.

        A code list is joined only where a column needs it: its attributes, or its codes if some stand for others.
        """
        plain, joins = [], []
        joined: dict[str, str] = {}
        figures = self._figures(dataset)
        for field in self.theme.datasets[dataset].fields:
            if field.role != "dimension" or not field.reference:
                plain.append(f"figures.{field.name}")
                continue
            attributes = [one.column for one in self.theme.references[field.reference].dimensions]
            asked = [attribute for attribute in attributes if attribute in columns]
            counted, same_codes = self._today(dataset, field, as_it_was=as_it_was)
            if same_codes:
                plain.append(f"figures.{field.name}")
            elif field.name in columns:
                asked.append(field.name)
            if asked:
                listed = self._code_list(field.reference, as_it_was=as_it_was)
                # Where every code is known, both joins keep every row, and this one costs less.
                join = "LEFT JOIN" if UNMATCHED in counted else "JOIN"
                joins.append(f"{join} {listed} ON figures.{field.name} = {listed}.code")
                for column in asked:
                    carried = f"{listed}.{'today' if column == field.name else column}"
                    told = f"coalesce({carried}, '{UNMATCHED}')" if UNMATCHED in counted else carried
                    joined[column] = f"{told} AS {column}"
        when = "then" if as_it_was else "now"
        name = "_".join([column_of(dataset), when, *sorted(joined)])
        if name not in self._relations:
            sql = f"SELECT {', '.join([*plain, *joined.values()])} FROM {figures} AS figures {' '.join(joins)}"
            self.backend.define(name, sql.strip())
            self._relations.add(name)
        return name

    def _today(self, dataset: str, field: FieldDeclaration, *, as_it_was: bool) -> tuple[frozenset[str], bool]:
        """Return the codes that figures are counted under, and whether they are those of the rows."""
        asked = (dataset, field.name, as_it_was)
        if asked not in self._todays:
            codes = self._read_contents(dataset).codes[field.name]
            counted = list(self._counted(str(field.reference), codes, as_it_was=as_it_was)["today"])
            self._todays[asked] = frozenset(counted), counted == codes
        return self._todays[asked]

    def _counted(self, name: str, codes: Iterable[str], *, as_it_was: bool) -> pd.DataFrame:
        """Return, for each code, the code and the attributes its figures are counted under; _U for those unknown."""
        reference = self.references[name]
        attributes = [one.column for one in self.theme.references[name].dimensions]
        rows = []
        for code in codes:
            if code in reference.members:
                today = code if as_it_was else reference.today(code)
                carried = (reference.attributes[today][column] for column in attributes)
                rows.append([code, today, *(UNMATCHED if one is None else one for one in carried)])
            else:
                rows.append([code, *[UNMATCHED] * (1 + len(attributes))])
        return pd.DataFrame(rows, columns=["code", "today", *attributes], dtype="str")

    def _code_list(self, name: str, *, as_it_was: bool) -> str:
        """Return the name of a relation that holds a reference, one row per code; see ``_counted``."""
        relation = f"codes_{column_of(name)}_{'then' if as_it_was else 'now'}"
        if relation not in self._relations:
            self.backend.load(relation, self._counted(name, self.references[name].members, as_it_was=as_it_was))
            self._relations.add(relation)
        return relation

    def _dimension(self, declared: FieldDeclaration | AttributeDimension, codes: Iterable[str]) -> Dimension:
        present = sorted(set(codes))
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
        return {frozenset(columns) for columns in self._read_contents(name).crossings}

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
            engine=_version(),
            sql=sql,
        )


@cache
def _version() -> str:
    return version("dataesr-atelier")


def _columns_named(indicator: Indicator, breakdown: Breakdown) -> set[str]:
    """Return the columns that a question needs, and maybe other words of its formulas."""
    formulas = " ".join(filter(None, (indicator.numerator, indicator.denominator)))
    return {column_of(name) for name in breakdown.asked} | set(_WORD.findall(formulas))


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
    ranks = []
    for dimension in dimensions:
        codes = [int(code) for code in dimension.members] if dimension.kind == "time" else list(dimension.members)
        ranks.append(pd.Index(codes).get_indexer(pd.Index(cells[dimension.column])))
    return cells.take(np.lexsort(ranks[::-1])).reset_index(drop=True)
