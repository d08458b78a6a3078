"""Several answers to one question, side by side in one table: an institution, its region, the country."""

from collections.abc import Mapping
from dataclasses import replace
from typing import TypeVar

import pandas as pd

from atelier.declarations import Member
from atelier.indicators.table import Dimension, Note, StatTable
from atelier.language import Text

COMPARED = "compared"
_TITLE = Text(fr="Ensemble comparé", en="Group compared")

T = TypeVar("T", bound=StatTable)


def side_by_side(tables: Mapping[str, tuple[Text, T]]) -> T:
    """Return one table with a dimension ``compared`` put first, whose members are the tables.

    Args:
        tables: Words and table, by code; same indicator, same breakdown. A single one is returned as it is.
    """
    answers = {code: table for code, (_, table) in tables.items()}
    first = next(iter(answers.values()))
    if len(answers) == 1:
        return first
    members = {code: Member(code=code, label=label) for code, (label, _) in tables.items()}
    common = {
        name: codes
        for name, codes in first.filters.items()
        if all(table.filters.get(name) == codes for table in answers.values())
    }
    cells = pd.concat([table.cells.assign(**{COMPARED: code}) for code, table in answers.items()], ignore_index=True)
    return replace(
        first,
        dimensions=(Dimension(COMPARED, _TITLE, members, partition=False), *first.dimensions),
        filters=common,
        filter_dimensions=tuple(one for one in first.filter_dimensions if one.id in common),
        cells=cells[[COMPARED, *first.cells.columns]],
        notes=_notes(tables),
        provenance=replace(
            first.provenance,
            question={code: table.provenance.question for code, table in answers.items()},
            sql=";\n".join(table.provenance.sql for table in answers.values()),
            unmatched=tuple(dict.fromkeys(one for table in answers.values() for one in table.provenance.unmatched)),
        ),
    )


def _notes(tables: Mapping[str, tuple[Text, T]]) -> tuple[Note, ...]:
    """Return the notes of all tables; one that only some of them carry says which."""
    found: dict[Note, list[Text]] = {}
    for label, table in tables.values():
        for note in table.notes:
            found.setdefault(note, []).append(label)
    return tuple(
        note if len(labels) == len(tables) or note.kind == "perimeter" else _told(note, labels)
        for note, labels in found.items()
    )


def _told(note: Note, labels: list[Text]) -> Note:
    french, english = (", ".join(label[language] for label in labels) for language in ("fr", "en"))
    return replace(note, text=Text(fr=f"{french} – {note.text.fr}", en=f"{english} – {note.text.en}"))
