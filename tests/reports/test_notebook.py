"""The institution's profile runs for institutions of every kind, in one language or the other."""

import ast
from pathlib import Path

import nbformat
import pytest

from atelier.reports.blocks import Block

CASES = {
    "a merged university": ("U8a0v", 2022, "fr"),
    "a university in an earlier year": ("4k25D", 2019, "en"),
    "a grand établissement": ("t6Cq5", 2022, "fr"),
    "a school whose figures stop in 2019": ("S8ntZ", 2022, "en"),
    "a school with few students and no bachelor level": ("59da6", 2022, "fr"),
    "a tiny institution": ("86UpY", 2022, "en"),
    "an institution in its first year": ("13fXQ", 2017, "fr"),
    "an institution in the first year of all": ("4k25D", 2006, "en"),
}


def run(path: Path, **parameters: object) -> list[Block]:
    """Return the blocks that a notebook shows, run here and now."""
    namespace: dict[str, object] = {}
    blocks = []
    for cell in nbformat.read(path, as_version=4).cells:
        if cell.cell_type == "code":
            *statements, last = ast.parse(cell.source).body
            exec(compile(ast.Module(statements, []), "cell", "exec"), namespace)
            if isinstance(last, ast.Expr):
                blocks.append(eval(compile(ast.Expression(last.value), "cell", "eval"), namespace))
            else:
                exec(compile(ast.Module([last], []), "cell", "exec"), namespace)
            if "parameters" in cell.metadata.get("tags", []):
                namespace.update(parameters)
    return blocks


@pytest.mark.parametrize(("institution", "year", "language"), CASES.values(), ids=CASES.keys())
def test_every_kind_of_institution_has_a_decent_profile(home: Path, institution: str, year: int, language: str) -> None:
    """All blocks are there, in one language, and none is empty."""
    blocks = run(
        home / "notebooks" / "esr" / "reports" / "institution.ipynb", institution=institution, year=year, lang=language
    )
    assert {block.language for block in blocks} == {language}
    for block in blocks:
        assert block.as_json()
        assert not [name for name, value in block.as_json().items() if value == "" and name != "scope"]


def test_the_notebook_is_stored_bare(home: Path) -> None:
    """No output, no execution count, no function longer than a few lines."""
    notebook = nbformat.read(home / "notebooks" / "esr" / "reports" / "institution.ipynb", as_version=4)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            assert not cell.outputs
            assert cell.execution_count is None
