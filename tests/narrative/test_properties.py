"""What holds for every table: numbers come from cells, hidden ones stay hidden, breaks are never crossed."""

import math
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from atelier.indicators import StatTable
from atelier.narrative import build_narrative
from atelier.narrative.sentences import Sentence
from tests.narrative.tables import MEASURES, build_table, read_numbers, read_years

COMPARING = {"change", "since", "extremes", "turn", "trend", "jump"}
CANARY = 7_654_321.0
PARKS = ("Aubry", "Belleau", "Cormes", "Dorval", "Ermont", "Fleurac")


@st.composite
def tables(draw: st.DrawFn, *, canary: float = math.nan, over_time: bool | None = None) -> StatTable:
    """Draw a table: any measure, values steady or wild, some hidden, missing, small or provisional, some breaks."""
    measure, language = draw(st.sampled_from(sorted(MEASURES))), draw(st.sampled_from(["fr", "en"]))
    is_time = draw(st.booleans()) if over_time is None else over_time
    codes = draw(st.lists(st.integers(2000, 2020), unique=True, min_size=1, max_size=9).map(sorted))
    codes = codes if is_time else list(PARKS[: draw(st.integers(1, len(PARKS)))])
    step = st.integers(-12, 12).map(lambda per_cent: 1 + per_cent / 100)
    value = draw(st.sampled_from([1, 9, 80, 900, 40_000, 2_000_000]))
    cells = {}
    for code in codes:
        value = draw(st.one_of(step.map(lambda by, now=value: now * by), st.integers(0, 3_000_000)))
        status = draw(st.sampled_from("AAAAAAUPFQOM"))
        told = value / 3_000_001 % 1 if measure == "share" else float(round(value))
        cells[code] = (canary if status in "QOM" else told, status)
    breaks = draw(st.lists(st.integers(2001, 2021), max_size=2)) if is_time else []
    return build_table(cells, measure, language=language, breaks=breaks)


def derived(table: StatTable) -> set[float]:
    """Return the cells that may be told, with the difference, ratio and relative change of each two."""
    seen = [float(one) for one in table.cells.loc[~table.cells["status"].isin(list("QOM")), "value"]]
    pairs = [(a, b) for a in seen for b in seen]
    ratios = [value for a, b in pairs if b for value in (a / b, abs((a - b) / b))]
    return {*seen, *(abs(a - b) for a, b in pairs), *ratios}


def told(table: StatTable, **options: object) -> tuple[Sentence, ...]:
    """Return the narrative of a table."""
    return build_narrative(table, **options)  # type: ignore[arg-type]


@settings(deadline=None)
@given(tables())
def test_every_number_written_is_listed(table: StatTable) -> None:
    """A number read back from a sentence is one of its numbers, rounded."""
    is_share = table.card.unit.kind == "share"
    for sentence in told(table):
        for number, step in read_numbers(sentence.text, table.language, is_share=is_share, scale=table.card.unit.scale):
            assert any(abs(number - listed) <= step / 2 + 1e-9 * max(1, listed) for listed in sentence.numbers), (
                sentence
            )


@settings(deadline=None)
@given(tables())
def test_every_number_listed_comes_from_cells(table: StatTable) -> None:
    """A number is a cell that may be told, or the difference, ratio or relative change of two."""
    known = derived(table)
    for sentence in told(table):
        for number in sentence.numbers:
            assert any(math.isclose(number, one, rel_tol=1e-9, abs_tol=1e-12) for one in known), sentence


@settings(deadline=None)
@given(st.data())
def test_a_hidden_value_changes_nothing(data: st.DataObject) -> None:
    """Were a hidden cell to carry its value by mistake, no sentence would show it."""
    table = data.draw(tables(canary=CANARY))
    safe = table.cells.copy()
    safe.loc[safe["status"].isin(list("QOM")), "value"] = math.nan
    bare = type(table)(**{**vars(table), "cells": safe})
    assert told(table) == told(bare)
    assert all(CANARY not in sentence.numbers for sentence in told(table))


@settings(deadline=None)
@given(tables(over_time=True))
def test_no_sentence_compares_across_a_break(table: StatTable) -> None:
    """Whatever compares names no year before the last break or the last year not observed; a forecast is none."""
    seen = [int(year) for year in table.cells.loc[~table.cells["status"].isin(list("QOMF")), "year"]]
    if not seen:
        return
    breaks = [note.year for note in table.notes if note.year and note.year <= seen[-1]]
    gaps = [year + 1 for year in range(seen[0], seen[-1]) if year not in seen]
    earliest = max([seen[0], *(one for one in breaks + gaps if one > seen[0])])
    for sentence in told(table):
        if sentence.kind in COMPARING:
            assert min(read_years(sentence.text)) >= earliest, sentence


@settings(deadline=None)
@given(tables(over_time=True))
def test_a_forecast_is_compared_with_nothing_observed(table: StatTable) -> None:
    """No sentence that compares names the year of a forecast, unless all years are forecasts."""
    forecasts = set(table.cells.loc[table.cells["status"] == "F", "year"])
    if len(forecasts) == len(table.cells):
        return
    for sentence in (*told(table), *told(table, compare={"Ensemble": table})):
        if sentence.kind in COMPARING:
            assert not forecasts & set(read_years(sentence.text)), sentence


@pytest.mark.parametrize("measure", ["number", "share"])
def test_a_balance_may_change_a_good_deal(measure: str) -> None:
    """Values that may be negative move without their scope changing: no jump is told."""
    table = build_table({2019: (0.2, "A"), 2020: (0.6, "A")}, measure)
    assert "jump" in {sentence.kind for sentence in told(table)}
    signed = replace(table, card=replace(table.card, unit=table.card.unit.model_copy(update={"signed": True})))
    assert "jump" not in {sentence.kind for sentence in told(signed)}


@settings(deadline=None)
@given(tables())
def test_a_table_always_tells_the_same(table: StatTable) -> None:
    """The order of rows does not matter, nor does telling twice."""
    shuffled = type(table)(**{**vars(table), "cells": table.cells.iloc[::-1]})
    if table.dimensions[0].kind == "time":
        assert told(table) == told(shuffled)
    assert told(table) == told(table)


@settings(deadline=None)
@given(tables())
def test_sentences_are_well_formed(table: StatTable) -> None:
    """A capital, one full stop at the end, no blank left to fill, French spaces that do not break."""
    for sentence in told(table):
        text = sentence.text
        assert text[0] == text[0].upper()
        assert text.endswith(".")
        assert "  " not in text
        assert not set("{}") & set(text)
        if table.language == "fr":
            assert not any(f" {sign}" in text for sign in ":;»%")


@settings(deadline=None)
@given(tables(over_time=True), st.sampled_from([0.5, 1.0, 3.0]))
def test_a_reference_keeps_the_same_promises(table: StatTable, size: float) -> None:
    """Numbers of a comparison come from the table and its reference."""
    if table.card.unit.kind == "share":
        size = 1.0
    wider = type(table)(**{**vars(table), "cells": table.cells.assign(value=table.cells["value"] * size)})
    is_share = table.card.unit.kind == "share"
    for sentence in told(table, compare={"Ensemble": wider}):
        for number, step in read_numbers(sentence.text, table.language, is_share=is_share, scale=table.card.unit.scale):
            assert any(abs(number - listed) <= step / 2 + 1e-9 * max(1, listed) for listed in sentence.numbers), (
                sentence
            )


@pytest.mark.parametrize("language", ["fr", "en"])
def test_a_table_without_any_value_tells_no_number(language: str) -> None:
    """All hidden: the reason, and nothing else."""
    (sentence,) = told(build_table({2019: (None, "Q"), 2020: (None, "Q")}, language=language))
    assert sentence.kind == "absent"
    assert sentence.numbers == ()
