"""What is asked of a figure that compares, and the words every one of them takes."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Protocol

import pandas as pd

from atelier.errors import QuestionError, UnknownNameError
from atelier.figures.captions import (
    build_scope,
    build_source,
    build_subtitle,
    build_title,
    table_notes,
    where_words,
)
from atelier.figures.layout import Layout, count_series
from atelier.figures.phrases import context, lower_first, say
from atelier.figures.specification import Figure, FigureKind, Mark, Series
from atelier.indicators.table import Dimension, StatTable

MANY, SHOWN = 30, 20
"""Beyond so many rows, so many are kept unless told otherwise."""


@dataclass(frozen=True)
class Asked:
    """The arguments of ``build_figure``, for a kind that compares.

    Attributes:
        table: The stat table.
        kind: Kind of figure.
        wanted: Codes the figure is about.
        title: Title given, None for the one computed.
        top: Rows to keep, None to choose.
        x: Dimension of the rows or states, None to choose.
        series: Dimension of the series, None to choose.
        references: Words and value of what to compare with.
        against: Another table to compare with.
        relative: Whether changes are told in per cent.
        quadrants: Words for the corners of a scatter.
    """

    table: StatTable
    kind: FigureKind
    wanted: tuple[str, ...]
    title: str | None
    top: int | None
    x: str | None
    series: str | None
    references: tuple[tuple[str, float], ...]
    against: StatTable | None
    relative: bool
    quadrants: tuple[str, ...]

    def varying(self) -> list[Dimension]:
        """Return the dimensions that hold several codes, or that are named."""
        named = [self.dimension(name) for name in (self.x, self.series) if name is not None]
        return [one for one in self.table.dimensions if count_series(self.table, (one,)) > 1 or one in named]

    def dimension(self, name: str) -> Dimension:
        """Return a dimension of the table by its name.

        Raises:
            UnknownNameError: The table is not broken down by it.
        """
        try:
            return self.table.dimension(name)
        except KeyError:
            raise UnknownNameError("dimension of the table", name, [one.id for one in self.table.dimensions]) from None

    def layout(self, x: Dimension | None, series: tuple[Dimension, ...]) -> Layout:
        """Return where each dimension goes, after checking that the codes highlighted are among theirs.

        Raises:
            UnknownNameError: A highlighted code that none of them holds.
        """
        drawn = [one for one in (x, *series) if one is not None]
        known = [code for one in drawn for code in one.members]
        for code in self.wanted:
            if code not in known:
                raise UnknownNameError("code to highlight", code, known)
        return Layout(self.kind, x, series, tuple(one for one in self.table.dimensions if one not in drawn))

    def refuse(self, **options: bool) -> None:
        """Refuse options that mean nothing here.

        Args:
            **options: Whether each option of that name was given.

        Raises:
            QuestionError: One was.
        """
        given = [name for name, is_given in options.items() if is_given]
        if given:
            raise QuestionError(f"{', '.join(given)} means nothing for {self.kind}: leave it out.")

    def keep(self, ranked: list[Mark], order: list[Mark]) -> tuple[tuple[Mark, ...], int]:
        """Return the marks kept, in ``order``, and how many are left out.

        Args:
            ranked: The marks, the most telling first.
            order: The same marks as they are drawn.
        """
        most = self.top or (SHOWN if len(order) > MANY else None)
        if most is None:
            return tuple(order), 0
        first = {mark.key for mark in ranked[:most]}
        kept = tuple(mark for mark in order if mark.key in first or mark.highlighted)
        return kept, len(order) - len(kept)

    def found(self, marks: Mapping[str, Mark], key: str, others: Mapping[str, Mark]) -> Mark:
        """Return the mark of a key, or one that says the source has none, named as in ``others``."""
        return marks[key] if key in marks else replace(others[key], value=None, status="O", text="[O]")

    def rank(self, layout: Layout, key: str) -> int:
        """Return the place of a code in its dimension."""
        members = list(layout.x.members) if layout.x else []
        return members.index(key) if key in members else len(members)

    def row_title(self, layout: Layout) -> str:
        """Return the words over the row headers of a data table."""
        return layout.x.title[self.table.language] if layout.x else ""

    def row_label(self, layout: Layout, mark: Mark) -> str:
        """Return the full words of a row."""
        return layout.x.label(mark.key, self.table.language) if layout.x else mark.label

    def code_label(self, layout: Layout, code: str) -> str:
        """Return the full words of a code of the main axis."""
        return layout.x.label(code, self.table.language) if layout.x else code

    def keep_series(self, ranked: list[Series]) -> tuple[tuple[Series, ...], int]:
        """Return the series kept, the first ones and those highlighted, and how many are left out.

        Where some are highlighted the others are context, and all may stay.
        """
        many = len(ranked) > MANY and not any(one.highlighted for one in ranked)
        most = self.top or (SHOWN if many else len(ranked))
        kept = tuple(one for rank, one in enumerate(ranked) if rank < most or one.highlighted)
        return kept, len(ranked) - len(kept)

    def scope(self, other: StatTable) -> str:
        """Return the "Champ" of two tables, told once where it is the same."""
        scopes = list(dict.fromkeys([build_scope(self.table), build_scope(other)]))
        return " ".join(scope if scope.endswith(".") or len(scopes) == 1 else f"{scope}." for scope in scopes)

    def alt_head(self, layout: Layout, measure: str) -> str:
        """Return how an alternative text begins: kind, measure, filters."""
        language = self.table.language
        where = "".join(f", {label}" for label in where_words(self.table, layout, None, None))
        kind = say(f"alt.kind.{self.kind}", language)
        return say("alt.head", language, kind=kind, measure=lower_first(measure), context=where)

    def alt_hidden(self, count: int) -> list[str]:
        """Return the sentence that counts what is withheld, or nothing."""
        if not count:
            return []
        return [say("alt.hidden_one" if count == 1 else "alt.hidden_many", self.table.language, count=count)]

    def others(self, count: int) -> list[str]:
        """Return the note that counts what is left out, or nothing."""
        if not count:
            return []
        return [say("note.others_one" if count == 1 else "note.others_many", self.table.language, count=count)]

    def figure(self, layout: Layout, shown: tuple[Series, ...], notes: list[str], **parts: Any) -> Figure:
        """Return the figure with the words that its kind does not change.

        Args:
            layout: Where dimensions go.
            shown: What is drawn.
            notes: Notes of the kind, told after the table's own.
            **parts: Fields of the figure; ``lecture``, ``alt`` and ``from_zero`` among them.
        """
        table, language = self.table, self.table.language
        usual: dict[str, Any] = {
            "title": build_title(table, layout, shown),
            "subtitle": build_subtitle(table),
            "x_title": layout.x.title[language] if layout.x else "",
            "y_title": table.card.unit.label[language],
            "scope": build_scope(table),
            "source": build_source(table, None),
            "x": layout.x.id if layout.x else "",
            **parts,
        }
        if self.title is not None:
            usual["title"] = self.title
        foreseen = any(mark.is_forecast and mark.value is not None for one in shown for mark in one.marks)
        shapes = [say("note.forecast_shape", language)] if foreseen else []
        every = tuple(dict.fromkeys([*table_notes(table), *shapes, *notes]))
        return Figure(kind=self.kind, table=table, language=language, series=shown, notes=every, **usual)


class Build(Protocol):
    """A function that builds the figures of one kind."""

    def __call__(self, asked: Asked) -> Figure:
        """Return the figure asked."""
        ...


def read_single(table: StatTable, like: StatTable) -> Mark:
    """Return the only cell of a table, as a mark.

    Args:
        table: The table of the whole.
        like: The table it is compared with.

    Raises:
        QuestionError: It has several cells, or is of another measure.
    """
    if len(table.cells) != 1:
        raise QuestionError(f"against= must hold one value to compare with, not {len(table.cells)}: filter it to one.")
    if table.card.id != like.card.id:
        raise QuestionError(f"{table.card.id} is not {like.card.id}: compare with the same indicator.")
    cell = table.cells.iloc[0]
    value = None if pd.isna(cell["value"]) else float(cell["value"])
    status = str(cell["status"])
    return Mark("", cell_label(table), value, status, like.format(value, status))


def cell_label(table: StatTable) -> str:
    """Return what a table of one cell is about: its codes other than the year, or the whole territory."""
    language = table.language
    labels = [one.label(table.cells[one.column].iloc[0], language) for one in table.dimensions if one.kind != "time"]
    return ", ".join([*labels, *context(table)]) or table.whole[language]
