"""The pieces of a report: plain data that a notebook shows and that HTML and PDF are both made from.

A block reaches its reader three ways: as HTML in a notebook, as HTML in a published page, as typeset text in a PDF.
All three read the same JSON, kept in the executed notebook under ``MIME``: nothing is scraped, nothing computed twice.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

from pydantic_core import to_jsonable_python

from atelier.indicators import COMPARED, StatTable
from atelier.indicators.table import VALUE_COLUMNS, Provenance
from atelier.reports.html import render_block

MIME = "application/vnd.atelier.block+json"


@dataclass(frozen=True)
class Answer:
    """A question asked for a block, and the answer: enough to ask it again and compare.

    Attributes:
        provenance: The question and where its numbers come from.
        unit: Kind of unit, ``count``, ``share`` or ``number``.
        columns: Columns of ``cells``: one per dimension, then value, status, numerator and denominator.
        cells: One row per cell; None where there is no value.
    """

    provenance: Provenance
    unit: str
    columns: tuple[str, ...]
    cells: tuple[tuple[Any, ...], ...]


def answers_of(*tables: StatTable) -> tuple[Answer, ...]:
    """Return what a block keeps of the tables it is made from; a comparison is several answers."""
    return tuple(answer for table in tables for answer in _answers(table))


def _answers(table: StatTable) -> Iterator[Answer]:
    columns = (*(one.column for one in table.dimensions if one.id != COMPARED), *VALUE_COLUMNS)
    rows = zip(*(map(_plain, table.cells[column].tolist()) for column in columns), strict=True)
    if not (table.dimensions and table.dimensions[0].id == COMPARED):
        yield Answer(table.provenance, table.card.unit.kind, columns, tuple(rows))
        return
    parts = list(zip(table.cells[COMPARED].tolist(), rows, strict=True))
    questions: Mapping[str, Any] = table.provenance.question
    for code, question in questions.items():
        provenance = replace(table.provenance, question=question)
        own = tuple(row for compared, row in parts if compared == code)
        yield Answer(provenance, table.card.unit.kind, columns, own)


def _plain(value: Any) -> Any:
    """Return a cell as JSON holds it: what is not a number of any kind is nothing."""
    return None if value != value else value  # noqa: PLR0124 - NaN is not equal to itself


@dataclass(frozen=True, kw_only=True)
class Block:
    """What every block has.

    Attributes:
        kind: What it is; templates draw each kind.
        language: Language of its words.
        answers: What its numbers come from, one entry per question asked.
    """

    kind: ClassVar[str]
    language: str
    answers: tuple[Answer, ...] = field(default=(), repr=False)

    def as_json(self) -> dict[str, Any]:
        """Return the block as plain JSON values."""
        data: dict[str, Any] = to_jsonable_python(self)
        return {"kind": self.kind, **data}

    def _repr_mimebundle_(self, **_options: object) -> dict[str, Any]:
        data = self.as_json()
        return {"text/html": render_block(data), "text/plain": f"<{self.kind}>", MIME: data}


@dataclass(frozen=True, kw_only=True)
class Cover(Block):
    """What opens a report.

    Attributes:
        title: What the report is about.
        kicker: What kind of report it is, above the title.
        facts: Label and value pairs under the title.
        warnings: What must be known before reading.
    """

    kind = "cover"
    title: str
    kicker: str
    facts: tuple[tuple[str, str], ...] = ()
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class Column:
    """A column of a table.

    Attributes:
        label: Its header.
        is_number: Whether cells are numbers, set flush right.
    """

    label: str
    is_number: bool = True


@dataclass(frozen=True, kw_only=True)
class Table(Block):
    """A table; the first column heads its rows.

    Attributes:
        title: Its caption.
        columns: Headers.
        rows: Cells as a reader sees them.
        highlighted: Index of the row the report is about, None when there is none.
        scope: The "Champ"; empty when the text around says it.
        source: The "Source".
        notes: What must be known, among it the legend of status codes.
    """

    kind = "table"
    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]
    highlighted: int | None = None
    scope: str = ""
    source: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class KeyFigure:
    """One number to remember.

    Attributes:
        label: What is measured.
        value: The number.
        parts: For a ratio, what it is made of: ``29 724 sur 50 832``; empty for a count.
        changes: Period and change, such as ``("sur 1 an", "−2,0 %")``.
        group_label: Whom it is compared with.
        group_value: Their number.
        group_changes: Their changes.
    """

    label: str
    value: str
    parts: str
    changes: tuple[tuple[str, str], ...]
    group_label: str
    group_value: str
    group_changes: tuple[tuple[str, str], ...]


@dataclass(frozen=True, kw_only=True)
class KeyFigures(Block):
    """A few numbers to remember.

    Attributes:
        title: Its heading.
        figures: The numbers.
        source: The "Source".
        notes: The legend of status codes and other notes.
    """

    kind = "key-figures"
    title: str
    figures: tuple[KeyFigure, ...]
    source: str
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class FigureBlock(Block):
    """A drawing with what it takes to understand and check it.

    Attributes:
        title: What is seen.
        subtitle: The measure and its unit.
        svg: The drawing.
        svg_narrow: The same drawing for a phone.
        alt: Alternative text.
        lecture: Reading sentence.
        scope: The "Champ".
        source: The "Source".
        notes: Notes.
        columns: Headers of the table of the numbers drawn.
        rows: Its cells.
    """

    kind = "figure"
    title: str
    subtitle: str
    svg: str = field(repr=False)
    svg_narrow: str = field(repr=False)
    alt: str
    lecture: str
    scope: str
    source: str
    notes: tuple[str, ...]
    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...] = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class Narrative(Block):
    """Sentences computed from figures, and marked as such.

    Attributes:
        sentences: The sentences.
        notice: The words that tell it was written automatically.
    """

    kind = "narrative"
    sentences: tuple[str, ...]
    notice: str


@dataclass(frozen=True, kw_only=True)
class Notice(Block):
    """A sentence in place of what cannot be shown.

    Attributes:
        text: The sentence.
    """

    kind = "notice"
    text: str


@dataclass(frozen=True, kw_only=True)
class Definitions(Block):
    """What the indicators of a report mean.

    Attributes:
        entries: Name, definition and calculation of each.
        calculation: The word before a calculation.
    """

    kind = "definitions"
    entries: tuple[tuple[str, str, str], ...]
    calculation: str


@dataclass(frozen=True, kw_only=True)
class CardBlock(Block):
    """What something is, one paragraph per heading.

    Attributes:
        entries: Heading and text of each.
    """

    kind = "card"
    entries: tuple[tuple[str, str], ...]


@dataclass(frozen=True, kw_only=True)
class Items(Block):
    """A list of sentences.

    Attributes:
        items: The sentences.
    """

    kind = "items"
    items: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Facts(Block):
    """Labels and values, one pair a line.

    Attributes:
        facts: The pairs.
    """

    kind = "facts"
    facts: tuple[tuple[str, str], ...]
