"""Code lists: the words behind codes, when each was valid, what it became, and joins that show what did not match."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

import pandas as pd

from atelier.datasets.figures import Figures, connect
from atelier.declarations import Member, Reference
from atelier.errors import QuestionError, UnknownNameError
from atelier.language import Language, Text
from atelier.references.search import search_rows
from atelier.theme import Theme

UNMATCHED = "_U"
"""Code given to figures whose code no reference knows."""

UNMATCHED_LABEL = Text(fr="Non rattaché", en="Not matched")

FOUND = 10


@dataclass(frozen=True)
class Succession:
    """A code replaced by another.

    Attributes:
        code: The code replaced.
        successor: The code that replaced it.
        year: First year whose figures are counted under the successor, None when it is not dated.
    """

    code: str
    successor: str
    year: int | None


@dataclass(frozen=True)
class CodeList:
    """A reference in memory.

    Attributes:
        name: Identifier of the reference.
        members: Label by code, sorted by label, codes replaced by another included. Where a code has several versions,
            the words are those of the last one.
        successors: The code that replaced a code, for those that were replaced.
        attributes: Other columns, by code then column.
        same: For a code that is only another number of a member, the member's own code.
        declaration: What the theme says of it.
        version: Its vintage and the first digits of the hash of its compiled table.
        rows: The compiled table, one row per code and version.
        language: Language of ``search`` and ``describe``.
    """

    name: str
    members: Mapping[str, Member]
    successors: Mapping[str, str]
    attributes: Mapping[str, Mapping[str, object]]
    same: Mapping[str, str]
    declaration: Reference = field(repr=False)
    version: str
    rows: tuple[Mapping[str, object], ...] = field(repr=False)
    language: Language = "fr"

    @property
    def frame(self) -> pd.DataFrame:
        """A copy of the compiled table: one row per code and version, columns as declared."""
        return pd.DataFrame(self.rows, columns=[column.name for column in self.declaration.fields]).convert_dtypes()

    def own(self, code: str) -> str:
        """Return the code of the member that ``code`` is a number of: itself, most often."""
        return self._follow(code, self.same)

    def today(self, code: str) -> str:
        """Return the code that carries ``code`` today, itself while it lives.

        Raises:
            QuestionError: Successors turn in a circle.
        """
        return self._follow(code, self._carriers)

    def kin(self) -> list[tuple[str, str]]:
        """Return the pairs of codes of which one replaced the other, directly or through others, in both orders."""
        pairs = []
        for code in self.members:
            heir = code
            while heir in self._carriers:
                heir = self._carriers[heir]
                pairs += [(code, heir), (heir, code)]
        return pairs

    def predecessors(self, code: str) -> list[str]:
        """Return the codes that ``code`` replaced, in the order of their labels; other numbers of it are not."""
        return [
            other for other in self.members if other != code and self.own(other) == other and self.today(other) == code
        ]

    def lineage(self, code: str) -> tuple[Succession, ...]:
        """Return the successions that lead to the code that carries ``code`` today, the oldest first.

        Raises:
            UnknownNameError: No such code.
        """
        today = self.today(self._require(code))
        found = [
            Succession(other, successor, self._year(other, self.declaration.succeeded_in))
            for other, successor in self.successors.items()
            if self.today(other) == today
        ]
        undated = float("inf")
        return tuple(sorted(found, key=lambda one: (one.year or undated, self.members[one.code].label.fr)))

    def members_at(self, year: int) -> dict[str, Member]:
        """Return the codes valid in ``year``, in the order of their labels; other numbers of them are left out.

        A code with no known beginning, or no end, is taken to have always been, or to live still.
        """
        return {
            code: member
            for code, member in self.members.items()
            if code not in self.same and any(self._holds(row, year) for row in self._versions(code))
        }

    def search(self, text: str, limit: int = FOUND) -> pd.DataFrame:
        """Return the codes that a text names, the nearest first.

        Accents and capitals do not matter. It is looked for in codes, labels and the columns the reference declares as
        searched: identifiers, short names, acronyms.

        Args:
            text: An identifier, or words that must all be there.
            limit: Most rows returned.

        Returns:
            Columns ``code``, ``label``, ``today`` (the code that carries it today) and ``found_in`` (a column).
        """
        found = search_rows(self.rows, self.declaration, text, lives=lambda code: self.today(code) == code)
        listed = [
            (code, self.members[code].label[self.language], self.today(code), column) for code, column in found[:limit]
        ]
        return pd.DataFrame(listed, columns=["code", "label", "today", "found_in"])

    def describe(self) -> pd.DataFrame:
        """Return the columns: ``column``, ``title``, ``type``, ``filled`` (rows with a value), ``reference``."""
        columns = self.declaration.fields
        filled = [sum(row[column.name] is not None for row in self.rows) for column in columns]
        listed = [
            (column.name, column.title[self.language], column.type, count, column.reference or "")
            for column, count in zip(columns, filled, strict=True)
        ]
        return pd.DataFrame(listed, columns=["column", "title", "type", "filled", "reference"])

    @cached_property
    def _carriers(self) -> Mapping[str, str]:
        return {**self.successors, **self.same}

    def _follow(self, code: str, links: Mapping[str, str]) -> str:
        seen = [code]
        while seen[-1] in links:
            following = links[seen[-1]]
            if following in seen:
                raise QuestionError(f"reference {self.name!r}: successors of {code!r} turn in a circle: mend them.")
            seen.append(following)
        return seen[-1]

    def _require(self, code: str) -> str:
        if code not in self.members:
            raise UnknownNameError(self.name, code, list(self.members))
        return code

    def _versions(self, code: str) -> list[Mapping[str, object]]:
        return [row for row in self.rows if row[self.declaration.code] == code]

    def _holds(self, row: Mapping[str, object], year: int) -> bool:
        begins, ends = (
            _year_of(row[column]) if column else None
            for column in (self.declaration.valid_from, self.declaration.valid_to)
        )
        return (begins is None or begins <= year) and (ends is None or year <= ends)

    def _year(self, code: str, column: str | None) -> int | None:
        return _year_of(self.attributes[code][column]) if column else None


def load_references(theme: Theme, figures: Figures) -> dict[str, CodeList]:
    """Return every reference of a theme, by name, as compiled tables hold them.

    Raises:
        DataError: One was never built.
    """
    known, found = figures.provenance(), {}
    with connect() as connection:
        for name, declared in theme.references.items():
            path = figures.require_path(f"references/{name}")
            order = [f"{declared.label} COLLATE NOCASE.NOACCENT", declared.code]
            order += [f"{declared.valid_from} NULLS FIRST"] if declared.valid_from else []
            result = connection.execute(f"SELECT * FROM '{path}' ORDER BY {', '.join(order)}")
            columns = [column[0] for column in result.description or ()]
            rows = tuple(dict(zip(columns, row, strict=True)) for row in result.fetchall())
            entry = known.get(f"references/{name}")
            found[name] = _list_codes(name, declared, rows, entry.version if entry else declared.vintage)
    return found


def _list_codes(name: str, declared: Reference, rows: tuple[dict[str, Any], ...], version: str) -> CodeList:
    last = {row[declared.code]: row for row in sorted(rows, key=lambda row: _begins(row, declared))}
    attributes = {row[declared.code]: last[row[declared.code]] for row in rows}
    return CodeList(
        name=name,
        members={code: _member(code, row, declared) for code, row in attributes.items()},
        successors=_links(attributes, declared.successor),
        attributes=attributes,
        same=_links(attributes, declared.same_as),
        declaration=declared,
        version=version,
        rows=rows,
        language="fr",
    )


def _member(code: str, row: Mapping[str, object], declared: Reference) -> Member:
    english = row[declared.label_en or declared.label] or row[declared.label]
    return Member(code=code, label=Text(fr=str(row[declared.label]), en=str(english)))


def _links(attributes: Mapping[str, Mapping[str, object]], column: str | None) -> dict[str, str]:
    return {code: str(row[column]) for code, row in attributes.items() if row[column]} if column else {}


def _begins(row: Mapping[str, object], declared: Reference) -> int:
    return (_year_of(row[declared.valid_from]) if declared.valid_from else None) or 0


def _year_of(value: object) -> int | None:
    """Return the year of a year, a day, or a text that begins with one."""
    if value is None:
        return None
    return value.year if isinstance(value, date) else int(str(value)[:4])
