"""What ``make soak`` calls a fault."""

from itertools import cycle, islice

import pytest

from benchmarks.live.soak import faults, growth

FINE = {"errors": 0, "problem": "", "left_processes": 0, "all_growth": 0.02, "lasting_growth": 0.0}


def test_growth_is_that_of_the_last_third_over_the_one_before():
    """What is taken at the start is not growth; a leak is, through the wavering of visitors who come and go."""
    wavering = list(islice(cycle([-40.0, 0.0, 40.0]), 90))
    assert growth([300.0, *[500.0 + one for one in wavering[:89]]]) == pytest.approx(0, abs=0.01)
    assert growth([500.0 + one + 2 * place for place, one in enumerate(wavering)]) > 0.05


@pytest.mark.parametrize(
    ("found", "told"),
    [
        ({}, []),
        ({"all_growth": 0.06}, ["the memory of all grew by 6.0%: 5% at most"]),
        ({"lasting_growth": 0.2}, ["the memory of what stays grew by 20.0%: 5% at most"]),
        ({"errors": 3, "problem": "gone"}, ["3 visitors saw an error: gone"]),
        ({"left_processes": 1}, ["1 processes are left"]),
    ],
)
def test_a_fault_is_a_sentence(found, told):
    """None when memory is flat, nobody saw an error and nothing is left."""
    assert faults({**FINE, **found}) == told
