"""What changed between two versions of an edition: numbers told apart by what they measure, not by their place."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from atelier.editions.store import ANSWERS
from atelier.errors import StoreError

Identity = tuple[str, ...]
Cell = tuple[float | None, str]
TOLERANCE = 1e-9


@dataclass(frozen=True)
class Change:
    """One number that is not the same in two versions.

    Attributes:
        indicator: What it measures.
        codes: Of whom and when: ``institution=4k25D``, ``year=2022``.
        before: Value and status before, None when it was not there.
        after: Value and status after, None when it is gone.
    """

    indicator: str
    codes: tuple[str, ...]
    before: Cell | None
    after: Cell | None

    @property
    def kind(self) -> str:
        """``added``, ``removed`` or ``revised``."""
        return "added" if self.before is None else "removed" if self.after is None else "revised"

    @property
    def relative(self) -> float | None:
        """The change of the value relative to the one before, None when it cannot be told."""
        before, after = (self.before or (None, ""))[0], (self.after or (None, ""))[0]
        return None if not before or after is None else after / before - 1


def compare_versions(before: Path, after: Path) -> list[Change]:
    """Return the numbers that differ between two versions, revised ones first, the largest revision first.

    Args:
        before: Folder of the earlier version.
        after: Folder of the later one.

    Raises:
        StoreError: One of them has no readable record of its answers.
    """
    return compare_numbers(read_numbers(before), read_numbers(after))


def compare_numbers(old: Mapping[Identity, Cell], new: Mapping[Identity, Cell]) -> list[Change]:
    """Return the numbers that differ, as ``compare_versions`` does."""
    changes = [
        Change(identity[0], identity[1:], old.get(identity), new.get(identity))
        for identity in {**old, **new}
        if not _same(old.get(identity), new.get(identity))
    ]
    rank = {"revised": 0, "added": 1, "removed": 2}
    return sorted(changes, key=lambda one: (rank[one.kind], -abs(one.relative or 0), one.indicator, one.codes))


def read_numbers(version: Path) -> dict[Identity, Cell]:
    """Return every number that a version was made from, by what it measures."""
    try:
        answers = json.loads((version / ANSWERS).read_bytes())["answers"]
    except (OSError, ValueError, KeyError) as error:
        raise StoreError(f"{version / ANSWERS} cannot be read: verify the edition.") from error
    return numbers_of(answers)


def numbers_of(answers: Iterable[Mapping[str, Any]]) -> dict[Identity, Cell]:
    """Return every number of some answers, by what it measures."""
    numbers: dict[Identity, Cell] = {}
    for answer in answers:
        numbers.update(_numbers(answer))
    return numbers


def _numbers(answer: Mapping[str, Any]) -> dict[Identity, Cell]:
    question = answer["question"]
    by = [name.replace("-", "_") for name in question["by"]]
    kept = {name.replace("-", "_"): codes for name, codes in question["where"].items()}
    fixed = {name: "+".join(map(str, codes)) for name, codes in kept.items() if name not in by}
    if question.get("as_it_was"):
        fixed["perimeter"] = "then"
    if answer["unit"] == "number":
        # An index depends on the first year asked.
        fixed["from"] = str(min(kept.get("year", [""])))
    place = answer["columns"].index("value")
    found = {}
    for row in answer["cells"]:
        codes = {**fixed, **dict(zip(answer["columns"][:place], map(str, row[:place]), strict=True))}
        identity = (answer["indicator"], *(f"{name}={code}" for name, code in sorted(codes.items())))
        found[identity] = (row[place], row[place + 1])
    return found


def _same(one: Cell | None, other: Cell | None) -> bool:
    if one is None or other is None or one[0] is None or other[0] is None:
        return one == other
    return one[1] == other[1] and abs(one[0] - other[0]) <= TOLERANCE * max(1.0, abs(one[0]))
