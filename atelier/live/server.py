"""The public server: what it is made of, and its process."""

import asyncio
import logging
import os
import shutil
import signal
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import jinja2
import tornado.ioloop
import tornado.routing
import tornado.web
from jupyter_client.provisioning.factory import KernelProvisionerFactory
from jupyter_server.auth.identity import IdentityProvider, User
from tornado.httpserver import HTTPServer
from tornado.web import RequestHandler
from traitlets.config import Config
from voila.app import Voila
from voila.paths import collect_template_paths

from atelier.live.assets import digest, list_page
from atelier.live.confine import Confinement, Limits, probe_confinement
from atelier.live.kernels import ALLOWED_MESSAGES, PublicConnection, PublicKernelManager
from atelier.live.logs import configure_logging, log_request
from atelier.live.pages import Pages
from atelier.live.parents import Parents
from atelier.live.pool import Pool
from atelier.live.provisioner import register_provisioner
from atelier.live.rendering import kernel_environment, mark, renderer_options
from atelier.live.resting import Resting
from atelier.live.routes import list_routes
from atelier.live.visitors import Capacity, Seats, choose_capacity
from atelier.live.watch import Watch
from atelier.notebooks import Dashboard, read_dashboards
from atelier.settings import Settings
from atelier.words import read_words

TEMPLATE = "atelier"


class Anonymous(IdentityProvider):
    """Every visitor is the same person, and gets no cookie."""

    def get_user(self, handler: RequestHandler) -> User:  # noqa: ARG002
        """Return the one visitor."""
        return User("reader")


class PublicServer(Voila):
    """Voilà reduced to a closed list of routes: single notebooks by name, static pages, published reports.

    Nothing is read from configuration files or the command line; all comes from ``Settings``.
    """

    identity_provider_class = Anonymous
    kernel_websocket_connection_class = PublicConnection

    def __init__(
        self,
        settings: Settings,
        prefix: str = "/services/public/",
        hub: str = "/hub/",
        *,
        capacity: Capacity | None = None,
        confinement: Confinement | None = None,
        **kwargs: Any,
    ) -> None:
        """Take the settings, the paths the service and the hub are mounted at, and what visitors may use."""
        self.atelier, self.hub = settings, hub
        self.capacity = capacity or choose_capacity()
        self.confinement = confinement or Confinement("none")
        configuration = build_configuration(self.capacity)
        super().__init__(config=configuration, base_url=prefix, server_url=prefix, open_browser=False, **kwargs)
        self.root_dir = str(settings.home / "notebooks")
        self.log = logging.getLogger("atelier.live")

    def load_config_file(self, *_args: Any, **_kwargs: Any) -> None:
        """Read no configuration file: a file in the working folder must not change a public server."""

    def setup_template_dirs(self) -> None:
        """Find our template in the project, then Voilà's and nbconvert's that it builds on."""
        ours = self.atelier.home / "templates" / "voila" / TEMPLATE
        shared = self.atelier.home / "templates"
        self.template_paths = [
            str(ours),
            str(shared),
            *collect_template_paths(["voila", "nbconvert"], "lab", prune=True),
        ]
        self.static_paths: list[str] = []

    def init_settings(self) -> dict[str, Any]:
        """Return tornado's settings: Voilà's, and what our pages need."""
        settings: dict[str, Any] = super().init_settings()
        register_provisioner(KernelProvisionerFactory.instance(parent=self.kernel_manager))
        self.kernel_manager.allowed_message_types = list(ALLOWED_MESSAGES)
        self.seats = Seats(self.capacity)
        self.kernel_manager.on_end = self._kernel_ended
        home = self.atelier.home
        words = read_words(home)
        self.dashboards = {one.address: one for one in read_dashboards(home)}
        self.assets = list_page(home / "templates" / "voila" / TEMPLATE)
        assets = f"{self.base_url}assets/{digest(self.assets)}/"
        pages = jinja2.Environment(loader=jinja2.FileSystemLoader(home / "templates" / "site"), autoescape=True)

        def render_page(template: str, language: str, **values: object) -> str:
            return pages.get_template(f"{template}.html.j2").render(
                language=language, words=words[language], prefix=self.base_url, hub=self.hub, page="", **values
            )

        return settings | {
            "asset_prefix": assets,
            "capacity": self.capacity.visitors,
            "compress_response": True,
            "confinement": self.confinement,
            "cookie_secret": None,
            "hub_prefix": self.hub,
            "public_prefix": self.base_url,
            "log_function": log_request,
            "render_page": render_page,
            "websocket_max_message_size": 1 << 20,
            # Three pings without an answer end a connection; a limit of one ping would end every connection.
            "ws_ping_interval": 20_000,
            "words": words,
        }

    def init_handlers(self) -> list[Any]:
        """Return every route there is; a test holds this list."""
        shared = self.app.settings
        sockets = Path(self.connection_dir)
        environment = kernel_environment(os.environ, "", self.base_url)
        self.parents = Parents(self.atelier, self.confinement, sockets, environment, Limits())
        options = renderer_options(shared, self.voila_configuration, self.config, self.template_paths)

        def make_renderer(kind: type, **own: Any) -> Any:
            return kind(**options, **own)

        self.pool = Pool(self.kernel_manager, self.parents, self.seats, make_renderer, self._around)
        watch = Watch(self.seats, self.kernel_manager, self.parents, self.pool)
        trouble = {language: words["still-trouble"] for language, words in shared["words"].items()}
        notebooks = [dashboard.path for dashboard in self.dashboards.values()]
        shared |= {"watch": watch, "is_ready": lambda: self.parents.is_settled(notebooks)}
        pages = Pages(
            self.kernel_manager,
            self.parents,
            self.pool,
            self.seats,
            make_renderer,
            around=self._around,
            watch=watch,
            trouble=trouble,
        )
        self.resting = Resting(self.kernel_manager, self.parents, self.pool, self.seats, watch)
        self.kernel_manager.on_answer = self.parents.gate.feel
        by_path = {dashboard.path: dashboard for dashboard in self.dashboards.values()}
        self.parents.on_ready = lambda path: pages.prepare(by_path[path])
        return list_routes(
            self.base_url,
            self.capacity,
            dashboards=self.dashboards,
            pages=pages,
            resting=self.resting,
            settings=self.atelier,
            assets=lambda: self.assets,
        )

    def _around(self, dashboard: Dashboard, language: str) -> dict[str, Any]:
        shared = self.app.settings
        return {
            "dashboard": dashboard,
            "language": language,
            "words": shared["words"][language],
            "mark": mark,
            "prefix": self.base_url,
            "assets": shared["asset_prefix"],
            "hub": self.hub,
            "rest": self.capacity.rest,
        }

    def initialize(self, argv: list[str] | None = None) -> None:  # noqa: ARG002
        """Prepare as Voilà does; there is no command line."""
        super().initialize([])

    def prepare(self) -> None:
        """Build the tornado application."""
        self.connection_dir = tempfile.mkdtemp(prefix="atelier-")
        # Voilà's handlers read the settings of the application while they are listed.
        self.app = tornado.web.Application(**self.init_settings())
        self.app.add_handlers(".*$", self.init_handlers())

    def rules(self) -> list[tornado.routing.Rule]:
        """Return the rules in force, in the order they are tried."""
        return [rule for router in self.app.default_router.rules for rule in router.target.rules]

    def start(self) -> None:
        """Listen on exactly the port asked for, until a signal."""
        self.prepare()
        server = HTTPServer(self.app, max_body_size=1 << 16, max_header_size=1 << 15)
        server.listen(self.port, self.ip)
        self.log.info("the public server listens on %s:%d%s", self.ip, self.port, self.base_url)
        self.ioloop = tornado.ioloop.IOLoop.current()
        self.ioloop.add_callback(self._watch)
        try:
            self.ioloop.start()
        except KeyboardInterrupt:
            self.log.info("stopping")
        finally:
            server.stop()
            self.stop()

    def _kernel_ended(self, kernel: str, reason: str) -> None:
        self.seats.free(kernel)
        self.app.settings["watch"].ended(reason)

    async def _watch(self) -> None:
        dashboards = self.dashboards.values()
        paths = [one.path for one in dashboards]
        await asyncio.gather(
            keep_on(lambda: self.parents.watch(paths)),
            keep_on(lambda: self.pool.watch(dashboards)),
            keep_on(self.resting.keep_seats_free),
        )

    def stop(self) -> None:
        """End every kernel and their parents, then remove their sockets."""
        # The hub asks to stop, then its death does (see `die_with_parent`): the second must not cut the first short.
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_IGN)
        self.pool.end()
        self.ioloop.run_sync(self.kernel_manager.end_all, timeout=20)
        self.parents.end()
        shutil.rmtree(self.connection_dir, ignore_errors=True)


async def keep_on(watch: Callable[[], Awaitable[None]], seconds: float = 1.0) -> None:
    """Run a watch to its end; after a fault, which the log tells, begin it again some seconds later.

    Args:
        watch: What looks after parents or kernels, for as long as the server runs.
        seconds: How long to wait after a fault.
    """
    while True:
        try:
            return await watch()
        except Exception:
            logging.getLogger("atelier.live").exception("a watch failed, it begins again")
            await asyncio.sleep(seconds)


def build_configuration(capacity: Capacity) -> Config:
    """Return Voilà's configuration for the public."""
    return Config(
        {
            "VoilaConfiguration": {
                "template": TEMPLATE,
                "theme": "light",
                "allow_template_override": "NO",
                "allow_theme_override": "NO",
                "strip_sources": True,
                "show_tracebacks": False,
                "file_allowlist": [],
                "extension_allowlist": [],
                "http_keep_alive_timeout": 3600,
                "multi_kernel_manager_class": PublicKernelManager,
            },
            "VoilaExecutor": {"timeout": 60, "startup_timeout": 60, "cell_error_instruction": ""},
            "PublicKernelManager": {
                "cull_idle_timeout": capacity.idle,
                "cull_interval": 15,
                "connected_timeout": capacity.quiet,
                "age_limit": capacity.age,
                "default_kernel_name": "python3",
                "kernel_manager_class": "atelier.live.kernels.QuietKernel",
                # Ours to hide (see frames): Jupyter's own way fails on this class of kernel managers.
                "allow_tracebacks": True,
            },
            "KernelManager": {"transport": "ipc", "shutdown_wait_time": 2.0},
            "KernelRestarter": {"time_to_dead": 1.0, "restart_limit": 0},
        }
    )


def run_server(settings: Settings, port: int, prefix: str, hub: str, capacity: Capacity) -> None:
    """Serve the public until a signal; returns once every kernel has ended."""
    configure_logging()
    confinement = probe_confinement(settings)
    log = logging.getLogger("atelier.live")
    log.log(logging.INFO if confinement.network else logging.WARNING, "%s", confinement.describe())
    log.info("at most %d visitors at once", capacity.visitors)
    log.info("of a notebook that cannot be forked, %d kernels are run in advance", capacity.pool)
    server = PublicServer(settings, prefix, hub, capacity=capacity, confinement=confinement, ip="127.0.0.1", port=port)
    server.initialize()
    server.start()
