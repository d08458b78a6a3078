"""Five hundred visitors in ten seconds, while some are already there: ``python -m benchmarks.live.flood``.

Traffic goes to a server that this module starts on loopback; it ends by itself.
"""

import asyncio
import json
import tempfile
import time
from pathlib import Path
from typing import Any

from atelier.settings import load_settings
from atelier.site import build_site
from benchmarks.live.project import build_project
from benchmarks.live.results import keep_run
from benchmarks.live.servers import Server, running, wait_for_quiet
from benchmarks.live.visitor import Visit, percentile, visit
from benchmarks.live.weights import resident

HOME = Path(__file__).resolve().parents[2]
VISITORS = 500
SECONDS = 10.0
THERE = 8
LEFT_WITHIN = 120


def main() -> None:
    """Measure, print, and add ``flood`` to the results of the bench."""
    with tempfile.TemporaryDirectory(prefix="flood-") as folder:
        project = Path(folder)
        notebook = build_project(project, HOME)
        build_site(load_settings({}, home=project, state=project / "state"))
        with running("ours", notebook, project, HOME) as server:
            result = asyncio.run(flood(server))
    print(json.dumps(result, indent=2))
    keep_run("flood", result)


async def flood(server: Server, visitors: int = VISITORS, seconds: float = SECONDS) -> dict[str, Any]:
    """Return what the flood saw, what those who were there felt, and what is left.

    Args:
        server: Ours.
        visitors: How many come.
        seconds: Within how long.
    """
    memory = resident(server.pid)
    there = []
    for _ in range(THERE):
        there.append(asyncio.create_task(visit(server, choices=40, think=0.5)))
        await asyncio.sleep(1)
    coming = []
    for _ in range(visitors):
        coming.append(asyncio.create_task(visit(server, choices=1, think=1.0, may_read=True)))
        await asyncio.sleep(seconds / visitors)
    came: list[Visit] = await asyncio.gather(*coming)
    stayed = await asyncio.gather(*there)
    ended = time.monotonic()
    left = await wait_for_quiet(server, LEFT_WITHIN)
    live = [one for one in came if not one.problem and not one.is_still]
    still = [one for one in came if one.is_still]
    problems = [one.problem for one in [*came, *stayed] if one.problem]
    return {
        "visitors": visitors,
        "errors": len(problems),
        "problem": problems[0] if problems else "",
        "live": len(live),
        "still": len(still),
        "still_page_p95_s": round(percentile([one.page for one in still]), 3) if still else None,
        "live_p95_s": round(percentile([one.live for one in live]), 3) if live else None,
        "there_choice_p95_s": round(percentile([choice for one in stayed for choice in one.choices]), 3),
        "left_processes": left,
        "left_after_s": round(time.monotonic() - ended, 1),
        "memory_before_mb": memory,
        "memory_after_mb": resident(server.pid),
    }


if __name__ == "__main__":
    main()
