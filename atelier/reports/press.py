"""The side of a press that a worker holds; the press is a process of its own, see ``atelier.reports.forks``.

The process that imports everything is started once, and forks each press: opening another theme, or the same one after
it changed, costs no import.
"""

import atexit
import os
import socket
import subprocess
import sys
from dataclasses import dataclass
from multiprocessing.connection import Connection
from threading import Lock
from typing import Any, Self

from atelier.errors import AtelierError, ReportError
from atelier.reports.job import Job, Run
from atelier.settings import Settings

START_SECONDS = 180
_FOUND = "import sys; from atelier.reports.forks import found; found(int(sys.argv[1]))"


class Press:
    """The side of a press that a worker holds."""

    def __init__(self, settings: Settings, theme: str, connection: Connection | None = None) -> None:
        self._connection = connection or _start(settings, theme, 1)[0]
        self._theme, self._is_ready = theme, False

    def run(self, job: Job) -> list[Run]:
        """Return what each run of a job gave; a run that dies or lasts too long is a failure, never an exception.

        Raises:
            ReportError: The press itself is gone: make another.
            AtelierError: It could not open the theme.
        """
        if not self._is_ready and not self._connection.closed:
            self._wait(START_SECONDS, "did not start")
            self._is_ready = True
        self._send(job)
        limit = job.seconds * len(job.runs) + START_SECONDS
        return list(self._wait(limit, "does not answer"))

    def close(self) -> None:
        """End the press, and the run under way if there is one: it ends when this side hangs up."""
        self._connection.close()

    def __enter__(self) -> Self:
        """Return the press."""
        return self

    def __exit__(self, *_exception: object) -> None:
        """End the press."""
        self.close()

    def _send(self, message: object) -> None:
        try:
            self._connection.send(message)
        except OSError as error:
            raise ReportError(f"theme {self._theme!r}: the press is gone ({error}): run again.") from error

    def _wait(self, seconds: float, what: str) -> Any:
        try:
            answer = self._connection.recv() if self._connection.poll(seconds) else None
        except (EOFError, OSError):
            answer = None
        if answer is None:
            self.close()
            raise ReportError(f"theme {self._theme!r}: the press {what}: run again, and read the lines above.")
        if isinstance(answer, AtelierError):
            self.close()
            raise answer
        return answer


def open_presses(settings: Settings, theme: str, count: int) -> list[Press]:
    """Return presses that are starting: one process, which opens the theme and then forks the others."""
    return [Press(settings, theme, connection) for connection in _start(settings, theme, count)]


@dataclass
class _Foundry:
    """The process that forks presses; another is started if it is gone."""

    lock: Lock
    control: socket.socket | None = None
    process: subprocess.Popen[bytes] | None = None

    def close(self) -> None:
        """End the process; presses end when those that hold them hang up."""
        if self.control is not None and self.process is not None:
            self.control.close()
            self.process.wait()
        self.control = self.process = None

    def fork(self, sockets: list[socket.socket]) -> None:
        """Fork a press that serves on these sockets."""
        numbers = [one.fileno() for one in sockets]
        with self.lock:
            if self.control is not None:
                try:
                    socket.send_fds(self.control, [b"."], numbers)
                except OSError:
                    self.close()
                else:
                    return
            self.control = self._start()
            socket.send_fds(self.control, [b"."], numbers)

    def _start(self) -> socket.socket:
        ours, theirs = socket.socketpair()
        with theirs:
            self.process = subprocess.Popen(  # noqa: S603 - this program
                [sys.executable, "-c", _FOUND, str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                # A library's own threads would not survive a fork.
                env={**os.environ, **_ONE_THREAD},
            )
        return ours


def _start(settings: Settings, theme: str, count: int) -> list[Connection]:
    pairs = [socket.socketpair() for _ in range(count)]
    _FOUNDRY.fork([theirs for _, theirs in pairs])
    for _, theirs in pairs:
        theirs.close()
    connections = [Connection(ours.detach()) for ours, _ in pairs]
    connections[0].send((settings, theme, {**os.environ, **_ONE_THREAD}))
    return connections


_ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
_FOUNDRY = _Foundry(Lock())
atexit.register(_FOUNDRY.close)
