"""The parents of the public's kernels, seen from the server: started, asked for kernels, replaced, retired.

One parent for each notebook. It is replaced when what it was made from changes (notebook, theme, code), when it has
grown, and when it dies; the new one runs the notebook while the old one goes on serving, and an old one lives as long
as its last child. A notebook that cannot be forked (see ``parked``) gets plain kernels, and the log says why.
"""

import asyncio
import hashlib
import json
import logging
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from atelier.errors import ServiceError
from atelier.live.confine import Confinement, Limits, die_with_parent, imported_packages
from atelier.live.gate import Gate
from atelier.live.parent import MESSAGE, RETIRE
from atelier.settings import Settings

LOG = logging.getLogger("atelier.live")
RUN_SECONDS = 90
FORK_SECONDS = 15
WATCH_SECONDS = 2.0
GROWTH = 1.5
"""A parent that holds this many times its first memory is replaced; it has no reason to grow."""

_RETRY_SECONDS = 30
_WATCHED = {".py", ".toml", ".sql", ".ipynb", ".parquet", ".csv", ".json", ".md"}


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

    Attributes:
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
        self.notebook = notebook
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

    async def fork(self, name: str, connection_file: str, environment: Mapping[str, str], query: str) -> Child:
        """Return a new kernel.

        Args:
            name: A few letters that tell it from others in a list of processes.
            connection_file: Where its sockets are named; a child without ends when it has drawn its selection.
            environment: Variables of its own.
            query: The selection it shows; empty for the notebook's own.

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
        request = {"number": number, "name": name, "connection_file": connection_file, "query": query}
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


class Parents:
    """The parent in force of each notebook.

    Args:
        settings: Where the project is.
        confinement: What confines the parents.
        sockets: Folder of the kernels' sockets.
        environment: The environment of parents and kernels.
        limits: What each kernel may use.
    """

    def __init__(
        self,
        settings: Settings,
        confinement: Confinement,
        sockets: Path,
        environment: Mapping[str, str],
        limits: Limits,
    ) -> None:
        self.settings, self.confinement, self.sockets, self.limits = settings, confinement, sockets, limits
        self.environment = dict(environment)
        self.gate = Gate()
        self.on_ready: Callable[[Path], Awaitable[None]] | None = None
        """Called with each notebook whose parent has come into force."""
        self.replaced = 0
        self._in_force: dict[Path, Parent] = {}
        self._old: list[Parent] = []
        self._states: dict[Path, str] = {}
        self._starting: dict[Path, asyncio.Task[None]] = {}
        self._retry_at: dict[Path, float] = {}
        self._problems: dict[Path, str] = {}
        # All at once, they would all be late: the first ones serve while the others run.
        self._turns = asyncio.Semaphore(os.cpu_count() or 1)

    async def watch(self, notebooks: Iterable[Path]) -> None:
        """Keep a parent in force for each notebook, for ever; cancel to stop."""
        notebooks = tuple(notebooks)
        loop = asyncio.get_running_loop()
        while True:
            states = await loop.run_in_executor(None, lambda: {path: self._state_of(path) for path in notebooks})
            for path, state in states.items():
                self._look_after(path, state)
            self._old = [parent for parent in self._old if parent.is_alive]
            await asyncio.sleep(WATCH_SECONDS)

    async def find(self, notebook: Path, seconds: float = 20) -> Parent | None:
        """Return the parent in force of a notebook, waiting a while for the first; None when there is none."""
        parent = self._in_force.get(notebook)
        if parent is not None and parent.is_alive:
            return parent
        if (task := self._starting.get(notebook)) is not None:
            await asyncio.wait({task}, timeout=seconds)
        parent = self._in_force.get(notebook)
        return parent if parent is not None and parent.is_alive else None

    @property
    def problems(self) -> Mapping[Path, str]:
        """Why a notebook has no parent, by notebook."""
        return self._problems

    @property
    def in_force(self) -> Mapping[Path, Parent]:
        """The parents that serve new visitors."""
        return self._in_force

    def is_settled(self, notebooks: Iterable[Path]) -> bool:
        """Return whether each notebook has a parent, or a reason why not."""
        return all(path in self._in_force or path in self._problems for path in notebooks)

    def end(self) -> None:
        """End all parents and their children."""
        for task in self._starting.values():
            task.cancel()
        for parent in [*self._in_force.values(), *self._old]:
            parent.kill()

    def _look_after(self, path: Path, state: str) -> None:
        if path in self._starting:
            return
        parent = self._in_force.get(path)
        is_changed = self._states.get(path) != state
        if parent is not None and not parent.is_alive:
            LOG.error("the parent of %s died: another one is started", path.name)
            del self._in_force[path]
            parent, is_changed = None, True
        if parent is not None and not is_changed and parent.has_grown():
            LOG.warning("the parent of %s has grown: it is replaced", path.name)
            is_changed = True
        is_due = time.monotonic() >= self._retry_at.get(path, 0)
        if is_changed or (parent is None and path not in self._problems and is_due):
            self._states[path] = state
            self._starting[path] = asyncio.create_task(self._start(path))

    async def _start(self, path: Path) -> None:
        async with self._turns:
            await self._start_now(path)

    async def _start_now(self, path: Path) -> None:
        began = time.monotonic()
        try:
            page = f"{self.environment.get('SCRIPT_NAME', '/')}dashboards/{path.parent.parent.name}/{path.stem}"
            environment = {**self.environment, "SCRIPT_NAME": page}
            parent = Parent(path, self.confine, environment, self.limits, gate=self.gate)
            self._old.append(parent)
            await parent.ready()
            await parent.draw("trial")
        except (ServiceError, OSError) as error:
            self._problems[path] = str(error)
            kept = "the one before goes on" if path in self._in_force else "its readers get plain kernels"
            LOG.error("no parent for %s, %s: %s", path.name, kept, error)  # noqa: TRY400 - the reason is the message
        else:
            self._old.remove(parent)
            self._problems.pop(path, None)
            former, self._in_force[path] = self._in_force.get(path), parent
            if former is not None:
                self.replaced += 1
                self._old.append(former)
                former.retire()
            if self.on_ready is not None:
                try:
                    await self.on_ready(path)
                except Exception:
                    LOG.exception("the pages of %s were not rendered in advance", path.name)
            LOG.info("parent of %s ready in %.1f s", path.name, time.monotonic() - began)
        finally:
            self._starting.pop(path, None)

    def confine(self, command: list[str]) -> list[str]:
        """Return a command that runs confined as the parents do."""
        return self.confinement.wrap(command, self.settings, self.sockets)

    def _state_of(self, notebook: Path) -> str:
        """Return a digest of names, sizes and dates of all that a parent is made from."""
        theme = self.settings.home / "themes" / notebook.parts[-3]
        digest = hashlib.sha256()
        for root in (notebook, theme, *imported_packages()):
            for file in sorted(_files(root)):
                try:
                    state = file.stat()
                except OSError:
                    continue
                digest.update(f"{file}\0{state.st_size}\0{state.st_mtime_ns}\0".encode())
        return digest.hexdigest()


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


def _files(root: Path) -> list[Path]:
    if root.is_file():
        return [root]
    found = []
    for folder, folders, names in os.walk(root):
        folders[:] = [name for name in folders if name != "__pycache__"]
        found += [Path(folder, name) for name in names if Path(name).suffix in _WATCHED]
    return found


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
