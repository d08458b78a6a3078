"""How many visitors who come in the same instant are served in time."""

import time
from collections.abc import Callable, Sequence
from typing import Any

from benchmarks.live.visitor import Visit, percentile

CROWDS = (1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 40, 48, 64, 80, 96)
CROWD_SECONDS = 150
LIMIT, FAR_LIMIT = 2.0, 5.0
REST_SECONDS = 2

Receive = Callable[[int], Sequence[Visit]]
"""Lets so many visitors come in the same instant; returns what each saw."""


def grow(receive: Receive) -> dict[str, Any]:
    """Return what larger and larger crowds saw, until one waits too long, fails, or time is up."""
    steps: list[dict[str, Any]] = []
    deadline = time.monotonic() + CROWD_SECONDS
    for number in CROWDS:
        # Others may use the machine: a crowd that was late once comes once more, and the better time counts.
        step = _receive(receive, number)
        if step["failed"] or step["live_p95_s"] > LIMIT:
            step = min(step, _receive(receive, number), key=lambda one: (one["failed"], one["live_p95_s"]))
        steps.append(step)
        if steps[-1]["live_p95_s"] > FAR_LIMIT or steps[-1]["failed"] or time.monotonic() > deadline:
            break
    return {"visitors_p95_2s": _held(steps, LIMIT), "visitors_p95_5s": _held(steps, FAR_LIMIT), "crowds": steps}


def _receive(receive: Receive, number: int) -> dict[str, Any]:
    visits = receive(number)
    time.sleep(REST_SECONDS)
    return _summary(number, visits)


def _summary(number: int, visits: Sequence[Visit]) -> dict[str, Any]:
    good = [one for one in visits if not one.problem]
    failed = [one.problem for one in visits if one.problem]
    worst = float("inf")
    return {
        "visitors": number,
        "failed": len(failed),
        "problem": failed[0] if failed else "",
        "page_p95_s": round(percentile([one.page for one in good]), 3) if good else worst,
        "live_p95_s": round(percentile([one.live for one in good]), 3) if good else worst,
        "choice_p95_s": round(percentile([seconds for one in good for seconds in one.choices]), 3) if good else worst,
    }


def _held(steps: list[dict[str, Any]], limit: float) -> int:
    held = 0
    for step in steps:
        if step["failed"] or step["live_p95_s"] > limit:
            break
        held = step["visitors"]
    return held
