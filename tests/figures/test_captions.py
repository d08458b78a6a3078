"""The words around a figure."""

import re
from dataclasses import replace

import pytest
from pydantic import ValidationError

from atelier.declarations import Unit
from atelier.figures import Figure, build_figure, render_svg, render_table
from atelier.figures.phrases import lower_first, of_plural, subject
from atelier.indicators import Note, StatTable
from atelier.language import NARROW_SPACE, NO_BREAK_SPACE, Text, same
from tests.figures.tables import (
    DISTRICTS,
    SHARE,
    bars,
    build_table,
    districts,
    in_english,
    index,
    line,
    lines,
    stack,
)

TABLES = {
    "line": line(),
    "hole": line(hole=2018),
    "break": line(breaks=[2020]),
    "lines": lines(3),
    "multiples": lines(8),
    "bars": bars(),
    "stack": stack(),
    "map": districts(),
    "index": index(),
    "withheld": build_table(["park"], [["aubry", None, None, "Q"], ["belleau", None, None, "Q"]]),
}


def both() -> list[Figure]:
    """Return a figure of each table, in both languages."""
    tables = [one for table in TABLES.values() for one in (table, in_english(table))]
    return [build_figure(table, territories=DISTRICTS) for table in tables]


def plain(text: str) -> str:
    """Return text with ordinary spaces."""
    return text.replace(NO_BREAK_SPACE, " ").replace(NARROW_SPACE, " ")


@pytest.mark.parametrize(
    ("table", "title"),
    [
        (line(), "La part des chênes passe de 50,0 % en 2015 à 59,0 % en 2024"),
        (in_english(line()), "The share of oaks rises from 50.0% in 2015 to 59.0% in 2024"),
        (line(where={"park": ("aubry",)}), "Aubry : la part des chênes passe de 50,0 % en 2015 à 59,0 % en 2024"),
        (line(breaks=[2020]), "Part des chênes parmi les arbres, de 2015 à 2024"),
        (lines(3), "Arbres plantés par parc, de 2015 à 2024"),
        (bars(), "Arbres plantés par parc en 2024"),
        (in_english(bars()), "Trees planted by park in 2024"),
    ],
)
def test_the_title_says_what_is_seen(table: StatTable, title: str) -> None:
    """A single line tells its change; a break forbids it; others tell measure, breakdown and years."""
    assert plain(build_figure(table).title) == title


@pytest.mark.parametrize(
    ("table", "lecture"),
    [
        (line(), "Lecture : en 2024, la part des chênes est de 59,0 %."),
        (in_english(line()), "Reading: in 2024, the share of oaks is 59.0%."),
        (bars(), "Lecture : en 2024, le nombre d’arbres plantés est de 300 — Dorval."),
        (stack(), "Lecture : en 2024, « Oak » représente 50,0 % de l’ensemble."),
        (
            index(),
            "Lecture : en 2024, l’indice (base 100) est de 122,5. Par rapport à 2015 (base 100), c’est 22,5 % de plus.",
        ),
        (
            TABLES["withheld"],
            "Lecture : aucune valeur ne peut être montrée ; la lettre entre crochets en dit la raison.",
        ),
    ],
)
def test_the_lecture_reads_one_mark(table: StatTable, lecture: str) -> None:
    """The surest and latest, or the largest; a highlighted one wins."""
    assert plain(build_figure(table).lecture) == lecture


def test_the_lecture_reads_the_highlighted_mark() -> None:
    """What the figure is about is what the reader is told."""
    assert "120" in build_figure(bars(), highlight="aubry").lecture


@pytest.mark.parametrize("figure", both(), ids=lambda figure: f"{figure.kind}-{figure.language}")
def test_every_figure_has_lecture_scope_and_source(figure: Figure) -> None:
    """They start with the words readers of official statistics know."""
    heads = {"fr": ("Lecture :", "Champ :", "Source :"), "en": ("Reading:", "Scope:", "Source:")}[figure.language]
    for text, head in zip((figure.lecture, figure.scope, figure.source), heads, strict=True):
        assert plain(text).startswith(head)
    assert "2015-2024" in figure.source


@pytest.mark.parametrize("figure", both(), ids=lambda figure: f"{figure.kind}-{figure.language}")
def test_alt_differs_from_the_title_and_tells_a_computed_number(figure: Figure) -> None:
    """A03."""
    assert figure.alt != figure.title
    assert re.search(r"\d", figure.alt)


@pytest.mark.parametrize("figure", both(), ids=lambda figure: f"{figure.kind}-{figure.language}")
def test_french_signs_follow_a_no_break_space(figure: Figure) -> None:
    """Never a plain space before ``: ; ? ! %`` in French, and none at all in English."""
    words = f"{figure.title} {figure.subtitle} {figure.lecture} {figure.scope} {figure.source} {figure.alt}"
    if figure.language == "fr":
        assert not re.search(r" [:;?!%»]|« ", words)
    else:
        assert not re.search(r"\s[:;?!]", words)


def test_a_break_forbids_comparing_its_two_sides() -> None:
    """Neither title nor alt tells a change or extremes across it."""
    figure = build_figure(line(breaks=[2020]))
    assert "passe de" not in figure.title
    assert "ne se comparent pas" in figure.alt
    assert "Plus haut" not in figure.alt


def test_a_forecast_is_compared_with_nothing_observed() -> None:
    """Title, Lecture and alternative text compare what was observed, and leave the forecast to the drawing."""
    rows = [[year, 500 + 10 * rank, 1000, "F" if year == 2021 else "A"] for rank, year in enumerate(range(2018, 2022))]
    figure = build_figure(build_table(["year"], rows, SHARE))
    for words in (figure.title, figure.lecture, figure.alt):
        assert "2021" not in words
        assert "2020" in words
    assert "[F]" in figure.series[0].marks[-1].text
    assert any("[F]" in note for note in figure.notes)


def test_an_amount_is_named_by_its_measure_and_told_with_its_unit() -> None:
    """Only an index is named by its unit."""
    euros = Unit(label=same("euros"), kind="number")
    table = build_table(["year"], [["2018", 3, 2, "A"], ["2019", 4, 1, "A"]], euros)
    cells = table.cells.assign(value=[30.0, 41.0])
    figure = build_figure(replace(table, cells=cells))
    assert f"41{NO_BREAK_SPACE}euros" in figure.lecture
    assert "« euros »" not in figure.lecture.replace(NO_BREAK_SPACE, " ")


def test_amounts_are_told_in_millions_and_tabled_whole() -> None:
    """Title, Lecture, axis and marks tell millions; the data table keeps every euro."""
    millions = Unit(label=same("millions d’euros"), kind="number", decimals=1, scale=1_000_000.0, exact=same("euros"))
    rows = [["2018", 7_624_123_456, None, "A"], ["2019", 8_950_000_000, None, "A"]]
    table = build_table(["year"], rows, millions)
    figure = build_figure(replace(table, cells=table.cells.assign(value=table.cells["numerator"])), "line")
    told = [
        figure.title,
        figure.lecture,
        figure.alt,
        render_svg(figure),
        *(mark.text for mark in figure.series[0].marks),
    ]
    assert not any(f"7{NARROW_SPACE}624{NARROW_SPACE}123" in words for words in told)
    assert f"8{NARROW_SPACE}950,0{NO_BREAK_SPACE}millions d’euros" in figure.lecture
    assert f">9{NARROW_SPACE}000<" in told[3]
    written = render_table(figure)
    assert f"7{NARROW_SPACE}624{NARROW_SPACE}123{NARROW_SPACE}456" in written
    assert ", euros." in written
    assert "millions" not in written.replace(figure.title, "")


def test_a_scale_needs_the_noun_of_exact_figures() -> None:
    """Files would not know their unit otherwise; a share or a count has none."""
    for wrong in ({"scale": 1000.0}, {"exact": same("euros")}):
        with pytest.raises(ValidationError, match="go together"):
            Unit(label=same("k"), kind="number", **wrong)
    with pytest.raises(ValidationError, match="has no scale"):
        Unit(label=same("k"), kind="count", scale=1000.0, exact=same("trees"))


def test_breaks_told_in_the_same_words_are_told_once() -> None:
    """Their years are listed in one sentence; the drawing keeps a rule for each."""
    table = build_table(["year"], [[str(year), year, None, "A"] for year in range(2015, 2020)])
    words = {
        year: Text(fr=f"En {year}, le compte change.", en=f"In {year} the count changes.") for year in (2016, 2018)
    }
    table = replace(table, notes=tuple(Note("break", text, year) for year, text in words.items()))
    figure = build_figure(table, "line")
    assert [note for note in figure.notes if "compte" in note] == ["En 2016 et 2018, le compte change."]
    assert [year for year, _ in figure.breaks] == ["2016", "2018"]


def test_a_long_note_is_told_short_under_a_figure() -> None:
    """The table, and so its files, keep the details."""
    note = Note("coverage", same("1 sur 9 en 2016, 2 sur 9 en 2017."), short=same("de 1 à 2 sur 9."))
    figure = build_figure(replace(line(), notes=(note,)), "line")
    assert "de 1 à 2 sur 9." in figure.notes
    assert note.text["fr"] not in figure.notes
    assert figure.table.notes == (note,)


def test_a_missing_value_is_not_a_break() -> None:
    """The two ends still compare."""
    figure = build_figure(line(hole=2018))
    assert "passe de" in figure.title
    assert "rupture" not in figure.alt


def test_letters_in_brackets_are_explained() -> None:
    """Each status drawn has its meaning in the notes (Q06)."""
    notes = " ".join(build_figure(bars()).notes)
    for letter in ("[Q]", "[U]", "[O]"):
        assert letter in notes


def test_filters_are_told_in_the_scope() -> None:
    """A reader knows what was left out."""
    figure = build_figure(line(where={"park": ("aubry", "belleau")}))
    assert plain(figure.scope).endswith("Parc : Aubry et Belleau")


@pytest.mark.parametrize(
    ("noun", "told"), [("étudiants", "d’étudiants"), ("diplômes", "de diplômes"), ("hommes", "d’hommes")]
)
def test_french_elision(noun: str, told: str) -> None:
    """Before a vowel and a mute h."""
    assert of_plural(noun) == told


def test_acronyms_keep_their_capitals() -> None:
    """Only the first letter of a common word is lowered."""
    assert lower_first("STMG et autres") == "STMG et autres"
    assert lower_first("Région") == "région"


def test_a_measure_without_known_article_is_quoted() -> None:
    """No guess at a gender."""
    table = build_table(["year"], [["2015", 1, 2, "A"], ["2016", 1, 2, "A"]], SHARE)
    assert subject(table) == "la part des chênes"
