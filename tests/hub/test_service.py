"""`atelier serve` as a process: it starts, answers, and stops with everything it started."""

import http.client
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import pytest

from atelier.hub.service import _descendants, _state, interruptible

PASSWORD = "only-for-this-test"


@dataclass
class Serving:
    """A started `atelier serve`."""

    process: subprocess.Popen
    output: Path
    port: int
    state: Path

    @property
    def text(self) -> str:
        """What it has said."""
        return self.output.read_text("utf-8")

    def wait_for(self, pattern: str, seconds: float = 90) -> None:
        """Wait until it says something."""
        deadline = time.monotonic() + seconds
        while not re.search(pattern, self.text, re.MULTILINE):
            assert self.process.poll() is None, self.text
            assert time.monotonic() < deadline, self.text
            time.sleep(0.05)

    def ask(self, path: str, method: str = "GET", headers: dict | None = None, body: str | None = None):
        """Ask for a path as it is written; follow no redirect."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        connection.request(method, path, body=body, headers={"User-Agent": "Mozilla/5.0", **(headers or {})})
        answer = connection.getresponse()
        answer.text = answer.read().decode("utf-8", errors="replace")
        connection.close()
        return answer


def start(project: Path, folder: Path, port: int | None = None) -> Serving:
    """Start `atelier serve` on a project."""
    if port is None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
    environment = {
        **os.environ,
        "ATELIER_HOME": str(project),
        "ATELIER_STATE": str(folder / "state"),
        "ATELIER_DEMO_PASSWORD": PASSWORD,
    }
    command = [sys.executable, "-c", "from atelier.cli import main; main()", "serve", "--port", str(port)]
    output = folder / "serve.log"
    with output.open("wb") as log:
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=subprocess.STDOUT)
    return Serving(process, output, port, folder / "state")


def wait_gone(pids: list[int], seconds: float = 30) -> None:
    """Wait until none of the processes lives."""
    deadline = time.monotonic() + seconds
    while living := [pid for pid in pids if _state(pid) not in {"", "Z"}]:
        assert time.monotonic() < deadline, living
        time.sleep(0.1)


@pytest.fixture(scope="module")
def serving(sample_project, tmp_path_factory) -> Iterator[Serving]:
    """The service on the sample project, shared."""
    service = start(sample_project, tmp_path_factory.mktemp("serve"))
    service.wait_for("^Ctrl-C")
    yield service
    service.process.send_signal(signal.SIGINT)
    service.process.wait(30)


def log_in(serving: Serving, name: str = "ada", password: str = PASSWORD, target: str = ""):
    """Post the login form; return the answer."""
    page = serving.ask(f"/hub/login?{urlencode({'next': target})}")
    cookies = "; ".join(header.split(";")[0] for key, header in page.getheaders() if key.lower() == "set-cookie")
    assert "_xsrf=" in cookies
    token = re.search(r'name="_xsrf" value="([^"]*)"', page.text).group(1)
    return serving.ask(
        f"/hub/login?{urlencode({'next': target})}",
        "POST",
        {"Cookie": cookies, "Content-Type": "application/x-www-form-urlencoded"},
        urlencode({"_xsrf": token, "username": name, "password": password}),
    )


def test_the_root_is_the_front_page_without_login(serving):
    """Anybody who types the address arrives at the public pages, in two steps and without a cookie."""
    first = serving.ask("/")
    second = serving.ask(first.getheader("Location"))
    assert second.getheader("Location") == "/services/public/"
    page = serving.ask("/services/public/")
    assert page.status == 200
    assert page.getheader("Set-Cookie") is None


def test_the_addresses_and_the_login_are_printed(serving):
    """A person who reads the terminal knows where to go and how to log in."""
    assert f"http://127.0.0.1:{serving.port}/services/public/dashboards/demo/counter" in serving.text
    assert PASSWORD in serving.text


@pytest.mark.parametrize("path", ["/hub/login", "/hub/nothing", "/hub/api/nothing", "/hub/error/503"])
def test_s04_s06_the_hubs_answers_carry_the_policy(serving, path):
    """No inline script, no frame, no version, on errors too."""
    answer = serving.ask(path)
    assert "script-src 'self';" in answer.getheader("Content-Security-Policy")
    assert answer.getheader("X-Content-Type-Options") == "nosniff"
    assert not answer.getheader("Server")
    assert not answer.getheader("X-JupyterHub-Version")
    assert "<script" not in answer.text


def test_only_the_public_port_is_the_worlds_and_all_are_on_loopback(serving):
    """Every listening socket of the service is bound to 127.0.0.1."""
    inodes = set()
    for pid in [serving.process.pid, *_descendants(serving.process.pid)]:
        for link in Path(f"/proc/{pid}/fd").iterdir():
            try:
                inodes.update(re.findall(r"socket:\[(\d+)\]", str(link.readlink())))
            except FileNotFoundError:
                continue
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/net/{table}").read_text("ascii").splitlines()[1:]:
            fields = line.split()
            if fields[3] == "0A" and fields[9] in inodes:
                assert fields[1].startswith("0100007F:"), line


@pytest.mark.parametrize("password", ["", "wrong-password", PASSWORD + "x"])
def test_a_wrong_password_is_refused(serving, password):
    """The form comes back with a message."""
    answer = log_in(serving, password=password)
    assert answer.status == 403
    assert "Nom ou mot de passe refusé" in answer.text


def test_a_form_without_its_cookie_is_not_called_a_wrong_password(serving):
    """Who left the form open too long, or refuses cookies, is told so and may log in again."""
    answer = serving.ask(
        "/hub/login",
        "POST",
        {"Content-Type": "application/x-www-form-urlencoded"},
        urlencode({"_xsrf": "old", "username": "ada", "password": PASSWORD}),
    )
    assert answer.status == 403
    assert "Le formulaire a expiré" in answer.text
    assert "mot de passe refusé" not in answer.text


def test_a_name_that_is_not_one_is_refused(serving):
    """A user's name is also a folder's: letters, digits, hyphens."""
    for name in ("../root", "a/b", "Ünal x", "-x", ""):
        assert log_in(serving, name=name).status >= 400


@pytest.mark.parametrize(
    "target",
    [
        "//evil.example",
        "///evil.example",
        "https://evil.example",
        "\\\\evil.example",
        "/\\evil.example",
        "http:evil.example",
    ],
)
def test_s28_login_redirects_nowhere_else(serving, target):
    """After login a visitor stays on this host, whatever `next` says."""
    location = log_in(serving, target=target).getheader("Location")
    parts = urlsplit(location)
    assert not parts.netloc
    assert not parts.scheme
    assert location.startswith("/")
    assert not location.startswith(("//", "/\\"))


def test_s24_the_hubs_log_is_redacted_and_bounded(serving):
    """A huge user name, a token in an address: neither is found in the log."""
    log_in(serving, name="x" * 500_000)
    serving.ask("/hub/nothing?token=abc123secret")
    lines = (serving.state / "logs" / "hub.log").read_text("utf-8", errors="replace").splitlines()
    assert max(map(len, lines)) < 4096
    assert not any("abc123secret" in line or PASSWORD in line for line in lines)


def test_a_port_in_use_is_one_message(sample_project, tmp_path):
    """It says which port, and how to choose another; nothing has been started."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        service = start(sample_project, tmp_path, taken.getsockname()[1])
        assert service.process.wait(30) == 1
    assert service.text.startswith("Err")
    assert f"port {service.port} " in service.text
    assert "--port" in service.text
    assert "Traceback" not in service.text
    assert not (service.state / "hub").exists()


def test_a_missing_proxy_is_one_message(sample_project, tmp_path):
    """It says how to install it."""
    home = tmp_path / "home"
    home.mkdir()
    for name in ("templates", "themes", "notebooks", "hub_config"):
        (home / name).symlink_to(sample_project / name)
    service = start(home, tmp_path)
    assert service.process.wait(30) == 1
    assert "npm ci" in service.text
    assert "Traceback" not in service.text


@pytest.mark.long
@pytest.mark.parametrize(
    ("moment", "number"),
    [("public pages", signal.SIGTERM), ("the hub answers", signal.SIGINT), ("^Ctrl-C", signal.SIGINT)],
)
def test_r05_a_signal_stops_everything(sample_project, tmp_path, moment, number):
    """At any moment, in less than 30 s, no process left, no trace; a start that was cut short says so by its code."""
    service = start(sample_project, tmp_path)
    service.wait_for(moment)
    if moment == "^Ctrl-C":
        request = urllib.request.Request(
            f"http://127.0.0.1:{service.port}/services/public/dashboards/demo/counter",
            headers={"User-Agent": "Mozilla/5.0"},
        )
        urllib.request.urlopen(request, timeout=30).close()
    children = _descendants(service.process.pid)
    service.process.send_signal(number)
    assert service.process.wait(30) == (0 if moment == "^Ctrl-C" else 130)
    wait_gone(children, 1)
    assert "Traceback" not in service.text


def test_r05_what_is_started_after_the_signal_can_be_stopped(capfd):
    """A signal may arrive just before the hub is started: the hub does not inherit that signals are ignored."""
    with interruptible():
        os.kill(os.getpid(), signal.SIGTERM)
        late = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
        late.terminate()
        assert late.wait(10) == -signal.SIGTERM
    assert capfd.readouterr() == ("", "")


@pytest.mark.long
def test_r05_killed_without_warning_it_leaves_no_orphan(sample_project, tmp_path):
    """Even a SIGKILL of the launcher ends the hub, the proxy, the dashboards and their kernels."""
    service = start(sample_project, tmp_path)
    service.wait_for("^Ctrl-C")
    children = _descendants(service.process.pid)
    assert len(children) >= 3
    service.process.kill()
    service.process.wait()
    wait_gone(children)
