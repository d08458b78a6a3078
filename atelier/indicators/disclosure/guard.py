"""Which cells of an answer would give a hidden one away: those that some swap of the figures changes."""

import duckdb
import pandas as pd

from atelier.datasets.figures import connect
from atelier.declarations import TOTAL, FieldDeclaration, Indicator, column_of
from atelier.indicators.breakdown import Breakdown
from atelier.indicators.disclosure.pattern import MEASURE, Patterns
from atelier.indicators.disclosure.swaps import COEFFICIENT, SWAP
from atelier.indicators.query import Relation, build_parts, carried_columns
from atelier.references import UNMATCHED


class Guard:
    """Puts every question to the swaps of a theme's datasets.

    A question is asked a second time, of the swaps instead of the figures: same formula, same breakdown, same filters.
    What comes out different from zero would show a swap, so that cell is hidden. Swaps are those of the figures as the
    source gives them, whatever is asked; two questions can therefore never be played against each other. They are
    kept in a database of their own, whichever engine holds the figures.
    """

    def __init__(self, patterns: Patterns) -> None:
        self.patterns = patterns
        self._connection: duckdb.DuckDBPyConnection | None = None
        self._relations: dict[tuple[str, bool], Relation] = {}

    def close(self) -> None:
        """Close the database; the swaps found are kept."""
        if self._connection is not None:
            self._connection.close()
        self._connection, self._relations = None, {}

    def shown_by(
        self, cells: pd.DataFrame, indicator: Indicator, breakdown: Breakdown, base_year: str | None
    ) -> pd.Series:
        """Return which cells of an answer some swap changes, in their numerator or in their denominator.

        Args:
            cells: One row per cell, with a column per dimension of the breakdown.
            indicator: The indicator asked.
            breakdown: The checked question.
            base_year: For an index, the year whose value is 100.
        """
        names = (indicator.dataset, indicator.denominator_dataset or indicator.dataset)
        shown = pd.Series(data=False, index=cells.index)
        if all(self.patterns.swaps(name).empty for name in names) or (indicator.value and not indicator.base):
            return shown
        above, below = (self._relation(name, as_it_was=breakdown.as_it_was) for name in names)
        for query in build_parts(above, below, indicator, breakdown, base_year=base_year, key=SWAP):
            result = self._open().execute(query.sql)
            columns = [name for name, *_ in result.description or () if name in cells]
            found = set(result.fetchall())
            if not columns:
                shown |= bool(found)
            elif found:
                rows = cells[columns].itertuples(index=False, name=None)
                shown |= pd.Series([row in found for row in rows], index=cells.index, dtype=bool)
        return shown

    def _relation(self, name: str, *, as_it_was: bool) -> Relation:
        """Return the swaps of a dataset as a relation with the columns that the figures have in the engine."""
        if (name, as_it_was) not in self._relations:
            declared, swaps = self.patterns.theme.datasets[name], self.patterns.swaps(name)
            changes: dict[str, object] = {}
            for field in declared.fields:
                if field.role == "measure":
                    changes[field.name] = (
                        swaps[COEFFICIENT].where(swaps[MEASURE] == field.name, 0) if len(swaps) else []
                    )
                elif field.role in ("time", "dimension"):
                    changes |= self._columns(field, swaps, as_it_was=as_it_was)
            frame = pd.DataFrame({**changes, SWAP: swaps[SWAP] if len(swaps) else []})
            table = f"{column_of(name)}_{'then' if as_it_was else 'now'}"
            connection = self._open()
            connection.register("swaps_frame", frame)
            connection.execute(f"CREATE TABLE {table} AS SELECT * FROM swaps_frame")
            connection.unregister("swaps_frame")
            fields = tuple(field for field in declared.fields if field.role != "status")
            carried = carried_columns(self.patterns.theme, declared)
            self._relations[name, as_it_was] = Relation(table, declared.model_copy(update={"fields": fields}), carried)
        return self._relations[name, as_it_was]

    def _columns(self, field: FieldDeclaration, swaps: pd.DataFrame, *, as_it_was: bool) -> dict[str, object]:
        codes = swaps.get(field.name, pd.Series(dtype="object"))
        if not field.reference:
            return {field.name: codes}
        reference = self.patterns.references[field.reference]
        columns: dict[str, object] = {}
        carried = {code: reference.own(code) if as_it_was else reference.today(code) for code in reference.members}
        today = codes.map(carried | {TOTAL: TOTAL})
        columns[field.name] = today.fillna(UNMATCHED)
        for one in self.patterns.theme.references[field.reference].dimensions:
            attribute = {code: reference.attributes[code][one.column] for code in carried}
            columns[one.column] = today.map(attribute).fillna(UNMATCHED)
        return columns

    def _open(self) -> duckdb.DuckDBPyConnection:
        if self._connection is None:
            self._connection = connect()
        return self._connection
