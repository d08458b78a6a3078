"""Q08 and Q11: nobody computes a hidden count from totals, other breakdowns, other filters, or mergers undone."""

import random
import shutil
from itertools import product
from pathlib import Path

import pandas as pd
import pytest

from atelier import open_theme
from atelier.datasets import build_tables
from atelier.settings import Settings, load_settings
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


def open_with(tmp_path: Path, theme: str, rows: pd.DataFrame) -> Workbench:
    """Open a test theme on generated figures."""
    home = tmp_path / "home"
    shutil.copytree(THEMES / theme, home / "themes" / theme, ignore=shutil.ignore_patterns("*.csv"))
    raw = tmp_path / "raw"
    raw.mkdir()
    shutil.copy(THEMES / theme / "libraries.csv", raw)
    rows.rename(columns={"year": "Année", "library": "Code", "loans": "Prêts"} if theme == "loans" else {}).to_csv(
        raw / f"{theme}.csv", sep=";", index=False
    )
    settings: Settings = load_settings({}, home=home, state=tmp_path / "state", raw_data=raw, theme=theme)
    build_tables(read_theme(settings), settings)
    return open_theme(theme, home=home, state=settings.state, raw_data=raw)


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


@pytest.mark.parametrize(("theme", "seed"), [*product(["loans"], range(6)), *product(["visits"], range(3))])
def test_no_small_count_is_told_more_closely_than_the_rule(theme: str, seed: int, tmp_path: Path) -> None:
    """Every question is asked; each hidden small sum keeps an interval at least as wide as the threshold."""
    make, attack = CASES[theme]
    rows = make(random.Random(seed))
    attacker = attack(open_with(tmp_path, theme, rows), rows)
    attacker.ask_everything()
    attacked = 0
    for vector in attacker.small(THRESHOLD):
        low, high = attacker.bounds(vector)
        assert high - low >= THRESHOLD, f"a count of {vector @ attacker.truth:.0f} is between {low} and {high}"
        attacked += 1
    assert attacked
