"""One member of a dimension (an institution, a region) seen against its group and the whole: what a profile asks."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from atelier.declarations import Reference
from atelier.errors import QuestionError, UnknownNameError
from atelier.indicators import Dimension, Engine, StatTable, rank_members, side_by_side
from atelier.language import Language, Text
from atelier.references import CodeList
from atelier.workbench import Workbench

LONGEST_SERIES_LABEL = 40
NEAREST = 11


@dataclass(frozen=True)
class Profile:
    """One member of a dimension, at one year, with its group.

    Attributes:
        workbench: The theme it is asked of.
        indicator: The count that tells which years have figures.
        dimension: Dimension of the member, ``institution``.
        code: The member.
        group_dimension: Dimension of its group, ``institution-type``; empty when it is compared with the whole alone.
        group: Code of its group; empty when there is none.
        asked: Year asked.
        years: Years with figures, up to the one asked.
    """

    workbench: Workbench
    indicator: str
    dimension: str
    code: str
    group_dimension: str
    group: str
    asked: int
    years: tuple[int, ...]

    @property
    def engine(self) -> Engine:
        """What answers its questions."""
        return self.workbench.engine

    @property
    def language(self) -> Language:
        """Language of its tables and words."""
        return self.workbench.language

    @property
    def year(self) -> int:
        """The year the profile is about: the last one with figures, up to the one asked."""
        return self.years[-1]

    @property
    def label(self) -> str:
        """Name of the member."""
        return self._dimension(self.dimension).label(self.code, self.language)

    @property
    def group_label(self) -> str:
        """Name of its group, of the whole when it has none."""
        if not self.group_dimension:
            return self.engine.theme.card.whole[self.language]
        return self._dimension(self.group_dimension).label(self.group, self.language)

    @property
    def series_label(self) -> Text:
        """Name of the member where room is scarce: the word for its kind when its own is long."""
        label = self._dimension(self.dimension).members[self.code].label
        return label if len(label.fr) <= LONGEST_SERIES_LABEL else self._dimension(self.dimension).title

    @property
    def reference(self) -> Reference:
        """Declaration of the code list of the member."""
        return self.engine.theme.references[self.codes.name]

    @property
    def codes(self) -> CodeList:
        """The code list of the member."""
        return _code_list(self.engine, self.indicator, self.dimension)

    def about(self, indicator: str, *by: str, years: Sequence[int] | None = None) -> StatTable:
        """Return an indicator for the member.

        Args:
            indicator: Indicator asked.
            *by: Dimensions to break down by.
            years: Years kept; the profile's year by default, all its years when broken down by year.
        """
        return self._ask(indicator, by, years, {self.dimension: self.code})

    def about_group(self, indicator: str, *by: str, years: Sequence[int] | None = None) -> StatTable:
        """Return an indicator for the group, for the whole when there is none; see ``about``."""
        return self._ask(indicator, by, years, self._group_filter)

    def about_whole(self, indicator: str, *by: str, years: Sequence[int] | None = None) -> StatTable:
        """Return an indicator for the whole territory; see ``about``."""
        return self._ask(indicator, by, years, {})

    def compare(self, indicator: str, *by: str) -> StatTable:
        """Return an indicator for the member, its group and the whole, in one table broken down by ``compared``."""
        whole = self.about_whole(indicator, *by)
        tables = {"member": (self.series_label, self.about(indicator, *by))}
        if self.group_dimension:
            group = self._dimension(self.group_dimension).members[self.group].label
            tables["group"] = (group, self.about_group(indicator, *by))
        tables["whole"] = (whole.whole, whole)
        return _in_order(side_by_side(tables))

    def peers(self, indicator: str) -> StatTable:
        """Return an indicator for every member of the group at the profile's year."""
        return self._ask(indicator, (self.dimension,), None, self._group_filter)

    def members(self, indicator: str, dimension: str) -> StatTable:
        """Return an indicator for every code of another dimension inside the member: the institutions of a region."""
        return self._ask(indicator, (dimension,), None, {self.dimension: self.code})

    @property
    def _group_filter(self) -> dict[str, object]:
        return {self.group_dimension: self.group} if self.group_dimension else {}

    def _ask(
        self, indicator: str, by: Sequence[str], years: Sequence[int] | None, where: dict[str, object]
    ) -> StatTable:
        kept = list(years) if years else list(self.years) if "year" in by else [self.year]
        return self.workbench.indicator(indicator).by(*by).where(**where, year=kept).table()

    def _dimension(self, name: str) -> Dimension:
        dataset = self.engine.theme.require_indicator(self.indicator).dataset
        return self.engine.dimensions(dataset)[name]


def open_profile(workbench: Workbench, indicator: str, *, year: int, group: str = "", **member: str) -> Profile:
    """Return the profile of one member of a dimension.

    ``open_profile(esr, "students", group="institution-type", year=2022, institution="4k25D")``

    Args:
        workbench: A theme, opened.
        indicator: The count that tells which years have figures.
        year: Year asked; the last year with figures before it where it has none.
        group: Dimension of the group it is compared with, an attribute of the member; the whole alone by default.
        **member: The dimension and the code, as one keyword.

    Raises:
        UnknownNameError: A name or code that does not exist.
        QuestionError: The member has no figures in that year or before.
    """
    ((name, code),) = member.items()
    dimension = name.replace("_", "-")
    codes = _code_list(workbench.engine, indicator, dimension)
    present = workbench.engine.dimensions(workbench.theme.require_indicator(indicator).dataset)[dimension].members
    require_today(codes, dimension, code, present)
    table = workbench.indicator(indicator).by("year").where(**member).table()
    known = tuple(int(one) for one in table.cells.loc[table.cells["value"].notna(), "year"])
    years = tuple(one for one in sorted(known) if one <= year)
    if not years:
        span = f"its figures run from {min(known)} to {max(known)}" if known else "it has no figures at all"
        raise QuestionError(f"{dimension} {code!r} has no figures in {year} or before: {span}.")
    attributes = codes.attributes[code]
    if group and group.replace("-", "_") not in attributes:
        raise UnknownNameError(f"attribute of {dimension}", group, sorted(attributes))
    group_code = str(attributes[group.replace("-", "_")]) if group else ""
    return Profile(workbench, indicator, dimension, code, group, group_code, year, years)


def require_today(codes: CodeList, dimension: str, code: str, present: Collection[str]) -> None:
    """Refuse a code that does not exist or has no figures, or that another one carries today.

    Args:
        codes: The code list.
        dimension: Its dimension, for messages.
        code: The code asked.
        present: Codes that have figures today.

    Raises:
        UnknownNameError: No such code with figures; those whose name comes near are listed first.
        QuestionError: It was merged into another; the message names that one.
    """
    today = codes.today(code)
    if today == code and code not in present:
        asked = code.casefold()
        named = [f"{one} ({member.label.fr})" for one, member in codes.members.items() if one in present]
        raise UnknownNameError(dimension, code, sorted(named, key=lambda name: asked not in name.casefold()))
    if today != code:
        before, after = (codes.members[one].label.fr for one in (code, today))
        raise QuestionError(f"{dimension} {code!r} ({before}) is part of {today!r} ({after}) today: ask for {today!r}.")


def nearest(table: StatTable, code: str, count: int = NEAREST) -> StatTable:
    """Return the ``count`` rows closest by rank to the one of ``code``, in a table broken down by one dimension."""
    known = table.cells.dropna(subset=["value"])
    ranked = known.sort_values("value", ascending=False, kind="stable", ignore_index=True)
    column = table.dimensions[0].column
    position = int(ranked.index[ranked[column] == code][0])
    start = max(0, min(position - count // 2, len(ranked) - count))
    return replace(table, cells=ranked.iloc[start : start + count].reset_index(drop=True))


def rank(table: StatTable, code: str) -> tuple[int, int]:
    """Return the rank of ``code`` from the highest value, ties sharing the better rank, and the number of values."""
    ranked = rank_members(table, ties="shared", highest_first=True).set_index(table.dimensions[0].column)
    return int(ranked["rank"][code]), int(ranked["group_size"][code])


def _in_order(table: StatTable) -> StatTable:
    """Return a comparison in the order it was asked: bars as named, series as their dimension lists them.

    A member may lack a code that its group has. What it carries since a merger is told once, on the cover.
    """
    compared, *others = table.dimensions
    cells = table.cells
    for dimension in reversed(others):
        ranks = {code: rank for rank, code in enumerate(dimension.members)}
        cells = cells.sort_values(dimension.column, key=lambda codes: codes.astype(str).map(ranks), kind="stable")
    return replace(
        table,
        dimensions=(replace(compared, kind="ordinal"), *others),
        cells=cells.reset_index(drop=True),
        notes=tuple(note for note in table.notes if note.kind != "perimeter"),
    )


def _code_list(engine: Engine, indicator: str, dimension: str) -> CodeList:
    dataset = engine.theme.datasets[engine.theme.require_indicator(indicator).dataset]
    references = {field.dimension: field.reference for field in dataset.fields if field.reference}
    for reference in tuple(references.values()):
        declared = engine.theme.references[str(reference)].dimensions
        references.update({one.dimension: one.reference for one in declared if one.reference})
    if dimension not in references:
        raise UnknownNameError("dimension with a code list", dimension, sorted(references))
    return engine.references[str(references[dimension])]
