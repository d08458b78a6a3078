"""Each edition says what changed since the one before; corrections are told in it, on a page and in a feed."""

import json
import re
import shutil
from pathlib import Path
from xml.etree import ElementTree as ET

import duckdb
import pytest

from atelier.errors import DeclarationError
from atelier.reports.factory import build
from atelier.reports.plan import make_plan
from atelier.settings import Settings, load_settings
from atelier.site import build_site
from atelier.theme import read_theme

from .conftest import COVER, PROFILE, write_report

pytestmark = pytest.mark.long

EACH = {"each": "institution", "with": "students"}
CORRECTION = """
date = 2026-11-20
title = { fr = "Part des femmes", en = "Share of women" }
what = { fr = "Elle était comptée deux fois.", en = "It was counted twice." }
why = { fr = "Une jointure sans clef.", en = "A join without a key." }
indicators = [{indicators}]
"""
ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.fixture(scope="module")
def told(home: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Three editions of one report: the first, one after a revision and a correction, one made again for nothing new.

    The pages by name, with the sidecar of the last two.
    """
    project = tmp_path_factory.mktemp("project")
    for name in ("templates", "node_modules"):
        (project / name).symlink_to(home / name)
    shutil.copytree(home / "themes", project / "themes")
    settings = load_settings({}, home=project, state=project / "state")
    tables = ("students", "women-share")
    cells = [f"reports.history(profile, '{one}', title='Essai')" for one in tables]
    write_report(settings, PROFILE, COVER, *cells, editions=EACH)
    folder = settings.editions / "esr" / "trial" / "4k25D"
    found = {"first": make(settings)}
    theme = settings.home / "themes" / "esr"
    revise(theme / "figures" / "enrolment.parquet")
    (theme / "corrections").mkdir()
    (theme / "corrections" / "women.toml").write_text(CORRECTION.replace("{indicators}", '"women-share"'), "utf-8")
    found["revised"] = make(settings)
    found["sidecar"] = (folder / "provenance.json").read_text("utf-8")
    (folder / "index.html").write_text("damaged")
    found["again"] = make(settings)
    found["english"] = make(settings, "en")
    site = build_site(settings)
    found["page"] = (site / "corrections" / "index.html").read_text("utf-8")
    found["feed"] = (site / "en" / "corrections" / "feed.xml").read_text("utf-8")
    found["index"] = (site / "reports" / "index.html").read_text("utf-8")
    return found


def make(settings: Settings, language: str = "fr") -> str:
    """Make the edition that is stale and return its page."""
    theme = read_theme(settings, "esr")
    plan = make_plan(settings, theme, subjects=["4k25D"], formats=["html"], languages=[language])
    (outcome,) = build(settings, plan, jobs=1).outcomes
    assert not outcome.error
    return (settings.editions / "esr" / "trial" / outcome.key / "index.html").read_text("utf-8")


def plainly(page: str) -> str:
    """Return a page with plain spaces."""
    return re.sub(r"\s", " ", page)


def revise(figures: Path) -> None:
    """Count one institution one per cent more in 2021."""
    with duckdb.connect() as connection:
        revised = "CASE WHEN institution = '4k25D' AND year = 2021 THEN round(students * 1.01) ELSE students END"
        table = f"(SELECT * REPLACE ({revised} AS students) FROM '{figures}')"
        connection.execute(f"COPY {table} TO '{figures}.new' (FORMAT parquet)")
    Path(f"{figures}.new").rename(figures)


def test_a_first_edition_tells_no_change(told: dict[str, str]) -> None:
    """There is nothing to compare it with, and no empty section says so."""
    assert "Ce qui a changé" not in told["first"]
    assert "/corrections/" in told["first"]


def test_a_revision_is_told_in_words_and_in_a_table(told: dict[str, str]) -> None:
    """Before, after, difference and reason; the numbers are those of both editions."""
    page = plainly(told["revised"])
    assert re.search(r"Depuis l’édition du \d+ \w+ \d{4} : \d+ chiffres révisés", page)
    rows = re.findall(r'<th scope="row">(Étudiants, [^<]+)</th>(.*?)</tr>', page)
    assert len(rows) == 1
    (name, cells) = rows[0]
    assert name == "Étudiants, Université de Strasbourg, 2021"
    before, after, difference, why = re.findall(r">([^<]+)</td>", cells)
    assert before in plainly(told["first"])
    assert before not in page.replace(cells, "")
    assert page.count(after) == 2
    assert difference == "+1,00 %"
    assert why == "révision de la source"


def test_a_correction_gives_its_own_reason_and_is_told_in_full(told: dict[str, str]) -> None:
    """The share is corrected, not revised, and the document says how it came about."""
    sidecar = json.loads(told["sidecar"])
    reasons = {(row["indicator"], row["why"]) for row in sidecar["changes"]["rows"]}
    assert reasons == {("women-share", "correction"), ("students", "revision")}
    told_in_full = "Correction du 20 novembre 2026. Part des femmes : Elle était comptée deux fois."
    assert told_in_full in plainly(told["revised"])
    assert "A join without a key." in told["english"]


def test_an_edition_made_again_says_the_same(told: dict[str, str]) -> None:
    """What it said of the changes still holds: the same inputs give the same bytes."""
    assert told["again"] == told["revised"]


def test_corrections_have_a_page_and_a_feed_that_the_index_leads_to(told: dict[str, str]) -> None:
    """One entry for each, with its indicators; the feed is well formed and its addresses lead to the page."""
    assert '<section id="esr-women">' in told["page"]
    assert "Part des femmes" in told["page"]
    assert "corrections/" in told["index"]
    feed = ET.fromstring(told["feed"])
    (entry,) = feed.findall(f"{ATOM}entry")
    assert entry.findtext(f"{ATOM}title") == "Share of women"
    assert feed.findtext(f"{ATOM}updated") == entry.findtext(f"{ATOM}updated") == "2026-11-20T00:00:00Z"
    assert str(entry.findtext(f"{ATOM}id")).endswith("/en/corrections/#esr-women")
    assert [one.get("term") for one in entry.findall(f"{ATOM}category")] == ["women-share"]


def test_a_correction_of_an_unknown_indicator_is_a_mistake(home: Path, tmp_path: Path) -> None:
    """It is told with its file and its key, as any other of the theme."""
    shutil.copytree(home / "themes", tmp_path / "themes")
    folder = tmp_path / "themes" / "esr" / "corrections"
    folder.mkdir(exist_ok=True)
    (folder / "odd.toml").write_text(CORRECTION.replace("{indicators}", '"womens-share"'), "utf-8")
    with pytest.raises(DeclarationError, match=r"corrections/odd\.toml.*womens-share"):
        read_theme(load_settings({}, home=tmp_path), "esr")
