"""The choice of chart, what it draws, and what it refuses."""

from dataclasses import replace

import pytest

from atelier.errors import QuestionError, UnknownNameError
from atelier.figures import build_figure
from atelier.figures.layout import parts_of_whole
from atelier.indicators import StatTable
from tests.figures.tables import (
    COUNT,
    DISTRICTS,
    PARKS,
    SHARE,
    bars,
    build_table,
    districts,
    index,
    line,
    lines,
    stack,
)


@pytest.mark.parametrize(
    ("table", "kind"),
    [
        (line(), "line"),
        (lines(3), "line"),
        (lines(8), "multiples"),
        (stack(), "stack"),
        (bars(), "bars"),
        (districts(), "map"),
        (index(), "line"),
        (build_table([], [[5, None, "A"]]), "bars"),
        (build_table(["age"], [["young", 5, None, "A"], ["old", 50, None, "A"]]), "bars"),
    ],
)
def test_the_kind_follows_the_dimensions(table: StatTable, kind: str) -> None:
    """Time makes lines, many lines make multiples, parts a stack, territories a map, the rest bars."""
    assert build_figure(table, territories=DISTRICTS).kind == kind


def test_territories_without_shapes_make_bars() -> None:
    """A map is never promised without its shapes."""
    assert build_figure(districts()).kind == "bars"


def test_many_lines_stay_one_frame_when_one_is_highlighted() -> None:
    """The others are context, in grey, and a note says so."""
    figure = build_figure(lines(8), highlight="cormes")
    assert figure.kind == "line"
    assert [one.key for one in figure.series if one.highlighted] == ["cormes"]
    assert len({one.color for one in figure.series}) == 2
    assert any("En gris" in note for note in figure.notes)


def test_bars_are_ranked_and_withheld_ones_come_last() -> None:
    """The highest first; hidden and missing values at the end, with their letter."""
    (series,) = build_figure(bars()).series
    assert [mark.key for mark in series.marks] == ["dorval", "aubry", "cormes", "ermont", "belleau", "fleurac"]
    assert [mark.text for mark in series.marks][-2:] == ["[Q]", "[O]"]


def test_ordered_categories_keep_their_order() -> None:
    """Ages are not ranked by value."""
    rows = [["young", 5, None, "A"], ["grown", 90, None, "A"], ["old", 50, None, "A"]]
    (series,) = build_figure(build_table(["age"], rows)).series
    assert [mark.key for mark in series.marks] == ["young", "grown", "old"]


def test_top_keeps_the_highlighted_and_counts_the_others() -> None:
    """``top=1`` of six bars with another highlighted leaves four out, and a note says so."""
    figure = build_figure(bars(), top=1, highlight="ermont")
    assert [mark.key for mark in figure.series[0].marks] == ["dorval", "ermont"]
    assert any(note.startswith("4 autres") for note in figure.notes)


def test_long_rankings_are_cut_and_say_so() -> None:
    """Forty bars are cut to twenty unless told otherwise."""
    rows = [[f"p{rank:02}", rank + 30, None, "A"] for rank in range(40)]
    figure = build_figure(build_table(["park"], rows))
    assert len(figure.series[0].marks) == 20
    assert any(note.startswith("20 autres") for note in figure.notes)


def test_a_forecast_is_never_joined_to_what_was_observed() -> None:
    """A budget after accounts is a point apart; forecasts of several years follow one another."""
    rows = [[year, 500 + int(year), 1000, "F" if int(year) > 2022 else "A"] for year in range(2018, 2025)]
    assert build_figure(build_table(["year"], rows, SHARE)).series[0].breaks == ("2023",)


def test_lines_are_cut_at_breaks_and_at_missing_values() -> None:
    """Series.breaks names the first year after a hole, and the first year counted the new way."""
    assert build_figure(line(hole=2018)).series[0].breaks == ("2019",)
    assert build_figure(line(breaks=[2020])).series[0].breaks == ("2020",)
    kept = line(breaks=[2020])
    without = replace(kept, cells=kept.cells[kept.cells["year"] != 2020].reset_index(drop=True))
    assert build_figure(without).series[0].breaks == ("2021",)


def test_an_index_has_its_base_as_reference() -> None:
    """Base 100 is a line of the figure."""
    assert build_figure(index()).references == (("base 100", 100.0),)


def test_bars_and_stacks_start_from_zero() -> None:
    """Lengths are compared from zero; lines may zoom, and then say so."""
    assert build_figure(bars()).from_zero
    assert build_figure(stack()).from_zero
    zoomed = build_figure(line())
    assert not zoomed.from_zero
    assert "L’axe des valeurs ne part pas de zéro." in zoomed.notes


def test_parts_of_a_whole_are_told_by_the_cells() -> None:
    """Same denominator and numerators that reach it; a filter that drops a part makes them parts no more."""
    found = parts_of_whole(stack())
    assert found is not None
    assert found.id == "species"
    rows = [["oak", 50, 100, "A"], ["beech", 30, 100, "A"]]
    assert parts_of_whole(build_table(["species"], rows, SHARE)) is None


@pytest.mark.parametrize(
    ("table", "options", "advice"),
    [
        (bars(), {"kind": "line"}, "draw bars"),
        (bars(), {"kind": "map"}, "break the table down by one"),
        (districts(), {"kind": "map"}, "add them to the theme"),
        (lines(), {"kind": "stack", "x": "park"}, "break down|does not split"),
        (lines(), {"kind": "map"}, "break the table down"),
        (line(), {"kind": "multiples"}, "draw a line"),
        (lines(8), {"kind": "bars"}, "draw a line or multiples"),
        (line(), {"top": 3}, "top keeps"),
        (bars(), {"top": 0}, "give 1 or more"),
        (build_table(["park"], []), {}, "widen the filters"),
    ],
)
def test_options_that_do_not_fit_are_refused_with_advice(table: StatTable, options: dict, advice: str) -> None:
    """The message says what to ask instead."""
    with pytest.raises(QuestionError, match=advice):
        build_figure(table, **options)


@pytest.mark.parametrize(
    ("options", "named"),
    [({"kind": "pie"}, "line, bars"), ({"highlight": "nowhere"}, "aubry"), ({"x": "sex"}, "year, park")],
)
def test_unknown_names_tell_the_allowed_ones(options: dict, named: str) -> None:
    """Kinds, codes and dimensions."""
    with pytest.raises(UnknownNameError, match=named):
        build_figure(lines(), **options)


@pytest.mark.parametrize("part", ["title", "subtitle", "lecture", "scope", "source", "alt", "y_title"])
def test_a_figure_missing_a_part_is_refused(part: str) -> None:
    """A reader needs each of them."""
    with pytest.raises(QuestionError, match=part):
        replace(build_figure(line()), **{part: " "})


def test_bars_that_do_not_start_from_zero_are_refused() -> None:
    """No drawing may cut them."""
    with pytest.raises(QuestionError, match="start from zero"):
        replace(build_figure(bars()), from_zero=False)


def test_series_are_what_was_asked() -> None:
    """``series`` and ``x`` choose the axes."""
    rows = [[park, species, 10 + rank, None, "A"] for rank, park in enumerate(PARKS) for species in ("oak", "ash")]
    table = build_table(["park", "species"], rows, COUNT)
    figure = build_figure(table, "bars", series="species")
    assert figure.x == "park"
    assert [one.key for one in figure.series] == ["oak", "ash"]
