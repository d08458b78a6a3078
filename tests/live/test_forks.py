"""Kernels forked after their notebook has run: what they show, what they cannot do, what replaces them."""

import asyncio
import json
import os
import re
import shutil
import signal
import tempfile
import time
from pathlib import Path

import pytest

from atelier.live.confine import Limits, probe_confinement
from atelier.live.parentage import Parent, end_process, process_of
from atelier.settings import load_settings
from tests.live.conftest import lay_project, start_service, wait_until
from tests.live.test_kernels import Socket, read_message, read_models

PAGE = "dashboards/demo/steps"
SAMPLE = Path(__file__).parents[1] / "projects" / "demo" / "steps.ipynb"


@pytest.fixture(scope="module")
def project(sample_project, tmp_path_factory) -> Path:
    """A project with a dashboard that can show any selection after it has run."""
    folder = tmp_path_factory.mktemp("forks")
    dashboards = lay_project(sample_project, folder)
    shutil.copyfile(SAMPLE, dashboards / "steps.ipynb")
    return folder


@pytest.fixture(scope="module")
def service(project, tmp_path_factory):
    """A public server whose only dashboard has a parent."""
    running = start_service(project, tmp_path_factory.mktemp("log") / "live.log")
    wait_until(lambda: "parent of steps.ipynb ready" in running.log.read_text("utf-8"), 60)
    yield running
    running.process.terminate()
    running.process.wait(30)


def open_page(service, query: str = "") -> tuple[str, str]:
    """Open the dashboard; return its kernel's identifier and its page."""
    text = service.ask(f"{service.prefix}{PAGE}{query}").text
    return re.search(r'"kernelId": "([0-9a-f-]{36})"', text).group(1), text


def processes(name: str) -> list[int]:
    """Return the living processes of this name."""
    found = []
    for status in Path("/proc").glob("[0-9]*/status"):
        try:
            text = status.read_text("utf-8", errors="replace")
        except OSError:
            continue
        if text.startswith(f"Name:\t{name[:15]}\n") and "State:\tZ" not in text:
            found.append(int(status.parent.name))
    return found


def process_of_kernel(kernel: str) -> int:
    """Return the process of a forked kernel."""
    wait_until(lambda: len(processes(f"kernel-{kernel[:8]}")) == 1)
    return processes(f"kernel-{kernel[:8]}")[0]


def ask_models(service, kernel: str) -> dict[str, dict]:
    """Return the state of a kernel's widgets, by name of model."""

    async def ask() -> dict[str, dict]:
        async with Socket(service, kernel) as socket:
            return await read_models(socket)

    return asyncio.run(ask())


def run_in_kernel(service, kernel: str, code: str) -> str:
    """Return what a piece of code gives in a kernel: the sample notebook runs what its hidden widget is told to."""

    async def ask() -> str:
        async with Socket(service, kernel) as socket:
            models = await read_models(socket)
            told = {"method": "update", "state": {"value": code}, "buffer_paths": []}
            await socket.say("comm_msg", {"comm_id": models["TextareaModel"]["id"], "data": told})
            answer = models["LabelModel"]["id"]
            frames = await socket.hear(
                lambda _header, content: (
                    content.get("comm_id") == answer and "value" in content.get("data", {}).get("state", {})
                ),
                30,
            )
            return read_message(frames[-1])[1]["data"]["state"]["value"].partition(" ")[2]

    return asyncio.run(ask())


@pytest.fixture
def kernel(service):
    """A kernel of the notebook's own selection."""
    identifier, _page = open_page(service)
    yield identifier
    service.leave(identifier)


def test_a_visitor_gets_a_fork_that_shows_the_notebooks_selection(service, kernel):
    """The kernel is a child of the parent, holds its widgets, and its notebook did not run again."""
    assert process_of_kernel(kernel)
    assert ask_models(service, kernel)["IntSliderModel"]["value"] == 2
    assert run_in_kernel(service, kernel, "runs") == "1"


@pytest.mark.parametrize("step", [3, 5])
def test_the_asked_selection_is_restored_before_the_page_is_shown(service, step):
    """``?step=5`` in the address: the page is drawn so, and so is the live widget; no notebook runs for it."""
    for _again in range(2):
        kernel, page = open_page(service, f"?step={step}")
        assert f"<b>{2 * step}</b>" in page.replace("\\u003c", "")
        assert ask_models(service, kernel)["IntSliderModel"]["value"] == step
        assert process_of_kernel(kernel)
        service.leave(kernel)


def test_two_visitors_do_not_see_one_another(service):
    """What one visitor moves stays in that visitor's kernel."""
    first, second = open_page(service)[0], open_page(service)[0]
    assert run_in_kernel(service, first, "setattr(control, 'value', 9)") == "None"
    assert ask_models(service, first)["IntSliderModel"]["value"] == 9
    assert ask_models(service, second)["IntSliderModel"]["value"] == 2
    for kernel in (first, second):
        service.leave(kernel)


def test_two_visitors_do_not_share_chance(service):
    """Two forks draw different random numbers."""
    kernels = [open_page(service)[0] for _ in range(2)]
    drawn = {run_in_kernel(service, kernel, "__import__('random').random()") for kernel in kernels}
    assert len(drawn) == 2
    for kernel in kernels:
        service.leave(kernel)


def test_the_page_is_drawn_for_those_who_have_no_script(service):
    """R17, S22: a robot gets the asked selection, drawn, and no kernel."""
    before = service.kernels
    answer = service.ask(f"{service.prefix}{PAGE}?step=4", headers={"User-Agent": "Googlebot/2.1"})
    assert answer.status == 200
    assert "<b>8</b>" in answer.text
    assert re.findall("<script[^>]*>", answer.text) == [f'<script src="{service.prefix}static/scheme.js">']
    assert service.kernels == before


def test_s01_a_fork_takes_no_code(service, kernel, tmp_path):
    """Code sent over the websocket is not run."""
    canary = tmp_path / "canary"

    async def attack():
        async with Socket(service, kernel) as socket:
            code = f"open({str(canary)!r}, 'w').write('x')"
            await socket.say("execute_request", {"code": code, "silent": False})
            return await socket.settle()

    frames = asyncio.run(attack())
    assert not canary.exists()
    assert all(read_message(frame)[0]["msg_type"] != "execute_reply" for frame in frames)


@pytest.fixture(scope="session")
def confinement(sample_project):
    """What confines kernels on this machine."""
    return probe_confinement(load_settings({}, home=sample_project, state=sample_project / "state"))


def test_s07_a_kernel_reaches_no_network(service, kernel, confinement):
    """Neither the hub's ports on loopback nor another host; its channels are files."""
    if not confinement.network:
        pytest.skip(f"no network namespace here: {confinement.describe()}")
    port = int(service.root.rpartition(":")[2])
    for host in ("127.0.0.1", "192.0.2.1"):
        code = f"__import__('socket').create_connection(('{host}', {port}), 2)"
        assert "OSError" in run_in_kernel(service, kernel, code)
    pid = process_of_kernel(kernel)
    assert Path(f"/proc/{pid}/ns/net").readlink() != Path("/proc/self/ns/net").readlink()
    assert [path for path in Path(tempfile.gettempdir()).glob(f"atelier-*/kernel-{kernel}-ipc-*") if path.is_socket()]


def test_s08_a_fork_knows_no_secret(service, kernel):
    """Neither its environment, nor its parent's, nor the server's state holds what the server was started with."""
    known = json.loads(run_in_kernel(service, kernel, "__import__('json').dumps(dict(environment))"))
    assert "canary" not in json.dumps(known)
    assert known["SCRIPT_NAME"].endswith(PAGE)
    pid = process_of_kernel(kernel)
    assert b"canary" not in Path(f"/proc/{pid}/environ").read_bytes()


def test_s09_a_kernel_writes_nothing(service, kernel, project, confinement):
    """Project, system and hub's secrets are out of reach; its own home is in memory and bounded."""
    if not confinement.files:
        pytest.skip(f"no mount namespace here: {confinement.describe()}")
    secret = project / "state" / "hub-secret"
    secret.write_text("canary", "utf-8")
    for path in (project / "x", project / "themes" / "x", Path("/usr/x"), Path("/x"), Path("/etc/x")):
        assert "Error" in run_in_kernel(service, kernel, f"open({str(path)!r}, 'w')")
    assert "Error" in run_in_kernel(service, kernel, f"open({str(secret)!r}).read()")
    assert run_in_kernel(service, kernel, "open(environment['HOME'] + '/x', 'w').write('x')") == "1"
    assert not (project / "state" / "live" / "home" / "x").exists()


def test_s11_a_kernel_is_bounded(service, kernel):
    """Memory, size of files and open files: past the limit the kernel gets an error, and its neighbours an answer."""
    neighbour = open_page(service)[0]
    assert run_in_kernel(service, kernel, "len(bytearray(4 << 30))") == "MemoryError"
    write = "open(environment['HOME'] + '/big', 'wb').write(bytes(32 << 20))"
    assert "Error" in run_in_kernel(service, kernel, write)
    assert "Error" in run_in_kernel(service, kernel, "[open('/dev/null') for _ in range(2000)]")
    began = time.monotonic()
    assert ask_models(service, neighbour)["IntSliderModel"]["value"] == 2
    assert time.monotonic() - began < 10
    service.leave(neighbour)


def test_a_kernel_cannot_make_the_calls_that_no_notebook_needs(service, kernel, confinement):
    """Namespaces, traces and keys are refused by the system itself, whatever the kernel's code tries."""
    if not confinement.calls:
        pytest.skip(f"no filter of system calls here: {confinement.describe()}")
    assert "Seccomp:\t2" in Path(f"/proc/{process_of_kernel(kernel)}/status").read_text("utf-8")
    for call in ("unshare(0)", "ptrace(0, 0, 0, 0)"):
        assert run_in_kernel(service, kernel, f"__import__('ctypes').CDLL(None).{call}") == "-1"


def test_no_new_privileges(kernel):
    """No program a kernel might start gains a right."""
    status = Path(f"/proc/{process_of_kernel(kernel)}/status").read_text("utf-8")
    assert "NoNewPrivs:\t1" in status


def test_r04_a_killed_fork_closes_its_pages_socket(service):
    """``kill -9`` of a kernel: its page is told within 5 s, and its seat is free."""
    kernel, _page = open_page(service)

    async def watch():
        async with Socket(service, kernel) as socket:
            await socket.settle()
            os.kill(process_of_kernel(kernel), signal.SIGKILL)
            await socket.wait_closed()

    asyncio.run(watch())
    wait_until(lambda: service.ask(f"{service.prefix}api/kernels/{kernel}").status == 410, 5)


def test_leaving_ends_the_process(service):
    """The beacon of a page that is left ends its fork, which leaves no socket behind."""
    kernel, _page = open_page(service)
    process_of_kernel(kernel)
    service.leave(kernel)
    wait_until(lambda: processes(f"kernel-{kernel[:8]}") == [], 5)


def parents_of(service) -> set[int]:
    """Return the parents that serve: processes named so, below the server."""
    from atelier.hub.service import _descendants

    return set(processes("parent")) & set(_descendants(service.process.pid))


def test_a_killed_parent_is_replaced(service):
    """``kill -9`` of a parent: the next visitors get a page all the same, and soon a fork again."""
    before = parents_of(service)
    assert len(before) == 1
    os.kill(before.pop(), signal.SIGKILL)
    kernel, _page = open_page(service)
    assert ask_models(service, kernel)["IntSliderModel"]["value"] == 2
    service.leave(kernel)
    wait_until(lambda: len(parents_of(service)) == 1 and not parents_of(service) & before, 60)
    wait_until(lambda: service.log.read_text("utf-8").count("parent of steps.ipynb ready") >= 2, 60)


def test_a_changed_notebook_replaces_its_parent_without_a_visitor_noticing(service, project):
    """Who is there keeps the old notebook; who comes next gets the new one; a broken one changes nothing."""
    path = project / "notebooks/demo/dashboards/steps.ipynb"
    former = path.read_text("utf-8")
    old, _page = open_page(service)
    ready = service.log.read_text("utf-8").count("parent of steps.ipynb ready")
    path.write_text(former.replace("Deux fois", "Le double de"), "utf-8")
    wait_until(lambda: service.log.read_text("utf-8").count("parent of steps.ipynb ready") > ready, 60)
    new, page = open_page(service)
    assert "Le double de" in page
    assert run_in_kernel(service, old, "runs") == "1"
    path.write_text(former.replace("import bqplot", "import no_such_module"), "utf-8")
    wait_until(lambda: "the one before goes on" in service.log.read_text("utf-8"), 60)
    again, page = open_page(service)
    assert "Le double de" in page
    assert process_of_kernel(again)
    path.write_text(former, "utf-8")
    for kernel in (old, new, again):
        service.leave(kernel)
    wait_until(lambda: len(parents_of(service)) == 1, 60)


@pytest.mark.long
def test_r05_nothing_is_left_of_a_server_that_was_killed(project, tmp_path):
    """``kill -9`` of the server: its parents and their forks end with it."""
    from atelier.hub.service import _descendants

    one = start_service(project, tmp_path / "live.log")
    wait_until(lambda: "parent of steps.ipynb ready" in one.log.read_text("utf-8"), 60)
    kernel, _page = open_page(one)
    process_of_kernel(kernel)
    family = _descendants(one.process.pid)
    one.process.kill()
    one.process.wait()
    wait_until(lambda: not [pid for pid in family if Path(f"/proc/{pid}").exists()], 10)


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("raise RuntimeError('no')", "failed"),
        ("import asyncio\nawait asyncio.sleep(0)", "awaits"),
        ("import threading, time\nthreading.Thread(target=time.sleep, args=(60,), daemon=True).start()", "threads"),
    ],
)
def test_a_notebook_that_cannot_be_forked_says_why(tmp_path, source, reason):
    """A cell that fails, awaits or leaves a thread running: such a notebook gets plain kernels."""
    notebook = json.loads(SAMPLE.read_text("utf-8"))
    notebook["cells"] = [{**notebook["cells"][-1], "source": source}]
    path = tmp_path / "one.ipynb"
    path.write_text(json.dumps(notebook), "utf-8")

    async def run() -> str:
        parent = Parent(path, list, os.environ, Limits())
        try:
            await parent.ready()
        except Exception as error:  # noqa: BLE001 - its words are what is tested
            return str(error)
        finally:
            parent.kill()
        return ""

    assert reason in asyncio.run(run())


def test_a_parent_forks_for_anyone(tmp_path):
    """The room is usable without Voilà: a parent, a fork, the end of both."""

    async def run() -> None:
        parent = Parent(SAMPLE, list, os.environ, Limits())
        await parent.ready()
        assert parent.can_restore
        drawn = await parent.draw("step=6")
        assert any("<b>12</b>" in html for html in drawn.values())
        child = await parent.fork("mine", str(tmp_path / "mine.json"), {}, "")
        assert process_of(child.handle) > 0
        end_process(child.handle)
        os.close(child.handle)
        parent.kill()
        assert not parent.is_alive

    asyncio.run(run())
