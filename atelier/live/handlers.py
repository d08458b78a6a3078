"""What readers ask for: a dashboard's page, and the way between that page and its kernel."""

import json
import logging
import re
from collections.abc import Mapping
from contextlib import aclosing
from http import HTTPStatus

from jupyter_server.base.handlers import JupyterHandler
from jupyter_server.services.kernels.websocket import KernelWebsocketHandler
from tornado import web
from tornado.iostream import StreamClosedError

from atelier.editions.find import find_edition
from atelier.errors import ServiceError
from atelier.live.answers import PublicPage
from atelier.live.frames import new_incident
from atelier.live.pages import Pages
from atelier.live.resting import ReplacedError, Resting
from atelier.live.visitors import NoSeatError, Pace
from atelier.notebooks import Dashboard
from atelier.settings import Settings

LOG = logging.getLogger("atelier.live")
PROTOCOL = "v1.kernel.websocket.jupyter.org"
_BOTS = re.compile(
    r"bot|crawl|spider|slurp|preview|facebookexternalhit|embedly|curl/|wget/|python-|httpx", re.IGNORECASE
)


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
        dashboard = self.require_dashboard(self.dashboards, address)
        self.set_header("Content-Type", "text/html; charset=utf-8")
        self.set_header("Cache-Control", "no-store")
        return dashboard

    def _is_robot(self) -> bool:
        headers = self.request.headers
        purpose = headers.get("Sec-Purpose", headers.get("Purpose", ""))
        return "prefetch" in purpose or bool(_BOTS.search(headers.get("User-Agent", "bot")))


class WakeHandler(PublicPage):
    """Another kernel, for a page that let its own go (see ``resting``)."""

    def initialize(self, dashboards: Mapping[str, Dashboard], resting: Resting, pace: Pace) -> None:
        """Take the dashboards by address, what gives them kernels, and how often a visitor may ask."""
        self.dashboards, self.resting, self.pace = dashboards, resting, pace

    async def post(self, address: str) -> None:
        """Answer 201 and the kernel's identifier; 409 where the page has to be loaded again; 429 or 503 to wait."""
        self.require_same_origin()
        dashboard = self.require_dashboard(self.dashboards, address)
        self.set_header("Cache-Control", "no-store")
        if wait := self.pace.wait(self.visitor):
            self._ask_to_wait(HTTPStatus.TOO_MANY_REQUESTS, wait)
            return
        token = self.request.body.decode("ascii", errors="replace")
        page = self.request.path.removesuffix("/kernel")
        try:
            kernel = await self.resting.wake(dashboard, self.request.query, token, path=page, address=self.visitor)
        except ReplacedError:
            self.set_status(HTTPStatus.CONFLICT)
            self.finish()
        except NoSeatError:
            self._ask_to_wait(HTTPStatus.SERVICE_UNAVAILABLE, 1)
        except (ServiceError, OSError) as error:
            LOG.error("no kernel for a page that is used again: %s", error)  # noqa: TRY400 - the reason is the message
            self._ask_to_wait(HTTPStatus.SERVICE_UNAVAILABLE, 2)
        else:
            self.set_status(HTTPStatus.CREATED)
            self.finish({"id": kernel})

    def _ask_to_wait(self, status: HTTPStatus, seconds: int) -> None:
        self.set_status(status)
        self.set_header("Retry-After", str(seconds))
        self.finish()


class KernelPage(PublicPage, JupyterHandler):
    """What the handlers that know kernels share: the same headers, no cookie."""

    async def prepare(self, *, _redirect_to_login: bool = False) -> None:
        """Name the visitor as Jupyter's handlers want it, without a cookie."""
        await JupyterHandler.prepare(self)

    log = LOG
    check_xsrf_cookie = PublicPage.check_xsrf_cookie
    write_error = PublicPage.write_error


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

    The kernel's random identifier, known to its page alone, is the right to end it. A page that stays, and only lets
    its kernel go, says ``?rest``.
    """

    async def post(self, kernel_id: str) -> None:
        """End the kernel."""
        self.require_same_origin()
        await self.settings["kernel_manager"].end(kernel_id, "rest" if self.request.query == "rest" else "left")
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
        self.settings["kernel_manager"].hold_socket(kernel_id, self)

    def on_close(self) -> None:
        """Let the connection go; a socket that was refused never had one."""
        if getattr(self, "connection", None) is not None:
            super().on_close()
