"""Notebooks that cannot be forked: kernels run in advance, handed to one reader each, and made again."""

import asyncio
import json
import os
import re
import shutil
import signal
import time
from pathlib import Path

import pytest

from atelier.errors import ServiceError
from atelier.live.confine import Limits
from atelier.live.parentage import Parent
from tests.live.conftest import kernel_of, lay_project, start_service, wait_until
from tests.live.test_forks import ask_models
from tests.live.test_kernels import Socket, kernel_pid

pytestmark = pytest.mark.long

SAMPLE = Path(__file__).parents[1] / "projects" / "demo" / "steps.ipynb"
RUN_SECONDS = 2.0
SLOW = f"import time\ntime.sleep({RUN_SECONDS})"
THREAD = "import threading\nthreading.Thread(target=threading.Event().wait, daemon=True).start()"
AWAIT = "import asyncio\nawait asyncio.sleep(0)"
REFUSAL = "comm.get_comm_manager().register_target('atelier.restore', lambda line, message: 1 / 0)"
FORGETFUL = "comm.get_comm_manager().targets.pop('atelier.restore')"


def write_notebook(folder: Path, name: str, *before: str, after: str = "") -> Path:
    """Write a dashboard: the sample of steps, after cells that make it slow and impossible to fork."""
    notebook = json.loads(SAMPLE.read_text("utf-8"))
    first, last = notebook["cells"][0], notebook["cells"][-1]
    extra = [{**last, "id": f"extra-{number}", "source": source} for number, source in enumerate(before)]
    end = [{**last, "id": "end", "source": after}] if after else []
    notebook["cells"] = [first, *extra, last, *end]
    path = folder / "notebooks/demo/dashboards" / f"{name}.ipynb"
    path.write_text(json.dumps(notebook), "utf-8")
    return path


@pytest.fixture(scope="module")
def project(sample_project, tmp_path_factory) -> Path:
    """A project of slow dashboards: one leaves a thread, one fails to show another selection, one does not know how."""
    folder = tmp_path_factory.mktemp("pool")
    lay_project(sample_project, folder)
    write_notebook(folder, "thread", SLOW, THREAD)
    write_notebook(folder, "refuse", SLOW, THREAD, after=REFUSAL)
    write_notebook(folder, "await", SLOW, AWAIT, after=FORGETFUL)
    return folder


@pytest.fixture(scope="module")
def service(project, tmp_path_factory):
    """A public server that keeps one kernel of each."""
    running = start_service(project, tmp_path_factory.mktemp("log") / "live.log", "--pool", "1", "--visitors", "5")
    yield running
    running.process.terminate()
    running.process.wait(30)


def count_heated(service, name: str) -> int:
    """Return how many kernels of a dashboard have been run in advance since the start."""
    return service.log.read_text("utf-8").count(f"a kernel of {name}.ipynb waits")


def waiting(service) -> int:
    """Return how many kernels wait."""
    text = service.ask(f"{service.prefix}metrics").text
    return int(float(re.search(r"^atelier_pool_waiting ([0-9.]+)$", text, re.MULTILINE).group(1)))


def pages(service, kind: str) -> int:
    """Return how many pages of a kind have been sent."""
    text = service.ask(f"{service.prefix}metrics").text
    found = re.search(rf'^atelier_pages_total{{kind="{kind}"}} ([0-9.]+)$', text, re.MULTILINE)
    return int(float(found.group(1))) if found else 0


def open_page(service, name: str, query: str = "") -> tuple[str, str, float]:
    """Open a dashboard; return its kernel's identifier, its page and the seconds it took."""
    began = time.monotonic()
    text = service.ask(f"{service.prefix}dashboards/demo/{name}{query}").text
    return kernel_of(text), text, time.monotonic() - began


@pytest.fixture
def full(service):
    """The server, one kernel of each notebook waiting."""
    wait_until(lambda: waiting(service) == 3, 90)
    return service


def test_no_reader_waits_for_the_notebook_to_run(full):
    """The first reader and, once there is another kernel, the second get a live page well before the notebook runs."""
    seen = set()
    for _reader in range(2):
        wait_until(lambda: waiting(full) == 3, 90)
        kernel, page, seconds = open_page(full, "await")
        assert seconds < RUN_SECONDS
        assert "font <b>4</b>" in page.replace("\\u003c", "")
        models = ask_models(full, kernel)
        assert models["IntSliderModel"]["value"] == 2
        seen.add(kernel)
        full.leave(kernel)
    assert len(seen) == 2


def test_an_asked_selection_is_shown_by_the_kernel_that_waits(full):
    """``?step=5`` and English: drawn so in the page, live so, without a run."""
    kernel, page, seconds = open_page(full, "thread", "?step=5&lang=en")
    assert seconds < RUN_SECONDS
    assert '<html lang="en">' in page
    assert "font <b>10</b>" in page
    assert ask_models(full, kernel)["IntSliderModel"]["value"] == 5
    full.leave(kernel)


def test_a_notebook_that_cannot_show_another_selection_runs_for_it(full):
    """A query goes to a kernel of its own, as the notebook would read it; the one that waits goes on waiting."""
    before = pages(full, "plain")
    kernel, _page, seconds = open_page(full, "await", "?step=5")
    assert seconds >= RUN_SECONDS
    assert pages(full, "plain") == before + 1
    assert waiting(full) == 3
    full.leave(kernel)


def test_a_selection_that_fails_gets_a_kernel_of_its_own(full):
    """A notebook that raises while it shows a selection does not leave its reader with another one."""
    plain = pages(full, "plain")
    kernel, page, seconds = open_page(full, "refuse", "?step=5")
    assert seconds >= RUN_SECONDS
    assert page.count("<main") == 1
    assert pages(full, "plain") == plain + 1
    assert ask_models(full, kernel)["IntSliderModel"]["value"] == 2
    assert full.kernels == 1
    full.leave(kernel)


def test_readers_at_once_never_share_a_kernel(full):
    """Three at once, one kernel that waits: three kernels, and no more than there are seats at any time."""

    async def come() -> list[tuple[str, str, float]]:
        return await asyncio.gather(*(asyncio.to_thread(open_page, full, "thread") for _ in range(3)))

    opened = asyncio.run(come())
    assert len({kernel for kernel, _page, _seconds in opened}) == 3
    assert sum(seconds < RUN_SECONDS for _kernel, _page, seconds in opened) >= 1
    assert full.kernels == 3
    wait_until(lambda: waiting(full) == 2, 90)
    others = [open_page(full, name) for name in ("await", "refuse")]
    time.sleep(RUN_SECONDS)
    assert waiting(full) == 0, "every seat is taken: nothing may wait"
    for kernel, *_ in (*opened, *others):
        full.leave(kernel)


def read_process(pid: int, file: str) -> str:
    """Return what the system says of a process; empty once it is gone."""
    try:
        return Path(f"/proc/{pid}/{file}").read_text("utf-8")
    except OSError:
        return ""


def is_running(pid: int) -> bool:
    """Return whether a process still runs: a killed one may need a moment to end."""
    status = read_process(pid, "status")
    return bool(status) and "State:\tZ" not in status


def test_a_kernel_that_died_while_it_waited_is_given_to_nobody(full):
    """``kill -9`` of a kernel that waits: the next reader gets a page that lives, and another one is made."""
    before, log = count_heated(full, "thread"), full.log.read_text("utf-8")
    kernel, _page, _seconds = open_page(full, "thread")
    wait_until(lambda: count_heated(full, "thread") > before, 60)
    children = Path(f"/proc/{full.process.pid}/task/{full.process.pid}/children").read_text("ascii").split()
    commands = {int(pid): read_process(int(pid), "cmdline") for pid in children}
    idle = [pid for pid, command in commands.items() if "kernel-" in command and kernel not in command]
    for pid in idle:
        os.kill(pid, signal.SIGKILL)
    assert idle
    wait_until(lambda: not any(is_running(pid) for pid in idle))
    again, _page, _seconds = open_page(full, "thread")
    assert ask_models(full, again)["IntSliderModel"]["value"] == 2
    assert kernel_pid(full, again) not in idle
    assert "Traceback" not in full.log.read_text("utf-8")[len(log) :]
    for one in (kernel, again):
        full.leave(one)


def test_a_changed_notebook_is_run_again(full, project):
    """Nobody is handed a kernel of the notebook as it was."""
    path = project / "notebooks/demo/dashboards/thread.ipynb"
    former, before = path.read_text("utf-8"), count_heated(full, "thread")
    path.write_text(former.replace("Deux fois", "Le double de"), "utf-8")
    wait_until(lambda: count_heated(full, "thread") > before, 60)
    kernel, page, seconds = open_page(full, "thread")
    assert "Le double de" in page
    assert seconds < RUN_SECONDS
    full.leave(kernel)


def test_the_kernels_that_wait_are_confined_and_stand_back(full):
    """S08, S11: no secret, no code from a websocket, no new privilege, bounded, and behind the server."""
    kernel, _page, _seconds = open_page(full, "thread")
    pid = kernel_pid(full, kernel)
    assert b"canary" not in Path(f"/proc/{pid}/environ").read_bytes()
    assert "NoNewPrivs:\t1" in Path(f"/proc/{pid}/status").read_text("utf-8")
    assert os.getpriority(os.PRIO_PROCESS, pid) == os.getpriority(os.PRIO_PROCESS, full.process.pid) + 5

    async def attack() -> list[bytes]:
        async with Socket(full, kernel) as socket:
            await socket.say("execute_request", {"code": "1", "silent": False})
            return await socket.settle()

    assert not any(b"execute_reply" in frame for frame in asyncio.run(attack()))
    full.leave(kernel)


def test_the_operator_is_told_what_is_run_in_advance_and_why(full):
    """The log's first lines, ``/status`` and ``/metrics``."""
    log = full.log.read_text("utf-8")
    assert "of a notebook that cannot be forked, 1 kernels are run in advance" in "".join(log.splitlines(True)[:5])
    assert re.search(r"no parent for thread.ipynb, its readers get kernels that are not forked: .*threads", log)
    status = full.ask(f"{full.prefix}status").text
    assert re.search(r"await: cell 2 awaits something[^<]* 1</li>", status)
    assert re.search(r"thread: the notebook left threads running[^<]* 1</li>", status)
    assert pages(full, "pool") > 0


def test_a_notebook_that_fails_is_not_run_in_advance(project, tmp_path):
    """Nothing waits that would show an error; the log says which cell; ending the server leaves nothing behind."""
    from atelier.hub.service import _descendants

    home = tmp_path / "home"
    shutil.copytree(project, home, symlinks=True, ignore=shutil.ignore_patterns("state"))
    for path in (home / "notebooks/demo/dashboards").iterdir():
        path.unlink()
    write_notebook(home, "thread", THREAD)
    write_notebook(home, "fails", "raise RuntimeError('secret path')")
    one = start_service(home, tmp_path / "live.log", "--pool", "1")
    wait_until(lambda: "no kernel of fails.ipynb is run in advance" in one.log.read_text("utf-8"), 60)
    wait_until(lambda: waiting(one) == 1, 60)
    assert "(cell 1 failed.)" in one.ask(f"{one.prefix}status").text
    assert one.kernels == 0
    family = _descendants(one.process.pid)
    one.process.terminate()
    assert one.process.wait(30) == 0
    wait_until(lambda: not [pid for pid in family if Path(f"/proc/{pid}").exists()], 10)


def test_a_system_without_forks_says_so(monkeypatch):
    """Elsewhere than on Linux every notebook has a reason to be served from the pool."""
    monkeypatch.delattr(os, "pidfd_open")
    with pytest.raises(ServiceError, match="no forks"):
        Parent(SAMPLE, list, os.environ, Limits())
