"""What looks after parents and kernels goes on, whatever happens to it."""

import asyncio
import logging

from atelier.live.server import keep_on


def test_a_watch_that_fails_begins_again(caplog):
    """A fault is told in the log with its traceback; the watch that ends by itself is not begun again."""
    turns = []

    async def watch() -> None:
        turns.append(len(turns))
        if len(turns) < 3:
            raise OSError("the disk is full")

    with caplog.at_level(logging.ERROR, "atelier.live"):
        asyncio.run(keep_on(watch, seconds=0))
    assert turns == [0, 1, 2]
    assert caplog.text.count("OSError: the disk is full") == 2
