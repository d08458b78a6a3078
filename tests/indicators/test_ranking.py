"""Ranks among peers: equal values share a rank and a quartile; what is hidden or missing is not ranked."""

from dataclasses import replace

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from atelier.indicators import StatTable, rank_members
from atelier.references import UNMATCHED
from tests.figures.tables import PARKS, build_table

VALUES = st.lists(st.one_of(st.none(), st.integers(0, 12)), min_size=1, max_size=len(PARKS))


def parks(values: list[int | None], statuses: str = "", direction: str = "better") -> StatTable:
    """Return a table with one value per park; None is a hidden cell."""
    rows = [
        (park, value, None, "Q" if value is None else (statuses[place : place + 1] or "A"))
        for place, (park, value) in enumerate(zip(PARKS, values, strict=False))
    ]
    table = build_table(["park"], rows)
    return replace(table, card=replace(table.card, direction=direction))  # type: ignore[arg-type]


def test_ranks_are_dense_and_quartiles_count_who_is_before() -> None:
    """Two firsts, then a second; a quarter of eight is two."""
    ranked = rank_members(parks([90, 90, 70, 60, 50, 40, 30, 20]))
    assert list(ranked["rank"]) == [1, 1, 2, 3, 4, 5, 6, 7]
    assert list(ranked["quartile"]) == [1, 1, 2, 2, 3, 3, 4, 4]
    assert set(ranked["group_size"]) == {8}
    assert list(rank_members(parks([90, 90, 70, 60]), ties="shared")["rank"]) == [1, 1, 3, 4]


def test_the_lowest_is_first_where_higher_is_worse() -> None:
    """The indicator's direction decides, unless the question does."""
    table = parks([90, 70, 60, 50], direction="worse")
    assert list(rank_members(table)["rank"]) == [4, 3, 2, 1]
    assert list(rank_members(table, highest_first=True)["rank"]) == [1, 2, 3, 4]


def test_hidden_cells_are_not_ranked_and_small_ones_are_flagged() -> None:
    """A hidden cell has no rank, and nobody's rank tells where it stands."""
    ranked = rank_members(parks([90, None, 10, 60], statuses="AQUA")).set_index("park")
    assert "belleau" not in ranked.index
    assert set(ranked["group_size"]) == {3}
    assert ranked["small"].to_dict() == {"aubry": False, "cormes": True, "dorval": False}


def test_a_group_of_fewer_than_four_has_no_quartile() -> None:
    """Three members do not make four quarters."""
    assert rank_members(parks([3, 2, 1]))["quartile"].isna().all()


def test_a_forecast_is_ranked_among_forecasts() -> None:
    """A budget is not set against accounts."""
    ranked = rank_members(parks([90, 80, 70, 60], statuses="AFAF"))
    assert list(ranked["rank"]) == [1, 1, 2, 2]
    assert set(ranked["group_size"]) == {2}


def test_figures_that_match_no_code_are_nobody_s() -> None:
    """They take no rank."""
    table = parks([90, 80, 70, 60])
    cells = table.cells.assign(park=[UNMATCHED, *PARKS[1:4]])
    assert set(rank_members(replace(table, cells=cells))["rank"]) == {1, 2, 3}


def test_each_year_is_a_group_of_its_own() -> None:
    """Members are compared with those of the same year."""
    rows = [(year, park, value, None, "A") for year, park, value in ((2020, "aubry", 1), (2020, "belleau", 2))]
    rows += [(2021, "aubry", 5, None, "A")]
    ranked = rank_members(build_table(["year", "park"], rows))
    assert list(ranked["rank"]) == [2, 1, 1]
    assert list(ranked["group_size"]) == [2, 2, 1]


def test_a_table_with_nothing_to_rank_is_refused() -> None:
    """Years have no rank."""
    with pytest.raises(KeyError):
        rank_members(build_table(["year"], [(2020, 1, None, "A")]))


@given(VALUES)
@settings(deadline=None, max_examples=50)
def test_a_rank_tells_how_many_values_are_before(values: list[int | None]) -> None:
    """Whatever the values: ranks follow their order without a hole, equal values share rank and quartile."""
    ranked = rank_members(parks(values))
    known = [value for value in values if value is not None]
    assert len(ranked) == len(known)
    distinct = sorted(set(known), reverse=True)
    for row in ranked.itertuples():
        assert row.rank == distinct.index(row.value) + 1
        if len(known) >= 4:
            before = sum(value > row.value for value in known)
            assert (row.quartile - 1) / 4 <= before / len(known) < row.quartile / 4
    shared = rank_members(parks(values), ties="shared")
    assert list(shared["rank"]) == [sum(value > row for value in known) + 1 for row in shared["value"]]


@given(VALUES, st.randoms())
@settings(deadline=None, max_examples=30)
def test_the_order_of_rows_does_not_matter(values: list[int | None], random: object) -> None:
    """Shuffled cells get the same ranks."""
    table = parks(values)
    order = list(range(len(table.cells)))
    random.shuffle(order)  # type: ignore[attr-defined]
    shuffled = replace(table, cells=table.cells.iloc[order].reset_index(drop=True))
    plain, mixed = (rank_members(one).sort_values("park", ignore_index=True) for one in (table, shuffled))
    pd.testing.assert_frame_equal(plain, mixed)
