"""Static drawings: well formed, equal each time, honest about breaks, zero and hidden values."""

import re
from itertools import pairwise
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from atelier.figures import Figure, build_figure, render_figure_html, render_svg, render_table
from atelier.figures.svg.canvas import spread, text_width, wrap
from atelier.figures.svg.scales import spaced_years, ticks
from atelier.indicators import StatTable
from tests.figures.tables import (
    COUNT,
    DISTRICTS,
    PARKS,
    bars,
    build_table,
    districts,
    in_english,
    index,
    line,
    lines,
    stack,
)

SVG = "{http://www.w3.org/2000/svg}"
CANARY = 7_654_321.0
FIGURES = {
    "line": build_figure(line()),
    "hole": build_figure(line(hole=2018)),
    "break": build_figure(line(breaks=[2020])),
    "lines": build_figure(lines(4)),
    "highlight": build_figure(lines(8), highlight="cormes"),
    "multiples": build_figure(lines(8)),
    "bars": build_figure(bars(), references=[("Ville", 150.0)]),
    "columns": build_figure(line(), "bars"),
    "grouped": build_figure(lines(2), "bars"),
    "stack": build_figure(stack()),
    "stack-across": build_figure(
        build_table(["species"], [["oak", 6, 10, "A"], ["ash", 4, 10, "A"]], stack().card.unit)
    ),
    "map": build_figure(districts(), territories=DISTRICTS, highlight="south"),
    "index": build_figure(index()),
    "english": build_figure(in_english(bars())),
}
each_figure = pytest.mark.parametrize("figure", FIGURES.values(), ids=FIGURES)
each_width = pytest.mark.parametrize("width", [340, 720, 1000])


@each_width
@each_figure
def test_a_drawing_is_well_formed_named_and_described(figure: Figure, width: int) -> None:
    """role=img, a name that is the title and a description that is the alt text (A02)."""
    root = ET.fromstring(render_svg(figure, width))
    assert root.get("role") == "img"
    assert root.findtext(f"{SVG}title") == figure.title
    assert root.findtext(f"{SVG}desc") == figure.alt
    assert root.get("aria-labelledby") == root.find(f"{SVG}title").get("id")


@each_width
@each_figure
def test_texts_stay_inside_the_drawing(figure: Figure, width: int) -> None:
    """Even at 340 pixels nothing is cut at an edge."""
    root = ET.fromstring(render_svg(figure, width))
    for words in root.findall(f"{SVG}text"):
        x, size, bold = float(words.get("x")), float(words.get("font-size")), words.get("font-weight") is not None
        lines_of = [span.text or "" for span in words.iter(f"{SVG}tspan")] or [words.text or ""]
        room = max(text_width(one, size, bold=bold) for one in lines_of)
        left = x - {"end": room, "middle": room / 2}.get(words.get("text-anchor"), 0)
        assert left >= -12
        assert left + room <= width + 12


@each_figure
def test_two_drawings_have_the_same_bytes(figure: Figure) -> None:
    """So that an edition can be compared with another."""
    assert render_svg(figure) == render_svg(figure)
    assert render_figure_html(figure) == render_figure_html(figure)


@each_figure
def test_no_feature_that_other_renderers_lack(figure: Figure) -> None:
    """Typst and image converters draw what a browser draws."""
    drawn = render_svg(figure)
    for feature in ("foreignObject", "currentColor", "var(", "dominant-baseline", "<style", "class="):
        assert feature not in drawn


def test_no_line_crosses_a_break() -> None:
    """Q13: two strokes, and a dashed rule between them."""
    root = ET.fromstring(render_svg(FIGURES["break"]))
    strokes = [path.get("d") for path in root.iter(f"{SVG}path") if path.get("fill") == "none"]
    rules = [one for one in root.iter(f"{SVG}line") if one.get("stroke-dasharray")]
    assert len(strokes) == 2
    assert len(rules) == 1
    across = float(rules[0].get("x1"))
    for stroke in strokes:
        places = [float(x) for x in re.findall(r"[ML](-?[\d.]+) ", stroke)]
        assert max(places) < across or min(places) > across
    assert "Rupture de série" in render_svg(FIGURES["break"])


def test_no_line_crosses_a_missing_value() -> None:
    """The letter stands at its year instead."""
    drawn = render_svg(FIGURES["hole"])
    root = ET.fromstring(drawn)
    assert len([path for path in root.iter(f"{SVG}path") if path.get("fill") == "none"]) == 2
    assert "[Q]" in drawn


@given(st.lists(st.integers(-500, 5000), min_size=2, max_size=8))
def test_bars_start_from_zero(values: list[int]) -> None:
    """L06: lengths are proportional to values, whatever their sign."""
    rows = [[park, value, None, "A"] for park, value in zip(PARKS, values, strict=False)]
    root = ET.fromstring(render_svg(build_figure(build_table(["park"], rows))))
    found = {}
    for rect in root.iter(f"{SVG}rect"):
        title = rect.findtext(f"{SVG}title")
        if title:
            found[title.split("\N{NO-BREAK SPACE}:")[0].lower()] = float(rect.get("width"))
    largest = max(abs(value) for value in values)
    longest = max(found.values())
    for park, value in zip(PARKS, values, strict=False):
        assert found[park] == pytest.approx(longest * abs(value) / (largest or 1), abs=0.5)


def hidden(table: StatTable) -> StatTable:
    """Return a table whose hidden cells hold a value, as a faulty engine might leave them."""
    table.cells["value"] = table.cells["value"].mask(table.cells["status"].eq("Q"))
    table.cells.loc[table.cells["status"].eq("Q"), ["numerator", "denominator"]] = CANARY
    return table


@pytest.mark.parametrize("table", [line(hole=2018), bars(), districts()], ids=["line", "bars", "map"])
@pytest.mark.parametrize("language", ["fr", "en"])
def test_a_hidden_value_is_nowhere(table: StatTable, language: str) -> None:
    """Q10: neither in the drawing, nor in words, nor in the table."""
    figure = build_figure(hidden(table.in_language(language)), territories=DISTRICTS)
    written = re.sub(
        r"[\s,.]", "", render_figure_html(figure) + render_svg(figure, captions=True) + repr(figure.series)
    )
    assert "7654321" not in written


def test_letters_of_withheld_values_are_drawn() -> None:
    """Q04: never a blank."""
    drawn = render_svg(FIGURES["bars"])
    assert "[Q]" in drawn
    assert "[O]" in drawn
    assert "[U]" in drawn


def test_captions_travel_with_a_picture_on_request() -> None:
    """A picture that leaves its page keeps title, Lecture, Champ and Source."""
    words = " ".join(ET.fromstring(render_svg(FIGURES["line"], captions=True)).itertext())
    assert "Lecture" in words
    assert "Champ" in words
    assert "Source" in words


def test_a_page_gets_every_word_and_the_table() -> None:
    """L01, A02: title, subtitle, Lecture, Champ, Source, notes, and the data under the drawing."""
    figure = FIGURES["bars"]
    page = render_figure_html(figure)
    root = ET.fromstring(page)
    words = " ".join(root.itertext())
    for text in (figure.title, figure.subtitle, figure.lecture, figure.scope, figure.source, *figure.notes):
        assert text in words
    assert root.get("lang") == "fr"
    assert root.find(".//table/caption") is not None


def test_words_are_escaped() -> None:
    """A label is text, whatever it holds."""
    figure = build_figure(line(), title="<script>alert(1)</script> & “co”")
    for written in (render_svg(figure), render_figure_html(figure), render_table(figure)):
        assert "<script" not in written


@pytest.mark.parametrize("table", [line(), lines(3), lines(8), bars(), stack(), districts()])
def test_tables_have_caption_headers_and_one_cell_for_each_value(table: StatTable) -> None:
    """Rows and columns are headed, and statuses explained."""
    root = ET.fromstring(render_table(table))
    assert root.findtext("caption")
    assert {head.get("scope") for head in root.iter("th")} == {"col", "row"}
    assert len(root.findall("tbody/tr/td")) == len(table.cells)
    letters = {letter for cell in root.findall("tbody/tr/td") for letter in re.findall(r"\[\w\]", cell.text)}
    legend = root.findtext("tfoot/tr/td") or ""
    assert all(letter in legend for letter in letters)


def test_absent_cells_of_a_crossed_table_are_told() -> None:
    """A row that the source lacks is missing, not blank."""
    rows = [["2015", "aubry", 5, None, "A"], ["2016", "aubry", 6, None, "A"], ["2016", "belleau", 7, None, "A"]]
    written = render_table(build_table(["year", "park"], rows, COUNT))
    assert written.count("[O]") == 2


@given(st.floats(-1e6, 1e6), st.floats(1e-3, 1e6), st.integers(2, 8))
def test_ticks_are_round_and_cover_the_values(low: float, width: float, count: int) -> None:
    """The first is at or under the lowest, the last at or over the highest."""
    places = ticks(low, low + width, count)
    assert places[0] <= low + 1e-6 * width
    assert places[-1] >= low + width * (1 - 1e-6)
    assert 2 <= len(places) <= 2 * count + 2


@given(st.lists(st.floats(0, 300), min_size=1, max_size=12))
def test_labels_never_overlap_when_there_is_room(wanted: list[float]) -> None:
    """They keep their order."""
    wanted = sorted(wanted)
    heights = [20.0] * len(wanted)
    placed = spread(wanted, heights, 0.0, 300.0)
    assert all(after - before >= 20 - 1e-6 for before, after in pairwise(placed))
    assert placed[0] >= 10 - 1e-6
    assert placed[-1] <= 290 + 1e-6


@given(st.text(alphabet="abcdeé’ ", min_size=1, max_size=80), st.floats(30, 400))
def test_wrapped_lines_fit(words: str, width: float) -> None:
    """Two lines at most, none wider than its room."""
    found = wrap(words, width)
    assert len(found) <= 2
    assert all(text_width(one) <= width for one in found)


@given(st.integers(1990, 2024), st.integers(1, 40), st.floats(120, 900))
def test_years_written_do_not_touch_and_end_with_the_last(first: int, count: int, width: float) -> None:
    """The reader always knows how recent the figures are."""
    years = list(range(first, first + count))
    kept = spaced_years(years, width)
    assert kept[-1] == years[-1]
    room = width / max(1, years[-1] - years[0])
    assert all((after - before) * room >= text_width("0000", 12.0) for before, after in pairwise(kept))


@each_figure
def test_no_coordinate_is_not_a_number(figure: Figure) -> None:
    """A missing value is a letter, never a ``nan`` in a path."""
    assert not re.search(r"=\"[^\"]*\b(nan|inf)\b", render_svg(figure))


def test_a_reference_line_tells_its_value_once() -> None:
    """A label that holds the value is not followed by it again."""
    for label, words in (("Ville", "Ville 150"), ("Seuil : 150 arbres", "Seuil : 150 arbres")):
        drawn = render_svg(build_figure(bars(), references=[(label, 150.0)]))
        assert f">{words}<" in drawn
