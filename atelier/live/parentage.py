"""One parent of the public's kernels, seen from the server: started, asked for kernels, retired."""

import asyncio
import json
import logging
import os
import secrets
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from atelier.errors import ServiceError
from atelier.live.confine import Limits, die_with_parent
from atelier.live.gate import Gate
from atelier.live.parent import MESSAGE, RETIRE

LOG = logging.getLogger("atelier.live")
RUN_SECONDS = 90
FORK_SECONDS = 15
GROWTH = 1.5
"""A parent that holds this many times its first memory is replaced; it has no reason to grow."""


@dataclass(frozen=True)
class Child:
    """A kernel that has just been forked.

    Attributes:
        handle: Descriptor of its process (``pidfd``), to be closed by whoever takes it.
        drawn: What its views look like, by model; empty for the notebook's own selection.
    """

    handle: int
    drawn: Mapping[str, str]


class Parent:
    """One running parent.

    Args:
        notebook: The notebook it runs.
        command: Turns the parent's command into a confined one.
        environment: Its whole environment, and its children's.
        limits: What each child may use.
        module: The program it is.
        gate: How many children may be opening their sockets at once, those of other parents included.

    Raises:
        ServiceError: This system cannot hand over what it has forked.

    Attributes:
        token: Tells it from every other parent: what a page holds of its widgets is true of its forks alone.
        cells: The notebook's cells with their outputs, once it has run.
        can_restore: Whether its children can show another selection.
        forks: How many children it has had.
    """

    def __init__(
        self,
        notebook: Path,
        command: Callable[[list[str]], list[str]],
        environment: Mapping[str, str],
        limits: Limits,
        *,
        module: str = "atelier.live.parent",
        gate: Gate | None = None,
    ) -> None:
        if not hasattr(os, "pidfd_open"):
            raise ServiceError("this system has no forks that can be handed over (Linux has).")
        self.notebook, self.token = notebook, secrets.token_hex(8)
        self._gate = gate or Gate()
        self._starting: set[asyncio.Task[None]] = set()
        self.cells: list[dict[str, Any]] = []
        self.can_restore = False
        self.forks = 0
        self._first_memory = 0
        self._asked: dict[int, asyncio.Future[int]] = {}
        self._line, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._report, written = os.pipe()
        arguments = [str(notebook), str(theirs.fileno()), str(written), json.dumps(asdict(limits))]
        try:
            self._process = subprocess.Popen(  # noqa: S603 - our own interpreter
                command([sys.executable, "-m", module, *arguments]),
                env=dict(environment),
                cwd=notebook.parent,
                stdin=subprocess.DEVNULL,
                pass_fds=(theirs.fileno(), written),
                start_new_session=True,
                preexec_fn=_end_with_the_server,  # noqa: PLW1509 - it calls one function of the C library
            )
        finally:
            theirs.close()
            os.close(written)

    async def ready(self) -> None:
        """Wait until the notebook has run.

        Raises:
            ServiceError: It cannot be forked; says why.
        """
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(RUN_SECONDS):
                text = await loop.run_in_executor(None, self._read_report)
        except TimeoutError:
            self.kill()
            raise ServiceError(f"{self.notebook.name} did not run in {RUN_SECONDS} s.") from None
        if not text:
            raise ServiceError(f"the parent of {self.notebook.name} died while it ran the notebook.")
        report = json.loads(text)
        if report["problem"]:
            raise ServiceError(report["problem"])
        self.cells, self.can_restore = report["cells"], report["can_restore"]
        self._line.setblocking(False)
        loop.add_reader(self._line, self._hear)

    @property
    def is_alive(self) -> bool:
        """Whether the parent lives."""
        return self._process.poll() is None

    @property
    def pid(self) -> int:
        """The parent's process, or the one of what confines it."""
        return self._process.pid

    async def fork(
        self, name: str, connection_file: str, environment: Mapping[str, str], query: str, *, draws: bool = True
    ) -> Child:
        """Return a new kernel.

        Args:
            name: A few letters that tell it from others in a list of processes.
            connection_file: Where its sockets are named; a child without ends when it has drawn its selection.
            environment: Variables of its own.
            query: The selection it shows; empty for the notebook's own.
            draws: Whether it says what that selection looks like.

        Raises:
            ServiceError: The parent died, could not fork, or the child did not show the selection in time.
        """
        entered = await self._gate.enter()
        self.forks += 1
        number = self.forks
        ours, theirs = socket.socketpair()
        ours.setblocking(False)
        loop = asyncio.get_running_loop()
        answer = self._asked[number] = loop.create_future()
        request = {"number": number, "name": name, "connection_file": connection_file, "query": query, "draws": draws}
        handle = -1
        is_starting = False
        try:
            message = json.dumps({**request, "environment": dict(environment)}).encode()
            socket.send_fds(self._line, [message], [theirs.fileno()])
            theirs.close()
            async with asyncio.timeout(FORK_SECONDS):
                handle = await answer
                # An empty answer, from a child that died before it had shown its selection, is no JSON.
                drawn = json.loads(await _read_line(loop, ours))["drawn"]
            is_starting = True
            start = asyncio.create_task(self._follow_start(ours, entered))
            self._starting.add(start)
            start.add_done_callback(self._starting.discard)
            return Child(handle, drawn)
        except (OSError, TimeoutError, ValueError, ServiceError) as error:
            if handle >= 0:
                end_process(handle)
                os.close(handle)
            raise ServiceError(f"no kernel from the parent of {self.notebook.name}: {error!r}") from error
        finally:
            self._asked.pop(number, None)
            theirs.close()
            if not is_starting:
                ours.close()
                self._gate.leave(entered)

    async def _follow_start(self, line: socket.socket, entered: float) -> None:
        """Let others start once a child has opened its sockets, or ended: it then closes its end of the line."""
        try:
            async with asyncio.timeout(FORK_SECONDS):
                await asyncio.get_running_loop().sock_recv(line, 1)
        except (OSError, TimeoutError):
            LOG.debug("a child of %s did not start", self.notebook.name)
        finally:
            line.close()
            self._gate.leave(entered)

    async def draw(self, query: str) -> Mapping[str, str]:
        """Return what a selection looks like, from a child that draws it and ends.

        Raises:
            ServiceError: As ``fork``.
        """
        child = await self.fork("drawing", "", {}, query if self.can_restore else "")
        os.close(child.handle)
        return child.drawn

    def retire(self) -> None:
        """Let it end with its last child."""
        try:
            self._line.send(json.dumps({"order": RETIRE}).encode())
        except OSError:
            self.kill()

    def kill(self) -> None:
        """End it and its children at once."""
        self._stop_hearing()
        if self.is_alive:
            self._process.kill()
        self._process.wait(10)

    def has_grown(self) -> bool:
        """Return whether it holds much more memory than when it had just run the notebook."""
        memory = sum(_resident(pid) for pid in (self.pid, *_children(self.pid)))
        self._first_memory = self._first_memory or memory
        return memory > GROWTH * self._first_memory > 0

    def _read_report(self) -> str:
        with os.fdopen(self._report, encoding="utf-8") as pipe:
            return pipe.read()

    def _hear(self) -> None:
        try:
            message, descriptors, _flags, _address = socket.recv_fds(self._line, MESSAGE, 1)
        except OSError:
            message, descriptors = b"", []
        if not message:
            self._stop_hearing()
            return
        answer = json.loads(message)
        future = self._asked.get(answer["number"])
        if future is None or future.done():
            for one in descriptors:
                end_process(one)
                os.close(one)
        elif descriptors:
            future.set_result(descriptors[0])
        else:
            future.set_exception(ServiceError(answer["problem"]))

    def _stop_hearing(self) -> None:
        if self._line.fileno() >= 0:
            try:
                asyncio.get_running_loop().remove_reader(self._line)
            except RuntimeError:
                LOG.debug("the loop has ended")
            self._line.close()
        for future in self._asked.values():
            if not future.done():
                future.set_exception(ServiceError("the parent died."))


def end_process(handle: int) -> None:
    """Kill the process a descriptor stands for; one that has already ended is no error."""
    try:
        signal.pidfd_send_signal(handle, signal.SIGKILL)
    except ProcessLookupError:
        return


def process_of(handle: int) -> int:
    """Return the number of the process a descriptor stands for, as this process sees it; -1 when it has ended."""
    for line in Path(f"/proc/self/fdinfo/{handle}").read_text("ascii").splitlines():
        if line.startswith("Pid:"):
            return int(line.split()[1])
    return -1


async def _read_line(loop: asyncio.AbstractEventLoop, line: socket.socket) -> bytes:
    pieces = []
    while piece := await loop.sock_recv(line, MESSAGE):
        pieces.append(piece)
        if piece.endswith(b"\n"):
            break
    return b"".join(pieces)


def _end_with_the_server() -> None:
    die_with_parent(signal.SIGKILL)


def _children(pid: int) -> list[int]:
    try:
        return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii").split()]
    except OSError:
        return []


def _resident(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text("ascii").split()[1])
    except (OSError, ValueError, IndexError):
        return 0
