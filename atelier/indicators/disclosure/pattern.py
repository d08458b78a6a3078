"""The swaps of a theme's datasets: which counts are protected, under which groups, found once and kept."""

import json
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

import duckdb
import pandas as pd

from atelier.datasets.figures import Figures, connect
from atelier.declarations import Dataset, FieldDeclaration
from atelier.errors import StoreError
from atelier.indicators.definition import read_formula
from atelier.indicators.disclosure import swaps as method
from atelier.indicators.disclosure.swaps import SWAP, Levels, find_swaps
from atelier.references import CodeList
from atelier.snapshots import hash_file, replacing
from atelier.theme import Theme

MEASURE = "measure"


class Patterns:
    """The swaps of each dataset of a theme: found at the first need, then kept in memory and in a folder.

    What is kept is named by a hash of all it depends on: figures, rule, cards, references, method.
    """

    def __init__(
        self, theme: Theme, figures: Figures, references: Mapping[str, CodeList], store: Path | None = None
    ) -> None:
        self.theme, self.figures, self.references, self.store = theme, figures, references, store
        self._found: dict[str, pd.DataFrame] = {}

    def swaps(self, name: str) -> pd.DataFrame:
        """Return the swaps of a dataset.

        Returns:
            One row per row of the figures that a swap changes: time, dimensions, ``measure``, ``swap``,
            ``coefficient``; none where the rule in force hides nothing, or the theme asks for no more.
        """
        if name not in self._found:
            rule = self.theme.disclosure(name)
            asked = rule.secondary and rule.hide_under > 1
            self._found[name] = self._load(name) if asked else pd.DataFrame()
        return self._found[name]

    def _load(self, name: str) -> pd.DataFrame:
        figures = self.figures.require_path(f"datasets/{name}")
        counts, fields = self._counts(name), self._asked(name)
        levels = self._levels(fields)
        rule = self.theme.disclosure(name)
        depends = [hash_file(figures), rule.hide_under, counts, [field.name for field in fields], levels]
        depends.append(hash_file(Path(method.__file__)))
        key = sha256(json.dumps(depends, sort_keys=True, default=str).encode()).hexdigest()
        path = self.store / f"{self.theme.id}-{name}-{key[:32]}.parquet" if self.store else None
        if path and path.is_file():
            with connect() as connection:
                return connection.execute(f"FROM '{path}'").df()
        frames = []
        for measure, along in counts.items():
            swaps = self._find(name, measure, fields, levels)
            numbers = swaps[SWAP].astype(str)
            frames += [swaps.assign(measure=one, swap=f"{measure}/{one}/" + numbers) for one in (measure, *along)]
        found = pd.concat(frames, ignore_index=True) if frames else pd.DataFrame()
        if path and not found.empty:
            _keep(found, path)
        return found

    def _find(self, name: str, measure: str, fields: list[FieldDeclaration], levels: Levels) -> pd.DataFrame:
        declared, columns = self.theme.datasets[name], [field.name for field in fields]
        time = [field.name for field in declared.fields if field.role == "time"]
        listed = ", ".join([*time, *columns])
        path = self.figures.require_path(f"datasets/{name}")
        sql = f"SELECT {listed}, sum({measure}) AS value FROM '{path}' WHERE {measure} IS NOT NULL GROUP BY {listed}"
        with connect() as connection:
            rows = connection.execute(sql).df()
        return find_swaps(rows, levels, self.theme.disclosure(name).hide_under, time)

    def _counts(self, name: str) -> dict[str, list[str]]:
        """Return the measures that count the people behind a cell, each with those that are hidden along with it.

        A measure counts when some card takes it for a count or for a denominator. The numerator of a ratio is hidden
        where its denominator is.
        """
        along: dict[str, set[str]] = {}
        dataset = self.theme.datasets[name]
        for indicator in self.theme.indicators.values():
            above = _summed(indicator.numerator, dataset) if indicator.dataset == name else set()
            if indicator.denominator is None:
                for measure in above:
                    along.setdefault(measure, set())
            elif name == (indicator.denominator_dataset or indicator.dataset):
                for measure in _summed(indicator.denominator, dataset):
                    along.setdefault(measure, set()).update(above)
        return {measure: sorted(others - set(along)) for measure, others in sorted(along.items())}

    def _asked(self, name: str) -> list[FieldDeclaration]:
        """Return the columns that cards break down by, themselves or by what they point to, or name in a formula."""
        cards = [card for card in self.theme.indicators.values() if name in (card.dataset, card.denominator_dataset)]
        found = []
        for field in self.theme.datasets[name].fields:
            known = {field.dimension}
            if field.reference:
                known |= {one.dimension for one in self.theme.references[field.reference].dimensions}
            if field.role == "dimension" and (
                field.total
                or any(not card.dimensions or known & set(card.dimensions) for card in cards)
                or any(field.name in f"{card.numerator} {card.denominator}" for card in cards)
            ):
                found.append(field)
        return found

    def _levels(self, fields: list[FieldDeclaration]) -> Levels:
        """Return, by column, what its codes are counted under: today's code, and the attributes of either."""
        levels: dict[str, list[Mapping[str, object]]] = {}
        for field in fields:
            if field.reference:
                reference = self.references[field.reference]
                today = {code: reference.today(code) for code in reference.members}
                levels[field.name] = [today]
                for one in self.theme.references[field.reference].dimensions:
                    levels[field.name] += [
                        {code: reference.attributes[now][one.column] for code, now in today.items()},
                        {code: reference.attributes[code][one.column] for code in today},
                    ]
        return levels


def _summed(text: str | None, dataset: Dataset) -> set[str]:
    """Return the measures that a formula sums."""
    return set(read_formula(text, dataset).measures) if text else set()


def _keep(found: pd.DataFrame, path: Path) -> None:
    """Write swaps for the processes to come, where the disk lets us."""
    try:
        with replacing(path) as aside, connect() as connection:
            connection.register("found", found)
            connection.execute(f"COPY found TO '{aside}' (FORMAT parquet, COMPRESSION zstd)")
    except (StoreError, duckdb.Error):
        return
