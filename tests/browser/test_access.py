"""The six dashboards for everyone: axe finds nothing, charts have a name and a table, no page is wide or heavy.

A few states here; ``make access`` runs them all: live and static, both languages, both schemes, three states each.
"""

import re
from itertools import product

import pytest

from tests.browser.conftest import audit, own_editions
from tests.browser.test_hub import open_dashboard

CHOSEN = {
    "students": "region=44",
    "institution": "institution=U8a0v",
    "money": "region=53",
    "success": "discipline=law-economics",
    "employment": "institution=4k25D",
    "parcoursup": "region=53",
}
"""Each dashboard, and another selection of it."""

STATES = ("wide", "narrow", "unfolded")
"""As it opens on a screen; with another selection, on a phone; with every list, table and help open."""

LIVE_BYTES, STATIC_BYTES = 1_500_000, 150_000
CELLS = list(product(CHOSEN, ("live", "static"), ("fr", "en"), ("light", "dark"), STATES))
SAMPLE = {
    ("students", "live", "fr", "light", "unfolded"),
    ("institution", "live", "en", "light", "narrow"),
    ("money", "live", "fr", "dark", "narrow"),
    ("employment", "live", "en", "dark", "wide"),
    ("success", "static", "fr", "dark", "narrow"),
    ("institution", "static", "en", "light", "unfolded"),
    ("employment", "static", "fr", "light", "wide"),
    ("parcoursup", "static", "en", "dark", "unfolded"),
}
"""What each run of the tests opens: every dashboard, kind, language, scheme and state."""


TOLD = """drawing => drawing.getAttribute("aria-label") ?? ["aria-labelledby", "aria-describedby"].map(
    (name) => document.getElementById(drawing.getAttribute(name)).textContent).join(" ")"""
"""What a screen reader says of a drawing."""


def each_cell():
    """Return the cells, those outside the sample marked."""
    marks = {True: (), False: pytest.mark.everywhere}
    return [pytest.param(*cell, marks=marks[cell in SAMPLE], id="-".join(cell)) for cell in CELLS]


@pytest.fixture(scope="module")
def editions(hub):
    """The addresses of the static editions that the hub makes by itself."""
    return {name: own_editions(hub, name) for name in CHOSEN}


@pytest.mark.parametrize(("name", "way", "language", "scheme", "state"), each_cell())
def test_a01_a_dashboard_is_for_everyone(hub, home, open_page, record, request, name, way, language, scheme, state):
    """A01, A02, A03, A08, A11: WCAG 2.2 A and AA, our own rules for charts, no other host, few bytes."""
    width = 360 if state == "narrow" else 1280
    page = open_page(width, bypass_csp=True, color_scheme=scheme)
    weights = weigh(page)
    if way == "live":
        chosen = [CHOSEN[name]] * (state == "narrow") + ["lang=en"] * (language == "en")
        open_dashboard(page, hub, "?" + "&".join(chosen), name)
    else:
        page.goto(request.getfixturevalue("editions")[name] + language)
    assert sum(weights) < (LIVE_BYTES if way == "live" else STATIC_BYTES)
    assert page.get_attribute("html", "lang") == language
    if state == "unfolded":
        unfold(page, is_live=way == "live")
    assert audit(page, home) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    for figure in page.locator(".atelier-figure:has(svg:visible)").all():
        drawing = figure.locator(".bqplot [role=img], .bqplot[role=img], svg[role=img]").first
        assert re.search(r"\d", drawing.evaluate(TOLD))
        assert figure.locator("table caption").count() >= 1
        assert figure.locator("table th[scope]").count() >= 2
    assert len(record.hosts) == 1
    assert record.errors == []


def weigh(page) -> list[int]:
    """Return a list that fills with the bytes of what the page asks for, as they come over the network."""
    weights: list[int] = []
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    session.on("Network.loadingFinished", lambda event: weights.append(event["encodedDataLength"]))
    return weights


def unfold(page, *, is_live: bool) -> None:
    """Open every list, table and help; prepare the files of the first figure."""
    for details in page.locator("main details:not([open])").all():
        if details.locator("summary").first.is_visible():
            details.locator("summary").first.click()
    if is_live:
        page.locator(".atelier-take").first.click()
        page.locator(".atelier-file-row").first.wait_for()
