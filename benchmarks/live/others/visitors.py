"""Visitors of a dashboard written in another framework, each speaking its protocol as its own page does.

Run by the environment of that framework: ``python visitors.py panel http://127.0.0.1:5006 8 2``. Prints one JSON object
per visitor, and with ``--stay`` keeps all of them there until a line comes on standard input.
"""

import argparse
import asyncio
import json
import re
import sys
import time
import urllib.request
import uuid
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import websockets

VISIT_SECONDS = 60
REGIONS = ("Bretagne", "Grand Est", "Normandie", "Occitanie")
Told = dict[str, Any]
Visit = Callable[[str, int, Told], Awaitable[Any]]


async def visit_streamlit(root: str, choices: int, told: Told) -> Any:
    """Visit as Streamlit's page does: one websocket, the whole script run again at each choice."""
    from streamlit.proto.BackMsg_pb2 import BackMsg
    from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

    began = time.perf_counter()
    await _get(root)
    told["page"] = time.perf_counter() - began
    address = f"{root.replace('http', 'ws')}/_stcore/stream"
    socket = await websockets.connect(address, subprotocols=["streamlit"], max_size=None, origin=root)

    async def run(message: BackMsg, expected: str) -> str:
        await socket.send(message.SerializeToString())
        widget, seen = "", False
        while True:
            answer = ForwardMsg()
            answer.ParseFromString(await socket.recv())
            kind = answer.WhichOneof("type")
            element = answer.delta.new_element if kind == "delta" else None
            if (
                element is not None
                and element.WhichOneof("type") == "selectbox"
                and element.selectbox.label == "Région"
            ):
                widget = element.selectbox.id
            if element is not None and element.WhichOneof("type") == "markdown" and expected in element.markdown.body:
                seen = True
            if kind == "script_finished" and seen:
                return widget

    first = BackMsg()
    first.rerun_script.query_string = ""
    widget = await run(first, "Toutes, Toutes")
    told["live"] = time.perf_counter() - began
    for number in range(choices):
        asked = time.perf_counter()
        message = BackMsg()
        state = message.rerun_script.widget_states.widgets.add()
        state.id, state.string_value = widget, REGIONS[number % len(REGIONS)]
        await run(message, f"{state.string_value}, Toutes")
        told["choices"].append(time.perf_counter() - asked)
    return socket


async def visit_panel(root: str, choices: int, told: Told) -> Any:
    """Visit as Panel's page does: the document of the page's own session, patched at each choice."""
    began = time.perf_counter()
    page = await _get(f"{root}/panel_app")
    told["page"] = time.perf_counter() - began
    token = re.search(r'"token":"([^"]+)"', page)
    if token is None:
        raise RuntimeError("the page has no session")
    address = f"{root.replace('http', 'ws')}/panel_app/ws"
    socket = await websockets.connect(address, subprotocols=["bokeh", token[1]], max_size=None, origin=root)

    async def say(kind: str, content: Told) -> None:
        for part in ({"msgid": uuid.uuid4().hex, "msgtype": kind}, {}, content):
            await socket.send(json.dumps(part))

    async def hear(wanted: Callable[[str], bool]) -> str:
        while True:
            text = await socket.recv()
            if isinstance(text, str) and wanted(text):
                return text

    await hear(lambda text: '"ACK"' in text)
    await say("PULL-DOC-REQ", {})
    document = json.loads(await hear(lambda text: '"roots"' in text))
    told["live"] = time.perf_counter() - began
    select = next(one["id"] for one in _objects(document) if one.get("attributes", {}).get("title") == "Région")
    for number in range(choices):
        asked = time.perf_counter()
        wanted = REGIONS[number % len(REGIONS)]
        event = {"kind": "ModelChanged", "model": {"id": select}, "attr": "value", "new": wanted}
        await say("PATCH-DOC", {"events": [event]})
        await hear(lambda text, wanted=wanted: f"{wanted}, Toutes" in text)
        told["choices"].append(time.perf_counter() - asked)
    return socket


async def visit_solara(root: str, choices: int, told: Told) -> Any:
    """Visit as Solara's page does: a kernel's websocket, the state of every widget, then messages to one of them."""
    began = time.perf_counter()
    await _get(root)
    told["page"] = time.perf_counter() - began
    address = f"{root.replace('http', 'ws')}/jupyter/api/kernels/{uuid.uuid4()}/channels?session_id={uuid.uuid4()}"
    socket = await websockets.connect(address, max_size=None, origin=root)

    async def say(kind: str, content: Told) -> None:
        header = {
            "msg_id": uuid.uuid4().hex,
            "msg_type": kind,
            "session": "s",
            "username": "",
            "version": "5.3",
            "date": "",
        }
        parts = {"header": header, "parent_header": {}, "metadata": {}, "content": content, "buffers": []}
        await socket.send(json.dumps({**parts, "channel": "shell"}))

    async def hear(wanted: Callable[[str], bool]) -> str:
        while True:
            frame = await socket.recv()
            text = frame if isinstance(frame, str) else frame.decode("utf-8", "replace")
            if wanted(text):
                return text

    control, opened = uuid.uuid4().hex, []

    def is_whole(text: str) -> bool:
        if '"comm_open"' in text:
            opened.append(text)
        return '"finished"' in text

    await say("comm_open", {"comm_id": control, "target_name": "solara.control", "data": {}})
    await say("comm_msg", {"comm_id": control, "data": {"method": "run", "args": {"path": "/"}}})
    await hear(is_whole)
    told["live"] = time.perf_counter() - began
    found = next(text for text in opened if '"items": ["Toutes", "Bretagne"' in text)
    select = json.JSONDecoder().raw_decode(found[found.index("{") :])[0]["content"]["comm_id"]
    for number in range(choices):
        asked = time.perf_counter()
        wanted = REGIONS[number % len(REGIONS)]
        update = {"method": "update", "state": {"v_model": wanted}, "buffer_paths": []}
        await say("comm_msg", {"comm_id": select, "data": update})
        await hear(lambda text, wanted=wanted: f"{wanted}, Toutes" in text)
        told["choices"].append(time.perf_counter() - asked)
    return socket


async def one(visit: Visit, root: str, choices: int, told: Told) -> Any:
    """Visit once; whatever goes wrong is told."""
    try:
        async with asyncio.timeout(VISIT_SECONDS):
            return await visit(root, choices, told)
    except Exception as error:  # noqa: BLE001 - whatever went wrong is the result
        told["problem"] = repr(error)[:200]
        return None


async def main() -> None:
    """Visit together, tell, and stay if asked."""
    parser = argparse.ArgumentParser()
    parser.add_argument("framework", choices=["streamlit", "panel", "solara"])
    parser.add_argument("root")
    parser.add_argument("visitors", type=int)
    parser.add_argument("choices", type=int)
    parser.add_argument("--stay", action="store_true")
    parser.add_argument("--within", type=float, default=0.0, help="seconds over which they come")
    options = parser.parse_args()
    # No visitor waits for another one's thread.
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(options.visitors + 1))
    visit = {"streamlit": visit_streamlit, "panel": visit_panel, "solara": visit_solara}[options.framework]
    told: list[Told] = [{"page": 0.0, "live": 0.0, "choices": [], "problem": ""} for _ in range(options.visitors)]
    step, leave, here = options.within / options.visitors, asyncio.Event(), asyncio.Semaphore(0)
    if not options.stay:
        leave.set()

    async def come(place: int) -> None:
        await asyncio.sleep(place * step)
        socket = await one(visit, options.root, options.choices, told[place])
        here.release()
        await leave.wait()
        if socket is not None:
            await socket.close()

    coming = [asyncio.create_task(come(place)) for place in range(options.visitors)]
    for _ in coming:
        await here.acquire()
    sys.stdout.write(json.dumps(told) + "\n")
    sys.stdout.flush()
    if options.stay:
        await asyncio.to_thread(sys.stdin.readline)
        leave.set()
    await asyncio.gather(*coming)


def _objects(part: Any) -> Iterator[Told]:
    """Yield every object of a document, however deep."""
    if isinstance(part, dict):
        yield part
        part = list(part.values())
    if isinstance(part, list):
        for one in part:
            yield from _objects(one)


async def _get(address: str) -> str:
    def get() -> str:
        with urllib.request.urlopen(address, timeout=VISIT_SECONDS) as answer:
            return answer.read().decode("utf-8")

    return await asyncio.to_thread(get)


if __name__ == "__main__":
    asyncio.run(main())
