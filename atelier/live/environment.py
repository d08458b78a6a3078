"""The environment of the public server: a whitelist, in force before anything else runs.

Whatever the process was started with (the hub's tokens, an operator's shell) is dropped by replacing the process, so
that neither ``os.environ`` of a kernel nor ``/proc/<pid>/environ`` of the server holds it.
"""

import os
import sys
from collections.abc import Mapping
from typing import NoReturn

from atelier.settings import Settings

KEPT = ("PATH", "LANG", "LC_ALL", "TZ", "TMPDIR", "PYTHONPATH", "VIRTUAL_ENV", "LD_LIBRARY_PATH")
"""Variables taken over from outside; all others are made here or do not exist."""

RESTORE_TARGET = "atelier.restore"
"""Comm target that shows the selection of a query, in a kernel whose notebook has run before its reader came."""


def build_environment(settings: Settings, environment: Mapping[str, str]) -> dict[str, str]:
    """Return the whole environment of the public server and of its kernels.

    Args:
        settings: Where the project and its state are.
        environment: The environment the process was started with.
    """
    room = settings.state / "live"
    kept = {name: environment[name] for name in KEPT if name in environment}
    return kept | {
        "HOME": str(room / "home"),
        "ATELIER_HOME": str(settings.home),
        "ATELIER_STATE": str(settings.state),
        "IPYTHONDIR": str(room / "ipython"),
        "JUPYTER_CONFIG_DIR": str(room / "jupyter"),
        "JUPYTER_RUNTIME_DIR": str(room / "runtime"),
        "JUPYTER_NO_CONFIG": "1",
        "PYTHONUNBUFFERED": "1",
        # One visitor, one thread: two cores serve many.
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
        # What an answer took is given back to the machine: left alone, the C library would keep it for the next one.
        "MALLOC_MMAP_THRESHOLD_": "131072",
        "MALLOC_TRIM_THRESHOLD_": "131072",
        "MALLOC_ARENA_MAX": "1",
    }


def replace_process(environment: Mapping[str, str], arguments: list[str]) -> NoReturn:
    """Start this module's server again in the same process, with ``environment`` as all it knows."""
    command = [sys.executable, "-m", "atelier.live", *arguments]
    os.execve(sys.executable, command, dict(environment))  # noqa: S606 - no shell, our own interpreter
