"""Static editions of a dashboard: made whole, made again only when they must be, served whatever happens."""

import gzip
import os
import re
import shutil
import signal
import subprocess
import sys
from html import unescape
from pathlib import Path

import nbformat
import pytest

from atelier import open_theme
from atelier.datasets import build_tables
from atelier.editions.find import cut_figure, figure_names, find_edition
from atelier.editions.shelf import NOTICE, Shelf
from atelier.errors import UnknownNameError
from atelier.hub.outage import find_page
from atelier.live.editions.build import build, survey
from atelier.live.editions.plan import read_request
from atelier.notebooks import read_dashboard
from atelier.settings import Settings, load_settings
from atelier.site import build_site
from atelier.theme import read_theme
from tests.conftest import edit

HOME = Path(__file__).resolve().parents[2]
PREFIX = "/services/public/"
CELLS = [
    'import atelier\nimport atelier_widgets as aw\n\ncity = atelier.open_theme("loans")',
    (
        'year: int = 2023  # Année | Year\nlibrary: str = ""  # Bibliothèque | Library\n'
        'lang: str = "fr"  # Langue | Language'
    ),
    (
        'board = aw.Dashboard(city, "loans", year=year, library=library, lang=lang)\n'
        'board.show(aw.Title(fr="Qui emprunte ?", en="Who borrows?"), aw.Controls())'
    ),
    (
        'def trend(chosen):\n    return city.indicator("loans").by("year").where(**chosen.without("year"))\n\n\n'
        "def by_support(chosen):\n"
        '    name = "visits" if chosen["library"] == "B" else "loans"\n'
        '    return city.indicator(name).by("support").where(**chosen)\n\n\n'
        'board.show(aw.KeyFigures("loans"), aw.Narrative(trend))\n'
        'board.show(aw.FigureView(trend, "line"), aw.FigureView(by_support, "bars"))'
    ),
    "board.show(aw.Downloads())",
]


def write_notebook(home: Path, name: str = "lending", cells: list[str] = CELLS) -> Path:
    """Write the dashboard whose view of one library reads a second dataset."""
    declared = {
        "title": {"fr": "Qui emprunte ?", "en": "Who borrows?"},
        "description": {"fr": "Les prêts de la ville.", "en": "The city’s loans."},
        "editions": ["library"],
    }
    notebook = nbformat.v4.new_notebook(metadata={"atelier": declared})
    notebook.cells = [nbformat.v4.new_markdown_cell("Un mot *d’abord*.", id="word")]
    notebook.cells += [nbformat.v4.new_code_cell(source, id=f"c{place}") for place, source in enumerate(cells)]
    notebook.cells[2].metadata["tags"] = ["parameters"]
    path = home / "notebooks" / "loans" / "dashboards" / f"{name}.ipynb"
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, path)
    return path


@pytest.fixture(scope="module")
def project(tmp_path_factory) -> Settings:
    """A project with two small datasets and one dashboard, its static editions made."""
    home = tmp_path_factory.mktemp("lending")
    for name in ("templates", "node_modules", "hub_config"):
        (home / name).symlink_to(HOME / name)
    folder, raw = home / "themes" / "loans", home / "raw"
    shutil.copytree(HOME / "tests" / "themes" / "loans", folder)
    raw.mkdir()
    for name in ("loans.csv", "libraries.csv"):
        shutil.move(folder / name, raw / name)
    for name in ("datasets/loans.toml", "datasets/loans.sql", "indicators/loans.toml"):
        shutil.copyfile(folder / name, folder / name.replace("/loans", "/visits"))
    shutil.copyfile(raw / "loans.csv", raw / "visits.csv")
    edit(folder / "datasets" / "visits.toml", 'path = "loans.csv"', 'path = "visits.csv"')
    edit(folder / "indicators" / "visits.toml", 'dataset = "loans"', 'dataset = "visits"')
    write_notebook(home)
    settings = load_settings({}, home=home, state=home / "state", raw_data=raw, theme="loans")
    build_tables(read_theme(settings), settings)
    made = build(settings, dashboards(settings), read_request())
    assert made.failed == []
    return settings


def dashboards(settings: Settings) -> list:
    """Return the project's dashboard."""
    return [read_dashboard(settings.home / "notebooks" / "loans" / "dashboards" / "lending.ipynb")]


@pytest.fixture
def shelf(project) -> Shelf:
    """Where its editions are."""
    return Shelf(project, *dashboards(project))


def stale(settings: Settings, **how) -> dict[str, tuple[str, ...]]:
    """Return why each edition that must be made must be."""
    plan = survey(settings, dashboards(settings), read_request(**how))
    return {view.key: view.reasons for view in plan.views if view.reasons}


def text_of(html: str) -> str:
    """Return the words of a page."""
    body = re.sub(r"<(style|svg|head)\b.*?</\1>", " ", html, flags=re.DOTALL)
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", body)))


def test_there_is_a_page_for_each_view_in_each_language(shelf):
    """The notebook's own selection, and each library that has figures; a library that closed has none."""
    keys = {f"{view}{language}" for view in ("", "library-A-", "library-B-", "library-D-") for language in ("fr", "en")}
    assert {path.name for path in shelf.folder.iterdir() if path.is_symlink()} == keys
    assert shelf.codes("en") == {"library": [("A", "Austerlitz"), ("B", "Bastille"), ("D", "Dauphine")]}


@pytest.mark.parametrize("key", ["fr", "library-A-en"])
def test_a_page_is_read_without_script_or_kernel(shelf, key):
    """Words, drawings for two widths, tables, files beside it; nothing that only a live page can do, no other host."""
    page = shelf.page(key).read_text("utf-8")
    assert re.findall("<script[^>]*>", page) == [SCHEME]
    assert "<button" not in page.partition("<main")[2]
    assert "<select" not in page
    assert "data:" not in page
    assert page.count("<svg") == 4
    assert page.count("<table") == 2
    assert page.count("<h1") == 1
    assert f'<html lang="{key[-2:]}">' in page
    assert "<em>d’abord</em>" in page
    assert 'rel="canonical" href="http://127.0.0.1:8000/services/public/dashboards/loans/lending' in page
    assert '<meta name="description" content="' in page
    own, source = ("/", "http://127.0.0.1:8000/", "#"), "https://example.org/loans"
    assert all(link.startswith(own) or link == source for link in re.findall(r'href="([^"]*)"', page))
    packed = shelf.page(key).with_name("index.html.gz")
    assert packed.stat().st_size < 150_000


def test_every_file_offered_is_there_and_named_by_its_content(shelf):
    """CSV, XLSX, SVG and PNG of each figure; the same file of two views is kept once."""
    page = shelf.page("library-A-fr").read_text("utf-8")
    links = re.findall(r'download="([^"]+)" href="[^"]*?/files/([0-9a-f]{16})/([^"]+)"', page)
    assert {name for _, _, name in links} >= {f"{one}.{kind}" for one in ("trend", "by-support") for kind in KINDS}
    for download, digest, name in links:
        content = (shelf.folder / "files" / digest / name).read_bytes()
        assert download == name
        assert content.startswith(KINDS[name.rpartition(".")[2]])
    mentioned = {
        digest
        for path in shelf.folder.glob("*/index.html")
        for digest in re.findall(r"/files/([0-9a-f]{16})/", path.read_text("utf-8"))
    }
    assert {path.name for path in (shelf.folder / "files").iterdir()} == mentioned


SCHEME = '<script src="/services/public/static/scheme.js">'
BOT = {"User-Agent": "Googlebot/2.1"}
KINDS = {"csv": b"", "xlsx": b"PK", "svg": b"<svg", "png": b"\x89PNG"}


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("library", ["", "A", "B"])
def test_every_number_of_the_text_is_one_recomputed(project, shelf, library, language):
    """Numbers of key figures, sentences, titles and tables are those the theme gives today, as text."""
    key = f"library-{library}-{language}" if library else language
    page = shelf.page(key).read_text("utf-8")
    city = open_theme("loans", home=project.home, state=project.state, raw_data=project.raw_data).in_language(language)
    wanted = []
    for name, by, where in (
        ("loans", "year", {"library": library}),
        ("visits" if library == "B" else "loans", "support", {"library": library, "year": 2023}),
    ):
        table = city.indicator(name).by(by).where(**where).table()
        wanted.append({table.format(row["value"], row["status"]) for _, row in table.cells.iterrows()})
    city.close()
    tables = re.findall(r"<table.*?</table>", page, flags=re.DOTALL)
    for table, values in zip(tables, wanted, strict=True):
        shown = {unescape(re.sub(r"<[^>]+>", "", cell)) for cell in re.findall(r"<td[^>]*>(.*?)</td>", table)}
        assert values <= {one.replace(" (p)", "").strip() for one in shown}, shown
    spoken = " ".join(re.findall(r"atelier-(?:value|narrative).*?</(?:dd|div)>", page, flags=re.DOTALL))
    everything = set().union(*wanted)
    thousands = {"fr": "\u202f", "en": ","}[language]
    counts = set(re.findall(rf"\d{{1,3}}(?:{thousands}\d{{3}})+", text_of(spoken)))
    differences = {abs(as_number(a) - as_number(b)) for a in everything for b in everything if a and b}
    assert {as_number(one) for one in counts} <= differences | {as_number(one) for one in everything}


def as_number(text: str) -> int:
    """Return a count as it is written in a page."""
    return int(re.sub(r"\D", "", text) or 0)


def test_a_second_run_does_nothing_and_says_so(project):
    """Nothing is stale, and the command says so."""
    assert stale(project) == {}
    answer = run_command(project)
    assert "8 static editions, all up to date: nothing to do." in answer.stdout
    assert answer.returncode == 0


def run_command(settings: Settings, *more: str) -> subprocess.CompletedProcess[str]:
    """Run ``atelier dashboards build`` on a project."""
    return subprocess.run(command_of(*more), env=environment_of(settings), capture_output=True, text=True, check=False)


def command_of(*more: str) -> list[str]:
    """Return the command line."""
    return [sys.executable, "-c", "from atelier.cli import main; main()", "dashboards", "build", *more]


def environment_of(settings: Settings) -> dict[str, str]:
    """Return the environment that names a project."""
    return {**os.environ, "ATELIER_HOME": str(settings.home), "ATELIER_STATE": str(settings.state)}


@pytest.mark.long
def test_two_runs_give_the_same_bytes(project, shelf, tmp_path):
    """Pages and files are the same, to the last byte, wherever and in whatever order they are made."""
    other = load_settings({}, home=project.home, state=tmp_path, raw_data=project.raw_data, theme="loans")
    build(other, dashboards(other), read_request(["en"], ["library=B"]), jobs=1)
    again = Shelf(other, *dashboards(other))
    names = [path.relative_to(again.folder) for path in again.folder.rglob("*") if path.is_file()]
    pages = [name for name in names if name.name in ("index.html", "index.html.gz") and name.parts[0] == ".kept"]
    files = [name for name in names if name.parts[0] == "files"]
    assert len(pages) == 4
    for name in [*pages, *files]:
        assert (again.folder / name).read_bytes() == (shelf.folder / name).read_bytes(), name


def test_changed_data_make_exactly_the_views_that_read_them(project):
    """Only the view of one library read the second dataset; a language, a code and a name narrow what is made."""
    data = next((project.home / "themes" / "loans" / "figures").rglob("visits.*"))
    before = data.read_bytes()
    data.write_bytes(before + b" ")
    try:
        assert stale(project) == dict.fromkeys(("library-B-fr", "library-B-en"), ("data changed: datasets/visits",))
        assert set(stale(project, languages=["en"])) == {"library-B-en"}
        assert stale(project, codes=["library=A"]) == {}
        assert stale(project, only_own=True) == {}
    finally:
        data.write_bytes(before)


def test_a_file_gone_is_made_again(project, shelf):
    """A page that offers a file which is no longer there is not up to date."""
    page = shelf.page("library-D-en").read_text("utf-8")
    digest, name = re.search(r"/files/([0-9a-f]{16})/([^\"]+)", page).groups()
    file = shelf.folder / "files" / digest / name
    before = file.read_bytes()
    file.unlink()
    try:
        assert "library-D-en" in stale(project)
    finally:
        file.write_bytes(before)


def test_what_does_not_exist_is_refused_with_what_does(project):
    """A code, a language, a dashboard."""
    with pytest.raises(UnknownNameError, match="A, B, D"):
        stale(project, codes=["library=Z"])
    with pytest.raises(UnknownNameError, match="fr, en"):
        stale(project, languages=["de"])
    answer = run_command(project, "--only", "lendings")
    assert "Did you mean 'lending'?" in answer.stderr
    assert answer.returncode == 1


@pytest.mark.long
def test_r_a_production_killed_at_any_moment_leaves_whole_pages(project, tmp_path):
    """Kill -9 while pages are published: each is the old one or the new one, and the next run makes the rest."""
    home = tmp_path / "home"
    shutil.copytree(project.home, home, symlinks=True, ignore=shutil.ignore_patterns("live", "raw"))
    settings = load_settings({}, home=home, state=home / "state", raw_data=project.raw_data, theme="loans")
    write_notebook(home, cells=[cell.replace("Qui emprunte ?", "Qui lit ?") for cell in CELLS])
    shelf = Shelf(settings, *dashboards(settings))
    old = {path.name: path.readlink() for path in shelf.folder.iterdir() if path.is_symlink()}
    running = subprocess.Popen(
        command_of(), env=environment_of(settings), stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL
    )
    while not [key for key, link in old.items() if (shelf.folder / key).readlink() != link]:
        assert running.poll() is None
    running.send_signal(signal.SIGKILL)
    running.wait()
    for key in old:
        page = shelf.page(key).read_text("utf-8")
        title = re.search(r"<h1[^>]*>Qui (lit|emprunte)\s\?</h1>", page)
        assert title is not None or key.endswith("en")
        assert page.endswith("</html>")
    assert stale(settings)


@pytest.mark.long
def test_a_notebook_that_fails_keeps_the_pages_in_place(project, tmp_path):
    """The reason is told, and readers go on reading."""
    home = tmp_path / "home"
    shutil.copytree(project.home, home, symlinks=True, ignore=shutil.ignore_patterns("live", "raw"))
    settings = load_settings({}, home=home, state=home / "state", raw_data=project.raw_data, theme="loans")
    write_notebook(home, cells=[*CELLS, "raise RuntimeError('broken')"])
    made = build(settings, dashboards(settings), read_request())
    assert ["broken" in one.error for one in made.failed] == [True, True]
    assert Shelf(settings, *dashboards(settings)).page("library-A-fr") is not None


@pytest.mark.parametrize(
    ("query", "language", "key", "is_exact"),
    [
        ("", "fr", "fr", True),
        ("library=A", "fr", "library-A-fr", True),
        ("library=A&lang=en", "en", "library-A-en", True),
        ("library=A&year=2023&utm_source=x", "fr", "library-A-fr", True),
        ("library=A&year=2021", "fr", "library-A-fr", False),
        ("year=2021", "en", "en", False),
        ("library=Z", "fr", "fr", False),
        ("library=../../fr", "fr", "fr", False),
        ("library=" + "A" * 300, "fr", "fr", False),
    ],
)
def test_the_nearest_edition_is_found(project, query, language, key, is_exact):
    """The exact view, else that of the most precise choice, else the notebook's own; never none, never a path."""
    found = find_edition(project, *dashboards(project), query, language)
    assert (found.key, found.is_exact) == (key, is_exact)


def test_a_page_sent_in_the_place_of_another_says_so(project):
    """One sentence, escaped, with the day in the page; nothing of it in the page itself."""
    found = find_edition(project, *dashboards(project), "", "fr")
    assert NOTICE in found.path.read_text("utf-8")
    assert NOTICE not in found.read()
    assert '<p class="notice" role="status">a &lt;b&gt; c</p>' in found.read("a <b>", "c")
    assert re.search(r"établie le <time datetime=\"\d{4}-\d\d-\d\d\">", found.read())


def test_one_figure_is_cut_whole(project):
    """Its title, drawings, Lecture, Champ, Source and table; nothing of its neighbours."""
    page = find_edition(project, *dashboards(project), "", "fr").read()
    assert figure_names(page) == ["trend", "by-support"]
    figure = cut_figure(page, "trend")
    assert figure.count("<div") == figure.count("</div>")
    assert figure.count("<svg") == 2
    for words in ("<h3", "Lecture", "Champ", "Source", "<table"):
        assert words in figure
    assert "figure-by-support" not in figure
    assert cut_figure(page, "nothing") is None


def test_r17_the_proxy_has_a_page_when_the_service_does_not_answer(project):
    """The hub gives the edition with its style sheets in it; a site's page; nothing for what is not public."""
    build_site(project)
    page = find_page(project, f"{PREFIX}dashboards/loans/lending?library=A&year=2021", PREFIX)
    assert "arrêtés pour un moment" in page
    assert "la plus proche" in page
    assert 'rel="stylesheet"' not in page
    assert ".edition-bar" in page
    assert "Who borrows?" in find_page(project, f"{PREFIX}dashboards/loans/lending?lang=en", PREFIX)
    assert "Bastille" in find_page(project, f"{PREFIX}dashboards/loans/lending/static/library-B-fr", PREFIX)
    assert "<h1>" in find_page(project, f"{PREFIX}en/about/", PREFIX)
    for url in ("/user/x/", f"{PREFIX}dashboards/loans/none", f"{PREFIX}../../etc/passwd", f"{PREFIX}health", ""):
        assert find_page(project, url, PREFIX) is None


def test_crawlers_are_told_of_every_view(project):
    """The sitemap lists the live address of each view, at the public address; robots.txt names it."""
    build_site(project)
    root = "http://127.0.0.1:8000/services/public/"
    sitemap = (project.state / "site" / "sitemap.xml").read_text("utf-8")
    listed = re.findall(r"<loc>([^<]+)</loc>", sitemap)
    assert f"{root}dashboards/loans/lending?library=A&amp;lang=en" in listed
    assert f"{root}dashboards/loans/lending" in listed
    assert len(listed) == len(set(listed))
    assert f"Sitemap: {root}sitemap.xml" in (project.state / "site" / "robots.txt").read_text("utf-8")


@pytest.fixture(scope="module")
def served(project, serve_project, tmp_path_factory):
    """A public server on a copy whose notebook cannot run any more: no parent will ever draw."""
    home = tmp_path_factory.mktemp("served") / "home"
    shutil.copytree(project.home, home, symlinks=True, ignore=shutil.ignore_patterns("live", "raw"))
    write_notebook(home, cells=[*CELLS, "raise RuntimeError('broken')"])
    build_site(load_settings({}, home=home, state=home / "state"))
    service = serve_project(home, home / "live.log")
    yield service
    service.process.terminate()
    service.process.wait(30)


def test_r17_s22_robots_get_the_nearest_edition_without_a_parent(served):
    """The exact one with the reason; the nearest with one sentence more; 200 in both cases; no kernel."""
    exact = served.ask(f"{PREFIX}dashboards/loans/lending?library=A", headers=BOT)
    near = served.ask(f"{PREFIX}dashboards/loans/lending?library=A&year=2021", headers=BOT)
    assert exact.status == near.status == 200
    assert "Austerlitz" in exact.text
    assert "la plus proche" not in exact.text
    assert "la plus proche" in near.text
    assert served.ask(f"{PREFIX}dashboards/loans/lending", "HEAD", headers=BOT).status == 200
    assert served.kernels == 0


def test_an_edition_is_packed_and_not_sent_twice(served):
    """As it was packed when it was made; 304 for those who have it; the query finds the nearest."""
    address = f"{PREFIX}dashboards/loans/lending/static/library-A-fr"
    packed = served.ask(address, headers={"Accept-Encoding": "gzip"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert served.ask(address).body == gzip.decompress(packed.body)
    assert served.ask(address, headers={"If-None-Match": packed.headers["Etag"]}).status == 304
    found = served.ask(f"{PREFIX}dashboards/loans/lending/static/?library=A&year=2021")
    assert (found.status, found.headers["Location"]) == (302, address)
    assert served.ask(f"{PREFIX}dashboards/loans/lending/static/library-Z-fr").status == 404


def test_a_file_is_kept_by_browsers_for_ever(served):
    """Its address is a hash of its content; a drawing opened by itself runs nothing."""
    page = served.ask(f"{PREFIX}dashboards/loans/lending/static/fr").text
    for address in set(re.findall(r'href="([^"]*/files/[^"]+)"', page)):
        answer = served.ask(address)
        assert answer.status == 200
        assert "immutable" in answer.headers["Cache-Control"]
        assert "sandbox" in answer.headers["Content-Security-Policy"]


def test_a_figure_may_be_shown_by_any_site(served):
    """One figure, framed anywhere, that route alone; a link to the whole; no kernel, no script."""
    answer = served.ask(f"{PREFIX}embed/loans/lending/by-support?library=A&lang=en")
    assert answer.status == 200
    assert "frame-ancestors *" in answer.headers["Content-Security-Policy"]
    assert "script-src 'none'" in answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Frame-Options"] is None
    assert answer.text.count("<h1") == 1
    assert "Reading:" in answer.text
    assert "Source:" in answer.text
    assert f'href="{PREFIX}dashboards/loans/lending?library=A&amp;lang=en"' in answer.text
    assert "figure-trend" not in answer.text
    assert served.ask(f"{PREFIX}dashboards/loans/lending/static/fr").headers["X-Frame-Options"] == "DENY"
    near = served.ask(f"{PREFIX}embed/loans/lending/by-support?library=A&year=2021")
    assert "la plus proche" in near.text
    assert near.headers["Cache-Control"] == "no-store"
    assert served.ask(f"{PREFIX}embed/loans/lending/trend", "HEAD").status == 200
    assert served.kernels == 0


def test_an_unknown_figure_is_404_with_those_there_are(served):
    """The list is links."""
    answer = served.ask(f"{PREFIX}embed/loans/lending/women?library=A")
    assert answer.status == 404
    for name in ("trend", "by-support"):
        assert f'href="{PREFIX}embed/loans/lending/{name}?library=A"' in answer.text
    assert served.ask(f"{PREFIX}embed/loans/none/trend").status == 404
    hostile = served.ask(f"{PREFIX}embed/loans/lending/trend?library=%22%3E%3Cscript%3Ealert(1)%3C/script%3E")
    assert "<script" not in hostile.text


def test_robots_txt_is_at_the_root(served):
    """Where crawlers look for it."""
    assert "Sitemap:" in served.ask("/robots.txt").text
