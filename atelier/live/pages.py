"""What a visitor of a dashboard gets: a page that lives, or a page to read."""

import asyncio
import logging
import os
import uuid
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping
from functools import partial
from time import perf_counter
from typing import TYPE_CHECKING, Any

from atelier.errors import ServiceError
from atelier.live.confine import Limits
from atelier.live.kernels import PublicKernelManager
from atelier.live.parents import Parent, Parents
from atelier.live.rendering import (
    HEAD_ENDS,
    SCRIPTS_START,
    ExecutedRenderer,
    RenderedPages,
    RunningRenderer,
    fill,
    kernel_environment,
    page_values,
)
from atelier.live.visitors import Seats
from atelier.live.watch import Watch
from atelier.notebooks import Dashboard

if TYPE_CHECKING:
    from pathlib import Path

LOG = logging.getLogger("atelier.live")
_DRAWING_AT_ONCE = 1
_DRAWING_SECONDS = 5


class NoSeatError(ServiceError):
    """Every seat is taken."""


class Pages:
    """The pages of all dashboards.

    Args:
        kernels: Where kernels live.
        parents: Where they are forked.
        seats: How many there may be.
        make_renderer: Makes a renderer of a class, given what is its own.
        around: What a page shows around its notebook, in a language.
        watch: What counts them.
    """

    def __init__(
        self,
        kernels: PublicKernelManager,
        parents: Parents,
        seats: Seats,
        make_renderer: Callable[..., Any],
        *,
        around: Callable[[Dashboard, str], Mapping[str, Any]],
        watch: Watch,
    ) -> None:
        self.kernels, self.parents, self.seats, self.watch = kernels, parents, seats, watch
        self.make_renderer, self.around = make_renderer, around
        self._rendered: dict[Path, RenderedPages] = {}
        self._drawing = asyncio.Semaphore(_DRAWING_AT_ONCE)

    async def live(
        self, dashboard: Dashboard, query: str, language: str, *, path: str, address: str, incident: str
    ) -> AsyncGenerator[str]:
        """Yield a page with a kernel of its own.

        Args:
            dashboard: The notebook.
            query: The query of the page's address, as received.
            language: The page's language.
            path: The path of the page.
            address: Where the visitor comes from.
            incident: A number that the log holds too.

        Raises:
            NoSeatError: There are too many visitors; nothing has been yielded.
        """
        kernel = str(uuid.uuid4())
        if not self.seats.take(kernel, address):
            raise NoSeatError("every seat is taken.")
        LOG.info("page %s is %s, kernel %s", incident, dashboard.address, kernel)
        environment = kernel_environment(os.environ, query, path)
        values = page_values(query, language, incident) | {"kernel": kernel}
        began = perf_counter()
        try:
            parent = await self.parents.find(dashboard.path)
            is_begun = False
            if parent is not None and (parent.can_restore or not query):
                rendered = self._pages_of(dashboard, parent)
                text, own = await rendered.render(language, True)
                known = rendered.recall(query)
                head, rest = _split(text, HEAD_ENDS)
                yield fill(head, values, {})
                is_begun = True
                if known is not None:
                    # It can be read while the fork gets there; scripts, which cannot wait for it, come after.
                    body, rest = _split(rest, SCRIPTS_START)
                    yield fill(body, values, {**own, **known})
                try:
                    asked = await self._fork(parent, kernel, environment, query)
                except ServiceError as error:
                    if known is not None:
                        raise
                    LOG.warning("page %s gets a plain kernel: %s", incident, error)
                else:
                    if query:
                        rendered.remember(query, asked)
                    yield fill(rest, values, {**own, **asked})
                    self.watch.sent("fork", perf_counter() - began)
                    return
            async for piece in self._run(dashboard, kernel, environment, language, values, skip_head=is_begun):
                yield piece
            self.watch.sent("plain", perf_counter() - began)
        except BaseException:
            # Nobody will come for the kernel of a page that was not sent whole.
            await self.kernels.end(kernel)
            self.seats.free(kernel)
            raise

    async def still(self, dashboard: Dashboard, query: str, language: str, notice: str) -> str | None:
        """Return a page to read, without a kernel; None while there is no parent to draw it.

        Args:
            dashboard: The notebook.
            query: The query of the page's address, as received.
            language: The page's language.
            notice: Why this is a page to read, for its reader.
        """
        parent = self._drawing_parent(dashboard)
        if parent is None:
            return None
        rendered = self._pages_of(dashboard, parent)
        text, drawn = await rendered.render(language, False)
        asked = await self._drawn(rendered, query) if parent.can_restore else {}
        # What is chosen in a list changes nothing here.
        shown = {model: html.replace("<select>", "<select disabled>") for model, html in {**drawn, **asked}.items()}
        return fill(text, page_values(query, language, "") | {"notice": notice}, shown) if shown else None

    async def drawing(self, dashboard: Dashboard, query: str, language: str) -> str | None:
        """Return what the views of a selection look like, one after the other; None while no parent can draw it.

        Args:
            dashboard: The notebook.
            query: The query of the page's address, as received.
            language: The page's language.
        """
        parent = self._drawing_parent(dashboard)
        if parent is None:
            return None
        rendered = self._pages_of(dashboard, parent)
        _, drawn = await rendered.render(language, False)
        asked = await self._drawn(rendered, query) if parent.can_restore else {}
        return "".join({**drawn, **asked}.values()) if asked or not query else None

    def _drawing_parent(self, dashboard: Dashboard) -> Parent | None:
        parent = self.parents.in_force.get(dashboard.path)
        return parent if parent is not None and parent.is_alive else None

    async def _drawn(self, rendered: RenderedPages, query: str) -> Mapping[str, str]:
        asked = rendered.recall(query) if query else {}
        if asked is None:
            asked = {}
            try:
                async with asyncio.timeout(_DRAWING_SECONDS), self._drawing:
                    asked = await rendered.parent.draw(query)
                rendered.remember(query, asked)
            except (ServiceError, TimeoutError) as error:
                LOG.warning("the selection was not drawn: %r", error)
        return asked

    def _pages_of(self, dashboard: Dashboard, parent: Parent) -> RenderedPages:
        pages = self._rendered.get(dashboard.path)
        if pages is None or pages.parent is not parent:
            make = partial(self._make_executed, dashboard, parent)
            pages = self._rendered[dashboard.path] = RenderedPages(parent, make)
        return pages

    def _make_executed(self, dashboard: Dashboard, parent: Parent, language: str, is_live: bool) -> ExecutedRenderer:
        page = {**self.around(dashboard, language), "live": is_live}
        own = {"dashboard": dashboard, "page": page, "cells": parent.cells}
        renderer: ExecutedRenderer = self.make_renderer(ExecutedRenderer, **own)
        return renderer

    async def _fork(self, parent: Parent, kernel: str, environment: Mapping[str, str], query: str) -> Mapping[str, str]:
        drawn: dict[str, str] = {}
        await self.kernels.start_kernel(
            kernel_id=kernel,
            kernel_name="python3",
            env=dict(environment),
            parent=parent,
            query=query,
            drawn=drawn,
        )
        return drawn

    async def _run(
        self,
        dashboard: Dashboard,
        kernel: str,
        environment: Mapping[str, str],
        language: str,
        values: Mapping[str, str],
        *,
        skip_head: bool,
    ) -> AsyncIterator[str]:
        async def start(name: str, folder: str) -> str:
            identifier: str = await self.kernels.start_kernel(
                kernel_id=kernel,
                kernel_name=name,
                path=folder,
                env=dict(environment),
                confine=self.parents.confine,
                limits=Limits(),
            )
            return identifier

        page = {**self.around(dashboard, language), "live": True}
        renderer: RunningRenderer = self.make_renderer(
            RunningRenderer, dashboard=dashboard, page=page, start=start, kernels=self.kernels
        )
        is_skipping = skip_head
        async for piece in renderer.pieces():
            text = piece
            if is_skipping:
                if HEAD_ENDS not in piece:
                    continue
                text, is_skipping = _split(piece, HEAD_ENDS)[1], False
            yield fill(text, values, renderer.drawn)


def _split(text: str, at: str) -> tuple[str, str]:
    before, mark, after = text.partition(at)
    return before, mark + after
