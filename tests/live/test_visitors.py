"""How many visitors are taken, how often each may ask, and what the others get."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from atelier.live.visitors import Capacity, Pace, Seats, choose_capacity, find_address, is_remote

PAGE = "dashboards/demo/counter"
SOMEBODY = {"X-Forwarded-For": "203.0.113.7"}


def test_s21_seats_are_a_number():
    """There are as many seats as were decided; a freed one is taken again."""
    seats = Seats(Capacity(visitors=2))
    assert [seats.take(name, "127.0.0.1") for name in "abc"] == [True, True, False]
    seats.free("a")
    seats.free("never taken")
    assert seats.take("c", "127.0.0.1")
    assert len(seats) == 2


def test_s20_an_address_has_its_share_of_seats():
    """One address cannot take all seats; another still finds one; this machine's own counts in the total only."""
    seats = Seats(Capacity(visitors=10, visitors_per_address=2))
    assert [seats.take(name, "203.0.113.7") for name in "abc"] == [True, True, False]
    assert seats.take("c", "203.0.113.8")
    assert all(seats.take(name, "127.0.0.1") for name in "defg")


def test_a_visitor_whose_kernel_is_changed_keeps_the_seat():
    """Even when all others are taken, and as many are on their way as may be."""
    seats = Seats(Capacity(visitors=2, arriving=2))
    assert [seats.take(name, "203.0.113.7") for name in "ab"] == [True, True]
    seats.change("a", "c", "203.0.113.7")
    assert len(seats) == seats.arriving == 2
    seats.free("a")
    assert not seats.take("d", "203.0.113.8")
    seats.free("c")
    assert seats.take("d", "203.0.113.8")


def test_who_is_on_the_way_is_counted_until_they_come_or_are_not_waited_for():
    """Two may be on their way: a third is turned away until one has connected, left, or been gone for ten seconds."""
    now = [0.0]
    seats = Seats(Capacity(visitors=9, arriving=2), lambda: now[0])
    assert seats.take("a", "")
    assert seats.take("b", "")
    assert not seats.take("c", "")
    seats.arrived("a")
    assert seats.take("c", "")
    seats.free("b")
    assert seats.take("d", "")
    assert not seats.take("e", "")
    now[0] = 11.0
    assert seats.arriving == 0
    assert seats.take("e", "")
    assert len(seats) == 4


@given(st.lists(st.sampled_from(["203.0.113.7", "203.0.113.8", "::1", "127.0.0.1"]), max_size=60))
def test_s21_no_order_of_arrivals_passes_the_limits(arrivals):
    """Whoever comes, in whatever order, totals and shares hold."""
    seats = Seats(Capacity(visitors=9, visitors_per_address=4))
    taken = [address for place, address in enumerate(arrivals) if seats.take(str(place), address)]
    assert len(taken) == len(seats) <= 9
    assert all(taken.count(address) <= 4 for address in taken if is_remote(address))


def test_s20_a_hurried_address_waits_and_is_told_how_long():
    """A minute's requests may come at once; then each waits for its turn; nobody else does."""
    now = [0.0]
    pace = Pace(6, clock=lambda: now[0])
    assert [pace.wait("203.0.113.7") for _ in range(6)] == [0] * 6
    wait = pace.wait("203.0.113.7")
    assert 0 < wait <= 11
    assert pace.wait("203.0.113.8") == 0
    now[0] += wait
    assert pace.wait("203.0.113.7") == 0
    assert pace.wait("203.0.113.7") > 0
    assert all(pace.wait("127.0.0.1") == 0 for _ in range(50))


@pytest.mark.parametrize(
    ("peer", "forwarded", "address"),
    [
        ("127.0.0.1", "", "127.0.0.1"),
        ("127.0.0.1", "203.0.113.7", "203.0.113.7"),
        ("127.0.0.1", "203.0.113.7, 127.0.0.1", "203.0.113.7"),
        ("127.0.0.1", "198.51.100.1, 203.0.113.7, 127.0.0.1", "203.0.113.7"),
        ("127.0.0.1", "127.0.0.1, ::1", "127.0.0.1"),
        ("203.0.113.9", "203.0.113.7", "203.0.113.9"),
        ("127.0.0.1", "no address", "no address"),
    ],
)
def test_s20_an_address_cannot_be_made_up(peer, forwarded, address):
    """What a visitor writes in the header stands left of what our proxy adds, and does not count."""
    assert find_address(peer, forwarded) == address


def test_the_capacity_follows_the_memory_unless_told():
    """The operator's number wins; otherwise there are between 8 and 400 seats."""
    assert choose_capacity(3).visitors == 3
    assert 8 <= choose_capacity().visitors <= 400


@pytest.fixture(scope="module")
def small(sample_project, tmp_path_factory):
    """A public server with one seat."""
    from tests.live.conftest import start_service

    service = start_service(sample_project, tmp_path_factory.mktemp("small") / "live.log", "--visitors", "1")
    yield service
    service.process.terminate()
    service.process.wait(30)


def test_s21_past_capacity_a_reader_gets_a_page_to_read(small):
    """200, a sentence, no error, no kernel; when the seat is free again the page lives."""
    kernel, _page = small.open_dashboard()
    answer = small.ask(f"{small.prefix}{PAGE}")
    assert answer.status == 200
    assert "version à lire" in answer.text
    assert small.kernels == 1
    small.leave(kernel)
    again, _page = small.open_dashboard()
    small.leave(again)


def test_s20_too_many_pages_a_minute_are_refused_with_a_time(small):
    """429 with Retry-After for one address; another one is served."""
    robot = {"User-Agent": "Googlebot/2.1"}
    answers = [small.ask(f"{small.prefix}{PAGE}", headers=SOMEBODY | robot) for _ in range(100)]
    refused = [answer for answer in answers if answer.status == 429]
    assert {answer.status for answer in answers} == {200, 429}
    assert all(int(answer.headers["Retry-After"]) > 0 for answer in refused)
    assert small.ask(f"{small.prefix}{PAGE}", headers={"X-Forwarded-For": "203.0.113.8"} | robot).status == 200


@pytest.mark.parametrize("path", ["status", "metrics"])
def test_s13_the_operators_pages_are_for_this_machine_only(small, path):
    """What came through a proxy finds nothing there."""
    assert small.ask(f"{small.prefix}{path}").status == 200
    assert small.ask(f"{small.prefix}{path}", headers=SOMEBODY).status == 404
    assert small.ask(f"{small.prefix}{path}", headers={"X-Forwarded-For": "127.0.0.1"}).status == 404


def test_the_operator_sees_what_happens(small):
    """Pages by kind, refusals, kernels' ends and live pages are counted."""
    kernel, _page = small.open_dashboard()
    text = small.ask(f"{small.prefix}metrics").text
    numbers = dict(re.findall(r"^(atelier_\w+(?:\{[^}]*\})?) ([0-9.e+]+)$", text, re.MULTILINE))
    assert float(numbers["atelier_visitors_live"]) == 1
    assert float(numbers["atelier_visitors_most"]) == 1
    assert float(numbers['atelier_pages_total{kind="still-robot"}']) > 0
    assert float(numbers['atelier_pages_total{kind="refused"}']) > 0
    assert float(numbers['atelier_kernel_ends_total{reason="left"}']) > 0
    assert float(numbers["atelier_kernel_own_bytes"]) > 1 << 20
    small.leave(kernel)
    assert "1 / 1" not in small.ask(f"{small.prefix}status").text


def test_it_is_ready_once_its_notebooks_have_run(small):
    """Readers may come when each notebook has a parent, or a reason to do without."""
    from tests.live.conftest import wait_until

    wait_until(lambda: small.ask(f"{small.prefix}ready").status == 200, 60)
