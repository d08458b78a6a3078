"""What a visitor of a dashboard gets: a page that lives, or a page to read."""

import asyncio
import logging
import os
import uuid
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from html import escape
from time import perf_counter
from typing import TYPE_CHECKING, Any

from atelier.errors import ServiceError
from atelier.language import LANGUAGES
from atelier.live.kernels import PublicKernelManager
from atelier.live.parentage import Parent
from atelier.live.parents import Parents
from atelier.live.pool import Heated, Pool
from atelier.live.rendering import (
    HEAD_ENDS,
    SCRIPTS_START,
    ExecutedRenderer,
    Packed,
    RenderedPages,
    RunningRenderer,
    fill,
    kernel_environment,
    page_values,
)
from atelier.live.visitors import NoSeatError, Seats
from atelier.live.watch import Watch
from atelier.notebooks import Dashboard

if TYPE_CHECKING:
    from pathlib import Path

LOG = logging.getLogger("atelier.live")
_DRAWING_AT_ONCE = 1
_DRAWING_SECONDS = 5


class _NotShownError(ServiceError):
    """Neither a fork nor a kernel that waited shows the selection; one of its own may."""


@dataclass(frozen=True)
class _Visit:
    kernel: str
    query: str
    language: str
    values: Mapping[str, str]
    environment: Mapping[str, str]


class Pages:
    """The pages of all dashboards.

    Args:
        kernels: Where kernels live.
        parents: Where they are forked.
        pool: Where those wait that cannot be forked.
        seats: How many there may be.
        make_renderer: Makes a renderer of a class, given what is its own.
        around: What a page shows around its notebook, in a language.
        watch: What counts them.
        trouble: What a reader is told, by language, when the machine cannot give a kernel.
    """

    def __init__(
        self,
        kernels: PublicKernelManager,
        parents: Parents,
        pool: Pool,
        seats: Seats,
        make_renderer: Callable[..., Any],
        *,
        around: Callable[[Dashboard, str], Mapping[str, Any]],
        watch: Watch,
        trouble: Mapping[str, str],
    ) -> None:
        self.kernels, self.parents, self.pool, self.seats, self.watch = kernels, parents, pool, seats, watch
        self.make_renderer, self.around, self.trouble = make_renderer, around, trouble
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
        heated = self.pool.first(dashboard.path, query)
        kernel = heated.kernel if heated is not None else str(uuid.uuid4())
        if self.parents.gate.is_rushed or not self.seats.take(kernel, address):
            raise NoSeatError("every seat is taken.")
        if heated is not None:
            self.pool.hand_over(dashboard.path, heated)
        self.pool.make_room()
        LOG.info("page %s is %s, kernel %s", incident, dashboard.address, kernel)
        values = page_values(query, language, incident) | {"kernel": kernel}
        visit = _Visit(kernel, query, language, values, kernel_environment(os.environ, query, path))
        began = perf_counter()
        try:
            is_begun = False
            if (pieces := await self._prepared(dashboard, heated, visit)) is not None:
                try:
                    async for piece in pieces:
                        is_begun = True
                        yield piece
                except _NotShownError as error:
                    LOG.warning("page %s gets a plain kernel: %s", incident, error)
                    if heated is not None:
                        kernel, visit = await self._change_kernel(visit, address)
                else:
                    return
            async for piece in self._run(dashboard, visit, skip_head=is_begun):
                yield piece
            self.watch.sent("plain", perf_counter() - began)
        except BaseException:
            # Nobody will come for the kernel of a page that was not sent whole.
            await self.kernels.end(kernel)
            self.seats.free(kernel)
            raise

    async def _prepared(self, dashboard: Dashboard, heated: Heated | None, visit: _Visit) -> AsyncIterator[str] | None:
        """Return a page whose notebook has run already; None when there is none for this selection."""
        if heated is not None:
            return self._heated(heated, visit)
        parent = await self.parents.find(dashboard.path)
        if parent is not None and (parent.can_restore or not visit.query):
            return self._forked(dashboard, parent, visit)
        return None

    async def _heated(self, heated: Heated, visit: _Visit) -> AsyncIterator[str]:
        began = perf_counter()
        text, own = heated.pages[visit.language]
        head, rest = _split(text, HEAD_ENDS)
        try:
            yield fill(head, visit.values, {})
            asked = await heated.restore(visit.query) if visit.query else {}
        except ServiceError as error:
            raise _NotShownError(str(error)) from error
        finally:
            heated.client.stop_channels()
        yield fill(rest, visit.values, {**own, **asked})
        self.watch.sent("pool", perf_counter() - began)

    async def _change_kernel(self, visit: _Visit, address: str) -> tuple[str, _Visit]:
        """Give a page's seat to a kernel that is still to start."""
        kernel = str(uuid.uuid4())
        self.seats.change(visit.kernel, kernel, address)
        await self.kernels.end(visit.kernel)
        return kernel, replace(visit, kernel=kernel, values={**visit.values, "kernel": kernel})

    async def _forked(self, dashboard: Dashboard, parent: Parent, visit: _Visit) -> AsyncIterator[str]:
        began = perf_counter()
        rendered = self._pages_of(dashboard, parent)
        text, own = await rendered.render(visit.language, True)
        known = rendered.recall(visit.query)
        head, rest = _split(text, HEAD_ENDS)
        yield fill(head, visit.values, {})
        if known is not None:
            # It can be read while the fork gets there; scripts, which cannot wait for it, come after.
            body, rest = _split(rest, SCRIPTS_START)
            yield fill(body, visit.values, {**own, **known})
        try:
            asked = await self._fork(parent, visit)
        except OSError as error:
            LOG.error("page %s is one to read, this machine is in trouble: %s", visit.values["incident"], error)  # noqa: TRY400
            await self._give_up(visit.kernel, "still-trouble")
            yield await self._rest_to_read(rendered, visit, known)
            return
        except ServiceError as error:
            if known is not None:
                raise
            raise _NotShownError(str(error)) from error
        if visit.query:
            rendered.remember(visit.query, asked)
        yield fill(rest, visit.values, {**own, **asked})
        self.watch.sent("fork", perf_counter() - began)

    async def _give_up(self, kernel: str, reason: str) -> None:
        await self.kernels.end(kernel)
        self.seats.free(kernel)
        self.watch.count(reason)

    async def _rest_to_read(self, rendered: RenderedPages, visit: _Visit, known: Mapping[str, str] | None) -> str:
        """Return what follows the head, or the drawn page, when there is no kernel to be had: all of it can be read."""
        notice = f'<p class="notice" role="status">{escape(self.trouble[visit.language])}</p>'
        if known is not None:
            return notice + "</div></main></body></html>"
        text, drawn = await rendered.render(visit.language, False)
        asked = await self._drawn(rendered, visit.query) if visit.query and rendered.parent.can_restore else {}
        return notice + fill(_split(text, HEAD_ENDS)[1], visit.values, {**drawn, **asked})

    async def still(self, dashboard: Dashboard, query: str, language: str, notice: str) -> Packed | None:
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
        if (ready := rendered.packed((language, notice, query))) is not None:
            return ready
        text, drawn = await rendered.render(language, False)
        asked = await self._drawn(rendered, query) if parent.can_restore else {}
        # What is chosen in a list changes nothing here.
        shown = {model: html.replace("<select>", "<select disabled>") for model, html in {**drawn, **asked}.items()}
        if not shown:
            return None
        page = Packed.of(fill(text, page_values(query, language, "") | {"notice": notice}, shown))
        if asked or not query or not parent.can_restore:
            rendered.keep((language, notice, query), page)
        return page

    async def prepare(self, dashboard: Dashboard) -> None:
        """Render the pages of a new parent, so that its first readers do not wait for it."""
        parent = self.parents.in_force.get(dashboard.path)
        if parent is not None:
            for language in LANGUAGES:
                for is_live in (True, False):
                    await self._pages_of(dashboard, parent).render(language, is_live)

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
        page |= {"parent": parent.token, "restores": parent.can_restore}
        own = {"dashboard": dashboard, "page": page, "cells": parent.cells}
        renderer: ExecutedRenderer = self.make_renderer(ExecutedRenderer, **own)
        return renderer

    async def _fork(self, parent: Parent, visit: _Visit) -> Mapping[str, str]:
        drawn: dict[str, str] = {}
        await self.kernels.start_kernel(
            kernel_id=visit.kernel,
            kernel_name="python3",
            env=dict(visit.environment),
            parent=parent,
            query=visit.query,
            drawn=drawn,
        )
        return drawn

    async def _run(self, dashboard: Dashboard, visit: _Visit, *, skip_head: bool) -> AsyncIterator[str]:
        page = {**self.around(dashboard, visit.language), "live": True}
        renderer: RunningRenderer = self.make_renderer(
            RunningRenderer,
            dashboard=dashboard,
            page=page,
            kernels=self.kernels,
            kernel=visit.kernel,
            environment=visit.environment,
            confine=self.parents.confine,
        )
        is_skipping = skip_head
        async for piece in renderer.pieces():
            text = piece
            if is_skipping:
                if HEAD_ENDS not in piece:
                    continue
                text, is_skipping = _split(piece, HEAD_ENDS)[1], False
            yield fill(text, visit.values, renderer.drawn)


def _split(text: str, at: str) -> tuple[str, str]:
    before, mark, after = text.partition(at)
    return before, mark + after
