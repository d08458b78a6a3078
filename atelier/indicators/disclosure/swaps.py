"""Secondary suppression: a swap for each small cell, which nothing published may show.

A swap is a change of the figures that every total known to hold still allows: some people leave a cell, as many others
enter it. In a table of institutions by sex, one more woman and one less man in one institution, the reverse in another:
no row total and no column total moves. Each small cell gets a swap that could raise it by at least the threshold.
The rest follows for any set of questions, whatever their breakdowns and filters: if a cell is shown only when no swap
changes it, then the figures with and without a swap look the same to every reader, so that no combination of answers
tells a small count more closely than the width of its swap.

Swaps are hypercubes, chosen as the hypercube method of cell suppression does (Giessing and Repsilber, 2002): the
opposite corners hold the threshold or more, none is zero, and the corners whose hiding costs the least weight are
taken. A swap across more dimensions shows in fewer totals, so those across most dimensions come first.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations, product
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from atelier.declarations import TOTAL

SWAP = "swap"
COEFFICIENT = "coefficient"
_MAX_TRIES = 100
_MAX_GRID = 30_000
"""Partners looked at for one cell in one set of dimensions; sets with more are left to smaller ones."""

_ALL = slice(None)

Levels = Mapping[str, Sequence[Mapping[str, object]]]
Floats = NDArray[np.float64]
Places = NDArray[np.intp]
Corner = tuple[tuple[str, ...], tuple[int, ...], int]
"""A row of the figures that a swap changes: dimensions, position of its code in each, and +1 or -1."""
_Move = tuple[frozenset[str], int]
"""A corner of a swap: the dimensions along which it lies at the other end, and +1 or -1."""


def find_swaps(rows: pd.DataFrame, levels: Levels, threshold: int, time: Sequence[str] = ()) -> pd.DataFrame:
    """Return swaps that protect every small cell of a table of counts.

    Args:
        rows: One column per dimension, ``_T`` where a row speaks of all its members, and ``value``, the count.
        levels: For a dimension, the groups its codes are also counted by: ``{"institution": [{code: region}]}``.
        threshold: A count from 1 to ``threshold - 1`` is small.
        time: Columns that are never summed over; nobody is swapped from one time to another.

    Returns:
        The rows of the figures that swaps change: the same columns without ``value``, ``swap`` (a number) and
        ``coefficient`` (+1 or -1). Each small cell has +1 in a swap whose -1 cells, among those of its own dimensions,
        all hold the threshold or more.
    """
    columns = [column for column in rows.columns if column != "value"]
    rows = rows[rows["value"].notna()]
    nested = _find_nested(rows[[column for column in columns if column not in time]])
    levels = dict(levels)
    for finer, groups in nested.values():
        levels[finer] = [*levels.get(finer, ()), groups]
    dimensions = [column for column in columns if column not in (*time, *nested)]
    coded = {name: pd.Categorical(rows[name].where(rows[name] != TOTAL)) for name in dimensions}
    lists = _Lists({name: list(values.categories) for name, values in coded.items()}, levels)
    places = np.column_stack([values.codes.astype(np.int64) for values in coded.values()])
    counts = rows["value"].to_numpy("float64")
    moments = rows.groupby(list(time), sort=True).indices if time else {(): np.arange(len(rows))}
    records: list[tuple[object, ...]] = []
    swaps = 0
    for moment, kept in moments.items():
        if not ((counts[kept] > 0) & (counts[kept] < threshold)).any():
            continue
        when = moment if isinstance(moment, tuple) else (moment,)
        for swap in _Search(places[kept], counts[kept], lists, threshold).run():
            swaps += 1
            for shape, point, sign in swap:
                at = dict(zip(shape, point, strict=True))
                codes = [lists.codes[name][at[name]] if name in at else TOTAL for name in dimensions]
                records.append((*when, *codes, swaps, sign))
    found = pd.DataFrame(records, columns=[*time, *dimensions, SWAP, COEFFICIENT])
    return found.assign(**{name: found[finer].map(groups) for name, (finer, groups) in nested.items()})


def _find_nested(codes: pd.DataFrame) -> dict[str, tuple[str, dict[str, object]]]:
    """Return the dimensions that another one tells, as a subject tells its field: the other, and what it tells."""
    sizes = codes.nunique().sort_values(ascending=False, kind="stable")
    crossed = [name for name in sizes.index if not codes[name].eq(TOTAL).any()]
    nested: dict[str, tuple[str, dict[str, object]]] = {}
    for place, name in enumerate(crossed):
        for finer in crossed[:place]:
            pairs = codes[[finer, name]].drop_duplicates()
            if finer not in nested and sizes[name] > 1 and len(pairs) == sizes[finer]:
                nested[name] = (finer, dict(zip(pairs[finer], pairs[name], strict=True)))
                break
    return nested


class _Lists:
    """The codes of each dimension, and the number of the group that each stands in, for each way to group them."""

    def __init__(self, codes: Mapping[str, list[object]], levels: Levels) -> None:
        self.codes = codes
        self.groups = {name: list(_number(codes[name], one)) for name, one in levels.items() if name in codes}


def _number(codes: list[object], levels: Sequence[Mapping[str, object]]) -> Iterator[NDArray[np.intp]]:
    """Yield the number of each code's group, for each way to group codes that differs from the others."""
    seen = set()
    for groups in levels:
        numbers = pd.factorize(np.array([str(groups.get(str(code), code)) for code in codes]))[0]
        if numbers.tobytes() not in seen and len(set(numbers)) < len(codes):
            yield numbers
        seen.add(numbers.tobytes())


@dataclass
class _Margin:
    """What hiding a cell of some dimensions would cost: its weight, zero once it is hidden; the same by group."""

    weight: Floats
    groups: list[tuple[int, NDArray[np.intp], Floats]] = field(default_factory=list)

    def costs(self, point: tuple[int, ...], partners: Places) -> Floats:
        """Return the cost of a swap between a cell and each of several others, one row each."""
        total = _add_corners(self.weight, point, partners)
        for axis, group_of, weight in self.groups:
            apart = group_of[partners[:, axis]] != group_of[point[axis]]
            total[apart] += _add_corners(weight, point, partners[apart])
        return total

    def hide(self, corners: Sequence[tuple[int, ...]]) -> None:
        """Take the corners of a swap as hidden: hiding them again costs nothing."""
        for corner in corners:
            self.weight[corner] = 0
        for axis, group_of, weight in self.groups:
            if len({group_of[corner[axis]] for corner in corners}) > 1:
                for corner in corners:
                    same = group_of == group_of[corner[axis]]
                    weight[(*corner[:axis], same, *corner[axis + 1 :])] = 0


class _Search:
    """The figures of one time, as one dense table for each set of dimensions they are crossed by."""

    def __init__(self, places: NDArray[np.int64], counts: Floats, lists: _Lists, threshold: int) -> None:
        self.codes, self.groups, self.threshold = lists.codes, lists.groups, threshold
        self.tables: dict[tuple[str, ...], Floats] = {}
        patterns = (places >= 0) @ (1 << np.arange(places.shape[1]))
        for pattern in sorted(map(int, np.unique(patterns)), key=int.bit_count):
            kept = patterns == pattern
            axes = [axis for axis in range(places.shape[1]) if pattern >> axis & 1]
            shape = tuple(name for axis, name in enumerate(self.codes) if axis in axes)
            table = np.zeros([len(self.codes[name]) for name in shape])
            if axes:
                np.add.at(table, tuple(places[kept][:, axis] for axis in axes), counts[kept])
            else:  # the row of the whole stands nowhere else
                table += counts[kept].sum()
            self.tables[shape] = table
        self.covered = {shape: np.zeros(table.shape, bool) for shape, table in self.tables.items()}
        self.margins: dict[tuple[str, ...], _Margin] = {}

    def run(self) -> Iterator[list[Corner]]:
        """Yield swaps until every small cell has its own; those with the most people to hide come first."""
        for shape, table in self.tables.items():
            small = np.argwhere((table > 0) & (table < self.threshold))
            for point in map(tuple, small):
                if not self.covered[shape][point]:
                    swap = self._find(shape, point)
                    self._keep(swap)
                    yield swap

    def _find(self, shape: tuple[str, ...], point: tuple[int, ...]) -> list[Corner]:
        """Return the swap of a cell: across as many dimensions as can be, then the one that hides the least weight."""
        for size in range(len(shape), 0, -1):
            choices = {}
            for crossed in combinations(shape, size):
                partners = self._partners(shape, point, crossed)
                if len(partners):
                    own = tuple(place for name, place in zip(shape, point, strict=True) if name in crossed)
                    choices[crossed] = (partners, self._margin(shape, crossed).costs(own, partners))
            for _ in range(_MAX_TRIES if choices else 0):
                crossed = min(choices, key=lambda one: float(choices[one][1].min()))
                partners, costs = choices[crossed]
                best = int(costs.argmin())
                if np.isinf(costs[best]):
                    break
                other = dict(zip(crossed, map(int, partners[best]), strict=True))
                swap = self._lift(shape, point, other, _hypercube(crossed))
                if swap is not None:
                    return swap
                costs[best] = np.inf
        for other in self._others(shape, point):
            swap = self._lift(shape, point, other, [(frozenset(), 1), (frozenset(other), -1)])
            if swap is not None:
                return swap
        # Nobody to swap with: people may be added, and every total that counts them is hidden.
        return self._lift(shape, point, {}, [(frozenset(), 1)]) or []

    def _others(self, shape: tuple[str, ...], point: tuple[int, ...]) -> Iterator[dict[str, int]]:
        """Yield what differs in the large cells of the same table: those most alike first, then the smallest."""
        table = self.tables[shape]
        large = np.argwhere(table >= self.threshold)
        apart = (large != np.array(point)).sum(axis=1)
        for at in np.lexsort((table[tuple(large.T)], apart))[:_MAX_TRIES]:
            yield {n: int(there) for n, here, there in zip(shape, point, large[at], strict=True) if here != there}

    def _partners(self, shape: tuple[str, ...], point: tuple[int, ...], crossed: tuple[str, ...]) -> Places:
        """Return the cells to swap with, one row each: those opposite hold the threshold, the others anybody."""
        table = self.tables[shape]
        if np.prod([len(self.codes[name]) for name in crossed]) > _MAX_GRID:
            return np.empty((0, len(crossed)), np.intp)
        at: Any = tuple([_ALL if name in crossed else place for name, place in zip(shape, point, strict=True)])
        own = tuple(place for name, place in zip(shape, point, strict=True) if name in crossed)
        seen = table[at]
        large, some = seen >= self.threshold, seen > 0
        fit = np.ones(seen.shape, bool)
        for axis, place in enumerate(own):
            fit.swapaxes(0, axis)[place] = False
        for moved in product((False, True), repeat=len(own)):
            fit &= (large if sum(moved) % 2 else some)[_window(own, moved)]
        return np.argwhere(fit)

    def _margin(self, shape: tuple[str, ...], crossed: tuple[str, ...]) -> _Margin:
        if crossed not in self.margins:
            away = tuple(axis for axis, name in enumerate(shape) if name not in crossed)
            weight = self.tables[shape].sum(axis=away)
            margin = _Margin(weight.copy())
            for axis, name in enumerate(crossed):
                for group_of in self.groups.get(name, ()):
                    summed = np.zeros((group_of.max() + 1, *np.delete(weight.shape, axis)))
                    np.add.at(summed, group_of, np.moveaxis(weight, axis, 0))
                    margin.groups.append((axis, group_of, np.moveaxis(summed[group_of], 0, axis).copy()))
            self.margins[crossed] = margin
        return self.margins[crossed]

    def _lift(
        self, shape: tuple[str, ...], point: tuple[int, ...], other: Mapping[str, int], moves: Sequence[_Move]
    ) -> list[Corner] | None:
        """Return a swap in every table that shows it: the people swapped have one profile; None where nobody has it."""
        profile = dict(zip(shape, point, strict=True))
        corners: list[Corner] = []
        for table_shape in sorted(self.tables, key=len, reverse=True):
            seen: dict[frozenset[str], int] = {}
            for moved, sign in moves:
                projected = moved.intersection(table_shape)
                seen[projected] = seen.get(projected, 0) + sign
            changes = [(moved, sign) for moved, sign in seen.items() if sign]
            if not changes:
                continue
            if not self._complete_profile(table_shape, profile, other, changes):
                return None
            if all(name in profile for name in table_shape):
                for moved, sign in changes:
                    places = tuple(other[name] if name in moved else profile[name] for name in table_shape)
                    corners.append((table_shape, places, sign))
        return corners

    def _complete_profile(
        self, shape: tuple[str, ...], profile: dict[str, int], other: Mapping[str, int], moves: Sequence[_Move]
    ) -> bool:
        """Choose the codes that a table adds to a profile; tell whether people with this profile can be swapped."""
        free = [name for name in shape if name not in profile]
        lowest, present = np.full((), np.inf), np.full((), fill_value=True)
        for moved, sign in moves:
            held = profile | {name: other[name] for name in moved}
            at: Any = tuple(held.get(name, _ALL) for name in shape)
            seen = self.tables[shape][at]
            if sign < 0:
                lowest = np.asarray(np.minimum(lowest, seen))
            else:
                present = np.asarray(present & (seen > 0))
        enough = np.asarray(lowest >= self.threshold)
        if not free:
            return bool(enough)
        if np.any(enough & present):
            enough = np.asarray(enough & present)  # rather than one more where nobody was, whose zero would be hidden
        if not np.any(enough):
            # A breakdown that the source leaves out here shows no swap; one that counts too few people forbids it.
            return not np.any(lowest > 0)
        weight = np.where(enough, np.where(np.isfinite(lowest), lowest, 1), -1)
        best = np.unravel_index(int(np.broadcast_to(weight, enough.shape).argmax()), enough.shape)
        profile.update(zip(free, map(int, best), strict=True))
        return True

    def _keep(self, swap: list[Corner]) -> None:
        """Note which cells a swap protects and what it hides."""
        for shape in dict.fromkeys(shape for shape, _, _ in swap):
            corners = [(point, sign) for other, point, sign in swap if other == shape]
            if all(self.tables[shape][point] >= self.threshold for point, sign in corners if sign < 0):
                for point, sign in corners:
                    self.covered[shape][point] |= sign > 0
            self._margin(shape, shape).hide([point for point, _ in corners])
            for name_count in range(1, len(shape)):
                for crossed in combinations(shape, name_count):
                    axes = [shape.index(name) for name in crossed]
                    projected = {tuple(point[axis] for axis in axes): 0 for point, _ in corners}
                    for point, sign in corners:
                        projected[tuple(point[axis] for axis in axes)] += sign
                    shown = [point for point, sign in projected.items() if sign]
                    if shown and crossed in self.margins:
                        self.margins[crossed].hide(shown)


def _hypercube(crossed: Sequence[str]) -> list[_Move]:
    """Return the corners of a swap across dimensions: one more where an even number of them is changed."""
    sizes = range(len(crossed) + 1)
    return [(frozenset(moved), (-1) ** size) for size in sizes for moved in combinations(crossed, size)]


def _window(point: tuple[int, ...], moved: Sequence[bool]) -> tuple[slice, ...]:
    """Return the index of the cells reached from a point along the axes moved, with all its axes kept."""
    return tuple([_ALL if free else slice(place, place + 1) for place, free in zip(point, moved, strict=True)])


def _add_corners(weight: Floats, point: tuple[int, ...], partners: Places) -> Floats:
    """Return, for each opposite cell, the weight of all the corners between a point and it."""
    total = np.zeros(len(partners))
    for moved in product((False, True), repeat=len(point)):
        total += weight[tuple([partners[:, axis] if far else point[axis] for axis, far in enumerate(moved)])]
    return total
