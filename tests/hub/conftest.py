"""A user's Jupyter server, as the hub starts one, but without a hub."""

import http.cookiejar
import os
import re
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path

import pytest

TOKEN = "a-token-for-tests"


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_args):
        return None


@dataclass
class UserServer:
    """A user's server and a browser that is logged in to it.

    Attributes:
        url: Its address.
        files: The folder of the user's files.
    """

    url: str
    files: Path
    jar: http.cookiejar.CookieJar = field(default_factory=http.cookiejar.CookieJar)

    def ask(self, path: str, form: dict[str, str] | None = None) -> tuple[int, dict[str, str], str]:
        """Return status, headers and text; with a form, POST it."""
        opener = urllib.request.build_opener(_NoRedirect, urllib.request.HTTPCookieProcessor(self.jar))
        data = None if form is None else urllib.parse.urlencode(form).encode()
        try:
            with opener.open(self.url + path, data, timeout=30) as answer:
                return answer.status, dict(answer.headers), answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, dict(error.headers), error.read().decode(errors="replace")

    def token_of(self, path: str) -> str:
        """Return the token against forgery in the form of a page."""
        return re.search(r'name="_xsrf"[^>]*value="([^"]+)"', self.ask(path)[2]).group(1)

    @property
    def copies(self) -> list[Path]:
        """The copies made so far."""
        return sorted(self.files.glob("**/*.ipynb"))


def find_server(log: Path, files: Path) -> UserServer | None:
    """Return the server whose address is in a log, logged in to, once it answers."""
    found = re.search(r"http://127\.0\.0\.1:(\d+)/", log.read_text("utf-8"))
    server = UserServer(f"http://127.0.0.1:{found.group(1)}", files) if found else None
    try:
        return server if server and server.ask(f"/api/status?token={TOKEN}")[0] == HTTPStatus.OK else None
    except OSError:
        return None


@pytest.fixture(scope="session")
def user_server(home, tmp_path_factory) -> Iterator[UserServer]:
    """A user's server with the settings that the hub gives it."""
    files, state = tmp_path_factory.mktemp("user"), tmp_path_factory.mktemp("state")
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(state),
        "ATELIER_HOME": str(home),
        "JUPYTER_CONFIG_PATH": str(home / "hub_config" / "user"),
        "JUPYTER_RUNTIME_DIR": str(state),
    }
    options = ["--no-browser", "--allow-root", "--port=0", "--ServerApp.ip=127.0.0.1", f"--ServerApp.root_dir={files}"]
    command = [
        sys.executable,
        "-m",
        "atelier.hub.program",
        "jupyter_server",
        *options,
        f"--IdentityProvider.token={TOKEN}",
    ]
    log = state / "server.log"
    with log.open("wb") as output:
        process = subprocess.Popen(command, env=environment, stdout=output, stderr=subprocess.STDOUT)
    try:
        deadline = time.monotonic() + 60
        while not (server := find_server(log, files)):
            assert process.poll() is None, log.read_text("utf-8")
            assert time.monotonic() < deadline, log.read_text("utf-8")
            time.sleep(0.05)
        yield server
    finally:
        process.terminate()
        process.wait(20)
