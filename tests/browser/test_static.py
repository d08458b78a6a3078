"""Static editions as readers without script see them, served by the whole hub."""

import urllib.error
import urllib.request
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from threading import Thread

import pytest
from openpyxl import load_workbook

from tests.browser.conftest import wait_until

ADDRESS = "/services/public/dashboards/esr/students/static/"


@pytest.fixture(scope="module")
def editions(hub):
    """The address of static editions, once the hub has made those of the notebook's own selection by itself."""

    def is_made() -> bool:
        try:
            return all(
                urllib.request.urlopen(f"{hub.url}{ADDRESS}{one}", timeout=10).status == 200 for one in LANGUAGES
            )
        except urllib.error.HTTPError:
            return False

    wait_until(is_made, 120)
    return hub.url + ADDRESS


LANGUAGES = ("fr", "en")


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_static_edition_is_whole_without_javascript(editions, open_page, language):
    """Text, drawings, tables and files that are real; the address of the live page; no host but ours, no error."""
    page = open_page(java_script_enabled=False, accept_downloads=True)
    page.goto(editions + language)
    assert page.locator("h1").inner_text() == {"fr": "Qui étudie où\u202f?", "en": "Who studies where?"}[language]
    assert page.locator("main svg:visible").count() == page.locator(".atelier-figure").count() == 6
    page.locator("details.atelier-data summary").first.click()
    assert page.locator("table:visible th[scope=col]").count() > 1
    for name, opening in (("trend.csv", b"\xef\xbb\xbf"), ("trend.svg", b"<svg"), ("trend.png", b"\x89PNG")):
        with page.expect_download() as download:
            page.locator(f'a[download="{name}"]').click()
        content = download.value.path().read_bytes()
        assert content.startswith(opening) or name.endswith("csv")
    with page.expect_download() as download:
        page.locator('a[download="page.xlsx"]').click()
    assert len(load_workbook(BytesIO(download.value.path().read_bytes())).sheetnames) > 6


@pytest.mark.parametrize("width", [1280, 360])
@pytest.mark.parametrize("language", LANGUAGES)
def test_a01_axe_finds_nothing_in_a_static_edition(editions, home, open_page, record, width, language):
    """A01, A08, A11: no violation with every list and table open, nothing wider than the screen, no other host."""
    page = open_page(width, bypass_csp=True)
    page.goto(editions + language)
    for details in page.locator("details").all():
        details.locator("summary").click()
    page.add_script_tag(path=home / "node_modules" / "axe-core" / "axe.min.js")
    tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
    found = page.evaluate("tags => axe.run({ runOnly: tags })", tags)
    told = [(one["id"], [node["html"][:160] for node in one["nodes"][:3]]) for one in found["violations"]]
    assert told == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert len(record.hosts) == 1


def test_a_figure_is_shown_in_a_page_of_another_site(editions, hub, open_page, tmp_path):
    """An iframe of another origin shows it; the whole dashboard is refused there."""
    root = hub.url + "/services/public/"
    body = (
        f'<iframe title="a" src="{root}embed/esr/students/trend" width=700 height=700></iframe>'
        f'<iframe title="b" src="{editions}fr" width=700 height=700></iframe>'
    )
    (tmp_path / "index.html").write_text(f"<!DOCTYPE html><title>News</title>{body}", "utf-8")
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(SimpleHTTPRequestHandler, directory=str(tmp_path)))
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        page = open_page()
        page.goto(f"http://127.0.0.1:{server.server_port}/")
        framed = page.frame_locator('iframe[title="a"]')
        framed.locator(".still-wide svg").wait_for()
        assert "Lecture" in framed.locator("main").inner_text()
        refused = page.frame_locator('iframe[title="b"]')
        # Chromium's own page says that it was refused.
        refused.locator("h1").wait_for(state="attached")
        assert refused.locator(".atelier-figure").count() == 0
    finally:
        server.shutdown()
        server.server_close()
