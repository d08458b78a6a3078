"""The memory of a process, and of a server with all below it."""

from pathlib import Path

from benchmarks.live.servers import descendants

READING_SECONDS = 70
"""After so long without a choice a visitor is one who reads; see ``REST`` in ``atelier.live.visitors``."""


def weigh_process(pid: int) -> tuple[float, float]:
    """Return the proportional and the own memory of a process in megabytes, zero where it has ended."""
    pss = own = 0
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text("ascii").splitlines()
    except OSError:
        return 0.0, 0.0
    for line in lines:
        name, _, rest = line.partition(":")
        if name == "Pss":
            pss = int(rest.split()[0])
        elif name.startswith("Private_"):
            own += int(rest.split()[0])
    return pss / 1024, own / 1024


def own(pid: int) -> float:
    """Return the megabytes that a server and all below it share with no other process."""
    return sum(weigh_process(one)[1] for one in (pid, *descendants(pid)))


def resident(pid: int) -> float:
    """Return the megabytes a server and all below it hold, each page counted once (PSS)."""
    return round(sum(weigh_process(one)[0] for one in (pid, *descendants(pid))), 1)


def lasting(pid: int) -> float:
    """Return the megabytes that those hold who stay when readers leave: all but readers' kernels (RSS)."""
    total = 0
    for one in (pid, *descendants(pid)):
        try:
            if Path(f"/proc/{one}/comm").read_text("ascii").startswith("kernel-"):
                continue
            status = Path(f"/proc/{one}/status").read_text("ascii")
        except OSError:
            continue
        total += sum(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS:"))
    return round(total / 1024, 1)
