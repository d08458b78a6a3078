"""The memory of a process."""

from pathlib import Path


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
