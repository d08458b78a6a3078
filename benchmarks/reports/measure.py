"""Measures the report factory against the plain way, on the same notebook, parameters and cores.

    python benchmarks/reports/measure.py [--plain 3] [--ours 20] [--jobs 2] [--all]

The plain way runs ``papermill``, then ``nbconvert --to html`` and ``nbconvert --to webpdf`` for each edition, one after
the other, then four at once. Ours makes the same editions from nothing, then again with nothing to do. Every raw figure
goes to ``benchmarks/results/reports.json``. Other work on the machine slows all of them: believe the ratios.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil

HOME = Path(__file__).resolve().parents[2]
RESULT = HOME / "benchmarks" / "results" / "reports.json"
REPORT = "institution"
CHROMIUM = Path("/usr/bin/chromium")
BROWSERS = "chromium_headless_shell-{revision}/chrome-headless-shell-linux64/chrome-headless-shell"
SAMPLE_SECONDS = 0.25
AT_ONCE = 4


def main() -> None:
    """Measure and write the result."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--plain", type=int, default=3, help="editions made the plain way")
    parser.add_argument("--ours", type=int, default=20, help="subjects made our way, in both languages")
    parser.add_argument("--jobs", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--all", action="store_true", help="also make every edition of the theme")
    arguments = parser.parse_args()
    subjects = read_subjects()
    with tempfile.TemporaryDirectory(prefix="atelier-bench-") as folder:
        work = Path(folder)
        result: dict[str, Any] = {"machine": describe_machine(), "report": REPORT}
        result["plain"] = measure(lambda: plain(subjects[: arguments.plain], work / "plain", 1))
        result["plain_four_at_once"] = measure(lambda: plain(subjects[:AT_ONCE], work / "four", AT_ONCE))
        chosen = ["--only", REPORT, "--for", ",".join(subjects[: arguments.ours])]
        state = work / "state"
        result["ours_cold"] = measure(lambda: ours(state, arguments.jobs, chosen))
        result["ours_nothing_to_do"] = measure(lambda: ours(state, arguments.jobs, chosen))
        if arguments.all:
            result["ours_all"] = measure(lambda: ours(work / "all", arguments.jobs, []))
            result["ours_all_nothing_to_do"] = measure(lambda: ours(work / "all", arguments.jobs, []))
    result["load_after"] = os.getloadavg()
    ours_rate, rates = result["ours_cold"]["editions_per_minute"], ("plain", "plain_four_at_once")
    result["editions_per_minute_ratio"] = round(ours_rate / result["plain"]["editions_per_minute"], 1)
    result["editions_per_minute_ratio_to_four_at_once"] = round(ours_rate / result[rates[1]]["editions_per_minute"], 1)
    spent = [result[way]["cpu_seconds_per_edition"] for way in ("plain", "ours_cold")]
    result["cpu_ratio"] = round(spent[0] / spent[1], 1)
    done = result.get("ours_all_nothing_to_do", result["ours_nothing_to_do"])
    result["nothing_to_do_seconds"], result["nothing_to_do_editions"] = done["seconds"], done["planned"]
    RESULT.parent.mkdir(parents=True, exist_ok=True)
    RESULT.write_text(json.dumps(result, indent=1) + "\n", "utf-8")
    print(json.dumps(result, indent=1))


def read_subjects() -> list[str]:
    """Return the institutions of the default year, large and small as they come."""
    code = (
        "from atelier.reports.plan import make_plan; from atelier.settings import load_settings; "
        "from atelier.theme import read_theme; s = load_settings(); "
        f"print(*dict.fromkeys(one.subject for one in make_plan(s, read_theme(s), only=['{REPORT}']).editions))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=HOME, capture_output=True, text=True, check=True)
    return done.stdout.split()


def describe_machine() -> dict[str, Any]:
    """Return what the figures depend on."""
    return {
        "cores": len(os.sched_getaffinity(0)),
        "memory_gb": round(psutil.virtual_memory().total / 1e9, 1),
        "python": platform.python_version(),
        "load_before": os.getloadavg(),
    }


def measure(make: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """Return what a way of making editions tells, with its time, its pace and its peak memory."""
    start = time.perf_counter()
    with peak_memory() as (peak, spent):
        told = make()
    seconds = time.perf_counter() - start
    editions = told["editions"]
    return {
        **told,
        "seconds": round(seconds, 2),
        "seconds_per_edition": round(seconds / editions, 3) if editions else None,
        "editions_per_minute": round(60 * editions / seconds, 1),
        "cpu_seconds_per_edition": round(sum(spent.values()) / editions, 2) if editions else None,
        "peak_memory_mb": round(peak[0] / 1e6),
        "peak_memory_mb_per_edition_under_way": round(peak[0] / 1e6 / told["at_once"]),
    }


@contextmanager
def peak_memory() -> Iterator[tuple[list[float], dict[tuple[int, float], float]]]:
    """Give the highest memory of all that this process starts, shared pages counted once, and the core time of each.

    Both are sampled: a process that lives less than a sample is missed.
    """
    peak, stop = [0.0], threading.Event()
    spent: dict[tuple[int, float], float] = {}

    def watch() -> None:
        while not stop.wait(SAMPLE_SECONDS):
            total = 0
            for child in psutil.Process().children(recursive=True):
                try:
                    times = child.cpu_times()
                    spent[child.pid, child.create_time()] = times.user + times.system
                    total += child.memory_full_info().pss
                except psutil.Error:
                    continue
            peak[0] = max(peak[0], total)

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield peak, spent
    finally:
        stop.set()
        thread.join()


def plain(subjects: list[str], folder: Path, at_once: int) -> dict[str, Any]:
    """Make editions with papermill and nbconvert."""
    folder.mkdir()
    environment = {**os.environ, "PLAYWRIGHT_BROWSERS_PATH": str(install_browser(folder / "browsers"))}
    stages = {"papermill": 0.0, "html": 0.0, "pdf": 0.0}

    def run(stage: str, *command: str) -> None:
        start = time.perf_counter()
        module, *rest = command
        subprocess.run(
            [sys.executable, "-m", module, *rest], cwd=HOME, env=environment, capture_output=True, check=True
        )
        stages[stage] += time.perf_counter() - start

    def edition(subject: str) -> None:
        output = str(folder / f"{subject}.ipynb")
        source = f"notebooks/esr/reports/{REPORT}.ipynb"
        run("papermill", "papermill", source, output, "-p", "institution", subject, "--no-progress-bar")
        run("html", "nbconvert", "--to", "html", "--no-input", output)
        run("pdf", "nbconvert", "--to", "webpdf", "--no-input", "--disable-chromium-sandbox", output)

    with ThreadPoolExecutor(at_once) as pool:
        list(pool.map(edition, subjects))
    return {"editions": len(subjects), "at_once": at_once, "stage_shares": shares(stages)}


def install_browser(folder: Path) -> Path:
    """Lay the system's Chromium where nbconvert's library looks for the one it would download."""
    listed = json.loads((Path(_playwright()) / "driver" / "package" / "browsers.json").read_text("utf-8"))["browsers"]
    revision = next(one["revision"] for one in listed if one["name"] == "chromium-headless-shell")
    link = folder / BROWSERS.format(revision=revision)
    link.parent.mkdir(parents=True)
    link.symlink_to(CHROMIUM)
    return folder


def _playwright() -> str:
    import playwright  # noqa: PLC0415 - needed by the plain way alone

    return str(Path(str(playwright.__file__)).parent)


def ours(state: Path, jobs: int, options: list[str]) -> dict[str, Any]:
    """Make editions with the factory."""
    environment = {**os.environ, "ATELIER_STATE": str(state)}
    command = [sys.executable, "-c", "from atelier.cli import main; main()", "reports", "build", "--jobs", str(jobs)]
    done = subprocess.run([*command, *options], cwd=HOME, env=environment, capture_output=True, text=True, check=False)
    planned, _, rest = done.stdout.partition(" editions: ")
    made = int(rest.split(" ")[0])
    seconds = {"run": 0.0, "html": 0.0, "pdf": 0.0, "check": 0.0, "publish": 0.0}
    for record in (state / "editions").glob("*/*/.kept/*.json") if made else ():
        for stage, spent in json.loads(record.read_bytes())["seconds"].items():
            seconds[stage] += spent
    return {
        "editions": made,
        "planned": int(planned),
        "at_once": jobs,
        "exit_code": done.returncode,
        "stage_shares": shares(seconds),
        "end_of_errors": done.stderr[-300:] if done.returncode else "",
    }


def shares(seconds: dict[str, float]) -> dict[str, float]:
    """Return the share of time of each stage."""
    total = sum(seconds.values()) or 1.0
    return {stage: round(spent / total, 3) for stage, spent in seconds.items()}


if __name__ == "__main__":
    main()
