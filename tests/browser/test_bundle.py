"""The bundle of widgets that live pages load: what it shows, what it weighs, how it holds a connection."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser.conftest import wait_until
from tests.live.conftest import PublicService, start_service

GALLERY = Path(__file__).parents[1] / "projects" / "demo" / "gallery.ipynb"
MOST_REQUESTS = 15
MOST_BYTES = 1_500_000


@pytest.fixture(scope="module")
def service(sample_project, tmp_path_factory) -> Iterator[PublicService]:
    """A public server whose only dashboard holds one widget of each kind."""
    project = tmp_path_factory.mktemp("gallery")
    for name in ("templates", "node_modules", "hub_config", "themes"):
        (project / name).symlink_to((sample_project / name).resolve())
    shutil.copytree(sample_project / "state" / "site", project / "state" / "site")
    (project / "notebooks/demo/dashboards").mkdir(parents=True)
    shutil.copyfile(GALLERY, project / "notebooks/demo/dashboards/gallery.ipynb")
    running = start_service(project, project / "live.log")
    wait_until(lambda: running.ask(f"{running.prefix}ready").status == 200, 90)
    yield running
    running.process.terminate()
    running.process.wait(30)


def open_gallery(page, service) -> None:
    """Open the dashboard and wait until it lives."""
    page.goto(f"{service.base}dashboards/demo/gallery")
    page.wait_for_selector("body.is-ready")


def test_every_kind_of_widget_is_shown_and_an_unknown_one_says_so(service, page, record):
    """Controls of ipywidgets and charts of bqplot work; what is neither becomes a sentence, not a stack trace."""
    open_gallery(page, service)
    page.get_by_text("Cette page ne sait pas montrer cet élément").wait_for()
    assert page.locator(".jupyter-widgets-error-widget").count() == 0
    kinds = ["widget-slider", "widget-play", "widget-dropdown", "widget-radio", "widget-toggle-buttons", "widget-tab"]
    kinds += ["widget-accordion", "widget-datepicker", "widget-colorpicker", "widget-upload", "bqplot"]
    wait_until(lambda: [kind for kind in kinds if page.locator(f".{kind}").count() == 0] == [])
    wait_until(lambda: page.locator(".bqplot rect.bar").count() == 5)
    assert record.errors == []


def test_what_a_callback_prints_goes_into_its_output_and_follows(service, page):
    """What the notebook printed as it ran is there, then replaced when the control moves."""
    open_gallery(page, service)
    printed = page.locator(".widget-output")
    wait_until(lambda: printed.inner_text().strip() == "double : 4")
    page.get_by_role("slider").last.press("ArrowRight")
    wait_until(lambda: printed.inner_text().strip() == "double : 6")


def test_a_live_page_is_light(service, page):
    """Few requests and a megabyte and a half on an empty cache, all of it compressed by its build."""
    weights, asked = [], []
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    session.on("Network.loadingFinished", lambda event: weights.append(event["encodedDataLength"]))
    page.on("request", lambda request: asked.append(request.url))
    page.on("websocket", lambda opened: asked.append(opened.url))
    open_gallery(page, service)
    assert len(asked) < MOST_REQUESTS, asked
    assert sum(weights) < MOST_BYTES
    script = next(address for address in asked if address.endswith("live.js")).removeprefix(service.root)
    answers = {way: service.ask(script, headers={"Accept-Encoding": way}) for way in ("br", "gzip", "identity")}
    assert [answer.headers["Content-Encoding"] for answer in answers.values()] == ["br", "gzip", None]
    assert len(answers["br"].body) < len(answers["gzip"].body) < len(answers["identity"].body)
    assert "immutable" in answers["br"].headers["Cache-Control"]


def test_a_lost_connection_comes_back_and_nothing_said_meanwhile_is_lost(service, page):
    """The page connects again to the same kernel; a control moved while it was cut off has its answer."""
    opened = []

    def through(route) -> None:
        opened.append(route)
        route.connect_to_server()

    page.route_web_socket("**/channels*", through)
    open_gallery(page, service)
    opened[0].close(code=3000)
    page.get_by_role("slider").last.press("ArrowLeft")
    wait_until(lambda: page.locator(".widget-output").inner_text().strip() == "double : 2")
    assert len(opened) >= 2
    assert page.locator("#dashboard-ended").is_hidden()
