"""The file of results that is committed, ``benchmarks/results/live.json``."""

import json
from pathlib import Path
from typing import Any

OUTPUT = Path(__file__).resolve().parents[1] / "results" / "live.json"
LONG_RUNS = ("flood", "soak", "readers")
"""What commands of their own add."""


def keep_comparison(report: dict[str, Any], output: Path = OUTPUT) -> None:
    """Write a comparison, and keep beside it what long runs had found."""
    kept = {name: found for name, found in _read(output).items() if name in LONG_RUNS}
    _write(report | kept, output)


def keep_run(name: str, result: dict[str, Any]) -> None:
    """Write what a long run found, beside the comparison."""
    _write(_read(OUTPUT) | {name: result}, OUTPUT)


def _read(output: Path) -> dict[str, Any]:
    return json.loads(output.read_text("utf-8")) if output.exists() else {}


def _write(report: dict[str, Any], output: Path) -> None:
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_text(json.dumps(report, indent=2, ensure_ascii=False) + "\n", "utf-8")
