"""What the operator sees: counters for Prometheus, and the same numbers on one page a person can read."""

from collections.abc import Iterable
from pathlib import Path
from statistics import median

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from atelier.live.kernels import PublicKernelManager
from atelier.live.parents import Parents
from atelier.live.pool import Pool
from atelier.live.visitors import Seats

MEASURED_AT_ONCE = 16
"""Kernels whose memory is read for one answer: reading it costs the kernel a few milliseconds."""

_SECONDS = (0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30)


class Watch:
    """Counts what happens, and reads what there is.

    Args:
        seats: The live pages.
        kernels: Their kernels.
        parents: Where these were forked.
        pool: Where others wait.
    """

    def __init__(self, seats: Seats, kernels: PublicKernelManager, parents: Parents, pool: Pool) -> None:
        self.seats, self.kernels, self.parents, self.pool = seats, kernels, parents, pool
        self.registry = CollectorRegistry()
        self._pages = Counter("atelier_pages", "Pages of dashboards sent, by kind.", ["kind"], registry=self.registry)
        self._seconds = Histogram(
            "atelier_page_seconds", "From request to whole page.", ["kind"], buckets=_SECONDS, registry=self.registry
        )
        self._until_live = Histogram(
            "atelier_live_seconds", "From kernel to websocket.", buckets=_SECONDS, registry=self.registry
        )
        self._wakes = Histogram(
            "atelier_wake_seconds",
            "From a page's asking for a kernel again to its having one.",
            buckets=_SECONDS,
            registry=self.registry,
        )
        self._ends = Counter("atelier_kernel_ends", "Kernels ended, by reason.", ["reason"], registry=self.registry)
        gauges = {
            "atelier_visitors_live": ("Live pages now.", lambda: len(seats)),
            "atelier_visitors_most": ("Live pages there may be.", lambda: seats.capacity.visitors),
            "atelier_parents": ("Notebooks that have a parent.", lambda: len(parents.in_force)),
            "atelier_notebooks_without_parent": ("Notebooks served from the pool.", lambda: len(parents.problems)),
            "atelier_pool_waiting": ("Kernels run in advance that wait for a reader.", lambda: len(pool)),
            "atelier_pool_problems": ("Notebooks that cannot be run in advance.", lambda: len(pool.problems)),
            "atelier_parents_replaced": ("Parents replaced since the start.", lambda: parents.replaced),
            "atelier_forks": (
                "Forks of the parents in force.",
                lambda: sum(one.forks for one in parents.in_force.values()),
            ),
        }
        for name, (help_text, read) in gauges.items():
            Gauge(name, help_text, registry=self.registry).set_function(read)
        self._own = Gauge(
            "atelier_kernel_own_bytes", "Memory of its own of a kernel, median of a few.", registry=self.registry
        )

    def sent(self, kind: str, seconds: float) -> None:
        """Count a page sent whole, and how long it took."""
        self.count(kind)
        self._seconds.labels(kind).observe(seconds)

    def count(self, kind: str) -> None:
        """Count a page: ``fork``, ``pool``, ``plain``, ``still-`` and why, ``refused`` or ``broken``."""
        self._pages.labels(kind).inc()

    def woken(self, seconds: float) -> None:
        """Count a kernel given to a page that is used again, and how long that took."""
        self._wakes.observe(seconds)

    def ended(self, reason: str) -> None:
        """Count a kernel's end: ``left``, ``rest``, ``quiet``, ``old``, ``died``, ``unused`` or ``stop``."""
        self._ends.labels(reason).inc()

    def connected(self, seconds: float) -> None:
        """Count a kernel's first websocket, so many seconds after the kernel started."""
        self._until_live.observe(seconds)

    def read(self) -> dict[str, float]:
        """Return every number, by name and label."""
        own = own_memory(self.kernels.processes()[:MEASURED_AT_ONCE])
        self._own.set(median(own) if own else 0)
        return {
            f"{sample.name}{{{','.join(sample.labels.values())}}}" if sample.labels else sample.name: sample.value
            for metric in self.registry.collect()
            for sample in metric.samples
            if not sample.name.endswith(("_bucket", "_created"))
        }

    def exposition(self) -> bytes:
        """Return every number as Prometheus reads it."""
        self.read()
        return generate_latest(self.registry)


def own_memory(processes: Iterable[int]) -> list[int]:
    """Return the bytes that each process shares with no other; a process that has ended is left out."""
    found = []
    for pid in processes:
        try:
            lines = Path(f"/proc/{pid}/smaps_rollup").read_text("ascii").splitlines()
        except OSError:
            continue
        found.append(sum(int(line.split()[1]) << 10 for line in lines if line.startswith("Private_")))
    return found
