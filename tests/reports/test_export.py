"""A document's two forms: complete, accessible, self-contained, the same bytes each time."""

import io
import itertools
import re
from html.parser import HTMLParser
from pathlib import Path

import nbformat
import pikepdf
import pytest
from nbformat.v4 import new_output

from atelier.errors import ReportError
from atelier.reports.blocks import MIME, Column, Cover, Narrative, Notice, Table
from atelier.reports.document import Document, read_document
from atelier.reports.export import render_html, render_pdf
from atelier.reports.production import Edition, produce
from atelier.reports.report import read_report
from atelier.settings import Settings, load_settings
from atelier.workbench import Workbench

from .conftest import COVER, PROFILE, build_notebook, write_report

HOSTILE = "<script>alert(1)</script> #panic() $x$ @a {{ 7 * 7 }} \\ \" ' `"


@pytest.fixture(scope="session")
def page(strasbourg: Edition) -> str:
    """The HTML page of the edition."""
    return (strasbourg.folder / "index.html").read_text("utf-8")


@pytest.fixture(scope="session")
def pdf(strasbourg: Edition) -> pikepdf.Pdf:
    """The PDF of the edition."""
    return pikepdf.open(strasbourg.folder / "institution-4k25D.pdf")


def document(**cover: str) -> Document:
    """Return a small document."""
    words = {"title": "Titre", "kicker": "Essai", **cover}
    table = Table(
        language="fr", title=HOSTILE, columns=(Column(HOSTILE, is_number=False), Column("b")), rows=((HOSTILE, "1"),)
    )
    blocks = [
        Cover(language="fr", facts=((HOSTILE, HOSTILE),), warnings=(HOSTILE,), **words),
        table,
        Narrative(language="fr", sentences=(HOSTILE,), notice=HOSTILE),
        Notice(language="fr", text=HOSTILE),
    ]
    return Document(words["title"], "Description", "fr", HOSTILE, tuple(block.as_json() for block in blocks), ())


class Tags(HTMLParser):
    """Collects the tags of a page with their attributes."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep one tag."""
        self.found.append((tag, dict(attrs)))

    def named(self, *names: str) -> list[dict[str, str | None]]:
        """Return the attributes of each tag of these names."""
        return [attributes for tag, attributes in self.found if tag in names]


def test_the_page_shows_no_code_and_no_parameter(page: str) -> None:
    """A rector reads a document, not a program."""
    for sign in ("open_theme", "reports.", "import ", "In [", "institution: str"):
        assert sign not in page


def test_the_page_asks_nothing_of_any_host_and_runs_nothing(page: str) -> None:
    """One file, no script, no frame, no address fetched."""
    tags = Tags(page)
    assert not tags.named("script", "iframe", "object", "embed", "link", "img", "base", "form")
    assert not [name for attributes in (one for _, one in tags.found) for name in attributes if name.startswith("on")]
    assert not re.search(r"url\(|@import", page)


def test_the_page_has_language_title_landmarks_and_one_h1(page: str) -> None:
    """What a screen reader asks first."""
    tags = Tags(page)
    assert tags.named("html")[0]["lang"] == "fr"
    assert "<title>Université de Strasbourg – Profil d’établissement, rentrée 2022</title>" in page
    assert len(tags.named("h1")) == len(tags.named("main")) == len(tags.named("nav")) == 1
    levels = [int(tag[1]) for tag, _ in tags.found if re.fullmatch(r"h[1-6]", tag)]
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels))
    anchors = {
        attributes["href"].removeprefix("#") for attributes in tags.named("a") if attributes["href"].startswith("#")
    }
    identifiers = [attributes["id"] for _, attributes in tags.found if "id" in attributes]
    assert anchors <= set(identifiers)
    assert len(identifiers) == len(set(identifiers))


def test_every_figure_has_name_lecture_scope_source_and_numbers(page: str) -> None:
    """A drawing is never alone."""
    figures = re.findall(r"<figure>.*?</figure>", page, re.DOTALL)
    assert len(figures) >= 5
    for figure in figures:
        drawings = re.findall(r"<svg[^>]*>", figure)
        assert len(drawings) == 2
        assert all('role="img"' in one for one in drawings)
        assert re.search(r"<desc[^>]*>[^<]*\d", figure)
        for word in ("Lecture", "Champ", "Source"):
            assert word in figure
        assert "<table>" in figure
        assert 'scope="col"' in figure
        assert 'scope="row"' in figure


def test_the_numbers_are_those_of_the_python_call(page: str) -> None:
    """Strasbourg 2022."""
    assert "50\u202f832" in page
    assert "58,5\u202f%" in page


def test_the_pdf_is_tagged_and_says_it_conforms_to_pdf_ua(pdf: pikepdf.Pdf) -> None:
    """Tags, language, title, outline, and the mark of PDF/UA-1."""
    assert pdf.Root.MarkInfo.Marked
    assert str(pdf.Root.Lang) == "fr"
    assert "/StructTreeRoot" in pdf.Root
    assert pdf.Root.ViewerPreferences.DisplayDocTitle
    with pdf.open_metadata() as metadata:
        assert metadata["pdfuaid:part"] == "1"
        assert metadata["dc:title"] == "Université de Strasbourg – Profil d’établissement, rentrée 2022"
    with pdf.open_outline() as outline:
        titles = [item.title for item in outline.root[0].children] or [item.title for item in outline.root]
    assert "Définitions" in titles


def test_the_pdf_has_headings_tables_with_headers_and_an_alternative_text_for_each_figure(pdf: pikepdf.Pdf) -> None:
    """Each drawing is described with a number, each table has its header cells."""
    found = list(structure(pdf.Root.StructTreeRoot))
    kinds = [str(element.S) for element in found]
    assert kinds.count("/H1") == 1
    assert kinds.count("/H2") >= 5
    assert kinds.count("/Table") >= 3
    assert kinds.count("/TH") >= 10
    described = [str(element.get("/Alt", "")) for element in found if element.S == "/Figure"]
    drawings = [text for text in described if not text.startswith("Code QR")]
    assert len(drawings) >= 5
    assert all(re.search(r"\d", text) for text in drawings)


def test_the_pdf_embeds_its_typeface_and_no_other(pdf: pikepdf.Pdf) -> None:
    """Print looks the same everywhere."""
    fonts = {str(one.BaseFont) for one in pdf.objects if isinstance(one, pikepdf.Dictionary) and "/BaseFont" in one}
    assert fonts
    assert all("SourceSans3" in font for font in fonts)


def test_the_report_has_four_to_seven_pages(pdf: pikepdf.Pdf) -> None:
    """What one prints."""
    assert 4 <= len(pdf.pages) <= 7


def test_the_same_document_gives_the_same_bytes(
    home: Path, strasbourg: Edition, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In another time zone and another locale too; publishing it again would change nothing."""
    monkeypatch.setenv("TZ", "Pacific/Apia")
    monkeypatch.setenv("LC_ALL", "C")
    settings = load_settings({}, home=home, state=tmp_path)
    again = produce(settings, "esr", "institution", {"institution": "4k25D", "year": 2022, "lang": "fr"})
    assert [path.name for path in again.files] == [path.name for path in strasbourg.files]
    for ours, theirs in zip(again.files, strasbourg.files, strict=True):
        assert ours.read_bytes() == theirs.read_bytes()


def test_hostile_text_is_only_text(home: Path) -> None:
    """Whatever a label holds, neither form evaluates it."""
    made = document(title=HOSTILE)
    page = render_html(made, home).decode("utf-8")
    assert "<script" not in page
    assert "{{ 7 * 7 }}" in page
    with pikepdf.open(io.BytesIO(render_pdf(made, home))) as opened, opened.open_metadata() as metadata:
        assert metadata["dc:title"] == HOSTILE


def test_a_missing_typeface_says_what_to_run(workshop: Settings) -> None:
    """A fresh clone without npm is told."""
    (workshop.home / "node_modules").unlink()
    with pytest.raises(ReportError, match="run npm ci"):
        render_pdf(document(), workshop.home)


def test_cells_of_the_other_language_are_left_out(home: Path, esr: Workbench) -> None:
    """One notebook, two languages."""
    report = read_report(home, "esr", "institution")
    executed = build_notebook("cover", "## Titre", "## Title")
    cover = Cover(language="fr", title="Nom", kicker="Essai").as_json()
    executed.cells[1].outputs = [new_output("display_data", data={MIME: cover, "text/plain": ""})]
    executed.cells[2].metadata["tags"], executed.cells[3].metadata["tags"] = ["lang-fr"], ["lang-en"]
    read = read_document(
        report, nbformat.from_dict(executed), {"institution": "4k25D", "lang": "fr"}, esr.theme, esr.settings
    )
    assert [text for _, text in read.sections][:1] == ["Titre"]
    assert "Title" not in [text for _, text in read.sections]


@pytest.mark.parametrize(
    ("cells", "message"),
    [(["1 + 1"], "cell 2: shows something that is not a block"), (["profile = 1"], "must be a cover")],
)
def test_a_notebook_that_does_not_make_a_document_is_told_why(
    workshop: Settings, cells: list[str], message: str
) -> None:
    """Nothing is left out in silence."""
    write_report(workshop, *cells)
    with pytest.raises(ReportError, match=message):
        produce(workshop, "esr", "trial", {}, formats=["html"])


def test_printed_lines_are_left_out_and_english_is_english(workshop: Settings) -> None:
    """A leftover print is not published; ``lang`` decides the page's language."""
    write_report(workshop, PROFILE, COVER, "print('leftover')")
    edition = produce(workshop, "esr", "trial", {"lang": "en"}, formats=["html"])
    page = (edition.folder / "index.html").read_text("utf-8")
    assert edition.folder.name == "4k25D-en"
    assert '<html lang="en">' in page
    assert "leftover" not in page


def structure(element: pikepdf.Object):
    """Yield every element of a structure tree."""
    children = element.get("/K", [])
    for child in children if isinstance(children, pikepdf.Array) else [children]:
        if isinstance(child, pikepdf.Dictionary) and "/S" in child:
            yield child
            yield from structure(child)
