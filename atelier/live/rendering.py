"""A dashboard's page, in pieces: Voilà's renderer, reading our file and starting the kernel once the header is sent."""

import logging
from collections.abc import AsyncIterator, Mapping
from typing import Any

import nbformat
from jupyter_core.utils import ensure_async
from traitlets.config import Config
from voila.configuration import VoilaConfiguration
from voila.notebook_renderer import NotebookRenderer
from voila.utils import get_page_config

from atelier.live.kernels import PublicKernelManager
from atelier.notebooks import Dashboard


class PageRenderer(NotebookRenderer):
    """Renders one dashboard for one visitor.

    Args:
        dashboard: The notebook to run.
        kernels: Where its kernel is started.
        environment: The kernel's whole environment.
        page: What the template shows around the notebook.
        page_config: Voilà's configuration of the browser's side.
        **voila: What Voilà's renderer wants.
    """

    def __init__(
        self,
        dashboard: Dashboard,
        kernels: PublicKernelManager,
        environment: Mapping[str, str],
        page: Mapping[str, Any],
        page_config: Mapping[str, Any],
        **voila: Any,
    ) -> None:
        self.dashboard, self.kernels, self.environment, self.page = dashboard, kernels, environment, page
        # Voilà takes paths relative to its root folder, notebooks/.
        super().__init__(notebook_path="/".join(dashboard.path.parts[-3:]), page_config=page_config, **voila)
        self.log = logging.getLogger("atelier.live")

    async def load_notebook(self, path: str) -> nbformat.NotebookNode:  # noqa: ARG002
        """Return the notebook, its language named, with what the page shows around it."""
        notebook = nbformat.read(self.dashboard.path, as_version=4)
        notebook = await self.fix_notebook(notebook)
        notebook.metadata["page"] = self.page
        return notebook

    async def pieces(self) -> AsyncIterator[str]:
        """Yield the page's text as it comes."""
        await self.initialize()
        async for piece, _resources in self.generate_content_generator():
            yield piece

    async def _jinja_kernel_start(self, nb: nbformat.NotebookNode, kernel_id: None, kernel_future: None) -> str:  # noqa: ARG002
        identifier: str = await self.kernels.start_kernel(
            kernel_name=nb.metadata.kernelspec.name, path=self.cwd, env=dict(self.environment)
        )
        self.log.info("page %s has kernel %s", self.page["incident"], identifier)
        await super()._jinja_kernel_start(nb, identifier, ensure_async(self.kernels.get_kernel(identifier)))
        return identifier


def build_page_config(
    voila: VoilaConfiguration, settings: Mapping[str, Any], addresses: Mapping[str, str], log: Any
) -> dict[str, Any]:
    """Return the configuration of the browser's side, the same for all dashboards.

    Args:
        voila: Voilà's configuration.
        settings: Tornado's settings.
        addresses: Where our assets are.
        log: Where Voilà writes what it finds.
    """
    config: dict[str, Any] = get_page_config(settings["base_url"], settings, log, voila)
    # Without an address Voilà fails to start, and its default is another host's.
    return config | dict(addresses) | {"mathjaxConfig": "none"}


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
