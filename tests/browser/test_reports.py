"""The page of each report, in a real browser: nothing for axe to find, nothing that sticks out on a phone."""

from itertools import cycle
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from atelier.reports.factory import build
from atelier.reports.plan import Plan, make_plan
from atelier.settings import load_settings
from atelier.theme import read_theme
from tests.browser.conftest import WCAG, audit

CHOSEN = {"institution/4k25D", "institution/4k25D-en", "region/44-en", "indicator/women-share", "dataset/enrolment-en"}
WHOLE = "overview/"
TAGS = [*WCAG, "best-practice"]


@pytest.fixture(scope="module")
def pages(home: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """One edition of each of the five reports, in one language or the other, and one in both."""
    settings = load_settings({}, home=home, state=tmp_path_factory.mktemp("state"))
    plan = make_plan(settings, read_theme(settings, "esr"), formats=["html"])
    named = {f"{one.report}/{one.key}": one for one in plan.editions}
    overviews = [name for name in named if name.startswith(WHOLE) and not name.endswith("-en")]
    kept = [named[name] for name in sorted({*CHOSEN, *overviews})]
    summary = build(settings, Plan(plan.theme, tuple(kept), plan.formats, plan.folder), jobs=1)
    assert [one.error for one in summary.outcomes] == [""] * len(kept)
    return {f"{one.report}/{one.key}": plan.folder / one.report / one.key / "index.html" for one in kept}


@pytest.mark.long
def test_a01_axe_finds_nothing_in_the_reports(home: Path, pages: dict[str, Path], browser: Browser) -> None:
    """A01: no violation of WCAG 2.2 A and AA nor of axe's best practice; no page wider than its window.

    One report on a phone, the next on a screen: one page for both widths.
    """
    told = {}
    context = browser.new_context(bypass_csp=True)
    page = context.new_page()
    for (name, path), width in zip(pages.items(), cycle((360, 1280))):
        page.set_viewport_size({"width": width, "height": 800})
        page.goto(path.as_uri())
        told[name] = audit(page, home, TAGS)
        if page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
            told[name].append(("wider than the window", []))
    context.close()
    assert told == {name: [] for name in pages}
