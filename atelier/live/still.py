"""The pages that need no kernel: static editions, the files they hand out, and one figure in another site's page."""

from collections.abc import Mapping
from http import HTTPStatus
from urllib.parse import parse_qs, urlencode

from tornado import web

from atelier.editions.find import Found, cut_figure, figure_names, find_edition
from atelier.editions.shelf import EDITIONS, FILES, PACKED, Shelf
from atelier.live import policy
from atelier.live.answers import FilePage, PublicPage
from atelier.live.pages import Pages
from atelier.live.visitors import Pace
from atelier.notebooks import Dashboard
from atelier.settings import Settings

FOR_EVER = 31_536_000
A_WHILE = 300


class DashboardPage(PublicPage):
    """A page about one dashboard.

    Attributes:
        dashboards: The dashboards, by address.
        atelier: Settings in force.
    """

    def initialize(self, dashboards: Mapping[str, Dashboard], atelier: Settings) -> None:
        """Take the dashboards by address, and where their editions are."""
        self.dashboards, self.atelier = dashboards, atelier

    def find(self, dashboard: Dashboard) -> Found | None:
        """Return the edition nearest to what is asked."""
        return find_edition(self.atelier, dashboard, self.request.query, self.language)


class StaticEditionHandler(DashboardPage):
    """A static edition; without a name, the one nearest to the query."""

    def get(self, address: str, key: str) -> None:
        """Send the page, packed for those who can read it so."""
        dashboard = self.require_dashboard(self.dashboards, address)
        if not key:
            found = self.find(dashboard)
            if found is None:
                raise web.HTTPError(HTTPStatus.NOT_FOUND)
            self.set_header("Cache-Control", "no-cache")
            self.redirect(f"{self.settings['public_prefix']}{address}/{EDITIONS}/{found.key}")
            return
        path = Shelf(self.atelier, dashboard).page(key)
        if path is None:
            raise web.HTTPError(HTTPStatus.NOT_FOUND)
        found = Found(path, key, is_exact=True)
        self.set_header("Content-Type", "text/html; charset=utf-8")
        self.set_header("Cache-Control", "no-cache")
        self.set_header("Etag", f'"{found.version}"')
        if self.check_etag_header():
            self.set_status(HTTPStatus.NOT_MODIFIED)
        elif "gzip" in self.request.headers.get("Accept-Encoding", ""):
            self.set_header("Content-Encoding", "gzip")
            self.write(path.with_name(PACKED).read_bytes())
        else:
            self.write(path.read_bytes())

    head = get

    def compute_etag(self) -> str | None:
        """Return the edition's own tag, already set."""
        return self._headers.get("Etag")


class HandedFileHandler(FilePage):
    """A file that static editions hand out: its address holds a hash of its content."""

    def initialize(self, dashboards: Mapping[str, Dashboard], atelier: Settings) -> None:
        """Take the dashboards by address, and where their editions are."""
        self.dashboards, self.atelier = dashboards, atelier

    def set_default_headers(self) -> None:
        """Set the policy's headers, and the sandbox: a drawing may be opened by itself."""
        super().set_default_headers()
        self.set_header("Content-Security-Policy", policy.EDITION_POLICY)

    def get(self, address: str, digest: str, name: str) -> None:
        """Send the file."""
        if address not in self.dashboards:
            raise web.HTTPError(HTTPStatus.NOT_FOUND)
        folder = Shelf(self.atelier, self.dashboards[address]).folder / FILES
        self.send_file(folder / digest / name, FOR_EVER)

    head = get


class EmbedHandler(DashboardPage):
    """One figure, with its Lecture and its Source, that any site may show in its own pages."""

    def initialize(  # type: ignore[override]
        self, dashboards: Mapping[str, Dashboard], atelier: Settings, pages: Pages, pace: Pace
    ) -> None:
        """Take the dashboards, where their editions are, what draws other selections, and how often for one visitor."""
        super().initialize(dashboards, atelier)
        self.pages, self.pace = pages, pace

    def set_default_headers(self) -> None:
        """Set the policy's headers, but let any site show this page."""
        super().set_default_headers()
        self.clear_header("X-Frame-Options")
        for name, value in policy.EMBED_HEADERS.items():
            self.set_header(name, value)

    async def get(self, theme: str, name: str, figure: str) -> None:
        """Send the figure of the selection asked, or of the nearest static edition."""
        dashboard = self.require_dashboard(self.dashboards, f"dashboards/{theme}/{name}")
        words, notice = self.settings["words"][self.language], ""
        found = self.find(dashboard)
        html = found.read() if found is not None and found.is_exact else None
        if html is None and not self.pace.wait(self.visitor):
            html = await self.pages.drawing(dashboard, self.request.query, self.language)
        if html is None and found is not None:
            html, notice = found.read(), words["edition-nearest"]
        self.set_header("Content-Type", "text/html; charset=utf-8")
        if html is None:
            self.set_header("Cache-Control", "no-store")
            later = words["embed-later"]
            self.finish(self.render_page("embed", dashboard=dashboard, figure="", notice=later, **self._links()))
            return
        part = cut_figure(html, figure)
        if part is None:
            self.set_status(HTTPStatus.NOT_FOUND)
            names = [(one, f"{self.settings['public_prefix']}embed/{theme}/{name}/{one}") for one in figure_names(html)]
            self.finish(self.render_page("embed-unknown", dashboard=dashboard, names=names, **self._links()))
            return
        self.set_header("Cache-Control", "no-store" if notice else f"public, max-age={A_WHILE}")
        titled = part.replace("<h3", "<h1", 1).replace("</h3>", "</h1>", 1)
        self.finish(self.render_page("embed", dashboard=dashboard, figure=titled, notice=notice, **self._links()))

    head = get

    def _links(self) -> dict[str, str]:
        asked = {name: values for name, values in parse_qs(self.request.query).items() if name != "lang"}
        asked |= {"lang": ["en"]} if self.language == "en" else {}
        return {"query": f"?{urlencode(asked, doseq=True)}" if asked else ""}
