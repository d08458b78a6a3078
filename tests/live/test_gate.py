"""The gate that kernels start through: what it lets in, and when it says that one more would wait too long."""

import asyncio

from hypothesis import given
from hypothesis import strategies as st

from atelier.live.gate import MOST_WAIT, SLOW, Gate


def test_a_few_at_a_time_and_each_gives_its_place_back():
    """Never more inside than places; all come through."""

    async def crowd() -> tuple[int, int]:
        gate, inside, most = Gate(3), 0, 0

        async def one() -> None:
            nonlocal inside, most
            entered = await gate.enter()
            inside += 1
            most = max(most, inside)
            await asyncio.sleep(0)
            inside -= 1
            gate.leave(entered)

        await asyncio.gather(*[one() for _ in range(20)])
        return most, gate.waiting

    assert asyncio.run(crowd()) == (3, 0)


@given(waiting=st.integers(0, 500), seconds=st.floats(0.01, 10), places=st.integers(1, 64))
def test_it_is_rushed_when_one_more_would_wait_too_long(waiting, seconds, places):
    """The slower they start, the fewer may wait; with nobody waiting it is never rushed, however slow it was."""
    gate = Gate(places)
    gate.waiting, gate.seconds = waiting, seconds
    assert gate.is_rushed == (waiting * seconds / places > MOST_WAIT)
    gate.waiting = 0
    assert not gate.is_rushed


def test_who_gives_up_waiting_is_not_counted():
    """A visitor who leaves before his turn leaves no trace."""

    async def leave() -> int:
        gate = Gate(1)
        await gate.enter()
        waiting = asyncio.create_task(gate.enter())
        await asyncio.sleep(0)
        assert gate.waiting == 1
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
        return gate.waiting

    assert asyncio.run(leave()) == 0


def test_when_those_who_are_there_wait_many_may_not_come():
    """A slow answer alone turns nobody away, and many who come to fast answers are let in; both together are a rush."""

    async def come(times: int, answer: float) -> bool:
        gate = Gate(2)
        for _ in range(times):
            gate.leave(await gate.enter())
        gate.feel(answer)
        return gate.is_rushed

    assert asyncio.run(come(4, 2 * SLOW))
    assert not asyncio.run(come(4, SLOW / 2))
    assert not asyncio.run(come(3, 2 * SLOW))
