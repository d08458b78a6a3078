"""Verifies editions: their bytes against their sidecar, and numbers they print against the data, asked again."""

import json
import random
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from typing import Any

from atelier.editions.store import ANSWERS, check_files
from atelier.errors import AtelierError
from atelier.indicators import Engine, StatTable
from atelier.indicators.table import format_value

PAGE = "index.html"
_TAGS = re.compile(r"<[^>]+>")


@dataclass(frozen=True)
class Verification:
    """What verifying an edition found.

    Attributes:
        checked: Printed numbers asked again.
        printed: Printed numbers that could be.
        problems: What is wrong, one sentence each.
    """

    checked: int
    printed: int
    problems: tuple[str, ...]


def verify_edition(edition: Path, engine: Engine, *, sample: int, seed: int) -> Verification:
    """Verify one edition from its sidecar alone.

    Each file must have the bytes it was published with. Then numbers are drawn at random among those that the page
    prints and the sidecar tells the question of; each is asked again and must be printed as it is.

    Args:
        edition: Folder of the edition.
        engine: What answers for its theme today.
        sample: How many numbers to ask again.
        seed: Seed of the draw.
    """
    problems = check_files(edition)
    if problems:
        return Verification(0, 0, tuple(problems))
    told = json.loads((edition / ANSWERS).read_bytes())
    entries = engine.figures.provenance().values()
    known = {table: sha256 for entry in entries for table, sha256 in entry.snapshots.items()}
    for answer in told["answers"]:
        for table, sha256 in answer["snapshots"].items():
            if known.get(table) != sha256:
                problems.append(f"made from another snapshot of {table} than today's: its numbers are not asked again.")
    if problems:
        return Verification(0, 0, tuple(dict.fromkeys(problems)))
    page = unescape(_TAGS.sub("\n", (edition / PAGE).read_text("utf-8"))) if (edition / PAGE).is_file() else None
    candidates = list(_cells(told, engine, page))
    drawn = random.Random(seed).sample(candidates, min(sample, len(candidates)))  # noqa: S311 - a draw, not a secret
    asked: dict[int, StatTable] = {}
    for answer, row in drawn:
        problem = _ask_again(answer, row, engine, asked)
        if problem:
            problems.append(problem)
    return Verification(len(drawn), len(candidates), tuple(problems))


def _cells(told: Mapping[str, Any], engine: Engine, page: str | None) -> Iterator[tuple[Mapping[str, Any], list[Any]]]:
    """Yield the cells of the sidecar whose number, as a reader sees it, stands on the page."""
    lines = None if page is None else {line.strip() for line in page.splitlines()}
    for answer in told["answers"]:
        place = answer["columns"].index("value")
        unit = engine.card(answer["indicator"]).unit
        for row in answer["cells"]:
            if row[place] is not None:
                flag = "" if row[place + 1] == "A" else f" [{row[place + 1]}]"
                written = {format_value(row[place], one, told["language"]) + flag for one in (unit, unit.own)}
                if lines is None or written & lines:
                    yield answer, row


def _ask_again(answer: Mapping[str, Any], row: list[Any], engine: Engine, asked: dict[int, StatTable]) -> str:
    """Return what differs between a cell of the sidecar and today's answer; nothing when they agree.

    Args:
        answer: Answer of the sidecar.
        row: Its cell.
        engine: What answers today.
        asked: Answers of today to questions of the sidecar already asked, by the answer's identity; added to.
    """
    question, place = answer["question"], answer["columns"].index("value")
    codes = dict(zip(answer["columns"][:place], row[:place], strict=True))
    where = ", ".join(f"{name} = {code}" for name, code in codes.items()) or "the whole"
    then = question.get("as_it_was", False)
    try:
        table = asked.get(id(answer)) or engine.answer(
            answer["indicator"], question["by"], question["where"], as_it_was=then
        )
    except AtelierError as error:
        return f"{answer['indicator']}, {where}: cannot be asked any more ({error})"
    asked[id(answer)] = table
    cells = table.cells
    for name, code in codes.items():
        cells = cells[cells[name] == code]
    found = [table.format(value, status) for value, status in zip(cells["value"], cells["status"], strict=True)]
    expected = table.format(row[place], row[place + 1])
    if found == [expected]:
        return ""
    return f"{answer['indicator']}, {where}: printed {expected}, found {', '.join(found) or 'nothing'}."
