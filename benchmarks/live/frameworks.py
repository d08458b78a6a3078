"""Streamlit, Panel and Solara: the same dashboard, written as each one's guide would, served in production form.

They live in an environment of their own, and so do their visitors, who speak each one's protocol.
"""

import json
import os
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.live.servers import descendants, free_port, stop, wait_ready
from benchmarks.live.weights import own_megabytes

NAMES = ("streamlit", "panel", "solara")
APPS = Path(__file__).parent / "others"
SETTLE_SECONDS = 3
WEIGHED = 8


class Framework:
    """One framework, serving.

    Args:
        name: Which of ``NAMES``.
        python: The interpreter of the environment that holds it.
        root: Its address.
        pid: Its process.
    """

    def __init__(self, name: str, python: Path, root: str, pid: int) -> None:
        self.name, self.python, self.root, self.pid = name, python, root, pid

    def receive(self, visitors: int, choices: int) -> list[dict[str, Any]]:
        """Return what visitors who come in the same instant see."""
        done = subprocess.run(self._command(visitors, choices), check=True, capture_output=True, text=True)
        return list(json.loads(done.stdout))

    def weigh(self, visitors: int) -> float:
        """Return the own memory that one visitor adds to the server and all below it, in megabytes."""
        before = self._own()
        crowd = subprocess.Popen(
            [*self._command(visitors, 2), "--stay"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        if crowd.stdout is None:
            raise RuntimeError("visitors cannot be heard")
        crowd.stdout.readline()
        weight = (self._own() - before) / visitors
        crowd.communicate("\n")
        return weight

    def _own(self) -> float:
        return sum(own_megabytes(pid) for pid in {self.pid, *descendants(self.pid)})

    def _command(self, visitors: int, choices: int) -> list[str]:
        return [str(self.python), str(APPS / "visitors.py"), self.name, self.root, str(visitors), str(choices)]


@contextmanager
def serving(name: str, python: Path, data: Path, log: Path) -> Iterator[Framework]:
    """Start a framework, wait until it is ready, and end it.

    Args:
        name: Which of ``NAMES``.
        python: The interpreter of its environment.
        data: The rows, in Parquet.
        log: Where it may write.
    """
    port = free_port()
    environment = {**os.environ, "BENCH_DATA": str(data), "SOLARA_TELEMETRY_MIXPANEL_ENABLE": "False"}
    environment.pop("PYTHONPATH", None)
    with log.open("wb") as output:
        process = subprocess.Popen(
            command_of(name, python, port), env=environment, stdout=output, stderr=subprocess.STDOUT, cwd=log.parent
        )
    root = f"http://127.0.0.1:{port}"
    try:
        wait_ready(root + ("/panel_app" if name == "panel" else "/"), process, log)
        framework = Framework(name, python, root, process.pid)
        framework.receive(1, 1)
        time.sleep(SETTLE_SECONDS)
        yield framework
    finally:
        stop(process)


def command_of(name: str, python: Path, port: int) -> Sequence[str]:
    """Return the command that an operator would start a framework with."""
    app = str(APPS / f"{name}_app.py")
    module = {"streamlit": "streamlit", "panel": "panel", "solara": "solara"}[name]
    options = {
        "streamlit": ["run", app, "--server.headless=true", f"--server.port={port}", "--browser.gatherUsageStats=false"],
        "panel": ["serve", app, "--port", str(port), "--allow-websocket-origin", f"127.0.0.1:{port}"],
        "solara": ["run", app, "--port", str(port), "--production", "--no-open"],
    }
    return [str(python), "-m", module, *options[name]]


def alone(framework: Framework, times: int) -> dict[str, Any]:
    """Return what one visitor at a time sees, and what one weighs."""
    visits = [framework.receive(1, 4)[0] for _ in range(times)]
    good = [one for one in visits if not one["problem"]]
    return {
        "page_complete_s": round(median(one["page"] for one in good), 4),
        "live_s": round(median(one["live"] for one in good), 4),
        "choice_median_s": round(median(seconds for one in good for seconds in one["choices"]), 4),
        "failed_alone": len(visits) - len(good),
        "own_mb": round(framework.weigh(WEIGHED), 1),
    }
