"""The hub as a child process: started, awaited, and stopped with everything it started.

The hub starts the proxy, the public server and users' servers, each in a session of its own; a signal to one of them
does not reach the others. Here the launching process adopts what the hub leaves behind (Linux's "child subreaper"),
so that after a crash as after a clean stop it can end every one of them.
"""

import contextlib
import ctypes
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from types import FrameType

from atelier.errors import ServiceError, SettingsError
from atelier.hub.configure import HUB_PREFIX, PASSWORD_VARIABLE, PORTS_VARIABLE, PUBLIC_PREFIX, Ports, proxy_command
from atelier.hub.profile import Profile
from atelier.settings import Settings

START_SECONDS = 90
STOP_SECONDS = 20
_PASSED_VARIABLES = (
    *("PATH", "HOME", "LANG", "LC_ALL", "TZ", "PYTHONPATH", "VIRTUAL_ENV", "LD_LIBRARY_PATH", "USER", "LOGNAME"),
    *("OAUTH_CLIENT_ID", "OAUTH_CLIENT_SECRET", "JUPYTERHUB_CRYPT_KEY", "CONFIGPROXY_AUTH_TOKEN"),
)
_ASKED = threading.Event()
"""Whether a signal has asked the service to stop."""

_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36


class Interrupted(Exception):  # noqa: N818 - not an error: somebody asked to stop
    """A signal asked the service to stop."""


@dataclass(frozen=True)
class Step:
    """One part of starting: what it is, and whether it is done."""

    name: str
    done: Callable[[], bool]


def require_free_port(address: str, port: int) -> None:
    """Check that nobody listens on the public port.

    Raises:
        ServiceError: Somebody does, or the system refuses the port; says how to choose another.
    """
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
        except OSError as error:
            raise ServiceError(
                f"port {port} of {address} cannot be used ({error.strerror}): stop what uses it, "
                f"or choose another: atelier serve --port {port + 1}"
            ) from error


def require_proxy(settings: Settings) -> Path:
    """Return the proxy's command.

    Raises:
        ServiceError: It is not installed; says how to install it.
    """
    command = proxy_command(settings)
    if not command.exists():
        raise ServiceError(
            f"the hub's proxy is missing ({command}): run `make install`, or `npm ci` in {settings.home}."
        )
    return command


def choose_ports(public: int) -> Ports:
    """Return ``public`` and three ports of loopback that are free now."""
    with contextlib.ExitStack() as open_sockets:
        probes = [open_sockets.enter_context(socket.socket()) for _ in range(3)]
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        hub, proxy, service = (probe.getsockname()[1] for probe in probes)
    return Ports(public, hub, proxy, service)


class HubService:
    """The hub and all it starts; the process that stops it must have no other children, for it ends them all.

    Args:
        settings: Where the project and its state are.
        profile: The hub's profile.
        profile_path: Its file, read again by the hub.
        password: Password of the demo login; empty when the profile has another login.
    """

    def __init__(self, settings: Settings, profile: Profile, profile_path: Path, password: str) -> None:
        self.settings, self.profile, self.profile_path, self.password = settings, profile, profile_path, password
        self.ports = choose_ports(profile.public.port)
        self.log_path = settings.state / "logs" / "hub.log"
        self._process: subprocess.Popen[bytes] | None = None
        self._beside: list[subprocess.Popen[bytes]] = []

    @property
    def url(self) -> str:
        """The address readers and analysts arrive at."""
        return self.profile.public.url or f"http://{self.profile.public.address}:{self.ports.public}"

    def start(self) -> None:
        """Start the hub; returns at once, see ``steps`` and ``wait_ready``."""
        require_free_port(self.profile.public.address, self.ports.public)
        require_proxy(self.settings)
        os.umask(0o077)
        for folder in (self.settings.state, self.settings.state / "hub", self.log_path.parent):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _adopt_orphans()
        command = [
            sys.executable,
            "-m",
            "atelier.hub.program",
            "jupyterhub",
            "-f",
            str(self.settings.home / "hub_config" / "jupyterhub_config.py"),
        ]
        with self.log_path.open("wb") as log:
            self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and file
                command,
                cwd=self.settings.state / "hub",
                env=self._environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=_die_with_parent,  # noqa: PLW1509 - no thread has been started yet
            )

    def start_beside(self, command: Sequence[str], log: str) -> None:
        """Start a command that ends by itself, or with the service.

        Args:
            command: The command.
            log: Name of the file of what it prints, in the folder of logs.
        """
        with (self.log_path.parent / log).open("wb") as output:
            process = subprocess.Popen(  # noqa: S603 - our own command
                command,
                cwd=self.settings.home,
                env={name: value for name, value in self._environment().items() if name != PASSWORD_VARIABLE},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=_die_with_parent,  # noqa: PLW1509 - no thread has been started yet
            )
        self._beside.append(process)

    def steps(self) -> tuple[Step, ...]:
        """Return what has to answer before readers may come."""
        return (
            Step("hub", lambda: _answers(f"http://127.0.0.1:{self.ports.hub}{HUB_PREFIX}health")),
            Step("dashboards", lambda: _answers(f"http://127.0.0.1:{self.ports.service}{PUBLIC_PREFIX}health")),
            Step("front", lambda: _answers(f"http://{self.profile.public.address}:{self.ports.public}{PUBLIC_PREFIX}")),
        )

    def wait_ready(self, report: Callable[[str], None]) -> None:
        """Wait until every step is done.

        Args:
            report: Called with the name of each step as it is done.

        Raises:
            ServiceError: The hub ended, or did not answer in time; holds the log's last lines.
        """
        deadline = time.monotonic() + START_SECONDS
        for step in self.steps():
            while not step.done():
                self.require_alive()
                if time.monotonic() > deadline:
                    raise ServiceError(f"{step.name} did not answer in {START_SECONDS} s.\n{self._last_lines()}")
                time.sleep(0.25)
            report(step.name)

    def wait_end(self) -> None:
        """Wait as long as the hub lives.

        Raises:
            ServiceError: It ended by itself.
        """
        while True:
            self.require_alive()
            self._reap()
            time.sleep(0.5)

    def require_alive(self) -> None:
        """Check that the hub's process lives; ServiceError with the log's last lines if it does not.

        Raises:
            Interrupted: A signal asked to stop.
        """
        if _ASKED.is_set():
            raise Interrupted
        if self._process is None or self._process.poll() is not None:
            code = self._process.returncode if self._process else "none"
            raise ServiceError(f"the hub ended by itself (exit code {code}).\n{self._last_lines()}")

    def stop(self) -> None:
        """Stop the hub, and end whatever it leaves behind; never takes 30 s."""
        if self._process is None:
            return
        if self._process.poll() is None:
            self._process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(STOP_SECONDS)
        for wanted in (signal.SIGTERM, signal.SIGKILL):
            if not _end_descendants(wanted, seconds=3):
                break
        self._process.poll()

    def _reap(self) -> None:
        # Adopted processes that ended; the hub itself is subprocess's to wait for.
        for pid in _children(os.getpid()):
            if self._process is not None and pid != self._process.pid and _state(pid) == "Z":
                with contextlib.suppress(ChildProcessError):
                    os.waitpid(pid, os.WNOHANG)

    def _environment(self) -> dict[str, str]:
        kept = {name: os.environ[name] for name in _PASSED_VARIABLES if name in os.environ}
        return kept | {
            "ATELIER_HOME": str(self.settings.home),
            "ATELIER_STATE": str(self.settings.state),
            "ATELIER_HUB_PROFILE": str(self.profile_path),
            PORTS_VARIABLE: self.ports.write(),
            **({PASSWORD_VARIABLE: self.password} if self.password else {}),
            "PYTHONUNBUFFERED": "1",
        }

    def _last_lines(self) -> str:
        try:
            lines = self.log_path.read_text("utf-8", errors="replace").splitlines()[-12:]
        except OSError:
            lines = []
        return "\n".join([*(f"  {line}" for line in lines), f"The whole log: {self.log_path}"])


@contextlib.contextmanager
def interruptible() -> Iterator[None]:
    """Let the first SIGINT or SIGTERM make ``require_alive`` raise ``Interrupted``; later ones change nothing.

    A handler that raised would do so anywhere, in the middle of a fork or where Python drops exceptions. One that
    ignored later signals would be inherited by a hub started just after, which then could not be stopped.
    """
    _ASKED.clear()

    def stop(_signal: int, _frame: FrameType | None) -> None:
        _ASKED.set()

    former = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in former.items():
            signal.signal(number, handler)


def require_profile_matches_login(profile: Profile) -> None:
    """Check that the environment holds what the profile's login needs; SettingsError names what is missing."""
    needed = ("OAUTH_CLIENT_ID", "OAUTH_CLIENT_SECRET") if profile.login.kind == "oidc" else ()
    missing = [name for name in needed if not os.environ.get(name)]
    if missing:
        raise SettingsError(f"the profile logs in through {profile.login.kind}: set {' and '.join(missing)} first.")


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:  # noqa: S310 - http on loopback
            return bool(answer.status == HTTPStatus.OK)
    except (urllib.error.URLError, OSError):
        return False


def _die_with_parent() -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def _adopt_orphans() -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1)


def _end_descendants(wanted: signal.Signals, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while living := [pid for pid in _descendants(os.getpid()) if _state(pid) not in {"Z", ""}]:
        for pid in living:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, wanted)
        if time.monotonic() > deadline:
            return True
        time.sleep(0.1)
    return False


def _descendants(pid: int) -> list[int]:
    found = []
    for child in _children(pid):
        found += [child, *_descendants(child)]
    return found


def _children(pid: int) -> list[int]:
    try:
        text = Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii")
    except OSError:
        return []
    return [int(part) for part in text.split()]


def _state(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/stat").read_text("ascii", errors="replace").rpartition(")")[2].split()[0]
    except (OSError, IndexError):
        return ""
