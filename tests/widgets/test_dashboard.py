"""Chart, table, text, title, alternative text and address change together, in both languages."""

import html
import re
from typing import Any

import bqplot
import numpy as np
import pytest

from atelier.figures import Figure
from atelier_widgets import FigureView
from atelier_widgets.view import View

NARROW = "\N{NARROW NO-BREAK SPACE}"


def view(page: dict[str, Any], name: str) -> View:
    """Return a view of the page by name."""
    return next(one for one in page["board"].views if one.name == name)


def figure(page: dict[str, Any], name: str) -> Figure:
    """Return what a figure of the page draws."""
    found = view(page, f"figure {name}")
    assert isinstance(found, FigureView)
    assert found.figure is not None
    return found.figure


def drawn(page: dict[str, Any], name: str, kind: type) -> list[Any]:
    """Return the visible marks of a kind in a figure's drawing."""
    return [mark for mark in view(page, f"figure {name}").chart.widget.marks if isinstance(mark, kind) and mark.visible]


def text(piece: Any) -> str:
    """Return a piece of page without its tags."""
    return html.unescape(re.sub(r"<[^>]*>", " ", piece.value))


def test_strasbourg_in_2022(open_page):
    """The published figures: 50,832 students, of whom 29,724 women."""
    page = open_page("institution=4k25D")
    assert figure(page, "trend").series[0].marks[-1].value == 50832
    women = figure(page, "women").table.cells
    assert women.query("compared == '0' and year == 2022")["numerator"].tolist() == [29724]
    tiles = text(view(page, "key figures").widget)
    assert f"50{NARROW}832" in tiles
    assert f"58,5{NARROW}%" in tiles
    assert f"1{NARROW}739{NARROW}352" in tiles


def test_everything_follows_a_change(open_page):
    """One choice changes the line, the table, the title, the alternative text, the reading sentence and the address."""
    page = open_page("")
    trend = view(page, "figure trend")
    before = (trend.head.value, trend.foot.value, view(page, "controls").address.value)
    line = drawn(page, "trend", bqplot.Lines)[0]
    page["board"].choose("region", "44")
    after = (trend.head.value, trend.foot.value, view(page, "controls").address.value)
    assert all(old != new for old, new in zip(before, after, strict=True))
    assert "Grand Est" in text(trend.head)
    assert f"147{NARROW}279" in re.search('data-atelier-alt="([^"]*)"', trend.head.value)[1]
    assert 'data-atelier-query="region=44"' in view(page, "controls").address.value
    assert drawn(page, "trend", bqplot.Lines)[0] is line
    assert line.y[-1] == 147279


@pytest.mark.parametrize("query", ["", "region=44&institution=4k25D", "region=11&institution_type=school&year=2010"])
def test_a_drawing_shows_the_marks_and_nothing_else(open_page, query):
    """Each line's points are the figure's marks, in order."""
    page = open_page(query)
    for name in ("trend", "growth", "women"):
        lines = [one for one in drawn(page, name, bqplot.Lines) if one.line_style == "solid"]
        shown = sorted(tuple(value for value in line.y if not np.isnan(value)) for line in lines)
        series = figure(page, name).series
        assert shown == sorted(tuple(m.value for m in one.marks if m.value is not None) for one in series)


def test_bars_show_the_marks_for_each_place(open_page):
    """Three places: three bars for each field of study, and each value written as the figure writes it."""
    page = open_page("region=44&institution=4k25D")
    bars = drawn(page, "discipline", bqplot.Bars)[0]
    series = figure(page, "discipline").series
    assert np.allclose(bars.y, [[mark.value for mark in one.marks] for one in series])
    numbers = [one for one in drawn(page, "discipline", bqplot.Label) if one.font_weight == "bold"]
    assert [list(one.text) for one in numbers] == [[mark.text for mark in one.marks] for one in series]


def test_a_selection_is_compared_with_its_region_and_the_country(open_page):
    """Three lines for an institution, two for a region, one for the country."""
    page = open_page("institution=4k25D")
    board = page["board"]
    assert [one.label for one in figure(page, "women").series] == ["Université de Strasbourg", "Grand Est", "France"]
    board.choose("region", "44")
    board.choose("institution", "")
    assert [one.label for one in figure(page, "women").series] == ["Grand Est", "France"]
    board.reset()
    assert len(figure(page, "women").series) == 1


def test_a_type_alone_is_compared_with_the_country(open_page):
    """Universities against France; no region is implied."""
    page = open_page("institution_type=university")
    assert [one.label for one in figure(page, "growth").series] == ["Universités", "France"]


def test_the_page_in_english(open_page):
    """Title, controls, numbers, ticks and legend are English."""
    page = open_page("lang=en&institution=4k25D")
    assert "Who studies where?" in view(page, "title").widget.value
    assert [one.description for one in view(page, "controls").lists.values()] == [
        "Autumn",
        "Region",
        "Type of institution",
        "Institution",
    ]
    assert "50,832" in text(view(page, "key figures").widget)
    ticks = view(page, "figure trend").chart.values.axis.tick_labels
    assert all("," in label for label in ticks.values())
    assert figure(page, "trend").lecture.startswith("Reading")
    assert 'data-atelier-query="institution=4k25D&amp;lang=en"' in view(page, "controls").address.value


def test_ticks_are_in_french_form(open_page):
    """A narrow no-break space between thousands, never a comma."""
    labels = view(open_page(""), "figure trend").chart.values.axis.tick_labels.values()
    assert all(NARROW in label and "," not in label for label in labels)


def test_every_figure_says_what_it_is(open_page):
    """Title, reading sentence, scope, source, alternative text and data stand around each drawing."""
    page = open_page("region=44")
    for one in page["board"].views:
        if isinstance(one, FigureView):
            assert one.figure is not None, one.name
            around = one.head.value + one.foot.value + one.tools.data.value
            for words in (one.figure.title, one.figure.lecture, one.figure.scope, one.figure.source, one.figure.alt):
                assert words in html.unescape(re.sub(r"</?a\b[^>]*>", "", around))
            assert "<details" in around
            assert "<caption>" in around


def test_the_change_is_told_to_those_who_do_not_see_it(open_page):
    """Nothing at first; then what is shown, and what had to be dropped."""
    page = open_page("region=44&institution=4k25D")
    status = view(page, "controls").status
    assert status.value == ""
    page["board"].choose("region", "53")
    assert "Bretagne" in text(status)
    assert "Université de Strasbourg" in text(status)


def test_the_map_chooses_a_region(open_page):
    """A click on a territory is a choice like another; the chosen one is outlined."""
    page = open_page("")
    chart = view(page, "figure women_by_region").chart
    chart.areas["53"].comm.handle_msg(
        {"content": {"data": {"method": "custom", "content": {"event": "element_click"}}}}
    )
    assert page["board"].selection.query == "region=53"
    assert chart.chosen.visible
    assert len(chart.chosen.x) > 10
    assert chart.chosen.x[-1] == chart.chosen.x[-1]  # no gap at its end


def test_the_map_fills_each_region_by_its_class(open_page):
    """The colour of a territory is the class that holds its value."""
    page = open_page("")
    shown, areas = figure(page, "women_by_region"), view(page, "figure women_by_region").chart.areas
    for mark in shown.series[0].marks:
        [color] = areas[mark.key].fill_colors
        held = [one for one in shown.classes if one.color == color]
        assert held[0].lower <= mark.value <= held[0].upper


def test_files_are_made_when_asked_for(open_page):
    """No file before the button is pressed; then two for the page; none of an old selection."""
    page = open_page("region=44")
    downloads = view(page, "downloads")
    assert downloads.files.value == ""
    downloads.button.click()
    assert downloads.files.value.count("download=") == 2
    page["board"].choose("region", "53")
    assert downloads.files.value == ""


def test_an_error_of_the_address_is_shown_and_cannot_inject(open_page):
    """What an address holds is shown as text."""
    page = open_page("region=%3Cimg%20src%3Dx%20onerror%3Dalert(1)%3E")
    notice = view(page, "controls").notice
    assert "&lt;img" in notice.value
    assert "<img" not in notice.value
    assert notice.layout.display is None


def test_showing_a_view_again_replaces_it(open_page):
    """An analyst runs a cell twice: the first drawing is left alone."""
    page = open_page(None)
    before = len(page["board"].views)
    page["board"].show(FigureView(page["trend"], "line"))
    assert len(page["board"].views) == before


def test_the_style_comes_along_in_jupyterlab_only(open_page):
    """A page links the sheet; a notebook carries it."""
    assert "<style>" in view(open_page(None), "controls").address.value
    assert "<style>" not in view(open_page(""), "controls").address.value
