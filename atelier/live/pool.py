"""Kernels of notebooks that cannot be forked, each run in advance and kept for the next reader.

A notebook has some here for as long as it has no parent (``Parents.lacks``). They are kernels like any other: started
by the same manager, confined and limited in the same way, gone with the server. They take no seat while they wait, and
no more wait than there are seats left. They are made one at a time, as low in the system's order as forks, and run the
notebook on its own selection; one that can show another (``atelier.restore``) is told to when a reader asks for it.
"""

import asyncio
import logging
import os
import time
import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from jupyter_client.asynchronous.client import AsyncKernelClient

from atelier.errors import ServiceError
from atelier.language import LANGUAGES
from atelier.live.environment import RESTORE_TARGET
from atelier.live.kernels import PublicKernelManager
from atelier.live.parents import Parents
from atelier.live.rendering import ExecutedRenderer, RunningRenderer, kernel_environment
from atelier.live.visitors import Seats
from atelier.notebooks import Dashboard

LOG = logging.getLogger("atelier.live")
LOOK_SECONDS = 1.0
RESTORE_SECONDS = 15
_RETRY_SECONDS = 300
_CAN_RESTORE = f"{RESTORE_TARGET!r} in __import__('comm').get_comm_manager().targets"


@dataclass(frozen=True)
class Heated:
    """A kernel that has run its notebook.

    Attributes:
        kernel: Its identifier.
        state: What the notebook was made from (``Parents.state``).
        pages: Its page with marks, and what its views look like, by language.
        can_restore: Whether it can show another selection than the notebook's own.
        client: The server's line to it, until it has a reader.
    """

    kernel: str
    state: str
    pages: Mapping[str, tuple[str, Mapping[str, str]]]
    can_restore: bool
    client: AsyncKernelClient

    async def restore(self, query: str) -> dict[str, str]:
        """Show the selection of a query.

        Returns:
            The HTML that stands for each view, by identifier of its model, where the notebook sends it.

        Raises:
            ServiceError: The notebook could not, or took too long.
        """
        line, session = uuid.uuid4().hex, self.client.session
        message = session.msg("comm_open", {"comm_id": line, "target_name": RESTORE_TARGET, "data": {"query": query}})
        self.client.shell_channel.send(message)
        drawn: dict[str, str] = {}
        try:
            async with asyncio.timeout(RESTORE_SECONDS):
                while True:
                    said = await self.client.get_iopub_msg()
                    kind, content = said["header"]["msg_type"], said["content"]
                    if said["parent_header"].get("msg_id") != message["header"]["msg_id"]:
                        continue
                    if kind == "comm_close" and content["comm_id"] == line:
                        raise ServiceError("the notebook failed to show the selection.")
                    if kind == "comm_msg" and content["comm_id"] == line:
                        drawn |= content["data"].get("drawn", {})
                    if kind == "status" and content["execution_state"] == "idle":
                        return drawn
        except TimeoutError:
            raise ServiceError(f"the notebook did not show the selection in {RESTORE_SECONDS} s.") from None


class Pool:
    """The kernels that wait, of all notebooks.

    Args:
        kernels: Where they live.
        parents: What tells which notebooks need them.
        seats: How many visitors there may be.
        make_renderer: Makes a renderer of a class, given what is its own.
        around: What a page shows around its notebook, in a language.
    """

    def __init__(
        self,
        kernels: PublicKernelManager,
        parents: Parents,
        seats: Seats,
        make_renderer: Callable[..., Any],
        around: Callable[[Dashboard, str], Mapping[str, Any]],
    ) -> None:
        self.kernels, self.parents, self.seats = kernels, parents, seats
        self.make_renderer, self.around = make_renderer, around
        self.problems: dict[Path, str] = {}
        """Why a notebook has no kernel here although it has no parent, by notebook."""
        self._waiting: dict[Path, list[Heated]] = {}
        self._retry: dict[Path, tuple[str, float]] = {}
        self._ending: set[asyncio.Task[None]] = set()
        self._heating = 0
        self._is_ended = False

    def __len__(self) -> int:
        """Return how many wait."""
        return sum(map(len, self._waiting.values()))

    def count(self, path: Path) -> int:
        """Return how many kernels of a notebook wait."""
        return len(self._waiting.get(path, ()))

    async def watch(self, dashboards: Iterable[Dashboard]) -> None:
        """Keep kernels ready for each notebook that needs them, for ever; cancel to stop."""
        dashboards = tuple(dashboards)
        while not self._is_ended:
            self._drop_useless()
            self.make_room()
            if (dashboard := self._poorest(dashboards)) is not None:
                await self._fill(dashboard)
            await asyncio.sleep(LOOK_SECONDS)

    def end(self) -> None:
        """Make no more; those that wait end with all kernels of the server."""
        self._is_ended = True

    def first(self, path: Path, query: str) -> Heated | None:
        """Return a kernel that can show a reader this selection; it still waits, until it is handed over."""
        fit = (one for one in self._waiting.get(path, ()) if one.can_restore or not query)
        return next((one for one in fit if self._is_good(path, one)), None)

    def hand_over(self, path: Path, heated: Heated) -> None:
        """Give a kernel to a reader who has a seat: from now on it is a kernel like any other, of this age."""
        self._waiting[path].remove(heated)
        self.kernels.hand_over(heated.kernel)

    def make_room(self) -> None:
        """End as many as there are more than seats left."""
        for path, those in self._waiting.items():
            while those and self._room < 0:
                self._end(path, those[0])

    @property
    def _room(self) -> int:
        return self.seats.capacity.visitors - len(self.seats) - len(self) - self._heating

    def _is_good(self, path: Path, heated: Heated) -> bool:
        is_current = heated.state == self.parents.state(path) and bool(self.parents.lacks(path))
        return is_current and self.kernels.lives(heated.kernel)

    def _drop_useless(self) -> None:
        for path, those in self._waiting.items():
            for heated in [one for one in those if not self._is_good(path, one)]:
                self._end(path, heated)

    def _end(self, path: Path, heated: Heated) -> None:
        self._waiting[path].remove(heated)
        heated.client.stop_channels()
        task = asyncio.create_task(self.kernels.end(heated.kernel, "unused"))
        self._ending.add(task)
        task.add_done_callback(self._ending.discard)

    def _poorest(self, dashboards: Iterable[Dashboard]) -> Dashboard | None:
        """Return the notebook that has the fewest kernels of those that need one more, if there is room."""
        if self._room <= 0 or self.parents.gate.is_rushed:
            return None
        most = self.seats.capacity.pool
        needy = [one for one in dashboards if self.parents.lacks(one.path) and self.count(one.path) < most]
        due = [one for one in needy if self._is_due(one.path)]
        return min(due, key=lambda one: self.count(one.path), default=None)

    def _is_due(self, path: Path) -> bool:
        state, at = self._retry.get(path, ("", 0.0))
        return state != self.parents.state(path) or time.monotonic() >= at

    async def _fill(self, dashboard: Dashboard) -> None:
        began, path, kernel = time.monotonic(), dashboard.path, str(uuid.uuid4())
        state = self.parents.state(path)
        self.kernels.waiting.add(kernel)
        self._heating += 1
        try:
            heated = await self._heat(dashboard, kernel, state)
        except Exception as error:  # noqa: BLE001 - whatever a notebook does, others go on
            self.problems[path] = str(error)
            self._retry[path] = state, time.monotonic() + _RETRY_SECONDS
            LOG.error("no kernel of %s is run in advance, each reader waits for one: %s", path.name, error)  # noqa: TRY400
            await self.kernels.end(kernel, "unused")
            self.kernels.waiting.discard(kernel)
            return
        finally:
            self._heating -= 1
        self.problems.pop(path, None)
        self._waiting.setdefault(path, []).append(heated)
        self.make_room()
        LOG.info("a kernel of %s waits for a reader, run in %.1f s", path.name, time.monotonic() - began)

    async def _heat(self, dashboard: Dashboard, kernel: str, state: str) -> Heated:
        page = self.around(dashboard, LANGUAGES[0])
        renderer = self.make_renderer(
            RunningRenderer,
            dashboard=dashboard,
            page=page,
            kernels=self.kernels,
            kernel=kernel,
            environment=kernel_environment(os.environ, "", self.parents.address_of(dashboard.path)),
            confine=self.parents.confine,
        )
        cells = await renderer.run()
        for number, cell in enumerate(cells):
            if any(output["output_type"] == "error" for output in cell.get("outputs", ())):
                raise ServiceError(f"cell {number} failed.")
        client = cast("AsyncKernelClient", self.kernels.get_kernel(kernel).client())
        client.start_channels(stdin=False, hb=False)
        try:
            await client.wait_for_ready(timeout=RESTORE_SECONDS)
            can_restore = await _ask(client, _CAN_RESTORE) == "True"
            pages: dict[str, tuple[str, Mapping[str, str]]] = {
                language: await self._render(dashboard, cells, language) for language in LANGUAGES
            }
        except BaseException:
            client.stop_channels()
            raise
        return Heated(kernel, state, pages, can_restore, client)

    async def _render(self, dashboard: Dashboard, cells: Any, language: str) -> tuple[str, Mapping[str, str]]:
        page = {**self.around(dashboard, language), "live": True}
        renderer = self.make_renderer(ExecutedRenderer, dashboard=dashboard, page=page, cells=cells)
        return "".join([piece async for piece in renderer.pieces()]), renderer.drawn


async def _ask(client: AsyncKernelClient, expression: str) -> str:
    reply = await client.execute(
        "", silent=True, user_expressions={"asked": expression}, reply=True, timeout=RESTORE_SECONDS
    )
    return str(reply["content"]["user_expressions"]["asked"].get("data", {}).get("text/plain", ""))
