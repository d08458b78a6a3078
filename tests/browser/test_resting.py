"""A page that is only read lets its kernel go; used again, it goes on as if nothing had been."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from atelier.settings import load_settings
from atelier.site import build_site
from tests.browser.conftest import wait_until
from tests.live.conftest import PublicService, lay_project, start_service

DEMO = Path(__file__).parents[1] / "projects" / "demo"
PAGE = "dashboards/demo/sum"
REST_SECONDS = 1


def serve(sample_project, folder: Path, *options: str) -> PublicService:
    """Start a public server whose only dashboard adds two sliders, and wait until it is ready."""
    shutil.copyfile(DEMO / "sum.ipynb", lay_project(sample_project, folder) / "sum.ipynb")
    shutil.copytree(sample_project / "state" / "site", folder / "state" / "site")
    running = start_service(folder, folder / "live.log", *options)
    wait_until(lambda: running.ask(f"{running.prefix}ready").status == 200, 90)
    return running


@pytest.fixture(scope="module")
def service(sample_project, tmp_path_factory) -> Iterator[PublicService]:
    """A server whose pages rest after a second."""
    running = serve(sample_project, tmp_path_factory.mktemp("resting"), "--rest", str(REST_SECONDS))
    yield running
    running.process.terminate()
    running.process.wait(30)


def open_sum(page, service) -> None:
    """Open the dashboard and wait until it lives."""
    page.goto(service.base + PAGE)
    page.wait_for_selector("body.is-ready")
    page.locator("#total").wait_for()


def wait_resting(service, kernels: int = 0) -> None:
    """Wait until no more kernels live than that."""
    wait_until(lambda: service.kernels == kernels)


def wait_total(page, total: int) -> None:
    """Wait until the page shows a sum, and as many made widgets as its units say."""
    wait_until(lambda: page.locator("#total").inner_text() == str(total))
    wait_until(lambda: page.get_by_text("rang ").count() == total % 10)


def test_a_page_at_rest_has_no_kernel_and_wakes_with_all_that_was_chosen(service, page, record):
    """Each choice after a rest goes to another kernel and adds to those before; nothing older is shown meanwhile."""
    open_sum(page, service)
    tens, units = page.get_by_role("slider").first, page.get_by_role("slider").last
    wait_resting(service)
    assert page.locator("#total").inner_text() == "12"
    tens.press("ArrowRight")
    wait_total(page, 22)
    wait_resting(service)
    page.evaluate("""() => {
        window.shown = new Set();
        const note = () => window.shown.add(document.getElementById("total").innerText);
        new MutationObserver(note).observe(document.body, { subtree: true, childList: true, characterData: true });
    }""")
    units.press("ArrowRight")
    wait_total(page, 23)
    wait_resting(service)
    units.press("ArrowLeft")
    units.press("ArrowLeft")
    units.press("ArrowLeft")
    wait_total(page, 20)
    tens.press("ArrowRight")
    wait_total(page, 30)
    assert "12" not in page.evaluate("[...window.shown]")
    assert page.locator("#dashboard-ended").is_hidden()
    assert record.errors == []
    wait_resting(service)


def test_a_page_on_which_a_button_was_pressed_keeps_its_kernel(service, page):
    """What a press did cannot be told to another kernel."""
    open_sum(page, service)
    page.get_by_role("button", name="Compter").click()
    page.get_by_text("1 fois").wait_for()
    page.wait_for_timeout(3000 * REST_SECONDS)
    assert service.kernels == 1
    page.get_by_role("button", name="Compter").click()
    page.get_by_text("2 fois").wait_for()
    page.goto("about:blank")
    wait_resting(service)


def test_ticks_keep_the_labels_that_come_after_them(service, page):
    """Bqplot moves ticks in a transition; what they were called before must not come back with it."""
    open_sum(page, service)
    ticks = page.locator(".bqplot g.axis .tick text")
    for _ in range(3):
        page.get_by_role("slider").first.press("ArrowRight")
        page.wait_for_timeout(600)
        assert ticks.all_text_contents() == ["bas", "haut"]
    wait_resting(service)


def test_leaving_a_page_at_rest_says_nothing(service, page):
    """There is no kernel to end."""
    open_sum(page, service)
    wait_resting(service)
    said = []
    page.on("request", lambda request: request.url.endswith("?rest") or said.append(request.url))
    page.goto("about:blank")
    page.wait_for_timeout(500)
    assert not any("shutdown" in one for one in said)


@pytest.mark.long
def test_quiet_pages_rest_when_seats_are_short(sample_project, tmp_path, open_page):
    """Two seats, three readers: the one who only reads makes room, nobody is turned away, and all can choose."""
    service = serve(sample_project, tmp_path, "--visitors", "2", "--rest", "600")
    try:
        pages = [open_page() for _ in range(3)]
        for one in pages:
            open_sum(one, service)
            wait_resting(service, 1)
        for one in pages:
            one.get_by_role("slider").first.press("ArrowRight")
            wait_total(one, 22)
        assert 'atelier_kernel_ends_total{reason="rest"}' in service.ask(f"{service.prefix}metrics").text
    finally:
        service.process.terminate()
        service.process.wait(30)


@pytest.mark.long
def test_a_page_at_rest_whose_notebook_has_changed_is_loaded_again(sample_project, tmp_path, page):
    """There is no kernel that knows its widgets any more: the page is loaded again, without an error."""
    service = serve(sample_project, tmp_path, "--rest", str(REST_SECONDS))
    try:
        open_sum(page, service)
        wait_resting(service)
        notebook = tmp_path / "notebooks/demo/dashboards/sum.ipynb"
        notebook.write_text(notebook.read_text("utf-8").replace("rang ", "ligne "), "utf-8")
        wait_until(lambda: service.log.read_text("utf-8").count("parent of sum.ipynb ready") == 2, 60)
        page.get_by_role("slider").first.press("ArrowRight")
        page.get_by_text("ligne 1").wait_for()
        page.wait_for_selector("body.is-ready")
        page.get_by_role("slider").first.press("ArrowRight")
        wait_until(lambda: page.locator("#total").inner_text() == "22")
    finally:
        service.process.terminate()
        service.process.wait(30)


@pytest.mark.long
def test_the_choice_that_has_the_page_loaded_again_is_made(home, tmp_path, page, record):
    """A reader whose dashboard was replaced while reading chooses a region, once: the page comes back on it."""
    dashboards = tmp_path / "notebooks" / "esr" / "dashboards"
    dashboards.mkdir(parents=True)
    for name in ("templates", "themes", "node_modules", "hub_config"):
        (tmp_path / name).symlink_to(home / name)
    notebook = dashboards / "students.ipynb"
    shutil.copyfile(home / "notebooks" / "esr" / "dashboards" / "students.ipynb", notebook)
    build_site(load_settings({}, home=tmp_path, state=tmp_path / "state"))
    service = start_service(tmp_path, tmp_path / "live.log", "--rest", str(REST_SECONDS))
    try:
        wait_until(lambda: service.ask(f"{service.prefix}ready").status == 200, 90)
        page.goto(f"{service.base}dashboards/esr/students?year=2019")
        page.wait_for_selector("body.is-ready")
        wait_resting(service)
        notebook.touch()
        wait_until(lambda: service.log.read_text("utf-8").count("parent of students.ipynb ready") == 2, 60)
        page.get_by_label("Région", exact=True).focus()
        page.keyboard.press("ArrowDown")
        page.wait_for_url("**?year=2019&region=*")
        page.wait_for_selector("body.is-ready")
        region = page.get_by_label("Région", exact=True).evaluate("list => list.selectedOptions[0].label")
        wait_until(lambda: region in page.locator(".atelier-chosen").inner_text())
        assert "2019" in page.locator(".atelier-chosen").inner_text()
        assert all("409" in error for error in record.errors)
    finally:
        service.process.terminate()
        service.process.wait(30)
