"""What readers get while the public service does not answer: the proxy then asks the hub for a page (promise R17).

The hub answers with the static edition of the page asked for, whole in one answer: its style sheets are in it, since
nothing else of the public service answers either. The proxy sends it with the status 503, which tells crawlers to keep
what they know and come back.
"""

import re
from http import HTTPStatus
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from jupyterhub import handlers
from jupyterhub.handlers.pages import ProxyErrorHandler

from atelier.editions.find import find_edition
from atelier.editions.shelf import EDITIONS, Shelf
from atelier.errors import AtelierError
from atelier.language import LANGUAGES
from atelier.notebooks import Dashboard, read_dashboards
from atelier.settings import Settings
from atelier.words import read_words

_ADDRESS = re.compile(r"dashboards/([a-z0-9-]+)/([a-z0-9-]+)(?:/" + EDITIONS + r"/([A-Za-z0-9_-]+))?")
_SITE_PAGE = re.compile(r"(?:[a-z0-9-]+/)*")
_QUERY_LIMIT = 2000


class OutageHandler(ProxyErrorHandler):
    """The page the proxy shows when a service does not answer."""

    async def get(self, status: str) -> None:
        """Send the static edition of the page asked for, or the hub's own page."""
        settings, prefix = self.settings["atelier"], self.settings["atelier_prefix"]
        page = find_page(settings, self.get_argument("url", ""), prefix)
        if page is None:
            await super().get(status)
            return
        self.set_header("Content-Type", "text/html; charset=utf-8")
        self.write(page)


def register_outage_page() -> None:
    """Make the hub answer so; its own handlers come first otherwise."""
    rule = (rf"/error/({HTTPStatus.SERVICE_UNAVAILABLE.value})", OutageHandler)
    if rule not in handlers.default_handlers:
        handlers.default_handlers.insert(0, rule)


def find_page(settings: Settings, url: str, prefix: str) -> str | None:
    """Return the page to read in the place of one that does not answer; None when there is none.

    Args:
        settings: Where the project and its state are.
        url: Path and query asked for, as received.
        prefix: Path of the public pages.
    """
    asked = urlsplit(url[:_QUERY_LIMIT])
    if not asked.path.startswith(prefix):
        return None
    path, site = asked.path.removeprefix(prefix), settings.state / "site"
    try:
        page = _edition(settings, path, asked.query) or _site_page(site, path)
    except (AtelierError, OSError):
        return None
    return None if page is None else _with_sheets(page, site, prefix)


def _edition(settings: Settings, path: str, query: str) -> str | None:
    found = _ADDRESS.fullmatch(path)
    dashboard = found and _dashboard(settings, found.group(1), found.group(2))
    if not found or dashboard is None:
        return None
    if found.group(3):
        named = Shelf(settings, dashboard).page(found.group(3))
        return None if named is None else named.read_text("utf-8")
    asked = parse_qs(query).get("lang", ["fr"])[0]
    language = asked if asked in LANGUAGES else LANGUAGES[0]
    words, edition = read_words(settings.home)[language], find_edition(settings, dashboard, query, language)
    if edition is None:
        return None
    return edition.read(words["still-down"], *([] if edition.is_exact else [words["edition-nearest"]]))


def _dashboard(settings: Settings, theme: str, name: str) -> Dashboard | None:
    known = {(one.theme, one.name): one for one in read_dashboards(settings.home)}
    return known.get((theme, name))


def _site_page(site: Path, path: str) -> str | None:
    file = site / path / "index.html"
    return file.read_text("utf-8") if _SITE_PAGE.fullmatch(path) and file.is_file() else None


def _with_sheets(page: str, site: Path, prefix: str) -> str:
    def sheet(found: re.Match[str]) -> str:
        file = site / "static" / found.group(1)
        return f"<style>{file.read_text('utf-8')}</style>" if file.is_file() else ""

    return re.sub(rf'<link rel="stylesheet" href="{re.escape(prefix)}static/([a-z-]+\.css)">', sheet, page)
