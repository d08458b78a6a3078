"""How many kernels start at once, and how long one more would wait: what tells that a machine has enough to do."""

import asyncio
import os
import time
from collections import deque

AT_ONCE = os.cpu_count() or 1
"""Children that open their sockets at once: more would start no sooner, and make those who are there wait."""

MOST_WAIT = 1.5
"""Seconds; whoever would wait longer gets a page to read at once."""

SLOW = 0.25
"""Seconds from a message of a page to the first word of its kernel: above, those who are there feel those who come."""

_FELT_SECONDS = 2.0
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
        self._felt = -_FELT_SECONDS
        self._entered: deque[float] = deque(maxlen=2 * places)

    async def enter(self) -> float:
        """Wait for a place; return the time, to be given to ``leave``."""
        self.waiting += 1
        try:
            await self._free.acquire()
        finally:
            self.waiting -= 1
        self._entered.append(time.monotonic())
        return self._entered[-1]

    def leave(self, entered: float) -> None:
        """Give the place back."""
        self.seconds += _WEIGHT * (time.monotonic() - entered - self.seconds)
        self._free.release()

    def feel(self, seconds: float) -> None:
        """Note how long a kernel took to say its first word to a page that had asked something."""
        if seconds > SLOW:
            self._felt = time.monotonic()

    @property
    def is_rushed(self) -> bool:
        """Whether one more would wait too long, or those who are there wait because many have come just now."""
        since = time.monotonic() - _FELT_SECONDS
        are_many = len(self._entered) == self._entered.maxlen and self._entered[0] > since
        return self.waiting * self.seconds / self.places > MOST_WAIT or (are_many and self._felt > since)
