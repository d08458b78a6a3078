"""Kernels of the public: what they know, what may be said to them, when they end."""

import asyncio
import json
import os
import signal
import time
import uuid
from pathlib import Path

import psutil
import pytest
from jupyter_server.services.kernels.connection.base import deserialize_msg_from_ws_v1, serialize_msg_to_ws_v1
from tornado.httpclient import HTTPClientError, HTTPRequest
from tornado.websocket import websocket_connect

from atelier.live.environment import KEPT, build_environment
from atelier.settings import load_settings

PROTOCOL = "v1.kernel.websocket.jupyter.org"
FROM_JUPYTER = {
    *("JPY_PARENT_PID", "PYDEVD_USE_FRAME_EVAL", "TERM", "CLICOLOR", "FORCE_COLOR", "CLICOLOR_FORCE", "PAGER"),
    *("GIT_PAGER", "MPLBACKEND", "VOILA_KERNEL_ID", "LC_CTYPE", "JPY_SESSION_NAME", "COLUMNS", "LINES"),
}
FROM_PAGE = {"QUERY_STRING", "SCRIPT_NAME"}


def build_message(msg_type: str, content: dict, identifier: str = "") -> bytes:
    """Return a message as a browser sends it."""
    header = {
        "msg_id": identifier or uuid.uuid4().hex,
        "msg_type": msg_type,
        "session": "s",
        "username": "",
        "version": "5.3",
        "date": "",
    }
    parts = [json.dumps(part).encode() for part in (header, {}, {"version": "1.0.0"}, content)]
    return serialize_msg_to_ws_v1(parts, "shell")


def read_message(frame: bytes) -> tuple[dict, dict]:
    """Return header and content of a message the server sent; the header names the message it answers."""
    _channel, parts = deserialize_msg_from_ws_v1(frame)
    return json.loads(parts[0]) | {"parent": json.loads(parts[1]).get("msg_id", "")}, json.loads(parts[3])


class Socket:
    """A visitor's websocket."""

    def __init__(self, service, kernel: str) -> None:
        self.url = f"{service.root.replace('http', 'ws')}{service.prefix}api/kernels/{kernel}/channels?session_id=s"
        self.origin = service.root

    async def __aenter__(self):
        request = HTTPRequest(self.url, headers={"Origin": self.origin})
        self.connection = await websocket_connect(request, subprotocols=[PROTOCOL])
        return self

    async def __aexit__(self, *_error):
        self.connection.close()
        await self.wait_closed()

    async def wait_closed(self, seconds: float = 5) -> None:
        """Read what is left until the socket has closed."""
        async with asyncio.timeout(seconds):
            while self.connection.close_code is None and await self.connection.read_message() is not None:
                pass

    async def say(self, msg_type: str, content: dict) -> None:
        """Send a message."""
        await self.connection.write_message(build_message(msg_type, content), binary=True)

    async def hear(self, wanted, seconds: float = 15) -> list[bytes]:
        """Return the frames received until one satisfies ``wanted``, that one last."""
        frames = []
        async with asyncio.timeout(seconds):
            while True:
                frame = await self.connection.read_message()
                assert frame is not None, "the server closed the socket"
                frames.append(frame)
                if wanted(*read_message(frame)):
                    return frames

    async def settle(self) -> list[bytes]:
        """Return the frames received until the kernel has answered one more request, and said that it is done."""
        identifier, waited = uuid.uuid4().hex, {"kernel_info_reply", "status"}

        def is_last(header: dict, content: dict) -> bool:
            # The answer and the news come on two channels, in any order.
            if header["msg_type"] == "kernel_info_reply":
                waited.discard("kernel_info_reply")
            elif content.get("execution_state") == "idle" and header["parent"] == identifier:
                waited.discard("status")
            return not waited

        await self.connection.write_message(build_message("kernel_info_request", {}, identifier), binary=True)
        return await self.hear(is_last)


@pytest.fixture(scope="module")
def opened() -> list[tuple[str, str]]:
    """The page the tests share, kept from one to the next as long as its kernel lives."""
    return []


@pytest.fixture
def page(public, opened):
    """An open dashboard: its kernel's identifier and its page."""
    if not opened or public.ask(f"{public.prefix}api/kernels/{opened[0][0]}").status != 200:
        opened[:] = [public.open_dashboard("?step=3")]
    return opened[0]


async def read_models(socket: Socket) -> dict[str, dict]:
    """Return the state of the page's widgets, by name of model."""
    target = uuid.uuid4().hex
    await socket.say("comm_open", {"comm_id": target, "target_name": "jupyter.widget.control", "data": {}})
    await socket.say("comm_msg", {"comm_id": target, "data": {"method": "request_states"}})
    frames = await socket.hear(lambda _header, content: "states" in content.get("data", {}))
    states = read_message(frames[-1])[1]["data"]["states"]
    return {state["model_name"]: {"id": identifier, **state["state"]} for identifier, state in states.items()}


def test_s08_kernel_environment_is_whitelisted(public, page, sample_project):
    """A kernel knows the whitelist, its page's query and what Jupyter itself adds; no secret of the server."""
    kernel, _text = page

    async def read():
        async with Socket(public, kernel) as socket:
            return await read_models(socket)

    models = asyncio.run(read())
    shown = next(state["value"] for state in [models["HTMLModel"], *models.values()] if "value" in state)
    assert shown
    pid = kernel_pid(public, kernel)
    known = dict(part.split("=", 1) for part in Path(f"/proc/{pid}/environ").read_text().split("\0") if part)
    settings = load_settings({}, home=sample_project, state=sample_project / "state")
    assert set(known) <= set(build_environment(settings, dict.fromkeys(KEPT, ""))) | FROM_PAGE | FROM_JUPYTER
    assert known["QUERY_STRING"] == "step=3"
    assert "canary" not in repr(known)


def test_a_kernel_that_is_no_fork_answers_its_page_at_once(public, page):
    """The server has listened to it before: the page's connection does not wait for a welcome that never comes."""
    began = time.monotonic()

    async def read() -> dict[str, dict]:
        async with Socket(public, page[0]) as socket:
            return await read_models(socket)

    assert asyncio.run(read())["IntSliderModel"]["value"] == 3
    assert time.monotonic() - began < 3


def test_s08_the_servers_own_process_forgot_its_secrets(public):
    """A kernel that reads its parent's environment finds nothing there either."""
    text = Path(f"/proc/{public.process.pid}/environ").read_text()
    assert "canary" not in text
    assert "JUPYTERHUB" not in text


def wait_until(condition, seconds: float = 5) -> None:
    """Poll until a condition holds; fail after a deadline."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"did not happen in {seconds} s"


def kernel_pid(service, kernel: str) -> int:
    """Return the process of a kernel that was not forked, or of what confines it: its command names the kernel."""
    children = Path(f"/proc/{service.process.pid}/task/{service.process.pid}/children").read_text().split()
    return next(int(pid) for pid in children if kernel in Path(f"/proc/{pid}/cmdline").read_text())


@pytest.mark.parametrize(
    "msg_type", ["execute_request", "inspect_request", "complete_request", "history_request", "shutdown_request"]
)
def test_s01_only_widget_messages_reach_a_kernel(public, page, tmp_path, msg_type):
    """Code sent over the websocket is not run, and asks nothing of the kernel."""
    kernel, _text = page
    canary = tmp_path / "canary"
    content = {"code": f"open({str(canary)!r}, 'w').write('x')", "silent": False, "cursor_pos": 0, "restart": False}

    async def attack():
        async with Socket(public, kernel) as socket:
            await socket.say(msg_type, content)
            return await socket.settle()

    frames = asyncio.run(attack())
    assert not canary.exists()
    assert all(read_message(frame)[0]["msg_type"] != msg_type.replace("request", "reply") for frame in frames)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # tornado's client drops the socket
def test_s02_another_sites_websocket_is_refused(public, page):
    """A page of another origin cannot talk to a kernel."""
    kernel, _text = page
    socket = Socket(public, kernel)
    socket.origin = "https://evil.example"
    with pytest.raises(HTTPClientError, match="403"):
        asyncio.run(socket.__aenter__())


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_client_without_the_protocol_is_refused_and_others_are_served(public, page):
    """A client of another protocol is turned away before a message is read."""
    kernel, _text = page

    async def connect():
        socket = Socket(public, kernel)
        await websocket_connect(HTTPRequest(socket.url, headers={"Origin": socket.origin}))

    with pytest.raises(HTTPClientError, match="400"):
        asyncio.run(connect())
    assert public.ask(f"{public.prefix}health").status == 200


@pytest.mark.parametrize(
    "message",
    ["text", b"", b"\x01", b"\xff" * 8, b"\xff" * 64, (7).to_bytes(8, "little") + b"\xff" * 56, b"\x07" + b"\x00" * 63],
)
def test_a_malformed_message_closes_its_socket_and_nothing_else(public, page, message):
    """What announces more than it holds is refused before anything is allocated; the server goes on."""
    kernel, _text = page

    async def attack():
        async with Socket(public, kernel) as socket:
            await socket.settle()
            await socket.connection.write_message(message, binary=isinstance(message, bytes))
            await socket.wait_closed()

    asyncio.run(attack())
    assert public.ask(f"{public.prefix}health").status == 200


def test_s15_an_error_in_a_callback_says_nothing_of_the_machine(public, page, sample_project):
    """A control that makes the notebook fail gives an incident number; the trace stays in the log."""
    kernel, _text = page

    async def provoke():
        async with Socket(public, kernel) as socket:
            slider = (await read_models(socket))["IntSliderModel"]["id"]
            data = {"method": "update", "state": {"value": 7}, "buffer_paths": []}
            await socket.say("comm_msg", {"comm_id": slider, "data": data})
            bad = {"method": "update", "state": {"value": "not a number"}, "buffer_paths": []}
            await socket.say("comm_msg", {"comm_id": slider, "data": bad})
            frames = await socket.settle()
            # A kernel's standard error comes a moment later than its answers.
            wait_until(lambda: "TraitError" in public.log.read_text("utf-8"))
            return frames[:-1] + (await socket.settle())[:-1]

    frames = asyncio.run(provoke())
    text = b"".join(frames).decode("utf-8", errors="replace")
    assert "secret path" not in text
    assert "TraitError" not in text
    assert "Traceback" not in text
    assert "ipykernel" not in text
    assert str(sample_project) not in text
    assert "secret path" in public.log.read_text("utf-8")


def test_r01_leaving_a_page_frees_its_kernel(public):
    """The beacon of a page that is left ends its kernel at once."""
    before = public.kernels
    kernel, _page = public.open_dashboard()
    assert public.kernels == before + 1
    assert public.leave(kernel).status == 204
    assert public.kernels == before
    assert public.leave(kernel).status == 204


def test_s19_another_site_cannot_end_a_kernel(public, page):
    """The beacon counts only from our own pages, and nothing is deleted otherwise."""
    kernel, _text = page
    address = f"{public.prefix}voila/api/shutdown/{kernel}"
    for headers in ({}, {"Origin": "https://evil.example"}, {"Origin": "null"}):
        assert public.ask(address, "POST", headers, b"").status == 403
    assert public.ask(f"{public.prefix}api/kernels/{kernel}", "DELETE").status == 405
    assert public.ask(f"{public.prefix}api/kernels/{kernel}").status == 200


@pytest.mark.parametrize(
    ("method", "headers"),
    [
        ("HEAD", {}),
        ("GET", {"User-Agent": "Googlebot/2.1"}),
        ("GET", {"User-Agent": "curl/8"}),
        ("GET", {"Sec-Purpose": "prefetch;prerender"}),
        ("GET", {"Purpose": "prefetch"}),
    ],
)
def test_s22_robots_and_prefetches_start_no_kernel(public, method, headers):
    """They learn that the page exists, its title and its description."""
    before = public.kernels
    answer = public.ask(f"{public.prefix}dashboards/demo/counter", method, headers)
    assert answer.status == 200
    assert public.kernels == before
    assert method == "HEAD" or "<h1>Un compteur</h1>" in answer.text


def test_r04_a_dead_kernel_closes_its_pages_socket(public, page):
    """A kernel that dies is not replaced by an empty one: the page is told within 5 s."""
    kernel, _text = page

    async def watch():
        async with Socket(public, kernel) as socket:
            await socket.settle()
            os.kill(kernel_pid(public, kernel), signal.SIGKILL)
            await socket.wait_closed()

    asyncio.run(watch())
    wait_until(lambda: public.ask(f"{public.prefix}api/kernels/{kernel}").status == 410)


def test_s24_queries_and_headers_stay_out_of_the_log(public):
    """A choice, a cookie or ten megabytes of address do not end up in the log."""
    public.ask(f"{public.prefix}nothing?token=abc123secret", headers={"Cookie": "jupyterhub=abc123secret"})
    public.ask(f"{public.prefix}{'x' * 20000}")
    lines = public.log.read_text("utf-8").splitlines()
    assert not any("abc123secret" in line for line in lines)
    assert max(map(len, lines)) < 4096


def test_r05_sigterm_ends_the_server_and_its_kernels(public_service_of):
    """The server exits within 30 s, with code 0, and leaves neither kernel nor socket behind."""
    from atelier.hub.service import _descendants

    service = public_service_of()
    service.open_dashboard()
    children = _descendants(service.process.pid)
    assert children
    service.process.terminate()
    assert service.process.wait(30) == 0
    # One that has ended may wait a second for the system's first process to take note of it.
    wait_until(lambda: not [pid for pid in children if psutil.pid_exists(pid)])
