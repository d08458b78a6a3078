"""The filter of system calls, run instruction by instruction, and its numbers against the system's own."""

import errno
import re
import struct
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from atelier.live.calls import DENIED, build_filter

ALLOW, KILL = 0x7FFF0000, 0x80000000
REFUSE = 0x00050000 | errno.EPERM
KINDS = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
HEADERS = {
    "x86_64": Path("/usr/include/x86_64-linux-gnu/asm/unistd_64.h"),
    "aarch64": Path("/usr/include/asm-generic/unistd.h"),
}


def answer(program: bytes, kind: int, number: int) -> int:
    """Run a program of classic BPF on one system call."""
    place, value = 0, 0
    while True:
        code, yes, no, constant = struct.unpack_from("=HBBI", program, 8 * place)
        place += 1
        if code == 0x06:
            return constant
        if code == 0x20:
            value = kind if constant == 4 else number
        else:
            holds = value == constant if code == 0x15 else value >= constant
            place += yes if holds else no


@pytest.mark.parametrize("machine", DENIED)
@given(number=st.integers(0, 600))
def test_what_is_listed_is_refused_and_nothing_else(machine, number):
    """Whatever its number, a call is refused exactly when it is listed."""
    expected = REFUSE if number in DENIED[machine].values() else ALLOW
    assert answer(build_filter(machine), KINDS[machine], number) == expected


@pytest.mark.parametrize("machine", DENIED)
def test_another_calling_convention_is_no_way_round(machine):
    """Calls of another kind of processor end the process; the second numbering of x86_64 is refused."""
    assert answer(build_filter(machine), 0x40000003, 1) == KILL
    if machine == "x86_64":
        assert answer(build_filter(machine), KINDS[machine], 0x40000000 + 101) == REFUSE


@pytest.mark.parametrize("machine", DENIED)
def test_the_numbers_are_the_systems_own(machine):
    """Each number is the one that the headers of Linux give."""
    if not HEADERS[machine].is_file():
        pytest.skip("the headers of Linux are not installed")
    known = dict(re.findall(r"#define __NR(?:3264)?_(\w+)\s+(\d+)", HEADERS[machine].read_text("utf-8")))
    assert {name: int(known[name]) for name in DENIED[machine] if name in known} == {
        name: number for name, number in DENIED[machine].items() if name in known
    }
    assert len(set(DENIED[machine]) & set(known)) > 30


def test_an_unknown_processor_has_no_filter():
    """No list, no program: the other walls stand."""
    assert build_filter("riscv64") == b""
