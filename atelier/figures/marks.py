"""Reads the cells of a stat table as series of marks."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

import pandas as pd

from atelier.errors import QuestionError
from atelier.figures.layout import OVER_TIME, Layout
from atelier.figures.palette import ACCENT
from atelier.figures.phrases import say
from atelier.figures.specification import Mark, Series
from atelier.indicators.table import StatTable

ZERO_IF_UNDER = 0.5
"""An axis whose lowest value is under this share of its highest starts from zero."""


@dataclass(frozen=True)
class Reading:
    """A table read as series of marks."""

    table: StatTable
    layout: Layout
    wanted: tuple[str, ...]

    def series(self) -> tuple[Series, ...]:
        """Return the series in the order of their dimensions, each with its marks in the order of the axis."""
        groups: dict[tuple[str, ...], list[pd.Series]] = {}
        for _, row in self.table.cells.iterrows():
            key = tuple(str(row[one.column]) for one in self.layout.series)
            groups.setdefault(key, []).append(row)
        return tuple(self._one(key, rows) for key, rows in groups.items())

    def _one(self, codes: tuple[str, ...], rows: list[pd.Series]) -> Series:
        marks = tuple(self._mark(row) for row in rows)
        if self.layout.x is None and not self.layout.series and len(marks) > 1:
            raise QuestionError("the table repeats a cell: ask for each once.")
        if self.layout.kind in OVER_TIME and self.layout.x is not None:
            marks = tuple(sorted(marks, key=lambda mark: int(mark.key)))
        labels = [
            one.short_label(code, self.table.language) for one, code in zip(self.layout.series, codes, strict=True)
        ]
        return Series(
            key="|".join(codes),
            label=", ".join(labels) or say("mark.total", self.table.language),
            color=ACCENT,
            marks=marks,
            highlighted=bool(set(codes) & set(self.wanted)),
            breaks=self._cuts(marks),
        )

    def _mark(self, row: pd.Series) -> Mark:
        value = None if pd.isna(row["value"]) else float(row["value"])
        key, label = self._place(row)
        status = str(row["status"])
        return Mark(key, label, value, status, self.table.format(value, status), key in self.wanted)

    def _place(self, row: pd.Series) -> tuple[str, str]:
        axis = self.layout.x or next(iter(self.layout.fixed), None)
        if axis is None:
            for dimension in self.table.filter_dimensions:
                codes = self.table.filters[dimension.id]
                if len(codes) == 1:
                    return codes[0], dimension.short_label(codes[0], self.table.language)
            whole = self.table.whole[self.table.language]
            return whole, whole
        code = str(row[axis.column])
        return code, axis.short_label(code, self.table.language)

    def _cuts(self, marks: tuple[Mark, ...]) -> tuple[str, ...]:
        """Return the keys before which a line is cut: breaks, hidden or missing values, absent years, forecasts."""
        if self.layout.kind not in (*OVER_TIME, "slope") or self.layout.x is None:
            return ()
        years = sorted({int(year) for year in self.table.cells[self.layout.x.column]})
        broken = [note.year for note in self.table.notes if note.kind == "break" and note.year is not None]
        seen = [mark for mark in marks if mark.value is not None]
        cuts = []
        for one, other in pairwise(seen):
            before, after = int(one.key), int(other.key)
            gap = any(before < year < after for year in years)
            if gap or one.is_forecast != other.is_forecast or any(before < year <= after for year in broken):
                cuts.append(other.key)
        return tuple(cuts)


def reaches_zero(shown: Iterable[Series], references: Iterable[tuple[str, float]]) -> bool:
    """Return whether values are spread enough for their axis to start from zero."""
    values = [mark.value for one in shown for mark in one.marks if mark.value is not None]
    values += [value for _, value in references]
    return bool(values) and 0 <= min(values) < ZERO_IF_UNDER * max(values)
