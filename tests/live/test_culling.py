"""When kernels that nobody leaves properly end."""

import asyncio
from datetime import timedelta
from types import SimpleNamespace

import pytest
from jupyter_server._tz import utcnow

from atelier.live.kernels import PublicKernelManager
from atelier.live.server import build_configuration
from atelier.live.visitors import choose_capacity


class Recorder(PublicKernelManager):
    """A manager of one kernel that is never started, which records what it ends."""

    ended: tuple[str, ...] = ()

    def hold(self, quiet: float, connections: int, state: str) -> None:
        """Hold a kernel quiet for some seconds."""
        kernel = SimpleNamespace(last_activity=utcnow() - timedelta(seconds=quiet), execution_state=state)
        self._kernels["one"], self._kernel_connections["one"] = kernel, connections

    async def shutdown_kernel(self, kernel_id, **_how):
        """Record the end."""
        self.ended += (kernel_id,)


@pytest.mark.parametrize(
    ("quiet", "connections", "state", "ended"),
    [
        (10, 0, "idle", False),
        (70, 0, "idle", True),
        (70, 0, "busy", True),
        (70, 0, "dead", True),
        (70, 1, "idle", False),
        (1900, 1, "idle", True),
    ],
)
def test_r01_a_quiet_kernel_ends(quiet, connections, state, ended):
    """A kernel nobody is connected to ends after a minute, an open page's after half an hour."""
    manager = Recorder(config=build_configuration(choose_capacity(16)))
    manager.hold(quiet, connections, state)
    asyncio.run(manager.cull_kernel_if_idle("one"))
    assert bool(manager.ended) is ended
    manager._kernels.clear()


def test_r01_a_lost_connection_has_its_minute():
    """A page quiet for ten minutes that loses its connection may come back: only then does its minute begin."""
    manager = Recorder(config=build_configuration(choose_capacity(16)))
    manager.hold(600, 1, "idle")
    manager.notify_disconnect("one")
    asyncio.run(manager.cull_kernel_if_idle("one"))
    assert manager.ended == ()
    manager._kernels.clear()


def test_r01_every_kernel_left_ends_within_two_minutes():
    """Waiting and looking take less than two minutes together."""
    manager = PublicKernelManager(config=build_configuration(choose_capacity(16)))
    assert 0 < manager.cull_idle_timeout + manager.cull_interval < 120
