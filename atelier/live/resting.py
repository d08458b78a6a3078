"""Pages that rest: while a page is only read it needs no kernel, and lets its own go.

A page does so by itself after a while without a gesture, and sooner when it is asked to, because seats are short. Used
again, it gets another fork of the same parent. What it holds of its widgets stays true: forks of one parent know each
widget by the same name. It says what it shows, by its query or by sending its choices again, and takes the state of
every widget as a new page does (see ``templates/voila/atelier/live/rest.js``).
"""

import asyncio
import logging
import os
import uuid
from time import perf_counter

from atelier.errors import ServiceError
from atelier.live.kernels import PublicKernelManager
from atelier.live.parents import Parents
from atelier.live.pool import Pool
from atelier.live.rendering import kernel_environment
from atelier.live.visitors import NoSeatError, Seats
from atelier.live.watch import Watch
from atelier.notebooks import Dashboard

LOG = logging.getLogger("atelier.live")
REST_CODE = 4001
"""A websocket closed with this code asks its page to rest; a page that cannot connects again."""

SHORT = 0.5
"""Share of the seats beyond which pages are asked to rest."""

QUIET_SECONDS = 2.0
_WATCH_SECONDS = 1.0


class ReplacedError(ServiceError):
    """The parent of a page's first kernel is no longer in force: its page has to be loaded again."""


class Resting:
    """Asks pages to rest when seats are short, and gives kernels to those that are used again.

    Args:
        kernels: Where kernels live.
        parents: Where they are forked.
        pool: What makes room when seats are short.
        seats: How many there may be.
        watch: What counts them.
    """

    def __init__(self, kernels: PublicKernelManager, parents: Parents, pool: Pool, seats: Seats, watch: Watch) -> None:
        self.kernels, self.parents, self.pool, self.seats, self.watch = kernels, parents, pool, seats, watch

    async def wake(self, dashboard: Dashboard, query: str, token: str, *, path: str, address: str) -> str:
        """Return the identifier of another kernel, which shows the selection of a query.

        Args:
            dashboard: The notebook.
            query: What the page shows, as its address would have it.
            token: The parent the page was made from (``Parent.token``).
            path: The path of the page.
            address: Where the visitor comes from.

        Raises:
            ReplacedError: That parent is not in force, or cannot show the selection.
            NoSeatError: There are too many visitors at this moment.
            ServiceError: The parent could not fork.
            OSError: The machine could not give what a kernel needs.
        """
        parent = self.parents.in_force.get(dashboard.path)
        if parent is None or not parent.is_alive or parent.token != token or (query and not parent.can_restore):
            raise ReplacedError("the page's parent is not in force.")
        kernel = str(uuid.uuid4())
        if self.parents.gate.is_rushed or not self.seats.take(kernel, address, is_known=True):
            raise NoSeatError("every seat is taken.")
        self.pool.make_room()
        began = perf_counter()
        environment = kernel_environment(os.environ, query, path)
        try:
            await self.kernels.start_kernel(
                kernel_id=kernel, kernel_name="python3", env=environment, parent=parent, query=query
            )
        except BaseException:
            await self.kernels.end(kernel)
            self.seats.free(kernel)
            raise
        LOG.info("a page of %s is used again, kernel %s", dashboard.address, kernel)
        self.watch.woken(perf_counter() - began)
        return kernel

    async def keep_seats_free(self) -> None:
        """Ask the quietest pages to rest whenever seats are short, for ever; cancel to stop."""
        while True:
            self.ask_to_rest()
            await asyncio.sleep(_WATCH_SECONDS)

    def ask_to_rest(self) -> int:
        """Ask as many pages as are beyond ``SHORT``, the quietest first; return how many were asked."""
        beyond = len(self.seats) - int(SHORT * self.seats.capacity.visitors)
        asked = self.kernels.quietest(QUIET_SECONDS)[: max(0, beyond)] if self.seats.capacity.rest else []
        for kernel in asked:
            self.kernels.ask_to_rest(kernel, REST_CODE)
        return len(asked)
