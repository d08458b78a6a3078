"""A visit without a browser, and how long each part of it took."""

import asyncio
import time
from dataclasses import dataclass, field

from benchmarks.live.reader import ANSWER_SECONDS, Reader
from benchmarks.live.servers import Server

_LABEL = "_options_labels"


@dataclass
class Visit:
    """How long things took, in seconds from the first request; each choice from its own start.

    Attributes:
        page: The whole page had arrived.
        live: The state of every widget had arrived.
        choices: From a choice to the text that follows it.
        problem: What went wrong; empty when nothing did.
        is_still: A page to read came, without a kernel.
    """

    page: float = 0.0
    live: float = 0.0
    choices: list[float] = field(default_factory=list)
    problem: str = ""
    is_still: bool = False


async def visit(
    server: Server, choices: int = 2, *, stay: asyncio.Event | None = None, think: float = 0.0, may_read: bool = False
) -> Visit:
    """Visit the dashboard once.

    Args:
        server: Whom.
        choices: How many times to choose a region.
        stay: Leave only once this is set.
        think: Seconds before each choice.
        may_read: A page to read is an answer too.
    """
    done = Visit()
    try:
        async with asyncio.timeout(ANSWER_SECONDS + choices * (think + 1)):
            await _visit(server, choices, done, stay, think)
        if done.is_still and not may_read:
            done.problem = "the page has no kernel"
    except Exception as error:  # noqa: BLE001 - whatever went wrong is the result
        done.problem = repr(error)[:200]
    return done


def percentile(values: list[float], share: float = 0.95) -> float:
    """Return the value that ``share`` of the values do not pass."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


async def _visit(server: Server, choices: int, done: Visit, stay: asyncio.Event | None, think: float) -> None:
    began = time.perf_counter()
    reader = Reader(server)
    await reader.open()
    done.page = time.perf_counter() - began
    done.is_still = not reader.kernel
    if done.is_still:
        return
    states = await reader.connect()
    done.live = time.perf_counter() - began
    region = next(name for name, one in states.items() if one["state"].get("description") == "Région")
    labels = states[region]["state"][_LABEL]
    for number in range(choices):
        wanted = labels[1 + number % (len(labels) - 1)]
        await reader.read(asyncio.sleep(think))
        asked = time.perf_counter()
        await reader.choose(region, labels.index(wanted), f"'bench-total'>{wanted}")
        done.choices.append(time.perf_counter() - asked)
    if stay is not None:
        await reader.read(stay.wait())
    await reader.leave()
