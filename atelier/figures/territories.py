"""Shapes of territories for maps, drawn once and stored compact, with their source and licence."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from atelier.language import Text


@dataclass(frozen=True)
class Shape:
    """One territory on the map.

    Attributes:
        path: SVG path data, closed, in the units of the map's box.
        center: A point well inside its largest part, where a value can be written.
        room: Distance from ``center`` to the nearest border.
    """

    path: str
    center: tuple[float, float]
    room: float


@dataclass(frozen=True)
class Territories:
    """The shapes of one geographic dimension.

    Attributes:
        dimension: Dimension drawn, ``region``.
        width: Width of the map's box.
        height: Its height.
        shapes: Shape by code. A code of the table without a shape gets a tile beside the map.
        credit: Source and licence of the shapes.
    """

    dimension: str
    width: float
    height: float
    shapes: Mapping[str, Shape]
    credit: Text


def read_territories(document: Mapping[str, Any]) -> dict[str, Territories]:
    """Return the shapes of each geographic dimension, from the JSON of a theme's ``figures/territories.json``."""
    width, height = document["box"]
    credit = Text(**document["credit"])
    return {
        dimension: Territories(
            dimension,
            width,
            height,
            {code: Shape(path, (x, y), room) for code, (path, x, y, room) in shapes.items()},
            credit,
        )
        for dimension, shapes in document["dimensions"].items()
    }
