"""A dashboard's page: Voilà's renderer, once for all visitors of a parent, or as a notebook runs for one visitor.

Two things stand in a page that no browser has asked the kernel for: what each view looks like (the ``text/html`` its
widget gives beside the view), drawn at once and replaced when the widget arrives; and values of one visitor, put in the
place of marks.
"""

import gzip
import logging
import re
import secrets
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from dataclasses import dataclass
from html import escape
from typing import Any, Self
from urllib.parse import parse_qs, urlencode

import nbformat
from jupyter_core.utils import ensure_async
from traitlets.config import Config
from voila.configuration import VoilaConfiguration
from voila.notebook_renderer import NotebookRenderer

from atelier.live.confine import Limits
from atelier.live.kernels import PublicKernelManager
from atelier.live.parentage import Parent
from atelier.notebooks import Dashboard

VIEW = "application/vnd.jupyter.widget-view+json"
HEAD_ENDS = "<main"
SCRIPTS_START = '<script src="'
_NONCE = secrets.token_hex(8)
_MARK = re.compile(rf"@{_NONCE}:([a-z_]+):([0-9a-f]*)@")
_DRAWINGS_KEPT = 64


def mark(name: str, model: str = "") -> str:
    """Return what stands in a page for a value of one visitor, or for what a view looks like."""
    return f"@{_NONCE}:{name}:{model}@"


def fill(text: str, values: Mapping[str, str], drawn: Mapping[str, str]) -> str:
    """Return a page with its marks replaced.

    Args:
        text: The page.
        values: Value of each mark, as text: it is escaped here.
        drawn: HTML of each view, by model.
    """

    def replace(found: re.Match[str]) -> str:
        name, model = found.groups()
        if name != "drawn":
            return escape(values.get(name, ""))
        return f'<div class="drawn">{drawn[model]}</div>' if model in drawn else ""

    return _MARK.sub(replace, text)


def page_values(query: str, language: str, incident: str) -> dict[str, str]:
    """Return the values of one visitor: links that carry the selection, and the number to report.

    Args:
        query: The query of the page's address, as received.
        language: The page's language.
        incident: A number that the log holds too.
    """
    chosen = {key: value for key, value in parse_qs(query).items() if key != "lang"}
    other = chosen if language == "en" else {"lang": ["en"], **chosen}
    return {
        "incident": incident,
        "fork_query": urlencode({**chosen, "lang": [language]}, doseq=True),
        "other_query": "?" + urlencode(other, doseq=True),
        "same_query": "?" + urlencode({**chosen, **({"lang": ["en"]} if language == "en" else {})}, doseq=True),
    }


class PageRenderer(NotebookRenderer):
    """Renders one dashboard.

    Args:
        dashboard: The notebook.
        page: What the template shows around the notebook.
        **voila: What Voilà's renderer wants.

    Attributes:
        drawn: What each view looks like, by model, as far as it has been rendered.
    """

    def __init__(self, dashboard: Dashboard, page: Mapping[str, Any], **voila: Any) -> None:
        self.dashboard, self.page = dashboard, page
        self.drawn: dict[str, str] = {}
        # Voilà takes paths relative to its root folder, notebooks/.
        super().__init__(notebook_path="/".join(dashboard.path.parts[-3:]), page_config={}, **voila)
        self.log = logging.getLogger("atelier.live")

    async def load_notebook(self, path: str) -> nbformat.NotebookNode:  # noqa: ARG002
        """Return the notebook, its language named, with what the page shows around it."""
        notebook = nbformat.read(self.dashboard.path, as_version=4)
        notebook = await self.fix_notebook(notebook)
        notebook.metadata["page"] = {**self.page, "mark": mark}
        return notebook

    async def pieces(self) -> AsyncIterator[str]:
        """Yield the page's text as it comes."""
        await self.initialize()
        async for piece, _resources in self.generate_content_generator():
            yield piece

    def keep_drawings(self, cell: nbformat.NotebookNode) -> nbformat.NotebookNode:
        """Keep what the views of a cell look like, apart from what the browser is told of them."""
        for output in cell.get("outputs", ()):
            data = output.get("data", {})
            if VIEW in data and "text/html" in data:
                self.drawn[data[VIEW]["model_id"]] = data.pop("text/html")
        return cell


class RunningRenderer(PageRenderer):
    """Renders a dashboard while a kernel of its own runs the notebook, for one visitor.

    Args:
        kernels: Where that kernel will live.
        kernel: Its identifier.
        environment: Its environment.
        confine: Turns its command into a confined one.
        **page: As ``PageRenderer``.
    """

    def __init__(
        self,
        kernels: PublicKernelManager,
        kernel: str,
        environment: Mapping[str, str],
        confine: Callable[[list[str]], list[str]],
        **page: Any,
    ) -> None:
        self.kernels, self.kernel, self.environment, self.confine = kernels, kernel, environment, confine
        super().__init__(**page)

    async def run(self) -> list[nbformat.NotebookNode]:
        """Run the notebook without making a page; return its cells with their outputs."""
        await self.initialize()
        await self._jinja_kernel_start(self.notebook, None, None)
        cells = super()._jinja_cell_generator(self.notebook, self.kernel)
        return [cell async for cell in cells]

    async def _jinja_kernel_start(self, nb: nbformat.NotebookNode, kernel_id: None, kernel_future: None) -> str:  # noqa: ARG002
        await self.kernels.start_kernel(
            kernel_id=self.kernel,
            kernel_name=nb.metadata.kernelspec.name,
            path=self.cwd,
            env=dict(self.environment),
            confine=self.confine,
            limits=Limits(),
        )
        await super()._jinja_kernel_start(nb, self.kernel, ensure_async(self.kernels.get_kernel(self.kernel)))
        return self.kernel

    async def _jinja_cell_generator(
        self, nb: nbformat.NotebookNode, kernel_id: str
    ) -> AsyncIterator[nbformat.NotebookNode]:
        async for cell in super()._jinja_cell_generator(nb, kernel_id):
            yield self.keep_drawings(cell)


class ExecutedRenderer(PageRenderer):
    """Renders a dashboard whose notebook has already run, once for all its visitors.

    Args:
        cells: The cells with their outputs.
        **page: As ``PageRenderer``.
    """

    def __init__(self, cells: Iterable[Mapping[str, Any]], **page: Any) -> None:
        self.cells = [nbformat.from_dict(cell) for cell in cells]
        super().__init__(**page)

    async def _jinja_kernel_start(self, nb: nbformat.NotebookNode, kernel_id: None, kernel_future: None) -> str:  # noqa: ARG002
        return mark("kernel")

    async def _jinja_cell_generator(
        self,
        nb: nbformat.NotebookNode,  # noqa: ARG002
        kernel_id: str,  # noqa: ARG002
    ) -> AsyncIterator[nbformat.NotebookNode]:
        for cell in self.cells:
            yield self.keep_drawings(cell)


@dataclass(frozen=True)
class Packed:
    """A whole page, ready to send.

    Attributes:
        body: Its bytes.
        gzip: The same, compressed.
    """

    body: bytes
    gzip: bytes

    @classmethod
    def of(cls, text: str) -> Self:
        """Return a page's bytes."""
        body = text.encode()
        return cls(body, gzip.compress(body, 6, mtime=0))


class RenderedPages:
    """The pages of one parent, rendered once in each language, and the selections it has drawn lately.

    Args:
        parent: The parent.
        make: Makes a renderer, given the language and whether the page will be live.
    """

    def __init__(self, parent: Parent, make: Callable[[str, bool], ExecutedRenderer]) -> None:
        self.parent, self.make = parent, make
        self._pages: dict[tuple[str, bool], tuple[str, dict[str, str]]] = {}
        self._drawings: OrderedDict[str, Mapping[str, str]] = OrderedDict()
        self._packed: OrderedDict[tuple[str, str, str], Packed] = OrderedDict()

    async def render(self, language: str, is_live: bool) -> tuple[str, Mapping[str, str]]:
        """Return the page with its marks, and what its views look like for the notebook's own selection."""
        key = (language, is_live)
        if key not in self._pages:
            renderer = self.make(*key)
            text = "".join([piece async for piece in renderer.pieces()])
            self._pages[key] = text, renderer.drawn
        return self._pages[key]

    def packed(self, key: tuple[str, str, str]) -> Packed | None:
        """Return a page to read that was sent lately, by language, notice and query."""
        return self._packed.get(key)

    def keep(self, key: tuple[str, str, str], page: Packed) -> None:
        """Keep a page to read."""
        self._packed[key] = page
        while len(self._packed) > _DRAWINGS_KEPT:
            self._packed.popitem(last=False)

    def remember(self, query: str, drawn: Mapping[str, str]) -> None:
        """Keep what a selection looks like."""
        self._drawings[query] = drawn
        self._drawings.move_to_end(query)
        while len(self._drawings) > _DRAWINGS_KEPT:
            self._drawings.popitem(last=False)

    def recall(self, query: str) -> Mapping[str, str] | None:
        """Return what a selection looks like, if it has been drawn lately."""
        return self._drawings.get(query)


def kernel_environment(environment: Mapping[str, str], query: str, address: str) -> dict[str, str]:
    """Return a kernel's environment: the server's own, already a whitelist, and the reader's query.

    Args:
        environment: The server's environment.
        query: The query of the page's address, as received.
        address: The path of the page.
    """
    return {**environment, "QUERY_STRING": query, "SCRIPT_NAME": address}


def renderer_options(
    settings: Mapping[str, Any], voila: VoilaConfiguration, config: Config, paths: list[str]
) -> dict[str, Any]:
    """Return what Voilà's renderer wants and every page shares."""
    return {
        "voila_configuration": voila,
        "traitlet_config": config,
        "template_paths": paths,
        "contents_manager": settings["contents_manager"],
        "config_manager": settings["config_manager"],
        "kernel_spec_manager": settings["kernel_spec_manager"],
        "base_url": settings["base_url"],
        "mathjax_config": "",
        "mathjax_url": "",
    }
