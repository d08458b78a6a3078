"""A notebook that runs without a browser: what goes into its Output widgets."""

from hypothesis import given
from hypothesis import strategies as st

from atelier.live.parked import share_out


def _message(kind: str, comm: str = "", **state: str) -> dict:
    content = {"comm_id": comm, "data": {"method": "update", "state": state}} if comm else {"text": kind}
    return {"header": {"msg_type": kind}, "content": content}


def test_an_output_widget_takes_what_comes_while_it_listens():
    """What comes before and after stays the cell's; the innermost of two widgets takes."""
    said = [_message("stream") for _ in range(5)]
    first, second = (_message("comm_msg", name, msg_id="cell-1") for name in ("one", "two"))
    last, then = (_message("comm_msg", name, msg_id="") for name in ("two", "one"))
    taken, rest = share_out([said[0], first, said[1], second, said[2], last, said[3], then, said[4]])
    assert taken == {"one": [said[1], said[3]], "two": [said[2]]}
    assert rest == [said[0], said[4]]


@given(st.lists(st.sampled_from(["stream", "display_data", "open", "close"])))
def test_no_output_is_lost_or_doubled(kinds):
    """Whatever the order, each output is taken once or left to the cell once."""
    messages = [
        _message("comm_msg", "one", msg_id="cell-1" if kind == "open" else "")
        if kind in {"open", "close"}
        else _message(kind)
        for kind in kinds
    ]
    taken, rest = share_out(messages)
    assert len(taken.get("one", [])) + len(rest) == sum(kind in {"stream", "display_data"} for kind in kinds)
