"""The factory: makes the editions of a plan, several at once, and tells how it goes. The only home of Dask.

Each worker keeps a press and a PDF compiler warm. A task is a few subjects of one report in each language, which share
their questions. A worker that is lost gives its tasks to the others; a run that fails, or that one beside it took down,
is tried once more, alone, at the end.
"""

import logging
import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import distributed

from atelier.editions.store import only_one
from atelier.errors import ServiceError
from atelier.reports.plan import Plan, Work
from atelier.reports.production import Outcome, close_presses, fail, make, open_presses
from atelier.settings import Settings
from atelier.theme import read_theme

WORKER_BYTES = 1_500_000_000
"""Memory that a worker, its press and a run may need together."""
MOST_TOGETHER, WAVES = 8, 2
"""Most subjects made in one fork, and works that each worker has to take at least."""
CONNECT_SECONDS = 20
_MEMINFO = Path("/proc/meminfo")


@dataclass(frozen=True)
class Summary:
    """What a production did.

    Attributes:
        outcomes: One per edition made or tried, in the order they ended.
        seconds: How long it took.
    """

    outcomes: tuple[Outcome, ...]
    seconds: float

    @property
    def made(self) -> tuple[Outcome, ...]:
        """The editions published."""
        return tuple(one for one in self.outcomes if not one.error)

    @property
    def failed(self) -> tuple[Outcome, ...]:
        """The editions that failed twice; those published before are still in place."""
        return tuple(one for one in self.outcomes if one.error)


@dataclass(frozen=True)
class Progress:
    """How a production goes.

    Attributes:
        done: Editions ended.
        total: Editions to make.
        seconds_left: Time left at the pace so far.
        outcome: The edition that has just ended.
    """

    done: int
    total: int
    seconds_left: float
    outcome: Outcome


def build(
    settings: Settings,
    plan: Plan,
    *,
    jobs: int | None = None,
    scheduler: str | None = None,
    tell: Callable[[Progress], None] = lambda _progress: None,
) -> Summary:
    """Make the editions of a plan that are not up to date.

    Args:
        settings: Settings in force.
        plan: The plan.
        jobs: Workers of the local cluster; as many as cores and memory allow by default. One works in this process.
        scheduler: Address of a Dask scheduler to use instead, ``tcp://host:8786``: its workers need this package, and
            the project and its state at the same paths.
        tell: Called each time an edition ends.

    Raises:
        StoreError: Another production of this theme is under way.
        ServiceError: The scheduler does not answer.
    """
    start, total, ended = time.monotonic(), len(plan.stale), 0
    failed: list[Outcome] = []
    outcomes: list[Outcome] = []

    def note(outcome: Outcome) -> None:
        nonlocal ended
        ended += 1
        outcomes.append(outcome)
        left = (time.monotonic() - start) / ended * (total - ended)
        tell(Progress(ended, total, left, outcome))

    workers = jobs or workers_that_fit()
    with only_one(plan.folder), _hands(settings, plan, workers, scheduler) as hands:
        for outcome in hands(plan.works(subjects_together(plan, workers))):
            if outcome.error:
                failed.append(outcome)
            else:
                note(outcome)
        again = [(one.report, one.parameters) for one in failed]
        second = [plan.work((one,)) for one in plan.stale if (one.report, one.values) in again]
        for outcome in hands(second):
            note(outcome)
    return Summary(tuple(outcomes), time.monotonic() - start)


def subjects_together(plan: Plan, workers: int) -> int:
    """Return how many subjects to make in one fork: several share their questions, but no worker must stay idle."""
    subjects = len({(one.report, one.subject) for one in plan.stale})
    return max(1, min(MOST_TOGETHER, subjects // (workers * WAVES)))


def workers_that_fit() -> int:
    """Return how many workers this machine has cores and free memory for, at least one."""
    cores = len(os.sched_getaffinity(0))
    lines = _MEMINFO.read_text("utf-8").splitlines() if _MEMINFO.is_file() else []
    free = next((int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable")), WORKER_BYTES)
    return max(1, min(cores, free // WORKER_BYTES))


Hands = Callable[[Sequence[Work]], Iterator[Outcome]]


@contextmanager
def _hands(settings: Settings, plan: Plan, jobs: int, scheduler: str | None) -> Iterator[Hands]:
    """Give what makes works: this process, a local cluster or a remote one."""
    jobs = min(jobs, len(plan.works()) or 1)
    if scheduler is None and jobs == 1:
        try:
            yield lambda works: (outcome for work in works for outcome in make(settings, plan.theme, work))
        finally:
            close_presses()
        return
    logging.getLogger("distributed").setLevel(logging.ERROR)
    if scheduler is None:
        open_presses(settings, read_theme(settings, plan.theme), jobs)
    try:
        with _client(jobs, scheduler) as client:
            yield _hands_of(client, settings, plan)
    finally:
        close_presses()


def _hands_of(client: distributed.Client, settings: Settings, plan: Plan) -> Hands:
    """Return what sends works to workers and gives back what came of each as it ends."""

    def hands(works: Sequence[Work]) -> Iterator[Outcome]:
        sent = {
            client.submit(make, settings, plan.theme, work, pure=False, key=_key(work, number)): work
            for number, work in enumerate(works)
        }
        for future in distributed.as_completed(sent):
            yield from _outcomes(future, sent[future])
            future.release()

    return hands


@contextmanager
def _client(jobs: int, scheduler: str | None) -> Iterator[distributed.Client]:
    if scheduler:
        try:
            with distributed.Client(scheduler, timeout=CONNECT_SECONDS) as client:
                yield client
        except (OSError, TimeoutError) as error:
            raise ServiceError(
                f"the scheduler {scheduler!r} does not answer ({error}): start it, or check the address."
            ) from error
        return
    with (
        distributed.LocalCluster(
            # Threads: a run is in a process of its own, its press, and Typst leaves the interpreter to the others.
            processes=False,
            n_workers=jobs,
            threads_per_worker=1,
            # Any free port of this machine: another production may hold the usual one.
            dashboard_address="127.0.0.1:0",
            memory_limit=0,
            silence_logs=logging.ERROR,
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        yield client


def _key(work: Work, number: int) -> str:
    return f"{work.report}-{work.subjects[0]}-{number}-{time.monotonic_ns()}"


def _outcomes(future: Any, work: Work) -> list[Outcome]:
    error = future.exception()
    if error is None:
        return list(future.result())
    return fail(work, f"{work.report}: the worker was lost ({type(error).__name__}): run again.")
