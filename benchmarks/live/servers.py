"""The servers that are compared, each as an operator would start it."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

START_SECONDS = 90
BROWSER = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64) Benchmark"}


@dataclass(frozen=True)
class Server:
    """A running server.

    Attributes:
        name: How it is called in the results.
        root: Its address.
        base: Path that its kernels' addresses start with.
        page: Path of the dashboard.
        pid: Its process.
        quiet: The processes below it when nobody is there.
    """

    name: str
    root: str
    base: str
    page: str
    pid: int
    quiet: frozenset[int]


def descendants(pid: int) -> set[int]:
    """Return the processes below one, threads' children included."""
    found: set[int] = set()
    waiting = [pid]
    while waiting:
        one = waiting.pop()
        for task in Path(f"/proc/{one}/task").glob("*/children"):
            try:
                children = {int(part) for part in task.read_text("ascii").split()}
            except OSError:
                continue
            waiting += children - found
            found |= children
    return found


async def wait_for_quiet(server: Server, seconds: float) -> int:
    """Wait until nothing is below a server but what was there at first; return how many processes are left."""
    until = time.monotonic() + seconds
    while (left := len(descendants(server.pid) - server.quiet)) and time.monotonic() < until:  # noqa: ASYNC110 - processes tell nobody
        await asyncio.sleep(1)
    return left


def free_port() -> int:
    """Return a port of loopback that is free now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def command_of(
    name: str, port: int, notebook: Path, project: Path, visitors: int = 400
) -> tuple[list[str], str, str, str]:
    """Return a server's command, its base path, its page and what answers 200 once it is ready."""
    if name == "ours":
        options = ["--port", str(port), "--home", str(project), "--state", str(project / "state")]
        options += ["--visitors", str(visitors)]
        base = "/services/public/"
        return [sys.executable, "-m", "atelier.live", *options], base, f"{base}dashboards/bench/rows", f"{base}ready"
    options = ["--no-browser", f"--port={port}", "--Voila.ip=127.0.0.1", "--KernelManager.transport=ipc"]
    # Without this, no kernel of stock Voilà ends when its page is left.
    options += ["--Voila.tornado_settings={'disable_check_xsrf': True}"]
    if name == "preheated":
        options += ["--preheat_kernel=True", "--pool_size=4"]
    return [sys.executable, "-m", "voila", str(notebook), *options], "/", "/", "/voila/static/voila.js"


@contextmanager
def running(name: str, notebook: Path, project: Path, home: Path, visitors: int = 400) -> Iterator[Server]:
    """Start a server, wait until it is ready, and end it and all below it."""
    port = free_port()
    command, base, page, ready = command_of(name, port, notebook, project, visitors)
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    environment["PYTHONPATH"] = os.pathsep.join([str(home), str(home / "widgets")])
    log = project / f"{name}.log"
    with log.open("wb") as output:
        process = subprocess.Popen(command, cwd=project, env=environment, stdout=output, stderr=subprocess.STDOUT)
    root = f"http://127.0.0.1:{port}"
    try:
        wait_ready(root + ready, process, log)
        # The pool of preheated kernels fills, and a parent's trial child ends, after the first answer.
        time.sleep(15 if name == "preheated" else 3)
        yield Server(name, root, base, page, process.pid, frozenset(descendants(process.pid)))
    finally:
        stop(process)


def stop(process: "subprocess.Popen[bytes]") -> None:
    """End a server and all below it."""
    family = descendants(process.pid)
    process.terminate()
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    for pid in family:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue


def wait_ready(address: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
    """Wait until an address answers; leave with the end of the log where it does not."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        try:
            with urllib.request.urlopen(urllib.request.Request(address, headers=BROWSER), timeout=5):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    raise SystemExit(f"{address} did not answer.\n{log.read_text('utf-8')[-2000:]}")
