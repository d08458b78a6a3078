"""How Jupyter gets a kernel that already exists: a provisioner that asks a parent for a fork.

It stands where ``jupyter_client`` starts processes, so Voilà, Papermill and nbclient get such kernels without knowing.
"""

import asyncio
import logging
import os
import select
import signal
from dataclasses import replace
from functools import partial
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.provisioning.factory import KernelProvisionerFactory
from jupyter_client.provisioning.local_provisioner import LocalProvisioner

from atelier.live.confine import NICE, Limits, die_with_parent
from atelier.live.parentage import Parent, process_of

NAME = "atelier-fork"
LOG = logging.getLogger("atelier.live")
_PLAIN_ADDRESSES = 4 << 30
"""Address space of a kernel that imports everything itself: libraries reserve much more than they use."""


class ForkedProcess:
    """A forked kernel's process, with the part of ``subprocess.Popen`` that ``LocalProvisioner`` uses.

    Args:
        handle: Descriptor of the process, taken over.
    """

    stdin = stdout = stderr = None

    def __init__(self, handle: int) -> None:
        self.handle, self.pid = handle, process_of(handle)
        self.returncode: int | None = None

    def poll(self) -> int | None:
        """Return None while it lives; how it ended is its parent's to know, so any end is -1."""
        if self.returncode is None and select.select([self.handle], [], [], 0)[0]:
            self.returncode = -1
            os.close(self.handle)
        return self.returncode

    def wait(self, timeout: float | None = None) -> int | None:
        """Wait for its end, at most ``timeout`` seconds."""
        if self.returncode is None:
            select.select([self.handle], [], [], timeout)
        return self.poll()

    def send_signal(self, number: int) -> None:
        """Send a signal, if it still lives."""
        if self.poll() is None:
            try:
                signal.pidfd_send_signal(self.handle, number)
            except ProcessLookupError:
                LOG.debug("process %d had just ended", self.pid)

    def kill(self) -> None:
        """End it at once."""
        self.send_signal(signal.SIGKILL)


class ForkProvisioner(LocalProvisioner):
    """Forks a kernel from the parent it is given; without one, starts a process as Jupyter does.

    ``start_kernel`` takes, besides Jupyter's own arguments:

    - ``parent``: a ``Parent`` in force, or None;
    - ``query``: the selection to show;
    - ``confine``: turns a command into a confined one, for a kernel that is not forked;
    - ``limits``: what such a kernel may use;
    - ``drawn``: a dictionary that takes what the fork's views look like; without it they are not asked.
    """

    parent: Any
    process: Any

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        """Fork a kernel, or start one."""
        parent: Parent | None = kwargs.pop("parent", None)
        query, drawn = kwargs.pop("query", ""), kwargs.pop("drawn", None)
        confine, limits = kwargs.pop("confine", None), kwargs.pop("limits", None)
        if parent is None:
            if limits is not None:
                kwargs["preexec_fn"] = partial(_limit, limits)
            return await super().launch_kernel(confine(cmd) if confine else cmd, **kwargs)
        environment = {name: kwargs["env"].get(name, "") for name in ("QUERY_STRING", "SCRIPT_NAME")}
        child = await parent.fork(
            self.kernel_id[:8], self.parent.connection_file, environment, query, draws=drawn is not None
        )
        if drawn is not None:
            drawn |= child.drawn
        self.process = ForkedProcess(child.handle)
        self.pid, self.pgid, self.cwd = self.process.pid, None, kwargs.get("cwd", Path.cwd())
        return self.connection_info

    async def wait(self) -> int | None:
        """Wait for the kernel's end; a fork's end is told by its descriptor, not by looking ten times a second."""
        process = self.process
        if not isinstance(process, ForkedProcess):
            return await super().wait()
        if process.poll() is None:
            loop, ended = asyncio.get_running_loop(), asyncio.Event()
            loop.add_reader(process.handle, ended.set)
            try:
                await ended.wait()
            finally:
                loop.remove_reader(process.handle)
            process.poll()
        self.process = None
        return process.returncode

    async def terminate(self, restart: bool = False) -> None:  # noqa: ARG002
        """End the kernel: a fork holds nothing that has to be put away."""
        await self.kill()


def register_provisioner(factory: KernelProvisionerFactory) -> None:
    """Make forks the default way to get a kernel in this process, with or without entry points."""
    factory.provisioners[NAME] = EntryPoint(NAME, f"{__name__}:ForkProvisioner", factory.GROUP_NAME)
    factory.default_provisioner_name = NAME


def _limit(limits: Limits) -> None:
    die_with_parent(signal.SIGKILL)
    os.nice(NICE)
    replace(limits, memory=_PLAIN_ADDRESSES).apply()
