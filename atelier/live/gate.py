"""How many kernels start at once, and how long one more would wait: what tells that a machine has enough to do."""

import asyncio
import os
import time

AT_ONCE = os.cpu_count() or 1
"""Children that open their sockets at once: more would start no sooner, and make those who are there wait."""

MOST_WAIT = 1.5
"""Seconds; whoever would wait longer gets a page to read at once."""

_FIRST_GUESS = 0.1
_WEIGHT = 0.2


class Gate:
    """Lets a few through at a time, and knows how long it takes.

    Args:
        places: How many at once.

    Attributes:
        waiting: How many wait now.
        seconds: How long the last ones took inside, a moving mean.
    """

    def __init__(self, places: int = AT_ONCE) -> None:
        self.places = places
        self.waiting = 0
        self.seconds = _FIRST_GUESS
        self._free = asyncio.Semaphore(places)

    async def enter(self) -> float:
        """Wait for a place; return the time, to be given to ``leave``."""
        self.waiting += 1
        try:
            await self._free.acquire()
        finally:
            self.waiting -= 1
        return time.monotonic()

    def leave(self, entered: float) -> None:
        """Give the place back."""
        self.seconds += _WEIGHT * (time.monotonic() - entered - self.seconds)
        self._free.release()

    @property
    def is_rushed(self) -> bool:
        """Whether one more would wait too long."""
        return self.waiting * self.seconds / self.places > MOST_WAIT
