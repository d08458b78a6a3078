"""Code lists: the words behind codes, what each code became, and joins that show what did not match."""

from collections.abc import Mapping
from dataclasses import dataclass

from atelier.datasets.figures import Figures, connect
from atelier.declarations import Member
from atelier.errors import QuestionError
from atelier.language import Text
from atelier.theme import Theme

UNMATCHED = "_U"
"""Code given to figures whose code no reference knows."""

UNMATCHED_LABEL = Text(fr="Non rattaché", en="Not matched")


@dataclass(frozen=True)
class CodeList:
    """A reference in memory.

    Attributes:
        name: Identifier of the reference.
        members: Label by code, sorted by label, codes replaced by another included.
        successors: The code that replaced a code, for those that were replaced.
        attributes: Other columns, by code then column.
    """

    name: str
    members: Mapping[str, Member]
    successors: Mapping[str, str]
    attributes: Mapping[str, Mapping[str, object]]

    def today(self, code: str) -> str:
        """Return the code that carries ``code`` today, itself while it lives.

        Raises:
            QuestionError: Successors turn in a circle.
        """
        seen = [code]
        while seen[-1] in self.successors:
            following = self.successors[seen[-1]]
            if following in seen:
                raise QuestionError(f"reference {self.name!r}: successors of {code!r} turn in a circle: mend them.")
            seen.append(following)
        return seen[-1]

    def kin(self) -> list[tuple[str, str]]:
        """Return the pairs of codes of which one replaced the other, directly or through others, in both orders."""
        pairs = []
        for code in self.members:
            heir = code
            while heir in self.successors:
                heir = self.successors[heir]
                pairs += [(code, heir), (heir, code)]
        return pairs

    def predecessors(self, code: str) -> list[str]:
        """Return the codes that ``code`` replaced, in the order of their labels."""
        return [other for other in self.members if other != code and self.today(other) == code]


def load_reference(theme: Theme, figures: Figures, name: str) -> CodeList:
    """Return a reference as its compiled table holds it.

    Raises:
        UnknownNameError: No such reference.
        DataError: It was never built.
    """
    declared = theme.require_reference(name)
    path = figures.require_path(f"references/{name}")
    with connect() as connection:
        result = connection.execute(f"SELECT * FROM '{path}' ORDER BY {declared.label} COLLATE NOCASE.NOACCENT")
        columns = [column[0] for column in result.description or ()]
        rows = [dict(zip(columns, row, strict=True)) for row in result.fetchall()]
    members, successors, attributes = {}, {}, {}
    for row in rows:
        code = row[declared.code]
        english = row[declared.label_en] if declared.label_en else row[declared.label]
        members[code] = Member(code=code, label=Text(fr=row[declared.label], en=english))
        attributes[code] = row
        if declared.successor and row[declared.successor]:
            successors[code] = row[declared.successor]
    return CodeList(name, members, successors, attributes)
