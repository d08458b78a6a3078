"""Hours at four fifths of the capacity: ``python -m benchmarks.live.soak --minutes 120``.

Visitors come, choose, and leave; the memory of the server and all below it is read every few seconds, and the slope of
its second half is printed. Traffic goes to a server that this module starts on loopback; it ends by itself.
"""

import argparse
import asyncio
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from atelier.settings import load_settings
from atelier.site import build_site
from benchmarks.live.flood import resident
from benchmarks.live.project import build_project
from benchmarks.live.servers import Server, running
from benchmarks.live.visitor import Visit, percentile, visit

HOME = Path(__file__).resolve().parents[2]
SHARE = 0.8
READ_SECONDS = 5.0
MOST_SLOPE = 1.0
"""Megabytes a minute: above it, memory is not flat."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Soak, print what happened; exit with 1 when memory grew or a visitor saw an error."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.live.soak")
    parser.add_argument("--minutes", type=float, default=120)
    parser.add_argument("--capacity", type=int, default=16, help="live pages that the server takes")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="soak-") as folder:
        project = Path(folder)
        notebook = build_project(project, HOME)
        build_site(load_settings({}, home=project, state=project / "state"))
        with running("ours", notebook, project, HOME, visitors=options.capacity) as server:
            result = asyncio.run(soak(server, options.minutes * 60, round(options.capacity * SHARE)))
    for name, value in result.items():
        print(f"{name}: {value}")
    raise SystemExit(1 if result["errors"] or result["slope_mb_per_minute"] > MOST_SLOPE else 0)


async def soak(server: Server, seconds: float, visitors: int) -> dict[str, Any]:
    """Return the visits made, what went wrong, the slowest choices, and how memory went.

    Args:
        server: Ours.
        seconds: How long.
        visitors: How many are there at any moment.
    """
    ends = time.monotonic() + seconds
    visits: list[Visit] = []
    memory: list[tuple[float, float]] = []

    async def keep_coming() -> None:
        while time.monotonic() < ends:
            visits.append(await visit(server, choices=3, think=1.0, may_read=True))

    async def read() -> None:
        while time.monotonic() < ends:
            memory.append((time.monotonic(), await asyncio.to_thread(resident, server.pid)))
            await asyncio.sleep(READ_SECONDS)

    await asyncio.gather(read(), *[keep_coming() for _ in range(visitors)])
    problems = [one.problem for one in visits if one.problem]
    return {
        "minutes": round(seconds / 60, 1),
        "visits": len(visits),
        "errors": len(problems),
        "problem": problems[0] if problems else "",
        "still": sum(one.is_still for one in visits),
        "choice_p95_s": round(percentile([choice for one in visits for choice in one.choices]), 3),
        "memory_first_mb": memory[0][1],
        "memory_last_mb": memory[-1][1],
        "slope_mb_per_minute": round(slope(memory[len(memory) // 2 :]), 2),
    }


def slope(points: Sequence[tuple[float, float]]) -> float:
    """Return the slope of memory over time, in megabytes a minute; ``points`` are seconds and megabytes."""
    if len(points) < 2:  # noqa: PLR2004 - a line needs two
        return 0.0
    times, sizes = np.array(points).T
    return float(np.polyfit(times / 60, sizes, 1)[0])


if __name__ == "__main__":
    main()
