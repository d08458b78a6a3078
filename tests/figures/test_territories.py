"""Shapes of the map: compiled from the drawing they credit, and merged without seams."""

import json
import tomllib
from collections.abc import Callable
from math import dist
from pathlib import Path

import duckdb
import pytest

from atelier.figures import Territories, read_territories
from atelier.figures.shapes import area, compile_shapes, read_path
from atelier.figures.territories import Point

HOME = Path(__file__).resolve().parents[2]
FILE = HOME / "themes" / "esr" / "figures" / "territories.json"
DRAWING = HOME / "node_modules" / "@svg-maps" / "france.departments" / "index.js"


@pytest.fixture(scope="module")
def outlines() -> dict[str, str]:
    """Return the outline of each department in the drawing."""
    if not DRAWING.exists():
        pytest.skip("node_modules is not installed: run npm ci")
    drawn = json.loads(DRAWING.read_text("utf-8").removeprefix("export default ").rstrip().rstrip(";"))
    return {one["id"].upper(): one["path"] for one in drawn["locations"]}


@pytest.fixture(scope="module")
def regions() -> dict[str, str]:
    """Return the region of each department, as the theme's reference tells."""
    table = HOME / "themes" / "esr" / "figures" / "departments.parquet"
    return dict(duckdb.sql(f"SELECT code, region FROM '{table}'").fetchall())


def test_the_committed_shapes_are_those_of_the_drawing(outlines: dict[str, str], regions: dict[str, str]) -> None:
    """Decision 0022 tells how to compile them again."""
    committed = json.loads(FILE.read_text("utf-8"))["dimensions"]
    assert committed["region"] == compile_shapes(outlines, regions)


def test_regions_have_the_area_of_their_departments(outlines: dict[str, str], regions: dict[str, str]) -> None:
    """Merging loses and adds less than half a percent."""
    shapes = read_territories(json.loads(FILE.read_text("utf-8")))["region"].shapes
    for region, shape in shapes.items():
        members = [path for code, path in outlines.items() if regions[code] == region]
        whole = sum(abs(area(ring)) for path in members for ring in read_path(path))
        outline = sum(area(ring) for ring in read_path(shape.path))
        assert abs(outline) == pytest.approx(whole, rel=0.005)


def test_a_value_is_written_inside_its_territory() -> None:
    """The point has room around it."""
    for territories in read_territories(json.loads(FILE.read_text("utf-8"))).values():
        for shape in territories.shapes.values():
            assert shape.room > 0


def test_the_shapes_name_their_source_and_licence() -> None:
    """CC-BY 4.0 asks for it."""
    document = json.loads(FILE.read_text("utf-8"))
    assert document["licence"] == "CC-BY-4.0"
    assert "Victor Cazanave" in document["credit"]["fr"]


def test_two_squares_make_a_rectangle() -> None:
    """The edge they share is gone, points nearly the same are one."""
    shapes = compile_shapes({"a": "M0,0 10,0 10,10 0,10z", "b": "m 10.1,0 l 9.9,0 0,10 -9.9,0 z"}, {"a": "r", "b": "r"})
    (ring,) = read_path(shapes["r"][0])
    assert abs(area(ring)) == pytest.approx(200, rel=0.02)


def test_curves_are_refused() -> None:
    """Only straight lines can be merged."""
    with pytest.raises(ValueError, match="straight lines"):
        read_path("M0,0 C1,1 2,2 3,3z")


@pytest.fixture(scope="module")
def theme_maps() -> dict[str, Territories]:
    """Return the maps of the theme, institutions placed by their coordinates."""
    table = HOME / "themes" / "esr" / "figures" / "institutions.parquet"
    rows = duckdb.sql(f"SELECT id, latitude, longitude FROM '{table}' WHERE latitude IS NOT NULL").fetchall()
    tiles = tomllib.loads((FILE.parents[1] / "tiles.toml").read_text("utf-8"))
    located = {"institution": {code: (float(y), float(x)) for code, y, x in rows}}
    return read_territories(json.loads(FILE.read_text("utf-8")), tiles, located)


def test_institutions_lie_in_their_department(theme_maps: dict[str, Territories]) -> None:
    """Within two units of the box, five kilometres: coasts are simplified. One school is misplaced at the source."""
    table = HOME / "themes" / "esr" / "figures" / "institutions.parquet"
    departments = dict(duckdb.sql(f"SELECT id, department FROM '{table}'").fetchall())
    shapes = theme_maps["department"].shapes
    strays = []
    for code, place in theme_maps["institution"].places.items():
        rings = read_path(shapes[departments[code]].path) if departments[code] in shapes else []
        if not any(_holds(ring, place) for ring in rings) and min(map(_distance(place), rings), default=1e9) > 2:
            strays.append(code)
    assert len(theme_maps["institution"].places) > 200
    assert len(strays) <= 1


def test_every_territory_has_its_tile(theme_maps: dict[str, Territories]) -> None:
    """Those with an outline, and the five overseas; no two in one place."""
    overseas = {"region": 5, "department": 5}
    for name, count in overseas.items():
        known = theme_maps[name]
        assert set(known.shapes) <= set(known.tiles)
        assert len(known.tiles) == len(known.shapes) + count
        assert len({(tile.column, tile.row) for tile in known.tiles.values()}) == len(known.tiles)


def test_tiles_lie_close_to_geography(theme_maps: dict[str, Territories]) -> None:
    """Of two departments far apart on the map, the eastern one stands to the right and the northern one above."""
    known = theme_maps["department"]
    pairs = right = 0
    for one, shape in known.shapes.items():
        for other, another in known.shapes.items():
            for side, place in ((0, "column"), (1, "row")):
                if shape.center[side] - another.center[side] > known.width / 6:
                    pairs += 1
                    right += getattr(known.tiles[one], place) > getattr(known.tiles[other], place)
    assert right / pairs > 0.99


def _holds(ring: list[Point], place: Point) -> bool:
    x, y = place
    crossings = [
        (x2 - x1) * (y - y1) / (y2 - y1) + x1 > x
        for (x1, y1), (x2, y2) in zip(ring, ring[1:] + ring[:1], strict=True)
        if (y1 > y) != (y2 > y)
    ]
    return sum(crossings) % 2 == 1


def _distance(place: Point) -> Callable[[list[Point]], float]:
    return lambda ring: min(dist(place, point) for point in ring)
