"""What changed in a document since the edition in place: numbers, by how much and why, in words and in a table."""

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from atelier.declarations import Correction
from atelier.editions.store import PROVENANCE
from atelier.errors import StoreError
from atelier.indicators import Engine
from atelier.indicators.disclosure import HIDDEN
from atelier.indicators.table import format_value
from atelier.language import NO_BREAK_SPACE, format_day, format_list, format_number, format_share
from atelier.reports.blocks import Column, Table
from atelier.reports.differences import Cell, Change, Identity, compare_numbers, numbers_of, read_numbers
from atelier.reports.words import say

SECTION = 2
MOST_TOLD = 20
"""Rows of the table: the largest revisions. All changes are counted in the sentence."""
KINDS = ("revised", "added", "removed")


@dataclass(frozen=True)
class Earlier:
    """The edition in place when another is made.

    Attributes:
        folder: Folder of its version.
        day: When it was published, ``2026-11-25``.
    """

    folder: Path
    day: str


@dataclass(frozen=True)
class Now:
    """What the edition being made depends on.

    Attributes:
        engine: What answers for the theme.
        inputs: Hash of each thing it was made from, by name.
        corrections: Corrections declared in the theme that touch what it reads, by identifier.
        address: Public address of the site.
    """

    engine: Engine
    inputs: Mapping[str, str]
    corrections: Mapping[str, Correction]
    address: str


def find_changes(earlier: Earlier | None, answers: Sequence[Mapping[str, Any]], now: Now) -> dict[str, Any] | None:
    """Return what changed since the edition in place, as JSON to keep beside the new one; None for a first edition.

    When no number changed, what the edition in place said still holds and is said again: making an edition twice gives
    the same bytes.

    Args:
        earlier: The edition in place.
        answers: Answers of the new one.
        now: What it depends on.
    """
    if earlier is None:
        return None
    try:
        record = json.loads((earlier.folder / PROVENANCE).read_bytes())
        before = read_numbers(earlier.folder)
    except (OSError, ValueError, StoreError):
        return None
    after = numbers_of(answers)
    changes = compare_numbers(before, after)
    if not changes:
        told: dict[str, Any] | None = record.get("changes")
        return told
    reasons = _Reasons(record, now, before, {answer["indicator"]: answer["dataset"] for answer in answers})
    explained = [(change, reasons.of(change)) for change in changes]
    counts = Counter((change.kind, reason) for change, reason in explained)
    return {
        "since": earlier.day,
        "counts": [[kind, reason, count] for (kind, reason), count in sorted(counts.items())],
        "rows": [_as_row(change, reason) for change, reason in explained if change.kind != "added"][:MOST_TOLD],
    }


def change_blocks(found: Mapping[str, Any] | None, now: Now, language: str) -> Iterator[dict[str, Any]]:
    """Yield the section that tells changes and corrections; nothing when there is neither."""
    corrections = sorted(now.corrections.items(), key=lambda one: (one[1].date, one[0]), reverse=True)
    if found is None and not corrections:
        return
    yield {"kind": "heading", "level": SECTION, "spans": [{"text": say("what-changed", language)}]}
    if found is not None:
        yield {"kind": "paragraph", "spans": [{"text": sentence(found, language)}]}
        if found["rows"]:
            yield _table(found, now.engine, language).as_json()
    for name, correction in corrections:
        told = say(
            "correction-told",
            language,
            day=format_day(correction.date, language),
            title=correction.title[language],
            what=correction.what[language],
            why=correction.why[language],
        )
        link = f"{now.address}{'' if language == 'fr' else f'{language}/'}corrections/#{now.engine.theme.id}-{name}"
        yield {"kind": "paragraph", "spans": [{"text": f"{told} "}, {"text": say("read-more", language), "link": link}]}


def sentence(found: Mapping[str, Any], language: str) -> str:
    """Return how many numbers changed and why, in one sentence."""
    parts = []
    for kind in KINDS:
        own = sorted(((count, reason) for one, reason, count in found["counts"] if one == kind), reverse=True)
        total = sum(count for count, _ in own)
        if total:
            word = say(kind if total > 1 else f"{kind}-one", language, count=format_number(total, language))
            parts.append(f"{word} ({format_list([say(f'why-{reason}', language) for _, reason in own], language)})")
    day = format_day(date.fromisoformat(found["since"]), language)
    return say("changes-told", language, day=day, changes=format_list(parts, language))


class _Reasons:
    """Tells why a number changed, from what the two editions were made from."""

    def __init__(
        self, record: Mapping[str, Any], now: Now, before: Mapping[Identity, Cell], datasets: Mapping[str, str]
    ) -> None:
        known = record.get("inputs", {})
        self._changed = {name for name in {*known, *now.inputs} if known.get(name) != now.inputs.get(name)}
        self._datasets = datasets
        told = set(record.get("corrections", ()))
        new = [correction for name, correction in now.corrections.items() if name not in told]
        self._corrected = {indicator for correction in new for indicator in correction.indicators}
        self._years: dict[str, set[str]] = {}
        for indicator, *codes in before:
            self._years.setdefault(indicator, set()).update(filter(None, map(_year, codes)))

    def of(self, change: Change) -> str:
        """Return the reason, as the words name it: ``new-year``, ``correction``, ``revision``."""
        dataset, years = self._datasets.get(change.indicator, ""), self._years.get(change.indicator, set())
        year = next(filter(None, map(_year, change.codes)), "")
        reasons = {
            "new-year": change.kind == "added" and bool(years) and year > max(years),
            "correction": change.indicator in self._corrected,
            "document": change.kind != "revised" and "notebook" in self._changed,
            "method": f"declaration/indicators/{change.indicator}" in self._changed,
            "revision": f"data/datasets/{dataset}" in self._changed,
            "perimeter": any("/references/" in name for name in self._changed),
        }
        return next((reason for reason, holds in reasons.items() if holds), "other")


def _year(code: str) -> str | None:
    return code.removeprefix("year=") if code.startswith("year=") else None


def _as_row(change: Change, reason: str) -> dict[str, Any]:
    after = change.after
    # A number that is hidden, or gone, is not printed again beside its absence.
    before = change.before if after is not None and after[0] is not None else None
    return {"indicator": change.indicator, "codes": list(change.codes), "before": before, "after": after, "why": reason}


def _table(found: Mapping[str, Any], engine: Engine, language: str) -> Table:
    rows = []
    for row in found["rows"]:
        before, after, difference = _cells(row, engine, language)
        rows.append((_name(row, engine, language), before, after, difference, say(f"why-{row['why']}", language)))
    headings = (("changed-number", False), ("before", True), ("after", True), ("difference", True), ("why", False))
    total = sum(count for kind, _, count in found["counts"] if kind != "added")
    more = say("more-changes", language, count=format_number(total - len(rows), language))
    return Table(
        language=language,
        title=say("changes-table", language),
        columns=tuple(Column(say(word, language), is_number=is_number) for word, is_number in headings),
        rows=tuple(rows),
        notes=(more,) if total > len(rows) else (),
    )


def _name(row: Mapping[str, Any], engine: Engine, language: str) -> str:
    indicator, places = row["indicator"], []
    declared = engine.theme.indicators.get(indicator)
    dimensions = engine.dimensions(declared.dataset) if declared else {}
    for code in row["codes"]:
        column, _, values = code.partition("=")
        dimension = dimensions.get(column.replace("_", "-"))
        if column == "from":
            places.append(say("index-from", language, year=values))
        elif column == "perimeter":
            places.append(say("as-it-was", language))
        else:
            places += [dimension.label(value, language) if dimension else value for value in values.split("+")]
    if all(code.startswith(("year=", "from=", "perimeter=")) for code in row["codes"]):
        places.insert(0, engine.theme.card.whole[language])
    label = declared.short[language] if declared else indicator
    return ", ".join([label, *places])


def _cells(row: Mapping[str, Any], engine: Engine, language: str) -> tuple[str, str, str]:
    none = "[M]"
    if row["indicator"] not in engine.theme.indicators or row["after"] is None:
        return none, say("removed-cell", language), none
    unit = engine.card(row["indicator"]).unit

    def written(cell: Sequence[Any] | None) -> str:
        value, status = cell or (None, HIDDEN)
        flag = "" if status == "A" else f"[{status}]"
        text = "" if value is None else format_value(value, unit, language)
        return " ".join(filter(None, (text, flag))) or "[O]"

    return written(row["before"]), written(row["after"]), _difference(row, language, is_share=unit.kind == "share")


def _difference(row: Mapping[str, Any], language: str, *, is_share: bool) -> str:
    before, after = ((cell or (None, ""))[0] for cell in (row["before"], row["after"]))
    if before is None or after is None or (before == 0 and not is_share):
        return "[M]"
    if is_share:
        points = _signed(100 * (after - before), lambda value: format_number(value, language, 1))
        return f"{points}{NO_BREAK_SPACE}{say('points', language)}"
    return _signed(after / before - 1, lambda value: format_share(value, language, 2))


def _signed(value: float, write: Callable[[float], str]) -> str:
    written = write(abs(value))
    return written if written == write(0.0) else ("+" if value > 0 else "−") + written
