"""A press: a process with a theme open and everything imported, forked once for each run.

    worker: Press ──socket── a press ──fork── one job, then gone

The parent process has one thread and no open database when it forks, so that a fork is safe; it runs nothing of a
notebook itself. A run has a time limit and a memory limit; whatever it does, the press answers. A press ends when the
process that started it hangs up, and a run ends with its press (``PR_SET_PDEATHSIG``).
"""

import contextlib
import ctypes
import gc
import io
import os
import pickle
import resource
import select
import signal
import socket
import subprocess
import sys
import time
import traceback
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Any, Self

from atelier.editions.reads import WarmEngine, warm_up
from atelier.errors import AtelierError, ReportError
from atelier.parameters import Value
from atelier.reports.document import Document, read_document
from atelier.reports.report import Report, read_report
from atelier.reports.run import LAST_LINES, Failure, Shell, audit_copy, execute, read_notebook
from atelier.settings import Settings

DOCUMENT = "document"
"""Place of a failure that comes after the notebook has run: its message tells where."""
START_SECONDS = 180
RUN_SECONDS = 120
RUN_BYTES = 2_000_000_000
SHARED_BY = 2
"""Subjects that ask the same question before the press answers it once for all."""
_PR_SET_PDEATHSIG = 1
_CHUNK = 1 << 20
_START = "import sys; from atelier.reports.press import main; main(sys.argv[1:])"


@dataclass(frozen=True)
class Run:
    """What one run gave.

    Attributes:
        document: The document, None when the run failed.
        failure: Where and why it failed.
        executed: The executed notebook, as a file to keep.
        reads: Names of what it read; see ``atelier.editions.reads``.
        asked: Questions it asked.
        seconds: How long it took.
    """

    document: Document | None = None
    failure: Failure | None = None
    executed: bytes = b""
    reads: tuple[str, ...] = ()
    asked: frozenset[str] = field(default=frozenset(), repr=False)
    seconds: float = 0.0


@dataclass(frozen=True)
class Job:
    """Runs of one report that share a fork: a few subjects, in each language.

    Attributes:
        report: Identifier of the report.
        runs: Parameters of each run.
        seconds: Most time for each run.
        memory: Most bytes of memory it may add to those of the press.
    """

    report: str
    runs: tuple[Mapping[str, Value], ...]
    seconds: float = RUN_SECONDS
    memory: int = RUN_BYTES


class Press:
    """The side of a press that a worker holds."""

    def __init__(self, settings: Settings, theme: str) -> None:
        ours, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(  # noqa: S603 - this program
                [sys.executable, "-c", _START, str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                cwd=settings.home,
                stdin=subprocess.DEVNULL,
                # A library's own threads would not survive a fork.
                env={**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"},
            )
        self._connection = Connection(ours.detach())
        self._connection.send((settings, theme))
        self._theme = theme
        self._wait(START_SECONDS, "did not start")

    def run(self, job: Job) -> list[Run]:
        """Return what each run of a job gave; a run that dies or lasts too long is a failure, never an exception.

        Raises:
            ReportError: The press itself is gone: make another.
        """
        self._send(job)
        limit = job.seconds * len(job.runs) + START_SECONDS
        return list(self._wait(limit, "does not answer"))

    def close(self) -> None:
        """End the press, and the run under way if there is one."""
        self._connection.close()
        self._process.kill()
        self._process.wait()

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


@dataclass(frozen=True)
class _Opened:
    """What a press has in memory, and each of its forks."""

    settings: Settings
    theme: str
    engine: WarmEngine
    shell: Shell


def serve(connection: Connection) -> None:
    """Open the theme that the other side names, then run each job it sends, until it hangs up."""
    settings, theme = connection.recv()
    with TemporaryDirectory(prefix="atelier-press-") as folder, contextlib.suppress(EOFError, OSError):
        try:
            engine = warm_up(settings, theme)
        except AtelierError as error:
            connection.send(error)
            return
        press = _Opened(settings, theme, engine, Shell.instance(Path(folder)))
        connection.send("ready")
        times_asked: Counter[str] = Counter()
        while True:
            job: Job = connection.recv()
            try:
                report = read_report(settings.home, theme, job.report)
                read_notebook(report)
            except AtelierError as error:
                connection.send([Run(failure=Failure("", str(error)))] * len(job.runs))
                continue
            runs = _fork(job, report, press, connection)
            connection.send(runs)
            # The questions that several subjects ask, such as those on the whole country, are answered once here.
            times_asked.update(set().union(*(run.asked for run in runs)))
            shared = [question for question, times in times_asked.items() if times == SHARED_BY]
            engine.answer_again(shared)
            times_asked.update(shared)


def _fork(job: Job, report: Report, press: _Opened, connection: Connection) -> list[Run]:
    """Run a job in a fork and return what it gave, whatever happens to the fork."""
    press.engine.close()
    gc.collect()
    gc.freeze()
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        with os.fdopen(writing, "wb") as pipe:
            _work(job, report, press, pipe)
        os._exit(0)
    os.close(writing)
    received, stopped = _receive(reading, job.seconds * len(job.runs), connection)
    if stopped:
        os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    runs = _unpickle(received)
    if len(runs) < len(job.runs):
        code = os.waitstatus_to_exitcode(status)
        reason = stopped or (f"ended by {signal.Signals(-code).name}" if code < 0 else f"ended with code {code}")
        failure = Failure("", f"the notebook could not be run to its end ({reason}).")
        runs += [Run(failure=failure)] * (len(job.runs) - len(runs))
    return runs


def _receive(reading: int, seconds: float, connection: Connection) -> tuple[bytes, str]:
    """Return what came through a pipe, and why it stopped before its other end closed: empty when it did not."""
    received, deadline = bytearray(), time.monotonic() + seconds
    with os.fdopen(reading, "rb", buffering=0) as pipe:
        while (left := deadline - time.monotonic()) > 0:
            both: list[Any] = [pipe, connection]
            ready, _, _ = select.select(both, [], [], left)
            if pipe in ready:
                chunk = pipe.read(_CHUNK)
                if not chunk:
                    return bytes(received), ""
                received += chunk
            elif ready:
                # Nothing is ever sent during a run: the other side is gone.
                return bytes(received), "stopped: nobody waits for it"
    return bytes(received), f"stopped: it took more than {seconds:g} s"


def _unpickle(received: bytes) -> list[Run]:
    """Return the runs that came whole; both ends are this program, so that unpickling is safe."""
    runs: list[Run] = []
    stream = io.BytesIO(received)
    with contextlib.suppress(EOFError, pickle.UnpicklingError):
        while True:
            runs.append(pickle.load(stream))  # noqa: S301
    return runs


def _work(job: Job, report: Report, press: _Opened, pipe: IO[bytes]) -> None:
    """Run a job, in a fork; whatever a run raises is its failure."""
    _confine(job)
    for values in job.runs:
        try:
            run = _run(report, values, press)
        except BaseException as error:  # noqa: BLE001 - nothing may climb up the stack that the fork copied
            lines = traceback.format_exc().splitlines()[-LAST_LINES:]
            run = Run(failure=Failure("", f"{type(error).__name__}: {error}", tuple(lines)))
        pickle.dump(run, pipe)


def _confine(job: Job) -> None:
    """Bound this process, which runs notebooks."""
    _die_with_parent()
    used = _data_bytes() + job.memory
    resource.setrlimit(resource.RLIMIT_DATA, (used, used))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _run(report: Report, values: Mapping[str, Value], press: _Opened) -> Run:
    start, engine = time.perf_counter(), press.engine
    engine.reads.clear()
    engine.asked.clear()
    document, failure, executed = None, None, b""
    try:
        notebook, failure = execute(report, values, press.shell)
        if failure is None:
            document = read_document(report, notebook, values, engine.theme, press.settings)
        executed = audit_copy(notebook)
    except AtelierError as error:
        failure = Failure(DOCUMENT, str(error))
    seconds = time.perf_counter() - start
    return Run(document, failure, executed, tuple(sorted(engine.reads)), frozenset(engine.asked), seconds)


def _data_bytes() -> int:
    """Return the bytes of data this process has mapped, as ``RLIMIT_DATA`` counts them."""
    status = Path("/proc/self/status").read_text("utf-8")
    return next(int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("VmData"))


def _die_with_parent() -> None:
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def main(arguments: Sequence[str]) -> None:
    """Serve on the socket whose number is the first argument."""
    serve(Connection(int(arguments[0])))
    sys.stderr.flush()
    # Nothing is left to write; taking libraries down one by one would only cost time.
    os._exit(0)
