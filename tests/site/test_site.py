"""The public pages: both languages, sound structure, nothing from elsewhere, replaced in one move."""

import re
import threading
from html.parser import HTMLParser
from itertools import pairwise

import pytest

from atelier.errors import DeclarationError, StoreError
from atelier.language import LANGUAGES
from atelier.settings import load_settings
from atelier.site import build_site
from atelier.site.build import PAGES, page_path
from atelier.words import read_words

PREFIX = "/services/public/"


class Outline(HTMLParser):
    """What a page is made of: its elements, its texts, its addresses."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict]] = []
        self.texts: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        """Note an element."""
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        """Note a text."""
        self.texts.append(data)

    def count(self, tag: str) -> int:
        """How many there are of an element."""
        return sum(name == tag for name, _attributes in self.tags)


@pytest.fixture(scope="module")
def site(home, tmp_path_factory):
    """The project's public pages, built."""
    state = tmp_path_factory.mktemp("state")
    return build_site(load_settings({}, home=home, state=state))


ALL = [(language, page) for language in LANGUAGES for page in PAGES]


@pytest.fixture(params=ALL, ids=[f"{language}-{page.strip('/') or 'front'}" for language, page in ALL])
def page(request, site):
    """One page: its language, its path and its text."""
    language, path = request.param
    return language, path, (site / page_path(language, path) / "index.html").read_text("utf-8")


def test_a04_each_page_has_a_language_one_title_and_landmarks(page):
    """What a screen reader finds its way by."""
    language, _path, text = page
    outline = Outline(text)
    assert ("html", {"lang": language}) in outline.tags
    assert [outline.count(tag) for tag in ("h1", "title", "header", "nav", "main", "footer")] == [1] * 6
    assert re.search(r"<title>[^<]{5,}</title>", text)
    assert ("a", {"class": "skip", "href": "#content"}) in outline.tags
    assert any(tag == "main" and attributes["id"] == "content" for tag, attributes in outline.tags)
    assert all(attributes.get("aria-label") for tag, attributes in outline.tags if tag == "nav")


def test_headings_step_down_one_level_at_a_time(page):
    """No level is skipped."""
    levels = [int(tag[1]) for tag, _attributes in Outline(page[2]).tags if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


def test_a11_a_page_loads_nothing_from_elsewhere_and_runs_almost_nothing(page):
    """Every file is ours; no script but the one of light and dark, no style attribute, no event attribute."""
    for tag, attributes in Outline(page[2]).tags:
        assert tag not in {"iframe", "object", "embed"}
        assert tag != "script" or attributes.get("src") == f"{PREFIX}static/scheme.js"
        assert not any(name.startswith("on") or name == "style" for name in attributes)
        loaded = attributes.get("src") or (attributes.get("href") if tag == "link" else None)
        assert loaded is None or loaded.startswith(PREFIX)


def test_links_inside_the_site_lead_somewhere(page, site):
    """Each link to one of our pages or files has its file; each link to a part of a page has its part."""
    _language, path, text = page
    outline = Outline(text)
    for tag, attributes in outline.tags:
        address = attributes.get("href", "") if tag in {"a", "link"} else ""
        if not address.startswith(PREFIX) or address.startswith((f"{PREFIX}dashboards/", f"{PREFIX}reports/")):
            continue
        file, _, part = address.removeprefix(PREFIX).partition("#")
        target = site / file / "index.html" if not file or file.endswith("/") else site / file
        assert target.is_file(), (path, address)
        if part:
            assert f'id="{part}"' in target.read_text("utf-8"), (path, address)


def test_the_other_language_is_one_link_away(page):
    """On every page, to the same page."""
    language, path, text = page
    other = "en" if language == "fr" else "fr"
    assert any(
        attributes.get("hreflang") == other and attributes["href"] == PREFIX + page_path(other, path)
        for tag, attributes in Outline(text).tags
        if tag == "a"
    )


def test_french_texts_have_no_break_spaces_and_true_apostrophes(page):
    """Before ; : ? ! and inside « », a space that does not break; ’ and not '."""
    language, _path, text = page
    if language == "en":
        pytest.skip("English has no such spaces")
    for part in Outline(text).texts:
        assert not re.search(r"[ \w][;?!»](?!\w)", part.replace("\u00a0", "·").replace("\u202f", "·")), part
        assert not re.search(r" :|« ", part), part
        assert not re.search(r"\w'\w", part), part


def test_the_words_of_the_interface_keep_french_typography(home):
    """Words shared with dashboards, login and fork page, too."""
    for key, text in read_words(home)["fr"].items():
        assert not re.search(r" [;:?!»]|« |\w[;?!»]|\w'\w", text), key


def test_the_front_page_names_every_dashboard(site):
    """Each is a link, with its title in the page's language."""
    for language in LANGUAGES:
        text = (site / page_path(language, "") / "index.html").read_text("utf-8")
        assert f"{PREFIX}dashboards/esr/students" in text


@pytest.fixture
def own_project(home, tmp_path):
    """A project of one's own, to break."""
    import shutil

    for name in ("themes", "notebooks", "templates"):
        shutil.copytree(home / name, tmp_path / "home" / name)
    return load_settings({}, home=tmp_path / "home", state=tmp_path / "state")


def test_r07_readers_never_see_a_part(own_project):
    """While the site is built again and again, each read finds a whole page, old or new."""
    front = build_site(own_project) / "index.html"
    seen, done = set(), threading.Event()

    def read():
        while not done.is_set():
            seen.add(front.read_text("utf-8"))

    reader = threading.Thread(target=read)
    reader.start()
    words = own_project.home / "templates" / "site" / "words.toml"
    try:
        words.write_text(words.read_text("utf-8").replace("Comment lire", "Mode d’emploi"), "utf-8")
        for _ in range(10):
            build_site(own_project)
    finally:
        done.set()
        reader.join()
    assert 1 <= len(seen) <= 2
    assert all(text.rstrip().endswith("</html>") for text in seen)
    assert sorted(path.name for path in own_project.state.iterdir()) == ["site"]


def test_a_mistake_leaves_the_former_pages(own_project):
    """A word without its English stops the build and names the word."""
    target = build_site(own_project)
    before = (target / "index.html").read_text("utf-8")
    words = own_project.home / "templates" / "site" / "words.toml"
    words.write_text(words.read_text("utf-8") + 'new-word = { fr = "Nouveau" }\n', "utf-8")
    with pytest.raises(DeclarationError, match=r"new-word.*'en'"):
        build_site(own_project)
    assert (target / "index.html").read_text("utf-8") == before
    assert sorted(path.name for path in own_project.state.iterdir()) == ["site"]


def test_a_full_disk_leaves_the_former_pages(own_project, monkeypatch):
    """The message says that they are still there."""
    import errno
    import shutil

    target = build_site(own_project)
    before = (target / "index.html").read_text("utf-8")

    def refuse(*_given, **_named):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(shutil, "copyfile", refuse)
    with pytest.raises(StoreError, match=r"No space left on device\. The former pages are still there"):
        build_site(own_project)
    monkeypatch.undo()
    assert (target / "index.html").read_text("utf-8") == before
    assert sorted(path.name for path in own_project.state.iterdir()) == ["site"]
