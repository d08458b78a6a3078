"""Figures that compare: what they draw, what they say, and what they refuse."""

import re
from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from atelier.errors import QuestionError, UnknownNameError
from atelier.figures import Figure, build_figure, render_svg, render_table
from atelier.figures.palette import ABOVE, BELOW, CONTEXT
from atelier.figures.svg.canvas import text_width
from atelier.indicators import StatTable
from atelier.language import NARROW_SPACE, NO_BREAK_SPACE
from tests.figures.tables import PARKS, SHARE, bars, build_table, in_english, line, lines

SVG = "{http://www.w3.org/2000/svg}"
TWO = ("2015", "2024")


def plain(text: str) -> str:
    """Return text with ordinary spaces."""
    return text.replace(NO_BREAK_SPACE, " ").replace(NARROW_SPACE, " ")


def shares(parks: int = 8, **options: object) -> StatTable:
    """Return the share of oaks by park, from 40 % up by 5 points; the fourth hidden, the fifth on a small number."""
    rows = [
        [park, None, None, "Q"] if rank == 3 else [park, 40 + 5 * rank, 100, "U" if rank == 4 else "A"]
        for rank, park in enumerate(PARKS[:parks])
    ]
    return build_table(["park"], rows, SHARE, where={"year": ("2024",)}, **options)  # type: ignore[arg-type]


def city(value: int = 52, status: str = "A") -> StatTable:
    """Return the share of oaks in the whole city."""
    return build_table([], [[value, 100, status]], SHARE, where={"year": ("2024",)})


def ends(status: str = "A", **options: object) -> StatTable:
    """Return counts by park in two years, the last year of ``status``; one park hidden, one absent at first."""
    start, end = TWO
    first = [[start, park, 100 * (rank + 1), None, "A"] for rank, park in enumerate(PARKS[:6]) if park != "cormes"]
    last = [[end, park, 100 * (rank + 1) + 7 * (2 - rank), None, status] for rank, park in enumerate(PARKS[:6])]
    last[1] = [end, "belleau", None, None, "Q"]
    return build_table(["year", "park"], [*first, *last], **options)  # type: ignore[arg-type]


def rows_of_peers(**options: object) -> StatTable:
    """Return shares by park and age, one hidden."""
    rows = [
        [park, age, None, None, "Q"] if (rank, step) == (6, 1) else [park, age, 30 + 6 * rank + 4 * step, 100, "A"]
        for rank, park in enumerate(PARKS)
        for step, age in enumerate(("young", "grown", "old"))
    ]
    return build_table(["park", "age"], rows, SHARE, where={"year": ("2024",)}, **options)  # type: ignore[arg-type]


def build_all() -> dict[str, Figure]:
    """Return a figure of each kind and look."""
    trees = [[park, 300 - 20 * rank, None, "A"] for rank, park in enumerate(PARKS)]
    trees[1] = ["belleau", None, None, "Q"]
    more = build_table(["park"], trees, where={"year": ("2024",)})
    return {
        "gap": build_figure(shares(), "diverging", against=city()),
        "gap-of-one": build_figure(shares(), "diverging", against=city(), highlight="gordes"),
        "reference": build_figure(shares(), "diverging", references=[("Ville", 0.52)]),
        "change": build_figure(ends(), "diverging"),
        "percent": build_figure(ends(), "diverging", relative=True),
        "budget": build_figure(ends("F"), "diverging"),
        "slope": build_figure(ends(), "slope"),
        "slope-of-one": build_figure(ends(), "slope", highlight="dorval"),
        "dots": build_figure(shares(), "dots", highlight="gordes"),
        "dots-in-rows": build_figure(rows_of_peers(), "dots", highlight=["gordes", "aubry"]),
        "scatter": build_figure(shares(), "scatter", against=more),
        "scatter-of-one": build_figure(
            shares(), "scatter", against=more, highlight="aubry", quadrants=["haut", "bas", "gauche", "autre"]
        ),
        "english": build_figure(in_english(shares()), "diverging", against=city()),
    }


FIGURES = build_all()
each_figure = pytest.mark.parametrize("figure", FIGURES.values(), ids=FIGURES)


def numbers(text: str) -> set[str]:
    """Return the numbers of a text as they are written."""
    return set(re.findall(r"\d+(?:[\u202f,.]\d+)*", text))


@each_figure
def test_every_number_of_the_lecture_is_in_the_table(figure: Figure) -> None:
    """L02: what a sentence says can be checked under the drawing; the year is in the title."""
    table = " ".join(ET.fromstring(render_table(figure)).itertext())
    known = numbers(table) | numbers(figure.title) | numbers(figure.subtitle)
    assert numbers(figure.lecture) <= known


@each_figure
def test_hidden_cells_are_told(figure: Figure) -> None:
    """Each table above hides a cell: its letter is in the data table or a note counts it."""
    assert "[Q]" in render_table(figure) or any("asquée" in note for note in figure.notes)


@each_figure
@pytest.mark.parametrize("width", [340, 720])
def test_texts_stay_inside_the_drawing(figure: Figure, width: int) -> None:
    """Nothing is cut at an edge, on a phone neither."""
    for words in ET.fromstring(render_svg(figure, width)).iter(f"{SVG}text"):
        x, size, bold = float(words.get("x")), float(words.get("font-size")), words.get("font-weight") is not None
        told = [span.text or "" for span in words.iter(f"{SVG}tspan")] or [words.text or ""]
        room = max(text_width(one, size, bold=bold) for one in told)
        left = x - {"end": room, "middle": room / 2}.get(words.get("text-anchor"), 0)
        assert left >= -12
        assert left + room <= width + 12


def test_gaps_are_ranked_and_coloured_by_side() -> None:
    """The highest gap first, the hidden last; blue above, rust below."""
    (series,) = FIGURES["gap"].series
    assert [mark.key for mark in series.marks] == [
        "herblay", "gordes", "fleurac", "ermont", "cormes", "belleau", "aubry", "dorval",
    ]  # fmt: skip
    assert [plain(mark.text) for mark in series.marks][:1] == ["+23,0 pts"]
    assert plain(series.marks[3].text) == "+8,0 pts [U]"
    drawn = render_svg(FIGURES["gap"])
    assert ABOVE in drawn
    assert BELOW in drawn
    assert CONTEXT in render_svg(FIGURES["gap-of-one"])


def test_a_number_and_a_table_of_the_whole_make_the_same_bars() -> None:
    """``references`` and ``against`` are two ways to say it."""
    one, other = FIGURES["gap"].series[0].marks, FIGURES["reference"].series[0].marks
    assert [(mark.key, mark.value, mark.text) for mark in one] == [(mark.key, mark.value, mark.text) for mark in other]


def test_the_lecture_of_a_gap_tells_both_values() -> None:
    """The value, the reference and the gap."""
    assert plain(FIGURES["gap-of-one"].lecture) == (
        "Lecture : en 2024, la part des chênes est de 70,0 % — Gordes, contre 52,0 % pour « Ville » "
        "(écart : +18,0 pts)."
    )


def test_a_budget_is_not_compared_with_accounts() -> None:
    """No gap, and a note counts them."""
    figure = FIGURES["budget"]
    assert all(mark.value is None for mark in figure.series[0].marks)
    assert any("budget" in note for note in figure.notes)
    with pytest.raises(QuestionError, match="budget"):
        build_figure(ends("F"), "slope")


@pytest.mark.parametrize("kind", ["slope", "diverging"])
def test_a_break_between_two_years_is_refused(kind: str) -> None:
    """Q13: never across a break; the message names its year and what to ask."""
    with pytest.raises(QuestionError, match="2020"):
        build_figure(ends(breaks=[2020]), kind)
    assert build_figure(ends(breaks=[2015]), kind).kind == kind


def test_a_slope_stops_where_a_value_is_hidden() -> None:
    """A point alone, its letter on the other side."""
    root = ET.fromstring(render_svg(FIGURES["slope"]))
    thick = [one for one in root.iter(f"{SVG}line") if one.get("stroke-width") == "2.5"]
    assert len(thick) == 4
    assert "[Q]" in render_svg(FIGURES["slope"])


def test_a_band_holds_every_visible_value() -> None:
    """Lowest, quartiles, median and highest of the peers, the highlighted one among them."""
    (band,) = FIGURES["dots"].bands
    assert (band.count, band.low, band.middle, band.high) == (7, 0.4, 0.6, 0.75)
    assert band.lower == pytest.approx(0.475)
    assert band.upper == pytest.approx(0.675)


def test_a_small_group_has_no_quartiles() -> None:
    """Three values: ends and median only."""
    (band,) = build_figure(shares(3), "dots", highlight="aubry").bands
    assert band.lower is None
    assert band.texts[1] == ""


def test_a_scatter_leaves_out_what_one_table_hides() -> None:
    """Cells hidden in either table are not drawn, and counted."""
    figure = FIGURES["scatter"]
    keys = {mark.key for one in figure.series for mark in one.marks}
    assert keys == set(PARKS) - {"dorval", "belleau"}
    assert any(note.endswith(f"{NO_BREAK_SPACE}: 2.") for note in figure.notes)


def test_the_table_of_a_scatter_has_both_measures() -> None:
    """One column for each, hidden ones with their letter, the medians last."""
    grid = FIGURES["scatter"].grid
    assert grid is not None
    assert grid.head == ("Parc", "Part des chênes", "Arbres plantés")
    assert [row[1:] for row in grid.rows if row[0] in ("Belleau", "Dorval")] == [
        (f"45,0{NARROW_SPACE}%", "[Q]"),
        ("[Q]", "240"),
    ]
    assert grid.rows[-1][0] == "Médiane"


@pytest.mark.parametrize(
    ("table", "kind", "options", "advice"),
    [
        (shares(), "diverging", {}, "against="),
        (line(), "diverging", {}, "break down by one"),
        (lines(), "diverging", {}, "keep two"),
        (shares(), "diverging", {"against": bars()}, "one value"),
        (shares(), "diverging", {"against": city(), "relative": True}, "points"),
        (lines(), "slope", {}, "keep two years"),
        (shares(), "slope", {}, "two states"),
        (shares(), "dots", {}, "highlight one"),
        (shares(), "scatter", {}, "against="),
        (shares(), "scatter", {"against": lines()}, "ask it by"),
        (shares(), "scatter", {"against": bars(), "quadrants": ["one"]}, "corners"),
        (shares(), "bars", {"against": bars()}, "name that kind"),
        (shares(), "dots", {"highlight": "aubry", "relative": True}, "leave it out"),
    ],
)
def test_what_cannot_be_compared_is_refused_with_advice(
    table: StatTable, kind: str, options: dict, advice: str
) -> None:
    """The message says what to ask instead."""
    with pytest.raises(QuestionError, match=advice):
        build_figure(table, kind, **options)  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", ["diverging", "dots", "slope", "scatter"])
def test_an_unknown_code_is_refused(kind: str) -> None:
    """The message names those that exist."""
    table = ends() if kind == "slope" else shares()
    other = {"diverging": city(), "scatter": bars()}.get(kind)
    with pytest.raises(UnknownNameError, match="aubry"):
        build_figure(table, kind, highlight="nowhere", against=other)  # type: ignore[arg-type]


@settings(deadline=None, max_examples=15)
@given(st.permutations(range(8)))
def test_the_order_of_rows_does_not_matter(order: list[int]) -> None:
    """The same drawing, whatever the order of cells."""
    table = shares()
    mixed = replace(table, cells=table.cells.iloc[list(order)].reset_index(drop=True))
    for kind, options in (
        ("diverging", {"against": city()}),
        ("dots", {"highlight": "gordes"}),
        ("scatter", {"against": bars(), "highlight": "aubry"}),
    ):
        one, other = build_figure(table, kind, **options), build_figure(mixed, kind, **options)  # type: ignore[arg-type]
        assert one.lecture == other.lecture
        assert one.alt == other.alt
        assert one.grid == other.grid
        assert {mark.key: mark for s in one.series for mark in s.marks} == {
            mark.key: mark for s in other.series for mark in s.marks
        }
