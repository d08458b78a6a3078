"""A visitor without a browser: the page, the websocket, the widgets' state, a few choices, and leaving."""

import asyncio
import json
import re
import time
import uuid
from dataclasses import dataclass, field
from typing import Any

from jupyter_server.services.kernels.connection.base import deserialize_msg_from_ws_v1, serialize_msg_to_ws_v1
from tornado.httpclient import AsyncHTTPClient, HTTPRequest
from tornado.websocket import websocket_connect

from benchmarks.live.servers import BROWSER, Server

PROTOCOL = "v1.kernel.websocket.jupyter.org"
VISIT_SECONDS = 60
_LABEL = "_options_labels"
AsyncHTTPClient.configure(None, max_clients=400)


@dataclass
class Visit:
    """How long things took, in seconds from the first request; each choice from its own start.

    Attributes:
        page: The whole page had arrived.
        live: The state of every widget had arrived.
        choices: From a choice to the text that follows it.
        problem: What went wrong; empty when nothing did.
        is_still: A page to read came, without a kernel.
    """

    page: float = 0.0
    live: float = 0.0
    choices: list[float] = field(default_factory=list)
    problem: str = ""
    is_still: bool = False


async def visit(
    server: Server, choices: int = 2, *, stay: asyncio.Event | None = None, think: float = 0.0, may_read: bool = False
) -> Visit:
    """Visit the dashboard once.

    Args:
        server: Whom.
        choices: How many times to choose a region.
        stay: Leave only once this is set.
        think: Seconds before each choice.
        may_read: A page to read is an answer too.
    """
    done = Visit()
    try:
        async with asyncio.timeout(VISIT_SECONDS + choices * (think + 1)):
            await _visit(server, choices, done, stay, think)
        if done.is_still and not may_read:
            done.problem = "the page has no kernel"
    except Exception as error:  # noqa: BLE001 - whatever went wrong is the result
        done.problem = repr(error)[:200]
    return done


def percentile(values: list[float], share: float = 0.95) -> float:
    """Return the value that ``share`` of the values do not pass."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


async def _visit(server: Server, choices: int, done: Visit, stay: asyncio.Event | None, think: float) -> None:
    client = AsyncHTTPClient()
    began = time.perf_counter()
    answer = await client.fetch(server.root + server.page, headers=BROWSER, request_timeout=VISIT_SECONDS)
    done.page = time.perf_counter() - began
    kernel = re.search(r'"kernelId": "([0-9a-f-]{36})"', answer.body.decode("utf-8"))
    done.is_still = kernel is None
    if kernel is None:
        return
    address = f"{server.root.replace('http', 'ws')}{server.base}api/kernels/{kernel[1]}/channels?session_id=s"
    socket = await websocket_connect(
        HTTPRequest(address, headers={"Origin": server.root}), subprotocols=[PROTOCOL], max_message_size=1 << 26
    )
    target = uuid.uuid4().hex
    await _say(socket, "comm_open", {"comm_id": target, "target_name": "jupyter.widget.control", "data": {}})
    await _say(socket, "comm_msg", {"comm_id": target, "data": {"method": "request_states"}})
    states = (await _hear(socket, lambda content: "states" in content.get("data", {})))["data"]["states"]
    done.live = time.perf_counter() - began
    region = next(name for name, one in states.items() if one["state"].get("description") == "Région")
    labels = states[region]["state"][_LABEL]
    for number in range(choices):
        wanted = labels[1 + number % (len(labels) - 1)]
        await asyncio.sleep(think)
        asked = time.perf_counter()
        update = {"method": "update", "state": {"index": labels.index(wanted)}, "buffer_paths": []}
        await _say(socket, "comm_msg", {"comm_id": region, "data": update})
        await _hear(
            socket, lambda content, wanted=wanted: f"'bench-total'>{wanted}" in json.dumps(content, ensure_ascii=False)
        )
        done.choices.append(time.perf_counter() - asked)
    if stay is not None:
        await stay.wait()
    socket.close()
    await client.fetch(
        f"{server.root}{server.base}voila/api/shutdown/{kernel[1]}",
        method="POST",
        body="",
        headers={"Origin": server.root},
        raise_error=False,
    )


async def _say(socket: Any, kind: str, content: dict[str, Any]) -> None:
    header = {
        "msg_id": uuid.uuid4().hex,
        "msg_type": kind,
        "session": "s",
        "username": "",
        "version": "5.3",
        "date": "",
    }
    parts = [json.dumps(part).encode() for part in (header, {}, {"version": "1.0.0"}, content)]
    await socket.write_message(serialize_msg_to_ws_v1(parts, "shell"), binary=True)


async def _hear(socket: Any, wanted: Any) -> dict[str, Any]:
    while True:
        frame = await socket.read_message()
        if frame is None:
            raise RuntimeError("the socket was closed")
        _channel, parts = deserialize_msg_from_ws_v1(frame)
        content: dict[str, Any] = json.loads(parts[3])
        if wanted(content):
            return content
