"""Q08 and Q11: nobody computes a hidden count from totals, other breakdowns, other filters, or mergers undone."""

import random
import shutil
from itertools import product
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from atelier import open_theme
from atelier.datasets import build_tables
from atelier.indicators.disclosure.swaps import find_swaps
from atelier.settings import load_settings
from atelier.theme import read_theme
from atelier.workbench import Workbench
from tests.indicators.attacker import TOTAL, Attacker, Card

THEMES = Path(__file__).parents[1] / "themes"
BANK = {"A": "left", "B": "right", "C": "left", "D": "right"}
TODAY = {"A": "A", "B": "B", "C": "B", "D": "D"}
BANK_TODAY = {code: BANK[today] for code, today in TODAY.items()}
COUNTS = (0, 1, 2, 4, 5, 6, 9, 19, 20, 40, 150)
SIZES = (0, 3, 8, 60, 300)
THRESHOLD = 5

LOANS = {
    "loans": Card(),
    "child-share": Card(top={"age": ["child"]}, bottom={}),
    "support-share": Card(bottom={}, ignored=["support"]),
    "loans-index": Card(index=True),
}
VISITS = {
    "visitors": Card(),
    "women-share": Card(top={"sex": ["women"]}, bottom={}),
    "age-share": Card(bottom={}, ignored=["age"]),
    "member-share": Card(bottom={}, measure="members"),
    "visitors-index": Card(index=True),
}


def loans_of(chance: random.Random) -> pd.DataFrame:
    """Return totals and their two margins for four libraries and two years, many of them small."""
    rows = []
    for year, library in product((2021, 2022), "ABCD"):
        total = chance.choice(SIZES) and chance.randint(1, chance.choice(SIZES[1:]))
        rows.append((year, library, TOTAL, TOTAL, total))
        for column, members in enumerate((("book", "disc"), ("child", "adult"))):
            part = min(total, chance.choice(COUNTS))
            for member, count in zip(members, chance.sample([part, total - part], 2), strict=True):
                rows.append((year, library, *((member, TOTAL) if column == 0 else (TOTAL, member)), count))
    return pd.DataFrame(rows, columns=["year", "library", "support", "age", "loans"])


def visits_of(chance: random.Random) -> pd.DataFrame:
    """Return counts crossed by library, sex and age, many of them small, with members among them."""
    rows = []
    for year, library, sex, age in product((2021, 2022), "ABCD", ("women", "men"), ("child", "adult", "senior")):
        count = chance.choice(COUNTS)
        rows.append((year, library, sex, age, count, chance.randint(0, count)))
    return pd.DataFrame(rows, columns=["year", "library", "sex", "age", "visitors", "members"])


def open_with(tmp_path: Path, theme: str, rows: pd.DataFrame, more: str = "") -> Workbench:
    """Open a test theme on generated figures; ``more`` ends its ``theme.toml``."""
    home = tmp_path / "home"
    shutil.copytree(THEMES / theme, home / "themes" / theme, ignore=shutil.ignore_patterns("*.csv"))
    dataset = home / "themes" / theme / "datasets" / f"{theme}.toml"
    dataset.write_text(dataset.read_text("utf-8").replace("provisional = [2023]\n", ""), "utf-8")
    with (home / "themes" / theme / "theme.toml").open("a", encoding="utf-8") as file:
        file.write(f"\n{more}")
    raw = tmp_path / "raw"
    raw.mkdir()
    shutil.copy(THEMES / theme / "libraries.csv", raw)
    rows.rename(columns={"year": "Année", "library": "Code", "loans": "Prêts"} if theme == "loans" else {}).to_csv(
        raw / f"{theme}.csv", sep=";", index=False
    )
    loaded = load_settings({}, home=home, state=tmp_path / "state", raw_data=raw, theme=theme)
    build_tables(read_theme(loaded), loaded)
    return open_theme(theme, home=home, state=loaded.state, raw_data=raw)


def attack_loans(workbench: Workbench, rows: pd.DataFrame) -> Attacker:
    """Return an attacker of the theme of margins, who knows that parts add up."""
    attacker = Attacker(
        workbench,
        rows,
        ["loans"],
        LOANS,
        {"bank": ("library", BANK_TODAY, BANK)},
        ("library", TODAY),
        ["support", "age"],
    )
    for year, library, members in product(
        (2021, 2022), "ABCD", ({"support": ["book", "disc"]}, {"age": ["child", "adult"]})
    ):
        held = {"year": [year], "library": [library]}
        whole, parts = attacker.behind("loans", held, then=True), attacker.behind("loans", held | members, then=True)
        attacker.know(whole - parts)
    return attacker


def attack_visits(workbench: Workbench, rows: pd.DataFrame) -> Attacker:
    """Return an attacker of the theme of crossed counts."""
    groups = {"bank": ("library", BANK_TODAY, BANK)}
    return Attacker(workbench, rows, ["visitors", "members"], VISITS, groups, ("library", TODAY))


CASES = {"loans": (loans_of, attack_loans), "visits": (visits_of, attack_visits)}


@pytest.mark.long
@pytest.mark.parametrize(("theme", "seed"), [("loans", 0), ("loans", 1), ("visits", 0)])
def test_no_small_count_is_told_more_closely_than_the_rule(theme: str, seed: int, tmp_path: Path) -> None:
    """Every question is asked; each hidden small sum keeps an interval at least as wide as the threshold."""
    make, attack = CASES[theme]
    rows = make(random.Random(seed))
    attacker = attack(open_with(tmp_path, theme, rows), rows)
    attacker.ask_everything()
    small = list(attacker.small(THRESHOLD))
    assert small
    for vector in small:
        low, high = attacker.bounds(vector)
        assert high - low >= THRESHOLD, f"a count of {vector @ attacker.truth:.0f} is between {low} and {high}"


def test_the_attacker_wins_where_only_small_cells_are_hidden(tmp_path: Path) -> None:
    """The attack has teeth: without secondary suppression it computes hidden counts to the unit."""
    rows = loans_of(random.Random(0))
    rule = '[disclosure]\nsecondary = false\nreason = { fr = "Essai", en = "Trial" }\n'
    attacker = attack_loans(open_with(tmp_path, "loans", rows, rule), rows)
    attacker.ask_everything()
    bounds = [attacker.bounds(vector) for vector in attacker.small(THRESHOLD)]
    assert any(high == pytest.approx(low) for low, high in bounds)


COUNTED = st.lists(st.sampled_from([*COUNTS, 1000]), min_size=24, max_size=24)


@given(counts=COUNTED, threshold=st.sampled_from([2, 5, 20]))
@settings(max_examples=60, deadline=None)
def test_every_small_cell_has_a_swap_that_large_cells_pay_for(counts: list[int], threshold: int) -> None:
    """The lemma behind the guarantee: +1 in each small cell, -1 only in cells of the threshold or more, zeros whole."""
    codes = list(product("abcd", ("women", "men"), ("x", "y", "z")))
    rows = pd.DataFrame(codes, columns=["library", "sex", "age"]).assign(value=counts)
    swaps = find_swaps(rows, {"library": [{"a": 1, "b": 1, "c": 2, "d": 2}]}, threshold)
    changed = swaps.merge(rows, on=["library", "sex", "age"])
    assert (changed.loc[changed["coefficient"] < 0, "value"] >= threshold).all()
    assert (changed["value"] > 0).all()
    raised = set(changed.loc[changed["coefficient"] > 0, ["library", "sex", "age"]].itertuples(index=False, name=None))
    assert {code for code, count in zip(codes, counts, strict=True) if 0 < count < threshold} <= raised


def test_a_dimension_that_another_tells_follows_it() -> None:
    """A subject tells its field: no swap puts people in a subject of another field."""
    fields = {"law": "society", "history": "society", "physics": "science", "biology": "science"}
    rows = pd.DataFrame(product(fields, "abc"), columns=["subject", "library"])
    rows = rows.assign(field=rows["subject"].map(fields), value=[3, *range(20, 31)])
    swaps = find_swaps(rows, {}, THRESHOLD)
    assert len(swaps)
    assert (swaps["subject"].map(fields) == swaps["field"]).all()


def test_no_row_nor_column_total_shows_a_swap(tmp_path: Path) -> None:
    """Least is lost: totals of libraries, of banks and of the city stay, and zeros stay zeros."""
    rows = pd.DataFrame(
        [(2021, library, TOTAL, TOTAL, 300 if library != "A" else 303) for library in "ABCD"]
        + [
            (2021, library, *cell, count)
            for library in "ABCD"
            for cell, count in (
                (("book", TOTAL), 300),
                (("disc", TOTAL), 3 if library == "A" else 0),
                ((TOTAL, "child"), 100),
                ((TOTAL, "adult"), 203 if library == "A" else 200),
            )
        ],
        columns=["year", "library", "support", "age", "loans"],
    )
    rows.loc[(rows["library"] == "D") & rows["support"].isin(["book", "disc"]), "loans"] = 150
    workbench = open_with(tmp_path, "loans", rows)
    shown = {}
    for by in (("library",), ("bank",), ("support",), ("age",), ("library", "age"), ("library", "support")):
        cells = workbench.indicator("loans").by(*by).where(year=2021).table().cells
        shown[by] = dict(zip(cells[list(by)].itertuples(index=False, name=None), cells["status"], strict=True))
    hidden = {by: {code for code, status in cells.items() if status == "Q"} for by, cells in shown.items()}
    assert hidden.pop(("library", "support")) == {("A", "book"), ("A", "disc"), ("D", "book"), ("D", "disc")}
    assert not any(hidden.values())
    assert shown["library", "support"]["B", "disc"] == "A"


def test_swaps_are_found_once_and_kept(tmp_path: Path) -> None:
    """A second process reads them; what cannot be kept is found again; other figures have their own."""
    rows = loans_of(random.Random(0))
    first = open_with(tmp_path, "loans", rows)
    found = first.engine.guard.patterns.swaps("loans")
    kept = list((tmp_path / "state" / "disclosure").iterdir())
    assert len(kept) == 1
    home = first.settings.home
    again = open_theme("loans", home=home, state=tmp_path / "state").engine.guard.patterns.swaps("loans")
    pd.testing.assert_frame_equal(found, again, check_dtype=False)
    (tmp_path / "closed").write_text("a file, not a folder", "utf-8")
    lost = open_theme("loans", home=home, state=tmp_path / "closed").engine.guard.patterns.swaps("loans")
    pd.testing.assert_frame_equal(found, lost, check_dtype=False)
