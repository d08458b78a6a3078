"""Mass production: every indicator for every breakdown it allows, in Parquet with provenance, made again only if due.

One file per indicator, ``<indicator>-<key>.parquet``: a long table with one row per cell, the column ``breakdown``
first (``year+region``), then one column per dimension, ``_T`` where a row is not broken down by it, then ``value``,
``status``, ``numerator`` and ``denominator``, as the same question asked in Python gives them, disclosure applied.
The rows of a breakdown are a row group, so that a reader reads no other. The file's own metadata holds its provenance.

Where codes were replaced, each breakdown is there twice: ``year+region`` counts them under those that carry them today,
``year+region@as-it-was`` each year under its own.

The key is the hash of all that the numbers depend on. ``manifest.json`` names the files in force and is replaced last,
at once: a process killed at any moment, or a full disk, leaves the former production whole, and what was finished is
not made again.
"""

import fcntl
import json
import os
import re
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from functools import cache
from hashlib import sha256
from importlib.metadata import version
from itertools import combinations
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from atelier.datasets.figures import Figures
from atelier.declarations import TOTAL, Indicator, column_of
from atelier.errors import DeclarationError, QuestionError, StoreError
from atelier.indicators.backends import open_backend
from atelier.indicators.definition import check_indicators, dimension_names
from atelier.indicators.engine import Engine
from atelier.indicators.table import VALUE_COLUMNS, Perimeter, StatTable
from atelier.settings import Settings
from atelier.snapshots import hash_file, replacing
from atelier.theme import Theme

MANIFEST = "manifest.json"
METADATA = "atelier"
LOCK = ".lock"
CROSSED = 2
"""Dimensions crossed at most, beside time: each alone, and their pairs."""
AS_IT_WAS: Perimeter = "as-it-was"
_SHORT_KEY = 16
_OURS = re.compile(rf"^\.?[a-z0-9-]+-[0-9a-f]{{{_SHORT_KEY}}}\.parquet(-\w+)?$")


@dataclass(frozen=True)
class Entry:
    """An indicator produced.

    Attributes:
        indicator: Its identifier.
        file: Name of its file.
        key: Hash of all that its numbers depend on.
        sha256: Hash of the file.
        size: Bytes.
        rows: Cells.
        breakdowns: Cells of each breakdown, ``year+region`` or ``year+region@as-it-was``.
        refused: Why the other breakdowns tried cannot be answered.
    """

    indicator: str
    file: str
    key: str
    sha256: str
    size: int
    rows: int
    breakdowns: Mapping[str, int]
    refused: Mapping[str, str]


@dataclass
class ProductionReport:
    """What a production did.

    Attributes:
        folder: Where it lies.
        built: Indicators made again.
        unchanged: Indicators whose key had not moved.
        removed: Indicators that the theme no longer has.
    """

    folder: Path
    built: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)


def produce_indicators(
    theme: Theme,
    settings: Settings,
    *,
    only: Sequence[str] = (),
    jobs: int | None = None,
    folder: Path | None = None,
    progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> ProductionReport:
    """Produce the indicators that are due, then put them in force all at once.

    Args:
        theme: The theme.
        settings: Settings in force.
        only: Indicators to look at; all of them when empty.
        jobs: Processes at work; as many as processors by default.
        folder: Where to write; ``<state>/indicators/<theme>`` by default.
        progress: Called with how many indicators are done and how many are due.

    Raises:
        UnknownNameError: ``only`` names no indicator.
        DeclarationError: A formula holds a mistake; all are listed. Where nothing is due, nothing is checked again.
        DataError: The figures were never built.
        StoreError: The disk refused, or another production is at work; the production in force is kept.
    """
    folder = folder or settings.state / "indicators" / theme.id
    names = [name for name in theme.indicators if not only or name in only]
    for name in only:
        theme.require_indicator(name)
    with _locked(folder):
        before = read_manifest(folder)
        hashes = _Hashes(theme)
        keys = {name: hashes.key(name) for name in names}
        report = ProductionReport(folder)
        entries = {name: entry for name, entry in before.items() if name in theme.indicators}
        report.removed = [name for name in before if name not in theme.indicators]
        for name, key in keys.items():
            known = entries.get(name)
            if known and known.key == key and _stands(folder / known.file, known):
                report.unchanged.append(name)
            else:
                report.built.append(name)
                if known and known.key == key:  # damaged, not left by a run cut short
                    (folder / known.file).unlink(missing_ok=True)
        if report.built and (problems := check_indicators(theme)):
            raise DeclarationError(f"theme {theme.id!r}", problems)
        for entry in _make(
            theme, settings, folder, {name: keys[name] for name in report.built}, jobs=jobs, progress=progress
        ):
            entries[entry.indicator] = entry
        listed = {name: entries[name] for name in theme.indicators if name in entries}
        if listed != before:
            _write_manifest(theme, folder, listed)
        _remove_others(folder, {entry.file for entry in listed.values()})
    return report


def read_manifest(folder: Path) -> dict[str, Entry]:
    """Return the production in force, by indicator; empty where there is none."""
    path = folder / MANIFEST
    if not path.is_file():
        return {}
    listed = json.loads(path.read_text("utf-8"))["indicators"]
    return {entry["indicator"]: Entry(**entry) for entry in listed}


def read_breakdown_cells(
    folder: Path, indicator: str, by: Sequence[str], *, perimeter: Perimeter | None = None
) -> pd.DataFrame:
    """Return the cells of one breakdown, as ``question.by(*by).table().cells`` gives them.

    Args:
        folder: Folder of a production.
        indicator: The indicator.
        by: Dimensions, in the order of the manifest's breakdowns.
        perimeter: ``as-it-was`` for codes as they were each year; as they are now by default.

    Raises:
        QuestionError: This breakdown was not produced; the message says why.
    """
    entry = read_manifest(folder).get(indicator)
    name = _named(by, perimeter)
    if entry is None or name not in entry.breakdowns:
        reason = entry.refused.get(name) if entry else None
        raise QuestionError(f"{indicator!r} by {name}: {reason or 'not produced: see the manifest of ' + str(folder)}")
    columns = [*map(column_of, by), *VALUE_COLUMNS]
    return pd.read_parquet(folder / entry.file, columns=columns, filters=[("breakdown", "==", name)])


def breakdowns(theme: Theme, name: str) -> list[tuple[str, ...]]:
    """Return the breakdowns of an indicator that its declarations allow, the simplest first.

    Time is in all of them, for a state is never summed over several years. Beside it: nothing, each dimension alone,
    each pair. The dimensions of a ``share_of`` are in all of them too. A value published as it is, which is never
    merged, is also given by the whole key of its dataset. What the source does not cross is found by asking.
    """
    indicator = theme.require_indicator(name)
    dataset = theme.datasets[indicator.dataset]
    allowed = list(indicator.dimensions or dimension_names(theme, dataset))
    if indicator.denominator_dataset:
        below = dimension_names(theme, theme.datasets[indicator.denominator_dataset])
        allowed = [one for one in allowed if one in below]
    times = [one.dimension for one in dataset.fields if one.role == "time" and one.dimension in allowed]
    others = [one for one in allowed if one not in times]
    found = [
        (*times, *crossed)
        for count in range(max(CROSSED, len(indicator.share_of)) + 1)
        for crossed in combinations(others, count)
        if set(indicator.share_of) <= set(crossed)
    ]
    if indicator.value is not None:
        key = tuple(one.dimension for one in dataset.fields if one.name in dataset.key and one.dimension in allowed)
        whole = (*times, *(one for one in key if one not in times))
        found += [whole] if whole not in found else []
    return found


class _Hashes:
    """Hashes of what numbers depend on, each computed once."""

    def __init__(self, theme: Theme) -> None:
        self.theme, self.figures = theme, Figures(theme.folder / "figures")
        self.file = cache(lambda table: hash_file(self.figures.require_path(table)))
        self.declaration = cache(self._declaration)

    def key(self, name: str) -> str:
        """Return the hash of an indicator's card, datasets, references, disclosure rule and unit, and of the engine."""
        theme, indicator = self.theme, self.theme.indicators[name]
        depends: dict[str, Any] = {
            "engine": _engine_hash(),
            "indicator": indicator.model_dump_json(),
            "unit": theme.card.units[indicator.unit].model_dump_json(),
            "disclosure": theme.disclosure(indicator.denominator_dataset or indicator.dataset).model_dump_json(),
        }
        for table in _tables(theme, indicator):
            depends[table] = [self.declaration(table), self.file(table)]
        return sha256(json.dumps(depends, sort_keys=True).encode()).hexdigest()

    def _declaration(self, table: str) -> str:
        kind, _, name = table.partition("/")
        declared = self.theme.datasets[name] if kind == "datasets" else self.theme.references[name]
        return sha256(declared.model_dump_json().encode()).hexdigest()


def _tables(theme: Theme, indicator: Indicator) -> list[str]:
    """Return the tables that an indicator's numbers depend on: its datasets, and the code lists they point to."""
    datasets = list(dict.fromkeys(filter(None, (indicator.dataset, indicator.denominator_dataset))))
    waiting = [one.reference for name in datasets for one in theme.datasets[name].fields if one.reference]
    references: list[str] = []
    while waiting:
        name = waiting.pop()
        if name not in references:
            references.append(name)
            waiting += [one.reference for one in theme.references[name].dimensions if one.reference]
    return [*(f"datasets/{name}" for name in datasets), *(f"references/{name}" for name in sorted(references))]


@cache
def _engine_hash() -> str:
    """Return the hash of the engine: its version, and the text of the rooms that make the numbers."""
    package = Path(__file__).resolve().parents[1]
    files = [file for room in ("indicators", "references") for file in sorted((package / room).rglob("*.py"))]
    content = b"\0".join(file.read_bytes() for file in files)
    return sha256(version("dataesr-atelier").encode() + content).hexdigest()


def _stands(path: Path, entry: Entry) -> bool:
    """Whether a file is there, whole."""
    return path.is_file() and path.stat().st_size == entry.size and hash_file(path) == entry.sha256


def _make(
    theme: Theme,
    settings: Settings,
    folder: Path,
    due: Mapping[str, str],
    *,
    jobs: int | None,
    progress: Callable[[int, int], None],
) -> Iterator[Entry]:
    """Yield each indicator that is due once its file stands, whole, beside those in force."""
    jobs = min(jobs or os.cpu_count() or 1, len(due))
    if jobs <= 1:
        engine = Engine(theme, open_backend(settings), store=settings.state / "disclosure")
        for done, (name, key) in enumerate(due.items(), 1):
            yield _make_one(engine, folder, name, key)
            progress(done, len(due))
        engine.close()
        return
    # Spawned, not forked: DuckDB holds threads that a fork would lose.
    with ProcessPoolExecutor(jobs, get_context("spawn"), _start_worker, (theme, settings, folder)) as pool:
        futures = [pool.submit(_work, name, key) for name, key in due.items()]
        try:
            for done, future in enumerate(as_completed(futures), 1):
                yield future.result()
                progress(done, len(due))
        except BrokenProcessPool as error:
            raise StoreError("a process at work was ended, for lack of memory maybe: run again with fewer.") from error
        finally:
            pool.shutdown(cancel_futures=True)


_worker: dict[str, Any] = {}


def _start_worker(theme: Theme, settings: Settings, folder: Path) -> None:
    _worker.update(engine=Engine(theme, open_backend(settings), store=settings.state / "disclosure"), folder=folder)


def _work(name: str, key: str) -> Entry:
    return _make_one(_worker["engine"], _worker["folder"], name, key)


def _make_one(engine: Engine, folder: Path, name: str, key: str) -> Entry:
    """Ask every breakdown of an indicator and write its file; one that a run cut short has finished is kept."""
    path = folder / f"{name}-{key[:_SHORT_KEY]}.parquet"
    if not path.is_file():
        tables: dict[str, StatTable] = {}
        refused: dict[str, str] = {}
        for by in breakdowns(engine.theme, name):
            for perimeter in engine.perimeters(name):
                asked = _named(by, perimeter)
                try:
                    tables[asked] = engine.answer(name, by, {}, as_it_was=perimeter == AS_IT_WAS)
                except QuestionError as error:
                    refused[asked] = str(error)
        with replacing(path) as aside:
            _write(tables, refused, aside, key)
    told = json.loads(pq.read_metadata(path).metadata[METADATA.encode()])
    rows = {breakdown: one["rows"] for breakdown, one in told["breakdowns"].items()}
    size = path.stat().st_size
    return Entry(name, path.name, key, hash_file(path), size, sum(rows.values()), rows, told["refused"])


def _write(tables: Mapping[str, StatTable], refused: Mapping[str, str], path: Path, key: str) -> None:
    """Write tables to a Parquet file, one row group each, with their provenance in its metadata."""
    dimensions = {one.column: one for table in tables.values() for one in table.dimensions}
    kinds = {column: pa.int64() if one.kind == "time" else pa.string() for column, one in dimensions.items()}
    kinds |= dict.fromkeys(VALUE_COLUMNS, pa.float64()) | {"status": pa.string()}
    schema = pa.schema([("breakdown", pa.string()), *kinds.items()])
    told = json.dumps(
        _provenance(tables, refused, key), ensure_ascii=False, sort_keys=True, default=lambda words: words.model_dump()
    )
    with pq.ParquetWriter(path, schema.with_metadata({METADATA: told}), compression="zstd") as writer:
        for breakdown, table in tables.items():
            cells = table.cells.assign(breakdown=breakdown)
            cells = cells.assign(**{column: TOTAL for column in dimensions if column not in cells})
            writer.write_table(pa.Table.from_pandas(cells[schema.names], schema, preserve_index=False))


def _provenance(tables: Mapping[str, StatTable], refused: Mapping[str, str], key: str) -> dict[str, Any]:
    told: dict[str, Any] = {"key": key, "refused": dict(refused), "breakdowns": {}}
    for breakdown, table in tables.items():
        source = asdict(table.provenance)
        told["breakdowns"][breakdown] = {
            "rows": len(table.cells),
            "perimeter": table.perimeter,
            "notes": [{"kind": note.kind, "year": note.year, "text": note.text} for note in table.notes],
            "sql": source.pop("sql"),
        }
        source.pop("question")
        told["provenance"] = source
        told["card"] = asdict(table.card) | {"unit": table.card.unit.model_dump()}
        told["dimensions"] = told.get("dimensions", {}) | {one.id: one.title for one in table.dimensions}
    return told


def _write_manifest(theme: Theme, folder: Path, entries: Mapping[str, Entry]) -> None:
    told = {
        "theme": theme.id,
        "engine": version("dataesr-atelier"),
        "indicators": [asdict(entry) for entry in entries.values()],
    }
    with replacing(folder / MANIFEST) as aside:
        aside.write_text(json.dumps(told, ensure_ascii=False, indent=1) + "\n", "utf-8")


def _remove_others(folder: Path, kept: set[str]) -> None:
    """Remove files of former productions, and what runs cut short have left; no other file."""
    for path in folder.iterdir():
        if path.name not in kept and _OURS.match(path.name):
            shutil.rmtree(path) if path.is_dir() else path.unlink()


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Hold a folder for one production at a time; the lock goes with the process, however it ends."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / LOCK).open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            yield
    except BlockingIOError as error:
        raise StoreError(f"another production is at work in {folder}: wait for its end.") from error
    except OSError as error:
        raise StoreError(f"{folder} cannot be written ({error.strerror or error}): the production is kept.") from error


def _named(by: Sequence[str], perimeter: Perimeter | None) -> str:
    """Return the name of a breakdown: ``year+region``, ``year+region@as-it-was``; ``_T`` for the whole."""
    return ("+".join(by) or TOTAL) + (f"@{perimeter}" if perimeter == AS_IT_WAS else "")
