"""One command: ``python -m benchmarks.live``."""

import argparse
import asyncio
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any

from atelier.live.confine import probe_confinement
from atelier.settings import load_settings
from atelier.site import build_site
from benchmarks.live import frameworks
from benchmarks.live.browser import look
from benchmarks.live.crowds import RATES, grow, sustain
from benchmarks.live.project import build_project
from benchmarks.live.results import OUTPUT, keep_comparison
from benchmarks.live.servers import Server, descendants, running
from benchmarks.live.visitor import Visit, percentile, visit
from benchmarks.live.weights import READING_SECONDS, own, weigh_process

HOME = Path(__file__).resolve().parents[2]
NAMES = ("plain", "preheated", "ours")
ALONE = 7
TOGETHER = 4
LEAVE_SECONDS = 8


def main() -> None:
    """Measure, print a table and write the results."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.live")
    parser.add_argument("--no-browser", action="store_true", help="leave Chromium out")
    parser.add_argument("--output", type=Path, default=OUTPUT)
    parser.add_argument(
        "--servers", nargs="+", choices=NAMES, default=NAMES, help="which to compare, plain and ours at least"
    )
    parser.add_argument("--frameworks", type=Path, help="interpreter of an environment with Streamlit, Panel, Solara")
    options = parser.parse_args()
    began = time.monotonic()
    subprocess.run(
        [sys.executable, "-m", "compileall", "-q", str(HOME / "atelier"), str(HOME / "widgets")], check=False
    )
    results: dict[str, dict[str, Any]] = {}
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        project = Path(folder)
        notebook = build_project(project, HOME)
        settings = load_settings({}, home=project, state=project / "state")
        build_site(settings)
        confinement = probe_confinement(settings).describe()
        for name in options.servers:
            with running(name, notebook, project, HOME) as server:
                results[name] = measure(server) | ({} if options.no_browser else look(server))
                results[name] |= crowd(server)
            print(name, json.dumps(results[name]), flush=True)
        for name in frameworks.NAMES if options.frameworks else ():
            results[name] = frameworks.measure(name, options.frameworks, project, ALONE)
            print(name, json.dumps(results[name]), flush=True)
    report = ratios(results) | {
        "machine": {"cores": os.cpu_count(), "python": platform.python_version(), "load": round(os.getloadavg()[2], 1)},
        "confinement": confinement,
        "minutes": round((time.monotonic() - began) / 60, 1),
        "raw": results,
    }
    keep_comparison(report, options.output)
    print(table(report))


def measure(server: Server) -> dict[str, Any]:
    """Return what one visitor at a time sees, and what a few together weigh."""
    alone = [asyncio.run(visit(server, choices=4)) for _ in range(ALONE)]
    good = [one for one in alone if not one.problem]
    choices = sorted(seconds for one in good for seconds in one.choices)
    return {
        "page_complete_s": round(median(one.page for one in good), 4),
        "live_s": round(median(one.live for one in good), 4),
        "choice_median_s": round(median(choices), 4),
        "choice_p95_s": round(percentile(choices), 4),
        "failed_alone": len(alone) - len(good),
        **asyncio.run(weigh(server)),
    }


async def weigh(server: Server) -> dict[str, float]:
    """Return the memory of a visitor, in megabytes, a few being there.

    Proportional and own once they have chosen; and what each has added to the server and all below it once they have
    only read for a while.
    """
    leave = asyncio.Event()
    before, all_before = descendants(server.pid), own(server.pid)
    visits = [asyncio.create_task(visit(server, choices=2, stay=leave)) for _ in range(TOGETHER)]
    await asyncio.sleep(20)
    weights = [weigh_process(pid) for pid in descendants(server.pid) - before]
    await asyncio.sleep(READING_SECONDS)
    reading = (own(server.pid) - all_before) / TOGETHER
    leave.set()
    await asyncio.gather(*visits)
    heavy = [one for one in weights if one[0] > 1]
    return {
        "kernels_weighed": len(heavy),
        "pss_mb": round(median(pss for pss, _own in heavy), 1),
        "own_mb": round(median(private for _pss, private in heavy), 1),
        "reading_mb": round(reading, 1),
    }


def crowd(server: Server) -> dict[str, Any]:
    """Return how many visitors are served in time, at once and each second, and what they leave behind."""

    async def come(number: int, within: float) -> list[Visit]:
        visits = []
        for _ in range(number):
            visits.append(asyncio.create_task(visit(server, choices=1)))
            await asyncio.sleep(within / number)
        return await asyncio.gather(*visits)

    def receive(number: int, within: float) -> list[Visit]:
        return asyncio.run(come(number, within))

    held = grow(receive) | sustain(receive)
    time.sleep(LEAVE_SECONDS)
    left = len(descendants(server.pid) - server.quiet) if server.name != "preheated" else None
    return held | {"processes_left": left}


def ratios(results: dict[str, dict[str, Any]]) -> dict[str, float]:
    """Return ours over plain Voilà."""
    ours, plain = results["ours"], results["plain"]
    pairs = {
        "page_complete_ratio": "page_complete_s",
        "live_ratio": "live_s",
        "own_memory_ratio": "own_mb",
        "reading_memory_ratio": "reading_mb",
        "first_chart_cold_ratio": "first_chart_cold_s",
        "first_chart_warm_ratio": "first_chart_warm_s",
        "first_live_chart_warm_ratio": "first_live_chart_warm_s",
        "visitors_p95_2s_ratio": "visitors_p95_2s",
        "visitors_p95_5s_ratio": "visitors_p95_5s",
        "arrivals_ratio": "arrivals_per_s",
    }
    # Plain Voilà may not serve even one visitor in time: one is then counted, or the slowest rate.
    least = {"visitors_p95_2s": 1, "visitors_p95_5s": 1, "arrivals_per_s": min(RATES)}
    return {
        name: round(ours[key] / max(plain[key], least.get(key, 1e-9)), 3) for name, key in pairs.items() if key in ours
    }


def table(report: dict[str, Any]) -> str:
    """Return the results as a Markdown table."""
    names = list(report["raw"])
    keys = [key for key, value in report["raw"]["ours"].items() if isinstance(value, (int, float))]
    lines = ["| | " + " | ".join(names) + " |", "|---|" + "---|" * len(names)]
    lines += [
        f"| {key} | " + " | ".join(str(report["raw"][name].get(key, "")) for name in names) + " |" for key in keys
    ]
    lines += [f"\n{key}: {value}" for key, value in report.items() if key.endswith("_ratio")]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
