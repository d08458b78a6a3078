"""Groups among which one member of a dimension may be compared: those like it by type, by region, by size."""

from collections.abc import Mapping, Sequence
from functools import lru_cache

from atelier.declarations import Member
from atelier.errors import UnknownNameError
from atelier.indicators import Dimension
from atelier.language import Text, format_number
from atelier.references import CodeList
from atelier.workbench import Question, Workbench
from atelier_widgets.selection import Selection
from atelier_widgets.words import read_word, word

SIZE, ALL = "size", "all"
SIMILAR = 2.0
"""A member is of similar size from half to twice the size of another."""


class Peers:
    """Groups of peers of the member chosen.

    ``aw.Peers(esr, "institution", ["institution-type", "region"], size="students")`` lets a reader compare an
    institution with those of its type, of its region, or of half to twice its students.

    Args:
        workbench: An opened theme.
        member: Parameter whose code has peers.
        by: Dimensions that the members' code list gives each of them.
        size: Indicator that tells the size of a member; none by default.
        parameter: Parameter that holds the reader's choice of a group.

    Attributes:
        dimension: The groups, as a dashboard's option.

    Raises:
        UnknownNameError: A dimension that the code list does not give.
    """

    def __init__(
        self, workbench: Workbench, member: str, by: Sequence[str], *, size: str = "", parameter: str = "peers"
    ) -> None:
        self.workbench, self.member, self.by, self.size, self.parameter = workbench, member, tuple(by), size, parameter
        self.codes = _code_list(workbench, member)
        known = next(iter(self.codes.attributes.values())).keys()
        for name in by:
            if name.replace("-", "_") not in known:
                raise UnknownNameError(f"attribute of {member}", name, sorted(known))
        self.dimension = Dimension(parameter, read_word("peers"), self._members(), partition=False)
        self._sizes = lru_cache(maxsize=32)(self._read_sizes)

    def split(self, question: Question, selection: Selection) -> Question:
        """Return a question broken down by member, limited to the member chosen and its peers."""
        known = self.workbench.dimensions(question.indicator)
        broken = question if self.member in question.dimensions else question.by(self.member)
        group = str(selection.chosen[self.parameter])
        code = str(selection.chosen[self.member])
        if group in self.by and code:
            kept = self._attribute(code, group)
            if group in known:
                return broken.where(**{group: kept})
            members = [one for one in known[self.member].members if self._attribute(one, group) == kept]
            return broken.where(**{self.member: members})
        if group == SIZE and (similar := self._similar(selection)):
            return broken.where(**{self.member: [one for one in similar if one in known[self.member].members]})
        return broken

    def label(self, selection: Selection) -> str:
        """Return the words for the group chosen: ``Universités``, ``Grand Est``, ``de 25 000 à 100 000 étudiants``."""
        group, code = str(selection.chosen[self.parameter]), str(selection.chosen[self.member])
        if group in self.by and code:
            return self._dimension(group).label(self._attribute(code, group), selection.language)
        if group == SIZE and self._similar(selection):
            size = self._sizes(self._filters(selection))[code]
            low, high = (format_number(size * times, selection.language, 0) for times in (1 / SIMILAR, SIMILAR))
            unit = self.workbench.card(self.size).unit.label[selection.language]
            return word("peers-near", selection.language, low=low, high=high, unit=unit)
        return self.workbench.theme.card.whole[selection.language]

    def describe(self, selection: Selection) -> str:
        """Return the member and its group in words."""
        name = selection.label(self.member)
        return word("peers-among", selection.language, member=name, group=self.label(selection))

    def mixture(self, codes: Sequence[str], language: str) -> dict[str, int]:
        """Return how many of these members the first of the groupings holds in each of its codes, by words."""
        kind = self._dimension(self.by[0])
        found = [kind.label(self._attribute(code, self.by[0]), language) for code in codes]
        return {label: found.count(label) for label in sorted(set(found), key=lambda one: (-found.count(one), one))}

    def _similar(self, selection: Selection) -> list[str]:
        sizes, code = self._sizes(self._filters(selection)), str(selection.chosen[self.member])
        if code not in sizes:
            return []
        return [one for one, size in sizes.items() if sizes[code] / SIMILAR <= size <= SIMILAR * sizes[code]]

    def _filters(self, selection: Selection) -> tuple[tuple[str, object], ...]:
        return tuple((name, selection.chosen[name]) for name in selection.times)

    def _read_sizes(self, filters: tuple[tuple[str, object], ...]) -> dict[str, float]:
        cells = self.workbench.indicator(self.size).by(self.member).where(**dict(filters)).table().cells
        known = cells[cells["value"].notna()]
        return dict(zip(known[self.member.replace("-", "_")], known["value"], strict=True))

    def _attribute(self, code: str, name: str) -> str:
        return str(self.codes.attributes[code][name.replace("-", "_")])

    def _dimension(self, name: str) -> Dimension:
        engine = self.workbench.engine
        for dataset in self.workbench.theme.datasets:
            if name in (known := engine.dimensions(dataset)):
                return known[name]
        raise UnknownNameError("dimension", name, [])

    def _members(self) -> Mapping[str, Member]:
        groups = {}
        for name in self.by:
            title = self._dimension(name).title
            lower = {language: title[language][0].lower() + title[language][1:] for language in ("fr", "en")}
            groups[name] = Text(**{one: read_word("peers-by")[one].format(title=lower[one]) for one in lower})
        if self.size:
            groups[SIZE] = read_word("peers-size")
        groups[ALL] = read_word("peers-all")
        return {code: Member(code=code, label=label) for code, label in groups.items()}


def format_years(years: Sequence[int], language: str) -> str:
    """Return years in words: ``de 2010 à 2018``, ``en 2014``, ``certaines années de 2010 à 2018``."""
    first, last = min(years), max(years)
    key = "years-one" if first == last else "years-all" if len(set(years)) == last - first + 1 else "years-some"
    return word(key, language, first=first, last=last)


def _code_list(workbench: Workbench, member: str) -> CodeList:
    for dataset in workbench.theme.datasets.values():
        for field in dataset.fields:
            if field.dimension == member and field.reference:
                return workbench.reference(field.reference)
    raise UnknownNameError("dimension with a code list", member, sorted(workbench.theme.references))
