"""What every answer shares, errors included; and answers that are files."""

import logging
import re
from collections.abc import Callable, Mapping
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from tornado import web

from atelier.language import LANGUAGES
from atelier.live import policy
from atelier.live.assets import load_asset
from atelier.live.frames import new_incident
from atelier.live.visitors import find_address
from atelier.notebooks import Dashboard

LOG = logging.getLogger("atelier.live")
QUERY_LIMIT = 2000
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

    def require_dashboard(self, dashboards: Mapping[str, Dashboard], address: str) -> Dashboard:
        """Return the dashboard of an address.

        Raises:
            tornado.web.HTTPError: 404 when there is none, 414 when the query is too long.
        """
        if address not in dashboards:
            raise web.HTTPError(HTTPStatus.NOT_FOUND)
        if len(self.request.query) > QUERY_LIMIT:
            raise web.HTTPError(HTTPStatus.REQUEST_URI_TOO_LONG)
        return dashboards[address]

    def require_same_origin(self) -> None:
        """Refuse what another site's page sends: there is no cookie that it could use, and it is refused all the same.

        Raises:
            tornado.web.HTTPError: 403.
        """
        origin = self.request.headers.get("Origin", "")
        if origin.split("://")[-1].lower() != self.request.host.lower():
            raise web.HTTPError(HTTPStatus.FORBIDDEN)

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
