"""Answers questions: one SQL query, run where the backend says, then disclosure control, notes, provenance."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import cache, cached_property
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pandas as pd

from atelier.datasets.figures import Contents, Figures, find_contents, read_contents
from atelier.declarations import TOTAL, AttributeDimension, Dataset, FieldDeclaration, Indicator, Member, column_of
from atelier.errors import QuestionError
from atelier.indicators.backends import Backend, DuckDB
from atelier.indicators.breakdown import Breakdown, read_breakdown
from atelier.indicators.disclosure import Guard, Patterns, protect
from atelier.indicators.notes import collect_notes, describe_coverage
from atelier.indicators.query import Relation, build_query, carried_columns, code_column
from atelier.indicators.respondents import build_respondent_query
from atelier.indicators.table import Card, Dimension, DimensionKind, Perimeter, Provenance, StatTable, Unmatched
from atelier.indicators.unmatched import above_only, count_rows, filters_for_unmatched, unmatched_notes, weigh
from atelier.language import Language, Text, same
from atelier.references import UNMATCHED, UNMATCHED_LABEL, CodeList, load_references
from atelier.theme import Theme

_WORD = re.compile(r"\w+")
_BEHIND = frozenset({"respondents", "absent", "base"})


class Engine:
    """Answers questions on one theme's embedded figures.

    The backend opens at the first question; ``close`` lets it go, and the next question opens it again, so that a
    process may fork in between.

    Args:
        theme: The theme.
        backend: Where queries run; DuckDB in this process by default.
        store: Folder where what takes a second to compute from the figures is kept, if any.

    Attributes:
        figures: The theme's compiled tables.
    """

    def __init__(self, theme: Theme, backend: Backend | None = None, *, store: Path | None = None) -> None:
        self.theme, self.store = theme, store
        self.figures = Figures(theme.folder / "figures")
        self.backend = backend or DuckDB()
        self._relations: set[str] = set()
        self._dimensions: dict[tuple[str, bool], dict[str, Dimension]] = {}
        self._contents: dict[str, Contents] = {}
        self._todays: dict[tuple[str, str, bool], tuple[frozenset[str], bool]] = {}

    @cached_property
    def references(self) -> dict[str, CodeList]:
        """The theme's code lists."""
        return load_references(self.theme, self.figures)

    @cached_property
    def guard(self) -> Guard:
        """What keeps hidden cells from being computed."""
        return Guard(Patterns(self.theme, self.figures, self.references, self.store))

    def close(self) -> None:
        """Let go of what the backend and the guard hold open."""
        self.guard.close()
        self.backend.close()
        self._relations = set()

    def prepare_fork(self) -> None:
        """Let go of all that a fork may not share: everything, unless the figures are in memory and without threads."""
        if self.backend.may_fork:
            self.guard.close()
        else:
            self.close()

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

    def predecessors(self, dataset: str, dimension: str, code: str) -> list[str]:
        """Return the codes of a dataset's figures that are counted under ``code`` today, in the order of labels.

        There are none for a dimension that a reference brings, such as the region of an institution.
        """
        fields = {field.dimension: field for field in self.theme.require_dataset(dataset).fields if field.reference}
        if dimension not in fields:
            return []
        reference = self.references[str(fields[dimension].reference)]
        filed = set(self._read_contents(dataset).codes[fields[dimension].name])
        return [other for other in reference.predecessors(code) if other in filed]

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
        return self._answer(name, self.theme.require_indicator(name), by, where, as_it_was=as_it_was, language=language)

    def _answer(
        self,
        name: str,
        indicator: Indicator,
        by: Iterable[str],
        where: Mapping[str, object],
        *,
        as_it_was: bool,
        language: Language = "fr",
    ) -> StatTable:
        dataset = self.theme.datasets[indicator.dataset]
        dimensions = self.dimensions(indicator.dataset, as_it_was=as_it_was)
        breakdown = read_breakdown(name, indicator, dimensions, by, where, as_it_was=as_it_was)
        columns = _columns_named(indicator, breakdown, dataset)
        above = self._relation_of(indicator.dataset, columns, as_it_was=as_it_was)
        below = above
        if indicator.denominator_dataset:
            below = self._relation_of(indicator.denominator_dataset, columns, as_it_was=as_it_was)
        years = breakdown.filters.get("year", tuple(dimensions["year"].members) if "year" in dimensions else ())
        base_year = min(years) if indicator.base_year else None
        if dataset.respondent and indicator.value is None:
            reference = str(dataset.field(dataset.respondent).reference)
            kin = None if as_it_was else self._kin(reference)
            query = build_respondent_query(above, below, indicator, breakdown, kin)
        else:
            query = build_query(above, below, indicator, breakdown, base_year)
        self._require_crossed(name, [above.dataset, below.dataset], query.shapes)
        cells = self.backend.query(query.sql)
        merged = 0
        if indicator.value is not None:
            cells, merged = _require_published(name, cells, above, breakdown)
        cells = _complete(cells, breakdown, dimensions)
        coverage = describe_coverage(cells, breakdown, dimensions.get((dataset.respondent or "").replace("_", "-")))
        base = _base(cells, indicator)
        cells = _valued(cells[[column for column in cells if column not in _BEHIND]], indicator)
        rule = self.theme.disclosure(indicator.denominator_dataset or indicator.dataset)
        telling = self.guard.shown_by(cells, indicator, breakdown, base_year)
        cells = protect(cells, rule, base=base, is_ratio=indicator.is_ratio, telling=telling)
        if dataset.provisional:
            cells.loc[cells["status"].eq("A") & _provisional(cells, breakdown, dataset), "status"] = "P"
        card = self.card(name)
        asked = tuple(dimensions[dimension] for dimension in breakdown.by)
        unmatched = self._unmatched(name, indicator, breakdown)
        added = unmatched if indicator.value is None else ()
        return StatTable(
            card=card,
            dimensions=asked,
            filters=breakdown.filters,
            filter_dimensions=tuple(dimensions[dimension] for dimension in breakdown.filters),
            cells=_sorted(cells, asked),
            notes=(
                *collect_notes(
                    name,
                    dataset,
                    breakdown,
                    cells,
                    years=years,
                    predecessors=self._predecessors(indicator.dataset, breakdown),
                    summed=indicator.value is None,
                    merged=merged,
                ),
                *coverage,
                *unmatched_notes(breakdown, added, self._given(dataset), self._reference_titles),
            ),
            provenance=replace(self._provenance(name, indicator, breakdown, query.sql), unmatched=unmatched),
            whole=self.theme.card.whole,
            language=language,
            perimeter=self._perimeter_of(dataset, as_it_was=as_it_was),
            telling=self.theme.telling,
        )

    def perimeters(self, name: str) -> tuple[Perimeter | None, ...]:
        """Return the ways to count the codes of an indicator: both where some were replaced, else None alone."""
        indicator = self.theme.require_indicator(name)
        told = {
            self._perimeter_of(self.theme.datasets[dataset], as_it_was=False)
            for dataset in (indicator.dataset, indicator.denominator_dataset or indicator.dataset)
        }
        return (None,) if told == {None} else ("as-it-is", "as-it-was")

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
            thresholds=indicator.thresholds,
            respondent=column.replace("_", "-")
            if (column := self.theme.datasets[indicator.dataset].respondent)
            else "",
        )

    def _read_contents(self, dataset: str) -> Contents:
        """Return which codes a dataset holds: as the build wrote it in the file, or else found by reading it all."""
        if dataset not in self._contents:
            written = read_contents(self.figures.require_path(f"datasets/{dataset}"))
            self._contents[dataset] = written or find_contents(
                self.theme.datasets[dataset], self._figures(dataset), self.backend.query
            )
        return self._contents[dataset]

    def _relation_of(self, dataset: str, columns: set[str], *, as_it_was: bool) -> Relation:
        """Return a dataset ready to be queried."""
        declared = self.theme.datasets[dataset]
        name = self._relation(dataset, columns, as_it_was=as_it_was)
        return Relation(name, declared, carried_columns(self.theme, declared))

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

    def _kin(self, name: str) -> str:
        """Return the name of a relation of the pairs of codes of which one replaced the other."""
        relation = f"kin_{column_of(name)}"
        if relation not in self._relations:
            self.backend.load(relation, pd.DataFrame(self.references[name].kin(), columns=["code", "kin"], dtype="str"))
            self._relations.add(relation)
        return relation

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
            plain.append(f"figures.{field.name} AS {code_column(field.name)}")
            attributes = [one.column for one in self.theme.references[field.reference].dimensions]
            asked = [attribute for attribute in attributes if attribute in columns]
            counted, same_codes = self._today(dataset, field, as_it_was=as_it_was)
            if same_codes:
                plain.append(f"figures.{field.name}")
            elif field.total or field.name in columns:
                asked.append(field.name)
            if asked:
                listed = self._code_list(field.reference, as_it_was=as_it_was)
                # Where every code is known, both joins keep every row, and this one costs less.
                join = "LEFT JOIN" if field.total or UNMATCHED in counted else "JOIN"
                joins.append(f"{join} {listed} ON figures.{field.name} = {listed}.code")
                unknown = f"if(figures.{field.name} = '{TOTAL}', '{TOTAL}', '{UNMATCHED}')"
                for column in asked:
                    carried = f"{listed}.{'today' if column == field.name else column}"
                    told = f"coalesce({carried}, {unknown})" if field.total or UNMATCHED in counted else carried
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
                today = reference.own(code) if as_it_was else reference.today(code)
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
        kind: DimensionKind = "geo" if declared.geo else "ordinal" if declared.ordered else "nominal"
        kind = "time" if declared.role == "time" else kind
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

    def _predecessors(self, dataset: str, breakdown: Breakdown) -> dict[str, list[str]]:
        """Return the labels of the codes merged into each code kept by a filter, by label."""
        found: dict[str, list[str]] = {}
        if breakdown.as_it_was:
            return found
        for field in self.theme.datasets[dataset].fields:
            for code in breakdown.filters.get(field.dimension, ()) if field.reference else ():
                reference = self.references[str(field.reference)]
                names = [
                    reference.members[other].label["fr"] for other in self.predecessors(dataset, field.dimension, code)
                ]
                others = [name for name in names if name != reference.members[code].label["fr"]]
                if others:
                    found[reference.members[code].label["fr"]] = others
        return found

    def _joined(self, dataset: Dataset) -> dict[str, str]:
        """Return the reference of each dimension whose codes one holds."""
        return {
            field.dimension: field.reference
            for field in dataset.fields
            if field.role == "dimension" and field.reference
        }

    def _given(self, dataset: Dataset) -> dict[str, set[str]]:
        """Return, for each dimension whose codes a reference holds, itself and the dimensions the reference gives."""
        return {
            dimension: {dimension, *(one.dimension for one in self.theme.references[reference].dimensions)}
            for dimension, reference in self._joined(dataset).items()
        }

    @property
    def _reference_titles(self) -> dict[str, Text]:
        return {name: reference.title for name, reference in self.theme.references.items()}

    def _perimeter_of(self, dataset: Dataset, *, as_it_was: bool) -> Perimeter | None:
        if not any(self.references[reference].successors for reference in self._joined(dataset).values()):
            return None
        return "as-it-was" if as_it_was else "as-it-is"

    def _unmatched(self, name: str, indicator: Indicator, breakdown: Breakdown) -> tuple[Unmatched, ...]:
        """Return what the joins of a question did not match, weighed by asking the same question of those rows only."""
        if any(UNMATCHED in codes for codes in breakdown.filters.values()):
            return ()
        found, dataset = [], self.theme.datasets[indicator.dataset]
        for dimension, reference in self._joined(dataset).items():
            filed = self._read_contents(indicator.dataset).codes[column_of(dimension)]
            codes = tuple(code for code in filed if code not in self.references[reference].members)
            if codes:
                weight, hidden = None, False
                if indicator.value is None and dimension in (indicator.dimensions or (dimension,)):
                    where = filters_for_unmatched(breakdown, dimension, self._given(dataset)[dimension])
                    weight, hidden = weigh(
                        self._answer(name, above_only(indicator), breakdown.by, where, as_it_was=breakdown.as_it_was)
                    )
                rows = count_rows(self.backend.query, self._figures(indicator.dataset), column_of(dimension), codes)
                found.append(Unmatched(indicator.dataset, dimension, reference, codes, rows, weight, hidden))
        return tuple(found)

    def _provenance(self, name: str, indicator: Indicator, breakdown: Breakdown, sql: str) -> Provenance:
        dataset, other = self.theme.datasets[indicator.dataset], indicator.denominator_dataset
        below = self.theme.datasets[other] if other else None
        datasets = dict.fromkeys([indicator.dataset, other or indicator.dataset])
        references = dict.fromkeys(name for one in datasets for name in self._joined(self.theme.datasets[one]).values())
        tables = [*(f"datasets/{one}" for one in datasets), *(f"references/{reference}" for reference in references)]
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
            snapshots={
                source: sha256
                for table in tables
                if table in known
                for source, sha256 in known[table].snapshots.items()
            },
            engine=_version(),
            sql=sql,
            denominator_title=below.title if below else None,
            denominator_vintage=below.vintage if below else "",
            references={reference: self.references[reference].version for reference in references},
        )


@cache
def _version() -> str:
    return version("dataesr-atelier")


def _columns_named(indicator: Indicator, breakdown: Breakdown, dataset: Dataset) -> set[str]:
    """Return the columns that a question needs, and maybe other words of its formulas."""
    formulas = " ".join(filter(None, (indicator.numerator, indicator.denominator)))
    respondent = {dataset.respondent} if dataset.respondent else set()
    return {column_of(name) for name in breakdown.asked} | set(_WORD.findall(formulas)) | respondent


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


def _require_published(
    name: str, cells: pd.DataFrame, relation: Relation, breakdown: Breakdown
) -> tuple[pd.DataFrame, int]:
    """Return the cells of a published value, each made of one row, and how many mergers left without a value.

    Raises:
        QuestionError: A cell would be made of several rows, which published values never are.
    """
    asked = relation.asked(breakdown.asked)
    held = {column_of(one) for one in breakdown.by}
    held |= {column_of(one) for one, codes in breakdown.filters.items() if len(codes) == 1}
    several = cells["rows_behind"] > 1
    # Institutions merged since each had their own value: the one that replaced them has none, and the others stay.
    merged = several & cells["rows_behind"].eq(cells["codes_behind"]) & held.issuperset(relation.carried)
    if (several & ~merged).any():
        fields = [relation.dataset.field(column) for column in relation.dataset.key]
        free = [one.dimension for one in fields if one.name not in held and not (one.total and one.name not in asked)]
        raise QuestionError(
            f"{name!r} is published as it is and is never added nor averaged: "
            f"keep one code, or break down by, {' and '.join(free)}."
        )
    emptied = [column for column in ("numerator", "base", "source") if column in cells]
    kept = cells.astype(dict.fromkeys(emptied, "object"))
    kept.loc[merged, emptied] = None
    return kept.drop(columns=["rows_behind", "codes_behind"]), int(merged.sum())


def _base(cells: pd.DataFrame, indicator: Indicator) -> pd.Series:
    """Return how many stand behind each cell: the count itself, the denominator, or the measure the card names."""
    if indicator.value is not None:
        return cells["base"].astype("float64") if indicator.base else pd.Series(float("nan"), index=cells.index)
    return cells["denominator" if indicator.is_ratio else "numerator"].astype("float64").abs()


def _valued(cells: pd.DataFrame, indicator: Indicator) -> pd.DataFrame:
    above = cells["numerator"].to_numpy("float64", na_value=np.nan)
    if "denominator" not in cells:
        return cells.assign(numerator=above, denominator=np.nan, value=above)
    below = cells["denominator"].to_numpy("float64", na_value=np.nan)
    value = above / np.where(below == 0, np.nan, below) * (100 if indicator.base_year else 1)
    return cells.assign(numerator=above, denominator=below, value=value)


def _provisional(cells: pd.DataFrame, breakdown: Breakdown, dataset: Dataset) -> pd.Series:
    if "year" in breakdown.by:
        return cells["year"].isin(dataset.provisional)
    years = {int(year) for year in breakdown.filters.get("year", ())}
    return pd.Series(bool(years & set(dataset.provisional)), index=cells.index)


def _sorted(cells: pd.DataFrame, dimensions: tuple[Dimension, ...]) -> pd.DataFrame:
    """Return cells in the order their dimensions show their codes."""
    if not dimensions:
        return cells
    ranks = [dimension.order.get_indexer(pd.Index(cells[dimension.column])) for dimension in dimensions]
    places = np.lexsort(ranks[::-1])
    # A backend may have sorted them: nothing is moved then.
    return cells if (places[1:] > places[:-1]).all() else cells.take(places).reset_index(drop=True)
