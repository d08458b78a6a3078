"""What deserves a remark: ranks, thresholds, exceptions, fragile values, and what a theme says of its own."""

import math
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from atelier.declarations import Threshold
from atelier.errors import QuestionError
from atelier.indicators import StatTable
from atelier.language import Text, same
from atelier.narrative import Sentence, build_narrative
from atelier.telling import NarrativeFile, SentenceRule, Sizes
from tests.narrative.tables import build_table

PARKS = ("Aubry", "Belleau", "Cormes", "Dorval", "Ermont", "Fleurac", "Givry", "Huez", "Issy")
FLOOR = Threshold(value=30, kind="floor", label=Text(fr="Seuil du règlement", en="Threshold of the rules"))


def about(park: str, value: float, status: str = "A", **options: object) -> StatTable:
    """Return the table of one park in one year."""
    return build_table({2022: (value, status)}, filters={"park": (park,)}, **options)  # type: ignore[arg-type]


def peers(values: list[float], statuses: str = "", **options: object) -> StatTable:
    """Return the table of several parks."""
    pairs = zip(values, statuses.ljust(len(values), "A"), strict=True)
    return build_table(dict(zip(PARKS, pairs, strict=False)), **options)  # type: ignore[arg-type]


def of_kind(kind: str, sentences: tuple[Sentence, ...]) -> list[str]:
    """Return the texts of one kind."""
    return [one.text for one in sentences if one.kind == kind]


@pytest.mark.parametrize(
    ("park", "expected"),
    [
        ("Aubry", "Aubry : 1er rang sur 6 pour le nombre d’arbres, à partir de la valeur la plus élevée."),
        ("Fleurac", "Fleurac : 1er rang sur 6 pour le nombre d’arbres, à partir de la valeur la plus faible."),
        ("Cormes", "Cormes : 3e rang sur 6 pour le nombre d’arbres, au milieu du classement."),
    ],
)
def test_a_rank_is_counted_from_the_nearer_end(park: str, expected: str) -> None:
    """The first half counts from the highest, the other from the lowest, the middle is told as such."""
    values = [60.0, 50, 40, 30, 20, 10]
    own = about(park, values[PARKS.index(park)])
    (text,) = of_kind("rank", build_narrative(own, among=peers(values)))
    assert text.replace("\N{NO-BREAK SPACE}", " ") == expected


def test_equal_values_share_a_rank() -> None:
    """A tie is told."""
    (text,) = of_kind("rank", build_narrative(about("Aubry", 9.0, language="en"), among=peers([9.0, 9, 3, 2, 1])))
    assert text == "Aubry ranked 1st of 5 for the number of trees, counting from the highest (tied)."


@pytest.mark.parametrize(
    ("values", "statuses"), [([3.0, 2, 1], ""), ([6.0, 5, 4, 3, 2, 1], "U"), ([6.0, 5, 4, 3, 2], "Q")]
)
def test_no_rank_without_enough_solid_peers(values: list[float], statuses: str) -> None:
    """Too few peers, or a value that is small or hidden: no rank is told."""
    told = [math.nan if status == "Q" else value for value, status in zip(values, statuses.ljust(9, "A"), strict=False)]
    assert not of_kind("rank", build_narrative(about("Aubry", 6.0), among=peers(told, statuses)))


@settings(deadline=None, max_examples=40)
@given(st.lists(st.integers(0, 9), min_size=5, max_size=9), st.data())
def test_a_rank_tells_how_many_are_before(values: list[int], data: st.DataObject) -> None:
    """The rank is one more than the number of peers strictly beyond, on the side it is counted from."""
    place = data.draw(st.integers(0, len(values) - 1))
    own = float(values[place])
    sentences = build_narrative(about(PARKS[place], own), among=peers([float(one) for one in values]))
    (rank,) = [one for one in sentences if one.kind == "rank"]
    beyond = sum(one < own for one in values) if "faible" in rank.text else sum(one > own for one in values)
    assert rank.numbers == (beyond + 1, len(values))


def test_peers_of_another_shape_are_refused() -> None:
    """Peers by year cannot be ranked."""
    with pytest.raises(QuestionError, match="cannot be ranked: ask by one dimension, in one year"):
        build_narrative(about("Aubry", 3.0), among=build_table({2021: (1.0, "A"), 2022: (2.0, "A")}))


@pytest.mark.parametrize(("value", "side"), [(29.0, "au-dessous"), (31.0, "au-dessus"), (30.2, "au niveau")])
def test_a_value_is_set_against_its_threshold(value: float, side: str) -> None:
    """What a reader sees decides of the side; both numbers are in the sentence."""
    table = about("Aubry", value, measure="number")
    sentences = build_narrative(replace(table, card=replace(table.card, thresholds=(FLOOR,))))
    (threshold,) = [one for one in sentences if one.kind == "threshold"]
    assert f"se situe {side} du seuil de 30" in threshold.text
    assert "seuil du règlement" in threshold.text
    assert threshold.numbers == (value, 30)


def test_a_threshold_of_each_says_nothing_of_their_sum() -> None:
    """Where each park answers for itself, only a table about one park is set against the threshold."""
    card = {"thresholds": (FLOOR,), "respondent": "park"}
    one, total = about("Aubry", 12.0, measure="number"), build_table({2022: (12.0, "A")}, "number")
    assert of_kind("threshold", build_narrative(replace(one, card=replace(one.card, **card))))
    assert not of_kind("threshold", build_narrative(replace(total, card=replace(total.card, **card))))


def test_a_small_number_is_said_to_be_fragile() -> None:
    """The reader is told why, and no threshold is tried."""
    table = about("Aubry", 12.0, "U")
    sentences = build_narrative(replace(table, card=replace(table.card, thresholds=(FLOOR,))))
    assert [one.kind for one in sentences] == ["level", "uncertain"]


def test_an_exception_is_named() -> None:
    """One share far out of the others is told, with the middle half; two are not, nor any count."""
    shares = [0.9, 0.54, 0.53, 0.52, 0.51, 0.50, 0.49, 0.48]
    (text,) = of_kind("exception", build_narrative(peers(shares, measure="share", language="en")))
    assert text == "“Aubry” stood well apart: 90.0%, while the middle half ranged from 50.0% to 53.0%."
    assert not of_kind("exception", build_narrative(peers([0.9, 0.9, *shares[2:]], measure="share")))
    assert not of_kind("exception", build_narrative(peers([1000 * one for one in shares])))


def telling(table: StatTable, **narrative: object) -> tuple[Sentence, ...]:
    """Return the narrative of a table whose theme has its own words or rules."""
    return build_narrative(replace(table, telling=NarrativeFile(**narrative)))  # type: ignore[arg-type]


def test_a_theme_has_its_own_words() -> None:
    """Words of the theme take the place of the engine's, in the language of the table."""
    table = build_table({2021: (1000.0, "A"), 2022: (1250.0, "A")})
    words = {"verb.step.soared": Text(fr="s’envole", en="took off")}
    assert any("s’envole de 25,0" in one.text for one in telling(table, words=words))


def test_a_theme_has_its_own_sizes() -> None:
    """What is a jump, or slight, is the theme's to set."""
    table = build_table({2021: (1000.0, "A"), 2022: (1250.0, "A")})
    assert of_kind("jump", telling(table, sizes={"jump": 0.2}))
    assert "légèrement" in of_kind("change", telling(table, sizes={"step": (0.1, 0.3, 0.5)}))[0]


def test_a_theme_knows_its_bodies() -> None:
    """A kind of body of the theme takes its article."""
    table = build_table({2022: (12.0, "A")}, filters={"park": ("Aubry",)})
    (level,) = of_kind("level", telling(table, articles={"aubry": ("l’", "à l’")}))
    assert level == "En 2022, l’Aubry compte 12\N{NO-BREAK SPACE}arbres."


@pytest.mark.parametrize(("value", "is_told"), [(9.0, True), (10.0, False)])
def test_a_theme_adds_a_sentence_where_a_fact_is_in_its_range(value: float, *, is_told: bool) -> None:
    """Under the bound it is told, its number listed; at the bound it is not."""
    rule = SentenceRule(indicators=("trees",), below=10, text=Text(fr="{place} : {value}, c’est peu.", en="Few."))
    found = [one for one in telling(about("Aubry", value), sentences={"few": rule}) if one.kind == "rule"]
    assert [one.numbers for one in found] == [(value,)] * is_told
    assert all("9\N{NO-BREAK SPACE}arbres, c’est peu." in one.text for one in found)


def test_a_sentence_about_a_change_needs_two_years_that_compare() -> None:
    """Across a break there is no change to look at."""
    rule = SentenceRule(indicators=("trees",), fact="change", above=0.1, text=same("Told."))
    cells = {2021: (1000.0, "A"), 2022: (1250.0, "A")}
    assert of_kind("rule", telling(build_table(cells), sentences={"up": rule})) == ["Told."]
    assert not of_kind("rule", telling(build_table(cells, breaks=[2022]), sentences={"up": rule}))


@pytest.mark.parametrize(
    ("model", "values", "message"),
    [
        (Sizes, {"step": (0.3, 0.1, 0.5)}, "from the smallest to the largest"),
        (SentenceRule, {"indicators": ["a"], "text": same("A.")}, "give above, below or both"),
        (SentenceRule, {"indicators": ["a"], "text": same("A."), "above": 2, "below": 1}, "no value is above 2"),
    ],
)
def test_rules_that_make_no_sense_are_refused(model: type, values: dict[str, object], message: str) -> None:
    """Sizes out of order, a sentence that is always or never told."""
    with pytest.raises(ValidationError, match=message):
        model(**values)
