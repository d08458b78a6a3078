"""Shapes of the map: compiled from the drawing they credit, and merged without seams."""

import json
from pathlib import Path

import duckdb
import pytest

from atelier.figures import read_territories
from atelier.figures.shapes import area, compile_shapes, read_path

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
