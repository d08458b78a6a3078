"""The gate stops what must not be published, and lists the rest."""

from dataclasses import replace
from typing import Any

import pytest

from atelier.reports.blocks import Column, Definitions, Notice, Table
from atelier.reports.document import Document
from atelier.reports.gate import check_document, check_sizes
from atelier.workbench import Workbench

HEADING = {"kind": "heading", "level": 2, "spans": [{"text": "Titre"}], "id": "titre"}
FIGURE = {
    "kind": "figure",
    "name": "Figure 1",
    "title": "Étudiants",
    "subtitle": "étudiants",
    "alt": "Une courbe, de 10 à 20.",
    "lecture": "Lecture : 20.",
    "scope": "Champ : France.",
    "source": "Source : ministère.",
    "rows": [["2022", "20"]],
}
ANSWER = {
    "indicator": "women-share",
    "unit": "share",
    "columns": ["year", "value", "status", "numerator", "denominator"],
    "cells": [[2022, 0.5, "A", 10.0, 20.0]],
}


def document(*blocks: dict[str, Any], answers: tuple[dict[str, Any], ...] = ()) -> Document:
    """Return a document made of these blocks."""
    return Document("Titre", "Description", "fr", "Auteur", blocks, answers)


def errors(made: Document, esr: Workbench) -> list[str]:
    """Return what blocks a document."""
    return [str(one) for one in check_document(made, esr.theme) if one.severity == "error"]


def test_a_document_without_fault_passes(esr: Workbench) -> None:
    """Nothing to say."""
    assert check_document(document(HEADING, FIGURE, answers=(ANSWER,)), esr.theme) == []


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"alt": ""}, "alternative text"),
        ({"alt": "Étudiants"}, "alternative text"),
        ({"alt": "Une courbe."}, "tell a number"),
        ({"lecture": " "}, "has no lecture"),
        ({"source": ""}, "has no source"),
        ({"rows": []}, "has no row"),
        ({"rows": [["2022", ""]]}, "empty cell"),
    ],
)
def test_a_figure_must_be_complete(esr: Workbench, change: dict[str, Any], message: str) -> None:
    """Each part that lacks is named with the figure."""
    (found,) = errors(document(HEADING, {**FIGURE, **change}), esr)
    assert found.startswith("Figure 1: ")
    assert message in found


def test_an_empty_section_is_refused_wherever_it_stands(esr: Workbench) -> None:
    """Followed by another, or last."""
    assert errors(document(HEADING, HEADING, FIGURE), esr) == ["section 'Titre': is empty."]
    assert errors(document(FIGURE, HEADING), esr) == ["section 'Titre': is empty."]


def test_an_indicator_without_its_card_is_refused(esr: Workbench) -> None:
    """A definition or a calculation that lacks."""
    block = Definitions(language="fr", entries=(("Étudiants", "", "Somme."),), calculation="Calcul").as_json()
    assert errors(document(HEADING, block), esr) == ["definitions: an indicator lacks its card."]


@pytest.mark.parametrize(
    ("row", "unit", "blocked"),
    [
        ([2022, 0.5, "A", 2.0, 4.0], "share", True),
        ([2022, 0.5, "U", 3.0, 5.0], "share", False),
        ([2022, 4.0, "A", 4.0, None], "count", True),
        ([2022, 0.0, "A", 0.0, None], "count", False),
        ([2022, 5.0, "U", 5.0, None], "count", False),
        ([2022, None, "Q", None, None], "count", False),
        ([2022, 40.0, "Q", 40.0, None], "count", True),
    ],
)
def test_a_number_under_the_confidentiality_threshold_blocks(
    esr: Workbench, row: list[Any], unit: str, blocked: bool
) -> None:
    """The last barrier: whatever the code before did."""
    answer = {**ANSWER, "indicator": "students" if unit == "count" else "women-share", "unit": unit, "cells": [row]}
    assert bool(errors(document(FIGURE, answers=(answer,)), esr)) is blocked


def test_what_does_not_apply_is_a_warning(esr: Workbench) -> None:
    """A notice does not block; it is listed."""
    block = Notice(language="fr", text="Sans objet.").as_json()
    assert [one.severity for one in check_document(document(HEADING, block), esr.theme)] == ["warning"]


def test_a_table_with_an_empty_cell_is_refused(esr: Workbench) -> None:
    """Q04: no blank."""
    table = Table(language="fr", title="T", columns=(Column("a"), Column("b")), rows=(("1", " "),))
    made = document(HEADING, {**replace(table).as_json(), "name": "Tableau 1"})
    assert errors(made, esr) == ["Tableau 1: has an empty cell: a letter in brackets must say why."]


def test_files_too_heavy_for_a_phone_are_refused() -> None:
    """Compressed for a page, as it is for a PDF."""
    assert check_sizes({"index.html": b"a" * 5_000_000, "a.pdf": b"a" * 900_000}) == []
    assert [one.where for one in check_sizes({"a.pdf": b"a" * 1_100_000})] == ["a.pdf"]
