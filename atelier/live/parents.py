"""The parents of all notebooks: one in force for each, started, watched, replaced.

A parent is replaced when what it was made from changes (notebook, theme, code), when it has grown, and when it dies;
the new one runs the notebook while the old one goes on serving, and an old one lives as long as its last child. A
notebook that cannot be forked (see ``parked``) is left to the ``pool``, and the log says why.
"""

import asyncio
import hashlib
import logging
import os
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping
from pathlib import Path

from atelier.errors import ServiceError
from atelier.live.confine import Confinement, Limits, imported_packages
from atelier.live.gate import Gate
from atelier.live.parentage import Parent
from atelier.settings import Settings

LOG = logging.getLogger("atelier.live")
WATCH_SECONDS = 2.0

_WATCHED = {".py", ".toml", ".sql", ".ipynb", ".parquet", ".csv", ".json", ".md"}


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

    def lacks(self, notebook: Path) -> str:
        """Return why a notebook has no parent; empty while it has one, or may soon."""
        is_open = notebook in self._in_force or notebook in self._starting
        return "" if is_open else self._problems.get(notebook, "")

    def state(self, notebook: Path) -> str:
        """Return a digest of all that a notebook's kernels are made from, as it was last looked at."""
        return self._states.get(notebook, "")

    def address_of(self, notebook: Path) -> str:
        """Return the path of a notebook's page."""
        return f"{self.environment.get('SCRIPT_NAME', '/')}dashboards/{notebook.parent.parent.name}/{notebook.stem}"

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
        if is_changed or (parent is None and path not in self._problems):
            self._states[path] = state
            self._starting[path] = asyncio.create_task(self._start(path))

    async def _start(self, path: Path) -> None:
        async with self._turns:
            await self._start_now(path)

    async def _start_now(self, path: Path) -> None:
        began = time.monotonic()
        try:
            environment = {**self.environment, "SCRIPT_NAME": self.address_of(path)}
            parent = Parent(path, self.confine, environment, self.limits, gate=self.gate)
            self._old.append(parent)
            await parent.ready()
            await parent.draw("trial")
        except (ServiceError, OSError) as error:
            self._problems[path] = str(error)
            kept = "the one before goes on" if path in self._in_force else "its readers get kernels that are not forked"
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


def _files(root: Path) -> list[Path]:
    if root.is_file():
        return [root]
    found = []
    for folder, folders, names in os.walk(root):
        folders[:] = [name for name in folders if name != "__pycache__"]
        found += [Path(folder, name) for name in names if Path(name).suffix in _WATCHED]
    return found
