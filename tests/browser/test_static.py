"""Static editions as readers without script see them, served by the whole hub."""

import re
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from itertools import cycle
from pathlib import Path
from threading import Thread

import pytest
from openpyxl import load_workbook

from atelier.notebooks import read_dashboard
from tests.browser.conftest import own_editions

DASHBOARDS = Path(__file__).resolve().parents[2] / "notebooks" / "esr" / "dashboards"
NAMES = sorted(path.stem for path in DASHBOARDS.glob("*.ipynb"))


@pytest.mark.parametrize(("name", "language"), list(zip(NAMES, cycle(("fr", "en")))))
def test_a_static_edition_is_whole_without_javascript(hub, open_page, name, language):
    """Text, drawings, tables and files that are real."""
    page = open_page(java_script_enabled=False, accept_downloads=True)
    page.goto(own_editions(hub, name) + language)
    told = read_dashboard(DASHBOARDS / f"{name}.ipynb").title[language]
    assert re.sub(r"\s", " ", page.locator("h1").inner_text()) == re.sub(r"\s", " ", told)
    figures = page.locator(".atelier-figure")
    assert figures.count() >= 6
    for figure in figures.all():
        assert figure.locator("svg:visible").count() == 1
        assert {"fr": "Lecture", "en": "Reading"}[language] in figure.inner_text()
        figure.locator("details.atelier-data summary").click()
        assert figure.locator("table:visible th[scope=col]").count() > 1
        links = figure.locator("a[download]").evaluate_all("links => links.map(link => link.getAttribute('download'))")
        assert sorted(link.rpartition(".")[2] for link in links) == ["csv", "png", "svg", "xlsx"]
    for kind, opening in {"csv": b"", "svg": b"<svg", "png": b"\x89PNG"}.items():
        with page.expect_download() as download:
            page.locator(f'a[download$=".{kind}"]').first.click()
        content = download.value.path().read_bytes()
        assert content.startswith(opening)
        assert len(content) > 200
    with page.expect_download() as download:
        page.locator('a[download="page.xlsx"]').click()
    assert len(load_workbook(BytesIO(download.value.path().read_bytes())).sheetnames) > figures.count()


def test_a_figure_is_shown_in_a_page_of_another_site(hub, open_page, tmp_path):
    """An iframe of another origin shows it; the whole dashboard is refused there."""
    root, editions = hub.url + "/services/public/", own_editions(hub, "students")
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
