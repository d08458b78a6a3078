"""Builds the public pages beside the old ones, then puts them in place in one move."""

import ctypes
import os
import shutil
import tempfile
from html import escape
from pathlib import Path

import jinja2

from atelier.errors import StoreError
from atelier.language import LANGUAGES, NO_BREAK_SPACE, Language, format_day
from atelier.settings import Settings
from atelier.site.content import Content, Listed, read_content, read_views
from atelier.words import read_words

PAGES = ("", "reports/", "corrections/", "how-to-read/", "about/")
"""Paths of the pages below each language's folder; French stands at the root, English in ``en/``."""

_STATIC = {".css", ".svg", ".js", ".woff2"}
_AT_FDCWD = -100
_RENAME_EXCHANGE = 2


def build_site(settings: Settings, prefix: str = "/services/public/", hub: str = "/hub/") -> Path:
    """Build every public page; readers see the old site or the new one, never a part.

    Args:
        settings: Where the project and its state are.
        prefix: Path the pages are served at.
        hub: Path of the hub, for the links to the workbench.

    Returns:
        The folder of the site: all that is in it is public.

    Raises:
        DeclarationError: A theme, a notebook's metadata or the interface's words hold mistakes; the old site stays.
        StoreError: The disk refused; the old site stays.
    """
    content = read_content(settings)
    target = settings.state / "site"
    try:
        settings.state.mkdir(mode=0o700, parents=True, exist_ok=True)
        aside = Path(tempfile.mkdtemp(prefix="site-", dir=settings.state))
        try:
            _write_pages(aside, settings, content, prefix, hub)
            _put_in_place(aside, target)
        finally:
            shutil.rmtree(aside, ignore_errors=True)
    except OSError as error:
        raise StoreError(
            f"public pages not written to {target}: {error.strerror}. The former pages are still there."
        ) from error
    return target


def page_path(language: Language, page: str) -> str:
    """Return a page's path below the prefix: ``en/about/``."""
    return page if language == "fr" else f"{language}/{page}"


def _write_pages(folder: Path, settings: Settings, content: Content, prefix: str, hub: str) -> None:
    templates = settings.home / "templates" / "site"
    words = read_words(settings.home)
    pages = jinja2.Environment(
        loader=jinja2.FileSystemLoader(templates), autoescape=True, undefined=jinja2.StrictUndefined
    )
    pages.filters["day"] = format_day
    for language in LANGUAGES:
        for page in PAGES:
            name = page.strip("/") or "front"
            file = folder / page_path(language, page) / "index.html"
            file.parent.mkdir(parents=True, exist_ok=True)
            text = pages.get_template(f"{name}.html.j2").render(
                language=language,
                words=words[language],
                prefix=prefix,
                hub=hub,
                page=page,
                other_language="",
                content=content,
                nbsp=NO_BREAK_SPACE,
            )
            file.write_text(text, "utf-8")
        feed = pages.get_template("corrections.xml.j2").render(
            language=language, words=words[language], address=settings.address, content=content
        )
        (folder / page_path(language, "corrections/") / "feed.xml").write_text(feed, "utf-8")
    _write_for_crawlers(folder, settings, content, prefix, hub)
    static = folder / "static"
    static.mkdir()
    for path in sorted(templates.iterdir()):
        if path.suffix in _STATIC:
            shutil.copyfile(path, static / path.name)


def _write_for_crawlers(folder: Path, settings: Settings, content: Content, prefix: str, hub: str) -> None:
    """Write which pages there are, at the address readers find them at, and which are not for crawlers."""
    root = settings.address.rstrip("/") + "/"
    pages: list[Listed] = [(page_path(language, page), None) for language in LANGUAGES for page in PAGES]
    pages += [(f"reports/{one.files['html']}", one.day) for one in content.editions if "html" in one.files]
    pages += read_views(settings, content.dashboards)
    lines = [
        f"<url><loc>{escape(root + path)}</loc>{f'<lastmod>{day.isoformat()}</lastmod>' if day else ''}</url>"
        for path, day in pages
    ]
    listed = "\n".join(lines)
    sitemap = (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n{listed}\n</urlset>\n'
    )
    (folder / "sitemap.xml").write_text(sitemap, "utf-8")
    closed = "".join(f"Disallow: {path}\n" for path in (hub, "/user/", f"{prefix}api/", f"{prefix}embed/"))
    (folder / "robots.txt").write_text(f"User-agent: *\n{closed}\nSitemap: {root}sitemap.xml\n", "utf-8")


def _put_in_place(aside: Path, target: Path) -> None:
    if not target.exists():
        aside.rename(target)
    elif not _exchange(aside, target):
        # No atomic exchange on this system: two renames, a few microseconds apart.
        old = aside.with_name(f"{aside.name}-old")
        target.rename(old)
        aside.rename(target)
        shutil.rmtree(old)


def _exchange(one: Path, other: Path) -> bool:
    rename = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if rename is None:
        return False
    done: int = rename(_AT_FDCWD, os.fsencode(one), _AT_FDCWD, os.fsencode(other), _RENAME_EXCHANGE)
    return done == 0
