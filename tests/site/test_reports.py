"""The public list of reports: each one in its language, with its formats and their weight; the list needs no script."""

import re
from pathlib import Path

import pytest

from atelier.settings import Settings, load_settings
from atelier.site import build_site
from tests.site.test_site import PREFIX


@pytest.fixture(scope="module")
def settings(home: Path, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """The project with three published reports."""
    state = tmp_path_factory.mktemp("state")
    for key, title, language in (("b", "Université B – Profil", "fr"), ("a", "École A", "fr"), ("a-en", "A", "en")):
        edition = state / "editions" / "esr" / "institution" / key
        edition.mkdir(parents=True)
        (edition / "index.html").write_text("x" * 12_345)
        (edition / f"institution-{key}.pdf").write_text("x" * 100_000)
        (edition / "provenance.json").write_text(f'{{"title": "{title}", "language": "{language}"}}', "utf-8")
    return load_settings({}, home=home, state=state)


def test_each_language_lists_its_reports_by_name_with_formats_and_weights(settings: Settings) -> None:
    """A reader knows what a link brings before following it."""
    site = build_site(settings)
    page = (site / "reports" / "index.html").read_text("utf-8")
    assert re.findall(r'edition-title">([^<]+)<', page) == ["École A", "Université B – Profil"]
    assert f'href="{PREFIX}reports/esr/institution/a/index.html"' in page
    assert re.findall(r">, (\d+) ko<", page) == ["13", "100", "13", "100"]
    english = (site / "en" / "reports" / "index.html").read_text("utf-8")
    assert re.findall(r'edition-title">([^<]+)<', english) == ["A"]


def test_the_search_field_is_hidden_until_its_script_runs_and_the_script_is_ours(settings: Settings) -> None:
    """Without JavaScript the list is whole, and no dead field is shown."""
    site = build_site(settings)
    page = (site / "reports" / "index.html").read_text("utf-8")
    assert re.search(r'<form class="find" role="search" hidden>', page)
    assert '<label for="find">' in page
    assert re.findall(r'<script src="([^"]+)"', page) == [f"{PREFIX}static/{name}.js" for name in ("scheme", "reports")]
    assert (site / "static" / "reports.js").is_file()


def test_the_front_page_shows_a_few_and_leads_to_all(settings: Settings) -> None:
    """Hundreds of reports do not fill it."""
    page = (build_site(settings) / "index.html").read_text("utf-8")
    assert f'href="{PREFIX}reports/"' in page
    assert page.count('class="edition-title"') <= 6
