"""Streamlit, Panel and Solara: the same dashboard, written as each one's guide would, served in production form.

They live in an environment of their own, and so do their visitors, who speak each one's protocol.
"""

import json
import os
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.live.crowds import grow, sustain
from benchmarks.live.project import DATA
from benchmarks.live.servers import free_port, stop, wait_ready
from benchmarks.live.visitor import Visit, percentile
from benchmarks.live.weights import READING_SECONDS, own

NAMES = ("streamlit", "panel", "solara")
APPS = Path(__file__).parent / "others"
SETTLE_SECONDS = 3
WEIGHED = 8


@dataclass(frozen=True)
class Framework:
    """One framework, serving.

    Attributes:
        name: Which of ``NAMES``.
        python: The interpreter of the environment that holds it.
        root: Its address.
        pid: Its process.
    """

    name: str
    python: Path
    root: str
    pid: int

    def receive(self, visitors: int, within: float = 0.0, choices: int = 1) -> list[Visit]:
        """Return what visitors see who come one after the other within so many seconds."""
        command = [*self._command(visitors, choices), "--within", str(within)]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        return [Visit(**told) for told in json.loads(done.stdout)]

    def weigh(self, visitors: int, reading: float) -> tuple[float, float]:
        """Return the own memory that one visitor adds to the server and all below it, in megabytes.

        Args:
            visitors: How many are there.
            reading: Seconds they read for, after their choices.

        Returns:
            Just after they have chosen, and after they have read.
        """
        before = own(self.pid)
        crowd = subprocess.Popen(
            [*self._command(visitors, 2), "--stay"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        if crowd.stdout is not None:
            crowd.stdout.readline()
        acting = (own(self.pid) - before) / visitors
        time.sleep(reading)
        still = (own(self.pid) - before) / visitors
        crowd.communicate("\n")
        return acting, still

    def _command(self, visitors: int, choices: int) -> list[str]:
        return [str(self.python), str(APPS / "visitors.py"), self.name, self.root, str(visitors), str(choices)]


def measure(name: str, python: Path, project: Path, times: int) -> dict[str, Any]:
    """Return what one visitor at a time sees and weighs, and how many are served in time together.

    Args:
        name: Which of ``NAMES``.
        python: The interpreter of the environment that holds it.
        project: The project that holds the rows.
        times: How many visitors come alone.
    """
    (data,) = project.glob(f"themes/*/{DATA}")
    with serving(name, python, data, project / f"{name}.log") as framework:
        visits = [framework.receive(1, choices=4)[0] for _ in range(times)]
        good = [one for one in visits if not one.problem]
        choices = [seconds for one in good for seconds in one.choices]
        acting, still = framework.weigh(WEIGHED, READING_SECONDS)
        alone = {
            "page_complete_s": round(median(one.page for one in good), 4),
            "live_s": round(median(one.live for one in good), 4),
            "choice_median_s": round(median(choices), 4),
            "choice_p95_s": round(percentile(choices), 4),
            "failed_alone": len(visits) - len(good),
            "own_mb": round(acting, 1),
            "reading_mb": round(still, 1),
        }
        return alone | grow(framework.receive) | sustain(framework.receive)


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
        framework.receive(1)
        time.sleep(SETTLE_SECONDS)
        yield framework
    finally:
        stop(process)


def command_of(name: str, python: Path, port: int) -> Sequence[str]:
    """Return the command that an operator would start a framework with."""
    app = str(APPS / f"{name}_app.py")
    options = {
        "streamlit": [
            "run",
            app,
            "--server.headless=true",
            f"--server.port={port}",
            "--browser.gatherUsageStats=false",
        ],
        "panel": ["serve", app, "--port", str(port), "--allow-websocket-origin", f"127.0.0.1:{port}"],
        "solara": ["run", app, "--port", str(port), "--production", "--no-open"],
    }
    return [str(python), "-m", name, *options[name]]
