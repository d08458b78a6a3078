"""Hours at four fifths of the capacity: ``python -m benchmarks.live.soak --minutes 120``; or beyond it.

With ``--readers`` there may be more of them than seats: those who read let their kernels go (``atelier.live.resting``).
Most visitors come, choose and leave; one in four stays and chooses for the whole time. The memory of the server and all
below it is read every few seconds. Traffic goes to a server that this module starts on loopback; it ends by itself.
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
from benchmarks.live.project import build_project
from benchmarks.live.results import keep_run
from benchmarks.live.servers import Server, running, wait_for_quiet
from benchmarks.live.visitor import Visit, percentile, visit
from benchmarks.live.weights import lasting, resident

HOME = Path(__file__).resolve().parents[2]
SHARE = 0.8
STAYS = 4
"""One visitor in so many stays."""

STEP_SECONDS = 0.5
"""Between the first visitors, those who stay before all."""

READ_SECONDS = 5.0
MOST_GROWTH = 0.05
"""From the second third of the time to the last one; visitors who come and go make it waver by two in a hundred."""

LEFT_WITHIN = 120


def main(arguments: Sequence[str] | None = None) -> None:
    """Soak, print what happened; exit with 1 when memory grew, something is left, or a visitor saw an error."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.live.soak")
    parser.add_argument("--minutes", type=float, default=120)
    parser.add_argument("--capacity", type=int, default=16, help="live pages that the server takes")
    parser.add_argument("--think", type=float, default=1.0, help="seconds before each choice")
    parser.add_argument(
        "--readers", type=int, default=0, help="how many are there at once; four fifths of the capacity"
    )
    parser.add_argument("--keep", action="store_true", help="add what was found to benchmarks/results/live.json")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="soak-") as folder:
        project = Path(folder)
        notebook = build_project(project, HOME)
        build_site(load_settings({}, home=project, state=project / "state"))
        with running("ours", notebook, project, HOME, visitors=options.capacity) as server:
            readers = options.readers or round(options.capacity * SHARE)
            result = asyncio.run(soak(server, options.minutes * 60, readers, options.think))
    for name, value in result.items():
        print(f"{name}: {value}")
    if options.keep:
        keep_run("readers" if options.readers else "soak", {"seats": options.capacity, "readers": readers, **result})
    raise SystemExit("\n".join(faults(result)) or 0)


def faults(result: dict[str, Any]) -> list[str]:
    """Return what is wrong with what a soak found, a sentence each."""
    found = {
        f"{result['errors']} visitors saw an error: {result['problem']}": result["errors"],
        f"{result['left_processes']} processes are left": result["left_processes"],
    }
    for what, words in (("all", "all"), ("lasting", "what stays")):
        growth = result[f"{what}_growth"]
        found[f"the memory of {words} grew by {growth:.1%}: {MOST_GROWTH:.0%} at most"] = growth > MOST_GROWTH
    return [sentence for sentence, is_wrong in found.items() if is_wrong]


async def soak(server: Server, seconds: float, visitors: int, think: float) -> dict[str, Any]:
    """Return the visits made, what went wrong, the slowest choices, how memory went, and what is left.

    Args:
        server: Ours.
        seconds: How long.
        visitors: How many are there at any moment.
        think: Seconds before each choice.
    """
    ends = time.monotonic() + seconds
    visits: list[Visit] = []
    everyone: list[float] = []
    those_who_stay: list[float] = []

    async def keep_coming() -> None:
        while time.monotonic() < ends:
            visits.append(await visit(server, choices=3, think=think, may_read=True))
            if visits[-1].is_still:
                await asyncio.sleep(think)

    async def stay() -> None:
        visits.append(await visit(server, choices=int(seconds / (think + 0.1)), think=think))

    async def read() -> None:
        while time.monotonic() < ends:
            everyone.append(await asyncio.to_thread(resident, server.pid))
            those_who_stay.append(await asyncio.to_thread(lasting, server.pid))
            await asyncio.sleep(READ_SECONDS)

    async def begin(place: int) -> None:
        await asyncio.sleep(place * STEP_SECONDS)
        await (stay() if place < visitors // STAYS else keep_coming())

    await asyncio.gather(read(), *map(begin, range(visitors)))
    left = await wait_for_quiet(server, LEFT_WITHIN)
    problems = [one.problem for one in visits if one.problem]
    return {
        "minutes": round(seconds / 60, 1),
        "visits": len(visits),
        "errors": len(problems),
        "problem": problems[0] if problems else "",
        "still": sum(one.is_still for one in visits),
        "choice_p95_s": round(percentile([choice for one in visits for choice in one.choices]), 3),
        "all_mb": round(float(np.mean(everyone)), 1),
        "all_growth": growth(everyone),
        "lasting_mb": round(float(np.mean(those_who_stay)), 1),
        "lasting_growth": growth(those_who_stay),
        "left_processes": left,
    }


def growth(sizes: Sequence[float]) -> float:
    """Return by what share the mean of the last third of some sizes is above that of the third before it."""
    _first, second, last = (float(np.mean(part)) for part in np.array_split(sizes, 3))
    return round(last / second - 1, 4)


if __name__ == "__main__":
    main()
