"""Where the codes of a geographic dimension lie on a map: outlines, tiles of one size, or points, with their source."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import isfinite, log, pi, radians, tan
from typing import Any

from atelier.errors import DeclarationError, Problem
from atelier.language import Text

Point = tuple[float, float]
_EMPTY = "."


@dataclass(frozen=True)
class Shape:
    """One territory on the map.

    Attributes:
        path: SVG path data, closed, in the units of the map's box.
        center: A point well inside its largest part, where a value can be written.
        room: Distance from ``center`` to the nearest border.
    """

    path: str
    center: Point
    room: float


@dataclass(frozen=True)
class Tile:
    """The square of one territory on a tile map.

    Attributes:
        column: Its column, from 0 on the left.
        row: Its row, from 0 at the top.
        letters: What is written in it.
    """

    column: int
    row: int
    letters: str


@dataclass(frozen=True)
class Territories:
    """Where the codes of one dimension lie.

    Attributes:
        dimension: Dimension drawn, ``region``.
        width: Width of the map's box.
        height: Its height.
        shapes: Shape by code. A code of the table without a shape gets a tile beside the map. Where the dimension is
            made of points, the shapes are those of the ground under them.
        credit: Source and licence of the shapes.
        tiles: Square by code, for tile maps.
        places: Point by code, in the units of the box, for point maps.
    """

    dimension: str
    width: float
    height: float
    shapes: Mapping[str, Shape]
    credit: Text
    tiles: Mapping[str, Tile] = field(default_factory=dict)
    places: Mapping[str, Point] = field(default_factory=dict)


def read_territories(
    document: Mapping[str, Any],
    tiles: Mapping[str, Any] | None = None,
    located: Mapping[str, Mapping[str, Point]] | None = None,
) -> dict[str, Territories]:
    """Return the shapes, tiles and points of each dimension.

    Args:
        document: The JSON of a theme's ``figures/territories.json``.
        tiles: The TOML of its ``tiles.toml``: for each dimension a ``grid`` of letters and, where letters are
            not codes, the ``codes`` of each.
        located: Latitude and longitude in degrees, by dimension of ``places`` in the document, then by code.

    Raises:
        DeclarationError: A grid repeats letters, or holds some that have no code; all mistakes are listed.
    """
    width, height = document["box"]
    credit = Text(**document["credit"])
    shapes = {
        dimension: {code: Shape(path, (x, y), room) for code, (path, x, y, room) in drawn.items()}
        for dimension, drawn in document["dimensions"].items()
    }
    grids = _read_grids(tiles or {})
    read = {
        dimension: Territories(dimension, width, height, drawn, credit, grids.get(dimension, {}))
        for dimension, drawn in shapes.items()
    }
    for dimension, places in (located or {}).items():
        outline = shapes[document["places"][dimension]["outline"]]
        projected = {code: _project(document["projection"], *place) for code, place in places.items()}
        inside = {code: (x, y) for code, (x, y) in projected.items() if 0 <= x <= width and 0 <= y <= height}
        read[dimension] = Territories(dimension, width, height, outline, credit, places=inside)
    return read


def _project(declared: Mapping[str, Any], latitude: float, longitude: float) -> Point:
    """Return where a place lies in the map's box, by Mercator's projection."""
    if not (isfinite(latitude) and isfinite(longitude)):
        return float("nan"), float("nan")
    (per_degree, left), (per_radian, top) = declared["x"], declared["y"]
    stretched = log(tan(pi / 4 + radians(latitude) / 2))
    return per_degree * longitude + left, per_radian * stretched + top


def _read_grids(tiles: Mapping[str, Any]) -> dict[str, dict[str, Tile]]:
    grids: dict[str, dict[str, Tile]] = {}
    problems = []
    for dimension, declared in tiles.items():
        codes = declared.get("codes")
        grid = grids.setdefault(dimension, {})
        for row, line in enumerate(declared["grid"].strip().splitlines()):
            for column, letters in enumerate(line.split()):
                if letters == _EMPTY:
                    continue
                code = letters if codes is None else codes.get(letters)
                if code is None:
                    problems.append(_problem(dimension, f"{letters!r} has no code: add it under {dimension}.codes."))
                elif code in grid:
                    problems.append(_problem(dimension, f"{letters!r} stands twice: keep one."))
                else:
                    grid[code] = Tile(column, row, letters)
    if problems:
        raise DeclarationError("tile maps", problems)
    return grids


def _problem(dimension: str, message: str) -> Problem:
    return Problem("tiles.toml", f"{dimension}.grid", message)
