"""One class per kind of page; each answer carries the headers of ``policy``, errors included."""

import json
import logging
import re
from collections.abc import Callable, Mapping
from contextlib import aclosing
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from jupyter_server.base.handlers import JupyterHandler
from jupyter_server.services.kernels.websocket import KernelWebsocketHandler
from tornado import web
from tornado.iostream import StreamClosedError

from atelier.editions.find import find_edition
from atelier.language import LANGUAGES
from atelier.live import policy
from atelier.live.assets import load_asset
from atelier.live.frames import new_incident
from atelier.live.pages import NoSeatError, Pages
from atelier.live.visitors import Pace, find_address, is_remote
from atelier.notebooks import Dashboard
from atelier.settings import Settings

LOG = logging.getLogger("atelier.live")
PROTOCOL = "v1.kernel.websocket.jupyter.org"
QUERY_LIMIT = 2000
_BOTS = re.compile(
    r"bot|crawl|spider|slurp|preview|facebookexternalhit|embedly|curl/|wget/|python-|httpx", re.IGNORECASE
)
_EDITION = re.compile(
    r"(?:[A-Za-z0-9][A-Za-z0-9_-]*/){1,4}[A-Za-z0-9][A-Za-z0-9_-]*\.(?:html|pdf|json|csv|xlsx|svg|png)"
)


class PublicPage(web.RequestHandler):
    """What every answer shares: headers, and errors a person can read."""

    def set_default_headers(self) -> None:
        """Set the headers of the policy; called by tornado for errors too."""
        self.clear_header("Server")
        for name, value in policy.HEADERS.items():
            self.set_header(name, value)
        # Each proxy appends its own protocol: the first is the visitor's.
        if self.request.headers.get("X-Forwarded-Proto", "").split(",")[0].strip() == "https":
            self.set_header(*policy.TRANSPORT_SECURITY)

    @property
    def language(self) -> str:
        """The page's language, from ``?lang=``; French when it is not one of ours."""
        asked = parse_qs(self.request.query[:QUERY_LIMIT]).get("lang", ["fr"])[0]
        return asked if asked in LANGUAGES else "fr"

    @property
    def visitor(self) -> str:
        """The address the request comes from."""
        return find_address(self.request.remote_ip or "", self.request.headers.get("X-Forwarded-For", ""))

    def write_error(self, status_code: int, **_kwargs: Any) -> None:
        """Write one of our pages: what happened, where to go; no reason, path or trace."""
        self.set_header("Content-Type", "text/html; charset=utf-8")
        self.set_header("Cache-Control", "no-store")
        incident = new_incident() if status_code >= HTTPStatus.INTERNAL_SERVER_ERROR else ""
        if incident:
            LOG.error("incident %s: %s", incident, self._request_summary())
        self.finish(self.render_page("problem", status=status_code, incident=incident))

    def render_page(self, template: str, **values: object) -> str:
        """Return one of our small pages (``templates/site``) in the visitor's language."""
        return str(self.settings["render_page"](template, self.language, **values))

    def _request_summary(self) -> str:
        return f"{self.request.method} {self.request.path[:300]!r}"

    def check_xsrf_cookie(self) -> None:
        """Do nothing: visitors have no cookie, so no request acts on their behalf (see LeaveHandler for the POST)."""


class NotFoundHandler(PublicPage):
    """Every address that is not in the inventory."""

    def prepare(self) -> None:
        """Answer 404 to any method."""
        raise web.HTTPError(HTTPStatus.NOT_FOUND)


class FilePage(PublicPage):
    """An answer that is a file."""

    def send_file(self, path: Path | None, age: int = 0) -> None:
        """Send a file, compressed for those who ask, or 304; 404 when there is none.

        Args:
            path: The file.
            age: Seconds that browsers may keep it without asking again.
        """
        if path is None or not path.is_file():
            raise web.HTTPError(HTTPStatus.NOT_FOUND)
        asset = load_asset(path)
        self.set_header("Content-Type", asset.media_type)
        self.set_header("Etag", asset.etag)
        self.set_header("Cache-Control", f"public, max-age={age}, immutable" if age else "no-cache")
        self.set_header("Vary", "Accept-Encoding")
        if self.check_etag_header():
            self.set_status(HTTPStatus.NOT_MODIFIED)
        else:
            asked = {name.split(";")[0].strip() for name in self.request.headers.get("Accept-Encoding", "").split(",")}
            way = next((name for name in asset.packed if name in asked), "")
            if way:
                self.set_header("Content-Encoding", way)
            self.write(asset.packed.get(way, asset.body))

    def compute_etag(self) -> str | None:
        """Return the file's own tag, already set."""
        return self._headers.get("Etag")


class AssetHandler(FilePage):
    """A file among those listed: the address is a key, not a path."""

    def initialize(self, listing: Callable[[], Mapping[str, Path]], age: int = 0) -> None:
        """Take the listing and how many seconds browsers may keep a file."""
        self.listing, self.age = listing, age

    def get(self, address: str) -> None:
        """Send the file listed under this address."""
        self.send_file(self.listing().get(address), self.age)

    head = get


class EditionHandler(FilePage):
    """A published report: static, and inert in the browser."""

    def initialize(self, folder: Path) -> None:
        """Take the folder of editions."""
        self.folder = folder.resolve()

    def set_default_headers(self) -> None:
        """Set the policy's headers, and the sandbox."""
        super().set_default_headers()
        self.set_header("Content-Security-Policy", policy.EDITION_POLICY)

    def get(self, address: str) -> None:
        """Send the file if its name is plain and it lies inside the folder of editions."""
        address += "index.html" if address.endswith("/") else ""
        path = (self.folder / address).resolve() if _EDITION.fullmatch(address) else None
        self.send_file(path if path is not None and path.is_relative_to(self.folder) else None)

    head = get


class HealthHandler(PublicPage):
    """Whether the service can take visitors."""

    def get(self) -> None:
        """Answer with the number of live pages and the most there may be."""
        self.set_header("Cache-Control", "no-store")
        kernels = len(self.settings["kernel_manager"])
        self.write({"status": "ok", "kernels": kernels, "capacity": self.settings["capacity"]})


class ReadyHandler(PublicPage):
    """Whether each dashboard has a parent, or a reason to do without."""

    def get(self) -> None:
        """Answer 200 when readers may come, 503 while notebooks run for the first time."""
        self.set_header("Cache-Control", "no-store")
        is_ready = self.settings["is_ready"]()
        self.set_status(HTTPStatus.OK if is_ready else HTTPStatus.SERVICE_UNAVAILABLE)
        self.write({"status": "ready" if is_ready else "starting"})


class OperatorPage(PublicPage):
    """A page for who runs the service: it exists for requests of this machine that came through no proxy."""

    def prepare(self) -> None:
        """Answer 404 to anybody else."""
        headers = self.request.headers
        is_passed_on = any(name in headers for name in ("X-Forwarded-For", "Forwarded", "X-Real-Ip", "Via"))
        if is_passed_on or is_remote(self.request.remote_ip or ""):
            raise web.HTTPError(HTTPStatus.NOT_FOUND)
        self.set_header("Cache-Control", "no-store")


class MetricsHandler(OperatorPage):
    """The numbers, for Prometheus."""

    def get(self) -> None:
        """Answer in the text format of Prometheus."""
        self.set_header("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
        self.finish(self.settings["watch"].exposition())


class StatusHandler(OperatorPage):
    """The numbers, for a person."""

    def get(self) -> None:
        """Answer with one page."""
        problems = {path.stem: reason for path, reason in self.settings["watch"].parents.problems.items()}
        self.finish(
            self.render_page(
                "status",
                numbers=self.settings["watch"].read(),
                problems=problems,
                confinement=self.settings["confinement"].describe(),
            )
        )


class KernelPage(PublicPage, JupyterHandler):
    """What the handlers that know kernels share: the same headers, no cookie."""

    async def prepare(self, *, _redirect_to_login: bool = False) -> None:
        """Name the visitor as Jupyter's handlers want it, without a cookie."""
        await JupyterHandler.prepare(self)

    log = LOG
    check_xsrf_cookie = PublicPage.check_xsrf_cookie
    write_error = PublicPage.write_error


class DashboardHandler(PublicPage):
    """A notebook, run for one visitor."""

    def initialize(self, dashboards: Mapping[str, Dashboard], pages: Pages, pace: Pace, atelier: Settings) -> None:
        """Take the dashboards by address, what makes their pages, how often a visitor may ask, and the settings."""
        self.dashboards, self.pages, self.pace, self.atelier = dashboards, pages, pace, atelier

    def head(self, address: str) -> None:
        """Say that the page exists; no kernel starts."""
        self._require(address)

    async def get(self, address: str) -> None:
        """Send a live page; robots, prefetches and those who come when every seat is taken get a page to read."""
        dashboard = self._require(address)
        if wait := self.pace.wait(self.visitor):
            self.pages.watch.count("refused")
            self.set_status(HTTPStatus.TOO_MANY_REQUESTS)
            self.set_header("Retry-After", str(wait))
            self.finish(self.render_page("problem", status=HTTPStatus.TOO_MANY_REQUESTS.value, incident=""))
            return
        if self._is_robot():
            await self._send_still(dashboard, "still-robot")
            return
        try:
            await self._send_live(dashboard)
        except NoSeatError:
            LOG.info("every seat is taken: a page to read is sent")
            await self._send_still(dashboard, "still-full")

    async def _send_live(self, dashboard: Dashboard) -> None:
        incident = new_incident()
        pieces = self.pages.live(
            dashboard,
            self.request.query,
            self.language,
            path=self.request.path,
            address=self.visitor,
            incident=incident,
        )
        try:
            async with aclosing(pieces):
                async for piece in pieces:
                    self.write(piece)
                    await self.flush()
        except NoSeatError:
            raise
        except StreamClosedError:
            LOG.info("page %s: the visitor left", incident)
        except Exception:
            # The header is sent: the page can only say so where it stands.
            LOG.exception("incident %s: the page broke off", incident)
            self.pages.watch.count("broken")
            self.write(self.render_page("broken", incident=incident))

    async def _send_still(self, dashboard: Dashboard, reason: str) -> None:
        words = self.settings["words"][self.language]
        self.pages.watch.count(reason)
        # A static edition costs nothing; a parent draws selections that have none; the nearest is better than words.
        found = find_edition(self.atelier, dashboard, self.request.query, self.language)
        if found is not None and found.is_exact:
            self.finish(found.read(words[reason]))
            return
        page = await self.pages.still(dashboard, self.request.query, self.language, words[reason])
        if page is None:
            nearest = None if found is None else found.read(words[reason], words["edition-nearest"])
            self.finish(nearest or self.render_page("still", dashboard=dashboard, reason=reason))
            return
        self.set_header("Vary", "Accept-Encoding")
        if "gzip" in self.request.headers.get("Accept-Encoding", ""):
            self.set_header("Content-Encoding", "gzip")
            self.finish(page.gzip)
        else:
            self.finish(page.body)

    def _require(self, address: str) -> Dashboard:
        if address not in self.dashboards:
            raise web.HTTPError(HTTPStatus.NOT_FOUND)
        if len(self.request.query) > QUERY_LIMIT:
            raise web.HTTPError(HTTPStatus.REQUEST_URI_TOO_LONG)
        self.set_header("Content-Type", "text/html; charset=utf-8")
        self.set_header("Cache-Control", "no-store")
        return self.dashboards[address]

    def _is_robot(self) -> bool:
        headers = self.request.headers
        purpose = headers.get("Sec-Purpose", headers.get("Purpose", ""))
        return "prefetch" in purpose or bool(_BOTS.search(headers.get("User-Agent", "bot")))


class KernelHandler(KernelPage):
    """Whether a page's kernel lives: what a page asks after losing its connection."""

    def get(self, kernel_id: str) -> None:
        """Answer 200 with the kernel's model, or 410.

        Not 404: the hub gives that answer in our place while its proxy, just started again, does not know us yet.
        """
        if kernel_id not in self.kernel_manager:
            raise web.HTTPError(HTTPStatus.GONE)
        self.set_header("Cache-Control", "no-store")
        self.finish(json.dumps(self.kernel_manager.kernel_model(kernel_id), default=str))


class LeaveHandler(KernelPage):
    """The beacon a page sends when it is left: its kernel ends at once.

    There is no cookie, so no cross-site forgery to fear: the kernel's random identifier, known to its page alone, is
    the right to end it. The origin is checked all the same.
    """

    async def post(self, kernel_id: str) -> None:
        """End the kernel."""
        origin = self.request.headers.get("Origin", "")
        if origin.split("://")[-1].lower() != self.request.host.lower():
            raise web.HTTPError(HTTPStatus.FORBIDDEN)
        await self.settings["kernel_manager"].end(kernel_id)
        self.set_status(HTTPStatus.NO_CONTENT)


class SocketHandler(KernelPage, KernelWebsocketHandler):
    """The websocket between a page's controls and its kernel."""

    set_default_headers = PublicPage.set_default_headers

    async def prepare(self, *, _redirect_to_login: bool = False) -> None:
        """Prepare as Jupyter's websockets do."""
        await KernelWebsocketHandler.prepare(self)

    async def get(self, kernel_id: str) -> None:
        """Open the socket for a kernel that lives, to a client of the current protocol only."""
        if kernel_id not in self.kernel_manager:
            raise web.HTTPError(HTTPStatus.NOT_FOUND)
        offered = self.request.headers.get("Sec-WebSocket-Protocol", "")
        if PROTOCOL not in [name.strip() for name in offered.split(",")]:
            raise web.HTTPError(HTTPStatus.BAD_REQUEST)
        await KernelWebsocketHandler.get(self, kernel_id)

    async def open(self, kernel_id: str) -> None:
        """Send each message at once: waiting to fill a packet doubles the time a control takes."""
        self.set_nodelay(True)
        self.settings["watch"].connected(self.settings["kernel_manager"].age(kernel_id))
        await super().open(kernel_id)
        self.settings["watch"].seats.arrived(kernel_id)

    def on_close(self) -> None:
        """Let the connection go; a socket that was refused never had one."""
        if getattr(self, "connection", None) is not None:
            super().on_close()
