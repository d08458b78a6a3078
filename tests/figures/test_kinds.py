"""Distributions, heat tables, point maps, tile maps and key figures: what they hold, and what they refuse."""

import re
from dataclasses import replace
from itertools import pairwise
from statistics import median
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from atelier.errors import DeclarationError, QuestionError
from atelier.figures import Figure, Territories, build_figure, read_territories, render_svg, render_table
from atelier.figures.classes import class_rank, round_bounds
from atelier.figures.palette import INK, PAPER, READABLE, contrast, sequential
from atelier.figures.phrases import plural
from atelier.indicators import StatTable
from tests.figures.tables import (
    COUNT,
    DISTRICTS,
    PARKS,
    SHARE,
    SQUARE,
    YEARS,
    bars,
    build_table,
    dimension,
    line,
    lines,
)

SVG = "{http://www.w3.org/2000/svg}"
TILES = {"district": {"grid": "N .\nS I", "codes": {"N": "north", "S": "south", "I": "island"}}}
CITY = {
    "box": [80, 40],
    "credit": {"fr": "plan", "en": "map"},
    "projection": {"name": "mercator", "x": [1.0, 0.0], "y": [-50.0, 40.0]},
    "places": {"park": {"reference": "parks", "latitude": "y", "longitude": "x", "outline": "district"}},
    "dimensions": {"district": {"north": [SQUARE, 20, 20, 20], "south": ["M40 0l40 0 0 40 -40 0z", 60, 20, 20]}},
}
PLACES = {"aubry": (10.0, 10.0), "belleau": (20.0, 30.0), "cormes": (5.0, 70.0), "dorval": (0.0, 500.0)}
MAPS = read_territories(CITY, TILES, {"park": PLACES})


def spread(count: int = 20, language: str = "fr", statuses: str = "A") -> StatTable:
    """Return shares by park, as many as asked, the first hidden."""
    rows = [["p00", None, None, "Q"]]
    rows += [[f"p{rank:02}", 20 + 3 * rank, 100, statuses[rank % len(statuses)]] for rank in range(1, count)]
    table = build_table(["park"], rows, SHARE, language=language, where={"year": ("2024",)})
    return replace(table, dimensions=(dimension("park", [str(row[0]) for row in rows]),))


def crossed() -> StatTable:
    """Return counts by species and park, one hidden and one that the source has no row for."""
    rows = [
        [species, park, None if (species, park) == ("oak", "aubry") else 10 * rank + len(species), None, status]
        for rank, park in enumerate(PARKS[:4])
        for species, status in (("oak", "Q" if rank == 0 else "A"), ("beech", "U" if rank == 1 else "A"))
    ]
    return build_table(["species", "park"], rows[:-1], COUNT)


FIGURES = {
    "distribution": build_figure(spread(), "distribution", highlight="p05"),
    "heat": build_figure(crossed(), "heat"),
    "heat-years": build_figure(lines(4), "heat", highlight="cormes"),
    "points": build_figure(bars(), "points", territories=MAPS, highlight="dorval"),
    "tiles": build_figure(
        build_table(["district"], [["north", 10, None, "F"], ["south", 400, None, "A"], ["island", None, None, "Q"]]),
        "tiles",
        territories=MAPS,
        highlight="south",
    ),
    "key": build_figure(line(), "key"),
    "key-break": build_figure(line(breaks=[2024], hole=2018), "key"),
    "key-single": build_figure(build_table([], [[1, None, "A"]], where={"year": ("2024",)}), "key"),
}
each_figure = pytest.mark.parametrize("figure", FIGURES.values(), ids=FIGURES)


def digits(text: str) -> list[str]:
    """Return the numbers of a text, without spaces inside."""
    return re.findall(r"\d+(?:[.,]\d+)?", re.sub(r"(?<=\d)[\s\u202f](?=\d{3})", "", text))


@each_figure
@pytest.mark.parametrize("width", [340, 720])
def test_a_drawing_is_well_formed_and_inside(figure: Figure, width: int) -> None:
    """Named by its title, described by its alternative text, and the same bytes each time."""
    drawn = render_svg(figure, width)
    root = ET.fromstring(drawn)
    assert root.findtext(f"{SVG}title") == figure.title
    assert root.findtext(f"{SVG}desc") == figure.alt
    assert drawn == render_svg(figure, width)
    for feature in ("foreignObject", "currentColor", "dominant-baseline", "<style", "nan"):
        assert feature not in drawn


@each_figure
def test_every_number_of_the_lecture_is_in_the_table(figure: Figure) -> None:
    """The reading sentence tells nothing that the data table does not."""
    year = {"2024"}
    assert set(digits(figure.lecture)) - year <= set(digits(render_table(figure)))


@each_figure
def test_a_hidden_value_is_nowhere(figure: Figure) -> None:
    """Q10: no mark of a hidden or missing cell holds a value."""
    for one in figure.series:
        for mark in one.marks:
            assert (mark.value is None) == (mark.status in ("Q", "O"))


@given(st.lists(st.floats(0.001, 1e6), min_size=1, max_size=40))
def test_classes_are_round_and_hold_each_value_once(values: list[float]) -> None:
    """Equal widths, and every value in exactly one class."""
    bounds = round_bounds(values)
    widths = [after - before for before, after in pairwise(bounds)]
    assert max(widths) == pytest.approx(min(widths), rel=1e-6)
    assert 1 <= len(widths) <= 20
    assert all(bounds[0] <= value * (1 + 1e-8) and value <= bounds[-1] * (1 + 1e-8) for value in values)
    assert all(0 <= class_rank(value, bounds) < len(widths) for value in values)


@given(st.permutations(range(20)))
def test_a_distribution_does_not_depend_on_the_order_of_rows(order: list[int]) -> None:
    """Nor do its counts, its median and its words."""
    table = spread()
    shuffled = replace(table, cells=table.cells.iloc[order].reset_index(drop=True))
    figure = build_figure(shuffled, "distribution", highlight="p05")
    known = FIGURES["distribution"]
    assert (figure.series, figure.references, figure.alt) == (known.series, known.references, known.alt)


def test_counts_add_up_to_the_values_shown() -> None:
    """The hidden one is not counted and a note says so; the table has the total."""
    figure = FIGURES["distribution"]
    assert sum(mark.value or 0 for mark in figure.series[0].marks) == 19
    assert any("non comptés" in note and "1" in note for note in figure.notes)
    assert ">19<" in render_table(figure)


def test_the_median_and_the_highlighted_one_are_named() -> None:
    """They are lines of the figure."""
    table, figure = spread(), FIGURES["distribution"]
    lines_of = dict(figure.references)
    assert lines_of["médiane"] == pytest.approx(median(table.cells["value"].dropna()))
    assert lines_of["P05"] == pytest.approx(0.35)
    assert [mark.label for mark in figure.series[0].marks if mark.highlighted] == ["de 35\u202f% à 40\u202f%"]


def test_forecasts_are_not_counted_among_observed_values() -> None:
    """L: a budget is not a result; all forecasts together are drawn as such."""
    mixed = build_figure(spread(statuses="AF"), "distribution")
    assert sum(mark.value or 0 for mark in mixed.series[0].marks) == 9
    assert any("prévision" in note and "non comptés" in note for note in mixed.notes)
    assert {mark.status for mark in build_figure(spread(statuses="F"), "distribution").series[0].marks} == {"F"}


def test_every_cell_of_a_heat_table_is_drawn() -> None:
    """One rectangle and one text per cell; an absent one is told as missing; letters stay."""
    figure = FIGURES["heat"]
    assert [len(one.marks) for one in figure.series] == [2] * 4
    texts = [mark.text for one in figure.series for mark in one.marks]
    assert "[Q]" in texts
    assert "[O]" in texts
    assert any(text.endswith("[U]") for text in texts)
    for width in (340, 720):
        root = ET.fromstring(render_svg(figure, width))
        assert len([one for one in root.iter(f"{SVG}rect") if one.find(f"{SVG}title") is not None]) == len(texts)


@pytest.mark.parametrize("count", range(1, 8))
def test_values_are_read_over_their_colour(count: int) -> None:
    """White or ink has a contrast of 4.5 or more over every class."""
    for color in sequential(count):
        assert max(contrast(PAPER, color), contrast(INK, color)) >= READABLE


def test_rows_of_a_heat_table_are_ranked_by_the_latest_year() -> None:
    """The highest first."""
    last = [one.marks[-1].value for one in FIGURES["heat-years"].series]
    assert last == sorted(last, reverse=True)
    assert [mark.key for mark in FIGURES["heat-years"].series[0].marks] == list(YEARS)


def test_the_area_of_a_circle_is_its_value() -> None:
    """Twice the value, twice the area; those off the map are tiles."""
    root = ET.fromstring(render_svg(FIGURES["points"]))
    drawn = {
        circle.findtext(f"{SVG}title", "").split("\u00a0:")[0]: float(circle.get("r", "0"))
        for circle in root.iter(f"{SVG}circle")
        if circle.find(f"{SVG}title") is not None
    }
    assert set(drawn) == {"Aubry", "Belleau", "Cormes"}
    assert (drawn["Aubry"] / drawn["Cormes"]) ** 2 == pytest.approx(120 / 7, rel=0.01)
    tiles = [one.findtext(f"{SVG}title", "") for one in root.iter(f"{SVG}rect")]
    assert any(words.startswith("Dorval") for words in tiles)


def test_a_place_is_projected_into_the_box() -> None:
    """The equator is where the projection says; what lies outside has no place."""
    assert MAPS["park"].places["aubry"][0] == pytest.approx(10.0)
    assert MAPS["park"].places["aubry"][1] == pytest.approx(40 - 50 * 0.17543, abs=0.01)
    assert "dorval" not in MAPS["park"].places


def test_a_grid_names_its_mistakes() -> None:
    """Letters without a code and codes that stand twice, all at once."""
    with pytest.raises(DeclarationError) as found:
        read_territories(CITY, {"district": {"grid": "N N\nX .", "codes": {"N": "north"}}})
    assert len(found.value.problems) == 2


def test_tiles_stand_where_the_grid_says() -> None:
    """Column and row of each square, letters in it."""
    tile = MAPS["district"].tiles["island"]
    assert (tile.column, tile.row, tile.letters) == (1, 1, "I")
    assert FIGURES["tiles"].source == build_figure(bars()).source


@pytest.mark.parametrize(
    ("table", "change"),
    [
        (line(), "+1,0 point par rapport à 2023"),
        (line(language="en"), "+1.0 point compared with 2023"),
        (line(breaks=[2024]), "rupture de série en 2024 : pas d’évolution calculée"),
        (build_table(["year"], [["2023", 5, None, "A"], ["2024", 5, None, "A"]]), "comme en 2023"),
        (
            build_table(["year"], [["2023", 500, None, "A"], ["2024", 450, None, "A"]]),
            "−50 arbres (−10,0 %) par rapport à 2023",
        ),
        (
            build_table(["year"], [["2023", 5, None, "U"], ["2024", 50, None, "A"]]),
            "valeur fragile : pas d’évolution calculée depuis 2023",
        ),
    ],
)
def test_a_key_figure_tells_its_change(table: StatTable, change: str) -> None:
    """In points for a share, in its unit elsewhere; never across a break nor from a small number."""
    figure = build_figure(table, "key")
    assert figure.headline is not None
    assert re.sub(r"[\u00a0\u202f]", " ", figure.headline[2]) == change


def test_a_key_figure_never_takes_a_forecast_for_a_result() -> None:
    """The value written large is the last one observed; a hidden year is not it either."""
    rows = [["2021", 3, None, "A"], ["2022", 5, None, "A"], ["2023", None, None, "Q"], ["2024", 9, None, "F"]]
    figure = build_figure(build_table(["year"], rows), "key")
    assert figure.headline is not None
    assert figure.headline[:2] == ("5", "arbres en 2022")


@pytest.mark.parametrize(
    ("table", "kind", "advice"),
    [
        (line(), "distribution", "such as an institution"),
        (spread(5), "distribution", "draw bars"),
        (crossed(), "distribution", "keep a single code"),
        (bars(), "heat", "by two"),
        (crossed(), "key", "keep a single code"),
        (bars(), "tiles", "break the table down by one"),
        (
            build_table(["district"], [["north", 1, None, "A"], ["south", 2, None, "A"]]),
            "tiles",
            "add them to the theme",
        ),
        (spread(), "points", "not a ratio"),
        (line(), "points", "break the table down"),
        (crossed(), "points", "keep a single code"),
    ],
)
def test_what_does_not_fit_is_refused_with_advice(table: StatTable, kind: str, advice: str) -> None:
    """The message says what to ask instead."""
    known = DISTRICTS if "add them" in advice else MAPS
    with pytest.raises(QuestionError, match=advice):
        build_figure(table, kind, territories=known)


@pytest.mark.parametrize(
    ("noun", "language", "expected"),
    [
        ("établissement", "fr", "établissements"),
        ("type d’établissement", "fr", "types d’établissement"),
        ("niveau", "fr", "niveaux"),
        ("field of study", "en", "fields of study"),
        ("academy", "en", "academies"),
        ("sex", "en", "sexes"),
    ],
)
def test_nouns_take_their_plural(noun: str, language: str, expected: str) -> None:
    """The word that carries the mark takes it."""
    assert plural(noun, language) == expected


def test_territories_keep_their_outline_under_places() -> None:
    """Points are drawn over the shapes of another dimension."""
    assert isinstance(MAPS["park"], Territories)
    assert set(MAPS["park"].shapes) == {"north", "south"}
