"""The static edition nearest to what a reader asked, and one figure of a page."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from pathlib import Path
from urllib.parse import parse_qsl

from atelier.editions.shelf import NOTICE, Shelf, is_code, key_of
from atelier.language import LANGUAGES
from atelier.notebooks import Dashboard
from atelier.settings import Settings

_DIV = re.compile(r"<(/?)div\b[^>]*>")
_FIGURE = re.compile(r'<div class="[^"]*\batelier-figure figure-([a-z0-9-]+)[^"]*"')


@dataclass(frozen=True)
class Found:
    """A static edition.

    Attributes:
        path: Its page.
        key: Its name.
        is_exact: Whether it shows all that was asked.
    """

    path: Path
    key: str
    is_exact: bool

    @property
    def version(self) -> str:
        """A hash of its content."""
        return self.path.parent.resolve().name.rpartition("-")[2]

    def read(self, *sentences: str) -> str:
        """Return the page, saying why it is sent in the place of another."""
        notice = f'<p class="notice" role="status">{escape(" ".join(sentences))}</p>' if sentences else ""
        return self.path.read_text("utf-8").replace(NOTICE, notice, 1)


def find_edition(settings: Settings, dashboard: Dashboard, query: str, language: str) -> Found | None:
    """Return the edition of the most precise choice that has one, then the notebook's own; None when there is none.

    Args:
        settings: Where the project's state is.
        dashboard: The dashboard asked for.
        query: The query of the page's address, as received.
        language: The language asked for; another one is better than nothing.
    """
    shelf, asked = Shelf(settings, dashboard), _asked(dashboard, query)
    candidates = [{name: asked[name]} for name in reversed(list(dashboard.defaults)) if name in asked]
    kept = [one for one in candidates if set(one) <= set(dashboard.editions) and all(map(is_code, one.values()))]
    for spoken in (language, *(one for one in LANGUAGES if one != language)):
        for chosen in (*kept, {}):
            key = key_of(chosen, spoken)
            if (path := shelf.page(key)) is not None:
                return Found(path, key, asked == chosen and spoken == language)
    return None


def figure_names(html: str) -> list[str]:
    """Return the names of the figures of a page, in order."""
    return list(dict.fromkeys(_FIGURE.findall(html)))


def cut_figure(html: str, name: str) -> str | None:
    """Return one figure of a page with its title, Lecture, Champ and Source; None when it is not there."""
    start = next((found.start() for found in _FIGURE.finditer(html) if found.group(1) == name), None)
    if start is None:
        return None
    depth = 0
    for found in _DIV.finditer(html, start):
        depth += -1 if found.group(1) else 1
        if depth == 0:
            return html[start : found.end()]
    return None


def _asked(dashboard: Dashboard, query: str) -> Mapping[str, str]:
    """Return what is asked that differs from the notebook's own selection."""
    told = dict(parse_qsl(query, keep_blank_values=True))
    return {
        name: told[name]
        for name, default in dashboard.defaults.items()
        if name != "lang" and name in told and told[name] != str(default)
    }
