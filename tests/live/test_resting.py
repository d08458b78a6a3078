"""Kernels for pages that let their own go: who gets one, who waits, who has to load the page again."""

import json
import re
import shutil
from datetime import timedelta
from types import SimpleNamespace

import pytest
from jupyter_server._tz import utcnow

from atelier.live.kernels import PublicKernelManager
from atelier.live.resting import QUIET_SECONDS, REST_CODE, SHORT, Resting
from atelier.live.server import build_configuration
from atelier.live.visitors import Capacity, Seats, choose_capacity
from tests.live.conftest import lay_project, start_service, wait_until
from tests.live.test_forks import PAGE, SAMPLE, ask_models, open_page


@pytest.fixture(scope="module")
def service(sample_project, tmp_path_factory):
    """A public server with two seats, whose only dashboard can show any selection after it has run."""
    folder = tmp_path_factory.mktemp("resting")
    shutil.copyfile(SAMPLE, lay_project(sample_project, folder) / "steps.ipynb")
    running = start_service(folder, tmp_path_factory.mktemp("log") / "live.log", "--visitors", "2")
    wait_until(lambda: "parent of steps.ipynb ready" in running.log.read_text("utf-8"), 60)
    yield running
    running.process.terminate()
    running.process.wait(30)


def token_of(page: str) -> bytes:
    """Return what a page says of its kernel's parent."""
    return re.search(r'"parent": "([0-9a-f]{16})"', page).group(1).encode()


def ask_kernel(service, token: bytes, query: str = "", headers: dict[str, str] | None = None):
    """Ask for another kernel, as a page does."""
    headers = {"Origin": service.root} if headers is None else headers
    return service.ask(f"{service.prefix}{PAGE}/kernel{query}", "POST", headers, token)


def rest(service, kernel: str) -> None:
    """Let a kernel go, as a page does that stays."""
    assert (
        service.ask(f"{service.prefix}voila/api/shutdown/{kernel}?rest", "POST", {"Origin": service.root}, b"").status
        == 204
    )


def test_a_page_gets_another_kernel_that_shows_what_it_shows(service):
    """Its widgets have the names that the page knows, and the values its query says."""
    first, page = open_page(service)
    before = ask_models(service, first)["IntSliderModel"]
    rest(service, first)
    wait_until(lambda: service.kernels == 0)
    answer = ask_kernel(service, token_of(page), "?step=5")
    assert answer.status == 201
    assert answer.headers["Cache-Control"] == "no-store"
    kernel = json.loads(answer.text)["id"]
    after = ask_models(service, kernel)["IntSliderModel"]
    assert kernel != first
    assert (after["id"], before["value"], after["value"]) == (before["id"], 2, 5)
    service.leave(kernel)
    metrics = service.ask(f"{service.prefix}metrics").text
    assert 'atelier_kernel_ends_total{reason="rest"} 1.0' in metrics
    assert "atelier_wake_seconds_count 1.0" in metrics


@pytest.mark.parametrize(
    ("token", "headers", "status"),
    [
        (b"0123456789abcdef", None, 409),
        (b"", None, 409),
        ("é".encode() * 300, None, 409),
        (None, {"Origin": "https://elsewhere.example"}, 403),
        (None, {}, 403),
    ],
)
def test_a_page_of_another_parent_or_site_gets_none(service, token, headers, status):
    """409 tells a page to load again; another site's page is refused."""
    kernel, page = open_page(service)
    assert ask_kernel(service, token_of(page) if token is None else token, headers=headers).status == status
    service.leave(kernel)
    wait_until(lambda: service.kernels == 0)


def test_s20_a_dashboard_that_does_not_exist_or_too_long_a_query(service):
    """Nothing is forked."""
    kernel, page = open_page(service)
    headers = {"Origin": service.root}
    nowhere = service.ask(f"{service.prefix}dashboards/demo/nowhere/kernel", "POST", headers, token_of(page))
    assert nowhere.status == 404
    assert ask_kernel(service, token_of(page), "?step=" + "5" * 3000).status == 414
    assert service.kernels == 1
    service.leave(kernel)


def test_s21_when_every_seat_is_taken_a_page_is_told_how_long_to_wait(service):
    """It asks again, and gets one once somebody has left."""
    (first, page), (second, _) = open_page(service), open_page(service)
    answer = ask_kernel(service, token_of(page))
    assert (answer.status, answer.headers["Retry-After"]) == (503, "1")
    service.leave(first)
    answer = ask_kernel(service, token_of(page))
    assert answer.status == 201
    for kernel in (second, json.loads(answer.text)["id"]):
        service.leave(kernel)


def test_s20_who_asks_too_often_is_told_how_long_to_wait(service):
    """An address has so many in a minute; forwarded, since this machine itself is never limited."""
    kernel, page = open_page(service)
    headers = {"Origin": service.root, "X-Forwarded-For": "203.0.113.9"}
    answers = (ask_kernel(service, b"", headers=headers) for _ in range(10 * Capacity(2).wakes_per_minute))
    refused = next(answer for answer in answers if answer.status != 409)
    assert refused.status == 429
    assert int(refused.headers["Retry-After"]) >= 1
    assert ask_kernel(service, token_of(page)).status == 201
    service.leave(kernel)


class Sockets(PublicKernelManager):
    """A manager of kernels that were never started, whose pages' websockets take note of how they are closed."""

    def hold(self, kernel: str, quiet: float) -> None:
        """Hold a kernel whose page made its last gesture some seconds ago."""
        self._forks.add(kernel)
        self._kernels[kernel] = SimpleNamespace(last_activity=utcnow() - timedelta(seconds=quiet))
        self.hold_socket(kernel, SimpleNamespace(close=lambda code, _reason: self.closed.append((kernel, code))))

    closed: list = []  # noqa: RUF012 - one manager a test


@pytest.mark.parametrize(("rest_seconds", "asked"), [(60.0, ["g", "f", "e", "d"]), (0.0, [])])
def test_the_quietest_pages_are_asked_to_rest_when_seats_are_short(rest_seconds, asked):
    """As many as are beyond half of the seats; not those who have just chosen, and each of them once."""
    manager = Sockets(config=build_configuration(choose_capacity(8)))
    manager.closed = []
    seats = Seats(Capacity(8, rest=rest_seconds))
    for place, kernel in enumerate("abcdefgh"):
        assert seats.take(kernel, "203.0.113.9", is_known=True)
        manager.hold(kernel, quiet=2 + place if kernel != "h" else 0)
    resting = Resting(manager, None, None, seats, None)
    assert int(SHORT * 8) == 4
    assert resting.ask_to_rest() == len(asked)
    assert manager.closed == [(kernel, REST_CODE) for kernel in asked]
    manager.hold("g", quiet=6)
    resting.ask_to_rest()
    assert [kernel for kernel, _code in manager.closed].count("g") <= 1
    manager.touch("g")
    assert "g" not in manager.quietest(QUIET_SECONDS)
    manager._kernels.clear()
