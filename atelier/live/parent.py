"""The parent of a notebook's kernels: runs it once, then forks a copy of itself for each visitor.

``python -m atelier.live.parent NOTEBOOK CONTROL REPORT LIMITS``. Two descriptors are inherited: ``REPORT``, a pipe that
takes one JSON object when the notebook has run, and ``CONTROL``, a socket that keeps messages apart. A message asks for
one kernel and carries a socket of its own, on which the child says how it looks and which it closes once it serves. The
answer carries a descriptor of the child's process, which means the same in every namespace. When ``CONTROL`` closes,
the parent and its children end.
"""

import contextlib
import gc
import importlib
import json
import os
import signal
import socket
import sys
import threading
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from select import select
from typing import Any, NoReturn

from atelier.errors import AtelierError
from atelier.live.confine import NICE, Limits, die_with_parent, name_process
from atelier.settings import MAY_FORK

MESSAGE = 1 << 16
RETIRE = "retire"
_REAP_SECONDS = 0.5
_PRELOADED = (
    *("IPython.core.completerlib", "IPython.core.debugger", "IPython.core.history", "IPython.core.oinspect"),
    *("comm", "faulthandler", "ipykernel.kernelapp", "ipykernel.zmqshell", "pdb"),
    *("psutil", "psutil._pslinux", "tornado.platform.asyncio"),
)
"""What a kernel imports as it starts: imported here, its children share it."""


def main(arguments: Sequence[str] | None = None, make: Callable[[Path], Any] | None = None) -> None:
    """Run the notebook, tell how it went, and fork until told to stop.

    Args:
        arguments: As above; those of the process by default.
        make: Makes the notebook, given its file; a ``ParkedNotebook`` by default.
    """
    path, control, report, limits = sys.argv[1:] if arguments is None else arguments
    die_with_parent()
    name_process("parent")
    os.environ[MAY_FORK] = "1"
    # A kernel of the public has no debugger, and does without its memory.
    sys.modules["debugpy"] = None  # type: ignore[assignment]
    from atelier.live.parked import ParkedNotebook  # noqa: PLC0415 - it imports the debugger

    _preload()
    notebook = (make or ParkedNotebook)(Path(path))
    problem = _run(notebook)
    with os.fdopen(int(report), "w", encoding="utf-8") as pipe:
        json.dump({"problem": problem, "cells": notebook.cells, "can_restore": notebook.can_restore}, pipe)
    if problem:
        return
    # Nothing that lives now will be freed in a child: its pages stay shared.
    gc.collect()
    gc.freeze()
    with socket.socket(fileno=int(control)) as line:
        Nursery(notebook, line, Limits(**json.loads(limits))).serve()
    sys.stdout.flush()
    os._exit(0)


def _preload() -> None:
    for module in _PRELOADED:
        with contextlib.suppress(ImportError):
            importlib.import_module(module)
    from jupyter_client.localinterfaces import local_ips  # noqa: PLC0415

    local_ips()


def _run(notebook: Any) -> str:
    try:
        notebook.run()
    except AtelierError as error:
        return str(error)
    others = [thread.name for thread in threading.enumerate() if thread is not threading.main_thread()]
    return f"the notebook left threads running ({', '.join(others)}): they cannot be forked." if others else ""


class Nursery:
    """Forks kernels from a notebook that has run.

    Args:
        notebook: The notebook.
        control: Where kernels are asked for.
        limits: What each kernel may use.
    """

    def __init__(self, notebook: Any, control: socket.socket, limits: Limits) -> None:
        self.notebook, self.control, self.limits = notebook, control, limits
        self.children: set[int] = set()
        self.is_retired = False

    def serve(self) -> None:
        """Fork kernels as asked; return when the control socket closes, or when retired and childless."""
        while self.children or not self.is_retired:
            ready, _, _ = select([self.control], [], [], _REAP_SECONDS if self.children else None)
            self._reap()
            if ready and not self._answer():
                return

    def _answer(self) -> bool:
        message, descriptors, _flags, _address = socket.recv_fds(self.control, MESSAGE, 1)
        if not message:
            return False
        request = json.loads(message)
        if request.get("order") == RETIRE:
            self.is_retired = True
            return True
        line = socket.socket(fileno=descriptors[0])
        try:
            pid = os.fork()
        except OSError as error:
            self.control.send(json.dumps({"number": request["number"], "problem": str(error)}).encode())
            line.close()
            return True
        if pid == 0:
            self._live(request, line)
        self.children.add(pid)
        line.close()
        handle = os.pidfd_open(pid)
        socket.send_fds(self.control, [json.dumps({"number": request["number"]}).encode()], [handle])
        os.close(handle)
        return True

    def _live(self, request: dict[str, Any], line: socket.socket) -> NoReturn:
        """Become a kernel; never return to the parent's code."""
        code = 1
        try:
            die_with_parent(signal.SIGKILL)
            os.setsid()
            name_process(f"kernel-{request['name']}")
            self.control.close()
            os.environ.update(request["environment"])
            drawn = self.notebook.restore(request["query"], draws=request["draws"]) if request["query"] else {}
            line.sendall(json.dumps({"drawn": drawn}).encode() + b"\n")
            if request["connection_file"]:
                os.nice(NICE)
                self.limits.apply()
                self.notebook.serve(request["connection_file"], line.close)
            code = 0
        except SystemExit:
            code = 0
        except BaseException:  # noqa: BLE001 - a child must not go on as a second parent
            traceback.print_exc()
        os._exit(code)

    def _reap(self) -> None:
        for pid in tuple(self.children):
            with contextlib.suppress(ChildProcessError):
                if os.waitpid(pid, os.WNOHANG) == (0, 0):
                    continue
            self.children.discard(pid)


if __name__ == "__main__":
    main()
