"""What a kernel of the public cannot do: reach a network, read a secret, write a disk, gain a right, outgrow its share.

Two walls. Around the parent of all kernels of a notebook, before it runs anything: namespaces made by bubblewrap, or by
``unshare`` where bubblewrap is missing, which then closes the network only. In each child: limits of its own, and no
way to gain a privilege. What holds on this machine is tried at start, not supposed.
"""

import ctypes
import json
import os
import resource
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

from atelier.live.calls import build_filter
from atelier.settings import Settings

Tool = Literal["bubblewrap", "unshare", "none"]

_PR_SET_PDEATHSIG = 1
_PR_SET_NAME = 15
_PR_SET_NO_NEW_PRIVS = 38
_SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32")
_SYSTEM_FILES = ("/etc/ld.so.cache", "/etc/localtime", "/etc/mime.types", "/etc/fonts", "/etc/alternatives")
_DISK = 64 << 20
NICE = 5
"""How far a kernel stands back: the server answers everybody before one kernel computes."""
_OPEN_AND_RUN = """
import os, sys
program = os.open(sys.argv[1], os.O_RDONLY)
os.set_inheritable(program, True)
os.execvp(sys.argv[2], [sys.argv[2], "--seccomp", str(program), *sys.argv[3:]])
"""
_PROBE = """
import ctypes, json, os, socket, sys
def allowed(act):
    try:
        act()
    except OSError:
        return False
    return True
print(json.dumps({
    "network": not allowed(lambda: socket.create_connection(("127.0.0.1", int(sys.argv[1])), 2)),
    "files": not allowed(lambda: open(os.path.join(sys.argv[2], "written"), "w")),
    "processes": not os.path.exists("/proc/" + sys.argv[3]),
    # Asked for no namespace, this call changes nothing: only a filter refuses it.
    "calls": ctypes.CDLL(None).unshare(0) != 0,
}))
"""


@dataclass(frozen=True)
class Confinement:
    """What confines the kernels of this machine's public.

    Attributes:
        tool: What makes the namespaces.
        network: No network is reached, loopback included.
        files: Only what is needed is seen, and nothing of it can be written.
        processes: No other process is seen.
        calls: System calls that no notebook needs are refused (see ``calls``).
        program: File of the filter that refuses them; None where there is none.
    """

    tool: Tool
    network: bool = False
    files: bool = False
    processes: bool = False
    calls: bool = False
    program: Path | None = None

    def wrap(self, command: list[str], settings: Settings, sockets: Path) -> list[str]:
        """Return a command that runs ``command`` confined.

        Args:
            command: What to run.
            settings: Where the project is; its state folder is hidden.
            sockets: The only folder that is shared both ways.
        """
        if self.tool == "bubblewrap":
            return [*_bubblewrap(settings, sockets, self.program), "--", *command]
        if self.tool == "unshare":
            return ["unshare", "--user", "--map-root-user", "--net", "--", *command]
        return command

    def describe(self) -> str:
        """Return what holds and what does not, in words."""
        names = {
            "no network": self.network,
            "read-only files": self.files,
            "own processes": self.processes,
            "fewer system calls": self.calls,
        }
        holds = ", ".join(name for name, is_held in names.items() if is_held) or "nothing"
        missing = ", ".join(name for name, is_held in names.items() if not is_held)
        return f"kernels are confined by {self.tool}: {holds}" + (f"; NOT: {missing}" if missing else "")


def probe_confinement(settings: Settings) -> Confinement:
    """Return the best confinement that works here, each property tried by a process that attempts the contrary."""
    program = _write_filter(settings)
    wanted = [Confinement("bubblewrap", program=program)] if program else []
    for one in (*wanted, Confinement("bubblewrap"), Confinement("unshare")):
        if shutil.which({"bubblewrap": "bwrap"}.get(one.tool, one.tool)) and (found := _try(one, settings)):
            return found
    return Confinement("none")


@dataclass(frozen=True)
class Limits:
    """What one kernel may use.

    Attributes:
        memory: Bytes of address space beyond what the parent had when it forked.
        processor: Seconds of processor in the kernel's whole life.
        file_size: Bytes of the largest file it may write.
        tasks: Processes and threads that all kernels of a notebook may have together.
        files: Open files.
    """

    memory: int = 1 << 30
    processor: int = 600
    file_size: int = 16 << 20
    tasks: int = 4096
    files: int = 512

    def apply(self) -> None:
        """Limit this process, for good."""
        room = self.memory + _address_space()
        wanted = {
            resource.RLIMIT_AS: room,
            resource.RLIMIT_CPU: self.processor,
            resource.RLIMIT_FSIZE: self.file_size,
            resource.RLIMIT_NPROC: self.tasks,
            resource.RLIMIT_NOFILE: self.files,
            resource.RLIMIT_CORE: 0,
        }
        for number, value in wanted.items():
            _soft, hard = resource.getrlimit(number)
            most = value if hard == resource.RLIM_INFINITY else min(value, hard)
            resource.setrlimit(number, (most, most))
        if sys.platform == "linux":
            _libc().prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)


def die_with_parent(number: signal.Signals = signal.SIGKILL) -> None:
    """Ask Linux to send a signal to this process when its parent dies; do nothing elsewhere."""
    if sys.platform == "linux":
        _libc().prctl(_PR_SET_PDEATHSIG, number)


def name_process(name: str) -> None:
    """Give this process a short name, for whoever lists processes."""
    if sys.platform == "linux":
        _libc().prctl(_PR_SET_NAME, name.encode()[:15], 0, 0, 0)


def _write_filter(settings: Settings) -> Path | None:
    program = build_filter()
    if not program:
        return None
    path = settings.state / "live" / "calls.bpf"
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.write_bytes(program)
    return path


def _bubblewrap(settings: Settings, sockets: Path, program: Path | None) -> list[str]:
    spaces = ["user", "net", "ipc", "uts", "pid", "cgroup-try"]
    command = ["bwrap"]
    if program is not None:
        # bubblewrap reads the filter from a descriptor, which must be none of those the command is given.
        command = [sys.executable, "-I", "-S", "-c", _OPEN_AND_RUN, str(program), "bwrap"]
    command += [*(f"--unshare-{space}" for space in spaces)]
    command += ["--die-with-parent", "--new-session", "--cap-drop", "ALL"]
    # Told otherwise, a kernel takes the first process of its namespace for a parent that has died.
    command += ["--setenv", "JPY_PARENT_PID", "1", "--proc", "/proc", "--dev", "/dev"]
    command += ["--size", str(_DISK), "--tmpfs", "/tmp"]  # noqa: S108 - a folder of the namespace's own
    for path in map(Path, _SYSTEM):
        if path.is_symlink():
            command += ["--symlink", str(path.readlink()), str(path)]
        elif path.is_dir():
            command += ["--ro-bind", str(path), str(path)]
    for path in [*map(Path, _SYSTEM_FILES), *_imported_from(), settings.home]:
        command += ["--ro-bind-try", str(path), str(path)]
    # What is made at run time holds the hub's secrets: kernels see an empty folder of their own in its place.
    command += ["--size", str(_DISK), "--tmpfs", str(settings.state)]
    for folder in ("live", "live/home", "live/ipython"):
        command += ["--dir", str(settings.state / folder)]
    return [*command, "--bind", str(sockets), str(sockets), "--remount-ro", "/"]


def imported_packages() -> tuple[Path, ...]:
    """Return the folders of our two packages, as notebooks import them."""
    packages = [find_spec(name) for name in ("atelier", "atelier_widgets")]
    return tuple(Path(place) for one in packages if one for place in one.submodule_search_locations or ())


def _imported_from() -> Iterator[Path]:
    """Yield the folders that notebooks import from, outside the system's."""
    seen: set[Path] = set()
    for place in (Path(sys.prefix), Path(sys.base_prefix), *(package.parent for package in imported_packages())):
        path = place.resolve()
        if not any(path.is_relative_to(folder) for folder in (Path("/usr"), *seen)):
            seen.add(path)
            yield path


def _try(confinement: Confinement, settings: Settings) -> Confinement | None:
    sockets = settings.state / "live"
    sockets.mkdir(mode=0o700, parents=True, exist_ok=True)
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(1)
        arguments = [str(listener.getsockname()[1]), str(settings.home), str(os.getpid())]
        command = confinement.wrap([sys.executable, "-I", "-S", "-c", _PROBE, *arguments], settings, sockets)
        try:
            done = subprocess.run(command, capture_output=True, timeout=20, check=True)  # noqa: S603 - our own
            return replace(confinement, **json.loads(done.stdout))
        except (subprocess.SubprocessError, OSError, ValueError):
            return None
        finally:
            (settings.home / "written").unlink(missing_ok=True)


def _address_space() -> int:
    try:
        pages = int(Path("/proc/self/statm").read_text("ascii").split()[0])
    except OSError:
        return 4 << 30
    return pages * resource.getpagesize()


@lru_cache(maxsize=1)
def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)
