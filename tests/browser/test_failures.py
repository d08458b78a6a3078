"""``kill -9`` of what stands between a reader and a kernel: readers keep reading, and it comes back by itself."""

import psutil
import pytest

from tests.browser.conftest import wait_until
from tests.browser.test_hub import DASHBOARD, Client, open_dashboard


def processes_of(hub, word: str) -> list[psutil.Process]:
    """Return the living processes of a hub whose command holds a word."""
    return [process for process in hub.processes() if any(word in part for part in process.cmdline())]


@pytest.mark.long
def test_a_killed_proxy_and_a_killed_server_come_back(hub_of_ones_own, open_page):
    """An open page tells its connection is lost, then goes on where it was; new readers are served again."""
    hub = hub_of_ones_own
    page = open_page()
    open_dashboard(page, hub)
    title = page.locator(".atelier-figure h3").first
    before = title.inner_text()
    proxies = processes_of(hub, "configurable-http-proxy")
    assert proxies
    for process in proxies:
        process.kill()
    page.locator("#dashboard-ended").wait_for(state="visible")
    assert "1 739 352".replace(" ", "\u202f") in page.locator("main").inner_text()
    page.locator("#dashboard-ended").wait_for(state="hidden", timeout=60_000)
    page.get_by_label("Région", exact=True).select_option(label="Bretagne")
    wait_until(lambda: title.inner_text() != before)
    server = processes_of(hub, "atelier.live")
    assert server
    for process in server:
        process.kill()
    page.locator("#dashboard-ended").wait_for(state="visible")
    client = Client(hub)
    wait_until(lambda: client.ask("/services/public/ready")[0] == 200, 120)
    page.goto(f"{hub.url}{DASHBOARD}?region=53")
    page.wait_for_selector("body.is-ready")
    assert page.get_by_label("Région", exact=True).evaluate("list => list.selectedOptions[0].label") == "Bretagne"
