"""An engine kept warm for many reports: it remembers its answers and tells what each report read.

What is recorded are names: ``indicators/students``, ``datasets/enrolment``, ``references/regions``, and
``indicators/*`` for the list itself, so that a report that picks what exists is made again when something new exists.
"""

import copy
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from atelier.errors import AtelierError
from atelier.indicators import Backend, Card, Dimension, Engine, StatTable, open_backend
from atelier.language import LANGUAGES, Language
from atelier.narrative import build_narrative
from atelier.settings import Settings
from atelier.theme import Theme
from atelier.workbench import Workbench, keep_open, open_theme

T = TypeVar("T")
Reads = set[str]


class Recorded(Mapping[str, T]):
    """A mapping that notes which of its entries are read."""

    def __init__(self, kind: str, known: Mapping[str, T], reads: Reads) -> None:
        self._kind, self._known, self._reads = kind, known, reads

    def __getitem__(self, name: str) -> T:
        """Return an entry, noted; one that is missing depends on the whole list."""
        self._reads.add(f"{self._kind}/{name if name in self._known else '*'}")
        return self._known[name]

    def __iter__(self) -> Iterator[str]:
        """Iterate over the names: the list is noted."""
        self._reads.add(f"{self._kind}/*")
        return iter(self._known)

    def __len__(self) -> int:
        """Return the number of entries: the list is noted."""
        self._reads.add(f"{self._kind}/*")
        return len(self._known)


class WarmEngine(Engine):
    """An engine that answers the same question once, and notes what it read.

    Attributes:
        reads: Names read since it was last cleared.
        asked: Questions asked since it was last cleared, as text.
    """

    def __init__(self, theme: Theme, backend: Backend | None = None, *, store: Path | None = None) -> None:
        super().__init__(theme, backend, store=store)
        self.reads: Reads = set()
        self.asked: set[str] = set()
        self._answers: dict[str, StatTable] = {}

    def answer(
        self,
        name: str,
        by: Iterable[str],
        where: Mapping[str, object],
        *,
        as_it_was: bool = False,
        language: Language = "fr",
    ) -> StatTable:
        """Return the stat table of a question; see ``Engine.answer``."""
        by = tuple(by)
        if name in self.theme.indicators:
            self._note_indicator(name)
        question = json.dumps([name, by, sorted(where.items()), as_it_was], default=list)
        if question not in self._answers:
            self._answers[question] = super().answer(name, by, where, as_it_was=as_it_was)
        self.asked.add(question)
        known = self._answers[question]
        return replace(known, language=language, cells=known.cells.copy())

    def load(self) -> None:
        """Read every dataset, and which codes it holds, so that forks find them in memory."""
        for name in self.theme.datasets:
            self.dimensions(name)
            self._figures(name)

    def answer_again(self, questions: Iterable[str]) -> None:
        """Answer questions that were noted in ``asked``, so that forks find them answered."""
        for question in questions:
            if question not in self._answers:
                name, by, where, as_it_was = json.loads(question)
                self.answer(name, by, dict(where), as_it_was=as_it_was)

    def dimensions(self, dataset: str, *, as_it_was: bool = False) -> dict[str, Dimension]:
        """Return a dataset's dimensions; see ``Engine.dimensions``."""
        self._note_dataset(dataset)
        return super().dimensions(dataset, as_it_was=as_it_was)

    def card(self, name: str) -> Card:
        """Return an indicator in words; see ``Engine.card``."""
        if name in self.theme.indicators:
            self._note_indicator(name)
        return super().card(name)

    def _note_indicator(self, name: str) -> None:
        indicator = self.theme.indicators[name]
        self.reads.add(f"indicators/{name}")
        for dataset in (indicator.dataset, indicator.denominator_dataset):
            if dataset:
                self._note_dataset(dataset)

    def _note_dataset(self, name: str) -> None:
        if name in self.theme.datasets and f"datasets/{name}" not in self.reads:
            self.reads.add(f"datasets/{name}")
            for field in self.theme.datasets[name].fields:
                self._note_reference(field.reference)

    def _note_reference(self, name: str | None) -> None:
        if name and f"references/{name}" not in self.reads:
            self.reads.add(f"references/{name}")
            declared = self.theme.references[name]
            pointed = [one.reference for one in declared.fields] + [one.reference for one in declared.dimensions]
            for reference in pointed:
                self._note_reference(reference)


def warm_up(settings: Settings, theme: str, draw: Callable[[StatTable], object] = build_narrative) -> WarmEngine:
    """Open a theme for the notebooks of this process and its forks, with all that they share already in memory.

    Args:
        settings: The project.
        theme: Identifier of the theme.
        draw: What forks will do with tables: it is done once, for what its first time loads.
    """
    opened = open_theme(theme, **{name: str(value) for name, value in vars(settings).items() if name != "theme"})
    plain = opened.theme
    engine = WarmEngine(plain, open_backend(settings, may_fork=True), store=opened.engine.store)
    recorded: dict[str, Any] = {
        kind: Recorded(kind, getattr(plain, kind), engine.reads)
        for kind in ("datasets", "references", "indicators", "glossary")
    }
    workbench = copy.copy(opened)
    workbench.theme, workbench.engine = replace(plain, **recorded), engine
    workbench.territories = Recorded("territories", workbench.territories, engine.reads)
    engine.load()
    _rehearse(workbench, draw)
    engine.reads.clear()
    engine.asked.clear()
    keep_open(workbench)
    return engine


def _rehearse(workbench: Workbench, draw: Callable[[StatTable], object]) -> None:
    """Answer one question and draw it in each language: what the first run of all loads, forks find loaded."""
    for language in LANGUAGES:
        for name in workbench.theme.indicators:
            question = workbench.indicator(name).in_language(language).by("year")
            with suppress(AtelierError):
                draw(question.table())
                break
