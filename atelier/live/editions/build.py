"""Makes the static editions that are not up to date: one studio for each dashboard, a few views at a time.

A view is drawn in a fork of its studio, so that none depends on those drawn before; it is put in its page, and its
pictures are made, in a thread of this process. Each is published by itself: stop at any moment, and run again.
"""

import asyncio
import os
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from atelier.editions.dependencies import Dependencies
from atelier.editions.shelf import Codes, Shelf
from atelier.editions.store import Record, Version, only_one
from atelier.errors import AtelierError, ServiceError
from atelier.figures.png import render_png
from atelier.live.confine import Limits
from atelier.live.editions.page import PUBLIC, Page, Printer
from atelier.live.editions.plan import MEDIUM, Request, View, other_views, own_views
from atelier.live.environment import build_environment
from atelier.live.parentage import Parent
from atelier.notebooks import Dashboard
from atelier.settings import Settings
from atelier.theme import read_theme

STUDIO = "atelier.live.editions.studio"
TRIES = 2


@dataclass(frozen=True)
class Outcome:
    """How making one view went.

    Attributes:
        view: The view.
        is_new: Whether its content differs from the version before.
        error: Why it could not be made; the edition in place is kept.
    """

    view: View
    is_new: bool = True
    error: str = ""


@dataclass
class Production:
    """What a production does, as it goes.

    Attributes:
        views: Every view asked for, as far as it is known.
        outcomes: Those made or tried.
        withdrawn: Names of editions taken away, because their view is no longer one.
        seconds: How long it took.
    """

    views: list[View] = field(default_factory=list)
    outcomes: list[Outcome] = field(default_factory=list)
    withdrawn: list[str] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def stale(self) -> int:
        """How many views are to be made, as far as it is known."""
        return sum(bool(view.reasons) for view in self.views)

    @property
    def failed(self) -> list[Outcome]:
        """The views that could not be made."""
        return [one for one in self.outcomes if one.error]


Tell = Callable[[Production, Outcome | None], None]


def survey(settings: Settings, dashboards: Sequence[Dashboard], request: Request) -> Production:
    """Return what would be made; the views of a dashboard whose own one is not up to date are known once that is.

    Raises:
        UnknownNameError: A code is asked that has no view.
    """
    production = Production()
    for dashboard in dashboards:
        shelf, dependencies = Shelf(settings, dashboard), _dependencies(settings, dashboard)
        own = own_views(shelf, dependencies, request.languages)
        production.views += own
        if not any(view.reasons for view in own):
            codes = shelf.codes(request.languages[0])
            production.views += other_views(shelf, dependencies, request, codes)
    return production


def build(
    settings: Settings,
    dashboards: Sequence[Dashboard],
    request: Request,
    *,
    jobs: int = 2,
    tell: Tell = lambda _production, _outcome: None,
) -> Production:
    """Make the static editions that are not up to date.

    Args:
        settings: Settings in force.
        dashboards: The dashboards.
        request: What is asked.
        jobs: Views drawn at the same time.
        tell: Called when more views are known, and each time one ends.

    Raises:
        StoreError: Another production of one of these dashboards is under way.
        UnknownNameError: A code is asked that has no view.
    """
    production, start = Production(), time.monotonic()
    with ExitStack() as held, ThreadPoolExecutor(jobs, "pages") as pool:
        for dashboard in dashboards:
            held.enter_context(only_one(Shelf(settings, dashboard).folder))
        asyncio.run(_build(settings, dashboards, request, production, _Bench(settings, jobs, pool, tell)))
    production.seconds = time.monotonic() - start
    return production


class _Bench:
    """What the dashboards of a production share."""

    def __init__(self, settings: Settings, jobs: int, pool: ThreadPoolExecutor, tell: Tell) -> None:
        self.pool, self.tell = pool, tell
        self.studios, self.draws = asyncio.Semaphore(jobs), asyncio.Semaphore(jobs)
        self.printer = Printer(settings, datetime.now(UTC).date())
        self.environment = build_environment(settings, os.environ)
        for name in ("HOME", "IPYTHONDIR", "JUPYTER_CONFIG_DIR", "JUPYTER_RUNTIME_DIR"):
            Path(self.environment[name]).mkdir(mode=0o700, parents=True, exist_ok=True)


async def _build(
    settings: Settings, dashboards: Sequence[Dashboard], request: Request, production: Production, bench: _Bench
) -> None:
    works = [_Work(settings, dashboard, request, production, bench) for dashboard in dashboards]
    await asyncio.gather(*(work.run() for work in works))


class _Work:
    """The editions of one dashboard."""

    def __init__(
        self, settings: Settings, dashboard: Dashboard, request: Request, production: Production, bench: _Bench
    ) -> None:
        self.settings, self.dashboard, self.request = settings, dashboard, request
        self.production, self.bench = production, bench
        self.shelf, self.dependencies = Shelf(settings, dashboard), _dependencies(settings, dashboard)
        self.codes: dict[str, Codes] = {language: self.shelf.codes(language) for language in request.languages}

    async def run(self) -> None:
        """Make what is stale."""
        async with self.bench.studios:
            own = own_views(self.shelf, self.dependencies, self.request.languages)
            self._note(own)
            if any(view.reasons for view in own):
                await self._with_studio(lambda studio: self._make_all(studio, own, others=True))
            else:
                others = self._others(own)
                if any(view.reasons for view in others):
                    await self._with_studio(lambda studio: self._make_all(studio, others))

    def _others(self, own: Sequence[View]) -> list[View]:
        """Return the other views, now that the notebook has told their codes; take away those that are no longer."""
        languages = [view.language for view in own]
        others = other_views(self.shelf, self.dependencies, self.request, self.codes[languages[0]])
        self._note(others)
        if self.request.is_whole:
            kept = {view.key for view in (*own, *others)}
            self.production.withdrawn += self.shelf.withdraw(kept)
        return others

    def _note(self, views: Sequence[View]) -> None:
        self.production.views += views
        self.bench.tell(self.production, None)

    async def _with_studio(self, act: Callable[[Parent], Any]) -> None:
        environment = {
            **self.bench.environment,
            "QUERY_STRING": "",
            "SCRIPT_NAME": f"{PUBLIC}{self.dashboard.address}",
        }
        studio = Parent(self.dashboard.path, lambda command: command, environment, Limits(), module=STUDIO)
        try:
            await studio.ready()
            await act(studio)
            await asyncio.get_running_loop().run_in_executor(self.bench.pool, self.shelf.sweep)
        except ServiceError as error:
            views = own_views(self.shelf, self.dependencies, self.request.languages)
            for view in views:
                self._end(Outcome(view, error=str(error)))
        finally:
            studio.kill()

    async def _make_all(self, studio: Parent, views: Sequence[View], *, others: bool = False) -> None:
        if others:
            # Every page lists the codes, in its language: the notebook's own selection tells them first.
            spoken = views if studio.can_restore else views[:1]
            drawn = await self._draw(studio, spoken)
            self.codes |= {view.language: one.get("codes", {}) for view, one in zip(spoken, drawn, strict=True)}
            for view, one in zip(spoken, drawn, strict=True):
                if view.reasons:
                    await self._publish(view, one)
            views = self._others(spoken)
        stale = [view for view in views if view.reasons]
        together = {tuple(view.chosen.items()): [one for one in stale if one.chosen == view.chosen] for view in stale}
        await asyncio.gather(*(self._make(studio, group) for group in together.values()))

    async def _make(self, studio: Parent, views: Sequence[View]) -> None:
        """Make one selection's views, in each language."""
        async with self.bench.draws:
            for tries_left in reversed(range(TRIES)):
                try:
                    drawn = await self._draw(studio, views)
                except ServiceError as error:
                    if not tries_left:
                        for view in views:
                            self._end(Outcome(view, error=str(error)))
                else:
                    for view, one in zip(views, drawn, strict=True):
                        await self._publish(view, one)
                    return

    async def _draw(self, studio: Parent, views: Sequence[View]) -> list[Mapping[str, Any]]:
        """Return what views look like, drawn in one fork: the languages of a selection share its answers."""
        child = await studio.fork("drawing", "", {}, "\n".join(view.query for view in views))
        os.close(child.handle)
        drawn: Mapping[str, Any] = child.drawn
        return [{"cells": studio.cells, **drawn[view.query]} for view in views]

    async def _publish(self, view: View, drawn: Mapping[str, Any]) -> None:
        loop = asyncio.get_running_loop()
        try:
            is_new = await loop.run_in_executor(self.bench.pool, partial(self._publish_now, view, drawn))
        except AtelierError as error:
            self._end(Outcome(view, error=str(error)))
        else:
            self._end(Outcome(view, is_new))

    def _publish_now(self, view: View, drawn: Mapping[str, Any]) -> bool:
        start, codes = time.perf_counter(), self.codes[view.language]
        page = self.bench.printer.print(view, drawn["cells"], drawn["drawn"], drawn.get("selection", ""), codes)
        self._put_files(page)
        inputs = self.dependencies.of(self.dashboard, drawn["reads"])
        made = Record({**view.chosen, "lang": view.language}, inputs, {}, {"page": time.perf_counter() - start})
        version = Version("", datetime.now(UTC).isoformat(timespec="seconds"), view.reasons)
        told = {name: codes[name] for name in self.dashboard.editions if name in codes}
        return self.shelf.publish(view.key, page.text, made, version, None if view.chosen else told)

    def _put_files(self, page: Page) -> None:
        for (digest, name), content in page.files.items():
            self.shelf.put(digest, name, content)
        for (digest, name), drawing in page.drawings.items():
            if not self.shelf.has(digest, name):
                self.shelf.put(digest, name, render_png(drawing, self.settings.home))

    def _end(self, outcome: Outcome) -> None:
        self.production.outcomes.append(outcome)
        self.bench.tell(self.production, outcome)


def _dependencies(settings: Settings, dashboard: Dashboard) -> Dependencies:
    return Dependencies(settings, read_theme(settings, dashboard.theme), MEDIUM)
