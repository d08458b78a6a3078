"""``python -m atelier.live``: the public server as a process of its own."""

import argparse
import os
from pathlib import Path

from atelier.live.environment import build_environment, die_with_parent, replace_process
from atelier.settings import load_settings


def main(arguments: list[str] | None = None) -> None:
    """Serve the public; first replace the process by one that knows nothing but the whitelist."""
    parser = argparse.ArgumentParser(prog="python -m atelier.live", description="Serve dashboards to the public.")
    parser.add_argument("--port", type=int, required=True, help="port on 127.0.0.1")
    parser.add_argument("--prefix", default="/services/public/", help="path the service is mounted at")
    parser.add_argument("--hub", default="/hub/", help="path of the hub")
    parser.add_argument("--home", required=True, help="project folder")
    parser.add_argument("--state", required=True, help="folder of what is made at run time")
    options = parser.parse_args(arguments)
    settings = load_settings(home=options.home, state=options.state)
    environment = build_environment(settings, os.environ)
    # Python itself adds LC_CTYPE in a bare locale (PEP 538); waiting for it to go would start the process for ever.
    if {name: value for name, value in os.environ.items() if name != "LC_CTYPE"} != environment:
        given = ["--port", str(options.port), "--prefix", options.prefix, "--hub", options.hub]
        replace_process(environment, [*given, "--home", options.home, "--state", options.state])
    die_with_parent()
    for name in ("HOME", "IPYTHONDIR", "JUPYTER_CONFIG_DIR", "JUPYTER_RUNTIME_DIR"):
        Path(environment[name]).mkdir(mode=0o700, parents=True, exist_ok=True)
    # Jupyter reads some of these folders from the environment when it is imported.
    from atelier.live.server import run_server  # noqa: PLC0415

    run_server(settings, options.port, options.prefix, options.hub)


if __name__ == "__main__":
    main()
