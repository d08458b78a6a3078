"""``python -m atelier.live``: the public server as a process of its own."""

import argparse
import os
import signal
from pathlib import Path

from atelier.live.confine import die_with_parent
from atelier.live.environment import build_environment, replace_process
from atelier.live.visitors import POOL, REST, choose_capacity
from atelier.settings import load_settings


def main(arguments: list[str] | None = None) -> None:
    """Serve the public; first replace the process by one that knows nothing but the whitelist."""
    parser = argparse.ArgumentParser(prog="python -m atelier.live", description="Serve dashboards to the public.")
    parser.add_argument("--port", type=int, required=True, help="port on 127.0.0.1")
    parser.add_argument("--prefix", default="/services/public/", help="path the service is mounted at")
    parser.add_argument("--hub", default="/hub/", help="path of the hub")
    parser.add_argument("--home", required=True, help="project folder")
    parser.add_argument("--state", required=True, help="folder of what is made at run time")
    parser.add_argument("--visitors", type=int, default=0, help="live pages at once; by default what memory allows")
    parser.add_argument("--pool", type=int, default=POOL, help="kernels run in advance of a notebook without forks")
    parser.add_argument("--rest", type=float, default=REST, help="seconds without a gesture before a kernel is let go")
    options = parser.parse_args(arguments)
    settings = load_settings(home=options.home, state=options.state)
    environment = build_environment(settings, os.environ)
    # Python itself adds LC_CTYPE in a bare locale (PEP 538); waiting for it to go would start the process for ever.
    if {name: value for name, value in os.environ.items() if name != "LC_CTYPE"} != environment:
        given = ["--port", str(options.port), "--prefix", options.prefix, "--hub", options.hub]
        given += ["--visitors", str(options.visitors), "--pool", str(options.pool), "--rest", str(options.rest)]
        replace_process(environment, [*given, "--home", options.home, "--state", options.state])
    die_with_parent(signal.SIGTERM)
    for name in ("HOME", "IPYTHONDIR", "JUPYTER_CONFIG_DIR", "JUPYTER_RUNTIME_DIR"):
        Path(environment[name]).mkdir(mode=0o700, parents=True, exist_ok=True)
    # Jupyter reads some of these folders from the environment when it is imported.
    from atelier.live.server import run_server  # noqa: PLC0415

    capacity = choose_capacity(options.visitors, options.pool, options.rest)
    run_server(settings, options.port, options.prefix, options.hub, capacity)


if __name__ == "__main__":
    main()
