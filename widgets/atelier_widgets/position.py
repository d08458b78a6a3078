"""Where the member chosen stands among its peers, and what keeps them from comparing."""

from collections.abc import Iterator

from atelier.indicators import rank_members
from atelier.language import format_list, format_rank
from atelier.workbench import Question, Table
from atelier_widgets.peers import Peers
from atelier_widgets.selection import Selection
from atelier_widgets.view import Asked, View, block, put
from atelier_widgets.words import html, word

FEW = 5
"""Under this many members with a value, a rank says little."""


class Position(View):
    """A table: each question's value for the member chosen, the median of its group, and its rank.

    The median is that of the members' own values: half are above. It is no average, and no value of the group.

    Args:
        peers: The groups.
        *questions: What is asked; each is broken down by member.
    """

    name = "position"

    def __init__(self, peers: Peers, *questions: Asked) -> None:
        self.peers, self.questions = peers, questions
        self.widget = block("atelier-position")
        self.tables: list[Table] = []

    def redraw(self, selection: Selection) -> None:
        """Write the table of another selection."""
        language, code = selection.language, str(selection.chosen[self.peers.member])
        asked = [self.peers.split(question(selection), selection) for question in self.questions]
        self.tables = [table for one in asked if (table := self.dashboard.answer(one)) is not None]
        rows = "".join(row for table in self.tables if (row := _row(table, code)))
        caption = self.peers.describe(selection)
        if selection.times:
            caption = f"{caption}, {selection.label(selection.times[0])}"
        heads = "".join(f'<th scope="col">{html(word(key, language))}</th>' for key in _HEADS)
        shown = (
            f'<div class="atelier-table" tabindex="0" role="group" aria-label="{html(caption)}"><table>'
            f"<caption>{html(caption)}</caption><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table></div>"
            f'<p class="atelier-note">{html(word("position-note", language))}</p>'
        )
        put(self.widget, shown if rows else f'<p class="atelier-none">{html(word("position-none", language))}</p>')


class Cautions(View):
    """What keeps the member chosen and its peers from comparing: said before the figures, or nothing when all is well.

    Few peers, a group that mixes kinds, a member or peers without a value, fragile or foreseen values, and mergers.

    Args:
        peers: The groups.
        *questions: What is compared.
    """

    name = "cautions"

    def __init__(self, peers: Peers, *questions: Asked) -> None:
        self.peers, self.questions = peers, questions
        self.widget = block("atelier-cautions")
        self.told: tuple[str, ...] = ()

    def redraw(self, selection: Selection) -> None:
        """Write the warnings of another selection."""
        self.told = tuple(dict.fromkeys(self._warnings(selection)))
        items = "".join(f"<li>{html(one)}</li>" for one in self.told)
        title = html(word("cautions", selection.language))
        put(self.widget, f'<p class="atelier-cautions-title">{title}</p><ul>{items}</ul>' if items else "")

    def _warnings(self, selection: Selection) -> Iterator[str]:
        language, code = selection.language, str(selection.chosen[self.peers.member])
        member = selection.label(self.peers.member)
        asked = [question(selection) for question in self.questions]
        answers = [self.dashboard.answer(self.peers.split(one, selection)) for one in asked]
        found = [table for table in answers if table is not None]
        members = {str(one) for table in found for one in table.cells[_column(table)]}
        mixture = self.peers.mixture(sorted(members), language)
        if len(members) < FEW:
            yield word("caution-few", language, count=len(members))
        if len(mixture) > 1:
            parts = [word("caution-part", language, count=count, label=label) for label, count in mixture.items()]
            yield word("caution-mixture", language, parts=format_list(parts, language))
        for question, table in zip(asked, answers, strict=True):
            label = self.dashboard.workbench.card(question.indicator).label[language]
            yield from _of_values(table, code, label=label, member=member, language=language)
        yield from self._mergers(asked, code)

    def _mergers(self, asked: list[Question], code: str) -> Iterator[str]:
        for question in asked:
            others = {name: kept for name, kept in question.filters if name != "year"}
            alone = self.dashboard.workbench.indicator(question.indicator).by("year")
            table = self.dashboard.answer(alone.where(**others, **{self.peers.member: code}))
            notes = () if table is None else table.notes
            yield from (note.text[table.language] for note in notes if table and note.kind == "perimeter")


_HEADS = ("position-measure", "position-value", "position-median", "position-rank")


def _column(table: Table) -> str:
    return next(one.column for one in table.dimensions if one.kind != "time")


def _row(table: Table, code: str) -> str:
    ranked = rank_members(table, ties="shared", highest_first=True)
    own = ranked[ranked[_column(table)] == code]
    if own.empty:
        return ""
    cells, language = table.cells.set_index(_column(table)), table.language
    unit = table.card.unit
    measure = table.card.short[language] + (f" ({unit.label[language]})" if unit.kind != "share" else "")
    value = table.format(own["value"].iloc[0], str(cells["status"][code]))
    median = table.format(float(ranked["value"].median()))
    rank, size = int(own["rank"].iloc[0]), int(own["group_size"].iloc[0])
    place = word("rank", language, rank=format_rank(rank, language), size=size)
    return (
        f'<tr><th scope="row">{html(measure)}</th><td>{html(value)}</td>'
        f"<td>{html(median)}</td><td>{html(place)}</td></tr>"
    )


def _of_values(table: Table | None, code: str, *, label: str, member: str, language: str) -> Iterator[str]:
    cells = None if table is None else table.cells.set_index(_column(table))
    if table is None or cells is None or code not in cells.index or cells["value"].isna()[code]:
        yield word("caution-no-value", language, label=label, member=member)
        return
    status = str(cells["status"][code])
    if status in ("U", "F", "P"):
        yield word("caution-status", language, label=label, member=member, status=table.statuses[status][language])
    missing = int(cells["value"].isna().sum())
    if missing:
        key = "caution-missing" if missing > 1 else "caution-missing-one"
        yield word(key, language, label=label, count=missing, size=len(cells))
