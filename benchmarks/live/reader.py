"""A page without a browser, as its script would hold it: connected, at rest while it is only read, used again."""

import asyncio
import json
import re
import time
import uuid
from collections.abc import Awaitable, Callable
from typing import Any

from jupyter_server.services.kernels.connection.base import deserialize_msg_from_ws_v1, serialize_msg_to_ws_v1
from tornado.httpclient import AsyncHTTPClient, HTTPRequest
from tornado.websocket import WebSocketClientConnection, WebSocketClosedError, websocket_connect

from atelier.live.resting import REST_CODE
from benchmarks.live.servers import BROWSER, Server

PROTOCOL = "v1.kernel.websocket.jupyter.org"
ANSWER_SECONDS = 60
_CREATED = 201
_LOOK_SECONDS = 0.25
_TRIES = 20
_ID = r"([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})"
AsyncHTTPClient.configure(None, max_clients=400)


class Reader:
    """One page of a server: plain Voilà's, or ours, which may rest.

    Args:
        server: Whom it visits.

    Attributes:
        kernel: The identifier of the page's kernel; empty when it has none.
        wakes: How often the page has had another kernel.
    """

    def __init__(self, server: Server) -> None:
        self.server, self.client = server, AsyncHTTPClient()
        self.kernel, self.parent, self.rest_seconds, self.wakes = "", "", 0.0, 0
        self.socket: WebSocketClientConnection | None = None

    async def open(self) -> None:
        """Ask for the page."""
        address = self.server.root + self.server.page
        answer = await self.client.fetch(address, headers=BROWSER, request_timeout=ANSWER_SECONDS)
        text = answer.body.decode("utf-8")
        self.kernel = _told(rf'"kernelId": "{_ID}"', text)
        self.parent = _told(r'"parent": "([0-9a-f]+)"', text)
        self.rest_seconds = float(_told(r'"rest": ([0-9.]+)', text) or 0)

    async def connect(self) -> dict[str, Any]:
        """Connect to the page's kernel and return the state of every widget."""
        await self._join()
        return await self._ask_states()

    async def read(self, until: Awaitable[Any]) -> None:
        """Read until something happens; let the kernel go when that takes long, and when asked to."""
        waiting, began = asyncio.ensure_future(until), time.monotonic()
        look = _LOOK_SECONDS if self.rest_seconds else None
        while not waiting.done():
            await asyncio.wait({waiting}, timeout=look)
            is_long = 0 < self.rest_seconds <= time.monotonic() - began
            if self.socket is not None and (is_long or self.socket.close_code == REST_CODE):
                await self._rest()

    async def choose(self, widget: str, index: int, answer: str) -> None:
        """Choose in a list, and wait for what holds a text."""
        if self.socket is not None and self.socket.close_code == REST_CODE:
            await self._rest()
        if is_resting := self.socket is None:
            await self._wake()
        update = {"method": "update", "state": {"index": index}, "buffer_paths": []}
        await self._say("comm_msg", {"comm_id": widget, "data": update})
        if is_resting:
            # A page that wakes takes the state of all its widgets, in which the answer is.
            await self._ask_states(answer)
        else:
            await self._hear(lambda content: answer in json.dumps(content, ensure_ascii=False))

    async def leave(self) -> None:
        """Leave the page."""
        if self.socket is not None:
            self.socket.close()
            await self._let_go()

    async def _rest(self) -> None:
        if self.socket is not None:
            self.socket.close()
        self.socket = None
        await self._let_go("?rest")

    async def _wake(self) -> None:
        for _ in range(_TRIES):
            answer = await self.client.fetch(
                f"{self.server.root}{self.server.page}/kernel",
                method="POST",
                body=self.parent,
                headers={"Origin": self.server.root},
                raise_error=False,
            )
            if answer.code == _CREATED:
                self.kernel = json.loads(answer.body)["id"]
                self.wakes += 1
                return await self._join()
            await asyncio.sleep(float(answer.headers.get("Retry-After", 1)))
        raise RuntimeError(f"no kernel for a page that is used again: {answer.code}")

    async def _let_go(self, how: str = "") -> None:
        address = f"{self.server.root}{self.server.base}voila/api/shutdown/{self.kernel}{how}"
        await self.client.fetch(
            address, method="POST", body="", headers={"Origin": self.server.root}, raise_error=False
        )

    async def _join(self) -> None:
        root = self.server.root.replace("http", "ws")
        address = f"{root}{self.server.base}api/kernels/{self.kernel}/channels?session_id=s"
        self.socket = await websocket_connect(
            HTTPRequest(address, headers={"Origin": self.server.root}),
            subprotocols=[PROTOCOL],
            max_message_size=1 << 26,
        )

    async def _ask_states(self, answer: str = "") -> dict[str, Any]:
        target = uuid.uuid4().hex
        await self._say("comm_open", {"comm_id": target, "target_name": "jupyter.widget.control", "data": {}})
        await self._say("comm_msg", {"comm_id": target, "data": {"method": "request_states"}})
        told = await self._hear(lambda content: "states" in content.get("data", {}))
        states: dict[str, Any] = told["data"]["states"]
        if answer and answer not in json.dumps(states, ensure_ascii=False):
            raise RuntimeError("the kernel of a page that is used again does not show what was chosen")
        return states

    async def _say(self, kind: str, content: dict[str, Any]) -> None:
        header = {
            "msg_id": uuid.uuid4().hex,
            "msg_type": kind,
            "session": "s",
            "username": "",
            "version": "5.3",
            "date": "",
        }
        parts = [json.dumps(part).encode() for part in (header, {}, {"version": "1.0.0"}, content)]
        message = serialize_msg_to_ws_v1(parts, "shell")
        try:
            await self._open_socket().write_message(message, binary=True)
        except WebSocketClosedError:
            await self._join()
            await self._open_socket().write_message(message, binary=True)

    async def _hear(self, wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        while True:
            frame = await self._open_socket().read_message()
            if frame is None and self._open_socket().close_code == REST_CODE:
                # Asked to rest in the middle of a choice, which it cannot: it connects again, and hears the answer.
                await self._join()
                continue
            if frame is None:
                raise RuntimeError("the socket was closed")
            _channel, parts = deserialize_msg_from_ws_v1(frame)
            content: dict[str, Any] = json.loads(parts[3])
            if wanted(content):
                return content

    def _open_socket(self) -> WebSocketClientConnection:
        if self.socket is None:
            raise RuntimeError("the page has no connection")
        return self.socket


def _told(pattern: str, text: str) -> str:
    found = re.search(pattern, text)
    return found[1] if found else ""
