"""The page of each report, in a real browser: nothing for axe to find, nothing that sticks out on a phone."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

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


@pytest.fixture(params=[1280, 360])
def page(request: pytest.FixtureRequest, browser: Browser) -> Iterator[Page]:
    """An empty page, wide and on a phone."""
    context = browser.new_context(viewport={"width": request.param, "height": 800}, bypass_csp=True)
    yield context.new_page()
    context.close()


def test_a01_axe_finds_nothing_in_the_reports(home: Path, pages: dict[str, Path], page: Page) -> None:
    """A01: no violation of WCAG 2.2 A and AA nor of axe's best practice; and no page wider than its window."""
    told = {}
    for name, path in pages.items():
        page.goto(path.as_uri())
        told[name] = audit(page, home, TAGS)
        if page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
            told[name].append(("wider than the window", []))
    assert told == {name: [] for name in pages}
