"""System calls that no notebook needs, and that most escapes from a sandbox began with: a filter for bubblewrap.

The filter is a program of Linux's classic BPF: it is given the number of each system call, and answers that it is not
permitted for those listed here. It stays with a process and all it starts.
"""

import errno
import platform
import struct
from collections.abc import Iterable, Mapping

DENIED: Mapping[str, Mapping[str, int]] = {
    "x86_64": {
        "ptrace": 101,
        "process_vm_readv": 310,
        "process_vm_writev": 311,
        "kcmp": 312,
        "pidfd_getfd": 438,
        "mount": 165,
        "umount2": 166,
        "pivot_root": 155,
        "chroot": 161,
        "setns": 308,
        "unshare": 272,
        "open_tree": 428,
        "move_mount": 429,
        "fsopen": 430,
        "fsconfig": 431,
        "fsmount": 432,
        "fspick": 433,
        "mount_setattr": 442,
        "name_to_handle_at": 303,
        "open_by_handle_at": 304,
        "quotactl": 179,
        "acct": 163,
        "add_key": 248,
        "request_key": 249,
        "keyctl": 250,
        "bpf": 321,
        "perf_event_open": 298,
        "syslog": 103,
        "userfaultfd": 323,
        "io_uring_setup": 425,
        "io_uring_enter": 426,
        "io_uring_register": 427,
        "kexec_load": 246,
        "kexec_file_load": 320,
        "init_module": 175,
        "finit_module": 313,
        "delete_module": 176,
        "swapon": 167,
        "swapoff": 168,
        "reboot": 169,
        "settimeofday": 164,
        "clock_settime": 227,
        "clock_adjtime": 305,
        "adjtimex": 159,
        "personality": 135,
        "vhangup": 153,
        "modify_ldt": 154,
        "iopl": 172,
        "ioperm": 173,
    },
    "aarch64": {
        "ptrace": 117,
        "process_vm_readv": 270,
        "process_vm_writev": 271,
        "kcmp": 272,
        "pidfd_getfd": 438,
        "mount": 40,
        "umount2": 39,
        "pivot_root": 41,
        "chroot": 51,
        "setns": 268,
        "unshare": 97,
        "open_tree": 428,
        "move_mount": 429,
        "fsopen": 430,
        "fsconfig": 431,
        "fsmount": 432,
        "fspick": 433,
        "mount_setattr": 442,
        "name_to_handle_at": 264,
        "open_by_handle_at": 265,
        "quotactl": 60,
        "acct": 89,
        "add_key": 217,
        "request_key": 218,
        "keyctl": 219,
        "bpf": 280,
        "perf_event_open": 241,
        "syslog": 116,
        "userfaultfd": 282,
        "io_uring_setup": 425,
        "io_uring_enter": 426,
        "io_uring_register": 427,
        "kexec_load": 104,
        "kexec_file_load": 294,
        "init_module": 105,
        "finit_module": 273,
        "delete_module": 106,
        "swapon": 224,
        "swapoff": 225,
        "reboot": 142,
        "settimeofday": 170,
        "clock_settime": 112,
        "clock_adjtime": 266,
        "adjtimex": 171,
        "personality": 92,
        "vhangup": 58,
    },
}
"""Numbers of the system calls that are not permitted, by name, for each kind of processor."""

_KINDS = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
_LOAD, _EQUAL, _AT_LEAST, _RETURN = 0x20, 0x15, 0x35, 0x06
_NUMBER, _KIND = 0, 4
_ALLOW, _KILL, _REFUSE = 0x7FFF0000, 0x80000000, 0x00050000 | errno.EPERM
_X32 = 0x40000000


def build_filter(machine: str = "") -> bytes:
    """Return the program for a kind of processor, this machine's by default; empty where no list is known."""
    machine = machine or platform.machine()
    if machine not in DENIED:
        return b""
    numbers = sorted(DENIED[machine].values())
    count = len(numbers)
    # Another calling convention would number its calls otherwise: a process of it is ended.
    program = [(_LOAD, 0, 0, _KIND), (_EQUAL, 1, 0, _KINDS[machine]), (_RETURN, 0, 0, _KILL), (_LOAD, 0, 0, _NUMBER)]
    if machine == "x86_64":
        program.append((_AT_LEAST, count + 1, 0, _X32))
    program += [(_EQUAL, count - place, 0, number) for place, number in enumerate(numbers)]
    program += [(_RETURN, 0, 0, _ALLOW), (_RETURN, 0, 0, _REFUSE)]
    return _assemble(program)


def _assemble(program: Iterable[tuple[int, int, int, int]]) -> bytes:
    return b"".join(struct.pack("=HBBI", *instruction) for instruction in program)
