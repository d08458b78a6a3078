"""A whole hub, started as people start it, and a real Chromium."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import psutil
import pytest
from playwright.sync_api import Browser, Page, sync_playwright

START_SECONDS = 120
STOP_SECONDS = 30
WCAG = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa")
"""Tags of axe's rules for WCAG 2.2 A and AA."""


@dataclass
class Hub:
    """A running ``atelier serve``.

    Attributes:
        url: Its address, without a stroke at the end.
        user: Name of the demo login.
        password: Its password.
        process: The process of the command.
        state: Its folder of files.
        output: File that holds what the command printed.
    """

    url: str
    process: subprocess.Popen
    state: Path
    output: Path
    user: str = ""
    password: str = ""

    @property
    def printed(self) -> str:
        """What the command printed so far."""
        return self.output.read_text("utf-8")

    @property
    def log(self) -> str:
        """What the hub, the proxy and the dashboards logged so far."""
        path = self.state / "logs" / "hub.log"
        return path.read_text("utf-8", errors="replace") if path.exists() else ""

    @property
    def kernels(self) -> int:
        """How many kernels of readers live."""
        with urllib.request.urlopen(f"{self.url}/services/public/health", timeout=10) as answer:
            return json.load(answer)["kernels"]

    def processes(self) -> list[psutil.Process]:
        """Return every living process that belongs to this hub, whoever its parent is."""
        found = []
        for process in psutil.process_iter():
            try:
                known = [*process.cmdline(), *process.environ().values()]
                if process.status() != psutil.STATUS_ZOMBIE and any(str(self.state) in text for text in known):
                    found.append(process)
            except (psutil.NoSuchProcess, psutil.AccessDenied):
                continue
        return found

    def wait_ready(self) -> None:
        """Wait until it has printed the addresses and the login."""
        wait_until(lambda: "Ctrl-C" in self.printed or self.process.poll() is not None, START_SECONDS)
        assert self.process.poll() is None, self.printed + self.log
        self.user = re.search(r"nom / name +(\S+)", self.printed).group(1)
        self.password = re.search(r"mot de passe / password +(\S+)", self.printed).group(1)

    def stop(self, number: int = signal.SIGINT) -> int:
        """Stop it as Ctrl-C does; return its exit code. Fails when it takes 30 s."""
        self.process.send_signal(number)
        return self.process.wait(STOP_SECONDS)

    def kill(self) -> None:
        """End whatever is left after a failed test."""
        for process in self.processes():
            try:
                process.kill()
            except psutil.NoSuchProcess:
                continue
        self.process.wait(STOP_SECONDS)


@dataclass
class Record:
    """What a browser did.

    Attributes:
        hosts: Every host it asked something of.
        errors: Errors in its console and in its scripts, refusals of the content policy among them.
    """

    hosts: set[str] = field(default_factory=set)
    errors: list[str] = field(default_factory=list)

    def watch(self, page: Page) -> None:
        """Record what a page does."""
        page.on("request", lambda request: self.hosts.add(urlsplit(request.url).netloc))
        page.on("websocket", lambda opened: self.hosts.add(urlsplit(opened.url).netloc))
        page.on("console", lambda message: message.type == "error" and self.errors.append(message.text))
        page.on("pageerror", lambda error: self.errors.append(str(error)))


def wait_until(condition, seconds: float = 15) -> None:
    """Poll until a condition holds; fail after a deadline."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"did not happen in {seconds} s"
        time.sleep(0.05)


def audit(page: Page, home: Path, tags: Sequence[str] = WCAG) -> list[tuple[str, list[str]]]:
    """Return what axe finds against the rules of some tags: the rule, and the first elements that break it."""
    page.add_script_tag(path=home / "node_modules" / "axe-core" / "axe.min.js")
    found = page.evaluate("tags => axe.run({ runOnly: tags })", list(tags))
    return [(one["id"], [node["html"][:160] for node in one["nodes"][:3]]) for one in found["violations"]]


def own_editions(hub: Hub, name: str) -> str:
    """Return the address of a dashboard's static editions, once the hub has made those of its own selection."""
    address = f"{hub.url}/services/public/dashboards/esr/{name}/static/"

    def is_made() -> bool:
        try:
            return all(urllib.request.urlopen(address + one, timeout=10).status == 200 for one in ("fr", "en"))
        except urllib.error.HTTPError:
            return False

    wait_until(is_made, 180)
    return address


def free_port() -> int:
    """Return a port of loopback that is free now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def start_hub(home: Path, folder: Path) -> Hub:
    """Start ``atelier serve`` with a state of its own; see ``wait_ready``."""
    port = free_port()
    state, output = folder / "state", folder / "output.txt"
    environment = {**os.environ, "ATELIER_HOME": str(home), "ATELIER_STATE": str(state), "PYTHONUNBUFFERED": "1"}
    environment.pop("ATELIER_DEMO_PASSWORD", None)
    command = [str(Path(sys.executable).with_name("atelier")), "serve", "--port", str(port)]
    with output.open("wb") as file:
        process = subprocess.Popen(
            command, cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=file, stderr=subprocess.STDOUT
        )
    return Hub(f"http://127.0.0.1:{port}", process, state, output)


@pytest.fixture(scope="session")
def hub(home, tmp_path_factory) -> Iterator[Hub]:
    """The hub all tests share. R05: it stops within 30 s and leaves no process behind."""
    running = start_hub(home, tmp_path_factory.mktemp("hub"))
    try:
        running.wait_ready()
        yield running
        assert len(running.processes()) > 1
        assert running.stop() == 0, running.printed
        assert running.processes() == []
        assert "Traceback" not in running.printed
    finally:
        running.kill()


@pytest.fixture
def hub_of_ones_own(home, tmp_path) -> Iterator[Hub]:
    """One more hub, ended after the test, for the one dashboard of a project of its own: it starts sooner."""
    project = tmp_path / "project"
    dashboards = project / "notebooks" / "esr" / "dashboards"
    dashboards.mkdir(parents=True)
    for name in ("templates", "themes", "node_modules", "hub_config"):
        (project / name).symlink_to(home / name)
    shutil.copyfile(home / "notebooks" / "esr" / "dashboards" / "students.ipynb", dashboards / "students.ipynb")
    running = start_hub(project, tmp_path)
    try:
        running.wait_ready()
        yield running
    finally:
        running.kill()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium. One for each module: playwright's loop must not live beside the loops of other tests."""
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        pytest.skip("Chromium is not installed: run tests/browser/install-chromium")
    arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-dev-shm-usage"]
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=arguments)
        yield chromium
        chromium.close()


@pytest.fixture
def record() -> Record:
    """What the test's pages did."""
    return Record()


@pytest.fixture
def open_page(browser, record) -> Iterator:
    """A function that opens an empty page of a new visitor, ``open_page(width, height, **context)``, recorded."""
    contexts = []

    def open_one(width: int = 1280, height: int = 900, **given) -> Page:
        options = {"locale": "fr-FR", "viewport": {"width": width, "height": height}} | given
        contexts.append(browser.new_context(**options))
        contexts[-1].set_default_timeout(60_000)
        page = contexts[-1].new_page()
        record.watch(page)
        return page

    yield open_one
    for context in contexts:
        context.close()


@pytest.fixture
def page(open_page) -> Page:
    """An empty page of a new visitor, 1280 pixels wide."""
    return open_page()
