"""Life and death of the public's kernels, and the one channel between them and a browser."""

import asyncio
import os
import signal
import time
from datetime import timedelta
from typing import Any

from jupyter_client.session import DELIM
from jupyter_events import EventLogger
from jupyter_server._tz import utcnow
from jupyter_server.services.kernels.connection.channels import ZMQChannelsWebsocketConnection
from jupyter_server.services.kernels.kernelmanager import AsyncMappingKernelManager, ServerKernelManager
from tornado import web
from tornado.ioloop import IOLoop
from traitlets import Callable, Dict, Integer, Set, default

from atelier.live.frames import censor

ALLOWED_MESSAGES = ("comm_open", "comm_close", "comm_msg", "comm_info_request", "kernel_info_request")
"""All a visitor may say to a kernel: move a control, ask what exists. No code, no completion, no shutdown."""

_WORD = 8
_PARTS_AT_LEAST = 6
_PARTS_AT_MOST = 64
_SHUTDOWN_SECONDS = 8
_WELCOME_SECONDS = 5
_EVENTS = EventLogger()


class QuietKernel(ServerKernelManager):
    """A kernel whose start and end are announced to nobody: the schema of such events is read anew for each kernel."""

    @default("event_logger")
    def _default_event_logger(self) -> EventLogger:
        return _EVENTS

    def emit(self, schema_id: str, data: Any) -> None:
        """Announce nothing."""


class PublicKernelManager(AsyncMappingKernelManager):
    """Kernels that end when their page is left, when nobody is connected, and at last in any case.

    A kernel nobody is connected to ends after ``cull_idle_timeout`` seconds, busy or not; a kernel whose page stays
    open without a gesture ends after ``connected_timeout`` seconds; any kernel ends after ``age_limit`` seconds, those
    too that are ``waiting`` for a reader (see ``pool``).
    """

    connected_timeout = Integer(1800, config=True, help="Seconds without a gesture after which an open page ends.")
    age_limit = Integer(14400, config=True, help="Seconds after which any kernel ends.")
    _born = Dict()
    _sockets = Dict()
    _asked_to_rest = Set()
    _reasons = Dict()
    _forks = Set()
    waiting = Set()
    on_answer = Callable(None, allow_none=True, help="Called with how long a kernel took to say its first word.")
    on_end = Callable(None, allow_none=True, help="Called with each kernel that has ended, and why.")

    async def cull_kernel_if_idle(self, kernel_id: str) -> None:
        """End the kernel if it has been left, or forgotten."""
        kernel = self._kernels[kernel_id]
        connected = self._kernel_connections.get(kernel_id, 0) > 0
        limit = self.connected_timeout if connected else self.cull_idle_timeout
        is_old = self.age(kernel_id) > self.age_limit
        is_left = kernel_id not in self.waiting and utcnow() - kernel.last_activity > timedelta(seconds=limit)
        if is_old or is_left:
            self.log.info("kernel %s ends: quiet for %d s, connected: %s, old: %s", kernel_id, limit, connected, is_old)
            await self.end(kernel_id, "old" if is_old else "quiet")

    async def start_kernel(self, **how: Any) -> str:  # type: ignore[override]
        """Start a kernel; see ``ForkProvisioner`` for what may be asked besides Jupyter's own arguments."""
        is_fork = how.get("parent") is not None
        self._forks.update([how["kernel_id"]] if is_fork else [])
        identifier: str = await super().start_kernel(**how)
        self._born[identifier] = time.monotonic()
        return identifier

    def start_watching_activity(self, kernel_id: str) -> None:
        """Watch what a kernel says, as Jupyter does; of a fork, what its page says is enough (``touch``)."""
        if not self.is_fork(kernel_id):
            super().start_watching_activity(kernel_id)
            return
        kernel = self._kernels[kernel_id]
        kernel.execution_state = "idle"
        self.touch(kernel_id)

    def hand_over(self, kernel_id: str) -> None:
        """Give a kernel that waited to its reader: its age is counted from now."""
        self.waiting.discard(kernel_id)
        self._born[kernel_id] = time.monotonic()
        self.touch(kernel_id)

    def lives(self, kernel_id: str) -> bool:
        """Return whether a kernel's process lives; Jupyter takes some seconds to see an end."""
        process = getattr(self._kernels[kernel_id].provisioner, "process", None) if kernel_id in self else None
        return process is not None and process.poll() is None

    def is_fork(self, kernel_id: str) -> bool:
        """Return whether a kernel was forked."""
        return kernel_id in self._forks

    def touch(self, kernel_id: str) -> None:
        """Note that a kernel is in use now."""
        self._asked_to_rest.discard(kernel_id)
        if kernel_id in self._kernels:
            self._kernels[kernel_id].last_activity = utcnow()

    def hold_socket(self, kernel_id: str, socket: Any) -> None:
        """Keep the websocket a page has opened."""
        self._sockets[kernel_id] = socket

    def quietest(self, seconds: float) -> list[str]:
        """Return the forks of open pages without a gesture for so many seconds, the quietest first.

        Those that have been asked to rest since are left out.
        """
        limit = utcnow() - timedelta(seconds=seconds)
        known = [one for one in self._sockets if self.is_fork(one) and one not in self._asked_to_rest]
        quiet = [one for one in known if self._kernels[one].last_activity < limit]
        return sorted(quiet, key=lambda one: self._kernels[one].last_activity)

    def ask_to_rest(self, kernel_id: str, code: int) -> None:
        """Ask a kernel's page to do without it: its websocket closes with a code."""
        self._asked_to_rest.add(kernel_id)
        self._sockets.pop(kernel_id).close(code, "rest")

    def notify_disconnect(self, kernel_id: str) -> None:
        """Count a connection less; from now on the page has its time to come back."""
        super().notify_disconnect(kernel_id)
        self.touch(kernel_id)

    def remove_kernel(self, kernel_id: str) -> Any:
        """Forget a kernel that has ended."""
        self._forks.discard(kernel_id)
        self._asked_to_rest.discard(kernel_id)
        self._sockets.pop(kernel_id, None)
        self.waiting.discard(kernel_id)
        self._born.pop(kernel_id, None)
        reason = self._reasons.pop(kernel_id, "died")
        if self.on_end is not None:
            self.on_end(kernel_id, reason)
        return super().remove_kernel(kernel_id)

    def age(self, kernel_id: str) -> float:
        """Return how many seconds ago a kernel started."""
        return time.monotonic() - self._born.get(kernel_id, time.monotonic())

    def processes(self) -> list[int]:
        """Return the processes of the kernels that live."""
        found = [getattr(kernel.provisioner, "pid", None) for kernel in self._kernels.values()]
        return [pid for pid in found if pid]

    async def end(self, kernel_id: str, reason: str = "left") -> None:
        """End a kernel at once; a kernel that is already gone is no error."""
        if kernel_id in self._kernels:
            self._reasons.setdefault(kernel_id, reason)
        try:
            await self.shutdown_kernel(kernel_id, now=True)
        except (KeyError, web.HTTPError):
            self.log.debug("kernel %s was already gone", kernel_id)

    async def end_all(self) -> None:
        """End every kernel, politely for a few seconds, then not."""
        groups = self.processes()
        self._reasons = dict.fromkeys(self._kernels, "stop")
        try:
            await asyncio.wait_for(self.shutdown_all(now=True), _SHUTDOWN_SECONDS)
        except TimeoutError:
            self.log.warning("kernels did not end in %d s: killed", _SHUTDOWN_SECONDS)
        for pid in groups:
            try:
                os.killpg(pid, signal.SIGKILL)
            except (ProcessLookupError, PermissionError):
                continue


class PublicConnection(ZMQChannelsWebsocketConnection):
    """A websocket that carries widget messages both ways and nothing else."""

    _is_new = False
    _asked = 0.0

    async def prepare(self) -> None:
        """Take the page's session. Jupyter asks the kernel who it is; here its page has just been made with it."""
        await self._register_session()
        self.session.key = self.kernel_manager.session.key

    def create_stream(self) -> None:
        """Open the channels to the kernel."""
        super().create_stream()
        self._is_new = True

    def nudge(self) -> asyncio.Future[None]:
        """Wait until the kernel's messages come through: a kernel welcomes its first subscriber by itself.

        Jupyter asks for kernel information over two more sockets until something comes; that is for kernels that do
        not welcome, for those whose first subscriber is this server, which watches them unless they are forks, and for
        channels that a page comes back to.
        """
        is_first = self._is_new and self.multi_kernel_manager.is_fork(self.kernel_id)
        self._is_new = False
        return asyncio.ensure_future(self._be_welcomed()) if is_first else super().nudge()

    async def _be_welcomed(self) -> None:
        welcomed = asyncio.get_running_loop().create_future()
        iopub: Any = self.channels["iopub"]

        def hear(_message: Any) -> None:
            iopub.stop_on_recv()
            if not welcomed.done():
                welcomed.set_result(None)

        iopub.on_recv(hear)
        try:
            async with asyncio.timeout(_WELCOME_SECONDS):
                await welcomed
        except TimeoutError:
            if not iopub.closed():
                iopub.stop_on_recv()
                await super().nudge()

    def handle_incoming_message(self, incoming_msg: Any) -> None:
        """Pass a visitor's message on if it is well formed; close the socket if it is not."""
        try:
            self.multi_kernel_manager.touch(self.kernel_id)
            self._asked = self._asked or time.monotonic()
            require_well_formed(incoming_msg)
            super().handle_incoming_message(incoming_msg)
        except (ValueError, KeyError, IndexError, TypeError, AttributeError, AssertionError) as error:
            self.log.warning("websocket closed: %s (%s)", type(error).__name__, str(error)[:200])
            self.websocket_handler.close(1003, "malformed message")

    def handle_outgoing_message(self, stream: Any, outgoing_msg: list[Any]) -> None:
        """Pass a kernel's message on, without what belongs in the log."""
        if self._asked and self.multi_kernel_manager.on_answer is not None:
            self.multi_kernel_manager.on_answer(time.monotonic() - self._asked)
        self._asked = 0.0
        identities, frames = self.session.feed_identities(outgoing_msg)
        parts: list[Any] = list(frames)
        msg_type = self.session.unpack(parts[1])["msg_type"]
        if msg_type in {"execute_input", "execute_reply"}:
            return
        raw = bytes(parts[4])
        if b'"traceback"' in raw or b'"stderr"' in raw:
            content = censor(msg_type, self.session.unpack(raw), self.log)
            if content is None:
                return
            parts[4] = self.session.pack(content)
            parts[0] = self.session.sign(parts[1:5])
        super().handle_outgoing_message(stream, [*identities, DELIM, *parts])

    def on_kernel_restarted(self) -> None:
        """Close: a kernel that died has lost the page's state, a fresh one would be an empty page."""
        self.log.error("kernel %s died; its page is told to reload", self.kernel_id)
        self.websocket_handler.close(1011, "kernel died")
        IOLoop.current().add_callback(self.multi_kernel_manager.end, self.kernel_id, "died")

    on_restart_failed = on_kernel_restarted


def require_well_formed(message: object) -> None:
    """Check a websocket message's frame before anything is allocated from what it announces.

    The v1 protocol's frame: a count of offsets, the offsets (each a number of 8 bytes), then the parts they point to:
    channel, header, parent header, metadata, content, buffers.

    Raises:
        ValueError: It is not such a frame.
    """
    if not isinstance(message, bytes):
        raise ValueError("a text message")  # noqa: TRY004 - the caller closes the socket on any ValueError
    count = int.from_bytes(message[:_WORD], "little")
    if not _PARTS_AT_LEAST <= count <= _PARTS_AT_MOST or len(message) < _WORD * (count + 1):
        raise ValueError(f"{count} offsets in {len(message)} bytes")
    offsets = [int.from_bytes(message[_WORD * i : _WORD * (i + 1)], "little") for i in range(1, count + 1)]
    if offsets != sorted(offsets) or offsets[0] < _WORD * (count + 1) or offsets[-1] > len(message):
        raise ValueError("offsets that point outside the message")
