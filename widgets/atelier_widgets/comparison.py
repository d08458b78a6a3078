"""Several answers to one question, side by side in one table: a selection, its region, the country."""

from collections.abc import Sequence
from dataclasses import replace

import pandas as pd
from atelier.declarations import Member
from atelier.indicators import Dimension, Note
from atelier.language import Text, same
from atelier.workbench import Table

from atelier_widgets.words import read_word

COMPARED = "compared"


def compare(tables: Sequence[tuple[str, Table]]) -> Table:
    """Return one table with a dimension more, whose members are the tables compared.

    Args:
        tables: Words for each table, and the table; same indicator, same breakdown. A single one is returned as it is.
    """
    first = tables[0][1]
    if len(tables) == 1:
        return first
    members = {str(rank): Member(code=str(rank), label=same(label)) for rank, (label, _) in enumerate(tables)}
    dimension = Dimension(COMPARED, read_word("compared"), members, "nominal", partition=False)
    cells = pd.concat([table.cells.assign(**{COMPARED: str(rank)}) for rank, (_, table) in enumerate(tables)])
    shared = {
        name: codes for name, codes in first.filters.items() if all(one.filters.get(name) == codes for _, one in tables)
    }
    columns = [COMPARED, *(column for column in cells.columns if column != COMPARED)]
    return replace(
        first,
        dimensions=(dimension, *first.dimensions),
        filters=shared,
        filter_dimensions=tuple(one for one in first.filter_dimensions if one.id in shared),
        cells=cells[columns].reset_index(drop=True),
        notes=_notes(tables),
        provenance=replace(
            first.provenance,
            question={label: table.provenance.question for label, table in tables},
            sql=";\n".join(table.provenance.sql for _, table in tables),
        ),
    )


def _notes(tables: Sequence[tuple[str, Table]]) -> tuple[Note, ...]:
    """Return the notes of all tables; one that only some of them carry says which."""
    found: dict[Note, list[str]] = {}
    for label, table in tables:
        for note in table.notes:
            found.setdefault(note, []).append(label)
    return tuple(
        note if len(labels) == len(tables) or note.kind == "perimeter" else _told(note, labels)
        for note, labels in found.items()
    )


def _told(note: Note, labels: list[str]) -> Note:
    prefix = ", ".join(labels)
    return replace(note, text=Text(fr=f"{prefix} – {note.text.fr}", en=f"{prefix} – {note.text.en}"))
