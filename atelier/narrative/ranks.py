"""Where a table's place stands among its peers."""

from collections.abc import Iterator
from dataclasses import replace

from atelier.errors import QuestionError
from atelier.figures.phrases import year_of
from atelier.indicators.disclosure import SMALL
from atelier.indicators.ranking import rank_members
from atelier.indicators.table import Dimension, StatTable
from atelier.language import format_rank
from atelier.narrative.naming import name_measure, name_place
from atelier.narrative.series import FORECAST
from atelier.narrative.wording import Sentence, build_sentence, say

MIDDLE = 0.1
"""A rank this near the middle of the list, as a part of it, is told as such."""


def tell_rank(table: StatTable, peers: StatTable) -> Iterator[Sentence]:
    """Yield the rank of a table's place among its peers, by value.

    It counts from the highest in the upper half, from the lowest in the other. Nothing is told of a place that has no
    value of its own or rests on small numbers, nor among too few peers.

    Args:
        table: The table told, kept to one code of the dimension that ``peers`` is broken down by.
        peers: The same indicator, for the peers and the place, in one year.

    Raises:
        QuestionError: ``peers`` is about another indicator, is not broken down by one dimension, or has several years.
    """
    dimension = _require_peers(table, peers)
    codes = table.filters.get(dimension.id, ())
    if len(codes) != 1:
        return
    peers = peers.in_language(table.language)
    observed = peers.cells[~peers.cells["status"].isin([FORECAST, SMALL])]
    ranked = rank_members(replace(peers, cells=observed), dimension.id, ties="shared", highest_first=True)
    own = ranked[ranked[dimension.column].astype(str) == codes[0]]
    if own.empty or len(ranked) < table.telling.sizes.peers:
        return
    value, count, from_top = float(own["value"].iloc[0]), len(ranked), int(own["rank"].iloc[0])
    from_bottom = int((ranked["value"] < value).sum()) + 1
    half = (len(ranked) + 1) / 2
    is_middle = abs(from_top - half) <= MIDDLE * count
    end, rank = ("highest", from_top) if is_middle or from_top <= from_bottom else ("lowest", from_bottom)
    is_tied = int((ranked["value"] == value).sum()) > 1
    year = year_of(peers)
    text = say(
        f"rank.{'middle' if is_middle else end}",
        table,
        opening=say("time.opening", table, year=year) if year else "",
        lead=name_place(table).lead,
        measure=name_measure(table),
        rank=format_rank(rank, table.language),
        count=count,
        tied=say("rank.tied", table) if is_tied else "",
    )
    yield build_sentence("rank", text, table.language, (rank, count))


def _require_peers(table: StatTable, peers: StatTable) -> Dimension:
    others = [one for one in peers.dimensions if one.kind != "time"]
    if peers.card.id != table.card.id:
        raise QuestionError(f"peers are about {peers.card.id!r}: ask {table.card.id!r} of them.")
    if len(others) != 1 or any(
        one.kind == "time" and peers.cells[one.column].nunique() > 1 for one in peers.dimensions
    ):
        asked = [one.id for one in peers.dimensions]
        raise QuestionError(f"peers by {asked} cannot be ranked: ask by one dimension, in one year.")
    return others[0]
