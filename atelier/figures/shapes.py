"""Compiles a map's outlines into compact shapes: read once from SVG paths, merged into larger territories, rounded.

Neighbours drawn one after the other share a border only roughly. Points closer than ``TOLERANCE`` are made one, and a
point that lies on a neighbour's edge becomes a point of it; an edge that two members of a territory share is then
inside it and is dropped, and what remains is its outline.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from math import dist, hypot
from typing import Any

Point = tuple[float, float]
Ring = list[Point]

TOLERANCE = 0.3
SMALLEST = 0.6
"""Rings of a smaller area than this are rocks and slivers; a territory keeps its largest ring whatever its size."""
_TOKEN = re.compile(r"[a-zA-Z]|-?\d*\.?\d+(?:e-?\d+)?")


def compile_shapes(outlines: Mapping[str, str], groups: Mapping[str, str]) -> dict[str, list[Any]]:
    """Return ``[path, x, y, room]`` by code of group: outline, a point well inside it, distance to its border.

    Args:
        outlines: SVG path data of each member, straight lines only.
        groups: Group of each member; a member that is its own group keeps its outline.
    """
    rings = {code: read_path(path) for code, path in outlines.items()}
    settled = _settle(rings)
    members: dict[str, list[str]] = defaultdict(list)
    for code in settled:
        members[groups[code]].append(code)
    compiled = {}
    for group in sorted(members):
        outline = _dissolve([ring for code in members[group] for ring in settled[code]])
        outline = [ring for rank, ring in enumerate(outline) if rank == 0 or abs(area(ring)) >= SMALLEST]
        x, y, room = _inside(outline[0])
        compiled[group] = [write_path(outline), round(x, 1), round(y, 1), round(room, 1)]
    return compiled


def read_path(path: str) -> list[Ring]:
    """Return the closed rings of SVG path data made of straight lines.

    Raises:
        ValueError: The path holds a curve.
    """
    tokens = _TOKEN.findall(path)
    rings: list[Ring] = []
    x = y = 0.0
    command, place = "", 0
    while place < len(tokens):
        if tokens[place].isalpha():
            command, place = tokens[place], place + 1
            if command in "zZ":
                x, y = rings[-1][0]
                continue
        if command.lower() not in ("m", "l"):
            raise ValueError(f"path command {command!r}: only straight lines are read.")
        dx, dy = float(tokens[place]), float(tokens[place + 1])
        place += 2
        x, y = (x + dx, y + dy) if command.islower() else (dx, dy)
        if command in "mM":
            rings.append([])
            command = "l" if command == "m" else "L"
        rings[-1].append((x, y))
    return rings


def write_path(rings: Iterable[Ring]) -> str:
    """Return rings as SVG path data, relative and rounded to a tenth."""
    parts = []
    for ring in rings:
        points = [(round(10 * x), round(10 * y)) for x, y in ring]
        points = [point for rank, point in enumerate(points) if point != points[rank - 1]]
        (x, y), *rest = points
        text = f"M{_tenth(x)} {_tenth(y)}l"
        steps = []
        for nx, ny in rest:
            steps.append(f"{_tenth(nx - x)} {_tenth(ny - y)}")
            x, y = nx, ny
        parts.append(text + " ".join(steps) + "z")
    return "".join(parts)


def area(ring: Ring) -> float:
    """Return the signed area of a ring."""
    return sum(x * ring[rank - 1][1] - ring[rank - 1][0] * y for rank, (x, y) in enumerate(ring)) / 2


def _tenth(value: int) -> str:
    written = f"{value / 10:g}"
    return written.replace("0.", ".") if written.startswith(("0.", "-0.")) else written


def _settle(rings: Mapping[str, list[Ring]]) -> dict[str, list[Ring]]:
    """Return rings whose nearby points are the same point, with those on a neighbour's edge added to it."""
    anchors: dict[tuple[int, int], list[Point]] = defaultdict(list)

    def anchor(point: Point) -> Point:
        column, row = int(point[0] / TOLERANCE), int(point[1] / TOLERANCE)
        near = [one for dx in (-1, 0, 1) for dy in (-1, 0, 1) for one in anchors[column + dx, row + dy]]
        best = min(near, key=lambda one: dist(one, point), default=None)
        if best is not None and dist(best, point) <= TOLERANCE:
            return best
        anchors[column, row].append(point)
        return point

    joined = {code: [_tidy([anchor(point) for point in ring]) for ring in drawn] for code, drawn in rings.items()}
    cells: dict[tuple[int, int], set[Point]] = defaultdict(set)
    for drawn in joined.values():
        for ring in drawn:
            for point in ring:
                cells[int(point[0] / 4), int(point[1] / 4)].add(point)
    return {code: [_tidy(_split(ring, cells)) for ring in drawn if ring[2:]] for code, drawn in joined.items()}


def _split(ring: Ring, cells: Mapping[tuple[int, int], set[Point]]) -> Ring:
    points: Ring = []
    for start, end in zip(ring, ring[1:] + ring[:1], strict=True):
        points.append(start)
        length = dist(start, end)
        columns = range(int(min(start[0], end[0]) / 4) - 1, int(max(start[0], end[0]) / 4) + 2)
        rows = range(int(min(start[1], end[1]) / 4) - 1, int(max(start[1], end[1]) / 4) + 2)
        found = []
        for near in {point for column in columns for row in rows for point in cells.get((column, row), ())}:
            along = ((near[0] - start[0]) * (end[0] - start[0]) + (near[1] - start[1]) * (end[1] - start[1])) / length
            away = abs((near[0] - start[0]) * (end[1] - start[1]) - (near[1] - start[1]) * (end[0] - start[0])) / length
            if 0 < along < length and away <= TOLERANCE and near not in (start, end):
                found.append((along, near))
        points += [near for _, near in sorted(found)]
    return points


def _tidy(ring: Ring) -> Ring:
    """Return a ring without repeated points and without spikes that go and come back."""
    points: Ring = []
    for point in ring:
        if points and point == points[-1]:
            continue
        if len(points) > 1 and point == points[-2]:
            points.pop()
            continue
        points.append(point)
    while len(points) > 1 and points[0] == points[-1]:
        points.pop()
    return points


def _dissolve(rings: Iterable[Ring]) -> list[Ring]:
    """Return the outline of rings that share edges, the largest ring first."""
    edges: dict[Point, list[Point]] = defaultdict(list)
    for ring in rings:
        if not ring[2:]:
            continue
        turned = ring if area(ring) > 0 else ring[::-1]
        for start, end in zip(turned, turned[1:] + turned[:1], strict=True):
            if start in edges[end]:
                edges[end].remove(start)
            else:
                edges[start].append(end)
    outline = []
    for start in sorted(edges):
        while edges[start]:
            path: Ring = [start]
            here = edges[start].pop()
            while here != start and edges[here]:
                if here in path:
                    loop = path[path.index(here) :]
                    outline.append(loop)
                    path = path[: path.index(here)]
                path.append(here)
                here = edges[here].pop()
            outline.append(path)
    return sorted((ring for ring in outline if ring[2:]), key=lambda ring: -abs(area(ring)))


def _inside(ring: Ring) -> tuple[float, float, float]:
    """Return the point of a grid that is farthest from the ring's border, and how far it is."""
    left, right = min(x for x, _ in ring), max(x for x, _ in ring)
    top, bottom = min(y for _, y in ring), max(y for _, y in ring)
    best = ((left + right) / 2, (top + bottom) / 2, 0.0)
    steps = 40
    for column in range(1, steps):
        for row in range(1, steps):
            x, y = left + (right - left) * column / steps, top + (bottom - top) * row / steps
            if _contains(ring, x, y):
                room = min(_away(x, y, a, b) for a, b in zip(ring, ring[1:] + ring[:1], strict=True))
                if room > best[2] + 1e-9:
                    best = (x, y, room)
    return best


def _contains(ring: Ring, x: float, y: float) -> bool:
    inside = False
    for (ax, ay), (bx, by) in zip(ring, ring[1:] + ring[:1], strict=True):
        if (ay > y) != (by > y) and x < (bx - ax) * (y - ay) / (by - ay) + ax:
            inside = not inside
    return inside


def _away(x: float, y: float, a: Point, b: Point) -> float:
    length = dist(a, b)
    if length == 0:
        return dist((x, y), a)
    along = min(1.0, max(0.0, ((x - a[0]) * (b[0] - a[0]) + (y - a[1]) * (b[1] - a[1])) / length**2))
    return hypot(x - a[0] - along * (b[0] - a[0]), y - a[1] - along * (b[1] - a[1]))
