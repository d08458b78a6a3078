"""The processes behind a press, each forked from the one before.

    foundry, imports ──fork── press, opens a theme ──fork── one job, then gone

Each has one thread when it forks, and a database without threads, so that a fork is safe and finds the figures in
memory; none but the last runs anything of a notebook. A run has a time limit and a memory limit; whatever it does, the
press answers. A process ends when the other side of its socket hangs up, and a run ends with its press
(``PR_SET_PDEATHSIG``).
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
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from multiprocessing.connection import Connection
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Any, NoReturn

from atelier.editions.dependencies import Dependencies
from atelier.editions.reads import WarmEngine, warm_up
from atelier.errors import AtelierError
from atelier.indicators import StatTable
from atelier.narrative import build_narrative
from atelier.parameters import Value
from atelier.reports.changes import Earlier, Now, change_blocks, find_changes
from atelier.reports.compose import figure
from atelier.reports.document import Answers, read_document
from atelier.reports.html import render_block
from atelier.reports.job import DOCUMENT, Failure, Job, Run
from atelier.reports.report import MEDIUM, Report, read_report
from atelier.reports.run import LAST_LINES, Shell, audit_copy, execute, read_notebook
from atelier.settings import Settings

SHARED_BY = 2
"""Subjects that ask the same question before the press answers it once for all."""
MOST_PRESSES = 64
_PR_SET_PDEATHSIG = 1
_CHUNK = 1 << 20


def found(number: int) -> NoReturn:
    """Fork a press for each message on a socket, with the sockets that come with it, until the other side hangs up."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    control = socket.socket(fileno=number)
    gc.collect()
    gc.freeze()
    while True:
        message, numbers, _, _ = socket.recv_fds(control, 1, MOST_PRESSES)
        if not message:
            # What libraries would say of what they leave behind is nobody's news.
            os._exit(0)
        if os.fork() == 0:
            control.close()
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            _end_after(lambda: serve(*map(Connection, numbers)))  # noqa: B023 - called at once
        for other in numbers:
            os.close(other)


@dataclass(frozen=True)
class _Opened:
    """What a press has in memory, and each of its forks."""

    settings: Settings
    theme: str
    engine: WarmEngine
    shell: Shell
    dependencies: Dependencies


def serve(*connections: Connection) -> None:
    """Open the theme that the other side names; then, in a process for each connection, run its jobs."""
    settings, theme, environment = connections[0].recv()
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(settings.home)
    with TemporaryDirectory(prefix="atelier-press-") as folder:
        try:
            engine = warm_up(settings, theme, lambda table: _rehearse(table, settings))
        except AtelierError as error:
            for connection in connections:
                connection.send(error)
            return
        press = _Opened(
            settings, theme, engine, Shell.instance(Path(folder)), Dependencies(settings, engine.theme, MEDIUM)
        )
        press.dependencies.common  # noqa: B018 - computed here once for all forks
        others = [_fork_press(press, connections, connection) for connection in connections[1:]]
        for connection in connections[1:]:
            connection.close()
        _serve(press, connections[0])
        for other in others:
            os.waitpid(other, 0)


def _rehearse(table: StatTable, settings: Settings) -> None:
    """Tell and draw one table as a report does."""
    build_narrative(table)
    render_block(figure(table, "line").as_json(), settings.home)


def _fork_press(press: _Opened, connections: Sequence[Connection], own: Connection) -> int:
    press.engine.prepare_fork()
    process = os.fork()
    if process == 0:
        _die_with_parent()
        for connection in connections:
            if connection is not own:
                connection.close()
        _end_after(lambda: _serve(press, own))
    return process


def _serve(press: _Opened, connection: Connection) -> None:
    """Run each job that the other side sends, until it hangs up."""
    settings, theme, engine = press.settings, press.theme, press.engine
    times_asked: Counter[str] = Counter()
    with contextlib.suppress(EOFError, OSError):
        connection.send("ready")
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
            for asked in _asked_by_subject(report, job, runs):
                times_asked.update(asked)
            engine.answer_again(question for question, times in times_asked.items() if times >= SHARED_BY)


def _asked_by_subject(report: Report, job: Job, runs: Sequence[Run]) -> Iterable[set[str]]:
    """Return the questions of each subject: its languages ask the same ones."""
    asked: dict[object, set[str]] = {}
    for values, run in zip(job.runs, runs, strict=True):
        asked.setdefault(values.get(report.each), set()).update(run.asked)
    return asked.values()


def _fork(job: Job, report: Report, press: _Opened, connection: Connection) -> list[Run]:
    """Run a job in a fork and return what it gave, whatever happens to the fork."""
    press.engine.prepare_fork()
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
    for values, earlier in zip_longest(job.runs, job.earlier):
        try:
            run = _run(report, values, press, earlier)
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


def _run(report: Report, values: Mapping[str, Value], press: _Opened, earlier: Earlier | None = None) -> Run:
    start, engine = time.perf_counter(), press.engine
    engine.reads.clear()
    engine.asked.clear()
    document, failure, executed = None, None, b""
    reads: tuple[str, ...] = ()

    def since(answers: Answers, language: str) -> tuple[dict[str, Any] | None, list[dict[str, Any]]]:
        known = press.dependencies
        now = Now(engine, known.of(report, reads), known.corrections(reads), press.settings.address)
        found = find_changes(earlier, answers, now)
        return found, list(change_blocks(found, now, language))

    try:
        notebook, failure = execute(report, values, press.shell)
        reads = tuple(sorted(engine.reads))
        if failure is None:
            document = read_document(report, notebook, values, engine.theme, press.settings, since=since)
        executed = audit_copy(notebook)
    except AtelierError as error:
        failure = Failure(DOCUMENT, str(error))
    seconds = time.perf_counter() - start
    return Run(document, failure, executed, reads, frozenset(engine.asked), seconds)


def _data_bytes() -> int:
    """Return the bytes of data this process has mapped, as ``RLIMIT_DATA`` counts them."""
    status = Path("/proc/self/status").read_text("utf-8")
    return next(int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("VmData"))


def _die_with_parent() -> None:
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _end_after(work: Callable[[], None]) -> NoReturn:
    """Do what a fork is for, then end it: nothing may climb up the stack that it copied."""
    code = 1
    try:
        work()
        code = 0
    except BaseException:  # noqa: BLE001
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        # Nothing is left to write; taking libraries down one by one would only cost time.
        os._exit(code)
