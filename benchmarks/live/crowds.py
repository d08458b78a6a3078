"""How many visitors are served in time: who come in the same instant, and who keep coming."""

import time
from collections.abc import Callable, Sequence
from typing import Any

from benchmarks.live.visitor import Visit, percentile

CROWDS = (1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 40, 48, 64, 80, 96)
RATES = (0.5, 1.0, 2.0, 4.0, 6.0, 8.0, 12.0, 16.0, 20.0, 24.0, 32.0)
RATE_SECONDS = 10.0
CROWD_SECONDS = 150
LIMIT, FAR_LIMIT = 2.0, 5.0
REST_SECONDS = 2

Receive = Callable[[int, float], Sequence[Visit]]
"""Lets so many visitors come, one after the other within so many seconds; returns what each saw."""


def grow(receive: Receive) -> dict[str, Any]:
    """Return what larger and larger crowds saw, until one waits too long, fails, or time is up."""
    steps: list[dict[str, Any]] = []
    deadline = time.monotonic() + CROWD_SECONDS
    for number in CROWDS:
        steps.append({"visitors": number, **_best(receive, number, 0.0)})
        if steps[-1]["live_p95_s"] > FAR_LIMIT or steps[-1]["failed"] or time.monotonic() > deadline:
            break
    held = {name: _held(steps, "visitors", limit) for name, limit in (("2s", LIMIT), ("5s", FAR_LIMIT))}
    return {"visitors_p95_2s": held["2s"], "visitors_p95_5s": held["5s"], "crowds": steps}


def sustain(receive: Receive) -> dict[str, Any]:
    """Return what visitors saw who kept coming, more and more of them each second, until they waited or failed."""
    steps: list[dict[str, Any]] = []
    for rate in RATES:
        steps.append({"each_second": rate, **_best(receive, round(rate * RATE_SECONDS), RATE_SECONDS)})
        if steps[-1]["live_p95_s"] > LIMIT or steps[-1]["failed"]:
            break
    return {"arrivals_per_s": _held(steps, "each_second", LIMIT), "arrivals": steps}


def _best(receive: Receive, number: int, seconds: float) -> dict[str, Any]:
    # Others may use the machine: a crowd that was late once comes once more, and the better time counts.
    step = _come(receive, number, seconds)
    if step["failed"] or step["live_p95_s"] > LIMIT:
        step = min(step, _come(receive, number, seconds), key=lambda one: (one["failed"], one["live_p95_s"]))
    return step


def _come(receive: Receive, number: int, seconds: float) -> dict[str, Any]:
    visits = receive(number, seconds)
    time.sleep(REST_SECONDS)
    good = [one for one in visits if not one.problem]
    failed = [one.problem for one in visits if one.problem]
    worst = float("inf")
    return {
        "failed": len(failed),
        "problem": failed[0] if failed else "",
        "page_p95_s": round(percentile([one.page for one in good]), 3) if good else worst,
        "live_p95_s": round(percentile([one.live for one in good]), 3) if good else worst,
        "choice_p95_s": round(percentile([seconds for one in good for seconds in one.choices]), 3) if good else worst,
    }


def _held(steps: list[dict[str, Any]], what: str, limit: float) -> float:
    held = 0
    for step in steps:
        if step["failed"] or step["live_p95_s"] > limit:
            break
        held = step[what]
    return held
