"""How many visitors may be here at once, and how often each may ask: numbers, not hopes."""

import os
import time
from collections import Counter, OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path

from atelier.errors import ServiceError

POOL = 2
REST = 60.0
_MEMORY_PER_VISITOR = 64 << 20
_ADDRESSES_KEPT = 20_000
_ARRIVING_SECONDS = 10.0
_KEPT_SHARE = 8
"""One seat in so many is kept for pages that have rested and are used again."""


class NoSeatError(ServiceError):
    """Every seat is taken."""


@dataclass(frozen=True)
class Capacity:
    """What the service takes on.

    Attributes:
        visitors: Live pages at once, all visitors together.
        arriving: Live pages that may be on their way at once: asked for, and not connected yet. More would make those
            who are already there wait.
        visitors_per_address: Live pages at once from one address; a whole university may be behind one.
        pages_per_minute: Dashboards that one address may open in a minute, after as many at once.
        wakes_per_minute: Kernels that pages of one address may ask for again in a minute, after as many at once.
        idle: Seconds without a connection after which a kernel ends.
        quiet: Seconds without a gesture after which an open page's kernel ends.
        age: Seconds after which any kernel ends.
        pool: Kernels of one notebook that wait for readers, where it cannot be forked.
        rest: Seconds without a gesture after which a page that can have another kernel lets its own go; 0 for never.
    """

    visitors: int
    arriving: int = 16 * (os.cpu_count() or 1)
    visitors_per_address: int = 24
    pages_per_minute: int = 90
    wakes_per_minute: int = 240
    idle: int = 60
    quiet: int = 1800
    age: int = 4 * 3600
    pool: int = POOL
    rest: float = REST


def choose_capacity(visitors: int = 0, pool: int = POOL, rest: float = REST) -> Capacity:
    """Return the capacity of this machine: half of its free memory, 64 MB for each visitor, 8 to 400 of them.

    Args:
        visitors: The operator's own number; 0 to let the memory tell.
        pool: Kernels that wait for readers, of each notebook that cannot be forked.
        rest: Seconds without a gesture after which a page lets its kernel go.
    """
    most = visitors or min(400, max(8, _free_memory() // 2 // _MEMORY_PER_VISITOR))
    return Capacity(most, pool=pool, rest=rest)


class Seats:
    """The live pages, counted in total and by address.

    Args:
        capacity: How many there may be.
        clock: Seconds, as ``time.monotonic``.
    """

    def __init__(self, capacity: Capacity, clock: Callable[[], float] = time.monotonic) -> None:
        self.capacity, self.clock = capacity, clock
        self._address_of: dict[str, str] = {}
        self._arriving: dict[str, float] = {}

    def __len__(self) -> int:
        """Return how many are taken."""
        return len(self._address_of)

    def take(self, kernel: str, address: str, *, is_known: bool = False) -> bool:
        """Take a seat for a kernel about to start; return whether there was one.

        Where pages rest, the last seats are for those who are here already: ``is_known``.
        """
        kept = self.capacity.visitors // _KEPT_SHARE if self.capacity.rest and not is_known else 0
        here = Counter(self._address_of.values())[address] if is_remote(address) else 0
        if len(self) >= self.capacity.visitors - kept or here >= self.capacity.visitors_per_address:
            return False
        if self.arriving >= self.capacity.arriving:
            return False
        self._address_of[kernel] = address
        self._arriving[kernel] = self.clock()
        return True

    @property
    def arriving(self) -> int:
        """How many are on their way; whoever has not come after ten seconds is not waited for."""
        since = self.clock() - _ARRIVING_SECONDS
        self._arriving = {kernel: began for kernel, began in self._arriving.items() if began > since}
        return len(self._arriving)

    def arrived(self, kernel: str) -> None:
        """Note that a page has connected to its kernel."""
        self._arriving.pop(kernel, None)

    def change(self, kernel: str, other: str, address: str) -> None:
        """Give a kernel's seat to another one of the same visitor, whose page has begun: never refused.

        Where the kernel has died its seat is free already, and may be another's by now: there is then one visitor more.
        """
        self.free(kernel)
        self._address_of[other] = address
        self._arriving[other] = self.clock()

    def free(self, kernel: str) -> None:
        """Give a seat back."""
        self._address_of.pop(kernel, None)
        self._arriving.pop(kernel, None)


class Pace:
    """A bucket of requests for each address: full at first, filled again over a minute.

    Args:
        per_minute: Size of a bucket, and what flows into it in a minute.
        clock: Seconds, as ``time.monotonic``.
    """

    def __init__(self, per_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        self.per_minute, self.clock = per_minute, clock
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def wait(self, address: str) -> int:
        """Count one request; return how many whole seconds its sender must wait first, 0 for none."""
        if not is_remote(address):
            return 0
        now = self.clock()
        left, since = self._buckets.pop(address, (float(self.per_minute), now))
        left = min(self.per_minute, left + (now - since) * self.per_minute / 60)
        allowed = left >= 1
        self._buckets[address] = (left - 1 if allowed else left, now)
        if len(self._buckets) > _ADDRESSES_KEPT:
            self._buckets.popitem(last=False)
        return 0 if allowed else max(1, round((1 - left) * 60 / self.per_minute + 0.5))


def find_address(peer: str, forwarded: str) -> str:
    """Return the address a request comes from.

    Each proxy appends the address it was asked from, so the truth is read from the right: the first address that is not
    this machine's own. What stands further left was written by the visitor.

    Args:
        peer: Who opened the connection.
        forwarded: The header ``X-Forwarded-For``, empty when there is none.
    """
    hops = [hop.strip() for hop in forwarded[:2000].split(",") if hop.strip()]
    for hop in (peer, *reversed(hops)):
        if is_remote(hop):
            return hop
    return peer


def is_remote(address: str) -> bool:
    """Return whether an address is another machine's; what is no address at all is taken for one."""
    try:
        return not ip_address(address).is_loopback
    except ValueError:
        return True


def _free_memory() -> int:
    try:
        lines = Path("/proc/meminfo").read_text("ascii").splitlines()
    except OSError:
        return 2 << 30
    return next((int(line.split()[1]) << 10 for line in lines if line.startswith("MemAvailable")), 2 << 30)
