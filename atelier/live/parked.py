"""A kernel that has run its notebook without a single socket, and takes its sockets after a fork.

Two things happen to it, in two processes. The parent runs the notebook once: what cells say is kept, nothing is
listened to, no thread is started, so that the process may fork. A child gives the same kernel, with every variable and
widget it holds, the sockets of one visitor.

A notebook that can show another selection than its default one says so by registering a comm target::

    import comm

    def restore(line, message):
        query = message["content"]["data"]["query"]   # "region=53&year=2019", as the reader's address has it
        ...                                           # set the widgets
        line.send({"drawn": {box.model_id: "<p>…</p>"}})   # what to show until the browser has drawn them; optional

    comm.get_comm_manager().register_target("atelier.restore", restore)

``atelier_widgets.Dashboard`` does. Other notebooks read ``QUERY_STRING`` when they run, as Voilà's readers do.
"""

import asyncio
import io
import os
import random
import sys
from collections.abc import Callable
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any, Self

import comm
import nbformat
from ipykernel.ipkernel import IPythonKernel
from ipykernel.kernelapp import IPKernelApp
from jupyter_client.session import Session
from traitlets.config import Config

from atelier.errors import ServiceError
from atelier.live.environment import RESTORE_TARGET

_CHANNELS = (
    *("session", "log", "parent", "iopub_thread", "iopub_socket", "stdin_socket"),
    *("shell_stream", "control_stream", "debugpy_stream", "debug_shell_socket"),
    *("control_thread", "shell_channel_thread"),
)


class KeptSession(Session):
    """A session that keeps messages instead of sending them."""

    def __init__(self) -> None:
        super().__init__(key=b"")
        self.kept: list[dict[str, Any]]
        object.__setattr__(self, "kept", [])

    def send(  # type: ignore[override]
        self, _stream: Any, msg_or_type: Any, content: Any = None, *_more: Any, metadata: Any = None, **_how: Any
    ) -> dict[str, Any]:
        """Keep a message."""
        if isinstance(msg_or_type, dict):
            message = msg_or_type
        else:
            message = {"header": {"msg_type": msg_or_type}, "content": content or {}, "metadata": metadata or {}}
        self.kept.append(message)
        return message


class Printed(io.TextIOBase):
    """What cells print, kept among their messages.

    Args:
        session: Keeps them.
    """

    def __init__(self, session: KeptSession) -> None:
        self.session = session

    def write(self, text: str) -> int:
        """Keep a text."""
        if text:
            self.session.send(None, "stream", {"name": "stdout", "text": text})
        return len(text)


class Nowhere:
    """A socket that takes everything."""

    def __getattr__(self, _name: str) -> Any:
        return lambda *_given, **_named: None


class ParkedKernel(IPythonKernel):
    """An IPython kernel made before its sockets."""

    @classmethod
    def instance(cls, *given: Any, **channels: Any) -> Self:
        """Return the one kernel; with the channels of an application, give it those."""
        kernel: Self = super().instance(*given, **channels)
        if "shell_stream" in channels:
            kernel.connect(channels)
        return kernel

    def connect(self, channels: dict[str, Any]) -> None:
        """Take the channels that an application has opened."""
        for name in _CHANNELS:
            setattr(self, name, channels[name])
        shell: Any = self.shell
        for hook in (shell.displayhook, shell.display_pub):
            hook.session, hook.pub_socket = self.session, self.iopub_socket
        shell.displayhook.topic = self._topic("execute_result")
        # The parent's lock belongs to no loop; this process's loop is about to start.
        self._main_asyncio_lock = asyncio.Lock()


class LateApplication(IPKernelApp):
    """The application of a kernel whose notebook has already run: it opens sockets, and configures nothing again."""

    def parse_command_line(self, _argv: Any = None) -> None:
        """Do nothing: building the parser would be a third of a child's start."""

    def load_config_file(self, *_given: Any, **_named: Any) -> None:
        """Do nothing: the kernel has its configuration."""

    def init_poller(self) -> None:
        """Do nothing: Linux ends this process with its parent."""

    def init_extensions(self) -> None:
        """Do nothing: extensions were loaded before the notebook ran."""

    def init_code(self) -> None:
        """Do nothing: the notebook is the code."""


class ParkedNotebook:
    """A notebook, run once.

    Attributes:
        cells: Its cells with their outputs, after ``run``.
    """

    def __init__(self, path: Path) -> None:
        """Take the notebook's file."""
        self.cells: list[nbformat.NotebookNode] = nbformat.read(path, as_version=4).cells
        self.session = KeptSession()
        configuration = Config({"HistoryManager": {"enabled": False}})
        self.kernel = ParkedKernel.instance(
            config=configuration, session=self.session, iopub_socket=Nowhere(), stdin_socket=Nowhere()
        )
        # What registers itself with a kernel looks for it here (ipywidgets, when it is imported).
        sys.modules["__main__"].__dict__.setdefault("__file__", str(path))

    def run(self) -> None:
        """Run every cell, and keep its outputs.

        Raises:
            ServiceError: A cell failed, or awaits something: such a notebook needs a kernel of its own.
        """
        for number, cell in enumerate(self.cells):
            if cell.cell_type == "code":
                cell.outputs = self._run_cell(number, cell.source)

    @property
    def can_restore(self) -> bool:
        """Whether the notebook can show another selection than the one it ran with."""
        return RESTORE_TARGET in comm.get_comm_manager().targets

    def restore(self, query: str, *, draws: bool = True) -> dict[str, str]:
        """Show the selection of a query.

        Args:
            query: As the reader's address has it.
            draws: Whether it is asked what the selection looks like.

        Returns:
            The HTML that stands for each view until a browser has drawn it, by identifier of the widget's model, where
            the notebook sends it.
        """
        self.session.kept.clear()
        target = comm.get_comm_manager().targets[RESTORE_TARGET]
        line = comm.create_comm(target_name=RESTORE_TARGET, primary=False)
        asked = {"query": query, "draw": draws}
        target(line, {"content": {"comm_id": line.comm_id, "target_name": RESTORE_TARGET, "data": asked}})
        said = [message["content"] for message in self.session.kept if message["header"]["msg_type"] == "comm_msg"]
        drawn: dict[str, str] = {}
        for content in said:
            if content["comm_id"] == line.comm_id:
                drawn |= content["data"].get("drawn", {})
        return drawn

    def serve(self, connection_file: str, tell: Callable[[], None] = lambda: None) -> None:
        """Open the sockets named in a connection file, tell so, and serve until told to stop; called in a child."""
        self.session.kept.clear()
        random.seed()
        if "numpy" in sys.modules:
            sys.modules["numpy"].random.seed()
        # What libraries of C write goes to the log: two threads and two pipes less, for each visitor.
        application = LateApplication.instance(
            kernel_class=ParkedKernel,
            parent_handle=os.getppid(),
            connection_file=connection_file,
            capture_fd_output=False,
        )
        application.initialize([])
        tell()
        application.start()

    def _run_cell(self, number: int, source: str) -> list[nbformat.NotebookNode]:
        shell: Any = self.kernel.shell
        if shell.should_run_async(source, transformed_cell=shell.transform_cell(source)):
            raise ServiceError(f"cell {number} awaits something: a loop cannot be forked.")
        self.session.kept.clear()
        # Output widgets take what follows the message that a cell runs for.
        shell.set_parent({"header": {"msg_id": f"cell-{number}"}, "metadata": {}, "content": {}})
        with redirect_stdout(Printed(self.session)):
            result = shell.run_cell(source, store_history=True)
        error = result.error_before_exec or result.error_in_exec
        if error is not None:
            raise ServiceError(f"cell {number} failed: {type(error).__name__}: {error}") from error
        taken, rest = share_out(self.session.kept)
        for identifier, messages in taken.items():
            if (widget := _widget(identifier)) is not None:
                widget.outputs = tuple(_outputs(messages, result.execution_count))
        return _outputs(rest, result.execution_count)


def share_out(messages: list[dict[str, Any]]) -> tuple[dict[str, list[dict[str, Any]]], list[dict[str, Any]]]:
    """Return the messages that Output widgets take, by the widget's identifier, and those that stay the cell's.

    A browser does this for live kernels: a widget takes what comes while its ``msg_id`` is set.
    """
    taken: dict[str, list[dict[str, Any]]] = {}
    rest: list[dict[str, Any]] = []
    takers: list[str] = []
    for message in messages:
        content = message["content"]
        if message["header"]["msg_type"] == "comm_msg":
            state = content.get("data", {}).get("state", {})
            if state.get("msg_id"):
                takers.append(content["comm_id"])
            elif "msg_id" in state and content["comm_id"] in takers:
                takers.remove(content["comm_id"])
        elif takers:
            taken.setdefault(takers[-1], []).append(message)
        else:
            rest.append(message)
    return taken, rest


def _widget(identifier: str) -> Any:
    module = sys.modules.get("ipywidgets.widgets.widget")
    return module._instances.get(identifier) if module is not None else None  # noqa: SLF001 - no public list of widgets


def _outputs(messages: list[dict[str, Any]], count: int) -> list[nbformat.NotebookNode]:
    outputs: list[nbformat.NotebookNode] = []
    for message in messages:
        kind = message["header"]["msg_type"]
        if kind == "clear_output":
            outputs.clear()
        elif kind == "stream" and outputs and outputs[-1].get("name") == message["content"]["name"]:
            outputs[-1]["text"] += message["content"]["text"]
        elif kind in {"display_data", "execute_result", "stream", "error"}:
            content = {"execution_count": count, "metadata": {}, **message["content"]}
            outputs.append(nbformat.v4.output_from_msg({"header": message["header"], "content": content}))
    return outputs
