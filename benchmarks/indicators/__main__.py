"""Time the indicator call against hand-written SQL and pandas; ``python -m benchmarks.indicators``.

Every contender answers each question in a process of its own, so that its peak memory is its own. Libraries are
imported before the clock starts. *Cold* is the first answer of a process, all that must be opened and read included;
*warm* is the same question again. Rounds alternate between contenders; the best time of each is kept, the one that
the rest of the machine disturbed least. All three must give the same numbers.

``generate FOLDER`` then ``measure FOLDER`` do the two halves apart: the first may run beside anything, the second wants
the machine alone.

``call_over_sql`` and ``call_over_pandas`` are the worst question's ratio of warm times. Ratios of cold times, which
count the opening of the theme, and of processor times, which a busy machine disturbs less, stand beside them.
"""

import json
import os
import platform
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import pandas as pd
import pyarrow.parquet as pq
import sqlglot.dialects.duckdb  # noqa: F401 - sqlglot loads it at the first parse, and imports are not timed

from atelier import open_theme
from benchmarks.indicators.generate import SEED, THEME, generate
from benchmarks.indicators.questions import QUESTIONS, today

HOME = Path(__file__).resolve().parents[2]
RESULTS = HOME / "benchmarks" / "results" / "indicators.json"
CONTENDERS = ("call", "sql", "pandas")
COMMAND = (sys.executable, "-m", "benchmarks.indicators")
ROUNDS = {"call": 3, "sql": 3, "pandas": 1}
WARM = {"call": 5, "sql": 5, "pandas": 2}


def main() -> None:
    """Generate the theme, then measure."""
    with TemporaryDirectory(prefix="atelier-bench-") as made:
        folder = Path(made)
        start = time.perf_counter()
        # In a process of its own: a process inherits the peak memory of the one that starts it.
        subprocess.run([*COMMAND, "generate", made], cwd=HOME, check=True)
        print(f"theme built in {time.perf_counter() - start:.0f} s", flush=True)
        measure(folder)


def measure(folder: Path) -> None:
    """Run every contender on a theme generated before, print and write the results."""
    start = time.perf_counter()
    rows = pq.read_metadata(folder / "themes" / THEME / "figures" / "students.parquet").num_rows
    runs = [
        _run(contender, question, folder)
        for number in range(max(ROUNDS.values()))
        for question in QUESTIONS
        for contender in CONTENDERS
        if number < ROUNDS[contender]
    ]
    _require_equal(runs)
    print(f"measured in {time.perf_counter() - start:.0f} s", flush=True)
    report = _report(runs, rows)
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(report, indent=1) + "\n", "utf-8")
    _print(report)


def answer(contender: str, name: str, folder: Path) -> dict[str, Any]:
    """Answer one question cold, then warm, and tell times in seconds, peak memory in megabytes, and the numbers."""
    question = QUESTIONS[name]
    figures = folder / "themes" / THEME / "figures"
    state: dict[str, Any] = {}

    def call() -> pd.DataFrame:
        if not state:
            state["theme"] = open_theme(THEME, home=folder, state=folder / "state")
        return question.call(state["theme"])

    def sql() -> pd.DataFrame:
        if not state:
            state["connection"] = duckdb.connect()
        frame: pd.DataFrame = state["connection"].execute(question.sql.format(figures=figures)).df()
        return frame

    def with_pandas() -> pd.DataFrame:
        if not state:
            state["rows"] = pd.read_parquet(figures / "students.parquet", columns=list(question.columns))
            state["codes"] = today(figures)
        return question.pandas(state["rows"], state["codes"])

    asked = {"call": call, "sql": sql, "pandas": with_pandas}[contender]
    cold, frame = _timed(asked)
    warm = [_timed(asked)[0] for _ in range(WARM[contender])]
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    shown = frame[frame["status"] != "Q"] if "status" in frame else frame
    return {
        "contender": contender,
        "question": name,
        "cold": cold["wall"],
        "cold_cpu": cold["cpu"],
        "warm": [one["wall"] for one in warm],
        "warm_cpu": [one["cpu"] for one in warm],
        "peak_memory_mb": peak,
        "cells": len(frame),
        "sum": float(shown["value"].sum()),
    }


def _timed(asked: Callable[[], pd.DataFrame]) -> tuple[dict[str, float], pd.DataFrame]:
    wall, cpu = time.perf_counter(), time.process_time()
    frame = asked()
    return {"wall": time.perf_counter() - wall, "cpu": time.process_time() - cpu}, frame


def _run(contender: str, question: str, folder: Path) -> dict[str, Any]:
    done = subprocess.run(
        [*COMMAND, contender, question, str(folder)], cwd=HOME, check=True, capture_output=True, text=True
    )
    result: dict[str, Any] = json.loads(done.stdout)
    return result


def _require_equal(runs: list[dict[str, Any]]) -> None:
    for question in QUESTIONS:
        asked = [run for run in runs if run["question"] == question]
        answers = {(run["cells"], round(run["sum"], 6)) for run in asked}
        if len(answers) != 1:
            sys.exit(f"{question}: contenders disagree: {answers}")


def _report(runs: list[dict[str, Any]], rows: int) -> dict[str, Any]:
    best: dict[str, dict[str, dict[str, float]]] = {}
    for question in QUESTIONS:
        best[question] = {}
        for contender in CONTENDERS:
            own = [run for run in runs if (run["question"], run["contender"]) == (question, contender)]
            best[question][contender] = {
                "cold": min(run["cold"] for run in own),
                "warm": min(min(run["warm"]) for run in own),
                "warm_cpu": min(min(run["warm_cpu"]) for run in own),
                "peak_memory_mb": max(run["peak_memory_mb"] for run in own),
            }

    def ratios(other: str, moment: str) -> dict[str, float]:
        return {question: round(own["call"][moment] / own[other][moment], 3) for question, own in best.items()}

    by_question = {
        f"call_over_{other}_{moment}": ratios(other, moment)
        for other in ("sql", "pandas")
        for moment in ("warm", "warm_cpu", "cold")
    }
    worst = {name: max(values.values()) for name, values in by_question.items()}
    return {
        "call_over_sql": worst["call_over_sql_warm"],
        "call_over_pandas": worst["call_over_pandas_warm"],
        "peak_memory_mb": {
            contender: round(max(best[question][contender]["peak_memory_mb"] for question in QUESTIONS))
            for contender in CONTENDERS
        },
        "worst": worst,
        "by_question": by_question,
        "best": best,
        "rows": rows,
        "seed": SEED,
        "rounds": ROUNDS,
        "machine": {
            "processors": os.cpu_count(),
            "load_average": os.getloadavg(),
            "python": platform.python_version(),
            **{name: version(name) for name in ("duckdb", "pandas", "pyarrow")},
        },
        "runs": runs,
    }


def _print(report: dict[str, Any]) -> None:
    print(f"{report['rows']:,} rows; seconds, the best of each; ratios of the call to the others")
    print(f"{'':<20}{'call':>15}{'sql':>15}{'pandas':>15}{'/ sql':>14}{'/ pandas':>14}")
    for question, own in report["best"].items():
        for moment in ("cold", "warm", "warm_cpu"):
            times = "".join(f"{own[contender][moment]:>15.3f}" for contender in CONTENDERS)
            sql, frames = (
                report["by_question"][f"call_over_{other}_{moment}"][question] for other in ("sql", "pandas")
            )
            print(f"{question:<20}{times}{sql:>14.2f}{frames:>14.2f}  {moment}")
    for name in ("call_over_sql", "call_over_pandas", "peak_memory_mb"):
        print(f"{name}: {report[name]}")


if __name__ == "__main__":
    if sys.argv[1:2] == ["generate"]:
        generate(Path(sys.argv[2]))
    elif sys.argv[1:2] == ["measure"]:
        measure(Path(sys.argv[2]))
    elif len(sys.argv) > 1:
        print(json.dumps(answer(sys.argv[1], sys.argv[2], Path(sys.argv[3]))))
    else:
        main()
