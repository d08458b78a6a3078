"""What the pages say that is not written in their templates: themes, dashboards, published reports."""

import json
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from atelier.declarations import Correction
from atelier.editions.shelf import Shelf
from atelier.editions.store import edition_keys, read_record
from atelier.notebooks import Dashboard, read_dashboards
from atelier.settings import Settings
from atelier.theme import Theme, read_theme, theme_names

Listed = tuple[str, date | None]
"""The address of a page below that of the public pages, and the day it was made, where that is known."""


@dataclass(frozen=True)
class Edition:
    """One published report.

    Attributes:
        theme: Identifier of its theme.
        report: Identifier of its report.
        title: What it is about, in its language.
        language: Language of the report.
        day: When it was published.
        files: Its formats and their paths below ``reports/``: ``{"html": "esr/institution/4k25D/index.html", ...}``.
        kilobytes: Weight of each format.
    """

    theme: str
    report: str
    title: str
    language: str
    day: date
    files: dict[str, str]
    kilobytes: dict[str, int]


@dataclass(frozen=True)
class Content:
    """All the pages show.

    Attributes:
        themes: Checked themes, by identifier.
        dashboards: Dashboards of all themes.
        editions: Published reports, the newest first.
    """

    themes: dict[str, Theme]
    dashboards: tuple[Dashboard, ...]
    editions: tuple[Edition, ...]

    @property
    def corrections(self) -> list[tuple[str, str, Correction]]:
        """Theme, identifier and declaration of every correction, the newest first."""
        found = [
            (theme_id, name, correction)
            for theme_id, theme in self.themes.items()
            for name, correction in theme.corrections.items()
        ]
        return sorted(found, key=lambda one: (one[2].date, one[1]), reverse=True)

    @property
    def editions_by_name(self) -> list[Edition]:
        """The published reports by report, then by title as a dictionary sorts it."""
        return sorted(self.editions, key=lambda one: (one.report, _unaccented(one.title), one.title))


def _unaccented(text: str) -> str:
    return unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()


def read_content(settings: Settings) -> Content:
    """Return what the pages show.

    Raises:
        DeclarationError: A theme or a notebook's metadata hold mistakes.
    """
    themes = {name: read_theme(settings, name) for name in theme_names(settings)}
    editions = sorted(read_editions(settings.editions), key=lambda one: (one.day, one.title), reverse=True)
    return Content(themes, read_dashboards(settings.home), tuple(editions))


def read_views(settings: Settings, dashboards: Iterable[Dashboard]) -> Iterator[Listed]:
    """Yield the address of each view that a dashboard has a static edition of, and the day it was made.

    It is the address of the live page, which crawlers get the static edition at; a dashboard that has none yet is
    listed all the same.
    """
    for dashboard in dashboards:
        shelf = Shelf(settings, dashboard)
        keys = edition_keys(shelf.folder)
        if not keys:
            yield dashboard.address, None
        for key in keys:
            record = read_record(shelf.folder, key)
            if record is not None and record.versions:
                told = {name: value for name, value in record.parameters.items() if (name, value) != ("lang", "fr")}
                query = f"?{urlencode(told)}" if told else ""
                yield f"{dashboard.address}{query}", datetime.fromisoformat(record.versions[-1].published).date()


def read_editions(folder: Path) -> Iterator[Edition]:
    """Yield the reports published below ``folder``: those that have their sidecar, ``provenance.json``."""
    for sidecar in sorted(folder.glob("*/*/*/provenance.json")):
        edition = sidecar.parent
        if any(part.startswith(".") for part in sidecar.relative_to(folder).parts):
            continue
        record: dict[str, Any] = json.loads(sidecar.read_text("utf-8"))
        paths = [*edition.glob("index.html"), *sorted(edition.glob("*.pdf"))]
        yield Edition(
            theme=sidecar.relative_to(folder).parts[0],
            report=sidecar.relative_to(folder).parts[1],
            title=str(record.get("title", edition.name)),
            language=str(record.get("language", "fr")),
            day=datetime.fromtimestamp(sidecar.stat().st_mtime, UTC).date(),
            files={path.suffix.removeprefix("."): path.relative_to(folder).as_posix() for path in paths},
            kilobytes={path.suffix.removeprefix("."): -(-path.stat().st_size // 1000) for path in paths},
        )
