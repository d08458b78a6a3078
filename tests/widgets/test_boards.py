"""All dashboards, run in one process: any selection shows figures or says why not, and every number is in a table."""

import html
import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import parse_qsl

import numpy as np
import pandas as pd
import pytest

from atelier.workbench import Table
from atelier_widgets import FigureView, KeyFigures, Limits, Narrative
from tests.narrative.tables import read_numbers
from tests.narrative.test_properties import derived

from .conftest import NAMES, Page

NUMBER = re.compile("[-\N{MINUS SIGN}]?\\d[\\d\N{NARROW NO-BREAK SPACE}\N{NO-BREAK SPACE}]*(?:,\\d+)?")
SELECTIONS = [
    ("students", "region=53&institution_type=school&year=2010"),
    ("institution", "institution=yH19Y&peers=region"),
    ("institution", "institution=U8a0v&peers=size&year=2012"),
    ("institution", "peers=all&year=2007&lang=en"),
    ("money", "year=2023"),
    ("money", "region=93&institution_type=school"),
    ("success", "discipline=health&bac_series=s"),
    ("employment", "institution=m7K6T"),
    ("employment", "situation=18&domain=meef&year=2012"),
    ("parcoursup", "programme=nursing&region=06"),
    ("parcoursup", "programme=licence&lang=en"),
]


def show(pages: dict[str, Page], name: str, query: str = "") -> Any:
    """Return a dashboard with another selection."""
    board = pages[name]["board"]
    if board.selection.query != query:
        board.restore(query)
    return board


def words(piece: Any) -> str:
    """Return a piece of page without its tags."""
    return html.unescape(re.sub(r"<[^>]*>", " ", piece.value))


def tiles(board: Any) -> dict[str, str]:
    """Return the values of a page's key figures, by indicator."""
    found = next(one for one in board.views if isinstance(one, KeyFigures))
    return {table.card.id: table.format(table.cells["value"].iloc[0]) for table in found.tables}


@pytest.fixture(scope="module", params=[*((name, "") for name in NAMES), *SELECTIONS], ids="?".join)
def view(request) -> tuple[str, str]:
    """A dashboard and a selection; what is asked of one is asked in a row."""
    return request.param


def test_a_selection_shows_its_figures_or_says_why_not(pages, view):
    """A figure has a value to show and all its words, or one sentence says what would have one."""
    name, query = view
    board = show(pages, name, query)
    assert board.messages == ()
    assert dict(parse_qsl(board.selection.query)) == dict(parse_qsl(query))
    for one in board.views:
        if isinstance(one, FigureView) and one.figure is not None:
            assert any(mark.value is not None for series in one.figure.series for mark in series.marks)
            assert html.escape(one.figure.title) in one.head.value
            assert one.figure.lecture in html.unescape(re.sub("<[^>]+>", "", one.foot.value))
        elif isinstance(one, FigureView):
            assert one.question(board.selection).indicator in board.workbench.indicators
            assert words(one.head).strip().endswith(".")


@pytest.mark.parametrize("name", NAMES)
def test_the_first_view_has_every_figure(pages, name):
    """Nothing is refused to a reader who has chosen nothing."""
    board = show(pages, name)
    assert [one.name for one in board.views if isinstance(one, FigureView) and one.figure is None] == []


def test_every_number_told_is_in_its_table(pages, view):
    """Sentences, titles and Lectures write no number but a cell of their tables, or what two cells give.

    The tables are asked again here. Two cells give a difference, a ratio, a relative change; a table, ranks and counts.
    """
    name, query = view
    board = show(pages, name, query)
    for one in board.views:
        if isinstance(one, Narrative):
            tables = [table for question in one.questions if (table := ask_again(question, board)) is not None]
            text = words(one.widget)
            for table in tables:
                for sentence in table.narrative():
                    assert sentence.text in text
                    assert strangers(sentence.text, [table]) == []
        elif isinstance(one, FigureView) and one.figure is not None:
            figure = one.figure
            values = [mark.value for series in figure.series for mark in series.marks if mark.value is not None]
            across = [mark.across for series in figure.series for mark in series.marks if mark.across is not None]
            bands = [value for band in figure.bands for value in (band.low, band.middle, band.high, band.count)]
            bounds = [bound for one in figure.classes for bound in (one.lower, one.upper)]
            told = [*values, *across, *bands, *bounds, *(value for _, value in (*figure.references, *figure.guides))]
            tables = [figure.table, *([figure.against] if figure.against else [])]
            cells = {float(value) for table in tables for value in table.cells["value"].dropna()}
            if figure.kind not in DERIVED:
                assert {float(value) for value in values} <= cells, one.name
            # What the peers have in common has a test of its own.
            peers = group.label(board.selection) if (group := pages[name].get("group")) else ""
            for text in (figure.title.replace(peers, ""), figure.lecture):
                assert strangers(text, tables, told) == [], (one.name, text)


DERIVED = {"diverging", "distribution"}
"""Kinds that draw gaps or counts rather than cells."""


def ask_again(question: Any, board: Any) -> Table | None:
    """Return the answer of a theme opened apart, without what the page keeps; None where the page has none."""
    if board.answer(question(board.selection)) is None:
        return None
    return question(board.selection).in_language(board.selection.language).table()


def strangers(text: str, tables: list[Table], more: Iterable[float] = ()) -> list[float]:
    """Return the numbers of a text that come from nowhere: neither cells, nor what two cells give, nor small counts."""
    is_share = any(table.card.unit.kind == "share" for table in tables)
    known = {float(one) for one in more}.union(*(derived(table) for table in tables))
    known |= {float(value) for table in tables for value in range(len(table.cells) + 1)}
    known |= {abs(a - b) for a in list(known)[:400] for b in list(known)[:400]} if len(known) < 60 else set()
    known |= {number for table in tables for label in labels_of(table) for number in numbers_of(label)}
    scale = max(table.card.unit.scale for table in tables)
    found = read_numbers(text, tables[0].language, is_share=is_share, scale=scale)
    return [number for number, step in found if not any(abs(number - abs(one)) <= step / 2 + 1e-9 for one in known)]


def labels_of(table: Table) -> set[str]:
    """Return the words whose numbers are names: "30 months after", "base 100"."""
    dimensions = (*table.dimensions, *table.filter_dimensions)
    members = [member.label for dimension in dimensions for member in dimension.members.values()]
    words_of_card = [table.card.label, table.card.short, table.card.unit.label]
    return {text[table.language] for text in (*members, *words_of_card)}


def numbers_of(label: str) -> list[float]:
    """Return the numbers of a name, as they may be read in a sentence."""
    found = [float(one) for one in re.findall(r"\d+", label)]
    return [*found, *(one / 100 for one in found)]


def test_peers_are_those_of_the_group_chosen(pages):
    """By type, universities; by region, those of Grand Est; by size, from half to twice the students."""
    page = pages["institution"]
    board = show(pages, "institution")
    codes = dict(page["group"].codes.attributes)

    def peers(query: str) -> pd.DataFrame:
        board.restore(query)
        return board.ask(page["group"].split(page["women"](board.selection), board.selection)).cells

    assert {codes[one]["institution_type"] for one in peers("")["institution"]} == {"university"}
    assert {codes[one]["region"] for one in peers("peers=region")["institution"]} == {"44"}
    sizes = peers("peers=size")["denominator"]
    assert 50832 / 2 <= sizes.min() <= sizes.max() <= 50832 * 2
    assert "4k25D" in set(peers("peers=size")["institution"])


def test_a_rank_is_that_of_the_values(pages):
    """Recomputed with pandas: rank from the highest, size of the group, median."""
    board = show(pages, "institution")
    position = next(one for one in board.views if one.name == "position")
    for table in position.tables:
        values = table.cells.dropna(subset=["value"]).set_index("institution")["value"]
        rank = int(values.rank(method="min", ascending=False)["4k25D"])
        shown = words(position.widget)
        assert f"{rank}e sur {len(values)}" in shown
        assert table.format(values.median()) in shown


def test_what_does_not_compare_is_told(pages):
    """A region mixes types; an institution without accounts, or of another perimeter, is named."""
    told = {query: caution(pages, query) for query in ("", "peers=region")}
    assert not any("mêle des types" in one for one in told[""])
    assert any("mêle des types" in one for one in told["peers=region"])
    assert any("porte aussi les chiffres" in one for one in told[""])


def caution(pages: dict[str, Page], query: str) -> tuple[str, ...]:
    """Return the warnings of a selection of the institution's page."""
    board = show(pages, "institution", query)
    return next(one for one in board.views if one.name == "cautions").told


def test_a_year_without_figures_says_which_years_have_some(pages):
    """Master's graduates of 2018 have no published pay in Strasbourg; accounts begin in 2010."""
    board = show(pages, "institution", "year=2007")
    cash = next(one for one in board.views if one.name == "figure cash")
    assert cash.figure is None
    assert "de 2010 à 2023" in words(cash.head)


def test_a_domain_and_a_date_are_always_chosen(pages):
    """What is published and never added is never left open, and holds for the country too."""
    board = show(pages, "employment", "institution=4k25D")
    assert "" not in board.choices.codes("domain", board.selection.chosen)
    assert "" in board.choices.codes("institution", board.selection.chosen)
    lines = next(one for one in board.views if one.name == "figure insertion").figure.series
    assert [(one.label, one.marks[-1].value) for one in lines] == [("Université de Strasbourg", 0.93), ("France", 0.92)]


def test_the_whole_is_never_a_copy_of_the_part(pages):
    """Fields of study of Strasbourg beside those of France, even where the question keeps the institution."""
    board = show(pages, "institution")
    here, france = next(one for one in board.views if one.name == "figure discipline").figure.series
    assert france.label == "France"
    whole = board.workbench.indicator("discipline-share").by("discipline").where(year=2022).table().cells
    assert {mark.key: mark.value for mark in france.marks} == dict(
        zip(whole["discipline"], whole["value"], strict=True)
    )
    assert [mark.value for mark in here.marks] != [mark.value for mark in france.marks]


def test_thresholds_are_drawn_and_told(pages):
    """Thirty days of cash: a line with its words, and what sets it in a note."""
    board = show(pages, "money")
    cash = next(one for one in board.views if one.name == "figure cash").figure
    assert [value for _, value in cash.references] == [30]
    assert any("arrêté du 5 décembre 2024" in note for note in cash.notes)
    rules = next(one for one in board.views if one.name == "figure cash_by_type").chart.rules
    assert np.ravel(rules.x).tolist() == [30, 30]


def test_a_budget_is_never_joined_to_accounts(pages):
    """2023 is a forecast: the line is cut before it."""
    board = show(pages, "money")
    line = next(one for one in board.views if one.name == "figure cash").figure.series[0]
    assert line.marks[-1].is_forecast
    assert line.marks[-1].key in line.breaks


@pytest.mark.parametrize("name", NAMES)
def test_what_the_figures_do_not_say_is_that_of_the_cards(pages, name):
    """Each limit is written on a card or in a source, in both languages."""
    board = show(pages, name)
    limits = next(one for one in board.views if isinstance(one, Limits))
    for lang in ("en", "fr"):
        limits.redraw(board.selection.choose("lang", lang)[0])
        for indicator in limits.indicators:
            assert html.escape(board.workbench.indicators[indicator].limits[lang]) in limits.widget.value


@pytest.mark.parametrize("name", NAMES)
def test_a_page_begins_with_its_questions(pages, name):
    """Each is a link to the heading that it names."""
    board = show(pages, name)
    contents = next(one for one in board.views if one.name == "contents").widget.value
    anchors = re.findall(r'href="#([^"]+)"', contents)
    headings = [re.search(r'id="([^"]+)"', one.widget.value)[1] for one in board.views if "heading" in one.name]
    assert anchors == headings


def test_money_is_that_of_the_accounts(pages, raw_data):
    """Recomputed from the ministry's table: Strasbourg in 2022."""
    path = raw_data / "fr-esr-operateurs-indicateurs-financiers_2010-2023.csv"
    raw = pd.read_csv(path, sep=";", encoding="utf-8-sig", low_memory=False)
    row = raw[(raw["exercice"] == 2022) & (raw["id - paysage"] == "4k25D")].iloc[0]
    own, income = row["Ressources propres encaissables"], row["Produits de fonctionnement encaissables"]
    shown = tiles(show(pages, "money", "institution=4k25D"))
    assert shown["own-resources-share"] == french(100 * own / income, 1) + " %".replace(
        " ", "\N{NARROW NO-BREAK SPACE}"
    )
    assert shown["cash-days"] == french(360 * row["Trésorerie"] / row["Charges de fonctionnement décaissables"], 1)
    assert shown["staff-cost-share"].startswith(french(100 * row["Charges de personnel"] / income, 1))


def test_success_is_that_of_the_cohorts(pages, raw_data):
    """Recomputed from the ministry's table: sums over sums, never a mean of rates."""
    path = raw_data / "fr-esr-parcours-et-reussite-des-bacheliers-en-licence_2012-2014.csv"
    raw = pd.read_csv(path, sep=";", encoding="utf-8-sig", low_memory=False).sum(numeric_only=True)
    shown = tiles(show(pages, "success"))
    graduates, started = raw["reussite_3_ans"] + raw["reussite_4_ans"], raw["effectif_neobacheliers_reussite"]
    moved, entered = raw["passage_en_l2_1_an"], raw["effectif_neobacheliers_passage"]
    assert shown["licence-within-four"].startswith(french(100 * graduates / started, 1))
    assert shown["licence-in-three"].startswith(french(100 * raw["reussite_3_ans"] / started, 1))
    assert shown["second-year-after-one"].startswith(french(100 * moved / entered, 1))


def test_employment_is_as_published(pages, raw_data):
    """The row of all universities, law, economics and management, graduates of 2018 after 30 months."""
    path = raw_data / "fr-esr-insertion_professionnelle-master_2010-2018.csv"
    raw = pd.read_csv(path, sep=";", encoding="utf-8-sig", dtype=str)
    kept = raw[(raw["annee"] == "2018") & (raw["code_de_la_discipline"] == "disc01")]
    row = kept[(kept["numero_de_l_etablissement"] == "UNIV") & kept["situation"].str.startswith("30")].iloc[0]
    shown = tiles(show(pages, "employment"))
    assert shown["master-insertion-rate"].startswith(row["taux_dinsertion"])
    assert shown["master-response-rate"].startswith(french(float(row["taux_de_reponse"]), 0))
    assert shown["master-median-salary"] == french(float(row["salaire_net_median_des_emplois_a_temps_plein"]), 0)


def test_parcoursup_is_the_sum_of_its_courses(pages, raw_data):
    """Recomputed from the ministry's table: places, wishes and admitted of 2019."""
    raw = pd.read_parquet(raw_data / "fr-esr-parcoursup_2018-2019.parquet")
    total = raw[raw["Session"].astype(str) == "2019"].sum(numeric_only=True)
    shown = tiles(show(pages, "parcoursup"))
    wishes = total["Effectif.total.des.candidats.en.phase.principale"]
    places = total["Capacité.de.l.établissement.par.formation"]
    assert shown["parcoursup-places"] == french(places, 0)
    assert shown["parcoursup-wishes"] == french(wishes, 0)
    assert shown["parcoursup-pressure"] == french(wishes / places, 1)


def french(value: float, decimals: int) -> str:
    """Return a number in French form, without the code under test."""
    return f"{value:,.{decimals}f}".replace(",", "\N{NARROW NO-BREAK SPACE}").replace(".", ",")


@pytest.mark.parametrize("name", NAMES)
def test_each_control_changes_address_title_words_drawings_and_tables_together(pages, name):
    """Another code of each parameter, one after the other, from the first view."""
    before = parts_of(show(pages, name))
    for parameter in (one for one in pages[name]["board"].choices.parameters.defaults if one != "lang"):
        board = show(pages, name)
        board.choose(parameter, other_code(board, parameter))
        after = parts_of(board)
        assert parameter in dict(parse_qsl(board.selection.query))
        assert {part for part in before if before[part] == after[part]} == set(), parameter


def other_code(board: Any, parameter: str) -> str:
    """Return a code of a parameter, not the one chosen; from the middle, where there are figures to show."""
    shown = board.selection.get(parameter, "")
    codes = [code for code in board.choices.codes(parameter, board.selection.chosen) if code not in ("", shown)]
    return codes[len(codes) // 2]


def parts_of(board: Any) -> dict[str, Any]:
    """Return what a reader sees of a page, by part: address, words, titles of figures, what is drawn, data tables."""
    figures = [one for one in board.views if isinstance(one, FigureView)]
    drawn = [[mark for series in one.figure.series for mark in series.marks] if one.figure else None for one in figures]
    return {
        "address": board.selection.query,
        "words": [
            *(one.widget.value for one in board.views if isinstance(one, (KeyFigures, Narrative))),
            *(one.foot.value for one in figures),
        ],
        "titles": [one.head.value for one in figures],
        "drawings": drawn,
        "tables": [one.figure.table.cells.to_csv() if one.figure else None for one in figures],
    }
