"""The analyst's door: ``open_theme("esr").indicator("women-share").by("year").where(year=2022).table()``."""

import copy
import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Self

import pandas as pd

from atelier.datasets import check_tables
from atelier.errors import DeclarationError, Problem
from atelier.figures import Figure, FigureKind, Territories, build_figure, read_territories
from atelier.indicators import Card, Dimension, Engine, StatTable, open_backend, rank_members
from atelier.indicators.definition import check_indicators
from atelier.language import Language, require_language
from atelier.narrative import Sentence, build_narrative, check_words
from atelier.references import CodeList
from atelier.settings import Settings, load_settings
from atelier.theme import Theme, add_problems, survey_theme


@dataclass(frozen=True)
class Table(StatTable):
    """A stat table that draws and describes itself.

    Attributes:
        territories: Shapes that its maps may use, by dimension.
    """

    territories: Mapping[str, Territories] = field(default_factory=dict, repr=False, compare=False)

    def figure(self, kind: FigureKind | None = None, **options: Any) -> Figure:
        """Return a figure of this table; see ``atelier.figures.build_figure`` for kinds and options."""
        return build_figure(self, kind, **{"territories": self.territories, **options})

    def ranking(self, dimension: str | None = None, **options: Any) -> pd.DataFrame:
        """Return ranks and quartiles among peers; see ``atelier.indicators.rank_members``."""
        return rank_members(self, dimension, **options)

    def narrative(self, **options: Any) -> tuple[Sentence, ...]:
        """Return sentences computed from this table; see ``atelier.narrative.build_narrative``."""
        return build_narrative(self, **options)


@dataclass(frozen=True)
class Question:
    """An indicator being asked; each method returns a new question."""

    engine: Engine = field(repr=False)
    indicator: str
    language: Language
    dimensions: tuple[str, ...] = ()
    filters: tuple[tuple[str, object], ...] = ()
    then: bool = False
    territories: Mapping[str, Territories] = field(default_factory=dict, repr=False, compare=False)

    def by(self, *dimensions: str) -> Self:
        """Return the question broken down by these dimensions too."""
        return replace(self, dimensions=self.dimensions + dimensions)

    def where(self, **codes: object) -> Self:
        """Return the question limited to codes: ``where(year=[2019, 2022], institution_type="university")``.

        ``None`` and an empty code keep everything, so that a control left empty needs no special case.
        """
        kept = {name.replace("_", "-"): code for name, code in codes.items() if code not in (None, "", [], ())}
        return replace(self, filters=tuple({**dict(self.filters), **kept}.items()))

    def as_it_was(self) -> Self:
        """Return the question with institutions as they were each year, before mergers."""
        return replace(self, then=True)

    def in_language(self, language: str) -> Self:
        """Return the question in another language."""
        return replace(self, language=require_language(language))

    def table(self) -> Table:
        """Return the answer.

        Raises:
            UnknownNameError: A dimension or code that does not exist; the message names those that do.
            QuestionError: A question that the data cannot answer.
        """
        answer = self.engine.answer(
            self.indicator, self.dimensions, dict(self.filters), as_it_was=self.then, language=self.language
        )
        return Table(**vars(answer), territories=self.territories)


class Workbench:
    """A theme opened for analysis.

    Attributes:
        theme: Its declarations.
        settings: The settings it was opened with.
        language: Language of tables unless a question says otherwise.
    """

    def __init__(self, theme: Theme, settings: Settings, language: Language) -> None:
        self.theme, self.settings, self.language = theme, settings, language
        self.engine = Engine(theme, open_backend(settings), store=settings.state / "disclosure")

    @cached_property
    def territories(self) -> Mapping[str, Territories]:
        """Where the codes of each geographic dimension lie: outlines, tiles, points."""
        folder = self.theme.folder / "figures"
        if not (folder / "territories.json").is_file():
            return {}
        document = json.loads((folder / "territories.json").read_text("utf-8"))
        tiles = self.theme.folder / "tiles.toml"
        grids = tomllib.loads(tiles.read_text("utf-8")) if tiles.is_file() else {}
        located = {name: self._located(declared) for name, declared in document.get("places", {}).items()}
        return read_territories(document, grids, located)

    def _located(self, declared: Mapping[str, str]) -> dict[str, tuple[float, float]]:
        """Return the latitude and longitude of each code of a reference, in degrees, where they are known."""
        rows = self.engine.references[declared["reference"]].attributes
        places = {code: (row[declared["latitude"]], row[declared["longitude"]]) for code, row in rows.items()}
        return {code: (y, x) for code, (y, x) in places.items() if isinstance(y, float) and isinstance(x, float)}

    def indicator(self, name: str) -> Question:
        """Return a question on an indicator.

        Raises:
            UnknownNameError: No such indicator; the message names those that exist.
        """
        self.theme.require_indicator(name)
        return Question(self.engine, name, self.language, territories=self.territories)

    def reference(self, name: str) -> CodeList:
        """Return a code list: its table, what each code became, search.

        Raises:
            UnknownNameError: No such reference; the message names those that exist.
            DataError: It was never built.
        """
        self.theme.require_reference(name)
        return replace(self.engine.references[name], language=self.language)

    @property
    def indicators(self) -> dict[str, Card]:
        """The cards of all indicators, by identifier."""
        return {name: self.engine.card(name) for name in self.theme.indicators}

    def card(self, indicator: str) -> Card:
        """Return one indicator in words.

        Raises:
            UnknownNameError: No such indicator; the message names those that exist.
        """
        return self.engine.card(indicator)

    def dimensions(self, indicator: str) -> dict[str, Dimension]:
        """Return the dimensions an indicator may be asked for, with their codes."""
        declared = self.theme.require_indicator(indicator)
        known = self.engine.dimensions(declared.dataset)
        return {name: known[name] for name in declared.dimensions or known}

    def in_language(self, language: str) -> Self:
        """Return the same theme, whose tables are in another language."""
        other = copy.copy(self)
        other.language = require_language(language)
        return other

    def close(self) -> None:
        """Let the database connection go; the next question opens another."""
        self.engine.close()


_KEPT: dict[Path, Workbench] = {}


def keep_open(workbench: Workbench) -> None:
    """Make later calls of ``open_theme`` in this process and its forks return this workbench.

    A process that runs many notebooks opens a theme once.
    """
    _KEPT[workbench.theme.folder] = workbench


def open_theme(name: str | None = None, *, language: str | None = None, **settings: Any) -> Workbench:
    """Return a theme, read, checked and ready for questions.

    Args:
        name: Folder of the theme; the one set in settings by default.
        language: ``fr`` or ``en``; the one set in settings by default.
        **settings: Settings that win over file and environment.

    Raises:
        UnknownNameError: No such theme or language.
        DeclarationError: The theme's declarations hold mistakes; all are listed.
    """
    loaded = load_settings(**settings)
    kept = _KEPT.get(loaded.home / "themes" / (name or loaded.theme))
    if kept is not None:
        return kept.in_language(language or loaded.language)
    theme, problems = check_theme(loaded, name)
    if problems:
        raise DeclarationError(f"theme {theme.id!r}", problems)
    return Workbench(theme, loaded, require_language(language or loaded.language))


def check_theme(settings: Settings, name: str | None = None) -> tuple[Theme, list[Problem]]:
    """Return what can be read of a theme and every mistake in its declarations, queries and formulas.

    Raises:
        UnknownNameError: No such theme.
    """
    theme, problems = survey_theme(settings, name)
    words = [Problem("narrative.toml", key, message) for key, message in check_words(theme.telling)]
    return theme, add_problems(problems, [*check_tables(theme), *check_indicators(theme), *words])
