"""The students dashboard through the hub's proxy, as an anonymous reader uses it."""

from http import HTTPStatus
from io import BytesIO

import pytest

from atelier.language import NARROW_SPACE, format_number
from tests.browser.conftest import wait_until
from tests.browser.test_hub import DASHBOARD, Client, open_dashboard

BRITTANY = "53"


@pytest.fixture(scope="module")
def expected(esr) -> dict[int, float]:
    """Students of Brittany by year, from the Python call."""
    cells = esr.indicator("students").by("year").where(region=BRITTANY).table().cells
    return dict(zip(cells["year"], cells["value"], strict=True))


def trend(page):
    """Return the figure of the trend: it stands under the first question."""
    return page.locator(".atelier-figure").first


def read_table(figure) -> dict[str, str]:
    """Return the last column of a figure's data table, by the head of the row."""
    details = figure.locator("details.atelier-data")
    if not details.evaluate("element => element.open"):
        details.locator("summary").click()
    rows = details.locator("tbody tr").evaluate_all(
        "rows => rows.map(row => [row.querySelector('th').innerText, row.querySelector('td:last-child').innerText])"
    )
    return {head.strip(): value.strip() for head, value in rows}


def test_a_control_changes_chart_table_text_title_and_address_together(hub, page, record, expected):
    """The number of the Python call is everywhere; the address restores the view; no other host is asked."""
    open_dashboard(page, hub)
    before = trend(page).locator("h3").inner_text()
    page.get_by_label("Région", exact=True).select_option(label="Bretagne")
    page.wait_for_url("**region=53**")
    latest = format_number(expected[2022], "fr")
    assert latest == f"{int(expected[2022]) // 1000}{NARROW_SPACE}{int(expected[2022]) % 1000:03d}"
    wait_until(lambda: latest in trend(page).locator("h3").inner_text())
    assert before != trend(page).locator("h3").inner_text()
    assert latest in page.locator(".atelier-key-figures").first.inner_text()
    assert latest in trend(page).locator(".atelier-lecture").inner_text()
    assert latest in page.locator(".atelier-narrative").first.inner_text()
    assert read_table(trend(page)) == {str(year): format_number(value, "fr") for year, value in expected.items()}
    drawn = trend(page).locator("svg text").all_text_contents()
    assert latest in drawn
    page.reload()
    page.wait_for_selector("body.is-ready")
    wait_until(lambda: latest in trend(page).locator("h3").inner_text())
    assert page.get_by_label("Région", exact=True).evaluate("list => list.selectedOptions[0].label") == "Bretagne"
    assert record.hosts == {hub.url.removeprefix("http://")}
    assert record.errors == []


def test_an_unknown_choice_in_the_address_is_told_and_breaks_nothing(hub, page):
    """The page says what was refused, and shows the notebook's own choice."""
    open_dashboard(page, hub, "?region=zz&colour=red&year=1789")
    told = page.locator(".atelier-notice").inner_text()
    assert "zz" in told
    assert "colour" in told
    assert "1789" in told
    assert "1 739 352".replace(" ", NARROW_SPACE) in page.locator("main").inner_text()


def test_the_files_hold_what_is_shown(hub, page, expected):
    """The spreadsheet and the text file are made on demand, with the figures of the view."""
    open_dashboard(page, hub, f"?region={BRITTANY}")
    page.get_by_role("button", name="Préparer les fichiers").click()
    link = page.locator("a[download$='.xlsx']").first
    link.wait_for(timeout=30_000)
    with page.expect_download() as download:
        link.click()
    from openpyxl import load_workbook

    book = load_workbook(BytesIO(download.value.path().read_bytes()), read_only=True)
    values = {cell for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row}
    assert expected[2022] in values


def test_the_dashboard_is_public_and_asks_nothing(hub):
    """No login, no cookie, none of the notebook's code in the page."""
    status, headers, text = Client(hub).ask(DASHBOARD)
    assert status == HTTPStatus.OK
    assert headers["Set-Cookie"] is None
    assert "atelier-figure" in text
    assert "Dashboard(" not in text
