"""A public server as a process of its own, on a small project, shared by all tests of this folder."""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.message import Message
from pathlib import Path

import pytest

CANARY = "canary-4b1f7e"
BROWSER = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64) Test"}


@dataclass(frozen=True)
class Answer:
    """What a server said."""

    status: int
    headers: Message
    body: bytes

    @property
    def text(self) -> str:
        """The body as text."""
        return self.body.decode("utf-8", errors="replace")


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_args):
        return None


_OPENER = urllib.request.build_opener(_NoRedirect)


@dataclass
class PublicService:
    """A running public server.

    Attributes:
        root: Its address, ``http://127.0.0.1:<port>``.
        base: The address of its front page.
        state: Its folder of files.
        process: Its process.
        log: Its log file.
    """

    root: str
    state: Path
    process: subprocess.Popen
    log: Path
    prefix: str = "/services/public/"
    pages: list[str] = field(default_factory=list)

    @property
    def base(self) -> str:
        """The address of the front page."""
        return self.root + self.prefix

    def ask(
        self, path: str, method: str = "GET", headers: dict[str, str] | None = None, data: bytes | None = None
    ) -> Answer:
        """Ask for a path below the server's root, as it is written, and follow no redirect."""
        request = urllib.request.Request(self.root + path, method=method, headers=BROWSER | (headers or {}), data=data)
        try:
            with _OPENER.open(request, timeout=60) as answer:
                return Answer(answer.status, answer.headers, answer.read())
        except urllib.error.HTTPError as error:
            return Answer(error.code, error.headers, error.read())

    def open_dashboard(self, query: str = "") -> tuple[str, str]:
        """Open the sample dashboard; return its kernel's identifier and its page."""
        page = self.ask(f"{self.prefix}dashboards/demo/counter{query}").text
        return kernel_of(page), page

    def leave(self, kernel: str) -> Answer:
        """Send the beacon of a page that is left."""
        return self.ask(f"{self.prefix}voila/api/shutdown/{kernel}", "POST", {"Origin": self.root}, b"")

    @property
    def kernels(self) -> int:
        """How many kernels live."""
        return json.loads(self.ask(f"{self.prefix}health").body)["kernels"]


def kernel_of(page: str) -> str:
    """Return the identifier of a live page's kernel."""
    return re.search(r'"kernelId": "([0-9a-f-]{36})"', page).group(1)


def wait_until(condition, seconds: float = 60, step: float = 0.05) -> None:
    """Poll until a condition holds; fail after a deadline."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"did not happen in {seconds} s"
        time.sleep(step)


def lay_project(sample: Path, folder: Path) -> Path:
    """Lay the sample project in a folder, its theme copied, without a dashboard; return where dashboards go."""
    for name in ("templates", "node_modules", "hub_config"):
        (folder / name).symlink_to((sample / name).resolve())
    shutil.copytree(sample / "themes", folder / "themes")
    dashboards = folder / "notebooks" / "demo" / "dashboards"
    dashboards.mkdir(parents=True)
    return dashboards


def free_port() -> int:
    """Return a port of loopback that is free now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def start_service(project: Path, log: Path, *options: str) -> PublicService:
    """Start a public server on a project and wait until it answers."""
    port, state = free_port(), project / "state"
    environment = {**os.environ, "JUPYTERHUB_API_TOKEN": CANARY, "DATABASE_PASSWORD": CANARY}
    command = [sys.executable, "-m", "atelier.live", "--port", str(port), "--home", str(project), "--state", str(state)]
    command += options
    with log.open("wb") as output:
        process = subprocess.Popen(command, env=environment, stdout=output, stderr=subprocess.STDOUT)
    service = PublicService(f"http://127.0.0.1:{port}", state, process, log)

    def answers() -> bool:
        assert process.poll() is None, log.read_text("utf-8")
        try:
            return service.ask("/services/public/health").status == 200
        except OSError:
            return False

    wait_until(answers, 90)
    return service


@pytest.fixture(scope="session")
def serve_project():
    """The function that starts a public server on any project: ``serve_project(home, log)``; its caller ends it."""
    return start_service


@pytest.fixture
def public_service_of(sample_project, tmp_path) -> Iterator:
    """A function that starts one more server, stopped after the test."""
    started = []

    def start(*options: str) -> PublicService:
        started.append(start_service(sample_project, tmp_path / "own.log", *options))
        return started[-1]

    yield start
    for service in started:
        if service.process.poll() is None:
            service.process.kill()
            service.process.wait()


@pytest.fixture(scope="session")
def public(sample_project, tmp_path_factory) -> Iterator[PublicService]:
    """The public server, shared."""
    service = start_service(sample_project, tmp_path_factory.mktemp("live") / "live.log")
    yield service
    service.process.terminate()
    service.process.wait(30)
