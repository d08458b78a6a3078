"""One view as a page to read, and the files it hands out."""

import re
from base64 import b64decode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from html import unescape
from pathlib import Path
from typing import Any

import jinja2
import mistune

from atelier.editions.shelf import EDITIONS, FILES, NOTICE, Codes, hash_of, key_of
from atelier.language import LANGUAGES, format_day
from atelier.live.editions.plan import View
from atelier.notebooks import Dashboard
from atelier.settings import Settings
from atelier.words import read_words

WIDGET = "application/vnd.jupyter.widget-view+json"
PUBLIC, HUB = "/services/public/", "/hub/"
_FILE_LINK = re.compile(r'<a\b[^>]*\shref="data:[^"]*?;base64,([A-Za-z0-9+/=]+)"[^>]*>([^<]*)</a>')
_FILE_NAME = re.compile(r'\sdownload="([^"]+)"')
_BUTTON = re.compile(r"<button\b.*?</button>", re.DOTALL)
_HREF = re.compile(r'\shref="data:[^"]*"')
_OWN_LINK = re.compile(r'(\shref=")(\?[^"]*")')
_PLAIN = re.compile(r"[^A-Za-z0-9._-]+")


@dataclass
class Page:
    """A page and the files it hands out.

    Attributes:
        text: The page.
        files: Content of each file, by hash and name.
        drawings: Drawings of which a picture is handed out too: their text, by hash and name of the picture.
    """

    text: str = ""
    files: dict[tuple[str, str], bytes] = field(default_factory=dict)
    drawings: dict[tuple[str, str], str] = field(default_factory=dict)


@dataclass(frozen=True)
class Printer:
    """Makes pages.

    Args:
        settings: Where the project is, and the address readers find it at.
        day: The day told to readers.
        prefix: Path of the public pages.
        hub: Path of the hub.
    """

    settings: Settings
    day: date
    prefix: str = PUBLIC
    hub: str = HUB

    def print(
        self, view: View, cells: Sequence[Mapping[str, Any]], drawn: Mapping[str, str], selection: str, codes: Codes
    ) -> Page:
        """Return a view as a page.

        Args:
            view: The view.
            cells: The notebook's cells with their outputs.
            drawn: What each part looks like, by model.
            selection: What is chosen, in words.
            codes: Codes of the other views, by parameter, in the page's language.
        """
        page = Page()
        address = f"{self.prefix}{view.dashboard.address}"
        parts = [self._settle(one, address, page) for cell in cells if (one := _content(cell, drawn))]
        others = {name: codes[name] for name in view.dashboard.editions if codes.get(name)}
        page.text = templates(self.settings.home).render(
            view=view,
            dashboard=view.dashboard,
            language=view.language,
            words=read_words(self.settings.home)[view.language],
            prefix=self.prefix,
            hub=self.hub,
            page="",
            parts=parts,
            selection=selection,
            day=format_day(self.day, view.language),
            date=self.day.isoformat(),
            address=address,
            canonical=live_address(self.settings, view),
            alternates={
                language: live_address(self.settings, View(view.dashboard, language, view.chosen))
                for language in LANGUAGES
            },
            other_language=edition_address(self.prefix, view.dashboard, view.chosen, _other(view.language)),
            choices=[
                (name, _title(view.dashboard, name, view.language), self._links(view, name, pairs))
                for name, pairs in others.items()
            ],
            whole=edition_address(self.prefix, view.dashboard, {}, view.language) if view.chosen else "",
            notice=NOTICE,
        )
        return page

    def _links(self, view: View, name: str, pairs: Sequence[tuple[str, str]]) -> list[tuple[str, str, bool]]:
        return [
            (
                edition_address(self.prefix, view.dashboard, {name: code}, view.language),
                words,
                view.chosen == {name: code},
            )
            for code, words in pairs
        ]

    def _settle(self, html: str, address: str, page: Page) -> str:
        """Return a part of the page whose files stand beside it, and whose links lead to the live page.

        Buttons are left out: nothing would answer them.
        """

        def replace(found: re.Match[str]) -> str:
            link, content, label = found.group(0), b64decode(found.group(1)), found.group(2)
            named = _FILE_NAME.search(link)
            name = _PLAIN.sub("-", unescape(named.group(1))) if named else "file"
            digest = hash_of(content)
            page.files[digest, name] = content
            kept = _HREF.sub(f' href="{address}/{FILES}/{digest}/{name}"', link)
            stem, _, kind = name.rpartition(".")
            if kind != "svg" or f'download="{stem}.png"' in html:
                return kept
            picture = hash_of(b"png" + content), f"{stem}.png"
            page.drawings[picture] = content.decode("utf-8")
            shown = kept.replace(f'download="{name}"', f'download="{picture[1]}"')
            shown = shown.replace(f"/{digest}/{name}", "/".join(["", *picture]))
            return f"{kept} {shown.replace(f'>{label}</a>', '>PNG</a>')}"

        return _OWN_LINK.sub(rf"\g<1>{address}\g<2>", _FILE_LINK.sub(replace, _BUTTON.sub("", html)))


def live_address(settings: Settings, view: View) -> str:
    """Return the whole address of the live page that shows the same as a view."""
    return f"{settings.address.rstrip('/')}/{view.dashboard.address}{view.live_query}"


def edition_address(prefix: str, dashboard: Dashboard, chosen: Mapping[str, str], language: str) -> str:
    """Return the path of a static edition."""
    return f"{prefix}{dashboard.address}/{EDITIONS}/{key_of(chosen, language)}"


_TEMPLATES: dict[tuple[Path, str], jinja2.Template] = {}


def templates(home: Path, name: str = "edition") -> jinja2.Template:
    """Return a template of the site that escapes all it is not told to trust."""
    if (home, name) not in _TEMPLATES:
        loader = jinja2.FileSystemLoader(home / "templates" / "site")
        environment = jinja2.Environment(loader=loader, autoescape=True, undefined=jinja2.StrictUndefined)
        _TEMPLATES[home, name] = environment.get_template(f"{name}.html.j2")
    return _TEMPLATES[home, name]


def _content(cell: Mapping[str, Any], drawn: Mapping[str, str]) -> str:
    """Return what a cell shows: its text, or its outputs that need no script."""
    if cell["cell_type"] == "markdown":
        return str(_markdown(cell["source"]))
    return "".join(_output(output, drawn) for output in cell.get("outputs", ()))


def _output(output: Mapping[str, Any], drawn: Mapping[str, str]) -> str:
    data = output.get("data", {})
    if WIDGET in data and data[WIDGET]["model_id"] in drawn:
        return drawn[data[WIDGET]["model_id"]]
    if "text/html" in data:
        return str(data["text/html"])
    if WIDGET in data or output.get("name") == "stderr" or output["output_type"] == "error":
        return ""
    text = data.get("text/plain", output.get("text", ""))
    return f"<pre>{mistune.escape(text)}</pre>" if text else ""


def _title(dashboard: Dashboard, name: str, language: str) -> str:
    return dashboard.titles[name][language] if name in dashboard.titles else name


def _other(language: str) -> str:
    return next(one for one in LANGUAGES if one != language)


_markdown: Callable[[str], Any] = mistune.create_markdown(escape=True)
