"""A profile asks the right questions, for any institution."""

from pathlib import Path

import pytest

from atelier import open_theme, reports
from atelier.errors import QuestionError, UnknownNameError
from atelier.reports.blocks import FigureBlock, Notice
from atelier.reports.profile import Profile, nearest, rank
from atelier.workbench import Workbench


def profile_of(esr: Workbench, institution: str, year: int = 2022) -> Profile:
    """Return the profile of an institution."""
    return reports.open_profile(esr, "students", group="institution-type", year=year, institution=institution)


def test_an_institution_without_figures_this_year_is_told_at_its_last_one(esr: Workbench) -> None:
    """Clermont Auvergne INP stops in 2019: so does its profile, and its cover says so."""
    profile = profile_of(esr, "S8ntZ")
    assert profile.year == 2019
    assert "2022" in reports.cover(profile, "Profil").warnings[0]


def test_a_year_before_the_first_figures_is_refused_with_the_years_there_are(esr: Workbench) -> None:
    """The message gives the way out."""
    with pytest.raises(QuestionError, match="its figures run from 2017 to 2022"):
        profile_of(esr, "13fXQ", 2010)


def test_an_institution_without_figures_is_refused(esr: Workbench) -> None:
    """Brest Business School is in the list of institutions, not in the enrolment table."""
    with pytest.raises(UnknownNameError, match="unknown institution '11v7N'"):
        profile_of(esr, "11v7N")


def test_an_unknown_group_or_dimension_is_refused(esr: Workbench) -> None:
    """A theme author sees what may be written."""
    with pytest.raises(UnknownNameError, match="institution_type"):
        reports.open_profile(esr, "students", group="kind", year=2022, institution="4k25D")
    with pytest.raises(UnknownNameError, match="Allowed: code, label"):
        reports.open_profile(esr, "students", group="institution-type", year=2022, region="44")


def test_a_merged_institution_carries_its_predecessors(esr: Workbench) -> None:
    """Lille's series begins before Lille."""
    assert profile_of(esr, "U8a0v").years[0] == 2006


def test_key_figures_are_those_of_the_python_call(esr: Workbench) -> None:
    """Strasbourg 2022: 50,832 students, of whom 29,724 women."""
    students, women = reports.key_figures(profile_of(esr, "4k25D"), "students", "women-share").figures
    assert students.value == "50\u202f832"
    assert students.changes[0] == ("sur 1 an", "−2,0\u202f%")
    assert women.value == "58,5\u202f%"
    assert women.parts == "29\u202f724 sur 50\u202f832"
    table = esr.indicator("women-share").by("year").where(institution="4k25D", year=[2021, 2022]).table()
    before, now = table.frame["value"]
    assert table.frame["numerator"].iloc[-1] == 29_724
    assert women.changes[0] == ("sur 1 an", f"+{100 * (now - before):.1f}\u00a0pt".replace(".", ","))


def test_a_change_that_cannot_be_told_says_so_and_the_legend_follows(esr: Workbench) -> None:
    """No blank: a code in brackets, and what it means."""
    block = reports.key_figures(profile_of(esr, "13fXQ", 2018), "students")
    assert block.figures[0].changes[1] == ("sur 5 ans", "[M]")
    assert any(note.startswith("[M]") for note in block.notes)


def test_a_comparison_holds_each_answer_unchanged(esr: Workbench) -> None:
    """Side by side, the numbers are those of three separate questions."""
    profile = profile_of(esr, "4k25D")
    cells = profile.compare("women-share", "year").cells
    france = esr.indicator("women-share").by("year").where(year="2006..2022").table().frame
    assert list(cells.loc[cells["compared"] == "whole", "value"]) == list(france["value"])
    assert set(cells["compared"]) == {"member", "group", "whole"}


def test_an_index_starts_in_the_same_year_for_all(esr: Workbench) -> None:
    """Base 100 is the member's first autumn, for its group and the country too."""
    cells = profile_of(esr, "13fXQ").compare("students-index", "year").cells
    assert set(cells.loc[cells["year"] == 2017, "value"]) == {100.0}


def test_the_nearest_peers_hold_the_member_and_follow_its_rank(esr: Workbench) -> None:
    """The first, the last and those between have as many neighbours."""
    peers = profile_of(esr, "4k25D").peers("students")
    ordered = peers.cells.sort_values("value", ascending=False)["institution"]
    for code in (ordered.iloc[0], "4k25D", ordered.iloc[-1]):
        window = nearest(peers, code).cells["institution"]
        assert code in set(window)
        assert len(window) == 11
    assert rank(peers, ordered.iloc[0]) == (1, 67)
    assert rank(peers, "4k25D")[0] == list(ordered).index("4k25D") + 1


def test_a_rank_is_told_in_both_languages(esr: Workbench, home: Path) -> None:
    """With the ordinal of each language."""
    english = open_theme("esr", language="en", home=home)
    (french_sentence,) = reports.rank_sentence(profile_of(esr, "4k25D"), "students").sentences
    (english_sentence,) = reports.rank_sentence(profile_of(english, "4k25D"), "students").sentences
    assert "5e rang sur 67" in french_sentence
    assert "ranks 5th of 67" in english_sentence


def test_one_autumn_alone_has_no_trend(esr: Workbench) -> None:
    """A sentence takes the place of a line with one point."""
    assert isinstance(reports.figure(profile_of(esr, "13fXQ", 2017).compare("students", "year"), "line"), Notice)


def test_a_table_without_values_is_told_not_drawn(esr: Workbench) -> None:
    """No empty axes."""
    table = esr.indicator("students").by("year").where(institution="S8ntZ", year=2022).table()
    assert isinstance(reports.figure(table), Notice)


def test_the_table_of_a_figure_holds_every_mark(esr: Workbench) -> None:
    """Readers who cannot see the drawing get its numbers."""
    block = reports.figure(profile_of(esr, "4k25D").compare("students-index", "year"), "line", series="compared")
    assert isinstance(block, FigureBlock)
    assert [row[0] for row in block.rows] == [str(year) for year in range(2006, 2023)]
    assert len(block.columns) == len(block.rows[0]) == 4
