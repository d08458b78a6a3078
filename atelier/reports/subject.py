"""One indicator, or one dataset, in depth: what the reports that are not about a place ask."""

from collections import Counter
from dataclasses import dataclass

from atelier.declarations import Dataset
from atelier.errors import QuestionError, UnknownNameError
from atelier.indicators import Card, Dimension, StatTable
from atelier.language import Language
from atelier.workbench import Workbench


@dataclass(frozen=True)
class Subject:
    """An indicator asked in depth, up to a year.

    Attributes:
        workbench: The theme it is asked of.
        indicator: The indicator.
        asked: Year asked.
        years: Years with a value for the whole, up to the one asked; empty when the whole has none.
    """

    workbench: Workbench
    indicator: str
    asked: int
    years: tuple[int, ...]

    @property
    def card(self) -> Card:
        """The indicator in words."""
        return self.workbench.engine.card(self.indicator)

    @property
    def language(self) -> Language:
        """Language of its tables and words."""
        return self.workbench.language

    @property
    def dataset(self) -> str:
        """Identifier of its dataset."""
        return self.workbench.theme.require_indicator(self.indicator).dataset

    @property
    def dimensions(self) -> dict[str, Dimension]:
        """The dimensions it may be asked for."""
        return self.workbench.dimensions(self.indicator)

    @property
    def year(self) -> int:
        """The year it is told at: the last with a value, up to the one asked."""
        return self.years[-1] if self.years else self.asked

    def over_time(self) -> StatTable | None:
        """Return the indicator for the whole, year by year; None when it cannot be asked so."""
        return self._ask("year", years=self.years)

    def across(self, dimension: str) -> StatTable | None:
        """Return the indicator for each code of a dimension at the year told; None when it cannot be asked so."""
        return self._ask(dimension, years=(self.year,)) if dimension in self.dimensions else None

    def _ask(self, dimension: str, years: tuple[int, ...]) -> StatTable | None:
        parts = self.workbench.theme.require_indicator(self.indicator).share_of
        by = dict.fromkeys((*parts, dimension))
        try:
            return self.workbench.indicator(self.indicator).by(*by).where(year=list(years)).table()
        except (QuestionError, UnknownNameError):
            return None


def open_indicator(workbench: Workbench, indicator: str, *, year: int) -> Subject:
    """Return an indicator to be told in depth.

    Args:
        workbench: A theme, opened.
        indicator: The indicator.
        year: Year asked; the last year with figures before it where it has none.

    Raises:
        UnknownNameError: No such indicator.
    """
    parts = workbench.theme.require_indicator(indicator).share_of
    try:
        cells = workbench.indicator(indicator).by("year", *parts).table().cells
    except (QuestionError, UnknownNameError):
        return Subject(workbench, indicator, year, ())
    known = {int(one) for one in cells.loc[cells["value"].notna(), "year"]}
    return Subject(workbench, indicator, year, tuple(sorted(one for one in known if one <= year)))


def subjects_of(workbench: Workbench, dataset: str, year: int) -> list[Subject]:
    """Return the indicators of a dataset that have a value for the whole in some year up to the one asked.

    Those that the cards of others refer to the most come first.
    """
    known = workbench.theme.indicators
    mentions = Counter(name for one in known.values() for name in one.related)
    names = [name for name in known if known[name].dataset == dataset and not known[name].share_of]
    names.sort(key=lambda name: (-mentions[name], name))
    subjects = [open_indicator(workbench, name, year=year) for name in names]
    return [one for one in subjects if one.years]


def main_indicators(workbench: Workbench, year: int) -> list[str]:
    """Return the main indicator of each dataset that has one."""
    found = [subjects_of(workbench, dataset, year) for dataset in workbench.theme.datasets]
    return [subjects[0].indicator for subjects in found if subjects]


def declared(workbench: Workbench, dataset: str) -> Dataset:
    """Return the declaration of a dataset; UnknownNameError names those there are."""
    return workbench.theme.require_dataset(dataset)
