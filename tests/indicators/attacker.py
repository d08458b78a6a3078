"""An attacker: all that a theme publishes, as equations on the figures behind it, and what can be worked out from them.

Written apart from the engine: which rows of the source stand behind a cell is worked out again here, with pandas. The
attacker asks every indicator every question (each breakdown, each filter, institutions as they are and as they were),
knows that parts add up to totals and that nobody counts for less than zero, and bounds any hidden count by linear
programming.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import chain, combinations, product

import numpy as np
import pandas as pd
from scipy.optimize import linprog

from atelier.workbench import Workbench

TOTAL = "_T"


@dataclass(frozen=True)
class Card:
    """How an indicator sums: what its numerator and its denominator hold to, and what the denominator ignores."""

    top: Mapping[str, Sequence[str]] = field(default_factory=dict)
    bottom: Mapping[str, Sequence[str]] | None = None
    ignored: Sequence[str] = ()
    index: bool = False
    measure: str = ""


class Attacker:
    """Gathers equations from answers.

    Args:
        workbench: The theme, opened.
        rows: Rows of the source: ``year``, one column per dimension, one per measure.
        measures: Columns of the measures; the first is the one that counts.
        cards: Each indicator.
        groups: For a dimension that rows do not hold, the column it comes from and its group by code, today and then.
        totals: Columns with ``_T`` rows.
    """

    def __init__(
        self,
        workbench: Workbench,
        rows: pd.DataFrame,
        measures: Sequence[str],
        cards: Mapping[str, Card],
        groups: Mapping[str, tuple[str, Mapping[str, str], Mapping[str, str]]],
        today: tuple[str, Mapping[str, str]],
        totals: Sequence[str] = (),
    ) -> None:
        self.workbench, self.measures, self.cards, self.totals = workbench, measures, cards, totals
        self.rows = rows.reset_index(drop=True)
        self.truth = np.concatenate([self.rows[measure].to_numpy("float64") for measure in measures])
        self.views = {}
        for then in (False, True):
            view = self.rows.copy()
            carrier, now = today
            for name, (column, by_today, by_then) in groups.items():
                view[name] = self.rows[column].map(by_then if then else by_today)
            if not then:
                view[carrier] = self.rows[carrier].map(now)
            self.views[then] = view
        self.equations: dict[bytes, tuple[np.ndarray, float]] = {}
        self.hidden: dict[bytes, np.ndarray] = {}
        self.shown_cells = self.hidden_cells = 0

    def behind(self, measure: str, held: Mapping[str, Sequence[object]], *, then: bool) -> np.ndarray:
        """Return the rows that a sum ranges over, as a vector over the rows of all measures."""
        kept = np.ones(len(self.rows), bool)
        for name in {*held, *self.totals}:
            kept &= np.logical_or.reduce([self._at(name, code, then) for code in held.get(name, [TOTAL])])
        vector = np.zeros(len(self.truth))
        start = list(self.measures).index(measure) * len(kept)
        vector[start : start + len(kept)] = kept
        return vector

    @cache  # noqa: B019
    def _at(self, name: str, code: object, then: bool) -> np.ndarray:
        return (self.views[then][name] == code).to_numpy()

    def ask_everything(self) -> None:
        """Ask every breakdown, as it is and as it was; of the count itself, keep every set of codes too."""
        for name, card in self.cards.items():
            dimensions = self.workbench.dimensions(name)
            others = [one for one in dimensions if one != "year"]
            counts = card == Card()
            for by, then in product(_subsets(others), (False, True)):
                self.ask(name, card, by, {}, then=then)
            for filtered in others if counts else card.ignored:
                for codes in _codes(dimensions[filtered].members):
                    self.ask(name, card, (), {filtered: codes}, then=False)
            for first, second in combinations(others, 2) if counts else ():
                for one in dimensions[first].members:
                    self.ask(name, card, (second,), {first: [one]}, then=False)

    def ask(self, name: str, card: Card, by: Sequence[str], where: Mapping[str, Sequence[str]], *, then: bool) -> None:
        """Ask one question, for all years."""
        if len(set(self.totals) & {*by, *where}) > 1 or not all(one in by or one in where for one in card.ignored):
            return
        question = self.workbench.indicator(name).by("year", *by).where(**where)
        cells = (question.as_it_was() if then else question).table().cells
        first = int(self.rows["year"].min())
        for cell in cells.itertuples():
            held = {one: [str(getattr(cell, one))] for one in by}
            held |= {
                one: [code for code in codes if one not in by or code in held[one]] for one, codes in where.items()
            }
            held["year"] = [cell.year]
            top = self.behind(card.measure or self.measures[0], _both(held, card.top), then=then)
            bottom = None
            if card.index:
                bottom = self.behind(self.measures[0], {**held, "year": [first]}, then=then)
            elif card.bottom is not None:
                over = {one: codes for one, codes in held.items() if one not in card.ignored}
                bottom = self.behind(self.measures[0], _both(over, card.bottom), then=then)
            self.learn(top, bottom, cell)

    def learn(self, top: np.ndarray, bottom: np.ndarray | None, cell: object) -> None:
        """Keep what one cell tells; a shown number must be the true one."""
        if cell.status in "AUP":
            self.shown_cells += 1
            self.equate(top, cell.numerator)
            if bottom is not None:
                self.equate(bottom, cell.denominator)
        elif cell.status == "M":
            self.equate(bottom, 0)
        elif cell.status == "Q":
            self.hidden_cells += 1
            base = top if bottom is None else bottom
            self.hidden[base.tobytes()] = base

    def equate(self, vector: np.ndarray, value: float) -> None:
        """Keep an equation."""
        assert vector @ self.truth == value, "a figure shown is not the one of the source"
        self.equations[vector.tobytes()] = (vector, value)

    def know(self, vector: np.ndarray) -> None:
        """Keep an equation known without asking: parts that add up."""
        self.equate(vector, 0)

    def system(self) -> tuple[np.ndarray, np.ndarray]:
        """Return all that is known, as a matrix and its right-hand side."""
        vectors, values = zip(*self.equations.values(), strict=True)
        return np.array(vectors), np.array(values)

    def bounds(self, vector: np.ndarray) -> tuple[float, float]:
        """Return the lowest and the highest value that a sum may have, infinite where nothing bounds it."""
        matrix, values = self.system()
        found = []
        for sign in (1, -1):
            result = linprog(sign * vector, A_eq=matrix, b_eq=values, bounds=(0, None), method="highs")
            found.append(sign * result.fun if result.status == 0 else sign * -np.inf)
        return found[0], found[1]

    def small(self, threshold: int) -> Iterator[np.ndarray]:
        """Yield each hidden sum of the measure that counts whose true value is small."""
        for vector in self.hidden.values():
            if 0 < vector @ self.truth < threshold:
                yield vector


def _both(held: Mapping[str, Sequence[object]], own: Mapping[str, Sequence[str]]) -> dict[str, Sequence[object]]:
    """Return what a question and a formula hold to together."""
    return {
        one: [code for code in held.get(one, own.get(one, ())) if code in own.get(one, held.get(one, ()))]
        for one in {**held, **own}
    }


def _subsets(names: Sequence[str]) -> Iterator[tuple[str, ...]]:
    return chain.from_iterable(combinations(names, size) for size in range(len(names) + 1))


def _codes(members: Mapping[str, object]) -> Iterator[list[str]]:
    """Yield each set of codes that a filter may keep, but all of them."""
    for size in range(1, max(2, len(members))):
        yield from map(list, combinations(members, size))
